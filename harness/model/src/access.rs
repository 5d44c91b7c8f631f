//! Access masks, share modes, dispositions and options of an open.

use serde::{Deserialize, Serialize};

/// A desired access mask (MS-SMB2 2.2.13.1.1 "File_Pipe_Printer_Access_Mask").
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Access(pub u32);

impl Access {
    /// FILE_READ_DATA.
    pub const READ_DATA: Access = Access(0x0000_0001);
    /// FILE_WRITE_DATA.
    pub const WRITE_DATA: Access = Access(0x0000_0002);
    /// FILE_APPEND_DATA.
    pub const APPEND_DATA: Access = Access(0x0000_0004);
    /// FILE_READ_EA.
    pub const READ_EA: Access = Access(0x0000_0008);
    /// FILE_WRITE_EA.
    pub const WRITE_EA: Access = Access(0x0000_0010);
    /// FILE_EXECUTE.
    pub const EXECUTE: Access = Access(0x0000_0020);
    /// FILE_DELETE_CHILD.
    pub const DELETE_CHILD: Access = Access(0x0000_0040);
    /// FILE_READ_ATTRIBUTES.
    pub const READ_ATTRIBUTES: Access = Access(0x0000_0080);
    /// FILE_WRITE_ATTRIBUTES.
    pub const WRITE_ATTRIBUTES: Access = Access(0x0000_0100);
    /// DELETE.
    pub const DELETE: Access = Access(0x0001_0000);
    /// READ_CONTROL.
    pub const READ_CONTROL: Access = Access(0x0002_0000);
    /// WRITE_DAC.
    pub const WRITE_DAC: Access = Access(0x0004_0000);
    /// WRITE_OWNER.
    pub const WRITE_OWNER: Access = Access(0x0008_0000);
    /// SYNCHRONIZE.
    pub const SYNCHRONIZE: Access = Access(0x0010_0000);
    /// ACCESS_SYSTEM_SECURITY.
    pub const ACCESS_SYSTEM_SECURITY: Access = Access(0x0100_0000);
    /// MAXIMUM_ALLOWED.
    pub const MAXIMUM_ALLOWED: Access = Access(0x0200_0000);
    /// Every specific and standard right of a file: the case word `full`.
    pub const FULL: Access = Access(0x001F_01FF);
    /// What an attribute-only open asks: the case word `attributes`.
    pub const ATTRIBUTES: Access =
        Access(Self::READ_ATTRIBUTES.0 | Self::WRITE_ATTRIBUTES.0 | Self::SYNCHRONIZE.0);

    /// The single bits by the names that cases use.
    pub const BITS: [(&'static str, Access); 16] = [
        ("read_data", Self::READ_DATA),
        ("write_data", Self::WRITE_DATA),
        ("append_data", Self::APPEND_DATA),
        ("read_ea", Self::READ_EA),
        ("write_ea", Self::WRITE_EA),
        ("execute", Self::EXECUTE),
        ("delete_child", Self::DELETE_CHILD),
        ("read_attributes", Self::READ_ATTRIBUTES),
        ("write_attributes", Self::WRITE_ATTRIBUTES),
        ("delete", Self::DELETE),
        ("read_control", Self::READ_CONTROL),
        ("write_dac", Self::WRITE_DAC),
        ("write_owner", Self::WRITE_OWNER),
        ("synchronize", Self::SYNCHRONIZE),
        ("access_system_security", Self::ACCESS_SYSTEM_SECURITY),
        ("maximum_allowed", Self::MAXIMUM_ALLOWED),
    ];

    /// The union of both masks.
    #[must_use]
    pub const fn union(self, other: Access) -> Access {
        Access(self.0 | other.0)
    }

    /// Whether any bit of `other` is in this mask.
    #[must_use]
    pub const fn intersects(self, other: Access) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether every bit of this mask is in `other`.
    #[must_use]
    pub const fn is_subset_of(self, other: Access) -> bool {
        self.0 & !other.0 == 0
    }
}

/// What a further open may share (MS-SMB2 2.2.13, ShareAccess).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Share(pub u32);

impl Share {
    /// Nothing is shared.
    pub const NONE: Share = Share(0);
    /// FILE_SHARE_READ.
    pub const READ: Share = Share(1);
    /// FILE_SHARE_WRITE.
    pub const WRITE: Share = Share(2);
    /// FILE_SHARE_DELETE.
    pub const DELETE: Share = Share(4);
    /// All three.
    pub const ALL: Share = Share(7);

