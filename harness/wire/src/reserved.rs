//! What an answer or a notification says in fields that the document closes to it: reserved words, flags that are none,
//! levels and states that do not exist. It decodes all the same, and it is wrong all the same.

use oplock_model::{LeaseState, OplockLevel};

use crate::{
    Command, CreateResponse, DecodeError, Flags, HEADER_LENGTH, Header, LeaseBreakNotification,
    LeaseContext, Response,
};

/// The first field of a server's message that holds what [MS-SMB2] 2.2 lets no server put there; nothing where all is well.
/// Only fields are looked at of which the document says that the server MUST set them so; where it says SHOULD, or
/// where it says nothing, anything goes.
#[must_use]
pub fn misused_field(header: &Header, response: &Response, message: &[u8]) -> Option<DecodeError> {
    let field = |fields: &[Field]| fields.iter().find_map(|field| field.misused(message));
    of_header(header).or_else(|| match response {
        Response::Error { .. } => error(header, message),
        Response::Logoff => field(&[Field::zero("Reserved of LOGOFF", 2, 2)]),
        Response::TreeDisconnect => field(&[Field::zero("Reserved of TREE_DISCONNECT", 2, 2)]),
        Response::Echo => field(&[Field::zero("Reserved of ECHO", 2, 2)]),
        Response::Flush => field(&[Field::zero("Reserved of FLUSH", 2, 2)]),
        Response::Lock => field(&[Field::zero("Reserved of LOCK", 2, 2)]),
        Response::TreeConnect(_) => field(&[Field::zero("Reserved of TREE_CONNECT", 3, 1)]),
        Response::Close(_) => {
            field(&[Field::bits("Flags of CLOSE", 2, 2, 1), Field::zero("Reserved of CLOSE", 4, 4)])
        }
        Response::Read { .. } => field(&[Field::zero("Reserved of READ", 3, 1)]),
        Response::Write { .. } => field(&[
            Field::zero("Reserved of WRITE", 2, 2),
            Field::zero("Remaining of WRITE", 8, 4),
            Field::zero("WriteChannelInfoOffset of WRITE", 12, 2),
            Field::zero("WriteChannelInfoLength of WRITE", 14, 2),
        ]),
        Response::Ioctl(_) => field(&[Field::zero("Reserved of IOCTL", 2, 2)]),
        Response::OplockBreak { level, .. } => of_oplock_break(*level).or_else(|| {
            field(&[
                Field::zero("Reserved of the oplock break", 3, 1),
                Field::zero("Reserved2 of the oplock break", 4, 4),
            ])
        }),
        Response::LeaseBreakNotification(lease) => of_lease_break(lease),
        Response::LeaseBreakResponse { state, .. } => {
            lease_state("LeaseState of the lease break answer", HEADER_LENGTH + 24, *state).or_else(
                || {
                    field(&[
                        Field::zero("Reserved of the lease break answer", 2, 2),
                        Field::zero("Flags of the lease break answer", 4, 4),
                        Field::zero("LeaseDuration of the lease break answer", 28, 8),
                    ])
                },
            )
        }
        Response::Create(create) => of_create(create),
        Response::Negotiate(_)
        | Response::SessionSetup(_)
        | Response::QueryDirectory { .. }
        | Response::QueryInfo { .. }
        | Response::SetInfo
        | Response::Raw { .. } => None,
    })
}

/// SMB2_FLAGS_PRIORITY_MASK (MS-SMB2 2.2.1.2).
const PRIORITY: u32 = 0x0000_0070;
const KNOWN_FLAGS: u32 = Flags::RESPONSE
    | Flags::ASYNC
    | Flags::RELATED
    | Flags::SIGNED
    | PRIORITY
    | Flags::DFS
    | Flags::REPLAY;
/// StructureSize of an error, and of the IOCTL answer that a COPYCHUNK may get in its place, with its limits or with what it
/// has done so far (MS-SMB2 2.2.32.1, 3.3.4.4).
const ERROR_SIZE: u16 = 9;
const IOCTL_SIZE: u16 = 49;
/// Where the data of a context counts from: it has no place of its own in the message.
const IN_CONTEXT: usize = 0;

