//! Acknowledging: MS-FSA 2.1.5.19 and WDK "Acknowledging Oplock Breaks".

use oplock_model::Level::{self, Batch, Exclusive, Filter, Ii, R, Rh, Rw, Rwh};
use oplock_model::{AckForm, CreateOptions, Disposition, LeaseState, Share};
use rstest::rstest;

use super::bench::{Bench, K1, K2, K3, accepting, disposing, plain, sharing, with_options};
use crate::store::{CreateArgs, OpenId};

const PROTOCOL: &str = "ack: invalid_oplock_protocol";

/// A holder under K1 that breaks because of those opens of K2; sharing is what the holder's open shares.
fn breaking(held: Level, opens: &[CreateArgs]) -> (Bench, OpenId) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), held);
    for args in opens {
        bench.create("other", args.clone());
    }
    bench.skip();
    (bench, holder)
}

/// Legacy forms against the level told and needed: ACKNOWLEDGE, ACK_NO_2, CLOSE_PENDING.
#[rstest]
#[case::level_one_to_two(Exclusive, vec![plain(K2)], [
    "ack: pending; other: success action 1",
    "ack: success; other: success action 1",
    "ack: success; other: success action 1",
])]
#[case::batch_to_two(Batch, vec![plain(K2)], [
    "ack: pending; other: success action 1",
    "ack: success; other: success action 1",
    "ack: success",
])]
#[case::batch_to_none(Batch, vec![disposing(K2, Disposition::Overwrite)], [
    "ack: success; other: success action 3",
    "ack: success; other: success action 3",
    "ack: success",
])]
#[case::filter_to_none(Filter, vec![plain(K2)], [
    "ack: success; other: success action 1",
    "ack: success; other: success action 1",
    "ack: success",
])]
fn legacy(#[case] held: Level, #[case] opens: Vec<CreateArgs>, #[case] expected: [&str; 3]) {
    let forms = [AckForm::Acknowledge, AckForm::NoLevelTwo, AckForm::ClosePending];
    for (form, expected) in forms.into_iter().zip(expected) {
        let (mut bench, holder) = breaking(held, &opens);
        bench.ack("ack", holder, form);
        assert_eq!(bench.said(), expected, "{held} {form:?}");
        if expected.starts_with("ack: pending") {
            assert_eq!(bench.store.held(holder), Ii);
        }
    }
}

/// Told Level II, needed none: the acknowledgement completes at once as broken to none.
#[rstest]
fn legacy_deepened(
    #[values(Exclusive, Batch)] held: Level,
    #[values(AckForm::Acknowledge, AckForm::NoLevelTwo)] form: AckForm,
) {
    let (mut bench, holder) = breaking(held, &[plain(K2), disposing(K3, Disposition::Overwrite)]);
    bench.ack("ack", holder, form);
    assert_eq!(
        bench.said(),
        "ack: success to none information 8; other: success action 1; other: success action 3"
    );
    assert_eq!(bench.store.held(holder), Level::None);
}

/// CLOSE_PENDING of Batch: who waits, and who comes, waits for the close; a second one is an error.
#[test]
fn close_pending() {
    let (mut bench, holder) = breaking(Batch, &[plain(K2)]);
    bench.ack("ack", holder, AckForm::ClosePending);
    assert_eq!(bench.said(), "ack: success");
    bench.ack("ack", holder, AckForm::ClosePending);
    bench.ack("ack", holder, AckForm::Acknowledge);
    assert_eq!(bench.said(), format!("{PROTOCOL}; {PROTOCOL}"));
    bench.create("late", plain(K3));
    assert_eq!(bench.said(), "late: waits");
    bench.close("close", holder);
    assert_eq!(bench.said(), "close: success; other: success action 1; late: success action 1");
}

/// Acknowledgements that nobody expects.
#[rstest]
fn unexpected(
    #[values(Level::None, Ii, Exclusive, Batch, Filter, R, Rh, Rw, Rwh)] held: Level,
    #[values(
        AckForm::Acknowledge,
        AckForm::NoLevelTwo,
        AckForm::ClosePending,
        AckForm::Granular(LeaseState::NONE),
        AckForm::Granular(LeaseState::H)
    )]
    form: AckForm,
) {
    let mut bench = Bench::new();
    let holder = bench.open(plain(K1));
    if held != Level::None {
        bench.grant(holder, held);
    }
    bench.ack("ack", holder, form);
    assert_eq!(bench.said(), PROTOCOL);
    assert_eq!(bench.store.held(holder), held);
}

/// The wrong family, or the wrong handle, even one of the same key.
#[rstest]
#[case(Rwh, AckForm::Acknowledge)]
#[case(Rwh, AckForm::ClosePending)]
#[case(Rw, AckForm::NoLevelTwo)]
#[case(Batch, AckForm::Granular(LeaseState::R))]
#[case(Exclusive, AckForm::Granular(LeaseState::NONE))]
fn wrong_family(#[case] held: Level, #[case] form: AckForm) {
    let (mut bench, holder) = breaking(held, &[plain(K2)]);
    bench.ack("ack", holder, form);
    assert_eq!(bench.said(), PROTOCOL);
}

