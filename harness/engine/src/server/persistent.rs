//! Persistent handles that wait for their clients: what others meet, and what their clients are told when they come back
//! (MS-SMB2 3.3.5.9 <301>, 3.3.4.7, 3.3.5.9.12).

use oplock_model::{Body, CallId, CreateAnswer, CreateOp, RuleId, Status};

use super::chain::{Chain, Related};
use super::lease::{Client, LeaseName};
use super::state::{OplockState, Server};
use super::timer::Timer;
use crate::choices::PersistentInTheWay;

impl Server {
    /// Deals with opens that have to give way before the local open, or that forbid it.
    pub(super) fn clear_the_way(
        &mut self,
        op: &CreateOp,
        client: Client,
        file: &str,
    ) -> Result<(), Status> {
        self.close_older_instance(op, client, file);
        let waits = |id: &u64| {
            let open = self.opens.get(id);
            open.is_some_and(|open| open.durability.persistent && open.session.is_none())
        };
        let waiting: Vec<u64> = self.names.of(file).filter(waits).collect();
        waiting.into_iter().try_for_each(|id| self.pass_persistent(id))
    }

    /// Answers a create that claimed an open, and tells the client what happened while it was away.
    pub(super) fn claimed(
        &mut self,
        call: CallId,
        claimed: Result<CreateAnswer, Status>,
        mut chain: Chain,
    ) {
        match claimed {
            Ok(answer) => {
                let file = answer.file;
                chain.related = Related::Open(file);
                self.reply(call, Status::SUCCESS, Body::Create(answer));
                self.tell_what_was_kept(file.persistent);
            }
            Err(status) => {
                chain.related = Related::Failed(status);
                self.reply(call, status, Body::Empty);
            }
        }
        self.go_on(chain);
    }

    /// Announces the break that runs for an open, or for its lease, and that nobody could be told of.
    pub(super) fn tell_what_was_kept(&mut self, id: u64) {
        let Some(open) = self.opens.get_mut(&id) else { return };
        let name = open.lease;
        if std::mem::take(&mut open.untold)
            && let OplockState::Breaking { notified, .. } = open.oplock
        {
            self.fire(RuleId::Smb2PersistentNoticeSent);
            self.tell_oplock(id, notified);
        }
        let untold = name
            .and_then(|name| self.leases.get_mut(&name))
            .is_some_and(|lease| std::mem::take(&mut lease.untold) && lease.breaking);
        if let Some(name) = name.filter(|_| untold) {
            self.fire(RuleId::Smb2PersistentNoticeSent);
            self.tell_lease(name, Status::SUCCESS);
        }
    }

    /// The last session that works on a lease is gone: a break of a persistent handle waits with it for the client.
    pub(super) fn hold_break_back(&mut self, name: LeaseName) {
        if self.is_connected(name) || !self.is_persistent(name) {
            return;
        }
        if let Some(lease) = self.leases.get_mut(&name).filter(|lease| lease.breaking) {
            lease.untold = true;
            self.timers.remove(&Timer::LeaseBreak(name));
        }
    }

    /// Whether a session works on any open of a lease.
    pub(super) fn is_connected(&self, name: LeaseName) -> bool {
        let Some(lease) = self.leases.get(&name) else { return false };
        let mut opens = lease.opens.iter().filter_map(|id| self.opens.get(id));
        opens.any(|open| open.session.is_some())
    }

    /// Whether any open of a lease is persistent.
    pub(super) fn is_persistent(&self, name: LeaseName) -> bool {
        let Some(lease) = self.leases.get(&name) else { return false };
        let mut opens = lease.opens.iter().filter_map(|id| self.opens.get(id));
        opens.any(|open| open.durability.persistent)
    }

    /// Whether another open of the file may go on although a persistent handle waits for its client.
    fn pass_persistent(&mut self, id: u64) -> Result<(), Status> {
        let Some(open) = self.opens.get(&id) else { return Ok(()) };
        let refused = if self.choices.persistent_in_the_way == PersistentInTheWay::NotAvailable
            || !self.keeps_handle(id)
        {
            RuleId::Smb2PersistentNotAvailable
        } else if self.is_locked_without_write(open) {
            RuleId::Smb2PersistentLocked
        } else {
            self.fire(RuleId::Smb2PersistentBreaks);
            return Ok(());
        };
        self.fire(refused);
        Err(Status::FILE_NOT_AVAILABLE)
    }
}
