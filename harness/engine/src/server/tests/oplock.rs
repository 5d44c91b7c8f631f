//! Legacy oplocks over SMB2 (spec/08 A6, A10; smb2.oplock.*).

use rstest::rstest;

use super::*;

const II: OplockLevel = OplockLevel::II;
const EXCLUSIVE: OplockLevel = OplockLevel::EXCLUSIVE;
const BATCH: OplockLevel = OplockLevel::BATCH;

const FIRST: FileId = FileId { persistent: 1, volatile: 1 };

fn acks(level: OplockLevel) -> Op {
    Op::OplockAck { file: FIRST, level }
}

fn attributes(op: CreateOp) -> CreateOp {
    CreateOp { access: Access::ATTRIBUTES, ..op }
}

fn disposed(op: CreateOp, disposition: Disposition) -> CreateOp {
    CreateOp { disposition, ..op }
}

/// How smbtorture unlinks: opens for DELETE with delete on close.
fn unlink() -> CreateOp {
    CreateOp {
        access: Access::DELETE,
        disposition: Disposition::Open,
        options: CreateOptions::DELETE_ON_CLOSE,
        ..open()
    }
}

#[rstest]
#[case(II, "ii")]
#[case(EXCLUSIVE, "exclusive")]
#[case(BATCH, "batch")]
#[case(OplockLevel::NONE, "none")]
#[case(OplockLevel::LEASE, "none")]
#[case(OplockLevel(0x05), "none")]
fn alone(#[case] level: OplockLevel, #[case] granted: &str) {
    let mut play = Play::new();
    assert_eq!(play.opens(A, oplock(level)), [format!("1: success {granted}")]);
}

#[test]
fn exclusive1() {
    let mut play = Play::new();
    play.opened(A, shares(oplock(EXCLUSIVE), Share::NONE));
    assert_eq!(play.opens(B, open()), ["2: sharing_violation"]);
    assert_eq!(play.opens(B, unlink()), ["3: sharing_violation"]);
}

#[test]
fn exclusive2() {
    let mut play = Play::new();
    play.opened(A, oplock(EXCLUSIVE));
    assert_eq!(play.opens(B, oplock(EXCLUSIVE)), ["oplock 1 to ii", "2 waits"]);
    assert_eq!(play.says(A, acks(II)), ["3: success ii", "2: success ii"]);
    assert_eq!(play.opens(B, unlink()), ["4: success none"]);
}

/// exclusive4 and batch8.
#[rstest]
fn attributes_only(#[values(EXCLUSIVE, BATCH)] level: OplockLevel) {
    let mut play = Play::new();
    play.opened(A, shares(oplock(level), Share::NONE));
    assert_eq!(play.opens(B, attributes(oplock(level))), ["2: success none"]);
}

/// exclusive5, batch13, batch14, batch16.
#[rstest]
#[case(EXCLUSIVE, Disposition::OverwriteIf, II)]
#[case(BATCH, Disposition::Overwrite, BATCH)]
#[case(BATCH, Disposition::OverwriteIf, BATCH)]
fn attributes_only_overwrite(
    #[case] held: OplockLevel,
    #[case] disposition: Disposition,
    #[case] wanted: OplockLevel,
) {
    let mut play = Play::new();
    play.opened(A, oplock(held));
    let said = play.opens(B, disposed(attributes(oplock(wanted)), disposition));
    assert_eq!(said, ["oplock 1 to none", "2 waits"]);
    let said = play.says(A, acks(OplockLevel::NONE));
    assert_eq!(said, ["3: success none", "2: success ii"]);
}

#[rstest]
#[case(Disposition::Supersede, "none")]
#[case(Disposition::Open, "ii")]
#[case(Disposition::OverwriteIf, "none")]
#[case(Disposition::OpenIf, "ii")]
fn exclusive9(#[case] disposition: Disposition, #[case] to: &str) {
    let mut play = Play::new();
    play.opened(A, oplock(EXCLUSIVE));
    let said = play.opens(B, disposed(oplock(EXCLUSIVE), disposition));
    assert_eq!(said, [format!("oplock 1 to {to}"), "2 waits".to_owned()]);
    let level = if to == "ii" { II } else { OplockLevel::NONE };
    let said = play.says(A, acks(level));
    assert_eq!(said, [format!("3: success {to}"), "2: success ii".to_owned()]);
}

