//! A proposal as text: a deviation list in which a person still has to say why.

use std::fmt::Write as _;

use time::{Date, Duration};

use super::propose::{Proposal, Proposed};
use crate::console::counted;
use crate::deviations::TO_DO;
use crate::deviations::day::Day;
use crate::record::Record;

/// How long after a proposal its entries want to be looked at again.
const REVIEW: Duration = Duration::days(90);
/// How many ids stand in a comment.
const IDS: usize = 10;

/// The text.
pub(super) fn text(record: &Record, proposal: &Proposal, today: Date) -> String {
    let mut text = String::new();
    let cells: usize = proposal.entries.iter().map(|entry| entry.cells).sum();
    let target = &record.header.target;
    let target = plain(format!("{} {}", target.product, target.version).trim());
    let began = record.header.began.get(..10).unwrap_or_default();
    let on = if began.is_empty() { String::new() } else { format!(", run of {}", plain(began)) };
    if proposal.entries.is_empty() {
        let _ = writeln!(text, "# {target}{on}: nothing failed that is not listed.");
    } else {
        let entries = if proposal.entries.len() == 1 {
            "1 entry".to_owned()
        } else {
            format!("{} entries", proposal.entries.len())
        };
        let were = if cells == 1 { "was" } else { "were" };
        let _ = writeln!(
            text,
            "# {target}{on}: {entries} for {} that failed and {were} not listed.\n\
             # In place of each {TO_DO} write which rule the server breaks and what it does in place of it; an entry is for a fault of the\n\
             # server, never of a case. Then append them to the target's deviations.yaml.",
            counted(cells, "cell"),
        );
    }
    notes(&mut text, record, proposal);
    for entry in &proposal.entries {
        let _ = writeln!(text);
        written(&mut text, entry, began, today);
    }
    text
}

fn notes(text: &mut String, record: &Record, proposal: &Proposal) {
    let (differently, lines) = &proposal.differently;
    if *differently > 0 {
        let lines: Vec<String> = lines.iter().map(u64::to_string).collect();
        let _ = writeln!(
            text,
            "# Not proposed: {} failed differently than the list says; correct its entries of line {}.",
            counted(*differently, "cell"),
            lines.join(", "),
        );
    }
    if proposal.listed > 0 {
        let _ = writeln!(
            text,
            "# Not proposed: {} that the deviation list covers already.",
            counted(proposal.listed, "cell"),
        );
    }
    if !proposal.without_signature.is_empty() {
        let names = proposal.without_signature.iter().take(IDS).map(|name| plain(name));
        let _ = writeln!(
            text,
            "# Not proposed: {} that failed in ways which have no signature in common: {}.",
            counted(proposal.without_signature.len(), "cell"),
            names.collect::<Vec<_>>().join(", "),
        );
    }
    if proposal.broken > 0 {
        let _ = writeln!(
            text,
            "# Not proposed: {} in error, which says nothing of the server; run them again.",
            counted(proposal.broken, "cell"),
        );
    }
    if record.footer.is_none() {
        let _ = writeln!(text, "# The run was cut off: what did not run is not in here.");
    }
}

fn written(text: &mut String, entry: &Proposed, began: &str, today: Date) {
    let sentence = if entry.sentence.is_empty() { "" } else { ": " };
    let _ =
        writeln!(text, "# {}{sentence}{}", counted(entry.cells, "cell"), plain(&entry.sentence));
    let _ = writeln!(text, "- cases: {}", word(&entry.cases));
    if let Some(versions) = &entry.versions {
        let _ = writeln!(text, "  versions: {}", quoted(versions));
    }
    if let Some(axes) = &entry.axes {
        let _ = writeln!(text, "  axes: {}", quoted(axes));
    }
    let _ = writeln!(text, "  expect: {}", entry.expect.word());
    let _ = writeln!(text, "  signature: {}", quoted(&entry.signature));
    if let Some((failed, runs)) = entry.evidence {
        let day = if began.is_empty() { Day(today).to_string() } else { plain(began) };
        let _ = writeln!(text, "  evidence: {failed} of {runs} runs, {day}");
    }
    let _ = writeln!(text, "  because: {TO_DO}");
    let _ = writeln!(text, "  review: {}", Day(today.saturating_add(REVIEW)));
}

/// A word as it stands, where YAML takes it for nothing else.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/_-,=*.".contains(c);
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    if begins && text.chars().all(plain) { text.to_owned() } else { quoted(text) }
}

/// A text in double quotes.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            c if breaks(c) => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A text for a comment, on one line.
fn plain(text: &str) -> String {
    text.chars().map(|c| if breaks(c) { ' ' } else { c }).collect()
}

/// Whether a character may end a line, or move what a terminal shows.
fn breaks(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
