//! The reference: what must happen, as an executable specification of the Windows oplock package and of the SMB2
//! server layer above it.
//!
//! Method in, `poll` out, time as an argument: no clock, no randomness, no panic on any input. Each layer stands in a
//! room of its own, cut where the specifications cut it: `store` (MS-FSA 2.1, WDK) and `server` (MS-SMB2 3.3).
//! [`Reference`] puts both behind the [`oplock_model::Target`] that cases are played against.
//!
//! # An oracle in the unit tests of a server
//!
//! Play a dialogue with a [`store::Store`] or a [`server::Server`] beside your own code, and compare what both say.
//! Both are values: clone one to try what would follow from two different answers, compare two to see whether two ways
//! lead to the same state, hash them to explore. [`model`] has the words of what goes in and what comes out.
//!
//! - Calls never block and never fail: what is wrong with a call is the status of its answer.
//! - What a call sets off is polled out in the order of cause and effect, until nothing is left.
//! - Time stands still but for the [`model::Tick`]s that the server is handed; [`server::Server::next_timer`] says when
//!   something will happen by itself. The store knows no time at all.
//! - [`store::Store::fired`] and [`server::Server::fired`] say which rules decided, each with the document and section
//!   that it was read from; [`Choices`] says how the open questions are read.
//! - [`store::Store::cells`] and [`server::Server::cells`] say which cells of the transition grid were reached, and
//!   [`coverage::Cell`] what each of them is: it shows what your own dialogues leave out.
//! - [`store::Store::check_invariants`] and [`server::Server::check_invariants`] hold after every call.
//!
//! ## The object store
//!
//! Open, request, break, acknowledge: a second open meets a Batch oplock and waits until its holder has given it up.
//!
//! ```
//! use oplock_engine::Choices;
//! use oplock_engine::model::{
//!     AckForm, FileKind, FileSpec, Level, RuleId, Status, StoreRequest,
//! };
//! use oplock_engine::store::{CreateArgs, Indication, OpenId, Store, Ticket};
//!
//! /// Opens `f`, and expects no more than the handle.
//! fn opened(store: &mut Store, ticket: Ticket) -> OpenId {
//!     store.create(ticket, &CreateArgs { path: "f".to_owned(), ..CreateArgs::default() });
//!     match store.poll() {
//!         Some(Indication::Created { status: Status::SUCCESS, open: Some(open), .. }) => open,
//!         other => panic!("no handle: {other:?}"),
//!     }
//! }
//!
//! let mut store = Store::new(Choices::default());
//! store.add(&FileSpec { name: "f".to_owned(), kind: FileKind::File { size: 4096 } }).unwrap();
//!
//! // The holder opens and requests. STATUS_PENDING is the grant: the request stays with the store.
//! let holder = opened(&mut store, Ticket(1));
//! store.request(Ticket(2), holder, StoreRequest::Batch);
//! let Some(Indication::Returned { ticket: Ticket(2), status, .. }) = store.poll() else { panic!() };
//! assert_eq!(status, Status::PENDING);
//! assert_eq!(store.held(holder), Level::Batch);
//!
//! // A second open breaks the oplock: the request completes, and the open waits.
//! store.create(Ticket(3), &CreateArgs { path: "f".to_owned(), ..CreateArgs::default() });
//! let Some(Indication::Broken { ticket, from, to, ack_required, .. }) = store.poll() else { panic!() };
//! assert_eq!((ticket, from, to, ack_required), (Ticket(2), Level::Batch, Level::Ii, true));
//! assert_eq!(store.poll(), Some(Indication::Waits { ticket: Ticket(3) }));
//! assert_eq!(store.poll(), None);
//!
//! // The acknowledgement is a request of its own, now for Level II, and lets the open go on.
//! store.ack(Ticket(4), holder, AckForm::Acknowledge);
//! let Some(Indication::Returned { ticket: Ticket(4), status, .. }) = store.poll() else { panic!() };
//! assert_eq!(status, Status::PENDING);
//! let Some(Indication::Created { ticket, status, .. }) = store.poll() else { panic!() };
//! assert_eq!((ticket, status), (Ticket(3), Status::SUCCESS));
//! assert_eq!(store.held(holder), Level::Ii);
//!
//! // Why: every rule names its source.
//! assert!(store.fired().contains(RuleId::FsaAckLegacyTwoGranted));
//! assert_eq!(RuleId::FsaAckLegacyTwoGranted.rule().document, "MS-FSA");
//! store.check_invariants().unwrap();
//! ```
//!
//! ## The SMB2 server
//!
//! The same with a lease, over the wire's own words: numbers and flags are those of the messages.
//!
//! ```
//! use oplock_engine::Choices;
//! use oplock_engine::model::{
//!     Body, BreakNotice, CallId, ConnectionId, CreateOp, Dialect, Event, FileKind, FileSpec,
//!     LeaseKey, LeaseRequest, LeaseState, Op, OplockLevel, Status, Tick, Wanted,
//! };
//! use oplock_engine::server::Server;
//!
//! let (first, second) = (ConnectionId(0), ConnectionId(1));
//! let key = LeaseKey([7; 16]);
//! let open = CreateOp { path: "f".to_owned(), ..CreateOp::default() };
//! let lease = LeaseRequest {
//!     key,
//!     state: LeaseState::RWH,
//!     flags: 0,
//!     version: 2,
//!     epoch: 0x10,
//!     parent: None,
//! };
//! let leased = CreateOp { wanted: Wanted::Lease(lease), ..open.clone() };
//!
//! let mut server = Server::new(Choices::default(), Dialect::Smb3_1_1);
//! server.add(&FileSpec { name: "f".to_owned(), kind: FileKind::File { size: 4096 } }).unwrap();
//! // Two clients, one account each.
//! server.connect(first, 1, 1);
//! server.connect(second, 2, 2);
//! let now = Tick::default();
//!
//! // The first client opens with a lease.
//! server.submit(now, first, vec![(CallId(1), Op::Create(Box::new(leased)))]);
//! let Some(Event::Reply { status: Status::SUCCESS, body: Body::Create(answer), .. }) = server.poll()
//! else {
//!     panic!()
//! };
//! assert_eq!(answer.level, OplockLevel::LEASE);
//! let granted = answer.lease.unwrap();
//! assert_eq!((granted.state, granted.epoch), (LeaseState::RWH, 0x11));
//!
//! // The second client opens: the first is told, and the second waits.
//! server.submit(now, second, vec![(CallId(2), Op::Create(Box::new(open)))]);
//! let Some(Event::Break(BreakNotice::Lease { connection, new, flags, epoch, .. })) = server.poll()
//! else {
//!     panic!()
//! };
//! assert_eq!((connection, new, epoch), (first, LeaseState::RH, 0x12));
//! assert_eq!(flags, BreakNotice::ACK_REQUIRED);
//! assert_eq!(server.poll(), Some(Event::Interim { call: CallId(2) }));
//!
//! // What if nobody acknowledges? A copy of the server shows it, 35 seconds on.
//! let mut patient = server.clone();
//! let timer = patient.next_timer().unwrap();
//! assert_eq!(timer, now.plus_millis(35_000));
//! patient.advance(timer);
//! assert!(matches!(patient.poll(), Some(Event::Reply { call: CallId(2), status: Status::SUCCESS, .. })));
//!
//! // The first client acknowledges, and the second goes on at once.
//! let acknowledges = Op::LeaseAck { key, state: LeaseState::RH };
//! server.submit(now, first, vec![(CallId(3), acknowledges)]);
//! assert!(matches!(server.poll(), Some(Event::Reply { call: CallId(3), status: Status::SUCCESS, .. })));
//! assert!(matches!(server.poll(), Some(Event::Reply { call: CallId(2), status: Status::SUCCESS, .. })));
//! server.check_invariants().unwrap();
//! ```
#![deny(missing_docs)]

pub mod choices;
pub mod coverage;
mod reference;
pub mod server;
pub mod store;

pub use choices::{ChoiceError, Choices};
pub use oplock_model as model;
pub use reference::Reference;
