//! Many small random dialogues: whatever is asked in whatever order, the invariants hold and every call is answered.

use std::collections::{BTreeMap, BTreeSet};

use oplock_model::{Control, Durable, LockRange, QueryInfo, SetInfo, ShareKind};
use rstest::rstest;

use super::*;

/// Dialogues of each seed.
const WALKS: usize = 300;
/// Steps of each dialogue.
const STEPS: usize = 40;
/// A third client, and another account on a connection of the first.
const C: ConnectionId = ConnectionId(3);
const A3: ConnectionId = ConnectionId(4);
const CONNECTIONS: [ConnectionId; 5] = [A, B, A2, C, A3];

/// A fixed walk for each seed: xorshift, so that a failure can be played again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len() as u64) as usize].clone()
    }
}

/// A dialogue, and what is open in it.
struct Walk {
    play: Play,
    /// The calls without an answer, with their connections.
    unanswered: BTreeMap<u64, ConnectionId>,
    /// Calls that may or may not have an answer.
    raw: BTreeSet<u64>,
    /// The creates that were sent and not answered.
    sent: BTreeMap<u64, CreateOp>,
    /// The opens that were told, newest last, and what made them.
    made: Vec<(FileId, CreateOp)>,
    /// The newest break, and what an obedient client would answer on that connection.
    owed: Option<(ConnectionId, Op)>,
    gone: Vec<ConnectionId>,
}

#[rstest]
fn any_dialogue(#[values(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)] seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    for _ in 0..WALKS {
        let mut walk = Walk::new(&mut dice);
        for _ in 0..STEPS {
            walk.step(&mut dice);
        }
        walk.end();
    }
}

/// The rules that the dialogues of these seeds fire.
pub(super) fn fired_by(seeds: std::ops::Range<u64>) -> oplock_model::RuleSet {
    let mut fired = oplock_model::RuleSet::new();
    for seed in seeds {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        for _ in 0..WALKS {
            let mut walk = Walk::new(&mut dice);
            for _ in 0..STEPS {
                walk.step(&mut dice);
            }
            fired.union(&walk.play.server.fired());
        }
    }
    fired
}

/// The same dialogue leads to the same state.
#[test]
fn a_dialogue_can_be_played_again() {
    let play = |seed| {
        let mut dice = Dice(seed);
        let mut walk = Walk::new(&mut dice);
        for _ in 0..STEPS {
            walk.step(&mut dice);
        }
        walk.play.server
    };
    assert_eq!(play(42), play(42));
    assert_ne!(play(42), play(43));
}

impl Walk {
    fn new(dice: &mut Dice) -> Walk {
        let mut choices = Choices::default();
        for (name, words) in Choices::NAMES {
            if dice.roll(3) == 0 {
                choices.set(name, dice.pick(words)).expect("the choice has that value");
            }
        }
        let dialect = dice.pick(&[
            Dialect::Smb3_1_1,
            Dialect::Smb3_1_1,
            Dialect::Smb3_1_1,
            Dialect::Smb2_1,
            Dialect::Smb2_0_2,
        ]);
        let share = dice.pick(&[
            ShareKind::ContinuouslyAvailable,
            ShareKind::ContinuouslyAvailable,
            ShareKind::Plain,
            ShareKind::ForceLevelTwo,
            ShareKind::ScaleOut,
        ]);
        let mut play = Play::with(choices, dialect);
        play.server.set_share(share);
        play.server.connect(C, 3, 1);
        play.server.connect(A3, 1, 2);
        play.log.push(format!("{dialect:?} {share:?} {:?}", choices.values()));
        let (unanswered, raw) = (BTreeMap::new(), BTreeSet::new());
        let (sent, made, gone) = (BTreeMap::new(), Vec::new(), Vec::new());
        Walk { play, unanswered, raw, sent, made, owed: None, gone }
    }

    fn step(&mut self, dice: &mut Dice) {
        let on = dice.pick(&CONNECTIONS);
        if self.gone.contains(&on) {
            self.come_back(on);
        } else {
            match dice.roll(40) {
                0 => self.leave(on, Op::Disconnect),
                1 => self.leave(on, Op::Connect),
                2 => self.bind(on, dice.pick(&CONNECTIONS)),
                3 => self.compound(on, dice),
                4 if dice.roll(4) == 0 => self.play.server.expire_session(on),
                5 => self.passes(dice.roll(70_000)),
                6..10 if self.owed.is_some() => self.obey(),
                _ => {
                    let op = self.op(dice);
                    self.send(on, vec![op]);
                }
            }
        }
        self.settle();
    }

