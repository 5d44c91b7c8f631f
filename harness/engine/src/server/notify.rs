//! Breaks that the store indicates, as messages (MS-SMB2 3.3.4.6 "Object Store Indicates an Oplock Break", 3.3.4.7
//! "Object Store Indicates a Lease Break").

use oplock_model::{AckForm, LeaseState, Level, OplockLevel, RuleId, Status};

use super::lease::LeaseName;
use super::state::{Holder, OplockState, Server};
use crate::choices::FollowUpEpoch;
use crate::coverage::ServerOperation;
use crate::store::Ticket;

/// Why a lease breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// An operation.
    Operation,
    /// An acknowledgement of more than somebody who waits can live with.
    Acknowledgement,
}

impl Server {
    /// A granted request was broken.
    pub(super) fn broken(&mut self, ticket: Ticket, to: Level) {
        match self.requests.remove(&ticket) {
            Some(Holder::Open(id)) => self.oplock_broken(id, to),
            Some(Holder::Lease(name)) if !self.leases.contains_key(&name) => {
                // Its internal open is closed, which has settled the break.
                self.fire(RuleId::Smb2NotifyLeaseWithoutOpens);
            }
            Some(Holder::Lease(name)) => self.lease_broken(name, to, Cause::Operation),
            None => self.fire(RuleId::Smb2NotifyCloseSilent),
        }
    }

    /// A granted request ended without a break: nobody is told.
    pub(super) fn completed(&mut self, ticket: Ticket, status: Status) {
        self.requests.remove(&ticket);
        self.fire(match status {
            Status::OPLOCK_SWITCHED_TO_NEW_HANDLE => RuleId::Smb2NotifySwitchSilent,
            _ => RuleId::Smb2NotifyCloseSilent,
        });
    }

    fn oplock_broken(&mut self, id: u64, to: Level) {
        self.note_open(id, ServerOperation::Broken);
        let Some(open) = self.opens.get_mut(&id) else { return };
        let held = open.level;
        let level = to.oplock_level().unwrap_or(OplockLevel::NONE);
        open.oplock = OplockState::Breaking { held, notified: level };
        open.timed_out = false;
        if held == OplockLevel::II {
            open.level = OplockLevel::NONE;
        }
        if open.session.is_none() {
            return self.oplock_undeliverable(id);
        }
        self.fire(match held {
            OplockLevel::II => RuleId::Smb2NotifyOplockIiToNone,
            _ => RuleId::Smb2NotifyOplock,
        });
        self.tell_oplock(id, level);
    }

    /// Tells the client of a lease that the store breaks it.
    pub(super) fn lease_broken(&mut self, name: LeaseName, to: Level, cause: Cause) {
        let new = to.lease_state().unwrap_or(LeaseState::NONE);
        self.note_lease(name, ServerOperation::Broken);
        if self.lease_route(name).is_none() {
            return self.lease_undeliverable(name, new);
        }
        let unchanged = cause == Cause::Acknowledgement
            && self.choices.follow_up_epoch == FollowUpEpoch::Unchanged;
        let Some(lease) = self.leases.get_mut(&name) else { return };
        let ack = lease.state != LeaseState::R;
        if !unchanged {
            lease.raise_epoch();
        }
        lease.breaking = ack;
        lease.break_to = new;
        lease.timed_out = false;
        let (opens, internal, version) = (lease.opens.len(), lease.internal, lease.version);
        self.fire(if ack { RuleId::Smb2NotifyLease } else { RuleId::Smb2NotifyLeaseNoAck });
        self.fire(match (version, unchanged) {
            (2, true) => RuleId::Smb2EpochFollowUp,
            (2, false) => RuleId::Smb2EpochBreak,
            _ => RuleId::Smb2EpochV1Zero,
        });
        if cause == Cause::Acknowledgement {
            self.fire(RuleId::Smb2NotifyLeaseFollowUp);
        }
        if opens > 1 {
            self.fire(RuleId::Smb2NotifyLeaseOnce);
        }
        self.tell_lease(name, Status::SUCCESS);
        if let Some(lease) = self.leases.get_mut(&name).filter(|_| !ack) {
            lease.state = LeaseState::NONE;
            lease.break_to = LeaseState::NONE;
        }
        // The store may still want an answer, which a client that is left with R does not owe.
        if let Some(internal) = internal.filter(|_| !ack)
            && self.store.breaking(internal).is_some()
        {
            self.complete(internal, AckForm::Granular(LeaseState::NONE));
        }
    }
}
