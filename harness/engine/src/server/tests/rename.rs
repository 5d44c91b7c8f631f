//! Renames and deletions below leases and oplocks (spec/08 A8, A10; spec/05 section 9).

use oplock_model::SetInfo;
use rstest::rstest;

use super::*;

const R: LeaseState = LeaseState::R;
const RW: LeaseState = LeaseState::RW;
const RH: LeaseState = LeaseState::RH;
const RWH: LeaseState = LeaseState::RWH;

const FIRST: FileId = FileId { persistent: 1, volatile: 1 };
const SECOND: FileId = FileId { persistent: 2, volatile: 2 };

fn rename(file: FileId, to: &str) -> Op {
    Op::Set { file, info: SetInfo::Rename { to: to.to_owned(), replace: false } }
}

fn rename_over(file: FileId, to: &str) -> Op {
    Op::Set { file, info: SetInfo::Rename { to: to.to_owned(), replace: true } }
}

fn disposition(file: FileId) -> Op {
    Op::Set { file, info: SetInfo::Disposition { delete: true } }
}

fn at(path: &str, op: CreateOp) -> CreateOp {
    CreateOp { path: path.to_owned(), ..op }
}

fn existing(op: CreateOp) -> CreateOp {
    CreateOp { disposition: Disposition::Open, ..op }
}

/// How smbtorture unlinks: opens for DELETE with delete on close.
fn unlink() -> CreateOp {
    CreateOp { access: Access::DELETE, options: CreateOptions::DELETE_ON_CLOSE, ..existing(open()) }
}

/// Spec/08 A8 (v2_rename): the lease goes with the file to its new name.
#[test]
fn v2_rename() {
    let mut play = Play::new();
    let mine = play.opened(A, lease_v2(K1, RWH, 1)).file;
    assert_eq!(play.says(A, rename(mine, "g")), ["2: success"]);
    assert!(play.fired(RuleId::Smb2LeaseRenamed));
    // The key fits the new name, and no longer the old one.
    assert_eq!(
        play.opens(A, at("g", existing(lease_v2(K1, RWH, 9)))),
        ["3: success lease RWH 0x2"]
    );
    assert_eq!(play.opens(A, at("f", lease_v2(K1, RWH, 9))), ["4: invalid_parameter"]);
    let said = play.opens(B, at("g", lease_v2(K2, RWH, 0x11)));
    assert_eq!(said, ["lease 1 RWH to RH ack 0x3", "5 waits"]);
    assert_eq!(play.says(A, ack(K1, RH)), ["6: success RH", "5: success lease RH 0x12"]);
    assert_eq!(play.says(A, rename(mine, "f")), ["lease 2 RH to R ack 0x13"]);
    assert_eq!(play.says(B, ack(K2, R)), ["8: success R", "7: success"]);
    assert_eq!(play.opens(A, lease_v2(K1, R, 0)), ["9: success lease RH 0x3"]);
}

/// The names of leases follow a directory, a stream keeps its own.
#[test]
fn names_follow() {
    let mut play = Play::new();
    play.opened(A, at("d/c", lease(K1, RH)));
    play.opened(A, at("f:s", lease(K2, RH)));
    let file = FileId { persistent: 2, volatile: 2 };
    assert_eq!(play.says(A, rename(file, ":t")), ["3: success"]);
    assert_eq!(play.opens(A, at("F:T", existing(lease(K2, R)))), ["4: success lease RH"]);
    assert_eq!(play.opens(A, at("f:s", lease(K2, R))), ["5: invalid_parameter"]);
}

/// Spec/08 A8 (rename_wait).
#[test]
fn rename_wait() {
    let mut play = Play::new();
    let mine = play.opened(A, lease(K1, RH)).file;
    play.opened(B, lease(K2, RH));
    assert_eq!(play.says(A, rename(mine, "g")), ["lease 2 RH to R ack"]);
    assert_eq!(play.opens(A, at("g", existing(open()))), ["4: object_name_not_found"]);
    assert_eq!(play.says(B, ack(K2, R)), ["5: success R", "3: success"]);
    assert_eq!(play.opens(A, at("g", existing(open()))), ["6: success none"]);
}

