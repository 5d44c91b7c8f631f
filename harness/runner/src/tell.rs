//! What is told of a finished run: the exit, the reports, the text on the screen.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use oplock_suite::plan::{Case, Cell};
use time::OffsetDateTime;

use crate::bench::Bench;
use crate::claim::claims;
use crate::cli::RunArgs;
use crate::console::Summary;
use crate::contradiction::contradictions;
use crate::deviations::{Expected, Outdated};
use crate::exit::{self, Exit, Standing};
use crate::hooks::Hooks;
use crate::profile::HookPlan;
use crate::recorder::Recorder;
use crate::run::Reports;
use crate::screen::quoted;
use crate::snapshot::{self, Store};
use crate::stop::Stop;
use crate::verdict::{CellResult, Verdict};
use crate::{axes, jsonl, junit, print, screen};

/// How a run tells about itself.
pub struct Tell {
    strict: bool,
    fail_on_change: bool,
    reports: Reports,
    /// Where outcomes are compared, if they are.
    snapshots: Option<Store>,
    store_cells: usize,
    began: Instant,
    /// The arguments of a command that runs the same again, without axes and cell.
    again: String,
    /// Over how many nodes the clients of each cell were spread, where they were.
    spread_over_nodes: Option<usize>,
    /// The vendor's own commands.
    hooks: Hooks,
}

/// How long the last command of an interrupted run may take: somebody waits for its end.
const HASTE: Duration = Duration::from_secs(3);

