//! Where break notifications go, and what becomes of those that cannot go anywhere (MS-SMB2 3.3.4.6 "Object Store
//! Indicates an Oplock Break", 3.3.4.7 "Object Store Indicates a Lease Break"; the table of spec/05 section 5).

use oplock_model::{
    AckForm, BreakNotice, ConnectionId, Event, LeaseState, OplockLevel, RuleId, Status,
};

use super::lease::{Client, LeaseName};
use super::state::{OplockState, Server};
use super::timer::Timer;
use crate::choices::{
    DisconnectedRwh, FollowUpEpoch, OplockChannel, PersistentOplockBreak, ServerCloseNotice,
};

impl Server {
    /// The client of a connection.
    pub(super) fn client_of(&self, connection: ConnectionId) -> Option<Client> {
        self.connections.get(&connection).map(|found| found.client)
    }

    /// The connection that an oplock break of an open goes out on.
    pub(super) fn oplock_route(&mut self, id: u64) -> Option<ConnectionId> {
        let open = self.opens.get(&id)?;
        let (own, session) = (open.connection, self.sessions.get(&open.session?)?);
        let (rule, route) = match self.choices.oplock_channel {
            _ if !self.dialect.is_smb3() => (RuleId::Smb2NotifyOplockOwnConnection, Some(own)),
            OplockChannel::First => {
                (RuleId::Smb2NotifyOplockFirstChannel, session.channels.first().copied())
            }
            OplockChannel::Newest => {
                (RuleId::Smb2NotifyOplockNewestChannel, session.channels.last().copied())
            }
        };
        self.fire(rule);
        route
    }

    /// The connection that a break of a lease goes out on: the oldest of its client, while any session works on the lease.
    pub(super) fn lease_route(&self, name: LeaseName) -> Option<ConnectionId> {
        if !self.is_connected(name) {
            return None;
        }
        let of_client =
            self.connections.iter().filter(|(_, found)| found.up && found.client == name.client);
        of_client.min_by_key(|(_, found)| found.since).map(|(connection, _)| *connection)
    }

    /// Announces the oplock break of an open, and starts its timer.
    pub(super) fn tell_oplock(&mut self, id: u64, level: OplockLevel) {
        let Some(connection) = self.oplock_route(id) else { return };
        let Some(file) = self.opens.get(&id).map(|open| open.file) else { return };
        self.arm(Timer::OplockBreak(id));
        self.tell(Event::Break(BreakNotice::Oplock { connection, file, level }));
    }

    /// Announces the break that a lease is in, and starts its timer where an acknowledgement is owed.
    pub(super) fn tell_lease(&mut self, name: LeaseName, status: Status) {
        let Some(connection) = self.lease_route(name) else { return };
        let Some(lease) = self.leases.get_mut(&name) else { return };
        lease.notified_on = Some(connection);
        let owed = lease.breaking && status == Status::SUCCESS;
        let notice = BreakNotice::Lease {
            connection,
            key: name.key,
            current: lease.state,
            new: lease.break_to,
            flags: if owed { BreakNotice::ACK_REQUIRED } else { 0 },
            epoch: lease.notified_epoch(),
            status,
        };
        self.fire(RuleId::Smb2NotifyLeaseFirstConnection);
        if owed {
            self.arm(Timer::LeaseBreak(name));
        }
        self.tell(Event::Break(notice));
    }

    /// An oplock break of an open whose client is away.
    pub(super) fn oplock_undeliverable(&mut self, id: u64) {
        let Some(open) = self.opens.get_mut(&id) else { return };
        let OplockState::Breaking { held, .. } = open.oplock else { return };
        let (store, durability) = (open.store, &open.durability);
        let kept = self.choices.persistent_oplock_break == PersistentOplockBreak::Kept;
        if durability.persistent && kept && held != OplockLevel::II {
            open.untold = true;
            self.fire(RuleId::Smb2PersistentOplockKept);
            return;
        }
        let stays = durability.resilient.is_some() || (durability.persistent && kept);
        open.level = OplockLevel::NONE;
        open.oplock = OplockState::None;
        // After II -> NONE the store waits for nothing.
        if held != OplockLevel::II {
            self.complete(store, AckForm::NoLevelTwo);
        }
        if stays {
            self.fire(RuleId::Smb2NotifyOplockSettled);
        } else {
            self.fire(RuleId::Smb2NotifyOplockUndeliverable);
            self.close_open(id);
        }
    }

