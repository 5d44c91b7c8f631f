//! The deviation list of a target, `deviations.yaml`: which cells are known to fail, with which signature, and why.
//!
//! Of several entries that match a cell the one counts that is about the fewest others: one that names the cell, then one that
//! names its case, then the one with the longest pattern, then one for some axes or versions only.

pub mod day;
mod entry;
mod found;
pub mod glob;
mod list;
mod listed;
mod outdated;
pub mod patterns;
mod read;
mod schema;
mod source;
mod versions;

pub use entry::{Deviation, Expected};
pub use found::by_entry;
pub use list::{Applied, Deviations};
pub use listed::{Listed, ListedEntry};
pub use outdated::{Known, Outdated, Trouble};
pub use read::{DeviationError, TO_DO};
pub use schema::schema;
pub use source::{Source, of_record};
pub use versions::{Version, Versions};

#[cfg(test)]
mod tests;
