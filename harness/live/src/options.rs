//! What a live run may say about its target.

use std::time::Duration;

/// A dialect that a run can be held to (MS-SMB2 2.2.3, Dialects).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// SMB 2.1: leases of version 1, no directory leases.
    Smb2_1,
    /// SMB 3.1.1.
    Smb3_1_1,
}

impl Dialect {
    /// Every dialect, the oldest first.
    pub const ALL: [Dialect; 2] = [Dialect::Smb2_1, Dialect::Smb3_1_1];

    /// Its name in the run axes: `smb3_1_1`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Dialect::Smb2_1 => "smb2_1",
            Dialect::Smb3_1_1 => "smb3_1_1",
        }
    }

    /// The dialect of that name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Dialect> {
        Dialect::ALL.into_iter().find(|dialect| dialect.word() == word)
    }

    pub(crate) fn number(self) -> oplock_wire::Dialect {
        match self {
            Dialect::Smb2_1 => oplock_wire::Dialect::SMB2_1,
            Dialect::Smb3_1_1 => oplock_wire::Dialect::SMB3_1_1,
        }
    }
}

/// How a live target is asked.
#[derive(Clone, Debug)]
pub struct LiveOptions {
    /// Product and version as results shall name them; `smb-server` and `unknown` where nothing is said.
    pub product: Option<(String, String)>,
    /// The only dialect to offer; the newest that both know where nothing is said.
    pub dialect: Option<Dialect>,
    /// Names the run's folder `oplock-conformance-<run id>`; random where nothing is said.
    pub run_id: Option<String>,
    /// The longest that a TCP connection may take.
    pub connect_within: Duration,
    /// The longest that a login may take after it.
    pub login_within: Duration,
}

impl Default for LiveOptions {
    fn default() -> Self {
        LiveOptions {
            product: None,
            dialect: None,
            run_id: None,
            connect_within: Duration::from_secs(4),
            login_within: Duration::from_secs(20),
        }
    }
}
