//! Vectors that were observed on the wire, played at the store with the level that the server would ask for.

use oplock_model::Level::{self, Batch, Exclusive, Ii, R, Rh, Rw, Rwh};
use oplock_model::{Access, AckForm, Disposition, LeaseState, QueryInfo, Share, StoreRequest};
use rstest::rstest;

use super::bench::{Bench, K1, K2, K3, accepting, asking, disposing, plain, sharing, wanting};
use crate::store::CreateArgs;

/// smb2.lease.break: K1 holds, K2 opens and asks; what K1 is broken to, and what K2 gets.
#[rstest]
#[case(R, None, [R, Rh, R, Rh])]
#[case(Rh, None, [R, Rh, R, Rh])]
#[case(Rw, Some(R), [R, Rh, R, Rh])]
#[case(Rwh, Some(Rh), [R, Rh, R, Rh])]
fn contention(#[case] held: Level, #[case] to: Option<Level>, #[case] gets: [Level; 4]) {
    for (wanted, expected) in [R, Rh, Rw, Rwh].into_iter().zip(gets) {
        let mut bench = Bench::new();
        let holder = bench.hold(plain(K1), held);
        let create = bench.create("other", plain(K2));
        assert_eq!(bench.store.breaking(holder), to);
        if let Some(to) = to {
            bench.ack("ack", holder, accepting(to));
        }
        let other = bench.opened(create);
        bench.skip();
        // The server asks for less where the store refuses: without W, then without H.
        for bits in [LeaseState::RWH, LeaseState::RH, LeaseState::R] {
            let asked = LeaseState(wanted.lease_state().unwrap_or_default().0 & bits.0);
            if bench.store.held(other) == Level::None {
                bench.request("asked", other, StoreRequest::Granular(asked));
            }
        }
        bench.skip();
        assert_eq!(bench.store.held(other), expected, "{held} against {wanted}");
    }
}

/// smb2.lease.oplock: a granular holder, then a legacy request, and the reverse.
#[rstest]
#[case(R, "asked: pending")]
#[case(Rh, "asked: oplock_not_granted")]
#[case(Rw, "asked: pending")]
#[case(Rwh, "asked: oplock_not_granted")]
fn level_two_beside_granular(#[case] held: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), held);
    let create = bench.create("other", plain(None));
    if let Some(to) = bench.store.breaking(holder) {
        bench.ack("ack", holder, accepting(to));
    }
    let other = bench.opened(create);
    bench.skip();
    bench.request("asked", other, asking(Ii));
    assert_eq!(bench.said(), expected);
}

/// smb2.lease.breaking1: a plain open waits; the key's own open doesn't; the acknowledgement ends the wait.
#[test]
fn breaking1() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    bench.create("A", plain(None));
    bench.create("own", plain(K1));
    assert_eq!(bench.said(), "holder: RWH -> RH ack; A: waits; own: success action 1");
    bench.ack("ack", holder, accepting(Rh));
    assert_eq!(bench.said(), "ack: pending; A: success action 1");
}

/// smb2.lease.breaking2: nothing above none is taken once none was told.
#[test]
fn breaking2() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    bench.create("A", disposing(None, Disposition::Overwrite));
    assert_eq!(bench.said(), "holder: RWH -> none ack; A: waits");
    for state in [LeaseState::RWH, LeaseState::RW, LeaseState::RH, LeaseState::R] {
        bench.ack("ack", holder, AckForm::Granular(state));
        assert_eq!(bench.said(), "ack: cannot_grant_requested_oplock to none ack");
    }
    bench.ack("ack", holder, accepting(Level::None));
    assert_eq!(bench.said(), "ack: success; A: success action 3");
    bench.ack("ack", holder, accepting(Level::None));
    assert_eq!(bench.said(), "ack: invalid_oplock_protocol");
}