/// batch1 and batch2: only an acknowledged II is left to be broken by the holder's own write.
#[rstest]
#[case(II, "ii", &["oplock 1 to none", "5: success"])]
#[case(OplockLevel::NONE, "none", &["5: success"])]
fn batch1_batch2(#[case] level: OplockLevel, #[case] word: &str, #[case] wrote: &[&str]) {
    let mut play = Play::new();
    play.opened(A, shares(oplock(BATCH), Share::NONE));
    assert_eq!(play.opens(B, unlink()), ["oplock 1 to ii", "2 waits"]);
    let said = play.says(A, acks(level));
    assert_eq!(said, [format!("3: success {word}"), "2: sharing_violation".to_owned()]);
    assert_eq!(play.opens(B, unlink()), ["4: sharing_violation"]);
    assert_eq!(play.says(A, write(FIRST)), wrote);
}

#[test]
fn batch3() {
    let mut play = Play::new();
    play.opened(A, shares(oplock(BATCH), Share::NONE));
    assert_eq!(play.opens(B, unlink()), ["oplock 1 to ii", "2 waits"]);
    assert_eq!(play.says(A, Op::Close { file: FIRST }), ["3: success", "2: success none"]);
}

/// batch4 and batch21: the holder's own reads and writes break no batch.
#[test]
fn batch4_batch21() {
    let mut play = Play::new();
    play.opened(A, oplock(BATCH));
    assert_eq!(play.says(A, Op::Read { file: FIRST, offset: 0, length: 1 }), ["2: success"]);
    assert_eq!(play.says(A, write(FIRST)), ["3: success"]);
    assert_eq!(
        play.says(A, Op::Query { file: FIRST, info: oplock_model::QueryInfo::Basic }),
        ["4: success"]
    );
}

#[test]
fn batch5() {
    let mut play = Play::new();
    play.opened(A, shares(oplock(BATCH), Share::NONE));
    assert_eq!(play.opens(B, open()), ["oplock 1 to ii", "2 waits"]);
    assert_eq!(play.says(A, acks(II)), ["3: success ii", "2: sharing_violation"]);
}

#[test]
fn batch6() {
    let mut play = Play::new();
    play.opened(A, oplock(BATCH));
    assert_eq!(play.opens(B, oplock(BATCH)), ["oplock 1 to ii", "2 waits"]);
    assert_eq!(play.says(A, acks(II)), ["3: success ii", "2: success ii"]);
    let mut said = play.says(A, write(FIRST));
    said.sort();
    assert_eq!(said, ["4: success", "oplock 1 to none", "oplock 2 to none"]);
}

#[test]
fn batch7() {
    let mut play = Play::new();
    play.opened(A, shares(oplock(BATCH), Share::NONE));
    assert_eq!(play.opens(B, oplock(BATCH)), ["oplock 1 to ii", "2 waits"]);
    assert_eq!(play.says(A, Op::Close { file: FIRST }), ["3: success", "2: success batch"]);
}

/// batch9 and batch9a.
#[rstest]
fn batch9(
    #[values(Disposition::Create, Disposition::OpenIf)] disposition: Disposition,
    #[values(false, true)] second_stat_open: bool,
) {
    let mut play = Play::new();
    let fresh = |op| CreateOp { path: "new".to_owned(), ..op };
    let said = play.opens(A, fresh(disposed(attributes(oplock(BATCH)), disposition)));
    assert_eq!(said, ["1: success batch"]);
    if second_stat_open {
        assert_eq!(play.opens(B, fresh(attributes(oplock(BATCH)))), ["2: success none"]);
    }
    play.opens(B, fresh(oplock(BATCH)));
    let said = play.says(A, acks(II));
    assert!(said.iter().any(|line| line.ends_with(": success ii")), "{said:?}");
    let third = play.opened(B, fresh(oplock(BATCH)));
    assert_eq!(third.level, II);
    let said = play.says(B, write(third.file));
    let breaks = said.iter().filter(|line| line.ends_with("to none")).count();
    // The writer's own Level II goes as well: nobody is exempt.
    assert_eq!(breaks, 3, "{said:?}");
}

