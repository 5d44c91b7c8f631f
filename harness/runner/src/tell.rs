//! What is told of a finished run: the exit, the reports, the text on the screen.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use oplock_suite::plan::{Case, Cell, Obligation};
use time::OffsetDateTime;

use crate::bench::Bench;
use crate::cli::RunArgs;
use crate::contradiction::contradictions;
use crate::deviations::{Expected, Known, Outdated};
use crate::exit::{Exit, Standing};
use crate::hooks::Hooks;
use crate::profile::HookPlan;
use crate::record::{Changed, Footer, Record};
use crate::recorder::{Closed, Recorder};
use crate::reports::{self, Reports};
use crate::screen::quoted;
use crate::since::is_newer;
use crate::snapshot::{self, Observed, Store};
use crate::stop::Stop;
use crate::verdict::{CellResult, Verdict};
use crate::{axes, console, grid, screen};

/// How a run tells about itself.
pub struct Tell {
    strict: bool,
    corpus_as_of: Option<String>,
    reports: Reports,
    /// Where outcomes are compared, if they are.
    snapshots: Option<Store>,
    began: Instant,
    /// The arguments of a command that runs the same again, without axes and cell.
    again: String,
    /// The vendor's own commands.
    hooks: Hooks,
}

/// How long the last command of an interrupted run may take: somebody waits for its end.
const HASTE: Duration = Duration::from_secs(3);

/// What a comparison with snapshots found.
#[derive(Debug, Default)]
struct Compared {
    changed: Vec<Changed>,
    without_snapshot: usize,
}

impl Tell {
    /// Fixes how the run will be told.
    #[must_use]
    pub fn new(
        args: &RunArgs,
        bench: &Bench,
        reports: Reports,
        snapshots: Store,
        hooks: Hooks,
        began: Instant,
    ) -> Tell {
        // Snapshots are those of the representative axes.
        let representative = axes::begins_with_representative(&args.target.axes);
        let folder = snapshot::folder(&bench.first().facts);
        let compares = representative && snapshots.has(&folder);
        Tell {
            strict: args.strict,
            corpus_as_of: args.corpus_as_of.clone(),
            reports,
            snapshots: compares.then_some(snapshots),
            began,
            again: again(args, bench),
            hooks,
        }
    }

    /// The vendor's own commands.
    #[must_use]
    pub fn hooks(&self) -> &Hooks {
        &self.hooks
    }

    /// Where the reports go.
    #[must_use]
    pub fn reports(&self) -> &Reports {
        &self.reports
    }

    /// The arguments of a command that runs the same again, without axes and cell.
    #[must_use]
    pub fn again(&self) -> &str {
        &self.again
    }

    /// Whether what a server only should meet counts.
    #[must_use]
    pub fn strict(&self) -> bool {
        self.strict
    }

    /// Whether outcomes are compared with snapshots.
    #[must_use]
    pub fn compares(&self) -> bool {
        self.snapshots.is_some()
    }

    /// What a result means for the run.
    #[must_use]
    pub fn standing(&self, bench: &Bench, result: &CellResult) -> Standing {
        let Some(case) = bench.corpus.cases.get(result.case) else { return Standing::Broken };
        standing(case, result.verdict, self.strict, self.corpus_as_of.as_deref())
    }

    /// Writes the reports, prints the summary and says how the run ends; takes the cells of `closed` for that.
    ///
    /// # Errors
    /// A [`Stop`] where a report cannot be written, or a snapshot not be read.
    pub fn told(
        &self,
        bench: &Bench,
        recorder: &Recorder,
        closed: &mut Closed,
        now: Instant,
    ) -> Result<Exit, Stop> {
        let failed = |error: &dyn std::fmt::Display| Stop::harness(error.to_string());
        let compared = self.compared(bench, closed).map_err(|error| failed(&error))?;
        let legs: Vec<_> = bench.legs.iter().map(|leg| &leg.facts).collect();
        let header = recorder.header();
        let cases = recorder.cases();
        let footer = Footer {
            outdated: outdated(bench),
            due_soon: bench.deviations.due_soon(OffsetDateTime::now_utc().date()),
            changed: compared.changed,
            without_snapshot: compared.without_snapshot,
            contradicted: contradictions(&legs).iter().map(ToString::to_string).collect(),
            grid: grid::names(&closed.grid),
            ended_early: closed.stopping.map(|why| why.words().to_owned()),
            seconds: now.saturating_duration_since(self.began).as_secs_f64(),
            ..Footer::default()
        };
        let (footer, exit) = footer.ending(header, cases, &closed.cells);
        let written = recorder.footer(footer.clone());
        // Where the file cannot be read again, the reports show of each cell what is known without it.
        let path = recorder.is_in_place().then(|| recorder.path());
        let cells = std::mem::take(&mut closed.cells);
        let (header, cases) = (header.clone(), cases.to_vec());
        let mut record = Record::beside(path, header, cases, cells, Some(footer))
            .map_err(|error| failed(&error))?;
        let reported = reports::write(&self.reports, &record);
        // The reports are whole by now, so that a command may take them away.
        let at_most = if recorder.interrupted() { HASTE } else { HookPlan::LONGEST };
        let _ = self.hooks.last(&[("EXIT", exit.code().to_string())], at_most);
        if let Some(footer) = &mut record.footer {
            footer.hooks = self.hooks.summary();
        }
        // Who cannot have the reports has at least what stands on the screen.
        console::finished(&record, &self.reports)?;
        written.map_err(|error| failed(&error))?;
        reported?;
        Ok(exit)
    }

