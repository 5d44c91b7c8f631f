//! A cell that is judged again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oplock_model::{Dialect, Facts, Scene, Setup, Target, TargetFault};
use oplock_suite::plan::{Case, Cell, Corpus};

use crate::bench::{Bench, caught};
use crate::deviations::{Applied, Deviations};
use crate::exit::Standing;
use crate::history::Played;
use crate::leg::{Leg, Timer};
use crate::record::tell::{self as lines, Around};
use crate::record::{Attempt, Brief, CaseLine, CellLine, LegLine, Record};
use crate::verdict::{CellResult, Judgement, Verdict};
use crate::{claim, judge, plays, tell};

/// A record with the cases and the list by which it is judged now.
pub(super) struct Again<'a> {
    /// The record.
    pub(super) record: &'a Record,
    /// The cases, the axes of the run and the list.
    pub(super) bench: Bench,
    /// Where each cell of the corpus is, by its id and by the one that it had before its case was renamed.
    places: BTreeMap<String, (usize, usize)>,
    /// Where captures go.
    captures: PathBuf,
}

/// What became of a cell.
pub(super) struct Judged {
    /// Its line.
    pub(super) line: CellLine,
    /// Why its history could not be judged, where it could not.
    pub(super) not_comparable: Option<&'static str>,
}

const GONE: &str = "these cases do not have it";
const OTHER_STEPS: &str = "its steps are not those of the run";
const NO_STEPS: &str = "the record does not say what its steps were: format 1 has no such thing";
const ONE_OF_SEVERAL: &str = "it was played several times, and what is expected has changed: the record keeps the history of one play";

/// Stands for the target of the run, of which nothing can be asked any more.
struct Recorded(Facts);

impl Target for Recorded {
    fn facts(&self) -> &Facts {
        &self.0
    }

    fn scene(&self, setup: &Setup) -> Result<Box<dyn Scene>, TargetFault> {
        Err(TargetFault::Internal(format!("a record cannot be asked again for {}", setup.cell)))
    }
}

