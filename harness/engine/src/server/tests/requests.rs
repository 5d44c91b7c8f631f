//! CANCEL, and requests as they stand (spec/05 section 6, its dispatch, and section 12).

use rstest::rstest;

use super::*;

const FIRST: FileId = FileId { persistent: 1, volatile: 1 };
const OPLOCK_BREAK: u16 = 0x12;

fn raw(command: u16, body: &[u8]) -> Op {
    Op::Raw { command, body: body.to_vec() }
}

/// Spec/05 section 12: u16 size, u8 level, u8 0, u32 0, persistent half, volatile half.
fn oplock_ack(size: u16, level: u8, file: FileId) -> Vec<u8> {
    let mut body = size.to_le_bytes().to_vec();
    body.extend([level, 0, 0, 0, 0, 0]);
    body.extend(file.persistent.to_le_bytes());
    body.extend(file.volatile.to_le_bytes());
    body
}

/// Spec/05 section 12: u16 size, u16 0, u32 flags, key, u32 state, u64 duration.
fn lease_ack(size: u16, key: LeaseKey, state: u32) -> Vec<u8> {
    let mut body = size.to_le_bytes().to_vec();
    body.extend([0; 6]);
    body.extend(key.0);
    body.extend(state.to_le_bytes());
    body.extend([0; 8]);
    body
}

#[rstest]
#[case(0x01, "success ii")]
#[case(0x00, "success none")]
#[case(0x08, "success none")]
#[case(0x09, "invalid_oplock_protocol")]
#[case(0x02, "invalid_oplock_protocol")]
#[case(0xFF, "invalid_parameter")]
fn an_oplock_acknowledgement(#[case] level: u8, #[case] answer: &str) {
    let mut play = Play::new();
    play.opened(A, oplock(OplockLevel::BATCH));
    play.opens(B, open());
    let said = play.says(A, raw(OPLOCK_BREAK, &oplock_ack(24, level, FIRST)));
    assert_eq!(said, [format!("3: {answer}"), "2: success none".to_owned()]);
}

#[rstest]
#[case(0x3, "success RH")]
#[case(0x1, "success R")]
#[case(0x0, "success none")]
fn a_lease_acknowledgement(#[case] state: u32, #[case] answer: &str) {
    let mut play = Play::new();
    play.opened(A, lease(K1, LeaseState::RWH));
    play.opens(B, open());
    let said = play.says(A, raw(OPLOCK_BREAK, &lease_ack(36, K1, state)));
    assert_eq!(said, [format!("3: {answer}"), "2: success none".to_owned()]);
}

/// The file id counts in both halves, and an all-ones one names nothing.
#[rstest]
#[case(FileId { persistent: 2, volatile: 1 })]
#[case(FileId { persistent: 1, volatile: 2 })]
#[case(FileId::RELATED)]
fn an_unknown_file(#[case] file: FileId) {
    let mut play = Play::new();
    play.opened(A, oplock(OplockLevel::BATCH));
    play.opens(B, open());
    let said = play.says(A, raw(OPLOCK_BREAK, &oplock_ack(24, 1, file)));
    assert_eq!(said, ["3: file_closed"]);
}

/// Any size but 24 and 36, and a body shorter than its size; the break runs on.
#[rstest]
#[case(oplock_ack(23, 1, FIRST))]
#[case(oplock_ack(25, 1, FIRST))]
#[case(oplock_ack(36, 1, FIRST))]
#[case(oplock_ack(44, 1, FIRST))]
#[case(lease_ack(24, K1, 3)[..20].to_vec())]
#[case(lease_ack(35, K1, 3))]
#[case(lease_ack(36, K1, 3)[..35].to_vec())]
#[case(vec![24])]
#[case(vec![])]
fn of_no_known_size(#[case] body: Vec<u8>) {
    let mut play = Play::new();
    play.opened(A, oplock(OplockLevel::BATCH));
    play.opens(B, open());
    assert_eq!(play.says(A, raw(OPLOCK_BREAK, &body)), ["3: invalid_parameter"]);
    assert!(play.fired(RuleId::Smb2AckSize));
    let said = play.says(A, Op::OplockAck { file: FIRST, level: OplockLevel::II });
    assert_eq!(said, ["4: success ii", "2: success none"]);
}

