//! What finds a cell in the log of its server: when it was, on which connections, in which sessions, under which message ids.

use serde::{Deserialize, Serialize};

use crate::{CallId, ConnectionId, Tick};

/// Where a cell spoke to its server. Handles and lease keys are not here: the answers and the history have them. What a hook
/// tells of a cell is made of this, and so is the `at` line of its screen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Trail {
    /// When the scene's clock began: microseconds since the beginning of 1970, UTC.
    pub began: u64,
    /// The ways that the connections of the scene took, in the order in which they began.
    pub lanes: Vec<Lane>,
    /// The calls that were sent, in their order.
    pub calls: Vec<SentCall>,
}

/// One connection in one session and one tree, from then on; the next lane of the same connection ends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// Which connection.
    pub connection: ConnectionId,
    /// Since when, on the scene's clock.
    pub since: Tick,
    /// Our address and port.
    pub local: String,
    /// The server's address and port.
    pub server: String,
    /// The SessionId.
    pub session: u64,
    /// The TreeId.
    pub tree: u32,
}

/// A call as it went out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SentCall {
    /// Which call.
    pub call: CallId,
    /// On which connection.
    pub connection: ConnectionId,
    /// Its MessageId.
    pub message: u64,
}

impl Trail {
    /// The way that a connection took at that time; its first where that comes before it.
    #[must_use]
    pub fn lane(&self, connection: ConnectionId, at: Tick) -> Option<&Lane> {
        let of_it = || self.lanes.iter().filter(move |lane| lane.connection == connection);
        of_it().rfind(|lane| lane.since <= at).or_else(|| of_it().next())
    }

    /// How a call went out; nothing for one that never did.
    #[must_use]
    pub fn call(&self, call: CallId) -> Option<&SentCall> {
        self.calls.iter().find(|sent| sent.call == call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_lasts_until_the_next_of_its_connection() {
        let lane = |connection, since, session| Lane {
            connection: ConnectionId(connection),
            since: Tick(since),
            session,
            ..Lane::default()
        };
        let lanes = vec![lane(0, 5, 1), lane(1, 5, 2), lane(0, 9, 3)];
        let trail = Trail { lanes, ..Trail::default() };
        let session = |connection, at| {
            trail.lane(ConnectionId(connection), Tick(at)).map(|lane| lane.session)
        };
        assert_eq!([session(0, 0), session(0, 5), session(0, 8)], [Some(1); 3]);
        assert_eq!([session(0, 9), session(1, 9), session(2, 9)], [Some(3), Some(2), None]);
    }
}
