//! Connections and sessions with their tree connect: how they come, what they admit, how they end (MS-SMB2 3.3.1.7 "Per
//! Connection", 3.3.1.8 "Per Session", 3.3.5.2.9 "Verifying the Session", 3.3.5.6 "Receiving an SMB2 LOGOFF Request").

use oplock_model::{Body, CallId, ConnectionId, Event, Op, RuleId, Status, Tick};

use super::lease::Client;
use super::state::{Call, Doing, Open, Server};
use crate::coverage::ServerOperation;

/// OPLOCK_BREAK (MS-SMB2 2.2.1.2).
pub(super) const OPLOCK_BREAK: u16 = 0x0012;
/// NEGOTIATE, SESSION_SETUP and ECHO, which ask for no session.
const WITHOUT_SESSION: [u16; 3] = [0x0000, 0x0001, 0x000D];

/// A session, by the place in the order in which sessions were set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SessionId(pub(super) u64);

/// A transport connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Connection {
    /// Connection.ClientGuid.
    pub(super) client: Client,
    /// Who logs in on it.
    pub(super) account: u32,
    /// The cluster node that it goes to.
    pub(super) node: u32,
    /// Whether it stands.
    pub(super) up: bool,
    /// When it came up, in the order of arrivals.
    pub(super) since: u64,
    /// The session that it carries.
    pub(super) session: Option<SessionId>,
}

/// A session and its one tree connect.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Session {
    /// The client whose connections carry it.
    pub(super) client: Client,
    /// Who logged in.
    pub(super) account: u32,
    /// Session.ChannelList, the oldest first.
    pub(super) channels: Vec<ConnectionId>,
    /// Whether the tree is connected.
    pub(super) tree: bool,
    /// Session.State Expired.
    pub(super) expired: bool,
}

impl Server {
    /// Opens a connection of the client with this number and logs the account in, with a session and a tree. A connection
    /// that was opened before stays as it is.
    pub fn connect(&mut self, connection: ConnectionId, client: u32, account: u32) {
        if self.connections.contains_key(&connection) {
            return;
        }
        let client = Client(client);
        let new = Connection { client, account, node: 1, up: false, since: 0, session: None };
        self.connections.insert(connection, new);
        self.set_up(connection);
    }

    /// Says to which node of its cluster a connection goes, from 1, which is where all go that nothing is said of.
    pub fn place(&mut self, connection: ConnectionId, node: u32) {
        if let Some(found) = self.connections.get_mut(&connection) {
            found.node = node;
        }
    }

    /// A connection is gone without a word, and with it every call that waits on it.
    pub fn disconnect(&mut self, now: Tick, connection: ConnectionId) {
        self.advance(now);
        self.drop_connection(connection);
        self.pump();
    }

    /// Lets the session of a connection expire, until the client logs in anew.
    pub fn expire_session(&mut self, connection: ConnectionId) {
        let session = self.session_of(connection);
        if let Some(session) = session.and_then(|id| self.sessions.get_mut(&id)) {
            session.expired = true;
        }
    }

    /// Drops every connection and closes every open, also those that are kept for their clients.
    pub fn shut_down(&mut self, now: Tick) {
        self.advance(now);
        let connections: Vec<ConnectionId> = self.connections.keys().copied().collect();
        for connection in connections {
            self.drop_connection(connection);
        }
        while let Some(id) = self.opens.keys().next().copied() {
            self.close_open(id);
        }
        self.pump();
    }

    /// Whether a connection stands.
    pub(super) fn is_up(&self, connection: ConnectionId) -> bool {
        self.connections.get(&connection).is_some_and(|found| found.up)
    }

    /// The session that a connection carries.
    pub(super) fn session_of(&self, connection: ConnectionId) -> Option<SessionId> {
        self.connections.get(&connection)?.session
    }

    /// Whether a request may be looked at at all: the first rows of every table of checks.
    pub(super) fn admit(&mut self, connection: ConnectionId, op: &Op) -> Result<(), Status> {
        let is_acknowledgement = match op {
            Op::Connect | Op::Disconnect | Op::Bind { .. } | Op::Fence | Op::Cancel { .. } => {
                return Ok(());
            }
            Op::Raw { command, .. } if WITHOUT_SESSION.contains(command) => return Ok(()),
            Op::OplockAck { .. } | Op::LeaseAck { .. } => true,
            Op::Raw { command, .. } => *command == OPLOCK_BREAK,
            _ => false,
        };
        let outlives_login =
            matches!(op, Op::LogOff | Op::Close { .. } | Op::Lock { .. } | Op::Unlock { .. });
        let session = self.session_of(connection).and_then(|id| self.sessions.get(&id));
        let (acknowledgement, other, status) = match session {
            None => (
                RuleId::Smb2AckSessionDeleted,
                RuleId::Smb2SessionDeleted,
                Status::USER_SESSION_DELETED,
            ),
            Some(session) if session.expired && !outlives_login => (
                RuleId::Smb2AckSessionExpired,
                RuleId::Smb2SessionExpired,
                Status::NETWORK_SESSION_EXPIRED,
            ),
            Some(session) if !session.tree && *op != Op::LogOff => (
                RuleId::Smb2AckTreeDeleted,
                RuleId::Smb2SessionTreeDeleted,
                Status::NETWORK_NAME_DELETED,
            ),
            Some(_) => return Ok(()),
        };
        self.fire(if is_acknowledgement { acknowledgement } else { other });
        Err(status)
    }