    /// A break to `new` of a lease whose client is away.
    pub(super) fn lease_undeliverable(&mut self, name: LeaseName, new: LeaseState) {
        let opens = self.leases.get(&name).map(|lease| lease.opens.clone()).unwrap_or_default();
        for id in opens {
            if self.gives_way(id, new) {
                self.fire(RuleId::Smb2NotifyLeaseUndeliverable);
                self.close_open(id);
            }
        }
        let persistent = self.is_persistent(name);
        let Some(lease) = self.leases.get_mut(&name) else {
            // With its last open the lease is gone, and with its oplock the break.
            return self.fire(RuleId::Smb2NotifyLeaseWithoutOpens);
        };
        if persistent && lease.state != LeaseState::R {
            lease.breaking = true;
            lease.break_to = new;
            lease.untold = true;
            lease.timed_out = false;
            lease.raise_epoch();
            self.fire(RuleId::Smb2PersistentNoticeKept);
            return;
        }
        self.fire(RuleId::Smb2NotifyLeaseSettled);
        self.settle_lease(name);
    }

    /// Ends whatever break a lease is in with nothing left of it.
    pub(super) fn settle_lease(&mut self, name: LeaseName) {
        let Some(lease) = self.leases.get_mut(&name) else { return };
        lease.state = LeaseState::NONE;
        lease.break_to = LeaseState::NONE;
        lease.breaking = false;
        lease.untold = false;
        let internal = lease.internal;
        self.timers.remove(&Timer::LeaseBreak(name));
        if let Some(internal) = internal.filter(|open| self.store.breaking(*open).is_some()) {
            self.complete(internal, AckForm::Granular(LeaseState::NONE));
        }
    }

    /// The server closes an open that its client did not ask to close.
    pub(super) fn close_by_server(&mut self, id: u64) {
        let name = self.opens.get(&id).and_then(|open| open.lease);
        let last = name
            .and_then(|name| self.leases.get(&name))
            .is_some_and(|lease| lease.opens.len() == 1 && lease.state != LeaseState::NONE);
        let told = self.choices.server_close_notice == ServerCloseNotice::Sent;
        if let Some(name) = name.filter(|name| last && told && self.lease_route(*name).is_some()) {
            self.tell_end(name);
        }
        self.close_open(id);
    }

    /// Tells a client that the server has closed the last open of its lease (MS-SMB2 <248>).
    fn tell_end(&mut self, name: LeaseName) {
        let unchanged = self.choices.follow_up_epoch == FollowUpEpoch::Unchanged;
        let Some(lease) = self.leases.get_mut(&name) else { return };
        if !unchanged {
            lease.raise_epoch();
        }
        lease.break_to = LeaseState::NONE;
        self.fire(RuleId::Smb2NotifyServerClose);
        self.tell_lease(name, Status::FILE_CLOSED);
    }

    /// Whether an open has to give way to a break to `new` that its client cannot be told of.
    fn gives_way(&mut self, id: u64, new: LeaseState) -> bool {
        let Some(open) = self.opens.get(&id) else { return false };
        if open.durability.persistent || open.durability.resilient.is_some() {
            return false;
        }
        let keeps_handle = new.contains(LeaseState::H);
        let (rule, closes) = match self.choices.disconnected_rwh {
            _ if !keeps_handle => (RuleId::Smb2NotifyLeaseDurableClosed, true),
            DisconnectedRwh::Closed => (RuleId::Smb2NotifyLeaseRwhClosed, true),
            DisconnectedRwh::Kept => (RuleId::Smb2NotifyLeaseRwhKept, false),
        };
        self.fire(rule);
        closes
    }
}
