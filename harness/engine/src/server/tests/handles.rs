//! What the tests of handles that outlive their connections have in common.

use oplock_model::{Durable, ShareKind};

use super::*;

/// A further connection of client 1, logged in as account 2.
pub(super) const A_OTHER_USER: ConnectionId = ConnectionId(3);

/// A server whose share is continuously available.
pub(super) fn available(choices: Choices) -> Play {
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    play.server.set_share(ShareKind::ContinuouslyAvailable);
    play
}

/// The CreateGuid with that byte throughout.
pub(super) fn guid(byte: u8) -> [u8; 16] {
    [byte; 16]
}

pub(super) fn durable_v1(op: CreateOp) -> CreateOp {
    CreateOp { durable: Some(Durable::RequestV1), ..op }
}

pub(super) fn durable_v2(op: CreateOp) -> CreateOp {
    durable_for(op, 0)
}

pub(super) fn durable_for(op: CreateOp, timeout: u32) -> CreateOp {
    let durable = Durable::RequestV2 { guid: guid(1), timeout, persistent: false };
    CreateOp { durable: Some(durable), ..op }
}

pub(super) fn persistent(op: CreateOp) -> CreateOp {
    let durable = Durable::RequestV2 { guid: guid(1), timeout: 0, persistent: true };
    CreateOp { durable: Some(durable), ..op }
}

pub(super) fn claims_v1(op: CreateOp, file: FileId) -> CreateOp {
    CreateOp { durable: Some(Durable::ReconnectV1 { file }), ..op }
}

pub(super) fn claims_v2(op: CreateOp, file: FileId) -> CreateOp {
    let durable = Durable::ReconnectV2 { file, guid: guid(1), persistent: false };
    CreateOp { durable: Some(durable), ..op }
}

pub(super) fn claims_persistent(op: CreateOp, file: FileId) -> CreateOp {
    let durable = Durable::ReconnectV2 { file, guid: guid(1), persistent: true };
    CreateOp { durable: Some(durable), ..op }
}

impl Play {
    /// A connection is lost and comes back with a new session.
    pub(super) fn returns(&mut self, on: ConnectionId) {
        self.drops(on);
        self.comes_back(on);
    }

    pub(super) fn drops(&mut self, on: ConnectionId) {
        let said = self.says(on, Op::Disconnect);
        assert!(said.contains(&format!("gone {}", on.0)), "{said:?}");
    }

    pub(super) fn comes_back(&mut self, on: ConnectionId) {
        let said = self.says(on, Op::Connect);
        assert_eq!(said, [format!("{}: success", self.calls)]);
    }

    /// Asks for a session of its own on a further connection.
    pub(super) fn also(&mut self, connection: ConnectionId, client: u32, account: u32) {
        self.server.connect(connection, client, account);
    }

    /// Binds one connection to the session of another.
    pub(super) fn binds(&mut self, connection: ConnectionId, to: ConnectionId) -> Vec<String> {
        self.calls += 1;
        self.log.push(format!("{connection:?} binds to {to:?}"));
        self.server.bind(self.now, CallId(self.calls), connection, to);
        self.check();
        self.said()
    }

    /// The status of an open, and whatever else is said meanwhile.
    pub(super) fn status(&mut self, on: ConnectionId, op: CreateOp) -> Status {
        let call = CallId(self.send(on, vec![Op::Create(Box::new(op))]));
        let events = self.events();
        let answer = events.iter().find_map(|event| match event {
            Event::Reply { call: of, status, .. } if *of == call => Some(*status),
            _ => None,
        });
        answer.unwrap_or(Status::PENDING)
    }

    /// The connection of the only break that was said.
    pub(super) fn break_on(&mut self, on: ConnectionId, op: CreateOp) -> ConnectionId {
        self.send(on, vec![Op::Create(Box::new(op))]);
        let breaks: Vec<ConnectionId> = self
            .events()
            .iter()
            .filter_map(|event| match event {
                Event::Break(
                    BreakNotice::Oplock { connection, .. } | BreakNotice::Lease { connection, .. },
                ) => Some(*connection),
                _ => None,
            })
            .collect();
        match breaks[..] {
            [connection] => connection,
            _ => panic!("one break was expected: {breaks:?}"),
        }
    }
}
