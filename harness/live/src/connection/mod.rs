//! One TCP connection with one session and one tree: what is sent, what is awaited, what arrives.
//!
//! [`state`] numbers, signs and paces requests, [`reader`] takes answers apart, [`login`] opens the connection,
//! [`outlet`] brings events to the scene that has it.

mod bind;
mod handle;
mod login;
mod outlet;
mod reader;
mod state;

#[cfg(test)]
mod tests;

pub(crate) use bind::bind;
pub(crate) use handle::Connection;
pub(crate) use login::{Negotiated, Secret, Way, open};
pub(crate) use outlet::{Line, Outlet};
pub(crate) use state::{Held, Submission};
