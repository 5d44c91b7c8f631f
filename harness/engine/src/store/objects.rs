//! The store itself: what it consists of, and the calls into it.

use std::collections::BTreeMap;

use oplock_model::{
    Access, AckForm, CreateOptions, LeaseKey, Level, RuleSet, Share, Status, StoreRequest,
};

use super::ack::Ack;
use super::api::{CreateArgs, Indication, OpenId, StreamId, Ticket};
use super::effects::Effects;
use super::files::File;
use super::keys::{Caller, keys_match};
use super::oplock::{Holder, Oplock};
use super::request::RequestFacts;
use super::wait::{Call, Pending, Progress};
use crate::choices::{AttributeOpen, Choices};

/// A stream and its oplock (MS-FSA 2.1.1.5 "Per Stream").
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Stream {
    /// The file that it belongs to, by its folded path.
    pub file: String,
    /// Its own name, empty for the primary stream.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Marked for deletion, as a named stream by itself.
    pub deleted: bool,
    /// Who holds what.
    pub oplock: Oplock,
}

/// An open (MS-FSA 2.1.1.6 "Per Open").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Open {
    /// What it opens.
    pub stream: StreamId,
    /// Granted access.
    pub access: Access,
    /// Share mode.
    pub share: Share,
    /// Create options.
    pub options: CreateOptions,
    /// TargetOplockKey.
    pub key: Option<LeaseKey>,
    /// ParentOplockKey.
    pub parent_key: Option<LeaseKey>,
    /// Data was written through it.
    pub wrote: bool,
    /// Its close waits for a break.
    pub closing: bool,
}

/// The object store of MS-FSA: files, streams, opens, oplocks, and the calls that wait.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Store {
    pub(super) choices: Choices,
    /// By folded path; the root directory is the empty path.
    pub(super) files: BTreeMap<String, File>,
    pub(super) streams: BTreeMap<StreamId, Stream>,
    pub(super) opens: BTreeMap<OpenId, Open>,
    /// Calls that wait, by ticket.
    pub(super) pending: BTreeMap<Ticket, Pending>,
    pub(super) effects: Effects,
    last_open: u32,
    last_stream: u32,
}

impl Store {
    /// A store with nothing but a root directory.
    #[must_use]
    pub fn new(choices: Choices) -> Store {
        let mut store = Store {
            choices,
            files: BTreeMap::new(),
            streams: BTreeMap::new(),
            opens: BTreeMap::new(),
            pending: BTreeMap::new(),
            effects: Effects::default(),
            last_open: 0,
            last_stream: 0,
        };
        store.insert_file(String::new(), true);
        store
    }

