//! What is known at a point of a cell: who acts, which handles and lease keys there are, which calls were sent.

use std::collections::{BTreeMap, BTreeSet};

use oplock_model::{FileSpec, Layer, Level, Status, StoreRequest};

use crate::fields::Reader;
use crate::plan::{ActorPlan, BreakTarget, CallIndex, Durable, Want};
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
    /// The call that closed it, or gave up what it belongs to.
    pub(crate) closed: Option<CallIndex>,
    /// The session that it belongs to.
    pub(crate) session: usize,
    /// What durable handle was asked for.
    pub(crate) durable: Option<Durable>,
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
    /// Gives up a connection, a session or a tree.
    GiveUp,
    /// None: the call is never answered.
    Silent,
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
    /// Whether the lease key of this open was asked for before, or its handle is claimed back.
    pub(crate) key_is_old: bool,
    /// The session in which it was sent.
    pub(crate) session: usize,
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
    /// The session of each connection, by its first actor; of none noted, the first actor's own.
    pub(crate) sessions: BTreeMap<usize, usize>,
    /// The connections that are gone, by their first actor.
    pub(crate) gone: BTreeSet<usize>,
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

    /// The first actor on the connection of this one.
    pub(crate) fn lane(&self, actor: usize) -> usize {
        (0..actor).find(|other| self.same_connection(*other, actor)).unwrap_or(actor)
    }

    /// The session in which this actor speaks.
    pub(crate) fn session(&self, actor: usize) -> usize {
        let lane = self.lane(actor);
        self.sessions.get(&lane).copied().unwrap_or(lane)
    }

    /// The connections that speak in this session, by their first actor.
    pub(crate) fn channels(&self, session: usize) -> BTreeSet<usize> {
        let lanes = (0..self.actors.len()).map(|actor| self.lane(actor));
        lanes.filter(|lane| self.session(*lane) == session && !self.gone.contains(lane)).collect()
    }

    /// Gives the connection of this actor a session that nobody had before.
    pub(crate) fn begin_session(&mut self, actor: usize) {
        let lane = self.lane(actor);
        self.sessions.insert(lane, self.actors.len() + self.calls.len());
    }

    /// Notes that the call to come takes all handles of the session.
    pub(crate) fn lose_handles(&mut self, session: usize) {
        let losing = CallIndex(self.calls.len());
        for handle in self.handles.values_mut().filter(|handle| handle.session == session) {
            handle.closed.get_or_insert(losing);
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
