//! What a run showed of each entry of its list: those whose cells passed, or failed otherwise, one message for each entry.

use std::collections::{BTreeMap, BTreeSet};

use super::list::Deviations;
use super::outdated::{Outdated, Trouble};
use super::patterns::{Name, fewest, fewest_axes};
use super::versions::Versions;
use super::{Deviation, Expected};
use crate::console::counted;
use crate::record::{Brief, Record};
use crate::verdict::Verdict;

/// How many ids stand in a message.
const IDS: usize = 3;
/// Into how many entries one is split in a message.
const PARTS: usize = 3;

/// The entries of the list that a run has shown to be wrong, with what to do about each. All of it follows from the cells,
/// and so is not kept in the record.
#[must_use]
pub fn by_entry(record: &Record) -> Vec<Outdated> {
    let Some(listed) = &record.header.deviations else { return Vec::new() };
    let Ok(list) = Deviations::of_record(listed, &record.header.target.version) else {
        return Vec::new();
    };
    let mut cells: BTreeMap<u64, Vec<&Brief>> = BTreeMap::new();
    for brief in &record.cells {
        if let Some(line) = brief.deviation {
            cells.entry(line).or_default().push(brief);
        }
    }
    let mut found = Vec::new();
    for entry in &list.entries {
        let Some(own) = cells.get(&entry.line) else { continue };
        let told = Told { record, entry, own };
        found.extend(told.passed());
        found.extend(told.failed_differently());
    }
    found
}

/// One entry with the cells on which it had a word.
struct Told<'a> {
    record: &'a Record,
    entry: &'a Deviation,
    own: &'a [&'a Brief],
}

impl Told<'_> {
    fn of(&self, verdict: Verdict) -> impl Iterator<Item = &Brief> {
        self.own.iter().copied().filter(move |brief| brief.verdict == verdict)
    }

    fn found(&self, what: Trouble, message: String) -> Outdated {
        Outdated { line: self.entry.line, what, message }
    }

    fn passed(&self) -> Option<Outdated> {
        let passed = self.of(Verdict::UnexpectedPass).count();
        let (pattern, all) = (&self.entry.cases, self.own.len());
        let message = match passed {
            0 => return None,
            passed if passed == all => {
                let which = match all {
                    1 => format!("`{pattern}` passed"),
                    all => format!("all {all} cells of `{pattern}` passed"),
                };
                format!("unexpected pass: {which}; delete {}{}", self.entry.place(), self.ending())
            }
            passed => format!(
                "unexpected pass: {passed} of {} of `{pattern}` passed: {}; {}",
                counted(all, "cell"),
                self.ids(self.of(Verdict::UnexpectedPass)),
                self.narrowed(),
            ),
        };
        Some(self.found(Trouble::UnexpectedPass, message))
    }

    /// How the entry goes on where older versions still fail.
    fn ending(&self) -> String {
        let version = &self.record.header.target.version;
        match Versions::before(self.entry.versions.as_ref(), version) {
            Some(versions) => {
                format!(", or where older versions still fail, write `versions: \"{versions}\"`")
            }
            None => String::new(),
        }
    }

    /// Patterns for those that still deviate.
    fn narrowed(&self) -> String {
        let record = self.record;
        let name = |brief: &&Brief| {
            let case = record.case(brief).map_or("", |case| case.id.as_str());
            (case.to_owned(), brief.cell.clone())
        };
        let is_own = |brief: &&Brief| {
            brief.deviation == Some(self.entry.line) && brief.verdict != Verdict::UnexpectedPass
        };
        let (still, others): (Vec<_>, Vec<_>) = record.cells.iter().partition(is_own);
        let [mut still, mut others] =
            [still, others].map(|briefs| briefs.iter().map(name).collect::<Vec<_>>());
        still.sort();
        still.dedup();
        // One that passed in some axes only is narrowed by those.
        others.retain(|name| still.binary_search(name).is_err());
        fn names(pairs: &[(String, String)]) -> Vec<Name<'_>> {
            pairs.iter().map(|(case, cell)| Name { case, cell }).collect()
        }
        let patterns = fewest(&names(&still), &names(&others), &|_| true);
        match patterns.as_slice() {
            [pattern] if *pattern == self.entry.cases => self.narrowed_by_axes(),
            [pattern] => format!("write `cases: {pattern}`"),
            patterns if patterns.len() <= PARTS => {
                let patterns: Vec<_> = patterns.iter().map(|it| format!("`cases: {it}`")).collect();
                format!("make {} entries of it: {}", patterns.len(), patterns.join(", "))
            }
            _ => "narrow `cases` to those that still fail".to_owned(),
        }
    }

    /// The axes of those that still deviate.
    fn narrowed_by_axes(&self) -> String {
        let axes = |passed: bool| -> Vec<&str> {
            let own = self.own.iter();
            let own = own.filter(|brief| (brief.verdict == Verdict::UnexpectedPass) == passed);
            own.map(|brief| self.record.axes(brief)).collect::<BTreeSet<_>>().into_iter().collect()
        };
        match fewest_axes(&axes(false), &axes(true)).as_slice() {
            [axes] => format!("write `axes: \"{axes}\"`"),
            _ => "narrow the entry by `axes`, or make one for each of them".to_owned(),
        }
    }

    fn failed_differently(&self) -> Option<Outdated> {
        let differ: Vec<&Brief> = self.of(Verdict::FailedDifferently).collect();
        if differ.is_empty() {
            return None;
        }
        let mut ways: BTreeMap<&str, usize> = BTreeMap::new();
        for brief in &differ {
            *ways.entry(brief.signature.as_deref().unwrap_or_default()).or_default() += 1;
        }
        let (pattern, all) = (&self.entry.cases, self.own.len());
        let count = match (differ.len(), all) {
            (1, 1) => format!("`{pattern}` failed"),
            (some, all) if some == all => format!("all {all} cells of `{pattern}` failed"),
            (some, all) => format!("{some} of {} of `{pattern}` failed", counted(all, "cell")),
        };
        let inconclusive =
            |brief: &&&Brief| brief.signature.as_deref().is_some_and(|it| it.starts_with("given "));
        let other_end = match self.entry.expect {
            Expected::Fails if differ.iter().any(|brief| inconclusive(&brief)) => {
                " and `expect: inconclusive`"
            }
            Expected::Inconclusive if !differ.iter().all(|brief| inconclusive(&brief)) => {
                " and `expect: fails`"
            }
            _ => "",
        };
        let message = match ways.keys().collect::<Vec<_>>().as_slice() {
            [signature] => format!(
                "failed differently: {count}, but not as line {} says: `{signature}`; if that is the same fault, write `signature: \"{signature}\"`{other_end}, else look at {}",
                self.entry.line,
                self.ids(differ.iter().copied()),
            ),
            signatures => format!(
                "failed differently: {count}, in {} ways that line {} does not say; look at {}",
                signatures.len(),
                self.entry.line,
                self.ids(differ.iter().copied()),
            ),
        };
        Some(self.found(Trouble::FailedDifferently, message))
    }

    fn ids<'b>(&self, briefs: impl Iterator<Item = &'b Brief>) -> String {
        let names: Vec<String> = briefs.map(|brief| self.record.name(brief)).collect();
        let shown: Vec<&str> = names.iter().take(IDS).map(String::as_str).collect();
        match names.len().saturating_sub(IDS) {
            0 => shown.join(", "),
            more => format!("{} and {more} more", shown.join(", ")),
        }
    }
}
