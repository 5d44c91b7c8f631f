//! Whole messages: a header, and the body that its command, its direction and its status call for.

use oplock_model::{Severity, Status};

use crate::bytes::{Reader, Writer};
use crate::{
    CloseResponse, Command, CreateRequest, CreateResponse, DecodeError, Flags, HEADER_LENGTH,
    Header, IoctlRequest, IoctlResponse, LockRequest, NegotiateRequest, NegotiateResponse,
    QueryDirectoryRequest, QueryInfoRequest, Request, Response, SessionSetupRequest,
    SessionSetupResponse, SetInfoRequest, TreeConnectResponse, WriteRequest, file, oplock_break,
    session,
};

/// StructureSize of a body that has nothing in it: LOGOFF, TREE_DISCONNECT, ECHO, CANCEL, and the answers to FLUSH and LOCK.
const EMPTY_SIZE: u16 = 4;
/// StructureSize of the answer to SET_INFO, all that it has.
const SET_INFO_RESPONSE_SIZE: u16 = 2;
/// StructureSize of an error.
const ERROR_SIZE: u16 = 9;

/// STATUS_BUFFER_OVERFLOW: a warning whose answer has its usual body.
const BUFFER_OVERFLOW: Status = Status(0x8000_0005);

/// The bytes of a request, from the header on and unsigned; its command is the request's. A name or a token longer
/// than its length field can say makes a message as illegal as a raw one.
#[must_use]
pub fn encode_request(header: &Header, request: &Request) -> Vec<u8> {
    let mut to = Writer::default();
    let flags = header.flags & !Flags::RESPONSE;
    Header { command: request.command(), flags, ..*header }.encode(&mut to);
    match request {
        Request::Negotiate(body) => body.encode(&mut to),
        Request::SessionSetup(body) => body.encode(&mut to),
        Request::TreeConnect { path } => session::encode_tree_connect(&mut to, path),
        Request::Create(body) => body.encode(&mut to),
        Request::Close { file, flags } => file::encode_close(&mut to, *file, *flags),
        Request::Flush { file } => file::encode_flush(&mut to, *file),
        Request::Read { file, offset, length, minimum } => {
            file::encode_read(&mut to, *file, *offset, *length, *minimum);
        }
        Request::Write(body) => body.encode(&mut to),
        Request::Lock(body) => body.encode(&mut to),
        Request::Ioctl(body) => body.encode(&mut to),
        Request::QueryDirectory(body) => body.encode(&mut to),
        Request::QueryInfo(body) => body.encode(&mut to),
        Request::SetInfo(body) => body.encode(&mut to),
        Request::OplockAck { file, level } => oplock_break::encode_oplock(&mut to, *file, *level),
        Request::LeaseAck { key, state, flags } => {
            oplock_break::encode_lease_ack(&mut to, *key, *state, *flags);
        }
        Request::Logoff | Request::TreeDisconnect | Request::Echo | Request::Cancel => {
            encode_empty(&mut to);
        }
        Request::Raw { body, .. } => to.bytes(body),
    }
    to.into_bytes()
}

