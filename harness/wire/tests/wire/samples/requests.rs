//! What a client sends.

use oplock_model::{Access, CreateOptions, LeaseState, OplockLevel, Share};
use oplock_wire::{
    Command, CreateContext, CreateRequest, Dialect, Header, IoctlRequest, LeaseV2, LockElement,
    LockRequest, NegotiateContext, NegotiateRequest, QueryDirectoryRequest, QueryInfoRequest,
    Request, SessionSetupRequest, SetInfoRequest, WriteRequest,
};

use super::{
    FILE, FILE_HEX, GUID, GUID_HEX, KEY, KEY_HEX, PARENT, PARENT_HEX, Sample, bytes, lease,
};

pub fn requests() -> Vec<Sample<Request>> {
    let v2 = |epoch| Some(LeaseV2 { parent: PARENT, epoch });
    let max_access = CreateContext { name: b"MxAc".to_vec(), data: Vec::new() };
    vec![
        request(
            "negotiate 2.1",
            0x0000,
            Request::Negotiate(NegotiateRequest {
                security_mode: 1,
                capabilities: 2,
                client_guid: GUID,
                dialects: vec![Dialect::SMB2_0_2, Dialect::SMB2_1],
                contexts: Vec::new(),
            }),
            &format!("2400 0200 0100 0000 02000000 {GUID_HEX} 0000000000000000 0202 1002"),
        ),
        request(
            "negotiate 3.1.1",
            0x0000,
            Request::Negotiate(NegotiateRequest {
                security_mode: 1,
                capabilities: 0x22,
                client_guid: GUID,
                dialects: vec![Dialect::SMB3_0_2, Dialect::SMB3_1_1],
                contexts: vec![
                    NegotiateContext::PreauthIntegrity { hashes: vec![1], salt: vec![9; 4] },
                    NegotiateContext::Signing { algorithms: vec![1, 0] },
                    NegotiateContext::Other { kind: 5, data: vec![b'h', 0] },
                ],
            }),
            &format!(
                "2400 0200 0100 0000 22000000 {GUID_HEX} 68000000 0300 0000 0203 1103
                 0100 0A00 00000000 0100 0400 0100 09090909 000000000000
                 0800 0600 00000000 0200 0100 0000 0000
                 0500 0200 00000000 6800"
            ),
        ),
        request(
            "session setup",
            0x0001,
            Request::SessionSetup(SessionSetupRequest {
                flags: 0,
                security_mode: 1,
                capabilities: 1,
                previous_session: 0x1122_3344_5566_7788,
                token: vec![0x60, 1, 2],
            }),
            "1900 00 01 01000000 00000000 5800 0300 8877665544332211 600102",
        ),
        request("logoff", 0x0002, Request::Logoff, "0400 0000"),
        request(
            "tree connect",
            0x0003,
            Request::TreeConnect { path: r"\\h\s".into() },
            "0900 0000 4800 0A00 5C00 5C00 6800 5C00 7300",
        ),
        request("tree disconnect", 0x0004, Request::TreeDisconnect, "0400 0000"),
        request(
            "create, batch",
            0x0005,
            create(0x09, Vec::new()),
            &create_hex("09", "00000000 00000000 6400 5C00 6100"),
        ),
        request(
            "create, illegal level",
            0x0005,
            create(0x55, Vec::new()),
            &create_hex("55", "00000000 00000000 6400 5C00 6100"),
        ),
        request(
            "create, lease v1",
            0x0005,
            create(0xFF, vec![lease(7, 0, None)]),
            &create_hex(
                "FF",
                &format!(
                    "80000000 38000000 6400 5C00 6100 0000
                     00000000 1000 0400 0000 1800 20000000 52714C73 00000000
                     {KEY_HEX} 07000000 00000000 0000000000000000"
                ),
            ),
        ),
        request(
            "create, illegal lease v2 and a query",
            0x0005,
            create(0xFF, vec![lease(u32::MAX, 4, v2(0x0102)), max_access.clone()]),
            &create_hex(
                "FF",
                &format!(
                    "80000000 64000000 6400 5C00 6100 0000
                     50000000 1000 0400 0000 1800 34000000 52714C73 00000000
                     {KEY_HEX} FFFFFFFF 04000000 0000000000000000 {PARENT_HEX} 0201 0000 00000000
                     00000000 1000 0400 0000 0000 00000000 4D784163"
                ),
            ),
        ),
        request(
            "create of the root",
            0x0005,
            Request::Create(CreateRequest { impersonation: 2, ..CreateRequest::default() }),
            "3900 00 00 02000000 0000000000000000 0000000000000000 00000000 00000000 00000000
             00000000 00000000 7800 0000 00000000 00000000 00",
        ),
        request(
            "close",
            0x0006,
            Request::Close { file: FILE, flags: 1 },
            &format!("1800 0100 00000000 {FILE_HEX}"),
        ),
        request(
            "flush",
            0x0007,
            Request::Flush { file: FILE },
            &format!("1800 0000 00000000 {FILE_HEX}"),
        ),
        request(
            "read",
            0x0008,
            Request::Read { file: FILE, offset: 8, length: 0x1000, minimum: 1 },
            &format!(
                "3100 50 00 00100000 0800000000000000 {FILE_HEX} 01000000 00000000 00000000
                 0000 0000 00"
            ),
        ),
        request(
            "write",
            0x0009,
            Request::Write(WriteRequest { file: FILE, offset: 8, data: b"abc".into(), flags: 1 }),
            &format!(
                "3100 7000 03000000 0800000000000000 {FILE_HEX} 00000000 00000000 0000 0000
                 01000000 616263"
            ),
        ),
        request("cancel", 0x000C, Request::Cancel, "0400 0000"),
        request("echo", 0x000D, Request::Echo, "0400 0000"),
        request(
            "query directory",
            0x000E,
            Request::QueryDirectory(QueryDirectoryRequest {
                file: FILE,
                class: 1,
                flags: 1,
                index: 3,
                pattern: "*".into(),
                output_length: 0x1_0000,
            }),
            &format!("2100 01 01 03000000 {FILE_HEX} 6000 0200 00000100 2A00"),
        ),
        request(
            "query info",
            0x0010,
            Request::QueryInfo(QueryInfoRequest {
                file: FILE,
                info_type: 1,
                class: 4,
                output_length: 40,
                additional: 2,
                flags: 3,
                input: vec![0xAB],
            }),
            &format!("2900 01 04 28000000 6800 0000 01000000 02000000 03000000 {FILE_HEX} AB"),
        ),
        request(
            "set info",
            0x0011,
            Request::SetInfo(SetInfoRequest {
                file: FILE,
                info_type: 1,
                class: 13,
                additional: 0,
                data: vec![1],
            }),
            &format!("2100 01 0D 01000000 6000 0000 00000000 {FILE_HEX} 01"),
        ),
        // spec/05 section 12: Oplock Break Acknowledgement.
        request(
            "oplock acknowledgement",
            0x0012,
            Request::OplockAck { file: FILE, level: OplockLevel::II },
            &format!("1800 01 00 00000000 {FILE_HEX}"),
        ),
        request(
            "oplock acknowledgement, illegal level",
            0x0012,
            Request::OplockAck { file: FILE, level: OplockLevel(0x55) },
            &format!("1800 55 00 00000000 {FILE_HEX}"),
        ),
        // spec/05 section 12: Lease Break Acknowledgement.
        request(
            "lease acknowledgement",
            0x0012,
            Request::LeaseAck { key: KEY, state: LeaseState::RH, flags: 0 },
            &format!("2400 0000 00000000 {KEY_HEX} 03000000 0000000000000000"),
        ),
        request(
            "lease acknowledgement, illegal state",
            0x0012,
            Request::LeaseAck { key: KEY, state: LeaseState(u32::MAX), flags: 8 },
            &format!("2400 0000 08000000 {KEY_HEX} FFFFFFFF 0000000000000000"),
        ),
        request(
            "lock",
            0x000A,
            Request::Lock(LockRequest {
                file: FILE,
                sequence: 0x21,
                elements: vec![
                    LockElement {
                        offset: 1,
                        length: 2,
                        flags: LockElement::EXCLUSIVE | LockElement::FAIL_IMMEDIATELY,
                    },
                    LockElement { offset: 3, length: 0, flags: LockElement::UNLOCK },
                ],
            }),
            &format!(
                "3000 0200 21000000 {FILE_HEX}
                 0100000000000000 0200000000000000 12000000 00000000
                 0300000000000000 0000000000000000 04000000 00000000"
            ),
        ),
        request(
            "set zero data",
            0x000B,
            Request::Ioctl(IoctlRequest {
                code: 0x0009_80C8,
                file: FILE,
                input: vec![0xAB; 3],
                max_input: 0,
                max_output: 0x18,
                flags: IoctlRequest::IS_FSCTL,
            }),
            &format!(
                "3900 0000 C8800900 {FILE_HEX} 78000000 03000000 00000000 00000000 00000000
                 18000000 01000000 00000000 ABABAB"
            ),
        ),
        request(
            "raw change notify",
            0x000F,
            Request::Raw { command: Command::CHANGE_NOTIFY, body: vec![0x20, 0, 1] },
            "2000 01",
        ),
    ]
}