    /// Whoever waits, waits for a break or for a byte-range lock, and no break outlasts its timer, nor a handle that waits
    /// for its client its own; a follow-up break has one of its own.
    fn end(mut self) {
        for _ in 0..12 {
            self.passes(300_000);
        }
        let made = std::mem::take(&mut self.made);
        for on in CONNECTIONS {
            for (file, _) in &made {
                let unlocks = Op::Unlock { file: *file, ranges: vec![RANGE] };
                self.send(on, vec![unlocks]);
            }
        }
        for _ in 0..4 {
            self.passes(300_000);
        }
        let Walk { mut play, unanswered, gone, .. } = self;
        let heard = unanswered.values().any(|on| !gone.contains(on));
        assert!(!heard, "{unanswered:?} never answered\n{:#?}", play.log);
        play.server.shut_down(play.now);
        play.check();
        assert!(!play.server.has_opens());
    }

    fn send(&mut self, on: ConnectionId, ops: Vec<Op>) {
        for (call, op) in (self.play.calls + 1..).zip(&ops) {
            match op {
                Op::Cancel { .. } => {}
                Op::Raw { .. } => {
                    self.raw.insert(call);
                }
                op => {
                    if let Op::Create(create) = op {
                        self.sent.insert(call, CreateOp::clone(create));
                    }
                    self.unanswered.insert(call, on);
                }
            }
        }
        self.play.send(on, ops);
        self.settle();
    }

    /// A client acknowledges what it was told.
    fn obey(&mut self) {
        if let Some((on, op)) = self.owed.take().filter(|(on, _)| !self.gone.contains(on)) {
            self.send(on, vec![op]);
        }
    }

    /// Several requests on one open.
    fn compound(&mut self, on: ConnectionId, dice: &mut Dice) {
        let file = FileId::RELATED;
        let ops = vec![Op::Create(Box::new(self.create(dice))), write(file), Op::Close { file }];
        self.send(on, ops);
    }

    /// A connection drops its session, and whatever waits on it is never answered.
    fn leave(&mut self, on: ConnectionId, op: Op) {
        self.unanswered.retain(|_, of| *of != on);
        self.send(on, vec![op]);
    }

    fn come_back(&mut self, on: ConnectionId) {
        self.gone.retain(|gone| *gone != on);
        self.send(on, vec![Op::Connect]);
    }

    fn bind(&mut self, on: ConnectionId, to: ConnectionId) {
        self.settle();
        let mut said = self.play.binds_quietly(on, to);
        let bound = said.iter().any(|event| {
            matches!(event, Event::Reply { status: Status::SUCCESS, call, .. } if call.0 == self.play.calls)
        });
        if bound {
            self.unanswered.retain(|_, of| *of != on);
        }
        said.retain(
            |event| !matches!(event, Event::Reply { call, .. } if call.0 == self.play.calls),
        );
        self.take_in(said);
    }

    fn passes(&mut self, millis: u64) {
        self.play.log.push(format!("{millis} ms"));
        self.play.now = self.play.now.plus_millis(millis);
        self.play.server.advance(self.play.now);
        self.play.check();
        self.settle();
    }

    fn settle(&mut self) {
        let said = self.play.events();
        self.take_in(said);
    }

    fn take_in(&mut self, said: Vec<Event>) {
        for event in said {
            match event {
                Event::Reply { call, body, .. } => {
                    let known = self.unanswered.remove(&call.0).is_some();
                    assert!(
                        known || self.raw.remove(&call.0),
                        "{call:?} answered twice\n{:#?}",
                        self.play.log
                    );
                    let op = self.sent.remove(&call.0);
                    if let (Body::Create(answer), Some(op)) = (body, op) {
                        self.made.push((answer.file, op));
                    }
                }
                Event::Break(BreakNotice::Oplock { connection, file, level }) => {
                    self.owed = Some((connection, Op::OplockAck { file, level }));
                }
                Event::Break(BreakNotice::Lease { connection, key, new, .. }) => {
                    self.owed = Some((connection, ack(key, new)));
                }
                Event::Gone { connection } => {
                    self.unanswered.retain(|_, of| *of != connection);
                    self.gone.push(connection);
                }
                _ => {}
            }
        }
    }

    fn file(&self, dice: &mut Dice) -> FileId {
        let recent = self.made.len().saturating_sub(6);
        match self.made.get(recent..) {
            Some(made) if !made.is_empty() => dice.pick(made).0,
            _ => FileId { persistent: 1, volatile: 2 },
        }
    }