/// smb2.lease.breaking3: the second opener deepens the break, which goes down step by step.
#[test]
fn breaking3() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    bench.create("A", plain(None));
    bench.create("B", disposing(None, Disposition::Overwrite));
    assert_eq!(bench.said(), "holder: RWH -> RH ack; A: waits; B: waits");
    bench.ack("ack", holder, accepting(Rh));
    assert_eq!(bench.said(), "ack: pending; ack: RH -> R ack");
    bench.create("own", plain(K1));
    assert_eq!(bench.said(), "own: success action 1");
    assert_eq!((bench.store.held(holder), bench.store.breaking(holder)), (Rh, Some(R)));
    bench.ack("last", holder, accepting(R));
    assert_eq!(
        bench.said(),
        "last: pending; last: R -> none; A: success action 1; B: success action 3"
    );
    assert_eq!(bench.store.held(holder), Level::None);
}

/// smb2.lease.breaking4: RH told none owes an acknowledgement that nobody waits for, and is not told twice.
#[test]
fn breaking4() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rh);
    bench.create("A", disposing(None, Disposition::Overwrite));
    bench.create("B", disposing(None, Disposition::Overwrite));
    assert_eq!(bench.said(), "holder: RH -> none ack; A: success action 3; B: success action 3");
    assert_eq!((bench.store.held(holder), bench.store.breaking(holder)), (Rh, Some(Level::None)));
    bench.ack("ack", holder, accepting(Level::None));
    assert_eq!(bench.said(), "ack: success");
}

/// smb2.lease.breaking5: R told none owes nothing.
#[test]
fn breaking5() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), R);
    bench.create("A", disposing(None, Disposition::Overwrite));
    assert_eq!(bench.said(), "holder: R -> none; A: success action 3");
    bench.ack("ack", holder, accepting(Level::None));
    assert_eq!(bench.said(), "ack: invalid_oplock_protocol");
}

/// smb2.lease.breaking6: less than was offered may be taken.
#[test]
fn breaking6() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    bench.create("A", plain(None));
    bench.skip();
    bench.ack("ack", holder, accepting(Level::None));
    assert_eq!(bench.said(), "ack: success; A: success action 1");
}

/// smb2.lease.sharing_violation: handle caching goes even for an overwriter (D42).
#[test]
fn sharing_violation() {
    let mut bench = Bench::new();
    let holder = bench.hold(sharing(K1, Share::NONE), Rwh);
    bench.create("A", disposing(K2, Disposition::Overwrite));
    assert_eq!(bench.said(), "holder: RWH -> RW ack modes 0x1f01ff/7; A: waits");
    bench.ack("ack", holder, accepting(Rw));
    assert_eq!(bench.said(), "ack: pending; A: sharing_violation");
    assert_eq!(bench.store.held(holder), Rw);
}

/// smb2.lease.break_twice: handle caching first, write caching by the next open.
#[test]
fn break_twice() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    bench.create("A", sharing(K2, Share::READ));
    assert_eq!(bench.said(), "holder: RWH -> RW ack modes 0x1f01ff/1; A: waits");
    bench.ack("ack", holder, accepting(Rw));
    assert_eq!(bench.said(), "ack: pending; A: sharing_violation");
    bench.create("B", plain(K2));
    assert_eq!(bench.said(), "ack: RW -> R ack; B: waits");
    bench.ack("ack", holder, accepting(R));
    assert_eq!(bench.said(), "ack: pending; B: success action 1");
}

/// smb2.lease.nobreakself: the writer's own R survives.
#[test]
fn nobreakself() {
    let mut bench = Bench::new();
    let first = bench.hold(plain(K1), R);
    let second = bench.hold(plain(K2), R);
    bench.write("own", first);
    bench.write("own", first);
    assert_eq!(bench.said(), "holder: R -> none; own: success; own: success");
    assert_eq!(bench.store.held(first), R);
    bench.write("other", second);
    assert_eq!(bench.said(), "holder: R -> none; other: success");
}

