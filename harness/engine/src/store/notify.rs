//! FSCTL_OPLOCK_BREAK_NOTIFY: waiting for the end of a break, whoever caused it (WDK "FSCTL_OPLOCK_BREAK_NOTIFY").

use oplock_model::{RuleId, Status};

use super::api::{OpenId, Ticket};
use super::effects::Effects;
use super::objects::Store;
use super::oplock::{Oplock, WaitReason};
use super::wait::{Call, Halt};
use crate::choices::CancelledNotify;
use crate::coverage::StoreOperation;

impl Store {
    /// Waits until no break of the stream is in progress; ends with [`super::Indication::Done`]
    /// (WDK "FSCTL_OPLOCK_BREAK_NOTIFY").
    pub fn break_notify(&mut self, ticket: Ticket, open: OpenId) {
        self.start(ticket, Call::BreakNotify { open });
    }

    /// One pass of the call: the second one ends it, since the break that it waited for is over, even if another one began.
    pub(super) fn break_notify_pass(
        &mut self,
        ticket: Ticket,
        open: OpenId,
        first: bool,
    ) -> Result<(), Halt> {
        let acting = self.acting(open)?;
        self.note(open, StoreOperation::BreakNotify);
        let oplock = self.streams.get(&acting.stream).map(|stream| &stream.oplock);
        if !first {
            self.effects.rule(RuleId::FsaBreakNotifyOver);
        } else if oplock.is_some_and(Oplock::is_breaking) {
            self.effects.rule(RuleId::FsaBreakNotifyWaits);
            return Err(Halt::Wait(acting.stream, WaitReason::BreakOver, acting.caller));
        } else {
            self.effects.rule(RuleId::FsaBreakNotifyNothingBreaks);
        }
        self.effects.done(ticket, Status::SUCCESS);
        Ok(())
    }
}

impl Store {
    /// How a waiting call ends that is cancelled.
    pub(super) fn status_of_cancelled(&self, ticket: Ticket) -> Status {
        let waits = self.pending.get(&ticket).map(|pending| &pending.call);
        match (waits, self.choices.cancelled_notify) {
            (Some(Call::BreakNotify { .. }), CancelledNotify::InvalidOplockProtocol) => {
                Status::INVALID_OPLOCK_PROTOCOL
            }
            _ => Status::CANCELLED,
        }
    }
}

impl Oplock {
    /// Whether a holder owes an acknowledgement, or has promised to close.
    pub fn is_breaking(&self) -> bool {
        !self.queue.is_empty()
            || self.exclusive.as_ref().is_some_and(|held| held.breaking.is_some())
    }

    /// Lets those go on who wait for the end of the break, once nothing is breaking.
    pub fn release_notified(&mut self, effects: &mut Effects) {
        if !self.wait_list.is_empty() && !self.is_breaking() {
            self.release_where(effects, |waiter| waiter.reason == WaitReason::BreakOver);
        }
    }
}
