//! The object store: streams, opens and oplocks, with the names of MS-FSA.
//!
//! [`Store`] is sans-IO: a call goes in as a method of `calls`, what it causes is polled out as [`Indication`]s. Sorted by
//! concept:
//!
//! - what there is: `objects`, `files`, `names`, and the `table` that finds it;
//! - what is done to files: opening in `create`, `opening` and `share`, data in `data`, byte ranges in `lock`, information
//!   in `set_info`, names in `rename` and `rename_directory`, controls in `control`, mapping in `section`, closing in
//!   `close`, and what the directory above learns of all that in `parent`;
//! - waiting in `wait`;
//! - the oplock of one stream, which knows nothing of files: `oplock`, `check`, `check_break`, `request`, `grant`, `ack`,
//!   `ack_granular`, and the calls that reach it in `oplock_control`, `notify` and `reservation`.

mod ack;
mod ack_granular;
mod api;
mod calls;
mod check;
mod check_break;
mod check_rules;
mod close;
mod control;
mod create;
mod data;
mod effects;
mod files;
mod files_invariants;
mod grant;
mod grid;
mod invariants;
mod keys;
mod lock;
mod names;
mod notify;
mod objects;
mod opening;
mod oplock;
mod oplock_control;
mod oplock_invariants;
mod parent;
mod rename;
mod rename_directory;
mod request;
mod reservation;
mod section;
mod set_info;
mod share;
mod table;
mod wait;

#[cfg(test)]
mod tests;

pub use api::{CreateArgs, Indication, OpenId, StreamId, Ticket};
pub use files::AddError;
pub use objects::Store;
