//! The deviation list of a target: which cells are known to fail, with which signature, and why.
//!
//! The list is small and flat, so serde reads it whole; the case reader's own diagnostics are not needed here.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use time::{Date, Month};

use crate::verdict::{Judgement, Verdict};

/// The entries of one list.
#[derive(Clone, Debug, Default)]
pub struct Deviations {
    entries: Vec<Deviation>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// Its line in the file, from 1.
    pub line: u64,
    /// A glob over cell ids, or over case ids, which then means all cells of the case.
    pub cases: String,
    /// What is expected.
    pub expect: Expected,
    /// What the first divergence must say, with `*` for any part of it; always given but for `flaky`.
    pub signature: Option<String>,
    /// Why the server, not the case, is wrong.
    pub because: String,
    /// Where that is tracked.
    pub reference: Option<String>,
    /// The day on which somebody wants to look at it again.
    pub review: Option<Date>,
    /// The versions it covers.
    versions: Option<semver::VersionReq>,
    /// A glob over the names of the axes that it covers.
    axes: Option<String>,
}

/// How the cells of an entry end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// They fail.
    Fails,
    /// They fail at times.
    Flaky,
    /// A `given` of theirs does not hold.
    Inconclusive,
}

/// Why a list cannot be used.
#[derive(Debug, Error)]
pub enum DeviationError {
    /// It is not YAML, or not of the right form.
    #[error("{file}: {message}")]
    Syntax {
        /// The file.
        file: String,
        /// What is wrong, with line and column.
        message: String,
    },
    /// An entry says something that cannot be.
    #[error("{file}:{line}: {what}")]
    Entry {
        /// The file.
        file: String,
        /// The line of the entry.
        line: u64,
        /// A fragment.
        what: String,
    },
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

/// Something about the list itself that wants work.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outdated {
    /// The line of the entry.
    pub line: u64,
    /// What is wrong and what to do next, in one sentence.
    pub message: String,
}

/// One entry as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    cases: serde_saphyr::Spanned<String>,
    versions: Option<String>,
    axes: Option<String>,
    expect: Expected,
    signature: Option<String>,
    because: String,
    #[serde(rename = "ref")]
    reference: Option<String>,
    review: Option<String>,
}

impl Deviations {
    /// Reads a list and keeps the entries that cover `version`.
    ///
    /// # Errors
    /// A [`DeviationError`] where the text is no list of entries, or an entry lacks what makes it checkable.
    pub fn read(file: &str, text: &str, version: &str) -> Result<Deviations, DeviationError> {
        let version = three_numbers(version);
        let mut all = Deviations::read_all(file, text)?;
        all.entries.retain(|entry| entry.covers(version.as_ref()));
        Ok(all)
    }

    /// Reads a list with the entries of all versions.
    ///
    /// # Errors
    /// A [`DeviationError`] where the text is no list of entries, or an entry lacks what makes it checkable.
    pub fn read_all(file: &str, text: &str) -> Result<Deviations, DeviationError> {
        // An empty file, or one of comments alone, is an empty list.
        if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
            return Ok(Deviations::default());
        }
        let options = serde_saphyr::options! { strict_booleans: true };
        let written: Vec<Written> =
            serde_saphyr::from_str_with_options(text, options).map_err(|error| {
                DeviationError::Syntax { file: file.into(), message: error.to_string() }
            })?;
        let mut entries = Vec::new();
        for entry in written {
            entries.push(checked(entry).map_err(|(line, what)| DeviationError::Entry {
                file: file.into(),
                line,
                what,
            })?);
        }
        Ok(Deviations { entries })
    }

    /// The entry of a cell in these axes: the first that matches.
    #[must_use]
    pub fn entry(&self, case: &str, cell: &str, axes: &str) -> Option<&Deviation> {
        self.entries.iter().find(|entry| entry.is_asked_in(axes) && entry.matches(case, cell))
    }

    /// The entries of a cell, of all axes.
    pub fn entries<'a>(
        &'a self,
        case: &'a str,
        cell: &'a str,
    ) -> impl Iterator<Item = &'a Deviation> {
        self.entries.iter().filter(move |entry| entry.matches(case, cell))
    }

    /// Puts the list over the judgement of one cell.
    #[must_use]
    pub fn apply(
        &self,
        case: &str,
        cell: &str,
        axes: &str,
        judgement: &Judgement,
    ) -> Applied {
        match self.entry(case, cell, axes) {
            Some(entry) => {
                let (verdict, reason) = entry.apply(judgement);
                let line = reason.is_some().then_some(entry.line);
                Applied { verdict, reason, line }
            }
            None => Applied { verdict: judgement.verdict, reason: None, line: None },
        }
    }

    /// The entries that match no cell of the corpus and those that are due for review.
    #[must_use]
    pub fn outdated<'a>(
        &self,
        cells: impl Iterator<Item = (&'a str, &'a str)> + Clone,
        today: Date,
    ) -> Vec<Outdated> {
        let mut found = Vec::new();
        for entry in &self.entries {
            if !cells.clone().any(|(case, cell)| entry.matches(case, cell)) {
                found.push(Outdated {
                    line: entry.line,
                    message: format!(
                        "stale: `{}` matches no cell of the corpus; correct the pattern or remove the entry",
                        entry.cases
                    ),
                });
            }
            if let Some(review) = entry.review.filter(|review| *review < today) {
                found.push(Outdated {
                    line: entry.line,
                    message: format!(
                        "overdue: `{}` was to be reviewed by {}; look at the server again, then move the date or remove the entry",
                        entry.cases, DateText(review)
                    ),
                });
            }
        }
        found
    }
}

