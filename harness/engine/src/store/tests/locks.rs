//! Byte-range locks and flushes: spec/02 section 6, spec/08 A8, and how locks bear on data and on requests.

use oplock_model::Level::{self, Batch, Exclusive, Filter, Ii, R, Rh, Rw, Rwh};
use oplock_model::{Access, AckForm, Disposition, LockRange, RuleId};
use rstest::rstest;

use super::bench::{Bench, K1, K2, K3, accepting, asking, plain, wanting};
use super::calls::{beside, exclusive, opening, shared};
use crate::store::{CreateArgs, OpenId};

/// LOCK_CONTROL below the allocation size, by somebody else.
#[rstest]
#[case(Ii, "holder: ii -> none information 8; lock: success")]
#[case(Exclusive, "holder: exclusive -> none ack information 8; lock: waits")]
#[case(Batch, "holder: batch -> none ack information 8; lock: waits")]
#[case(Filter, "lock: success")]
#[case(R, "holder: R -> none; lock: success")]
#[case(Rh, "holder: RH -> none ack; lock: success")]
#[case(Rw, "holder: RW -> none ack; lock: waits")]
#[case(Rwh, "holder: RWH -> none ack; lock: waits")]
fn lock(#[case] held: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    let (_, other) = beside(&mut bench, held);
    bench.lock("lock", other, 0, 1);
    assert_eq!(bench.said(), expected);
}

/// D13, the other reading: the lock does not wait for RWH.
#[rstest]
#[case(Rwh, "holder: RWH -> none ack; lock: success")]
#[case(Rw, "holder: RW -> none ack; lock: waits")]
fn lock_over_rwh_continues(#[case] held: Level, #[case] expected: &str) {
    let mut bench = Bench::reading(&[("lock_over_rwh", "continues")]);
    let (_, other) = beside(&mut bench, held);
    bench.lock("lock", other, 0, 1);
    assert_eq!(bench.said(), expected);
}

/// The holder's own handle: only Level II knows no exemption.
#[rstest]
#[case(Ii, "holder: ii -> none information 8; lock: success")]
#[case(Exclusive, "lock: success")]
#[case(Batch, "lock: success")]
#[case(Filter, "lock: success")]
#[case(R, "lock: success")]
#[case(Rh, "lock: success")]
#[case(Rw, "lock: success")]
#[case(Rwh, "lock: success")]
fn lock_of_the_holder(#[case] held: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), held);
    bench.lock("lock", holder, 0, 1);
    assert_eq!(bench.said(), expected);
}

/// FLUSH_DATA by somebody else (D5).
#[rstest]
#[case(Ii, "flush: success")]
#[case(Exclusive, "holder: exclusive -> ii ack information 7; flush: waits")]
#[case(Batch, "holder: batch -> ii ack information 7; flush: waits")]
#[case(Filter, "flush: success")]
#[case(R, "flush: success")]
#[case(Rh, "flush: success")]
#[case(Rw, "holder: RW -> R ack; flush: waits")]
#[case(Rwh, "holder: RWH -> RH ack; flush: waits")]
fn flush(#[case] held: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    let (_, other) = beside(&mut bench, held);
    bench.flush("flush", other);
    assert_eq!(bench.said(), expected);

    let mut bench = Bench::reading(&[("flush", "unchecked")]);
    let (_, other) = beside(&mut bench, held);
    bench.flush("flush", other);
    assert_eq!(bench.said(), "flush: success");
}

/// A lock at or beyond the allocation size checks nothing; with the older rule any lock does (D56).
#[rstest]
#[case("ignored", 4095, "holder: RH -> none ack; lock: success")]
#[case("ignored", 4096, "lock: success")]
#[case("breaks", 4096, "holder: RH -> none ack; lock: success")]
fn lock_beyond_the_allocation(#[case] reading: &str, #[case] offset: u64, #[case] expected: &str) {
    let mut bench = Bench::reading(&[("lock_beyond_allocation", reading)]);
    let (_, other) = beside(&mut bench, Rh);
    bench.lock("lock", other, offset, 1);
    assert_eq!(bench.said(), expected);
}