/// Spec/08 A8 (v2_rename_target_overwrite).
#[rstest]
fn v2_rename_target_overwrite(#[values(false, true)] closes: bool) {
    let mut play = Play::new();
    let source = play.opened(A, at("g", lease_v2(K1, RWH, 1))).file;
    let target = play.opened(B, lease_v2(K2, RWH, 1)).file;
    assert_eq!(play.says(A, rename_over(source, "f")), ["lease 2 RWH to RW ack 0x3"]);
    if closes {
        assert_eq!(play.says(B, Op::Close { file: target }), ["4: success", "3: success"]);
        return;
    }
    assert_eq!(play.says(B, ack(K2, RW)), ["4: success RW", "3: access_denied"]);
    assert_eq!(play.says(A, rename_over(source, "f")), ["5: access_denied"]);
}

/// Spec/08 A8 (rename_dir_openfile): it succeeds only where both hold H, both close, and nobody comes in between.
#[rstest]
#[case(RH, RH, true, true, false, true)]
#[case(RH, RH, true, true, true, false)]
#[case(RH, RH, true, false, false, false)]
#[case(RH, RH, false, true, false, false)]
#[case(RH, RH, false, false, false, false)]
#[case(RH, R, true, true, false, false)]
#[case(R, RH, true, true, false, false)]
#[case(R, R, true, true, false, false)]
fn rename_dir_openfile(
    #[case] one: LeaseState,
    #[case] two: LeaseState,
    #[case] first_closes: bool,
    #[case] second_closes: bool,
    #[case] comes_in_between: bool,
    #[case] succeeds: bool,
) {
    let mut play = Play::new();
    let directory = CreateOp { options: CreateOptions::DIRECTORY_FILE, ..existing(open()) };
    let file = play.opened(A, at("d", directory)).file;
    let one = play.opened(B, at("d/1", lease_v2(K1, one, 0))).file;
    let two = play.opened(B, at("d/2", lease_v2(K2, two, 0))).file;
    let mut answer = play.says(A, rename(file, "e"));
    for closes in [first_closes, second_closes] {
        let Some(notice) = answer.iter().find(|line| line.starts_with("lease ")).cloned() else {
            break;
        };
        // One at a time, RH to R, at epoch 2.
        assert!(notice.ends_with("RH to R ack 0x2"), "{notice}");
        let (key, holder) = if notice.starts_with("lease 1") { (K1, one) } else { (K2, two) };
        if comes_in_between {
            play.opened(B, at("d/3", lease_v2(LeaseKey([3; 16]), RH, 0)));
        }
        let op = if closes { Op::Close { file: holder } } else { ack(key, R) };
        answer = play.says(B, op);
    }
    let status = if succeeds { "4: success" } else { "4: access_denied" };
    assert!(answer.contains(&status.to_owned()), "{answer:?}");
}

/// Spec/08 A8 (unlink): by path, and through a handle that holds RH itself.
#[test]
fn unlink_by_path() {
    let mut play = Play::new();
    play.opened(A, lease(K1, RH));
    let file = play.opened(B, unlink()).file;
    assert_eq!(play.says(B, Op::Close { file }), ["lease 1 RH to R ack"]);
    assert_eq!(play.says(A, ack(K1, R)), ["4: success R", "3: success"]);
    assert_eq!(play.opens(B, existing(open())), ["5: delete_pending"]);
    assert_eq!(play.says(A, Op::Close { file: FIRST }), ["6: success"]);
    assert_eq!(play.opens(B, existing(open())), ["7: object_name_not_found"]);
}

#[test]
fn unlink_by_disposition() {
    let mut play = Play::new();
    play.opened(A, lease(K1, RH));
    let file = play.opened(B, lease(K2, RH)).file;
    assert_eq!(play.says(B, disposition(file)), ["lease 1 RH to R ack"]);
    assert_eq!(play.says(A, ack(K1, R)), ["4: success R", "3: success"]);
    assert_eq!(play.opens(A, lease(K2, R)), ["5: delete_pending"]);
}

