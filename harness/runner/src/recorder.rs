//! Keeps the results of a run while they come, and lets it end once, by whoever ends it first.

use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::bench::{Bench, Planned};
use crate::exit::Standing;
use crate::jsonl::{CellLine, Footer, Header, JsonlError, Line, Writer};
use crate::verdict::{CellResult, Verdict};

/// The results of one run.
pub struct Recorder {
    state: Mutex<State>,
    /// A cell has ended.
    ended: Condvar,
}

struct State {
    /// One for each planned cell, in the order of the plan; until it has run, "did not run".
    results: Vec<CellResult>,
    /// Whether the cell has ended.
    done: Vec<bool>,
    running: usize,
    tally: Tally,
    writer: Writer,
    /// Why no more cells are started.
    stopping: Option<Stopping>,
    closed: bool,
    fault: Option<JsonlError>,
}

/// Why no more cells are started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopping {
    /// Enough cells are not as they should be; those that run are waited for.
    MaxFail,
    /// Somebody asked for it; what comes now says nothing, since the server may be gone already.
    Interrupted,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Cells that have ended.
    pub ended: usize,
    /// Those of them that are not as they should be.
    pub wrong: usize,
}

/// A plan in which nothing has run yet.
#[must_use]
pub fn did_not_run(plan: &[Planned]) -> Vec<CellResult> {
    let result = |&Planned { leg, case, cell }: &Planned| CellResult {
        leg,
        case,
        cell,
        verdict: Verdict::Error,
        reason: Some("did not run".to_owned()),
        judgement: None,
        played: None,
        hooks: Vec::new(),
    };
    plan.iter().map(result).collect()
}

impl Recorder {
    /// Begins `results.jsonl`.
    ///
    /// # Errors
    /// A [`JsonlError`] where it cannot be written.
    pub fn begin(path: &Path, header: Header, plan: &[Planned]) -> Result<Recorder, JsonlError> {
        let state = State {
            results: did_not_run(plan),
            done: vec![false; plan.len()],
            running: 0,
            tally: Tally::default(),
            writer: Writer::begin(path, header)?,
            stopping: None,
            closed: false,
            fault: None,
        };
        Ok(Recorder { state: Mutex::new(state), ended: Condvar::new() })
    }

    /// Whether a cell may start; one that may not did not run.
    pub fn starts(&self) -> bool {
        let mut state = self.state();
        let may = state.stopping.is_none() && !state.closed;
        if may {
            state.running += 1;
        }
        may
    }

    /// Takes the result of the cell at this place of the plan.
    pub fn ends(
        &self,
        index: usize,
        result: CellResult,
        standing: Standing,
        bench: &Bench,
    ) -> Tally {
        let mut state = self.state();
        state.running = state.running.saturating_sub(1);
        if !state.closed && state.stopping != Some(Stopping::Interrupted) {
            state.write(&result, bench);
            if let Some(kept) = state.results.get_mut(index) {
                *kept = result;
            }
            if let Some(done) = state.done.get_mut(index) {
                *done = true;
            }
            state.tally.ended += 1;
            if standing.is_wrong() {
                state.tally.wrong += 1;
            }
        }
        self.ended.notify_all();
        state.tally
    }

    /// Starts no more cells.
    pub fn stop(&self, why: Stopping) {
        let mut state = self.state();
        // An interruption counts for more than enough failures.
        if state.stopping != Some(Stopping::Interrupted) {
            state.stopping = Some(why);
        }
    }

    /// Whether somebody asked the run to end.
    pub fn interrupted(&self) -> bool {
        self.state().stopping == Some(Stopping::Interrupted)
    }

    /// Waits until no cell runs, at most this long.
    pub fn wait_for_the_running(&self, most: Duration) {
        let state = self.state();
        let waited = self.ended.wait_timeout_while(state, most, |state| state.running > 0);
        drop(waited);
    }

