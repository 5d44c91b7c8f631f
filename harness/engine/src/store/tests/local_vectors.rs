//! The vectors of the local interface (spec/08 part B), each by its number.

use oplock_model::Level::{self, Batch, Exclusive, Filter, Ii, R, Rh, Rw, Rwh};
use oplock_model::{
    Access, AckForm, CreateOptions, LeaseState, RawOplockControl, Share, StoreRequest,
};
use rstest::rstest;

use super::bench::{Bench, K1, K2, K3, accepting, asking, plain, sharing, wanting, with_options};
use super::calls::{DELETE, exclusive, opening};
use crate::store::{CreateArgs, OpenId};

const COMPLETE: CreateOptions = CreateOptions::COMPLETE_IF_OPLOCKED;
const REQUIRING: CreateOptions = CreateOptions::OPEN_REQUIRING_OPLOCK;
const RESERVE: CreateOptions = CreateOptions::RESERVE_OPFILTER;

/// FSCTL_REQUEST_OPLOCK with these lengths, level and flags.
fn raw(input_length: u32, output_length: u32, level: LeaseState, flags: u32) -> StoreRequest {
    let code = 0x0009_0240;
    StoreRequest::Raw(RawOplockControl { code, input_length, output_length, level, flags })
}

fn directory(key: Option<oplock_model::LeaseKey>) -> CreateArgs {
    CreateArgs { options: CreateOptions::DIRECTORY_FILE, ..opening("d", key) }
}

/// What a request on this open says.
fn answered(open: CreateArgs, request: StoreRequest) -> String {
    let mut bench = Bench::new();
    let open = bench.open(open);
    bench.request("asked", open, request);
    bench.said()
}

/// Batch under K1 broken by an open under K2 that waits.
fn broken(level: Level) -> (Bench, OpenId) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), level);
    bench.create("waiter", plain(K2));
    bench.skip();
    (bench, holder)
}

#[rstest]
fn b01_a_synchronous_handle_gets_nothing(
    #[values(Ii, Exclusive, Batch, Filter, R, Rh, Rw, Rwh)] level: Level,
    #[values(CreateOptions::SYNCHRONOUS_IO_ALERT, CreateOptions::SYNCHRONOUS_IO_NONALERT)]
    option: CreateOptions,
) {
    let said = answered(with_options(K1, option), asking(level));
    assert_eq!(said, "asked: oplock_not_granted");
}

#[rstest]
fn b02_a_directory_takes_only_r_and_rh(
    #[values(
        StoreRequest::LevelOne,
        StoreRequest::LevelTwo,
        StoreRequest::Batch,
        StoreRequest::Filter,
        StoreRequest::Granular(LeaseState::RW),
        StoreRequest::Granular(LeaseState::RWH),
        StoreRequest::Granular(LeaseState::H)
    )]
    request: StoreRequest,
) {
    assert_eq!(answered(directory(K1), request), "asked: invalid_parameter");
}

#[rstest]
fn b03_a_directory_takes_r_and_rh(#[values(R, Rh)] level: Level) {
    assert_eq!(answered(directory(K1), asking(level)), "asked: pending");
}

#[test]
fn b04_level_zero_creates_nothing() {
    let mut bench = Bench::new();
    let open = bench.open(plain(K1));
    bench.request("asked", open, asking(Level::None));
    assert_eq!(bench.said(), "asked: success");
    assert_eq!(bench.store.held(open), Level::None);
    // None of the denials applies.
    let synchronous = with_options(K1, CreateOptions::SYNCHRONOUS_IO_ALERT);
    assert_eq!(answered(synchronous, asking(Level::None)), "asked: success");
}

#[rstest]
fn b05_levels_without_read_are_illegal(
    #[values(LeaseState::H, LeaseState::W, LeaseState::HW)] state: LeaseState,
) {
    let request = StoreRequest::Granular(state);
    assert_eq!(answered(plain(K1), request), "asked: invalid_parameter");
    // Before every denial.
    let synchronous = with_options(K1, CreateOptions::SYNCHRONOUS_IO_ALERT);
    assert_eq!(answered(synchronous, request), "asked: invalid_parameter");
}

#[rstest]
fn b06_neither_or_both_action_flags(#[values(0, 3, 4, 7)] flags: u32) {
    let said = answered(plain(K1), raw(12, 24, LeaseState::R, flags));
    assert_eq!(said, "asked: invalid_parameter");
}

