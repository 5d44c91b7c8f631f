//! What a second judgement says otherwise than the first.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::again::Judged;
use crate::console::counted;
use crate::record::CellLine;

/// How many ids stand under one reason.
const IDS: usize = 10;

/// The cells whose verdicts moved, and those of which nothing can be said.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// What moved, in words, with the cells.
    moved: BTreeMap<String, Vec<String>>,
    /// Why cells are not comparable, with the cells.
    not_comparable: BTreeMap<&'static str, Vec<String>>,
    same: usize,
}

impl Moves {
    /// Takes a cell with its line before and after.
    pub(super) fn take(&mut self, name: &str, before: &CellLine, after: &Judged) {
        let now = &after.line;
        if let Some(why) = after.not_comparable {
            self.not_comparable.entry(why).or_default().push(name.to_owned());
        } else if before.verdict != now.verdict {
            let what = format!("{} -> {}", before.verdict.words(), now.verdict.words());
            let name = match &now.sentence {
                Some(sentence) => format!("{name}: {sentence}"),
                None => name.to_owned(),
            };
            self.moved.entry(what).or_default().push(name);
        } else if before.signature != now.signature {
            let what = format!("{}, with another signature", now.verdict.words());
            let signature = now.signature.as_deref().unwrap_or_default();
            self.moved.entry(what).or_default().push(format!("{name}: {signature}"));
        } else {
            self.same += 1;
        }
    }

    /// The text, for people.
    pub(super) fn text(&self, record: &Path, cells: usize) -> String {
        let mut text =
            format!("judged again: {} of {}\n", counted(cells, "cell"), record.display());
        for (what, names) in &self.moved {
            let _ = writeln!(text, "\nmoved, {what} ({})", names.len());
            listed(&mut text, names);
        }
        for (why, names) in &self.not_comparable {
            let _ = writeln!(text, "\nnot comparable ({}): {why}; run them again", names.len());
            listed(&mut text, names);
        }
        let moved: usize = self.moved.values().map(Vec::len).sum();
        let not_comparable: usize = self.not_comparable.values().map(Vec::len).sum();
        let _ = writeln!(
            text,
            "\n{} as before, {moved} moved, {not_comparable} not comparable\n",
            self.same
        );
        text
    }
}

fn listed(text: &mut String, names: &[String]) {
    for name in names.iter().take(IDS) {
        let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let _ = writeln!(text, "  {name}");
    }
    if let Some(more) = names.len().checked_sub(IDS).filter(|more| *more > 0) {
        let _ = writeln!(text, "  and {more} more");
    }
}
