//! The page from its first byte to its last.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::put::put;
use super::tally::Tally;
use super::{cells, heat, notes, summary, wrong};
use crate::console::counted;
use crate::record::Record;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Writes the page, a cell at a time: a record of any length needs little memory.
///
/// # Errors
/// The system's, and where a cell cannot be read again.
pub fn write(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    let tally = Tally::of(record).map_err(io::Error::other)?;
    let whole = wrong::whole(record);
    put(out, &html! { (DOCTYPE) })?;
    out.write_all(b"<html lang=\"en\">\n")?;
    head(record, out)?;
    out.write_all(b"<body>\n")?;
    put(out, &top(record))?;
    out.write_all(b"<main>\n")?;
    put(out, &summary::summary(record))?;
    put(out, &notes::work(record))?;
    wrong::section(record, out)?;
    put(out, &heat::maps(record, &tally))?;
    put(out, &notes::figures(record))?;
    // Last, since it grows as one reads on.
    put(out, &list(record, &tally, whole.len()))?;
    out.write_all(b"</main>\n")?;
    put(out, &bottom(record))?;
    cells::data(record, &tally, &whole, out)?;
    writeln!(out, "<script>{SCRIPT}</script>\n</body>\n</html>")
}

fn head(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    // Nothing runs in the page, and nothing styles it, but what was embedded here; and it asks nobody for anything.
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE)
    );
    let part = html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            meta name="color-scheme" content="light dark";
            link rel="icon" href="data:,";
            title { (summary::title(record)) }
            style { (PreEscaped(STYLE)) }
        }
    };
    put(out, &part)?;
    out.write_all(b"\n")
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

fn top(record: &Record) -> Markup {
    let any_wrong = !wrong::whole(record).is_empty();
    html! {
        a.skip href="#list" { "To the cells" }
        header.top {
            span.brand { "oplock conformance" }
            nav aria-label="Sections" {
                a href="#summary" { "Summary" }
                @if any_wrong { a href="#wrong" { "Failures" } }
                a href="#grid" { "Grid" }
                a href="#cells" { "Cells" }
            }
            span.tools hidden[true] #tools {
                button type="button" #theme { "Theme: auto" }
                button type="button" #keys aria-expanded="false" aria-controls="help" { "Keys" }
            }
        }
        dl.facts #help hidden[true] {
            @for (keys, what) in [
                ("/", "search"),
                ("j  k  or  ↓  ↑", "next and previous cell"),
                ("Enter", "open or close it"),
                ("Esc", "close it; in the search, clear it"),
                ("t", "light, dark, or as the system is"),
                ("?", "these keys"),
            ] {
                dt { kbd { (keys) } } dd { (what) }
            }
        }
    }
}

/// The list of all cells, which the script fills.
fn list(record: &Record, tally: &Tally, whole: usize) -> Markup {
    let left_out = cells::left_out(tally, whole);
    let select = |name: &str, label: &str| {
        html! {
            label { span { (label) } select id={ "by-" (name) } name=(name) { option value="" { "any" } } }
        }
    };
    html! {
        section #cells aria-labelledby="cells-title" {
            h2 #cells-title { "All cells (" (record.cells.len()) ")" }
            noscript {
                p.dim { "The list of all cells, its search and the charts of those that passed want JavaScript." }
            }
            @if left_out > 0 {
                p.note #left-out {
                    (counted(left_out, "cell")) " of this run have no chart here, so that the page stays small: it has those of the first "
                    (cells::PASSED) " that passed and of the first " (cells::OTHERS)
                    " others that are not among the failures above. The results have them all."
                }
            }
            form #filter role="search" hidden[true] {
                label.search {
                    span { "search" }
                    input #search type="search" name="q" autocomplete="off" spellcheck="false"
                        placeholder="id, sentence, rule, axes";
                }
                (select("verdict", "verdict"))
                (select("theme", "theme"))
                (select("rule", "rule"))
                (select("needs", "capability"))
                (select("axes", "axes"))
                button type="button" #clear { "Clear" }
            }
            p #found role="status" aria-live="polite" {}
            div #list tabindex="-1" {}
            button type="button" #more hidden[true] { "Show more" }
        }
    }
}

fn bottom(record: &Record) -> Markup {
    let header = &record.header;
    html! {
        footer.bottom {
            p {
                "Made by " (header.tool) " from " a href="results.jsonl" { "results.jsonl" }
                "; beside it " a href="junit.xml" { "junit.xml" } "."
            }
        }
    }
}

#[cfg(test)]
mod tests;
