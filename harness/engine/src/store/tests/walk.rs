//! A random walk through the calls, with the invariants checked after every step.

use oplock_model::{Access, AckForm, CreateOptions, Disposition, LeaseState, Level, RuleId, Share};

use super::bench::{Bench, K1, K2, K3, asking};
use crate::store::{CreateArgs, Indication, OpenId, Ticket};

/// A linear congruential generator with Knuth's constants.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound.max(1)
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

#[test]
fn invariants_hold_wherever_a_walk_leads() {
    let mut fired = oplock_model::RuleSet::default();
    for seed in 0..200 {
        let mut random = Random(seed);
        let readings: &[(&str, &str)] = match seed % 4 {
            0 => &[("ack_above_offer", "granted"), ("request_while_rh_breaks", "granted")],
            1 => &[("deepened_break", "direct"), ("create_collision", "breaks_first")],
            _ => &[],
        };
        let mut bench = Bench::reading(readings);
        let mut opens: Vec<OpenId> = Vec::new();
        let mut tickets: Vec<Ticket> = Vec::new();
        for step in 0..300 {
            let ticket = bench.call("step");
            tickets.push(ticket);
            act(&mut random, &mut bench, ticket, &opens, &tickets);
            if let Err(what) = bench.store.check_invariants() {
                panic!("seed {seed}, step {step}: {what}");
            }
            while let Some(indication) = bench.store.poll() {
                if let Indication::Created { open: Some(open), .. } = indication {
                    opens.push(open);
                }
            }
            opens.retain(|open| bench.store.stream_of(*open).is_some());
        }
        wind_up(&mut bench, &opens);
        fired.union(&bench.store.fired());
    }
    // What a walk through every call must have met; a walk that goes nowhere proves nothing.
    for rule in [
        RuleId::FsaAckDeepenedRhToR,
        RuleId::FsaBreakingRwhDeepenedToNone,
        RuleId::FsaReleaseRhQueueKeepsWaiting,
        RuleId::FsaGrantRhQueueJoined,
        RuleId::FsaAckClosePendingBatch,
        RuleId::FsaCreateSharingViolationAfterBreak,
    ] {
        assert!(fired.contains(rule), "{rule} never fired");
    }
}

fn act(
    random: &mut Random,
    bench: &mut Bench,
    ticket: Ticket,
    opens: &[OpenId],
    tickets: &[Ticket],
) {
    let open = if opens.is_empty() { OpenId(0) } else { random.pick(opens) };
    match random.below(14) {
        0..=3 => {
            let args = some_args(random);
            bench.store.create(ticket, &args);
        }
        4 => bench.store.close(ticket, open),
        5 => bench.store.read(ticket, open, 0, 1),
        6 => bench.store.write(ticket, open, 4, 8),
        7..=9 => {
            let level = random.pick(&Level::ALL);
            bench.store.request(ticket, open, asking(level));
        }
        10..=12 => {
            let broken = opens.iter().copied().find(|open| bench.store.breaking(*open).is_some());
            let form = some_form(random);
            bench.store.ack(ticket, broken.unwrap_or(open), form);
        }
        _ => {
            let cancelled = random.pick(tickets);
            bench.store.cancel(cancelled);
        }
    }
}

/// When everything is closed, nobody waits and nothing is held.
fn wind_up(bench: &mut Bench, opens: &[OpenId]) {
    let mut left: Vec<OpenId> = opens.to_vec();
    let mut rounds = 0;
    while let Some(open) = left.pop() {
        rounds += 1;
        assert!(rounds < 10_000, "closing never ends");
        let ticket = bench.call("close");
        bench.store.close(ticket, open);
        bench.store.check_invariants().expect("invariants");
        while let Some(indication) = bench.store.poll() {
            if let Indication::Created { open: Some(open), .. } = indication {
                left.push(open);
            }
        }
    }
    assert!(bench.store.opens.is_empty());
    assert!(bench.store.pending.is_empty());
    assert!(bench.store.streams.values().all(|stream| stream.oplock == Default::default()));
}

fn some_args(random: &mut Random) -> CreateArgs {
    CreateArgs {
        path: random.pick(&["f", "f", "f", "f:s", "d", "d/g"]).to_owned(),
        access: random.pick(&[
            Access::FULL,
            Access::FULL,
            Access::READ_DATA,
            Access::ATTRIBUTES,
            Access::READ_ATTRIBUTES,
            Access::READ_CONTROL,
            Access::DELETE,
        ]),
        share: random.pick(&[Share::ALL, Share::ALL, Share::ALL, Share::READ, Share::NONE]),
        disposition: random.pick(&Disposition::WORDS).1,
        options: random.pick(&[
            CreateOptions::default(),
            CreateOptions::default(),
            CreateOptions::default(),
            CreateOptions::default(),
            CreateOptions::COMPLETE_IF_OPLOCKED,
            CreateOptions::OPEN_REQUIRING_OPLOCK,
            CreateOptions::RESERVE_OPFILTER,
            CreateOptions::DELETE_ON_CLOSE,
            CreateOptions::DIRECTORY_FILE,
            CreateOptions::SYNCHRONOUS_IO_ALERT,
        ]),
        key: random.pick(&[K1, K2, K3, None]),
        parent_key: random.pick(&[K1, None]),
    }
}

fn some_form(random: &mut Random) -> AckForm {
    match random.below(12) {
        0 => AckForm::Acknowledge,
        1 => AckForm::NoLevelTwo,
        2 => AckForm::ClosePending,
        bits => AckForm::Granular(LeaseState(u32::try_from(bits % 9).unwrap_or(0))),
    }
}
