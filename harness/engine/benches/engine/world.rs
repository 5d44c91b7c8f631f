//! A store and a server with something in them, and the calls that the benchmarks make.

use oplock_engine::Choices;
use oplock_engine::server::Server;
use oplock_engine::store::{CreateArgs, Indication, OpenId, Store, Ticket};
use oplock_model::{
    Access, AckForm, CallId, ConnectionId, CreateOp, Dialect, Event, FileId, FileKind, FileSpec,
    LeaseKey, LeaseRequest, LeaseState, LockRange, Op, Share, StoreRequest, Tick, Wanted,
};

/// Calls that [`StoreWorld::office`] makes.
pub(crate) const OFFICE_CALLS: usize = 13;
/// Calls that [`StoreWorld::break_and_ack`] makes.
pub(crate) const BREAK_CALLS: usize = 6;

const FIRST_KEY: LeaseKey = LeaseKey([1; 16]);
const SECOND_KEY: LeaseKey = LeaseKey([2; 16]);
const HOLDER: ConnectionId = ConnectionId(0);
const VISITOR: ConnectionId = ConnectionId(1);

/// A store in which the file `f` is worked on.
#[derive(Clone)]
pub(crate) struct StoreWorld {
    store: Store,
    ticket: u64,
    first: CreateArgs,
    second: CreateArgs,
}

impl StoreWorld {
    /// One file of 4 KiB.
    pub(crate) fn new() -> StoreWorld {
        let mut store = Store::new(Choices::default());
        store.add(&file("f".to_owned())).expect("a good name");
        let args =
            |key| CreateArgs { path: "f".to_owned(), key: Some(key), ..CreateArgs::default() };
        StoreWorld { store, ticket: 0, first: args(FIRST_KEY), second: args(SECOND_KEY) }
    }

    /// The same, and `f` is open that many times already, by visitors that look at attributes only and so bar nothing.
    pub(crate) fn with_opens(opens: usize) -> StoreWorld {
        let mut world = StoreWorld::new();
        let args = CreateArgs {
            path: "f".to_owned(),
            access: Access::READ_ATTRIBUTES,
            ..CreateArgs::default()
        };
        for _ in 0..opens {
            world.open(&args);
        }
        world
    }

    /// The same, and there are that many other files, each open with RH.
    pub(crate) fn with_streams(streams: usize) -> StoreWorld {
        let mut world = StoreWorld::new();
        for number in 0..streams {
            let path = format!("other{number}");
            world.store.add(&file(path.clone())).expect("a good name");
            let args = CreateArgs { path, ..CreateArgs::default() };
            let open = world.open(&args);
            world.request(open, LeaseState::RH);
        }
        world
    }

    /// Thirteen calls as two people make them who work on one document: open, cache, write, read, a second open that
    /// breaks the first, both share, one locks, both leave.
    pub(crate) fn office(&mut self) {
        let first = self.open_first(LeaseState::RWH);
        self.write(first);
        self.read(first);
        let second = self.visit(first);
        self.request(second, LeaseState::RH);
        self.read(second);
        let range = LockRange { offset: 0, length: 16, exclusive: true };
        let ticket = self.next();
        self.store.lock(ticket, second, range, true);
        self.drain();
        self.ack(first, LeaseState::NONE);
        let ticket = self.next();
        self.store.unlock(ticket, second, range);
        self.drain();
        self.close(second);
        self.close(first);
    }

    /// Six calls: RWH is broken to RH by a second open and acknowledged, then both close.
    pub(crate) fn break_and_ack(&mut self) {
        let first = self.open_first(LeaseState::RWH);
        let second = self.visit(first);
        self.close(second);
        self.close(first);
    }

    /// Two calls: `f` is opened and the level requested.
    pub(crate) fn open_first(&mut self, state: LeaseState) -> OpenId {
        let args = std::mem::take(&mut self.first);
        let open = self.open(&args);
        self.first = args;
        self.request(open, state);
        open
    }

    /// Opens a file of its own, that nobody else names, without asking for anything.
    pub(crate) fn open_numbered(&mut self, number: usize) -> OpenId {
        let args = CreateArgs { path: format!("new{number}"), ..CreateArgs::default() };
        self.open(&args)
    }

    /// A second open of `f`, whose break the holder acknowledges: two calls.
    fn visit(&mut self, holder: OpenId) -> OpenId {
        let ticket = self.next();
        self.store.create(ticket, &self.second);
        assert!(self.drain().is_none(), "the holder is not acknowledged yet");
        self.ack(holder, LeaseState::RH).expect("the open goes on")
    }

    pub(crate) fn request(&mut self, open: OpenId, state: LeaseState) {
        let ticket = self.next();
        self.store.request(ticket, open, StoreRequest::Granular(state));
        self.drain();
    }

