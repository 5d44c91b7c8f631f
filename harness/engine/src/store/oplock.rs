//! The oplock of one stream: who holds what, what is breaking, who waits (MS-FSA 2.1.1.10 "Per Oplock").

use oplock_model::{LeaseKey, LeaseState, Level, RuleId, Status};

use super::api::{OpenId, Ticket};
use super::effects::Effects;
use super::keys::{Caller, keys_match};
use crate::coverage::{By, Cell, StoreOperation};

/// A granted request that pends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Holder {
    /// The open that it was made on.
    pub open: OpenId,
    /// That open's target oplock key.
    pub key: Option<LeaseKey>,
    /// The call that made the request, or the acknowledgement that took its place.
    pub ticket: Ticket,
}

/// Level 1, Batch, Filter, RW or RWH, breaking or not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Exclusive {
    /// ExclusiveOpen.
    pub holder: Holder,
    /// The level held; it stays in force until the acknowledgement.
    pub level: Level,
    /// The break that runs, if one does.
    pub breaking: Option<ExclusiveBreak>,
}

/// A running break of an exclusive oplock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ExclusiveBreak {
    /// The level that the holder was told.
    pub told: Level,
    /// The level that is needed by now, at or below the one told.
    pub to: Level,
    /// The holder promised to close instead.
    pub close_pending: bool,
}

/// An entry of RHBreakQueue: an RH holder that owes an acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct QueueEntry {
    /// Who owes it; its request has completed.
    pub holder: Holder,
    /// The level that the holder was told: R or none.
    pub told: Level,
    /// BreakingToRead: still to R, not to none.
    pub to_read: bool,
    /// The holder promised to close instead of keeping anything.
    pub close_pending: bool,
}

impl QueueEntry {
    /// The level that the entry breaks to by now.
    pub fn to(&self) -> Level {
        if self.to_read { Level::R } else { Level::None }
    }
}

/// A call on the WaitList.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Waiter {
    /// The call.
    pub ticket: Ticket,
    /// Whose call it is.
    pub caller: Caller,
    /// What it waits for.
    pub reason: WaitReason,
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum WaitReason {
    /// A break that takes these caching bits from others.
    Break(LeaseState),
    /// The open that reserved the stream asks for its oplock, or closes.
    Reservation,
    /// The end of whatever break is running: FSCTL_OPLOCK_BREAK_NOTIFY.
    BreakOver,
}

/// State of the stream's oplock in the terms of MS-FSA 2.1.1.10.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum State {
    /// NO_OPLOCK.
    #[default]
    Empty,
    /// LEVEL_TWO_OPLOCK.
    LevelTwo,
    /// READ_CACHING.
    Read,
    /// LEVEL_TWO_OPLOCK and READ_CACHING.
    LevelTwoAndRead,
    /// READ_CACHING and HANDLE_CACHING.
    ReadHandle,
    /// The same with MIXED_R_AND_RH.
    Mixed,
    /// Nothing but RH holders on their way to R.
    ReadHandleToRead,
    /// Nothing but RH holders on their way to none.
    ReadHandleToNone,
    /// EXCLUSIVE with this level.
    Exclusive(Level),
    /// EXCLUSIVE with this level, with a BREAK_TO flag.
    ExclusiveBreaking(Level),
}

/// The oplock object of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Oplock {
    /// ExclusiveOpen with its level and break.
    pub exclusive: Option<Exclusive>,
    /// IIOplocks; one open may stand here several times.
    pub level_two: Vec<Holder>,
    /// ROplocks.
    pub read: Vec<Holder>,
    /// RHOplocks.
    pub read_handle: Vec<Holder>,
    /// RHBreakQueue.
    pub queue: Vec<QueueEntry>,
    /// WaitList, in the order of arrival.
    pub wait_list: Vec<Waiter>,
    /// The open that reserved the stream by FILE_OPEN_REQUIRING_OPLOCK.
    pub reserved: Option<(OpenId, Option<LeaseKey>)>,
    /// The open that has a Filter oplock pending by FILE_RESERVE_OPFILTER.
    pub filter_pending: Option<(OpenId, Option<LeaseKey>)>,
    /// State, as last computed.
    pub state: State,
}

