//! A history read with the names of its case: which call, handle, lease and lane an event belongs to.

use std::collections::BTreeMap;

use oplock_model::{
    Body, BreakNotice, CallId, ConnectionId, CreateAnswer, Event, FileId, Layer, LeaseKey,
    OplockLevel, Tick,
};
use oplock_suite::plan::{AckWhat, BreakTarget, Call, CallIndex, Cell, Open, Operation, Who};

use crate::history::{Entry, History, What};
use crate::names;

/// A history beside its plan.
#[derive(Clone, Debug)]
pub struct Trace<'a> {
    /// The plan.
    pub cell: &'a Cell,
    /// The record.
    pub history: &'a History,
    calls: BTreeMap<CallIndex, (usize, &'a Call)>,
    sent: BTreeMap<CallId, CallIndex>,
    steps: Vec<Option<usize>>,
    opened: Vec<Opened<'a>>,
}

/// An open that was answered with a handle.
#[derive(Clone, Copy, Debug)]
pub struct Opened<'a> {
    /// The entry of the answer.
    pub entry: usize,
    /// The call.
    pub call: &'a Call,
    /// What was asked.
    pub open: &'a Open,
    /// What was answered.
    pub answer: &'a CreateAnswer,
    /// On which connection.
    pub connection: ConnectionId,
}

/// What an event is about, and what an expectation waits for: equal subjects belong together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The answer to a call, and at the store the end of the request that it made.
    Call(CallIndex),
    /// A break of the oplock of a handle.
    Handle(String),
    /// A break of the lease of a key, held by a client.
    Lease {
        /// The name of the key.
        key: String,
        /// The client number.
        client: u32,
    },
    /// A break of something that the case never named.
    Stranger,
}