#[test]
fn batch10() {
    let mut play = Play::new();
    play.opened(A, open());
    assert_eq!(play.opens(B, oplock(BATCH)), ["2: success ii"]);
    assert_eq!(play.says(A, write(FIRST)), ["oplock 2 to none", "3: success"]);
}

/// batch22a: nobody acknowledges, and the opener gets II after 35 s.
#[test]
fn batch22a() {
    let mut play = Play::new();
    play.opened(A, oplock(BATCH));
    assert_eq!(play.opens(A, oplock(BATCH)), ["oplock 1 to ii", "2 waits"]);
    assert!(play.passes(34_999).is_empty());
    assert_eq!(play.passes(1), ["2: success ii"]);
    assert_eq!(play.says(A, acks(II)), ["3: invalid_device_state"]);
    assert!(play.fired(RuleId::Smb2TimerLateOplockAck));
    assert_eq!(
        play.says(A, Op::Query { file: FIRST, info: oplock_model::QueryInfo::Basic }),
        ["4: success"]
    );
}

/// batch26: a named stream has oplocks of its own.
#[test]
fn batch26() {
    let mut play = Play::new();
    play.opened(A, oplock(BATCH));
    let stream = CreateOp { path: "f:s".to_owned(), ..oplock(BATCH) };
    assert_eq!(play.opens(A, stream), ["2: success batch"]);
    assert_eq!(play.opens(A, oplock(BATCH)), ["oplock 1 to ii", "3 waits"]);
    assert_eq!(play.says(A, acks(II)), ["4: success ii", "3: success ii"]);
}

/// Spec/08 A6 (smb2.oplock.statopen1).
#[rstest]
#[case(Access::READ_DATA, true)]
#[case(Access::WRITE_DATA, true)]
#[case(Access::READ_EA, true)]
#[case(Access::WRITE_EA, true)]
#[case(Access::EXECUTE, true)]
#[case(Access::DELETE, true)]
#[case(Access::READ_CONTROL, true)]
#[case(Access::WRITE_DAC, true)]
#[case(Access::WRITE_OWNER, true)]
#[case(Access::READ_ATTRIBUTES, false)]
#[case(Access::WRITE_ATTRIBUTES, false)]
#[case(Access::SYNCHRONIZE, false)]
fn statopen1(#[case] access: Access, #[case] breaks: bool) {
    let mut play = Play::new();
    play.opened(A, oplock(BATCH));
    let said = play.opens(B, CreateOp { access, disposition: Disposition::Open, ..open() });
    let expected: &[&str] =
        if breaks { &["oplock 1 to ii", "2 waits"] } else { &["2: success none"] };
    assert_eq!(said, expected);
}

/// levelii500: the announcement of II to none is acknowledged although nothing is owed.
#[test]
fn levelii500() {
    let mut play = Play::new();
    play.opened(A, oplock(II));
    assert_eq!(play.says(A, write(FIRST)), ["oplock 1 to none", "2: success"]);
    assert_eq!(play.says(A, acks(OplockLevel::NONE)), ["3: invalid_oplock_protocol"]);
    assert_eq!(play.says(A, acks(OplockLevel::NONE)), ["4: invalid_device_state"]);
}

