//! What a run tells the person who started it: the unexpected first, then counts, then the claim.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use oplock_model::Facts;

use crate::exit::Standing;
use crate::print;
use crate::probe::calibration;
use crate::record::{Brief, Footer, Record, RecordError};
use crate::reports::Reports;
use crate::stop::Stop;
use crate::verdict::{self, Kind, Verdict};

/// How many ids stand under one reason.
const IDS_PER_REASON: usize = 5;

/// Prints the summary of a run that has ended, and where its reports are.
///
/// # Errors
/// A [`Stop`] where the record cannot be read.
pub fn finished(record: &Record, reports: &Reports) -> Result<(), Stop> {
    let text = Summary { record }.text().map_err(|error| Stop::harness(error.to_string()))?;
    print::out(&format!("{text}reports: {}\n", reports.out.display()));
    Ok(())
}

/// Everything that the text is made of.
pub struct Summary<'a> {
    /// The run.
    pub record: &'a Record,
}

impl Summary<'_> {
    /// The whole text.
    ///
    /// # Errors
    /// A [`RecordError`] where a cell cannot be read again.
    pub fn text(&self) -> Result<String, RecordError> {
        let unfinished = Footer::default();
        let footer = self.record.footer.as_ref().unwrap_or(&unfinished);
        let mut text = self.head();
        for (index, contradiction) in footer.contradicted.iter().enumerate() {
            // Somebody reads the profile as a promise.
            let before = if index == 0 { "\n" } else { "" };
            let _ = writeln!(text, "{before}claim contradicted: {contradiction}");
        }
        self.unexpected(&mut text)?;
        self.broken(&mut text);
        self.list(&mut text, footer);
        changes(&mut text, footer);
        self.skips(&mut text);
        for line in &footer.hooks {
            let _ = writeln!(text, "\n{line}");
        }
        self.counts(&mut text, footer);
        for claim in &footer.claims {
            let _ = writeln!(text, "{}", claim.text);
        }
        Ok(text)
    }

    fn head(&self) -> String {
        let header = &self.record.header;
        let Facts { product, version, .. } = &header.target;
        let cells = counted(self.record.cells.len(), "cell");
        let axes = match header.legs.as_slice() {
            [] => String::new(),
            [leg] => leg.axes.clone(),
            legs => format!("in {} axes", legs.len()),
        };
        let target = [product.as_str(), version, &axes];
        let target: Vec<_> = target.into_iter().filter(|part| !part.is_empty()).collect();
        let mut text = format!("{}: {cells}", target.join(" "));
        if header.store_cells > 0 {
            let more = counted(header.store_cells, "store cell");
            let _ = write!(text, "; {more} not asked, since a live target has no store layer");
        }
        if let Some(nodes) = header.spread_over_nodes {
            let _ = write!(text, "; the clients of each spread over {nodes} nodes");
        }
        text.push('\n');
        if let (Some(latencies), Some(leg)) = (&header.target.latencies, header.legs.first()) {
            let _ = writeln!(text, "{}", calibration::line(Some(latencies), &leg.waits));
        }
        text
    }

    /// What does not conform, grouped as vendors fix it.
    fn unexpected(&self, text: &mut String) -> Result<(), RecordError> {
        let mut groups: BTreeMap<Kind, Vec<&Brief>> = BTreeMap::new();
        for brief in self.of(Standing::Red) {
            groups.entry(brief.kind.unwrap_or(Kind::Fault)).or_default().push(brief);
        }
        for (kind, briefs) in groups {
            let _ = writeln!(text, "\n{kind} ({})\n", briefs.len());
            for brief in briefs {
                let line = self.record.whole(brief)?;
                let screen = line.screen.unwrap_or_else(|| self.record.name(brief));
                let _ = writeln!(text, "{}\n", screen.trim_end());
                if let Some(reason) = &brief.reason {
                    let _ = writeln!(text, "      {}: {reason}\n", brief.verdict.words());
                }
            }
        }
        Ok(())
    }

    /// Errors by their reason: where a server dies, hundreds share one.
    fn broken(&self, text: &mut String) {
        for (reason, briefs) in by_reason(self.of(Standing::Broken)) {
            let _ = writeln!(text, "\nerror ({}): {reason}", briefs.len());
            self.ids(text, &briefs);
        }
    }

    /// What the deviation list wants.
    fn list(&self, text: &mut String, footer: &Footer) {
        for brief in self.of(Standing::Outdated) {
            let reason = brief.reason.as_deref().unwrap_or_default();
            let name = self.record.name(brief);
            let _ = writeln!(text, "\n{}: {name}\n  {reason}", brief.verdict.words());
        }
        for found in &footer.outdated {
            let _ = writeln!(text, "\ndeviation list, line {}: {}", found.line, found.message);
        }
    }

    fn skips(&self, text: &mut String) {
        for (reason, briefs) in by_reason(self.of(Standing::Skipped)) {
            let _ = writeln!(text, "\nskipped ({}): {reason}", briefs.len());
        }
    }

    fn counts(&self, text: &mut String, footer: &Footer) {
        let counts = verdict::counts(self.record.cells.iter().map(|brief| brief.verdict));
        let of = |verdict| counts.get(&verdict).copied().unwrap_or(0);
        let tolerated = self.of(Standing::Tolerated).count();
        let parts = [
            (of(Verdict::Pass), "passed"),
            (of(Verdict::Fail), "failed"),
            (of(Verdict::FailedDifferently), "failed differently"),
            (of(Verdict::Flaky), "flaky"),
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
        let _ = writeln!(text, " in {:.1} s", footer.seconds);
        self.legs(text);
    }

    /// The same counts for each of several axes, a line each.
    fn legs(&self, text: &mut String) {
        let legs = &self.record.header.legs;
        if legs.len() < 2 {
            return;
        }
        let width = legs.iter().map(|leg| leg.axes.len()).max().unwrap_or_default();
        for (index, leg) in legs.iter().enumerate() {
            let own = self.record.cells.iter().filter(|brief| brief.leg == index);
            let counts: Vec<_> = verdict::counts(own.map(|brief| brief.verdict))
                .into_iter()
                .map(|(verdict, count)| format!("{count} {}", verdict.words()))
                .collect();
            let _ = writeln!(text, "  {:width$}  {}", leg.axes, counts.join(", "));
        }
    }

    fn of(&self, standing: Standing) -> impl Iterator<Item = &Brief> {
        self.record.cells.iter().filter(move |brief| brief.standing == standing)
    }

    fn ids(&self, text: &mut String, briefs: &[&Brief]) {
        for brief in briefs.iter().take(IDS_PER_REASON) {
            let _ = writeln!(text, "  {}", self.record.name(brief));
        }
        if let Some(more) = briefs.len().checked_sub(IDS_PER_REASON).filter(|more| *more > 0) {
            let _ = writeln!(text, "  and {more} more");
        }
    }
}