    /// LOGOFF.
    pub(super) fn log_off(&mut self, call: CallId, connection: ConnectionId) {
        if let Some(session) = self.session_of(connection) {
            self.fire(RuleId::Smb2SessionLogOff);
            self.cancel_calls_of(session);
            self.note_session(session, ServerOperation::LogOff);
            let kept = self.end_session(session);
            if kept {
                self.fire(RuleId::Smb2DurableLogOff);
            }
        }
        self.reply(call, Status::SUCCESS, Body::Empty);
    }

    /// TREE_DISCONNECT.
    pub(super) fn disconnect_tree(&mut self, call: CallId, connection: ConnectionId) {
        if let Some(id) = self.session_of(connection) {
            self.fire(RuleId::Smb2SessionTreeDisconnect);
            self.cancel_calls_of(id);
            if let Some(session) = self.sessions.get_mut(&id) {
                session.tree = false;
            }
            self.note_session(id, ServerOperation::TreeDisconnect);
            for open in self.opens_of(id) {
                self.close_open(open);
            }
        }
        self.reply(call, Status::SUCCESS, Body::Empty);
    }

    /// The client drops its connection.
    pub(super) fn drop_by_client(&mut self, call: CallId, connection: ConnectionId) {
        self.reply(call, Status::SUCCESS, Body::Empty);
        self.drop_connection(connection);
    }

    /// The client comes back, or logs in anew, with a new session and a new tree.
    pub(super) fn connect_again(&mut self, call: CallId, connection: ConnectionId) {
        if self.session_of(connection).is_some() {
            self.fire(RuleId::Smb2SessionReplaced);
        }
        self.leave_session(connection);
        self.set_up(connection);
        self.reply(call, Status::SUCCESS, Body::Empty);
    }

    /// Ends a session; whether any of its opens is kept.
    pub(super) fn end_session(&mut self, id: SessionId) -> bool {
        self.sessions.remove(&id);
        for connection in self.connections.values_mut() {
            if connection.session == Some(id) {
                connection.session = None;
            }
        }
        let mut kept = false;
        for open in self.opens_of(id) {
            if self.is_kept(open) {
                kept = true;
                self.part(open);
            } else {
                self.close_open(open);
            }
        }
        kept
    }

    /// A connection that stands gets a session and a tree of its own.
    fn set_up(&mut self, connection: ConnectionId) {
        self.arrivals += 1;
        let (id, since) = (SessionId(self.arrivals), self.arrivals);
        let Some(found) = self.connections.get_mut(&connection) else { return };
        found.up = true;
        found.since = since;
        found.session = Some(id);
        let (client, account) = (found.client, found.account);
        let channels = vec![connection];
        self.sessions.insert(id, Session { client, account, channels, tree: true, expired: false });
    }

    /// A connection is gone.
    pub(super) fn drop_connection(&mut self, connection: ConnectionId) {
        let Some(found) = self.connections.get_mut(&connection).filter(|found| found.up) else {
            return;
        };
        found.up = false;
        if let Some(session) = found.session {
            self.note_session(session, ServerOperation::Disconnect);
        }
        self.tell(Event::Gone { connection });
        self.leave_session(connection);
    }

    pub(super) fn opens_of(&self, session: SessionId) -> Vec<u64> {
        let of_session = |open: &Open| open.session == Some(session);
        self.opens.iter().filter(|(_, open)| of_session(open)).map(|(id, _)| *id).collect()
    }

    /// Calls of a session that ends by the client's own wish are answered as cancelled.
    fn cancel_calls_of(&mut self, session: SessionId) {
        let tickets: Vec<_> = self
            .calls
            .iter()
            .filter(|(_, call)| call.chain.session == Some(session))
            .map(|(ticket, _)| *ticket)
            .collect();
        for ticket in tickets {
            self.store.cancel(ticket);
        }
    }

    /// Takes calls back that nobody waits for any more.
    pub(super) fn forget_calls(&mut self, gone: impl Fn(&Call) -> bool) {
        let (forgotten, kept) =
            std::mem::take(&mut self.calls).into_iter().partition(|(_, call)| gone(call));
        self.calls = kept;
        for (ticket, call) in forgotten {
            self.unheard.remove(&call.id);
            self.store.cancel(ticket);
            if let Doing::Create { lease, .. } = call.doing {
                self.drop_lease_if_over(lease);
            }
        }
    }
}
