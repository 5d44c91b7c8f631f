//! What the state of a stream lets a request have: MS-FSA 2.1.5.18.1 "Algorithm to Request an Exclusive Oplock",
//! 2.1.5.18.2 "Algorithm to Request a Shared Oplock", and the table of WDK "Requesting and Granting Oplocks".

use oplock_model::{Level, RuleId, Status};

use super::effects::Effects;
use super::keys::{Caller, keys_match};
use super::oplock::{Holder, Oplock, State};
use crate::choices::{Choices, RequestWhileRhBreaks};

/// A request that the state allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Grant {
    /// What is granted.
    pub level: Level,
    /// The rule that grants it.
    pub rule: RuleId,
}

/// Which of the current holders have the requester's key.
struct Own {
    /// The exclusive holder.
    exclusive: bool,
    /// A holder of R.
    read: bool,
    /// A holder of RH.
    read_handle: bool,
    /// A holder of RH whose break is not acknowledged.
    queued: bool,
    /// Every holder of R and RH.
    all: bool,
}

impl Oplock {
    /// Grants the level or names the rule that refuses it.
    pub fn grant(&self, holder: &Holder, level: Level, choices: &Choices) -> Result<Grant, RuleId> {
        if self.is_filter_pending_for_another(holder.open) {
            return Err(RuleId::FsaGrantFilterPendingRefusesOthers);
        }
        let rule = match level {
            Level::Exclusive | Level::Batch | Level::Filter => self.grant_legacy_exclusive()?,
            Level::Rw | Level::Rwh => self.grant_granular_exclusive(&self.own(holder), level)?,
            Level::None | Level::Ii | Level::R | Level::Rh => {
                self.grant_shared(&self.own(holder), level, choices)?
            }
        };
        Ok(Grant { level, rule })
    }

    /// Completes the requests that the granted one replaces.
    pub fn switch(&mut self, holder: &Holder, level: Level, effects: &mut Effects) {
        let caller = Caller { open: Some(holder.open), key: holder.key, parent_key: None };
        let own = |other: &mut Holder| keys_match(&caller, other);
        let replaced: Vec<Holder> = match level {
            Level::Exclusive | Level::Batch | Level::Filter => {
                for two in self.level_two.drain(..) {
                    effects.rule(RuleId::FsaSwitchIiToNone);
                    effects.completed(&two, Level::Ii, Status::SUCCESS);
                }
                Vec::new()
            }
            Level::None => Vec::new(),
            Level::Ii | Level::R => self.read.extract_if(.., own).collect(),
            Level::Rh => {
                let mut replaced: Vec<Holder> = self.read.extract_if(.., own).collect();
                replaced.extend(self.read_handle.extract_if(.., own));
                replaced
            }
            Level::Rw | Level::Rwh => self
                .exclusive
                .take()
                .map(|exclusive| exclusive.holder)
                .into_iter()
                .chain(self.read.drain(..))
                .chain(self.read_handle.drain(..))
                .collect(),
        };
        for old in replaced {
            effects.switched(&old, level);
        }
    }

    fn grant_legacy_exclusive(&self) -> Result<RuleId, RuleId> {
        match self.state {
            State::Empty => Ok(RuleId::FsaGrantNoneLegacyExclusive),
            State::LevelTwo => Ok(RuleId::FsaGrantIiReplacedByLegacyExclusive),
            State::Read | State::LevelTwoAndRead => Err(RuleId::FsaGrantRRefusesLegacyExclusive),
            State::ReadHandle
            | State::Mixed
            | State::ReadHandleToRead
            | State::ReadHandleToNone => Err(RuleId::FsaGrantRhRefusesLegacy),
            State::Exclusive(level) if level.is_granular() => {
                Err(RuleId::FsaGrantExclusiveRefusesOthers)
            }
            State::Exclusive(_) => Err(RuleId::FsaGrantLegacyExclusiveRefusesAll),
            State::ExclusiveBreaking(_) => Err(RuleId::FsaGrantBreakingRefusesAll),
        }
    }

