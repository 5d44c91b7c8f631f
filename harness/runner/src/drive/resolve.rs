//! From the names of a call to the ids that go on the wire.

use std::collections::BTreeSet;

use oplock_model::{CreateOp, FileId, LeaseKey, LeaseRequest, Op, QueryInfo, Wanted};
use oplock_suite::plan::{Ack, AckWhat, Call, Open, Operation, Want};

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
        Operation::QueryBasic { handle } => {
            Op::Query { file: file(handle)?, info: QueryInfo::Basic }
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
        Want::Lease { key: name, state, version, epoch, flags, parent } => {
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
        key: key(&open.key)?,
        parent_key: key(&open.parent_key)?,
        ..CreateOp::default()
    })
}

fn file_of(trace: &Trace<'_>, handle: &str) -> Result<FileId, String> {
    let opened = trace.opened_as(handle).map(|opened| opened.answer.file);
    opened.ok_or_else(|| format!("`{handle}` was never opened"))
}

fn key_of(trace: &Trace<'_>, name: &str) -> Result<LeaseKey, String> {
    let key = trace.history.keys.get(name).copied();
    key.ok_or_else(|| format!("no key was drawn for `{name}`"))
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
