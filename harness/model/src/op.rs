//! What an actor can do: one operation is one request on the wire, or one call into the object store.

use serde::{Deserialize, Serialize};

use crate::{Access, CreateOptions, Disposition, FileId, LeaseKey, LeaseState, OplockLevel, Share};

/// One operation, with concrete ids; the names of a case are resolved before it is submitted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Op {
    /// CREATE, at the store with the oplock request that may follow it.
    Create(Box<CreateOp>),
    /// CLOSE of one open.
    Close {
        /// The open.
        file: FileId,
    },
    /// READ of `length` bytes at `offset`.
    Read {
        /// The open.
        file: FileId,
        /// Byte offset.
        offset: u64,
        /// Bytes asked.
        length: u32,
    },
    /// WRITE of `length` filler bytes at `offset`.
    Write {
        /// The open.
        file: FileId,
        /// Byte offset.
        offset: u64,
        /// Bytes written; their value has no meaning.
        length: u32,
    },
    /// QUERY_INFO FileBasicInformation.
    QueryBasic {
        /// The open.
        file: FileId,
    },
    /// OPLOCK_BREAK acknowledgement of 24 bytes (MS-SMB2 2.2.24.1).
    OplockAck {
        /// The open whose oplock breaks.
        file: FileId,
        /// The level accepted, raw.
        level: OplockLevel,
    },
    /// Lease break acknowledgement of 36 bytes (MS-SMB2 2.2.24.2).
    LeaseAck {
        /// The lease.
        key: LeaseKey,
        /// The state accepted, raw.
        state: LeaseState,
    },
    /// A request whose answer proves that everything before it on this connection was processed: ECHO; at the store nothing.
    Fence,
    /// Store only: an oplock request on an open (MS-FSA 2.1.5.18).
    Request {
        /// The open.
        file: FileId,
        /// What is asked.
        request: StoreRequest,
    },
    /// Store only: an acknowledgement (MS-FSA 2.1.5.19, WDK "Acknowledging Oplock Breaks").
    Ack {
        /// The open whose oplock breaks.
        file: FileId,
        /// Which of the forms.
        form: AckForm,
    },
}

/// The fields of a CREATE that bear on oplocks and leases.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CreateOp {
    /// Path below the scene's folder with `/` between names; `name:stream` is a named stream.
    pub path: String,
    /// Desired access.
    pub access: Access,
    /// Share mode.
    pub share: Share,
    /// Disposition.
    pub disposition: Disposition,
    /// Create options.
    pub options: CreateOptions,
    /// The oplock or lease that is asked for.
    pub wanted: Wanted,
    /// Store only: the target oplock key of the extra create parameter.
    pub key: Option<LeaseKey>,
    /// Store only: the parent oplock key of the extra create parameter.
    pub parent_key: Option<LeaseKey>,
}

impl Default for CreateOp {
    /// The defaults of the case format: read and write access, everything shared, `open_if`, nothing wanted.
    fn default() -> Self {
        CreateOp {
            path: String::new(),
            access: Access::READ_DATA.union(Access::WRITE_DATA),
            share: Share::ALL,
            disposition: Disposition::OpenIf,
            options: CreateOptions::default(),
            wanted: Wanted::Nothing,
            key: None,
            parent_key: None,
        }
    }
}

/// What a CREATE asks for besides the handle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Wanted {
    /// Level NONE and no context.
    #[default]
    Nothing,
    /// A legacy level byte, raw, without a context.
    Oplock(OplockLevel),
    /// Level LEASE with an RqLs context.
    Lease(LeaseRequest),
    /// Store only: the create is followed at once by this request, without fallback.
    Request(StoreRequest),
}

/// An RqLs create context as the client sends it (MS-SMB2 2.2.13.2.8 and 2.2.13.2.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LeaseRequest {
    /// The lease key.
    pub key: LeaseKey,
    /// The state asked for, raw.
    pub state: LeaseState,
    /// The flags word, raw; PARENT_LEASE_KEY_SET is added where `parent` is given.
    pub flags: u32,
    /// 1 for the 32-byte context, 2 for the 52-byte one.
    pub version: u8,
    /// Version 2 only: the epoch sent.
    pub epoch: u16,
    /// Version 2 only: the parent lease key, with its flag.
    pub parent: Option<LeaseKey>,
}

/// An oplock request at the store: one of the FSCTLs (MS-FSA 2.1.5.18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StoreRequest {
    /// FSCTL_REQUEST_OPLOCK_LEVEL_1.
    LevelOne,
    /// FSCTL_REQUEST_OPLOCK_LEVEL_2.
    LevelTwo,
    /// FSCTL_REQUEST_BATCH_OPLOCK.
    Batch,
    /// FSCTL_REQUEST_FILTER_OPLOCK.
    Filter,
    /// FSCTL_REQUEST_OPLOCK with REQUEST_OPLOCK_INPUT_FLAG_REQUEST and these caching bits, raw.
    Granular(LeaseState),
}

/// An acknowledgement at the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AckForm {
    /// FSCTL_OPLOCK_BREAK_ACKNOWLEDGE: the level broken to is accepted.
    Acknowledge,
    /// FSCTL_OPLOCK_BREAK_ACK_NO_2: none, even where level II was offered.
    NoLevelTwo,
    /// FSCTL_OPBATCH_ACK_CLOSE_PENDING: the handle will be closed.
    ClosePending,
    /// FSCTL_REQUEST_OPLOCK with REQUEST_OPLOCK_INPUT_FLAG_ACK and these caching bits, raw.
    Granular(LeaseState),
}
