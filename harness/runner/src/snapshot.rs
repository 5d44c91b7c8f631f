//! Snapshots: what a case showed on a target, in the file form of insta, so that people review them with its tools.
//!
//! The command never calls insta's macros: in an installed binary they look for the source tree of whoever built it.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use oplock_model::{Facts, Layer};
use oplock_suite::plan::{Case, Cell, Matrix};
use similar::{ChangeTag, TextDiff};
use thiserror::Error;

use crate::verdict::{CellResult, Verdict};
use crate::{chart, embed, outcome};

/// The file from which insta's macros write snapshots, as they name it.
const SOURCE: &str = "harness/conformance.rs";

/// Where snapshots are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    /// In the binary.
    Embedded,
    /// In a directory that holds a folder per target.
    Directory(PathBuf),
}

/// Why a snapshot could not be read or written.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// It could not be read.
    #[error("cannot read {}: {reason}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It could not be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The folder of a target: `reference`, or product and version down to the minor number, `samba-4.17`.
#[must_use]
pub fn folder(facts: &Facts) -> String {
    if facts.product == "reference" {
        return facts.product.clone();
    }
    let digits = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let version: Vec<_> = facts.version.split(['.', '-', ' ']).take_while(digits).take(2).collect();
    let folder = format!("{}-{}", facts.product, version.join("."));
    folder.trim_end_matches('-').replace(['/', '\\'], "_")
}

/// The file of a case, below its target's folder.
#[must_use]
pub fn file(case: &Case) -> PathBuf {
    PathBuf::from(format!("{}.snap", case.id))
}

impl Store {
    /// Whether there is anything to compare with.
    #[must_use]
    pub fn has(&self, folder: &str) -> bool {
        match self {
            Store::Embedded => embed::has_snapshots(folder),
            Store::Directory(directory) => directory.join(folder).is_dir(),
        }
    }

    /// The text of the snapshot of a case, where there is one.
    ///
    /// # Errors
    /// A [`SnapshotError`] where there is one that cannot be read.
    pub fn text(&self, folder: &str, case: &Case) -> Result<Option<String>, SnapshotError> {
        match self {
            Store::Embedded => {
                let name = format!("{folder}/{}", file(case).display());
                Ok(embed::snapshot(&name).map(|text| body(text).trim_end().to_owned()))
            }
            Store::Directory(directory) => {
                let path = directory.join(folder).join(file(case));
                if !path.exists() {
                    return Ok(None);
                }
                let failed = |reason: String| SnapshotError::Read { path: path.clone(), reason };
                let snapshot =
                    insta::Snapshot::from_file(&path).map_err(|error| failed(error.to_string()))?;
                let text = snapshot.as_text().ok_or_else(|| failed("no text".into()))?;
                Ok(Some(text.to_string()))
            }
        }
    }
}

/// Writes the snapshot of a case below `directory`, byte for byte as insta's macros would; says whether that changed anything.
///
/// # Errors
/// A [`SnapshotError`] where the file cannot be written.
pub fn write(
    directory: &Path,
    folder: &str,
    case: &Case,
    text: &str,
) -> Result<bool, SnapshotError> {
    let path = directory.join(folder).join(file(case));
    let failed = |source| SnapshotError::Write { path: path.clone(), source };
    let whole = whole(text);
    if fs::read_to_string(&path).is_ok_and(|old| old == whole) {
        return Ok(false);
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::write(&path, whole).map_err(failed)?;
    Ok(true)
}

/// What one cell puts into the snapshot of its case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Index of the cell in the case.
    pub cell: usize,
    /// Its verdict.
    pub verdict: Verdict,
    /// Its field of the table, or its chart.
    pub text: String,
}

impl Observed {
    /// What a result shows.
    #[must_use]
    pub fn of(case: &Case, cell: &Cell, result: &CellResult) -> Observed {
        let text = match (&result.played, &case.matrix) {
            (Some(played), Some(_)) => outcome::outcome(cell, &played.history),
            (Some(played), None) => chart::plain(&chart::chart(cell, &played.history)),
            (None, Some(_)) => "(skipped)".to_owned(),
            (None, None) => "skipped\n".to_owned(),
        };
        Observed { cell: result.cell, verdict: result.verdict, text }
    }
}

/// The text of a snapshot: a header, then the chart of the case, or for a matrix the table of observed cells.
///
/// Nothing where a cell is missing or did not come to an end: half an outcome is none.
#[must_use]
pub fn text(case: &Case, in_plan: &[usize], results: &[&Observed]) -> Option<String> {
    let mut shown = Vec::new();
    for index in in_plan {
        let cell = case.cells.get(*index)?;
        let result = results.iter().find(|result| result.cell == *index)?;
        if result.verdict == Verdict::Error {
            return None;
        }
        shown.push((cell, *result));
    }
    if shown.is_empty() {
        return None;
    }
    let mut text = format!("{}\n{}\n", case.id, case.says);
    for layer in [Layer::Smb2, Layer::Store] {
        let of_layer: Vec<_> =
            shown.iter().copied().filter(|(cell, _)| cell.layer == layer).collect();
        if of_layer.is_empty() {
            continue;
        }
        text.push('\n');
        if layer == Layer::Store {
            text.push_str("at the store\n");
        }
        match &case.matrix {
            Some(matrix) => text.push_str(&table(matrix, &of_layer)),
            None => {
                for (_, shown) in of_layer {
                    text.push_str(&shown.text);
                }
            }
        }
    }
    Some(text.trim_end().to_owned())
}

/// The lines that are in only one of two texts, with a line of context around them.
#[must_use]
pub fn difference(old: &str, new: &str) -> String {
    let mut text = String::new();
    for hunk in TextDiff::from_lines(old, new).unified_diff().context_radius(1).iter_hunks() {
        for change in hunk.iter_changes() {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            let _ = writeln!(text, "{sign} {}", change.value().trim_end_matches('\n'));
        }
    }
    text
}

/// One line per row of the matrix, in columns.
fn table(matrix: &Matrix, cells: &[(&Cell, &Observed)]) -> String {
    let axes = matrix.rows.len();
    let names = matrix.rows.iter().map(|(name, _)| name);
    let heads: Vec<String> = names.chain(&matrix.columns).cloned().collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (cell, shown) in cells {
        let values: Vec<&String> = cell.axes.iter().map(|(_, value)| value).collect();
        let Some((column, row)) = values.split_last() else { continue };
        let Some(place) = matrix.columns.iter().position(|name| name == *column) else { continue };
        let begun = rows.last().is_some_and(|last| last.iter().take(axes).eq(row.iter().copied()));
        if !begun {
            // A combination that cannot be has no cell.
            let empty = matrix.columns.iter().map(|_| "(none)".to_owned());
            rows.push(row.iter().map(|value| (*value).clone()).chain(empty).collect());
        }
        if let Some(field) = rows.last_mut().and_then(|line| line.get_mut(axes + place)) {
            field.clone_from(&shown.text);
        }
    }
    let width = |index: usize| {
        let lines = std::iter::once(&heads).chain(&rows);
        lines.filter_map(|line| line.get(index)).map(|text| text.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let mut text = String::new();
    for row in std::iter::once(&heads).chain(&rows) {
        let mut line = String::new();
        for (field, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{field:<width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The file as insta writes it.
fn whole(text: &str) -> String {
    format!("---\nsource: {SOURCE}\n---\n{}\n", text.trim_end())
}

/// What stands below the header of a snapshot file.
fn body(file: &str) -> &str {
    file.strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
        .map_or(file, |(_, body)| body)
}

#[cfg(test)]
mod tests;
