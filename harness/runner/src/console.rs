//! What a run tells the person who started it, or the tool that did: the unexpected first, then counts, then the claim.

mod document;
mod ending;
mod summary;
mod wrong;

pub use document::FORMAT as DOCUMENT_FORMAT;
pub use summary::Summary;

use crate::cli::{ConsoleArgs, ConsoleFormat};
use crate::print;
use crate::record::Record;
use crate::reports::Reports;
use crate::stop::Stop;

/// Prints the summary of a run that has ended, as somebody wants it, with the place of its reports.
///
/// # Errors
/// A [`Stop`] where the record cannot be read.
pub fn finished(record: &Record, reports: &Reports) -> Result<(), Stop> {
    let ConsoleArgs { quiet, format, color } = reports.console;
    let text = match format {
        ConsoleFormat::Json => document::text(record, reports)?,
        ConsoleFormat::Text => {
            let summary = Summary { record, reports, paint: color.paint(&std::io::stdout()) };
            let text = if quiet { Ok(summary.short()) } else { summary.text() };
            text.map_err(|error| Stop::harness(error.to_string()))?
        }
    };
    print::out(&text);
    Ok(())
}

/// A number and its noun: `1 cell`, `2 cells`.
#[must_use]
pub fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests;
