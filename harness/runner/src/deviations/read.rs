//! A deviation list: from its text to its entries, or to everything that is wrong with it.

use oplock_suite::document::{Fields, Node, Reader};
use oplock_suite::{Code, CorpusFiles};
use thiserror::Error;
use time::Date;

use super::day;
use super::entry::{Deviation, Expected};
use super::versions::Versions;
use crate::console::counted;

/// The keys of an entry.
pub const KEYS: &[&str] =
    &["cases", "versions", "axes", "expect", "signature", "because", "ref", "review", "evidence"];

/// What a person has to write in the place of it.
pub const TO_DO: &str = "TODO";

/// Everything that is wrong with a list, each with its place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct DeviationError(pub(super) String);

/// Reads the entries of a list.
///
/// # Errors
/// Everything that is wrong with it as one text.
pub fn read(file: &str, text: &str) -> Result<Vec<Deviation>, DeviationError> {
    // An empty file, or one of comments alone, is an empty list.
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Vec::new());
    }
    let mut reader = Reader::new(file, text);
    let tree = reader.tree();
    let mut entries = Vec::new();
    if let Some(items) = tree.as_ref().and_then(|tree| reader.list(tree, "a deviation list")) {
        for (index, item) in items.iter().enumerate() {
            let next = items.get(index + 1).map(|next| next.spot.line);
            let read = read_entry(&mut reader, item);
            entries.extend(read.map(|entry| Deviation {
                last_line: last_line(text, item.spot.line, next),
                ..entry
            }));
        }
    }
    if reader.diagnostics.is_empty() { Ok(entries) } else { Err(told(reader)) }
}

/// All that is wrong, sorted by place, with its count.
fn told(reader: Reader<'_>) -> DeviationError {
    let Reader { file, text, mut diagnostics, .. } = reader;
    diagnostics.sort();
    diagnostics.dedup();
    let files = CorpusFiles { files: vec![(file.to_owned(), text.to_owned())] };
    let mut told = String::new();
    for diagnostic in &diagnostics {
        told.push_str(&diagnostic.render(&files));
        told.push('\n');
    }
    told.push_str(&counted(diagnostics.len(), "error"));
    told.push_str(" in the deviation list");
    DeviationError(told)
}

/// The last line of an entry that is neither empty nor a comment.
fn last_line(text: &str, first: u32, next: Option<u32>) -> u64 {
    let lines = (1..).zip(text.lines());
    let own = lines.filter(|(number, line)| {
        let within = *number >= first && next.is_none_or(|next| *number < next);
        within && !line.trim().is_empty() && !line.trim_start().starts_with('#')
    });
    own.map(|(number, _)| u64::from(number)).max().unwrap_or(u64::from(first))
}

fn read_entry(reader: &mut Reader<'_>, node: &Node) -> Option<Deviation> {
    let fields = reader.fields(node, "an entry", KEYS)?;
    let what = "the entry";
    let cases = reader.required(&fields, "cases", what);
    let cases = cases.and_then(|node| reader.text(node, "`cases`")).map(str::to_owned);
    let expect = reader.required(&fields, "expect", what);
    let expect = expect.and_then(|node| reader.one_of(node, "word for `expect`", &Expected::WORDS));
    let signature = read_signature(reader, &fields);
    let because = reader.required(&fields, "because", what);
    let because = because.and_then(|node| read_because(reader, node));
    let versions = fields.find("versions").map(|node| read_versions(reader, node));
    let axes = fields.find("axes").map(|node| reader.text(node, "`axes`").map(str::to_owned));
    let reference = fields.find("ref").map(|node| reader.text(node, "`ref`").map(str::to_owned));
    let review = fields.find("review").map(|node| read_review(reader, node));
    let evidence = read_evidence(reader, &fields, expect);
    Some(Deviation {
        line: u64::from(node.spot.line),
        last_line: u64::from(node.spot.line),
        cases: cases?,
        expect: expect?,
        signature: signature?,
        because: because?,
        reference: reference.flatten(),
        review: review.flatten(),
        evidence: evidence.flatten(),
        versions: versions.flatten(),
        axes: axes.flatten(),
    })
}

