//! IOCTL (spec/05 section 3, its rows on controls; spec/07 D25).

use oplock_model::Control;
use rstest::rstest;

use super::*;

const FIRST: FileId = FileId { persistent: 1, volatile: 1 };

fn raw(file: FileId, code: u32) -> Op {
    Op::Control { file, control: Control::Raw { code, input: vec![0; 12] } }
}

/// The oplock controls by their codes (spec/01 section 1): refused, and the store never hears of them.
#[rstest]
fn oplock_controls(
    #[values(
        0x0009_0000,
        0x0009_0004,
        0x0009_0008,
        0x0009_000C,
        0x0009_0010,
        0x0009_0014,
        0x0009_0050,
        0x0009_005C,
        0x0009_0240
    )]
    code: u32,
) {
    let mut play = Play::new();
    play.opened(A, oplock(OplockLevel::BATCH));
    assert_eq!(play.opens(B, open()), ["oplock 1 to ii", "2 waits"]);
    assert_eq!(play.says(A, raw(FIRST, code)), ["3: not_supported"]);
    // The break is as it was.
    let said = play.says(A, Op::OplockAck { file: FIRST, level: OplockLevel::II });
    assert_eq!(said, ["4: success ii", "2: success none"]);
    assert_eq!(play.fired(RuleId::Smb2IoctlAckNo2), code == 0x0009_0050);
}

/// D25, the other reading: the control reaches the store, which answers for itself.
#[test]
fn ack_no_2_is_passed_on() {
    let mut choices = Choices::default();
    choices.set("ack_no_2_by_ioctl", "passed_on").expect("the choice is known");
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    play.opened(A, oplock(OplockLevel::BATCH));
    assert_eq!(play.says(A, raw(FIRST, 0x0009_0050)), ["2: invalid_oplock_protocol"]);
    assert_eq!(play.opens(B, open()), ["oplock 1 to ii", "3 waits"]);
    assert_eq!(play.says(A, raw(FIRST, 0x0009_0050)), ["4: success", "3: success none"]);
}

/// Any other code is the store's to answer.
#[rstest]
#[case(0x0009_0018)]
#[case(0x0009_FFFC)]
#[case(0)]
#[case(u32::MAX)]
fn unknown_controls(#[case] code: u32) {
    let mut play = Play::new();
    play.opened(A, oplock(OplockLevel::BATCH));
    assert_eq!(play.says(A, raw(FIRST, code)), ["2: invalid_device_request"]);
    assert!(play.fired(RuleId::Smb2IoctlPassedOn));
}

/// The source of a copy is an open of the same session.
#[test]
fn sources() {
    let mut play = Play::new();
    let file = play.opened(A, open()).file;
    let foreign = play.opened(B, open()).file;
    let copy = |source| Control::CopyChunk { source, from: 0, to: 8, length: 8 };
    let duplicate = |source| Control::DuplicateExtents { source, from: 0, to: 4096, length: 8 };
    for (control, answer) in [
        (copy(foreign), "object_name_not_found"),
        (copy(FileId::RELATED), "object_name_not_found"),
        (duplicate(foreign), "invalid_handle"),
        (duplicate(FileId::default()), "invalid_handle"),
        (copy(file), "success"),
        (duplicate(file), "success"),
    ] {
        let call = play.calls + 1;
        assert_eq!(play.says(A, Op::Control { file, control }), [format!("{call}: {answer}")]);
    }
    assert!(play.fired(RuleId::Smb2IoctlCopyChunkSource));
    assert!(play.fired(RuleId::Smb2IoctlDuplicateSource));
}

/// A copy writes to its destination: it breaks what others hold there, not what they hold on the source.
#[test]
fn a_copy_writes() {
    let mut play = Play::new();
    let other = |op| CreateOp { path: "g".to_owned(), ..op };
    play.opened(A, lease(K1, LeaseState::RH));
    play.opened(A, other(lease(K2, LeaseState::RH)));
    let source = play.opened(B, open()).file;
    let file = play.opened(B, other(open())).file;
    let control = Control::CopyChunk { source, from: 0, to: 0, length: 8 };
    let said = play.says(B, Op::Control { file, control });
    assert_eq!(said, ["lease 2 RH to none ack", "5: success"]);
}