fn changes(text: &mut String, footer: &Footer) {
    for changed in &footer.changed {
        let _ = writeln!(text, "\nchanged: {}", changed.case);
        for line in changed.difference.lines() {
            let _ = writeln!(text, "  {line}");
        }
    }
    if !footer.changed.is_empty() {
        let _ = writeln!(
            text,
            "\n  the verdicts held; `oplock-conformance bless` keeps the new outcome"
        );
    }
    if footer.without_snapshot > 0 {
        let _ =
            writeln!(text, "\nwithout a snapshot: {}", counted(footer.without_snapshot, "case"));
    }
}

/// A number and its noun: `1 cell`, `2 cells`.
#[must_use]
pub fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn by_reason<'a>(briefs: impl Iterator<Item = &'a Brief>) -> BTreeMap<&'a str, Vec<&'a Brief>> {
    let mut groups: BTreeMap<&str, Vec<&Brief>> = BTreeMap::new();
    for brief in briefs {
        groups.entry(brief.reason.as_deref().unwrap_or_default()).or_default().push(brief);
    }
    groups
}

#[cfg(test)]
mod tests {
    use oplock_suite::plan::Obligation;

    use super::*;
    use crate::deviations::Outdated;
    use crate::record::{Changed, ClaimLine, Header};
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
        let (cases, lines) = testing::lines(&cases, &results);
        let header = Header {
            store_cells: 12,
            spread_over_nodes: Some(2),
            ..testing::header("samba", "4.17.12", &["smb3_1_1,signed"])
        };
        let stale = Outdated { line: 30, message: "stale: `x` matches no cell".into() };
        let difference = "- A <- break\n+ A <- nothing\n".into();
        let footer = Footer {
            outdated: vec![stale],
            changed: vec![Changed { case: "oplock/batch/case-0".into(), difference }],
            without_snapshot: 1,
            contradicted: vec!["lease_v2 is claimed, and dialect 2.1 has none".into()],
            hooks: vec!["hook on_fail: `collect` ended with exit 3".into()],
            claims: vec![ClaimLine {
                profile: "core".into(),
                given: false,
                text: "no claim of core: of its 8 cells 6 did not pass".into(),
            }],
            seconds: 1.26,
            ..Footer::default()
        };
        let record = testing::record(header, cases, lines, Some(footer));
        insta::assert_snapshot!(Summary { record: &record }.text().expect("a text"));
    }

    #[test]
    fn a_good_run_is_three_lines() {
        let (cases, lines) = testing::lines(
            &[testing::case("oplock/batch/one", &[])],
            &[testing::result(0, Verdict::Pass)],
        );
        let footer = Footer {
            seconds: 0.04,
            claims: vec![ClaimLine {
                profile: "core".into(),
                given: true,
                text: "conforms: core (1 cell)".into(),
            }],
            ..Footer::default()
        };
        let header = testing::header("reference", "0.1.0", &[""]);
        let record = testing::record(header, cases, lines, Some(footer));
        insta::assert_snapshot!(Summary { record: &record }.text().expect("a text"));
    }
}
