//! `judge`: every verdict of a run again, from its recorded histories; no server is asked.

mod again;
mod moved;

use std::io;
use std::path::Path;

use time::OffsetDateTime;

use self::again::Again;
use self::moved::Moves;
use crate::cli::{ConsoleFormat, JudgeArgs};
use crate::deviations::{self, Source};
use crate::exit::{self, Exit};
use crate::record::{Brief, FORMAT, Footer, Header, JudgedFrom, Line, Record};
use crate::reports::{self, Reports, cannot_write, same_place};
use crate::stop::Stop;
use crate::{capture, claim, console, corpus, print, tell};

/// Judges the histories of a record by today's cases and deviations, and writes a new record with its reports.
///
/// # Errors
/// A [`Stop`] where something cannot be read or written.
pub fn judge(args: &JudgeArgs) -> Result<Exit, Stop> {
    let reports = Reports::new(args.out.clone(), &args.tell);
    reports.spare(&args.record)?;
    let record = Record::open(&args.record).map_err(|error| Stop::usage(error.to_string()))?;
    if record.header.legs.is_empty() {
        let path = args.record.display();
        return Err(Stop::usage(format!(
            "{path}:1: the header names no axes, so nothing was asked"
        )));
    }
    let corpus = corpus::read(args.corpus.cases.as_deref())?;
    let list = match &args.deviations {
        Some(file) => {
            let source = Source::of_file(file)?;
            source.decided(&corpus)?;
            source.read(&record.header.target.version)?
        }
        None => deviations::of_record(&record)?,
    };
    let again = Again::new(&record, corpus, list, &reports.out.join(capture::FOLDER));

    // Until all is written, no older report may look like the one of this record.
    reports.take_away()?;
    let (judged, moves) = written(&reports.jsonl(), &again)?;
    captures(&record, &reports.out)?;
    reports::write(&reports, &judged)?;
    let told = moves.text(&args.record, judged.cells.len());
    match reports.console.format {
        ConsoleFormat::Text => print::out(&told),
        ConsoleFormat::Json => print::complain(&told),
    }
    console::finished(&judged, &reports)?;
    Ok(exit::of(&judged))
}

/// Writes the new record, a cell at a time, and opens it.
fn written(path: &Path, again: &Again<'_>) -> Result<(Record, Moves), Stop> {
    let header = header(again);
    let cases = again.cases();
    let mut moves = Moves::default();
    let mut cells: Vec<Brief> = Vec::with_capacity(again.record.cells.len());
    let mut footer = None;
    let written = reports::replace(path, |file| {
        let mut length = 0;
        let mut write = |line: Line| -> io::Result<(u64, usize)> {
            let mut text = serde_json::to_vec(&line)?;
            text.push(b'\n');
            file.write_all(&text)?;
            let at = length;
            length += text.len() as u64;
            Ok((at, text.len()))
        };
        write(Line::Header(Box::new(header.clone())))?;
        for case in &cases {
            write(Line::Case(Box::new(case.clone())))?;
        }
        for brief in &again.record.cells {
            let before = again.record.whole(brief).map_err(io::Error::other)?;
            let after = again.judged(brief, before.clone());
            moves.take(&again.record.name(brief), &before, &after);
            let mut kept = Brief::of(&after.line, brief.case, brief.leg, None);
            kept.at = Some(write(Line::Cell(Box::new(after.line)))?);
            cells.push(kept);
        }
        // A run that was cut off stays so.
        if let Some(known) = &again.record.footer {
            let (ending, _) = footer_of(again, known).ending(&header, &cases, &cells);
            write(Line::Footer(Box::new(ending.clone())))?;
            footer = Some(ending);
        }
        Ok(())
    });
    written.map_err(|error| cannot_write(path, &error))?;
    let record = Record::beside(Some(path), header, cases, cells, footer)
        .map_err(|error| Stop::harness(error.to_string()))?;
    Ok((record, moves))
}

/// The header of the run, with the cases and the list that it was judged by now.
fn header(again: &Again<'_>) -> Header {
    let Again { record, bench, .. } = again;
    let before = &record.header;
    let same_cases = before.corpus == bench.corpus.hash;
    let facts: Vec<_> = bench.legs.iter().map(|leg| &leg.facts).collect();
    let left_out = match same_cases || before.shard.is_some() {
        true => before.left_out.clone(),
        // What the run did not have is left out of its claims.
        false => claim::left_out(
            &bench.corpus,
            &facts,
            &again.selected(),
            before.corpus_as_of.as_deref(),
            &|leg, cell| bench.plans(leg, cell),
        ),
    };
    Header {
        format: FORMAT,
        tool: concat!("oplock-conformance ", env!("CARGO_PKG_VERSION")).to_owned(),
        corpus: bench.corpus.hash.clone(),
        left_out,
        deviations: bench.deviations.listed(),
        judged_from: Some(JudgedFrom { tool: before.tool.clone(), corpus: before.corpus.clone() }),
        ..before.clone()
    }
}

/// What of the footer does not follow from the cells: the list is looked at again, the rest is of the run.
fn footer_of(again: &Again<'_>, known: &Footer) -> Footer {
    let today = OffsetDateTime::now_utc().date();
    Footer {
        outdated: tell::outdated(&again.bench),
        due_soon: again.bench.deviations.due_soon(today),
        ..known.clone()
    }
}

/// Copies what went over the wire to the new reports.
fn captures(record: &Record, out: &Path) -> Result<(), Stop> {
    let Some(path) = record.path() else { return Ok(()) };
    let (folder, own) = (path.with_file_name(capture::FOLDER), out.join(capture::FOLDER));
    if folder.is_dir() && !same_place(&folder, &own) {
        capture::copy(&folder, &own).map_err(Stop::harness)?;
    }
    Ok(())
}
