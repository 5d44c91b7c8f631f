//! What a run tells the person who started it: the unexpected first, then counts, then the claim.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use oplock_model::Facts;

use crate::bench::Bench;
use crate::claim::Claim;
use crate::contradiction::Contradiction;
use crate::deviations::Outdated;
use crate::exit::Standing;
use crate::probe::calibration;
use crate::verdict::{self, CellResult, Kind, Verdict};

/// How many ids stand under one reason.
const IDS_PER_REASON: usize = 5;

/// Everything that the text is made of.
pub struct Summary<'a> {
    /// The cases and the legs.
    pub bench: &'a Bench,
    /// Whether `should` counts.
    pub strict: bool,
    /// The results, in the order of the plan.
    pub results: &'a [CellResult],
    /// How many cells of the store layer the selection had, which a live target's plan has not.
    pub store_cells: usize,
    /// What is wrong with the deviation list itself.
    pub outdated: &'a [Outdated],
    /// Cases whose outcome is not that of their snapshot, each with the difference.
    pub changed: &'a [(String, String)],
    /// Cases that have no snapshot, though their target has others.
    pub without_snapshot: usize,
    /// What the target may say of itself.
    pub claims: &'a [Claim],
    /// What its profile says of it, and it showed otherwise.
    pub contradicted: &'a [Contradiction],
    /// Over how many nodes the clients of each cell were spread, where they were.
    pub spread_over_nodes: Option<usize>,
    /// What there is to know of the vendor's own commands, a line each.
    pub hooks: &'a [String],
    /// Wall time of the run in seconds.
    pub seconds: f64,
}

