//! Keeps the results of a run while they come, and lets it end once, by whoever ends it first.

use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oplock_model::GridSet;

use crate::exit::Standing;
use crate::record::{Brief, CaseLine, CellLine, Footer, Header, Line, WriteError, Writer};
use crate::snapshot::Observed;

/// The results of one run.
pub struct Recorder {
    path: PathBuf,
    header: Header,
    cases: Vec<CaseLine>,
    state: Mutex<State>,
    /// A cell has ended.
    ended: Condvar,
}

struct State {
    /// One for each planned cell, in the order of the plan; until it has run, "did not run".
    cells: Vec<Brief>,
    /// Whether the cell has ended.
    done: Vec<bool>,
    /// What snapshots are compared with: the index of the case, and what one of its cells showed.
    observed: Vec<(usize, Observed)>,
    /// The cells of the transition grid that any cell is about.
    grid: GridSet,
    running: usize,
    tally: Tally,
    writer: Writer,
    /// Why no more cells are started.
    stopping: Option<Stopping>,
    closed: bool,
    /// Nobody waits for a cell any more.
    hurries: bool,
    fault: Option<WriteError>,
}

/// Why no more cells are started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopping {
    /// Enough cells are not as they should be; those that run are waited for.
    MaxFail,
    /// The time that the run may take is over; those that run are waited for.
    Deadline,
    /// Results cannot be written any more.
    Unwritable,
    /// Somebody asked for it; what comes now says nothing, since the server may be gone already.
    Interrupted,
}

/// The reason of a cell that did not run where nothing more is known.
const DID_NOT_RUN: &str = "did not run";

impl Stopping {
    /// Why a cell did not run.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Stopping::MaxFail => "did not run: --max-fail was reached",
            Stopping::Deadline => "did not run: --deadline was over",
            Stopping::Unwritable => "did not run: results.jsonl cannot be written any more",
            Stopping::Interrupted => "did not run: interrupted",
        }
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Cells that have ended.
    pub ended: usize,
    /// Those of them that are not as they should be.
    pub wrong: usize,
    /// Those that were left out.
    pub skipped: usize,
}

/// What a run left behind.
#[derive(Debug)]
pub struct Closed {
    /// Each planned cell, in the order of the plan.
    pub cells: Vec<Brief>,
    /// What snapshots are compared with: the index of the case, and what one of its cells showed.
    pub observed: Vec<(usize, Observed)>,
    /// The cells of the transition grid that any cell is about.
    pub grid: GridSet,
    /// Why it ended before its plan did, where it did.
    pub stopping: Option<Stopping>,
}