    /// Ends the run and hands out its results, once; what has not run gets its line too.
    pub fn close(&self, bench: &Bench) -> Option<Vec<CellResult>> {
        let mut state = self.state();
        if state.closed {
            return None;
        }
        state.closed = true;
        let why = match state.stopping {
            Some(Stopping::MaxFail) => "did not run: --max-fail was reached",
            Some(Stopping::Interrupted) => "did not run: interrupted",
            None => "did not run",
        };
        let mut results = std::mem::take(&mut state.results);
        let done = std::mem::take(&mut state.done);
        for (result, _) in results.iter_mut().zip(done).filter(|(_, done)| !done) {
            result.reason = Some(why.to_owned());
            state.write(result, bench);
        }
        Some(results)
    }

    /// Writes the footer; says what went wrong with the file, at any time of the run.
    ///
    /// # Errors
    /// The first [`JsonlError`].
    pub fn footer(&self, footer: Footer) -> Result<(), JsonlError> {
        let mut state = self.state();
        match state.fault.take() {
            Some(fault) => Err(fault),
            None => state.writer.line(&Line::Footer(footer)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn write(&mut self, result: &CellResult, bench: &Bench) {
        let Some((case, cell)) = bench.found(result) else { return };
        let axes = &bench.facts(result).axes;
        let line = Line::Cell(Box::new(CellLine::of(case, cell, axes, result)));
        if let Err(fault) = self.writer.line(&line) {
            self.fault.get_or_insert(fault);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{jsonl, testing};

    fn started(folder: &Path) -> (Recorder, Bench) {
        let cases = ["a/one", "a/two", "a/three"].map(|id| testing::case(id, &[])).to_vec();
        let bench = testing::bench(cases);
        let plan = [0, 1, 2].map(|case| Planned { leg: 0, case, cell: 0 });
        let header = jsonl::header(&bench, plan.len());
        let recorder = Recorder::begin(&folder.join("results.jsonl"), header, &plan);
        (recorder.expect("a file"), bench)
    }

    fn lines(folder: &Path) -> Vec<Line> {
        let text = std::fs::read_to_string(folder.join("results.jsonl")).expect("the file");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    #[test]
    fn every_planned_cell_is_accounted_for_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let (recorder, bench) = started(folder.path());
        assert!(recorder.starts());
        let failed = testing::result(1, Verdict::Fail);
        let tally = recorder.ends(1, failed, Standing::Red, &bench);
        assert_eq!(tally, Tally { ended: 1, wrong: 1 });
        recorder.stop(Stopping::MaxFail);
        assert!(!recorder.starts());
        let results = recorder.close(&bench).expect("the results");
        assert!(recorder.close(&bench).is_none());
        let told: Vec<_> =
            results.iter().map(|r| (r.verdict, r.reason.as_deref().unwrap_or(""))).collect();
        assert_eq!(
            told,
            [
                (Verdict::Error, "did not run: --max-fail was reached"),
                (Verdict::Fail, ""),
                (Verdict::Error, "did not run: --max-fail was reached"),
            ]
        );
        recorder.footer(jsonl::footer(&results, 0, Vec::new(), 1)).expect("a footer");
        assert_eq!(lines(folder.path()).len(), 5);
    }

    #[test]
    fn what_ends_after_an_interruption_did_not_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let (recorder, bench) = started(folder.path());
        assert!(recorder.starts());
        recorder.stop(Stopping::Interrupted);
        let failed = testing::result(0, Verdict::Fail);
        recorder.ends(0, failed, Standing::Red, &bench);
        recorder.wait_for_the_running(Duration::from_secs(60));
        let results = recorder.close(&bench).expect("the results");
        assert!(results.iter().all(|r| r.reason.as_deref() == Some("did not run: interrupted")));
        // Somebody who still runs is not heard any more.
        let passed = testing::result(1, Verdict::Pass);
        recorder.ends(1, passed, Standing::Held, &bench);
        assert_eq!(lines(folder.path()).len(), 4);
    }
}