fn create(level: u8, contexts: Vec<CreateContext>) -> Request {
    Request::Create(CreateRequest {
        level: OplockLevel(level),
        impersonation: 2,
        access: Access(3),
        attributes: 0x80,
        share: Share::ALL,
        disposition: 3,
        options: CreateOptions::NON_DIRECTORY_FILE,
        name: r"d\a".into(),
        contexts,
    })
}

/// CREATE up to NameLength.
fn create_hex(level: &str, contexts: &str) -> String {
    format!(
        "3900 00 {level} 02000000 0000000000000000 0000000000000000 03000000 80000000 07000000
         03000000 40000000 7800 0600 {contexts}"
    )
}

/// The header that every request here has, but for the command.
fn request(name: &'static str, command: u16, message: Request, body: &str) -> Sample<Request> {
    let header = Header {
        credit_charge: 1,
        command: Command(command),
        credits: 16,
        message_id: 7,
        tree_id: 5,
        session_id: 0x1000_0000_0019,
        ..Header::default()
    };
    let head = format!(
        "FE534D42 4000 0100 00000000 {:04x} 1000 00000000 00000000 0700000000000000
         00000000 05000000 1900000000100000 00000000000000000000000000000000",
        command.swap_bytes()
    );
    Sample { name, header, message, bytes: bytes(&(head + body)) }
}
