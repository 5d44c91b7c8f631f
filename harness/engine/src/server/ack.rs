//! Acknowledgements (MS-SMB2 3.3.5.22.1 "Processing an Oplock Acknowledgment", 3.3.5.22.2 "Processing a Lease
//! Acknowledgment").

use oplock_model::{
    AckAnswer, AckForm, Body, CallId, ConnectionId, FileId, LeaseKey, LeaseState, OplockLevel,
    RuleId, Status,
};

use super::grid::{acked_level, acked_state};
use super::lease::LeaseName;
use super::notify::Cause;
use super::state::{Holder, OplockState, Server};
use super::timer::Timer;
use crate::choices::{AckTwoAfterNone, StrayOplockAck};

impl Server {
    /// The 24-byte acknowledgement: the rows of spec/05 section 6 in their order.
    pub(super) fn ack_oplock(
        &mut self,
        call: CallId,
        connection: ConnectionId,
        file: FileId,
        level: OplockLevel,
    ) {
        let (status, body) = match self.oplock_acked(connection, file, level) {
            Ok(level) => {
                self.fire(RuleId::Smb2AckOplock);
                (Status::SUCCESS, Body::Ack(AckAnswer::Oplock { file, level }))
            }
            Err(status) => (status, Body::Empty),
        };
        self.reply(call, status, body);
    }

    fn oplock_acked(
        &mut self,
        connection: ConnectionId,
        file: FileId,
        level: OplockLevel,
    ) -> Result<OplockLevel, Status> {
        let found = self.open_of(connection, file);
        if let Some((id, _)) = found {
            self.note_open(id, acked_level(level));
            self.end_replay(id, RuleId::Smb2ReplayLostByOplockAck);
        }
        let Some((id, open)) = found.and_then(|(id, _)| Some((id, self.opens.get_mut(&id)?)))
        else {
            self.fire(RuleId::Smb2AckOplockFileClosed);
            return Err(Status::FILE_CLOSED);
        };
        let OplockState::Breaking { held, notified } = open.oplock else {
            let late = open.timed_out;
            self.fire(RuleId::Smb2AckOplockNotBreaking);
            if late {
                self.fire(RuleId::Smb2TimerLateOplockAck);
            }
            return Err(match self.choices.stray_oplock_ack {
                StrayOplockAck::InvalidDeviceState => Status::INVALID_DEVICE_STATE,
                StrayOplockAck::InvalidOplockProtocol => Status::INVALID_OPLOCK_PROTOCOL,
            });
        };
        let store = open.store;
        open.level = OplockLevel::NONE;
        open.oplock = OplockState::None;
        self.timers.remove(&Timer::OplockBreak(id));
        let refused = if level == OplockLevel::LEASE {
            Some((RuleId::Smb2AckOplockLeaseLevel, Status::INVALID_PARAMETER))
        } else if !may_acknowledge(held, level) {
            Some((RuleId::Smb2AckOplockLevelMismatch, Status::INVALID_OPLOCK_PROTOCOL))
        } else {
            None
        };
        if let Some((rule, status)) = refused {
            self.fire(rule);
            self.complete(store, AckForm::NoLevelTwo);
            return Err(status);
        }
        let form = match level {
            OplockLevel::II => AckForm::Acknowledge,
            _ => AckForm::NoLevelTwo,
        };
        if level == OplockLevel::EXCLUSIVE {
            self.fire(RuleId::Smb2AckOplockExclusive);
        }
        match self.acknowledge(Holder::Open(id), store, form).status {
            Status::PENDING => {
                if let Some(open) = self.opens.get_mut(&id) {
                    open.level = OplockLevel::II;
                    open.oplock = OplockState::Held;
                }
                Ok(OplockLevel::II)
            }
            Status::SUCCESS if level != OplockLevel::II => Ok(OplockLevel::NONE),
            Status::SUCCESS if notified == OplockLevel::NONE => {
                self.fire(RuleId::Smb2AckOplockIiAfterNone);
                Ok(match self.choices.ack_two_after_none {
                    AckTwoAfterNone::AnswersNone => OplockLevel::NONE,
                    AckTwoAfterNone::AnswersTwo => OplockLevel::II,
                })
            }
            Status::SUCCESS => {
                self.fire(RuleId::Smb2AckOplockDeepened);
                Err(Status::REQUEST_NOT_ACCEPTED)
            }
            status => {
                self.fire(RuleId::Smb2AckOplockStoreError);
                Err(status)
            }
        }
    }