    fn op(&self, dice: &mut Dice) -> Op {
        let file = self.file(dice);
        let key = dice.pick(&[K1, K2]);
        let ranges = vec![RANGE];
        let fail_immediately = dice.roll(2) == 0;
        match dice.roll(44) {
            0..16 => Op::Create(Box::new(self.create(dice))),
            16..20 => Op::Close { file },
            20..24 => ack(key, dice.pick(&ACKED)),
            24..27 => Op::OplockAck { file, level: OplockLevel(dice.pick(&[0, 1, 8, 9, 0xFF])) },
            27 | 28 => write(file),
            29 => Op::Read { file, offset: 0, length: 1 },
            30 => Op::Query { file, info: QueryInfo::Basic },
            31 => Op::Flush { file },
            32 => Op::Lock { file, ranges, fail_immediately },
            33 => Op::Unlock { file, ranges },
            34 => Op::QueryDirectory { file, pattern: "*".to_owned() },
            35 => Op::Set { file, info: SetInfo::EndOfFile(dice.roll(2) * 4096) },
            36 => {
                let to = dice.pick(&["f", "g", "d/f"]).to_owned();
                Op::Set { file, info: SetInfo::Rename { to, replace: dice.roll(2) == 0 } }
            }
            37 => Op::Set { file, info: SetInfo::Disposition { delete: dice.roll(2) == 0 } },
            38 | 39 => {
                Op::Control { file, control: Control::Resiliency { timeout: dice.roll(2) as u32 } }
            }
            40 => Op::Cancel { call: CallId(self.play.calls.saturating_sub(dice.roll(4))) },
            41 => Op::LogOff,
            42 => Op::TreeDisconnect,
            _ => {
                let command = dice.pick(&[0x05, 0x12, 0x0D, 0x40]);
                Op::Raw { command, body: dice.pick(&[vec![], vec![24, 0], vec![36; 36]]) }
            }
        }
    }

    fn create(&self, dice: &mut Dice) -> CreateOp {
        let recent = self.made.len().saturating_sub(6);
        match self.made.get(recent..) {
            Some(made) if !made.is_empty() && dice.roll(3) == 0 => again(dice, made),
            _ => {
                let file = self.file(dice);
                anew(dice, file)
            }
        }
    }
}

/// A create that claims or repeats an earlier one, nearly as it was.
fn again(dice: &mut Dice, made: &[(FileId, CreateOp)]) -> CreateOp {
    let (file, op) = dice.pick(made);
    let op = match dice.roll(6) {
        0 => CreateOp { wanted: anew(dice, file).wanted, ..op },
        1 => CreateOp { path: dice.pick(&["f", "g"]).to_owned(), ..op },
        _ => op,
    };
    let durable = match (op.durable, dice.roll(3)) {
        (Some(Durable::RequestV2 { .. }), 0) => return CreateOp { replay: true, ..op },
        (Some(Durable::RequestV2 { guid, .. }), 1) => {
            Durable::ReconnectV2 { file, guid, persistent: dice.roll(3) == 0 }
        }
        (Some(Durable::ReconnectV2 { guid, persistent, .. }), _) => {
            Durable::ReconnectV2 { file, guid, persistent }
        }
        _ => Durable::ReconnectV1 { file },
    };
    CreateOp { durable: Some(durable), ..op }
}

fn anew(dice: &mut Dice, file: FileId) -> CreateOp {
    let key = dice.pick(&[K1, K2]);
    let state = LeaseState(dice.roll(8) as u32);
    let wanted = match dice.roll(5) {
        0 => open(),
        1 => oplock(OplockLevel(dice.pick(&[1, 8, 9, 9]))),
        2 => lease(key, state),
        _ => lease_v2(key, dice.pick(&[state, LeaseState::RWH, LeaseState::RH]), 1),
    };
    let guid = [dice.roll(5) as u8; 16];
    let persistent = dice.roll(2) == 0;
    let timeout = dice.pick(&[0, 10_000, 400_000]);
    let durable = match dice.roll(12) {
        0..6 => None,
        6 => Some(Durable::RequestV1),
        7 => Some(Durable::ReconnectV1 { file }),
        8 => Some(Durable::ReconnectV2 { file, guid, persistent }),
        _ => Some(Durable::RequestV2 { guid, timeout, persistent }),
    };
    let options = dice.pick(&[0, 0, 0, CreateOptions::DELETE_ON_CLOSE.0]);
    CreateOp {
        path: dice.pick(&["f", "f", "f", "f:s", "g", "d", "d/f"]).to_owned(),
        access: dice.pick(&[
            Access::FULL,
            Access::FULL,
            Access::READ_DATA,
            Access::ATTRIBUTES,
            Access::DELETE,
        ]),
        share: dice.pick(&[Share::ALL, Share::ALL, Share::READ, Share::NONE]),
        disposition: match dice.roll(2) {
            0 => Disposition::OpenIf,
            _ => Disposition::WORDS[dice.roll(6) as usize].1,
        },
        options: CreateOptions(options),
        durable,
        app_instance: (dice.roll(12) == 0).then_some([7; 16]),
        replay: dice.roll(3) == 0,
        ..wanted
    }
}

const ACKED: [LeaseState; 5] =
    [LeaseState::RH, LeaseState::RH, LeaseState::R, LeaseState::NONE, LeaseState::RWH];
const RANGE: LockRange = LockRange { offset: 0, length: 1, exclusive: true };

impl Play {
    fn binds_quietly(&mut self, connection: ConnectionId, to: ConnectionId) -> Vec<Event> {
        self.calls += 1;
        self.log.push(format!("{connection:?} binds to {to:?}"));
        self.server.bind(self.now, CallId(self.calls), connection, to);
        self.check();
        self.events()
    }
}
