//! The reader task: frames to messages, messages to answers, breaks and findings.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use oplock_model::{BreakNotice, Event, Status};
use oplock_wire::security::encryption::is_encrypted;
use oplock_wire::{
    Command, FRAME_PREFIX, Header, Response, decode_response, frame_length, misused_field,
    split_as_far,
};
use tokio::io::{AsyncReadExt as _, BufReader};
use tokio::net::tcp::OwnedReadHalf;

use super::check::{self, is_response, must_be_protected};
use super::handle::Shared;
use super::refusal;
use super::state::{Answer, Held, Sink, State};
use crate::request::body_of;

/// The longest frame that we take: a READ of 8 MiB with its header, and room.
const LONGEST_FRAME: usize = (8 << 20) + (64 << 10);
/// Bytes read at once: a frame mostly comes with its prefix.
const READ_BUFFER: usize = 64 << 10;

/// Reads until the stream ends or cannot be understood any more.
pub(super) async fn run(stream: OwnedReadHalf, shared: Arc<Shared>) {
    let mut stream = BufReader::with_capacity(READ_BUFFER, stream);
    let reason = loop {
        let mut prefix = [0; FRAME_PREFIX];
        if let Err(error) = stream.read_exact(&mut prefix).await {
            break ended(&error);
        }
        let length = match frame_length(prefix) {
            Ok(length) if length <= LONGEST_FRAME => length,
            Ok(length) => {
                let what = format!("a frame of {length} bytes");
                break unreadable(&mut shared.state(), what, &prefix);
            }
            Err(error) => {
                let mut state = shared.state();
                let what = match state.agreed {
                    Some(_) => format!("undecodable frame: {error}"),
                    None => refusal::stranger(&prefix).to_owned(),
                };
                break unreadable(&mut state, what, &prefix);
            }
        };
        let mut frame = vec![0; length];
        if let Err(error) = stream.read_exact(&mut frame).await {
            break ended(&error);
        }
        let mut state = shared.state();
        if state.agreed.is_none() && Header::decode(&frame).is_err() {
            break unreadable(&mut state, refusal::stranger(&frame).to_owned(), &frame);
        }
        receive(&mut state, &frame);
        if state.is_out_of_credits() {
            let what = "the server leaves the client without a credit".to_owned();
            break unreadable(&mut state, what, &frame);
        }
    };
    shared.state().lose(reason);
}

fn ended(error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::UnexpectedEof {
        "closed by the server".to_owned()
    } else {
        error.to_string()
    }
}

fn unreadable(state: &mut State, what: String, bytes: &[u8]) -> String {
    finding(state, what.clone(), bytes);
    what
}

/// Takes one frame apart, decrypted where it is encrypted.
pub(super) fn receive(state: &mut State, frame: &[u8]) {
    if !is_encrypted(frame) {
        return take_all(state, frame, false);
    }
    let Some(keys) = &state.encryption else {
        return finding(state, "an encrypted message in a session without keys".to_owned(), frame);
    };
    match keys.decrypt(frame) {
        Ok((session, plain)) => {
            if session != state.session_id {
                finding(state, "an encrypted message of another session".to_owned(), frame);
            }
            take_all(state, &plain, true);
        }
        Err(error) => finding(state, format!("undecryptable message: {error}"), frame),
    }
}

fn take_all(state: &mut State, plain: &[u8], encrypted: bool) {
    if let Some(outlet) = &state.outlet {
        outlet.frame(false, plain);
    }
    let (messages, wrong) = split_as_far(plain);
    if let Some(error) = wrong {
        finding(state, format!("undecodable compound: {error}"), plain);
    }
    // What can be read of it is answered all the same.
    messages.into_iter().for_each(|message| take(state, message, encrypted));
}

fn take(state: &mut State, message: &[u8], encrypted: bool) {
    let header = match Header::decode(message) {
        Ok(header) => header,
        Err(error) => return finding(state, format!("undecodable header: {error}"), message),
    };
    if !is_response(&header) {
        return finding(state, "a request from the server".to_owned(), message);
    }
    // An encrypted message needs no signature; one that should be encrypted needs more than that.
    let protected = must_be_protected(&header);
    let in_clear = protected && !encrypted && state.encrypts();
    if in_clear {
        finding(state, format!("answer to {}: not encrypted", header.command), message);
    }
    let bad_signature = match &state.signing {
        // Who signs without being asked must sign well, too.
        Some(key) if protected && !encrypted && !in_clear && state.verifies(&header) => {
            key.verify(message).err()
        }
        _ => None,
    };
    if let Some(error) = &bad_signature {
        finding(state, format!("answer to {}: {error}", header.command), message);
    }
    let response = decode_response(message).map(|(_, response)| response);
    // What nobody vouches for need not be looked at any closer.
    let readable = response.as_ref().ok().filter(|_| !in_clear && bad_signature.is_none());
    if let Some(error) = readable.and_then(|response| misused_field(&header, response, message)) {
        let of = if header.is_notification() { "break" } else { "answer" };
        finding(state, format!("{of}: {error}"), message);
    }
    if header.is_notification() {
        notify(state, &header, response, message);
    } else {
        answer(state, &header, response, message);
    }
    // Only now, so that what waited for credits goes out after what its grant came with was seen.
    state.grant(header.credits);
}

