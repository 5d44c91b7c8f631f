//! The server's tables, and the loop that lets the store and the server talk until both are quiet.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use oplock_model::{
    AckAnswer, AckForm, Body, CallId, ConnectionId, CreateOp, Dialect, Event, FileId, FileSpec,
    LeaseKey, Op, OplockLevel, RuleId, RuleSet, ShareKind, Status, Tick,
};

use super::chain::Chain;
use super::context::Asked;
use super::durable::Durability;
use super::lease::{Client, LeaseName, Leases};
use super::lock::Locking;
use super::mixed::Beside;
use super::names::Names;
use super::requests::Requests;
use super::session::{Connection, Session, SessionId};
use super::timer::Timer;
use crate::choices::{Choices, LeaseKeyScope};
use crate::coverage::Record;
use crate::store::{AddError, Indication, OpenId, Store, Ticket};

/// The SMB2 server above one object store: operations in, events out, time as an argument.
///
/// It follows MS-SMB2 3.3 as far as oplocks and leases go; every session has one tree connect.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server {
    pub(super) store: Store,
    pub(super) choices: Choices,
    pub(super) dialect: Dialect,
    pub(super) share: ShareKind,
    pub(super) now: Tick,
    /// Every connection that ever was; one that is gone may come back.
    pub(super) connections: BTreeMap<ConnectionId, Connection>,
    /// GlobalSessionTable.
    pub(super) sessions: BTreeMap<SessionId, Session>,
    /// GlobalOpenTable, by the persistent half of the FileId.
    pub(super) opens: BTreeMap<u64, Open>,
    pub(super) names: Names,
    pub(super) leases: Leases,
    pub(super) timers: BTreeMap<Timer, Tick>,
    /// Calls that wait for the store.
    pub(super) calls: BTreeMap<Ticket, Call>,
    /// Oplock requests that the store has granted and not ended.
    pub(super) requests: Requests,
    /// The number that stands for each lease key in the store, in the order of their arrival.
    pub(super) store_keys: BTreeMap<LeaseName, u64>,
    /// Chains whose next operation can start.
    pub(super) ready: VecDeque<Chain>,
    backlog: VecDeque<Indication>,
    interims: Vec<Ticket>,
    events: VecDeque<Event>,
    tickets: u64,
    pub(super) files: u64,
    /// Sessions and connections so far: what came later has the higher number.
    pub(super) arrivals: u64,
    /// Calls that go on although nobody hears their answer.
    pub(super) unheard: BTreeSet<CallId>,
    fired: RuleSet,
    /// The cells of the transition grid that this server was in.
    pub(super) reached: Record,
}

/// One open with the fields of MS-SMB2 3.3.1.10 that bear on oplocks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Open {
    /// Its name; the volatile half changes with every reconnect.
    pub(super) file: FileId,
    /// Open.Session; none while it waits for its client to come back.
    pub(super) session: Option<SessionId>,
    /// Open.Connection: the one that it was opened or claimed back on.
    pub(super) connection: ConnectionId,
    /// The cluster node of that connection.
    pub(super) node: u32,
    /// Open.ClientGuid.
    pub(super) client: Client,
    /// Open.DurableOwner: the account that opened it.
    pub(super) owner: u32,
    pub(super) store: OpenId,
    /// The file's name, as the lease table spells it.
    pub(super) name: String,
    /// Open.OplockLevel.
    pub(super) level: OplockLevel,
    /// Open.OplockState; of a lease, the lease itself says whether it breaks.
    pub(super) oplock: OplockState,
    /// Open.Lease.
    pub(super) lease: Option<LeaseName>,
    /// Whether the last oplock break ended by the timer.
    pub(super) timed_out: bool,
    /// Whether a break runs that its client has not been told of, or not since it came back.
    pub(super) untold: bool,
    /// CreateAction of the answer that made it.
    pub(super) action: u32,
    pub(super) durability: Durability,
}

/// Open.OplockState of a legacy oplock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum OplockState {
    /// Nothing is held.
    None,
    /// The level is held.
    Held,
    /// A break was announced.
    Breaking {
        /// The level before the announcement.
        held: OplockLevel,
        /// The level that was announced.
        notified: OplockLevel,
    },
}

/// Who owns a request that the store has granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Holder {
    /// An open with a legacy oplock.
    Open(u64),
    /// A lease.
    Lease(LeaseName),
}

/// A call that waits for the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Call {
    pub(super) id: CallId,
    pub(super) doing: Doing,
    /// What follows in the same compound.
    pub(super) chain: Chain,
}

/// What a waiting call does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Doing {
    /// CREATE.
    Create {
        /// The request as it came.
        op: Box<CreateOp>,
        /// What it asks for.
        asked: Asked,
        /// The lease that it names.
        lease: Option<LeaseName>,
        /// What stood beside it when it came.
        beside: Beside,
    },
    /// READ or WRITE: the answer carries a count.
    Transfer,
    /// LOCK of ranges, one after the other.
    Lock(Locking),
    /// FSCTL_SRV_COPYCHUNK.
    CopyChunk,
    /// SET_INFO that gives the file of this open another name.
    Rename {
        /// The open.
        open: u64,
        /// The new name as it came.
        to: String,
    },
    /// Anything whose answer carries a status only.
    Plain,
}