    /// Whether every bit of `other` is shared.
    #[must_use]
    pub const fn contains(self, other: Share) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What to do where the file exists, and where it does not (MS-SMB2 2.2.13, CreateDisposition), in the order of the wire values 0 to 5.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Disposition {
    /// Replace an existing file, or create it.
    Supersede = 0,
    /// Open an existing file only.
    Open = 1,
    /// Create a new file only.
    Create = 2,
    /// Open, or create.
    #[default]
    OpenIf = 3,
    /// Truncate an existing file only.
    Overwrite = 4,
    /// Truncate, or create.
    OverwriteIf = 5,
}

impl Disposition {
    /// Every disposition with the word that cases use, in the order of the wire values.
    pub const WORDS: [(&'static str, Disposition); 6] = [
        ("supersede", Disposition::Supersede),
        ("open", Disposition::Open),
        ("create", Disposition::Create),
        ("open_if", Disposition::OpenIf),
        ("overwrite", Disposition::Overwrite),
        ("overwrite_if", Disposition::OverwriteIf),
    ];

    /// Whether an existing file loses its data: SUPERSEDE, OVERWRITE, OVERWRITE_IF.
    #[must_use]
    pub const fn overwrites(self) -> bool {
        matches!(self, Disposition::Supersede | Disposition::Overwrite | Disposition::OverwriteIf)
    }
}

/// Create options (MS-SMB2 2.2.13, CreateOptions).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct CreateOptions(pub u32);

impl CreateOptions {
    /// FILE_DIRECTORY_FILE.
    pub const DIRECTORY_FILE: CreateOptions = CreateOptions(0x0000_0001);
    /// FILE_SYNCHRONOUS_IO_ALERT.
    pub const SYNCHRONOUS_IO_ALERT: CreateOptions = CreateOptions(0x0000_0010);
    /// FILE_SYNCHRONOUS_IO_NONALERT.
    pub const SYNCHRONOUS_IO_NONALERT: CreateOptions = CreateOptions(0x0000_0020);
    /// FILE_NON_DIRECTORY_FILE.
    pub const NON_DIRECTORY_FILE: CreateOptions = CreateOptions(0x0000_0040);
    /// FILE_COMPLETE_IF_OPLOCKED.
    pub const COMPLETE_IF_OPLOCKED: CreateOptions = CreateOptions(0x0000_0100);
    /// FILE_DELETE_ON_CLOSE.
    pub const DELETE_ON_CLOSE: CreateOptions = CreateOptions(0x0000_1000);
    /// FILE_OPEN_REQUIRING_OPLOCK.
    pub const OPEN_REQUIRING_OPLOCK: CreateOptions = CreateOptions(0x0001_0000);
    /// FILE_DISALLOW_EXCLUSIVE.
    pub const DISALLOW_EXCLUSIVE: CreateOptions = CreateOptions(0x0002_0000);
    /// FILE_RESERVE_OPFILTER.
    pub const RESERVE_OPFILTER: CreateOptions = CreateOptions(0x0010_0000);

    /// The options by the names that cases use.
    pub const WORDS: [(&'static str, CreateOptions); 9] = [
        ("directory", Self::DIRECTORY_FILE),
        ("synchronous_io_alert", Self::SYNCHRONOUS_IO_ALERT),
        ("synchronous_io_nonalert", Self::SYNCHRONOUS_IO_NONALERT),
        ("non_directory", Self::NON_DIRECTORY_FILE),
        ("complete_if_oplocked", Self::COMPLETE_IF_OPLOCKED),
        ("delete_on_close", Self::DELETE_ON_CLOSE),
        ("open_requiring_oplock", Self::OPEN_REQUIRING_OPLOCK),
        ("disallow_exclusive", Self::DISALLOW_EXCLUSIVE),
        ("reserve_opfilter", Self::RESERVE_OPFILTER),
    ];

    /// Whether every bit of `other` is set.
    #[must_use]
    pub const fn contains(self, other: CreateOptions) -> bool {
        self.0 & other.0 == other.0
    }

    /// The union of both.
    #[must_use]
    pub const fn union(self, other: CreateOptions) -> CreateOptions {
        CreateOptions(self.0 | other.0)
    }
}
