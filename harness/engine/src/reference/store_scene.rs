//! A cell at the object store.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use oplock_model::{
    Actor, Body, BreakNotice, CallId, Control, CreateAnswer, CreateOp, Event, FileId, GridSet,
    LockRange, Op, OplockLevel, RuleSet, Scene, Setup, Stamped, Status, StoreRequest, TargetFault,
    Tick, Wanted,
};

use super::{broken, not_added};
use crate::choices::Choices;
use crate::store::{CreateArgs, Indication, OpenId, Store, Ticket};

/// A store of its own for one cell, and what it has said.
#[derive(Clone, Debug)]
pub(super) struct StoreScene {
    store: Store,
    now: Tick,
    calls: u64,
    actors: usize,
    /// Creates on their way, with the request that follows each.
    creates: BTreeMap<CallId, Option<StoreRequest>>,
    /// Creates whose request is being made.
    opened: BTreeMap<CallId, CreateAnswer>,
    /// Reads and writes on their way: their answers carry a count.
    transfers: BTreeSet<CallId>,
    /// Locks and unlocks of several ranges on their way.
    ranges: BTreeMap<CallId, Ranges>,
    opens: BTreeSet<OpenId>,
    events: VecDeque<Stamped<Event>>,
}

/// A lock or unlock of several ranges: a call of its own for each, in order, until one fails.
#[derive(Clone, Debug)]
struct Ranges {
    open: OpenId,
    left: VecDeque<LockRange>,
    /// How many were made.
    made: u64,
    wanted: Ranged,
}

/// What is done to each range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ranged {
    Lock { fail_immediately: bool },
    Unlock,
}

impl Ranges {
    fn new(open: OpenId, ranges: &[LockRange], wanted: Ranged) -> Ranges {
        Ranges { open, left: ranges.iter().copied().collect(), made: 0, wanted }
    }
}

impl StoreScene {
    pub(super) fn new(choices: Choices, setup: &Setup) -> Result<StoreScene, TargetFault> {
        let mut store = Store::new(choices);
        for file in &setup.files {
            store.add(file).map_err(|error| not_added(file, error))?;
        }
        Ok(StoreScene {
            store,
            now: Tick::default(),
            calls: 0,
            actors: setup.actors.len(),
            creates: BTreeMap::new(),
            opened: BTreeMap::new(),
            transfers: BTreeSet::new(),
            ranges: BTreeMap::new(),
            opens: BTreeSet::new(),
            events: VecDeque::new(),
        })
    }

    fn tell(&mut self, value: Event) {
        self.events.push_back(Stamped { at: self.now, value });
    }

    fn reply(&mut self, call: CallId, status: Status, body: Body) {
        self.tell(Event::Reply { call, status, body });
    }

    /// Makes one call into the store, or the first of several.
    fn start(&mut self, call: CallId, op: &Op, related: &mut FileId) {
        match op {
            Op::Create(create) => self.create(call, create),
            Op::Fence => self.reply(call, Status::SUCCESS, Body::Empty),
            Op::Cancel { call } => self.cancel(*call),
            Op::OplockAck { .. } => self.reply(call, Status::INVALID_DEVICE_REQUEST, Body::Empty),
            _ => match op.file() {
                None => self.reply(call, Status::INVALID_DEVICE_REQUEST, Body::Empty),
                Some(file) => {
                    let file = if file == FileId::RELATED { *related } else { file };
                    *related = file;
                    match self.known(file) {
                        Some(open) => self.operate(call, op, open),
                        None => self.reply(call, Status::FILE_CLOSED, Body::Empty),
                    }
                }
            },
        }
    }

