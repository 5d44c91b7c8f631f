//! The calls into the store.

use oplock_model::{
    Access, AckForm, Control, CreateOptions, LockRange, QueryInfo, SetInfo, Share, Status,
    StoreRequest,
};

use super::api::{CreateArgs, Indication, OpenId, Ticket};
use super::objects::{Open, Store};
use super::oplock::Oplock;
use super::section::Section;
use super::wait::{Call, Halt, Progress, SetProgress};

impl Store {
    /// Opens a file, stream or directory; ends with [`Indication::Created`] (MS-FSA 2.1.5.1 "Server Requests an Open of a File").
    pub fn create(&mut self, ticket: Ticket, args: &CreateArgs) {
        let mut progress = Progress::default();
        let result = self.create_pass(ticket, args, &mut progress);
        let call = || Call::Create { args: Box::new(args.clone()), progress };
        self.conclude(ticket, result, true, call);
        self.settle();
    }

    /// Closes an open; ends with [`Indication::Done`] (MS-FSA 2.1.5.5 "Server Requests Closing an Open").
    pub fn close(&mut self, ticket: Ticket, open: OpenId) {
        self.start(ticket, Call::Close { open });
    }

    /// Reads `length` bytes at `offset`; ends with [`Indication::Done`] (MS-FSA 2.1.5.3 "Server Requests a Read").
    pub fn read(&mut self, ticket: Ticket, open: OpenId, offset: u64, length: u32) {
        self.start(ticket, Call::Read { open, offset, length });
    }

    /// Writes `length` bytes at `offset`; ends with [`Indication::Done`] (MS-FSA 2.1.5.4 "Server Requests a Write").
    pub fn write(&mut self, ticket: Ticket, open: OpenId, offset: u64, length: u32) {
        self.start(ticket, Call::Write { open, offset, length });
    }

    /// Flushes what is cached; ends with [`Indication::Done`] (MS-FSA 2.1.5.7 "Server Requests Flushing Cached Data").
    pub fn flush(&mut self, ticket: Ticket, open: OpenId) {
        self.start(ticket, Call::Flush { open });
    }

    /// Locks a byte range, and waits where another lock is in the way, unless it shall fail at once; ends with
    /// [`Indication::Done`] (MS-FSA 2.1.5.8 "Server Requests a Byte-Range Lock").
    pub fn lock(&mut self, ticket: Ticket, open: OpenId, range: LockRange, fail_immediately: bool) {
        self.start(ticket, Call::Lock { open, range, fail_immediately });
    }

    /// Unlocks a byte range that was locked just so; ends with [`Indication::Done`]
    /// (MS-FSA 2.1.5.9 "Server Requests an Unlock of a Byte-Range").
    pub fn unlock(&mut self, ticket: Ticket, open: OpenId, range: LockRange) {
        let result = self.unlock_range(open, range);
        self.finish(ticket, result);
    }

    /// Asks for information; ends with [`Indication::Done`] (MS-FSA 2.1.5.12 "Server Requests a Query of File Information").
    pub fn query(&mut self, ticket: Ticket, open: OpenId, info: QueryInfo) {
        let result = self.query_info(open, info);
        self.finish(ticket, result);
    }

    /// Lists a directory; ends with [`Indication::Done`] (MS-FSA 2.1.5.6 "Server Requests Querying a Directory").
    pub fn query_directory(&mut self, ticket: Ticket, open: OpenId) {
        let result = self.list(open);
        self.finish(ticket, result);
    }

    /// Sets information; ends with [`Indication::Done`] (MS-FSA 2.1.5.15 "Server Requests Setting of File Information",
    /// 2.1.5.17 "Server Requests Setting of Security Information").
    pub fn set_info(&mut self, ticket: Ticket, open: OpenId, info: &SetInfo) {
        let mut progress = SetProgress::default();
        let result = self.set_info_pass(ticket, open, info, &mut progress);
        let call = || Call::SetInfo { open, info: Box::new(info.clone()), progress };
        self.conclude(ticket, result, true, call);
        self.settle();
    }

    /// Sends a file system control; `source` is the open that a copy reads from. Ends with [`Indication::Done`]
    /// (MS-FSA 2.1.5.10 "Server Requests an FsControl Request").
    pub fn control(
        &mut self,
        ticket: Ticket,
        open: OpenId,
        control: &Control,
        source: Option<OpenId>,
    ) {
        let result = self.control_pass(ticket, open, control, source);
        let call = || Call::Control { open, control: Box::new(control.clone()), source };
        self.conclude(ticket, result, true, call);
        self.settle();
    }