    pub(crate) fn read(&mut self, open: OpenId) {
        let ticket = self.next();
        self.store.read(ticket, open, 0, 512);
        self.drain();
    }

    pub(crate) fn write(&mut self, open: OpenId) {
        let ticket = self.next();
        self.store.write(ticket, open, 0, 512);
        self.drain();
    }

    pub(crate) fn close(&mut self, open: OpenId) {
        let ticket = self.next();
        self.store.close(ticket, open);
        self.drain();
    }

    pub(crate) fn open(&mut self, args: &CreateArgs) -> OpenId {
        let ticket = self.next();
        self.store.create(ticket, args);
        self.drain().expect("an open")
    }

    fn ack(&mut self, open: OpenId, state: LeaseState) -> Option<OpenId> {
        let ticket = self.next();
        self.store.ack(ticket, open, AckForm::Granular(state));
        self.drain()
    }

    fn next(&mut self) -> Ticket {
        self.ticket += 1;
        Ticket(self.ticket)
    }

    /// Takes what the store says, as every caller has to; returns the open that it made.
    fn drain(&mut self) -> Option<OpenId> {
        let mut made = None;
        while let Some(indication) = self.store.poll() {
            if let Indication::Created { open, .. } = indication {
                made = open;
            }
        }
        made
    }
}

/// A server with two clients, in which the file `f` is worked on.
#[derive(Clone)]
pub(crate) struct ServerWorld {
    server: Server,
    call: u64,
}

impl ServerWorld {
    /// One file of 4 KiB.
    pub(crate) fn new() -> ServerWorld {
        let mut server = Server::new(Choices::default(), Dialect::Smb3_1_1);
        server.connect(HOLDER, 1, 1);
        server.connect(VISITOR, 2, 1);
        server.add(&file("f".to_owned())).expect("a good name");
        ServerWorld { server, call: 0 }
    }

    /// The same, and there are that many other files, each open with a lease of RH.
    pub(crate) fn with_streams(streams: usize) -> ServerWorld {
        let mut world = ServerWorld::new();
        for number in 0..streams {
            world.open_numbered(number, LeaseState::RH);
        }
        world
    }

    /// Two calls: a create with a lease of RWH, and its close.
    pub(crate) fn lease_and_close(&mut self) {
        let file = self.create(HOLDER, lease("f".to_owned(), FIRST_KEY, LeaseState::RWH));
        self.close(HOLDER, file.expect("an open"));
    }

    /// Five calls: a lease of RWH is broken by another client and acknowledged, then both close.
    pub(crate) fn break_and_ack(&mut self) {
        let first = self.create(HOLDER, lease("f".to_owned(), FIRST_KEY, LeaseState::RWH));
        let none = self.create(VISITOR, lease("f".to_owned(), SECOND_KEY, LeaseState::RH));
        assert!(none.is_none(), "the holder has not acknowledged yet");
        let second = self.submit(HOLDER, Op::LeaseAck { key: FIRST_KEY, state: LeaseState::RH });
        self.close(VISITOR, second.expect("the open goes on"));
        self.close(HOLDER, first.expect("an open"));
    }

    /// Opens a new file under a lease key of its own, or without a lease where no state is asked for.
    pub(crate) fn open_numbered(&mut self, number: usize, state: LeaseState) -> FileId {
        let path = format!("other{number}");
        let op = if state == LeaseState::NONE {
            CreateOp { path, ..CreateOp::default() }
        } else {
            lease(path, LeaseKey((number as u128 + 256).to_be_bytes()), state)
        };
        self.create(HOLDER, op).expect("an open")
    }

    fn create(&mut self, from: ConnectionId, op: CreateOp) -> Option<FileId> {
        self.submit(from, Op::Create(Box::new(op)))
    }

    fn close(&mut self, from: ConnectionId, file: FileId) {
        self.submit(from, Op::Close { file });
    }

    /// Sends one request and takes what the server says; returns the open that it made.
    fn submit(&mut self, from: ConnectionId, op: Op) -> Option<FileId> {
        self.call += 1;
        self.server.submit(Tick::default(), from, vec![(CallId(self.call), op)]);
        let mut made = None;
        while let Some(event) = self.server.poll() {
            if let Event::Reply { body: oplock_model::Body::Create(answer), .. } = event {
                made = Some(answer.file);
            }
        }
        made
    }
}

fn file(name: String) -> FileSpec {
    FileSpec { name, kind: FileKind::File { size: 4096 } }
}

fn lease(path: String, key: LeaseKey, state: LeaseState) -> CreateOp {
    let request = LeaseRequest { key, state, flags: 0, version: 2, epoch: 0, parent: None };
    CreateOp { path, share: Share::ALL, wanted: Wanted::Lease(request), ..CreateOp::default() }
}