impl Summary<'_> {
    /// The whole text; `screen` is what a person wants to read of a cell that is not as it should be.
    #[must_use]
    pub fn text(&self, screen: &dyn Fn(&CellResult) -> String) -> String {
        let mut text = self.head();
        self.contradicted(&mut text);
        self.unexpected(&mut text, screen);
        self.broken(&mut text);
        self.list(&mut text);
        self.changes(&mut text);
        self.skips(&mut text);
        for line in self.hooks {
            let _ = writeln!(text, "\n{line}");
        }
        self.counts(&mut text);
        for claim in self.claims {
            let _ = writeln!(text, "{claim}");
        }
        text
    }

    fn head(&self) -> String {
        let Facts { product, version, axes, .. } = &self.bench.first().facts;
        let cells = counted(self.results.len(), "cell");
        let axes = match self.bench.legs.as_slice() {
            [_] => axes.clone(),
            legs => format!("in {} axes", legs.len()),
        };
        let target = [product.as_str(), version, &axes];
        let target: Vec<_> = target.into_iter().filter(|part| !part.is_empty()).collect();
        let mut text = format!("{}: {cells}", target.join(" "));
        if self.store_cells > 0 {
            let more = counted(self.store_cells, "store cell");
            let _ = write!(text, "; {more} not asked, since a live target has no store layer");
        }
        if let Some(nodes) = self.spread_over_nodes {
            let _ = write!(text, "; the clients of each spread over {nodes} nodes");
        }
        text.push('\n');
        let first = self.bench.first();
        if let Some(latencies) = &first.facts.latencies {
            let _ = writeln!(text, "{}", calibration::line(Some(latencies), &first.waits));
        }
        text
    }

    /// Claims that do not hold: somebody reads the profile as a promise.
    fn contradicted(&self, text: &mut String) {
        for (index, contradiction) in self.contradicted.iter().enumerate() {
            let before = if index == 0 { "\n" } else { "" };
            let _ = writeln!(text, "{before}claim contradicted: {contradiction}");
        }
    }

    /// What does not conform, grouped as vendors fix it.
    fn unexpected(&self, text: &mut String, screen: &dyn Fn(&CellResult) -> String) {
        let mut groups: BTreeMap<Kind, Vec<&CellResult>> = BTreeMap::new();
        for result in self.of(Standing::Red) {
            let first = result.judgement.as_ref().and_then(|judged| judged.divergences.first());
            groups.entry(first.map_or(Kind::Fault, |first| first.kind)).or_default().push(result);
        }
        for (kind, results) in groups {
            let _ = writeln!(text, "\n{kind} ({})\n", results.len());
            for result in results {
                let _ = writeln!(text, "{}\n", screen(result).trim_end());
                if let Some(reason) = &result.reason {
                    let _ = writeln!(text, "      {}: {reason}\n", result.verdict.words());
                }
            }
        }
    }

    /// Errors by their reason: where a server dies, hundreds share one.
    fn broken(&self, text: &mut String) {
        let reason = |result: &CellResult| result.reason.clone().unwrap_or_default();
        for (reason, results) in by(self.of(Standing::Broken), reason) {
            let _ = writeln!(text, "\nerror ({}): {reason}", results.len());
            self.ids(text, &results);
        }
    }

    /// What the deviation list wants.
    fn list(&self, text: &mut String) {
        for result in self.of(Standing::Outdated) {
            let reason = result.reason.as_deref().unwrap_or_default();
            let _ = writeln!(text, "\n{}: {}\n  {reason}", result.verdict.words(), self.id(result));
        }
        for found in self.outdated {
            let _ = writeln!(text, "\ndeviation list, line {}: {}", found.line, found.message);
        }
    }

    fn changes(&self, text: &mut String) {
        for (case, difference) in self.changed {
            let _ = writeln!(text, "\nchanged: {case}");
            for line in difference.lines() {
                let _ = writeln!(text, "  {line}");
            }
        }
        if !self.changed.is_empty() {
            let _ = writeln!(
                text,
                "\n  the verdicts held; `oplock-conformance bless` keeps the new outcome"
            );
        }
        if self.without_snapshot > 0 {
            let _ =
                writeln!(text, "\nwithout a snapshot: {}", counted(self.without_snapshot, "case"));
        }
    }

    fn skips(&self, text: &mut String) {
        let reason = |result: &CellResult| result.reason.clone().unwrap_or_default();
        for (reason, results) in by(self.of(Standing::Skipped), reason) {
            let _ = writeln!(text, "\nskipped ({}): {reason}", results.len());
        }
    }

    fn counts(&self, text: &mut String) {
        let counts = verdict::counts(self.results.iter());
        let of = |verdict| counts.get(&verdict).copied().unwrap_or(0);
        let tolerated = self.of(Standing::Tolerated).count();
        let parts = [
            (of(Verdict::Pass), "passed"),
            (of(Verdict::Fail), "failed"),
            (of(Verdict::FailedDifferently), "failed differently"),
            (of(Verdict::Inconclusive), "inconclusive"),
            (of(Verdict::Error), "in error"),
            (of(Verdict::UnexpectedPass), "unexpectedly passed"),
            (of(Verdict::KnownDeviation), "known to deviate"),
            (of(Verdict::Skipped), "skipped"),
        ];
        let parts: Vec<_> = parts
            .into_iter()
            .filter(|(count, word)| *count > 0 || matches!(*word, "passed" | "failed" | "skipped"))
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        let _ = write!(text, "\n{}", parts.join(", "));
        if tolerated > 0 {
            let _ = write!(text, " ({tolerated} of them only recorded)");
        }
        let _ = writeln!(text, " in {:.1} s", self.seconds);
        self.legs(text);
    }

    /// The same counts for each of several axes, a line each.
    fn legs(&self, text: &mut String) {
        let legs = &self.bench.legs;
        if legs.len() < 2 {
            return;
        }
        let width = legs.iter().map(|leg| leg.facts.axes.len()).max().unwrap_or_default();
        for (index, leg) in legs.iter().enumerate() {
            let counts = verdict::counts(self.results.iter().filter(|result| result.leg == index));
            let counts: Vec<_> = counts
                .into_iter()
                .map(|(verdict, count)| format!("{count} {}", verdict.words()))
                .collect();
            let _ = writeln!(text, "  {:width$}  {}", leg.facts.axes, counts.join(", "));
        }
    }

    fn of(&self, standing: Standing) -> impl Iterator<Item = &CellResult> {
        self.results.iter().filter(move |result| {
            let found = self.bench.found(result);
            found.is_some_and(|(case, _)| {
                Standing::of(result.verdict, &case.obligation, self.strict) == standing
            })
        })
    }

    fn ids(&self, text: &mut String, results: &[&CellResult]) {
        for result in results.iter().take(IDS_PER_REASON) {
            let _ = writeln!(text, "  {}", self.id(result));
        }
        if let Some(more) = results.len().checked_sub(IDS_PER_REASON).filter(|more| *more > 0) {
            let _ = writeln!(text, "  and {more} more");
        }
    }

    fn id(&self, result: &CellResult) -> String {
        self.bench
            .found(result)
            .map(|(_, cell)| self.bench.name(result.leg, cell))
            .unwrap_or_default()
    }
}

