//! `baseline propose`: the deviation entries that would make a run green, for a person to say why.

mod propose;
mod write;

use time::OffsetDateTime;

pub use propose::{Proposal, Proposed, propose};

use crate::cli::ProposeArgs;
use crate::deviations::{self, Source, Version, Versions};
use crate::record::Record;
use crate::stop::Stop;

/// The entries for what failed in a run and is not listed, as a deviation list.
///
/// # Errors
/// A [`Stop`] where the record or the list cannot be read.
pub fn proposed(args: &ProposeArgs) -> Result<String, Stop> {
    let record = Record::open(&args.record).map_err(|error| Stop::usage(error.to_string()))?;
    let version = &record.header.target.version;
    let known = match &args.deviations {
        Some(file) => Source::of_file(file)?.read(version)?,
        None => deviations::of_record(&record)?,
    };
    let versions = match (&args.versions, Version::parse(version)) {
        (Some(text), asked) => Some(range(text, asked.as_ref())?),
        (None, asked) => asked.map(|version| version.series()),
    };
    let proposal =
        propose(&record, &known, versions).map_err(|error| Stop::usage(error.to_string()))?;
    Ok(write::text(&record, &proposal, OffsetDateTime::now_utc().date()))
}

/// The range that somebody wants the entries to have: one that does not cover the run would not make it green.
fn range(text: &str, asked: Option<&Version>) -> Result<String, Stop> {
    let range = Versions::parse(text)
        .map_err(|error| Stop::usage(format!("--versions {text}: {error}")))?;
    match asked {
        Some(version) if range.covers(version) => Ok(range.to_string()),
        Some(_) => {
            Err(Stop::usage(format!("--versions {text} does not cover the version of the run")))
        }
        None => Err(Stop::usage(format!(
            "--versions {text}: the run does not know the version of its target, so no range can cover it"
        ))),
    }
}

#[cfg(test)]
mod tests;
