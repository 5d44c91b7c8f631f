//! A store with named calls, whose indications read as lines.

use std::collections::BTreeMap;

use oplock_model::{
    Access, AckAnswer, AckForm, CreateOptions, Disposition, FileKind, FileSpec, LeaseKey,
    LeaseState, Level, Share, StoreRequest,
};

use crate::choices::Choices;
use crate::store::{CreateArgs, Indication, OpenId, Store, Ticket};

/// The key of the holder.
pub const K1: Option<LeaseKey> = Some(LeaseKey([1; 16]));
/// The key of somebody else.
pub const K2: Option<LeaseKey> = Some(LeaseKey([2; 16]));
/// The key of a third party.
pub const K3: Option<LeaseKey> = Some(LeaseKey([3; 16]));

/// A store with an 8-byte file `f`, which has an 8-byte stream `s`, and a directory `d`.
pub struct Bench {
    pub store: Store,
    labels: BTreeMap<Ticket, &'static str>,
    next: u64,
}

impl Bench {
    pub fn new() -> Bench {
        Bench::reading(&[])
    }

    /// The same with other readings of open questions.
    pub fn reading(readings: &[(&str, &str)]) -> Bench {
        let mut choices = Choices::default();
        for (name, value) in readings {
            choices.set(name, value).expect("a choice of ours");
        }
        let mut store = Store::new(choices);
        for (name, kind) in [
            ("f", FileKind::File { size: 8 }),
            ("f:s", FileKind::File { size: 8 }),
            ("d", FileKind::Directory),
            ("nothing", FileKind::Absent),
        ] {
            store.add(&FileSpec { name: name.to_owned(), kind }).expect("a file of ours");
        }
        Bench { store, labels: BTreeMap::new(), next: 0 }
    }

    /// Names the next call.
    pub fn call(&mut self, label: &'static str) -> Ticket {
        self.next += 1;
        self.labels.insert(Ticket(self.next), label);
        Ticket(self.next)
    }

    /// Opens and polls until the open is there, which it must be at once.
    pub fn open(&mut self, args: CreateArgs) -> OpenId {
        let ticket = self.call("open");
        self.store.create(ticket, &args);
        self.opened(ticket)
    }

    /// The open that a create made; drops everything said until then.
    pub fn opened(&mut self, ticket: Ticket) -> OpenId {
        while let Some(indication) = self.store.poll() {
            match indication {
                Indication::Created { ticket: of, open: Some(open), .. } if of == ticket => {
                    return open;
                }
                _ => {}
            }
        }
        panic!("no open");
    }

    /// Opens and asks for an oplock, which must be granted.
    pub fn hold(&mut self, args: CreateArgs, level: Level) -> OpenId {
        let open = self.open(args);
        self.grant(open, level);
        open
    }

    /// Asks for an oplock under the label `holder`, which must be granted.
    pub fn grant(&mut self, open: OpenId, level: Level) {
        let ticket = self.call("holder");
        self.store.request(ticket, open, asking(level));
        assert_eq!(self.said(), "holder: pending");
    }

    pub fn create(&mut self, label: &'static str, args: CreateArgs) -> Ticket {
        let ticket = self.call(label);
        self.store.create(ticket, &args);
        ticket
    }

    pub fn request(&mut self, label: &'static str, open: OpenId, request: StoreRequest) {
        let ticket = self.call(label);
        self.store.request(ticket, open, request);
    }

    pub fn ack(&mut self, label: &'static str, open: OpenId, form: AckForm) {
        let ticket = self.call(label);
        self.store.ack(ticket, open, form);
    }

    pub fn read(&mut self, label: &'static str, open: OpenId) -> Ticket {
        let ticket = self.call(label);
        self.store.read(ticket, open, 0, 1);
        ticket
    }

    pub fn write(&mut self, label: &'static str, open: OpenId) -> Ticket {
        let ticket = self.call(label);
        self.store.write(ticket, open, 0, 1);
        ticket
    }

