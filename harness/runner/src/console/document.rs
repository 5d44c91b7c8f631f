//! The summary as a tool reads it: one JSON document.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use super::ending::{Overall, word};
use super::wrong::in_order;
use crate::deviations::{Outdated, by_entry};
use crate::exit::{self, Standing};
use crate::record::{Brief, ClaimLine, Footer, Record, ShardOf, Spread};
use crate::reports::Reports;
use crate::screen;
use crate::stop::Stop;
use crate::verdict::{self, Kind, Verdict};
use crate::visible::is_hidden;

/// The version of the document. What is added later does not change it; what goes or means something else does.
pub const FORMAT: u32 = 1;

/// The document.
#[derive(Debug, Serialize)]
struct Document<'a> {
    /// [`FORMAT`].
    format: u32,
    /// Name and version of the tool that made the record.
    tool: &'a str,
    /// `ok`, `fail`, `error` or `outdated`: what the exit code says, as a word.
    verdict: &'a str,
    /// The exit code.
    exit: u8,
    /// Whether the run came to its end, be it an early one; else it was cut off, and some cells have no result.
    whole: bool,
    /// Why the run ended before its plan did, where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_early: Option<&'a str>,
    /// Who was asked.
    target: Target<'a>,
    /// Which part of a plan this is, where it is a part.
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<ShardOf>,
    /// When the run began, in UTC.
    began: &'a str,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    /// How many cells were to run.
    planned: usize,
    /// Cells by verdict.
    counts: BTreeMap<Verdict, usize>,
    /// How many of them are not as they should be and only recorded, since nobody owes them.
    recorded: usize,
    /// What the target may say of itself, and what not.
    claims: &'a [ClaimLine],
    /// How fast it was, in microseconds.
    speed: Speed,
    /// Each cell that is not as it should be: what does not conform, then errors, then what the deviation list is wrong about.
    unexpected: Vec<Unexpected<'a>>,
    /// The entries of the deviation list that want work: stale, overdue, or shown by these cells to be wrong.
    outdated: Vec<Outdated>,
    /// Entries of the list whose review is near, which is no fault.
    due_soon: &'a [Outdated],
    /// What the profile claims and the target showed otherwise.
    contradicted: &'a [String],
    /// Cases whose outcome is not that of their snapshot.
    changed: Vec<&'a str>,
    /// Where the reports are.
    reports: Paths,
}

#[derive(Debug, Serialize)]
struct Target<'a> {
    product: &'a str,
    version: &'a str,
    /// The axes in which it was asked; an empty name at the reference's own.
    axes: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct Speed {
    /// From a call to the break that it causes.
    #[serde(rename = "break", skip_serializing_if = "Option::is_none")]
    break_: Option<Spread>,
    /// From an acknowledgement to the answer that it releases.
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<Spread>,
}

/// One cell that is not as it should be.
#[derive(Debug, Serialize)]
struct Unexpected<'a> {
    cell: &'a str,
    axes: &'a str,
    verdict: Verdict,
    /// `red`, `broken` or `outdated`.
    standing: Standing,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    /// What is wrong, for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<&'a str>,
    /// What is wrong, for an entry of the deviation list.
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<&'a str>,
    /// Why it did not run, or what the deviation list makes of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// The line of the entry of the deviation list.
    #[serde(skip_serializing_if = "Option::is_none")]
    deviation: Option<u64>,
    /// How often it was played, and how often it passed.
    plays: usize,
    passed: usize,
    /// The command that runs it again.
    again: String,
}

#[derive(Debug, Serialize)]
struct Paths {
    out: String,
    /// The record itself.
    results: String,
    junit: Vec<String>,
    html: String,
}

/// The document of a record, as text.
pub(super) fn text(record: &Record, reports: &Reports) -> Result<String, Stop> {
    let unfinished = Footer::default();
    let footer = record.footer.as_ref().unwrap_or(&unfinished);
    let header = &record.header;
    let exit = exit::of(record);
    let Overall { break_, release } = Overall::of(record);
    let wrong = in_order(record.cells.iter().filter(|brief| brief.standing.is_wrong()));
    let document = Document {
        format: FORMAT,
        tool: &header.tool,
        verdict: word(exit),
        exit: exit.code(),
        whole: record.footer.is_some(),
        ended_early: footer.ended_early.as_deref(),
        target: Target {
            product: &header.target.product,
            version: &header.target.version,
            axes: header.legs.iter().map(|leg| leg.axes.as_str()).collect(),
        },
        shard: header.shard,
        began: &header.began,
        seconds: record.footer.as_ref().map(|footer| footer.seconds),
        planned: header.planned,
        counts: verdict::counts(record.cells.iter().map(|brief| brief.verdict)),
        recorded: record.cells.iter().filter(|brief| brief.standing == Standing::Tolerated).count(),
        claims: &footer.claims,
        speed: Speed { break_, release },
        unexpected: wrong.into_iter().map(|brief| unexpected(record, brief)).collect(),
        outdated: by_entry(record).into_iter().chain(footer.outdated.iter().cloned()).collect(),
        due_soon: &footer.due_soon,
        contradicted: &footer.contradicted,
        changed: footer.changed.iter().map(|changed| changed.case.as_str()).collect(),
        reports: Paths {
            out: named(&reports.out),
            results: named(record.path().unwrap_or(&reports.jsonl())),
            junit: reports.junit().map(|path| named(&path)).collect(),
            html: named(&reports.html()),
        },
    };
    let text = serde_json::to_string_pretty(&document)
        .map_err(|error| Stop::harness(format!("cannot tell as JSON: {error}")))?;
    Ok(harmless(&text) + "\n")
}

/// JSON has no other texts than those of Unicode.
fn named(path: &Path) -> String {
    path.display().to_string()
}

fn unexpected<'a>(record: &'a Record, brief: &'a Brief) -> Unexpected<'a> {
    let axes = record.axes(brief);
    let (passed, plays) = brief.passed;
    Unexpected {
        cell: &brief.cell,
        axes,
        verdict: brief.verdict,
        standing: brief.standing,
        kind: brief.kind,
        sentence: brief.sentence.as_deref(),
        signature: brief.signature.as_deref(),
        reason: brief.reason.as_deref(),
        deviation: brief.deviation,
        plays,
        passed,
        again: screen::again(&record.header.again, axes, &brief.cell),
    }
}

/// The same JSON with everything escaped that would do something to a terminal; all of it stands in strings.
fn harmless(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        if is_hidden(letter) {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(letter);
        }
    }
    text
}
