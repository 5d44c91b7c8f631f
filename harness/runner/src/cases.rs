//! Whole cases, for the entry behind `cargo test`: there a trial is a case, and its cells are played on threads of its own.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use oplock_suite::plan::{Case, Corpus};

use crate::bench::{Bench, Planned};
use crate::deviations::Deviations;
use crate::exit::Standing;
use crate::opening::Opening;
use crate::samba::Servers;
use crate::screen::quoted;
use crate::snapshot::Observed;
use crate::target::Choice;
use crate::verdict::CellResult;
use crate::{corpus, snapshot, tell};

/// How many cells of one case are played side by side.
const CELLS_AT_A_TIME: usize = 8;

/// A target with everything that its cases need.
pub struct Court {
    /// The bench; it lets the target go before the server behind it.
    bench: Bench,
    again: String,
    _samba: Option<Servers>,
}

/// What a case showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The screens of its cells that are not as they should be; empty where all are.
    pub wrong: String,
    /// Its snapshot, where its verdicts held: the folder of the target, and the text.
    pub snapshot: Option<(String, String)>,
}

impl Court {
    /// Opens a target; a managed server keeps its files in a folder of this process below `out`.
    ///
    /// # Errors
    /// A sentence where the target cannot be opened, or its deviation list not be read.
    pub fn open(choice: &Choice, corpus: Arc<Corpus>, out: &Path) -> Result<Court, String> {
        let (choice, password) = choice.clone().with_passwords(None)?;
        let private = out.join(format!("smbd-{}", std::process::id()));
        let opening = Opening { password, ..Opening::usual(&private) };
        let opened = choice.open(&opening).map_err(|fault| fault.to_string())?;
        let version = opened.version();
        let (file, text) = choice.deviations()?;
        let deviations =
            Deviations::read(&file, &text, &version).map_err(|error| error.to_string())?;
        deviations.decided(corpus::cells(&corpus)).map_err(|error| error.to_string())?;
        let again = match &choice {
            Choice::Reference => "run".to_owned(),
            Choice::Samba => format!("run --target samba{}", opening.samba.typed()),
            Choice::Server(address) => format!("run --target {address}"),
            Choice::Profile(found) => format!("run --target {}", quoted(&found.name)),
        };
        let bench =
            Bench { corpus, legs: opened.legs, live: choice.is_live(), deviations, seed: 0 };
        Ok(Court { bench, again, _samba: opened.samba })
    }

    /// The folder of the target's snapshots.
    #[must_use]
    pub fn folder(&self) -> String {
        snapshot::folder(&self.bench.first().facts)
    }

    /// Plays the cells of a case that are part of the target's plan.
    #[must_use]
    pub fn play(&self, case: usize) -> Shown {
        let Some(found) = self.bench.corpus.cases.get(case) else {
            return Shown { wrong: "no such case".to_owned(), snapshot: None };
        };
        let results = self.results(case, found);
        let mut wrong = String::new();
        for result in &results {
            let standing = Standing::of(result.verdict, &found.obligation, false);
            if standing.is_wrong() {
                wrong.push_str(&tell::screen(&self.bench, &self.again, result));
                if let Some(reason) = &result.reason {
                    wrong.push_str(&format!("\n{}: {reason}\n", result.verdict.words()));
                }
            }
        }
        let holds = |result: &CellResult| tell::holds(&self.bench, false, found, result);
        let observed = results.iter().filter(|result| holds(result)).filter_map(|result| {
            let (case, cell) = self.bench.found(result)?;
            Some((result.case, Observed::of(case, cell, result)))
        });
        let mut texts = tell::outcomes(&self.bench, &observed.collect::<Vec<_>>());
        let snapshot = texts.pop().map(|(_, text)| (self.folder(), text));
        Shown { wrong, snapshot }
    }

    fn results(&self, case: usize, found: &Case) -> Vec<CellResult> {
        let in_plan =
            |index: &usize| found.cells.get(*index).is_some_and(|cell| self.bench.plans(0, cell));
        let cells: Vec<usize> = (0..found.cells.len()).filter(in_plan).collect();
        let next = AtomicUsize::new(0);
        let results = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..cells.len().min(CELLS_AT_A_TIME) {
                scope.spawn(|| {
                    while let Some(cell) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let result = self.bench.play(Planned { leg: 0, case, cell: *cell }, 0);
                        results.lock().unwrap_or_else(PoisonError::into_inner).push(result);
                    }
                });
            }
        });
        let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.sort_by_key(|result| result.cell);
        results
    }
}
