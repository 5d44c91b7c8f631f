//! The end of opens and leases (MS-SMB2 3.3.4.17 "Server Application Requests Closing an Open").

use oplock_model::{Body, CallId, RuleId, Status};

use super::chain::Chain;
use super::lease::LeaseName;
use super::state::{Call, Doing, Holder, Server};
use super::timer::Timer;
use crate::coverage::ServerOperation;
use crate::store::{Indication, Ticket};

impl Server {
    /// CLOSE.
    pub(super) fn close(&mut self, call: CallId, id: u64, chain: Chain) {
        self.note_open(id, ServerOperation::Close);
        let Some((ticket, lease)) = self.close_in_store(id) else {
            self.reply(call, Status::FILE_CLOSED, Body::Empty);
            self.go_on(chain);
            return;
        };
        let ended = self.take(|indication| match indication {
            Indication::Done { ticket: of, status, .. } if *of == ticket => Some(*status),
            _ => None,
        });
        match ended {
            Some(status) => {
                self.reply(call, status, Body::Empty);
                self.go_on(chain);
            }
            None => {
                self.calls.insert(ticket, Call { id: call, doing: Doing::Plain, chain });
            }
        }
        self.leave_lease(lease, id);
    }

    /// Closes an open in the server's own name.
    pub(super) fn close_open(&mut self, id: u64) {
        if let Some((_, lease)) = self.close_in_store(id) {
            self.leave_lease(lease, id);
        }
    }

    /// A lease that has neither opens nor creates on their way is no longer known.
    pub(super) fn drop_lease_if_over(&mut self, name: Option<LeaseName>) {
        let Some(name) = name else { return };
        let on_its_way = self
            .calls
            .values()
            .any(|call| matches!(&call.doing, Doing::Create { lease, .. } if *lease == Some(name)));
        if !on_its_way && self.leases.get(&name).is_some_and(|lease| lease.opens.is_empty()) {
            self.leases.remove(&name);
        }
    }

    fn close_in_store(&mut self, id: u64) -> Option<(Ticket, Option<LeaseName>)> {
        let open = self.opens.remove(&id)?;
        self.names.remove(&open.name, id);
        self.timers.remove(&Timer::OplockBreak(id));
        self.timers.remove(&Timer::Scavenger(id));
        self.requests.forget(Holder::Open(id));
        let lease = open.lease.and_then(|name| self.leases.get(&name));
        if let Some(internal) = lease.and_then(|lease| lease.internal) {
            // The last of both opens to close removes a deleted file: in the name of the client's.
            self.store.take_parent_key(internal, open.store);
        }
        let ticket = self.ticket();
        self.store.close(ticket, open.store);
        Some((ticket, open.lease))
    }

    /// The lease ends with its last open; closing the internal open settles a break that still runs.
    fn leave_lease(&mut self, name: Option<LeaseName>, id: u64) {
        let Some(name) = name else { return };
        let Some(lease) = self.leases.get_mut(&name) else { return };
        lease.opens.remove(&id);
        if !lease.opens.is_empty() {
            let untold = lease.untold;
            self.fire(RuleId::Smb2LeaseCloseKeepsLease);
            if untold && !self.is_persistent(name) {
                self.settle_lease(name);
            }
            return;
        }
        let (breaking, internal) = (lease.breaking, lease.internal);
        self.leases.remove(&name);
        self.timers.remove(&Timer::LeaseBreak(name));
        self.fire(RuleId::Smb2LeaseEndsWithLastOpen);
        if breaking {
            self.fire(RuleId::Smb2LeaseCloseEndsBreak);
        }
        if let Some(internal) = internal {
            let ticket = self.ticket();
            self.store.close(ticket, internal);
        }
    }
}
