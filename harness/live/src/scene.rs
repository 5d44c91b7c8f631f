//! One cell on a live server: its actors' connections, its folder, its events.

mod transport;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use oplock_model::{
    Actor, ActorSpec, Body, CallId, ConnectionId, Event, FileId, Frames, Op, Scene, Setup,
    ShareKind, Stamped, TargetFault, Tick, Wanted,
};
use oplock_wire::{Command, Request};

use crate::clock::Stopwatch;
use crate::connection::{Connection, Held, Line, Submission};
use crate::place::Place;
use crate::pool::Client;
use crate::request::{chain_of, request_of};
use crate::room::Stay;
use crate::target::Leg;

/// Where one cell is played.
pub(crate) struct LiveScene {
    leg: Arc<Leg>,
    clock: Stopwatch,
    events: Receiver<Stamped<Event>>,
    /// Keeps the line open where every connection is gone.
    line: Arc<Line>,
    clients: Vec<Client>,
    /// That the cell is in the room; nothing once its clients were given back.
    stay: Option<Stay>,
    /// The connection of each actor.
    actors: Vec<ConnectionId>,
    connections: BTreeMap<ConnectionId, Connection>,
    /// Whose each connection is, and where it goes.
    ends: BTreeMap<ConnectionId, End>,
    share: ShareKind,
    /// A connection was dropped, logged off or replaced: no other cell may have these clients.
    worn: bool,
    folder: String,
    next_call: u64,
    /// Calls without a final answer, and what they would open or close.
    calls: BTreeMap<CallId, Call>,
    /// Handles that the server has open for this cell.
    opens: BTreeMap<FileId, ConnectionId>,
}

/// The client's end of a connection.
#[derive(Clone, Copy, Debug)]
struct End {
    guid: [u8; 16],
    place: Place,
}

#[derive(Clone, Copy, Debug)]
struct Call {
    connection: ConnectionId,
    closes: Option<FileId>,
    /// Whether the server owes an answer: to bytes of a case's own making it may owe none.
    owed: bool,
}

/// The longest that calls and handles of a cell may need to end once they are cancelled and closed.
const WIND_UP_WITHIN: Tick = Tick(10_000_000);
/// How long the end waits for the next answer before it looks again.
const LOOK: Duration = Duration::from_millis(10);

impl LiveScene {
    pub(crate) fn open(leg: Arc<Leg>, setup: &Setup) -> Result<LiveScene, TargetFault> {
        let server = Arc::clone(&leg.server);
        let made = server.folder.make_cell(setup.share, &setup.cell.0, &setup.files);
        let folder = server.runtime.block_on(made)?;
        let place_of = |actor: &ActorSpec| Place {
            dialect: setup.dialect,
            account: actor.account,
            node: actor.node,
            share: setup.share,
        };
        let mut clients: BTreeMap<u32, BTreeMap<u32, Place>> = BTreeMap::new();
        for actor in &setup.actors {
            let connections = clients.entry(actor.client).or_default();
            connections.entry(actor.connection).or_insert(place_of(actor));
        }
        let places: Vec<Vec<Place>> =
            clients.values().map(|connections| connections.values().copied().collect()).collect();
        let checked_out = leg.pool.check_out(&places, setup.load);
        let (lent, stay) = server.runtime.block_on(checked_out)?;
        let mut of_pair = BTreeMap::new();
        for ((client, connections), lent) in clients.into_iter().zip(&lent) {
            for ((number, place), connection) in connections.into_iter().zip(&lent.connections) {
                let end = End { guid: lent.guid, place };
                of_pair.insert((client, number), (connection.clone(), end));
            }
        }
        let (sender, events) = mpsc::channel();
        // The scene's time begins where its first step can.
        let clock = Stopwatch::start();
        let line = Arc::new(Line::new(clock, sender, server.captures()));
        let mut scene = LiveScene {
            leg,
            clock,
            events,
            line,
            clients: lent,
            stay: Some(stay),
            actors: Vec::new(),
            connections: BTreeMap::new(),
            ends: BTreeMap::new(),
            share: setup.share,
            worn: false,
            folder,
            next_call: 0,
            calls: BTreeMap::new(),
            opens: BTreeMap::new(),
        };
        let pair_of = |actor: &ActorSpec| (actor.client, actor.connection);
        for actor in &setup.actors {
            let first = setup.actors.iter().position(|other| pair_of(other) == pair_of(actor));
            let id = ConnectionId(u32::try_from(first.unwrap_or_default()).unwrap_or(u32::MAX));
            scene.actors.push(id);
            if let Some((connection, end)) = of_pair.get(&pair_of(actor)) {
                connection.lend(scene.outlet(id));
                scene.connections.insert(id, connection.clone());
                scene.ends.insert(id, *end);
            }
        }
        Ok(scene)
    }

