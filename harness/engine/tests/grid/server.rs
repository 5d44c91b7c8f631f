//! Ways into every state of the grid at the server, and everything that can be done there.

use oplock_engine::Choices;
use oplock_engine::server::{Dialect, Server};
use oplock_model::{
    Access, Body, CallId, ConnectionId, Control, CreateOp, Disposition, Durable, Event, FileId,
    FileKind, FileSpec, GridSet, LeaseKey, LeaseRequest, LeaseState, Op, OplockLevel, Share,
    ShareKind, Tick, Wanted,
};

use super::walk::Random;

/// Whose states are asked about.
const A: ConnectionId = ConnectionId(1);
/// Another client.
const B: ConnectionId = ConnectionId(2);
const K1: LeaseKey = LeaseKey([1; 16]);
const K2: LeaseKey = LeaseKey([2; 16]);

/// What keeps the opens of the first client when its connection is lost.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Not,
    Durable,
    Resilient,
    Persistent,
}

/// A server on its way.
#[derive(Clone)]
pub struct Play {
    server: Server,
    now: Tick,
    calls: u64,
    kept: Kept,
    /// The opens of the first client.
    own: Vec<FileId>,
    /// The opens of the other one.
    others: Vec<FileId>,
}

impl Play {
    fn new(kept: Kept) -> Play {
        let mut server = Server::new(Choices::default(), Dialect::Smb3_1_1);
        let kind = FileKind::File { size: 4096 };
        server.add(&FileSpec { name: "f".to_owned(), kind }).expect("a file");
        if kept == Kept::Persistent {
            server.set_share(ShareKind::ContinuouslyAvailable);
        }
        server.connect(A, 1, 1);
        server.connect(B, 2, 1);
        Play { server, now: Tick::default(), calls: 0, kept, own: Vec::new(), others: Vec::new() }
    }

    /// The cells that it was in.
    pub fn cells(&self) -> GridSet {
        self.server.cells()
    }

    fn send(&mut self, on: ConnectionId, op: Op) {
        self.calls += 1;
        self.server.submit(self.now, on, vec![(CallId(self.calls), op)]);
        while let Some(event) = self.server.poll() {
            if let Event::Reply { body: Body::Create(answer), .. } = event {
                let list = if on == A { &mut self.own } else { &mut self.others };
                list.push(answer.file);
            }
        }
        assert_eq!(self.server.check_invariants(), Ok(()));
    }

    fn passes(&mut self, millis: u64) {
        self.now = self.now.plus_millis(millis);
        self.server.advance(self.now);
        while self.server.poll().is_some() {}
    }

    /// The first client opens, so that the open is kept as asked.
    fn holds(&mut self, wanted: Wanted) {
        let durable = match self.kept {
            Kept::Durable => Some(Durable::RequestV1),
            Kept::Persistent => {
                Some(Durable::RequestV2 { guid: [7; 16], timeout: 0, persistent: true })
            }
            Kept::Not | Kept::Resilient => None,
        };
        let share = Share(Share::READ.0 | Share::WRITE.0);
        let access = Access::READ_DATA.union(Access::WRITE_DATA);
        let op = CreateOp { wanted, durable, share, access, ..create() };
        self.send(A, Op::Create(Box::new(op)));
        if self.kept == Kept::Resilient
            && let Some(file) = self.own.first().copied()
        {
            let control = Control::Resiliency { timeout: 10_000 };
            self.send(A, Op::Control { file, control });
        }
    }

    fn visits(&mut self, op: CreateOp) {
        self.send(B, Op::Create(Box::new(op)));
    }
}

fn create() -> CreateOp {
    let access = Access::READ_DATA.union(Access::WRITE_DATA);
    CreateOp { path: "f".to_owned(), access, ..CreateOp::default() }
}

fn overwriting() -> CreateOp {
    CreateOp { disposition: Disposition::OverwriteIf, ..create() }
}

/// The holders share no deleting.
fn violating() -> CreateOp {
    CreateOp { access: Access::DELETE, ..create() }
}

fn lease(key: LeaseKey, state: LeaseState) -> Wanted {
    Wanted::Lease(LeaseRequest { key, state, flags: 0, version: 2, epoch: 1, parent: None })
}

type Way = fn(&mut Play);

