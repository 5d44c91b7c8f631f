//! What each request on an open does to what others hold (spec/05 section 9 with the tables of spec/02), and which of
//! them get an interim (spec/05 section 4).

use oplock_model::{BasicInfo, Control, LockRange, QueryInfo, SetInfo};
use rstest::rstest;

use super::*;

const R: LeaseState = LeaseState::R;
const RH: LeaseState = LeaseState::RH;
const RWH: LeaseState = LeaseState::RWH;

/// One request of every kind on an open.
fn requests(file: FileId) -> Vec<Op> {
    let range = LockRange { offset: 0, length: 1, exclusive: true };
    let set = |info| Op::Set { file, info };
    let control = |control| Op::Control { file, control };
    vec![
        Op::Close { file },
        Op::Read { file, offset: 0, length: 1 },
        write(file),
        Op::Flush { file },
        Op::Lock { file, ranges: vec![range], fail_immediately: true },
        Op::Lock { file, ranges: vec![], fail_immediately: true },
        Op::Lock { file, ranges: vec![range, range], fail_immediately: false },
        Op::Unlock { file, ranges: vec![range] },
        Op::Unlock { file, ranges: vec![] },
        Op::Query { file, info: QueryInfo::Basic },
        Op::QueryDirectory { file, pattern: "*".to_owned() },
        set(SetInfo::EndOfFile(0)),
        set(SetInfo::Rename { to: "g".to_owned(), replace: false }),
        control(Control::SetZeroData { from: 0, to: 1 }),
        control(Control::CopyChunk { source: file, from: 0, to: 0, length: 1 }),
        control(Control::Resiliency { timeout: 1 }),
        control(Control::Raw { code: 0x0009_0008, input: vec![] }),
    ]
}

/// A FileId counts within its session, in both halves.
#[test]
fn on_no_open() {
    let mut play = Play::new();
    let file = play.opened(A, open()).file;
    let half = FileId { volatile: 9, ..file };
    let other_half = FileId { persistent: 9, ..file };
    for (on, file) in [(B, file), (A2, file), (A, half), (A, other_half), (A, FileId::RELATED)] {
        for op in requests(file) {
            let call = play.calls + 1;
            let said = play.says(on, op.clone());
            assert_eq!(said, [format!("{call}: file_closed")], "{op:?}");
        }
    }
    assert!(play.fired(RuleId::Smb2OperationFileClosed));
}

