//! How a summary ends: counts, speed, claims, and a last line that says it all.

use std::fmt::Write as _;

use super::Summary;
use super::counted;
use crate::color::Tone;
use crate::exit::{self, Exit, Standing};
use crate::record::{ClaimLine, Footer, Record, Spread};
use crate::verdict::{self, Verdict};
use crate::visible::on_one_line;

/// How fast the target was in the whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Overall {
    /// From a call to the break that it causes.
    pub(super) break_: Option<Spread>,
    /// From an acknowledgement to the answer that it releases.
    pub(super) release: Option<Spread>,
}

impl Overall {
    /// That of a record; nothing of the reference, whose clock stands still while it works.
    pub(super) fn of(record: &Record) -> Overall {
        if !record.header.live {
            return Overall::default();
        }
        let latencies = || record.cells.iter().map(|brief| &brief.latencies);
        Overall {
            break_: Spread::of(latencies().flat_map(|of| of.break_us.iter().copied()).collect()),
            release: Spread::of(latencies().flat_map(|of| of.release_us.iter().copied()).collect()),
        }
    }
}

/// The word for an exit.
pub(super) fn word(exit: Exit) -> &'static str {
    match exit {
        Exit::Ok => "ok",
        Exit::Conformance => "fail",
        Exit::Outdated => "outdated",
        Exit::Usage | Exit::NothingSelected | Exit::Target | Exit::Harness => "error",
    }
}

impl Summary<'_> {
    /// The counts for each of several axes, a line each.
    pub(super) fn legs(&self, text: &mut String) {
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
            let axes = on_one_line(&leg.axes);
            let _ = writeln!(text, "  {axes:width$}  {}", counts.join(", "));
        }
    }

    /// How fast the target was.
    pub(super) fn speeds(&self, text: &mut String) {
        let Overall { break_, release } = Overall::of(self.record);
        let spreads = [("call to break", break_), ("acknowledgement to release", release)];
        let told: Vec<_> = spreads
            .into_iter()
            .filter_map(|(what, spread)| {
                let Spread { count, p50, p99, max } = spread?;
                let millis = |micros: u64| micros as f64 / 1000.0;
                let (p50, p99, max) = (millis(p50), millis(p99), millis(max));
                Some(format!("{what} p50 {p50:.1} ms, p99 {p99:.1} ms, max {max:.1} ms ({count})"))
            })
            .collect();
        if !told.is_empty() {
            let _ = writeln!(text, "{}", told.join("; "));
        }
    }

    /// The claims that the target may not make, and why.
    pub(super) fn withheld(&self, text: &mut String, footer: &Footer) {
        for claim in footer.claims.iter().filter(|claim| !claim.given) {
            let _ = writeln!(text, "{}", on_one_line(&claim.text));
        }
    }

    /// Verdict, counts, claim, and where the reports are.
    #[must_use]
    pub fn last_line(&self) -> String {
        let exit = exit::of(self.record);
        let tone = match exit {
            Exit::Ok => Tone::Good,
            Exit::Outdated => Tone::Warning,
            _ => Tone::Bad,
        };
        let mut text = self.paint.tone(tone, word(exit).to_uppercase());
        let _ = write!(text, ": {}", self.counts());
        match &self.record.footer {
            Some(footer) => {
                let _ = write!(text, " in {:.1} s", footer.seconds);
                if let Some(why) = &footer.ended_early {
                    let why = why.strip_prefix("did not run: ").unwrap_or(why);
                    let _ = write!(text, "; ended early: {}", on_one_line(why));
                }
                let _ = write!(text, "; {}", claimed(&footer.claims));
            }
            None => {
                let planned = self.record.header.planned;
                let there = self.record.cells.len();
                let _ = write!(text, "; cut off after {there} of {}", counted(planned, "cell"));
            }
        }
        let out = self.reports.out.display().to_string();
        let _ = write!(text, "; reports: {}", on_one_line(&out));
        text
    }

    fn counts(&self) -> String {
        let counts = verdict::counts(self.record.cells.iter().map(|brief| brief.verdict));
        let of = |verdict| counts.get(&verdict).copied().unwrap_or(0);
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
        match self.of(Standing::Tolerated).count() {
            0 => parts.join(", "),
            tolerated => format!("{} ({tolerated} of them only recorded)", parts.join(", ")),
        }
    }
}

/// What the target may say of itself, in a few words.
fn claimed(claims: &[ClaimLine]) -> String {
    let given = claims.iter().filter(|claim| claim.given);
    let given: Vec<_> = given
        .map(|claim| on_one_line(claim.text.strip_prefix("conforms: ").unwrap_or(&claim.text)))
        .collect();
    match given.as_slice() {
        [] => "no claim".to_owned(),
        given => format!("conforms: {}", given.join(", ")),
    }
}
