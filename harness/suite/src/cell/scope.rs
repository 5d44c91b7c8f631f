//! What is known at a point of a cell: who acts, which handles and lease keys there are, which calls were sent.

use std::collections::{BTreeMap, BTreeSet};

use oplock_model::{FileSpec, Layer, Level, Status, StoreRequest};

use crate::fields::Reader;
use crate::plan::{ActorPlan, BreakTarget, CallIndex, Want};
use crate::yaml::Spot;

/// What a handle was opened for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// The handle alone.
    Nothing,
    /// A legacy oplock; the level, where it is a legal one.
    Oplock(Option<Level>),
    /// A lease of that key.
    Lease(String),
    /// A request at the store.
    Store(StoreRequest),
}

/// A handle of the cell.
#[derive(Clone, Debug)]
pub(crate) struct Handle {
    /// Who opened it.
    pub(crate) actor: usize,
    /// The call that opened it.
    pub(crate) opened_by: CallIndex,
    /// What it was opened for.
    pub(crate) hold: Hold,
    /// The call that closed it.
    pub(crate) closed: Option<CallIndex>,
}

/// A lease key of the cell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Key {
    /// The clients that asked.
    pub(crate) clients: BTreeSet<u32>,
    /// Whether any request for it was of version 2.
    pub(crate) version_two: bool,
}

/// What kind of answer a call has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallKind {
    /// A create.
    Open,
    /// A 24-byte acknowledgement.
    OplockAck,
    /// A 36-byte acknowledgement.
    LeaseAck,
    /// An acknowledgement at the store.
    StoreAck,
    /// An oplock request at the store.
    Request,
    /// Any other.
    Other,
}

/// A call that was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// Where it is written.
    pub(crate) spot: Spot,
    /// Under which name its answer goes.
    pub(crate) label: String,
    /// Who sent it.
    pub(crate) actor: usize,
    /// What kind of answer it has.
    pub(crate) kind: CallKind,
    /// The handle that it uses or opens.
    pub(crate) handle: Option<String>,
    /// What it asks for, where it opens or requests.
    pub(crate) want: Want,
    /// The status of its answer where it does what it should.
    pub(crate) success: Status,
    /// The lease that it acknowledges.
    pub(crate) key: Option<String>,
    /// Whether the lease key of this open was asked for before.
    pub(crate) key_is_old: bool,
}

/// Everything known at a point of a cell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// The layer.
    pub(crate) layer: Layer,
    /// The actors.
    pub(crate) actors: Vec<ActorPlan>,
    /// The files.
    pub(crate) files: Vec<FileSpec>,
    /// The calls so far, by their index.
    pub(crate) calls: Vec<Sent>,
    /// The handles so far, by name.
    pub(crate) handles: BTreeMap<String, Handle>,
    /// The handles that any step of the cell opens.
    pub(crate) all_handles: BTreeSet<String>,
    /// The lease keys so far, by name.
    pub(crate) keys: BTreeMap<String, Key>,
    /// The levels that holders were told so far, newest last.
    pub(crate) told: Vec<(BreakTarget, Level)>,
    /// The level that each handle is known to have been granted, where an expectation says so.
    pub(crate) granted: BTreeMap<String, Level>,
    /// Calls whose final answer an expectation has named, and the step of that expectation.
    pub(crate) answered: BTreeMap<CallIndex, usize>,
    /// Names of calls that could not be read; what speaks of them is not reported again.
    pub(crate) broken: BTreeSet<String>,
    /// The capabilities that the words so far imply.
    pub(crate) needs: BTreeSet<&'static str>,
    /// The index of the current step.
    pub(crate) step: usize,
}

impl Scope {
    /// The index of an actor.
    pub(crate) fn actor(&self, name: &str) -> Option<usize> {
        self.actors.iter().position(|actor| actor.name == name)
    }

    /// The name of an actor.
    pub(crate) fn actor_name(&self, actor: usize) -> &str {
        self.actors.get(actor).map_or("", |actor| actor.name.as_str())
    }

    /// Whether two actors share a connection; at the store everybody is apart.
    pub(crate) fn same_connection(&self, left: usize, right: usize) -> bool {
        match (self.layer, self.actors.get(left), self.actors.get(right)) {
            (Layer::Smb2, Some(left), Some(right)) => {
                (left.client, left.connection) == (right.client, right.connection)
            }
            _ => left == right,
        }
    }

    /// The newest call with that label, of that actor where it has one.
    pub(crate) fn call(&self, label: &str, actor: Option<usize>) -> Option<CallIndex> {
        let newest = |of: Option<usize>| {
            let fits = |call: &Sent| call.label == label && of.is_none_or(|of| of == call.actor);
            self.calls.iter().rposition(fits).map(CallIndex)
        };
        newest(actor).or_else(|| newest(None))
    }

    /// Notes that an expectation of the current step names the answer; whether none of a step before did.
    pub(crate) fn answer_named(&mut self, call: CallIndex) -> bool {
        *self.answered.entry(call).or_insert(self.step) == self.step
    }

    /// Whether an expectation of a step before names the answer.
    pub(crate) fn answered_before(&self, call: CallIndex) -> bool {
        self.answered.get(&call).is_some_and(|step| *step < self.step)
    }

    /// A call by its index.
    pub(crate) fn sent(&self, index: CallIndex) -> Option<&Sent> {
        self.calls.get(index.0)
    }

    /// The level that the newest break of this target left.
    pub(crate) fn last_told(&self, target: &BreakTarget) -> Option<Level> {
        self.told.iter().rev().find(|(known, _)| known == target).map(|(_, level)| *level)
    }

    /// What a break of this handle is a break of.
    pub(crate) fn target_of(&self, handle: &str) -> Option<BreakTarget> {
        match &self.handles.get(handle)?.hold {
            Hold::Lease(key) => Some(BreakTarget::Key(key.clone())),
            Hold::Nothing | Hold::Oplock(_) | Hold::Store(_) => {
                Some(BreakTarget::Handle(handle.to_owned()))
            }
        }
    }
}

/// Reads the steps of one cell.
pub(crate) struct CellReader<'r, 'f> {
    /// The file.
    pub(crate) reader: &'r mut Reader<'f>,
    /// What is known.
    pub(crate) scope: Scope,
}
