//! The deviation list of a target: which cells are known to fail, with which signature, and why.

use super::day;
use super::entry::{Deviation, Weight};
use super::listed::{Listed, ListedEntry};
use super::read::{self, DeviationError};
use super::versions::{Version, Versions};
use crate::verdict::{Judgement, Verdict};

/// The entries of one list.
#[derive(Clone, Debug, Default)]
pub struct Deviations {
    /// The file, as the user named it.
    pub file: String,
    /// The entries, of all versions.
    pub entries: Vec<Deviation>,
    /// Which version is asked; nothing where it is not known.
    version: Option<Version>,
}

/// What the list made of a judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, where the list had a word in it.
    pub reason: Option<String>,
    /// The line of the entry that had it.
    pub line: Option<u64>,
}

impl Deviations {
    /// Reads a list for a target of this version.
    ///
    /// # Errors
    /// A [`DeviationError`] with everything that is wrong with it.
    pub fn read(file: &str, text: &str, version: &str) -> Result<Deviations, DeviationError> {
        let version = Version::parse(version);
        Ok(Deviations { version, ..Deviations::read_all(file, text)? })
    }

    /// A list without an entry, for a target of this version.
    #[must_use]
    pub fn none(version: &str) -> Deviations {
        Deviations { version: Version::parse(version), ..Deviations::default() }
    }

    /// Reads a list for no target in particular: no entry that is for some versions only applies.
    ///
    /// # Errors
    /// A [`DeviationError`] with everything that is wrong with it.
    pub fn read_all(file: &str, text: &str) -> Result<Deviations, DeviationError> {
        Ok(Deviations { file: file.to_owned(), entries: read::read(file, text)?, version: None })
    }

    /// The list as the header of a record has it.
    ///
    /// # Errors
    /// A [`DeviationError`] where an entry of it cannot be: such a header is not ours.
    pub fn of_record(listed: &Listed, version: &str) -> Result<Deviations, DeviationError> {
        let entries = listed.entries.iter().map(|entry| {
            let wrong = |what: String| {
                DeviationError(format!("header, deviation entry of line {}: {what}", entry.line))
            };
            let versions = entry.versions.as_deref().map(Versions::parse).transpose();
            Ok(Deviation {
                line: entry.line,
                last_line: entry.last_line,
                cases: entry.cases.clone(),
                expect: entry.expect,
                signature: entry.signature.clone(),
                because: entry.because.clone(),
                reference: entry.reference.clone(),
                review: entry.review.as_deref().and_then(day::parse),
                evidence: entry.evidence.clone(),
                versions: versions.map_err(wrong)?,
                axes: entry.axes.clone(),
            })
        });
        let entries = entries.collect::<Result<_, _>>()?;
        Ok(Deviations { file: listed.file.clone(), entries, version: Version::parse(version) })
    }

    /// What the header of a record says of the list: the entries for the version that is asked.
    #[must_use]
    pub fn listed(&self) -> Option<Listed> {
        let entries: Vec<_> = self.covering().map(ListedEntry::of).collect();
        (!entries.is_empty()).then(|| Listed { file: self.file.clone(), entries })
    }

    /// Refuses a list in which two entries are about a cell to the same degree, and so neither says which of them counts.
    ///
    /// # Errors
    /// A [`DeviationError`] with every such pair.
    pub fn decided<'a>(
        &self,
        cells: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), DeviationError> {
        let mut pairs: Vec<((u64, u64), String)> = Vec::new();
        for (case, cell) in cells {
            let own: Vec<_> = self.entries(case, cell).collect();
            for (index, one) in own.iter().enumerate() {
                for other in own.iter().skip(index + 1) {
                    let lines = (one.line, other.line);
                    let undecided = one.weight(cell) == other.weight(cell) && one.meets(other);
                    if undecided && !pairs.iter().any(|(known, _)| *known == lines) {
                        pairs.push((lines, format!(
                            "{}:{}: the entries of line {} and line {} both cover `{cell}`, in the same versions and axes, and neither is about fewer cells; narrow one of them by its `cases`, `versions` or `axes`, or make one of both",
                            self.file, lines.1, lines.0, lines.1
                        )));
                    }
                }
            }
        }
        if pairs.is_empty() {
            return Ok(());
        }
        pairs.sort();
        let told: Vec<String> = pairs.into_iter().map(|(_, told)| told).collect();
        Err(DeviationError(told.join("\n")))
    }

    /// The entry of a cell in these axes: of those that match, the one that is about the fewest others.
    #[must_use]
    pub fn entry(&self, case: &str, cell: &str, axes: &str) -> Option<&Deviation> {
        let mut best: Option<(Weight, &Deviation)> = None;
        for entry in self.covering() {
            if entry.is_asked_in(axes) && entry.matches(case, cell) {
                let weight = entry.weight(cell);
                if best.as_ref().is_none_or(|(most, _)| weight > *most) {
                    best = Some((weight, entry));
                }
            }
        }
        best.map(|(_, entry)| entry)
    }

    /// The entries of a cell, of all axes and versions.
    pub fn entries<'a>(
        &'a self,
        case: &'a str,
        cell: &'a str,
    ) -> impl Iterator<Item = &'a Deviation> {
        self.entries.iter().filter(move |entry| entry.matches(case, cell))
    }

    /// The entries for the version that is asked.
    pub fn covering(&self) -> impl Iterator<Item = &Deviation> {
        self.entries.iter().filter(|entry| entry.covers(self.version.as_ref()))
    }

    /// Puts the list over the judgement of one cell.
    #[must_use]
    pub fn apply(&self, case: &str, cell: &str, axes: &str, judgement: &Judgement) -> Applied {
        let signature = judgement.divergences.first().map(|first| first.signature());
        self.apply_to(case, cell, axes, judgement.verdict, signature.as_deref())
    }

    /// Puts the list over a play that was judged so.
    #[must_use]
    pub fn apply_to(
        &self,
        case: &str,
        cell: &str,
        axes: &str,
        judged: Verdict,
        signature: Option<&str>,
    ) -> Applied {
        match self.entry(case, cell, axes) {
            Some(entry) => {
                let (verdict, reason) = entry.apply(judged, signature);
                let line = reason.is_some().then_some(entry.line);
                Applied { verdict, reason, line }
            }
            None => Applied { verdict: judged, reason: None, line: None },
        }
    }
}