/// Spec/08 A8 (initial_delete_tdis, _logoff, _disconnect): nothing at the open; the break comes when that handle goes
/// away, however it goes.
#[rstest]
#[case(Op::TreeDisconnect)]
#[case(Op::LogOff)]
#[case(Op::Disconnect)]
fn initial_delete(#[case] end: Op) {
    let mut play = Play::new();
    play.opened(A, lease_v2(K1, RH, 0));
    play.opened(B, unlink());
    let said = play.says(B, end);
    assert!(said.contains(&"lease 1 RH to R ack 0x2".to_owned()), "{said:?}");
    play.says(A, ack(K1, R));
    play.says(A, Op::Close { file: FIRST });
    assert_eq!(play.opens(A, existing(open())), ["6: object_name_not_found"]);
}

/// Spec/08 A8 (doc).
#[test]
fn doc() {
    let mut play = Play::new();
    play.opened(A, oplock(OplockLevel::BATCH));
    assert_eq!(play.says(A, disposition(FIRST)), ["2: success"]);
    let reader = CreateOp { access: Access::READ_DATA, ..existing(open()) };
    assert_eq!(play.opens(B, reader), ["3: delete_pending"]);
}

/// Spec/08 A10 (exclusive6, batch19): an open for DELETE on the directory is in the way of a rename within it.
#[rstest]
#[case(OplockLevel::EXCLUSIVE, Access::DELETE, "sharing_violation")]
#[case(OplockLevel::BATCH, Access::DELETE, "sharing_violation")]
#[case(OplockLevel::EXCLUSIVE, Access::READ_DATA, "success")]
fn own_file_below_an_open_directory(
    #[case] level: OplockLevel,
    #[case] access: Access,
    #[case] answer: &str,
) {
    let mut choices = Choices::default();
    choices.set("destination_share", "read_and_write").expect("the choice is known");
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    let directory = CreateOp { options: CreateOptions::DIRECTORY_FILE, access, ..existing(open()) };
    play.opened(A, at("d", directory));
    let file = play.opened(A, at("d/c", shares(oplock(level), Share::NONE))).file;
    assert_eq!(play.says(A, rename(file, "d/x")), [format!("3: {answer}")]);
}

/// Spec/08 A10 (batch20): neither rename breaks anything, the open does.
#[test]
fn batch20() {
    let mut choices = Choices::default();
    choices.set("destination_share", "read_and_write").expect("the choice is known");
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    let directory = CreateOp {
        options: CreateOptions::DIRECTORY_FILE,
        access: Access::DELETE,
        ..existing(open())
    };
    play.opened(A, at("d", directory));
    let batch = || at("d/c", oplock(OplockLevel::BATCH));
    let mine = play.opened(A, batch()).file;
    assert_eq!(play.says(A, rename(mine, "d/x")), ["3: sharing_violation"]);
    assert_eq!(play.opens(B, batch()), ["oplock 2 to ii", "4 waits"]);
    let said = play.says(A, Op::OplockAck { file: mine, level: OplockLevel::II });
    assert_eq!(said, ["5: success ii", "4: success ii"]);
    let yours = FileId { persistent: 3, volatile: 3 };
    assert_eq!(play.says(B, rename(yours, "d/y")), ["6: sharing_violation"]);
}

/// Spec/08 A10 (batch11, batch12): by path is an open with its own break, and then what is set breaks II.
#[rstest]
#[case(SetInfo::EndOfFile(100))]
#[case(SetInfo::Allocation(100))]
fn batch11_batch12(#[case] info: SetInfo) {
    let mut play = Play::new();
    play.opened(A, oplock(OplockLevel::BATCH));
    let writer = CreateOp { access: Access::WRITE_DATA, ..existing(open()) };
    assert_eq!(play.opens(B, writer), ["oplock 1 to ii", "2 waits"]);
    let said = play.says(A, Op::OplockAck { file: FIRST, level: OplockLevel::II });
    assert_eq!(said, ["3: success ii", "2: success none"]);
    let said = play.says(B, Op::Set { file: SECOND, info });
    assert_eq!(said, ["oplock 1 to none", "4: success"]);
}

/// Level II stays where the file gets another name (spec/02 section 8).
#[test]
fn a_rename_and_level_two() {
    let mut play = Play::new();
    play.opened(A, open());
    play.opened(B, oplock(OplockLevel::II));
    assert_eq!(play.says(A, rename(FIRST, "g")), ["3: success"]);
}
