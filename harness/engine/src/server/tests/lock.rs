//! LOCK (MS-SMB2 3.3.5.14) and what locks do to oplocks and leases (spec/08 A8, A10).

use oplock_model::LockRange;
use rstest::rstest;

use super::*;

const R: LeaseState = LeaseState::R;
const RH: LeaseState = LeaseState::RH;
const RWH: LeaseState = LeaseState::RWH;

fn range(offset: u64, length: u64) -> LockRange {
    LockRange { offset, length, exclusive: true }
}

fn lock(file: FileId, ranges: &[LockRange]) -> Op {
    Op::Lock { file, ranges: ranges.to_vec(), fail_immediately: true }
}

fn waiting_lock(file: FileId, one: LockRange) -> Op {
    Op::Lock { file, ranges: vec![one], fail_immediately: false }
}

fn unlock(file: FileId, ranges: &[LockRange]) -> Op {
    Op::Unlock { file, ranges: ranges.to_vec() }
}

/// No range at all, and several of which one could wait.
#[test]
fn what_cannot_be_asked() {
    let mut play = Play::new();
    let file = play.opened(A, open()).file;
    assert_eq!(play.says(A, lock(file, &[])), ["2: invalid_parameter"]);
    assert_eq!(play.says(A, unlock(file, &[])), ["3: invalid_parameter"]);
    assert!(play.fired(RuleId::Smb2LockCount));
    let both = vec![range(0, 1), range(1, 1)];
    let op = Op::Lock { file, ranges: both.clone(), fail_immediately: false };
    assert_eq!(play.says(A, op), ["4: invalid_parameter"]);
    assert!(play.fired(RuleId::Smb2LockSeveralMustNotWait));
    assert_eq!(play.says(A, lock(file, &both)), ["5: success"]);
}

/// If one of several fails, those before it are taken back.
#[test]
fn several_or_none() {
    let mut play = Play::new();
    let mine = play.opened(A, open()).file;
    let yours = play.opened(B, open()).file;
    assert_eq!(play.says(B, lock(yours, &[range(20, 1)])), ["3: success"]);
    let wanted = [range(0, 1), range(10, 1), range(20, 1), range(30, 1)];
    assert_eq!(play.says(A, lock(mine, &wanted)), ["4: lock_not_granted"]);
    assert!(play.fired(RuleId::Smb2LockTakenBack));
    assert_eq!(play.says(B, lock(yours, &[range(0, 20)])), ["5: success"]);
    assert_eq!(play.says(B, lock(yours, &[range(30, 1)])), ["6: success"]);
}

/// If one of several cannot be unlocked, those before it stay unlocked, and those after it locked.
#[test]
fn unlocked_is_unlocked() {
    let mut play = Play::new();
    let mine = play.opened(A, open()).file;
    let yours = play.opened(B, open()).file;
    assert_eq!(play.says(A, lock(mine, &[range(0, 1), range(20, 1)])), ["3: success"]);
    let ranges = [range(0, 1), range(10, 1), range(20, 1)];
    assert_eq!(play.says(A, unlock(mine, &ranges)), ["4: range_not_locked"]);
    assert!(play.fired(RuleId::Smb2LockUnlockedStays));
    assert_eq!(play.says(B, lock(yours, &[range(0, 1)])), ["5: success"]);
    assert_eq!(play.says(B, lock(yours, &[range(20, 1)])), ["6: lock_not_granted"]);
}

/// A lock that waits for another lock gets an interim, and is granted, cancelled or closed away.
#[rstest]
#[case(0)]
#[case(1)]
#[case(2)]
#[case(3)]
fn a_waiting_lock(#[case] end: u8) {
    let mut play = Play::new();
    let mine = play.opened(A, open()).file;
    let yours = play.opened(B, open()).file;
    assert_eq!(play.says(A, lock(mine, &[range(0, 1)])), ["3: success"]);
    assert_eq!(play.says(B, waiting_lock(yours, range(0, 1))), ["4 waits"]);
    assert!(play.fired(RuleId::Smb2OperationInterim));
    assert_eq!(play.says(B, Op::Fence), ["5: success"]);
    let mut said = match end {
        0 => play.says(A, unlock(mine, &[range(0, 1)])),
        1 => play.says(A, Op::Close { file: mine }),
        2 => play.says(B, Op::Cancel { call: CallId(4) }),
        _ => play.says(B, Op::Close { file: yours }),
    };
    said.sort();
    match end {
        0 | 1 => assert_eq!(said, ["4: success", "6: success"]),
        2 => assert_eq!(said, ["4: cancelled"]),
        _ => assert!(said.contains(&"6: success".to_owned()) && said.len() == 2, "{said:?}"),
    }
}

fn empty(op: CreateOp) -> CreateOp {
    CreateOp { path: "empty".to_owned(), ..op }
}

