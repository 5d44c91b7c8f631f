//! The SMB2 server above the object store: connections, opens, lease tables, notifications, acknowledgements, timers
//! (MS-SMB2 3.3 "Server Details").
//!
//! [`Server`] is sans-IO: [`Server::submit`] takes requests, [`Server::advance`] lets time pass, and what follows is
//! polled out as [`oplock_model::Event`]s. Sorted by concept: requests in `chain`, `operate`, `lock`, `ioctl`, `rename`
//! and `raw`; a CREATE in `create`, `context` (what it asks for), `options`, `share`, `directory` and `acquire`; leases
//! in `lease`, beside oplocks in `mixed`; breaks in `notify`, `deliver` and `ack`, with their `timer`s; what outlives a
//! connection in `session`, `channel`, `durable`, `reconnect`, `persistent`, `resilient`, `replay` and `app_instance`.

mod ack;
mod acquire;
mod app_instance;
mod chain;
mod channel;
mod close;
mod context;
mod create;
mod deliver;
mod directory;
mod durable;
mod grid;
mod invariants;
mod ioctl;
mod lease;
mod lock;
mod mixed;
mod names;
mod notify;
mod operate;
mod options;
mod persistent;
mod raw;
mod reconnect;
mod rename;
mod replay;
mod requests;
mod resilient;
mod session;
mod share;
mod state;
#[cfg(test)]
mod tests;
mod timer;

pub use oplock_model::Dialect;
pub use state::Server;
