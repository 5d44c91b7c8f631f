//! The acknowledgement timers and what they do (MS-SMB2 3.3.2.1, 3.3.2.5, 3.3.6.1, 3.3.6.5), and the timers of
//! handles that wait for their clients.

use oplock_model::{AckForm, LeaseState, OplockLevel, RuleId, Tick};

use super::lease::LeaseName;
use super::state::{OplockState, Server};
use crate::choices::PersistentLeaseTimer;
use crate::coverage::ServerOperation;

/// How long a holder may take to acknowledge, in milliseconds (MS-SMB2 <217>, <220>).
pub(super) const ACK_TIMEOUT_MILLIS: u64 = 35_000;

/// What a timer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// The oplock of this open breaks.
    OplockBreak(u64),
    /// This lease breaks.
    LeaseBreak(LeaseName),
    /// This open waits for its client to claim it back.
    Scavenger(u64),
}

impl Server {
    /// When the next timer expires.
    #[must_use]
    pub fn next_timer(&self) -> Option<Tick> {
        self.timers.values().min().copied()
    }

    /// Lets time pass: every timer that is due at `now` expires, the earliest first.
    pub fn advance(&mut self, now: Tick) {
        while let Some((timer, at)) = self.due(now) {
            self.now = self.now.max(at);
            self.timers.remove(&timer);
            match timer {
                Timer::OplockBreak(open) => self.oplock_timed_out(open),
                Timer::LeaseBreak(lease) => self.lease_timed_out(lease),
                Timer::Scavenger(open) => self.scavenged(open),
            }
            self.pump();
        }
        self.now = self.now.max(now);
    }

    /// Starts the timer of a break, with the time that its holder has.
    pub(super) fn arm(&mut self, timer: Timer) {
        let millis = self.ack_timeout(timer);
        self.timers.insert(timer, self.now.plus_millis(millis));
    }

    fn ack_timeout(&mut self, timer: Timer) -> u64 {
        let persistent_open =
            |id| self.opens.get(&id).is_some_and(|open| open.durability.persistent);
        match timer {
            Timer::OplockBreak(id) if persistent_open(id) => {
                self.fire(RuleId::Smb2TimerPersistentOplock);
                60_000
            }
            Timer::LeaseBreak(name) if self.is_persistent(name) => {
                self.fire(RuleId::Smb2TimerPersistentLease);
                match self.choices.persistent_lease_timer {
                    PersistentLeaseTimer::Seconds180 => 180_000,
                    PersistentLeaseTimer::Seconds60 => 60_000,
                }
            }
            _ => ACK_TIMEOUT_MILLIS,
        }
    }

    fn due(&self, now: Tick) -> Option<(Timer, Tick)> {
        let (timer, at) = self.timers.iter().min_by_key(|(_, at)| **at)?;
        (*at <= now).then_some((*timer, *at))
    }

    fn oplock_timed_out(&mut self, id: u64) {
        self.note_open(id, ServerOperation::Timer);
        self.fire(RuleId::Smb2TimerOplockBreak);
        self.fire(RuleId::Smb2TimerOpenSurvives);
        let Some(open) = self.opens.get_mut(&id) else { return };
        let OplockState::Breaking { held, .. } = open.oplock else { return };
        open.oplock = OplockState::None;
        open.level = OplockLevel::NONE;
        open.timed_out = true;
        let store = open.store;
        // After II -> NONE the store waits for nothing.
        if held != OplockLevel::II {
            self.complete(store, AckForm::NoLevelTwo);
        }
    }

    fn lease_timed_out(&mut self, name: LeaseName) {
        self.note_lease(name, ServerOperation::Timer);
        self.fire(RuleId::Smb2TimerLeaseBreak);
        self.fire(RuleId::Smb2TimerOpenSurvives);
        let Some(lease) = self.leases.get_mut(&name) else { return };
        lease.state = LeaseState::NONE;
        lease.break_to = LeaseState::NONE;
        lease.breaking = false;
        lease.timed_out = true;
        if let Some(internal) = lease.internal {
            self.complete(internal, AckForm::Granular(LeaseState::NONE));
        }
    }
}