impl<'a> Again<'a> {
    /// Makes ready.
    pub(super) fn new(
        record: &'a Record,
        corpus: Corpus,
        deviations: Deviations,
        captures: &Path,
    ) -> Again<'a> {
        let mut places = BTreeMap::new();
        for (index, case) in corpus.cases.iter().enumerate() {
            for (at, cell) in case.cells.iter().enumerate() {
                if let Some(was) = case.was_id() {
                    let rest = cell.id.0.strip_prefix(&case.id).unwrap_or_default();
                    places.entry(format!("{was}{rest}")).or_insert((index, at));
                }
            }
        }
        // What has an id now counts before what had it once.
        for (index, case) in corpus.cases.iter().enumerate() {
            let cells = case.cells.iter().enumerate();
            places.extend(cells.map(|(at, cell)| (cell.id.0.clone(), (index, at))));
        }
        let header = &record.header;
        let legs = header.legs.iter().map(|leg| leg_of(leg, &header.target)).collect();
        let corpus = Arc::new(corpus);
        let bench = Bench { corpus, legs, live: header.live, deviations, seed: header.seed };
        Again { record, bench, places, captures: captures.to_owned() }
    }

    /// The cases of the cells, by the corpus as far as it has them.
    pub(super) fn cases(&self) -> Vec<CaseLine> {
        let mut cells: BTreeMap<usize, &Brief> = BTreeMap::new();
        for brief in &self.record.cells {
            cells.entry(brief.case).or_insert(brief);
        }
        let cases = self.record.cases.iter().enumerate().map(|(index, line)| {
            let found = cells.get(&index).and_then(|brief| self.places.get(&brief.cell));
            let case =
                found.and_then(|(case, _)| Some((*case, self.bench.corpus.cases.get(*case)?)));
            case.map_or_else(|| line.clone(), |(number, case)| lines::case_line(case, number))
        });
        cases.collect()
    }

    /// The cells of the corpus that the record has.
    pub(super) fn selected(&self) -> BTreeSet<(usize, usize)> {
        let cells = self.record.cells.iter();
        cells.filter_map(|brief| self.places.get(&brief.cell).copied()).collect()
    }

    /// Judges a cell again.
    pub(super) fn judged(&self, brief: &Brief, line: CellLine) -> Judged {
        let (Some(history), Some(leg)) = (line.history.clone(), self.bench.legs.get(brief.leg))
        else {
            // It was not played, and why does not change.
            return Judged { line: self.named(brief, line), not_comparable: None };
        };
        let place = self.places.get(&line.cell).copied();
        let found = place.and_then(|(case, cell)| Some(((case, cell), self.bench.at(case, cell)?)));
        let Some((place, (case, cell))) = found else {
            return self.not_comparable(line, GONE);
        };
        let dressed = leg.dressed(cell);
        match &line.steps {
            Some(steps) if *steps == lines::steps_hash(&dressed) => {}
            Some(_) => return self.not_comparable(self.named(brief, line), OTHER_STEPS),
            None => return self.not_comparable(self.named(brief, line), NO_STEPS),
        }
        let (_, waits) = leg.player(&dressed);
        let judgement = match caught(|| judge::judge(&dressed, &history, waits)) {
            Ok(judgement) => judgement,
            Err(panic) => {
                let reason = Some(format!("the harness panicked: {panic}"));
                let line = CellLine {
                    verdict: Verdict::Error,
                    standing: Standing::Broken,
                    reason,
                    ..line
                };
                return Judged { line: self.named(brief, line), not_comparable: None };
            }
        };
        let signature = judgement.divergences.first().map(|first| first.signature());
        let same = signature == line.signature;
        let cut_short = line.verdict == Verdict::Error && judgement.verdict != Verdict::Error;
        if same && cut_short {
            // Plays were left out, which is not in the history of one.
            return Judged { line: self.named(brief, line), not_comparable: None };
        }
        if !same && line.attempts.len() > 1 {
            return self.not_comparable(self.named(brief, line), ONE_OF_SEVERAL);
        }
        let result = self.weighed(place, brief.leg, case, cell, judgement, &line);
        let line = self.line(brief, case, cell, &dressed, &result, line);
        Judged { line, not_comparable: None }
    }

    /// The result of a cell, with the list over each of its plays.
    fn weighed(
        &self,
        (case_index, cell_index): (usize, usize),
        leg: usize,
        case: &Case,
        cell: &Cell,
        judgement: Judgement,
        line: &CellLine,
    ) -> CellResult {
        let axes = self.bench.legs.get(leg).map_or("", |leg| leg.facts.axes.as_str());
        let Applied { verdict, reason, line: entry } =
            self.bench.weigh(case, cell, axes, &judgement);
        let played = Played {
            history: line.history.clone().unwrap_or_default(),
            wall_micros: (line.duration_ms * 1000.0) as u64,
            trail: line.trail.clone(),
            capture: line.capture.as_ref().map(|name| self.captures.join(name)),
            kept: line.kept.clone(),
            ..Played::default()
        };
        let attempts = line.attempts.iter().map(|attempt| {
            let signature = attempt.signature.as_deref();
            let judged = judged_as(attempt);
            let applied =
                self.bench.deviations.apply_to(&case.id, &cell.id.0, axes, judged, signature);
            Attempt { verdict: applied.verdict, ..attempt.clone() }
        });
        let attempts: Vec<Attempt> = attempts.collect();
        let mut result = CellResult {
            leg,
            case: case_index,
            cell: cell_index,
            verdict,
            reason,
            deviation: entry,
            attempts: Vec::new(),
            judgement: Some(judgement),
            played: Some(played),
            hooks: line.hooks.clone(),
        };
        if attempts.len() > 1 {
            plays::agree(&mut result, &attempts);
            result.attempts = attempts;
        }
        result
    }

    /// The line of a result; what only the run could see stays as it is.
    fn line(
        &self,
        brief: &Brief,
        case: &Case,
        cell: &Cell,
        dressed: &Cell,
        result: &CellResult,
        before: CellLine,
    ) -> CellLine {
        let header = &self.record.header;
        let as_of = header.corpus_as_of.as_deref();
        let standing = tell::standing(case, result.verdict, header.strict, as_of);
        let tells = standing.is_wrong() || standing == Standing::Tolerated;
        let around = Around {
            case,
            cell: dressed,
            number: brief.number,
            axes: self.record.axes(brief),
            standing,
            core: claim::is_core(&self.bench.corpus, cell),
            lacks: before.lacks.clone(),
            grid: before.grid.clone(),
            screen: tells.then(|| tell::screen(&self.bench, &header.again, result)),
        };
        let mut line = lines::cell_line(around, result);
        line.rules.fired = before.rules.fired;
        line.duration_ms = before.duration_ms;
        line.latencies = before.latencies;
        line
    }

    /// A line under the name that its case has now.
    fn named(&self, brief: &Brief, mut line: CellLine) -> CellLine {
        let place = self.places.get(&brief.cell);
        if let Some((case, cell)) = place.and_then(|(case, cell)| self.bench.at(*case, *cell)) {
            line.case.clone_from(&case.id);
            line.cell.clone_from(&cell.id.0);
        }
        line
    }

    /// A cell of which nothing can be said by these cases: that is no verdict, and must not look like one.
    fn not_comparable(&self, line: CellLine, why: &'static str) -> Judged {
        let line = CellLine {
            number: line.number,
            cell: line.cell,
            case: line.case,
            axes: line.axes,
            verdict: Verdict::Error,
            standing: Standing::Broken,
            reason: Some(format!("not comparable: {why}")),
            core: line.core,
            needs: line.needs,
            lacks: line.lacks,
            rules: line.rules,
            grid: line.grid,
            duration_ms: line.duration_ms,
            trail: line.trail,
            steps: line.steps,
            history: line.history,
            ..CellLine::default()
        };
        Judged { line, not_comparable: Some(why) }
    }
}

/// What a play was judged as before the list was put over it.
fn judged_as(attempt: &Attempt) -> Verdict {
    match (attempt.verdict, attempt.signature.as_deref()) {
        (Verdict::Error | Verdict::Skipped, _) => attempt.verdict,
        (_, None) => Verdict::Pass,
        (_, Some(signature)) if signature.starts_with("given ") => Verdict::Inconclusive,
        (_, Some(_)) => Verdict::Fail,
    }
}

/// A leg of the run, as far as a judgement needs it.
fn leg_of(line: &LegLine, target: &Facts) -> Leg {
    let mut facts = Facts { axes: line.axes.clone(), ..target.clone() };
    facts.capabilities.retain(|name, _| !line.absent.contains(name));
    let recorded: Arc<dyn Target> = Arc::new(Recorded(facts.clone()));
    let dialect = line.axes.split(',').find_map(Dialect::from_word).unwrap_or_default();
    let timer = line.timer_waits.map(|waits| Timer { target: Arc::clone(&recorded), waits });
    Leg {
        target: recorded,
        facts,
        dialect,
        lease_version: line.lease_version,
        waits: line.waits,
        timer,
    }
}