    fn connection_of(&self, actor: Actor) -> Result<(ConnectionId, &Connection), TargetFault> {
        self.actors
            .get(usize::from(actor.0))
            .and_then(|id| Some((*id, self.connections.get(id)?)))
            .ok_or_else(|| TargetFault::Internal(format!("the scene has no actor {}", actor.0)))
    }

    /// Keeps track of calls and handles.
    fn observe(&mut self, event: &Event) {
        match event {
            Event::Reply { call, status, body } => {
                let Some(done) = self.calls.remove(call) else { return };
                if let Body::Create(create) = body {
                    self.opens.insert(create.file, done.connection);
                }
                if let (Some(file), false) = (done.closes, status.is_error()) {
                    self.opens.remove(&file);
                }
            }
            Event::Gone { connection } => {
                self.calls.retain(|_, call| call.connection != *connection);
                self.opens.retain(|_, at| at != connection);
            }
            _ => {}
        }
    }

    /// Everything that has arrived by now.
    fn drain(&mut self) -> Vec<Stamped<Event>> {
        let events: Vec<_> = self.events.try_iter().collect();
        events.iter().for_each(|event| self.observe(&event.value));
        events
    }

    /// An ECHO on every connection: what the server had to say before has arrived when this returns. One on which nothing comes
    /// back is as good as gone, and is dropped. True where all came back.
    fn fence(&self) -> bool {
        let echoes =
            self.connections.iter().map(|(&id, connection)| (id, connection, Request::Echo));
        let silent = self.exchange_all(echoes);
        for (id, _) in &silent {
            if let Some(connection) = self.connections.get(id) {
                connection.drop_transport();
            }
        }
        silent.is_empty()
    }

    /// Sends everything, then waits for every answer; those that never came. A lost connection says so by an event.
    fn exchange_all<'a>(
        &self,
        requests: impl Iterator<Item = (ConnectionId, &'a Connection, Request)>,
    ) -> Vec<(ConnectionId, Command)> {
        let bound = Duration::from_micros(WIND_UP_WITHIN.0);
        self.leg.server.runtime.block_on(async {
            let mut answers = Vec::new();
            for (id, connection, request) in requests {
                let command = request.command();
                let (submission, answer) = Submission::awaited(request);
                if connection.submit(submission).is_ok() {
                    answers.push((id, command, answer));
                }
            }
            let until = tokio::time::Instant::now() + bound;
            let mut silent = Vec::new();
            for (id, command, answer) in answers {
                if tokio::time::timeout_at(until, answer).await.is_err() {
                    silent.push((id, command));
                }
            }
            silent
        })
    }

    /// Where the server still answers fences, what it does not answer is a fault of its own.
    fn never_came(&mut self, what: impl Iterator<Item = (ConnectionId, String)>) {
        for (id, what) in what {
            if self.connections.get(&id).is_some_and(Connection::is_alive) {
                self.outlet(id).finding(what, &[]);
            }
        }
        // Nobody else shall have a connection on which an answer is owed.
        self.worn = true;
    }

    /// Ends every call and handle; true where nothing is left on the server.
    fn close_all(&mut self, caused: &mut Vec<Stamped<Event>>) -> bool {
        let until = self.clock.now().plus_micros(WIND_UP_WITHIN.0);
        loop {
            let opens = std::mem::take(&mut self.opens);
            let closes = opens.iter().filter_map(|(&file, id)| {
                Some((*id, self.connections.get(id)?, Request::Close { file, flags: 0 }))
            });
            let silent = self.exchange_all(closes);
            caused.extend(self.drain());
            if !silent.is_empty() {
                self.fence();
                self.never_came(silent.into_iter().map(|(id, command)| {
                    (id, format!("no answer to {command}, and to a fence behind it there is one"))
                }));
                return false;
            }
            if self.calls.is_empty() && self.opens.is_empty() {
                return true;
            }
            if self.clock.now() >= until {
                self.fence();
                caused.extend(self.drain());
                let owed: Vec<ConnectionId> = self
                    .calls
                    .values()
                    .filter(|call| call.owed)
                    .map(|call| call.connection)
                    .collect();
                self.never_came(owed.into_iter().map(|id| {
                    (id, "no answer to a call, not even once it was cancelled".to_owned())
                }));
                return false;
            }
            if let Ok(event) = self.events.recv_timeout(LOOK) {
                self.observe(&event.value);
                caused.push(event);
            }
        }
    }
}

