//! A cell at the SMB2 layer.

use std::collections::VecDeque;

use oplock_model::{
    Actor, CallId, ConnectionId, Dialect, Event, GridSet, Op, RuleSet, Scene, Setup, Stamped,
    TargetFault, Tick, Wanted,
};

use super::{broken, not_added};
use crate::choices::Choices;
use crate::server::Server;

/// A server of its own for one cell, and what it has said.
#[derive(Clone, Debug)]
pub(super) struct ServerScene {
    server: Server,
    now: Tick,
    calls: u64,
    /// The connection of each actor.
    connections: Vec<ConnectionId>,
    events: VecDeque<Stamped<Event>>,
}

impl ServerScene {
    pub(super) fn new(
        choices: Choices,
        dialect: Dialect,
        setup: &Setup,
    ) -> Result<ServerScene, TargetFault> {
        let mut server = Server::new(choices, dialect);
        server.set_share(setup.share);
        for file in &setup.files {
            server.add(file).map_err(|error| not_added(file, error))?;
        }
        let connections: Vec<ConnectionId> = (0u32..)
            .zip(&setup.actors)
            .map(|(index, actor)| {
                let pair = (actor.client, actor.connection);
                let first = (0u32..)
                    .zip(&setup.actors)
                    .find(|(_, other)| (other.client, other.connection) == pair)
                    .map_or(index, |(first, _)| first);
                ConnectionId(first)
            })
            .collect();
        for (connection, actor) in connections.iter().zip(&setup.actors) {
            server.connect(*connection, actor.client, actor.account);
            server.place(*connection, actor.node);
        }
        let (now, events) = (Tick::default(), VecDeque::new());
        Ok(ServerScene { server, now, calls: 0, connections, events })
    }

    fn connection_of(&self, actor: Actor) -> Result<ConnectionId, TargetFault> {
        self.connections
            .get(usize::from(actor.0))
            .copied()
            .ok_or_else(|| TargetFault::Internal(format!("no actor {}", actor.0)))
    }

    fn collect(&mut self) -> Result<(), TargetFault> {
        while let Some(value) = self.server.poll() {
            self.events.push_back(Stamped { at: self.now, value });
        }
        if cfg!(debug_assertions) {
            self.server.check_invariants().map_err(broken)?;
        }
        Ok(())
    }
}

impl Scene for ServerScene {
    fn submit(&mut self, from: Actor, ops: &[Op]) -> Result<Vec<CallId>, TargetFault> {
        let connection = self.connection_of(from)?;
        let is_local = |op: &Op| {
            matches!(op, Op::Create(create) if matches!(create.wanted, Wanted::Request(_))
                || create.key.is_some() || create.parent_key.is_some())
        };
        if ops.iter().any(is_local) {
            return Err(TargetFault::Unsupported(
                "store words in an open at the smb2 layer".to_owned(),
            ));
        }
        let ids: Vec<CallId> = (self.calls..).take(ops.len()).map(CallId).collect();
        let calls = ids.iter().copied().zip(ops.iter().cloned()).collect();
        match (ops, ids.first()) {
            ([Op::Bind { session }], Some(call)) => {
                let to = self.connection_of(*session)?;
                self.server.bind(self.now, *call, connection, to);
            }
            _ if ops.iter().any(|op| matches!(op, Op::Bind { .. })) => {
                return Err(TargetFault::Unsupported("a bind within a compound".to_owned()));
            }
            _ => self.server.submit(self.now, connection, calls),
        }
        self.calls = self.calls.saturating_add(ops.len() as u64);
        self.collect()?;
        Ok(ids)
    }

    fn next_event(&mut self, until: Tick) -> Result<Option<Stamped<Event>>, TargetFault> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(Some(event));
            }
            let timer = self.server.next_timer().filter(|at| *at <= until);
            self.now = self.now.max(timer.unwrap_or(until));
            self.server.advance(self.now);
            self.collect()?;
            if timer.is_none() {
                return Ok(None);
            }
        }
    }

    fn now(&self) -> Tick {
        self.now
    }

    fn rules(&self) -> RuleSet {
        self.server.fired()
    }

    fn cells(&self) -> GridSet {
        self.server.cells()
    }

    fn end(mut self: Box<Self>) -> Result<Vec<Stamped<Event>>, TargetFault> {
        // What closing sets off belongs to no step, so it is not part of what came late.
        let late = std::mem::take(&mut self.events);
        self.server.shut_down(self.now);
        self.server.check_invariants().map_err(broken)?;
        if self.server.has_opens() {
            return Err(broken("an open outlives the end of its cell".to_owned()));
        }
        Ok(late.into())
    }
}

#[cfg(test)]
mod tests {
    use oplock_model::{
        ActorSpec, Body, Control, CreateOp, Durable, Event, FileId, Layer, OplockLevel, ShareKind,
        Status,
    };

