//! Every message that has a shape of its own here; all others are raw bodies.

use oplock_model::{FileId, LeaseKey, LeaseState, OplockLevel};

use crate::{
    CloseResponse, Command, CreateRequest, CreateResponse, IoctlRequest, IoctlResponse,
    LeaseBreakNotification, LockRequest, NegotiateRequest, NegotiateResponse,
    QueryDirectoryRequest, QueryInfoRequest, SessionSetupRequest, SessionSetupResponse,
    SetInfoRequest, TreeConnectResponse, WriteRequest,
};

/// What a client sends, without its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// NEGOTIATE (MS-SMB2 2.2.3).
    Negotiate(NegotiateRequest),
    /// SESSION_SETUP (MS-SMB2 2.2.5).
    SessionSetup(SessionSetupRequest),
    /// LOGOFF (MS-SMB2 2.2.7).
    Logoff,
    /// TREE_CONNECT (MS-SMB2 2.2.9).
    TreeConnect {
        /// The share as `\\server\share`.
        path: String,
    },
    /// TREE_DISCONNECT (MS-SMB2 2.2.11).
    TreeDisconnect,
    /// CREATE (MS-SMB2 2.2.13).
    Create(CreateRequest),
    /// CLOSE (MS-SMB2 2.2.15).
    Close {
        /// The open.
        file: FileId,
        /// 0x1 asks for the attributes in the answer.
        flags: u16,
    },
    /// FLUSH (MS-SMB2 2.2.17).
    Flush {
        /// The open.
        file: FileId,
    },
    /// READ (MS-SMB2 2.2.19).
    Read {
        /// The open.
        file: FileId,
        /// Byte offset in the file.
        offset: u64,
        /// Bytes asked.
        length: u32,
        /// Fewer bytes than this are an error of the request.
        minimum: u32,
    },
    /// WRITE (MS-SMB2 2.2.21).
    Write(WriteRequest),
    /// LOCK (MS-SMB2 2.2.26).
    Lock(LockRequest),
    /// IOCTL (MS-SMB2 2.2.31).
    Ioctl(IoctlRequest),
    /// ECHO (MS-SMB2 2.2.28).
    Echo,
    /// CANCEL (MS-SMB2 2.2.30): has no answer of its own.
    Cancel,
    /// QUERY_DIRECTORY (MS-SMB2 2.2.33).
    QueryDirectory(QueryDirectoryRequest),
    /// QUERY_INFO (MS-SMB2 2.2.37).
    QueryInfo(QueryInfoRequest),
    /// SET_INFO (MS-SMB2 2.2.39).
    SetInfo(SetInfoRequest),
    /// OPLOCK_BREAK acknowledgement, 24 bytes (MS-SMB2 2.2.24.1).
    OplockAck {
        /// The open whose oplock breaks.
        file: FileId,
        /// The level accepted, raw.
        level: OplockLevel,
    },
    /// Lease break acknowledgement, 36 bytes (MS-SMB2 2.2.24.2).
    LeaseAck {
        /// The lease.
        key: LeaseKey,
        /// The state accepted, raw.
        state: LeaseState,
        /// Flags, raw: reserved, 0.
        flags: u32,
    },
    /// Any command with these bytes as its body, as they are.
    Raw {
        /// The command.
        command: Command,
        /// Everything after the header.
        body: Vec<u8>,
    },
}

impl Request {
    /// The command that carries this request.
    #[must_use]
    pub fn command(&self) -> Command {
        match self {
            Request::Negotiate(_) => Command::NEGOTIATE,
            Request::SessionSetup(_) => Command::SESSION_SETUP,
            Request::Logoff => Command::LOGOFF,
            Request::TreeConnect { .. } => Command::TREE_CONNECT,
            Request::TreeDisconnect => Command::TREE_DISCONNECT,
            Request::Create(_) => Command::CREATE,
            Request::Close { .. } => Command::CLOSE,
            Request::Flush { .. } => Command::FLUSH,
            Request::Read { .. } => Command::READ,
            Request::Write(_) => Command::WRITE,
            Request::Lock(_) => Command::LOCK,
            Request::Ioctl(_) => Command::IOCTL,
            Request::Echo => Command::ECHO,
            Request::Cancel => Command::CANCEL,
            Request::QueryDirectory(_) => Command::QUERY_DIRECTORY,
            Request::QueryInfo(_) => Command::QUERY_INFO,
            Request::SetInfo(_) => Command::SET_INFO,
            Request::OplockAck { .. } | Request::LeaseAck { .. } => Command::OPLOCK_BREAK,
            Request::Raw { command, .. } => *command,
        }
    }
}

