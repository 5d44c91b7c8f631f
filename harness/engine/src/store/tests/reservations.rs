//! What a create reserves: the stream (spec/04 section 3), a Filter oplock (spec/04 section 4).

use oplock_model::Level::{self, Batch, Exclusive, Filter, Ii, R, Rh, Rw, Rwh};
use oplock_model::{Access, CreateOptions, Disposition, RuleId, Share};
use rstest::rstest;

use super::bench::{Bench, K1, K2, K3, asking, plain, sharing, wanting, with_options};
use super::calls::opening;
use crate::store::{CreateArgs, OpenId};

const REQUIRING: CreateOptions = CreateOptions::OPEN_REQUIRING_OPLOCK;
const COMPLETE: CreateOptions = CreateOptions::COMPLETE_IF_OPLOCKED;
const RESERVE: CreateOptions = CreateOptions::RESERVE_OPFILTER;

/// A bench with a Filter oplock pending for the open, which has no key.
fn pending() -> (Bench, OpenId) {
    let mut bench = Bench::new();
    let args = CreateArgs { options: RESERVE, ..wanting(None, Access::READ_ATTRIBUTES) };
    let owner = bench.open(args);
    (bench, owner)
}

/// While a Filter oplock is pending, requests on other handles are refused as if it were held.
#[rstest]
fn pending_filter_refuses_others(#[values(Ii, R, Rh, Rw, Rwh)] level: Level) {
    let (mut bench, _) = pending();
    let other = bench.open(wanting(K2, Access::READ_DATA));
    bench.request("asked", other, asking(level));
    assert_eq!(bench.said(), "asked: oplock_not_granted");
    assert!(bench.store.fired().contains(RuleId::FsaGrantFilterPendingRefusesOthers));
}

/// What a Filter oplock would break for drops it, without a word: what was refused is granted then.
#[rstest]
#[case::writing_open(wanting(K2, Access::WRITE_DATA), true)]
#[case::not_sharing_read(CreateArgs { share: Share::WRITE, ..wanting(K2, Access::READ_DATA) }, true)]
#[case::overwriting(CreateArgs { disposition: Disposition::Overwrite, ..plain(K2) }, true)]
#[case::reading_open(wanting(K2, Access::READ_DATA), false)]
#[case::attributes(wanting(K2, Access::ATTRIBUTES), false)]
fn pending_filter_is_dropped(#[case] other: CreateArgs, #[case] dropped: bool) {
    let (mut bench, _) = pending();
    bench.create("open", other);
    let said = bench.said();
    assert!(said.starts_with("open: success"), "{said}");
    let fired = bench.store.take_fired();
    assert_eq!(fired.contains(RuleId::FsaCreateReserveFilterDropped), dropped);
    let third = bench.open(wanting(K3, Access::ATTRIBUTES));
    bench.request("asked", third, asking(R));
    let expected = if dropped { "asked: pending" } else { "asked: oplock_not_granted" };
    assert_eq!(bench.said(), expected);
}

/// Success guarantees nothing: another open refuses the request, and one that came and went does not, dropped or not.
#[rstest]
fn the_owner_asks(#[values(Exclusive, Batch, Filter)] level: Level) {
    let (mut bench, owner) = pending();
    let other = bench.open(wanting(K2, Access::WRITE_DATA));
    bench.request("early", owner, asking(level));
    assert_eq!(bench.said(), "early: oplock_not_granted");
    bench.close("close", other);
    bench.skip();
    bench.request("late", owner, asking(level));
    assert_eq!(bench.said(), "late: pending");
    assert_eq!(bench.store.held(owner), level);
}

/// Any oplock may follow, and it uses the reservation up; closing the handle ends it too.
#[test]
fn pending_filter_ends() {
    let (mut bench, owner) = pending();
    bench.grant(owner, Rh);
    let other = bench.open(wanting(K2, Access::READ_DATA));
    bench.request("asked", other, asking(Rh));
    assert_eq!(bench.said(), "asked: pending");

    let (mut bench, owner) = pending();
    let other = bench.open(wanting(K2, Access::READ_DATA));
    bench.close("close", owner);
    bench.request("asked", other, asking(Rh));
    assert_eq!(bench.said(), "close: success; asked: pending");
}

