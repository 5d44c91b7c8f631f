//! Why bytes are not a message.

use thiserror::Error;

/// Bytes that are not the message they should be; offsets count from the first byte of the header.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DecodeError {
    /// The message ends inside a field.
    #[error("{field} at offset {offset} needs {needed} bytes, {left} are left")]
    Truncated {
        /// The field.
        field: &'static str,
        /// Where it begins.
        offset: usize,
        /// Its length in bytes.
        needed: usize,
        /// Bytes from `offset` to the end of the message.
        left: usize,
    },
    /// A StructureSize that is another message's.
    #[error("{field} at offset {offset} is {found}, not {expected}")]
    StructureSize {
        /// The field, with the message it is in.
        field: &'static str,
        /// Where it begins.
        offset: usize,
        /// What it says.
        found: u16,
        /// What it must say.
        expected: u16,
    },
    /// A length, an offset or a size that the message cannot have.
    #[error("{field} at offset {offset} is {found}, not {expected}")]
    Value {
        /// The field.
        field: &'static str,
        /// Where it begins.
        offset: usize,
        /// What it says.
        found: u64,
        /// What it may say.
        expected: &'static str,
    },
    /// A name that is not UTF-16.
    #[error("{field} at offset {offset} is not UTF-16")]
    NotUtf16 {
        /// The field.
        field: &'static str,
        /// Where it begins.
        offset: usize,
    },
    /// The first four bytes are not those of a plain SMB2 message: FD is an encrypted one, FC a compressed one, FF SMB1.
    #[error("ProtocolId at offset 0 is {found:02x?}, not fe 53 4d 42")]
    Protocol {
        /// The four bytes.
        found: [u8; 4],
    },
}
