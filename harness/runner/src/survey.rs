//! What the cases reach on the reference engine: its rules, and the cells of its transition grid.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use oplock_engine::{Choices, Reference};
use oplock_model::{Dialect, GridSet, RuleId, RuleSet};
use oplock_suite::plan::Corpus;

use crate::bench::{Bench, Planned};
use crate::deviations::Deviations;
use crate::leg::Leg;
use crate::target::Choice;

/// What each case has reached, in the order of the corpus.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// One for each case.
    pub cases: Vec<Reached>,
}

/// What one case has reached in all of its cells.
#[derive(Clone, Debug, Default)]
pub struct Reached {
    /// Its id.
    pub case: String,
    /// The rules that decided anything.
    pub rules: RuleSet,
    /// The cells of the grid.
    pub cells: GridSet,
}

impl Survey {
    /// Plays every cell of every case, on as many threads as there are cores.
    #[must_use]
    pub fn take(corpus: Corpus) -> Survey {
        let bench = Bench {
            corpus: Arc::new(corpus),
            legs: vec![Leg::new(
                Arc::new(Reference::new(Choices::default())),
                Dialect::default(),
                Choice::Reference.waits(1.0),
            )],
            live: false,
            deviations: Deviations::default(),
            seed: 0,
        };
        let next = AtomicUsize::new(0);
        let found = Mutex::new(BTreeMap::new());
        let cores = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for _ in 0..cores {
                scope.spawn(|| {
                    while let Some(reached) = played(&bench, next.fetch_add(1, Ordering::Relaxed)) {
                        let (index, reached) = reached;
                        found.lock().unwrap_or_else(PoisonError::into_inner).insert(index, reached);
                    }
                });
            }
        });
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        Survey { cases: found.into_values().collect() }
    }

    /// The rules that any case reaches.
    #[must_use]
    pub fn rules(&self) -> RuleSet {
        let mut all = RuleSet::new();
        for case in &self.cases {
            all.union(&case.rules);
        }
        all
    }

    /// The cells of the grid that any case reaches.
    #[must_use]
    pub fn cells(&self) -> GridSet {
        let mut all = GridSet::new();
        for case in &self.cases {
            all.union(&case.cells);
        }
        all
    }

    /// The cases that reach a rule.
    pub fn reaching(&self, rule: RuleId) -> impl Iterator<Item = &str> {
        let reaches = move |case: &&Reached| case.rules.contains(rule);
        self.cases.iter().filter(reaches).map(|case| case.case.as_str())
    }

    /// The cases that reach a cell of the grid.
    pub fn in_cell(&self, cell: u16) -> impl Iterator<Item = &str> {
        let reaches = move |case: &&Reached| case.cells.contains(cell);
        self.cases.iter().filter(reaches).map(|case| case.case.as_str())
    }
}

/// What the case of that number reaches; nothing where there is no such case.
fn played(bench: &Bench, index: usize) -> Option<(usize, Reached)> {
    let case = bench.corpus.cases.get(index)?;
    let mut reached = Reached { case: case.id.clone(), ..Reached::default() };
    for cell in 0..case.cells.len() {
        if let Some(played) = bench.play(Planned { leg: 0, case: index, cell }, 0).played {
            reached.rules.union(&played.rules);
            reached.cells.union(&played.cells);
        }
    }
    Some((index, reached))
}

/// The survey of the embedded corpus, taken once for all tests.
#[cfg(test)]
pub(crate) fn of_embedded() -> &'static Survey {
    static SURVEY: std::sync::OnceLock<Survey> = std::sync::OnceLock::new();
    SURVEY.get_or_init(|| Survey::take(crate::corpus::read(None).expect("the corpus")))
}
