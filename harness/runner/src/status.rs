//! The command `status`: a status by name or number, what it means for oplocks, and which cases expect it.

use std::fmt::Write as _;

use oplock_model::status_catalog::{INFORMATION, InformationEntry, Pairing, StatusEntry};
use oplock_model::{Severity, Status};
use oplock_suite::nearest;
use oplock_suite::plan::{Case, Corpus, Expect};

use crate::cli::StatusArgs;
use crate::console::counted;
use crate::corpus;
use crate::stop::Stop;

/// More ids than this are counted, not printed.
const SHOWN: usize = 12;
/// The width of a line of prose.
const WIDTH: usize = 100;

/// Everything that is known of the status that the caller names; without a name, one line for each.
///
/// # Errors
/// A [`Stop`] where the cases are bad or nothing has that name or number.
pub fn status(args: &StatusArgs) -> Result<String, Stop> {
    let Some(asked) = &args.status else { return Ok(overview()) };
    let readings = readings(asked);
    if readings.is_empty() {
        return Err(Stop::usage(unknown(asked)));
    }
    let corpus = corpus::read(args.corpus.cases.as_deref())?;
    Ok(rendered(asked, &readings, &corpus))
}

/// One thing that a word or number can stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// A status, named as NTSTATUS.
    Status(&'static StatusEntry),
    /// A status, named as the Win32 code that stands for it.
    Win32(&'static StatusEntry),
    /// A value of IoStatus.Information, by its name.
    Information(&'static InformationEntry),
}

/// All readings: a number is tried as NTSTATUS and as Win32 code, a word as either name and as information.
fn readings(asked: &str) -> Vec<Reading> {
    if let Some(number) = number(asked) {
        let statuses = StatusEntry::all().filter(|entry| entry.status.0 == number);
        let codes = StatusEntry::all()
            .filter(|entry| entry.win32.is_some_and(|win32| win32.number == number))
            .filter(|entry| entry.status.0 != number);
        return statuses.map(Reading::Status).chain(codes.map(Reading::Win32)).collect();
    }
    let word = bare(asked);
    let statuses = StatusEntry::all().filter(|entry| entry.status.word() == Some(word.as_str()));
    let codes = StatusEntry::all()
        .filter(|entry| entry.win32.is_some_and(|win32| win32.name.eq_ignore_ascii_case(asked)));
    let information = INFORMATION.iter().filter(|entry| entry.name.eq_ignore_ascii_case(asked));
    statuses
        .map(Reading::Status)
        .chain(codes.map(Reading::Win32))
        .chain(information.map(Reading::Information))
        .collect()
}

/// The word of a status name: lower case, without its prefix; MS-FSA spells the cancel status with one L.
fn bare(asked: &str) -> String {
    let word = asked.to_ascii_lowercase();
    let word = word.strip_prefix("nt_").unwrap_or(&word);
    let word = word.strip_prefix("status_").unwrap_or(word);
    if word == "canceled" { "cancelled".to_owned() } else { word.to_owned() }
}

/// A number, decimal or with `0x`; a negative one is an NTSTATUS that somebody printed as signed.
fn number(asked: &str) -> Option<u32> {
    let lower = asked.to_ascii_lowercase();
    if let Some(hex) = lower.strip_prefix("0x") {
        return u32::from_str_radix(hex, 16).ok();
    }
    lower.parse::<u32>().ok().or_else(|| lower.parse::<i32>().ok().map(i32::cast_unsigned))
}

fn rendered(asked: &str, readings: &[Reading], corpus: &Corpus) -> String {
    let mut text = String::new();
    if readings.len() > 1 {
        let _ = writeln!(text, "`{asked}` has {}\n", counted(readings.len(), "reading"));
    }
    for (index, reading) in readings.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        match reading {
            Reading::Status(entry) | Reading::Win32(entry) => {
                let cases: Vec<_> = expecting(corpus, entry.status).collect();
                text.push_str(&entry_text(entry, &cases));
            }
            Reading::Information(entry) => text.push_str(&information_text(entry)),
        }
    }
    text
}

fn entry_text(entry: &StatusEntry, cases: &[&str]) -> String {
    let mut text = String::new();
    let severity = severity(entry.status);
    let _ = writeln!(text, "{} {:#010X} ({severity})", entry.name(), entry.status.0);
    let _ = match entry.win32 {
        Some(win32) => writeln!(text, "  Win32 {win32}; {}", pairing(entry.pairing)),
        None => writeln!(text, "  no Win32 code is known for it"),
    };
    if let Some(word) = entry.status.word() {
        let _ = writeln!(text, "  in cases `status: {word}`");
    }
    text.push('\n');
    wrap(&mut text, "  ", "  ", entry.meaning);
    list(&mut text, "likely causes", entry.causes);
    list(&mut text, "what to do", entry.remedies);
    if cases.is_empty() {
        text.push_str("\n  no case expects it\n");
        return text;
    }
    let _ = writeln!(text, "\n  expected by {}", counted(cases.len(), "case"));
    for case in cases.iter().take(SHOWN) {
        let _ = writeln!(text, "    {case}");
    }
    if cases.len() > SHOWN {
        let _ = writeln!(text, "    and {} more", cases.len() - SHOWN);
    }
    text
}

fn information_text(entry: &InformationEntry) -> String {
    let mut text = format!("{} {}\n", entry.name, entry.value);
    wrap(&mut text, "  ", "  ", &format!("IoStatus.Information of {}", entry.belongs_to));
    text.push('\n');
    wrap(&mut text, "  ", "  ", entry.meaning);
    text
}

/// One line for each status, those of oplocks first.
fn overview() -> String {
    let mut text = String::new();
    for entry in StatusEntry::all() {
        let win32 = entry.win32.map(|win32| win32.to_string()).unwrap_or_default();
        let line = format!("{:#010X} {:<38} {win32}", entry.status.0, entry.name());
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// The cases with an answer that is expected to have this status, in the order of the corpus.
fn expecting(corpus: &Corpus, status: Status) -> impl Iterator<Item = &str> {
    let expects = move |case: &&Case| {
        let steps = case.cells.iter().flat_map(|cell| &cell.steps);
        steps.flat_map(|step| step.given.iter().chain(&step.then)).any(|e| names(e, status))
    };
    corpus.cases.iter().filter(expects).map(|case| case.id.as_str())
}

fn names(expect: &Expect, status: Status) -> bool {
    match expect {
        Expect::Gets(gets) => gets.answer.status == status,
        Expect::InAnyOrder { all, .. } => all.iter().any(|expect| names(expect, status)),
        Expect::OneOf { branches, .. } => {
            branches.iter().any(|branch| branch.expect.iter().any(|expect| names(expect, status)))
        }
        Expect::Sees(_) | Expect::Waits(_) | Expect::NobodySees { .. } => false,
    }
}

fn unknown(asked: &str) -> String {
    let mut text = format!("no status `{asked}`");
    if let Some(number) = number(asked) {
        let _ = write!(text, " ({number}, {number:#x}), neither as NTSTATUS nor as Win32 code");
        if let Some(near) = nearest_number(number) {
            let _ = write!(text, "; the nearest is {near}");
        }
    } else if let Some(near) = nearest_name(asked) {
        let _ = write!(text, "; the nearest is {near}");
    } else {
        let parts = containing(asked);
        if !parts.is_empty() {
            let _ = write!(text, "; there are {}", parts.join(", "));
        }
    }
    text.push_str("\n`oplock-conformance status` lists all of them");
    text
}

fn nearest_name(asked: &str) -> Option<String> {
    let upper = asked.to_ascii_uppercase();
    let known: Vec<String> = every_name().collect();
    let word = bare(asked);
    let meant = if let Some(near) = nearest(&upper, known.iter().map(String::as_str)) {
        near.to_owned()
    } else {
        let words = StatusEntry::all().filter_map(|entry| entry.status.word());
        format!("STATUS_{}", nearest(&word, words)?.to_ascii_uppercase())
    };
    Some(meant)
}

/// The names in which a part of a name stands, for one who remembers only that.
fn containing(asked: &str) -> Vec<String> {
    let part = asked.to_ascii_uppercase();
    every_name().filter(|name| part.len() > 2 && name.contains(&part)).take(SHOWN).collect()
}

fn every_name() -> impl Iterator<Item = String> {
    let statuses = StatusEntry::all().map(StatusEntry::name);
    let codes = StatusEntry::all().filter_map(|entry| entry.win32);
    let information = INFORMATION.iter().map(|entry| entry.name.to_owned());
    statuses.chain(codes.map(|win32| win32.name.to_owned())).chain(information)
}

/// By value, an NTSTATUS among those of its severity, else a Win32 code.
fn nearest_number(number: u32) -> Option<String> {
    let statuses = StatusEntry::all()
        .filter(|entry| entry.status.severity() == Status(number).severity())
        .map(|entry| {
            (entry.status.0.abs_diff(number), format!("{} {:#010X}", entry.name(), entry.status.0))
        });
    let codes = StatusEntry::all()
        .filter_map(|entry| entry.win32)
        .map(|win32| (win32.number.abs_diff(number), win32.to_string()));
    statuses.chain(codes).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

fn severity(status: Status) -> &'static str {
    match status.severity() {
        Severity::Success => "success",
        Severity::Information => "information",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn pairing(pairing: Pairing) -> &'static str {
    match pairing {
        Pairing::Table => "a public mapping table has the pair",
        Pairing::Values => "both values are published, the pair is read from the names",
        Pairing::Unverified => "the pair is unverified",
    }
}

fn list(text: &mut String, title: &str, lines: &[&str]) {
    let _ = writeln!(text, "\n  {title}");
    for line in lines {
        wrap(text, "    - ", "      ", line);
    }
}

/// Breaks prose at spaces; the first line and the others have their own indent.
fn wrap(text: &mut String, first: &str, others: &str, prose: &str) {
    let mut line = first.to_owned();
    for word in prose.split(' ') {
        if line.len() + word.len() > WIDTH {
            text.push_str(line.trim_end());
            text.push('\n');
            line = others.to_owned();
        }
        line.push_str(word);
        line.push(' ');
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

#[cfg(test)]
mod tests;
