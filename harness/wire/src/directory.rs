//! The entries of a directory as FileDirectoryInformation lists them (MS-FSCC 2.4.10 "FileDirectoryInformation").

use crate::DecodeError;
use crate::bytes::{Reader, Writer, text, utf16};

/// Length of an entry before its name.
const ENTRY_FIXED: usize = 64;

/// One entry of a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// FileName; a server also lists `.` and `..`.
    pub name: String,
    /// FileAttributes.
    pub attributes: u32,
    /// EndOfFile in bytes.
    pub end_of_file: u64,
}

impl DirectoryEntry {
    /// FILE_ATTRIBUTE_DIRECTORY.
    const DIRECTORY: u32 = 0x0000_0010;

    /// FileInformationClass of these entries.
    pub const CLASS: u8 = 0x01;

    /// Whether the entry is a directory.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.attributes & DirectoryEntry::DIRECTORY != 0
    }
}

/// Reads the data of a QUERY_DIRECTORY answer of class [`DirectoryEntry::CLASS`].
///
/// # Errors
/// A [`DecodeError`] where an entry is cut off or its name is not UTF-16; offsets count in `data`.
pub fn directory_entries(data: &[u8]) -> Result<Vec<DirectoryEntry>, DecodeError> {
    let mut entries = Vec::new();
    let mut at = 0;
    while let Some(rest) = data.get(at..).filter(|rest| !rest.is_empty()) {
        let mut from = Reader::at(rest, at);
        let next = from.u32("NextEntryOffset")? as usize;
        from.skip(36, "FileIndex")?;
        let end_of_file = from.u64("EndOfFile")?;
        from.skip(8, "AllocationSize")?;
        let attributes = from.u32("FileAttributes")?;
        let length = from.u32("FileNameLength")? as usize;
        let name = text(from.take(length, "FileName")?, at + ENTRY_FIXED, "FileName")?;
        entries.push(DirectoryEntry { name, attributes, end_of_file });
        if next == 0 {
            break;
        }
        // A NextEntryOffset below the fixed part would read the same bytes again.
        if next < ENTRY_FIXED {
            return Err(DecodeError::Value {
                field: "NextEntryOffset",
                offset: at,
                found: next as u64,
                expected: "0 or at least 64",
            });
        }
        at = at.saturating_add(next);
    }
    Ok(entries)
}

/// The data of a QUERY_DIRECTORY answer with these entries; times and sizes on disk are 0.
#[must_use]
pub fn encode_directory_entries(entries: &[DirectoryEntry]) -> Vec<u8> {
    let mut to = Writer::default();
    for (index, entry) in entries.iter().enumerate() {
        to.align8();
        let name = utf16(&entry.name);
        let last = index + 1 == entries.len();
        to.u32(if last { 0 } else { (ENTRY_FIXED + name.len()).next_multiple_of(8) as u32 });
        to.zeros(36);
        to.u64(entry.end_of_file);
        to.zeros(8);
        to.u32(entry.attributes);
        to.u32(name.len() as u32);
        to.bytes(&name);
    }
    to.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_read_back() {
        let entries = vec![
            DirectoryEntry { name: "..".into(), attributes: 0x10, end_of_file: 0 },
            DirectoryEntry { name: "grün.txt".into(), attributes: 0x20, end_of_file: 7 },
        ];
        let bytes = encode_directory_entries(&entries);
        assert_eq!(directory_entries(&bytes), Ok(entries));
        assert_eq!(directory_entries(&[]), Ok(Vec::new()));
    }

    #[test]
    fn an_entry_that_points_into_itself_is_an_error() {
        let entry = DirectoryEntry { name: "a".into(), ..DirectoryEntry::default() };
        let mut bytes = encode_directory_entries(&[entry]);
        bytes[0] = 8;
        let error = directory_entries(&bytes).unwrap_err().to_string();
        assert_eq!(error, "NextEntryOffset at offset 0 is 8, not 0 or at least 64");
    }
}