impl Recorder {
    /// Begins `results.jsonl`; `cells` are the plan, in which nothing has run yet.
    ///
    /// # Errors
    /// A [`WriteError`] where it cannot be written.
    pub fn begin(
        path: &Path,
        header: Header,
        cases: Vec<CaseLine>,
        cells: Vec<Brief>,
    ) -> Result<Recorder, WriteError> {
        let mut writer = Writer::begin(path)?;
        writer.line(&Line::Header(Box::new(header.clone())))?;
        for case in &cases {
            writer.line(&Line::Case(Box::new(case.clone())))?;
        }
        let state = State {
            done: vec![false; cells.len()],
            cells,
            observed: Vec::new(),
            grid: GridSet::new(),
            running: 0,
            tally: Tally::default(),
            writer,
            stopping: None,
            closed: false,
            hurries: false,
            fault: None,
        };
        let state = Mutex::new(state);
        Ok(Recorder { path: path.to_owned(), header, cases, state, ended: Condvar::new() })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What holds for the whole run.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The cases of which a cell is in the plan.
    #[must_use]
    pub fn cases(&self) -> &[CaseLine] {
        &self.cases
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

    /// Why a cell that runs may not go on with another play, once it may not.
    pub fn stopped(&self) -> Option<&'static str> {
        let state = self.state();
        let closed = state.closed.then_some(DID_NOT_RUN);
        state.stopping.map(Stopping::words).or(closed)
    }

    /// Takes the line of the cell at this place of the plan, and what snapshots are compared with, if they are.
    pub fn ends(&self, index: usize, line: CellLine, observed: Option<(usize, Observed)>) -> Tally {
        let mut state = self.state();
        state.running = state.running.saturating_sub(1);
        if !state.closed && state.stopping != Some(Stopping::Interrupted) {
            let standing = line.standing;
            line.grid.iter().for_each(|cell| state.grid.insert(*cell));
            state.keep(index, line);
            state.observed.extend(observed);
            state.tally.ended += 1;
            state.tally.wrong += usize::from(standing.is_wrong());
            state.tally.skipped += usize::from(standing == Standing::Skipped);
        }
        self.ended.notify_all();
        state.tally
    }

    /// Starts no more cells.
    pub fn stop(&self, why: Stopping) {
        let mut state = self.state();
        // An interruption counts for more than anything else; of the others the first does.
        if state.stopping.is_none() || why == Stopping::Interrupted {
            state.stopping = Some(why);
        }
    }

    /// Whether somebody asked the run to end.
    pub fn interrupted(&self) -> bool {
        self.state().stopping == Some(Stopping::Interrupted)
    }

    /// Waits for nothing from here on.
    pub fn hurry(&self) {
        self.state().hurries = true;
        self.ended.notify_all();
    }

    /// Whether nothing is waited for any more.
    pub fn hurries(&self) -> bool {
        self.state().hurries
    }

    /// Waits until no cell runs, at most this long.
    pub fn wait_for_the_running(&self, most: Duration) {
        let state = self.state();
        let waits = |state: &mut State| state.running > 0 && !state.hurries;
        let waited = self.ended.wait_timeout_while(state, most, waits);
        drop(waited);
    }

    /// Ends the run and hands out what it left, once; what has not run gets its line too.
    pub fn close(&self) -> Option<Closed> {
        let mut state = self.state();
        if state.closed {
            return None;
        }
        state.closed = true;
        let stopping = state.stopping;
        let why = stopping.map_or(DID_NOT_RUN, Stopping::words);
        let left: Vec<usize> =
            state.done.iter().enumerate().filter(|(_, done)| !**done).map(|(at, _)| at).collect();
        for index in left {
            let Some(brief) = state.cells.get(index) else { continue };
            let line = self.did_not_run(brief, why);
            state.keep(index, line);
        }
        let (cells, observed) =
            (std::mem::take(&mut state.cells), std::mem::take(&mut state.observed));
        let grid = std::mem::take(&mut state.grid);
        Some(Closed { cells, observed, grid, stopping })
    }

    fn did_not_run(&self, brief: &Brief, why: &str) -> CellLine {
        let case = self.cases.get(brief.case).map_or("", |case| case.id.as_str());
        let axes = self.header.legs.get(brief.leg).map_or("", |leg| leg.axes.as_str());
        CellLine { reason: Some(why.to_owned()), ..brief.line(case, axes) }
    }

    /// Whether the file is still where it was begun.
    pub fn is_in_place(&self) -> bool {
        self.state().writer.is_in_place()
    }

    /// Writes the footer; says what went wrong with the file, at any time of the run.
    ///
    /// # Errors
    /// The first [`WriteError`].
    pub fn footer(&self, footer: Footer) -> Result<(), WriteError> {
        let mut state = self.state();
        match state.fault.take() {
            Some(fault) => Err(fault),
            None => {
                state.writer.line(&Line::Footer(Box::new(footer)))?;
                state.writer.finish()
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Writes the line of a cell, and keeps it in brief. After the first line that could not be written none is: half a line stands there.
    fn keep(&mut self, index: usize, line: CellLine) {
        let Some((case, leg)) = self.cells.get(index).map(|brief| (brief.case, brief.leg)) else {
            return;
        };
        let line = Line::Cell(Box::new(line));
        let at = match self.fault {
            None => match self.writer.line(&line) {
                Ok(at) => Some(at),
                Err(fault) => {
                    self.fault = Some(fault);
                    self.stopping.get_or_insert(Stopping::Unwritable);
                    None
                }
            },
            Some(_) => None,
        };
        let Line::Cell(line) = line else { return };
        if let Some(kept) = self.cells.get_mut(index) {
            *kept = Brief::of(&line, case, leg, at);
        }
        if let Some(done) = self.done.get_mut(index) {
            *done = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;
    use crate::testing;
    use crate::verdict::Verdict;

    fn started(folder: &Path) -> (Recorder, Vec<CellLine>) {
        let cases = ["a/one", "a/two", "a/three"].map(|id| testing::case(id, &[]));
        let results = [Verdict::Pass, Verdict::Fail, Verdict::Pass];
        let results: Vec<_> =
            results.iter().enumerate().map(|(at, v)| testing::result(at, *v)).collect();
        let (cases, lines) = testing::lines(&cases, &results);
        let planned = |(case, line): (usize, &CellLine)| {
            let nothing =
                CellLine { number: line.number, cell: line.cell.clone(), ..CellLine::default() };
            Brief::of(&nothing, case, 0, None)
        };
        let plan = lines.iter().enumerate().map(planned).collect();
        let header = testing::header("reference", "0.1.0", &[""]);
        let header = Header { planned: cases.len(), whole_plan: cases.len(), ..header };
        let path = folder.join("below/results.jsonl");
        (Recorder::begin(&path, header, cases, plan).expect("a file"), lines)
    }

    fn read(recorder: &Recorder) -> Record {
        Record::open(recorder.path()).expect("a record")
    }

    #[test]
    fn every_planned_cell_is_accounted_for_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let (recorder, lines) = started(folder.path());
        assert!(recorder.starts());
        let tally = recorder.ends(1, lines[1].clone(), None);
        assert_eq!(tally, Tally { ended: 1, wrong: 1, skipped: 0 });
        // Whoever reads a run that goes on sees whole lines.
        let so_far = read(&recorder);
        assert_eq!((so_far.cells.len(), so_far.footer), (1, None));
        recorder.stop(Stopping::MaxFail);
        assert!(!recorder.starts());
        assert_eq!(recorder.stopped(), Some("did not run: --max-fail was reached"));
        let closed = recorder.close().expect("what the run left");
        assert!(recorder.close().is_none());
        let told = |cells: &[Brief]| -> Vec<_> {
            let one = |brief: &Brief| (brief.verdict, brief.reason.clone().unwrap_or_default());
            cells.iter().map(one).collect()
        };
        let left_out = "did not run: --max-fail was reached".to_owned();
        let expected = [
            (Verdict::Error, left_out.clone()),
            (Verdict::Fail, String::new()),
            (Verdict::Error, left_out),
        ];
        assert_eq!(told(&closed.cells), expected);
        let (header, cases) = (recorder.header(), recorder.cases());
        let (footer, _) = Footer::default().ending(header, cases, &closed.cells);
        recorder.footer(footer).expect("a footer");
        let whole = read(&recorder);
        assert_eq!(told(&whole.cells), expected);
        assert!(whole.footer.is_some());
        assert_eq!(whole.whole(&whole.cells[1]).expect("a line").screen, lines[1].screen);
    }

    #[test]
    fn what_ends_after_an_interruption_did_not_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let (recorder, lines) = started(folder.path());
        assert!(recorder.starts());
        recorder.stop(Stopping::Deadline);
        recorder.stop(Stopping::Interrupted);
        recorder.ends(0, lines[0].clone(), None);
        recorder.wait_for_the_running(Duration::from_secs(60));
        let closed = recorder.close().expect("what the run left");
        let interrupted =
            |brief: &Brief| brief.reason.as_deref() == Some("did not run: interrupted");
        assert!(closed.cells.iter().all(interrupted));
        // Somebody who still runs is not heard any more.
        recorder.ends(1, lines[1].clone(), None);
        assert_eq!(read(&recorder).cells.len(), 3);
    }
}
