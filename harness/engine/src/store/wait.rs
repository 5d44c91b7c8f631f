//! Calls that wait: how they start, wait, go on and are cancelled (MS-FSA 2.1.4.12.1
//! "Algorithm for Request Processing After an Oplock Breaks").

use oplock_model::{Control, LeaseState, LockRange, RuleId, SetInfo, Status};

use super::api::{CreateArgs, Indication, OpenId, StreamId, Ticket};
use super::keys::Caller;
use super::objects::Store;
use super::oplock::{WaitReason, Waiter};
use crate::coverage::StoreOperation;

/// A call that can wait; it is repeated as a whole when it is released.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Call {
    Create { args: Box<CreateArgs>, progress: Progress },
    Close { open: OpenId },
    Read { open: OpenId, offset: u64, length: u32 },
    Write { open: OpenId, offset: u64, length: u32 },
    Flush { open: OpenId },
    Lock { open: OpenId, range: LockRange, fail_immediately: bool },
    SetInfo { open: OpenId, info: Box<SetInfo>, progress: SetProgress },
    Control { open: OpenId, control: Box<Control>, source: Option<OpenId> },
    BreakNotify { open: OpenId },
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

/// What setting a name remembers from one pass to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct SetProgress {
    /// It took handle caching on the destination directory away, which it does once.
    pub directory_broken: bool,
    /// How many open files below a renamed directory had to be closed at the last pass.
    pub open_below: Option<usize>,
}

/// A call that waits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pending {
    /// What is repeated.
    pub call: Call,
    /// The stream that it waits on.
    pub stream: StreamId,
    /// It waits for a byte-range lock, not on the stream's wait list.
    pub for_lock: bool,
}

/// Why a pass of a call ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Halt {
    /// The call fails.
    Fail(Status),
    /// The call waits on that stream, for whom it has checked.
    Wait(StreamId, WaitReason, Caller),
    /// The call waits until a byte-range lock of that stream is gone.
    WaitForLock(StreamId),
}

impl Halt {
    /// The call waits for a break that takes these caching bits.
    pub fn for_break(stream: StreamId, needs: LeaseState, caller: &Caller) -> Halt {
        Halt::Wait(stream, WaitReason::Break(needs), *caller)
    }
}

impl Call {
    /// The open that the call came through, once there is one.
    pub fn through(&self) -> Option<OpenId> {
        match self {
            Call::Create { .. } => None,
            Call::Close { open }
            | Call::Read { open, .. }
            | Call::Write { open, .. }
            | Call::Flush { open }
            | Call::Lock { open, .. }
            | Call::SetInfo { open, .. }
            | Call::Control { open, .. }
            | Call::BreakNotify { open } => Some(*open),
        }
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
            if let Some(pending) = self.take_pending(ticket) {
                self.effects.rule(RuleId::FsaReleaseRepeatsCheck);
                self.pass(ticket, pending.call, false);
            }
        }
    }

    /// Takes a waiting call back; false where none has that ticket. A close is not to be stopped.
    pub(super) fn cancel_waiting(&mut self, ticket: Ticket, status: Status) -> bool {
        match self.pending.get(&ticket) {
            None => return false,
            Some(pending) if matches!(pending.call, Call::Close { .. }) => return true,
            Some(_) => {}
        }
        let Some(pending) = self.take_pending(ticket) else { return false };
        let caller = self.caller_of(&pending.call);
        if !pending.for_lock {
            self.note_on(pending.stream, StoreOperation::CancelWaiting, &caller);
        }
        if let Some(stream) = self.streams.get_mut(&pending.stream) {
            stream.oplock.wait_list.retain(|waiter| waiter.ticket != ticket);
            stream.locks.waiting.retain(|waiting| *waiting != ticket);
        }
        self.effects.rule(RuleId::FsaCancelWaiter);
        self.end(ticket, &pending.call, status);
        true
    }

    /// Ends the calls that wait through an open that closes.
    pub(super) fn end_waiting(&mut self, waiting: Vec<Ticket>) {
        for ticket in waiting {
            let for_lock = self.pending.get(&ticket).is_some_and(|pending| pending.for_lock);
            let status = if for_lock {
                self.effects.rule(RuleId::FsaLockWaiterHandleClosed);
                Status::RANGE_NOT_LOCKED
            } else {
                Status::CANCELLED
            };
            self.cancel_waiting(ticket, status);
        }
    }

    /// One pass of a call.
    fn pass(&mut self, ticket: Ticket, mut call: Call, first: bool) {
        let result = match &mut call {
            Call::Create { args, progress } => self.create_pass(ticket, args, progress),
            Call::Close { open } => self.close_pass(ticket, *open, first),
            Call::Read { open, offset, length } => self.read_pass(ticket, *open, *offset, *length),
            Call::Write { open, offset, length } => {
                self.write_pass(ticket, *open, *offset, *length)
            }
            Call::Flush { open } => self.flush_pass(ticket, *open),
            Call::BreakNotify { open } => self.break_notify_pass(ticket, *open, first),
            Call::Lock { open, range, fail_immediately } => {
                self.lock_pass(ticket, *open, *range, *fail_immediately)
            }
            Call::SetInfo { open, info, progress } => {
                self.set_info_pass(ticket, *open, info, progress)
            }
            Call::Control { open, control, source } => {
                self.control_pass(ticket, *open, control, *source)
            }
        };
        self.conclude(ticket, result, first, || call);
    }

    /// What a pass leads to: the call has ended, or it ends now, or it waits.
    pub(super) fn conclude(
        &mut self,
        ticket: Ticket,
        result: Result<(), Halt>,
        first: bool,
        call: impl FnOnce() -> Call,
    ) {
        let Err(halt) = result else { return };
        let call = call();
        let (id, waits) = match halt {
            Halt::Fail(status) => return self.end(ticket, &call, status),
            Halt::Wait(id, reason, caller) => (id, Some(Waiter { ticket, caller, reason })),
            Halt::WaitForLock(id) => (id, None),
        };
        let Some(stream) = self.streams.get_mut(&id) else {
            return self.end(ticket, &call, Status::CANCELLED);
        };
        let for_lock = waits.is_none();
        match waits {
            Some(waiter) => stream.oplock.wait_list.push(waiter),
            None => stream.locks.waiting.push(ticket),
        }
        self.put_pending(ticket, Pending { call, stream: id, for_lock }, first);
    }

    fn put_pending(&mut self, ticket: Ticket, pending: Pending, first: bool) {
        if let Some(open) = pending.call.through().and_then(|open| self.opens.get_mut(&open)) {
            open.waiting.push(ticket);
        }
        self.pending.insert(ticket, pending);
        if first {
            self.effects.say(Indication::Waits { ticket });
        }
    }

    fn take_pending(&mut self, ticket: Ticket) -> Option<Pending> {
        let pending = self.pending.remove(&ticket)?;
        if let Some(open) = pending.call.through().and_then(|open| self.opens.get_mut(&open)) {
            open.waiting.retain(|waiting| *waiting != ticket);
        }
        Some(pending)
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
            _ => self.effects.done(ticket, status),
        }
    }

    fn caller_of(&self, call: &Call) -> Caller {
        match call {
            Call::Create { args, .. } => {
                Caller { open: None, key: args.key, parent_key: args.parent_key }
            }
            // A close that waits still acts for its open.
            _ => {
                let open = call.through();
                let found = open.and_then(|open| self.opens.get(&open));
                let keys = found.map(|found| (found.key, found.parent_key));
                let (key, parent_key) = keys.unwrap_or_default();
                Caller { open, key, parent_key }
            }
        }
    }
}
