//! The transition grid: what is held x what is done x by whom, at both layers; which cells can be reached, and why
//! the others cannot.
//!
//! The store and the server record each cell that they are in ([`crate::store::Store::cells`],
//! [`crate::server::Server::cells`]) as a number of [`Cell`]. The record is no part of their state: it tells where they
//! have been, and two that stand alike are equal whatever way led there.

mod cell;
mod impossible;
mod record;
mod server_words;
mod store_words;
mod words;

pub use cell::{By, Cell};
pub use impossible::{Impossible, Reason};
pub(crate) use record::Record;
pub use server_words::{ServerOperation, ServerState};
pub use store_words::{StoreOperation, StoreState};
