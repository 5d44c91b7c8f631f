//! One entry of a deviation list, and what it makes of a judgement.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::Date;

use super::glob;
use super::versions::{Version, Versions};
use crate::axes;
use crate::verdict::Verdict;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// Its first line in the file, from 1.
    pub line: u64,
    /// Its last line.
    pub last_line: u64,
    /// A glob over cell ids, or over case ids, which then means all cells of the case.
    pub cases: String,
    /// What is expected.
    pub expect: Expected,
    /// What the first divergence must say, with `*` for any part of it.
    pub signature: String,
    /// Why the server, not the case, is wrong.
    pub because: String,
    /// Where that is tracked.
    pub reference: Option<String>,
    /// The day on which somebody wants to look at it again.
    pub review: Option<Date>,
    /// How often a flaky one was seen to fail: `3 of 20 runs, 2026-11-20`.
    pub evidence: Option<String>,
    /// The versions that it covers; nothing for all.
    pub versions: Option<Versions>,
    /// A glob over the names of the axes that it covers; nothing for all.
    pub axes: Option<String>,
}

/// How the cells of an entry end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// They fail.
    #[default]
    Fails,
    /// They fail at times.
    Flaky,
    /// A `given` of theirs does not hold.
    Inconclusive,
}

/// How much an entry is about one cell and no other: where several match a cell, the one of most weight counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight {
    /// Names the cell, or the case, or has a pattern.
    names: Names,
    /// How many characters of its pattern stand for themselves.
    literals: usize,
    /// The same of its axes; nothing where it is for all.
    axes: Option<usize>,
    /// Whether it is for some versions only.
    versions: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Names {
    Pattern,
    Case,
    Cell,
}

impl Expected {
    /// The words of a list, each with what it means.
    pub const WORDS: [(&'static str, Expected); 3] = [
        ("fails", Expected::Fails),
        ("flaky", Expected::Flaky),
        ("inconclusive", Expected::Inconclusive),
    ];

    /// The word of a list.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Expected::Fails => "fails",
            Expected::Flaky => "flaky",
            Expected::Inconclusive => "inconclusive",
        }
    }
}

impl Deviation {
    /// The entry in one line: the versions and axes it covers, and why.
    #[must_use]
    pub fn told(&self) -> String {
        let versions = self.versions.as_ref().map(|versions| format!("{versions}: "));
        let axes = self.axes.as_ref().map(|axes| format!("@{axes}: "));
        format!("{}{}{}", versions.unwrap_or_default(), axes.unwrap_or_default(), self.why())
    }

    /// Why the server is wrong, and where that is tracked.
    #[must_use]
    pub fn why(&self) -> String {
        match &self.reference {
            Some(reference) => format!("{} ({reference})", self.because),
            None => self.because.clone(),
        }
    }

    /// Its place in the list: `line 12`, `lines 12 to 18`.
    #[must_use]
    pub fn place(&self) -> String {
        match self.last_line > self.line {
            true => format!("lines {} to {}", self.line, self.last_line),
            false => format!("line {}", self.line),
        }
    }

    /// Whether it is about a cell, in some axes and versions.
    #[must_use]
    pub fn matches(&self, case: &str, cell: &str) -> bool {
        glob::matches(&self.cases, cell) || glob::matches(&self.cases, case)
    }

    /// Whether it is for these axes.
    #[must_use]
    pub fn is_asked_in(&self, axes: &str) -> bool {
        self.axes.as_ref().is_none_or(|pattern| glob::matches(pattern, axes))
    }

    /// Whether it is for this version; for one that is not known, only an entry for all is.
    #[must_use]
    pub fn covers(&self, version: Option<&Version>) -> bool {
        match (&self.versions, version) {
            (None, _) => true,
            (Some(covered), Some(version)) => covered.covers(version),
            (Some(_), None) => false,
        }
    }

    /// How much it is about this cell, which it matches, and no other.
    #[must_use]
    pub fn weight(&self, cell: &str) -> Weight {
        let names = match (glob::is_exact(&self.cases), self.cases == cell) {
            (true, true) => Names::Cell,
            (true, false) => Names::Case,
            (false, _) => Names::Pattern,
        };
        Weight {
            names,
            literals: glob::literals(&self.cases),
            axes: self.axes.as_deref().map(glob::literals),
            versions: self.versions.is_some(),
        }
    }

    /// Whether there are axes and a version that both are for.
    #[must_use]
    pub fn meets(&self, other: &Deviation) -> bool {
        let versions = match (&self.versions, &other.versions) {
            (Some(one), Some(other)) => one.meets(other),
            _ => true,
        };
        let axes = match (&self.axes, &other.axes) {
            (Some(one), Some(other)) => axes::names()
                .iter()
                .any(|name| glob::matches(one, name) && glob::matches(other, name)),
            _ => true,
        };
        versions && axes
    }

    /// What it makes of a play that was judged so, and why. A fault of the harness is none of the server's deviations.
    #[must_use]
    pub fn apply(&self, judged: Verdict, signature: Option<&str>) -> (Verdict, Option<String>) {
        let line = self.line;
        match (judged, self.expect) {
            (Verdict::Pass, Expected::Flaky) => (Verdict::KnownDeviation, Some(self.why())),
            (Verdict::Pass, _) => (
                Verdict::UnexpectedPass,
                Some(format!(
                    "passed, though line {line} of the deviation list says that it does not; remove the entry or narrow its pattern or versions"
                )),
            ),
            (Verdict::Fail, Expected::Fails | Expected::Flaky)
            | (Verdict::Inconclusive, Expected::Inconclusive | Expected::Flaky) => {
                match signature {
                    Some(observed) if !glob::matches(&self.signature, observed) => (
                        Verdict::FailedDifferently,
                        Some(format!(
                            "line {line} of the deviation list expects `{}`, this run shows `{observed}`; find out which is right, then correct the entry or the server",
                            self.signature
                        )),
                    ),
                    _ => (Verdict::KnownDeviation, Some(self.why())),
                }
            }
            (Verdict::Fail | Verdict::Inconclusive, _) => (
                Verdict::FailedDifferently,
                Some(format!(
                    "line {line} of the deviation list says `expect: {}`, but the cell ended as {}; correct the entry",
                    self.expect.word(),
                    judged.words()
                )),
            ),
            (other, _) => (other, None),
        }
    }
}