    pub fn close(&mut self, label: &'static str, open: OpenId) {
        let ticket = self.call(label);
        self.store.close(ticket, open);
    }

    /// What was said since it was last asked, in lines joined by `; `.
    pub fn said(&mut self) -> String {
        assert_eq!(self.store.check_invariants(), Ok(()));
        let mut lines = Vec::new();
        while let Some(indication) = self.store.poll() {
            lines.push(self.line(&indication));
        }
        lines.join("; ")
    }

    /// Drops what was said.
    pub fn skip(&mut self) {
        self.said();
    }

    fn line(&self, indication: &Indication) -> String {
        let label = |ticket: &Ticket| self.labels.get(ticket).copied().unwrap_or("?");
        match indication {
            Indication::Created { ticket, status, open: Some(_), action } => {
                format!("{}: {status} action {action}", label(ticket))
            }
            Indication::Created { ticket, status, open: None, action: 0 } => {
                format!("{}: {status}", label(ticket))
            }
            Indication::Created { ticket, status, open: None, action } => {
                format!("{}: {status} information {action}", label(ticket))
            }
            Indication::Done { ticket, status, .. } => format!("{}: {status}", label(ticket)),
            Indication::Returned { ticket, status, answer } => {
                format!(
                    "{}: {status}{}",
                    label(ticket),
                    answer.as_ref().map_or_else(String::new, back)
                )
            }
            Indication::Waits { ticket } => format!("{}: waits", label(ticket)),
            Indication::Broken { ticket, from, to, ack_required, information, modes, .. } => {
                let ack = if *ack_required { " ack" } else { "" };
                let information =
                    information.map_or_else(String::new, |value| format!(" information {value}"));
                let modes = modes.map_or_else(String::new, |modes| {
                    format!(" modes {:#x}/{}", modes.access.0, modes.share.0)
                });
                format!("{}: {from} -> {to}{ack}{information}{modes}", label(ticket))
            }
            Indication::Completed { ticket, status, to, information } => {
                let to = if *to == Level::None { String::new() } else { format!(" to {to}") };
                let information =
                    information.map_or_else(String::new, |value| format!(" information {value}"));
                format!("{}: completed {status}{to}{information}", label(ticket))
            }
        }
    }
}

/// The request for a level.
pub fn asking(level: Level) -> StoreRequest {
    StoreRequest::of(level)
}

/// The granular acknowledgement of a level.
pub fn accepting(level: Level) -> AckForm {
    AckForm::Granular(level.lease_state().unwrap_or(LeaseState::NONE))
}

/// A plain open of `f` with full access under a key.
pub fn plain(key: Option<LeaseKey>) -> CreateArgs {
    CreateArgs { path: "f".to_owned(), access: Access::FULL, key, ..CreateArgs::default() }
}

/// The same with another share mode.
pub fn sharing(key: Option<LeaseKey>, share: Share) -> CreateArgs {
    CreateArgs { share, ..plain(key) }
}

/// The same with another access.
pub fn wanting(key: Option<LeaseKey>, access: Access) -> CreateArgs {
    CreateArgs { access, ..plain(key) }
}

/// The same with another disposition.
pub fn disposing(key: Option<LeaseKey>, disposition: Disposition) -> CreateArgs {
    CreateArgs { disposition, ..plain(key) }
}

/// The same with options.
pub fn with_options(key: Option<LeaseKey>, options: CreateOptions) -> CreateArgs {
    CreateArgs { options, ..plain(key) }
}

fn back(answer: &AckAnswer) -> String {
    match answer {
        AckAnswer::Store { to, ack_required, information, writable_section } => {
            let ack = if *ack_required { " ack" } else { "" };
            let information =
                information.map_or_else(String::new, |value| format!(" information {value}"));
            let section = if *writable_section { " writable section" } else { "" };
            format!(" to {to}{ack}{information}{section}")
        }
        AckAnswer::Oplock { .. } | AckAnswer::Lease { .. } => " answer of the wire".to_owned(),
    }
}
