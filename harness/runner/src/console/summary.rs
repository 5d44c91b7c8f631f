//! The summary as a person reads it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use oplock_model::Facts;

use super::counted;
use crate::color::{Paint, Tone};
use crate::deviations::{Outdated, Trouble, by_entry};
use crate::exit::Standing;
use crate::probe::calibration;
use crate::record::{Brief, Changed, Footer, Record, RecordError};
use crate::reports::Reports;
use crate::verdict::Verdict;
use crate::visible::{on_one_line, visible};

/// How many ids stand under one reason.
const IDS_PER_REASON: usize = 5;
/// How many changed cases are shown with what changed.
const CHANGES: usize = 20;

/// Everything that the text is made of.
#[derive(Clone, Copy)]
pub struct Summary<'a> {
    /// The run.
    pub record: &'a Record,
    /// Where its reports are.
    pub reports: &'a Reports,
    /// The colours.
    pub paint: Paint,
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
        self.contradicted(&mut text, footer);
        self.unexpected(&mut text)?;
        self.broken(&mut text);
        self.list(&mut text, footer);
        self.changes(&mut text, footer);
        self.skips(&mut text);
        for line in &footer.hooks {
            let _ = writeln!(text, "\n{}", on_one_line(line));
        }
        text.push('\n');
        self.legs(&mut text);
        self.speeds(&mut text);
        self.withheld(&mut text, footer);
        let _ = writeln!(text, "{}", self.last_line());
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
        let mut text = format!("{}: {cells}", on_one_line(&target.join(" ")));
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

    /// Somebody reads the profile as a promise.
    pub(super) fn contradicted(&self, text: &mut String, footer: &Footer) {
        for (index, contradiction) in footer.contradicted.iter().enumerate() {
            let before = if index == 0 { "\n" } else { "" };
            let head = self.paint.tone(Tone::Bad, "claim contradicted");
            let _ = writeln!(text, "{before}{head}: {}", on_one_line(contradiction));
        }
    }

    /// Errors by their reason: where a server dies, hundreds share one.
    fn broken(&self, text: &mut String) {
        for (reason, briefs) in by_reason(self.of(Standing::Broken)) {
            let head = self.paint.tone(Tone::Bad, "error");
            let _ = writeln!(text, "\n{head} ({}): {}", briefs.len(), on_one_line(reason));
            self.ids(text, &briefs);
        }
    }

    /// What the deviation list wants.
    fn list(&self, text: &mut String, footer: &Footer) {
        let mut groups: BTreeMap<(Option<u64>, Verdict, &str), Vec<&Brief>> = BTreeMap::new();
        let shown = by_entry(self.record);
        // What is told of the whole entry need not be told of each reason.
        let is_told = |brief: &&Brief| {
            let passed = shown.iter().filter(|found| found.what == Trouble::UnexpectedPass);
            passed.into_iter().any(|found| Some(found.line) == brief.deviation)
        };
        for brief in self.of(Standing::Outdated).filter(|brief| !is_told(brief)) {
            let reason = brief.reason.as_deref().unwrap_or_default();
            groups.entry((brief.deviation, brief.verdict, reason)).or_default().push(brief);
        }
        for ((_, verdict, reason), briefs) in groups {
            let head = self.paint.tone(Tone::Warning, verdict.words());
            let _ = writeln!(text, "\n{head} ({}): {}", briefs.len(), on_one_line(reason));
            self.ids(text, &briefs);
        }
        let outdated = shown.iter().chain(&footer.outdated).map(|found| (Tone::Warning, found));
        let due_soon = footer.due_soon.iter().map(|found| (Tone::Head, found));
        for (tone, Outdated { line, message, .. }) in outdated.chain(due_soon) {
            let head = self.paint.tone(tone, "deviation list");
            let _ = writeln!(text, "\n{head}, line {line}: {}", on_one_line(message));
        }
    }

    fn changes(&self, text: &mut String, footer: &Footer) {
        for Changed { case, difference } in footer.changed.iter().take(CHANGES) {
            let head = self.paint.tone(Tone::Warning, "changed");
            let _ = writeln!(text, "\n{head}: {}", on_one_line(case));
            for line in visible(difference).lines() {
                let _ = writeln!(text, "  {line}");
            }
        }
        if let Some(more) = footer.changed.len().checked_sub(CHANGES).filter(|more| *more > 0) {
            let _ = writeln!(text, "\nand {} more changed", counted(more, "case"));
        }
        if !footer.changed.is_empty() {
            let bless = "the verdicts held; `oplock-conformance bless` keeps the new outcome";
            let _ = writeln!(text, "\n  {bless}");
        }
        if footer.without_snapshot > 0 {
            let cases = counted(footer.without_snapshot, "case");
            let _ = writeln!(text, "\nwithout a snapshot: {cases}");
        }
    }

    fn skips(&self, text: &mut String) {
        for (index, (reason, briefs)) in by_reason(self.of(Standing::Skipped)).iter().enumerate() {
            let before = if index == 0 { "\n" } else { "" };
            let _ = writeln!(text, "{before}skipped ({}): {}", briefs.len(), on_one_line(reason));
        }
    }

    pub(super) fn of(&self, standing: Standing) -> impl Iterator<Item = &Brief> {
        self.record.cells.iter().filter(move |brief| brief.standing == standing)
    }

    /// The name of a cell.
    pub(super) fn name(&self, brief: &Brief) -> String {
        on_one_line(&self.record.name(brief))
    }

    fn ids(&self, text: &mut String, briefs: &[&Brief]) {
        for brief in briefs.iter().take(IDS_PER_REASON) {
            let _ = writeln!(text, "  {}", self.name(brief));
        }
        if let Some(more) = briefs.len().checked_sub(IDS_PER_REASON).filter(|more| *more > 0) {
            let _ = writeln!(text, "  and {more} more");
        }
    }
}

fn by_reason<'a>(briefs: impl Iterator<Item = &'a Brief>) -> BTreeMap<&'a str, Vec<&'a Brief>> {
    let mut groups: BTreeMap<&str, Vec<&Brief>> = BTreeMap::new();
    for brief in briefs {
        groups.entry(brief.reason.as_deref().unwrap_or_default()).or_default().push(brief);
    }
    groups
}
