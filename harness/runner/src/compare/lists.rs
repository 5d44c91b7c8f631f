//! Everything that a comparison found. As JSON it is what `--format json` prints, so that its version counts for these types.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Asked;
use super::comparable::{axes, named};
use super::moves::{Move, Seen, moved};
use super::pairs::Pairs;
use super::slower::{Slower, slower};
use crate::claim;
use crate::exit::Standing;
use crate::record::{Brief, LeftOut, Record, RecordError};
use crate::screen;
use crate::verdict::Verdict;

/// The version of the JSON form.
pub const FORMAT: u32 = 1;

/// What changed between two runs.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// [`FORMAT`].
    pub format: u32,
    /// Whether the later run is worse.
    pub regression: bool,
    /// The earlier run.
    pub before: Run,
    /// The later one.
    pub after: Run,
    /// What else differs between the runs, a sentence each.
    pub notes: Vec<String>,
    /// How many cells went which way.
    pub count: Count,
    /// Cells that show something else than before; what gates first.
    pub moved: Vec<Moved>,
    /// Cells that the later run has not.
    pub vanished: Vec<Vanished>,
    /// Cells that only the later run has.
    pub new: Vec<New>,
    /// Themes that are slower.
    pub slower: Vec<Slower>,
    /// Cells that pass at times, and not as often as before.
    pub rates: Vec<Rate>,
}

/// One of the two runs.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// The file.
    pub file: String,
    /// The tool that wrote it.
    pub tool: String,
    /// The product that was asked.
    pub product: String,
    /// Its version.
    pub version: String,
    /// When the run began: `2026-05-04T10:11:12Z`.
    pub began: String,
    /// The hash of the corpus.
    pub corpus: String,
    /// The axes.
    pub axes: Vec<String>,
    /// How many cells it has.
    pub cells: usize,
    /// How it ended.
    pub exit: u8,
}

/// How many cells went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Cells that show the same as before.
    pub unmoved: usize,
    /// Cells that moved and are a regression.
    pub regressed: usize,
    /// Cells that vanished and are a regression.
    pub vanished: usize,
    /// Themes that are slower and are a regression.
    pub slower: usize,
    /// Cells that are fixed.
    pub fixed: usize,
    /// New cells.
    pub new: usize,
}

/// A cell that shows something else than before.
#[derive(Clone, Debug, Serialize)]
pub struct Moved {
    /// The cell's id.
    pub cell: String,
    /// Its axes.
    pub axes: String,
    /// Its theme.
    pub theme: String,
    /// What its case demands.
    pub says: String,
    /// The id that it had before its case was renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// How it moved.
    #[serde(rename = "move")]
    pub move_: Move,
    /// Whether that is a regression.
    pub gates: bool,
    /// What it showed.
    pub before: Shown,
    /// What it shows.
    pub after: Shown,
    /// Whether a newer corpus asks it in other steps, so that the target may not be what changed.
    pub other_steps: bool,
    /// The command that shows it again.
    pub again: String,
}

/// What a cell showed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// The verdict.
    pub verdict: Verdict,
    /// What it meant for the run.
    pub standing: Standing,
    /// The signature of the first divergence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The first divergence in a sentence, or why the cell was skipped, deviates, or did not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// How many of its plays passed.
    pub passed: usize,
    /// How many plays there were.
    pub plays: usize,
}

/// A cell that the later run has not.
#[derive(Clone, Debug, Serialize)]
pub struct Vanished {
    /// The cell's id.
    pub cell: String,
    /// Its axes.
    pub axes: String,
    /// Its theme.
    pub theme: String,
    /// Whether that is a regression: a cell that was skipped is none.
    pub gates: bool,
    /// What it showed.
    pub before: Shown,
    /// Why it is not there, as far as the records tell.
    pub why: Gone,
}

/// Why a cell is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// The corpus is the same: the filter of the later run left it out.
    LeftOut,
    /// The later run was not asked in its axes.
    OtherAxes,
    /// The corpus of the later run has not the case any more.
    NoCase,
    /// The corpus is another one, and either it or the filter of the later run left the case out.
    NoCaseOrLeftOut,
    /// The case is there, but has not this cell any more.
    NoCell,
}

/// A cell that only the later run has.
#[derive(Clone, Debug, Serialize)]
pub struct New {
    /// The cell's id.
    pub cell: String,
    /// Its axes.
    pub axes: String,
    /// Its theme.
    pub theme: String,
    /// The version of the corpus that brought its case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// What it shows.
    pub after: Shown,
}

/// A cell that passes at times.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// The cell's id.
    pub cell: String,
    /// Its axes.
    pub axes: String,
    /// How many of its plays passed before, and how many there were.
    pub before: (usize, usize),
    /// The same now.
    pub after: (usize, usize),
}