#[rstest]
#[case(11, 24, "asked: buffer_too_small")]
#[case(12, 23, "asked: buffer_too_small")]
#[case(0, 0, "asked: buffer_too_small")]
#[case(12, 24, "asked: pending")]
fn b07_short_buffers(#[case] input: u32, #[case] output: u32, #[case] expected: &str) {
    assert_eq!(answered(plain(K1), raw(input, output, LeaseState::RWH, 1)), expected);
}

#[test]
fn b08_two_opens_refuse_batch() {
    let mut bench = Bench::new();
    bench.open(plain(K1));
    let second = bench.open(plain(K1));
    bench.request("asked", second, asking(Batch));
    assert_eq!(bench.said(), "asked: oplock_not_granted");
}

#[test]
fn b09_two_opens_of_one_key_get_rwh() {
    let mut bench = Bench::new();
    bench.open(plain(K1));
    let second = bench.open(plain(K1));
    bench.request("asked", second, asking(Rwh));
    assert_eq!(bench.said(), "asked: pending");
}

#[test]
fn b10_an_upgrade_switches() {
    let mut bench = Bench::new();
    bench.hold(plain(K1), R);
    let second = bench.open(plain(K1));
    bench.request("asked", second, asking(Rwh));
    let switched = "holder: completed oplock_switched_to_new_handle to RWH; asked: pending";
    assert_eq!(bench.said(), switched);
}

#[test]
fn b11_no_downgrade() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    bench.request("asked", holder, asking(Rw));
    assert_eq!(bench.said(), "asked: oplock_not_granted");
}

#[test]
fn b12_level_two_refuses_rh() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Ii);
    bench.request("asked", holder, asking(Rh));
    assert_eq!(bench.said(), "asked: oplock_not_granted");
}

#[test]
fn b13_batch_replaces_level_two() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Ii);
    bench.request("asked", holder, asking(Batch));
    assert_eq!(bench.said(), "holder: completed success information 8; asked: pending");
}

/// The file of 8 bytes has one cluster of 4096 bytes set aside.
#[rstest]
#[case(4096, R, "asked: pending")]
#[case(4095, R, "asked: oplock_not_granted")]
#[case(4095, Rh, "asked: oplock_not_granted")]
#[case(4095, Ii, "asked: oplock_not_granted")]
#[case(4096, Rw, "asked: pending")]
#[case(4095, Rw, "asked: pending")]
fn b14_locks_refuse_shared_oplocks(
    #[case] offset: u64,
    #[case] level: Level,
    #[case] expected: &str,
) {
    let mut bench = Bench::new();
    let open = bench.open(plain(K1));
    bench.lock("lock", open, offset, 1);
    assert_eq!(bench.said(), "lock: success");
    bench.request("asked", open, asking(level));
    assert_eq!(bench.said(), expected);
}

#[test]
fn b14_pending_locks_refuse_too_and_a_file_without_allocation_never_does() {
    let mut bench = Bench::new();
    let [first, second] = [bench.open(plain(K1)), bench.open(plain(K2))];
    bench.lock("lock", first, 8192, 1);
    bench.lock_waiting("second", second, exclusive(8192, 1));
    bench.request("asked", first, asking(R));
    assert_eq!(bench.said(), "lock: success; second: waits; asked: oplock_not_granted");

    let mut bench = Bench::new();
    bench.file("empty", 0);
    let open = bench.open(opening("empty", K1));
    bench.lock("lock", open, 0, 1);
    bench.request("asked", open, asking(R));
    assert_eq!(bench.said(), "lock: success; asked: pending");
}

/// An open with every access that broke nothing by coming. By the API a stranger cannot come so far beside an exclusive
/// oplock: its open breaks what its data would break.
fn intruder(bench: &mut Bench) -> OpenId {
    let open = bench.open(wanting(K2, Access::ATTRIBUTES));
    bench.store.opens.get_mut(&open).expect("an open").access = Access::FULL;
    open
}

#[test]
fn b15_a_read_breaks_level_one() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Exclusive);
    let other = intruder(&mut bench);
    bench.read("read", other);
    assert_eq!(bench.said(), "holder: exclusive -> ii ack information 7; read: waits");
    bench.ack("ack", holder, AckForm::Acknowledge);
    assert_eq!(bench.said(), "ack: pending; read: success");
}

#[test]
fn b16_filter_lets_reads_and_locks_pass() {
    let mut bench = Bench::new();
    bench.hold(plain(K1), Filter);
    let other = bench.open(wanting(K2, Access::READ_DATA));
    bench.read("read", other);
    bench.lock("lock", other, 0, 1);
    assert_eq!(bench.said(), "read: success; lock: success");
}

