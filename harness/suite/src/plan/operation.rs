//! What a call does, in the names of its case.

use oplock_model::{
    Access, AckForm, Control, CreateOptions, Disposition, LeaseState, LockRange, OplockLevel,
    QueryInfo, SetInfo, Share, StoreRequest,
};

use super::CallIndex;

/// What a call does, with handles, lease keys, guids and calls by name.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Opens a file.
    Open(Box<Open>),
    /// Closes a handle.
    Close {
        /// The handle.
        handle: String,
    },
    /// Reads.
    Read {
        /// The handle.
        handle: String,
        /// Byte offset.
        offset: u64,
        /// Bytes.
        length: u32,
    },
    /// Writes.
    Write {
        /// The handle.
        handle: String,
        /// Byte offset.
        offset: u64,
        /// Bytes.
        length: u32,
    },
    /// Flushes.
    Flush {
        /// The handle.
        handle: String,
    },
    /// Locks ranges of bytes.
    Lock {
        /// The handle.
        handle: String,
        /// The ranges.
        ranges: Vec<LockRange>,
        /// A range that conflicts fails instead of waiting.
        fail_immediately: bool,
    },
    /// Unlocks ranges of bytes.
    Unlock {
        /// The handle.
        handle: String,
        /// The ranges; `exclusive` has no meaning.
        ranges: Vec<LockRange>,
    },
    /// Queries information.
    Query {
        /// The handle.
        handle: String,
        /// What.
        info: QueryInfo,
    },
    /// Queries what a directory holds.
    QueryDirectory {
        /// The handle of the directory.
        handle: String,
        /// The search pattern.
        pattern: String,
    },
    /// Sets information: `sets`, `renames`, `links` and `deletes`.
    Set {
        /// The handle.
        handle: String,
        /// What.
        info: SetInfo,
    },
    /// A file system control.
    Control {
        /// The handle.
        handle: String,
        /// Which; the id of a source in it has no meaning.
        control: Control,
        /// The handle of the source, where the control has one.
        source: Option<String>,
    },
    /// Store: requests an oplock on a handle.
    Request {
        /// The handle.
        handle: String,
        /// What.
        request: StoreRequest,
    },
    /// Acknowledges.
    Ack(Ack),
    /// Cancels a call; it has no answer of its own.
    Cancel {
        /// The call.
        call: CallIndex,
        /// Its name.
        label: String,
    },
    /// Store: FSCTL_OPLOCK_BREAK_NOTIFY, answered when no break is in progress.
    BreakNotify {
        /// The handle.
        handle: String,
    },
    /// Store: creates a user section.
    Map {
        /// The handle.
        handle: String,
        /// Whether it may be written through.
        writable: bool,
    },
    /// Store: the sections of a handle are gone.
    Unmap {
        /// The handle.
        handle: String,
    },
    /// LOGOFF.
    LogOff,
    /// TREE_DISCONNECT.
    TreeDisconnect,
    /// The connection is dropped without a word.
    Disconnect,
    /// A lost connection, session or tree comes back under the same ClientGuid.
    Connect,
    /// The connection becomes a channel of another actor's session.
    Bind {
        /// Whose: an index into the actors of the cell.
        to: usize,
        /// The name of that actor.
        name: String,
    },
    /// A request as it stands, behind a well-formed header.
    Send {
        /// The command (MS-SMB2 2.2.1.2).
        command: u16,
        /// The body, from its StructureSize on.
        body: Vec<Piece>,
    },
}

/// A part of a body that is sent as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The 16 bytes of the FileId of this handle.
    Handle(String),
    /// The 16 bytes of the lease key of this name.
    Key(String),
}

/// An open.
#[derive(Clone, Debug)]
pub struct Open {
    /// Path below the cell's folder, with its stream: `f`, `d/x`, `f:s`.
    pub file: String,
    /// The name of the handle.
    pub handle: String,
    /// Desired access.
    pub access: Access,
    /// Share mode.
    pub share: Share,
    /// Disposition.
    pub disposition: Disposition,
    /// Options.
    pub options: CreateOptions,
    /// What is asked for besides the handle.
    pub want: Want,
    /// The allocation size of a new or overwritten file, in bytes.
    pub allocation: Option<u64>,
    /// The durable handle that is asked for, or claimed back.
    pub durable: Option<Durable>,
    /// The name of the id of the application instance.
    pub app_instance: Option<String>,
    /// Whether the maximal access is asked for.
    pub maximal_access: bool,
    /// Whether the header says that the request is a replay.
    pub replay: bool,
    /// Further create contexts as they stand: name and data.
    pub contexts: Vec<(Vec<u8>, Vec<u8>)>,
    /// Store: name of the target oplock key.
    pub key: Option<String>,
    /// Store: name of the parent oplock key.
    pub parent_key: Option<String>,
}

/// A durable handle that is asked for, or claimed back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Durable {
    /// DHnQ.
    RequestV1,
    /// DHnC.
    ReconnectV1 {
        /// The handle to claim back.
        handle: String,
    },
    /// DH2Q.
    RequestV2 {
        /// The name of the CreateGuid.
        guid: String,
        /// Milliseconds; 0 leaves it to the server.
        timeout: u32,
        /// SMB2_DHANDLE_FLAG_PERSISTENT.
        persistent: bool,
    },
    /// DH2C.
    ReconnectV2 {
        /// The handle to claim back.
        handle: String,
        /// The name of the CreateGuid.
        guid: String,
        /// SMB2_DHANDLE_FLAG_PERSISTENT.
        persistent: bool,
    },
}

/// What an open asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// Nothing.
    Nothing,
    /// A legacy level, raw.
    Oplock(OplockLevel),
    /// A lease.
    Lease {
        /// The name of the key.
        key: String,
        /// The state, raw.
        state: LeaseState,
        /// 1 or 2.
        version: u8,
        /// The case leaves the version open, so a run may ask for another.
        any_version: bool,
        /// The epoch sent.
        epoch: u16,
        /// The flags word, raw.
        flags: u32,
        /// The name of the parent key.
        parent: Option<String>,
    },
    /// Store: a request that follows the create.
    Request(StoreRequest),
}

/// An acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ack {
    /// What it acknowledges and with which value.
    pub what: AckWhat,
    /// Whether it answers a break that must have come (`break:`), or is sent anyhow (`handle:`, `key:`).
    pub of_break: bool,
}

/// The shapes of an acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AckWhat {
    /// 24 bytes on the wire.
    Oplock {
        /// The handle.
        handle: String,
        /// The level, raw.
        level: OplockLevel,
    },
    /// 36 bytes on the wire.
    Lease {
        /// The name of the key.
        key: String,
        /// The state, raw.
        state: LeaseState,
    },
    /// At the store.
    Store {
        /// The handle.
        handle: String,
        /// The form.
        form: AckForm,
    },
}