    /// Compares what was seen with the snapshots, for each case of which the run has every cell and whose verdicts held.
    fn compared(
        &self,
        bench: &Bench,
        closed: &Closed,
    ) -> Result<Compared, snapshot::SnapshotError> {
        let mut compared = Compared::default();
        let Some(store) = &self.snapshots else { return Ok(compared) };
        let folder = snapshot::folder(&bench.first().facts);
        for (case, text) in outcomes(bench, &closed.observed) {
            match store.text(&folder, case)? {
                Some(kept) if kept == text => {}
                Some(kept) => {
                    let difference = snapshot::difference(&kept, &text);
                    compared.changed.push(Changed { case: case.id.clone(), difference });
                }
                None => compared.without_snapshot += 1,
            }
        }
        Ok(compared)
    }
}

/// What a verdict of a case means for a run; a case that is newer than the corpus `as_of` a version is owed by nobody.
#[must_use]
pub fn standing(case: &Case, verdict: Verdict, strict: bool, as_of: Option<&str>) -> Standing {
    let is_new = is_newer(case.since.as_deref(), as_of);
    let obligation = if is_new { &Obligation::May } else { &case.obligation };
    Standing::of(verdict, obligation, strict)
}

/// The failure screen of a cell, or for a cell that has none, its reason; `again` is the arguments of a command that
/// runs the same again, without axes and cell.
#[must_use]
pub fn screen(bench: &Bench, again: &str, result: &CellResult) -> String {
    let (Some((case, cell)), Some(judgement), Some(played)) =
        (bench.found(result), &result.judgement, &result.played)
    else {
        return result.reason.clone().unwrap_or_default();
    };
    screen::failure(&screen::Failure {
        verdict: result.verdict,
        case,
        cell,
        judgement,
        history: &played.history,
        trail: played.trail.as_ref(),
        capture: played.capture.as_deref(),
        kept: played.kept.as_deref(),
        facts: bench.facts(result),
        again,
    })
}

/// Whether the outcome of a cell is worth comparing: its verdict held, and it is not known to differ from run to run.
#[must_use]
pub fn holds(bench: &Bench, strict: bool, case: &Case, result: &CellResult) -> bool {
    let standing = Standing::of(result.verdict, &case.obligation, strict);
    let held = matches!(standing, Standing::Held | Standing::Skipped | Standing::Tolerated);
    let cell = case.cells.get(result.cell);
    let entry = cell
        .and_then(|cell| bench.deviations.entry(&case.id, &cell.id.0, &bench.facts(result).axes));
    held && entry.is_none_or(|entry| entry.expect != Expected::Flaky)
}

/// The snapshot text of each case of which every cell was observed; `observed` is the index of the case, and what one of its
/// cells showed in the usual axes.
pub fn outcomes<'a>(bench: &'a Bench, observed: &[(usize, Observed)]) -> Vec<(&'a Case, String)> {
    let mut by_case: BTreeMap<usize, Vec<&Observed>> = BTreeMap::new();
    for (case, observed) in observed {
        by_case.entry(*case).or_default().push(observed);
    }
    let mut texts = Vec::new();
    for (index, observed) in by_case {
        let Some(case) = bench.corpus.cases.get(index) else { continue };
        let in_plan = |cell: &Cell| bench.plans(0, cell);
        let planned: Vec<usize> = (0..)
            .zip(&case.cells)
            .filter(|(_, cell)| in_plan(cell))
            .map(|(index, _)| index)
            .collect();
        if let Some(text) = snapshot::text(case, &planned, &observed) {
            texts.push((case, text));
        }
    }
    texts
}

/// Whether a cell may stand in a snapshot that is kept.
#[must_use]
pub fn may_be_kept(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Pass | Verdict::KnownDeviation | Verdict::Skipped)
}

/// The entries of the deviation list that want work, whatever the cells showed.
#[must_use]
pub fn outdated(bench: &Bench) -> Vec<Outdated> {
    let was: Vec<Option<String>> = bench.corpus.cases.iter().map(Case::was_id).collect();
    let cells = bench.corpus.cases.iter().zip(&was).flat_map(|(case, was)| {
        let in_plan = |cell: &&Cell| (0..bench.legs.len()).any(|leg| bench.plans(leg, cell));
        case.cells.iter().filter(in_plan).map(|cell| Known {
            case: &case.id,
            was: was.as_deref(),
            cell: &cell.id.0,
        })
    });
    bench.deviations.outdated(&cells.collect::<Vec<_>>(), OffsetDateTime::now_utc().date())
}

/// The arguments of the run, but for axes and cell.
fn again(args: &RunArgs, bench: &Bench) -> String {
    let mut command = "run".to_owned();
    if bench.live {
        command.push_str(&format!(" --target {}", quoted(&args.target.who.target)));
        command.push_str(args.target.who.logins.typed());
        command.push_str(&args.target.who.samba.typed());
    }
    if let Some(cases) = &args.corpus.cases {
        command.push_str(&format!(" --cases {}", quoted(&cases.display().to_string())));
    }
    if args.spread.is_some() {
        command.push_str(" --spread nodes");
    }
    format!("{command} --seed {}", bench.seed)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::screen::quoted;

    #[rstest]
    #[case("lease/x/held=RH,op=read", "lease/x/held=RH,op=read")]
    #[case("smb://me@host:445/a share", "'smb://me@host:445/a share'")]
    #[case("it's", r"'it'\''s'")]
    #[case("", "''")]
    fn words_survive_a_shell(#[case] word: &str, #[case] expected: &str) {
        assert_eq!(quoted(word), expected);
    }
}
