//! The closed vocabulary of the case format, version 1.

pub(crate) mod calls;

use oplock_model::{Access, LeaseState, Level, OplockLevel, Share, ShareKind};

use crate::plan::{Granted, Wait};

/// Keys of a case file.
pub(crate) const FILE_KEYS: &[&str] = &["suite", "about", "files", "actors", "layer", "cases"];

/// Keys of a case.
pub(crate) const CASE_KEYS: &[&str] = &[
    "says",
    "spec",
    "needs",
    "layer",
    "dialect",
    "share",
    "actors",
    "files",
    "steps",
    "matrix",
    "cells",
    "why",
    "except",
    "tags",
    "since",
    "was",
    "obligation",
    "choices",
    "allow",
];

/// Keys of an entry of `capabilities.yaml`.
pub(crate) const CAPABILITY_KEYS: &[&str] = &["says", "core", "probe"];

/// Keys of a matrix.
pub(crate) const MATRIX_KEYS: &[&str] = &["rows", "columns"];

/// Keys of a step besides what is done.
pub(crate) const STEP_KEYS: &[&str] = &["given", "then"];

/// Keys of an open.
pub(crate) const OPEN_KEYS: &[&str] = &[
    "file",
    "as",
    "access",
    "share",
    "disposition",
    "options",
    "want",
    "lease",
    "allocation",
    "durable",
    "app_instance",
    "maximal_access",
    "replay",
    "contexts",
    "key",
    "parent_key",
];

/// Keys of `holds`.
pub(crate) const HOLD_KEYS: &[&str] = &[
    "file",
    "as",
    "access",
    "share",
    "disposition",
    "options",
    "level",
    "allocation",
    "durable",
    "app_instance",
    "maximal_access",
    "replay",
    "contexts",
    "key",
    "parent_key",
];

/// Keys of a lease.
pub(crate) const LEASE_KEYS: &[&str] = &["key", "state", "version", "epoch", "flags", "parent_key"];

/// Keys of an acknowledgement.
pub(crate) const ACK_KEYS: &[&str] = &["break", "handle", "key", "to", "form", "as"];

/// Keys of an answer.
pub(crate) const ANSWER_KEYS: &[&str] = &[
    "status",
    "granted",
    "level",
    "state",
    "epoch",
    "breaking",
    "version",
    "parent_key",
    "durable",
    "timeout",
    "to",
    "ack",
    "information",
    "writable_section",
];

/// Keys of a break that is seen.
pub(crate) const BREAK_KEYS: &[&str] =
    &["break", "from", "to", "ack", "epoch", "modes", "status", "information"];

/// Keys of a breaker's modes.
pub(crate) const MODES_KEYS: &[&str] = &["access", "share"];

/// The verbs of a call, with the noun under which an answer goes that has no name of its own. `notifies` is
/// FSCTL_OPLOCK_BREAK_NOTIFY: the actor asks to be notified when no break is in progress any more.
pub(crate) const VERBS: &[(&str, &str)] = &[
    ("opens", "open"),
    ("holds", "open"),
    ("closes", "close"),
    ("reads", "read"),
    ("writes", "write"),
    ("locks", "lock"),
    ("unlocks", "unlock"),
    ("sets", "set"),
    ("queries", "query"),
    ("renames", "rename"),
    ("links", "link"),
    ("deletes", "delete"),
    ("flushes", "flush"),
    ("controls", "control"),
    ("requests", "request"),
    ("acks", "ack"),
    ("cancels", "cancel"),
    ("notifies", "notify"),
    ("maps", "map"),
    ("unmaps", "unmap"),
    ("disconnects", "disconnect"),
    ("reconnects", "reconnect"),
    ("logs off", "logoff"),
    ("binds", "bind"),
    ("sends", "send"),
];

/// Verbs of an expectation.
pub(crate) const EXPECTATIONS: &[&str] = &["sees", "gets", "waits"];

/// Expectations without a subject.
pub(crate) const SUBJECTLESS: &[&str] = &["nobody sees", "in any order", "one of"];

/// The named waits.
pub(crate) const WAITS: &[(&str, Wait)] = &[
    ("reply", Wait::Reply),
    ("break", Wait::Break),
    ("quiet", Wait::Quiet),
    ("ack_timeout", Wait::AckTimeout),
    ("durable_timeout", Wait::DurableTimeout),
];

/// The kinds of share that a case may ask for.
pub(crate) const SHARES: &[(&str, ShareKind)] = &[
    ("plain", ShareKind::Plain),
    ("force_level_two", ShareKind::ForceLevelTwo),
    ("scale_out", ShareKind::ScaleOut),
    ("continuously_available", ShareKind::ContinuouslyAvailable),
    ("second", ShareKind::Second),
];

/// What an open was given, as its answer says.
pub(crate) const GRANTED: &[(&str, Granted)] = &[
    ("none", Granted::None),
    ("v1", Granted::V1),
    ("v2", Granted::V2),
    ("persistent", Granted::Persistent),
];

/// The forms of an acknowledgement at the store.
pub(crate) const ACK_FORMS: &[&str] = &["ack", "no_2", "close_pending", "on_close"];

/// Whether an acknowledgement is owed.
pub(crate) const ACK_WORDS: &[(&str, bool)] = &[("needed", true), ("none", false)];

/// The words of `access:`; a list takes [`Access::BITS`].
pub(crate) const ACCESS_WORDS: &[(&str, Access)] = &[
    ("r", Access::READ_DATA),
    ("w", Access::WRITE_DATA),
    ("rw", Access::READ_DATA.union(Access::WRITE_DATA)),
    ("full", Access::FULL),
    ("attributes", Access::ATTRIBUTES),
];

