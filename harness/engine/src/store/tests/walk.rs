//! Random walks through every call of the store, with the invariants checked after every step.

use std::collections::BTreeSet;

use oplock_model::{RuleId, RuleSet, Status};

use super::random::{Act, Random, some_act};
use crate::choices::Choices;
use crate::store::{Indication, OpenId, Store, Ticket};

const WALKS: u64 = 2000;
const STEPS: usize = 80;

/// A walk under way: what the store has said must fit together.
pub struct Walk {
    pub store: Store,
    random: Random,
    /// The opens that are there.
    opens: Vec<OpenId>,
    /// All calls so far.
    tickets: Vec<Ticket>,
    /// Calls that have not ended.
    running: BTreeSet<Ticket>,
    /// Requests that were granted and have not completed.
    granted: BTreeSet<Ticket>,
    /// Everything that was said, where it is to be compared.
    said: Option<Vec<Indication>>,
}

impl Walk {
    /// A walk with this seed; every second one reads the open questions at random.
    pub fn new(seed: u64) -> Walk {
        let mut random = Random::new(seed);
        let mut choices = Choices::default();
        if seed % 2 == 1 {
            for (name, words) in Choices::NAMES {
                let word = random.pick(words);
                choices.set(name, word).expect("a choice of ours");
            }
        }
        let mut store = Store::new(choices);
        for spec in super::random::files() {
            store.add(&spec).expect("a file of ours");
        }
        Walk {
            store,
            random,
            opens: Vec::new(),
            tickets: Vec::new(),
            running: BTreeSet::new(),
            granted: BTreeSet::new(),
            said: None,
        }
    }

    /// One step.
    pub fn step(&mut self) -> Result<(), String> {
        let act = some_act(&mut self.random, &self.store, &self.opens, &self.tickets);
        self.act(act.clone()).map_err(|what| format!("{act:?}: {what}"))
    }

    /// Closes everything; then nobody waits, nothing is held, and every call has ended.
    pub fn wind_up(&mut self) -> Result<(), String> {
        while let Some(open) = self.opens.last().copied() {
            self.act(Act::Close(open))?;
            if self.tickets.len() > 10_000 {
                return Err("closing never ends".to_owned());
            }
        }
        let store = &self.store;
        let idle = |oplock: &_| *oplock == Default::default();
        if !store.opens.is_empty() || !store.pending.is_empty() || !self.running.is_empty() {
            return Err(format!(
                "something is left after everything was closed: opens {:?}, waiting {:?}, running {:?}",
                store.opens, store.pending, self.running
            ));
        }
        if !self.granted.is_empty() || !store.streams.values().all(|stream| idle(&stream.oplock)) {
            return Err("an oplock is left after everything was closed".to_owned());
        }
        Ok(())
    }

    fn act(&mut self, act: Act) -> Result<(), String> {
        let ticket = Ticket(u64::try_from(self.tickets.len()).unwrap_or_default() + 1);
        self.tickets.push(ticket);
        if act.is_answered() {
            self.running.insert(ticket);
        }
        let closed = if let Act::Close(open) = &act { Some(*open) } else { None };
        let breaks_nothing = act.breaks_nothing();
        act.perform(&mut self.store, ticket, &mut self.opens);
        self.store.check_invariants()?;
        while let Some(indication) = self.store.poll() {
            if breaks_nothing && matches!(indication, Indication::Broken { .. }) {
                return Err(format!("nobody took anything, and yet {indication:?}"));
            }
            self.heard(&indication)?;
            if let Some(said) = &mut self.said {
                said.push(indication);
            }
        }
        // A close that waits is left alone until it is over.
        let closing = |open: &OpenId| closed == Some(*open);
        let store = &self.store;
        self.opens.retain(|open| store.stream_of(*open).is_some() && !closing(open));
        Ok(())
    }

    /// Calls end once, and granted requests complete once.
    fn heard(&mut self, indication: &Indication) -> Result<(), String> {
        let fits = match indication {
            Indication::Created { ticket, status, open, .. } => {
                self.opens.extend(open);
                self.running.remove(ticket) && open.is_some() != status.is_error()
            }
            Indication::Done { ticket, .. } => self.running.remove(ticket),
            Indication::Returned { ticket, status, .. } => {
                self.running.remove(ticket)
                    && (*status != Status::PENDING || self.granted.insert(*ticket))
            }
            Indication::Waits { ticket } => self.running.contains(ticket),
            Indication::Broken { ticket, from, to, .. } => {
                self.granted.remove(ticket) && from != to
            }
            Indication::Completed { ticket, .. } => self.granted.remove(ticket),
        };
        if fits { Ok(()) } else { Err(format!("out of place: {indication:?}")) }
    }
}

/// Walks and winds up; what fired on the way.
pub fn walk(seed: u64, steps: usize) -> RuleSet {
    let mut walk = Walk::new(seed);
    for step in 0..steps {
        if let Err(what) = walk.step() {
            panic!("seed {seed}, step {step}: {what}");
        }
    }
    if let Err(what) = walk.wind_up() {
        panic!("seed {seed}, at the end: {what}");
    }
    walk.store.fired()
}

#[test]
fn invariants_hold_wherever_a_walk_leads() {
    let mut fired = RuleSet::default();
    for seed in 0..WALKS {
        fired.union(&walk(seed, STEPS));
    }
    // What a walk through every call must have met; a walk that goes nowhere proves nothing.
    for rule in [
        RuleId::FsaAckDeepenedRhToR,
        RuleId::FsaBreakingRwhDeepenedToNone,
        RuleId::FsaReleaseRhQueueKeepsWaiting,
        RuleId::FsaGrantRhQueueJoined,
        RuleId::FsaAckClosePendingBatch,
        RuleId::FsaCreateSharingViolationAfterBreak,
        RuleId::FsaCreateRequiringOplockUsed,
        RuleId::FsaBreakNotifyOver,
    ] {
        assert!(fired.contains(rule), "{rule} never fired");
    }
}

/// The same calls say the same and lead to the same store.
#[test]
fn the_same_input_gives_the_same_output() {
    for seed in 0..100 {
        let [first, second] = [(), ()].map(|()| {
            let mut walk = Walk::new(seed);
            walk.said = Some(Vec::new());
            for _ in 0..150 {
                walk.step().expect("a sound step");
            }
            (walk.store, walk.said)
        });
        assert!(first.1.as_ref().is_some_and(|said| said.len() > STEPS / 2), "seed {seed}");
        assert!(first == second, "seed {seed}");
    }
}
