//! One TCP connection with one session and one tree: what is sent, what is awaited, what arrives.
//!
//! [`state`] numbers, signs and paces requests, [`reader`] takes answers apart, [`check`] finds what is wrong with them, [`login`] opens the connection,
//! [`outlet`] brings events to the scene that has it.

mod bind;
mod check;
mod handle;
mod login;
mod outlet;
mod reader;
mod refusal;
mod related;
mod state;

#[cfg(test)]
mod tests;

pub(crate) use bind::bind;
pub(crate) use handle::{Connection, WeakConnection};
pub(crate) use login::{
    DURING_LOGIN, LAST_ANSWER, NEGOTIATION, Negotiated, Secret, UNASKED, Way, open,
};
pub(crate) use outlet::{Line, Outlet};
pub(crate) use refusal::ENCRYPT;
pub(crate) use state::{Held, Submission};
