//! What does not conform: grouped as vendors fix it, a screen for each of the first of one signature, and the rest counted. A
//! server that is all wrong must not print thousands of screens.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Summary;
use super::counted;
use crate::color::Tone;
use crate::deviations::by_entry;
use crate::exit::Standing;
use crate::record::{Brief, Footer, RecordError};
use crate::verdict::{Kind, Verdict};
use crate::visible::{on_one_line, visible};

/// How many cells of one signature have their screen.
const SCREENS_OF_ONE: usize = 3;
/// How many screens there are at most.
const SCREENS: usize = 40;
/// How many of the others of a signature are named.
const IDS: usize = 10;
/// How many signatures are named once there are no more screens.
const SIGNATURES: usize = 40;
/// How many cells have a line where only lines are wanted.
const LINES: usize = 200;

/// Cells that are wrong in the same way.
struct Alike<'a> {
    verdict: Verdict,
    signature: &'a str,
    briefs: Vec<&'a Brief>,
}

impl Summary<'_> {
    /// What does not conform.
    pub(super) fn unexpected(&self, text: &mut String) -> Result<(), RecordError> {
        let mut screens = SCREENS;
        let mut named = SIGNATURES;
        let mut left_out = (0, 0);
        for (kind, briefs) in by_kind(self.of(Standing::Red)) {
            let head = self.paint.tone(Tone::Head, format!("{kind} ({})", briefs.len()));
            let _ = writeln!(text, "\n{head}");
            for alike in alike(&briefs) {
                let shown = alike.briefs.len().min(SCREENS_OF_ONE).min(screens);
                screens -= shown;
                let (first, others) = alike.briefs.split_at(shown);
                for brief in first {
                    self.screen(text, brief)?;
                }
                if others.is_empty() {
                    continue;
                }
                if named == 0 {
                    left_out = (left_out.0 + 1, left_out.1 + others.len());
                    continue;
                }
                named -= usize::from(shown == 0);
                self.others(text, &alike, others, shown > 0);
            }
        }
        if let (signatures @ 1.., cells) = left_out {
            let (signatures, cells) = (counted(signatures, "signature"), counted(cells, "cell"));
            let _ = writeln!(
                text,
                "\nand {cells} more with {signatures} more; the reports have all of them"
            );
        }
        Ok(())
    }

    fn screen(&self, text: &mut String, brief: &Brief) -> Result<(), RecordError> {
        let line = self.record.whole(brief)?;
        let screen = line.screen.unwrap_or_else(|| headline(self, brief));
        text.push('\n');
        for (index, line) in visible(&screen).trim_end().lines().enumerate() {
            let line = match (index, line.split_once("  ")) {
                (0, Some((word, rest))) => format!("{}  {rest}", self.paint.tone(Tone::Bad, word)),
                _ if line.starts_with("   >>   ") => self.paint.tone(Tone::Bad, line),
                _ => line.to_owned(),
            };
            let _ = writeln!(text, "{line}");
        }
        if let Some(reason) = &brief.reason {
            let _ = writeln!(text, "      {}: {}", brief.verdict.words(), on_one_line(reason));
        } else if let (passed, plays @ 2..) = brief.passed {
            let _ = writeln!(text, "      plays passed {passed} of {plays}");
        }
        Ok(())
    }

    /// The cells of a signature that have no screen.
    fn others(&self, text: &mut String, alike: &Alike<'_>, others: &[&Brief], same: bool) {
        let verdict = alike.verdict.words();
        let count = others.len();
        let what = match alike.signature {
            "" => verdict.to_owned(),
            signature => format!("{verdict}, {}", on_one_line(signature)),
        };
        let more = if same { format!("{count} more like this") } else { count.to_string() };
        let _ = writeln!(text, "\n  {more}: {what}");
        for brief in others.iter().take(IDS) {
            let _ = writeln!(text, "    {}", self.name(brief));
        }
        if let Some(more) = count.checked_sub(IDS).filter(|more| *more > 0) {
            let _ = writeln!(text, "    and {more} more");
        }
    }

    /// A line for each cell that is not as it should be, for each wish of the deviation list, and the last line.
    #[must_use]
    pub fn short(&self) -> String {
        let unfinished = Footer::default();
        let footer = self.record.footer.as_ref().unwrap_or(&unfinished);
        let mut text = String::new();
        let wrong = in_order(self.record.cells.iter().filter(|brief| brief.standing.is_wrong()));
        for brief in wrong.iter().take(LINES) {
            let _ = writeln!(text, "{}", headline(self, brief));
        }
        if let Some(more) = wrong.len().checked_sub(LINES).filter(|more| *more > 0) {
            let _ = writeln!(text, "and {more} more; the reports have all of them");
        }
        for contradiction in &footer.contradicted {
            let head = self.paint.tone(Tone::Bad, "CLAIM CONTRADICTED");
            let _ = writeln!(text, "{head}  {}", on_one_line(contradiction));
        }
        for found in by_entry(self.record).iter().chain(&footer.outdated) {
            let head = self.paint.tone(Tone::Warning, "DEVIATION LIST");
            let _ = writeln!(text, "{head}  line {}: {}", found.line, on_one_line(&found.message));
        }
        for changed in &footer.changed {
            let head = self.paint.tone(Tone::Warning, "CHANGED");
            let _ = writeln!(text, "{head}  {}", on_one_line(&changed.case));
        }
        let _ = writeln!(text, "{}", self.last_line());
        text
    }
}

/// The cells in the order in which they are told: what does not conform by kind, what broke, what the list is wrong about.
pub(super) fn in_order<'a>(briefs: impl Iterator<Item = &'a Brief>) -> Vec<&'a Brief> {
    let mut briefs: Vec<_> = briefs.collect();
    briefs.sort_by_key(|brief| match brief.standing {
        Standing::Red => (0, brief.kind),
        Standing::Broken => (1, None),
        _ => (2, None),
    });
    briefs
}

/// One line: verdict, cell, what is wrong.
fn headline(summary: &Summary<'_>, brief: &Brief) -> String {
    let tone = match brief.standing {
        Standing::Outdated => Tone::Warning,
        _ => Tone::Bad,
    };
    let verdict = summary.paint.tone(tone, brief.verdict.words().to_uppercase());
    let name = summary.name(brief);
    let why = match brief.verdict {
        Verdict::Fail | Verdict::FailedDifferently => brief.sentence.as_ref(),
        _ => None,
    };
    match why.or(brief.reason.as_ref()).or(brief.sentence.as_ref()) {
        Some(why) => format!("{verdict}  {name}  {}", on_one_line(why)),
        None => format!("{verdict}  {name}"),
    }
}

fn by_kind<'a>(briefs: impl Iterator<Item = &'a Brief>) -> BTreeMap<Kind, Vec<&'a Brief>> {
    let mut groups: BTreeMap<Kind, Vec<&Brief>> = BTreeMap::new();
    for brief in briefs {
        groups.entry(brief.kind.unwrap_or(Kind::Fault)).or_default().push(brief);
    }
    groups
}

/// The groups of one signature, in the order of their first cells.
fn alike<'a>(briefs: &[&'a Brief]) -> Vec<Alike<'a>> {
    let mut groups: Vec<Alike<'a>> = Vec::new();
    let mut known: BTreeMap<(Verdict, &str), usize> = BTreeMap::new();
    for brief in briefs {
        let signature = brief.signature.as_deref().unwrap_or_default();
        let verdict = brief.verdict;
        let at = *known.entry((verdict, signature)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.briefs.push(brief),
            None => groups.push(Alike { verdict, signature, briefs: vec![brief] }),
        }
    }
    groups
}
