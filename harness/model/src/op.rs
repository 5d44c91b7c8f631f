//! What an actor can do: one operation is one request on the wire, or one call into the object store.

use serde::{Deserialize, Serialize};

use crate::{
    Access, CallId, Control, CreateOptions, Disposition, FileId, LeaseKey, LeaseState, Level,
    OplockLevel, QueryInfo, SetInfo, Share,
};

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
    /// FLUSH.
    Flush {
        /// The open.
        file: FileId,
    },
    /// LOCK with one or several ranges; at the store each range is a call of its own, in order.
    Lock {
        /// The open.
        file: FileId,
        /// The ranges.
        ranges: Vec<LockRange>,
        /// SMB2_LOCKFLAG_FAIL_IMMEDIATELY: a range that conflicts fails instead of waiting.
        fail_immediately: bool,
    },
    /// LOCK with SMB2_LOCKFLAG_UNLOCK.
    Unlock {
        /// The open.
        file: FileId,
        /// The ranges; `exclusive` has no meaning.
        ranges: Vec<LockRange>,
    },
    /// QUERY_INFO.
    Query {
        /// The open.
        file: FileId,
        /// What is asked.
        info: QueryInfo,
    },
    /// QUERY_DIRECTORY of everything that `pattern` matches.
    QueryDirectory {
        /// The open of the directory.
        file: FileId,
        /// The search pattern.
        pattern: String,
    },
    /// SET_INFO.
    Set {
        /// The open.
        file: FileId,
        /// What is set.
        info: SetInfo,
    },
    /// IOCTL; at the store a file system control.
    Control {
        /// The open.
        file: FileId,
        /// Which.
        control: Control,
    },
    /// CANCEL of a call; it has no answer of its own.
    Cancel {
        /// The call, which may be over.
        call: CallId,
    },
    /// LOGOFF of the actor's session.
    LogOff,
    /// TREE_DISCONNECT of the actor's tree.
    TreeDisconnect,
    /// The actor's transport connection is dropped without a word; answered at once with success.
    Disconnect,
    /// A connection that is gone, or whose session or tree is, comes back with a new session and tree under the same
    /// ClientGuid; answered with success once it can be used.
    Connect,
    /// SESSION_SETUP with SMB2_SESSION_FLAG_BINDING: the actor's connection becomes a further channel of the session of
    /// `session`, in place of its own session (MS-SMB2 3.3.5.5.2). Answered with the status of the session setup.
    Bind {
        /// Whose session.
        session: crate::Actor,
    },
    /// A request with this command and body as they stand, behind a well-formed header: for illegal input.
    Raw {
        /// The command (MS-SMB2 2.2.1.2).
        command: u16,
        /// The body, from its StructureSize on.
        body: Vec<u8>,
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
    /// Store only: FSCTL_OPLOCK_BREAK_NOTIFY, answered when no break is in progress (any more).
    BreakNotify {
        /// The open.
        file: FileId,
    },
    /// Store only: a user section of the stream is created, and stays until [`Op::UnmapSection`] or the close of the open
    /// (WDK "FS_FILTER_ACQUIRE_FOR_SECTION_SYNCHRONIZATION").
    MapSection {
        /// The open.
        file: FileId,
        /// PAGE_READWRITE or PAGE_EXECUTE_READWRITE.
        writable: bool,
    },
    /// Store only: the sections of an open are gone.
    UnmapSection {
        /// The open.
        file: FileId,
    },
}

impl Op {
    /// The open that it works on, where it works on one.
    #[must_use]
    pub fn file(&self) -> Option<FileId> {
        match self {
            Op::Close { file }
            | Op::Read { file, .. }
            | Op::Write { file, .. }
            | Op::Flush { file }
            | Op::Lock { file, .. }
            | Op::Unlock { file, .. }
            | Op::Query { file, .. }
            | Op::QueryDirectory { file, .. }
            | Op::Set { file, .. }
            | Op::Control { file, .. }
            | Op::OplockAck { file, .. }
            | Op::Request { file, .. }
            | Op::Ack { file, .. }
            | Op::BreakNotify { file }
            | Op::MapSection { file, .. }
            | Op::UnmapSection { file } => Some(*file),
            Op::Create(_)
            | Op::Cancel { .. }
            | Op::LogOff
            | Op::TreeDisconnect
            | Op::Disconnect
            | Op::Connect
            | Op::Bind { .. }
            | Op::Raw { .. }
            | Op::LeaseAck { .. }
            | Op::Fence => None,
        }
    }
}