/// smb2.lease.complex1: K1 RH, K2 R; each breaks the other's by writing.
#[test]
fn complex1() {
    let mut bench = Bench::new();
    let first = bench.hold(plain(K1), Rh);
    let second = bench.hold(plain(K2), R);
    bench.write("write", first);
    assert_eq!(bench.said(), "holder: R -> none; write: success");
    bench.write("write", second);
    assert_eq!(bench.said(), "holder: RH -> none ack; write: success");
}

/// smb2.oplock.batch6 and batch9: Level II of both after the break, and a write ends both.
#[test]
fn batch6() {
    let mut bench = Bench::new();
    let first = bench.hold(plain(None), Batch);
    let create = bench.create("other", plain(None));
    assert_eq!(bench.said(), "holder: batch -> ii ack information 7; other: waits");
    bench.ack("first", first, AckForm::Acknowledge);
    let other = bench.opened(create);
    bench.grant(other, Ii);
    bench.write("write", first);
    assert_eq!(
        bench.said(),
        "first: ii -> none information 8; holder: ii -> none information 8; write: success"
    );
}

/// smb2.oplock.exclusive1: an exclusive oplock is left alone by an open that violates sharing.
#[test]
fn exclusive1() {
    let mut bench = Bench::new();
    let holder = bench.hold(sharing(None, Share::NONE), Exclusive);
    bench.create("other", plain(None));
    assert_eq!(bench.said(), "other: sharing_violation");
    assert_eq!(bench.store.held(holder), Exclusive);
}

/// smb2.oplock.exclusive9: the level that a disposition breaks to.
#[rstest]
#[case(Disposition::Supersede, "none ack information 8")]
#[case(Disposition::Open, "ii ack information 7")]
#[case(Disposition::OverwriteIf, "none ack information 8")]
#[case(Disposition::OpenIf, "ii ack information 7")]
fn exclusive9(#[case] disposition: Disposition, #[case] to: &str) {
    let mut bench = Bench::new();
    bench.hold(plain(None), Exclusive);
    bench.create("other", disposing(None, disposition));
    assert_eq!(bench.said(), format!("holder: exclusive -> {to}; other: waits"));
}

/// smb2.oplock.batch10: Level II beside a plain open, broken by its write.
#[test]
fn batch10() {
    let mut bench = Bench::new();
    let writer = bench.open(plain(None));
    let holder = bench.open(plain(None));
    bench.request("asked", holder, asking(Batch));
    assert_eq!(bench.said(), "asked: oplock_not_granted");
    bench.grant(holder, Ii);
    bench.write("write", writer);
    assert_eq!(bench.said(), "holder: ii -> none information 8; write: success");
}

/// smb2.oplock.batch15, batch21, batch4: querying, and the holder's own data, break nothing.
#[test]
fn own_data_and_queries() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(None), Batch);
    let ticket = bench.call("query");
    bench.store.query(ticket, holder, QueryInfo::Basic);
    bench.read("read", holder);
    bench.write("write", holder);
    assert_eq!(bench.said(), "query: success; read: success; write: success");
    assert_eq!(bench.store.held(holder), Batch);
}

/// smb2.lease.statopen: a stat open may hold RWH, and a data open breaks it.
#[test]
fn statopen() {
    let mut bench = Bench::new();
    bench.hold(wanting(K1, Access::ATTRIBUTES), Rwh);
    bench.create("other", plain(K2));
    assert_eq!(bench.said(), "holder: RWH -> RH ack; other: waits");
}

/// The store lets a key's oplock go with the handle that asked for it; the server's internal open keeps it.
#[test]
fn internal_open_keeps_the_lease() {
    let mut bench = Bench::new();
    let first = bench.open(sharing(K1, Share::NONE));
    let internal = bench.store.open_again(first).expect("an open");
    bench.grant(internal, Rwh);
    bench.close("close", first);
    assert_eq!(bench.said(), "close: success");
    assert_eq!(bench.store.held(internal), Rwh);
    bench.create("other", CreateArgs { share: Share::NONE, ..plain(K3) });
    assert_eq!(bench.said(), "holder: RWH -> RH ack; other: waits");
    assert_eq!(bench.store.open_again(first), None);
}
