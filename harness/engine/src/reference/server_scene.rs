//! A cell at the SMB2 layer.

use std::collections::VecDeque;

use oplock_model::{
    Actor, CallId, ConnectionId, Event, Op, RuleSet, Scene, Setup, Stamped, TargetFault, Tick,
    Wanted,
};

use super::{broken, not_added};
use crate::choices::Choices;
use crate::server::{Dialect, Server};

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
    pub(super) fn new(choices: Choices, setup: &Setup) -> Result<ServerScene, TargetFault> {
        let mut server = Server::new(choices, Dialect::default());
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
            server.connect(*connection, actor.client);
        }
        let (now, events) = (Tick::default(), VecDeque::new());
        Ok(ServerScene { server, now, calls: 0, connections, events })
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
        let connection = self
            .connections
            .get(usize::from(from.0))
            .copied()
            .ok_or_else(|| TargetFault::Internal(format!("no actor {}", from.0)))?;
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
        self.calls = self.calls.saturating_add(ops.len() as u64);
        let calls = ids.iter().copied().zip(ops.iter().cloned()).collect();
        self.server.submit(self.now, connection, calls);
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

    fn end(mut self: Box<Self>) -> Result<Vec<Stamped<Event>>, TargetFault> {
        // What closing sets off belongs to no step, so it is not part of what came late.
        let late = std::mem::take(&mut self.events);
        for connection in std::mem::take(&mut self.connections) {
            self.server.disconnect(self.now, connection);
        }
        self.server.check_invariants().map_err(broken)?;
        if self.server.has_opens() {
            return Err(broken("an open outlives its connection".to_owned()));
        }
        Ok(late.into())
    }
}
