//! Newtypes for everything that is only a number or a text on the outside.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A point in time of one scene, in microseconds since the scene began: virtual on the engine, monotonic on a live target.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tick(pub u64);

impl Tick {
    /// The latest point in time.
    pub const MAX: Tick = Tick(u64::MAX);

    /// This point plus `micros` microseconds, at most [`Tick::MAX`].
    #[must_use]
    pub fn plus_micros(self, micros: u64) -> Tick {
        Tick(self.0.saturating_add(micros))
    }

    /// The point `millis` milliseconds after this one, at most [`Tick::MAX`].
    #[must_use]
    pub fn plus_millis(self, millis: u64) -> Tick {
        self.plus_micros(millis.saturating_mul(1000))
    }

    /// Microseconds from `earlier` to this point; 0 where `earlier` is later.
    #[must_use]
    pub fn micros_since(self, earlier: Tick) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// The 16 bytes with which a client names a lease; at the store, the oplock key of an open (MS-SMB2 2.2.13.2.8, MS-FSA 2.1.1.6).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeaseKey(pub [u8; 16]);

impl fmt::Display for LeaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The name of an open: persistent and volatile half (MS-SMB2 2.2.14.1 "SMB2_FILEID").
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FileId {
    /// The half that survives a disconnect.
    pub persistent: u64,
    /// The half that a reconnect changes.
    pub volatile: u64,
}

impl FileId {
    /// In a related compound: the open that an earlier request of the same compound made (MS-SMB2 3.2.4.1.4).
    pub const RELATED: FileId = FileId { persistent: u64::MAX, volatile: u64::MAX };
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}:{:#x}", self.persistent, self.volatile)
    }
}

/// One submitted call of a scene; numbered from 0 in the order of submission.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallId(pub u64);

/// One connection of a scene: the index of its first actor's (client, connection) pair in the order of [`crate::Setup::actors`].
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConnectionId(pub u32);

/// One actor of a scene: its index in [`crate::Setup::actors`].
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Actor(pub u16);

/// The stable name of a cell: `<suite>/<case>` or `<suite>/<case>/<axis>=<value>,...`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CellId(pub String);

impl fmt::Display for CellId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
