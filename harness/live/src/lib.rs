//! How a real server is asked: addresses, logins, connections, clients, and the `smbd` that the harness starts itself.
//!
//! Asynchronous inside, synchronous at the seam: [`LiveTarget`] implements [`oplock_model::Target`].
//! Everything stays below one folder of the share; nothing else is opened for write or removed.

mod address;
mod axes;
mod clock;
mod connection;
mod control;
mod folder;
mod info;
mod lines;
mod login;
mod managed;
mod offered;
mod options;
mod place;
mod pool;
mod probe;
mod probed;
mod random;
mod reach;
mod request;
mod room;
mod run_folder;
mod runtime;
mod scene;
mod sweep;
mod target;

pub use address::{Address, AddressError};
pub use axes::{Axes, CIPHERS, Signing, ciphers};
pub use managed::{ManagedSamba, SambaOptions, Stopper};
pub use offered::{Attempt, Came, offered};
pub use oplock_model::Dialect;
pub use oplock_wire::security::encryption::Cipher;
pub use options::{Caps, LiveOptions};
pub use place::{Account, Node};
pub use probe::timer::{BreakTimer, TimerEnd};
pub use probed::{Answer, Probed, probe};
pub use sweep::{LeftOver, OtherRun};
pub use target::LiveTarget;