/// What another's request does to R and to RH (spec/05 section 9, spec/02 sections 4 to 11). `-` nobody sees a break,
/// `X` a break without acknowledgement, `X!` the request waits for it, `X~` it does not.
#[rstest]
#[case(Op::Read { file: THEIRS, offset: 0, length: 1 }, "-", "-")]
#[case(write(THEIRS), "none", "none~")]
#[case(Op::Write { file: THEIRS, offset: 0, length: 0 }, "-", "-")]
#[case(Op::Flush { file: THEIRS }, "-", "-")]
#[case(locks(0), "none", "none~")]
#[case(locks(1 << 40), "-", "-")]
#[case(Op::Query { file: THEIRS, info: QueryInfo::Basic }, "-", "-")]
#[case(Op::Query { file: THEIRS, info: QueryInfo::Standard }, "-", "-")]
#[case(Op::Query { file: THEIRS, info: QueryInfo::All }, "-", "-")]
#[case(Op::Query { file: THEIRS, info: QueryInfo::Ea }, "-", "-")]
#[case(Op::Query { file: THEIRS, info: QueryInfo::Streams }, "-", "-")]
#[case(Op::Query { file: THEIRS, info: QueryInfo::Security }, "-", "-")]
#[case(Op::Query { file: THEIRS, info: QueryInfo::FileSystem }, "-", "-")]
#[case(set(SetInfo::EndOfFile(1)), "none", "none~")]
#[case(set(SetInfo::EndOfFile(4096)), "none", "none~")]
#[case(set(SetInfo::Allocation(1)), "none", "none~")]
#[case(set(SetInfo::Rename { to: "g".to_owned(), replace: false }), "-", "R!")]
#[case(set(SetInfo::Rename { to: "f".to_owned(), replace: false }), "-", "R!")]
#[case(set(SetInfo::RenameEx { to: "g".to_owned(), flags: 0 }), "-", "R!")]
#[case(set(SetInfo::ShortName("F~1".to_owned())), "-", "R!")]
#[case(set(SetInfo::Link { to: "g".to_owned(), replace: false }), "-", "-")]
#[case(set(SetInfo::Disposition { delete: true }), "-", "R!")]
#[case(set(SetInfo::Disposition { delete: false }), "-", "-")]
#[case(set(SetInfo::DispositionEx { flags: 1 }), "-", "R!")]
#[case(set(SetInfo::Basic(BasicInfo { write: 1, ..BasicInfo::default() })), "-", "-")]
#[case(set(SetInfo::Ea { name: "a".to_owned(), value: "b".to_owned() }), "-", "-")]
#[case(set(SetInfo::Position(7)), "-", "-")]
#[case(set(SetInfo::Mode(0)), "-", "-")]
#[case(set(SetInfo::Security), "-", "R!")]
#[case(controls(Control::SetZeroData { from: 0, to: 8 }), "none", "none~")]
#[case(controls(Control::SetZeroData { from: 8, to: 8 }), "-", "-")]
#[case(controls(Control::CopyChunk { source: THEIRS, from: 0, to: 8, length: 8 }), "none", "none~")]
#[case(controls(Control::Trim { offset: 0, length: 1 }), "-", "-")]
#[case(controls(Control::SetSparse(true)), "-", "-")]
fn by_another(#[case] op: Op, #[case] read: &str, #[case] read_handle: &str) {
    for (held, cell) in [(R, read), (RH, read_handle)] {
        let mut play = Play::new();
        play.opened(A, lease(K1, held));
        assert_eq!(play.opened(B, open()).file, THEIRS);
        let said = play.says(B, op.clone());
        let notice = |to: &str| format!("lease 1 {held} to {to}");
        let done = "3: success".to_owned();
        let expected = match cell {
            "-" => vec![done.clone()],
            "R!" => vec![notice("R ack")],
            "none~" => vec![notice("none ack"), done.clone()],
            to => vec![notice(to), done.clone()],
        };
        assert_eq!(said, expected, "{held} {op:?}");
        if cell == "R!" {
            // No interim for it: only the final answer.
            assert!(play.fired(RuleId::Smb2OperationWithoutInterim));
            assert_eq!(play.says(A, ack(K1, R)), ["4: success R".to_owned(), done]);
        }
        if let Op::Control { .. } = op {
            assert!(play.fired(RuleId::Smb2IoctlPassedOn));
        }
    }
}

/// FileValidDataLengthInformation only ever grows; else as FileEndOfFileInformation.
#[test]
fn valid_data_length_by_another() {
    let mut play = Play::new();
    play.opened(A, lease(K1, RH));
    play.opened(B, open());
    let said = play.says(B, set(SetInfo::ValidDataLength(4096)));
    assert_eq!(said, ["lease 1 RH to none ack", "3: success"]);
}

/// Whatever the holder of the key does itself breaks nothing (spec/05 section 9).
#[test]
fn by_the_same_key() {
    for op in [
        write(THEIRS),
        locks(0),
        set(SetInfo::EndOfFile(1)),
        set(SetInfo::Allocation(1)),
        set(SetInfo::Rename { to: "g".to_owned(), replace: false }),
        set(SetInfo::Disposition { delete: true }),
        set(SetInfo::Security),
        controls(Control::SetZeroData { from: 0, to: 8 }),
        controls(Control::CopyChunk { source: THEIRS, from: 0, to: 8, length: 8 }),
        Op::Flush { file: THEIRS },
        Op::Read { file: THEIRS, offset: 0, length: 1 },
    ] {
        for held in [R, RH, LeaseState::RW, RWH] {
            let mut play = Play::new();
            play.opened(A, lease(K1, held));
            play.opened(A2, lease(K1, held));
            assert_eq!(play.says(A2, op.clone()), ["3: success"], "{held} {op:?}");
        }
    }
}

