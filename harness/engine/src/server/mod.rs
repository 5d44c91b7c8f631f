//! The SMB2 server above the object store: connections, opens, lease tables, notifications, acknowledgements, timers
//! (MS-SMB2 3.3 "Server Details").

mod ack;
mod acquire;
mod chain;
mod close;
mod create;
mod invariants;
mod lease;
mod mixed;
mod notify;
mod state;
#[cfg(test)]
mod tests;
mod timer;

pub use oplock_model::Dialect;
pub use state::Server;