    fn grant_granular_exclusive(&self, own: &Own, level: Level) -> Result<RuleId, RuleId> {
        match self.state {
            State::Empty => Ok(RuleId::FsaGrantNoneGranularExclusive),
            State::LevelTwo | State::LevelTwoAndRead => Err(RuleId::FsaGrantIiRefusesGranular),
            State::Read if own.all => Ok(RuleId::FsaGrantRSameKeyUpgrades),
            State::Read => Err(RuleId::FsaGrantROtherKeyRefusesExclusive),
            State::ReadHandle | State::Mixed if !self.queue.is_empty() => {
                Err(RuleId::FsaGrantRhQueueRefusesExclusive)
            }
            State::Mixed => Err(RuleId::FsaGrantMixedRefusesExclusive),
            State::ReadHandle if !own.all => Err(RuleId::FsaGrantRhOtherKeyRefusesExclusive),
            State::ReadHandle if level == Level::Rw => Err(RuleId::FsaGrantRhSameKeyRefusesRw),
            State::ReadHandle => Ok(RuleId::FsaGrantRhSameKeyRwhUpgrades),
            State::Exclusive(held) => exclusive_meets_granular(held, own, level),
            State::ReadHandleToRead | State::ReadHandleToNone | State::ExclusiveBreaking(_) => {
                Err(RuleId::FsaGrantBreakingRefusesAll)
            }
        }
    }

    fn grant_shared(&self, own: &Own, level: Level, choices: &Choices) -> Result<RuleId, RuleId> {
        match self.state {
            State::Empty => Ok(RuleId::FsaGrantNoneShared),
            State::LevelTwo | State::LevelTwoAndRead if level == Level::Rh => {
                Err(RuleId::FsaGrantIiRefusesGranular)
            }
            State::LevelTwo => Ok(RuleId::FsaGrantIiJoinedByIiOrR),
            State::LevelTwoAndRead if own.read => Ok(RuleId::FsaGrantRSameKeySwitches),
            State::LevelTwoAndRead => Ok(RuleId::FsaGrantIiJoinedByIiOrR),
            State::Read if own.read && level == Level::Rh => Ok(RuleId::FsaGrantRSameKeyUpgrades),
            State::Read if own.read => Ok(RuleId::FsaGrantRSameKeySwitches),
            State::Read => Ok(RuleId::FsaGrantROtherKeyJoined),
            State::ReadHandle | State::Mixed => self.grant_beside_rh(own, level),
            State::ReadHandleToRead | State::ReadHandleToNone
                if choices.request_while_rh_breaks == RequestWhileRhBreaks::Granted =>
            {
                self.grant_beside_rh(own, level)
            }
            State::Exclusive(held) if !held.is_granular() => {
                Err(RuleId::FsaGrantLegacyExclusiveRefusesAll)
            }
            State::Exclusive(_) if own.exclusive && level != Level::Ii => {
                Err(RuleId::FsaGrantExclusiveSameKeyRefusesLower)
            }
            State::Exclusive(_) => Err(RuleId::FsaGrantExclusiveRefusesOthers),
            State::ReadHandleToRead | State::ReadHandleToNone | State::ExclusiveBreaking(_) => {
                Err(RuleId::FsaGrantBreakingRefusesAll)
            }
        }
    }

    fn grant_beside_rh(&self, own: &Own, level: Level) -> Result<RuleId, RuleId> {
        match level {
            Level::R if own.read_handle || own.queued => Err(RuleId::FsaGrantRhSameKeyRefusesR),
            Level::R if own.read => Ok(RuleId::FsaGrantRSameKeySwitches),
            Level::Rh if own.read_handle => Ok(RuleId::FsaGrantRhSameKeyRhSwitches),
            Level::Rh if own.read => Ok(RuleId::FsaGrantRSameKeyUpgrades),
            Level::R | Level::Rh if !self.queue.is_empty() => Ok(RuleId::FsaGrantRhQueueJoined),
            Level::R | Level::Rh => Ok(RuleId::FsaGrantRhOtherKeyJoined),
            _ => Err(RuleId::FsaGrantRhRefusesLegacy),
        }
    }

    fn own(&self, holder: &Holder) -> Own {
        let caller = Caller { open: Some(holder.open), key: holder.key, parent_key: None };
        let mine = |other: &Holder| keys_match(&caller, other);
        Own {
            exclusive: self.exclusive.as_ref().is_some_and(|held| mine(&held.holder)),
            read: self.read.iter().any(mine),
            read_handle: self.read_handle.iter().any(mine),
            queued: self.queue.iter().any(|entry| mine(&entry.holder)),
            all: self.read.iter().chain(&self.read_handle).all(mine),
        }
    }
}

fn exclusive_meets_granular(held: Level, own: &Own, level: Level) -> Result<RuleId, RuleId> {
    match held {
        _ if !held.is_granular() => Err(RuleId::FsaGrantLegacyExclusiveRefusesAll),
        _ if !own.exclusive => Err(RuleId::FsaGrantExclusiveRefusesOthers),
        _ if held == level => Ok(RuleId::FsaGrantExclusiveSameKeySwitches),
        Level::Rw => Ok(RuleId::FsaGrantExclusiveSameKeyUpgrades),
        _ => Err(RuleId::FsaGrantExclusiveSameKeyRefusesLower),
    }
}
