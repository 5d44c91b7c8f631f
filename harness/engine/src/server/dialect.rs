//! What each dialect can carry (MS-SMB2 3.3.1.4 "Algorithm for Leasing in an Object Store", 3.3.5.4 "Receiving an SMB2
//! NEGOTIATE Request").

/// The dialect of a connection, in the order of the revision numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// SMB 2.0.2: oplocks only.
    Smb2_0_2,
    /// SMB 2.1: leases of version 1.
    Smb2_1,
    /// SMB 3.0.
    Smb3_0,
    /// SMB 3.0.2.
    Smb3_0_2,
    /// SMB 3.1.1.
    #[default]
    Smb3_1_1,
}

impl Dialect {
    /// Whether leases can be asked for and acknowledged.
    #[must_use]
    pub const fn has_leases(self) -> bool {
        !matches!(self, Dialect::Smb2_0_2)
    }

    /// Whether the 52-byte lease context, with parent key and epoch, is understood.
    #[must_use]
    pub const fn has_lease_v2(self) -> bool {
        !matches!(self, Dialect::Smb2_0_2 | Dialect::Smb2_1)
    }
}