/// The allocation size: clusters, what a create says, what is set (spec/02 section 7).
#[test]
fn allocation() {
    let mut bench = Bench::new();
    let allocation = |bench: &Bench, open| bench.store.stream(open).expect("open").allocation;
    let file = bench.open(plain(None));
    assert_eq!(allocation(&bench, file), 4096);
    bench.set("set", file, oplock_model::SetInfo::EndOfFile(4097));
    assert_eq!(allocation(&bench, file), 8192);
    bench.set("set", file, oplock_model::SetInfo::EndOfFile(0));
    assert_eq!(allocation(&bench, file), 0);
    bench.set("set", file, oplock_model::SetInfo::Allocation(1));
    assert_eq!(allocation(&bench, file), 4096);
    let new = CreateArgs { allocation: Some(10_000), ..opening("new", None) };
    let new = bench.open(new);
    assert_eq!(allocation(&bench, new), 12_288);
    assert_eq!(bench.store.stream(new).expect("open").size, 0);
    let over = CreateArgs { disposition: Disposition::Overwrite, ..opening("new", None) };
    bench.open(over);
    assert_eq!(allocation(&bench, new), 0);
}

/// smb2.lease.lock1: the file is empty, so that it needs the older rule; with space set aside it holds under both.
#[rstest]
#[case("breaks", 0)]
#[case("breaks", 4096)]
#[case("ignored", 4096)]
fn lock1(#[case] reading: &str, #[case] size: u64) {
    let mut bench = Bench::reading(&[("lock_beyond_allocation", reading)]);
    bench.file("e", size);
    let first = bench.hold(opening("e", K1), Rh);
    let second = bench.hold(opening("e", K2), Rh);
    let third = bench.hold(opening("e", K3), Rh);
    bench.lock("lock", first, 0, 1);
    assert_eq!(bench.said(), "holder: RH -> none ack; holder: RH -> none ack; lock: success");
    assert_eq!(bench.store.held(first), Rh);
    bench.ack("ack", second, accepting(Level::None));
    bench.ack("ack", third, accepting(Level::None));
    bench.skip();
    bench.lock("lock", third, 100, 1);
    assert_eq!(bench.said(), "holder: RH -> none ack; lock: success");
}

/// The same on the empty file with the rule of Windows 8 and later: nothing breaks.
#[test]
fn lock1_without_allocation() {
    let mut bench = Bench::new();
    bench.file("e", 0);
    let first = bench.hold(opening("e", K1), Rh);
    bench.hold(opening("e", K2), Rh);
    bench.lock("lock", first, 0, 1);
    assert_eq!(bench.said(), "lock: success");
    assert!(bench.store.fired().contains(RuleId::FsaCheckBreakLockBeyondAllocation));
}

/// smb2.lease.lock2 and lock3: a lock of the holder, then a second lease.
#[test]
fn lock2_and_lock3() {
    let mut bench = Bench::new();
    bench.file("e", 0);
    let first = bench.hold(opening("e", K1), Rwh);
    bench.lock("lock", first, 0, 1);
    bench.create("second", opening("e", K2));
    bench.ack("ack", first, accepting(Rh));
    assert_eq!(
        bench.said(),
        "lock: success; holder: RWH -> RH ack; second: waits; ack: pending; second: success action 1"
    );

    let mut bench = Bench::new();
    bench.file("e", 1);
    let first = bench.hold(opening("e", K1), Rwh);
    bench.lock("lock", first, 0, 1);
    let overwriting = CreateArgs { disposition: Disposition::Overwrite, ..opening("e", K2) };
    let second = bench.create("second", overwriting);
    bench.ack("ack", first, accepting(Level::None));
    let second = bench.opened(second);
    bench.request("request", second, asking(Rwh));
    assert_eq!(bench.said(), "request: oplock_not_granted");
    bench.request("request", second, asking(Rh));
    assert_eq!(bench.said(), "request: pending");
}

/// A request for Level II, R or RH beside a lock (spec/01 section 5 row 11, spec/08 B14).
#[rstest]
#[case(Ii, false)]
#[case(R, false)]
#[case(Rh, false)]
#[case(Rw, true)]
#[case(Rwh, true)]
#[case(Batch, true)]
#[case(Exclusive, true)]
#[case(Filter, true)]
fn request_beside_a_lock(#[case] level: Level, #[case] granted_below: bool) {
    for (reading, offset, granted) in
        [("ignored", 0, granted_below), ("ignored", 4096, true), ("breaks", 4096, granted_below)]
    {
        let mut bench = Bench::reading(&[("lock_beyond_allocation", reading)]);
        let open = bench.open(plain(K1));
        bench.lock("lock", open, offset, 1);
        bench.request("request", open, asking(level));
        let expected = if granted { "pending" } else { "oplock_not_granted" };
        assert_eq!(bench.said(), format!("lock: success; request: {expected}"));
    }
}

