//! The cells of another run that were not as they should be there: `--only-failed RESULTS.jsonl`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use oplock_suite::plan::{Case, Cell, Corpus};

use crate::axes::AxesArg;
use crate::bench::{Bench, Planned};
use crate::console::counted;
use crate::exit::Exit;
use crate::record::Record;
use crate::stop::Stop;

/// How many ids a message names.
const IDS: usize = 5;

/// What a record says is to be asked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnlyFailed {
    /// The file, as it was typed.
    file: String,
    /// The cells that were not as they should be, each with the names of its axes.
    wrong: BTreeMap<String, BTreeSet<String>>,
    /// Where the run was cut off: what is known of the cells that have no line.
    cut_off: Option<CutOff>,
    /// The names of all axes of the run, the first one first.
    legs: Vec<String>,
}

/// A run that did not come to its end: nobody wrote which cells it left out, but for their cases.
#[derive(Clone, Debug, PartialEq, Eq)]
struct CutOff {
    cases: BTreeSet<String>,
    /// The cells that have their line, with their axes.
    ended: BTreeSet<(String, String)>,
    missing: usize,
    planned: usize,
}

impl OnlyFailed {
    /// Reads the record of that run.
    ///
    /// # Errors
    /// A [`Stop`] where it cannot be read, or where nothing in it is to be asked again.
    pub fn read(path: &Path) -> Result<OnlyFailed, Stop> {
        let failed = |error: &dyn std::fmt::Display| Stop::usage(format!("--only-failed: {error}"));
        let record = Record::open(path).map_err(|error| failed(&error))?;
        let file = path.display().to_string();
        let mut wrong: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for brief in record.cells.iter().filter(|brief| brief.standing.is_wrong()) {
            let axes = record.axes(brief).to_owned();
            wrong.entry(brief.cell.clone()).or_default().insert(axes);
        }
        let cut_off = record.footer.is_none().then(|| CutOff {
            cases: record.cases.iter().map(|case| case.id.clone()).collect(),
            ended: record
                .cells
                .iter()
                .map(|brief| (brief.cell.clone(), record.axes(brief).to_owned()))
                .collect(),
            missing: record.header.planned.saturating_sub(record.cells.len()),
            planned: record.header.planned,
        });
        let cut_off = cut_off.filter(|cut_off| cut_off.missing > 0);
        if wrong.is_empty() && cut_off.is_none() {
            let cells = counted(record.cells.len(), "cell");
            return Err(nothing(format!(
                "none of the {cells} of {file} was other than it should be"
            )));
        }
        let legs = record.header.legs.iter().map(|leg| leg.axes.clone()).collect();
        Ok(OnlyFailed { file, wrong, cut_off, legs })
    }

    /// The axes that its cells were asked in, for a run that names none of its own.
    ///
    /// # Errors
    /// A [`Stop`] where the record names axes that are none.
    pub fn axes(&self, asked: &[AxesArg]) -> Result<Vec<AxesArg>, Stop> {
        if asked != [AxesArg::REPRESENTATIVE] {
            return Ok(asked.to_vec());
        }
        let needed = |axes: &&String| {
            self.cut_off.is_some() || self.wrong.values().any(|wrong| wrong.contains(*axes))
        };
        let parsed = |axes: &String| match axes.as_str() {
            "" => Ok(AxesArg::REPRESENTATIVE),
            name => name.parse().map_err(|error| {
                Stop::usage(format!(
                    "--only-failed: {} names the axes `{name}`: {error}",
                    self.file
                ))
            }),
        };
        self.legs.iter().filter(needed).map(parsed).collect()
    }

    /// Those of the selected cells that are asked again in some axes.
    ///
    /// # Errors
    /// A [`Stop`] where there are none.
    pub fn among(
        &self,
        corpus: &Corpus,
        selected: Vec<(usize, usize)>,
    ) -> Result<Vec<(usize, usize)>, Stop> {
        let cell = |&(case, cell): &(usize, usize)| {
            let case = corpus.cases.get(case)?;
            Some((case, case.cells.get(cell)?))
        };
        let wants = |at: &(usize, usize)| {
            cell(at).is_some_and(|(case, cell)| {
                self.legs.iter().any(|axes| self.wants(case, cell, axes))
            })
        };
        let left: Vec<_> = selected.into_iter().filter(wants).collect();
        if left.is_empty() { Err(self.none_left("the selection")) } else { Ok(left) }
    }