/// A little-endian field of a body, and the bits that it may have.
struct Field {
    name: &'static str,
    /// From the body's first byte.
    offset: usize,
    length: usize,
    allowed: u64,
}

impl Field {
    const fn zero(name: &'static str, offset: usize, length: usize) -> Field {
        Field { name, offset, length, allowed: 0 }
    }

    const fn bits(name: &'static str, offset: usize, length: usize, allowed: u64) -> Field {
        Field { name, offset, length, allowed }
    }

    /// A message that ends before the field does not decode, which is told elsewhere.
    fn misused(&self, message: &[u8]) -> Option<DecodeError> {
        let offset = HEADER_LENGTH + self.offset;
        let bytes = message.get(offset..offset + self.length)?;
        let found = bytes.iter().rev().fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
        let expected = if self.allowed == 0 { "0" } else { "a flag of it" };
        (found & !self.allowed != 0).then_some(value(self.name, offset, found, expected))
    }
}

fn value(field: &'static str, offset: usize, found: u64, expected: &'static str) -> DecodeError {
    DecodeError::Value { field, offset, found, expected }
}

fn of_header(header: &Header) -> Option<DecodeError> {
    if header.flags & !KNOWN_FLAGS != 0 {
        return Some(value("Flags", 16, u64::from(header.flags), "made of the known flags"));
    }
    let signature = u128::from_le_bytes(header.signature);
    // An interim has the header of its request, signature and all (MS-SMB2 3.3.4.2).
    (!header.is_signed() && !header.is_interim() && signature != 0).then_some(value(
        "Signature of an unsigned message",
        48,
        signature as u64,
        "0",
    ))
}

/// The shape of an error (MS-SMB2 2.2.2 "SMB2 ERROR Response"), which decoding does not insist on.
fn error(header: &Header, message: &[u8]) -> Option<DecodeError> {
    let size = message.get(HEADER_LENGTH..HEADER_LENGTH + 2).and_then(<[u8]>::first_chunk);
    let found = size.map_or(0, |size| u16::from_le_bytes(*size));
    let copied = header.command == Command::IOCTL && found == IOCTL_SIZE;
    if found != ERROR_SIZE && !copied {
        let (field, offset) = ("error StructureSize", HEADER_LENGTH);
        return Some(DecodeError::StructureSize { field, offset, found, expected: ERROR_SIZE });
    }
    if copied {
        return None;
    }
    let count = message.get(HEADER_LENGTH + 4..).and_then(<[u8]>::first_chunk::<4>);
    let Some(count) = count.map(|count| u32::from_le_bytes(*count) as usize) else {
        let (field, offset, left) =
            ("error ByteCount", HEADER_LENGTH + 4, message.len() - HEADER_LENGTH - 2);
        return Some(DecodeError::Truncated { field, offset, needed: 4, left });
    };
    let left = message.len().saturating_sub(HEADER_LENGTH + 8);
    if count > left {
        let (field, offset) = ("ErrorData", HEADER_LENGTH + 8);
        return Some(DecodeError::Truncated { field, offset, needed: count, left });
    }
    Field::zero("Reserved of an error", 3, 1).misused(message)
}

/// OplockLevel of a notification or of the answer to an acknowledgement (MS-SMB2 2.2.23.1, 2.2.25.1).
fn of_oplock_break(level: OplockLevel) -> Option<DecodeError> {
    let known = [OplockLevel::NONE, OplockLevel::II, OplockLevel::EXCLUSIVE];
    let (field, offset) = ("OplockLevel of the oplock break", HEADER_LENGTH + 2);
    (!known.contains(&level)).then(|| value(field, offset, u64::from(level.0), "00, 01 or 08"))
}

/// A Lease Break Notification (MS-SMB2 2.2.23.2).
fn of_lease_break(lease: &LeaseBreakNotification) -> Option<DecodeError> {
    let at = |offset| HEADER_LENGTH + offset;
    if lease.flags & !1 != 0 {
        let flags = u64::from(lease.flags);
        return Some(value("Flags of the lease break", at(4), flags, "0 or 1"));
    }
    let names = ["BreakReason", "AccessMaskHint", "ShareMaskHint"];
    let reserved = names.into_iter().zip(lease.reserved).zip([32, 36, 40]);
    lease_state("CurrentLeaseState", at(24), lease.current)
        .or_else(|| lease_state("NewLeaseState", at(28), lease.new))
        .or_else(|| {
            reserved.into_iter().find_map(|((name, word), offset)| {
                (word != 0).then(|| value(name, at(offset), u64::from(word), "0"))
            })
        })
}

