//! Which entries cover what failed in a run: the fewest patterns for each signature, and no cell that did otherwise.

use std::collections::{BTreeMap, BTreeSet};

use crate::deviations::patterns::{Name, fewest, fewest_axes, is_undecided};
use crate::deviations::{Deviations, Expected, glob};
use crate::exit::Standing;
use crate::record::{Brief, Record, RecordError};
use crate::verdict::Verdict;

/// What a run wants in its deviation list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The entries.
    pub entries: Vec<Proposed>,
    /// How many failed differently than their entries say, and the lines of those.
    pub differently: (usize, BTreeSet<u64>),
    /// How many are covered by an entry that the run did not have.
    pub listed: usize,
    /// Those that fail in ways that no one signature has.
    pub without_signature: Vec<String>,
    /// How many ended in error or did not run.
    pub broken: usize,
}

/// One entry, but for its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// The pattern over cells.
    pub cases: String,
    /// The range of versions.
    pub versions: Option<String>,
    /// The pattern over axes.
    pub axes: Option<String>,
    /// How they end.
    pub expect: Expected,
    /// The signature.
    pub signature: String,
    /// How many plays failed, and how many there were, of flaky ones.
    pub evidence: Option<(usize, usize)>,
    /// How many cells it covers, in all their axes.
    pub cells: usize,
    /// What the first of them showed, in a sentence.
    pub sentence: String,
}

