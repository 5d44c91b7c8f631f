//! From the names of a call to the ids that go on the wire.

use std::collections::BTreeSet;

use oplock_model::{
    CallId, Control, CreateOp, Durable, FileId, LeaseKey, LeaseRequest, Op, Wanted,
};
use oplock_suite::plan::{self, Ack, AckWhat, Call, CallIndex, Open, Operation, Piece, Want};

use super::actor;
use crate::trace::{Subject, Trace};

/// The operations of one call or compound.
///
/// # Errors
/// A fragment that says which handle or break does not exist.
pub(super) fn operations(trace: &Trace<'_>, calls: &[Call]) -> Result<Vec<Op>, String> {
    let mut opened_here = BTreeSet::new();
    let mut ops = Vec::with_capacity(calls.len());
    for call in calls {
        ops.push(operation(trace, &call.operation, &opened_here)?);
        if let Operation::Open(open) = &call.operation {
            opened_here.insert(open.handle.as_str());
        }
    }
    Ok(ops)
}

fn operation(
    trace: &Trace<'_>,
    operation: &Operation,
    opened_here: &BTreeSet<&str>,
) -> Result<Op, String> {
    // Inside a compound a handle that an earlier member opens has no id yet.
    let file = |handle: &str| match opened_here.contains(handle) {
        true => Ok(FileId::RELATED),
        false => file_of(trace, handle),
    };
    Ok(match operation {
        Operation::Open(open) => Op::Create(Box::new(create(trace, open)?)),
        Operation::Close { handle } => Op::Close { file: file(handle)? },
        Operation::Read { handle, offset, length } => {
            Op::Read { file: file(handle)?, offset: *offset, length: *length }
        }
        Operation::Write { handle, offset, length } => {
            Op::Write { file: file(handle)?, offset: *offset, length: *length }
        }
        Operation::Flush { handle } => Op::Flush { file: file(handle)? },
        Operation::Lock { handle, ranges, fail_immediately } => Op::Lock {
            file: file(handle)?,
            ranges: ranges.clone(),
            fail_immediately: *fail_immediately,
        },
        Operation::Unlock { handle, ranges } => {
            Op::Unlock { file: file(handle)?, ranges: ranges.clone() }
        }
        Operation::Query { handle, info } => Op::Query { file: file(handle)?, info: *info },
        Operation::QueryDirectory { handle, pattern } => {
            Op::QueryDirectory { file: file(handle)?, pattern: pattern.clone() }
        }
        Operation::Set { handle, info } => Op::Set { file: file(handle)?, info: info.clone() },
        Operation::Control { handle, control, source } => {
            let source = source.as_ref().map(|source| file(source)).transpose()?;
            Op::Control { file: file(handle)?, control: from_source(control, source) }
        }
        Operation::Cancel { call, label } => Op::Cancel { call: call_of(trace, *call, label)? },
        Operation::BreakNotify { handle } => Op::BreakNotify { file: file(handle)? },
        Operation::Map { handle, writable } => {
            Op::MapSection { file: file(handle)?, writable: *writable }
        }
        Operation::Unmap { handle } => Op::UnmapSection { file: file(handle)? },
        Operation::LogOff => Op::LogOff,
        Operation::TreeDisconnect => Op::TreeDisconnect,
        Operation::Disconnect => Op::Disconnect,
        Operation::Connect => Op::Connect,
        Operation::Bind { to, .. } => Op::Bind { session: actor(*to) },
        Operation::Send { command, body } => {
            Op::Raw { command: *command, body: body_of(trace, body)? }
        }
        Operation::Request { handle, request } => {
            Op::Request { file: file(handle)?, request: *request }
        }
        Operation::Ack(ack) => {
            if ack.of_break {
                broken(trace, ack)?;
            }
            match &ack.what {
                AckWhat::Oplock { handle, level } => {
                    Op::OplockAck { file: file(handle)?, level: *level }
                }
                AckWhat::Lease { key, state } => {
                    Op::LeaseAck { key: key_of(trace, key)?, state: *state }
                }
                AckWhat::Store { handle, form } => Op::Ack { file: file(handle)?, form: *form },
            }
        }
    })
}

