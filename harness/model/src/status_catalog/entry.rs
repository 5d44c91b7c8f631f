//! One entry of the catalog, and how it is found.

use std::fmt;

use super::oplock::OPLOCK;
use super::server::SERVER;
use super::store::STORE;
use crate::Status;

/// Everything that is said of one status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusEntry {
    /// The status.
    pub status: Status,
    /// The Win32 code that applications see in its place, where one is known.
    pub win32: Option<Win32>,
    /// How sure that pair is.
    pub pairing: Pairing,
    /// What it means for oplocks and leases, in one to three sentences.
    pub meaning: &'static str,
    /// Why one gets it, as lower-case fragments, the likeliest first.
    pub causes: &'static [&'static str],
    /// What to do, as lower-case fragments.
    pub remedies: &'static [&'static str],
}

/// A Win32 error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Win32 {
    /// `ERROR_CANNOT_BREAK_OPLOCK`.
    pub name: &'static str,
    /// 802.
    pub number: u32,
}

/// How a pair of NTSTATUS and Win32 code is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pairing {
    /// A public mapping table has the pair.
    Table,
    /// Both values are published; that they belong together is read from their names.
    Values,
    /// Neither the pair nor, for some, the value was found in a document that we read.
    Unverified,
}

impl StatusEntry {
    /// Every entry: the statuses made for oplocks, those of the store, those of the SMB2 layer.
    pub fn all() -> impl Iterator<Item = &'static StatusEntry> {
        OPLOCK.iter().chain(STORE).chain(SERVER)
    }

    /// The entry of a status.
    #[must_use]
    pub fn of(status: Status) -> Option<&'static StatusEntry> {
        StatusEntry::all().find(|entry| entry.status == status)
    }

    /// `STATUS_CANNOT_BREAK_OPLOCK`.
    #[must_use]
    pub fn name(&self) -> String {
        let word = self.status.word().unwrap_or_default();
        format!("STATUS_{}", word.to_ascii_uppercase())
    }
}

impl fmt::Display for Win32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({:#x})", self.name, self.number, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Severity;
    use crate::status_catalog::INFORMATION;

    #[test]
    fn every_named_status_stands_once_with_the_pair_of_the_table() {
        for (word, status, number) in Status::NAMED {
            let entries: Vec<_> =
                StatusEntry::all().filter(|entry| entry.status == *status).collect();
            let [entry] = entries[..] else { panic!("{word} stands {} times", entries.len()) };
            assert_eq!(entry.win32.map(|win32| win32.number), *number, "{word}");
        }
        assert_eq!(StatusEntry::all().count(), Status::NAMED.len());
    }

    #[test]
    fn every_entry_says_what_why_and_what_to_do() {
        for entry in StatusEntry::all() {
            let name = entry.name();
            assert!(entry.meaning.ends_with('.') && !entry.meaning.contains("  "), "{name}");
            assert!(!entry.causes.is_empty() && !entry.remedies.is_empty(), "{name}");
            for line in entry.causes.iter().chain(entry.remedies) {
                assert!(!line.ends_with('.') && !line.contains("  "), "{name}: {line}");
            }
            assert_eq!(entry.status.is_error(), entry.status.0 >= 0xC000_0000, "{name}");
        }
        for entry in INFORMATION {
            assert!(entry.meaning.ends_with('.') && !entry.meaning.contains("  "));
        }
    }

    #[test]
    fn a_win32_number_has_one_name() {
        let pairs: Vec<_> = StatusEntry::all().filter_map(|entry| entry.win32).collect();
        for one in &pairs {
            for other in &pairs {
                assert_eq!(one.name == other.name, one.number == other.number, "{one} {other}");
            }
        }
    }

    /// Section 1 of the status document: the values, pairs and classes that are often confused.
    #[test]
    fn the_oplock_statuses_are_those_of_the_headers() {
        let rows = [
            (0x0000_0108, "STATUS_OPLOCK_BREAK_IN_PROGRESS", 742, Severity::Success),
            (0x0000_0215, "STATUS_OPLOCK_SWITCHED_TO_NEW_HANDLE", 800, Severity::Success),
            (0x0000_0216, "STATUS_OPLOCK_HANDLE_CLOSED", 803, Severity::Success),
            (0x0000_0367, "STATUS_WAIT_FOR_OPLOCK", 765, Severity::Success),
            (0x8000_002E, "STATUS_CANNOT_GRANT_REQUESTED_OPLOCK", 801, Severity::Warning),
            (0xC000_00E2, "STATUS_OPLOCK_NOT_GRANTED", 300, Severity::Error),
            (0xC000_00E3, "STATUS_INVALID_OPLOCK_PROTOCOL", 301, Severity::Error),
            (0xC000_0909, "STATUS_CANNOT_BREAK_OPLOCK", 802, Severity::Error),
        ];
        assert_eq!(OPLOCK.len(), rows.len());
        for (value, name, number, severity) in rows {
            let entry = StatusEntry::of(Status(value)).expect("an entry");
            assert_eq!(entry.name(), name);
            assert_eq!(entry.win32.map(|win32| win32.number), Some(number), "{name}");
            assert_eq!(entry.status.severity(), severity, "{name}");
        }
    }
}
