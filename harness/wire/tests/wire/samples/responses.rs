//! What a server sends.

use oplock_model::{LeaseKey, LeaseState, OplockLevel, Status};
use oplock_wire::{
    CloseResponse, Command, CreateContext, CreateResponse, Dialect, Flags, Header, IoctlResponse,
    LeaseBreakNotification, LeaseV2, NegotiateContext, NegotiateResponse, Response,
    SessionSetupResponse, TreeConnectResponse,
};

use super::{FILE, FILE_HEX, GUID, GUID_HEX, KEY, KEY_HEX, Sample, bytes, lease};

pub fn responses() -> Vec<Sample<Response>> {
    let v2 = |parent, epoch| Some(LeaseV2 { parent, epoch });
    let no_parent = LeaseKey::default();
    let unknown = CreateContext { name: b"QFid".to_vec(), data: vec![0xAA; 3] };
    vec![
        response(
            "error",
            0x0005,
            0xC000_0043,
            Response::Error { contexts: 0, data: Vec::new() },
            "0900 00 00 00000000 00",
        ),
        response(
            "error with data",
            0x0010,
            0xC000_0023,
            Response::Error { contexts: 1, data: vec![1, 2, 3] },
            "0900 01 00 03000000 010203",
        ),
        Sample {
            name: "interim",
            header: Header {
                status: Status::PENDING,
                command: Command::CREATE,
                credits: 1,
                flags: Flags::RESPONSE | Flags::ASYNC,
                message_id: 7,
                async_id: Some(0x0102_0304_0506_0708),
                session_id: 0x1000_0000_0019,
                ..Header::default()
            },
            message: Response::Error { contexts: 0, data: Vec::new() },
            bytes: bytes(
                "FE534D42 4000 0000 03010000 0500 0100 03000000 00000000 0700000000000000
                 0807060504030201 1900000000100000 00000000000000000000000000000000
                 0900 00 00 00000000 00",
            ),
        },
        response(
            "negotiate 2.1",
            0x0000,
            0,
            Response::Negotiate(NegotiateResponse {
                security_mode: 1,
                dialect: Dialect::SMB2_1,
                server_guid: GUID,
                capabilities: 2,
                max_transact: 0x10_0000,
                max_read: 0x20_0000,
                max_write: 0x30_0000,
                system_time: 6,
                start_time: 7,
                token: vec![0x60, 0],
                contexts: Vec::new(),
            }),
            &format!(
                "4100 0100 1002 0000 {GUID_HEX} 02000000 00001000 00002000 00003000
                 0600000000000000 0700000000000000 8000 0200 00000000 6000"
            ),
        ),
        response(
            "negotiate 3.1.1",
            0x0000,
            0,
            Response::Negotiate(NegotiateResponse {
                security_mode: 1,
                dialect: Dialect::SMB3_1_1,
                server_guid: GUID,
                token: vec![0x60, 0],
                contexts: vec![
                    NegotiateContext::Encryption { ciphers: vec![2] },
                    NegotiateContext::Signing { algorithms: vec![1] },
                ],
                ..NegotiateResponse::default()
            }),
            &format!(
                "4100 0100 1103 0200 {GUID_HEX} 00000000 00000000 00000000 00000000
                 0000000000000000 0000000000000000 8000 0200 88000000 6000 000000000000
                 0200 0400 00000000 0100 0200 00000000
                 0800 0400 00000000 0100 0100"
            ),
        ),
        response(
            "session setup, more to come",
            0x0001,
            0xC000_0016,
            Response::SessionSetup(SessionSetupResponse { flags: 0, token: vec![0xA1, 7] }),
            "0900 0000 4800 0200 A107",
        ),
        response(
            "session setup, done",
            0x0001,
            0,
            Response::SessionSetup(SessionSetupResponse { flags: 1, token: Vec::new() }),
            "0900 0100 4800 0000",
        ),
        response("logoff", 0x0002, 0, Response::Logoff, "0400 0000"),
        response(
            "tree connect",
            0x0003,
            0,
            Response::TreeConnect(TreeConnectResponse {
                share_type: 1,
                flags: 0x1000,
                capabilities: 0x10,
                maximal_access: 0x001F_01FF,
            }),
            "1000 01 00 00100000 10000000 FF011F00",
        ),
        response("tree disconnect", 0x0004, 0, Response::TreeDisconnect, "0400 0000"),
        response(
            "create, exclusive",
            0x0005,
            0,
            created(0x08, Vec::new()),
            &created_hex("08", "00000000 00000000"),
        ),
        response(
            "create, lease v1 breaking",
            0x0005,
            0,
            created(0xFF, vec![lease(3, 2, None)]),
            &created_hex(
                "FF",
                &format!(
                    "98000000 38000000
                     00000000 1000 0400 0000 1800 20000000 52714C73 00000000
                     {KEY_HEX} 03000000 02000000 0000000000000000"
                ),
            ),
        ),
        response(
            "create, an unknown context and a lease v2 without flags",
            0x0005,
            0x0000_0108,
            created(0xFF, vec![unknown, lease(5, 0, v2(no_parent, 9))]),
            &created_hex(
                "FF",
                &format!(
                    "98000000 6C000000
                     20000000 1000 0400 0000 1800 03000000 51466964 00000000 AAAAAA 0000000000
                     00000000 1000 0400 0000 1800 34000000 52714C73 00000000
                     {KEY_HEX} 05000000 00000000 0000000000000000
                     00000000000000000000000000000000 0900 0000"
                ),
            ),
        ),
        response(
            "close",
            0x0006,
            0,
            Response::Close(CloseResponse {
                flags: 1,
                times: [1, 2, 3, 4],
                allocation_size: 0x1000,
                end_of_file: 5,
                attributes: 0x20,
            }),
            "3C00 0100 00000000 0100000000000000 0200000000000000 0300000000000000
             0400000000000000 0010000000000000 0500000000000000 20000000",
        ),
        response("flush", 0x0007, 0, Response::Flush, "0400 0000"),
        response(
            "read",
            0x0008,
            0,
            Response::Read { data: b"abc".to_vec() },
            "1100 50 00 03000000 00000000 00000000 616263",
        ),
        response(
            "read, buffer overflow",
            0x0008,
            0x8000_0005,
            Response::Read { data: b"abc".to_vec() },
            "1100 50 00 03000000 00000000 00000000 616263",
        ),
        response(
            "write",
            0x0009,
            0,
            Response::Write { count: 3 },
            "1100 0000 03000000 00000000 0000 0000",
        ),
        response("lock", 0x000A, 0, Response::Lock, "0400 0000"),
        response(
            "ioctl",
            0x000B,
            0,
            Response::Ioctl(IoctlResponse {
                code: 0x0014_40F2,
                file: FILE,
                input: vec![1],
                output: vec![2, 3],
            }),
            &format!(
                "3100 0000 F2401400 {FILE_HEX} 70000000 01000000 78000000 02000000
                 00000000 00000000 01 00000000000000 0203"
            ),
        ),
        response("echo", 0x000D, 0, Response::Echo, "0400 0000"),
        response(
            "query directory",
            0x000E,
            0,
            Response::QueryDirectory { data: vec![1, 2, 3, 4] },
            "0900 4800 04000000 01020304",
        ),
        response(
            "query directory, no more files",
            0x000E,
            0x8000_0006,
            Response::Error { contexts: 0, data: Vec::new() },
            "0900 00 00 00000000 00",
        ),
        response(
            "query info",
            0x0010,
            0,
            Response::QueryInfo { data: vec![1, 2, 3, 4] },
            "0900 4800 04000000 01020304",
        ),
        response("set info", 0x0011, 0, Response::SetInfo, "0200"),
        // spec/05 section 12: Oplock Break Notification and Response.
        notification(
            "oplock break notification",
            0x1000_0000_0019,
            Response::OplockBreak { file: FILE, level: OplockLevel::II },
            &format!("1800 01 00 00000000 {FILE_HEX}"),
        ),
        response(
            "oplock break response",
            0x0012,
            0,
            Response::OplockBreak { file: FILE, level: OplockLevel(0x55) },
            &format!("1800 55 00 00000000 {FILE_HEX}"),
        ),
        // spec/05 section 12: Lease Break Notification and Response.
        notification(
            "lease break notification",
            0,
            Response::LeaseBreakNotification(LeaseBreakNotification {
                epoch: 2,
                flags: 1,
                key: KEY,
                current: LeaseState::RWH,
                new: LeaseState::RH,
                reserved: [0; 3],
            }),
            &format!("2C00 0200 01000000 {KEY_HEX} 07000000 03000000 00000000 00000000 00000000"),
        ),
        notification(
            "lease break notification, reserved words set",
            0,
            Response::LeaseBreakNotification(LeaseBreakNotification {
                epoch: u16::MAX,
                flags: u32::MAX,
                key: KEY,
                current: LeaseState(u32::MAX),
                new: LeaseState(8),
                reserved: [1, 2, 3],
            }),
            &format!("2C00 FFFF FFFFFFFF {KEY_HEX} FFFFFFFF 08000000 01000000 02000000 03000000"),
        ),
        response(
            "lease break response",
            0x0012,
            0,
            Response::LeaseBreakResponse { key: KEY, state: LeaseState::RH, flags: 0 },
            &format!("2400 0000 00000000 {KEY_HEX} 03000000 0000000000000000"),
        ),
        response(
            "raw change notify",
            0x000F,
            0,
            Response::Raw { command: Command::CHANGE_NOTIFY, body: vec![9, 0, 1] },
            "0900 01",
        ),
    ]
}

