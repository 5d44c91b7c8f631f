//! What of a list wants work: entries that say what is not so any more, and whose day of review has come.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::{Date, Duration};

use super::day::Day;
use super::entry::Deviation;
use super::glob;
use super::list::Deviations;
use crate::axes;

/// Something about the list itself that wants work.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Outdated {
    /// The line of the entry.
    pub line: u64,
    /// What is wrong.
    #[serde(default)]
    pub what: Trouble,
    /// What is wrong and what to do next, in one sentence.
    pub message: String,
}

/// What is wrong with an entry.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// It is about nothing: no cell of the corpus, no axes, no version.
    #[default]
    Stale,
    /// The day of its review is over.
    Overdue,
    /// The day of its review is near.
    DueSoon,
    /// Cells of it passed.
    UnexpectedPass,
    /// Cells of it failed otherwise.
    FailedDifferently,
}

impl Trouble {
    /// The words that reports and the console use.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Trouble::Stale => "stale",
            Trouble::Overdue => "overdue",
            Trouble::DueSoon => "due soon",
            Trouble::UnexpectedPass => "unexpected pass",
            Trouble::FailedDifferently => "failed differently",
        }
    }
}

/// How long before its day a review is told.
const SOON: Duration = Duration::days(30);
/// How long a review that was done holds.
pub(super) const NEXT: Duration = Duration::days(90);

/// A case of the corpus, as far as a list needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known<'a> {
    /// Its id.
    pub case: &'a str,
    /// Its id before it was renamed.
    pub was: Option<&'a str>,
    /// The id of one of its cells.
    pub cell: &'a str,
}

impl Deviations {
    /// The entries that are stale in this corpus, in any version, and those for the version that is asked whose review is over.
    #[must_use]
    pub fn outdated(&self, cells: &[Known<'_>], today: Date) -> Vec<Outdated> {
        let mut found = Vec::new();
        for entry in &self.entries {
            if let Some(message) = stale(entry, cells) {
                found.push(Outdated { line: entry.line, what: Trouble::Stale, message });
            }
        }
        for entry in self.covering() {
            if let Some(review) = entry.review.filter(|review| *review < today) {
                let message = format!(
                    "overdue: `{}` was to be reviewed by {}; look at the server again, then write `review: {}`, or delete {}",
                    entry.cases,
                    Day(review),
                    next(today),
                    entry.place()
                );
                found.push(Outdated { line: entry.line, what: Trouble::Overdue, message });
            }
        }
        found.sort();
        found
    }

    /// The entries for the version that is asked whose review is near, which is no fault.
    #[must_use]
    pub fn due_soon(&self, today: Date) -> Vec<Outdated> {
        let soon = today.saturating_add(SOON);
        let is_soon = |review: &Date| (today..=soon).contains(review);
        let mut found = Vec::new();
        for entry in self.covering() {
            let Some(review) = entry.review.filter(is_soon) else { continue };
            let days = (review - today).whole_days();
            let within = match days {
                0 => "today".to_owned(),
                1 => "tomorrow".to_owned(),
                days => format!("in {days} days"),
            };
            let message = format!(
                "due soon: `{}` is to be reviewed by {}, {within}; then write `review: {}`, or delete {}",
                entry.cases,
                Day(review),
                next(today),
                entry.place()
            );
            found.push(Outdated { line: entry.line, what: Trouble::DueSoon, message });
        }
        found
    }
}

fn next(today: Date) -> Day {
    Day(today.saturating_add(NEXT))
}

/// Why an entry is about nothing, where it is.
fn stale(entry: &Deviation, cells: &[Known<'_>]) -> Option<String> {
    let pattern = &entry.cases;
    if !cells.iter().any(|known| entry.matches(known.case, known.cell)) {
        return Some(format!(
            "stale: `{pattern}` matches no cell of the corpus; {} or delete {}",
            in_place_of(pattern, cells),
            entry.place()
        ));
    }
    if entry.versions.as_ref().is_some_and(|versions| versions.is_empty()) {
        let versions = entry.versions.as_ref().map(ToString::to_string).unwrap_or_default();
        return Some(format!(
            "stale: no version is `{versions}`; correct the `versions` of `{pattern}`, or delete {}",
            entry.place()
        ));
    }
    let pattern_of_axes = entry.axes.as_deref()?;
    if axes::names().iter().any(|name| glob::matches(pattern_of_axes, name)) {
        return None;
    }
    Some(format!(
        "stale: no axes are named like `{pattern_of_axes}`; correct the `axes` of `{pattern}` (names are like `smb3_1_1,signed` or `smb2_1,unsigned,lease_v1`), or delete {}",
        entry.place()
    ))
}

/// What to write in place of a pattern that matches nothing.
fn in_place_of(pattern: &str, cells: &[Known<'_>]) -> String {
    let renamed = |known: &&Known<'_>| {
        let was = known.was.filter(|was| *was != known.case);
        was.is_some_and(|was| {
            glob::matches(pattern, was) || glob::matches(pattern, &old(known, was))
        })
    };
    if let Some(known) = cells.iter().find(renamed) {
        let was = known.was.unwrap_or_default();
        let new = match glob::matches(pattern, was) {
            true => known.case,
            false => known.cell,
        };
        return format!("its case was renamed: write `cases: {new}`,");
    }
    let ids: BTreeSet<&str> = cells.iter().flat_map(|known| [known.case, known.cell]).collect();
    match oplock_suite::nearest(pattern, ids.iter().copied()) {
        Some(near) if glob::is_exact(pattern) => {
            format!("did you mean `cases: {near}`? Correct it,")
        }
        _ => "correct the pattern,".to_owned(),
    }
}

/// The id of a cell under the old name of its case.
fn old(known: &Known<'_>, was: &str) -> String {
    let rest = known.cell.strip_prefix(known.case).unwrap_or_default();
    format!("{was}{rest}")
}