fn of_create(create: &CreateResponse) -> Option<DecodeError> {
    let known = [
        OplockLevel::NONE,
        OplockLevel::II,
        OplockLevel::EXCLUSIVE,
        OplockLevel::BATCH,
        OplockLevel::LEASE,
    ];
    if !known.contains(&create.level) {
        let level = u64::from(create.level.0);
        return Some(value("OplockLevel of CREATE", HEADER_LENGTH + 2, level, "a level"));
    }
    let mut leases = create.contexts.iter().filter(|context| context.name == LeaseContext::NAME);
    let lease = leases.next();
    if create.level == OplockLevel::LEASE && lease.is_none() {
        // MS-SMB2 2.2.14, OplockLevel: the response then MUST contain the context.
        let (field, offset) = ("OplockLevel of CREATE", HEADER_LENGTH + 2);
        return Some(value(field, offset, 0xFF, "a lease: there is no RqLs context"));
    }
    if leases.next().is_some() {
        return Some(value("RqLs contexts", IN_CONTEXT, 2, "one"));
    }
    lease.and_then(|context| of_lease_context(&context.data))
}

/// LeaseDuration and the reserved words of an RqLs answer (MS-SMB2 2.2.14.2.10, 2.2.14.2.11).
fn of_lease_context(data: &[u8]) -> Option<DecodeError> {
    let context = LeaseContext::decode(data).ok()?;
    let known = if context.v2.is_some() { 0x2 | 0x4 } else { 0x2 };
    if context.flags & !known != 0 {
        let flags = u64::from(context.flags);
        return Some(value("LeaseFlags of RqLs", 20, flags, "made of the known flags"));
    }
    let word = |offset: usize, length: usize| {
        let bytes = data.get(offset..offset + length).unwrap_or_default();
        bytes.iter().rev().fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte))
    };
    lease_state("LeaseState of RqLs", 16, context.state)
        .or_else(|| {
            let duration = word(24, 8);
            (duration != 0).then(|| value("LeaseDuration of RqLs", 24, duration, "0"))
        })
        .or_else(|| {
            let reserved = word(50, 2);
            (reserved != 0).then(|| value("Reserved of RqLs", 50, reserved, "0"))
        })
}

fn lease_state(field: &'static str, offset: usize, state: LeaseState) -> Option<DecodeError> {
    (state.0 & !LeaseState::RWH.0 != 0)
        .then(|| value(field, offset, u64::from(state.0), "made of R, H and W"))
}

#[cfg(test)]
mod tests {
    use oplock_model::{FileId, LeaseKey, Status};
    use rstest::rstest;

    use super::*;
    use crate::{
        CloseResponse, CreateContext, LeaseV2, TreeConnectResponse, decode_response,
        encode_response,
    };

    fn checked(message: &[u8]) -> Option<String> {
        let (header, response) = decode_response(message).expect("it decodes");
        misused_field(&header, &response, message).map(|error| error.to_string())
    }

    fn oplock_break() -> Response {
        Response::OplockBreak { file: FileId::default(), level: OplockLevel::II }
    }

    fn lease_break() -> Response {
        Response::LeaseBreakNotification(LeaseBreakNotification {
            flags: 1,
            current: LeaseState::RWH,
            new: LeaseState::RH,
            ..LeaseBreakNotification::default()
        })
    }

    fn lease_answer() -> Response {
        Response::LeaseBreakResponse { key: LeaseKey([1; 16]), state: LeaseState::RH, flags: 0 }
    }

    fn error_answer() -> Response {
        Response::Error { contexts: 0, data: Vec::new() }
    }

    fn created(level: OplockLevel, contexts: Vec<CreateContext>) -> Response {
        Response::Create(CreateResponse { level, contexts, ..CreateResponse::default() })
    }