fn notify(
    state: &mut State,
    header: &Header,
    response: Result<Response, oplock_wire::DecodeError>,
    message: &[u8],
) {
    let Some(connection) = state.outlet.as_ref().map(|outlet| outlet.connection) else {
        // Nobody has this connection: the break belongs to a cell that is over, so no other cell may see its like.
        state.spoiled = true;
        return;
    };
    let notice = match response {
        Ok(Response::OplockBreak { file, level }) => {
            BreakNotice::Oplock { connection, file, level }
        }
        Ok(Response::LeaseBreakNotification(lease)) => BreakNotice::Lease {
            connection,
            key: lease.key,
            current: lease.current,
            new: lease.new,
            flags: lease.flags,
            epoch: lease.epoch,
            status: header.status,
        },
        Ok(_) => return finding(state, "a break of no known shape".to_owned(), message),
        Err(error) => return finding(state, format!("undecodable break: {error}"), message),
    };
    let held = match &notice {
        BreakNotice::Lease { key, .. } => Held::Lease(*key),
        BreakNotice::Oplock { file, .. } | BreakNotice::Request { file, .. } => Held::File(*file),
    };
    if state.past.contains(&held) {
        // The cell before is over, and this one has done nothing; nobody else shall have the connection.
        state.spoiled = true;
        return;
    }
    if let Some(wrong) = check::notification(state, header) {
        finding(state, wrong, message);
    }
    let known = state.outlet.as_ref().is_none_or(|outlet| outlet.line.knows(held));
    match held {
        _ if known => {}
        Held::Lease(_) => {
            return finding(state, "break of a lease key that nobody named".to_owned(), message);
        }
        // The answer that names it may have been overtaken.
        Held::File(_) if state.is_opening() => {}
        Held::File(_) => {
            return finding(state, "break of a handle that nobody has".to_owned(), message);
        }
    }
    emit(state, Event::Break(notice));
}

fn answer(
    state: &mut State,
    header: &Header,
    response: Result<Response, oplock_wire::DecodeError>,
    message: &[u8],
) {
    let Some(message_id) = state.pending_of(header) else {
        return finding(state, check::unasked(state, header), message);
    };
    let wrong = state
        .pending(message_id)
        .map(|pending| check::answer(pending, header, response.as_ref().ok()));
    wrong.into_iter().flatten().for_each(|what| finding(state, what, message));
    if header.status == Status::PENDING {
        if let Some(wrong) = check::interim(state, message_id, header) {
            finding(state, wrong, message);
        }
        let Some(pending) = state.pending_mut(message_id) else { return };
        pending.async_id = header.async_id;
        if let Sink::Call(call) = pending.sink {
            emit(state, Event::Interim { call });
        }
        return;
    }
    let Some(pending) = state.answered(message_id) else { return };
    if pending.command == Command::LOGOFF && header.status == Status::SUCCESS {
        state.sealing.over.store(true, Ordering::Relaxed);
    }
    match pending.sink {
        Sink::Once(sender) => {
            let answer =
                Answer { header: *header, response, bytes: message.to_vec(), sent: pending.sent };
            // Who asked may have stopped waiting.
            let _ = sender.send(answer);
        }
        Sink::Call(call) => {
            if let Ok(Response::Create(create)) = &response {
                // A server may give the id of a closed file to a new one.
                let held = Held::File(create.file);
                state.past.remove(&held);
                if let Some(outlet) = &state.outlet {
                    outlet.line.know(held);
                }
            }
            let body = response.and_then(|response| body_of(&response)).unwrap_or_else(|error| {
                finding(
                    state,
                    format!("undecodable answer to {}: {error}", header.command),
                    message,
                );
                oplock_model::Body::Empty
            });
            emit(state, Event::Reply { call, status: header.status, body });
        }
    }
}

fn emit(state: &State, event: Event) {
    if let Some(outlet) = &state.outlet {
        outlet.event(event);
    }
}

fn finding(state: &mut State, what: String, bytes: &[u8]) {
    state.spoiled = true;
    if let Some(outlet) = &state.outlet {
        outlet.finding(what, bytes);
    }
}
