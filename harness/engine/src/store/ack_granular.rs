//! MS-FSA 2.1.5.19 "Server Acknowledges an Oplock Break": the granular form, and what follows where a break deepened.

use oplock_model::{LeaseState, Level, RuleId, Status};

use super::ack::Ack;
use super::check::lowered;
use super::effects::Effects;
use super::oplock::{Exclusive, ExclusiveBreak, Holder, Oplock, QueueEntry, WaitReason};
use crate::choices::{AckAboveOffer, Choices, DeepenedBreak};

impl Oplock {
    /// Takes an acknowledgement of R, RH, RW or RWH.
    pub(super) fn acknowledge_granular(
        &mut self,
        ack: &Ack,
        state: LeaseState,
        choices: &Choices,
        effects: &mut Effects,
    ) {
        let Some(level) = self.acknowledgeable(ack, state, effects) else { return };
        if self.exclusive.is_some() {
            self.acknowledge_exclusive(ack, level, choices, effects);
        } else {
            self.acknowledge_queued(ack, level, choices, effects);
        }
    }

    /// REQUEST_OPLOCK_INPUT_FLAG_COMPLETE_ACK_ON_CLOSE: the acknowledgement is over, and what broke stays until the handle closes.
    pub(super) fn promise_to_close(&mut self, ack: &Ack, state: LeaseState, effects: &mut Effects) {
        if self.acknowledgeable(ack, state, effects).is_none() {
            return;
        }
        let running = self.exclusive.as_mut().and_then(|held| held.breaking.as_mut());
        let queued = self.queue.iter_mut().find(|entry| entry.holder.open == ack.open);
        let running = running.map(|running| &mut running.close_pending);
        if let Some(close_pending) = running.or(queued.map(|entry| &mut entry.close_pending)) {
            *close_pending = true;
        }
        effects.rule(RuleId::FsaAckGranularOnClose);
        effects.returned(ack.ticket, Status::SUCCESS);
    }

    /// The level that is acknowledged, where this open owes a granular acknowledgement; else the acknowledgement is refused.
    fn acknowledgeable(
        &self,
        ack: &Ack,
        state: LeaseState,
        effects: &mut Effects,
    ) -> Option<Level> {
        let owed = match &self.exclusive {
            Some(held) => match held.breaking {
                Some(running) if held.level.is_granular() && !running.close_pending => {
                    (held.holder.open == ack.open)
                        .then_some(())
                        .ok_or(RuleId::FsaAckGranularNotOwner)
                }
                _ => Err(RuleId::FsaAckGranularNotBreaking),
            },
            None if self.queue.is_empty() => Err(RuleId::FsaAckGranularNotBreaking),
            None => match self.queued(ack.open) {
                Some(entry) if entry.close_pending => Err(RuleId::FsaAckGranularNotBreaking),
                Some(_) => Ok(()),
                None => Err(RuleId::FsaAckGranularNotInRhQueue),
            },
        };
        let level = Option::<Level>::from(state);
        match owed {
            Err(rule) => {
                self.refuse_ack(ack, rule, effects);
                None
            }
            Ok(()) if level.is_none() => {
                effects.rule(RuleId::FsaAckGranularIllegalLevel);
                effects.returned(ack.ticket, Status::INVALID_PARAMETER);
                None
            }
            Ok(()) => level,
        }
    }

    /// An RH holder on the break queue.
    fn acknowledge_queued(
        &mut self,
        ack: &Ack,
        level: Level,
        choices: &Choices,
        effects: &mut Effects,
    ) {
        let Some(entry) = self.queued(ack.open).cloned() else { return };
        let waited_for = self.has_break_waiters();
        let wants_write = matches!(level, Level::Rw | Level::Rwh);
        if !entry.to_read && level != Level::None && waited_for {
            effects.rule(RuleId::FsaAckRhKeptAgainstWaiter);
            self.tell(ack, Level::None);
            return effects.cannot_grant(ack.ticket, Level::None);
        }
        if wants_write && waited_for {
            effects.rule(RuleId::FsaAckRhCannotGrant);
            return effects.cannot_grant(ack.ticket, Level::R);
        }
        if wants_write && !self.may_rise(ack, &entry, choices) {
            effects.rule(RuleId::FsaAckRhWriteRefused);
            self.tell(ack, entry.to());
            return effects.cannot_grant(ack.ticket, entry.to());
        }
        self.queue.retain(|other| other.holder.open != ack.open);
        let holder = Holder { ticket: ack.ticket, ..entry.holder };
        match level {
            Level::None => {
                effects.rule(RuleId::FsaAckRhNone);
                effects.returned(ack.ticket, Status::SUCCESS);
            }
            Level::Rh if ack.deleted => {
                effects.rule(RuleId::FsaAckRhDeletePending);
                effects.returned(ack.ticket, Status::OPLOCK_NOT_GRANTED);
            }
            Level::R | Level::Rh => {
                effects.rule(RuleId::FsaAckRhGranted);
                self.switch_same_open(&holder, level, effects);
                effects.returned(ack.ticket, Status::PENDING);
                self.enter(holder.clone(), level);
                // RH may be kept against those who only wait for handle caching: they go on to fail.
                let needed = self.needed_below(level).without(LeaseState::H);
                if self.break_on(&holder, level, needed, choices, effects) {
                    return;
                }
            }
            _ => {
                effects.returned(ack.ticket, Status::PENDING);
                self.enter(holder, level);
            }
        }
        self.release_from_queue(effects);
    }