    fn lease_context(byte: Option<(usize, u8)>) -> CreateContext {
        let lease = LeaseContext {
            key: LeaseKey([1; 16]),
            state: LeaseState::RWH,
            flags: 2,
            v2: Some(LeaseV2::default()),
        };
        let mut context = lease.to_context();
        if let Some((at, value)) = byte {
            context.data[at] = value;
        }
        context
    }

    #[rstest]
    #[case(Response::Logoff)]
    #[case(Response::TreeDisconnect)]
    #[case(Response::Echo)]
    #[case(Response::Flush)]
    #[case(Response::Lock)]
    #[case(Response::TreeConnect(TreeConnectResponse::default()))]
    #[case(Response::Close(CloseResponse { flags: 1, ..CloseResponse::default() }))]
    #[case(Response::Read { data: vec![1] })]
    #[case(Response::Write { count: 9 })]
    #[case(oplock_break())]
    #[case(lease_break())]
    #[case(lease_answer())]
    #[case(created(OplockLevel::BATCH, Vec::new()))]
    #[case(created(OplockLevel::LEASE, vec![lease_context(None)]))]
    fn what_is_as_it_should_be_is_nothing(#[case] response: Response) {
        let message = encode_response(&Header::default(), &response);
        assert_eq!(checked(&message), None);
    }

