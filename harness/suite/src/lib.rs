//! What we ask: YAML cases, read, checked and expanded into plans that a runner can drive and judge.
//!
//! Nothing here knows a target. A [`plan::Case`] is one named question; a [`plan::Cell`] is one row and column of it,
//! with every word of the YAML resolved and checked. [`load`] is the one conversion; it collects every diagnostic of
//! all files.

mod body;
mod capabilities;
mod case;
mod cell;
mod codes;
mod describe;
mod diagnostic;
mod except;
mod explain;
mod fields;
mod file;
mod load;
mod matrix;
mod near;
pub mod plan;
mod schema;
mod select;
mod source;
mod substitute;
mod words;
mod yaml;

/// Reading another YAML file, such as a target's profile, with the diagnostics of case files.
pub mod document {
    pub use crate::fields::{Fields, Reader};
    pub use crate::yaml::{Key, Kind, Node, Spot};
}

pub use codes::Code;
pub use diagnostic::Diagnostic;
pub use explain::explain;
pub use load::{Loaded, load};
pub use near::nearest;
pub use schema::schema;
pub use select::Selection;
pub use source::{CorpusFiles, ReadError};