fn read_signature(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<String> {
    let Some(node) = fields.find("signature") else {
        let message = "the entry does not say `signature`";
        let label = "`signature:` is missing";
        let help = "copy it from results.jsonl of a run that shows the failure, or take the entry that `baseline propose` prints";
        reader.report_with_help(Code::Missing, fields.spot, message, label, help);
        return None;
    };
    let signature = reader.text(node, "`signature`")?.trim();
    if signature.chars().all(|c| c == '*') {
        let message = "a signature that any failure has tells none from another";
        let help = "name at least the kind: `stall of one timeout *`";
        reader.report_with_help(Code::NeverMet, node.spot, message, "covers everything", help);
        return None;
    }
    Some(signature.to_owned())
}

fn read_because(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let because = reader.sentence(node, "`because`")?;
    if because.contains(TO_DO) {
        let message = "`because` is not written yet";
        let help = "which rule the server breaks, and what it does in place of it; it is the server that is wrong, not the case";
        reader.report_with_help(Code::NoBecause, node.spot, message, "write why", help);
        return None;
    }
    Some(because)
}

fn read_versions(reader: &mut Reader<'_>, node: &Node) -> Option<Versions> {
    let text = reader.text(node, "`versions`")?;
    match Versions::parse(text) {
        Ok(versions) => Some(versions),
        Err(what) => {
            let message = format!("`versions: {text}` is no range");
            let help =
                "bounds with commas between them, alternatives with `||`: `>=9.2, <9.6 || 9.7P2`";
            reader.report_with_help(Code::BadNumber, node.spot, message, what, help);
            None
        }
    }
}

fn read_review(reader: &mut Reader<'_>, node: &Node) -> Option<Date> {
    let text = reader.text(node, "`review`")?;
    let date = day::parse(text);
    if date.is_none() {
        let message = format!("`review: {text}` is no day");
        reader.report(Code::BadNumber, node.spot, message, "a day like 2027-03-01");
    }
    date
}

/// What was seen of a flaky cell; other entries have no need of it.
fn read_evidence(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    expect: Option<Expected>,
) -> Option<Option<String>> {
    let help = "how many runs failed, of how many, and when: `evidence: 3 of 20 runs, 2026-11-20`; `run --repeat 20` shows it";
    let Some(node) = fields.find("evidence") else {
        if expect == Some(Expected::Flaky) {
            let message = "a flaky entry does not say `evidence`";
            let label = "`evidence:` is missing";
            reader.report_with_help(Code::Missing, fields.spot, message, label, help);
        }
        return None;
    };
    if expect.is_some_and(|expect| expect != Expected::Flaky) {
        let message = "`evidence` is for `expect: flaky` alone";
        reader.report(Code::NoEffect, node.spot, message, "the signature is proof enough");
        return None;
    }
    let text = reader.text(node, "`evidence`")?;
    if !is_evidence(text) {
        let message = format!("`evidence: {text}` does not say what was seen");
        reader.report_with_help(Code::BadNumber, node.spot, message, "no `N of M runs, DAY`", help);
        return None;
    }
    Some(Some(text.to_owned()))
}

/// `3 of 20 runs, 2026-11-20`: some failed, and not all of them.
fn is_evidence(text: &str) -> bool {
    let Some((seen, date)) = text.split_once(',') else { return false };
    let words: Vec<&str> = seen.split_whitespace().collect();
    let [failed, "of", runs, "run" | "runs"] = words[..] else { return false };
    let (Ok(failed), Ok(runs)) = (failed.parse::<u32>(), runs.parse::<u32>()) else { return false };
    0 < failed && failed < runs && day::parse(date.trim()).is_some()
}