impl Server {
    /// A server whose connections all speak `dialect`, on an empty store.
    #[must_use]
    pub fn new(choices: Choices, dialect: Dialect) -> Server {
        Server {
            store: Store::new(choices),
            choices,
            dialect,
            share: ShareKind::default(),
            now: Tick::default(),
            connections: BTreeMap::new(),
            sessions: BTreeMap::new(),
            opens: BTreeMap::new(),
            names: Names::default(),
            leases: Leases::new(),
            timers: BTreeMap::new(),
            calls: BTreeMap::new(),
            requests: Requests::default(),
            store_keys: BTreeMap::new(),
            ready: VecDeque::new(),
            backlog: VecDeque::new(),
            interims: Vec::new(),
            events: VecDeque::new(),
            tickets: 0,
            files: 0,
            arrivals: 0,
            unheard: BTreeSet::new(),
            fired: RuleSet::new(),
            reached: Record::default(),
        }
    }

    /// Makes a file that exists before anybody connects.
    ///
    /// # Errors
    /// An [`AddError`] where the name is bad or taken, or has no parent directory.
    pub fn add(&mut self, file: &FileSpec) -> Result<(), AddError> {
        self.store.add(file)
    }

    /// Takes requests of one connection; several are one compound. The answers come from [`Server::poll`].
    pub fn submit(&mut self, now: Tick, connection: ConnectionId, ops: Vec<(CallId, Op)>) {
        self.advance(now);
        self.take_in(connection, ops);
        self.pump();
    }

    /// The next thing that the server says.
    pub fn poll(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Whether any open is left, of a client or of a lease.
    #[must_use]
    pub fn has_opens(&self) -> bool {
        !self.opens.is_empty() || !self.leases.is_empty()
    }

    /// The rules that this server and its store have applied so far.
    #[must_use]
    pub fn fired(&self) -> RuleSet {
        let mut fired = self.fired;
        fired.union(&self.store.fired());
        fired
    }

    pub(super) fn fire(&mut self, rule: RuleId) {
        self.fired.insert(rule);
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.events.push_back(event);
    }

    pub(super) fn reply(&mut self, call: CallId, status: Status, body: Body) {
        if self.unheard.remove(&call) {
            return;
        }
        self.tell(Event::Reply { call, status, body });
    }

    pub(super) fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    /// The key under which the store knows a lease. Each client's keys are its own (spec/07 D26), so the number of
    /// the pair stands for it, unless the choice is that the key alone counts.
    pub(super) fn store_key(&mut self, name: LeaseName) -> LeaseKey {
        if self.choices.lease_key_scope == LeaseKeyScope::LeaseKey {
            self.fire(RuleId::Smb2LeaseKeyAlone);
            return name.key;
        }
        self.fire(RuleId::Smb2LeasePerClient);
        let next = self.store_keys.len() as u64 + 1;
        let number = *self.store_keys.entry(name).or_insert(next);
        LeaseKey(u128::from(number).to_be_bytes())
    }

    /// Lets indications and ready chains run until nothing is left, then says which calls wait.
    pub(super) fn pump(&mut self) {
        loop {
            self.gather();
            if let Some(indication) = self.backlog.pop_front() {
                self.indicated(indication);
            } else if let Some(chain) = self.ready.pop_front() {
                self.step(chain);
            } else {
                break;
            }
        }
        for ticket in std::mem::take(&mut self.interims) {
            self.interim(ticket);
        }
    }

    fn indicated(&mut self, indication: Indication) {
        match indication {
            Indication::Created { ticket, status, open, action } => {
                self.created(ticket, status, open, action);
            }
            Indication::Done { ticket, status, count } => self.done(ticket, status, count),
            Indication::Waits { ticket } => self.interims.push(ticket),
            Indication::Broken { ticket, to, .. } => self.broken(ticket, to),
            Indication::Completed { ticket, status, .. } => self.completed(ticket, status),
            // Requests and acknowledgements are answered while they are made: see `returned`.
            Indication::Returned { .. } => {}
        }
    }

    /// The immediate return of a request or acknowledgement just made, ahead of whatever else the store has to say.
    pub(super) fn returned(&mut self, ticket: Ticket) -> (Status, Option<AckAnswer>) {
        self.take(|indication| match indication {
            Indication::Returned { ticket: of, status, answer } if *of == ticket => {
                Some((*status, *answer))
            }
            _ => None,
        })
        .unwrap_or((Status::UNSUCCESSFUL, None))
    }

    /// Takes the first indication that `pick` accepts out of the backlog.
    pub(super) fn take<T>(&mut self, pick: impl Fn(&Indication) -> Option<T>) -> Option<T> {
        self.gather();
        let place = self.backlog.iter().position(|indication| pick(indication).is_some())?;
        self.backlog.remove(place).as_ref().and_then(pick)
    }

    /// Settles a break at the store in the server's own name; the store's answer changes nothing here.
    pub(super) fn complete(&mut self, open: OpenId, form: AckForm) {
        let ticket = self.ticket();
        self.store.ack(ticket, open, form);
        self.returned(ticket);
    }

    fn gather(&mut self) {
        while let Some(indication) = self.store.poll() {
            self.backlog.push_back(indication);
        }
    }
}