/// On 2.0.2 the lease form is no form (spec/05 section 6: dialect > 2.0.2).
#[rstest]
#[case(Dialect::Smb2_0_2, "invalid_parameter")]
#[case(Dialect::Smb2_1, "object_name_not_found")]
#[case(Dialect::Smb3_1_1, "object_name_not_found")]
fn the_lease_form_by_dialect(#[case] dialect: Dialect, #[case] answer: &str) {
    let mut play = Play::with(Choices::default(), dialect);
    let said = play.says(A, raw(OPLOCK_BREAK, &lease_ack(36, K1, 0)));
    assert_eq!(said, [format!("1: {answer}")]);
}

/// MS-SMB2 3.3.5.2.6: a size that the command does not have; what is well formed has words of its own.
#[rstest]
#[case(0x0D, &[4, 0, 0, 0], "success")]
#[case(0x0D, &[5, 0, 0, 0], "invalid_parameter")]
#[case(0x0D, &[4], "invalid_parameter")]
#[case(0x06, &[24, 0, 0, 0], "not_supported")]
#[case(0x06, &[23, 0, 0, 0], "invalid_parameter")]
#[case(0x05, &[57, 0], "not_supported")]
#[case(0x05, &[56, 0], "invalid_parameter")]
fn of_other_commands(#[case] command: u16, #[case] body: &[u8], #[case] answer: &str) {
    let mut play = Play::new();
    assert_eq!(play.says(A, raw(command, body)), [format!("1: {answer}")]);
    assert_eq!(play.says(A, Op::Fence), ["2: success"]);
}

/// MS-SMB2 3.3.5.2.6: a command that nobody knows ends the connection.
#[test]
fn of_an_unknown_command() {
    let mut play = Play::new();
    play.opened(A, oplock(OplockLevel::BATCH));
    assert_eq!(play.says(A, raw(0x13, &[4, 0, 0, 0])), ["gone 0"]);
    assert!(play.fired(RuleId::Smb2OperationUnknownCommand));
    // With the connection its open is gone, and nobody has to be asked.
    assert_eq!(play.opens(B, oplock(OplockLevel::BATCH)), ["3: success batch"]);
}

/// A cancelled create ends; the break that it waited for runs on.
#[test]
fn cancel_of_a_create() {
    let mut play = Play::new();
    play.opened(A, lease(K1, LeaseState::RWH));
    assert_eq!(play.opens(B, open()), ["lease 1 RWH to RH ack", "2 waits"]);
    assert_eq!(play.says(B, Op::Cancel { call: CallId(2) }), ["2: cancelled"]);
    assert!(play.fired(RuleId::Smb2CancelWaiting));
    assert_eq!(play.opens(A, lease(K1, LeaseState::R)), ["4: success lease RWH breaking"]);
    assert_eq!(play.says(A, ack(K1, LeaseState::RH)), ["5: success RH"]);
    // What was given up is not there.
    assert_eq!(
        play.says(B, Op::Close { file: FileId { persistent: 2, volatile: 2 } }),
        ["6: file_closed"]
    );
}

/// A cancel of what is over, of another connection, or of nothing at all does and says nothing.
#[test]
fn cancel_of_nothing() {
    let mut play = Play::new();
    play.opened(A, lease(K1, LeaseState::RWH));
    assert_eq!(play.opens(B, open()), ["lease 1 RWH to RH ack", "2 waits"]);
    for (on, call) in [(A, 2), (A2, 2), (B, 1), (B, 99)] {
        assert!(play.says(on, Op::Cancel { call: CallId(call) }).is_empty());
    }
    assert!(play.fired(RuleId::Smb2CancelOver) && !play.fired(RuleId::Smb2CancelWaiting));
    let said = play.says(A, ack(K1, LeaseState::RH));
    assert_eq!(said, ["7: success RH", "2: success none"]);
    assert!(play.says(B, Op::Cancel { call: CallId(2) }).is_empty());
}
