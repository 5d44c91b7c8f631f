//! A connection against servers of our own on loopback.

mod engine;
mod lies;
mod opening;