/// What a comparison with snapshots found.
#[derive(Debug, Default)]
struct Compared {
    changed: Vec<(String, String)>,
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
        store_cells: usize,
        hooks: Hooks,
        began: Instant,
    ) -> Tell {
        // Snapshots are those of the representative axes.
        let representative = axes::begins_with_representative(&args.target.axes);
        let folder = snapshot::folder(&bench.first().facts);
        let compares = representative && snapshots.has(&folder);
        Tell {
            strict: args.strict,
            fail_on_change: args.fail_on_change,
            reports,
            snapshots: compares.then_some(snapshots),
            store_cells,
            began,
            again: again(args, bench),
            spread_over_nodes: None,
            hooks,
        }
    }

    /// The same, where the clients of each cell are spread over nodes.
    #[must_use]
    pub fn spread_over(mut self, nodes: Option<usize>) -> Tell {
        self.spread_over_nodes = nodes;
        self
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

    /// What a result means for the run.
    #[must_use]
    pub fn standing(&self, bench: &Bench, result: &CellResult) -> Standing {
        match bench.corpus.cases.get(result.case) {
            Some(case) => Standing::of(result.verdict, &case.obligation, self.strict),
            None => Standing::Broken,
        }
    }

    /// Writes the reports, prints the summary and says how the run ends.
    ///
    /// # Errors
    /// A [`Stop`] where a report cannot be written, or a snapshot not be read.
    pub fn told(
        &self,
        bench: &Bench,
        recorder: &Recorder,
        results: &[CellResult],
        now: Instant,
    ) -> Result<Exit, Stop> {
        let failed = |error: &dyn std::fmt::Display| Stop::harness(error.to_string());
        let compared = self.compared(bench, results).map_err(|error| failed(&error))?;
        let outdated = outdated(bench);
        let legs: Vec<_> = bench.legs.iter().map(|leg| &leg.facts).collect();
        let contradicted = contradictions(&legs);
        let exit = exit::of_run(
            results.iter().map(|result| self.standing(bench, result)),
            !contradicted.is_empty() || self.fail_on_change && !compared.changed.is_empty(),
            !outdated.is_empty(),
        );
        let screen = |result: &CellResult| screen(bench, &self.again, result);
        for path in self.reports.junit() {
            junit::write(&path, &bench.corpus, &legs, self.strict, results, &screen)
                .map_err(|error| failed(&error))?;
        }
        let changed = compared.changed.iter().map(|(case, _)| case.clone()).collect();
        let footer = jsonl::footer(results, outdated.len(), changed, exit.code());
        recorder.footer(footer).map_err(|error| failed(&error))?;
        // The reports are whole by now, so that a command may take them away.
        let at_most = if recorder.interrupted() { HASTE } else { HookPlan::LONGEST };
        let _ = self.hooks.last(&[("EXIT", exit.code().to_string())], at_most);
        let in_plan = |leg: usize, cell: &Cell| bench.plans(leg, cell);
        let claims = claims(&bench.corpus, &legs, results, &in_plan);
        let summary = Summary {
            bench,
            strict: self.strict,
            results,
            store_cells: self.store_cells,
            outdated: &outdated,
            changed: &compared.changed,
            without_snapshot: compared.without_snapshot,
            claims: &claims,
            contradicted: &contradicted,
            spread_over_nodes: self.spread_over_nodes,
            hooks: &self.hooks.summary(),
            seconds: now.saturating_duration_since(self.began).as_secs_f64(),
        };
        let reports = format!("reports: {}\n", self.reports.out.display());
        print::out(&(summary.text(&screen) + &reports));
        Ok(exit)
    }

    /// Compares what was seen with the snapshots, for each case of which the run has every cell and whose verdicts held.
    fn compared(
        &self,
        bench: &Bench,
        results: &[CellResult],
    ) -> Result<Compared, snapshot::SnapshotError> {
        let mut compared = Compared::default();
        let Some(store) = &self.snapshots else { return Ok(compared) };
        let folder = snapshot::folder(&bench.first().facts);
        let holds = |case: &Case, result: &CellResult| holds(bench, self.strict, case, result);
        for (case, text) in outcomes(bench, results, holds) {
            match store.text(&folder, case)? {
                Some(kept) if kept == text => {}
                Some(kept) => {
                    let difference = snapshot::difference(&kept, &text);
                    compared.changed.push((case.id.clone(), difference));
                }
                None => compared.without_snapshot += 1,
            }
        }
        Ok(compared)
    }
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

/// The snapshot text of each case whose cells all ran and hold.
pub fn outcomes<'a>(
    bench: &'a Bench,
    results: &[CellResult],
    holds: impl Fn(&Case, &CellResult) -> bool,
) -> Vec<(&'a Case, String)> {
    let mut by_case: BTreeMap<usize, Vec<&CellResult>> = BTreeMap::new();
    // Snapshots are those of the usual axes.
    for result in results.iter().filter(|result| result.leg == 0) {
        by_case.entry(result.case).or_default().push(result);
    }
    let mut texts = Vec::new();
    for (index, results) in by_case {
        let Some(case) = bench.corpus.cases.get(index) else { continue };
        let in_plan = |cell: &Cell| bench.plans(0, cell);
        let planned: Vec<usize> = (0..)
            .zip(&case.cells)
            .filter(|(_, cell)| in_plan(cell))
            .map(|(index, _)| index)
            .collect();
        if results.iter().all(|result| holds(case, result))
            && let Some(text) = snapshot::text(case, &planned, &results)
        {
            texts.push((case, text));
        }
    }
    texts
}

/// Whether a cell may stand in a snapshot that is kept.
#[must_use]
pub fn may_be_kept(result: &CellResult) -> bool {
    matches!(result.verdict, Verdict::Pass | Verdict::KnownDeviation | Verdict::Skipped)
}

fn outdated(bench: &Bench) -> Vec<Outdated> {
    let cells = bench.corpus.cases.iter().flat_map(|case| {
        let in_plan = |cell: &&Cell| (0..bench.legs.len()).any(|leg| bench.plans(leg, cell));
        case.cells.iter().filter(in_plan).map(|cell| (case.id.as_str(), cell.id.0.as_str()))
    });
    bench.deviations.outdated(cells, OffsetDateTime::now_utc().date())
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