/// A number and its noun: `1 cell`, `2 cells`.
#[must_use]
pub fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn by<'a>(
    results: impl Iterator<Item = &'a CellResult>,
    key: impl Fn(&CellResult) -> String,
) -> BTreeMap<String, Vec<&'a CellResult>> {
    let mut groups: BTreeMap<String, Vec<&CellResult>> = BTreeMap::new();
    for result in results {
        groups.entry(key(result)).or_default().push(result);
    }
    groups
}

#[cfg(test)]
mod tests {
    use oplock_model::Claimed;
    use oplock_suite::plan::Obligation;

    use super::*;
    use crate::claim::claims;
    use crate::testing;

    #[test]
    fn the_summary_reads_like_this() {
        let verdicts = [
            Verdict::Pass,
            Verdict::Fail,
            Verdict::Error,
            Verdict::Error,
            Verdict::Skipped,
            Verdict::UnexpectedPass,
            Verdict::KnownDeviation,
            Verdict::FailedDifferently,
            Verdict::Fail,
        ];
        let mut cases: Vec<_> = (0..verdicts.len())
            .map(|n| testing::case(&format!("oplock/batch/case-{n}"), &[]))
            .collect();
        cases[8].obligation = Obligation::Should;
        let mut bench = testing::bench(cases);
        let mut results: Vec<_> = verdicts
            .iter()
            .enumerate()
            .map(|(case, verdict)| testing::result(case, *verdict))
            .collect();
        for index in [2, 3] {
            results[index].reason = Some("connection lost: end of stream".into());
        }
        results[4].reason =
            Some("needs lease_v2, which the target has not (negotiate response)".into());
        results[5].reason =
            Some("passed, though line 2 of the deviation list says that it does not".into());
        results[7].reason = Some("line 9 of the deviation list expects another signature".into());
        let facts = Facts {
            product: "samba".into(),
            version: "4.17.12".into(),
            axes: "smb3_1_1,signed".into(),
            ..Facts::default()
        };
        bench.legs[0].facts = facts;
        let summary = Summary {
            bench: &bench,
            strict: false,
            results: &results,
            store_cells: 12,
            outdated: &[Outdated { line: 30, message: "stale: `x` matches no cell".into() }],
            changed: &[("oplock/batch/case-0".into(), "- A <- break\n+ A <- nothing\n".into())],
            without_snapshot: 1,
            contradicted: &[Contradiction {
                name: "lease_v2".into(),
                claimed: Claimed { has: true, because: Some("Since 9.4.".into()) },
                source: "dialect 2.1 has none".into(),
            }],
            spread_over_nodes: Some(2),
            hooks: &["hook on_fail: `collect` ended with exit 3".into()],
            claims: &claims(&bench.corpus, &[&bench.first().facts], &results, &|_, _| true),
            seconds: 1.26,
        };
        insta::assert_snapshot!(
            summary.text(&|result| format!("FAIL  screen of {}\n", result.case))
        );
    }

    #[test]
    fn a_good_run_is_three_lines() {
        let cases = vec![testing::case("oplock/batch/one", &[])];
        let mut bench = testing::bench(cases);
        let results = [testing::result(0, Verdict::Pass)];
        bench.legs[0].facts =
            Facts { product: "reference".into(), version: "0.1.0".into(), ..Facts::default() };
        let summary = Summary {
            bench: &bench,
            strict: false,
            results: &results,
            store_cells: 0,
            outdated: &[],
            changed: &[],
            without_snapshot: 0,
            contradicted: &[],
            spread_over_nodes: None,
            hooks: &[],
            claims: &claims(&bench.corpus, &[&bench.first().facts], &results, &|_, _| true),
            seconds: 0.04,
        };
        insta::assert_snapshot!(summary.text(&|_| String::new()));
    }
}