    /// Its part of a plan.
    ///
    /// # Errors
    /// A [`Stop`] where it has none.
    pub fn part(&self, bench: &Bench, plan: Vec<Planned>) -> Result<Vec<Planned>, Stop> {
        let wants = |planned: &Planned| {
            let found = bench.at(planned.case, planned.cell);
            let leg = bench.legs.get(planned.leg);
            found.zip(leg).is_some_and(|((case, cell), leg)| {
                // The reference says no axes where nobody asks for any.
                let only = self.legs.len() == 1 && bench.legs.len() == 1;
                let unnamed = only && self.legs.iter().any(String::is_empty);
                let axes = if unnamed { "" } else { leg.facts.axes.as_str() };
                self.wants(case, cell, axes)
            })
        };
        let part: Vec<_> = plan.into_iter().filter(wants).collect();
        if part.is_empty() { Err(self.none_left("the axes")) } else { Ok(part) }
    }

    /// What the person who asks should know: a run that was cut off, and cells that are not there any more.
    #[must_use]
    pub fn told(&self, corpus: &Corpus) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(CutOff { missing, planned, .. }) = &self.cut_off {
            lines.push(format!(
                "{} was cut off: {missing} of its {planned} cells have no line, so every cell of its cases without one runs",
                self.file
            ));
        }
        let known: BTreeSet<String> = corpus
            .cases
            .iter()
            .flat_map(|case| case.cells.iter().flat_map(|cell| ids(case, cell)))
            .collect();
        let gone: Vec<&str> =
            self.wrong.keys().filter(|cell| !known.contains(*cell)).map(String::as_str).collect();
        if !gone.is_empty() {
            let named = gone.iter().take(IDS).copied().collect::<Vec<_>>().join(", ");
            let more = match gone.len().saturating_sub(IDS) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let cells = counted(gone.len(), "cell");
            lines.push(format!(
                "{cells} of {} that the cases do not have any more: {named}{more}",
                self.file
            ));
        }
        lines
    }

    fn wants(&self, case: &Case, cell: &Cell, axes: &str) -> bool {
        let ids = ids(case, cell);
        let wrong = |id: &String| self.wrong.get(id).is_some_and(|wrong| wrong.contains(axes));
        let missing = |cut_off: &CutOff| {
            let has_case = case_ids(case).any(|id| cut_off.cases.contains(&id));
            let ended = |id: &String| cut_off.ended.contains(&(id.clone(), axes.to_owned()));
            has_case && !ids.iter().any(ended)
        };
        ids.iter().any(wrong) || self.cut_off.as_ref().is_some_and(missing)
    }

    fn none_left(&self, by: &str) -> Stop {
        let cells: usize = self.wrong.values().map(BTreeSet::len).sum();
        let missing = self.cut_off.as_ref().map_or(0, |cut_off| cut_off.missing);
        let cells = counted(cells + missing, "cell");
        nothing(format!(
            "{by} of this run has none of the {cells} that {} would ask again",
            self.file
        ))
    }
}

/// The ids by which a record may know a cell: its own, and the one before its case was renamed.
fn ids(case: &Case, cell: &Cell) -> Vec<String> {
    let rest = cell.id.0.strip_prefix(&case.id);
    let former = case.was_id().zip(rest).map(|(was, rest)| format!("{was}{rest}"));
    [Some(cell.id.0.clone()), former].into_iter().flatten().collect()
}

fn case_ids(case: &Case) -> impl Iterator<Item = String> {
    [Some(case.id.clone()), case.was_id()].into_iter().flatten()
}

fn nothing(why: String) -> Stop {
    Stop { exit: Exit::NothingSelected, message: format!("nothing selected: {why}") }
}
