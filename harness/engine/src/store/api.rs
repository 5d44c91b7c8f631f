//! What goes into the object store and what comes out of it.

use oplock_model::{
    Access, AckAnswer, CreateOptions, Disposition, LeaseKey, Level, Modes, Share, Status,
};

/// An Open of the object store (MS-FSA 2.1.1.6 "Per Open"); numbers are never used twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpenId(pub u32);

/// A stream of the object store: the data of a file, one of its named streams, or a directory (MS-FSA 2.1.1.5 "Per Stream").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u32);

/// The caller's name for one call; a caller never uses one twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// The fields of a create (MS-FSA 2.1.5.1 "Server Requests an Open of a File").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CreateArgs {
    /// Path below the store's root with `/` between names; `name:stream` is a named stream.
    pub path: String,
    /// Desired access.
    pub access: Access,
    /// Share mode.
    pub share: Share,
    /// Disposition.
    pub disposition: Disposition,
    /// Create options.
    pub options: CreateOptions,
    /// The allocation size of a new or overwritten file, in bytes.
    pub allocation: Option<u64>,
    /// The target oplock key of the extra create parameter.
    pub key: Option<LeaseKey>,
    /// The parent oplock key of the extra create parameter.
    pub parent_key: Option<LeaseKey>,
}

impl Default for CreateArgs {
    /// Read and write access, everything shared, `open_if`, no keys: the defaults of the case format.
    fn default() -> Self {
        CreateArgs {
            path: String::new(),
            access: Access::READ_DATA.union(Access::WRITE_DATA),
            share: Share::ALL,
            disposition: Disposition::OpenIf,
            options: CreateOptions::default(),
            allocation: None,
            key: None,
            parent_key: None,
        }
    }
}

/// One thing that the store says; polled in the order of cause and effect.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Indication {
    /// A create ended.
    Created {
        /// The create.
        ticket: Ticket,
        /// How it ended; STATUS_OPLOCK_BREAK_IN_PROGRESS comes with an open.
        status: Status,
        /// The open, where there is one.
        open: Option<OpenId>,
        /// IoStatus.Information: FILE_SUPERSEDED 0 to FILE_OVERWRITTEN 3; after a failure 0 or FILE_OPBATCH_BREAK_UNDERWAY 9.
        action: u32,
    },
    /// Any other call ended: a read, write, lock, query, close and so on.
    Done {
        /// The call.
        ticket: Ticket,
        /// How it ended.
        status: Status,
        /// Bytes read or written, else 0.
        count: u32,
    },
    /// The immediate return of an oplock request or an acknowledgement: STATUS_PENDING means granted,
    /// and the ticket from now on names the granted request.
    Returned {
        /// The call.
        ticket: Ticket,
        /// What it returned.
        status: Status,
        /// What else came back: always [`AckAnswer::Store`].
        answer: Option<AckAnswer>,
    },
    /// The call waits, for a break or for a byte-range lock; said once for each call.
    Waits {
        /// The call.
        ticket: Ticket,
    },
    /// A granted request completed because its oplock was broken.
    Broken {
        /// The call that made the request, or the acknowledgement that took its place.
        ticket: Ticket,
        /// Its open.
        open: OpenId,
        /// The completion status.
        status: Status,
        /// The level that was broken.
        from: Level,
        /// The level broken to.
        to: Level,
        /// Whether an acknowledgement is owed.
        ack_required: bool,
        /// IoStatus.Information of a legacy request: 7 to Level II, 8 to none.
        information: Option<u32>,
        /// The breaker's modes, where an open took handle caching away.
        modes: Option<Modes>,
    },
    /// A granted request ended by switch, replacement, cancel or close.
    Completed {
        /// The call that made the request.
        ticket: Ticket,
        /// How it ended.
        status: Status,
        /// What a switch gave the new owner, else none.
        to: Level,
        /// IoStatus.Information of a legacy request that ended as broken: 8, to none.
        information: Option<u32>,
    },
}
