//! Requests on an open, through to the object store: READ, WRITE, FLUSH, QUERY_INFO, QUERY_DIRECTORY and SET_INFO
//! (MS-SMB2 3.3.5.11 to 3.3.5.21), and the answers to all that the store finishes.

use oplock_model::{Body, CallId, Event, FileId, Op, RuleId, SetInfo, Status};

use super::chain::Chain;
use super::state::{Call, Doing, Server};
use crate::store::{OpenId, Store, Ticket};

impl Server {
    /// Hands a request on an open to the store; its answer comes with [`Server::done`].
    pub(super) fn operate(&mut self, call: CallId, op: Op, chain: Chain) {
        match op {
            Op::Read { file, offset, length } => {
                self.start(call, chain, file, Doing::Transfer, |store, ticket, open| {
                    store.read(ticket, open, offset, length);
                });
            }
            Op::Write { file, offset, length } => {
                self.start(call, chain, file, Doing::Transfer, |store, ticket, open| {
                    store.write(ticket, open, offset, length);
                });
            }
            Op::Flush { file } => {
                self.start(call, chain, file, Doing::Plain, Store::flush);
            }
            Op::Query { file, info } => {
                self.start(call, chain, file, Doing::Plain, |store, ticket, open| {
                    store.query(ticket, open, info);
                });
            }
            Op::QueryDirectory { file, .. } => {
                self.start(call, chain, file, Doing::Plain, Store::query_directory);
            }
            Op::Set { file, info } => self.set(call, chain, file, &info),
            Op::Lock { file, ranges, fail_immediately } => {
                self.lock(call, chain, file, ranges, fail_immediately);
            }
            Op::Unlock { file, ranges } => self.unlock(call, chain, file, ranges),
            Op::Control { file, control } => self.control(call, chain, file, &control),
            Op::Request { .. } | Op::Ack { .. } | Op::BreakNotify { .. } => {
                self.fire(RuleId::Smb2IoctlOplockControlRefused);
                self.answer(call, Status::NOT_SUPPORTED, chain);
            }
            _ => {
                self.fire(RuleId::Smb2OperationLocalOnly);
                self.answer(call, Status::NOT_SUPPORTED, chain);
            }
        }
    }

    /// A call ended in the store.
    pub(super) fn done(&mut self, ticket: Ticket, status: Status, count: u32) {
        let Some(Call { id, doing, chain }) = self.calls.remove(&ticket) else { return };
        let body = match doing {
            Doing::Transfer if !status.is_error() => Body::Count(count),
            Doing::Lock(locking) => return self.locked(id, chain, locking, status),
            Doing::Rename { open, to } if !status.is_error() => {
                self.renamed(open, &to);
                Body::Empty
            }
            _ => Body::Empty,
        };
        self.reply(id, status, body);
        self.go_on(chain);
    }

    /// Says that a call waits, where it is one that gets an interim (MS-SMB2 3.3.4.2, <240>).
    pub(super) fn interim(&mut self, ticket: Ticket) {
        let Some(call) = self.calls.get_mut(&ticket) else { return };
        let rule = match &mut call.doing {
            Doing::Create { .. } => RuleId::Smb2CreateInterim,
            Doing::Lock(locking) => {
                if locking.has_interim() {
                    return;
                }
                RuleId::Smb2OperationInterim
            }
            Doing::CopyChunk => RuleId::Smb2OperationInterim,
            Doing::Transfer | Doing::Plain | Doing::Rename { .. } => {
                return self.fire(RuleId::Smb2OperationWithoutInterim);
            }
        };
        let call = call.id;
        self.fire(rule);
        self.tell(Event::Interim { call });
    }

    /// Answers a call of a chain without the store, and lets the chain go on.
    pub(super) fn answer(&mut self, call: CallId, status: Status, chain: Chain) {
        self.reply(call, status, Body::Empty);
        self.go_on(chain);
    }

    /// Starts a call on an open in the store.
    pub(super) fn start(
        &mut self,
        id: CallId,
        mut chain: Chain,
        file: FileId,
        doing: Doing,
        run: impl FnOnce(&mut Store, Ticket, OpenId),
    ) {
        match self.find(&mut chain, file) {
            Ok((_, open)) => self.call_store(Call { id, doing, chain }, open, run),
            Err(status) => self.answer(id, status, chain),
        }
    }

    /// One call into the store on behalf of a request.
    pub(super) fn call_store(
        &mut self,
        call: Call,
        open: OpenId,
        run: impl FnOnce(&mut Store, Ticket, OpenId),
    ) {
        let ticket = self.ticket();
        self.calls.insert(ticket, call);
        run(&mut self.store, ticket, open);
    }

    /// SET_INFO (MS-SMB2 3.3.5.21).
    fn set(&mut self, id: CallId, mut chain: Chain, file: FileId, info: &SetInfo) {
        let (open, store) = match self.find(&mut chain, file) {
            Ok(found) => found,
            Err(status) => return self.answer(id, status, chain),
        };
        let doing = match info {
            SetInfo::Rename { to, .. } | SetInfo::RenameEx { to, .. } => {
                Doing::Rename { open, to: to.clone() }
            }
            _ => Doing::Plain,
        };
        self.call_store(Call { id, doing, chain }, store, |store, ticket, open| {
            store.set_info(ticket, open, info);
        });
    }
}