/// The levels, by the word of the model.
pub(crate) fn levels() -> Vec<(&'static str, Level)> {
    Level::ALL.into_iter().map(|level| (level.word(), level)).collect()
}

/// Letters of `rwd`, each at most once, or `none`.
pub(crate) fn share(word: &str) -> Option<Share> {
    if word == "none" {
        return Some(Share::NONE);
    }
    let mut bits = 0;
    for letter in word.chars() {
        let bit = match letter {
            'r' => Share::READ,
            'w' => Share::WRITE,
            'd' => Share::DELETE,
            _ => return None,
        };
        if bits & bit.0 != 0 {
            return None;
        }
        bits |= bit.0;
    }
    (bits != 0).then_some(Share(bits))
}

/// A level byte: the word of a legacy level, `lease`, or a raw number.
pub(crate) fn oplock_level(word: &str) -> Option<OplockLevel> {
    if word == "lease" {
        return Some(OplockLevel::LEASE);
    }
    match Level::from_word(word) {
        Some(level) => level.oplock_level(),
        None => number(word).and_then(|raw| u8::try_from(raw).ok()).map(OplockLevel),
    }
}

/// A lease state: `none`, R, RH, RW, RWH, or a raw number.
pub(crate) fn lease_state(word: &str) -> Option<LeaseState> {
    match Level::from_word(word) {
        Some(level) => level.lease_state(),
        None => number(word).and_then(|raw| u32::try_from(raw).ok()).map(LeaseState),
    }
}

/// Pairs of hex digits, with or without blanks between them.
pub(crate) fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|letter| !letter.is_ascii_whitespace())
        .map(|letter| letter.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(high << 4 | low),
        _ => None,
    });
    pairs.collect()
}

/// A number in decimal or, after `0x`, in hex; no sign.
pub(crate) fn number(word: &str) -> Option<u64> {
    let (digits, radix) = match word.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (word, 10),
    };
    let all_digits = digits.chars().all(|digit| digit.is_digit(radix));
    if all_digits { u64::from_str_radix(digits, radix).ok() } else { None }
}

/// A number of bytes.
pub(crate) fn size(word: &str) -> Option<u64> {
    let (digits, unit) = match (word.strip_suffix("KiB"), word.strip_suffix("MiB")) {
        (Some(digits), _) => (digits, 1 << 10),
        (_, Some(digits)) => (digits, 1 << 20),
        _ => (word, 1),
    };
    number(digits.trim_end())?.checked_mul(unit)
}

/// Whether the word is a number with a unit of time, such as `35s` or `1.5 min`.
pub(crate) fn is_duration(word: &str) -> bool {
    let unit = word.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    unit.len() < word.len()
        && matches!(
            unit.trim_start(),
            "us" | "ms"
                | "s"
                | "sec"
                | "secs"
                | "second"
                | "seconds"
                | "m"
                | "min"
                | "minutes"
                | "h"
        )
}

/// Whether the word can be part of an id: letters, digits, `_`, `-`, `.` and `+`, not at the start `-`.
pub(crate) fn is_id_part(word: &str) -> bool {
    let legal = |letter: char| letter.is_ascii_alphanumeric() || "_-.+".contains(letter);
    !word.is_empty() && !word.starts_with('-') && word.chars().all(legal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("rwd", Some(Share::ALL))]
    #[case("r", Some(Share::READ))]
    #[case("none", Some(Share::NONE))]
    #[case("rr", None)]
    #[case("x", None)]
    #[case("", None)]
    fn share_modes(#[case] word: &str, #[case] expected: Option<Share>) {
        assert_eq!(share(word), expected);
    }

    #[rstest]
    #[case("0x4711", Some(0x4711))]
    #[case("17", Some(17))]
    #[case("+1", None)]
    #[case("0x", None)]
    #[case("", None)]
    #[case("0x+1", None)]
    #[case("99999999999999999999", None)]
    fn numbers(#[case] word: &str, #[case] expected: Option<u64>) {
        assert_eq!(number(word), expected);
    }

    #[rstest]
    #[case("18 00 aF", Some(vec![0x18, 0, 0xAF]))]
    #[case("", Some(Vec::new()))]
    #[case("1", None)]
    #[case("0x18", None)]
    fn bytes_in_hex(#[case] text: &str, #[case] expected: Option<Vec<u8>>) {
        assert_eq!(hex(text), expected);
    }

    #[rstest]
    #[case("4KiB", Some(4096))]
    #[case("2 MiB", Some(2 << 20))]
    #[case("7", Some(7))]
    #[case("4kb", None)]
    #[case("18446744073709551615KiB", None)]
    fn sizes(#[case] word: &str, #[case] expected: Option<u64>) {
        assert_eq!(size(word), expected);
    }

    #[rstest]
    #[case("35s", true)]
    #[case("1.5 min", true)]
    #[case("s", false)]
    #[case("35", false)]
    #[case("4KiB", false)]
    #[case("0x11", false)]
    fn durations(#[case] word: &str, #[case] expected: bool) {
        assert_eq!(is_duration(word), expected);
    }

    #[test]
    fn raw_values_stand_for_illegal_ones() {
        assert_eq!(oplock_level("0x55"), Some(OplockLevel(0x55)));
        assert_eq!(oplock_level("RH"), None);
        assert_eq!(lease_state("0x2"), Some(LeaseState::H));
        assert_eq!(lease_state("H"), None);
        assert_eq!(lease_state("ii"), None);
    }
}