fn create(trace: &Trace<'_>, open: &Open) -> Result<CreateOp, String> {
    let key = |name: &Option<String>| name.as_ref().map(|name| key_of(trace, name)).transpose();
    let wanted = match &open.want {
        Want::Nothing => Wanted::Nothing,
        Want::Oplock(level) => Wanted::Oplock(*level),
        Want::Request(request) => Wanted::Request(*request),
        Want::Lease { key: name, state, version, epoch, flags, parent, any_version: _ } => {
            Wanted::Lease(LeaseRequest {
                key: key_of(trace, name)?,
                state: *state,
                flags: *flags,
                version: *version,
                epoch: *epoch,
                parent: key(parent)?,
            })
        }
    };
    Ok(CreateOp {
        path: open.file.clone(),
        access: open.access,
        share: open.share,
        disposition: open.disposition,
        options: open.options,
        wanted,
        allocation: open.allocation,
        durable: open.durable.as_ref().map(|asked| durable(trace, asked)).transpose()?,
        app_instance: open.app_instance.as_ref().map(|name| guid_of(trace, name)).transpose()?,
        maximal_access: open.maximal_access,
        replay: open.replay,
        contexts: open.contexts.clone(),
        key: key(&open.key)?,
        parent_key: key(&open.parent_key)?,
    })
}

fn durable(trace: &Trace<'_>, asked: &plan::Durable) -> Result<Durable, String> {
    Ok(match asked {
        plan::Durable::RequestV1 => Durable::RequestV1,
        plan::Durable::ReconnectV1 { handle } => {
            Durable::ReconnectV1 { file: file_of(trace, handle)? }
        }
        plan::Durable::RequestV2 { guid, timeout, persistent } => Durable::RequestV2 {
            guid: guid_of(trace, guid)?,
            timeout: *timeout,
            persistent: *persistent,
        },
        plan::Durable::ReconnectV2 { handle, guid, persistent } => Durable::ReconnectV2 {
            file: file_of(trace, handle)?,
            guid: guid_of(trace, guid)?,
            persistent: *persistent,
        },
    })
}

/// The control with the id of its source in it.
fn from_source(control: &Control, id: Option<FileId>) -> Control {
    let mut control = control.clone();
    if let (
        Control::CopyChunk { source, .. } | Control::DuplicateExtents { source, .. },
        Some(id),
    ) = (&mut control, id)
    {
        *source = id;
    }
    control
}

fn call_of(trace: &Trace<'_>, call: CallIndex, label: &str) -> Result<CallId, String> {
    trace.id_of(call).ok_or_else(|| format!("`{label}` was never sent"))
}

/// The bytes of a body, with the ids of its names in place.
fn body_of(trace: &Trace<'_>, pieces: &[Piece]) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Bytes(bytes) => body.extend(bytes),
            Piece::Handle(name) => {
                let file = file_of(trace, name)?;
                body.extend(file.persistent.to_le_bytes());
                body.extend(file.volatile.to_le_bytes());
            }
            Piece::Key(name) => body.extend(key_of(trace, name)?.0),
        }
    }
    Ok(body)
}

fn file_of(trace: &Trace<'_>, handle: &str) -> Result<FileId, String> {
    let opened = trace.opened_as(handle).map(|opened| opened.answer.file);
    opened.ok_or_else(|| format!("`{handle}` was never opened"))
}

fn key_of(trace: &Trace<'_>, name: &str) -> Result<LeaseKey, String> {
    let key = trace.history.keys.get(name).copied();
    key.ok_or_else(|| format!("no key was drawn for `{name}`"))
}

fn guid_of(trace: &Trace<'_>, name: &str) -> Result<[u8; 16], String> {
    let guid = trace.history.guids.get(name).copied();
    guid.ok_or_else(|| format!("no guid was drawn for `{name}`"))
}

/// Whether a break of what is acknowledged was told at all; how often is the case's business.
fn broken(trace: &Trace<'_>, ack: &Ack) -> Result<(), String> {
    let name = match &ack.what {
        AckWhat::Oplock { handle, .. } | AckWhat::Store { handle, .. } => handle,
        AckWhat::Lease { key, .. } => key,
    };
    let is_it = |subject: Subject| match (subject, &ack.what) {
        (Subject::Handle(handle), AckWhat::Oplock { .. } | AckWhat::Store { .. }) => {
            handle == *name
        }
        (Subject::Lease { key, .. }, AckWhat::Lease { .. }) => key == *name,
        _ => false,
    };
    let mut entries = 0..trace.history.entries.len();
    match entries.any(|entry| trace.subject(entry).is_some_and(is_it)) {
        true => Ok(()),
        false => Err(format!("no break of `{name}` came")),
    }
}
