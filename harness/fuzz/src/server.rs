//! The server: any requests on three connections of two clients while time passes, with the invariants checked after each.

use oplock_engine::server::Server;
use oplock_model::{
    Actor, Body, CallId, ConnectionId, CreateOp, Dialect, Durable, Event, FileId, LeaseRequest, Op,
    OplockLevel, ShareKind, Tick, Wanted,
};

use crate::bytes::Bytes;
use crate::operations as draw;

/// A longer dialogue finds nothing that a shorter one does not.
const LONGEST: u64 = 96;
const CONNECTIONS: [ConnectionId; 4] =
    [ConnectionId(0), ConnectionId(1), ConnectionId(2), ConnectionId(9)];

/// Plays the bytes as requests, then lets all timers run out.
///
/// # Panics
/// Where an invariant is broken, or the same requests on a copy have another outcome: that is the finding.
pub fn play(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let dialect = bytes.pick(&Dialect::ALL).unwrap_or_default();
    let mut server = Server::new(draw::choices(&mut bytes), dialect);
    let shares = [
        ShareKind::Plain,
        ShareKind::ForceLevelTwo,
        ShareKind::ScaleOut,
        ShareKind::ContinuouslyAvailable,
        ShareKind::Second,
    ];
    server.set_share(bytes.pick(&shares).unwrap_or_default());
    for (connection, client) in CONNECTIONS.into_iter().zip([1, 2, 1]) {
        server.connect(connection, client, 1);
    }
    for file in draw::files() {
        server.add(&file).expect("a good name");
    }
    let mut files = Vec::new();
    let mut now = Tick::default();
    let mut calls = 0;
    while !bytes.is_empty() && calls < LONGEST {
        let from = bytes.pick(&CONNECTIONS).unwrap_or_default();
        if bytes.byte() % 16 == 0 {
            now = now.plus_millis(u64::from(bytes.byte()) * 1_000);
            server.advance(now);
        }
        let members = if bytes.byte() % 16 == 0 { 3 } else { 1 };
        let mut ops = Vec::new();
        for member in 0..members {
            calls += 1;
            ops.push((CallId(calls), operation(&mut bytes, &files, member > 0)));
        }
        if bytes.byte() == 255 {
            calls += 1;
            let to = bytes.pick(&CONNECTIONS).unwrap_or_default();
            server.bind(now, CallId(calls), from, to);
            listen(&mut server, &mut files);
        }
        server.submit(now, from, ops);
        listen(&mut server, &mut files);
    }
    let mut copy = server.clone();
    let hour = now.plus_millis(3_600_000);
    server.advance(hour);
    copy.advance(hour);
    listen(&mut server, &mut files);
    listen(&mut copy, &mut Vec::new());
    assert!(server == copy, "the same time had another outcome");
}

/// One request; every open that ever was may be named again.
fn operation(bytes: &mut Bytes<'_>, files: &[FileId], related: bool) -> Op {
    let verb = bytes.byte() % 32;
    if matches!(verb, 0..=8) {
        return Op::Create(Box::new(create(bytes, files)));
    }
    let unknown = FileId { persistent: 9_999, volatile: 9_999 };
    let file = if related && bytes.byte() % 4 > 0 {
        FileId::RELATED
    } else {
        bytes.pick(files).unwrap_or(unknown)
    };
    match verb {
        9..=12 => {
            Op::LeaseAck { key: draw::key(bytes).unwrap_or_default(), state: draw::state(bytes) }
        }
        13..=15 => Op::OplockAck { file, level: level(bytes) },
        16 | 17 => Op::Close { file },
        18 => Op::Read { file, offset: bytes.offset(), length: u32::from(bytes.byte()) },
        19 => Op::Write { file, offset: bytes.offset(), length: u32::from(bytes.byte()) },
        20 => Op::Flush { file },
        21 => {
            let ranges = (0..bytes.byte() % 4).map(|_| draw::range(bytes)).collect();
            Op::Lock { file, ranges, fail_immediately: bytes.flag() }
        }
        22 => {
            let ranges = (0..bytes.byte() % 4).map(|_| draw::range(bytes)).collect();
            Op::Unlock { file, ranges }
        }
        23 => Op::Query { file, info: draw::query(bytes) },
        24 => Op::QueryDirectory { file, pattern: "*".to_owned() },
        25 => Op::Set { file, info: draw::set_info(bytes) },
        26 => {
            let source = bytes.pick(files).unwrap_or(unknown);
            Op::Control { file, control: draw::control(bytes, source) }
        }
        27 => Op::Cancel { call: CallId(u64::from(bytes.byte())) },
        28 => match bytes.byte() % 4 {
            0 => Op::LogOff,
            1 => Op::TreeDisconnect,
            2 => Op::Bind { session: Actor(u16::from(bytes.byte())) },
            _ => Op::Fence,
        },
        29 => Op::Disconnect,
        30 => Op::Connect,
        _ => local_or_raw(bytes, file),
    }
}

