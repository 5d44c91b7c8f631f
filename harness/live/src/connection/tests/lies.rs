//! Every way in which a server can break the protocol, one row each: what it says, and what is reported of it.

use oplock_model::{CallId, Event, FileId, LeaseKey, LeaseState, OplockLevel, Status};
use oplock_wire::security::encryption::{Cipher, EncryptionKeys};
use oplock_wire::security::{PreauthHash, SessionKey};
use oplock_wire::{
    Chain, Command, CreateContext, CreateRequest, CreateResponse, Dialect, Flags, Header,
    LeaseBreakNotification, LeaseContext, Request, Response, encode_response, link,
};
use rstest::rstest;

use super::engine::{Wire, echo, echo_reply, interim, key, oplock_break};
use crate::connection::Held;

const FILE: FileId = FileId { persistent: 1, volatile: 2 };
const KEY: LeaseKey = LeaseKey([7; 16]);

/// A header of an answer to message 0, with one thing changed.
fn header(change: impl Fn(&mut Header)) -> Header {
    let mut header = Header { credits: 1, command: Command::ECHO, ..Header::default() };
    change(&mut header);
    header
}

fn echoed(change: impl Fn(&mut Header)) -> Vec<u8> {
    encode_response(&header(change), &Response::Echo)
}

/// A correct answer with one byte changed.
fn bent(mut message: Vec<u8>, at: usize, byte: u8) -> Vec<u8> {
    message[at] = byte;
    message
}

fn compound(next: u8) -> Vec<u8> {
    let mut messages = [echo(0), echo(0)];
    link(&mut messages, Chain::Unrelated);
    bent(messages.concat(), 20, next)
}

fn error(header: &Header) -> Vec<u8> {
    encode_response(header, &Response::Error { contexts: 0, data: Vec::new() })
}