    /// Opens a file, stream or directory; ends with [`Indication::Created`] (MS-FSA 2.1.5.1 "Server Requests an Open of a File").
    pub fn create(&mut self, ticket: Ticket, args: &CreateArgs) {
        let call = Call::Create { args: args.clone(), progress: Progress::default() };
        self.start(ticket, call);
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

    /// Asks for FileBasicInformation; ends with [`Indication::Done`] (MS-FSA 2.1.5.12 "Server Requests a Query of File Information").
    pub fn query_basic(&mut self, ticket: Ticket, open: OpenId) {
        self.start(ticket, Call::QueryBasic { open });
    }

    /// Asks for an oplock; ends with [`Indication::Returned`] (MS-FSA 2.1.5.18 "Server Requests an Oplock").
    pub fn request(&mut self, ticket: Ticket, open: OpenId, request: StoreRequest) {
        let Some((holder, facts)) = self.request_facts(ticket, open) else {
            return self.effects.returned(ticket, Status::FILE_CLOSED);
        };
        let choices = self.choices;
        if let Some((oplock, effects)) = self.oplock_of(open) {
            oplock.request(holder, request, &facts, &choices, effects);
        }
        self.settle();
    }

    /// Acknowledges a break; ends with [`Indication::Returned`] (MS-FSA 2.1.5.19 "Server Acknowledges an Oplock Break").
    pub fn ack(&mut self, ticket: Ticket, open: OpenId, form: AckForm) {
        let deleted = self.is_deleted(open);
        let choices = self.choices;
        match self.oplock_of(open) {
            Some((oplock, effects)) => {
                oplock.acknowledge(&Ack { open, ticket, deleted }, form, &choices, effects);
            }
            None => self.effects.returned(ticket, Status::FILE_CLOSED),
        }
        self.settle();
    }

    /// Cancels a waiting call or a granted request; one that is over already is none (MS-FSA 2.1.5.20 "Server Requests Canceling an Operation").
    pub fn cancel(&mut self, ticket: Ticket) {
        if !self.cancel_waiting(ticket) {
            for stream in self.streams.values_mut() {
                if stream.oplock.cancel_request(ticket, &mut self.effects) {
                    break;
                }
            }
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
            closing: false,
            ..original.clone()
        };
        Some(self.insert_open(again))
    }

    /// The next indication, oldest first.
    pub fn poll(&mut self) -> Option<Indication> {
        self.effects.out.pop_front()
    }

    /// The level in force for an open; one that breaks stays in force until it is acknowledged.
    #[must_use]
    pub fn held(&self, open: OpenId) -> Level {
        self.stream(open).map_or(Level::None, |stream| stream.oplock.held(open))
    }

    /// The level that an open was told it is breaking to, while it owes the acknowledgement.
    #[must_use]
    pub fn breaking(&self, open: OpenId) -> Option<Level> {
        self.stream(open)?.oplock.breaking(open)
    }

    /// The level that a breaking open is needed at by now: at or below the one that it was told.
    #[must_use]
    pub fn needed(&self, open: OpenId) -> Option<Level> {
        self.stream(open)?.oplock.needed(open)
    }

    /// What an open opens; nothing for an open that does not exist.
    #[must_use]
    pub fn stream_of(&self, open: OpenId) -> Option<StreamId> {
        self.opens.get(&open).map(|open| open.stream)
    }

    /// The open's granted access; nothing for an open that does not exist.
    #[must_use]
    pub fn access_of(&self, open: OpenId) -> Option<Access> {
        self.opens.get(&open).map(|open| open.access)
    }

    /// Whether an open is one of a directory.
    #[must_use]
    pub fn is_directory(&self, open: OpenId) -> bool {
        self.stream(open).is_some_and(|stream| stream.name.is_empty())
            && self.file_of(open).is_some_and(|file| file.directory)
    }

    /// The rules that decided anything so far.
    #[must_use]
    pub fn fired(&self) -> RuleSet {
        self.effects.fired
    }

    /// The same, and forgets them.
    pub fn take_fired(&mut self) -> RuleSet {
        std::mem::take(&mut self.effects.fired)
    }

    /// The stream of an open.
    pub(super) fn stream(&self, open: OpenId) -> Option<&Stream> {
        self.streams.get(&self.opens.get(&open)?.stream)
    }

    /// The oplock of an open's stream, with the place for what it says.
    pub(super) fn oplock_of(&mut self, open: OpenId) -> Option<(&mut Oplock, &mut Effects)> {
        let stream = self.streams.get_mut(&self.opens.get(&open)?.stream)?;
        Some((&mut stream.oplock, &mut self.effects))
    }

    /// The open as one who performs an operation.
    pub(super) fn caller(&self, open: OpenId) -> Option<Caller> {
        let found = self.opens.get(&open).filter(|found| !found.closing)?;
        Some(Caller { open: Some(open), key: found.key, parent_key: found.parent_key })
    }

    /// Takes in a new open.
    pub(super) fn insert_open(&mut self, open: Open) -> OpenId {
        self.last_open = self.last_open.wrapping_add(1);
        let id = OpenId(self.last_open);
        self.opens.insert(id, open);
        id
    }

    /// Takes in a new stream.
    pub(super) fn insert_stream(&mut self, stream: Stream) -> StreamId {
        self.last_stream = self.last_stream.wrapping_add(1);
        let id = StreamId(self.last_stream);
        self.streams.insert(id, stream);
        id
    }

    /// Who asks for an oplock, and what the request has to know; nothing for an open that does not exist or closes.
    fn request_facts(&self, ticket: Ticket, open: OpenId) -> Option<(Holder, RequestFacts)> {
        let asking = self.opens.get(&open).filter(|found| !found.closing)?;
        let oplock = &self.stream(open)?.oplock;
        let holder = Holder { open, key: asking.key, ticket };
        let synchronous =
            [CreateOptions::SYNCHRONOUS_IO_ALERT, CreateOptions::SYNCHRONOUS_IO_NONALERT]
                .into_iter()
                .any(|option| asking.options.contains(option));
        let mut facts = RequestFacts {
            directory: self.is_directory(open),
            deleted: self.is_deleted(open),
            synchronous,
            ..RequestFacts::default()
        };
        for (other, found) in &self.opens {
            if *other == open || found.stream != asking.stream {
                continue;
            }
            facts.other_open = true;
            let caller = Caller { open: Some(*other), key: found.key, parent_key: None };
            if keys_match(&caller, &holder) {
                continue;
            }
            let ignored = self.choices.attribute_open == AttributeOpen::Ignored
                && found.access.is_subset_of(Access::ATTRIBUTES)
                && oplock.held(*other) == Level::None;
            facts.ignored_open |= ignored;
            facts.foreign_open |= !ignored;
        }
        Some((holder, facts))
    }
}
