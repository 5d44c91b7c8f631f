//! Everything that is not as it should be, whole in the page: it is read without the script too.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use maud::{Markup, html};

use super::detail;
use super::put::put;
use super::tone::Tone;
use crate::record::{Brief, Record, RecordError};
use crate::verdict::Verdict;

/// So many are shown with everything that is known of them; the others have a line.
pub const WHOLE: usize = 1_000;

/// A group of cells that vendors fix together.
struct Group<'a> {
    name: String,
    /// The index of each cell in the record.
    cells: Vec<(usize, &'a Brief)>,
}

/// The indices of the cells that are shown whole.
#[must_use]
pub fn whole(record: &Record) -> BTreeSet<usize> {
    let cells = groups(record).into_iter().flat_map(|group| group.cells);
    cells.take(WHOLE).map(|(index, _)| index).collect()
}

/// Writes the section, where there is anything to write.
///
/// # Errors
/// The system's, and where a cell cannot be read again.
pub fn section(record: &Record, out: &mut dyn io::Write) -> io::Result<()> {
    let groups = groups(record);
    let count: usize = groups.iter().map(|group| group.cells.len()).sum();
    if count == 0 {
        return Ok(());
    }
    let head = html! { h2 #wrong-title { "Not as it should be (" (count) ")" } };
    out.write_all(b"<section id=\"wrong\" aria-labelledby=\"wrong-title\">\n")?;
    put(out, &head)?;
    if count > WHOLE {
        let text = format!(
            "The first {WHOLE} with everything that is known of them, the others with a line each; `report` and the results have the rest."
        );
        put(out, &html! { p.dim { (text) } })?;
    }
    let mut left = WHOLE;
    for group in &groups {
        put(out, &html! { h3 { (group.name) " (" (group.cells.len()) ")" } })?;
        for (index, brief) in &group.cells {
            let part = if left > 0 {
                left -= 1;
                shown(record, *index, brief).map_err(io::Error::other)?
            } else {
                html! { p.brief { (head_of(record, brief)) } }
            };
            put(out, &part)?;
            out.write_all(b"\n")?;
        }
    }
    out.write_all(b"</section>\n")
}

fn shown(record: &Record, index: usize, brief: &Brief) -> Result<Markup, RecordError> {
    let line = record.whole(brief)?;
    Ok(html! {
        details class={ "cell " (Tone::of(brief).class()) } id={ "c" (index) } {
            summary.row { (head_of(record, brief)) }
            div.body {
                (detail::cell(record, brief, &line))
                @if let Some(case) = record.case(brief) { (detail::case(case)) }
            }
        }
    })
}

/// Verdict, name, and what was wrong in a sentence.
fn head_of(record: &Record, brief: &Brief) -> Markup {
    let told = brief.sentence.as_deref().or(brief.reason.as_deref()).unwrap_or_default();
    let told = told.lines().next().unwrap_or_default();
    html! {
        span class={ "badge " (Tone::of(brief).class()) } { (brief.verdict.words()) } " "
        span.name { (record.name(brief)) } " "
        span.told { (told) }
    }
}

/// By tone, the worst first, then by kind as vendors fix them, then by signature, so that the same stands together.
fn groups(record: &Record) -> Vec<Group<'_>> {
    let mut groups: BTreeMap<_, Vec<(usize, &Brief)>> = BTreeMap::new();
    for (index, brief) in record.cells.iter().enumerate() {
        let tone = Tone::of(brief);
        if tone.is_wrong() {
            // What does not conform is grouped by kind; of the others the verdict says enough.
            let kind = brief.kind.filter(|_| tone == Tone::Red);
            let verdict = kind.is_none().then_some(brief.verdict);
            groups.entry((Reverse(tone), kind, verdict)).or_default().push((index, brief));
        }
    }
    let mut named = Vec::new();
    for ((_, kind, verdict), mut cells) in groups {
        cells.sort_by(|(_, one), (_, other)| one.signature.cmp(&other.signature));
        let verdict = verdict.map_or("", Verdict::words);
        let name = kind.map_or_else(|| verdict.to_owned(), |kind| kind.to_string());
        named.push(Group { name, cells });
    }
    named
}
