//! What each dialect can carry (MS-SMB2 3.3.1.4 "Algorithm for Leasing in an Object Store", 3.3.5.4 "Receiving an SMB2
//! NEGOTIATE Request").

use serde::{Deserialize, Serialize};

/// The dialect of a connection, in the order of the revision numbers.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
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
    /// Every dialect, the oldest first.
    pub const ALL: [Dialect; 5] =
        [Dialect::Smb2_0_2, Dialect::Smb2_1, Dialect::Smb3_0, Dialect::Smb3_0_2, Dialect::Smb3_1_1];

    /// Its name in cases and in the run axes: `smb3_1_1`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Dialect::Smb2_0_2 => "smb2_0_2",
            Dialect::Smb2_1 => "smb2_1",
            Dialect::Smb3_0 => "smb3_0",
            Dialect::Smb3_0_2 => "smb3_0_2",
            Dialect::Smb3_1_1 => "smb3_1_1",
        }
    }

    /// The dialect of that name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Dialect> {
        Dialect::ALL.into_iter().find(|dialect| dialect.word() == word)
    }

    /// Whether it is one of SMB 3: channels, directory leases, durable handles of version 2, replay.
    #[must_use]
    pub const fn is_smb3(self) -> bool {
        self.has_lease_v2()
    }

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