/// The bytes of a response, from the header on and unsigned; its command is the response's where it has one.
#[must_use]
pub fn encode_response(header: &Header, response: &Response) -> Vec<u8> {
    let mut to = Writer::default();
    let command = response.command().unwrap_or(header.command);
    Header { command, flags: header.flags | Flags::RESPONSE, ..*header }.encode(&mut to);
    match response {
        Response::Error { contexts, data } => encode_error(&mut to, *contexts, data),
        Response::Negotiate(body) => body.encode(&mut to),
        Response::SessionSetup(body) => body.encode(&mut to),
        Response::TreeConnect(body) => body.encode(&mut to),
        Response::Create(body) => body.encode(&mut to),
        Response::Close(body) => body.encode(&mut to),
        Response::Read { data } => file::encode_read_response(&mut to, data),
        Response::Write { count } => file::encode_write_response(&mut to, *count),
        Response::Ioctl(body) => body.encode(&mut to),
        Response::QueryDirectory { data } | Response::QueryInfo { data } => {
            file::encode_query_response(&mut to, data);
        }
        Response::SetInfo => to.u16(SET_INFO_RESPONSE_SIZE),
        Response::OplockBreak { file, level } => {
            oplock_break::encode_oplock(&mut to, *file, *level);
        }
        Response::LeaseBreakNotification(body) => body.encode(&mut to),
        Response::LeaseBreakResponse { key, state, flags } => {
            oplock_break::encode_lease_ack(&mut to, *key, *state, *flags);
        }
        Response::Logoff
        | Response::TreeDisconnect
        | Response::Flush
        | Response::Lock
        | Response::Echo => encode_empty(&mut to),
        Response::Raw { body, .. } => to.bytes(body),
    }
    to.into_bytes()
}

/// Reads one request of a compound, or the only one; a command without a form of its own is raw.
///
/// # Errors
/// A [`DecodeError`] where the bytes are not a message, or not the one that the command says.
pub fn decode_request(message: &[u8]) -> Result<(Header, Request), DecodeError> {
    let header = Header::decode(message)?;
    let mut reader = body(message)?;
    let from = &mut reader;
    let request = match header.command {
        Command::NEGOTIATE => Request::Negotiate(NegotiateRequest::decode(from)?),
        Command::SESSION_SETUP => Request::SessionSetup(SessionSetupRequest::decode(from)?),
        Command::LOGOFF => empty(from, "LOGOFF StructureSize", Request::Logoff)?,
        Command::TREE_CONNECT => session::decode_tree_connect(from)?,
        Command::TREE_DISCONNECT => {
            empty(from, "TREE_DISCONNECT StructureSize", Request::TreeDisconnect)?
        }
        Command::CREATE => Request::Create(CreateRequest::decode(from)?),
        Command::CLOSE => file::decode_close(from)?,
        Command::FLUSH => file::decode_flush(from)?,
        Command::READ => file::decode_read(from)?,
        Command::WRITE => Request::Write(WriteRequest::decode(from)?),
        Command::LOCK => Request::Lock(LockRequest::decode(from)?),
        Command::IOCTL => Request::Ioctl(IoctlRequest::decode(from)?),
        Command::CANCEL => empty(from, "CANCEL StructureSize", Request::Cancel)?,
        Command::ECHO => empty(from, "ECHO StructureSize", Request::Echo)?,
        Command::QUERY_DIRECTORY => Request::QueryDirectory(QueryDirectoryRequest::decode(from)?),
        Command::QUERY_INFO => Request::QueryInfo(QueryInfoRequest::decode(from)?),
        Command::SET_INFO => Request::SetInfo(SetInfoRequest::decode(from)?),
        Command::OPLOCK_BREAK => oplock_break::decode_request(from)?,
        command => Request::Raw { command, body: from.rest().to_vec() },
    };
    Ok((header, request))
}