impl Deviation {
    /// The entry in one line: the versions and axes it covers, and why.
    #[must_use]
    pub fn told(&self) -> String {
        let versions = self.versions.as_ref().map(|versions| format!("{versions}: "));
        let axes = self.axes.as_ref().map(|axes| format!("@{axes}: "));
        format!("{}{}{}", versions.unwrap_or_default(), axes.unwrap_or_default(), self.because())
    }

    fn because(&self) -> String {
        match &self.reference {
            Some(reference) => format!("{} ({reference})", self.because),
            None => self.because.clone(),
        }
    }

    fn matches(&self, case: &str, cell: &str) -> bool {
        glob(&self.cases, cell) || glob(&self.cases, case)
    }

    fn is_asked_in(&self, axes: &str) -> bool {
        self.axes.as_ref().is_none_or(|pattern| glob(pattern, axes))
    }

    fn covers(&self, version: Option<&semver::Version>) -> bool {
        match (&self.versions, version) {
            (None, _) => true,
            (Some(covered), Some(version)) => covered.matches(version),
            (Some(_), None) => false,
        }
    }

    fn apply(&self, judgement: &Judgement) -> (Verdict, Option<String>) {
        let because = Some(self.because());
        match (judgement.verdict, self.expect) {
            (Verdict::Pass, Expected::Flaky) => (Verdict::KnownDeviation, because),
            (Verdict::Pass, _) => (
                Verdict::UnexpectedPass,
                Some(format!(
                    "passed, though line {} of the deviation list says that it does not; remove the entry or narrow its pattern or versions",
                    self.line
                )),
            ),
            (Verdict::Fail, Expected::Fails | Expected::Flaky)
            | (Verdict::Inconclusive, Expected::Inconclusive | Expected::Flaky) => {
                let observed = judgement.divergences.first().map(|first| first.signature());
                match (&self.signature, observed) {
                    (Some(expected), Some(observed)) if !glob(expected, &observed) => (
                        Verdict::FailedDifferently,
                        Some(format!(
                            "line {} of the deviation list expects `{expected}`, this run shows `{observed}`; find out which is right, then correct the entry or the server",
                            self.line
                        )),
                    ),
                    _ => (Verdict::KnownDeviation, because),
                }
            }
            (Verdict::Fail | Verdict::Inconclusive, _) => (
                Verdict::FailedDifferently,
                Some(format!(
                    "line {} of the deviation list says `expect: {}`, but the cell ended as {}; correct the entry",
                    self.line,
                    self.expect.word(),
                    judgement.verdict.words()
                )),
            ),
            (other, _) => (other, None),
        }
    }
}

impl Expected {
    fn word(self) -> &'static str {
        match self {
            Expected::Fails => "fails",
            Expected::Flaky => "flaky",
            Expected::Inconclusive => "inconclusive",
        }
    }
}

/// Turns what is written into what it means.
fn checked(written: Written) -> Result<Deviation, (u64, String)> {
    let line = written.cases.referenced.line();
    let wrong = |what: String| (line, what);
    if written.because.trim().is_empty() || written.because.contains("TODO") {
        return Err(wrong("`because` says why the server, not the case, is wrong".into()));
    }
    if written.expect != Expected::Flaky && written.signature.is_none() {
        return Err(wrong(
            "no `signature`: copy it from results.jsonl of a run that shows the failure".into(),
        ));
    }
    let versions = written
        .versions
        .map(|text| {
            semver::VersionReq::parse(&text)
                .map_err(|error| wrong(format!("`versions: {text}`: {error}")))
        })
        .transpose()?;
    let review = written
        .review
        .map(|text| {
            date(&text).ok_or_else(|| wrong(format!("`review: {text}` is no date like 2027-03-01")))
        })
        .transpose()?;
    Ok(Deviation {
        line,
        cases: written.cases.value,
        expect: written.expect,
        signature: written.signature,
        because: written.because.trim().to_owned(),
        reference: written.reference,
        review,
        versions,
        axes: written.axes,
    })
}

/// The leading numbers of a product's version text as `major.minor.patch`: `4.17.12-Debian` is 4.17.12, `9.5` is 9.5.0.
fn three_numbers(text: &str) -> Option<semver::Version> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let mut numbers = text.get(..end)?.split('.').map(|part| part.parse::<u64>().ok());
    let major = numbers.next()??;
    let minor = numbers.next().flatten().unwrap_or(0);
    let patch = numbers.next().flatten().unwrap_or(0);
    Some(semver::Version::new(major, minor, patch))
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let year = parts.next()?.parse().ok()?;
    let month = Month::try_from(parts.next()?.parse::<u8>().ok()?).ok()?;
    let day = parts.next()?.parse().ok()?;
    if parts.next().is_some() {
        return None;
    }
    Date::from_calendar_date(year, month, day).ok()
}

/// A date as the list writes it.
struct DateText(Date);

impl std::fmt::Display for DateText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), u8::from(self.0.month()), self.0.day())
    }
}

/// Whether `text` matches `pattern`, in which `*` stands for any characters.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests;
