//! Requests of one connection in the order they came, and compounds of them (MS-SMB2 3.3.5.2.7 "Handling Compounded
//! Requests").

use std::collections::VecDeque;

use oplock_model::{Body, CallId, ConnectionId, FileId, Op, RuleId, Status};

use super::session::SessionId;
use super::state::Server;
use crate::store::OpenId;

/// What is left of one compound; a single request is a compound of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Chain {
    pub(super) connection: ConnectionId,
    /// The session that the request under way belongs to.
    pub(super) session: Option<SessionId>,
    pub(super) related: Related,
    rest: VecDeque<(CallId, Op)>,
}

/// What a related request of the compound works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Related {
    /// Nothing stands before it.
    First,
    /// The request before it neither named nor made an open.
    Nothing,
    /// The open of the request before it.
    Open(FileId),
    /// The create before it failed, and so does what relates to it.
    Failed(Status),
}

impl Chain {
    /// Drops what is left, where nobody hears the answers.
    pub(super) fn cut(&mut self) {
        self.rest.clear();
    }
}

impl Server {
    /// Takes in what one connection sent at once: the requests of an unrelated compound stand for themselves.
    pub(super) fn take_in(&mut self, connection: ConnectionId, ops: Vec<(CallId, Op)>) {
        let chain = |rest| Chain { connection, session: None, related: Related::First, rest };
        let related = ops.iter().skip(1).any(|(_, op)| op.file() == Some(FileId::RELATED));
        match (related, ops.len()) {
            (true, _) => self.fire(RuleId::Smb2CompoundRelated),
            (false, 0 | 1) => {}
            (false, _) => {
                self.fire(RuleId::Smb2CompoundUnrelated);
                self.ready.extend(ops.into_iter().map(|one| chain(VecDeque::from([one]))));
                return;
            }
        }
        self.ready.push_back(chain(ops.into()));
    }

    /// Runs a chain up to its end or to the first request that the store has to finish.
    pub(super) fn step(&mut self, mut chain: Chain) {
        let Some((call, op)) = chain.rest.pop_front() else { return };
        let at_transport = matches!(op, Op::Connect | Op::Disconnect);
        if !self.is_up(chain.connection) && !at_transport {
            return;
        }
        chain.session = self.session_of(chain.connection);
        if op.file().is_none() {
            chain.related = Related::Nothing;
        }
        if let Err(status) = self.admit(chain.connection, &op) {
            self.reply(call, status, Body::Empty);
            return self.go_on(chain);
        }
        match op {
            Op::Create(op) => return self.create(call, op, chain),
            Op::Close { file } => match self.find(&mut chain, file) {
                Ok((id, _)) => return self.close(call, id, chain),
                Err(status) => self.reply(call, status, Body::Empty),
            },
            Op::OplockAck { file, level } => match self.resolve(&mut chain, file) {
                Ok(file) => self.ack_oplock(call, chain.connection, file, level),
                Err(status) => self.reply(call, status, Body::Empty),
            },
            Op::LeaseAck { key, state } => self.ack_lease(call, chain.connection, key, state),
            Op::Cancel { call: of } => self.cancel(chain.connection, of),
            Op::Raw { command, body } => self.raw(call, chain.connection, command, &body),
            Op::LogOff => self.log_off(call, chain.connection),
            Op::TreeDisconnect => self.disconnect_tree(call, chain.connection),
            Op::Disconnect => self.drop_by_client(call, chain.connection),
            Op::Connect => self.connect_again(call, chain.connection),
            Op::Fence => self.reply(call, Status::SUCCESS, Body::Empty),
            op => return self.operate(call, op, chain),
        }
        self.go_on(chain);
    }

    /// Lets a chain go on with what is left of it, ahead of what came later.
    pub(super) fn go_on(&mut self, chain: Chain) {
        self.ready.push_front(chain);
    }

    /// The open that a request on a connection means: FileIds count within their session only.
    pub(super) fn find(
        &mut self,
        chain: &mut Chain,
        file: FileId,
    ) -> Result<(u64, OpenId), Status> {
        let file = self.resolve(chain, file)?;
        let found = self.open_of(chain.connection, file);
        match found {
            Some((id, _)) => self.end_replay(id, RuleId::Smb2ReplayLostByOperation),
            None => self.fire(RuleId::Smb2OperationFileClosed),
        }
        found.ok_or(Status::FILE_CLOSED)
    }

    /// The open of that name in the session of a connection.
    pub(super) fn open_of(&self, connection: ConnectionId, file: FileId) -> Option<(u64, OpenId)> {
        let session = self.session_of(connection)?;
        let open = self.opens.get(&file.persistent)?;
        (open.file == file && open.session == Some(session))
            .then_some((file.persistent, open.store))
    }

    /// The open that a request names or relates to.
    fn resolve(&mut self, chain: &mut Chain, file: FileId) -> Result<FileId, Status> {
        match chain.related {
            Related::Nothing if file == FileId::RELATED => {
                self.fire(RuleId::Smb2CompoundNothingBefore);
                Err(Status::INVALID_HANDLE)
            }
            Related::Failed(status) if file == FileId::RELATED => {
                self.fire(RuleId::Smb2CompoundFailedBefore);
                Err(status)
            }
            Related::Open(before) if file == FileId::RELATED => Ok(before),
            _ => {
                chain.related = Related::Open(file);
                Ok(file)
            }
        }
    }
}