    /// An operation on an open.
    fn operate(&mut self, call: CallId, op: &Op, open: OpenId) {
        let ticket = first_ticket(call);
        match op {
            Op::Close { .. } => {
                self.opens.remove(&open);
                self.store.close(ticket, open);
            }
            Op::Read { offset, length, .. } => {
                self.transfers.insert(call);
                self.store.read(ticket, open, *offset, *length);
            }
            Op::Write { offset, length, .. } => {
                self.transfers.insert(call);
                self.store.write(ticket, open, *offset, *length);
            }
            Op::Flush { .. } => self.store.flush(ticket, open),
            Op::Lock { ranges, fail_immediately, .. } => {
                let wanted = Ranged::Lock { fail_immediately: *fail_immediately };
                self.next_range(call, Ranges::new(open, ranges, wanted));
            }
            Op::Unlock { ranges, .. } => {
                self.next_range(call, Ranges::new(open, ranges, Ranged::Unlock));
            }
            Op::Query { info, .. } => self.store.query(ticket, open, *info),
            Op::QueryDirectory { .. } => self.store.query_directory(ticket, open),
            Op::Set { info, .. } => self.store.set_info(ticket, open, info),
            Op::Control { control, .. } => {
                let source = source(control).and_then(|file| self.known(file));
                self.store.control(ticket, open, control, source);
            }
            Op::Request { request, .. } => self.store.request(ticket, open, *request),
            Op::Ack { form, .. } => self.store.ack(ticket, open, *form),
            Op::BreakNotify { .. } => self.store.break_notify(ticket, open),
            Op::MapSection { writable, .. } => self.store.map_section(ticket, open, *writable),
            _ => self.store.unmap_section(ticket, open),
        }
    }

    /// The open that a file id names, while it is open.
    fn known(&self, file: FileId) -> Option<OpenId> {
        let open = u32::try_from(file.volatile).map(OpenId).ok()?;
        (file_id(open) == file && self.opens.contains(&open)).then_some(open)
    }

    /// Cancels whatever of a call is left: what waits, or the request that it made.
    fn cancel(&mut self, call: CallId) {
        let latest = self.ranges.get(&call).map_or(1, |ranges| ranges.made);
        for ticket in [first_ticket(call), ticket(call, latest)] {
            self.store.cancel(ticket);
        }
    }

    /// Makes the next of a call's several locks or unlocks; with none left it has succeeded.
    fn next_range(&mut self, call: CallId, mut ranges: Ranges) {
        let Some(range) = ranges.left.pop_front() else {
            return self.reply(call, Status::SUCCESS, Body::Empty);
        };
        ranges.made += 1;
        let (ticket, open, wanted) = (ticket(call, ranges.made), ranges.open, ranges.wanted);
        self.ranges.insert(call, ranges);
        match wanted {
            Ranged::Lock { fail_immediately } => {
                self.store.lock(ticket, open, range, fail_immediately);
            }
            Ranged::Unlock => self.store.unlock(ticket, open, range),
        }
    }

    /// A call ended that says no more than how.
    fn done(&mut self, call: CallId, status: Status, count: u32) {
        if let Some(ranges) = self.ranges.remove(&call)
            && !status.is_error()
        {
            return self.next_range(call, ranges);
        }
        let is_transfer = self.transfers.remove(&call) && !status.is_error();
        let body = match self.opened.remove(&call) {
            Some(create) => Body::Create(create),
            None if is_transfer => Body::Count(count),
            None => Body::Empty,
        };
        self.reply(call, status, body);
    }

    fn create(&mut self, call: CallId, op: &CreateOp) {
        let follows = match op.wanted {
            Wanted::Request(request) => Some(request),
            _ => None,
        };
        self.creates.insert(call, follows);
        let args = CreateArgs {
            path: op.path.clone(),
            access: op.access,
            share: op.share,
            disposition: op.disposition,
            options: op.options,
            allocation: op.allocation,
            key: op.key,
            parent_key: op.parent_key,
        };
        self.store.create(first_ticket(call), &args);
    }

    fn collect(&mut self) -> Result<(), TargetFault> {
        while let Some(indication) = self.store.poll() {
            self.indicated(indication);
        }
        if cfg!(debug_assertions) {
            self.store.check_invariants().map_err(broken)?;
        }
        Ok(())
    }

    fn indicated(&mut self, indication: Indication) {
        match indication {
            Indication::Created { ticket, status, open, action } => {
                self.created(call_of(ticket), status, open, action);
            }
            Indication::Done { ticket, status, count } => {
                self.done(call_of(ticket), status, count);
            }
            Indication::Returned { ticket, status, answer } => {
                let call = call_of(ticket);
                let body = match self.opened.remove(&call) {
                    Some(create) => Body::Create(create),
                    None => answer.map_or(Body::Empty, Body::Ack),
                };
                self.reply(call, status, body);
            }
            // At the store a call that waits has no answer until it ends.
            Indication::Waits { .. } => {}
            Indication::Broken {
                ticket,
                open,
                status,
                from,
                to,
                ack_required,
                information,
                modes,
            } => self.tell(Event::Break(BreakNotice::Request {
                call: call_of(ticket),
                file: file_id(open),
                status,
                from,
                to,
                ack_required,
                information,
                modes,
            })),
            Indication::Completed { ticket, status, to, information } => {
                self.tell(Event::Completed { call: call_of(ticket), status, to, information });
            }
        }
    }