/// What has no request on the wire, and requests as they stand.
fn local_or_raw(bytes: &mut Bytes<'_>, file: FileId) -> Op {
    match bytes.byte() % 4 {
        0 => Op::Request { file, request: draw::request(bytes) },
        1 => Op::BreakNotify { file },
        2 => Op::MapSection { file, writable: bytes.flag() },
        _ => {
            let command = bytes.pick(&[0x0012, 0x0005, 0x000D, 0x0055]).unwrap_or_default();
            let mut body = vec![bytes.byte(), 0];
            while bytes.flag() && body.len() < 64 {
                body.extend(bytes.some());
            }
            Op::Raw { command, body }
        }
    }
}

fn create(bytes: &mut Bytes<'_>, files: &[FileId]) -> CreateOp {
    CreateOp {
        path: draw::path(bytes),
        access: draw::access(bytes),
        share: draw::share(bytes),
        disposition: draw::disposition(bytes),
        options: draw::options(bytes),
        wanted: wanted(bytes),
        durable: durable(bytes, files),
        app_instance: (bytes.byte() % 16 == 0).then_some([7; 16]),
        replay: bytes.byte() % 16 == 0,
        ..CreateOp::default()
    }
}

fn wanted(bytes: &mut Bytes<'_>) -> Wanted {
    match bytes.byte() % 8 {
        0 => Wanted::Nothing,
        1 | 2 => Wanted::Oplock(level(bytes)),
        3 => Wanted::Request(draw::request(bytes)),
        _ => Wanted::Lease(LeaseRequest {
            key: draw::key(bytes).unwrap_or_default(),
            state: draw::state(bytes),
            flags: u32::from(bytes.byte() % 8),
            version: 1 + bytes.byte() % 3,
            epoch: u16::from_be_bytes([bytes.byte(), bytes.byte()]),
            parent: draw::key(bytes),
        }),
    }
}

fn level(bytes: &mut Bytes<'_>) -> OplockLevel {
    let known = [
        OplockLevel::NONE,
        OplockLevel::II,
        OplockLevel::EXCLUSIVE,
        OplockLevel::BATCH,
        OplockLevel::LEASE,
    ];
    match bytes.byte() {
        raw @ 250.. => OplockLevel(raw),
        number => known[usize::from(number) % known.len()],
    }
}

fn durable(bytes: &mut Bytes<'_>, files: &[FileId]) -> Option<Durable> {
    let verb = bytes.byte() % 12;
    let file = bytes.pick(files).unwrap_or_default();
    let guid = [bytes.byte() % 3; 16];
    let persistent = bytes.flag();
    match verb {
        0 => Some(Durable::RequestV1),
        1 => Some(Durable::ReconnectV1 { file }),
        2 | 3 => Some(Durable::RequestV2 { guid, timeout: bytes.word() >> 12, persistent }),
        4 => Some(Durable::ReconnectV2 { file, guid, persistent }),
        _ => None,
    }
}

fn listen(server: &mut Server, files: &mut Vec<FileId>) {
    server.check_invariants().expect("an invariant holds");
    while let Some(event) = server.poll() {
        if let Event::Reply { body: Body::Create(answer), .. } = event {
            files.push(answer.file);
        }
    }
}