/// A lock that waits makes a request fail too, but not on a file without allocation (DDI FsRtlCheckLockForOplockRequest).
#[rstest]
#[case(1, "oplock_not_granted")]
#[case(0, "pending")]
fn request_beside_a_waiting_lock(#[case] size: u64, #[case] expected: &str) {
    let mut bench = Bench::new();
    bench.file("e", size);
    let first = bench.open(opening("e", K1));
    let second = bench.open(opening("e", K2));
    bench.lock("lock", first, 5000, 1);
    bench.lock_waiting("wait", second, exclusive(5000, 1));
    bench.request("request", first, asking(R));
    assert_eq!(bench.said(), format!("lock: success; wait: waits; request: {expected}"));
}

/// Which locks of the same and of another open conflict (MS-FSA 2.1.4.10).
#[rstest]
#[case(exclusive(0, 4), true, exclusive(2, 4), false)]
#[case(exclusive(0, 4), true, shared(2, 4), true)]
#[case(exclusive(0, 4), false, shared(2, 4), false)]
#[case(shared(0, 4), true, exclusive(2, 4), false)]
#[case(shared(0, 4), true, shared(2, 4), true)]
#[case(shared(0, 4), false, shared(2, 4), true)]
#[case(exclusive(0, 4), false, exclusive(4, 4), true)]
#[case(exclusive(0, 4), false, exclusive(2, 0), false)]
#[case(exclusive(0, 4), false, exclusive(0, 0), true)]
#[case(exclusive(0, 4), false, exclusive(4, 0), true)]
#[case(exclusive(2, 0), false, exclusive(0, 4), false)]
#[case(exclusive(2, 0), false, exclusive(2, 0), true)]
#[case(exclusive(u64::MAX, 1), false, exclusive(u64::MAX, 1), false)]
fn conflicts(
    #[case] first: LockRange,
    #[case] same_open: bool,
    #[case] second: LockRange,
    #[case] granted: bool,
) {
    let mut bench = Bench::new();
    let holder = bench.open(plain(K1));
    let other = if same_open { holder } else { bench.open(plain(K2)) };
    bench.lock_waiting("first", holder, first);
    let ticket = bench.call("second");
    bench.store.lock(ticket, other, second, true);
    let expected = if granted { "success" } else { "lock_not_granted" };
    assert_eq!(bench.said(), format!("first: success; second: {expected}"));
    // What conflicts waits where it may, and is granted once the first lock is gone.
    bench.lock_waiting("third", other, second);
    let ticket = bench.call("unlock");
    bench.store.unlock(ticket, holder, first);
    let expected = if granted {
        // It is beside the second lock now, which is the same range.
        return;
    } else {
        "third: waits; unlock: success; third: success"
    };
    assert_eq!(bench.said(), expected);
}

/// smb2.oplock.brl1: the oplock is asked before the conflict.
#[test]
fn conflict_after_the_break() {
    let mut bench = Bench::new();
    let holder = bench.open(plain(K1));
    bench.lock("lock", holder, 0, 4);
    bench.unlock("unlock", holder, 0, 4);
    bench.grant_after("lock: success; unlock: success", holder, Ii);
    bench.lock("lock", holder, 0, 4);
    bench.lock("again", holder, 2, 4);
    assert_eq!(
        bench.said(),
        "holder: ii -> none information 8; lock: success; again: lock_not_granted"
    );
}

/// Reads and writes against the locks of others, after the oplock check.
#[rstest]
#[case(exclusive(0, 4), false, "read: file_lock_conflict; write: file_lock_conflict")]
#[case(shared(0, 4), false, "read: success; write: file_lock_conflict")]
#[case(exclusive(0, 4), true, "read: success; write: success")]
#[case(shared(0, 4), true, "read: success; write: file_lock_conflict")]
#[case(exclusive(4, 4), false, "read: success; write: success")]
fn data(#[case] range: LockRange, #[case] same_open: bool, #[case] expected: &str) {
    let mut bench = Bench::new();
    let holder = bench.open(plain(K1));
    bench.lock_waiting("lock", holder, range);
    let other = if same_open { holder } else { bench.open(plain(K2)) };
    bench.skip();
    bench.read("read", other);
    bench.write("write", other);
    assert_eq!(bench.said(), expected);
}

/// The conflict is met after the break, which has happened all the same.
#[test]
fn data_after_the_break() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rh);
    let locker = bench.open(plain(K1));
    bench.lock("lock", locker, 0, 1);
    let writer = bench.open(plain(K2));
    bench.skip();
    bench.write("write", writer);
    assert_eq!(bench.said(), "holder: RH -> none ack; write: file_lock_conflict");
    assert_eq!(bench.store.breaking(holder), Some(Level::None));
}