/// Reads one response of a compound, or the only one; a command without a form of its own is raw.
///
/// # Errors
/// A [`DecodeError`] where the bytes are not a message, or not the one that command and status say. An error decodes
/// whatever its body is.
pub fn decode_response(message: &[u8]) -> Result<(Header, Response), DecodeError> {
    let header = Header::decode(message)?;
    let mut reader = body(message)?;
    let from = &mut reader;
    if has_error_body(&header) {
        return Ok((header, decode_error(from.rest())));
    }
    let response = match header.command {
        Command::NEGOTIATE => Response::Negotiate(NegotiateResponse::decode(from)?),
        Command::SESSION_SETUP => Response::SessionSetup(SessionSetupResponse::decode(from)?),
        Command::LOGOFF => empty(from, "LOGOFF StructureSize", Response::Logoff)?,
        Command::TREE_CONNECT => Response::TreeConnect(TreeConnectResponse::decode(from)?),
        Command::TREE_DISCONNECT => {
            empty(from, "TREE_DISCONNECT StructureSize", Response::TreeDisconnect)?
        }
        Command::CREATE => Response::Create(CreateResponse::decode(from)?),
        Command::CLOSE => Response::Close(CloseResponse::decode(from)?),
        Command::FLUSH => empty(from, "FLUSH StructureSize", Response::Flush)?,
        Command::READ => file::decode_read_response(from)?,
        Command::WRITE => file::decode_write_response(from)?,
        Command::LOCK => empty(from, "LOCK StructureSize", Response::Lock)?,
        Command::IOCTL => Response::Ioctl(IoctlResponse::decode(from)?),
        Command::ECHO => empty(from, "ECHO StructureSize", Response::Echo)?,
        Command::QUERY_DIRECTORY => Response::QueryDirectory {
            data: file::decode_query_response(from, "QUERY_DIRECTORY StructureSize")?,
        },
        Command::QUERY_INFO => Response::QueryInfo {
            data: file::decode_query_response(from, "QUERY_INFO StructureSize")?,
        },
        Command::SET_INFO => {
            from.structure_size("SET_INFO StructureSize", SET_INFO_RESPONSE_SIZE)?;
            Response::SetInfo
        }
        Command::OPLOCK_BREAK => oplock_break::decode_response(from)?,
        command => Response::Raw { command, body: from.rest().to_vec() },
    };
    Ok((header, response))
}

/// A reader of the whole message that stands behind its header: offsets in a body count from the header.
fn body(message: &[u8]) -> Result<Reader<'_>, DecodeError> {
    let mut reader = Reader::new(message);
    reader.skip(HEADER_LENGTH, "header")?;
    Ok(reader)
}

/// Whether the status says that an error, or an interim answer, stands where the usual body would
/// (MS-SMB2 2.2.2 "SMB2 ERROR Response").
fn has_error_body(header: &Header) -> bool {
    if header.is_interim() {
        return true;
    }
    // Whatever its status, it answers nothing: a lease break may come with STATUS_FILE_CLOSED (MS-SMB2 3.3.4.7 <248>).
    if header.is_notification() {
        return false;
    }
    match header.command {
        Command::SESSION_SETUP if header.status == Status::MORE_PROCESSING_REQUIRED => false,
        Command::READ | Command::QUERY_INFO | Command::IOCTL
            if header.status == BUFFER_OVERFLOW =>
        {
            false
        }
        _ => matches!(header.status.severity(), Severity::Warning | Severity::Error),
    }
}

fn encode_error(to: &mut Writer, contexts: u8, data: &[u8]) {
    to.u16(ERROR_SIZE);
    to.u8(contexts);
    to.u8(0);
    to.u32(data.len() as u32);
    to.buffer(data);
}

/// Reads an error as far as it goes: the status in the header is what matters.
fn decode_error(body: &[u8]) -> Response {
    let mut from = Reader::new(body);
    let fixed = (|| {
        from.structure_size("StructureSize", ERROR_SIZE)?;
        let contexts = from.u8("ErrorContextCount")?;
        from.skip(1, "Reserved")?;
        Ok::<_, DecodeError>((contexts, from.u32("ByteCount")? as usize))
    })();
    let Ok((contexts, length)) = fixed else {
        return Response::Error { contexts: 0, data: Vec::new() };
    };
    let rest = from.rest();
    let data = rest.get(..length).unwrap_or(rest).to_vec();
    Response::Error { contexts, data }
}

fn encode_empty(to: &mut Writer) {
    to.u16(EMPTY_SIZE);
    to.u16(0);
}

/// Reads a body that has nothing in it.
fn empty<T>(
    from: &mut Reader<'_>,
    structure_size: &'static str,
    message: T,
) -> Result<T, DecodeError> {
    from.structure_size(structure_size, EMPTY_SIZE)?;
    from.skip(2, "Reserved")?;
    Ok(message)
}
