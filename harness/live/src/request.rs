//! An operation of a cell as a request on the wire, and an answer as the body of an event.

use oplock_model::{
    AckAnswer, Body, CreateAnswer, CreateOp, FileId, LockRange, Op, OplockLevel, TargetFault,
    Wanted,
};
use oplock_wire::{
    Chain, Command, CreateContext, CreateRequest, DecodeError, LeaseContext, LockElement,
    LockRequest, QueryDirectoryRequest, Request, Response, WriteRequest, durable_answer,
};

use crate::control::{self, RESUME_KEY_LENGTH};
use crate::info;

/// ImpersonationLevel Impersonation (MS-SMB2 2.2.13).
const IMPERSONATION: u32 = 2;
/// FILE_ATTRIBUTE_NORMAL (MS-FSCC 2.6).
const ATTRIBUTE_NORMAL: u32 = 0x80;
/// FileDirectoryInformation, SMB2_RESTART_SCANS, and bytes asked at once (MS-SMB2 2.2.33).
const CLASS_DIRECTORY: u8 = 1;
const RESTART_SCAN: u8 = 1;
const LISTING: u32 = 0x1_0000;
/// What a WRITE of a cell writes.
const FILLER: u8 = b'c';

/// What one operation sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub request: Request,
    /// SMB2_FLAGS_REPLAY_OPERATION.
    pub replay: bool,
}

impl From<Request> for Asked {
    fn from(request: Request) -> Self {
        Asked { request, replay: false }
    }
}

/// The request of one operation; paths are below `folder`, `key` is the resume key that a COPYCHUNK needs.
///
/// # Errors
/// [`TargetFault::Unsupported`] for what only the object store can do, and for what is no single request.
pub(crate) fn request_of(
    op: &Op,
    folder: &str,
    key: [u8; RESUME_KEY_LENGTH],
) -> Result<Asked, TargetFault> {
    Ok(Asked::from(match op {
        Op::Create(create) => {
            let request = Request::Create(create_of(create, folder)?);
            return Ok(Asked { request, replay: create.replay });
        }
        Op::Close { file } => Request::Close { file: *file, flags: 0 },
        Op::Read { file, offset, length } => {
            Request::Read { file: *file, offset: *offset, length: *length, minimum: 0 }
        }
        Op::Write { file, offset, length } => Request::Write(WriteRequest {
            file: *file,
            offset: *offset,
            data: filler(*length)?,
            flags: 0,
        }),
        Op::Flush { file } => Request::Flush { file: *file },
        Op::Lock { file, ranges, fail_immediately } => {
            let fails = if *fail_immediately { LockElement::FAIL_IMMEDIATELY } else { 0 };
            lock(*file, ranges, |range| {
                fails | if range.exclusive { LockElement::EXCLUSIVE } else { LockElement::SHARED }
            })
        }
        Op::Unlock { file, ranges } => lock(*file, ranges, |_| LockElement::UNLOCK),
        Op::Query { file, info } => Request::QueryInfo(info::query(*file, *info)),
        Op::QueryDirectory { file, pattern } => Request::QueryDirectory(QueryDirectoryRequest {
            file: *file,
            class: CLASS_DIRECTORY,
            flags: RESTART_SCAN,
            index: 0,
            pattern: pattern.clone(),
            output_length: LISTING,
        }),
        Op::Set { file, info } => Request::SetInfo(info::set(*file, info, folder)),
        Op::Control { file, control } => Request::Ioctl(control::request(*file, control, key)),
        Op::LogOff => Request::Logoff,
        Op::TreeDisconnect => Request::TreeDisconnect,
        Op::Raw { command, body } => {
            Request::Raw { command: Command(*command), body: body.clone() }
        }
        Op::OplockAck { file, level } => Request::OplockAck { file: *file, level: *level },
        Op::LeaseAck { key, state } => Request::LeaseAck { key: *key, state: *state, flags: 0 },
        Op::Fence => Request::Echo,
        Op::Cancel { .. } | Op::Disconnect | Op::Connect | Op::Bind { .. } => {
            return Err(TargetFault::Internal("a connection's own operation in a request".into()));
        }
        Op::Request { .. } | Op::Ack { .. } | Op::BreakNotify { .. } => {
            return Err(store_only("an oplock request or acknowledgement by FSCTL"));
        }
        Op::MapSection { .. } | Op::UnmapSection { .. } => {
            return Err(store_only("a mapped section"));
        }
    }))
}