/// Options over SMB2 (spec/05 section 3).
#[test]
fn options() {
    let mut play = Play::new();
    play.opened(A, oplock(BATCH));
    let with = |options| CreateOp { options, ..open() };
    assert_eq!(play.opens(B, with(CreateOptions::RESERVE_OPFILTER)), ["2: not_supported"]);
    assert_eq!(play.opens(B, with(CreateOptions(0x80))), ["3: not_supported"]);
    let hurried = CreateOptions::COMPLETE_IF_OPLOCKED.union(CreateOptions::OPEN_REQUIRING_OPLOCK);
    assert_eq!(play.opens(B, with(hurried)), ["oplock 1 to ii", "4 waits"]);
    let request = oplock_model::StoreRequest::Batch;
    assert_eq!(play.says(A, Op::Request { file: FIRST, request }), ["5: not_supported"]);
    let synchronous = CreateOp {
        options: CreateOptions::SYNCHRONOUS_IO_NONALERT,
        path: "g".to_owned(),
        ..oplock(BATCH)
    };
    assert_eq!(play.opens(B, synchronous), ["6: success batch"]);
}

/// exclusive3: setting the size by path opens for it, and that open is in the way of none.
#[test]
fn exclusive3() {
    let mut play = Play::new();
    play.opened(A, shares(oplock(EXCLUSIVE), Share::NONE));
    let writer = CreateOp { access: Access::WRITE_DATA, ..disposed(open(), Disposition::Open) };
    assert_eq!(play.opens(B, writer), ["2: sharing_violation"]);
}

/// batch15: the holder's FileId on another session names nothing there.
#[test]
fn batch15() {
    let mut play = Play::new();
    play.opened(A, oplock(BATCH));
    let query = Op::Query { file: FIRST, info: oplock_model::QueryInfo::All };
    assert_eq!(play.says(B, query), ["2: file_closed"]);
}

/// stream1: a named stream and the base file know nothing of each other; the default stream is the base file.
#[rstest]
#[case("f", EXCLUSIVE, "f:s", "exclusive")]
#[case("f", BATCH, "f:s", "batch")]
#[case("f:s", EXCLUSIVE, "f", "exclusive")]
#[case("f:s", BATCH, "f", "batch")]
#[case("f::$DATA", EXCLUSIVE, "f:s", "exclusive")]
#[case("f:s", BATCH, "f::$DATA", "batch")]
#[case("f:s", EXCLUSIVE, "f:t", "exclusive")]
fn stream1_apart(
    #[case] first: &str,
    #[case] level: OplockLevel,
    #[case] second: &str,
    #[case] granted: &str,
) {
    let mut play = Play::new();
    let at = |path: &str| CreateOp { path: path.to_owned(), ..oplock(level) };
    assert_eq!(play.opens(A, at(first)), [format!("1: success {level}")]);
    assert_eq!(play.opens(B, at(second)), [format!("2: success {granted}")]);
}

#[rstest]
#[case("f:s", "f:s")]
#[case("f:s", "F:S:$DATA")]
#[case("f", "f::$DATA")]
#[case("f::$DATA", "f")]
fn stream1_together(#[case] first: &str, #[case] second: &str) {
    for level in [EXCLUSIVE, BATCH] {
        let mut play = Play::new();
        let at = |path: &str| CreateOp { path: path.to_owned(), ..oplock(level) };
        play.opened(A, at(first));
        assert_eq!(play.opens(B, at(second)), ["oplock 1 to ii", "2 waits"]);
        assert_eq!(play.says(A, acks(II)), ["3: success ii", "2: success ii"]);
    }
}

/// levelii502: a Level II whose connection is gone stands in nobody's way.
#[test]
fn levelii502() {
    let mut play = Play::new();
    play.opened(A, oplock(II));
    assert!(play.says(A, Op::Disconnect).contains(&"2: success".to_owned()));
    let said = play.opens(B, disposed(oplock(BATCH), Disposition::Overwrite));
    assert_eq!(said, ["3: success batch"]);
}

/// batch22b: the holder's connection breaks, its open is closed, and the opener has Batch long before the time is up.
#[test]
fn batch22b() {
    let mut play = Play::new();
    play.opened(A, oplock(BATCH));
    assert_eq!(play.opens(B, oplock(BATCH)), ["oplock 1 to ii", "2 waits"]);
    assert!(play.passes(20_000).is_empty());
    assert!(play.says(A, Op::Disconnect).contains(&"2: success batch".to_owned()));
}
