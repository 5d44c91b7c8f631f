//! Oplock levels and lease states, as words of a case and as numbers on the wire.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The level byte of CREATE and OPLOCK_BREAK, raw, so that an illegal one can be sent and shown
/// (MS-SMB2 2.2.13 "SMB2 CREATE Request", RequestedOplockLevel).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OplockLevel(pub u8);

impl OplockLevel {
    /// No oplock.
    pub const NONE: OplockLevel = OplockLevel(0x00);
    /// Level II: shared read caching.
    pub const II: OplockLevel = OplockLevel(0x01);
    /// Exclusive, the store's Level 1: read and write caching.
    pub const EXCLUSIVE: OplockLevel = OplockLevel(0x08);
    /// Batch: read, write and handle caching.
    pub const BATCH: OplockLevel = OplockLevel(0x09);
    /// The level is in the lease context.
    pub const LEASE: OplockLevel = OplockLevel(0xFF);
}

impl fmt::Display for OplockLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            OplockLevel::NONE => f.write_str("none"),
            OplockLevel::II => f.write_str("ii"),
            OplockLevel::EXCLUSIVE => f.write_str("exclusive"),
            OplockLevel::BATCH => f.write_str("batch"),
            OplockLevel::LEASE => f.write_str("lease"),
            OplockLevel(raw) => write!(f, "{raw:#04x}"),
        }
    }
}

/// The state word of a lease, or the caching bits of a granular oplock, raw (MS-SMB2 2.2.13.2.8, LeaseState).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeaseState(pub u32);

impl LeaseState {
    /// Nothing may be cached.
    pub const NONE: LeaseState = LeaseState(0);
    /// Read caching.
    pub const R: LeaseState = LeaseState(1);
    /// Handle caching alone: never granted.
    pub const H: LeaseState = LeaseState(2);
    /// Read and handle caching.
    pub const RH: LeaseState = LeaseState(3);
    /// Write caching alone: never granted.
    pub const W: LeaseState = LeaseState(4);
    /// Read and write caching.
    pub const RW: LeaseState = LeaseState(5);
    /// Handle and write caching without read: never granted.
    pub const HW: LeaseState = LeaseState(6);
    /// Read, write and handle caching.
    pub const RWH: LeaseState = LeaseState(7);

    /// Whether every bit of `other` is in this state.
    #[must_use]
    pub fn contains(self, other: LeaseState) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether every bit of this state is in `other`.
    #[must_use]
    pub fn is_subset_of(self, other: LeaseState) -> bool {
        other.contains(self)
    }

    /// This state without the bits of `other`.
    #[must_use]
    pub fn without(self, other: LeaseState) -> LeaseState {
        LeaseState(self.0 & !other.0)
    }

    /// Whether the state is one that a server may grant: none, R, RH, RW or RWH.
    #[must_use]
    pub fn is_grantable(self) -> bool {
        matches!(self, Self::NONE | Self::R | Self::RH | Self::RW | Self::RWH)
    }
}

impl fmt::Display for LeaseState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            LeaseState::NONE => f.write_str("none"),
            LeaseState::R => f.write_str("R"),
            LeaseState::RH => f.write_str("RH"),
            LeaseState::RW => f.write_str("RW"),
            LeaseState::RWH => f.write_str("RWH"),
            LeaseState(raw) => write!(f, "{raw:#x}"),
        }
    }
}

/// A level in the words of the object store: the eight oplock types, and none (MS-FSA 2.1.5.18, WDK "Types of Opportunistic Locks").
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Level {
    /// No oplock.
    #[default]
    None,
    /// Level II.
    Ii,
    /// Level 1, on the wire exclusive.
    Exclusive,
    /// Batch.
    Batch,
    /// Filter: local only, never on the wire.
    Filter,
    /// Granular read.
    R,
    /// Granular read and handle.
    Rh,
    /// Granular read and write.
    Rw,
    /// Granular read, write and handle.
    Rwh,
}

impl Level {
    /// Every level, in the order of the enum.
    pub const ALL: [Level; 9] = [
        Level::None,
        Level::Ii,
        Level::Exclusive,
        Level::Batch,
        Level::Filter,
        Level::R,
        Level::Rh,
        Level::Rw,
        Level::Rwh,
    ];

    /// The word that cases use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Level::None => "none",
            Level::Ii => "ii",
            Level::Exclusive => "exclusive",
            Level::Batch => "batch",
            Level::Filter => "filter",
            Level::R => "R",
            Level::Rh => "RH",
            Level::Rw => "RW",
            Level::Rwh => "RWH",
        }
    }

    /// The level of that word; words are case-sensitive.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.word() == word)
    }

    /// The lease state of a granular level (none included), else nothing.
    #[must_use]
    pub fn lease_state(self) -> Option<LeaseState> {
        match self {
            Level::None => Some(LeaseState::NONE),
            Level::R => Some(LeaseState::R),
            Level::Rh => Some(LeaseState::RH),
            Level::Rw => Some(LeaseState::RW),
            Level::Rwh => Some(LeaseState::RWH),
            Level::Ii | Level::Exclusive | Level::Batch | Level::Filter => None,
        }
    }

    /// The wire byte of a legacy level (none included); Filter and the granular levels have none.
    #[must_use]
    pub fn oplock_level(self) -> Option<OplockLevel> {
        match self {
            Level::None => Some(OplockLevel::NONE),
            Level::Ii => Some(OplockLevel::II),
            Level::Exclusive => Some(OplockLevel::EXCLUSIVE),
            Level::Batch => Some(OplockLevel::BATCH),
            Level::Filter | Level::R | Level::Rh | Level::Rw | Level::Rwh => None,
        }
    }

    /// Whether this is R, RH, RW or RWH.
    #[must_use]
    pub fn is_granular(self) -> bool {
        matches!(self, Level::R | Level::Rh | Level::Rw | Level::Rwh)
    }
}

impl From<LeaseState> for Option<Level> {
    fn from(state: LeaseState) -> Self {
        [Level::None, Level::R, Level::Rh, Level::Rw, Level::Rwh]
            .into_iter()
            .find(|level| level.lease_state() == Some(state))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for level in Level::ALL {
            assert_eq!(Level::from_word(level.word()), Some(level));
        }
        assert_eq!(Level::from_word("II"), None);
    }

    #[test]
    fn only_five_states_can_be_granted() {
        let grantable: Vec<u32> = (0..16).filter(|&raw| LeaseState(raw).is_grantable()).collect();
        assert_eq!(grantable, [0, 1, 3, 5, 7]);
    }
}
