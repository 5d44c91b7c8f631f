//! What the store consists of (MS-FSA 2.1.1 "Abstract Data Model").

use oplock_model::{Access, CreateOptions, LeaseKey, Level, RuleSet, Share, Status};

use super::api::{OpenId, StreamId, Ticket};
use super::effects::Effects;
use super::files::{File, FileNumber, Link, LinkId, ROOT, ROOT_LINK};
use super::keys::Caller;
use super::lock::Locks;
use super::oplock::Oplock;
use super::section::Section;
use super::table::Table;
use super::wait::{Halt, Pending};
use crate::choices::Choices;

/// Bytes that are allocated at a time.
const CLUSTER: u64 = 4096;

/// A stream and its oplock (MS-FSA 2.1.1.5 "Per Stream").
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Stream {
    /// The file that it belongs to.
    pub file: FileNumber,
    /// Its own folded name, empty for the primary stream.
    pub name: String,
    /// It is a directory.
    pub directory: bool,
    /// Bytes.
    pub size: u64,
    /// Bytes set aside for it: whole clusters.
    pub allocation: u64,
    /// Marked for deletion, as a named stream by itself.
    pub deleted: bool,
    /// Its opens, oldest first.
    pub opens: Vec<OpenId>,
    /// Byte-range locks.
    pub locks: Locks,
    /// Who holds what.
    pub oplock: Oplock,
}

impl Stream {
    /// Sets the size anew, with as much set aside as that takes.
    pub fn set_size(&mut self, size: u64) {
        self.allocation = clusters(size);
        self.size = size;
    }

    /// Grows to at least that size.
    pub fn grow(&mut self, size: u64) {
        self.size = self.size.max(size);
        self.allocation = self.allocation.max(clusters(size));
    }

    /// Sets aside that much; what lies beyond is cut off.
    pub fn set_allocation(&mut self, allocation: u64) {
        self.allocation = clusters(allocation);
        self.size = self.size.min(allocation);
    }
}

/// An open (MS-FSA 2.1.1.6 "Per Open").
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Open {
    /// What it opens.
    pub stream: StreamId,
    /// By which name.
    pub link: LinkId,
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
    /// What it has mapped.
    pub section: Section,
    /// Its close waits for a break.
    pub closing: bool,
    /// The calls through it that wait.
    pub waiting: Vec<Ticket>,
}

/// An open as it acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Acting {
    /// The open.
    pub open: OpenId,
    /// Whom it acts for.
    pub caller: Caller,
    /// What it opens.
    pub stream: StreamId,
    /// By which name.
    pub link: LinkId,
    /// Granted access.
    pub access: Access,
}

/// The object store of MS-FSA: files, streams, opens, oplocks, and the calls that wait.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Store {
    pub(super) choices: Choices,
    pub(super) files: Table<FileNumber, File>,
    pub(super) links: Table<LinkId, Link>,
    pub(super) streams: Table<StreamId, Stream>,
    pub(super) opens: Table<OpenId, Open>,
    /// Calls that wait, by ticket.
    pub(super) pending: Table<Ticket, Pending>,
    pub(super) effects: Effects,
    pub(super) last_file: u32,
    pub(super) last_link: u32,
    last_open: u32,
    last_stream: u32,
}

impl Store {
    /// A store with nothing but a root directory.
    #[must_use]
    pub fn new(choices: Choices) -> Store {
        let mut store = Store {
            choices,
            files: Table::default(),
            links: Table::default(),
            streams: Table::default(),
            opens: Table::default(),
            pending: Table::default(),
            effects: Effects::default(),
            last_file: 0,
            last_link: 0,
            last_open: 0,
            last_stream: 0,
        };
        let primary = store.insert_stream(Stream { directory: true, ..Stream::default() });
        let links = vec![ROOT_LINK];
        store.files.insert(ROOT, File { directory: true, primary, links, ..File::default() });
        store.links.insert(ROOT_LINK, Link::default());
        store
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
        self.stream(open).is_some_and(|stream| stream.directory)
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

    /// The open as it acts; one that closes acts no more.
    pub(super) fn acting(&self, open: OpenId) -> Result<Acting, Halt> {
        let found = self.opens.get(&open).filter(|found| !found.closing);
        let found = found.ok_or(Halt::Fail(Status::FILE_CLOSED))?;
        let caller = Caller { open: Some(open), key: found.key, parent_key: found.parent_key };
        let (stream, link, access) = (found.stream, found.link, found.access);
        Ok(Acting { open, caller, stream, link, access })
    }

    /// Takes in a new open.
    pub(super) fn insert_open(&mut self, open: Open) -> OpenId {
        self.last_open = self.last_open.wrapping_add(1);
        let id = OpenId(self.last_open);
        if let Some(stream) = self.streams.get_mut(&open.stream) {
            stream.opens.push(id);
        }
        if let Some(link) = self.links.get_mut(&open.link) {
            link.opens = link.opens.saturating_add(1);
        }
        self.opens.insert(id, open);
        id
    }

    /// Takes an open out.
    pub(super) fn remove_open(&mut self, id: OpenId) -> Option<Open> {
        let open = self.opens.remove(&id)?;
        if let Some(stream) = self.streams.get_mut(&open.stream)
            && let Ok(place) = stream.opens.binary_search(&id)
        {
            stream.opens.remove(place);
        }
        if let Some(link) = self.links.get_mut(&open.link) {
            link.opens = link.opens.saturating_sub(1);
        }
        Some(open)
    }

    /// Takes in a new stream.
    pub(super) fn insert_stream(&mut self, stream: Stream) -> StreamId {
        self.last_stream = self.last_stream.wrapping_add(1);
        let id = StreamId(self.last_stream);
        self.streams.insert(id, stream);
        id
    }
}

/// That many bytes in whole clusters.
fn clusters(bytes: u64) -> u64 {
    bytes.div_ceil(CLUSTER).saturating_mul(CLUSTER)
}
