//! Channels: one session on several connections (MS-SMB2 3.3.1.8 "Per Session", 3.3.5.5 "Receiving an SMB2 SESSION_SETUP
//! Request", 3.3.7.1 "Handling Loss of a Connection").

use oplock_model::{Body, CallId, ConnectionId, Durable, RuleId, Status, Tick};

use super::session::SessionId;
use super::state::{Call, Doing, Server};

impl Server {
    /// Binds a connection to the session that the connection `to` carries, in place of its own session. The answer comes
    /// from [`Server::poll`].
    pub fn bind(&mut self, now: Tick, call: CallId, connection: ConnectionId, to: ConnectionId) {
        self.advance(now);
        if !self.is_up(connection) {
            return;
        }
        let status = match self.check_bind(connection, to) {
            Ok(session) => {
                self.fire(RuleId::Smb2ChannelBound);
                self.join_session(connection, session);
                Status::SUCCESS
            }
            Err((rule, status)) => {
                self.fire(rule);
                status
            }
        };
        self.reply(call, status, Body::Empty);
        self.pump();
    }

    fn check_bind(
        &self,
        connection: ConnectionId,
        to: ConnectionId,
    ) -> Result<SessionId, (RuleId, Status)> {
        if !self.dialect.is_smb3() {
            return Err((RuleId::Smb2ChannelOldDialect, Status::REQUEST_NOT_ACCEPTED));
        }
        let known = self.session_of(to).and_then(|id| Some((id, self.sessions.get(&id)?)));
        let (Some((id, session)), Some(found)) = (known, self.connections.get(&connection)) else {
            return Err((RuleId::Smb2ChannelNoSession, Status::USER_SESSION_DELETED));
        };
        if session.client != found.client {
            Err((RuleId::Smb2ChannelOtherClient, Status::USER_SESSION_DELETED))
        } else if session.expired {
            Err((RuleId::Smb2ChannelExpired, Status::NETWORK_SESSION_EXPIRED))
        } else if session.channels.contains(&connection) {
            Err((RuleId::Smb2ChannelTwice, Status::REQUEST_NOT_ACCEPTED))
        } else if session.account != found.account {
            Err((RuleId::Smb2ChannelOtherUser, Status::ACCESS_DENIED))
        } else {
            Ok(id)
        }
    }

    fn join_session(&mut self, connection: ConnectionId, id: SessionId) {
        self.leave_session(connection);
        if let Some(found) = self.connections.get_mut(&connection) {
            found.session = Some(id);
        }
        if let Some(session) = self.sessions.get_mut(&id) {
            session.channels.push(connection);
        }
    }

    /// A connection carries its session no longer; the last one that leaves takes the session with it.
    pub(super) fn leave_session(&mut self, connection: ConnectionId) {
        let Some(found) = self.connections.get_mut(&connection) else { return };
        let left = found.session.take();
        let stands = left.and_then(|id| self.sessions.get_mut(&id)).is_some_and(|session| {
            session.channels.retain(|channel| *channel != connection);
            !session.channels.is_empty()
        });
        if stands {
            self.fire(RuleId::Smb2ChannelLost);
            self.leave_creates_waiting(connection, left);
        }
        let unheard = self.unheard.clone();
        self.forget_calls(|call| {
            let of_connection = call.chain.connection == connection && !unheard.contains(&call.id);
            of_connection || (!stands && left.is_some() && call.chain.session == left)
        });
        if let Some(id) = left.filter(|_| !stands) {
            self.fire(RuleId::Smb2SessionLost);
            self.end_session(id);
        }
    }

    /// Creates that can be replayed on another channel go on; what follows in their compounds does not.
    fn leave_creates_waiting(&mut self, connection: ConnectionId, session: Option<SessionId>) {
        let waiting = self
            .calls
            .values_mut()
            .filter(|call| call.chain.connection == connection && call.chain.session == session);
        let mut unheard = Vec::new();
        for call in waiting.filter(|call| call.create_guid().is_some()) {
            call.chain.cut();
            unheard.push(call.id);
        }
        if !unheard.is_empty() {
            self.fire(RuleId::Smb2ChannelCreateGoesOn);
        }
        self.unheard.extend(unheard);
    }
}

impl Call {
    /// The CreateGuid of a create that waits.
    pub(super) fn create_guid(&self) -> Option<[u8; 16]> {
        let Doing::Create { op, .. } = &self.doing else { return None };
        match op.durable {
            Some(Durable::RequestV2 { guid, .. }) => Some(guid),
            _ => None,
        }
    }
}
