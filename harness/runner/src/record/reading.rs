//! A file while it is read, a line after the other. What no run can have written is refused: a report of it would tell what nobody saw.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use serde_json::error::Category;

use super::first;
use super::line::{CaseLine, CellLine, FORMAT, Footer, Header, Line, ShardOf};
use super::read::Brief;
use crate::exit;
use crate::verdict::{self, Verdict};
use crate::visible::on_one_line;

/// No line is longer, in bytes: the longest of a run are those of cells whose hooks had much to say.
pub const LONGEST: usize = 64 << 20;

/// The longest time that anything of a record takes, in milliseconds: more than thirty years.
const LONGEST_MS: f64 = 1e12;

/// How much of somebody else's text a message has, in characters.
const SHOWN: usize = 200;

/// What no file of ours is.
const NO_RECORD: &str = "no header: this is no results.jsonl";

/// What to do with a file that was changed.
const AGAIN: &str = "somebody or something changed the file; take the run's own, or run again";

/// What has been read so far.
#[derive(Default)]
pub(super) struct Reading {
    header: Option<Header>,
    cases: Vec<CaseLine>,
    case_of: BTreeMap<String, usize>,
    leg_of: BTreeMap<String, usize>,
    cells: Vec<Brief>,
    numbers: HashSet<usize>,
    footer: Option<Footer>,
}

/// What a file says.
pub(super) struct Found {
    pub(super) header: Header,
    pub(super) cases: Vec<CaseLine>,
    pub(super) cells: Vec<Brief>,
    pub(super) footer: Option<Footer>,
}

impl Reading {
    /// Takes the next line, with its end, which begins at this byte.
    pub(super) fn line(&mut self, text: &[u8], at: u64) -> Result<(), String> {
        if self.footer.is_some() {
            return Err(
                "a line after the footer: two runs wrote into one file; run again".to_owned()
            );
        }
        let format = match &self.header {
            Some(header) => header.format,
            None => format_of(text)?,
        };
        let line = read(text, format).map_err(|error| self.not_ours(&error))?;
        match line {
            Line::Header(_) if self.header.is_some() => {
                Err("a second header: two runs wrote into one file; run again".to_owned())
            }
            Line::Header(header) => self.begins(*header),
            _ if self.header.is_none() => Err(NO_RECORD.to_owned()),
            Line::Case(case) => self.case(*case),
            Line::Cell(cell) => self.cell(*cell, format, (at, text.len())),
            Line::Footer(footer) => self.ends(*footer),
        }
    }

    /// What the file says, once all lines are taken; cells in the order of the plan.
    pub(super) fn found(self) -> Result<Found, String> {
        let Reading { header, cases, mut cells, footer, .. } = self;
        let header = header.ok_or_else(|| NO_RECORD.to_owned())?;
        cells.sort_by_key(|cell| cell.number);
        Ok(Found { header, cases, cells, footer })
    }

    fn begins(&mut self, header: Header) -> Result<(), String> {
        for (leg, line) in header.legs.iter().enumerate() {
            if self.leg_of.insert(line.axes.clone(), leg).is_some() {
                return Err(format!("the axes {} twice: {AGAIN}", shown(&line.axes)));
            }
        }
        if let Some(ShardOf { number, of }) = header.shard
            && (number == 0 || number > of)
        {
            return Err(format!("shard {number} of {of}, which there cannot be: {AGAIN}"));
        }
        if header.planned > header.whole_plan {
            let Header { planned, whole_plan, .. } = header;
            return Err(format!("{planned} cells of a plan that has {whole_plan}: {AGAIN}"));
        }
        self.header = Some(header);
        Ok(())
    }

    fn case(&mut self, case: CaseLine) -> Result<(), String> {
        if self.case_of.insert(case.id.clone(), self.cases.len()).is_some() {
            return Err(format!("the case {} twice: {AGAIN}", shown(&case.id)));
        }
        self.cases.push(case);
        Ok(())
    }

    fn cell(&mut self, mut cell: CellLine, format: u32, at: (u64, usize)) -> Result<(), String> {
        let Some(leg) = self.leg_of.get(&cell.axes).copied() else {
            let axes = shown(&cell.axes);
            return Err(format!("axes {axes} that the header does not name: {AGAIN}"));
        };
        let case = match self.case_of.get(&cell.case) {
            Some(case) => *case,
            // The format before had no lines of cases.
            None if format < FORMAT => {
                let number = self.cases.len();
                self.case(first::case(&cell, number))?;
                number
            }
            None => {
                return Err(format!("a cell of {}, which has no line: {AGAIN}", shown(&cell.case)));
            }
        };
        if format < FORMAT {
            cell.number = self.cells.len();
        }
        self.has_sense(&cell)?;
        if !self.numbers.insert(cell.number) {
            return Err(format!("cell {} of the plan twice: {AGAIN}", cell.number));
        }
        self.cells.push(Brief::of(&cell, case, leg, Some(at)));
        Ok(())
    }

