//! `merge`: the shards of one run become the record that the run would have written in one piece, with its reports.

mod fit;
mod join;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

pub use fit::{Misfit, fit};
pub use join::{Joined, joined};

use crate::cli::MergeArgs;
use crate::exit::Exit;
use crate::record::{Line, Record};
use crate::reports::{self, Reports, cannot_write, same_place};
use crate::stop::Stop;
use crate::{capture, console, exit, taken};

/// Checks that the records are the whole of one run, and writes its record and its reports.
///
/// # Errors
/// A [`Stop`] where they are not, or a file cannot be read or written.
pub fn merge(args: &MergeArgs) -> Result<Exit, Stop> {
    let reports = Reports::new(args.out.clone(), &args.tell);
    let mut parts = Vec::new();
    for path in &args.records {
        reports.spare(path)?;
        parts.push(Record::open(path).map_err(|error| Stop::usage(error.to_string()))?);
    }
    // In the order of the shards, whatever the order in which somebody names them.
    parts.sort_by_key(|part| part.header.shard.map(|shard| shard.number));
    fit(&parts).map_err(|misfit| Stop::usage(misfit.to_string()))?;
    let Some(joined) = joined(&parts) else {
        return Err(Stop::usage("nothing to merge: name the results.jsonl of each shard"));
    };

    let _taken = taken::take(&reports.out)?;
    // Until all is written, no older report may look like the one of these records.
    reports.take_away()?;
    let record = written(&reports.jsonl(), &parts, joined)?;
    captures(&parts, &reports.out)?;
    reports::write(&reports, &record)?;
    console::finished(&record, &reports)?;
    Ok(exit::of(&record))
}

/// Writes the record, and opens it.
fn written(path: &Path, parts: &[Record], joined: Joined) -> Result<Record, Stop> {
    let Joined { header, cases, mut cells, footer } = joined;
    let written = reports::replace(path, |file| {
        let mut length = 0;
        let mut write = |text: &[u8]| -> io::Result<u64> {
            file.write_all(text)?;
            let at = length;
            length += text.len() as u64;
            Ok(at)
        };
        write(&json(&Line::Header(Box::new(header.clone())))?)?;
        for case in &cases {
            write(&json(&Line::Case(Box::new(case.clone())))?)?;
        }
        for (part, brief) in &mut cells {
            let Some(record) = parts.get(*part) else { continue };
            // As it stands there, so that no number is rounded.
            if let Some(text) = record.text(brief).map_err(io::Error::other)? {
                brief.at = Some((write(&text)?, text.len()));
            }
        }
        write(&json(&Line::Footer(Box::new(footer.clone())))?)?;
        Ok(())
    });
    written.map_err(|error| cannot_write(path, &error))?;
    let cells = cells.into_iter().map(|(_, brief)| brief).collect();
    Record::beside(Some(path), header, cases, cells, Some(footer))
        .map_err(|error| Stop::harness(error.to_string()))
}

fn json(line: &Line) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    Ok(text)
}

/// Copies what went over the wire to the merged reports.
fn captures(parts: &[Record], out: &Path) -> Result<(), Stop> {
    let folders =
        parts.iter().filter_map(|part| Some(part.path()?.with_file_name(capture::FOLDER)));
    let folders: BTreeSet<PathBuf> = folders.collect();
    let own = out.join(capture::FOLDER);
    // Those of an older run are of no cell of this one.
    if !folders.iter().any(|folder| same_place(folder, &own)) {
        capture::clear(&own).map_err(Stop::harness)?;
    }
    for folder in folders.iter().filter(|folder| !same_place(folder, &own)) {
        capture::copy(folder, &own).map_err(Stop::harness)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