#[rstest]
#[case(Rwh, plain(K2), accepting(R))]
#[case(Batch, plain(K2), AckForm::Acknowledge)]
#[case(Batch, plain(K2), AckForm::ClosePending)]
#[case(Rh, sharing(K2, Share::NONE), accepting(R))]
fn wrong_handle(#[case] held: Level, #[case] other: CreateArgs, #[case] form: AckForm) {
    let (mut bench, _) = breaking(held, &[other]);
    let twin = bench.open(plain(K1));
    bench.ack("ack", twin, form);
    assert_eq!(bench.said(), PROTOCOL);
}

/// RH on the break queue, row by row: 0 illegal, 1 told none, 2 told R, 3 none, 4 R or RH, 5 write caching.
#[rstest]
#[case::h("R", true, LeaseState::H, "ack: invalid_parameter")]
#[case::w("R", true, LeaseState::W, "ack: invalid_parameter")]
#[case::hw("R", true, LeaseState::HW, "ack: invalid_parameter")]
#[case::told_r_none("R", true, LeaseState::NONE, "ack: success; other: sharing_violation")]
#[case::told_r_r("R", true, LeaseState::R, "ack: pending; other: sharing_violation")]
#[case::told_r_rh("R", true, LeaseState::RH, "ack: pending; other: sharing_violation")]
#[case::told_r_rw("R", true, LeaseState::RW, "ack: cannot_grant_requested_oplock to R ack")]
#[case::told_r_rwh("R", true, LeaseState::RWH, "ack: cannot_grant_requested_oplock to R ack")]
#[case::told_r_rwh_alone(
    "R",
    false,
    LeaseState::RWH,
    "ack: cannot_grant_requested_oplock to R ack"
)]
#[case::told_r_rh_alone("R", false, LeaseState::RH, "ack: pending")]
#[case::told_none_rh_alone("none", false, LeaseState::RH, "ack: pending")]
#[case::told_none_r_alone("none", false, LeaseState::R, "ack: pending")]
#[case::told_none_none_alone("none", false, LeaseState::NONE, "ack: success")]
#[case::told_none_rwh_alone(
    "none",
    false,
    LeaseState::RWH,
    "ack: cannot_grant_requested_oplock to none ack"
)]
#[case::told_none_rh(
    "none",
    true,
    LeaseState::RH,
    "ack: cannot_grant_requested_oplock to none ack"
)]
#[case::told_none_r("none", true, LeaseState::R, "ack: cannot_grant_requested_oplock to none ack")]
#[case::told_none_none("none", true, LeaseState::NONE, "ack: success; other: sharing_violation")]
fn queued_rh(
    #[case] told: &str,
    #[case] waited_for: bool,
    #[case] state: LeaseState,
    #[case] expected: &str,
) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rh);
    if told == "none" {
        let other = bench.open(plain(K2));
        bench.write("write", other);
        bench.close("close", other);
    }
    let waiter = bench.create("other", sharing(K2, Share::NONE));
    if !waited_for {
        bench.store.cancel(waiter);
    }
    bench.skip();
    bench.ack("ack", holder, AckForm::Granular(state));
    assert_eq!(bench.said(), expected);
    assert_eq!(
        bench.store.breaking(holder).is_some(),
        expected.contains("invalid_parameter") || expected.contains("cannot_grant")
    );
}

/// RW and RWH breaking, row by row.
#[rstest]
#[case::rw_to_r_none(Rw, plain(K2), LeaseState::NONE, "ack: success; other: success action 1")]
#[case::rw_to_r_r(Rw, plain(K2), LeaseState::R, "ack: pending; other: success action 1")]
#[case::rw_to_r_rh(Rw, plain(K2), LeaseState::RH, "ack: cannot_grant_requested_oplock to R ack")]
#[case::rw_to_r_rw(Rw, plain(K2), LeaseState::RW, "ack: cannot_grant_requested_oplock to R ack")]
#[case::rw_to_r_rwh(Rw, plain(K2), LeaseState::RWH, "ack: cannot_grant_requested_oplock to R ack")]
#[case::rwh_to_rh_none(Rwh, plain(K2), LeaseState::NONE, "ack: success; other: success action 1")]
#[case::rwh_to_rh_r(Rwh, plain(K2), LeaseState::R, "ack: pending; other: success action 1")]
#[case::rwh_to_rh_rh(Rwh, plain(K2), LeaseState::RH, "ack: pending; other: success action 1")]
#[case::rwh_to_rh_rw(
    Rwh,
    plain(K2),
    LeaseState::RW,
    "ack: cannot_grant_requested_oplock to RH ack"
)]
#[case::rwh_to_rh_rwh(
    Rwh,
    plain(K2),
    LeaseState::RWH,
    "ack: cannot_grant_requested_oplock to RH ack"
)]
#[case::rwh_to_rh_h(Rwh, plain(K2), LeaseState::H, "ack: invalid_parameter")]
#[case::rwh_to_rw_rw(
    Rwh,
    sharing(K2, Share::NONE),
    LeaseState::RW,
    "ack: pending; other: sharing_violation"
)]
#[case::rwh_to_rw_rh(
    Rwh,
    sharing(K2, Share::NONE),
    LeaseState::RH,
    "ack: cannot_grant_requested_oplock to RW ack"
)]
#[case::rwh_to_none_r(
    Rwh,
    disposing(K2, Disposition::Overwrite),
    LeaseState::R,
    "ack: cannot_grant_requested_oplock to none ack"
)]
#[case::rwh_to_none_none(
    Rwh,
    disposing(K2, Disposition::Overwrite),
    LeaseState::NONE,
    "ack: success; other: success action 3"
)]
fn exclusive(
    #[case] held: Level,
    #[case] other: CreateArgs,
    #[case] state: LeaseState,
    #[case] expected: &str,
) {
    let (mut bench, holder) = breaking(held, &[other]);
    bench.ack("ack", holder, AckForm::Granular(state));
    assert_eq!(bench.said(), expected);
    if expected.starts_with("ack: pending") {
        assert_eq!(bench.store.held(holder).lease_state(), Some(state));
    }
}