/// Spec/08 A8 (lock1): on an empty file only with the any-lock reading (spec/07 D56).
#[rstest]
#[case("ignored", false)]
#[case("breaks", true)]
fn lock1(#[case] reading: &str, #[case] breaks: bool) {
    let mut choices = Choices::default();
    choices.set("lock_beyond_allocation", reading).expect("the choice is known");
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    let k3 = LeaseKey([3; 16]);
    let first = play.opened(A, empty(lease(K1, RH))).file;
    play.opened(A2, empty(lease(K2, RH)));
    let third = play.opened(B, empty(lease(k3, RH))).file;
    let mut said = play.says(A, lock(first, &[range(0, 1)]));
    said.sort();
    if !breaks {
        assert_eq!(said, ["4: success"]);
        assert_eq!(play.says(B, lock(third, &[range(100, 1)])), ["5: success"]);
        return;
    }
    let both = ["4: success", "lease 2 RH to none ack", "lease 3 RH to none ack"];
    assert_eq!(said, both);
    assert_eq!(play.says(A2, ack(K2, LeaseState::NONE)), ["5: success none"]);
    assert_eq!(play.says(B, ack(k3, LeaseState::NONE)), ["6: success none"]);
    let said = play.says(B, lock(third, &[range(100, 1)]));
    assert_eq!(said, ["lease 1 RH to none ack", "7: success"]);
}

/// Spec/08 A8 (lock1), last sentence: with an allocation above both offsets, as stated under either reading.
#[rstest]
fn lock1_with_allocation(#[values("ignored", "breaks")] reading: &str) {
    let mut choices = Choices::default();
    choices.set("lock_beyond_allocation", reading).expect("the choice is known");
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    let first = play.opened(A, lease(K1, RH)).file;
    let second = play.opened(B, lease(K2, RH)).file;
    let said = play.says(A, lock(first, &[range(0, 1)]));
    assert_eq!(said, ["lease 2 RH to none ack", "3: success"]);
    assert_eq!(play.says(B, ack(K2, LeaseState::NONE)), ["4: success none"]);
    let said = play.says(B, lock(second, &[range(100, 1)]));
    assert_eq!(said, ["lease 1 RH to none ack", "5: success"]);
}

/// Spec/08 A8 (lock2): a lock outside the allocation does not hinder RH.
#[test]
fn lock2() {
    let mut play = Play::new();
    let file = play.opened(A, empty(lease(K1, RWH))).file;
    assert_eq!(play.says(A, lock(file, &[range(0, 1)])), ["2: success"]);
    assert_eq!(play.opens(B, empty(lease(K2, RWH))), ["lease 1 RWH to RH ack", "3 waits"]);
    assert_eq!(play.says(A, ack(K1, RH)), ["4: success RH", "3: success lease RH"]);
}

/// Spec/08 A8 (lock3): an overwrite empties the file, and the lock lies outside it.
#[test]
fn lock3() {
    let mut play = Play::new();
    let one = play.opened(A, empty(lease(K1, RWH))).file;
    assert_eq!(play.says(A, write(one)), ["2: success"]);
    assert_eq!(play.says(A, lock(one, &[range(0, 1)])), ["3: success"]);
    let said = play.opens(B, empty(overwrites(lease(K2, RWH))));
    assert_eq!(said, ["lease 1 RWH to none ack", "4 waits"]);
    let said = play.says(A, ack(K1, LeaseState::NONE));
    assert_eq!(said, ["5: success none", "4: success lease RH"]);
}

/// Spec/08 A7 (lease-epoch): with a lock below the allocation nothing is granted, and the epoch comes back.
#[test]
fn lease_epoch() {
    let mut play = Play::new();
    let file = play.opened(A, empty(open())).file;
    assert_eq!(play.says(A, write(file)), ["2: success"]);
    assert_eq!(play.says(A, lock(file, &[range(0, 1)])), ["3: success"]);
    assert_eq!(play.opens(B, empty(lease_v2(K1, R, 100))), ["4: success lease none 0x64"]);
    assert!(play.fired(RuleId::Smb2LeaseFallbackToNone));
}

/// Spec/08 A10 (brl1, brl3): the holder's own lock takes the II that is left; the second lock meets the first.
#[rstest]
fn brl1_brl3(#[values(B, A)] opener: ConnectionId) {
    let mut play = Play::new();
    let file = play.opened(A, oplock(OplockLevel::BATCH)).file;
    assert_eq!(play.opens(opener, open()), ["oplock 1 to ii", "2 waits"]);
    let said = play.says(A, Op::OplockAck { file, level: OplockLevel::II });
    assert_eq!(said, ["3: success ii", "2: success none"]);
    assert_eq!(play.says(A, lock(file, &[range(0, 4)])), ["oplock 1 to none", "4: success"]);
    assert_eq!(play.says(A, lock(file, &[range(2, 4)])), ["5: lock_not_granted"]);
}

/// Spec/08 A10 (brl2).
#[test]
fn brl2() {
    let mut play = Play::new();
    let file = play.opened(A, oplock(OplockLevel::BATCH)).file;
    assert_eq!(play.says(A, lock(file, &[range(0, 4)])), ["2: success"]);
    assert_eq!(play.says(A, lock(file, &[range(2, 4)])), ["3: lock_not_granted"]);
}
