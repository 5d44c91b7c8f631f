//! Create options on the wire (spec/05 section 3).

use rstest::rstest;

use super::*;

/// Every bit of CreateOptions: the ones that no document names, FILE_OPEN_BY_FILE_ID and FILE_RESERVE_OPFILTER fail.
#[test]
fn every_bit() {
    for bit in 0..32 {
        let option = CreateOptions(1 << bit);
        let refused = matches!(bit, 7 | 13 | 18 | 19 | 20 | 24..);
        let mut play = Play::new();
        let path = if option == CreateOptions::DIRECTORY_FILE { "d" } else { "f" };
        let op = CreateOp { path: path.to_owned(), options: option, ..open() };
        let answer = if refused { "not_supported" } else { "success none" };
        assert_eq!(play.opens(A, op), [format!("1: {answer}")], "bit {bit}");
        assert_eq!(play.fired(RuleId::Smb2CreateOptionRefused), refused, "bit {bit}");
    }
}

/// What is refused is refused before the open: nothing breaks.
#[rstest]
#[case(CreateOptions::RESERVE_OPFILTER)]
#[case(CreateOptions(0x2000))]
#[case(CreateOptions(0x80))]
#[case(CreateOptions(0x8000_0000))]
#[case(CreateOptions::RESERVE_OPFILTER.union(CreateOptions::COMPLETE_IF_OPLOCKED))]
fn refused_before_the_open(#[case] options: CreateOptions) {
    let mut play = Play::new();
    play.opened(A, oplock(OplockLevel::BATCH));
    assert_eq!(play.opens(B, CreateOp { options, ..open() }), ["2: not_supported"]);
}

/// FILE_COMPLETE_IF_OPLOCKED is cleared and FILE_OPEN_REQUIRING_OPLOCK ignored: the create breaks, and waits.
#[rstest]
#[case(CreateOptions::COMPLETE_IF_OPLOCKED, RuleId::Smb2CreateCompleteIfOplockedCleared)]
#[case(CreateOptions::OPEN_REQUIRING_OPLOCK, RuleId::Smb2CreateOpenRequiringOplockIgnored)]
#[case(CreateOptions::DISALLOW_EXCLUSIVE, RuleId::Smb2CreateOptionIgnored)]
#[case(CreateOptions(0x400), RuleId::Smb2CreateOptionIgnored)]
#[case(CreateOptions(0x80_0000), RuleId::Smb2CreateOptionCleared)]
fn breaks_and_waits(#[case] options: CreateOptions, #[case] rule: RuleId) {
    let mut play = Play::new();
    let file = play.opened(A, oplock(OplockLevel::BATCH)).file;
    let op = CreateOp { options, ..oplock(OplockLevel::BATCH) };
    assert_eq!(play.opens(B, op), ["oplock 1 to ii", "2 waits"]);
    let said = play.says(A, Op::OplockAck { file, level: OplockLevel::II });
    assert_eq!(said, ["3: success ii", "2: success ii"]);
    assert!(play.fired(rule));
}

/// All server handles are asynchronous, so a synchronous one gets its oplock all the same.
#[rstest]
#[case(CreateOptions::SYNCHRONOUS_IO_ALERT)]
#[case(CreateOptions::SYNCHRONOUS_IO_NONALERT)]
fn synchronous_handles(#[case] options: CreateOptions) {
    for (op, answer) in [
        (oplock(OplockLevel::BATCH), "batch"),
        (oplock(OplockLevel::EXCLUSIVE), "exclusive"),
        (oplock(OplockLevel::II), "ii"),
        (lease(K1, LeaseState::RWH), "lease RWH"),
    ] {
        let mut play = Play::new();
        let said = play.opens(A, CreateOp { options, ..op });
        assert_eq!(said, [format!("1: success {answer}")]);
        assert!(play.fired(RuleId::Smb2CreateOptionCleared));
    }
}
