//! The `smbd` that the harness starts for itself: configuration, process, and what stops it.

mod account;
mod configuration;
mod installation;
mod layout;
mod process;
mod samba;

pub use process::Stopper;
pub use samba::{ManagedSamba, SambaOptions};
