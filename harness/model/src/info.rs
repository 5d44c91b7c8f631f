//! Information classes and controls, as far as they bear on oplocks.

use serde::{Deserialize, Serialize};

use crate::FileId;

/// What QUERY_INFO asks for; none of them breaks anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum QueryInfo {
    /// FileBasicInformation (MS-FSCC 2.4.7).
    Basic,
    /// FileStandardInformation (MS-FSCC 2.4.41).
    Standard,
    /// FileAllInformation (MS-FSCC 2.4.2).
    All,
    /// FileFullEaInformation (MS-FSCC 2.4.16).
    Ea,
    /// FileStreamInformation (MS-FSCC 2.4.44).
    Streams,
    /// SMB2_0_INFO_SECURITY: owner, group and discretionary list.
    Security,
    /// SMB2_0_INFO_FILESYSTEM, FileFsSizeInformation (MS-FSCC 2.5.8).
    FileSystem,
}

/// What SET_INFO sets (MS-FSCC 2.4; MS-FSA 2.1.5.15 "Server Requests Setting of File Information").
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SetInfo {
    /// FileEndOfFileInformation: bytes.
    EndOfFile(u64),
    /// FileAllocationInformation: bytes.
    Allocation(u64),
    /// FileValidDataLengthInformation: bytes.
    ValidDataLength(u64),
    /// FileBasicInformation.
    Basic(BasicInfo),
    /// FileRenameInformation.
    Rename {
        /// The new path below the cell's folder; `:name` renames a stream.
        to: String,
        /// ReplaceIfExists.
        replace: bool,
    },
    /// FileRenameInformationEx.
    RenameEx {
        /// The new path below the cell's folder.
        to: String,
        /// Flags (MS-FSCC 2.4.43): 0x1 REPLACE_IF_EXISTS, 0x2 POSIX_SEMANTICS.
        flags: u32,
    },
    /// FileLinkInformation.
    Link {
        /// The path of the new link below the cell's folder.
        to: String,
        /// ReplaceIfExists.
        replace: bool,
    },
    /// FileShortNameInformation: the new short name; empty removes it.
    ShortName(String),
    /// FileDispositionInformation.
    Disposition {
        /// DeletePending.
        delete: bool,
    },
    /// FileDispositionInformationEx.
    DispositionEx {
        /// Flags (MS-FSCC 2.4.12): 0x1 DELETE, 0x2 POSIX_SEMANTICS, 0x8 ON_CLOSE.
        flags: u32,
    },
    /// FileFullEaInformation: one attribute with a short value.
    Ea {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// FilePositionInformation: the byte offset.
    Position(u64),
    /// FileModeInformation.
    Mode(u32),
    /// SMB2_0_INFO_SECURITY: the discretionary list is set to one that grants everybody everything.
    Security,
}

/// The fields of FileBasicInformation that are set (MS-FSCC 2.4.7); what is not given is 0, which leaves it as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BasicInfo {
    /// CreationTime, in units of 100 ns since 1601; -1 and -2 as on the wire.
    pub creation: i64,
    /// LastAccessTime.
    pub access: i64,
    /// LastWriteTime.
    pub write: i64,
    /// ChangeTime.
    pub change: i64,
    /// FileAttributes.
    pub attributes: u32,
}

/// A file system control (MS-FSCC 2.3; MS-FSA 2.1.5.10 "Server Requests an FsControl Request").
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Control {
    /// FSCTL_SET_ZERO_DATA.
    SetZeroData {
        /// FileOffset.
        from: u64,
        /// BeyondFinalZero.
        to: u64,
    },
    /// FSCTL_SRV_COPYCHUNK of one chunk; at the store a read of the source and a write of the destination.
    CopyChunk {
        /// The open of the source.
        source: FileId,
        /// SourceOffset.
        from: u64,
        /// TargetOffset.
        to: u64,
        /// Length in bytes.
        length: u32,
    },
    /// FSCTL_DUPLICATE_EXTENTS_TO_FILE.
    DuplicateExtents {
        /// The open of the source.
        source: FileId,
        /// SourceFileOffset.
        from: u64,
        /// TargetFileOffset.
        to: u64,
        /// ByteCount.
        length: u64,
    },
    /// FSCTL_FILE_LEVEL_TRIM of one range.
    Trim {
        /// Byte offset.
        offset: u64,
        /// Bytes.
        length: u64,
    },
    /// FSCTL_OFFLOAD_WRITE with an all-zero token.
    OffloadWrite {
        /// FileOffset.
        offset: u64,
        /// CopyLength.
        length: u64,
    },
    /// FSCTL_SET_SPARSE.
    SetSparse(bool),
    /// FSCTL_SET_COMPRESSION.
    SetCompression(u16),
    /// FSCTL_SET_ENCRYPTION.
    SetEncryption(bool),
    /// FSCTL_LMR_REQUEST_RESILIENCY, smb2 only (MS-SMB2 3.3.5.15.9).
    Resiliency {
        /// Milliseconds.
        timeout: u32,
    },
    /// Any other control with this input.
    Raw {
        /// The control code.
        code: u32,
        /// The input buffer.
        input: Vec<u8>,
    },
}
