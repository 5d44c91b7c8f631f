//! The reference: what must happen, as an executable specification of the Windows oplock package and of the SMB2
//! server layer above it.
//!
//! Method in, `poll` out, time as an argument: no clock, no randomness, no panic on any input. Each layer stands in a
//! room of its own, cut where the specifications cut it: `store` (MS-FSA 2.1, WDK) and `server` (MS-SMB2 3.3).
//! [`Reference`] puts both behind the [`oplock_model::Target`] that cases are played against.
#![deny(missing_docs)]

pub mod choices;
mod reference;
pub mod server;
pub mod store;

pub use choices::{ChoiceError, Choices};
pub use reference::Reference;
