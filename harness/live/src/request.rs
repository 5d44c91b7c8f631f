//! An operation of a cell as a request on the wire, and an answer as the body of an event.

use oplock_model::{
    AckAnswer, Body, CreateAnswer, CreateOp, FileId, Op, OplockLevel, QueryInfo, TargetFault,
    Wanted,
};
use oplock_wire::{
    Chain, CreateRequest, DecodeError, LeaseContext, QueryInfoRequest, Request, Response,
    WriteRequest,
};

/// ImpersonationLevel Impersonation (MS-SMB2 2.2.13).
const IMPERSONATION: u32 = 2;
/// FILE_ATTRIBUTE_NORMAL (MS-FSCC 2.6).
const ATTRIBUTE_NORMAL: u32 = 0x80;
/// InfoType and FileInfoClass of FileBasicInformation, and its length (MS-SMB2 2.2.37, MS-FSCC 2.4.7).
const INFO_FILE: u8 = 1;
const CLASS_BASIC: u8 = 4;
const BASIC_LENGTH: u32 = 40;
/// What a WRITE of a cell writes.
const FILLER: u8 = b'c';

/// The request of one operation; paths are below `folder`.
///
/// # Errors
/// [`TargetFault::Unsupported`] for what only the object store can do.
pub(crate) fn request_of(op: &Op, folder: &str) -> Result<Request, TargetFault> {
    Ok(match op {
        Op::Create(create) => Request::Create(create_of(create, folder)?),
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
        Op::Query { file, info: QueryInfo::Basic } => Request::QueryInfo(QueryInfoRequest {
            file: *file,
            info_type: INFO_FILE,
            class: CLASS_BASIC,
            output_length: BASIC_LENGTH,
            ..QueryInfoRequest::default()
        }),
        Op::OplockAck { file, level } => Request::OplockAck { file: *file, level: *level },
        Op::LeaseAck { key, state } => Request::LeaseAck { key: *key, state: *state, flags: 0 },
        Op::Fence => Request::Echo,
        Op::Request { .. } | Op::Ack { .. } => {
            return Err(store_only("an oplock request or acknowledgement by FSCTL"));
        }
        _ => {
            return Err(TargetFault::Unsupported(
                "an operation that has no request yet".to_owned(),
            ));
        }
    })
}

/// How several operations go out: related where one of them means the file before it.
pub(crate) fn chain_of(ops: &[Op]) -> Chain {
    let related = ops.iter().skip(1).any(|op| file_of(op) == Some(FileId::RELATED));
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
            durable: None,
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
    let (level, contexts) = match op.wanted {
        Wanted::Nothing => (OplockLevel::NONE, Vec::new()),
        Wanted::Oplock(level) => (level, Vec::new()),
        Wanted::Lease(lease) => (OplockLevel::LEASE, vec![LeaseContext::from(&lease).to_context()]),
        Wanted::Request(_) => return Err(store_only("an oplock request without fallback")),
    };
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

fn file_of(op: &Op) -> Option<FileId> {
    match op {
        Op::Close { file }
        | Op::Read { file, .. }
        | Op::Write { file, .. }
        | Op::Query { file, .. }
        | Op::OplockAck { file, .. }
        | Op::Request { file, .. }
        | Op::Ack { file, .. } => Some(*file),
        _ => None,
    }
}

fn store_only(what: &str) -> TargetFault {
    TargetFault::Unsupported(format!("{what} has no form in SMB2"))
}