/// Handle caching cannot be kept on a file that is marked for deletion.
#[test]
fn delete_pending() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    let deleter = bench.open(with_options(K1, CreateOptions::DELETE_ON_CLOSE));
    bench.create("other", plain(K2));
    bench.close("close", deleter);
    bench.skip();
    bench.ack("ack", holder, accepting(Rh));
    assert_eq!(bench.said(), "ack: cannot_grant_requested_oplock to R ack");
    bench.ack("ack", holder, accepting(R));
    assert_eq!(bench.said(), "ack: pending; other: delete_pending");

    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rh);
    let deleter = bench.open(with_options(K1, CreateOptions::DELETE_ON_CLOSE));
    bench.create("other", sharing(K2, Share::NONE));
    bench.close("close", deleter);
    bench.skip();
    bench.ack("ack", holder, accepting(Rh));
    assert_eq!(bench.said(), "ack: oplock_not_granted; other: delete_pending");
    assert_eq!(bench.store.held(holder), Level::None);
}

/// D19: by the text an acknowledgement above the offer is granted.
#[test]
fn above_offer_granted_by_choice() {
    let mut bench = Bench::reading(&[("ack_above_offer", "granted")]);
    let holder = bench.hold(plain(K1), Rh);
    let waiter = bench.create("other", sharing(K2, Share::NONE));
    bench.store.cancel(waiter);
    bench.skip();
    bench.ack("ack", holder, accepting(Rwh));
    assert_eq!(bench.said(), "ack: pending");
    assert_eq!(bench.store.held(holder), Rwh);
}

/// RW told R, needed none: R is granted and broken at once, and with it the wait ends.
#[test]
fn deepened_rw() {
    let (mut bench, holder) = breaking(Rw, &[plain(K2), disposing(K3, Disposition::Overwrite)]);
    bench.ack("ack", holder, accepting(R));
    assert_eq!(
        bench.said(),
        "ack: pending; ack: R -> none; other: success action 1; other: success action 3"
    );
}

/// RWH told RW, needed R: RW is granted and broken on.
#[test]
fn deepened_rwh_to_rw() {
    let (mut bench, holder) = breaking(Rwh, &[sharing(K2, Share::NONE), plain(K3)]);
    bench.ack("ack", holder, accepting(Rw));
    assert_eq!(bench.said(), "ack: pending; ack: RW -> R ack");
    bench.ack("ack", holder, accepting(R));
    assert_eq!(bench.said(), "ack: pending; other: sharing_violation; other: success action 1");
}

/// D20, the other reading: at once to the level that is needed.
#[test]
fn deepened_directly_by_choice() {
    let mut bench = Bench::reading(&[("deepened_break", "direct")]);
    let holder = bench.hold(plain(K1), Rwh);
    bench.create("A", plain(K2));
    bench.create("B", disposing(K3, Disposition::Overwrite));
    bench.skip();
    bench.ack("ack", holder, accepting(Rh));
    assert_eq!(bench.said(), "ack: pending; ack: RH -> none ack");
    bench.ack("ack", holder, accepting(Level::None));
    assert_eq!(bench.said(), "ack: success; A: success action 1; B: success action 3");
}

/// Whom nobody needs to go deeper for is not broken further: the deep waiter was cancelled.
#[test]
fn deepened_and_cancelled() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    bench.create("A", plain(K2));
    let deep = bench.create("B", disposing(K3, Disposition::Overwrite));
    bench.store.cancel(deep);
    bench.skip();
    bench.ack("ack", holder, accepting(Rh));
    assert_eq!(bench.said(), "ack: pending; A: success action 1");
}
