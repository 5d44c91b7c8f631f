//! Seeded walks: steps drawn from all that can be done.

use oplock_model::{Access, CreateOptions, Disposition, GridSet, Share};

use super::play::{DIRECTORY, FILE, K1, K2, K3, Mode, Play};
use super::sweep::{STEPS, acknowledgements, requests};

/// A linear congruential generator with Knuth's constants, so that a walk can be taken again.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound.max(1)
    }

    pub fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

/// The cells of one walk at the store.
pub fn store(seed: u64) -> GridSet {
    let mut random = Random(seed);
    let subject = random.pick(&[FILE, FILE, DIRECTORY]);
    let mut play = Play::new(subject, Mode::Data, &[]);
    for _ in 0..150 {
        step(&mut play, &mut random);
        if let Err(what) = play.store.check_invariants() {
            panic!("seed {seed}: {what}");
        }
    }
    play.store.cells().clone()
}

/// The cells of one walk at the server: a way into a state, and then one step after the other.
pub fn server(seed: u64) -> GridSet {
    let mut random = Random(seed);
    let mut play = super::server::some_state(&mut random);
    for _ in 0..30 {
        super::server::some_step(&mut play, &mut random);
    }
    play.cells()
}

fn step(play: &mut Play, random: &mut Random) {
    let open = (!play.opens.is_empty()).then(|| random.pick(&play.opens));
    match (random.below(10), open) {
        (0..=2, _) | (_, None) => {
            let mut args = play.plain(random.pick(&[K1, K2, K3, None]));
            args.access = random.pick(&[Access::FULL, Access::READ_DATA, Access::ATTRIBUTES]);
            args.share = random.pick(&[Share::ALL, Share::ALL, Share::READ, Share::NONE]);
            args.disposition = random.pick(&[Disposition::OpenIf, Disposition::OverwriteIf]);
            args.options = random.pick(&[
                CreateOptions::default(),
                CreateOptions::default(),
                CreateOptions::COMPLETE_IF_OPLOCKED,
                CreateOptions::OPEN_REQUIRING_OPLOCK,
                CreateOptions::DELETE_ON_CLOSE,
            ]);
            play.create(&args);
        }
        (3..=5, Some(open)) => {
            let request = random.pick(&requests());
            play.call(|store, ticket| store.request(ticket, open, request));
        }
        (6, Some(open)) => {
            let breaking =
                play.opens.iter().copied().find(|open| play.store.breaking(*open).is_some());
            let form = random.pick(&acknowledgements());
            play.call(|store, ticket| store.ack(ticket, breaking.unwrap_or(open), form));
        }
        (7, Some(_)) => {
            let tickets: Vec<_> = play.granted.iter().chain(&play.waiting).copied().collect();
            if !tickets.is_empty() {
                let ticket = random.pick(&tickets);
                play.call(|store, _| store.cancel(ticket));
            }
        }
        (_, Some(open)) => {
            let step = random.pick(STEPS);
            play.call(|store, ticket| step(store, ticket, open));
        }
    }
}
