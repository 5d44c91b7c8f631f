//! The server against the observed vectors of spec/08 part A and the tables of spec/05.
//!
//! Every test plays a short dialogue and compares what the server said, one line per event.

mod ack;
mod acquire;
mod channel;
mod compound;
mod deliver;
mod dialect;
mod directory;
mod dirlease;
mod durable;
mod epoch;
mod handles;
mod ioctl;
mod lease;
mod lock;
mod mixed;
mod operate;
mod oplock;
mod options;
mod persistent;
mod reached;
mod reconnect;
mod rename;
mod replay;
mod requests;
mod resilient;
mod scenes;
mod session;
mod share;
mod walk;

use oplock_model::{
    Access, AckAnswer, Body, BreakNotice, CallId, ConnectionId, CreateAnswer, CreateOp,
    CreateOptions, Disposition, DurableAnswer, Event, FileId, FileKind, FileSpec, LeaseKey,
    LeaseRequest, LeaseState, Op, OplockLevel, RuleId, Share, Status, Tick, Wanted,
};

use super::{Dialect, Server};
use crate::choices::Choices;

/// Connection 0 and 1 belong to clients 1 and 2, connection 2 to client 1 again.
const A: ConnectionId = ConnectionId(0);
const B: ConnectionId = ConnectionId(1);
const A2: ConnectionId = ConnectionId(2);
const K1: LeaseKey = LeaseKey([1; 16]);
const K2: LeaseKey = LeaseKey([2; 16]);

/// A dialogue with a server on which the file `f` and the directory `d` exist.
struct Play {
    server: Server,
    now: Tick,
    calls: u64,
    /// What was sent and said, for whoever has to read a failure.
    log: Vec<String>,
}

impl Play {
    fn new() -> Play {
        Play::with(Choices::default(), Dialect::Smb3_1_1)
    }

    fn with(choices: Choices, dialect: Dialect) -> Play {
        let mut server = Server::new(choices, dialect);
        for (name, kind) in [("f", FileKind::File { size: 4096 }), ("d", FileKind::Directory)] {
            server.add(&FileSpec { name: name.to_owned(), kind }).expect("the names are free");
        }
        for (connection, client) in [(A, 1), (B, 2), (A2, 1)] {
            server.connect(connection, client, 1);
        }
        Play { server, now: Tick::default(), calls: 0, log: Vec::new() }
    }

    /// Sends operations as one compound; the first call's number.
    fn send(&mut self, on: ConnectionId, ops: Vec<Op>) -> u64 {
        let first = self.calls + 1;
        let calls: Vec<(CallId, Op)> = (first..).map(CallId).zip(ops).collect();
        self.calls += calls.len() as u64;
        self.log.extend(calls.iter().map(|call| format!("{on:?} {call:?}")));
        self.server.submit(self.now, on, calls);
        self.check();
        first
    }

    fn check(&self) {
        if let Err(wrong) = self.server.check_invariants() {
            panic!("{wrong}\n{:#?}", self.log);
        }
    }

    /// Sends one operation and returns what the server says to it.
    fn says(&mut self, on: ConnectionId, op: Op) -> Vec<String> {
        self.send(on, vec![op]);
        self.said()
    }

    /// What the server says to an open.
    fn opens(&mut self, on: ConnectionId, op: CreateOp) -> Vec<String> {
        self.says(on, Op::Create(Box::new(op)))
    }

    /// An open that succeeds at once and disturbs nobody.
    fn opened(&mut self, on: ConnectionId, op: CreateOp) -> CreateAnswer {
        let call = CallId(self.send(on, vec![Op::Create(Box::new(op))]));
        let events = self.events();
        match &events[..] {
            [Event::Reply { call: of, status: Status::SUCCESS, body: Body::Create(answer) }]
                if *of == call =>
            {
                answer.clone()
            }
            _ => panic!("a quiet success was expected: {events:?}"),
        }
    }

    /// Lets time pass, timer by timer.
    fn passes(&mut self, millis: u64) -> Vec<String> {
        self.now = self.now.plus_millis(millis);
        self.server.advance(self.now);
        self.check();
        self.said()
    }

