//! The server's tables, and the loop that lets the store and the server talk until both are quiet.

use std::collections::{BTreeMap, VecDeque};

use oplock_model::{
    AckAnswer, AckForm, Body, CallId, ConnectionId, CreateOp, Dialect, Event, FileId, FileSpec,
    LeaseKey, Op, OplockLevel, RuleId, RuleSet, Status, Tick,
};

use super::chain::Chain;
use super::create::Asked;
use super::lease::{Client, LeaseName, Leases};
use super::mixed::Beside;
use super::timer::Timer;
use crate::choices::{Choices, LeaseKeyScope};
use crate::store::{AddError, Indication, OpenId, Store, Ticket};

/// The SMB2 server above one object store: operations in, events out, time as an argument.
///
/// It follows MS-SMB2 3.3 as far as oplocks and leases go; sessions and trees stand for their connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server {
    pub(super) store: Store,
    pub(super) choices: Choices,
    pub(super) dialect: Dialect,
    pub(super) now: Tick,
    pub(super) connections: BTreeMap<ConnectionId, Client>,
    /// GlobalOpenTable, by the volatile half of the FileId.
    pub(super) opens: BTreeMap<u64, Open>,
    pub(super) leases: Leases,
    pub(super) timers: BTreeMap<Timer, Tick>,
    /// Calls that wait for the store.
    pub(super) calls: BTreeMap<Ticket, Call>,
    /// Oplock requests that the store has granted and not ended.
    pub(super) requests: BTreeMap<Ticket, Holder>,
    /// Lease keys as the store knows them: the place in this list is the store's key.
    pub(super) store_keys: Vec<LeaseName>,
    /// Chains whose next operation can start.
    pub(super) ready: VecDeque<Chain>,
    backlog: VecDeque<Indication>,
    interims: Vec<Ticket>,
    events: VecDeque<Event>,
    tickets: u64,
    pub(super) files: u64,
    fired: RuleSet,
}

/// One open with the fields of MS-SMB2 3.3.1.10 that bear on oplocks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Open {
    pub(super) file: FileId,
    pub(super) connection: ConnectionId,
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
            now: Tick::default(),
            connections: BTreeMap::new(),
            opens: BTreeMap::new(),
            leases: Leases::new(),
            timers: BTreeMap::new(),
            calls: BTreeMap::new(),
            requests: BTreeMap::new(),
            store_keys: Vec::new(),
            ready: VecDeque::new(),
            backlog: VecDeque::new(),
            interims: Vec::new(),
            events: VecDeque::new(),
            tickets: 0,
            files: 0,
            fired: RuleSet::new(),
        }
    }

    /// Makes a file that exists before anybody connects.
    ///
    /// # Errors
    /// An [`AddError`] where the name is bad or taken, or has no parent directory.
    pub fn add(&mut self, file: &FileSpec) -> Result<(), AddError> {
        self.store.add(file)
    }

    /// Opens a connection of the client with this number.
    pub fn connect(&mut self, connection: ConnectionId, client: u32) {
        self.connections.insert(connection, Client(client));
    }

    /// Takes requests of one connection; several are one compound. The answers come from [`Server::poll`].
    pub fn submit(&mut self, now: Tick, connection: ConnectionId, ops: Vec<(CallId, Op)>) {
        self.advance(now);
        self.ready.push_back(Chain::new(connection, ops));
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
            return name.key;
        }
        self.fire(RuleId::Smb2LeasePerClient);
        let place = self.store_keys.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.store_keys.push(name);
            self.store_keys.len() - 1
        });
        LeaseKey((place as u128 + 1).to_be_bytes())
    }

    /// Lets indications and ready chains run until nothing is left, then says which creates wait.
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
            let Some(Call { id, doing: Doing::Create { .. }, .. }) = self.calls.get(&ticket) else {
                continue;
            };
            let call = *id;
            self.fire(RuleId::Smb2CreateInterim);
            self.tell(Event::Interim { call });
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
            Indication::Completed { ticket, status } => self.completed(ticket, status),
            // Requests and acknowledgements are answered while they are made: see `returned`.
            Indication::Returned { .. } => {}
        }
    }

    fn done(&mut self, ticket: Ticket, status: Status, count: u32) {
        let Some(call) = self.calls.remove(&ticket) else { return };
        let body = match call.doing {
            Doing::Transfer if !status.is_error() => Body::Count(count),
            _ => Body::Empty,
        };
        self.reply(call.id, status, body);
        self.ready.push_back(call.chain);
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
