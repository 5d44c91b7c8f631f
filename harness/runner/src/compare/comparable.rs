//! Whether two records can be compared at all.

use std::collections::BTreeSet;
use std::path::PathBuf;

use thiserror::Error;

use crate::console::counted;
use crate::record::{Record, ShardOf};

/// Why two records cannot be compared.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum Incomparable {
    /// A run that came to no end.
    #[error("{} was cut off: {} of {planned} planned have no line; run it again", .file.display(), counted(*missing, "cell"))]
    CutOff {
        /// The file.
        file: PathBuf,
        /// How many cells have no line.
        missing: usize,
        /// Of how many.
        planned: usize,
    },
    /// A part beside something else.
    #[error("{} is {one}, {} is {other}; `merge` the shards first", .before.display(), .after.display())]
    Shards {
        /// The earlier run.
        before: PathBuf,
        /// The later one.
        after: PathBuf,
        /// What the earlier is.
        one: String,
        /// What the later is.
        other: String,
    },
    /// Other axes throughout.
    #[error("no axes in common: {} was asked in {one}, {} in {other}; run both with the same --axes", .before.display(), .after.display())]
    Axes {
        /// The earlier run.
        before: PathBuf,
        /// The later one.
        after: PathBuf,
        /// Those of the earlier.
        one: String,
        /// Those of the later.
        other: String,
    },
}

/// Says whether two records can be compared.
///
/// # Errors
/// An [`Incomparable`] that says what to do.
pub fn check(before: &Record, after: &Record) -> Result<(), Incomparable> {
    for record in [before, after] {
        if let Some(missing) = record.cut_off() {
            let planned = record.header.planned;
            return Err(Incomparable::CutOff { file: file(record), missing, planned });
        }
    }
    if before.header.shard != after.header.shard {
        return Err(Incomparable::Shards {
            before: file(before),
            after: file(after),
            one: part(before.header.shard),
            other: part(after.header.shard),
        });
    }
    let (one, other) = (axes(before), axes(after));
    if one.is_disjoint(&other) {
        return Err(Incomparable::Axes {
            before: file(before),
            after: file(after),
            one: named(&one),
            other: named(&other),
        });
    }
    Ok(())
}

/// The axes in which a run was asked.
pub(super) fn axes(record: &Record) -> BTreeSet<&str> {
    record.header.legs.iter().map(|leg| leg.axes.as_str()).collect()
}

/// Axes in a sentence.
pub(super) fn named(axes: &BTreeSet<&str>) -> String {
    let name = |axes: &&str| match *axes {
        "" => "the reference's own".to_owned(),
        axes => axes.to_owned(),
    };
    axes.iter().map(name).collect::<Vec<_>>().join(" and ")
}

fn part(shard: Option<ShardOf>) -> String {
    match shard {
        None => "a whole run".to_owned(),
        Some(ShardOf { number, of }) => format!("shard {number} of {of}"),
    }
}

fn file(record: &Record) -> PathBuf {
    record.path().map(ToOwned::to_owned).unwrap_or_default()
}