#[test]
fn b17_filter_breaks_for_a_write() {
    let mut bench = Bench::new();
    bench.hold(plain(K1), Filter);
    let other = intruder(&mut bench);
    bench.write("write", other);
    assert_eq!(bench.said(), "holder: filter -> none ack information 8; write: waits");
}

#[test]
fn b18_an_own_write_breaks_level_two() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Ii);
    bench.write("write", holder);
    assert_eq!(bench.said(), "holder: ii -> none information 8; write: success");
}

#[test]
fn b19_a_write_does_not_wait_for_rh() {
    let mut bench = Bench::new();
    bench.hold(plain(K1), Rh);
    let other = bench.open(plain(K2));
    bench.write("write", other);
    assert_eq!(bench.said(), "holder: RH -> none ack; write: success");
}

#[test]
fn b20_a_deepened_break_completes_the_acknowledgement() {
    let (mut bench, holder) = broken(Batch);
    let other = intruder(&mut bench);
    bench.write("write", other);
    assert_eq!(bench.said(), "write: waits");
    bench.ack("ack", holder, AckForm::Acknowledge);
    let said = "ack: success to none information 8; waiter: success action 1; write: success";
    assert_eq!(bench.said(), said);
    assert_eq!(bench.store.held(holder), Level::None);
}

#[test]
fn b21_acknowledging_level_two_holds_it() {
    let (mut bench, holder) = broken(Batch);
    bench.ack("ack", holder, AckForm::Acknowledge);
    assert_eq!(bench.said(), "ack: pending; waiter: success action 1");
    assert_eq!(bench.store.held(holder), Ii);
}

#[test]
fn b22_declining_level_two_holds_nothing() {
    let (mut bench, holder) = broken(Batch);
    bench.ack("ack", holder, AckForm::NoLevelTwo);
    assert_eq!(bench.said(), "ack: success; waiter: success action 1");
    assert_eq!(bench.store.held(holder), Level::None);
}

#[test]
fn b23_close_pending_on_batch_keeps_the_waiter() {
    let (mut bench, holder) = broken(Batch);
    bench.ack("ack", holder, AckForm::ClosePending);
    assert_eq!(bench.said(), "ack: success");
    bench.create("newcomer", plain(K3));
    assert_eq!(bench.said(), "newcomer: waits");
    bench.close("close", holder);
    let said = "close: success; waiter: success action 1; newcomer: success action 1";
    assert_eq!(bench.said(), said);
}

#[test]
fn b24_close_pending_on_level_one_is_a_full_acknowledgement() {
    let (mut bench, holder) = broken(Exclusive);
    bench.ack("ack", holder, AckForm::ClosePending);
    assert_eq!(bench.said(), "ack: success; waiter: success action 1");
    assert_eq!(bench.store.held(holder), Level::None);
}

#[test]
fn b25_acknowledgements_that_nobody_expects() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    let other = bench.open(plain(K1));
    bench.ack("early", holder, accepting(Rh));
    assert_eq!(bench.said(), "early: invalid_oplock_protocol");
    bench.create("waiter", plain(K2));
    bench.skip();
    bench.ack("elsewhere", other, accepting(Rh));
    bench.ack("legacy", holder, AckForm::Acknowledge);
    let said = "elsewhere: invalid_oplock_protocol; legacy: invalid_oplock_protocol";
    assert_eq!(bench.said(), said);
}

#[test]
fn b26_a_waiter_refuses_a_higher_acknowledgement() {
    let mut bench = Bench::new();
    let holder = bench.hold(sharing(K1, Share::NONE), Rh);
    bench.create("waiter", plain(K2));
    bench.skip();
    bench.ack("ack", holder, accepting(Rwh));
    assert_eq!(bench.said(), "ack: cannot_grant_requested_oplock to R ack");
    assert_eq!(bench.store.breaking(holder), Some(R));
}

#[test]
fn b27_rh_told_none_may_keep_rh() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rh);
    let other = bench.open(plain(K2));
    bench.write("write", other);
    bench.skip();
    bench.ack("ack", holder, accepting(Rh));
    assert_eq!(bench.said(), "ack: pending");
    assert_eq!((bench.store.held(holder), bench.store.breaking(holder)), (Rh, None));
}