impl Comparison {
    /// Compares two records.
    ///
    /// # Errors
    /// A [`RecordError`] where a cell cannot be read again.
    pub fn of(before: &Record, after: &Record, asked: Asked) -> Result<Comparison, RecordError> {
        let pairs = Pairs::of(before, after);
        let mut moved = Vec::new();
        let mut rates = Vec::new();
        for (one, other) in &pairs.both {
            moved.extend(Moved::of((before, one), (after, other), asked.accept_known)?);
            rates.extend(Rate::of((before, one), (after, other)));
        }
        let unmoved = pairs.both.len().saturating_sub(moved.len());
        moved.sort_by_key(|found: &Moved| (!found.gates, found.move_));
        let cases: BTreeSet<_> = after.cases.iter().map(|case| case.id.as_str()).collect();
        let gone = |brief: &Brief, case: &str| why_gone(before, brief, after, cases.contains(case));
        let vanished: Vec<_> = pairs
            .vanished
            .iter()
            .map(|(brief, case)| Vanished::of(before, brief, gone(brief, case)))
            .collect();
        let new: Vec<_> = pairs.new.iter().map(|brief| New::of(after, brief)).collect();
        let slower = slower(before, after, &pairs.both, asked.slower);
        let count = Count {
            unmoved,
            regressed: moved.iter().filter(|moved| moved.gates).count(),
            vanished: vanished.iter().filter(|vanished| vanished.gates).count(),
            slower: slower.iter().filter(|slower| slower.gates).count(),
            fixed: moved.iter().filter(|moved| moved.move_ == Move::Fixed).count(),
            new: new.len(),
        };
        Ok(Comparison {
            format: FORMAT,
            regression: count.regressed + count.vanished + count.slower > 0,
            before: Run::of(before),
            after: Run::of(after),
            notes: notes(before, after),
            count,
            moved,
            vanished,
            new,
            slower,
            rates,
        })
    }

    /// The cells that moved one way, what gates first.
    pub fn moves(&self, move_: Move) -> impl Iterator<Item = &Moved> {
        self.moved.iter().filter(move |moved| moved.move_ == move_)
    }
}

impl Run {
    fn of(record: &Record) -> Run {
        let header = &record.header;
        Run {
            file: record.path().map(|path| path.display().to_string()).unwrap_or_default(),
            tool: header.tool.clone(),
            product: header.target.product.clone(),
            version: header.target.version.clone(),
            began: header.began.clone(),
            corpus: header.corpus.clone(),
            axes: header.legs.iter().map(|leg| leg.axes.clone()).collect(),
            cells: record.cells.len(),
            exit: record.footer.as_ref().map(|footer| footer.exit).unwrap_or_default(),
        }
    }

    /// Product and version.
    #[must_use]
    pub fn target(&self) -> String {
        format!("{} {}", self.product, self.version).trim_end().to_owned()
    }
}

impl Moved {
    fn of(
        (before, one): (&Record, &Brief),
        (after, other): (&Record, &Brief),
        accept_known: bool,
    ) -> Result<Option<Moved>, RecordError> {
        let Some((move_, gates)) = moved(Seen::of(one), Seen::of(other), accept_known) else {
            return Ok(None);
        };
        let other_corpus = before.header.corpus != after.header.corpus;
        let other_steps = gates && other_corpus && {
            let (one, other) = (before.whole(one)?.steps, after.whole(other)?.steps);
            one.is_some() && other.is_some() && one != other
        };
        let case = after.case(other);
        Ok(Some(Moved {
            cell: other.cell.clone(),
            axes: after.axes(other).to_owned(),
            theme: case.map(|case| case.suite.clone()).unwrap_or_default(),
            says: case.map(|case| case.says.clone()).unwrap_or_default(),
            was: (one.cell != other.cell).then(|| one.cell.clone()),
            move_,
            gates,
            before: Shown::of(one),
            after: Shown::of(other),
            other_steps,
            again: screen::again(&after.header.again, after.axes(other), &other.cell),
        }))
    }
}