    /// The 36-byte acknowledgement: the rows of spec/05 section 6 in their order.
    pub(super) fn ack_lease(
        &mut self,
        call: CallId,
        connection: ConnectionId,
        key: LeaseKey,
        state: LeaseState,
    ) {
        let Some(client) = self.client_of(connection) else { return };
        let name = LeaseName { client, key };
        self.note_lease(name, acked_state(state));
        if let Err(status) = self.check_lease_ack(name, connection, state) {
            self.reply(call, status, Body::Empty);
            return;
        }
        self.timers.remove(&Timer::LeaseBreak(name));
        let Some(lease) = self.leases.get_mut(&name) else { return };
        lease.state = state;
        lease.breaking = false;
        lease.untold = false;
        lease.break_to = LeaseState::NONE;
        let Some(internal) = lease.internal else { return };
        let acked = self.acknowledge(Holder::Lease(name), internal, AckForm::Granular(state));
        let is_settled =
            acked.broken_on.is_some() || matches!(acked.status, Status::SUCCESS | Status::PENDING);
        if !is_settled {
            // A state that no store grants, H or W alone: the break still ends, with nothing.
            self.complete(internal, AckForm::Granular(LeaseState::NONE));
            if let Some(lease) = self.leases.get_mut(&name) {
                lease.state = LeaseState::NONE;
            }
            self.reply(call, acked.status, Body::Empty);
            return;
        }
        self.fire(RuleId::Smb2AckLease);
        self.reply(call, Status::SUCCESS, Body::Ack(AckAnswer::Lease { key, state }));
        if let Some(to) = acked.broken_on {
            self.lease_broken(name, to, Cause::Acknowledgement);
        }
    }

    fn check_lease_ack(
        &mut self,
        name: LeaseName,
        connection: ConnectionId,
        state: LeaseState,
    ) -> Result<(), Status> {
        if !self.dialect.has_leases() {
            self.fire(RuleId::Smb2AckSize);
            return Err(Status::INVALID_PARAMETER);
        }
        let Some(lease) = self.leases.get(&name) else {
            self.fire(RuleId::Smb2AckLeaseUnknown);
            return Err(Status::OBJECT_NAME_NOT_FOUND);
        };
        let opens = lease.opens.clone();
        let (breaking, break_to, late) = (lease.breaking, lease.break_to, lease.timed_out);
        let elsewhere = lease.notified_on != Some(connection);
        for id in opens {
            self.end_replay(id, RuleId::Smb2ReplayLostByLeaseAck);
        }
        if !breaking {
            self.fire(RuleId::Smb2AckLeaseNotBreaking);
            if late {
                self.fire(RuleId::Smb2TimerLateLeaseAck);
            }
            return Err(Status::UNSUCCESSFUL);
        }
        if !state.is_subset_of(break_to) {
            self.fire(RuleId::Smb2AckLeaseNotSubset);
            return Err(Status::REQUEST_NOT_ACCEPTED);
        }
        if elsewhere {
            self.fire(RuleId::Smb2AckLeaseAnyConnection);
        }
        if state != break_to {
            self.fire(RuleId::Smb2AckLeaseSmallerState);
        }
        Ok(())
    }
}

/// Row 6: which levels the holder of `held` may acknowledge.
fn may_acknowledge(held: OplockLevel, level: OplockLevel) -> bool {
    match held {
        OplockLevel::BATCH => {
            matches!(level, OplockLevel::EXCLUSIVE | OplockLevel::II | OplockLevel::NONE)
        }
        OplockLevel::EXCLUSIVE => matches!(level, OplockLevel::II | OplockLevel::NONE),
        _ => level == OplockLevel::NONE,
    }
}
