//! Requests of one connection in the order they came, and compounds of them (MS-SMB2 3.3.5.2.7 "Handling Compounded
//! Requests").

use std::collections::VecDeque;

use oplock_model::{Body, CallId, ConnectionId, FileId, Op, RuleId, Status};

use super::state::{Call, Doing, Server};
use crate::store::OpenId;

/// What is left of one compound; a single request is a compound of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Chain {
    pub(super) connection: ConnectionId,
    pub(super) related: Related,
    rest: VecDeque<(CallId, Op)>,
}

/// What a related request of the compound works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Related {
    /// No earlier request named an open.
    Nothing,
    /// The open of the request before it.
    Open(FileId),
    /// The create before it failed, and so does what relates to it.
    Failed(Status),
}

impl Chain {
    pub(super) fn new(connection: ConnectionId, ops: Vec<(CallId, Op)>) -> Chain {
        Chain { connection, related: Related::Nothing, rest: ops.into() }
    }

    /// The open that a request means.
    fn resolve(&mut self, file: FileId) -> Result<FileId, Status> {
        if file != FileId::RELATED {
            self.related = Related::Open(file);
            return Ok(file);
        }
        match self.related {
            Related::Nothing => Err(Status::INVALID_PARAMETER),
            Related::Open(file) => Ok(file),
            Related::Failed(status) => Err(status),
        }
    }
}

impl Server {
    /// Runs a chain up to its end or to the first request that the store has to finish.
    pub(super) fn step(&mut self, mut chain: Chain) {
        let Some((call, op)) = chain.rest.pop_front() else { return };
        if !self.connections.contains_key(&chain.connection) {
            return;
        }
        match op {
            Op::Create(op) => return self.create(call, op, chain),
            Op::Close { file } => match self.find(&mut chain, file) {
                Ok((id, _)) => return self.close(call, id, chain),
                Err(status) => self.reply(call, status, Body::Empty),
            },
            Op::Read { file, offset, length } => match self.find(&mut chain, file) {
                Ok((_, open)) => {
                    let ticket = self.ticket();
                    self.calls.insert(ticket, Call { id: call, doing: Doing::Transfer, chain });
                    return self.store.read(ticket, open, offset, length);
                }
                Err(status) => self.reply(call, status, Body::Empty),
            },
            Op::Write { file, offset, length } => match self.find(&mut chain, file) {
                Ok((_, open)) => {
                    let ticket = self.ticket();
                    self.calls.insert(ticket, Call { id: call, doing: Doing::Transfer, chain });
                    return self.store.write(ticket, open, offset, length);
                }
                Err(status) => self.reply(call, status, Body::Empty),
            },
            Op::Query { file, .. } => match self.find(&mut chain, file) {
                Ok((_, open)) => {
                    let ticket = self.ticket();
                    self.calls.insert(ticket, Call { id: call, doing: Doing::Plain, chain });
                    return self.store.query_basic(ticket, open);
                }
                Err(status) => self.reply(call, status, Body::Empty),
            },
            Op::OplockAck { file, level } => match chain.resolve(file) {
                Ok(file) => self.ack_oplock(call, chain.connection, file, level),
                Err(status) => self.reply(call, status, Body::Empty),
            },
            Op::LeaseAck { key, state } => self.ack_lease(call, chain.connection, key, state),
            Op::Fence => self.reply(call, Status::SUCCESS, Body::Empty),
            _ => {
                self.fire(RuleId::Smb2IoctlOplockControlRefused);
                self.reply(call, Status::NOT_SUPPORTED, Body::Empty);
            }
        }
        self.ready.push_back(chain);
    }

    /// The open that a request on a connection means: FileIds count within their session only.
    fn find(&self, chain: &mut Chain, file: FileId) -> Result<(u64, OpenId), Status> {
        let file = chain.resolve(file)?;
        self.opens
            .get(&file.volatile)
            .filter(|open| open.file == file && open.connection == chain.connection)
            .map(|open| (file.volatile, open.store))
            .ok_or(Status::FILE_CLOSED)
    }
}
