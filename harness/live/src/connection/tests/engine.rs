//! The engine against a server of our own on loopback that says what a test wants it to say.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use oplock_model::{
    Body, BreakNotice, CallId, ConnectionId, Event, FileId, OplockLevel, Stamped, Status,
};
use oplock_wire::security::{PreauthHash, SessionKey, SigningAlgorithm, SigningKey};
use oplock_wire::{
    Chain, Command, CreateRequest, CreateResponse, Dialect, FRAME_PREFIX, Flags, Header, Request,
    Response, decode_request, encode_response, frame, frame_length, link, split_compound,
};
use rstest::rstest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use crate::clock::Stopwatch;
use crate::connection::{Connection, Held, Line, Outlet, Submission};

/// A connection, the far end of its stream, and what it tells its scene.
pub(super) struct Wire {
    runtime: Runtime,
    pub(super) connection: Connection,
    server: TcpStream,
    events: Receiver<Stamped<Event>>,
    /// Keeps the events open where the connection is lent to nobody.
    pub(super) line: Arc<Line>,
}

const WITHIN: Duration = Duration::from_secs(5);
const A_MOMENT: Duration = Duration::from_millis(100);

impl Wire {
    pub(super) fn new() -> Wire {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (connection, server) = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            (Connection::start(client), listener.accept().await.unwrap().0)
        });
        let (sender, events) = channel();
        let line = Arc::new(Line::new(Stopwatch::start(), sender, false));
        // As after a negotiation: until then, what is no message ends the connection.
        connection.state().agreed =
            Some((Dialect::SMB3_1_1, SigningAlgorithm::AesCmac, PreauthHash::new()));
        connection.lend(Outlet { line: Arc::clone(&line), connection: ConnectionId(3) });
        Wire { runtime, connection, server, events, line }
    }

    pub(super) fn signed() -> Wire {
        let wire = Wire::new();
        wire.connection.state().signing = Some(key());
        wire
    }

    pub(super) fn call(&self, call: u64, request: Request) {
        let requests = vec![(request.into(), CallId(call))];
        self.connection.submit(Submission::calls(requests, Chain::Unrelated)).unwrap();
    }

    /// The next frame that the client sends; nothing where none comes within a moment.
    pub(super) fn received(&mut self) -> Option<Vec<u8>> {
        let server = &mut self.server;
        self.runtime.block_on(async {
            let mut prefix = [0; FRAME_PREFIX];
            tokio::time::timeout(A_MOMENT, server.read_exact(&mut prefix)).await.ok()?.ok()?;
            let mut frame = vec![0; frame_length(prefix).unwrap()];
            server.read_exact(&mut frame).await.unwrap();
            Some(frame)
        })
    }

    fn received_header(&mut self) -> Header {
        Header::decode(&self.received().unwrap()).unwrap()
    }

    pub(super) fn say_bytes(&mut self, bytes: &[u8]) {
        let server = &mut self.server;
        self.runtime.block_on(server.write_all(bytes)).unwrap();
    }

    pub(super) fn say(&mut self, message: &[u8]) {
        let prefix = frame(message.len()).unwrap();
        self.say_bytes(&[&prefix[..], message].concat());
    }

    pub(super) fn event(&self) -> Event {
        self.events.recv_timeout(WITHIN).unwrap().value
    }

    /// The next event; nothing where none comes within a moment.
    pub(super) fn next(&self) -> Option<Event> {
        self.events.recv_timeout(A_MOMENT).ok().map(|event| event.value)
    }

    pub(super) fn finding(&self) -> String {
        match self.event() {
            Event::Finding(finding) => {
                assert_eq!(finding.connection, Some(ConnectionId(3)));
                assert!(finding.bytes.len() <= 256);
                finding.what
            }
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn silent(&self) -> bool {
        self.events.recv_timeout(A_MOMENT).is_err()
    }
}

pub(super) fn key() -> SigningKey {
    let session = SessionKey::new(&[7; 16]);
    SigningKey::derive(Dialect::SMB3_1_1, SigningAlgorithm::AesCmac, &session, &PreauthHash::new())
}

pub(super) fn echo(message_id: u64) -> Vec<u8> {
    let header = Header { message_id, credits: 1, command: Command::ECHO, ..Header::default() };
    encode_response(&header, &Response::Echo)
}

pub(super) fn echo_reply(call: u64) -> Event {
    Event::Reply { call: CallId(call), status: Status::SUCCESS, body: Body::Empty }
}

pub(super) fn interim(message_id: u64, async_id: u64) -> Vec<u8> {
    let header = Header {
        message_id,
        async_id: Some(async_id),
        status: Status::PENDING,
        command: Command::ECHO,
        ..Header::default()
    };
    encode_response(&header, &Response::Error { contexts: 0, data: Vec::new() })
}

pub(super) fn oplock_break() -> Vec<u8> {
    let header = Header { message_id: Header::NOTIFICATION, ..Header::default() };
    let file = FileId { persistent: 1, volatile: 2 };
    encode_response(&header, &Response::OplockBreak { file, level: OplockLevel::II })
}

#[test]
fn a_good_signature_is_no_finding() {
    let mut wire = Wire::signed();
    wire.call(0, Request::Echo);
    let request = wire.received().unwrap();
    assert_eq!(key().verify(&request), Ok(()));
    let mut answer = echo(0);
    key().sign(&mut answer).unwrap();
    wire.say(&answer);
    assert_eq!(wire.event(), echo_reply(0));
    assert!(wire.connection.is_sound());
}

/// MS-SMB2 3.2.5.1.3 "Verifying the Signature": every answer of a signed session, but no interim and no notification.
#[rstest]
#[case::missing(|_: &mut Vec<u8>| (), "answer to ECHO: not signed")]
#[case::body_changed(|m: &mut Vec<u8>| { key().sign(m).unwrap(); m[66] ^= 1; }, "answer to ECHO: wrong signature")]
#[case::header_changed(|m: &mut Vec<u8>| { key().sign(m).unwrap(); m[14] ^= 1; }, "answer to ECHO: wrong signature")]
#[case::signature_changed(|m: &mut Vec<u8>| { key().sign(m).unwrap(); m[50] ^= 1; }, "answer to ECHO: wrong signature")]
fn a_tampered_answer_is_a_finding(#[case] tamper: fn(&mut Vec<u8>), #[case] what: &str) {
    let mut wire = Wire::signed();
    wire.call(0, Request::Echo);
    wire.received().unwrap();
    let mut answer = echo(0);
    tamper(&mut answer);
    wire.say(&answer);
    assert_eq!(wire.finding(), what);
    assert_eq!(wire.event(), echo_reply(0));
    assert!(!wire.connection.is_sound());
}

#[test]
fn interims_and_breaks_need_no_signature() {
    let mut wire = Wire::signed();
    wire.line.know(Held::File(FileId { persistent: 1, volatile: 2 }));
    wire.call(0, Request::Echo);
    wire.received().unwrap();
    wire.say(&interim(0, 77));
    wire.say(&oplock_break());
    assert_eq!(wire.event(), Event::Interim { call: CallId(0) });
    let notice = BreakNotice::Oplock {
        connection: ConnectionId(3),
        file: FileId { persistent: 1, volatile: 2 },
        level: OplockLevel::II,
    };
    assert_eq!(wire.event(), Event::Break(notice));
    assert!(wire.connection.is_sound());
}

/// MS-SMB2 3.2.4.1.2 "Requesting Credits from the Server": no message id is used that no credit paid for.
#[test]
fn requests_wait_for_credits_in_their_order() {
    let mut wire = Wire::new();
    (0..5).for_each(|call| wire.call(call, Request::Echo));
    let first = wire.received_header();
    assert_eq!((first.message_id, first.credits), (0, 257));
    assert!(wire.received().is_none(), "sent without a credit");
    assert_eq!(wire.connection.state().waiting(), 4);
    let grant = |credits| {
        let header = Header { message_id: 0, credits, command: Command::ECHO, ..Header::default() };
        encode_response(&header, &Response::Echo)
    };
    wire.say(&grant(2));
    assert_eq!([wire.received_header().message_id, wire.received_header().message_id], [1, 2]);
    assert!(wire.received().is_none(), "sent without a credit");
    // An interim grants too.
    let header = Header::decode(&interim(1, 5)).unwrap();
    let error = Response::Error { contexts: 0, data: Vec::new() };
    wire.say(&encode_response(&Header { credits: 7, ..header }, &error));
    assert_eq!([wire.received_header().message_id, wire.received_header().message_id], [3, 4]);
    assert_eq!(wire.connection.state().credits(), 5);
}

#[test]
fn a_large_request_takes_several_ids_where_that_was_negotiated() {
    let mut wire = Wire::new();
    {
        let mut state = wire.connection.state();
        state.multi_credit = true;
        state.grant(20);
    }
    let read = |length| Request::Read { file: FileId::default(), offset: 0, length, minimum: 0 };
    wire.call(0, read(65536));
    wire.call(1, read(65537));
    wire.call(2, Request::Echo);
    let headers = [wire.received_header(), wire.received_header(), wire.received_header()];
    assert_eq!(headers.map(|header| header.message_id), [0, 1, 3]);
    assert_eq!(headers.map(|header| header.credit_charge), [1, 2, 1]);
}

#[test]
fn a_cancel_names_the_async_id_and_costs_nothing() {
    let mut wire = Wire::new();
    wire.call(0, Request::Echo);
    wire.call(1, Request::Echo);
    wire.received().unwrap();
    wire.say(&interim(0, 77));
    assert_eq!(wire.event(), Event::Interim { call: CallId(0) });
    // What was never sent needs no cancel.
    assert_eq!(wire.connection.cancel_calls(), [CallId(1)]);
    let (header, request) = decode_request(&wire.received().unwrap()).unwrap();
    assert_eq!(request, Request::Cancel);
    assert_eq!((header.async_id, header.message_id), (Some(77), 0));
    assert_eq!(wire.connection.state().waiting(), 0);
    let header = Header {
        message_id: 0,
        async_id: Some(77),
        status: Status::CANCELLED,
        command: Command::ECHO,
        ..Header::default()
    };
    wire.say(&encode_response(&header, &Response::Error { contexts: 0, data: Vec::new() }));
    let reply = Event::Reply { call: CallId(0), status: Status::CANCELLED, body: Body::Empty };
    assert_eq!(wire.event(), reply);
}

#[test]
fn a_compound_is_one_frame_and_so_may_be_its_answer() {
    let mut wire = Wire::new();
    wire.connection.state().grant(5);
    let requests = (0..3).map(|call| (Request::Echo.into(), CallId(call))).collect();
    wire.connection.submit(Submission::calls(requests, Chain::Related)).unwrap();
    let frame = wire.received().unwrap();
    let flags: Vec<u32> = split_compound(&frame)
        .unwrap()
        .into_iter()
        .map(|message| Header::decode(message).unwrap().flags & Flags::RELATED)
        .collect();
    assert_eq!(flags, [0, Flags::RELATED, Flags::RELATED]);
    let mut answers = [echo(0), echo(1), echo(2)];
    link(&mut answers, Chain::Related);
    wire.say(&answers.concat());
    assert_eq!([wire.event(), wire.event(), wire.event()], [0, 1, 2].map(echo_reply));
}

#[rstest]
#[case::nobody_asked(echo(9), "answer to ECHO that nobody asked")]
#[case::a_request({ let mut m = echo(0); m[16] = 0; m }, "a request from the server")]
#[case::no_header(vec![0xFE; 20], "undecodable compound: ")]
#[case::wrong_magic(vec![0xAB; 64], "undecodable compound: ")]
#[case::encrypted({ let mut m = echo(0); m[0] = 0xFD; m }, "an encrypted message in a session without keys")]
#[case::next_outside({ let mut m = echo(0); m[20] = 0xF0; m }, "undecodable compound: ")]
#[case::short_break({ let mut m = oplock_break(); m.truncate(70); m }, "undecodable break: ")]
fn what_no_server_may_say_is_a_finding(#[case] message: Vec<u8>, #[case] what: &str) {
    let mut wire = Wire::new();
    wire.say(&message);
    let found = wire.finding();
    assert!(found.starts_with(what), "{found}");
    assert!(!wire.connection.is_sound());
}

#[test]
fn an_undecodable_answer_still_ends_its_call() {
    let mut wire = Wire::new();
    wire.call(0, Request::Echo);
    wire.received().unwrap();
    let mut answer = echo(0);
    answer.truncate(66);
    wire.say(&answer);
    assert!(wire.finding().starts_with("undecodable answer to ECHO: "));
    assert_eq!(wire.event(), echo_reply(0));
}

#[rstest]
#[case::no_frame(&[1, 0, 0, 4, 0, 0, 0, 0], "undecodable frame: ")]
#[case::too_long(&[0, 0xFF, 0xFF, 0xFF], "a frame of 16777215 bytes")]
fn a_stream_that_cannot_be_followed_ends(#[case] bytes: &[u8], #[case] what: &str) {
    let mut wire = Wire::new();
    wire.call(0, Request::Echo);
    wire.say_bytes(bytes);
    let found = wire.finding();
    assert!(found.starts_with(what), "{found}");
    assert_eq!(wire.event(), Event::Gone { connection: ConnectionId(3) });
    let requests = vec![(Request::Echo.into(), CallId(1))];
    assert!(wire.connection.submit(Submission::calls(requests, Chain::Unrelated)).is_err());
}

#[test]
fn a_closed_stream_is_gone_and_lets_go_who_waits() {
    let Wire { runtime, connection, server, events, .. } = Wire::new();
    let (submission, answer) = Submission::awaited(Request::Echo);
    connection.submit(submission).unwrap();
    drop(server);
    assert!(runtime.block_on(answer).is_err());
    let event = events.recv_timeout(WITHIN).unwrap().value;
    assert_eq!(event, Event::Gone { connection: ConnectionId(3) });
    // Whoever drops it then says nothing new.
    connection.drop_transport();
    assert!(events.try_recv().is_err());
}

#[test]
fn a_break_that_nobody_waits_for_spoils_the_connection() {
    let mut wire = Wire::new();
    wire.connection.take_back(&HashSet::new());
    wire.say(&oplock_break());
    assert!(wire.silent());
    assert!(!wire.connection.is_sound());
}

#[test]
fn a_break_of_the_cell_before_is_no_event() {
    let mut wire = Wire::new();
    let file = FileId { persistent: 1, volatile: 2 };
    wire.connection.state().past.insert(Held::File(file));
    wire.say(&oplock_break());
    assert!(wire.silent());
    assert!(!wire.connection.is_sound());
    // Unless the server gave that id to a new file.
    let header =
        Header { message_id: 0, credits: 1, command: Command::CREATE, ..Header::default() };
    wire.call(0, Request::Create(CreateRequest::default()));
    wire.say(&encode_response(
        &header,
        &Response::Create(CreateResponse { file, ..CreateResponse::default() }),
    ));
    assert!(matches!(wire.event(), Event::Reply { .. }));
    wire.say(&oplock_break());
    assert!(matches!(wire.event(), Event::Break(_)));
}

#[test]
fn what_a_cell_has_again_is_its_own() {
    let mut wire = Wire::new();
    let held = Held::File(FileId { persistent: 1, volatile: 2 });
    wire.connection.state().past.insert(held);
    wire.connection.take_over(held);
    wire.connection.state().outlet.as_ref().unwrap().line.know(held);
    wire.say(&oplock_break());
    assert!(matches!(wire.event(), Event::Break(_)));
    assert!(wire.connection.is_sound());
}

/// Every answer, cut and bent in many ways: findings and answers, no panic, and the reader lives on.
#[test]
fn garbage_never_ends_the_reader() {
    let mut wire = Wire::new();
    let mut links = [echo(0), echo(1)];
    link(&mut links, Chain::Unrelated);
    let samples = [echo(0), interim(0, 1), oplock_break(), links.concat()];
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % below as u64) as usize
    };
    for round in 0..2000 {
        let mut message = samples[round % samples.len()].clone();
        for _ in 0..=next(6) {
            let at = next(message.len());
            message[at] = next(256) as u8;
        }
        message.truncate(1 + next(message.len()));
        wire.say(&message);
    }
    while !wire.silent() {}
    wire.connection.state().grant(1);
    let message_id = {
        wire.call(9, Request::Echo);
        let mut last = 0;
        while let Some(frame) = wire.received() {
            last = Header::decode(&frame).unwrap().message_id;
        }
        last
    };
    wire.say(&echo(message_id));
    assert_eq!(wire.event(), echo_reply(9));
}