    fn events(&mut self) -> Vec<Event> {
        let events: Vec<Event> = std::iter::from_fn(|| self.server.poll()).collect();
        self.log.extend(events.iter().map(line));
        events
    }

    fn said(&mut self) -> Vec<String> {
        self.events().iter().map(line).collect()
    }

    fn fired(&self, rule: RuleId) -> bool {
        self.server.fired().contains(rule)
    }
}

/// One event in a line.
fn line(event: &Event) -> String {
    match event {
        Event::Reply { call, status, body } => {
            let said = match body {
                Body::Create(answer) => match answer.lease {
                    None => format!(" {}{}", answer.level, handle(answer)),
                    Some(lease) => {
                        let breaking = if lease.flags & 2 != 0 { " breaking" } else { "" };
                        let epoch = match lease.version {
                            2 => format!(" {:#x}", lease.epoch),
                            _ => String::new(),
                        };
                        let handle = handle(answer);
                        format!(" {} {}{breaking}{epoch}{handle}", answer.level, lease.state)
                    }
                },
                Body::Ack(AckAnswer::Oplock { level, .. }) => format!(" {level}"),
                Body::Ack(AckAnswer::Lease { state, .. }) => format!(" {state}"),
                Body::Ack(AckAnswer::Store { .. }) | Body::Empty | Body::Count(_) => String::new(),
            };
            format!("{}: {status}{said}", call.0)
        }
        Event::Interim { call } => format!("{} waits", call.0),
        Event::Break(BreakNotice::Oplock { file, level, .. }) => {
            format!("oplock {} to {level}", file.volatile)
        }
        Event::Gone { connection } => format!("gone {}", connection.0),
        Event::Break(BreakNotice::Lease { key, current, new, flags, epoch, status, .. }) => {
            let ack = if *flags == 1 { " ack" } else { "" };
            let epoch = if *epoch == 0 { String::new() } else { format!(" {epoch:#x}") };
            let failed = match *status {
                Status::SUCCESS => String::new(),
                status => format!(" {status}"),
            };
            format!("lease {} {current} to {new}{ack}{epoch}{failed}", key.0[0])
        }
        other => format!("{other:?}"),
    }
}

/// What an answer says of a durable handle.
fn handle(answer: &CreateAnswer) -> String {
    match answer.durable {
        None => String::new(),
        Some(DurableAnswer::V1) => " durable".to_owned(),
        Some(DurableAnswer::V2 { timeout, persistent: false }) => format!(" durable {timeout}"),
        Some(DurableAnswer::V2 { timeout, persistent: true }) => format!(" persistent {timeout}"),
    }
}

/// A plain open of `f` with every access, sharing everything.
fn open() -> CreateOp {
    CreateOp { path: "f".to_owned(), access: Access::FULL, ..CreateOp::default() }
}

fn oplock(level: OplockLevel) -> CreateOp {
    CreateOp { wanted: Wanted::Oplock(level), ..open() }
}

fn lease(key: LeaseKey, state: LeaseState) -> CreateOp {
    let request = LeaseRequest { key, state, flags: 0, version: 1, epoch: 0, parent: None };
    CreateOp { wanted: Wanted::Lease(request), ..open() }
}

fn lease_v2(key: LeaseKey, state: LeaseState, epoch: u16) -> CreateOp {
    let request = LeaseRequest { key, state, flags: 0, version: 2, epoch, parent: None };
    CreateOp { wanted: Wanted::Lease(request), ..open() }
}

fn overwrites(op: CreateOp) -> CreateOp {
    CreateOp { disposition: Disposition::Overwrite, ..op }
}

fn shares(op: CreateOp, share: Share) -> CreateOp {
    CreateOp { share, ..op }
}

fn write(file: FileId) -> Op {
    Op::Write { file, offset: 0, length: 1 }
}

fn ack(key: LeaseKey, state: LeaseState) -> Op {
    Op::LeaseAck { key, state }
}