fn created(level: u8, contexts: Vec<CreateContext>) -> Response {
    Response::Create(CreateResponse {
        level: OplockLevel(level),
        flags: 0,
        action: 1,
        times: [1, 2, 3, 4],
        allocation_size: 0x1000,
        end_of_file: 5,
        attributes: 0x20,
        file: FILE,
        contexts,
    })
}

fn created_hex(level: &str, contexts: &str) -> String {
    format!(
        "5900 {level} 00 01000000 0100000000000000 0200000000000000 0300000000000000
         0400000000000000 0010000000000000 0500000000000000 20000000 00000000 {FILE_HEX} {contexts}"
    )
}

/// The header that every answer here has, but for command and status.
fn response(
    name: &'static str,
    command: u16,
    status: u32,
    message: Response,
    body: &str,
) -> Sample<Response> {
    let header = Header {
        credit_charge: 1,
        status: Status(status),
        command: Command(command),
        credits: 1,
        flags: Flags::RESPONSE,
        message_id: 7,
        tree_id: 5,
        session_id: 0x1000_0000_0019,
        ..Header::default()
    };
    let head = format!(
        "FE534D42 4000 0100 {:08x} {:04x} 0100 01000000 00000000 0700000000000000
         00000000 05000000 1900000000100000 00000000000000000000000000000000",
        status.swap_bytes(),
        command.swap_bytes()
    );
    Sample { name, header, message, bytes: bytes(&(head + body)) }
}

/// A break notification: no message id, no tree; a session in the oplock form only.
fn notification(
    name: &'static str,
    session_id: u64,
    message: Response,
    body: &str,
) -> Sample<Response> {
    let header = Header {
        command: Command::OPLOCK_BREAK,
        flags: Flags::RESPONSE,
        message_id: u64::MAX,
        session_id,
        ..Header::default()
    };
    let head = format!(
        "FE534D42 4000 0000 00000000 1200 0000 01000000 00000000 FFFFFFFFFFFFFFFF
         00000000 00000000 {:016x} 00000000000000000000000000000000",
        session_id.swap_bytes()
    );
    Sample { name, header, message, bytes: bytes(&(head + body)) }
}
