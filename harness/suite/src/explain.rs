//! `explain`: what a case asks, in words.

use std::fmt::Write as _;

use crate::describe;
use crate::plan::{Case, Cell, Corpus, Obligation};

/// The case or cell of that id in words: sentence, dialogue, rules with their sources, needs, and the command that runs it.
#[must_use]
pub fn explain(corpus: &Corpus, id: &str) -> Option<String> {
    let id = id.split('@').next().unwrap_or(id);
    let case = corpus
        .cases
        .iter()
        .find(|case| case.id == id || case.cells.iter().any(|cell| cell.id.0 == id))?;
    let named = case.cells.iter().find(|cell| cell.id.0 == id);
    let mut out = format!("{id}\n  {}\n  {}{}\n", case.says, case.place, obligation(case));
    if let (None, Some(_)) = (named, &case.matrix) {
        table(&mut out, case);
    }
    if let Some(cell) = named.or(case.cells.first()) {
        dialogue(&mut out, case, cell);
        needs(&mut out, corpus, cell);
    }
    out += "\nrules\n";
    for rule in &case.spec {
        let rule = rule.rule();
        let title =
            if rule.title.is_empty() { String::new() } else { format!(" \"{}\"", rule.title) };
        let _ = writeln!(out, "  {}\n    {}", rule.name, rule.sentence);
        let _ = writeln!(out, "    {} {}{title}", rule.document, rule.section);
    }
    let _ = writeln!(out, "\nrun\n  oplock-conformance run --exact {id}");
    Some(out)
}

fn obligation(case: &Case) -> String {
    match &case.obligation {
        Obligation::Must => String::new(),
        Obligation::Should => ", should: fails under --strict only".into(),
        Obligation::May => ", may: recorded, never judged".into(),
        Obligation::Product(note) => format!(", what one product does ({note}): recorded"),
    }
}

fn table(out: &mut String, case: &Case) {
    out.push_str("\ncells\n");
    let name = |cell: &Cell| {
        let axes: Vec<String> =
            cell.axes.iter().map(|(axis, value)| format!("{axis}={value}")).collect();
        axes.join(",")
    };
    let width = case.cells.iter().map(|cell| name(cell).len()).max().unwrap_or_default();
    for cell in &case.cells {
        let written = cell.written.as_deref().unwrap_or_default();
        let note = cell.footnote.as_ref().map(|note| format!("  ({note})")).unwrap_or_default();
        let line = format!("  {:width$}  {written}{note}", name(cell));
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

fn dialogue(out: &mut String, case: &Case, cell: &Cell) {
    let _ = match case.cells.len() {
        1 => writeln!(out, "\nsteps"),
        _ => writeln!(out, "\nsteps of {}", cell.id),
    };
    for file in &cell.files {
        let _ = writeln!(out, "     {} is {}", file.name, describe::file_kind(file.kind));
    }
    for line in describe::place(cell) {
        let _ = writeln!(out, "     {line}");
    }
    for (index, step) in cell.steps.iter().enumerate() {
        for (line, text) in describe::action(cell, &step.action).into_iter().enumerate() {
            let _ = match line {
                0 => writeln!(out, "  {}. {text}", index + 1),
                _ => writeln!(out, "     with it {text}"),
            };
        }
        if step.record_only {
            out.push_str("       whatever comes is recorded, nothing is judged\n");
        }
        for (word, list) in [("given", &step.given), ("then ", &step.then)] {
            let mut lines = Vec::new();
            list.iter().for_each(|expect| describe::expectation(cell, expect, &mut lines));
            for (line, text) in lines.into_iter().enumerate() {
                let word = if line == 0 { word } else { "     " };
                let _ = writeln!(out, "       {word} {text}");
            }
        }
    }
    if let Some(allow) = cell.allow.as_ref().filter(|allow| allow.breaks) {
        let _ = writeln!(out, "  other breaks are recorded: {}", allow.because);
    }
}

fn needs(out: &mut String, corpus: &Corpus, cell: &Cell) {
    if !cell.needs.is_empty() {
        out.push_str("\nneeds\n");
    }
    for name in &cell.needs {
        let entry = corpus.capabilities.get(name);
        let says = entry.map_or("", |entry| entry.says.as_str());
        let claim = entry.map_or("", |entry| if entry.core { "core" } else { "extended" });
        let _ = writeln!(out, "  {name} ({claim}): {says}");
    }
    for (name, value) in &cell.choices {
        let _ = writeln!(out, "  the reading {name} = {value}: reference engine only");
    }
}
