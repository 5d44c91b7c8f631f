//! What each status means for oplocks and leases: its Win32 pair, likely causes, and what to do.
//!
//! The pairs are those of MS-ERREF and of public header files; each entry says how sure its pair is.

mod entry;
mod information;
mod oplock;
mod server;
mod store;

pub use entry::{Pairing, StatusEntry, Win32};
pub use information::{INFORMATION, InformationEntry};
