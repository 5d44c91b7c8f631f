//! What we ask: YAML cases, read, checked and expanded into plans that a runner can drive and judge.
//!
//! Nothing here knows a target. A [`Case`] is one named question; a [`Cell`] is one row and column of it, with every
//! word of the YAML resolved and checked.

pub mod plan;
