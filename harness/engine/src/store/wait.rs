//! Calls that wait: how they start, wait, go on and are cancelled (MS-FSA 2.1.4.12.1
//! "Algorithm for Request Processing After an Oplock Breaks").

use oplock_model::{LeaseState, RuleId, Status};

use super::api::{CreateArgs, Indication, OpenId, StreamId, Ticket};
use super::keys::Caller;
use super::objects::Store;
use super::oplock::{WaitReason, Waiter};

/// A call that can wait; it is repeated as a whole when it is released.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Call {
    Create { args: CreateArgs, progress: Progress },
    Close { open: OpenId },
    Read { open: OpenId, offset: u64, length: u32 },
    Write { open: OpenId, offset: u64, length: u32 },
    QueryBasic { open: OpenId },
}

/// What a create remembers from one pass to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Progress {
    /// It met a Batch or Filter oplock that had to break before access and sharing were checked.
    pub batch_broken: bool,
    /// The same, and it goes on without waiting.
    pub batch_underway: bool,
    /// It took handle caching away to escape a sharing violation, which it does once.
    pub handle_broken: bool,
}

/// A call that waits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pending {
    /// What is repeated.
    pub call: Call,
    /// On whose wait list it is.
    pub stream: StreamId,
}

/// Why a pass of a call ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Halt {
    /// The call fails.
    Fail(Status),
    /// The call waits on that stream.
    Wait(StreamId, WaitReason),
}

impl Halt {
    /// The call waits for a break that takes these caching bits.
    pub fn for_break(stream: StreamId, needs: LeaseState) -> Halt {
        Halt::Wait(stream, WaitReason::Break(needs))
    }
}

impl Store {
    /// Starts a call, and what follows from it.
    pub(super) fn start(&mut self, ticket: Ticket, call: Call) {
        self.pass(ticket, call, true);
        self.settle();
    }

    /// Repeats the calls that were released, until none is left.
    pub(super) fn settle(&mut self) {
        while let Some(ticket) = self.effects.released.pop_front() {
            if let Some(pending) = self.pending.remove(&ticket) {
                self.effects.rule(RuleId::FsaReleaseRepeatsCheck);
                self.pass(ticket, pending.call, false);
            }
        }
    }

    /// Takes a waiting call back; false where none has that ticket. A close is not to be stopped.
    pub(super) fn cancel_waiting(&mut self, ticket: Ticket) -> bool {
        let Some(pending) = self.pending.get(&ticket) else { return false };
        if matches!(pending.call, Call::Close { .. }) {
            return true;
        }
        let stream = pending.stream;
        let Some(pending) = self.pending.remove(&ticket) else { return false };
        if let Some(stream) = self.streams.get_mut(&stream) {
            stream.oplock.wait_list.retain(|waiter| waiter.ticket != ticket);
        }
        self.effects.rule(RuleId::FsaCancelWaiter);
        self.end(ticket, &pending.call, Status::CANCELLED);
        true
    }

    /// The waiting calls that came through an open, which now closes.
    pub(super) fn waiting_through(&self, open: OpenId) -> Vec<Ticket> {
        self.pending
            .iter()
            .filter(|(_, pending)| match pending.call {
                Call::Read { open: through, .. } | Call::Write { open: through, .. } => {
                    through == open
                }
                Call::Create { .. } | Call::Close { .. } | Call::QueryBasic { .. } => false,
            })
            .map(|(ticket, _)| *ticket)
            .collect()
    }

    /// One pass of a call: it ends, or it waits.
    fn pass(&mut self, ticket: Ticket, mut call: Call, first: bool) {
        let caller = self.caller_of(&call);
        let result = match &mut call {
            Call::Create { args, progress } => self.create_pass(ticket, args, progress),
            Call::Close { open } => self.close_pass(ticket, *open, first),
            Call::Read { open, offset, length } => self.read_pass(ticket, *open, *offset, *length),
            Call::Write { open, offset, length } => {
                self.write_pass(ticket, *open, *offset, *length)
            }
            Call::QueryBasic { open } => self.query_basic_pass(ticket, *open),
        };
        match result {
            Ok(()) => {}
            Err(Halt::Fail(status)) => self.end(ticket, &call, status),
            Err(Halt::Wait(id, reason)) => {
                let Some(stream) = self.streams.get_mut(&id) else {
                    return self.end(ticket, &call, Status::CANCELLED);
                };
                stream.oplock.wait_list.push(Waiter { ticket, caller, reason });
                self.pending.insert(ticket, Pending { call, stream: id });
                if first {
                    self.effects.say(Indication::Waits { ticket });
                }
            }
        }
    }

    /// Says that a call ended without success.
    fn end(&mut self, ticket: Ticket, call: &Call, status: Status) {
        match call {
            Call::Create { progress, .. } => {
                self.effects.say(Indication::Created {
                    ticket,
                    status,
                    open: None,
                    action: progress.failed_action(status),
                });
            }
            Call::Close { .. }
            | Call::Read { .. }
            | Call::Write { .. }
            | Call::QueryBasic { .. } => self.effects.done(ticket, status),
        }
    }

    fn caller_of(&self, call: &Call) -> Caller {
        match call {
            Call::Create { args, .. } => {
                Caller { open: None, key: args.key, parent_key: args.parent_key }
            }
            Call::Close { open }
            | Call::Read { open, .. }
            | Call::Write { open, .. }
            | Call::QueryBasic { open } => self.caller(*open).unwrap_or_default(),
        }
    }
}