impl Oplock {
    /// What the lists say the state is, and the rule that says so: MS-FSA 2.1.4.13
    /// "Algorithm to Recompute the State of a Shared Oplock", with the exclusive states before it.
    pub fn computed_state(&self) -> (State, Option<RuleId>) {
        if let Some(exclusive) = &self.exclusive {
            return match exclusive.breaking {
                None => (State::Exclusive(exclusive.level), None),
                Some(_) => (State::ExclusiveBreaking(exclusive.level), None),
            };
        }
        let [ii, r, rh, queue] = [
            !self.level_two.is_empty(),
            !self.read.is_empty(),
            !self.read_handle.is_empty(),
            !self.queue.is_empty(),
        ];
        let (state, rule) = match (ii, r, rh, queue) {
            (false, false, false, false) => (State::Empty, RuleId::FsaRecomputeEmpty),
            (_, true, true, _) | (_, true, _, true) => (State::Mixed, RuleId::FsaRecomputeMixed),
            (_, false, true, _) => (State::ReadHandle, RuleId::FsaRecomputeRh),
            (true, true, ..) => (State::LevelTwoAndRead, RuleId::FsaRecomputeReadOnly),
            (false, true, ..) => (State::Read, RuleId::FsaRecomputeReadOnly),
            (true, false, ..) => (State::LevelTwo, RuleId::FsaRecomputeReadOnly),
            (false, false, false, true) => self.queue_state(),
        };
        (state, Some(rule))
    }

    /// Brings the state up to date after the lists changed.
    pub fn recompute(&mut self, effects: &mut Effects) {
        let (state, rule) = self.computed_state();
        if let Some(rule) = rule.filter(|_| state != self.state) {
            effects.rule(rule);
        }
        self.state = state;
        self.release_notified(effects);
    }

    /// The level in force for one open; a level that breaks stays in force until it is acknowledged.
    pub fn held(&self, open: OpenId) -> Level {
        let holds = |list: &[Holder]| list.iter().any(|holder| holder.open == open);
        match &self.exclusive {
            Some(exclusive) if exclusive.holder.open == open => exclusive.level,
            _ if holds(&self.read_handle) || self.queued(open).is_some() => Level::Rh,
            _ if holds(&self.read) => Level::R,
            _ if holds(&self.level_two) => Level::Ii,
            _ => Level::None,
        }
    }

    /// The level that one open was told it is breaking to, while it owes the acknowledgement.
    pub fn breaking(&self, open: OpenId) -> Option<Level> {
        match &self.exclusive {
            Some(exclusive) if exclusive.holder.open == open => {
                exclusive.breaking.map(|running| running.told)
            }
            _ => self.queued(open).map(|entry| entry.told),
        }
    }

    /// The level that one open's running break goes to by now.
    pub fn needed(&self, open: OpenId) -> Option<Level> {
        match &self.exclusive {
            Some(exclusive) if exclusive.holder.open == open => {
                exclusive.breaking.map(|running| running.to)
            }
            _ => self.queued(open).map(QueueEntry::to),
        }
    }

    /// The break of one open that waits for its acknowledgement.
    pub fn queued(&self, open: OpenId) -> Option<&QueueEntry> {
        self.queue.iter().find(|entry| entry.holder.open == open)
    }

    /// Puts an RH holder that was told R or none on the break queue.
    ///
    /// RH may be granted again to an open whose break still runs; when that breaks too, one acknowledgement is owed.
    pub fn enqueue(&mut self, holder: Holder, told: Level) {
        let to_read =
            told == Level::R && self.queued(holder.open).is_none_or(|entry| entry.to_read);
        self.queue.retain(|entry| entry.holder.open != holder.open);
        self.queue.push(QueueEntry { holder, told, to_read, close_pending: false });
    }

    /// Whether a call waits for a break; those who wait for a reservation don't count.
    pub fn has_break_waiters(&self) -> bool {
        self.wait_list.iter().any(|waiter| matches!(waiter.reason, WaitReason::Break(_)))
    }

    /// Lets everybody go on who waits for a break: the exclusive break is over.
    pub fn release_all(&mut self, effects: &mut Effects) {
        if self.has_break_waiters() {
            effects.rule(RuleId::FsaReleaseExclusiveBreakOver);
        }
        self.release_where(effects, |waiter| matches!(waiter.reason, WaitReason::Break(_)));
    }

    /// Lets those go on for whom no stranger's RH break is left.
    pub fn release_from_queue(&mut self, effects: &mut Effects) {
        if !self.has_break_waiters() || self.exclusive.is_some() {
            return;
        }
        let queue = std::mem::take(&mut self.queue);
        let free = |waiter: &Waiter| {
            matches!(waiter.reason, WaitReason::Break(_))
                && queue.iter().all(|entry| keys_match(&waiter.caller, &entry.holder))
        };
        self.release_where(effects, free);
        self.queue = queue;
        effects.rule(if self.has_break_waiters() {
            RuleId::FsaReleaseRhQueueKeepsWaiting
        } else {
            RuleId::FsaReleaseRhQueueDone
        });
    }