    /// Maps a section of the stream, which stays until it is unmapped or the open closes; ends with [`Indication::Done`]
    /// (WDK "FS_FILTER_ACQUIRE_FOR_SECTION_SYNCHRONIZATION").
    pub fn map_section(&mut self, ticket: Ticket, open: OpenId, writable: bool) {
        let result = self.map(open, writable);
        self.finish(ticket, result);
    }

    /// Unmaps the sections of an open; ends with [`Indication::Done`].
    pub fn unmap_section(&mut self, ticket: Ticket, open: OpenId) {
        let result = self.unmap(open);
        self.finish(ticket, result);
    }

    /// Asks for an oplock; ends with [`Indication::Returned`] (MS-FSA 2.1.5.18 "Server Requests an Oplock").
    pub fn request(&mut self, ticket: Ticket, open: OpenId, request: StoreRequest) {
        self.ask(ticket, open, request);
        self.note_granted(ticket, open);
        self.settle();
    }

    /// Acknowledges a break; ends with [`Indication::Returned`] (MS-FSA 2.1.5.19 "Server Acknowledges an Oplock Break").
    pub fn ack(&mut self, ticket: Ticket, open: OpenId, form: AckForm) {
        self.acknowledge(ticket, open, form);
        self.note_granted(ticket, open);
        self.settle();
    }

    /// Cancels a waiting call or a granted request; one that is over already is none (MS-FSA 2.1.5.20 "Server Requests Canceling an Operation").
    pub fn cancel(&mut self, ticket: Ticket) {
        let status = self.status_of_cancelled(ticket);
        if !self.cancel_waiting(ticket, status)
            && let Some(stream) = self.effects.granted.get(&ticket).copied()
            && let Some(stream) = self.streams.get_mut(&stream)
        {
            stream.oplock.cancel_request(ticket, &mut self.effects);
        }
        self.settle();
    }

    /// A further open of the same stream with the same keys, attribute access and full sharing: the server's internal open,
    /// which checks and breaks nothing. Nothing for an open that does not exist.
    pub fn open_again(&mut self, open: OpenId) -> Option<OpenId> {
        let original = self.opens.get(&open)?;
        let again = Open {
            access: Access::ATTRIBUTES,
            share: Share::ALL,
            options: CreateOptions::default(),
            wrote: false,
            section: Section::default(),
            closing: false,
            waiting: Vec::new(),
            ..original.clone()
        };
        Some(self.insert_open(again))
    }

    /// Lets the server's internal open act with the parent key of another open, on whose behalf it will close.
    pub fn take_parent_key(&mut self, internal: OpenId, from: OpenId) {
        let parent_key = self.opens.get(&from).map(|open| open.parent_key);
        if let (Some(parent_key), Some(open)) = (parent_key, self.opens.get_mut(&internal)) {
            open.parent_key = parent_key;
        }
    }

    /// The next indication, oldest first.
    pub fn poll(&mut self) -> Option<Indication> {
        self.effects.out.pop_front()
    }

    /// Notes where a granted request is, so that it can be cancelled.
    fn note_granted(&mut self, ticket: Ticket, open: OpenId) {
        let Some(id) = self.stream_of(open) else { return };
        if self.streams.get(&id).is_some_and(|stream| stream.oplock.is_granted(ticket)) {
            self.effects.granted.insert(ticket, id);
        }
    }

    /// Says how a call ended that never waits, and lets others go on.
    fn finish(&mut self, ticket: Ticket, result: Result<(), Status>) {
        self.effects.done(ticket, result.err().unwrap_or(Status::SUCCESS));
        self.settle();
    }
}

impl From<Status> for Halt {
    fn from(status: Status) -> Halt {
        Halt::Fail(status)
    }
}

impl From<Halt> for Status {
    /// What a call that never waits ends with.
    fn from(halt: Halt) -> Status {
        match halt {
            Halt::Fail(status) => status,
            Halt::Wait(..) | Halt::WaitForLock(_) => Status::PENDING,
        }
    }
}

impl Oplock {
    /// Whether that call made a request that is granted and pends; the latest are looked at first.
    fn is_granted(&self, ticket: Ticket) -> bool {
        let exclusive = self.exclusive.as_ref().filter(|held| held.breaking.is_none());
        exclusive.is_some_and(|held| held.holder.ticket == ticket)
            || [&self.level_two, &self.read, &self.read_handle]
                .into_iter()
                .any(|list| list.iter().rev().any(|holder| holder.ticket == ticket))
    }
}
