//! `compare`: what changed between two runs, and whether the later one is worse.
//!
//! Cells are the same by id and axes, also where a newer corpus renamed their case. What is new never counts against a target;
//! what vanished always does.

mod comparable;
mod json;
mod lists;
mod markdown;
mod moves;
mod pairs;
mod slower;
mod text;
mod words;

pub use comparable::Incomparable;
pub use lists::{Comparison, Count, Moved, New, Rate, Run, Shown, Vanished};
pub use moves::{Move, moved};
pub use slower::{Percentile, Slower, Wait};

use crate::cli::{CompareArgs, CompareFormat};
use crate::exit::Exit;
use crate::print;
use crate::record::Record;
use crate::stop::Stop;

/// Compares two records, and says whether the later is worse.
///
/// # Errors
/// A [`Stop`] where a record cannot be read, or they cannot be compared.
pub fn compare(args: &CompareArgs) -> Result<Exit, Stop> {
    let open = |path| Record::open(path).map_err(|error| Stop::usage(error.to_string()));
    let (before, after) = (open(&args.before)?, open(&args.after)?);
    comparable::check(&before, &after).map_err(|error| Stop::usage(error.to_string()))?;
    let asked = Asked { slower: args.slower, accept_known: args.accept_known };
    let found =
        Comparison::of(&before, &after, asked).map_err(|error| Stop::usage(error.to_string()))?;
    print::out(&match args.format {
        CompareFormat::Text => text::text(&found),
        CompareFormat::Json => json::text(&found),
        CompareFormat::Markdown => markdown::text(&found),
    });
    Ok(if found.regression { Exit::Conformance } else { Exit::Ok })
}

/// What counts besides what always does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// How many times slower a theme may be.
    pub slower: Option<f64>,
    /// Whether a cell that passed may deviate as the deviation list says.
    pub accept_known: bool,
}

#[cfg(test)]
mod tests;