    /// The holder of a breaking RW or RWH.
    fn acknowledge_exclusive(
        &mut self,
        ack: &Ack,
        level: Level,
        choices: &Choices,
        effects: &mut Effects,
    ) {
        let Some((held, running)) =
            self.exclusive.as_ref().and_then(|held| Some((held.level, held.breaking?)))
        else {
            return;
        };
        if held == Level::Rw && level == Level::Rwh && self.has_break_waiters() {
            effects.rule(RuleId::FsaAckExclusiveHandleNotHeld);
            self.tell(ack, running.to);
            return effects.cannot_grant(ack.ticket, running.to);
        }
        let state = level.lease_state().unwrap_or_default();
        if ack.deleted && state.contains(LeaseState::H) {
            effects.rule(RuleId::FsaAckExclusiveDeletePending);
            return effects.cannot_grant(ack.ticket, lowered(level, LeaseState::H));
        }
        let told = running.told.lease_state().unwrap_or_default();
        if !state.is_subset_of(told) && choices.ack_above_offer == AckAboveOffer::Refused {
            effects.rule(RuleId::FsaAckExclusiveAboveBreakLevel);
            return effects.cannot_grant(ack.ticket, running.told);
        }
        let Some(exclusive) = self.exclusive.take() else { return };
        let holder = Holder { ticket: ack.ticket, ..exclusive.holder };
        match level {
            Level::None => {
                effects.rule(RuleId::FsaAckExclusiveNone);
                effects.returned(ack.ticket, Status::SUCCESS);
            }
            Level::R | Level::Rh => {
                effects.rule(RuleId::FsaAckExclusiveShared);
                effects.returned(ack.ticket, Status::PENDING);
            }
            _ => {
                effects.rule(RuleId::FsaAckExclusiveExclusive);
                effects.returned(ack.ticket, Status::PENDING);
            }
        }
        self.enter(holder.clone(), level);
        let needed = self.needed_below(level);
        if !self.break_on(&holder, level, needed, choices, effects) {
            self.release_all(effects);
        }
    }

    /// Breaks an acknowledged level further, where a waiter needs less than it; true while nobody may go on.
    fn break_on(
        &mut self,
        holder: &Holder,
        level: Level,
        needed: LeaseState,
        choices: &Choices,
        effects: &mut Effects,
    ) -> bool {
        if needed == LeaseState::NONE {
            return false;
        }
        let direct = lowered(level, needed);
        let stepwise = choices.deepened_break == DeepenedBreak::Stepwise;
        match level {
            Level::R => {
                effects.rule(RuleId::FsaAckDeepenedRToNone);
                effects.broken(holder, level, Level::None, None);
                self.read.retain(|other| other.open != holder.open);
                // Nothing is owed, so this was the last step.
                false
            }
            Level::Rh => {
                let to = if stepwise { Level::R } else { direct };
                effects.rule(RuleId::FsaAckDeepenedRhToR);
                effects.rule(RuleId::FsaReleaseHeldBackWhileDeepened);
                effects.broken(holder, level, to, None);
                self.read_handle.retain(|other| other.open != holder.open);
                self.enqueue(holder.clone(), to);
                true
            }
            _ => {
                effects.rule(RuleId::FsaAckDeepenedRwBrokenOn);
                effects.rule(RuleId::FsaReleaseHeldBackWhileDeepened);
                effects.broken(holder, level, direct, None);
                let breaking = ExclusiveBreak { told: direct, to: direct, close_pending: false };
                self.exclusive =
                    Some(Exclusive { holder: holder.clone(), level, breaking: Some(breaking) });
                true
            }
        }
    }

    /// While its break ran, the open may have been granted RH anew; the acknowledgement takes its place, since one handle
    /// has one R or RH (WDK, "Requesting and Granting Oplocks").
    fn switch_same_open(&mut self, holder: &Holder, level: Level, effects: &mut Effects) {
        let same = |other: &mut Holder| other.open == holder.open;
        let replaced = self.read.extract_if(.., same).chain(self.read_handle.extract_if(.., same));
        for old in replaced {
            effects.switched(&old, level);
        }
    }

    /// The caching bits of that level that waiters need gone.
    fn needed_below(&self, level: Level) -> LeaseState {
        let held = level.lease_state().unwrap_or_default();
        let needed = self.wait_list.iter().fold(0, |needed, waiter| match waiter.reason {
            WaitReason::Break(needs) => needed | needs.0,
            WaitReason::Reservation | WaitReason::BreakOver => needed,
        });
        LeaseState(needed & held.0)
    }

    /// The text lets a breaking RH rise to RW or RWH where nobody waits, whatever others hold; here nobody else may hold
    /// anything, and a directory has no write caching.
    fn may_rise(&self, ack: &Ack, entry: &QueueEntry, choices: &Choices) -> bool {
        let alone = self.queue.iter().all(|other| other == entry)
            && self.read.is_empty()
            && self.read_handle.is_empty();
        choices.ack_above_offer == AckAboveOffer::Granted && alone && !ack.directory
    }

    /// Notes which level the holder was told last.
    fn tell(&mut self, ack: &Ack, level: Level) {
        if let Some(held) = &mut self.exclusive
            && held.holder.open == ack.open
            && let Some(running) = &mut held.breaking
        {
            running.told = level;
        }
        for entry in &mut self.queue {
            if entry.holder.open == ack.open {
                entry.told = level;
            }
        }
    }
}