impl<'a> Trace<'a> {
    /// Reads the history.
    #[must_use]
    pub fn new(cell: &'a Cell, history: &'a History) -> Trace<'a> {
        let calls = names::calls(cell).map(|(step, call)| (call.index, (step, call))).collect();
        let mut trace = Trace {
            cell,
            history,
            calls,
            sent: BTreeMap::new(),
            steps: Vec::with_capacity(history.entries.len()),
            opened: Vec::new(),
        };
        let mut step = None;
        for (position, entry) in history.entries.iter().enumerate() {
            match &entry.what {
                What::Step(index) => step = Some(*index),
                What::Sent(sent) => trace.sent.extend(sent.iter().map(|(index, id)| (*id, *index))),
                What::Event(Event::Reply { call, status, body: Body::Create(answer) })
                    if cell.layer == Layer::Store || !status.is_error() =>
                {
                    trace.opened.extend(trace.opening(position, *call, answer));
                }
                _ => {}
            }
            trace.steps.push(step);
        }
        trace
    }

    /// The step that the entry belongs to; nothing before the first.
    #[must_use]
    pub fn step_of(&self, entry: usize) -> Option<usize> {
        self.steps.get(entry).copied().flatten()
    }

    /// The entries of one step with their positions.
    pub fn segment(&self, step: usize) -> impl Iterator<Item = (usize, &'a Entry)> {
        let entries = self.history.entries.iter().enumerate();
        entries.filter(move |(position, _)| self.step_of(*position) == Some(step))
    }

    /// The event at that entry.
    #[must_use]
    pub fn event(&self, entry: usize) -> Option<&'a Event> {
        match &self.history.entries.get(entry)?.what {
            What::Event(event) => Some(event),
            _ => None,
        }
    }

    /// When that entry was recorded.
    #[must_use]
    pub fn at(&self, entry: usize) -> Tick {
        self.history.entries.get(entry).map(|entry| entry.at).unwrap_or_default()
    }

    /// A call of the plan, with the step that makes it.
    #[must_use]
    pub fn call(&self, index: CallIndex) -> Option<(usize, &'a Call)> {
        self.calls.get(&index).copied()
    }

    /// The call of the plan that was sent under that id.
    #[must_use]
    pub fn sent_as(&self, id: CallId) -> Option<&'a Call> {
        self.call(*self.sent.get(&id)?).map(|(_, call)| call)
    }

    /// The id under which a call of the plan was sent.
    #[must_use]
    pub fn id_of(&self, index: CallIndex) -> Option<CallId> {
        self.sent.iter().find(|(_, sent)| **sent == index).map(|(id, _)| *id)
    }

    /// Whether the cell itself dropped that connection, and has not brought it back. What it drops
    /// while the call is on its way counts too.
    #[must_use]
    pub fn is_dropped(&self, connection: ConnectionId) -> bool {
        self.is_dropped_at(connection, self.history.entries.len())
    }

    /// The same, as it was before that entry.
    #[must_use]
    pub fn is_dropped_at(&self, connection: ConnectionId, entry: usize) -> bool {
        let sent = self.history.entries.iter().take(entry).rev().flat_map(|entry| {
            let sent: &[(CallIndex, CallId)] = match &entry.what {
                What::Sent(sent) => sent,
                _ => &[],
            };
            sent.iter().rev().filter_map(|(index, _)| self.call(*index))
        });
        let mut own = sent.filter(|(_, call)| self.connection(call.actor) == connection);
        // The entry itself may be the loss.
        let is_gone = |entry: &Entry| entry.what == What::Event(Event::Gone { connection });
        let gone = self.history.entries.iter().take(entry.saturating_add(1)).any(is_gone);
        let last = own.find_map(|(_, call)| match call.operation {
            Operation::Disconnect => Some(true),
            Operation::Connect => Some(false),
            // What a connection without session or tree is good for, its server says: smbd looks once a minute and closes it.
            Operation::LogOff | Operation::TreeDisconnect if gone => Some(true),
            _ => None,
        });
        last.unwrap_or(false)
    }

    /// The newest loss of a connection before that entry: the durable timer counts from it.
    #[must_use]
    pub fn lost_before(&self, entry: usize) -> Option<usize> {
        let gone = |entry: &usize| matches!(self.event(*entry), Some(Event::Gone { .. }));
        (0..entry).rev().find(gone)
    }

    /// Whether the call was sent.
    #[must_use]
    pub fn was_sent(&self, index: CallIndex) -> bool {
        self.sent.values().any(|sent| *sent == index)
    }

    /// The newest open under that name.
    #[must_use]
    pub fn opened_as(&self, handle: &str) -> Option<&Opened<'a>> {
        self.opened.iter().rev().find(|opened| opened.open.handle == handle)
    }

    /// The open that a FileId names at that entry. Two connections may use one FileId, so the
    /// own connection goes first; a server may hand a FileId out again, so the newest goes first.
    #[must_use]
    pub fn opened_by_file(
        &self,
        file: FileId,
        connection: Option<ConnectionId>,
        entry: usize,
    ) -> Option<&Opened<'a>> {
        let of_file = || self.opened.iter().filter(move |opened| opened.answer.file == file);
        let own = |opened: &&Opened<'a>| connection.is_none_or(|own| own == opened.connection);
        of_file()
            .rfind(|opened| own(opened) && opened.entry < entry)
            .or_else(|| of_file().find(own))
            .or_else(|| of_file().next())
    }

    /// The name of a lease key; nothing for a key that was never drawn.
    #[must_use]
    pub fn key_name(&self, key: LeaseKey) -> Option<&'a str> {
        self.history.keys.iter().find(|(_, drawn)| **drawn == key).map(|(name, _)| name.as_str())
    }

    /// The connection of an actor.
    #[must_use]
    pub fn connection(&self, actor: usize) -> ConnectionId {
        self.history.connections.get(actor).copied().unwrap_or_default()
    }

    /// The name of an actor.
    #[must_use]
    pub fn actor_name(&self, actor: usize) -> &'a str {
        self.cell.actors.get(actor).map_or("?", |plan| plan.name.as_str())
    }

    /// The first actor on a connection.
    #[must_use]
    pub fn actor_on(&self, connection: ConnectionId) -> Option<usize> {
        self.history.connections.iter().position(|own| *own == connection)
    }

    /// The lane in which the events of this actor are ordered: at the store its own, else that
    /// of its connection.
    #[must_use]
    pub fn lane(&self, actor: usize) -> usize {
        match self.cell.layer {
            Layer::Store => actor,
            Layer::Smb2 => self.actor_on(self.connection(actor)).unwrap_or(actor),
        }
    }

    /// What the event at that entry is about; nothing for an interim, a loss or a finding.
    #[must_use]
    pub fn subject(&self, entry: usize) -> Option<Subject> {
        match self.event(entry)? {
            Event::Reply { call, .. } | Event::Completed { call, .. } => {
                self.sent.get(call).copied().map(Subject::Call)
            }
            Event::Break(notice) => Some(self.broken(notice, entry)),
            Event::Interim { .. } | Event::Gone { .. } | Event::Finding(_) => None,
        }
    }

    /// What a notice breaks.
    #[must_use]
    pub fn broken(&self, notice: &BreakNotice, entry: usize) -> Subject {
        match notice {
            BreakNotice::Oplock { file, .. } | BreakNotice::Request { file, .. } => {
                match self.opened_by_file(*file, connection_of(notice), entry) {
                    Some(opened) => Subject::Handle(opened.open.handle.clone()),
                    None => Subject::Stranger,
                }
            }
            BreakNotice::Lease { connection, key, .. } => {
                match (self.key_name(*key), self.client_on(*connection)) {
                    (Some(key), Some(client)) => Subject::Lease { key: key.to_owned(), client },
                    _ => Subject::Stranger,
                }
            }
        }
    }

    /// The actor that an event speaks to: the caller, or who opened what is broken, or the first
    /// on the connection.
    #[must_use]
    pub fn actor_of(&self, entry: usize) -> Option<usize> {
        match self.event(entry)? {
            Event::Reply { call, .. } | Event::Interim { call } | Event::Completed { call, .. } => {
                self.sent_as(*call).map(|call| call.actor)
            }
            Event::Break(notice) => self.told(notice, entry),
            Event::Gone { connection } => self.actor_on(*connection),
            Event::Finding(finding) => {
                finding.connection.and_then(|connection| self.actor_on(connection))
            }
        }
    }

    fn told(&self, notice: &BreakNotice, entry: usize) -> Option<usize> {
        match notice {
            BreakNotice::Oplock { connection, file, .. } => {
                let holder = self.opened_by_file(*file, Some(*connection), entry);
                holder
                    .filter(|opened| opened.connection == *connection)
                    .map(|opened| opened.call.actor)
                    .or_else(|| self.actor_on(*connection))
            }
            BreakNotice::Lease { connection, key, .. } => {
                let holder = self.opened.iter().find(|opened| {
                    opened.connection == *connection
                        && opened.answer.lease.is_some_and(|lease| lease.key == *key)
                });
                holder.map(|opened| opened.call.actor).or_else(|| self.actor_on(*connection))
            }
            BreakNotice::Request { call, file, .. } => {
                let caller = self.sent_as(*call).map(|call| call.actor);
                caller.or_else(|| Some(self.opened_by_file(*file, None, entry)?.call.actor))
            }
        }
    }

    fn client_on(&self, connection: ConnectionId) -> Option<u32> {
        self.cell.actors.get(self.actor_on(connection)?).map(|actor| actor.client)
    }

    /// The subject that an expected break has.
    #[must_use]
    pub fn expected_break(cell: &Cell, who: Who, target: &BreakTarget) -> Subject {
        match target {
            BreakTarget::Handle(handle) => Subject::Handle(handle.clone()),
            BreakTarget::Key(key) => {
                let client = match who {
                    Who::Client(client) => client,
                    Who::Actor(actor) => {
                        cell.actors.get(actor).map_or(u32::MAX, |actor| actor.client)
                    }
                };
                Subject::Lease { key: key.clone(), client }
            }
        }
    }

    /// The legacy level that a handle held before that entry, as far as its holder was told.
    #[must_use]
    pub fn level_before(&self, opened: &Opened<'_>, entry: usize) -> OplockLevel {
        let mut level = opened.answer.level;
        for position in opened.entry..entry {
            match self.event(position) {
                Some(Event::Break(BreakNotice::Oplock { file, level: left, connection }))
                    if self
                        .opened_by_file(*file, Some(*connection), position)
                        .is_some_and(|of| of.entry == opened.entry) =>
                {
                    level = *left;
                }
                _ => {}
            }
        }
        level
    }

    /// Whether the break at that entry asks its holder for an acknowledgement. An oplock notice
    /// does not say so: level II needs none (MS-SMB2 3.2.5.19.1 "Receiving an Oplock Break
    /// Notification").
    #[must_use]
    pub fn owes_ack(&self, entry: usize) -> bool {
        let Some(Event::Break(notice)) = self.event(entry) else { return false };
        match notice {
            BreakNotice::Oplock { connection, file, .. } => {
                let holder = self.opened_by_file(*file, Some(*connection), entry);
                holder.is_none_or(|opened| self.level_before(opened, entry) != OplockLevel::II)
            }
            BreakNotice::Lease { flags, .. } => flags & BreakNotice::ACK_REQUIRED != 0,
            BreakNotice::Request { ack_required, .. } => *ack_required,
        }
    }

    /// The break at or before `until` that was last told with an acknowledgement owed, and not
    /// acknowledged since: the one from which a break timer counts.
    #[must_use]
    pub fn unacknowledged(&self, until: usize) -> Option<usize> {
        (0..until).rev().find(|entry| self.owes_ack(*entry) && !self.acked(*entry, until))
    }

    /// When the last call before this entry was sent: the server had no cause for it earlier.
    #[must_use]
    pub fn sent_before(&self, entry: usize) -> Option<Tick> {
        let sent = |at: &usize| {
            let what = self.history.entries.get(*at).map(|entry| &entry.what);
            matches!(what, Some(What::Sent(_) | What::SentAsTold(_)))
        };
        (0..entry).rev().find(sent).map(|at| self.at(at))
    }

    fn acked(&self, notice: usize, until: usize) -> bool {
        let subject = self.subject(notice);
        let entries = self.history.entries.iter().take(until).skip(notice);
        let mut calls = entries.filter_map(|entry| match &entry.what {
            What::Sent(sent) => Some(sent.iter().filter_map(|(index, _)| self.call(*index))),
            _ => None,
        });
        calls.any(|mut sent| {
            sent.any(|(_, call)| match (&call.operation, &subject) {
                (Operation::Ack(ack), Some(Subject::Handle(broken))) => match &ack.what {
                    AckWhat::Oplock { handle, .. } | AckWhat::Store { handle, .. } => {
                        handle == broken
                    }
                    AckWhat::Lease { .. } => false,
                },
                (Operation::Ack(ack), Some(Subject::Lease { key: broken, .. })) => {
                    matches!(&ack.what, AckWhat::Lease { key, .. } if key == broken)
                }
                _ => false,
            })
        })
    }
}

/// The connection that a notice came on; at the store there is none.
#[must_use]
pub fn connection_of(notice: &BreakNotice) -> Option<ConnectionId> {
    match notice {
        BreakNotice::Oplock { connection, .. } | BreakNotice::Lease { connection, .. } => {
            Some(*connection)
        }
        BreakNotice::Request { .. } => None,
    }
}

impl<'a> Trace<'a> {
    fn opening(&self, entry: usize, id: CallId, answer: &'a CreateAnswer) -> Option<Opened<'a>> {
        let call = self.sent_as(id)?;
        let Operation::Open(open) = &call.operation else { return None };
        Some(Opened { entry, call, open, answer, connection: self.connection(call.actor) })
    }
}