/// A directory has no Filter oplock to reserve.
#[test]
fn no_filter_on_a_directory() {
    let mut bench = Bench::new();
    let args = CreateArgs { options: RESERVE, access: Access::READ_ATTRIBUTES, ..opening("d", K1) };
    bench.create("open", args);
    assert_eq!(bench.said(), "open: oplock_not_granted");
}

/// Reserving breaks what others hold to none, overriding the exemption of attribute access, then is refused (D41).
#[rstest]
#[case(Ii, "holder: ii -> none information 8; open: oplock_not_granted")]
#[case(Exclusive, "holder: exclusive -> none ack information 8; open: waits")]
#[case(Batch, "holder: batch -> none ack information 8; open: waits")]
#[case(Filter, "holder: filter -> none ack information 8; open: waits")]
#[case(R, "holder: R -> none; open: oplock_not_granted")]
#[case(Rh, "holder: RH -> none ack; open: oplock_not_granted")]
#[case(Rw, "holder: RW -> none ack; open: waits")]
#[case(Rwh, "holder: RWH -> none ack; open: waits")]
fn reserving_over_a_held_oplock(#[case] held: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), held);
    let args = CreateArgs { options: RESERVE, ..wanting(K2, Access::READ_ATTRIBUTES) };
    bench.create("open", args);
    assert_eq!(bench.said(), expected);
    if expected.ends_with("waits") {
        // Alone after all, it is granted.
        bench.close("close", holder);
        assert_eq!(bench.said(), "close: success; open: success action 1");
    }
}

/// An overwriting create that must not break asks after the other streams too.
#[rstest]
#[case(Batch, "open: cannot_break_oplock")]
#[case(Filter, "open: cannot_break_oplock")]
#[case(Rwh, "open: success action 3")]
fn requiring_an_oplock_across_streams(#[case] held: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    bench.hold(wanting(K1, Access::WRITE_DATA), held);
    let args = CreateArgs {
        options: REQUIRING,
        disposition: Disposition::Overwrite,
        share: Share(Share::READ.0 | Share::WRITE.0),
        access: Access::WRITE_DATA,
        ..opening("f:s", K2)
    };
    bench.create("open", args);
    assert_eq!(bench.said(), expected);
}

/// D23: a reservation blocks opens only, of other keys only, whatever access they ask for.
#[test]
fn what_a_reservation_blocks() {
    let mut bench = Bench::new();
    let earlier = bench.open(plain(K2));
    let owner = bench.open(with_options(K1, REQUIRING));
    bench.read("read", earlier);
    bench.write("write", earlier);
    bench.create("own", plain(K1));
    bench.create("other", wanting(K3, Access::READ_ATTRIBUTES));
    let said = "read: success; write: success; own: success action 1; other: waits";
    assert_eq!(bench.said(), said);
    bench.request("asked", owner, asking(Rh));
    assert_eq!(bench.said(), "asked: pending; other: success action 1");
}

/// An open that does not wait is told that something is in progress, and one that fails blocks nobody.
#[test]
fn reservations_and_other_options() {
    let mut bench = Bench::new();
    bench.open(with_options(K1, REQUIRING));
    bench.create("other", with_options(K2, COMPLETE));
    assert_eq!(bench.said(), "other: oplock_break_in_progress action 1");

    let mut bench = Bench::new();
    bench.open(sharing(K1, Share::NONE));
    bench.create("failed", with_options(K2, REQUIRING));
    assert_eq!(bench.said(), "failed: sharing_violation");
    bench.create("other", wanting(K3, Access::ATTRIBUTES));
    assert_eq!(bench.said(), "other: success action 1");
}

/// A blocked open can be cancelled, and a new file is reserved like an old one.
#[test]
fn blocked_opens() {
    let mut bench = Bench::new();
    let args = CreateArgs { options: REQUIRING, ..opening("new", K1) };
    let owner = bench.open(args);
    let blocked = bench.create("blocked", opening("new", K2));
    let second = bench.create("second", opening("new", K2));
    bench.store.cancel(blocked);
    assert_eq!(bench.said(), "blocked: waits; second: waits; blocked: cancelled");
    bench.close("close", owner);
    assert_eq!(bench.said(), "close: success; second: success action 1");
    assert_ne!(blocked, second);
}