#[test]
fn b28_acknowledging_r_releases_the_waiter() {
    let mut bench = Bench::new();
    let holder = bench.hold(sharing(K1, Share::NONE), Rh);
    bench.create("waiter", plain(K2));
    bench.skip();
    bench.ack("ack", holder, accepting(R));
    assert_eq!(bench.said(), "ack: pending; waiter: sharing_violation");
    assert_eq!(bench.store.held(holder), R);
}

#[test]
fn b29_closing_rwh() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    bench.close("close", holder);
    assert_eq!(bench.said(), "holder: completed oplock_handle_closed; close: success");
}

#[rstest]
fn b30_closing_level_two_or_level_one(#[values(Ii, Exclusive)] level: Level) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), level);
    bench.close("close", holder);
    assert_eq!(bench.said(), "holder: completed success information 8; close: success");
}

#[test]
fn b31_cancelling_a_waiter_leaves_the_break() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    let waiter = bench.create("waiter", plain(K2));
    bench.skip();
    bench.store.cancel(waiter);
    assert_eq!(bench.said(), "waiter: cancelled");
    assert_eq!(bench.store.breaking(holder), Some(Rh));
    bench.ack("ack", holder, accepting(Rh));
    assert_eq!(bench.said(), "ack: pending");
}

#[test]
fn b32_complete_if_oplocked_against_rwh() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    let create = bench.create("other", with_options(K2, COMPLETE));
    assert_eq!(bench.store.breaking(holder), Some(Rh));
    let other = bench.opened(create);
    bench.read("read", other);
    let notify = bench.call("notify");
    bench.store.break_notify(notify, other);
    assert_eq!(bench.said(), "read: waits; notify: waits");
    bench.ack("ack", holder, accepting(Rh));
    assert_eq!(bench.said(), "ack: pending; read: success; notify: success");
}

#[test]
fn b33_complete_if_oplocked_against_batch_in_the_way() {
    let mut bench = Bench::new();
    bench.hold(sharing(K1, Share::NONE), Batch);
    bench.create("other", with_options(K2, COMPLETE));
    let said = "holder: batch -> ii ack information 7; other: sharing_violation information 9";
    assert_eq!(bench.said(), said);
}

#[test]
fn b34_complete_if_oplocked_against_rwh_in_the_way() {
    let mut bench = Bench::new();
    let holder = bench.hold(sharing(K1, Share::NONE), Rwh);
    bench.create("other", with_options(K2, COMPLETE));
    assert_eq!(bench.said(), "other: sharing_violation");
    assert_eq!(bench.store.breaking(holder), None);
}

#[rstest]
fn b35_requiring_an_oplock_breaks_nothing(#[values(Rwh, Batch, Exclusive)] level: Level) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), level);
    bench.create("other", with_options(K2, REQUIRING));
    assert_eq!(bench.said(), "other: cannot_break_oplock");
    assert_eq!((bench.store.held(holder), bench.store.breaking(holder)), (level, None));
}

#[test]
fn b36_requiring_an_oplock_beside_rh() {
    let mut bench = Bench::new();
    bench.hold(plain(K1), Rh);
    bench.create("other", with_options(K2, REQUIRING));
    assert_eq!(bench.said(), "other: success action 1");
}

#[test]
fn b37_requiring_an_oplock_against_rh_in_the_way() {
    let mut bench = Bench::new();
    bench.hold(sharing(K1, Share::NONE), Rh);
    bench.create("other", with_options(K2, REQUIRING));
    assert_eq!(bench.said(), "other: cannot_break_oplock");
}

#[rstest]
fn b38_requiring_an_oplock_under_the_holders_key(#[values(Rwh, Batch, Exclusive)] level: Level) {
    let mut bench = Bench::new();
    bench.hold(plain(K1), level);
    bench.create("other", with_options(K1, REQUIRING));
    assert_eq!(bench.said(), "other: success action 1");
}

#[rstest]
#[case::it_breaks(Rwh, "asked: pending; asked: RWH -> RH ack")]
#[case::it_passes(Rh, "asked: pending; second: success action 1")]
fn b39_a_reserved_stream_blocks_until_the_request(#[case] asks: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    let owner = bench.open(with_options(K1, REQUIRING));
    bench.create("second", plain(K2));
    assert_eq!(bench.said(), "second: waits");
    bench.request("asked", owner, asking(asks));
    assert_eq!(bench.said(), expected);
}