    use super::*;
    use crate::server::Dialect;

    const A: Actor = Actor(0);
    const B: Actor = Actor(1);
    const OTHER_USER: Actor = Actor(2);
    /// On the connection of A.
    const BESIDE_A: Actor = Actor(3);

    /// Three connections of one client, the third with another account, on a share that gives persistent handles.
    fn scene(dialect: Option<Dialect>) -> ServerScene {
        let actor = |name: &str, connection, account| {
            let name = name.to_owned();
            ActorSpec { name, client: 1, connection, account, node: 1 }
        };
        let setup = Setup {
            layer: Layer::Smb2,
            actors: vec![actor("A", 1, 1), actor("B", 2, 1), actor("C", 3, 2), actor("D", 1, 1)],
            dialect,
            share: ShareKind::ContinuouslyAvailable,
            ..Setup::default()
        };
        ServerScene::new(Choices::default(), dialect.unwrap_or_default(), &setup)
            .expect("the setup is sound")
    }

    fn persistent() -> Op {
        Op::Create(Box::new(CreateOp {
            path: "f".to_owned(),
            wanted: Wanted::Oplock(OplockLevel::BATCH),
            durable: Some(Durable::RequestV2 { guid: [1; 16], timeout: 0, persistent: true }),
            ..CreateOp::default()
        }))
    }

    /// Sends one operation and returns the status of its answer and what else the answer says.
    fn does(scene: &mut ServerScene, from: Actor, op: Op) -> (Status, Body) {
        let call = scene.submit(from, &[op]).expect("the operation can be sent")[0];
        let until = scene.now();
        let events = std::iter::from_fn(|| scene.next_event(until).expect("the scene is sound"));
        let answers = events.filter_map(|event| match event.value {
            Event::Reply { call: of, status, body } if of == call => Some((status, body)),
            _ => None,
        });
        answers.last().expect("it is answered")
    }

    fn opens(scene: &mut ServerScene, from: Actor, op: Op) -> FileId {
        match does(scene, from, op) {
            (Status::SUCCESS, Body::Create(answer)) => answer.file,
            other => panic!("an open was expected: {other:?}"),
        }
    }

    #[test]
    fn a_bind_names_an_actor() {
        let mut scene = scene(None);
        let file = opens(&mut scene, A, persistent());
        let read = || Op::Read { file, offset: 0, length: 0 };
        assert_eq!(does(&mut scene, B, read()).0, Status::FILE_CLOSED);
        let bind = Op::Bind { session: A };
        assert_eq!(does(&mut scene, OTHER_USER, bind.clone()).0, Status::ACCESS_DENIED);
        assert_eq!(does(&mut scene, B, bind.clone()).0, Status::SUCCESS);
        assert_eq!(does(&mut scene, B, read()).0, Status::SUCCESS);
        assert!(matches!(scene.submit(A, &[bind, Op::Fence]), Err(TargetFault::Unsupported(_))));
    }

    #[test]
    fn two_actors_share_a_connection() {
        let mut scene = scene(None);
        let file = opens(&mut scene, A, persistent());
        let read = Op::Read { file, offset: 0, length: 0 };
        assert_eq!(does(&mut scene, BESIDE_A, read).0, Status::SUCCESS);
    }

    #[test]
    fn the_dialect_is_the_one_of_the_cell() {
        let mut scene = scene(Some(Dialect::Smb2_0_2));
        let file = opens(&mut scene, A, persistent());
        let control = Op::Control { file, control: Control::Resiliency { timeout: 0 } };
        assert_eq!(does(&mut scene, A, control).0, Status::INVALID_DEVICE_REQUEST);
        let bind = Op::Bind { session: A };
        assert_eq!(does(&mut scene, B, bind).0, Status::REQUEST_NOT_ACCEPTED);
    }

    /// A handle that waits for its client is closed with the cell, and nobody is told of it.
    #[test]
    fn the_end_closes_what_outlives_connections() {
        let mut scene = scene(None);
        let file = opens(&mut scene, A, persistent());
        assert_eq!(does(&mut scene, A, Op::Disconnect).0, Status::SUCCESS);
        let durable = Some(Durable::ReconnectV2 { file, guid: [1; 16], persistent: true });
        let claim = CreateOp { path: "f".to_owned(), durable, ..CreateOp::default() };
        let claim = Op::Create(Box::new(claim));
        assert_eq!(does(&mut scene, OTHER_USER, claim.clone()).0, Status::ACCESS_DENIED);
        assert_eq!(Box::new(scene.clone()).end(), Ok(Vec::new()));
        assert_eq!(does(&mut scene, A, Op::Connect).0, Status::SUCCESS);
        opens(&mut scene, A, claim);
        assert_eq!(Box::new(scene).end(), Ok(Vec::new()));
    }
}
