//! What a target says: answers, interims, breaks, losses and findings.

use serde::{Deserialize, Serialize};

use crate::{
    Access, CallId, ConnectionId, FileId, LeaseKey, LeaseState, Level, OplockLevel, Share, Status,
    Tick,
};

/// A value and when it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamped<T> {
    /// When, on the scene's clock.
    pub at: Tick,
    /// What.
    pub value: T,
}

/// One thing that a target said.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub enum Event {
    /// The final answer to a call; at the store, for an oplock request or an acknowledgement, its immediate return
    /// (STATUS_PENDING = granted).
    Reply {
        /// The call.
        call: CallId,
        /// The status.
        status: Status,
        /// What else the answer says.
        body: Body,
    },
    /// STATUS_PENDING for a call whose answer follows: recorded, never required.
    Interim {
        /// The call.
        call: CallId,
    },
    /// An oplock or lease was broken.
    Break(BreakNotice),
    /// Store only: a granted request ended by switch, replacement, cancel or close.
    Completed {
        /// The call that made the request.
        call: CallId,
        /// How it ended.
        status: Status,
        /// The level in the completion: what a switch gave the new owner, else none.
        to: Level,
        /// IoStatus.Information of a legacy request, 7 or 8.
        information: Option<u32>,
    },
    /// A connection is gone.
    Gone {
        /// Which.
        connection: ConnectionId,
    },
    /// The target broke the protocol.
    Finding(Finding),
}

/// What an answer says besides its status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Body {
    /// Nothing that bears on oplocks.
    #[default]
    Empty,
    /// A CREATE answer.
    Create(CreateAnswer),
    /// An acknowledgement's answer.
    Ack(AckAnswer),
    /// Bytes read or written.
    Count(u32),
}

/// The fields of a CREATE answer that bear on oplocks and leases (MS-SMB2 2.2.14).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateAnswer {
    /// The open.
    pub file: FileId,
    /// The level byte, raw; NONE at the store.
    pub level: OplockLevel,
    /// The lease context of the answer.
    pub lease: Option<LeaseAnswer>,
    /// FILE_SUPERSEDED 0 to FILE_OVERWRITTEN 3.
    pub action: u32,
    /// The durable handle that was given, where the answer says so.
    pub durable: Option<DurableAnswer>,
}

/// A durable create context of an answer (MS-SMB2 2.2.14.2.3 and 2.2.14.2.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub enum DurableAnswer {
    /// DHnQ.
    V1,
    /// DH2Q.
    V2 {
        /// Milliseconds.
        timeout: u32,
        /// SMB2_DHANDLE_FLAG_PERSISTENT.
        persistent: bool,
    },
}

/// An RqLs context as the server answers it (MS-SMB2 2.2.14.2.10 and 2.2.14.2.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LeaseAnswer {
    /// The lease key.
    pub key: LeaseKey,
    /// The state, raw.
    pub state: LeaseState,
    /// The flags, raw: 0x2 BREAK_IN_PROGRESS, 0x4 PARENT_LEASE_KEY_SET.
    pub flags: u32,
    /// 1 for the 32-byte context, 2 for the 52-byte one.
    pub version: u8,
    /// Version 2: the epoch; version 1: 0.
    pub epoch: u16,
    /// Version 2: the parent key field; version 1: zero.
    pub parent: LeaseKey,
}

impl LeaseAnswer {
    /// SMB2_LEASE_FLAG_BREAK_IN_PROGRESS.
    pub const BREAK_IN_PROGRESS: u32 = 0x2;
    /// SMB2_LEASE_FLAG_PARENT_LEASE_KEY_SET.
    pub const PARENT_LEASE_KEY_SET: u32 = 0x4;
}

/// An acknowledgement's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub enum AckAnswer {
    /// The 24-byte response (MS-SMB2 2.2.25.1).
    Oplock {
        /// The open.
        file: FileId,
        /// The level, raw.
        level: OplockLevel,
    },
    /// The 36-byte response (MS-SMB2 2.2.25.2).
    Lease {
        /// The lease.
        key: LeaseKey,
        /// The state, raw.
        state: LeaseState,
    },
    /// Store: what came back with STATUS_CANNOT_GRANT_REQUESTED_OPLOCK, or with an acknowledgement that completed at once as broken.
    Store {
        /// The level that could be had.
        to: Level,
        /// Whether another acknowledgement is owed.
        ack_required: bool,
        /// IoStatus.Information, 7 or 8, where the legacy form gives it.
        information: Option<u32>,
        /// REQUEST_OPLOCK_OUTPUT_FLAG_WRITABLE_SECTION_PRESENT: a request was turned down because of a writable section.
        #[serde(default)]
        writable_section: bool,
    },
}

/// A break as its holder is told.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub enum BreakNotice {
    /// An Oplock Break Notification (MS-SMB2 2.2.23.1).
    Oplock {
        /// The connection it came on.
        connection: ConnectionId,
        /// The open.
        file: FileId,
        /// The highest level that may be acknowledged, raw.
        level: OplockLevel,
    },
    /// A Lease Break Notification (MS-SMB2 2.2.23.2).
    Lease {
        /// The connection it came on.
        connection: ConnectionId,
        /// The lease.
        key: LeaseKey,
        /// The state before the break, raw.
        current: LeaseState,
        /// The state that is left, raw.
        new: LeaseState,
        /// The flags, raw: 0x1 ACK_REQUIRED.
        flags: u32,
        /// NewEpoch; 0 for a version 1 lease.
        epoch: u16,
        /// The status of the header: success, or STATUS_FILE_CLOSED where the server closed the last open (MS-SMB2 <248>).
        status: Status,
    },
    /// Store: a pended request was completed by a break.
    Request {
        /// The call that made the request.
        call: CallId,
        /// Its open.
        file: FileId,
        /// The completion status.
        status: Status,
        /// The level that was broken.
        from: Level,
        /// The level broken to.
        to: Level,
        /// Whether an acknowledgement is owed.
        ack_required: bool,
        /// IoStatus.Information of a legacy request, 7 or 8.
        information: Option<u32>,
        /// The breaker's modes, where the output buffer gives them.
        modes: Option<Modes>,
    },
}

impl BreakNotice {
    /// SMB2_NOTIFY_BREAK_LEASE_FLAG_ACK_REQUIRED.
    pub const ACK_REQUIRED: u32 = 0x1;
}

/// Access and share mode of the request that broke handle caching (REQUEST_OPLOCK_OUTPUT_FLAG_MODES_PROVIDED).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Modes {
    /// Its desired access.
    pub access: Access,
    /// Its share mode.
    pub share: Share,
}

/// Something that the protocol does not allow, with the bytes that show it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The connection, where one is known.
    pub connection: Option<ConnectionId>,
    /// What is wrong: a lower-case fragment.
    pub what: String,
    /// The bytes of the message, from the SMB2 header on, cut at 256.
    pub bytes: Vec<u8>,
}
