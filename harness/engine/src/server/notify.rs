//! Breaks that the store indicates, as messages (MS-SMB2 3.3.4.6 "Object Store Indicates an Oplock Break", 3.3.4.7
//! "Object Store Indicates a Lease Break").

use oplock_model::{AckForm, BreakNotice, Event, LeaseState, Level, OplockLevel, RuleId, Status};

use super::lease::LeaseName;
use super::state::{Holder, OplockState, Server};
use super::timer::Timer;
use crate::choices::FollowUpEpoch;
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
        let Some(open) = self.opens.get_mut(&id) else { return };
        let (connection, file, held) = (open.connection, open.file, open.level);
        let level = to.oplock_level().unwrap_or(OplockLevel::NONE);
        open.oplock = OplockState::Breaking { held, notified: level };
        open.timed_out = false;
        if held == OplockLevel::II {
            open.level = OplockLevel::NONE;
        }
        if !self.connections.contains_key(&connection) {
            self.fire(RuleId::Smb2NotifyOplockUndeliverable);
            self.close_open(id);
            return;
        }
        self.fire(match held {
            OplockLevel::II => RuleId::Smb2NotifyOplockIiToNone,
            _ => RuleId::Smb2NotifyOplock,
        });
        self.arm(Timer::OplockBreak(id));
        self.tell(Event::Break(BreakNotice::Oplock { connection, file, level }));
    }

    /// Tells the client of a lease that the store breaks it.
    pub(super) fn lease_broken(&mut self, name: LeaseName, to: Level, cause: Cause) {
        let connection = self
            .connections
            .iter()
            .find(|(_, client)| **client == name.client)
            .map(|(connection, _)| *connection);
        let unchanged = cause == Cause::Acknowledgement
            && self.choices.follow_up_epoch == FollowUpEpoch::Unchanged;
        let Some(lease) = self.leases.get_mut(&name) else { return };
        let (opens, internal) = (lease.opens.clone(), lease.internal);
        let Some(connection) = connection else {
            self.fire(RuleId::Smb2NotifyLeaseUndeliverable);
            for id in opens {
                self.close_open(id);
            }
            return;
        };
        let current = lease.state;
        let new = to.lease_state().unwrap_or(LeaseState::NONE);
        let ack = current != LeaseState::R;
        if !unchanged {
            lease.raise_epoch();
        }
        if ack {
            lease.breaking = true;
            lease.break_to = new;
        } else {
            lease.state = LeaseState::NONE;
        }
        lease.timed_out = false;
        lease.notified_on = Some(connection);
        let notice = BreakNotice::Lease {
            connection,
            key: name.key,
            current,
            new,
            flags: if ack { BreakNotice::ACK_REQUIRED } else { 0 },
            epoch: lease.notified_epoch(),
            status: Status::SUCCESS,
        };
        let version = lease.version;
        if ack {
            self.arm(Timer::LeaseBreak(name));
        }
        self.fire(if ack { RuleId::Smb2NotifyLease } else { RuleId::Smb2NotifyLeaseNoAck });
        self.fire(match (version, unchanged) {
            (2, true) => RuleId::Smb2EpochFollowUp,
            (2, false) => RuleId::Smb2EpochBreak,
            _ => RuleId::Smb2EpochV1Zero,
        });
        if cause == Cause::Acknowledgement {
            self.fire(RuleId::Smb2NotifyLeaseFollowUp);
        }
        if opens.len() > 1 {
            self.fire(RuleId::Smb2NotifyLeaseOnce);
        }
        self.tell(Event::Break(notice));
        // The store may still want an answer, which a client that is left with R does not owe.
        if let Some(internal) = internal.filter(|_| !ack)
            && self.store.breaking(internal).is_some()
        {
            self.complete(internal, AckForm::Granular(LeaseState::NONE));
        }
    }
}