impl<'a> Seen<'a> {
    fn of(brief: &'a Brief) -> Seen<'a> {
        let Brief { verdict, standing, signature, .. } = brief;
        Seen { verdict: *verdict, standing: *standing, signature: signature.as_deref() }
    }
}

impl Shown {
    fn of(brief: &Brief) -> Shown {
        let (passed, plays) = brief.passed;
        let why = match brief.verdict {
            Verdict::Pass => None,
            Verdict::Fail | Verdict::FailedDifferently | Verdict::Inconclusive => {
                brief.sentence.as_ref().or(brief.reason.as_ref())
            }
            _ => brief.reason.as_ref().or(brief.sentence.as_ref()),
        };
        Shown {
            verdict: brief.verdict,
            standing: brief.standing,
            signature: brief.signature.clone(),
            why: why.cloned(),
            passed,
            plays,
        }
    }
}

impl Vanished {
    fn of(before: &Record, brief: &Brief, why: Gone) -> Vanished {
        Vanished {
            cell: brief.cell.clone(),
            axes: before.axes(brief).to_owned(),
            theme: before.case(brief).map(|case| case.suite.clone()).unwrap_or_default(),
            gates: brief.standing != Standing::Skipped,
            before: Shown::of(brief),
            why,
        }
    }
}

/// Why a cell of the earlier run is not in the later one, which has its case or has it not.
fn why_gone(before: &Record, brief: &Brief, after: &Record, has_case: bool) -> Gone {
    if !axes(after).contains(before.axes(brief)) {
        return Gone::OtherAxes;
    }
    if before.header.corpus == after.header.corpus {
        return Gone::LeftOut;
    }
    if has_case {
        return Gone::NoCell;
    }
    // Where the later run left out nothing that is owed, only its corpus can have lost it.
    let is_owed = before.case(brief).is_some_and(|case| case.obligation == "must");
    match is_owed && after.header.left_out == LeftOut::default() {
        true => Gone::NoCase,
        false => Gone::NoCaseOrLeftOut,
    }
}

impl Gone {
    /// The words that people read.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Gone::LeftOut => "left out by the filter of the later run",
            Gone::OtherAxes => "the later run was not asked in these axes",
            Gone::NoCase => "the corpus of the later run has not the case any more",
            Gone::NoCaseOrLeftOut => {
                "not in the corpus of the later run, or left out by its filter"
            }
            Gone::NoCell => "the case has no such cell any more",
        }
    }
}

impl New {
    fn of(after: &Record, brief: &Brief) -> New {
        let case = after.case(brief);
        New {
            cell: brief.cell.clone(),
            axes: after.axes(brief).to_owned(),
            theme: case.map(|case| case.suite.clone()).unwrap_or_default(),
            since: case.and_then(|case| case.since.clone()),
            after: Shown::of(brief),
        }
    }
}

impl Rate {
    /// Nothing where all plays agreed in both runs, or as many passed as before.
    fn of((_, one): (&Record, &Brief), (after, other): (&Record, &Brief)) -> Option<Rate> {
        let is_mixed = |(passed, plays): (usize, usize)| passed > 0 && passed < plays;
        let (before, now) = (one.passed, other.passed);
        // As fractions: 3 of 20 is 6 of 40.
        let same = before.0.checked_mul(now.1) == now.0.checked_mul(before.1);
        ((is_mixed(before) || is_mixed(now)) && !same).then(|| Rate {
            cell: other.cell.clone(),
            axes: after.axes(other).to_owned(),
            before,
            after: now,
        })
    }
}

/// What else differs between two runs, and may be why a cell moved.
fn notes(before: &Record, after: &Record) -> Vec<String> {
    let (one, other) = (&before.header, &after.header);
    let mut notes = Vec::new();
    if one.target.product != other.target.product {
        let (one, other) = (&one.target.product, &other.target.product);
        notes.push(format!("another product: {one} before, {other} now"));
    }
    if one.corpus != other.corpus {
        let (one, other) = (&one.corpus, &other.corpus);
        notes.push(format!("another corpus: {one} before, {other} now"));
    }
    if one.tool != other.tool {
        notes.push(format!("another tool: {} before, {} now", one.tool, other.tool));
    }
    let (old, new) = (axes(before), axes(after));
    for (only, words) in [(&old - &new, "before only"), (&new - &old, "now only")] {
        if !only.is_empty() {
            notes.push(format!("asked in {} {words}", named(&only)));
        }
    }
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "not given".to_owned());
    for (option, one, other) in [
        ("--strict", one.strict.to_string(), other.strict.to_string()),
        ("--repeat", one.repeat.to_string(), other.repeat.to_string()),
        ("--retries", one.retries.to_string(), other.retries.to_string()),
        ("--corpus-as-of", or_none(&one.corpus_as_of), or_none(&other.corpus_as_of)),
    ] {
        if one != other {
            notes.push(format!("{option}: {one} before, {other} now"));
        }
    }
    let names: BTreeSet<_> =
        one.target.capabilities.keys().chain(other.target.capabilities.keys()).collect();
    for name in names {
        match (claim::has(&one.target, name), claim::has(&other.target, name)) {
            (true, false) => notes.push(format!("the target has not {name} any more")),
            (false, true) => notes.push(format!("the target has {name} now")),
            _ => {}
        }
    }
    notes
}