/// A byte range of a lock (MS-SMB2 2.2.26.1 "SMB2_LOCK_ELEMENT").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LockRange {
    /// First byte.
    pub offset: u64,
    /// Bytes; 0 is legal.
    pub length: u64,
    /// SMB2_LOCKFLAG_EXCLUSIVE_LOCK, else a shared lock.
    pub exclusive: bool,
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
    /// AlSi: the allocation size of a new or overwritten file, in bytes.
    pub allocation: Option<u64>,
    /// A durable handle is asked for, or claimed back.
    pub durable: Option<Durable>,
    /// SMB2_CREATE_APP_INSTANCE_ID: the 16 bytes of the id (MS-SMB2 2.2.13.2.13).
    pub app_instance: Option<[u8; 16]>,
    /// MxAc: the maximal access is asked for; it bears on nothing.
    pub maximal_access: bool,
    /// SMB2_FLAGS_REPLAY_OPERATION in the header.
    pub replay: bool,
    /// Further create contexts as they stand: name and data.
    pub contexts: Vec<(Vec<u8>, Vec<u8>)>,
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
            allocation: None,
            durable: None,
            app_instance: None,
            maximal_access: false,
            replay: false,
            contexts: Vec::new(),
            key: None,
            parent_key: None,
        }
    }
}

/// The create contexts of durable handles (MS-SMB2 2.2.13.2.3, .4, .11 and .12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Durable {
    /// DHnQ.
    RequestV1,
    /// DHnC.
    ReconnectV1 {
        /// The open to claim back.
        file: FileId,
    },
    /// DH2Q.
    RequestV2 {
        /// CreateGuid.
        guid: [u8; 16],
        /// Milliseconds; 0 leaves it to the server.
        timeout: u32,
        /// SMB2_DHANDLE_FLAG_PERSISTENT.
        persistent: bool,
    },
    /// DH2C.
    ReconnectV2 {
        /// The open to claim back.
        file: FileId,
        /// CreateGuid.
        guid: [u8; 16],
        /// SMB2_DHANDLE_FLAG_PERSISTENT.
        persistent: bool,
    },
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
    /// A control with everything as it stands, for illegal input.
    Raw(RawOplockControl),
}

impl StoreRequest {
    /// The request for a level; for none the granular one for nothing.
    #[must_use]
    pub fn of(level: Level) -> StoreRequest {
        match level {
            Level::Ii => StoreRequest::LevelTwo,
            Level::Exclusive => StoreRequest::LevelOne,
            Level::Batch => StoreRequest::Batch,
            Level::Filter => StoreRequest::Filter,
            Level::None | Level::R | Level::Rh | Level::Rw | Level::Rwh => {
                StoreRequest::Granular(level.lease_state().unwrap_or_default())
            }
        }
    }

    /// The level that it asks for, where it is a legal one; a control as it stands by its code.
    #[must_use]
    pub fn level(self) -> Option<Level> {
        match self {
            StoreRequest::LevelOne => Some(Level::Exclusive),
            StoreRequest::LevelTwo => Some(Level::Ii),
            StoreRequest::Batch => Some(Level::Batch),
            StoreRequest::Filter => Some(Level::Filter),
            StoreRequest::Granular(state) => state.into(),
            StoreRequest::Raw(raw) => match raw.code {
                0x0009_0000 => Some(Level::Exclusive),
                0x0009_0004 => Some(Level::Ii),
                0x0009_0008 => Some(Level::Batch),
                0x0009_005C => Some(Level::Filter),
                0x0009_0240 => raw.level.into(),
                _ => None,
            },
        }
    }
}

/// A call of the oplock package as it stands (SDK "REQUEST_OPLOCK_INPUT_BUFFER", DDI "FsRtlOplockFsctrl").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RawOplockControl {
    /// The control code.
    pub code: u32,
    /// Length of the input buffer in bytes.
    pub input_length: u32,
    /// Length of the output buffer in bytes.
    pub output_length: u32,
    /// RequestedOplockLevel, raw.
    pub level: LeaseState,
    /// Flags: 0x1 REQUEST, 0x2 ACK, 0x4 COMPLETE_ACK_ON_CLOSE.
    pub flags: u32,
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
    /// The same with REQUEST_OPLOCK_INPUT_FLAG_COMPLETE_ACK_ON_CLOSE: the waiters go on when the handle closes.
    GranularOnClose(LeaseState),
}
