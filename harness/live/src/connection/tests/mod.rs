//! The connection against servers of our own on loopback.

mod engine;
mod opening;