/// What a server says to an ECHO with message id 0 of session 0x11 and tree 3, and every finding that comes of it. The answer
/// counts all the same, unless there is none.
#[rstest]
#[case::as_it_should_be(vec![echoed(|_| ())], &[], true)]
#[case::of_another_session(vec![echoed(|h| h.session_id = 0x12)], &["answer to ECHO: of another session"], true)]
#[case::of_another_tree(vec![echoed(|h| h.tree_id = 4)], &["answer to ECHO: of another tree"], true)]
#[case::of_another_command(vec![bent(echoed(|_| ()), 12, 7)], &["answer to FLUSH for a ECHO"], true)]
#[case::asynchronous_at_once(vec![echoed(|h| h.async_id = Some(9))], &["answer to ECHO: asynchronous without an interim"], true)]
#[case::pending_without_id(vec![error(&header(|h| h.status = Status::PENDING)), echoed(|_| ())], &["answer to ECHO: pending without an async id"], true)]
#[case::async_id_zero(vec![interim(0, 0), echoed(|h| h.async_id = Some(0))], &["interim to ECHO: its async id is 0"], true)]
#[case::two_interims(vec![interim(0, 5), interim(0, 5), echoed(|h| h.async_id = Some(5))], &["interim to ECHO: the second one"], true)]
#[case::another_async_id(vec![interim(0, 5), echoed(|h| h.async_id = Some(6))], &["answer to ECHO: another async id than its interim"], true)]
#[case::unknown_flags(vec![echoed(|h| h.flags = 0x100)], &["answer: Flags at offset 16 is 257, not made of the known flags"], true)]
#[case::reserved(vec![bent(echoed(|_| ()), 66, 1)], &["answer: Reserved of ECHO at offset 66 is 1, not 0"], true)]
#[case::signature_of_nothing(vec![bent(echoed(|_| ()), 48, 1)], &["answer: Signature of an unsigned message at offset 48 is 1, not 0"], true)]
#[case::wrong_size(vec![bent(echoed(|_| ()), 64, 5)], &["undecodable answer to ECHO: ECHO StructureSize at offset 64 is 5, not 4"], true)]
#[case::too_short(vec![echoed(|_| ())[..66].to_vec()], &["undecodable answer to ECHO: Reserved at offset 66 needs 2 bytes, 0 are left"], true)]
#[case::no_body(vec![echoed(|_| ())[..64].to_vec()], &["undecodable answer to ECHO: ECHO StructureSize at offset 64 needs 2 bytes, 0 are left"], true)]
#[case::no_header(vec![echoed(|_| ())[..63].to_vec()], &["undecodable header: "], false)]
#[case::error_without_shape(vec![bent(error(&header(|h| h.status = Status::ACCESS_DENIED)), 64, 8)], &["answer: error StructureSize at offset 64 is 8, not 9"], true)]
#[case::twice(vec![echoed(|_| ()), echoed(|_| ())], &["answer to ECHO that was answered before"], true)]
#[case::never_asked(vec![echoed(|h| h.message_id = 70)], &["answer to ECHO that nobody asked"], false)]
#[case::to_a_cancel(vec![bent(echoed(|h| h.message_id = 70), 12, 12)], &["answer to CANCEL, which has none"], false)]
#[case::a_request(vec![bent(echoed(|_| ()), 16, 0)], &["a request from the server"], false)]
#[case::next_in_the_header(vec![compound(56)], &["undecodable compound: NextCommand at offset 20 is 56, not 0 or a multiple of 8 behind the header"], true)]
#[case::next_unaligned(vec![compound(68)], &["undecodable compound: NextCommand at offset 20 is 68, not 0 or a multiple of 8 behind the header"], true)]
#[case::next_out_of_range(vec![compound(0xF8)], &["undecodable compound: NextCommand at offset 20 is 248, not an offset inside the frame"], true)]
#[case::next_into_nothing(vec![bent([echo(0), vec![0; 12]].concat(), 20, 72)], &["undecodable compound: header at offset 72 needs 20 bytes, 8 are left"], true)]
#[case::encrypted(vec![bent(echoed(|_| ()), 0, 0xFD)], &["an encrypted message in a session without keys"], false)]
#[case::smb1(vec![bent(echoed(|_| ()), 0, 0xFF)], &["undecodable header: ProtocolId at offset 0 is [ff, 53, 4d, 42], not fe 53 4d 42"], false)]
#[case::nothing(vec![Vec::new()], &["undecodable compound: header at offset 0 needs 20 bytes, 0 are left"], false)]
fn what_an_answer_must_not_be(
    #[case] says: Vec<Vec<u8>>,
    #[case] findings: &[&str],
    #[case] is_answered: bool,
) {
    let mut wire = Wire::new();
    {
        let mut state = wire.connection.state();
        (state.session_id, state.tree_id) = (0x11, 3);
        state.grant(9);
    }
    wire.call(0, Request::Echo);
    wire.received().unwrap();
    for mut message in says {
        // Of this session and tree, unless the row says otherwise.
        if message.len() >= 64 {
            let is_async = message[16] & Flags::ASYNC as u8 != 0;
            if message[36..40] == [0; 4] && !is_async {
                message[36] = 3;
            }
            if message[40..48] == [0; 8] {
                message[40] = 0x11;
            }
        }
        wire.say(&message);
    }
    let (told, answered) = heard(&wire);
    assert_eq!(told.len(), findings.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(findings) {
        assert!(told.starts_with(expected), "{told}");
    }
    assert_eq!(answered, is_answered);
    assert_eq!(wire.connection.is_sound(), findings.is_empty());
}

/// Everything that came: what was found, and whether the call was answered.
fn heard(wire: &Wire) -> (Vec<String>, bool) {
    let (mut told, mut answered) = (Vec::new(), false);
    while let Some(event) = wire.next() {
        match event {
            Event::Finding(finding) => {
                assert!(finding.bytes.len() <= 256);
                told.push(finding.what);
            }
            Event::Reply { call: CallId(0), .. } => answered = true,
            Event::Interim { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    (told, answered)
}

fn lease_break(change: impl Fn(&mut LeaseBreakNotification)) -> Vec<u8> {
    let mut lease = LeaseBreakNotification {
        flags: 1,
        key: KEY,
        current: LeaseState::RWH,
        new: LeaseState::RH,
        ..LeaseBreakNotification::default()
    };
    change(&mut lease);
    let header = Header { message_id: Header::NOTIFICATION, ..Header::default() };
    encode_response(&header, &Response::LeaseBreakNotification(lease))
}

/// Breaks of what the cell has, and of what nobody has. A finding in place of the break where nobody can be told of it.
#[rstest]
#[case::of_a_handle(oplock_break(), &[], true)]
#[case::of_a_lease(lease_break(|_| ()), &[], true)]
#[case::with_a_status(bent(bent(lease_break(|_| ()), 8, 0x28), 11, 0xC0), &[], true)]
#[case::of_a_strange_handle(bent(oplock_break(), 72, 9), &["break of a handle that nobody has"], false)]
#[case::of_a_strange_key(lease_break(|l| l.key = LeaseKey([8; 16])), &["break of a lease key that nobody named"], false)]
#[case::reserved(bent(oplock_break(), 67, 1), &["break: Reserved of the oplock break at offset 67 is 1, not 0"], true)]
#[case::no_level(bent(oplock_break(), 66, 9), &["break: OplockLevel of the oplock break at offset 66 is 9, not 00, 01 or 08"], true)]
#[case::reason(lease_break(|l| l.reserved[0] = 1), &["break: BreakReason at offset 96 is 1, not 0"], true)]
#[case::flags(lease_break(|l| l.flags = 3), &["break: Flags of the lease break at offset 68 is 3, not 0 or 1"], true)]
#[case::state(lease_break(|l| l.new = LeaseState(0x11)), &["break: NewLeaseState at offset 92 is 17, not made of R, H and W"], true)]
#[case::of_another_session(bent(oplock_break(), 40, 0x12), &["break: of another session"], true)]
#[case::short(oplock_break()[..70].to_vec(), &["undecodable break: Reserved at offset 67 needs 5 bytes, 3 are left"], false)]
#[case::in_the_shape_of_an_answer(bent(lease_break(|_| ()), 64, 36), &["break: "; 2], false)]
#[case::of_no_size(bent(oplock_break(), 64, 25), &["undecodable break: OPLOCK_BREAK StructureSize at offset 64 is 25, not 24, 36 or 44"], false)]
fn what_a_break_must_not_be(
    #[case] message: Vec<u8>,
    #[case] findings: &[&str],
    #[case] is_told: bool,
) {
    let mut wire = Wire::new();
    wire.connection.state().session_id = 0x11;
    wire.line.know(Held::File(FILE));
    wire.line.know(Held::Lease(KEY));
    wire.say(&message);
    let (mut told, mut broken) = (Vec::new(), false);
    while let Some(event) = wire.next() {
        match event {
            Event::Finding(finding) => told.push(finding.what),
            Event::Break(_) => broken = true,
            other => panic!("{other:?}"),
        }
    }
    if findings != ["break: "; 2] {
        assert_eq!(told, findings);
    }
    assert_eq!(broken, is_told, "{told:?}");
    assert_eq!(wire.connection.is_sound(), findings.is_empty());
}

/// The answer that names a handle may be overtaken by its break; a handle of bytes that the case made is anybody's.
#[test]
fn a_break_may_overtake_the_answer_that_names_its_handle() {
    let mut wire = Wire::new();
    wire.call(0, Request::Create(CreateRequest::default()));
    wire.received().unwrap();
    wire.say(&oplock_break());
    assert!(matches!(wire.event(), Event::Break(_)));
    let wire = &mut Wire::new();
    wire.line.know_anything();
    wire.say(&lease_break(|_| ()));
    assert!(matches!(wire.event(), Event::Break(_)));
}

fn lease_context(key: LeaseKey) -> CreateContext {
    LeaseContext { key, state: LeaseState::RWH, ..LeaseContext::default() }.to_context()
}

fn leased(key: LeaseKey) -> Vec<u8> {
    let header = header(|h| h.command = Command::CREATE);
    let (level, contexts) = (OplockLevel::LEASE, vec![lease_context(key)]);
    let create = CreateResponse { level, contexts, file: FILE, ..CreateResponse::default() };
    encode_response(&header, &Response::Create(create))
}

fn acked(response: &Response) -> Vec<u8> {
    encode_response(&header(|h| h.command = Command::OPLOCK_BREAK), response)
}

fn oplock_ack() -> Request {
    Request::OplockAck { file: FILE, level: OplockLevel::II }
}

fn lease_ack() -> Request {
    Request::LeaseAck { key: KEY, state: LeaseState::RH, flags: 0 }
}

fn lease_acked(key: LeaseKey) -> Vec<u8> {
    acked(&Response::LeaseBreakResponse { key, state: LeaseState::RH, flags: 0 })
}

/// What names a handle or a lease is answered for the same one.
#[rstest]
#[case::oplock(oplock_ack(), acked(&Response::OplockBreak { file: FILE, level: OplockLevel::II }), None)]
#[case::another_handle(oplock_ack(), acked(&Response::OplockBreak { file: FileId::default(), level: OplockLevel::II }), Some("answer to OPLOCK_BREAK: for another handle than was named"))]
#[case::oplock_as_a_lease(
    oplock_ack(),
    lease_acked(KEY),
    Some("answer to OPLOCK_BREAK: for another lease key than was named")
)]
#[case::lease(lease_ack(), lease_acked(KEY), None)]
#[case::another_key(lease_ack(), lease_acked(LeaseKey([8; 16])), Some("answer to OPLOCK_BREAK: for another lease key than was named"))]
#[case::a_notification(lease_ack(), acked(&Response::LeaseBreakNotification(LeaseBreakNotification::default())), Some("answer to OPLOCK_BREAK: in the shape of a notification"))]
#[case::create(Request::Create(CreateRequest { contexts: vec![lease_context(KEY)], ..CreateRequest::default() }), leased(KEY), None)]
#[case::create_another_key(Request::Create(CreateRequest { contexts: vec![lease_context(KEY)], ..CreateRequest::default() }), leased(LeaseKey([8; 16])), Some("answer to CREATE: for another lease key than was named"))]
fn an_answer_is_about_what_was_named(
    #[case] request: Request,
    #[case] answer: Vec<u8>,
    #[case] finding: Option<&str>,
) {
    let mut wire = Wire::new();
    wire.call(0, request);
    wire.received().unwrap();
    wire.say(&answer);
    let (told, answered) = heard(&wire);
    let expected: Vec<&str> = finding.into_iter().collect();
    assert_eq!((told, answered), (expected.into_iter().map(str::to_owned).collect(), true));
}

/// MS-SMB2 3.3.1.2: who has no credit can ask for none, so nothing is ever heard again.
#[test]
fn a_client_without_a_credit_is_told_at_once() {
    let mut wire = Wire::new();
    wire.call(0, Request::Echo);
    wire.call(1, Request::Echo);
    wire.received().unwrap();
    wire.say(&echoed(|h| h.credits = 0));
    assert_eq!(wire.event(), echo_reply(0));
    assert_eq!(wire.finding(), "the server leaves the client without a credit");
    assert!(matches!(wire.event(), Event::Gone { .. }));
}

/// A credit may also come with an answer that is still awaited.
#[test]
fn an_answer_that_is_awaited_may_bring_the_next_credit() {
    let mut wire = Wire::new();
    wire.connection.state().grant(1);
    wire.call(0, Request::Echo);
    wire.call(1, Request::Echo);
    wire.received().unwrap();
    wire.received().unwrap();
    wire.say(&echoed(|h| h.credits = 0));
    assert_eq!(wire.event(), echo_reply(0));
    wire.say(&echoed(|h| h.message_id = 1));
    assert_eq!(wire.event(), echo_reply(1));
    assert!(wire.connection.is_sound());
}

fn keys() -> EncryptionKeys {
    let session = SessionKey::new(&[7; 16]);
    EncryptionKeys::client(Dialect::SMB3_1_1, Cipher::Aes128Gcm, &session, &PreauthHash::new())
}

/// What a server may send to a session that is encrypted, and what it may not.
#[rstest]
#[case::encrypted(|m: Vec<u8>| keys().reversed().encrypt(0x11, 1, &m).unwrap(), None, true)]
#[case::in_clear(|m: Vec<u8>| m, Some("answer to ECHO: not encrypted"), true)]
#[case::signed_only(|mut m: Vec<u8>| { key().sign(&mut m).unwrap(); m }, Some("answer to ECHO: not encrypted"), true)]
#[case::of_another_session(|m: Vec<u8>| keys().reversed().encrypt(0x12, 1, &m).unwrap(), Some("an encrypted message of another session"), true)]
#[case::with_another_key(|m: Vec<u8>| keys().encrypt(0x11, 1, &m).unwrap(), Some("undecryptable message: "), false)]
#[case::bent(|m: Vec<u8>| { let mut m = keys().reversed().encrypt(0x11, 1, &m).unwrap(); let last = m.len() - 1; m[last] ^= 1; m }, Some("undecryptable message: "), false)]
#[case::cut(|m: Vec<u8>| { let mut m = keys().reversed().encrypt(0x11, 1, &m).unwrap(); m.truncate(50); m }, Some("undecryptable message: "), false)]
fn an_encrypted_session_stays_so(
    #[case] send: fn(Vec<u8>) -> Vec<u8>,
    #[case] finding: Option<&str>,
    #[case] is_answered: bool,
) {
    let mut wire = Wire::new();
    {
        let mut state = wire.connection.state();
        state.session_id = 0x11;
        state.encryption = Some(keys());
    }
    wire.call(0, Request::Echo);
    wire.received().unwrap();
    wire.say(&send(echoed(|h| h.session_id = 0x11)));
    let (told, answered) = heard(&wire);
    assert_eq!(told.len(), usize::from(finding.is_some()), "{told:?}");
    assert!(finding.is_none_or(|finding| told.iter().all(|told| told.starts_with(finding))));
    assert_eq!(answered, is_answered);
}

/// Where the run is unsigned nothing must be signed, but what says that it is must be.
#[rstest]
#[case::unsigned(|_: &mut Vec<u8>| (), None)]
#[case::signed(|m: &mut Vec<u8>| key().sign(m).unwrap(), None)]
#[case::badly_signed(|m: &mut Vec<u8>| { key().sign(m).unwrap(); m[50] ^= 1; }, Some("answer to ECHO: wrong signature"))]
fn an_unsigned_run_takes_good_signatures(
    #[case] sign: fn(&mut Vec<u8>),
    #[case] finding: Option<&str>,
) {
    let mut wire = Wire::signed();
    wire.connection.state().signs = false;
    wire.call(0, Request::Echo);
    wire.received().unwrap();
    let mut answer = echo(0);
    sign(&mut answer);
    wire.say(&answer);
    assert_eq!(heard(&wire).0, finding.into_iter().collect::<Vec<_>>());
}
