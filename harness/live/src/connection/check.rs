//! What is wrong with a message of the server that can be read: against the header of its request, the session, the
//! async ids and credits of its connection. Each is a finding, and the message counts all the same.

use oplock_model::{FileId, LeaseKey, OplockLevel, Status};
use oplock_wire::{Command, Flags, Header, LeaseContext, Request, Response};

use super::state::{Held, Pending, State};

/// What an acknowledgement, or the lease context of a CREATE, is about: the answer must be about the same.
pub(super) fn subject(request: &Request) -> Option<Held> {
    match request {
        Request::OplockAck { file, .. } => named(*file),
        Request::LeaseAck { key, .. } => Some(Held::Lease(*key)),
        Request::Create(create) => {
            let mut leases =
                create.contexts.iter().filter(|context| context.name == LeaseContext::NAME);
            let lease = LeaseContext::decode(&leases.next()?.data).ok()?;
            // Which of two counts is the server's choice.
            leases.next().is_none().then_some(Held::Lease(lease.key))
        }
        _ => None,
    }
}

/// What is wrong with the answer to this request.
pub(super) fn answer(
    pending: &Pending,
    header: &Header,
    response: Option<&Response>,
) -> Vec<String> {
    let command = header.command;
    let mut wrong = Vec::new();
    if pending.command != command {
        wrong.push(format!("answer to {command} for a {}", pending.command));
    }
    // A login is given its session in the answer, and a share its tree.
    if command != Command::SESSION_SETUP && header.session_id != pending.session_id {
        wrong.push(format!("answer to {command}: of another session"));
    }
    let synchronous = header.async_id.is_none();
    if synchronous && command != Command::TREE_CONNECT && header.tree_id != pending.tree_id {
        wrong.push(format!("answer to {command}: of another tree"));
    }
    match (header.async_id, pending.async_id) {
        (Some(now), Some(before)) if now != before => {
            wrong.push(format!("answer to {command}: another async id than its interim"));
        }
        (Some(_), None) if header.status != Status::PENDING => {
            wrong.push(format!("answer to {command}: asynchronous without an interim"));
        }
        _ => {}
    }
    if header.status == Status::PENDING && header.async_id.is_none() {
        wrong.push(format!("answer to {command}: pending without an async id"));
    }
    if let Some(of) = response.and_then(answered)
        && pending.subject.is_some_and(|asked| asked != of)
    {
        let what = match of {
            Held::File(_) => "handle",
            Held::Lease(_) => "lease key",
        };
        wrong.push(format!("answer to {command}: for another {what} than was named"));
    }
    if matches!(response, Some(Response::LeaseBreakNotification(_))) {
        wrong.push(format!("answer to {command}: in the shape of a notification"));
    }
    wrong
}

/// What is wrong with an interim (MS-SMB2 3.3.4.2): its id must be nonzero, and no other call's.
pub(super) fn interim(state: &State, message_id: u64, header: &Header) -> Option<String> {
    let (command, id) = (header.command, header.async_id?);
    if id == 0 {
        return Some(format!("interim to {command}: its async id is 0"));
    }
    if state.pending(message_id).is_some_and(|pending| pending.async_id.is_some()) {
        return Some(format!("interim to {command}: the second one"));
    }
    let taken = state.has_async_id(id);
    taken.then(|| format!("interim to {command}: its async id is that of another call"))
}

/// What is wrong with a notification's header: a session must be none or the connection's own.
pub(super) fn notification(state: &State, header: &Header) -> Option<String> {
    (header.session_id != 0 && header.session_id != state.session_id)
        .then(|| "break: of another session".to_owned())
}

/// An answer that no request waits for: it came twice, or nothing was ever asked with its message id.
pub(super) fn unasked(state: &State, header: &Header) -> String {
    let command = header.command;
    if command == Command::CANCEL {
        "answer to CANCEL, which has none".to_owned()
    } else if header.message_id < state.next_message_id() {
        format!("answer to {command} that was answered before")
    } else {
        format!("answer to {command} that nobody asked")
    }
}

/// Whether a header says that its message must carry a good signature, or be encrypted: not a notification, not an interim
/// (MS-SMB2 3.2.5.1.3 "Verifying the Signature"), not where the server has no session left to sign with.
pub(super) fn must_be_protected(header: &Header) -> bool {
    header.message_id != Header::NOTIFICATION
        && !header.is_interim()
        && header.status != Status::USER_SESSION_DELETED
}

/// Whether the message came from a server at all.
pub(super) fn is_response(header: &Header) -> bool {
    header.flags & Flags::RESPONSE != 0
}

/// What an answer is about.
fn answered(response: &Response) -> Option<Held> {
    match response {
        Response::OplockBreak { file, .. } => Some(Held::File(*file)),
        Response::LeaseBreakResponse { key, .. } => Some(Held::Lease(*key)),
        Response::Create(create) if create.level == OplockLevel::LEASE => {
            let key: LeaseKey = create.lease().ok().flatten()?.key;
            Some(Held::Lease(key))
        }
        _ => None,
    }
}

/// In a compound the handle is the one before, whose id only the answer tells.
fn named(file: FileId) -> Option<Held> {
    (file != FileId::RELATED).then_some(Held::File(file))
}
