//! A server that says what its script says, whatever it is asked. Its clock is virtual.

use std::collections::VecDeque;

use oplock_model::{
    Access, AckAnswer, Actor, Body, BreakNotice, CallId, ConnectionId, CreateAnswer, Event, Facts,
    FileId, Finding, Lane, LeaseAnswer, LeaseKey, LeaseState, Level, Modes, Op, OplockLevel, Scene,
    SentCall, Setup, Share, Stamped, Status, Target, TargetFault, Tick, Trail, Wanted,
};

/// What follows each submission of the case, in order: milliseconds after it, and what is said.
/// Fences are answered apart and do not count.
pub type Script = Vec<Vec<(u64, Say)>>;

/// One thing that the server says. Calls count from 0, fences aside; files are numbers of the script's own.
#[derive(Clone, Debug)]
pub enum Say {
    /// Call, file, level: an open succeeded.
    Opened(usize, u64, OplockLevel),
    /// Call, file, state, epoch: an open succeeded with a lease of the key that it asked for.
    Leased(usize, u64, LeaseState, u16),
    /// Call, status: an answer without a body.
    Answered(usize, Status),
    /// Call, file, level: an oplock acknowledgement succeeded.
    Acked(usize, u64, OplockLevel),
    /// Call, state: a lease acknowledgement succeeded, for the key that it named.
    LeaseAcked(usize, LeaseState),
    /// Call: STATUS_PENDING.
    Interim(usize),
    /// Connection, file, level left.
    Break(u32, u64, OplockLevel),
    /// Connection, call that asked for the lease, before, after, acknowledgement owed, epoch.
    LeaseBreak(u32, usize, LeaseState, LeaseState, bool, u16),
    /// Call that made the request, file, before, after, breaker's access: at the store, with an
    /// acknowledgement owed.
    StoreBreak(usize, u64, Level, Level, Access),
    /// Call, status, level that could be had: at the store, with an acknowledgement still owed.
    StoreAcked(usize, Status, Level),
    /// Call, file, status: at the store, an open and the request that came with it.
    Requested(usize, u64, Status),
    /// Call, status: at the store, a granted request ended.
    Ended(usize, Status),
    /// The server broke the protocol.
    Finding(&'static str),
    /// A connection is gone.
    Gone(u32),
    /// The harness failed.
    Fault(&'static str),
}

/// A target with a script.
pub struct Liar {
    /// What it calls itself.
    pub facts: Facts,
    /// What it says.
    pub script: Script,
    /// What comes too late for any step.
    pub late: Vec<Say>,
    /// Whether fences stay without an answer.
    pub deaf: bool,
    /// Whether its clock stands still.
    pub stuck: bool,
    /// Whether not even a scene can be had.
    pub unreachable: bool,
    /// Whether it has a log in which its scenes can be found.
    pub logs: bool,
}

impl Liar {
    pub fn new(script: Script) -> Liar {
        let facts = Facts {
            product: "liar".into(),
            version: "1.0".into(),
            axes: "smb3_1_1,signed".into(),
            ..Facts::default()
        };
        Liar {
            facts,
            script,
            late: Vec::new(),
            deaf: false,
            stuck: false,
            unreachable: false,
            logs: false,
        }
    }
}

impl Target for Liar {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn scene(&self, _: &Setup) -> Result<Box<dyn Scene>, TargetFault> {
        if self.unreachable {
            let (address, reason) = ("127.0.0.1:445".into(), "connection refused".into());
            return Err(TargetFault::Unreachable { address, reason });
        }
        Ok(Box::new(Stage {
            script: self.script.clone().into(),
            late: self.late.clone(),
            deaf: self.deaf,
            logs: self.logs,
            actors: Vec::new(),
            stuck: self.stuck,
            now: Tick::default(),
            next: 0,
            calls: Vec::new(),
            due: Vec::new(),
        }))
    }
}

struct Stage {
    script: VecDeque<Vec<(u64, Say)>>,
    late: Vec<Say>,
    deaf: bool,
    logs: bool,
    /// Who made each call, fences included.
    actors: Vec<Actor>,
    stuck: bool,
    now: Tick,
    next: u64,
    calls: Vec<(CallId, Option<LeaseKey>)>,
    due: Vec<(Tick, Result<Event, TargetFault>)>,
}

impl Scene for Stage {
    fn submit(&mut self, from: Actor, ops: &[Op]) -> Result<Vec<CallId>, TargetFault> {
        let mut ids = Vec::new();
        for op in ops {
            let id = CallId(self.next);
            self.next += 1;
            self.actors.push(from);
            ids.push(id);
            match op {
                Op::Fence if self.deaf => {}
                Op::Fence => {
                    let (status, body) = (Status::SUCCESS, Body::Empty);
                    self.due.push((self.now, Ok(Event::Reply { call: id, status, body })));
                }
                Op::Create(create) => self.calls.push((id, key(&create.wanted))),
                Op::LeaseAck { key, .. } => self.calls.push((id, Some(*key))),
                _ => self.calls.push((id, None)),
            }
        }
        if !matches!(ops, [Op::Fence]) {
            let turn = self.script.pop_front().unwrap_or_default();
            for (millis, say) in turn {
                let said = self.event(say);
                self.due.push((self.now.plus_millis(millis), said));
            }
        }
        self.due.sort_by_key(|(at, _)| *at);
        Ok(ids)
    }

    fn next_event(&mut self, until: Tick) -> Result<Option<Stamped<Event>>, TargetFault> {
        if self.due.first().is_none_or(|(at, _)| *at > until) {
            if !self.stuck {
                self.now = self.now.max(until);
            }
            return Ok(None);
        }
        let (at, said) = self.due.remove(0);
        self.now = self.now.max(at);
        said.map(|value| Some(Stamped { at: self.now, value }))
    }

    fn now(&self) -> Tick {
        self.now
    }

    /// Actor N is on connection N, and message ids begin at 5.
    fn trail(&self) -> Option<Trail> {
        let lane = |number: u32| Lane {
            connection: ConnectionId(number),
            since: Tick(0),
            local: format!("127.0.0.1:{}", 50_112 + number),
            server: "127.0.0.1:445".to_owned(),
            session: 0x11 + u64::from(number),
            tree: 1,
        };
        let sent = |(call, actor): (u64, &Actor)| SentCall {
            call: CallId(call),
            connection: ConnectionId(u32::from(actor.0)),
            message: call + 5,
        };
        self.logs.then(|| Trail {
            began: 1_777_889_472_000_000,
            lanes: (0..2).map(lane).collect(),
            calls: (0..).zip(&self.actors).map(sent).collect(),
        })
    }

    fn end(self: Box<Self>) -> Result<Vec<Stamped<Event>>, TargetFault> {
        let late = self.late.iter().map(|say| self.event(say.clone()));
        late.map(|said| said.map(|value| Stamped { at: self.now, value })).collect()
    }
}

impl Stage {
    fn event(&self, say: Say) -> Result<Event, TargetFault> {
        let call = |number: usize| self.calls[number].0;
        let key = |number: usize| self.calls[number].1.unwrap_or_default();
        let reply = |number: usize, body: Body| Event::Reply {
            call: call(number),
            status: Status::SUCCESS,
            body,
        };
        Ok(match say {
            Say::Opened(number, id, level) => {
                let answer =
                    CreateAnswer { file: file(id), level, lease: None, action: 1, durable: None };
                reply(number, Body::Create(answer))
            }
            Say::Leased(number, id, state, epoch) => {
                let lease = LeaseAnswer {
                    key: key(number),
                    state,
                    flags: 0,
                    version: 2,
                    epoch,
                    parent: LeaseKey::default(),
                };
                let (file, level) = (file(id), OplockLevel::LEASE);
                reply(
                    number,
                    Body::Create(CreateAnswer {
                        file,
                        level,
                        lease: Some(lease),
                        action: 1,
                        durable: None,
                    }),
                )
            }
            Say::Answered(number, status) => {
                Event::Reply { call: call(number), status, body: Body::Empty }
            }
            Say::Acked(number, id, level) => {
                reply(number, Body::Ack(AckAnswer::Oplock { file: file(id), level }))
            }
            Say::LeaseAcked(number, state) => {
                reply(number, Body::Ack(AckAnswer::Lease { key: key(number), state }))
            }
            Say::Interim(number) => Event::Interim { call: call(number) },
            Say::Break(connection, id, level) => Event::Break(BreakNotice::Oplock {
                connection: ConnectionId(connection),
                file: file(id),
                level,
            }),
            Say::LeaseBreak(connection, number, current, new, owed, epoch) => {
                Event::Break(BreakNotice::Lease {
                    connection: ConnectionId(connection),
                    key: key(number),
                    current,
                    new,
                    flags: if owed { BreakNotice::ACK_REQUIRED } else { 0 },
                    epoch,
                    status: Status::SUCCESS,
                })
            }
            Say::StoreBreak(number, id, from, to, access) => Event::Break(BreakNotice::Request {
                call: call(number),
                file: file(id),
                status: Status::SUCCESS,
                from,
                to,
                ack_required: true,
                information: None,
                modes: Some(Modes { access, share: Share::ALL }),
            }),
            Say::StoreAcked(number, status, to) => {
                let answer = AckAnswer::Store {
                    to,
                    ack_required: true,
                    information: None,
                    writable_section: false,
                };
                Event::Reply { call: call(number), status, body: Body::Ack(answer) }
            }
            Say::Requested(number, id, status) => {
                let answer = CreateAnswer {
                    file: file(id),
                    action: 1,
                    durable: None,
                    ..CreateAnswer::default()
                };
                Event::Reply { call: call(number), status, body: Body::Create(answer) }
            }
            Say::Ended(number, status) => {
                let (to, information) = (Level::None, None);
                Event::Completed { call: call(number), status, to, information }
            }
            Say::Finding(what) => Event::Finding(Finding {
                connection: Some(ConnectionId(0)),
                what: what.into(),
                bytes: vec![0xfe, b'S', b'M', b'B'],
            }),
            Say::Gone(connection) => Event::Gone { connection: ConnectionId(connection) },
            Say::Fault(reason) => return Err(TargetFault::Internal(reason.into())),
        })
    }
}

fn file(id: u64) -> FileId {
    FileId { persistent: id, volatile: id }
}

fn key(wanted: &Wanted) -> Option<LeaseKey> {
    match wanted {
        Wanted::Lease(lease) => Some(lease.key),
        Wanted::Nothing | Wanted::Oplock(_) | Wanted::Request(_) => None,
    }
}