/// What a server sends, without its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// An error, or the interim answer of a request that waits (MS-SMB2 2.2.2): the status is in the header.
    Error {
        /// How many error contexts `data` holds; 0 before SMB 3.1.1.
        contexts: u8,
        /// ErrorData as far as it came, mostly empty.
        data: Vec<u8>,
    },
    /// NEGOTIATE (MS-SMB2 2.2.4).
    Negotiate(NegotiateResponse),
    /// SESSION_SETUP, also with STATUS_MORE_PROCESSING_REQUIRED (MS-SMB2 2.2.6).
    SessionSetup(SessionSetupResponse),
    /// LOGOFF (MS-SMB2 2.2.8).
    Logoff,
    /// TREE_CONNECT (MS-SMB2 2.2.10).
    TreeConnect(TreeConnectResponse),
    /// TREE_DISCONNECT (MS-SMB2 2.2.12).
    TreeDisconnect,
    /// CREATE (MS-SMB2 2.2.14).
    Create(CreateResponse),
    /// CLOSE (MS-SMB2 2.2.16).
    Close(CloseResponse),
    /// FLUSH (MS-SMB2 2.2.18).
    Flush,
    /// READ (MS-SMB2 2.2.20).
    Read {
        /// The bytes read.
        data: Vec<u8>,
    },
    /// WRITE (MS-SMB2 2.2.22).
    Write {
        /// Bytes written.
        count: u32,
    },
    /// LOCK (MS-SMB2 2.2.27).
    Lock,
    /// IOCTL (MS-SMB2 2.2.32).
    Ioctl(IoctlResponse),
    /// ECHO (MS-SMB2 2.2.29).
    Echo,
    /// QUERY_DIRECTORY (MS-SMB2 2.2.34).
    QueryDirectory {
        /// The entries, in the class that was asked.
        data: Vec<u8>,
    },
    /// QUERY_INFO (MS-SMB2 2.2.38).
    QueryInfo {
        /// The information, in the class that was asked.
        data: Vec<u8>,
    },
    /// SET_INFO (MS-SMB2 2.2.40).
    SetInfo,
    /// 24 bytes: the notification where [`crate::Header::is_notification`], else the answer to an acknowledgement
    /// (MS-SMB2 2.2.23.1 and 2.2.25.1).
    OplockBreak {
        /// The open.
        file: FileId,
        /// The level, raw.
        level: OplockLevel,
    },
    /// 44 bytes: a lease is broken (MS-SMB2 2.2.23.2).
    LeaseBreakNotification(LeaseBreakNotification),
    /// 36 bytes: the answer to a lease break acknowledgement (MS-SMB2 2.2.25.2).
    LeaseBreakResponse {
        /// The lease.
        key: LeaseKey,
        /// The state, raw.
        state: LeaseState,
        /// The flags, raw: reserved, 0.
        flags: u32,
    },
    /// Any other command, with its body as it is.
    Raw {
        /// The command.
        command: Command,
        /// Everything after the header.
        body: Vec<u8>,
    },
}

impl Response {
    /// The command that carries this response; an error has the one of its request, which its header alone knows.
    #[must_use]
    pub fn command(&self) -> Option<Command> {
        Some(match self {
            Response::Error { .. } => return None,
            Response::Negotiate(_) => Command::NEGOTIATE,
            Response::SessionSetup(_) => Command::SESSION_SETUP,
            Response::Logoff => Command::LOGOFF,
            Response::TreeConnect(_) => Command::TREE_CONNECT,
            Response::TreeDisconnect => Command::TREE_DISCONNECT,
            Response::Create(_) => Command::CREATE,
            Response::Close(_) => Command::CLOSE,
            Response::Flush => Command::FLUSH,
            Response::Read { .. } => Command::READ,
            Response::Write { .. } => Command::WRITE,
            Response::Lock => Command::LOCK,
            Response::Ioctl(_) => Command::IOCTL,
            Response::Echo => Command::ECHO,
            Response::QueryDirectory { .. } => Command::QUERY_DIRECTORY,
            Response::QueryInfo { .. } => Command::QUERY_INFO,
            Response::SetInfo => Command::SET_INFO,
            Response::OplockBreak { .. }
            | Response::LeaseBreakNotification(_)
            | Response::LeaseBreakResponse { .. } => Command::OPLOCK_BREAK,
            Response::Raw { command, .. } => *command,
        })
    }
}
