//! A store with what was opened, granted and what waits.

use oplock_engine::Choices;
use oplock_engine::store::{CreateArgs, Indication, OpenId, Store, Ticket};
use oplock_model::{
    Access, AckForm, CreateOptions, Disposition, FileKind, FileSpec, LeaseKey, LeaseState, Level,
    Share, Status, StoreRequest,
};

/// The key of the first holder.
pub const K1: Option<LeaseKey> = Some(LeaseKey([1; 16]));
/// The key of another one.
pub const K2: Option<LeaseKey> = Some(LeaseKey([2; 16]));
/// The key of a third one.
pub const K3: Option<LeaseKey> = Some(LeaseKey([3; 16]));

/// The file that is asked about.
pub const FILE: &str = "p/f";
/// The directory that is asked about.
pub const DIRECTORY: &str = "p/d";

/// What the handles of holders may do, and what they let others do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They read and write, and share no deleting.
    Data,
    /// They do anything but read, and share no reading.
    Names,
    /// The same, and each deletes when it closes.
    Deleting,
}

/// Reading and writing, without deleting.
pub const DATA: Access = Access::READ_DATA.union(Access::WRITE_DATA);
/// Everything but reading.
pub const NAMES: Access = Access(Access::FULL.0 & !(Access::READ_DATA.0 | Access::EXECUTE.0));

/// A store on its way.
#[derive(Clone)]
pub struct Play {
    pub store: Store,
    /// What is asked about: [`FILE`] or [`DIRECTORY`].
    pub subject: &'static str,
    pub mode: Mode,
    /// Every open that was made and is not closed.
    pub opens: Vec<OpenId>,
    /// Granted requests.
    pub granted: Vec<Ticket>,
    /// Calls that wait.
    pub waiting: Vec<Ticket>,
    tickets: u64,
}

impl Play {
    pub fn new(subject: &'static str, mode: Mode, readings: &[(&str, &str)]) -> Play {
        let mut choices = Choices::default();
        for (name, value) in readings {
            choices.set(name, value).expect("a choice of ours");
        }
        let mut store = Store::new(choices);
        let file = FileKind::File { size: 4096 };
        for (name, kind) in [
            ("p", FileKind::Directory),
            (FILE, file),
            ("p/f:s", file),
            ("p/g", file),
            (DIRECTORY, FileKind::Directory),
            ("p/d/c", file),
        ] {
            store.add(&FileSpec { name: name.to_owned(), kind }).expect("a file of ours");
        }
        let (opens, granted, waiting) = (Vec::new(), Vec::new(), Vec::new());
        Play { store, subject, mode, opens, granted, waiting, tickets: 0 }
    }

    /// Makes one call and takes in what comes of it.
    pub fn call(&mut self, call: impl FnOnce(&mut Store, Ticket)) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        call(&mut self.store, ticket);
        self.take_in();
        ticket
    }

    /// Opens the subject; the open, where there is one at once.
    pub fn create(&mut self, args: &CreateArgs) -> Option<OpenId> {
        let before = self.opens.len();
        self.call(|store, ticket| store.create(ticket, args));
        self.opens.get(before).copied()
    }

    pub fn open(&mut self, args: &CreateArgs) -> OpenId {
        self.create(args).expect("an open")
    }

    /// Opens the subject with full access, and has the level granted.
    pub fn hold(&mut self, args: &CreateArgs, level: Level) -> OpenId {
        let open = self.open(args);
        let before = self.granted.len();
        self.call(|store, ticket| store.request(ticket, open, asking(level)));
        assert!(self.granted.len() > before, "{level} was not granted");
        open
    }

    pub fn write(&mut self, open: OpenId) {
        self.call(|store, ticket| store.write(ticket, open, 0, 1));
    }

    pub fn ack(&mut self, open: OpenId, form: AckForm) {
        self.call(|store, ticket| store.ack(ticket, open, form));
    }

    /// An open of the subject with full access and everything shared.
    pub fn plain(&self, key: Option<LeaseKey>) -> CreateArgs {
        CreateArgs {
            path: self.subject.to_owned(),
            access: Access::FULL,
            key,
            ..CreateArgs::default()
        }
    }

    /// An open of the subject as its holders make it.
    pub fn holder(&self, key: Option<LeaseKey>) -> CreateArgs {
        let (access, share, options) = match self.mode {
            Mode::Data => (DATA, Share(3), CreateOptions::default()),
            Mode::Names => (NAMES, Share(6), CreateOptions::default()),
            Mode::Deleting => (NAMES, Share(6), CreateOptions::DELETE_ON_CLOSE),
        };
        CreateArgs { access, share, options, ..self.plain(key) }
    }

    fn take_in(&mut self) {
        while let Some(indication) = self.store.poll() {
            match indication {
                Indication::Created { ticket, open, .. } => {
                    self.opens.extend(open);
                    self.waiting.retain(|waiting| *waiting != ticket);
                }
                Indication::Done { ticket, .. } => {
                    self.waiting.retain(|waiting| *waiting != ticket);
                }
                Indication::Waits { ticket } => self.waiting.push(ticket),
                Indication::Returned { ticket, status: Status::PENDING, .. } => {
                    self.granted.push(ticket);
                }
                Indication::Broken { ticket, .. } | Indication::Completed { ticket, .. } => {
                    self.granted.retain(|granted| *granted != ticket);
                }
                Indication::Returned { .. } => {}
            }
        }
        let store = &self.store;
        self.opens.retain(|open| store.stream_of(*open).is_some());
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

pub fn sharing(args: CreateArgs, share: Share) -> CreateArgs {
    CreateArgs { share, ..args }
}

pub fn wanting(args: CreateArgs, access: Access) -> CreateArgs {
    CreateArgs { access, ..args }
}

pub fn disposing(args: CreateArgs, disposition: Disposition) -> CreateArgs {
    CreateArgs { disposition, ..args }
}

pub fn with(args: CreateArgs, options: CreateOptions) -> CreateArgs {
    CreateArgs { options: args.options.union(options), ..args }
}