/// A waiting lock repeats its whole pass: it is granted when the first is gone, in the order of arrival.
#[test]
fn waiting_locks() {
    let mut bench = Bench::new();
    let [first, second, third] = [K1, K2, K3].map(|key| bench.open(plain(key)));
    bench.lock("lock", first, 0, 8);
    bench.lock_waiting("second", second, exclusive(0, 4));
    bench.lock_waiting("third", third, exclusive(2, 4));
    bench.lock_waiting("fourth", third, exclusive(6, 2));
    assert_eq!(bench.said(), "lock: success; second: waits; third: waits; fourth: waits");
    bench.unlock("unlock", first, 0, 8);
    assert_eq!(bench.said(), "unlock: success; second: success; fourth: success");
    bench.close("close", second);
    assert_eq!(bench.said(), "close: success; third: success");
}

/// A waiting lock ends by cancel, and with its handle (smb2.lock.cancel).
#[test]
fn waiting_locks_end() {
    let mut bench = Bench::new();
    let [first, second] = [K1, K2].map(|key| bench.open(plain(key)));
    bench.lock("lock", first, 0, 8);
    let ticket = bench.call("wait");
    bench.store.lock(ticket, second, exclusive(0, 1), false);
    bench.store.cancel(ticket);
    assert_eq!(bench.said(), "lock: success; wait: waits; wait: cancelled");
    bench.lock_waiting("wait", second, exclusive(0, 1));
    bench.close("close", second);
    assert_eq!(bench.said(), "wait: waits; close: success; wait: range_not_locked");
    bench.unlock("unlock", first, 0, 8);
    assert_eq!(bench.said(), "unlock: success");
}

/// A lock that waits for a break and then for a lock.
#[test]
fn lock_waits_for_both() {
    let mut bench = Bench::new();
    let (holder, other) = beside(&mut bench, Rwh);
    bench.lock("own", holder, 0, 1);
    bench.lock_waiting("lock", other, exclusive(0, 1));
    assert_eq!(bench.said(), "own: success; holder: RWH -> none ack; lock: waits");
    bench.ack("ack", holder, accepting(Level::None));
    assert_eq!(bench.said(), "ack: success");
    bench.unlock("unlock", holder, 0, 1);
    assert_eq!(bench.said(), "unlock: success; lock: success");
}

/// Unlocking takes the very range, of the same open, an exclusive lock first, and breaks nothing.
#[test]
fn unlock() {
    let mut bench = Bench::new();
    let open = bench.open(plain(K1));
    let other = bench.open(plain(K2));
    bench.lock("lock", open, 0, 4);
    bench.lock_waiting("share", open, shared(0, 4));
    bench.unlock("part", open, 0, 2);
    bench.unlock("other", other, 0, 4);
    assert_eq!(
        bench.said(),
        "lock: success; share: success; part: range_not_locked; other: range_not_locked"
    );
    bench.unlock("unlock", open, 0, 4);
    bench.lock_waiting("share", other, shared(0, 4));
    assert_eq!(bench.said(), "unlock: success; share: success");
    bench.unlock("unlock", open, 0, 4);
    bench.unlock("again", open, 0, 4);
    assert_eq!(bench.said(), "unlock: success; again: range_not_locked");
}

/// Directories, access, and ranges that end beyond the last byte.
#[test]
fn parameters() {
    let mut bench = Bench::new();
    let directory = bench.hold(opening("d", K1), Rh);
    bench.lock("lock", directory, 0, 1);
    bench.unlock("unlock", directory, 0, 1);
    assert_eq!(bench.said(), "lock: invalid_parameter; unlock: invalid_parameter");
    let open = bench.open(plain(K1));
    bench.lock("long", open, u64::MAX, 2);
    bench.lock("last", open, u64::MAX, 1);
    bench.lock("none", open, u64::MAX, 0);
    assert_eq!(bench.said(), "long: invalid_lock_range; last: success; none: success");
    let stat = bench.open(wanting(K2, Access::ATTRIBUTES));
    bench.lock("lock", stat, 0, 1);
    bench.flush("flush", stat);
    bench.unlock("unlock", OpenId(99), 0, 1);
    assert_eq!(bench.said(), "lock: access_denied; flush: access_denied; unlock: file_closed");
}

/// A break of Level II on its way to the lock of another, after an acknowledgement (smb2.oplock.brl1).
#[test]
fn brl1() {
    let mut bench = Bench::new();
    bench.file("big", 1000);
    let first = bench.hold(opening("big", K1), Batch);
    bench.create("second", opening("big", K2));
    bench.ack("ack", first, AckForm::Acknowledge);
    bench.skip();
    bench.lock("lock", first, 0, 4);
    assert_eq!(bench.said(), "ack: ii -> none information 8; lock: success");
    bench.lock("again", first, 2, 4);
    assert_eq!(bench.said(), "again: lock_not_granted");
}