/// What counts a cell to a group: how it ends, and with which signature.
type Way = (&'static str, String);

/// Finds the entries. `known` is the list that the target has already; `versions` is what each entry is narrowed to.
///
/// # Errors
/// A [`RecordError`] where a cell that was played several times cannot be read again.
pub fn propose(
    record: &Record,
    known: &Deviations,
    versions: Option<String>,
) -> Result<Proposal, RecordError> {
    let mut proposal = Proposal::default();
    let mut groups: BTreeMap<Way, Vec<Wanted<'_>>> = BTreeMap::new();
    for brief in &record.cells {
        match brief.verdict {
            Verdict::FailedDifferently => {
                proposal.differently.0 += 1;
                proposal.differently.1.extend(brief.deviation);
                continue;
            }
            Verdict::Error => {
                proposal.broken += 1;
                continue;
            }
            _ if brief.standing != Standing::Red || brief.deviation.is_some() => continue,
            _ => {}
        }
        let case = record.case(brief).map_or("", |case| case.id.as_str());
        if known.entry(case, &brief.cell, record.axes(brief)).is_some() {
            proposal.listed += 1;
            continue;
        }
        match Wanted::of(record, brief)? {
            Some(wanted) => {
                let way = (wanted.expect.word(), wanted.signature.clone());
                groups.entry(way).or_default().push(wanted);
            }
            None => proposal.without_signature.push(record.name(brief)),
        }
    }
    let mut taken: Vec<(String, Option<String>)> =
        known.covering().map(|entry| (entry.cases.clone(), entry.axes.clone())).collect();
    for group in groups.values() {
        for (axes, of_axes) in by_axes(record, group) {
            let others = others(record, group, axes.as_deref());
            let mut wanted: Vec<Name<'_>> = of_axes.iter().map(|it| it.name(record)).collect();
            wanted.sort();
            wanted.dedup();
            let free = |pattern: &str| {
                !taken.iter().any(|(other, their_axes)| {
                    same_weight(axes.as_deref(), their_axes.as_deref())
                        && is_undecided(pattern, other)
                })
            };
            let patterns = fewest(&wanted, &others, &free);
            for cases in patterns {
                let own = of_axes.iter().filter(|it| it.name(record).matches(&cases));
                let own: Vec<&&Wanted<'_>> = own.collect();
                let Some(first) = own.first() else { continue };
                let sum = |count: fn(&Wanted<'_>) -> usize| own.iter().map(|it| count(it)).sum();
                taken.push((cases.clone(), axes.clone()));
                proposal.entries.push(Proposed {
                    cases,
                    versions: versions.clone(),
                    axes: axes.clone(),
                    expect: first.expect,
                    signature: first.signature.clone(),
                    evidence: (first.expect == Expected::Flaky)
                        .then(|| (sum(|it| it.failed), sum(|it| it.plays))),
                    cells: own.iter().map(|it| &it.brief.cell).collect::<BTreeSet<_>>().len(),
                    sentence: first.brief.sentence.clone().unwrap_or_default(),
                });
            }
        }
    }
    proposal.entries.sort_by(|one, other| {
        let key = |it: &Proposed| (it.signature.clone(), it.cases.clone(), it.axes.clone());
        key(one).cmp(&key(other))
    });
    Ok(proposal)
}

/// Whether entries for these axes are about a cell to the same degree.
fn same_weight(one: Option<&str>, other: Option<&str>) -> bool {
    one.map(glob::literals) == other.map(glob::literals)
}

/// A cell that failed and is not listed.
#[derive(Clone, Debug)]
struct Wanted<'a> {
    brief: &'a Brief,
    expect: Expected,
    signature: String,
    /// How many of its plays failed.
    failed: usize,
    plays: usize,
}

impl<'a> Wanted<'a> {
    /// How a cell failed; nothing where that has no signature.
    fn of(record: &Record, brief: &'a Brief) -> Result<Option<Wanted<'a>>, RecordError> {
        let (_, plays) = brief.passed;
        let mut signatures: BTreeSet<String> = brief.signature.iter().cloned().collect();
        let mut failed = plays;
        if plays > 1 {
            let attempts = record.whole(brief)?.attempts;
            failed = attempts.iter().filter(|attempt| attempt.signature.is_some()).count();
            signatures.extend(attempts.into_iter().filter_map(|attempt| attempt.signature));
        }
        let expect = match brief.verdict {
            Verdict::Flaky => Expected::Flaky,
            Verdict::Inconclusive => Expected::Inconclusive,
            _ => Expected::Fails,
        };
        // What never passed is not flaky, however it fails.
        let is_possible = expect != Expected::Flaky || (0 < failed && failed < plays);
        let signature = in_common(&signatures).filter(|_| is_possible);
        Ok(signature.map(|signature| Wanted { brief, expect, signature, failed, plays }))
    }

    fn name<'r>(&self, record: &'r Record) -> Name<'r>
    where
        'a: 'r,
    {
        Name { case: record.case(self.brief).map_or("", |case| &case.id), cell: &self.brief.cell }
    }
}

/// One signature, or what several have in common with `*` for the rest.
fn in_common(signatures: &BTreeSet<String>) -> Option<String> {
    let mut all = signatures.iter();
    let first = all.next()?;
    if all.len() == 0 {
        return Some(first.clone());
    }
    let word_end = |c: char| matches!(c, ' ' | ':');
    let mut prefix = first.as_str();
    let mut suffix = first.as_str();
    for other in all {
        let same = prefix.char_indices().zip(other.chars()).find(|((_, a), b)| a != b);
        let end = same.map_or(prefix.len().min(other.len()), |((at, _), _)| at);
        prefix = prefix.get(..end).unwrap_or_default();
        let same = suffix.char_indices().rev().zip(other.chars().rev()).find(|((_, a), b)| a != b);
        let begin =
            same.map_or(suffix.len().saturating_sub(other.len()), |((at, a), _)| at + a.len_utf8());
        suffix = suffix.get(begin..).unwrap_or_default();
    }
    let prefix = prefix.rfind(word_end).map_or("", |at| prefix.get(..=at).unwrap_or_default());
    let suffix = suffix.find(word_end).map_or("", |at| suffix.get(at..).unwrap_or_default());
    // Without the kind of the failure it would cover too much.
    (!prefix.is_empty()).then(|| format!("{prefix}*{suffix}"))
}

/// The cells of a group by the axes to which an entry for them is narrowed: none, where all axes of a cell failed alike.
fn by_axes<'a, 'b>(
    record: &Record,
    group: &'b [Wanted<'a>],
) -> BTreeMap<Option<String>, Vec<&'b Wanted<'a>>> {
    let mut found: BTreeMap<Option<String>, Vec<&Wanted<'a>>> = BTreeMap::new();
    let mut cells: BTreeMap<&str, Vec<&Wanted<'a>>> = BTreeMap::new();
    for wanted in group {
        cells.entry(&wanted.brief.cell).or_default().push(wanted);
    }
    let otherwise = did_otherwise(record, group);
    for (cell, own) in cells {
        let Some(others) = otherwise.get(cell) else {
            found.entry(None).or_default().extend(own);
            continue;
        };
        let axes: Vec<&str> = own.iter().map(|wanted| record.axes(wanted.brief)).collect();
        let others: Vec<&str> = others.iter().map(|brief| record.axes(brief)).collect();
        for pattern in fewest_axes(&axes, &others) {
            let matching =
                own.iter().filter(|wanted| glob::matches(&pattern, record.axes(wanted.brief)));
            let matching: Vec<_> = matching.copied().collect();
            found.entry(Some(pattern)).or_default().extend(matching);
        }
    }
    found
}

/// The cells, with their axes, that were played and are none of a group.
fn did_otherwise<'r>(
    record: &'r Record,
    group: &[Wanted<'_>],
) -> BTreeMap<&'r str, Vec<&'r Brief>> {
    let own: BTreeSet<usize> = group.iter().map(|wanted| wanted.brief.number).collect();
    let mut found: BTreeMap<&str, Vec<&Brief>> = BTreeMap::new();
    for brief in &record.cells {
        let played = !matches!(brief.verdict, Verdict::Skipped | Verdict::Error);
        if played && !own.contains(&brief.number) {
            found.entry(&brief.cell).or_default().push(brief);
        }
    }
    found
}

/// The cells that an entry of a group in these axes must not cover.
fn others<'r>(record: &'r Record, group: &[Wanted<'_>], axes: Option<&str>) -> Vec<Name<'r>> {
    let asked = |brief: &&&Brief| axes.is_none_or(|axes| glob::matches(axes, record.axes(brief)));
    let names = did_otherwise(record, group).into_values().filter_map(|briefs| {
        let brief = *briefs.iter().find(asked)?;
        Some(Name { case: record.case(brief).map_or("", |case| &case.id), cell: &brief.cell })
    });
    names.collect()
}