fn lock(file: FileId, ranges: &[LockRange], flags: impl Fn(&LockRange) -> u32) -> Request {
    let element = |range: &LockRange| LockElement {
        offset: range.offset,
        length: range.length,
        flags: flags(range),
    };
    let elements = ranges.iter().map(element).collect();
    Request::Lock(LockRequest { file, sequence: 0, elements })
}

/// How several operations go out: related where one of them means the file before it.
pub(crate) fn chain_of(ops: &[Op]) -> Chain {
    let related = ops.iter().skip(1).any(|op| op.file() == Some(FileId::RELATED));
    if related { Chain::Related } else { Chain::Unrelated }
}

/// What the answer says that bears on oplocks.
///
/// # Errors
/// A [`DecodeError`] where the lease context of a CREATE answer does not decode.
pub(crate) fn body_of(response: &Response) -> Result<Body, DecodeError> {
    Ok(match response {
        Response::Create(create) => Body::Create(CreateAnswer {
            file: create.file,
            level: create.level,
            lease: create.lease()?,
            action: create.action,
            durable: durable_answer(&create.contexts)?,
        }),
        Response::Read { data } => Body::Count(u32::try_from(data.len()).unwrap_or(u32::MAX)),
        Response::Write { count } => Body::Count(*count),
        Response::OplockBreak { file, level } => {
            Body::Ack(AckAnswer::Oplock { file: *file, level: *level })
        }
        Response::LeaseBreakResponse { key, state, .. } => {
            Body::Ack(AckAnswer::Lease { key: *key, state: *state })
        }
        _ => Body::Empty,
    })
}

/// A path of a cell below the share: backslashes, and the cell's folder in front.
pub(crate) fn path_below(folder: &str, path: &str) -> String {
    if path.is_empty() {
        folder.to_owned()
    } else {
        format!(r"{folder}\{}", path.replace('/', r"\"))
    }
}

fn create_of(op: &CreateOp, folder: &str) -> Result<CreateRequest, TargetFault> {
    if op.key.is_some() || op.parent_key.is_some() {
        return Err(store_only("an oplock key without a lease"));
    }
    let (level, mut contexts) = match op.wanted {
        Wanted::Nothing => (OplockLevel::NONE, Vec::new()),
        Wanted::Oplock(level) => (level, Vec::new()),
        Wanted::Lease(lease) => (OplockLevel::LEASE, vec![LeaseContext::from(&lease).to_context()]),
        Wanted::Request(_) => return Err(store_only("an oplock request without fallback")),
    };
    contexts.extend(op.durable.as_ref().map(CreateContext::durable));
    contexts.extend(op.allocation.map(CreateContext::allocation));
    contexts.extend(op.app_instance.map(CreateContext::app_instance));
    contexts.extend(op.maximal_access.then(CreateContext::maximal_access));
    let raw = |(name, data): &(Vec<u8>, Vec<u8>)| CreateContext {
        name: name.clone(),
        data: data.clone(),
    };
    contexts.extend(op.contexts.iter().map(raw));
    Ok(CreateRequest {
        level,
        impersonation: IMPERSONATION,
        access: op.access,
        attributes: ATTRIBUTE_NORMAL,
        share: op.share,
        disposition: op.disposition as u32,
        options: op.options,
        name: path_below(folder, &op.path),
        contexts,
    })
}

/// The longest WRITE: what fits into a frame with room.
const LONGEST_WRITE: u32 = 8 << 20;

fn filler(length: u32) -> Result<Vec<u8>, TargetFault> {
    if length > LONGEST_WRITE {
        return Err(TargetFault::Unsupported(format!("a write of {length} bytes at once")));
    }
    Ok(vec![FILLER; length as usize])
}

fn store_only(what: &str) -> TargetFault {
    TargetFault::Unsupported(format!("{what} has no form in SMB2"))
}