impl Scene for LiveScene {
    fn submit(&mut self, from: Actor, ops: &[Op]) -> Result<Vec<CallId>, TargetFault> {
        let (id, connection) = self.connection_of(from)?;
        let connection = connection.clone();
        if let [op] = ops
            && self.act(id, &connection, op)?
        {
            return Ok(vec![CallId(self.next_call - 1)]);
        }
        let mut requests = Vec::with_capacity(ops.len());
        let mut calls = Vec::with_capacity(ops.len());
        for (op, number) in ops.iter().zip(self.next_call..) {
            let call = CallId(number);
            let key = self.resume_key(&connection, op);
            requests.push((request_of(op, &self.folder, key)?, call));
            let closes = match op {
                Op::Close { file } => Some(*file),
                _ => None,
            };
            let owed = !matches!(op, Op::Raw { .. });
            calls.push((call, Call { connection: id, closes, owed }));
        }
        if requests.is_empty() {
            return Ok(Vec::new());
        }
        // Before it is sent: the break of a lease may come before the answer.
        for held in ops.iter().filter_map(lease_of) {
            self.line.know(held);
            // A key that an earlier cell had is this cell's from here on.
            self.connections.values().for_each(|connection| connection.take_over(held));
        }
        if ops.iter().any(is_raw) {
            self.line.know_anything();
        }
        connection.submit(Submission::calls(requests, chain_of(ops)))?;
        self.next_call += calls.len() as u64;
        self.calls.extend(calls.iter().copied());
        self.worn |=
            ops.iter().any(|op| matches!(op, Op::LogOff | Op::TreeDisconnect | Op::Raw { .. }));
        Ok(calls.into_iter().map(|(call, _)| call).collect())
    }

    fn next_event(&mut self, until: Tick) -> Result<Option<Stamped<Event>>, TargetFault> {
        let event = match self.events.try_recv() {
            Ok(event) => Ok(event),
            Err(_) => self.events.recv_timeout(self.clock.left(until)),
        };
        match event {
            Ok(event) => {
                self.observe(&event.value);
                Ok(Some(event))
            }
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => {
                Err(TargetFault::Internal("the scene's events have ended".to_owned()))
            }
        }
    }

    fn now(&self) -> Tick {
        self.clock.now()
    }

    fn frames(&self) -> Frames {
        self.line.frames()
    }

    fn folder(&self) -> Option<String> {
        Some(self.folder.clone())
    }

    fn trail(&self) -> Option<oplock_model::Trail> {
        Some(self.line.trail())
    }

    fn end(mut self: Box<Self>) -> Result<Vec<Stamped<Event>>, TargetFault> {
        let answers = self.fence();
        let mut late = self.drain();
        // A call that still waits is let go by what we close, and its own grant may break another: no fault of the server.
        let waited = !self.calls.is_empty();
        if waited {
            for call in self.connections.values().flat_map(Connection::cancel_calls) {
                self.calls.remove(&call);
            }
        }
        let mut caused = Vec::new();
        // Whoever answers no fence answers no close; dropping the connections ends all that they have.
        let clean = answers && self.close_all(&mut caused) && self.fence();
        caused.extend(self.drain());
        late.extend(caused.into_iter().filter(|event| match event.value {
            Event::Finding(_) | Event::Gone { .. } => true,
            Event::Break(_) => !waited,
            Event::Reply { .. } | Event::Interim { .. } | Event::Completed { .. } => false,
        }));
        let clients = std::mem::take(&mut self.clients);
        self.connections.clear();
        if clean && !self.worn {
            let pool = &self.leg.pool;
            let held = self.line.held();
            clients.into_iter().for_each(|client| pool.give_back(client, &held));
        } else {
            drop(clients);
        }
        self.stay = None;
        let server = &self.leg.server;
        let folder = std::mem::take(&mut self.folder);
        server.runtime.block_on(server.folder.spend(self.share, folder));
        Ok(late)
    }
}

/// Whether the operation has bytes of the case's own making, which may name any lease.
fn is_raw(op: &Op) -> bool {
    match op {
        Op::Raw { .. } => true,
        Op::Create(create) => !create.contexts.is_empty(),
        _ => false,
    }
}

fn lease_of(op: &Op) -> Option<Held> {
    match op {
        Op::Create(create) => match create.wanted {
            Wanted::Lease(lease) => Some(Held::Lease(lease.key)),
            _ => None,
        },
        _ => None,
    }
}
