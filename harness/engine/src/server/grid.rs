//! Which cell of the transition grid each step of the server is in: noted where the step is decided, beside its rules.

use oplock_model::{GridSet, LeaseState, OplockLevel};

use super::context::Asked;
use super::lease::{Lease, LeaseName};
use super::session::SessionId;
use super::state::{Open, OplockState, Server};
use crate::coverage::{Cell, ServerOperation, ServerState};

impl Server {
    /// The cells of the transition grid that this server and its store were in so far, as [`Cell`] numbers them.
    #[must_use]
    pub fn cells(&self) -> GridSet {
        let mut cells = self.reached.cells().clone();
        cells.union(self.store.cells());
        cells
    }

    /// Notes what happens to an open, or to the lease that it belongs to.
    pub(super) fn note_open(&mut self, id: u64, operation: ServerOperation) {
        let Some(open) = self.opens.get(&id) else { return };
        let lease = open.lease.and_then(|name| self.leases.get(&name));
        let state = lease.map_or_else(|| open_state(open), lease_state);
        self.reached.note(Cell::Server(state, operation));
    }

    /// Notes what happens to a lease.
    pub(super) fn note_lease(&mut self, name: LeaseName, operation: ServerOperation) {
        if let Some(lease) = self.leases.get(&name) {
            self.reached.note(Cell::Server(lease_state(lease), operation));
        }
    }

    /// Notes what happens to every open of a session.
    pub(super) fn note_session(&mut self, session: SessionId, operation: ServerOperation) {
        for id in self.opens_of(session) {
            self.note_open(id, operation);
        }
    }

    /// Notes what a CREATE finds: the lease that it names, and what others hold on its file.
    pub(super) fn note_create(&mut self, file: &str, asked: &Asked, own: Option<LeaseName>) {
        if let (Asked::Lease(request), Some(name)) = (asked, own) {
            self.note_lease(name, with_this_lease(request.state));
        }
        let operation = match asked {
            Asked::Oplock(_) => ServerOperation::CreateOplock,
            Asked::Lease(_) => ServerOperation::CreateOtherLease,
            _ => ServerOperation::CreateNothing,
        };
        for open in self.names.of(file).filter_map(|id| self.opens.get(&id)) {
            let lease = open.lease.filter(|name| Some(*name) != own);
            match lease.and_then(|name| self.leases.get(&name)) {
                Some(lease) => self.reached.note(Cell::Server(lease_state(lease), operation)),
                None if open.lease.is_none() => {
                    self.reached.note(Cell::Server(open_state(open), operation));
                }
                None => {}
            }
        }
    }
}

/// What a 24-byte acknowledgement is called in the grid.
pub(super) fn acked_level(level: OplockLevel) -> ServerOperation {
    match level {
        OplockLevel::NONE => ServerOperation::AckOplockNone,
        OplockLevel::II => ServerOperation::AckOplockTwo,
        OplockLevel::EXCLUSIVE => ServerOperation::AckOplockExclusive,
        OplockLevel::BATCH => ServerOperation::AckOplockBatch,
        _ => ServerOperation::AckOplockLease,
    }
}

/// What a 36-byte acknowledgement is called in the grid.
pub(super) fn acked_state(state: LeaseState) -> ServerOperation {
    match state {
        LeaseState::NONE => ServerOperation::AckLeaseNone,
        LeaseState::R => ServerOperation::AckLeaseR,
        LeaseState::RH => ServerOperation::AckLeaseRh,
        LeaseState::RW => ServerOperation::AckLeaseRw,
        LeaseState::RWH => ServerOperation::AckLeaseRwh,
        _ => ServerOperation::AckLeaseIllegal,
    }
}

fn with_this_lease(state: LeaseState) -> ServerOperation {
    match state {
        LeaseState::NONE => ServerOperation::CreateSameNone,
        LeaseState::R => ServerOperation::CreateSameR,
        LeaseState::RH => ServerOperation::CreateSameRh,
        LeaseState::RW => ServerOperation::CreateSameRw,
        LeaseState::RWH => ServerOperation::CreateSameRwh,
        _ => ServerOperation::CreateSameIllegal,
    }
}

fn open_state(open: &Open) -> ServerState {
    match (open.oplock, open.level) {
        (OplockState::Breaking { held: OplockLevel::II, .. }, _) => ServerState::IiToNone,
        (OplockState::Breaking { held: OplockLevel::EXCLUSIVE, notified }, _) => match notified {
            OplockLevel::II => ServerState::ExclusiveToTwo,
            _ => ServerState::ExclusiveToNone,
        },
        (OplockState::Breaking { notified: OplockLevel::II, .. }, _) => ServerState::BatchToTwo,
        (OplockState::Breaking { .. }, _) => ServerState::BatchToNone,
        (_, OplockLevel::II) => ServerState::Ii,
        (_, OplockLevel::EXCLUSIVE) => ServerState::Exclusive,
        (_, OplockLevel::BATCH) => ServerState::Batch,
        _ => ServerState::None,
    }
}

fn lease_state(lease: &Lease) -> ServerState {
    match (lease.state, lease.breaking, lease.break_to) {
        (LeaseState::RH, true, LeaseState::R) => ServerState::LeaseRhToR,
        (LeaseState::RH, true, _) => ServerState::LeaseRhToNone,
        (LeaseState::RW, true, LeaseState::R) => ServerState::LeaseRwToR,
        (LeaseState::RW, true, _) => ServerState::LeaseRwToNone,
        (LeaseState::RWH, true, LeaseState::RH) => ServerState::LeaseRwhToRh,
        (LeaseState::RWH, true, LeaseState::RW) => ServerState::LeaseRwhToRw,
        (LeaseState::RWH, true, _) => ServerState::LeaseRwhToNone,
        (LeaseState::R, ..) => ServerState::LeaseR,
        (LeaseState::RH, ..) => ServerState::LeaseRh,
        (LeaseState::RW, ..) => ServerState::LeaseRw,
        (LeaseState::RWH, ..) => ServerState::LeaseRwh,
        _ => ServerState::LeaseNone,
    }
}
