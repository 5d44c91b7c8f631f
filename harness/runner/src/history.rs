//! What happened in one cell: recorded first, judged later. A history is all that a judgement needs besides the plan.

use std::collections::BTreeMap;
use std::path::PathBuf;

use oplock_model::{CallId, ConnectionId, Event, Frame, GridSet, LeaseKey, RuleSet, Tick, Trail};
use oplock_suite::plan::CallIndex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything that was done and seen in one cell, in the order of the harness's own time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// The entries.
    pub entries: Vec<Entry>,
    /// The lease keys that were drawn for the names of the case.
    pub keys: BTreeMap<String, LeaseKey>,
    /// The guids that were drawn for the names of durable handles and application instances.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub guids: BTreeMap<String, [u8; 16]>,
    /// The connection of each actor, by actor index.
    pub connections: Vec<ConnectionId>,
}

/// One entry of a history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When, on the scene's clock.
    pub at: Tick,
    /// What.
    pub what: What,
}

/// What an entry records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum What {
    /// Everything after this entry, up to the next one of its kind, belongs to this step (index into the cell's steps).
    Step(usize),
    /// Calls were sent: one, or a compound.
    Sent(#[schemars(with = "Vec<(u64, CallId)>")] Vec<(CallIndex, CallId)>),
    /// An acknowledgement that no step names was sent, because the step only records.
    SentAsTold(CallId),
    /// A call could not be sent, because what it names does not exist.
    NotPossible {
        /// The call: an index into those of the cell, in the order of its steps.
        #[schemars(with = "u64")]
        call: CallIndex,
        /// Why: a fragment, "`b` was never opened".
        reason: String,
    },
    /// The target said something. Answers to the harness's own fences are not recorded.
    Event(Event),
    /// The fences of this step came back and `quiet` went by.
    Quiet,
    /// The harness or the way to the server failed; nothing follows but the end.
    Fault(String),
}

/// What one played cell left behind.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// The record.
    pub history: History,
    /// The rules that the target says it applied; a live server says none.
    pub rules: RuleSet,
    /// The cells of the transition grid that the target says it was in; a live server says none.
    pub cells: GridSet,
    /// Wall time in microseconds.
    pub wall_micros: u64,
    /// What went over the wire, where the run keeps it.
    pub frames: Vec<Frame>,
    /// The file with those messages, once it is written.
    pub capture: Option<PathBuf>,
    /// What finds the cell in the server's log; nothing at the reference.
    pub trail: Option<Trail>,
    /// The folder that has its files, until the target removes it.
    pub folder: Option<String>,
    /// Where its files were kept.
    pub kept: Option<String>,
}

impl Played {
    /// Wall time in milliseconds, as records have it.
    #[must_use]
    pub fn millis(&self) -> f64 {
        self.wall_micros as f64 / 1000.0
    }
}