    /// MS-SMB2 2.2: a byte of the body that the server MUST leave zero, or a bit that no flag has.
    #[rstest]
    #[case::logoff(Response::Logoff, 2, 1, "Reserved of LOGOFF at offset 66 is 1, not 0")]
    #[case::echo(Response::Echo, 3, 1, "Reserved of ECHO at offset 66 is 256, not 0")]
    #[case::flush(Response::Flush, 2, 7, "Reserved of FLUSH at offset 66 is 7, not 0")]
    #[case::lock(Response::Lock, 2, 7, "Reserved of LOCK at offset 66 is 7, not 0")]
    #[case::tree(
        Response::TreeConnect(TreeConnectResponse::default()),
        3,
        1,
        "Reserved of TREE_CONNECT at offset 67 is 1, not 0"
    )]
    #[case::close_flags(
        Response::Close(CloseResponse::default()),
        2,
        2,
        "Flags of CLOSE at offset 66 is 2, not a flag of it"
    )]
    #[case::close(
        Response::Close(CloseResponse::default()),
        7,
        1,
        "Reserved of CLOSE at offset 68 is 16777216, not 0"
    )]
    #[case::read(Response::Read { data: vec![1] }, 3, 1, "Reserved of READ at offset 67 is 1, not 0")]
    #[case::write(Response::Write { count: 1 }, 8, 1, "Remaining of WRITE at offset 72 is 1, not 0")]
    #[case::write_channel(Response::Write { count: 1 }, 14, 1, "WriteChannelInfoLength of WRITE at offset 78 is 1, not 0")]
    #[case::oplock(oplock_break(), 3, 1, "Reserved of the oplock break at offset 67 is 1, not 0")]
    #[case::oplock_2(
        oplock_break(),
        4,
        1,
        "Reserved2 of the oplock break at offset 68 is 1, not 0"
    )]
    #[case::oplock_level(
        oplock_break(),
        2,
        9,
        "OplockLevel of the oplock break at offset 66 is 9, not 00, 01 or 08"
    )]
    #[case::lease_flags(
        lease_break(),
        4,
        2,
        "Flags of the lease break at offset 68 is 2, not 0 or 1"
    )]
    #[case::lease_current(
        lease_break(),
        24,
        8,
        "CurrentLeaseState at offset 88 is 8, not made of R, H and W"
    )]
    #[case::lease_new(
        lease_break(),
        28,
        8,
        "NewLeaseState at offset 92 is 8, not made of R, H and W"
    )]
    #[case::lease_reason(lease_break(), 32, 1, "BreakReason at offset 96 is 1, not 0")]
    #[case::lease_access(lease_break(), 36, 1, "AccessMaskHint at offset 100 is 1, not 0")]
    #[case::lease_share(lease_break(), 40, 1, "ShareMaskHint at offset 104 is 1, not 0")]
    #[case::lease_answer(
        lease_answer(),
        2,
        1,
        "Reserved of the lease break answer at offset 66 is 1, not 0"
    )]
    #[case::lease_answer_flags(
        lease_answer(),
        4,
        2,
        "Flags of the lease break answer at offset 68 is 2, not 0"
    )]
    #[case::lease_answer_state(
        lease_answer(),
        24,
        9,
        "LeaseState of the lease break answer at offset 88 is 9, not made of R, H and W"
    )]
    #[case::lease_answer_duration(
        lease_answer(),
        28,
        1,
        "LeaseDuration of the lease break answer at offset 92 is 1, not 0"
    )]
    #[case::create_level(
        created(OplockLevel::NONE, Vec::new()),
        2,
        2,
        "OplockLevel of CREATE at offset 66 is 2, not a level"
    )]
    #[case::create_without_context(
        created(OplockLevel::NONE, Vec::new()),
        2,
        0xFF,
        "OplockLevel of CREATE at offset 66 is 255, not a lease: there is no RqLs context"
    )]
    fn a_misused_field_is_named(
        #[case] response: Response,
        #[case] at: usize,
        #[case] byte: u8,
        #[case] told: &str,
    ) {
        let mut message = encode_response(&Header::default(), &response);
        message[HEADER_LENGTH + at] = byte;
        assert_eq!(checked(&message).as_deref(), Some(told));
    }

    #[rstest]
    #[case::flags(20, 1, "LeaseFlags of RqLs at offset 20 is 1, not made of the known flags")]
    #[case::state(16, 9, "LeaseState of RqLs at offset 16 is 9, not made of R, H and W")]
    #[case::duration(24, 1, "LeaseDuration of RqLs at offset 24 is 1, not 0")]
    #[case::reserved(50, 1, "Reserved of RqLs at offset 50 is 1, not 0")]
    fn a_lease_context_too(#[case] at: usize, #[case] byte: u8, #[case] told: &str) {
        let response = created(OplockLevel::LEASE, vec![lease_context(Some((at, byte)))]);
        let message = encode_response(&Header::default(), &response);
        assert_eq!(checked(&message).as_deref(), Some(told));
        let twice = vec![lease_context(None), lease_context(None)];
        let message = encode_response(&Header::default(), &created(OplockLevel::LEASE, twice));
        assert_eq!(checked(&message).as_deref(), Some("RqLs contexts at offset 0 is 2, not one"));
    }

    #[rstest]
    #[case::flags(17, 1, "Flags at offset 16 is 257, not made of the known flags")]
    #[case::signature(48, 1, "Signature of an unsigned message at offset 48 is 1, not 0")]
    fn a_header_too(#[case] at: usize, #[case] byte: u8, #[case] told: &str) {
        let mut message = encode_response(&Header::default(), &Response::Echo);
        message[at] = byte;
        assert_eq!(checked(&message).as_deref(), Some(told));
    }

    #[rstest]
    #[case::size(0, 8, "error StructureSize at offset 64 is 8, not 9")]
    #[case::reserved(3, 1, "Reserved of an error at offset 67 is 1, not 0")]
    #[case::count(4, 2, "ErrorData at offset 72 needs 2 bytes, 1 are left")]
    fn an_error_has_its_shape(#[case] at: usize, #[case] byte: u8, #[case] told: &str) {
        let header = Header {
            status: Status::SHARING_VIOLATION,
            command: Command::CREATE,
            ..Header::default()
        };
        let mut message = encode_response(&header, &error_answer());
        assert_eq!(checked(&message), None);
        message[HEADER_LENGTH + at] = byte;
        assert_eq!(checked(&message).as_deref(), Some(told));
        for length in HEADER_LENGTH..HEADER_LENGTH + 8 {
            assert!(checked(&message[..length]).is_some(), "{length}");
        }
    }

    #[test]
    fn a_refused_copy_may_tell_its_limits() {
        for status in [Status::INVALID_PARAMETER, Status::OBJECT_NAME_NOT_FOUND] {
            let header = Header { status, command: Command::IOCTL, ..Header::default() };
            let mut message = encode_response(&header, &error_answer());
            message.resize(HEADER_LENGTH + 60, 0);
            message[HEADER_LENGTH] = 49;
            assert_eq!(checked(&message), None);
        }
    }
}