    /// Lets those on the wait list go on who fit.
    pub fn release_where(&mut self, effects: &mut Effects, free: impl Fn(&Waiter) -> bool) {
        let released = self.wait_list.extract_if(.., |waiter| free(waiter));
        effects.released.extend(released.map(|waiter| waiter.ticket));
    }

    /// Drops what one open holds, because its handle closes (MS-FSA 2.1.4.12, CLOSE).
    pub fn close(&mut self, open: OpenId, effects: &mut Effects) {
        self.end_reservations(open, effects);
        if self.held(open) == Level::None {
            effects.rule(RuleId::FsaCloseNoOplock);
            return;
        }
        if let Some(exclusive) = self.exclusive.take_if(|held| held.holder.open == open) {
            effects.rule(match (exclusive.breaking, exclusive.level.is_granular()) {
                (Some(_), _) => RuleId::FsaCloseBreakingExclusive,
                (None, true) => RuleId::FsaCloseGranularExclusive,
                (None, false) => RuleId::FsaCloseLegacyExclusive,
            });
            if exclusive.breaking.is_none() {
                effects.completed(
                    &exclusive.holder,
                    exclusive.level,
                    closed_status(exclusive.level),
                );
            }
            self.release_all(effects);
        }
        self.close_shared(open, effects);
        self.recompute(effects);
    }

    /// Takes one granted request back, because it was cancelled; false where it is none of this stream's.
    pub fn cancel_request(&mut self, ticket: Ticket, effects: &mut Effects) -> bool {
        let cancelled = |holder: &mut Holder| holder.ticket == ticket;
        let state = self.grid_state();
        let exclusive = self
            .exclusive
            .take_if(|held| held.holder.ticket == ticket && held.breaking.is_none())
            .map(|held| held.holder);
        let was_exclusive = exclusive.is_some();
        let Some(holder) = exclusive
            .or_else(|| take_first(&mut self.level_two, cancelled))
            .or_else(|| take_first(&mut self.read, cancelled))
            .or_else(|| take_first(&mut self.read_handle, cancelled))
        else {
            return false;
        };
        effects.cells.note(Cell::Store(state, StoreOperation::CancelRequest, By::Holder));
        effects.rule(RuleId::FsaCancelRequest);
        effects.completed(&holder, Level::None, Status::CANCELLED);
        if was_exclusive {
            self.release_all(effects);
        }
        self.recompute(effects);
        true
    }

    fn close_shared(&mut self, open: OpenId, effects: &mut Effects) {
        let mine = |holder: &mut Holder| holder.open == open;
        for holder in self.level_two.extract_if(.., mine) {
            effects.rule(RuleId::FsaCloseIi);
            effects.completed(&holder, Level::Ii, closed_status(Level::Ii));
        }
        for holder in self.read.extract_if(.., mine).chain(self.read_handle.extract_if(.., mine)) {
            effects.rule(RuleId::FsaCloseROrRh);
            effects.completed(&holder, Level::R, closed_status(Level::R));
        }
        let before = self.queue.len();
        self.queue.retain(|entry| entry.holder.open != open);
        if self.queue.len() != before {
            effects.rule(RuleId::FsaCloseBreakingRh);
            self.release_from_queue(effects);
        }
    }

    fn queue_state(&self) -> (State, RuleId) {
        let to_read = self.queue.iter().filter(|entry| entry.to_read).count();
        if to_read == self.queue.len() {
            (State::ReadHandleToRead, RuleId::FsaRecomputeAllBreakingAlike)
        } else if to_read == 0 {
            (State::ReadHandleToNone, RuleId::FsaRecomputeAllBreakingAlike)
        } else {
            (State::ReadHandle, RuleId::FsaRecomputeBreakingDifferently)
        }
    }
}

/// How a request completes when its handle closes.
fn closed_status(level: Level) -> Status {
    if level.is_granular() { Status::OPLOCK_HANDLE_CLOSED } else { Status::SUCCESS }
}

/// Removes the first holder that fits.
pub(super) fn take_first(
    list: &mut Vec<Holder>,
    fits: impl FnMut(&mut Holder) -> bool,
) -> Option<Holder> {
    list.extract_if(.., fits).next()
}