const WAYS: &[Way] = &[
    |play| play.holds(Wanted::Nothing),
    |play| play.holds(Wanted::Oplock(OplockLevel::II)),
    |play| play.holds(Wanted::Oplock(OplockLevel::EXCLUSIVE)),
    |play| play.holds(Wanted::Oplock(OplockLevel::BATCH)),
    |play| broken(play, OplockLevel::II, overwriting()),
    |play| broken(play, OplockLevel::EXCLUSIVE, create()),
    |play| broken(play, OplockLevel::EXCLUSIVE, overwriting()),
    |play| broken(play, OplockLevel::BATCH, create()),
    |play| broken(play, OplockLevel::BATCH, overwriting()),
    |play| play.holds(lease(K1, LeaseState::NONE)),
    |play| play.holds(lease(K1, LeaseState::R)),
    |play| play.holds(lease(K1, LeaseState::RH)),
    |play| play.holds(lease(K1, LeaseState::RW)),
    |play| play.holds(lease(K1, LeaseState::RWH)),
    |play| lease_broken(play, LeaseState::RH, violating()),
    |play| lease_broken(play, LeaseState::RH, overwriting()),
    |play| lease_broken(play, LeaseState::RW, create()),
    |play| lease_broken(play, LeaseState::RW, overwriting()),
    |play| lease_broken(play, LeaseState::RWH, create()),
    |play| lease_broken(play, LeaseState::RWH, violating()),
    |play| lease_broken(play, LeaseState::RWH, overwriting()),
    // Broken while nobody was there to be told.
    |play| {
        play.holds(lease(K1, LeaseState::RWH));
        play.send(A, Op::Disconnect);
        play.visits(create());
    },
    |play| {
        play.holds(Wanted::Oplock(OplockLevel::II));
        play.send(A, Op::Disconnect);
        play.visits(overwriting());
    },
];

fn broken(play: &mut Play, level: OplockLevel, visitor: CreateOp) {
    play.holds(Wanted::Oplock(level));
    play.visits(visitor);
}

fn lease_broken(play: &mut Play, state: LeaseState, visitor: CreateOp) {
    play.holds(lease(K1, state));
    play.visits(visitor);
}

/// The cells of everything that can be done in every state, also after the client has left it behind.
pub fn sweep() -> GridSet {
    let mut reached = GridSet::new();
    for way in WAYS {
        for kept in [Kept::Not, Kept::Durable, Kept::Resilient, Kept::Persistent] {
            let mut play = Play::new(kept);
            way(&mut play);
            reached.union(&play.server.cells());
            for step in steps(&play) {
                let mut copy = play.clone();
                step(&mut copy);
                reached.union(&copy.server.cells());
            }
            // Much can happen to the opens of a client that is away, or that has come back.
            for leaving in [&[Op::Disconnect][..], &[Op::Disconnect, Op::Connect]] {
                let mut left = play.clone();
                for op in leaving {
                    left.send(A, op.clone());
                }
                for step in steps(&left) {
                    let mut copy = left.clone();
                    step(&mut copy);
                    reached.union(&copy.server.cells());
                }
            }
        }
    }
    reached
}

/// Some state, for a walk that begins there.
pub fn some_state(random: &mut Random) -> Play {
    let kept = random.pick(&[Kept::Not, Kept::Durable, Kept::Resilient, Kept::Persistent]);
    let mut play = Play::new(kept);
    let way = random.pick(WAYS);
    way(&mut play);
    play
}

/// Some step of a walk.
pub fn some_step(play: &mut Play, random: &mut Random) {
    let steps = steps(play);
    if let Some(step) = steps.get(random.below(steps.len())) {
        step(play);
    }
}

type Step = Box<dyn Fn(&mut Play)>;

fn steps(play: &Play) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut send = |on: ConnectionId, op: Op| {
        steps.push(Box::new(move |play: &mut Play| play.send(on, op.clone())));
    };
    for wanted in [Wanted::Nothing, Wanted::Oplock(OplockLevel::II), lease(K2, LeaseState::RWH)] {
        for op in [create(), overwriting(), violating()] {
            send(B, Op::Create(Box::new(CreateOp { wanted, ..op })));
        }
    }
    for bits in 0..8 {
        let state = LeaseState(bits);
        send(A, Op::Create(Box::new(CreateOp { wanted: lease(K1, state), ..create() })));
        send(A, Op::LeaseAck { key: K1, state });
    }
    for file in play.own.iter().copied().take(2) {
        for level in [0, 1, 8, 9, 0xFF] {
            send(A, Op::OplockAck { file, level: OplockLevel(level) });
        }
        send(A, Op::Close { file });
        for durable in [
            Durable::ReconnectV1 { file },
            Durable::ReconnectV2 { file, guid: [7; 16], persistent: true },
        ] {
            send(A, Op::Create(Box::new(CreateOp { durable: Some(durable), ..create() })));
        }
    }
    if let Some(file) = play.others.first().copied() {
        send(B, Op::Write { file, offset: 0, length: 1 });
    }
    for op in [Op::Disconnect, Op::Connect, Op::LogOff, Op::TreeDisconnect] {
        send(A, op);
    }
    for millis in [10_000, 35_000, 60_000, 180_000] {
        steps.push(Box::new(move |play| play.passes(millis)));
    }
    steps
}
