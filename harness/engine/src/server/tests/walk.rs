//! Many small random dialogues: whatever is asked in whatever order, the invariants hold and every call is answered.

use std::collections::BTreeSet;

use rstest::rstest;

use super::*;

/// Dialogues of each seed.
const WALKS: usize = 250;

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

#[rstest]
fn any_dialogue(#[values(1, 2, 3, 4, 5, 6, 7, 8)] seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    for _ in 0..WALKS {
        dialogue(&mut dice);
    }
}

/// The same dialogue leads to the same state.
#[test]
fn a_dialogue_can_be_played_again() {
    let play = |seed| {
        let mut dice = Dice(seed);
        let mut play = Play::new();
        for _ in 0..40 {
            let (on, op) = step(&mut dice);
            play.send(on, vec![op]);
        }
        play.server
    };
    assert_eq!(play(42), play(42));
    assert_ne!(play(42), play(43));
}

fn dialogue(dice: &mut Dice) {
    let mut choices = Choices::default();
    for (name, words) in Choices::NAMES {
        if dice.roll(3) == 0 {
            choices.set(name, dice.pick(words)).expect("the choice has that value");
        }
    }
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    play.log.push(format!("{:?}", choices.values()));
    let mut unanswered = BTreeSet::new();
    for _ in 0..40 {
        let (on, op) = step(dice);
        unanswered.insert(play.send(on, vec![op]));
        settle(&mut play, &mut unanswered);
        if dice.roll(12) == 0 {
            passes(&mut play, dice.roll(40_000), &mut unanswered);
        }
    }
    // Whoever waits, waits for a break, and no break outlasts its timer; a follow-up break has one of its own.
    for _ in 0..8 {
        passes(&mut play, 35_000, &mut unanswered);
    }
    assert!(unanswered.is_empty(), "{unanswered:?} never answered\n{:#?}", play.log);
    for connection in [A, B, A2] {
        play.server.disconnect(play.now, connection);
        play.check();
    }
    assert!(!play.server.has_opens());
}

fn passes(play: &mut Play, millis: u64, unanswered: &mut BTreeSet<u64>) {
    play.log.push(format!("{millis} ms"));
    play.now = play.now.plus_millis(millis);
    play.server.advance(play.now);
    play.check();
    settle(play, unanswered);
}

fn settle(play: &mut Play, unanswered: &mut BTreeSet<u64>) {
    for event in play.events() {
        if let Event::Reply { call, .. } = event {
            assert!(unanswered.remove(&call.0), "{call:?} answered twice");
        }
    }
}

fn step(dice: &mut Dice) -> (ConnectionId, Op) {
    let on = dice.pick(&[A, B, A2]);
    let half = dice.roll(9);
    let file = FileId { persistent: half, volatile: half };
    let op = match dice.roll(12) {
        0..5 => Op::Create(Box::new(create(dice))),
        5 | 6 => Op::Close { file },
        7 => ack(dice.pick(&[K1, K2]), LeaseState(dice.roll(8) as u32)),
        8 => Op::OplockAck { file, level: OplockLevel(dice.pick(&[0, 1, 8, 9, 0xFF])) },
        9 => write(file),
        10 => Op::Read { file, offset: 0, length: 1 },
        _ => Op::Query { file, info: oplock_model::QueryInfo::Basic },
    };
    (on, op)
}

fn create(dice: &mut Dice) -> CreateOp {
    let key = dice.pick(&[K1, K2]);
    let state = LeaseState(dice.roll(8) as u32);
    let wanted = match dice.roll(4) {
        0 => open(),
        1 => oplock(OplockLevel(dice.pick(&[1, 8, 9]))),
        2 => lease(key, state),
        _ => lease_v2(key, state, dice.roll(3) as u16),
    };
    let options = dice.pick(&[0, 0, 0, CreateOptions::DELETE_ON_CLOSE.0]);
    CreateOp {
        path: dice.pick(&["f", "f", "f", "f:s", "g", "d"]).to_owned(),
        access: dice.pick(&[Access::FULL, Access::READ_DATA, Access::ATTRIBUTES, Access::DELETE]),
        share: dice.pick(&[Share::ALL, Share::ALL, Share::READ, Share::NONE]),
        disposition: Disposition::WORDS[dice.roll(6) as usize].1,
        options: CreateOptions(options),
        ..wanted
    }
}