#[test]
fn b39_or_until_the_close() {
    let mut bench = Bench::new();
    let owner = bench.open(with_options(K1, REQUIRING));
    bench.create("second", plain(K2));
    bench.skip();
    bench.close("close", owner);
    assert_eq!(bench.said(), "close: success; second: success action 1");
}

/// A create that may reserve a Filter oplock, under K2.
fn reserving() -> CreateArgs {
    CreateArgs { options: RESERVE, ..wanting(K2, Access::READ_ATTRIBUTES) }
}

#[test]
fn b40_options_that_contradict() {
    let mut bench = Bench::new();
    bench.create("other", CreateArgs { options: RESERVE.union(COMPLETE), ..reserving() });
    assert_eq!(bench.said(), "other: invalid_parameter");
}

#[rstest]
#[case::another_handle(reserving(), true)]
#[case::more_access(CreateArgs { access: Access::READ_DATA, ..reserving() }, false)]
#[case::attributes_and_synchronize(CreateArgs { access: Access::ATTRIBUTES, ..reserving() }, false)]
#[case::less_sharing(CreateArgs { share: Share::READ, ..reserving() }, false)]
fn b41_reserving_a_filter_is_refused(#[case] args: CreateArgs, #[case] another: bool) {
    let mut bench = Bench::new();
    if another {
        bench.open(plain(K1));
    }
    bench.create("other", args);
    assert_eq!(bench.said(), "other: oplock_not_granted");
}

#[test]
fn b42_reserving_a_filter_breaks_first() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Batch);
    bench.create("other", reserving());
    assert_eq!(bench.said(), "holder: batch -> none ack information 8; other: waits");
    bench.ack("ack", holder, AckForm::Acknowledge);
    assert_eq!(bench.said(), "ack: success; other: oplock_not_granted");
}

#[rstest]
fn b43_a_rename_leaves_data_caching_alone(#[values(Exclusive, R, Rw)] level: Level) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), level);
    let other = intruder(&mut bench);
    bench.rename("rename", other, "g");
    assert_eq!(bench.said(), "rename: success");
    assert_eq!(bench.store.held(holder), level);
}

#[rstest]
#[case(Batch, "holder: batch -> none ack information 8; rename: waits")]
#[case(Filter, "holder: filter -> none ack information 8; rename: waits")]
fn b44_a_rename_breaks_batch_and_filter(#[case] level: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    bench.hold(plain(K1), level);
    let other = intruder(&mut bench);
    bench.rename("rename", other, "g");
    assert_eq!(bench.said(), expected);
}

#[test]
fn b45_a_deletion_leaves_batch_alone() {
    let mut bench = Bench::new();
    bench.hold(plain(K1), Batch);
    let other = intruder(&mut bench);
    bench.set("delete", other, DELETE);
    assert_eq!(bench.said(), "delete: success");
}

#[rstest]
#[case(Rwh, "holder: RWH -> none; map: success")]
#[case(Batch, "map: success")]
fn b46_a_writable_section(#[case] level: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), level);
    // No key is exempt.
    bench.map("map", holder, true);
    assert_eq!(bench.said(), expected);
}

#[rstest]
#[case(R, "asked: cannot_grant_requested_oplock to none writable section")]
#[case(Ii, "asked: pending")]
fn b47_a_request_beside_a_writable_section(#[case] level: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    let open = bench.open(plain(K1));
    bench.map("map", open, true);
    bench.skip();
    bench.request("asked", open, asking(level));
    assert_eq!(bench.said(), expected);
}

#[test]
fn b48_a_sharing_violation_gives_its_modes() {
    let mut bench = Bench::new();
    bench.hold(sharing(K1, Share::NONE), Rh);
    bench.create("other", sharing(K2, Share::READ));
    assert_eq!(bench.said(), "holder: RH -> R ack modes 0x1f01ff/1; other: waits");
}

#[test]
fn b49_an_incompatible_open_deepens_the_break() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    bench.create("plain", plain(K2));
    bench.create("incompatible", sharing(K3, Share::NONE));
    assert_eq!(bench.said(), "holder: RWH -> RH ack; plain: waits; incompatible: waits");
    assert_eq!(bench.store.needed(holder), Some(R));
}

#[test]
fn b50_a_write_against_r_and_rh() {
    let mut bench = Bench::new();
    bench.hold(plain(K1), R);
    bench.hold(plain(K2), Rh);
    let writer = bench.open(plain(K3));
    bench.write("write", writer);
    assert_eq!(bench.said(), "holder: R -> none; holder: RH -> none ack; write: success");
}