/// The answer carries what was read or written.
#[test]
fn counts() {
    let mut play = Play::new();
    let file = play.opened(A, open()).file;
    for op in
        [Op::Read { file, offset: 4000, length: 100 }, Op::Write { file, offset: 0, length: 7 }]
    {
        let expected = if matches!(op, Op::Read { .. }) { 96 } else { 7 };
        play.send(A, vec![op]);
        let events = play.events();
        let body = events.iter().find_map(|event| match event {
            Event::Reply { body, .. } => Some(body.clone()),
            _ => None,
        });
        assert_eq!(body, Some(Body::Count(expected)));
    }
}

/// A directory can be listed, and that breaks nothing (spec/02 section 10).
#[test]
fn listing() {
    let mut play = Play::new();
    let directory = |op| CreateOp { path: "d".to_owned(), access: Access::READ_DATA, ..op };
    play.opened(A, directory(lease_v2(K1, RH, 1)));
    let file = play.opened(B, directory(open())).file;
    let said = play.says(B, Op::QueryDirectory { file, pattern: "*".to_owned() });
    assert_eq!(said, ["3: success"]);
}

/// What only a local caller can do (spec/05 section 3).
#[test]
fn local_only() {
    use oplock_model::{AckForm, StoreRequest};
    let mut play = Play::new();
    let file = play.opened(A, oplock(OplockLevel::BATCH)).file;
    for op in [
        Op::Request { file, request: StoreRequest::LevelTwo },
        Op::Ack { file, form: AckForm::NoLevelTwo },
        Op::BreakNotify { file },
        Op::MapSection { file, writable: true },
        Op::UnmapSection { file },
    ] {
        let call = play.calls + 1;
        assert_eq!(play.says(A, op), [format!("{call}: not_supported")]);
    }
    assert!(play.fired(RuleId::Smb2OperationLocalOnly));
    // The oplock is as it was.
    assert_eq!(play.opens(B, open()), ["oplock 1 to ii", "7 waits"]);
}

/// A rename that waits can be cancelled; the break runs on.
#[test]
fn cancel_of_a_rename() {
    let mut play = Play::new();
    play.opened(A, lease(K1, RH));
    play.opened(B, open());
    let rename = set(SetInfo::Rename { to: "g".to_owned(), replace: false });
    assert_eq!(play.says(B, rename), ["lease 1 RH to R ack"]);
    assert_eq!(play.says(B, Op::Cancel { call: CallId(3) }), ["3: cancelled"]);
    assert_eq!(play.opens(A, lease(K1, RH)), ["5: success lease RH breaking"]);
    assert_eq!(play.says(A, ack(K1, R)), ["6: success R"]);
    // The name is what it was.
    let there =
        |path: &str| CreateOp { path: path.to_owned(), disposition: Disposition::Open, ..open() };
    assert_eq!(play.opens(B, there("g")), ["7: object_name_not_found"]);
    assert_eq!(play.opens(B, there("f")), ["8: success none"]);
}

/// smb2.compound_async.rename_middle and rename_last: the rename in a compound waits without an interim, and what
/// relates to it waits with it.
#[rstest]
#[case(false)]
#[case(true)]
fn a_rename_in_a_compound(#[case] last: bool) {
    let mut play = Play::new();
    play.opened(A, lease(K1, RH));
    let rename = SetInfo::Rename { to: "g".to_owned(), replace: false };
    let mut ops = vec![
        Op::Create(Box::new(open())),
        Op::Set { file: FileId::RELATED, info: rename },
        Op::Close { file: FileId::RELATED },
    ];
    if last {
        ops.pop();
    }
    play.send(B, ops);
    assert_eq!(play.said(), ["2: success none", "lease 1 RH to R ack"]);
    let said = play.says(A, ack(K1, R));
    let ack = if last { "4: success R" } else { "5: success R" };
    assert_eq!(said[..2], [ack, "3: success"]);
    assert_eq!(said.len(), if last { 2 } else { 3 });
}

/// The second open of a play.
const THEIRS: FileId = FileId { persistent: 2, volatile: 2 };

fn locks(offset: u64) -> Op {
    let ranges = vec![LockRange { offset, length: 1, exclusive: true }];
    Op::Lock { file: THEIRS, ranges, fail_immediately: false }
}

fn set(info: SetInfo) -> Op {
    Op::Set { file: THEIRS, info }
}

fn controls(control: Control) -> Op {
    Op::Control { file: THEIRS, control }
}
