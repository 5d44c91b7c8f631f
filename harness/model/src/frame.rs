//! Messages as they went over a connection, for captures.

use crate::{ConnectionId, Tick};

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