    fn created(&mut self, call: CallId, status: Status, open: Option<OpenId>, action: u32) {
        let follows = self.creates.remove(&call).flatten();
        let Some(open) = open else {
            // IoStatus.Information of a failed create says at most that a break is underway.
            let answer = CreateAnswer { action, ..CreateAnswer::default() };
            let body = if action == 0 { Body::Empty } else { Body::Create(answer) };
            return self.reply(call, status, body);
        };
        self.opens.insert(open);
        let file = file_id(open);
        let answer =
            CreateAnswer { file, level: OplockLevel::NONE, lease: None, action, durable: None };
        match follows {
            None => self.reply(call, status, Body::Create(answer)),
            Some(request) => {
                self.opened.insert(call, answer);
                self.store.request(ticket(call, 1), open, request);
            }
        }
    }
}

impl Scene for StoreScene {
    fn submit(&mut self, from: Actor, ops: &[Op]) -> Result<Vec<CallId>, TargetFault> {
        if usize::from(from.0) >= self.actors {
            return Err(TargetFault::Internal(format!("no actor {}", from.0)));
        }
        let is_wire = |op: &Op| {
            matches!(op, Op::Create(create)
                if matches!(create.wanted, Wanted::Oplock(_) | Wanted::Lease(_)))
        };
        if ops.iter().any(is_wire) {
            return Err(TargetFault::Unsupported("smb2 words in an open at the store".to_owned()));
        }
        let mut related = FileId::RELATED;
        let mut ids = Vec::with_capacity(ops.len());
        for op in ops {
            let call = CallId(self.calls);
            self.calls = self.calls.saturating_add(1);
            self.start(call, op, &mut related);
            self.collect()?;
            if let Some(file) = self.events.iter().rev().find_map(|event| answered(event, call)) {
                related = file;
            }
            ids.push(call);
        }
        Ok(ids)
    }

    fn next_event(&mut self, until: Tick) -> Result<Option<Stamped<Event>>, TargetFault> {
        let event = self.events.pop_front();
        if event.is_none() {
            // The store has no timers: nothing can come of itself.
            self.now = self.now.max(until);
        }
        Ok(event)
    }

    fn now(&self) -> Tick {
        self.now
    }

    fn rules(&self) -> RuleSet {
        self.store.fired()
    }

    fn cells(&self) -> GridSet {
        self.store.cells().clone()
    }

    fn end(mut self: Box<Self>) -> Result<Vec<Stamped<Event>>, TargetFault> {
        // What closing sets off belongs to no step, so it is not part of what came late.
        let late = std::mem::take(&mut self.events);
        while let Some(open) = self.opens.pop_first() {
            let call = CallId(self.calls);
            self.calls = self.calls.saturating_add(1);
            self.store.close(first_ticket(call), open);
            self.collect()?;
        }
        self.store.check_invariants().map_err(broken)?;
        Ok(late.into())
    }
}

/// The open that a control copies from.
fn source(control: &Control) -> Option<FileId> {
    match control {
        Control::CopyChunk { source, .. } | Control::DuplicateExtents { source, .. } => {
            Some(*source)
        }
        _ => None,
    }
}

/// How many store calls one call may make: a create and its request, or a lock of each of its ranges.
const TICKETS: u64 = 1 << 20;

/// The name of the n-th store call that a call makes.
fn ticket(call: CallId, n: u64) -> Ticket {
    Ticket(call.0.saturating_mul(TICKETS).saturating_add(n % TICKETS))
}

fn first_ticket(call: CallId) -> Ticket {
    ticket(call, 0)
}

fn call_of(ticket: Ticket) -> CallId {
    CallId(ticket.0 / TICKETS)
}

fn file_id(open: OpenId) -> FileId {
    let half = u64::from(open.0);
    FileId { persistent: half, volatile: half }
}

/// The open that the create of this call has made.
fn answered(event: &Stamped<Event>, of: CallId) -> Option<FileId> {
    match &event.value {
        Event::Reply { call, body: Body::Create(answer), .. } if *call == of => Some(answer.file),
        _ => None,
    }
}
