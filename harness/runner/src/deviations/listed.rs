//! The deviation list as the header of a record carries it, so that a record can be told and judged again without the file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::day::Day;
use super::entry::{Deviation, Expected};

/// The list of a run: the entries for the version that was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// The file, as it was named.
    pub file: String,
    /// The entries, in the order of the file.
    pub entries: Vec<ListedEntry>,
}

/// One entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedEntry {
    /// Its first line in the file, from 1.
    pub line: u64,
    /// Its last line.
    pub last_line: u64,
    /// The pattern over ids of cells or cases.
    pub cases: String,
    /// The versions that it covers, as they are written; nothing for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versions: Option<String>,
    /// The pattern over names of axes; nothing for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub axes: Option<String>,
    /// How its cells end.
    pub expect: Expected,
    /// The pattern over the signature of the first divergence.
    pub signature: String,
    /// Why the server, not the case, is wrong.
    pub because: String,
    /// Where that is tracked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The day on which somebody wants to look at it again: `2027-03-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<String>,
    /// How often a flaky one was seen to fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

impl ListedEntry {
    /// What a record says of an entry.
    #[must_use]
    pub fn of(entry: &Deviation) -> ListedEntry {
        ListedEntry {
            line: entry.line,
            last_line: entry.last_line,
            cases: entry.cases.clone(),
            versions: entry.versions.as_ref().map(ToString::to_string),
            axes: entry.axes.clone(),
            expect: entry.expect,
            signature: entry.signature.clone(),
            because: entry.because.clone(),
            reference: entry.reference.clone(),
            review: entry.review.map(|day| Day(day).to_string()),
            evidence: entry.evidence.clone(),
        }
    }
}
