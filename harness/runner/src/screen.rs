//! A failure on one screen: what was promised, what came, where it is written, how to see it again.

use std::fmt::Write;
use std::path::Path;

use oplock_model::{Facts, Trail};
use oplock_suite::plan::{Case, Cell};

use crate::at;
use crate::chart::{self, Line};
use crate::history::History;
use crate::trace::Trace;
use crate::verdict::{Divergence, Judgement, Kind, Verdict};

/// What a failure screen shows.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a> {
    /// The case.
    pub case: &'a Case,
    /// Its cell.
    pub cell: &'a Cell,
    /// The record.
    pub history: &'a History,
    /// What finds the cell in the server's log.
    pub trail: Option<&'a Trail>,
    /// What was judged.
    pub judgement: &'a Judgement,
    /// The verdict after deviations.
    pub verdict: Verdict,
    /// The target.
    pub facts: &'a Facts,
    /// The file with its messages, where the run keeps them.
    pub capture: Option<&'a Path>,
    /// Where its files are, where the run keeps them.
    pub kept: Option<&'a str>,
    /// The arguments of a command that runs the same again, without cell and axes:
    /// `run --target samba`.
    pub again: &'a str,
}

/// The screen: a block of lines, the last one ended too.
#[must_use]
pub fn failure(failure: &Failure<'_>) -> String {
    let Failure { case, cell, facts, judgement, .. } = failure;
    let mut text = String::new();
    let axes = match facts.axes.as_str() {
        "" => String::new(),
        axes => format!("  @{axes}"),
    };
    let product = format!("{} {}", facts.product, facts.version);
    // Writing to a String never fails.
    let _ =
        writeln!(text, "{}  {}{axes}   {}", headline(failure.verdict), cell.id, product.trim_end());
    let cause = judgement.divergences.first();
    if let Some(cause) = cause {
        let _ = writeln!(text, "      {}", cause.sentence);
    }
    let (lines, marked) = charted(cell, failure.history, cause);
    for (index, line) in chart::timed(&lines).into_iter().enumerate() {
        let _ = writeln!(text, "{}", mark(marked == Some(index), &line).trim_end());
    }
    for later in judgement.divergences.iter().skip(1) {
        let _ = writeln!(text, "      then  {} (step {})", later.sentence, later.step + 1);
    }
    for rule in case.spec.iter().map(|id| id.rule()) {
        let title = match rule.title {
            "" => String::new(),
            title => format!(" \"{title}\""),
        };
        let _ = writeln!(
            text,
            "      rule  {}  {} {}{title}: {}",
            rule.name, rule.document, rule.section, rule.sentence
        );
    }
    if let Some(footnote) = &cell.footnote {
        let _ = writeln!(text, "      why   {footnote}");
    }
    let place = cause.map_or(&case.place, |cause| &cause.place);
    let _ = writeln!(text, "      case  {place}");
    if let Some(trail) = failure.trail {
        let trace = Trace::new(cell, failure.history);
        let _ = writeln!(text, "      at    {}", at::line(&trace, trail, cause));
    }
    if let Some(capture) = failure.capture {
        let _ = writeln!(text, "      pcap  {}", capture.display());
    }
    if let Some(kept) = failure.kept {
        let _ = writeln!(text, "      kept  {kept}");
    }
    let _ = writeln!(text, "      again {}", again(failure.again, &facts.axes, &cell.id.0));
    text
}

/// The command that runs a cell again; `again` is its arguments without cell and axes.
pub(crate) fn again(again: &str, axes: &str, cell: &str) -> String {
    let axes = match axes {
        "" => String::new(),
        axes => format!(" --axes {}", quoted(axes)),
    };
    format!("oplock-conformance {again}{axes} --exact {}", quoted(cell))
}

/// The word that a screen begins with.
fn headline(verdict: Verdict) -> String {
    verdict.words().to_uppercase()
}

/// The chart in order of time, and which of its lines shows the divergence; what never came gets a line where its step ends.
pub(crate) fn charted(
    cell: &Cell,
    history: &History,
    cause: Option<&Divergence>,
) -> (Vec<Line>, Option<usize>) {
    let marked = cause.and_then(|cause| cause.entry);
    let mut lines = chart::in_time(cell, history, marked);
    let mut at =
        marked.and_then(|marked| lines.iter().position(|line| line.entries.contains(&marked)));
    if let Some(cause) = cause {
        match at.and_then(|at| lines.get_mut(at)) {
            Some(line) if line.answer.is_empty() && !cause.expected.is_empty() => {
                line.answer = format!("expected {}", cause.expected);
            }
            Some(_) => {}
            None => {
                let after = lines.iter().rposition(|line| line.step <= cause.step);
                let position = after.map_or(0, |after| after + 1);
                let before = lines.get(position.saturating_sub(1));
                let line = absent(&Trace::new(cell, history), cause, before);
                lines.insert(position, line);
                at = Some(position);
            }
        }
    }
    (lines, at)
}

fn mark(marked: bool, line: &str) -> String {
    let margin = if marked { "   >>   " } else { "        " };
    format!("{margin}{line}")
}

/// The line of what did not come: at the end of its step, at the time when it was given up.
fn absent(trace: &Trace<'_>, cause: &Divergence, before: Option<&Line>) -> Line {
    let given_up = trace.segment(cause.step).last().map(|(_, entry)| entry.at);
    let (text, answer) = match cause.kind {
        Kind::MissingBreak => (format!("(no {})", cause.expected), String::new()),
        _ => ("(no answer)".to_owned(), format!("expected {}", cause.expected)),
    };
    Line {
        step: cause.step,
        actor: None,
        text,
        answer,
        at: given_up.or(before.map(|line| line.at)).unwrap_or_default(),
        open: true,
        entries: Vec::new(),
    }
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@,+".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
