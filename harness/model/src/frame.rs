//! Messages as they went over a connection, for captures.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{ConnectionId, Tick};

/// Where a scene keeps its messages; a copy of it outlives the scene, and so holds the messages of its end too.
#[derive(Clone, Debug, Default)]
pub struct Frames(Arc<Mutex<Vec<Frame>>>);

impl Frames {
    /// Keeps one more.
    pub fn push(&self, frame: Frame) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(frame);
    }

    /// Takes everything that was kept so far.
    #[must_use]
    pub fn take(&self) -> Vec<Frame> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One SMB2 message or compound, decrypted, without the length prefix of the transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// When, on the scene's clock.
    pub at: Tick,
    /// On which connection.
    pub connection: ConnectionId,
    /// Whether the client sent it.
    pub to_server: bool,
    /// The bytes from the first header on.
    pub bytes: Vec<u8>,
}