    /// What the words and numbers of a cell have to be for all who read them.
    fn has_sense(&self, cell: &CellLine) -> Result<(), String> {
        let whole_plan = self.header.as_ref().map_or(0, |header| header.whole_plan);
        if cell.number >= whole_plan {
            let number = cell.number;
            return Err(format!("cell {number} of a plan that has {whole_plan}: {AGAIN}"));
        }
        if !cell.standing.fits(cell.verdict) {
            let (verdict, standing) = (cell.verdict.words(), cell.standing);
            return Err(format!("the verdict {verdict} and a standing of {standing:?}: {AGAIN}"));
        }
        let hooks = cell.hooks.iter().map(|hook| hook.duration_ms);
        let plays = cell.attempts.iter().map(|play| play.duration_ms);
        for duration in hooks.chain(plays).chain([cell.duration_ms]) {
            is_a_time(duration)?;
        }
        Ok(())
    }

    /// A footer closes the file: what it counts has to be there, or somebody took lines away.
    fn ends(&mut self, footer: Footer) -> Result<(), String> {
        let Some(header) = &self.header else { return Err(NO_RECORD.to_owned()) };
        let (planned, ended) = (header.planned, self.cells.len());
        if planned != ended {
            return Err(format!("a footer after {ended} cells of {planned}: {AGAIN}"));
        }
        let counts = verdict::counts(self.cells.iter().map(|cell| cell.verdict));
        for verdict in counts.keys().chain(footer.counts.keys()) {
            let of = |counts: &BTreeMap<Verdict, usize>| counts.get(verdict).copied().unwrap_or(0);
            let (told, there) = (of(&footer.counts), of(&counts));
            if told != there {
                let verdict = verdict.words();
                return Err(format!(
                    "{told} {verdict} in the footer, {there} in the cells: {AGAIN}"
                ));
            }
        }
        is_a_time(footer.seconds * 1000.0)?;
        let exit = exit::of_record(header, &self.cells, &footer).code();
        if header.format == FORMAT && footer.exit != exit {
            let told = footer.exit;
            return Err(format!(
                "exit {told} in the footer, and the cells make it {exit}: {AGAIN}"
            ));
        }
        self.footer = Some(footer);
        Ok(())
    }

    /// Why a line cannot be read, and what to do.
    fn not_ours(&self, error: &serde_json::Error) -> String {
        let what = shortened(&error.to_string());
        let by = match &self.header {
            Some(header) => format!("`{}`", shortened(&header.tool)),
            None => "another version".to_owned(),
        };
        match error.classify() {
            Category::Data => format!(
                "not what this version ({}) writes: {what}; {by} wrote it: read it with that one or a newer one",
                env!("CARGO_PKG_VERSION")
            ),
            _ => format!("damaged: {what}; run again"),
        }
    }
}

/// One line of a file of that format.
pub(super) fn read(text: &[u8], format: u32) -> Result<Line, serde_json::Error> {
    match format {
        FORMAT => serde_json::from_slice(text),
        _ => serde_json::from_slice(text).map(first::Line::into_line),
    }
}

/// Just enough of a line to know which format the file has.
#[derive(Deserialize)]
struct Begins {
    line: String,
    format: Option<u32>,
}

/// The format of a file, from its first line.
fn format_of(text: &[u8]) -> Result<u32, String> {
    let begins: Begins = serde_json::from_slice(text).map_err(|_| NO_RECORD.to_owned())?;
    match begins.format {
        Some(format) if begins.line == "header" && (FORMAT - 1..=FORMAT).contains(&format) => {
            Ok(format)
        }
        Some(format) if begins.line == "header" && format > FORMAT => Err(format!(
            "format {format}, and this tool reads up to {FORMAT}: take the tool that wrote it, or a newer one"
        )),
        Some(format) if begins.line == "header" => Err(format!(
            "format {format}, and this tool reads {} and {FORMAT}: take an older one, or run again",
            FORMAT - 1
        )),
        _ => Err(NO_RECORD.to_owned()),
    }
}

fn is_a_time(millis: f64) -> Result<(), String> {
    if (0.0..=LONGEST_MS).contains(&millis) {
        return Ok(());
    }
    Err(format!("{millis:e} ms, which nothing takes: {AGAIN}"))
}

fn shown(text: &str) -> String {
    format!("`{}`", shortened(text))
}

/// A text of the file, so that a terminal bears it.
fn shortened(text: &str) -> String {
    let text = on_one_line(text);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} ...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests;
