//! All cells as data for the script of the page: what lists and filters want of each, and what it shows when it is opened.
//!
//! They stand in blocks, so that neither the writer nor the browser ever has more than a block of charts in hand.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use serde::Serialize;

use super::detail;
use super::put::put_data;
use super::tally::Tally;
use super::tone::Tone;
use crate::record::{Brief, CellLine, Record};
use crate::visible::visible;

/// So many passed cells have their charts in the page, the first of the plan.
pub const PASSED: usize = 10_000;
/// So many of the others that are not shown whole.
pub const OTHERS: usize = 5_000;
/// How many cells stand in a block.
const BLOCK: usize = 200;

/// What the script knows before the cells.
#[derive(Serialize)]
struct Data<'a> {
    /// How many cells stand in a block.
    block: usize,
    /// The axes, each with the command that asks in them again.
    axes: Vec<(Cow<'a, str>, String)>,
    /// The tones by class, the best first.
    tones: Vec<&'static str>,
    verdicts: Vec<&'static str>,
    themes: Vec<Cow<'a, str>>,
    rules: Vec<Cow<'a, str>>,
    needs: Vec<Cow<'a, str>>,
    cases: Vec<About<'a>>,
    /// Sentences and reasons, which many cells share.
    texts: Vec<Cow<'a, str>>,
    grid: BTreeMap<u16, Cow<'a, str>>,
}

/// What they want of a case: id, theme, rules, sentence.
type About<'a> = (Cow<'a, str>, usize, Vec<usize>, Cow<'a, str>);

/// What a list and its filters want of a cell, in an order that the script knows: case, axes, verdict, tone, milliseconds, text,
/// needs, cells of the grid, and its id without that of the case.
type Row<'a> = (usize, usize, usize, usize, f64, Option<usize>, Vec<usize>, Vec<u16>, Cow<'a, str>);

/// A closed list of words, each with its place.
struct Words<'a>(BTreeMap<&'a str, usize>);

impl<'a> Words<'a> {
    fn of(words: impl Iterator<Item = &'a str>) -> Words<'a> {
        let sorted: BTreeSet<&str> = words.collect();
        Words(sorted.into_iter().zip(0..).collect())
    }

    fn place(&self, word: &str) -> Option<usize> {
        self.0.get(word).copied()
    }

    fn visible(&self) -> Vec<Cow<'a, str>> {
        self.0.keys().map(|word| visible(word)).collect()
    }
}

/// How many cells still may have their chart in the page.
struct Room {
    passed: usize,
    others: usize,
}

impl Room {
    /// Whether there is room for one of this tone, which is then taken.
    fn take(&mut self, tone: Tone) -> bool {
        let left = match tone {
            // The reason, which the list has, is all that there is of it.
            Tone::Skipped => return false,
            Tone::Pass => &mut self.passed,
            _ => &mut self.others,
        };
        let room = *left > 0;
        *left = left.saturating_sub(1);
        room
    }
}

/// Writes the data; the cells in `whole` are in the page already.
///
/// # Errors
/// The system's, and where a cell cannot be read again.
pub fn data(
    record: &Record,
    tally: &Tally,
    whole: &BTreeSet<usize>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let themes = Words::of(record.cases.iter().map(|case| case.suite.as_str()));
    let specs = record.cases.iter().flat_map(|case| &case.spec);
    let rules = Words::of(specs.map(String::as_str));
    let needs = Words::of(tally.needs.iter().map(String::as_str));
    let texts = Words::of(record.cells.iter().filter_map(told));
    let axes = record.header.legs.iter().zip(0..);
    let cases = record.cases.iter().map(|case| {
        let rules = case.spec.iter().filter_map(|name| rules.place(name)).collect();
        let theme = themes.place(&case.suite).unwrap_or_default();
        (visible(&case.id), theme, rules, visible(&case.says))
    });
    let grid = record.footer.iter().flat_map(|footer| &footer.grid);
    let known = Data {
        block: BLOCK,
        axes: axes
            .map(|(leg, place)| {
                (visible(&leg.axes), visible(&detail::again_in(record, place)).into_owned())
            })
            .collect(),
        tones: Tone::ALL.iter().map(|tone| tone.class()).collect(),
        verdicts: verdicts(record).into_keys().collect(),
        themes: themes.visible(),
        rules: rules.visible(),
        needs: needs.visible(),
        cases: cases.collect(),
        texts: texts.visible(),
        grid: grid.map(|(number, name)| (*number, visible(name))).collect(),
    };
    put_data(out, "id=\"data\"", &known)?;
    let about: Vec<_> = record.cases.iter().map(|case| shown(detail::case(case))).collect();
    put_data(out, "id=\"about\"", &about)?;
    drop(about);
    let mut room = Room { passed: PASSED, others: OTHERS };
    let verdicts = verdicts(record);
    for (block, briefs) in record.cells.chunks(BLOCK).enumerate() {
        let mut rows = Vec::with_capacity(briefs.len());
        let mut bodies = Vec::with_capacity(briefs.len());
        for (brief, index) in briefs.iter().zip(block * BLOCK..) {
            let line = record.whole(brief).map_err(io::Error::other)?;
            rows.push(row(record, brief, &line, &verdicts, &needs, &texts));
            let fits = !whole.contains(&index) && room.take(Tone::of(brief));
            bodies.push(fits.then(|| shown(detail::cell(record, brief, &line))));
        }
        let rows: Vec<Row<'_>> = rows;
        put_data(out, "class=\"rows\"", &rows)?;
        put_data(out, "class=\"bodies\"", &bodies)?;
    }
    Ok(())
}

/// The verdicts that there are, each with its place.
fn verdicts(record: &Record) -> BTreeMap<&'static str, usize> {
    let words: BTreeSet<_> = record.cells.iter().map(|brief| brief.verdict.words()).collect();
    words.into_iter().zip(0..).collect()
}

fn row<'a>(
    record: &'a Record,
    brief: &'a Brief,
    line: &CellLine,
    verdicts: &BTreeMap<&'static str, usize>,
    needs: &Words<'_>,
    texts: &Words<'_>,
) -> Row<'a> {
    let case = record.case(brief).map_or("", |case| case.id.as_str());
    let rest = brief.cell.strip_prefix(case);
    (
        brief.case,
        brief.leg,
        verdicts.get(brief.verdict.words()).copied().unwrap_or_default(),
        Tone::of(brief) as usize,
        (brief.duration_ms.clamp(0.0, 1e12) * 10.0).round() / 10.0,
        told(brief).and_then(|text| texts.place(text)),
        line.needs.iter().filter_map(|name| needs.place(name)).collect(),
        line.grid.clone(),
        // An id that does not begin with that of its case stands whole after a blank, which no id begins with.
        rest.map_or_else(|| visible(&format!(" {}", brief.cell)).into_owned().into(), visible),
    )
}

/// What a list says of a cell.
fn told(brief: &Brief) -> Option<&str> {
    let text = brief.sentence.as_deref().or(brief.reason.as_deref())?;
    text.lines().next()
}

fn shown(part: maud::Markup) -> String {
    match visible(&part.0) {
        Cow::Borrowed(_) => part.0,
        Cow::Owned(text) => text,
    }
}

/// How many cells have no chart in the page, though they have one in the results.
#[must_use]
pub fn left_out(tally: &Tally, whole: usize) -> usize {
    let passed = tally.tones.count(Tone::Pass);
    let others = tally.tones.total() - passed - tally.tones.count(Tone::Skipped);
    passed.saturating_sub(PASSED) + others.saturating_sub(whole).saturating_sub(OTHERS)
}
