//! What is checked before the state of the stream is (spec/01 section 5), row by row and one before the other; and how a
//! raw control is read (spec/01 section 1).

use oplock_model::Level::{self, Batch, Exclusive, Filter, Ii, R, Rh, Rw, Rwh};
use oplock_model::{
    Access, AckForm, CreateOptions, LeaseState, RawOplockControl, RuleId, StoreRequest,
};
use rstest::rstest;

use super::bench::{Bench, K1, K2, asking, plain, wanting, with_options};
use super::calls::{DELETE, opening};
use crate::store::{CreateArgs, OpenId};

const SYNCHRONOUS: CreateOptions = CreateOptions::SYNCHRONOUS_IO_NONALERT;

/// A control with buffers of the right size.
fn raw(code: u32, level: LeaseState, flags: u32) -> StoreRequest {
    let (input_length, output_length) = (12, 24);
    StoreRequest::Raw(RawOplockControl { code, input_length, output_length, level, flags })
}

fn oplock(level: LeaseState, flags: u32) -> StoreRequest {
    raw(0x0009_0240, level, flags)
}

/// Each row with what it says and the rule it says it by.
#[rstest]
#[case::unknown_code(
    plain(K1),
    raw(0x0009_0018, LeaseState::R, 1),
    "asked: invalid_parameter",
    RuleId::FsaRequestUnknownControl
)]
#[case::short_input(
    plain(K1),
    StoreRequest::Raw(RawOplockControl {
        code: 0x0009_0240, input_length: 8, output_length: 24, level: LeaseState::R, flags: 1,
    }),
    "asked: buffer_too_small",
    RuleId::FsaRequestBufferTooSmall
)]
#[case::directory_legacy(
    opening("d", K1),
    StoreRequest::LevelTwo,
    "asked: invalid_parameter",
    RuleId::FsaRequestDirectoryLevel
)]
#[case::directory_zero(
    opening("d", K1),
    asking(Level::None),
    "asked: invalid_parameter",
    RuleId::FsaRequestDirectoryLevel
)]
#[case::no_action(
    plain(K1),
    oplock(LeaseState::R, 0),
    "asked: invalid_parameter",
    RuleId::FsaRequestActionFlags
)]
#[case::both_actions(
    plain(K1),
    oplock(LeaseState::R, 3),
    "asked: invalid_parameter",
    RuleId::FsaRequestActionFlags
)]
#[case::zero(plain(K1), asking(Level::None), "asked: success", RuleId::FsaRequestLevelZero)]
#[case::illegal(
    plain(K1),
    StoreRequest::Granular(LeaseState::HW),
    "asked: invalid_parameter",
    RuleId::FsaRequestIllegalLevel
)]
#[case::undefined_bit(
    plain(K1),
    StoreRequest::Granular(LeaseState(0x9)),
    "asked: invalid_parameter",
    RuleId::FsaRequestIllegalLevel
)]
#[case::synchronous(
    with_options(K1, SYNCHRONOUS),
    asking(R),
    "asked: oplock_not_granted",
    RuleId::FsaRequestSynchronousHandle
)]
fn a_row(
    #[case] args: CreateArgs,
    #[case] request: StoreRequest,
    #[case] expected: &str,
    #[case] rule: RuleId,
) {
    let mut bench = Bench::new();
    let open = bench.open(args);
    bench.store.take_fired();
    bench.request("asked", open, request);
    assert_eq!(bench.said(), expected);
    assert!(bench.store.fired().contains(rule));
}

/// What is wrong with the buffers is said before what is wrong in them, and that before what stands in the way.
#[rstest]
#[case::buffers_before_directory(
    opening("d", K1),
    StoreRequest::Raw(RawOplockControl {
        code: 0x0009_0240, input_length: 0, output_length: 0, level: LeaseState::RW, flags: 1,
    }),
    "asked: buffer_too_small"
)]
#[case::zero_before_synchronous(
    with_options(K1, SYNCHRONOUS),
    asking(Level::None),
    "asked: success"
)]
#[case::illegal_before_synchronous(
    with_options(K1, SYNCHRONOUS),
    StoreRequest::Granular(LeaseState::W),
    "asked: invalid_parameter"
)]
#[case::flags_before_level(plain(K1), oplock(LeaseState::NONE, 0), "asked: invalid_parameter")]
fn one_before_the_other(
    #[case] args: CreateArgs,
    #[case] request: StoreRequest,
    #[case] expected: &str,
) {
    let mut bench = Bench::new();
    let open = bench.open(args);
    bench.request("asked", open, request);
    assert_eq!(bench.said(), expected);
}

/// D1: what has handle caching, and Filter, is refused on a deleted file; the other reading says so by another status.
#[rstest]
#[case(Exclusive, false)]
#[case(Ii, false)]
#[case(Batch, true)]
#[case(Filter, true)]
#[case(R, false)]
#[case(Rh, true)]
#[case(Rw, false)]
#[case(Rwh, true)]
fn on_a_deleted_file(#[case] level: Level, #[case] refused: bool) {
    for (reading, status) in
        [("oplock_not_granted", "oplock_not_granted"), ("delete_pending", "delete_pending")]
    {
        let mut bench = Bench::reading(&[("request_on_deleted", reading)]);
        let open = bench.open(plain(K1));
        bench.set("delete", open, DELETE);
        bench.skip();
        bench.request("asked", open, asking(level));
        let expected = if refused { status } else { "pending" };
        assert_eq!(bench.said(), format!("asked: {expected}"), "{level}");
    }
}

/// D2: whose opens are counted against RW and RWH.
#[rstest]
#[case::none(None, "pending")]
#[case::attributes(Some(wanting(K2, Access::ATTRIBUTES)), "pending")]
#[case::synchronize(Some(wanting(None, Access::SYNCHRONIZE)), "pending")]
#[case::read_control(
    Some(wanting(K2, Access::ATTRIBUTES.union(Access::READ_CONTROL))),
    "oplock_not_granted"
)]
#[case::data(Some(wanting(K2, Access::READ_DATA)), "oplock_not_granted")]
#[case::keyless(Some(wanting(None, Access::READ_DATA)), "oplock_not_granted")]
#[case::same_key(Some(plain(K1)), "pending")]
fn other_opens(#[case] other: Option<CreateArgs>, #[case] expected: &str) {
    for level in [Rw, Rwh] {
        let mut bench = Bench::new();
        if let Some(other) = other.clone() {
            bench.open(other);
        }
        let open = bench.open(plain(K1));
        bench.request("asked", open, asking(level));
        assert_eq!(bench.said(), format!("asked: {expected}"), "{level}");
    }
    // Level 1, Batch and Filter count every open.
    for level in [Exclusive, Batch, Filter] {
        let mut bench = Bench::new();
        let refused = other.clone().map(|other| bench.open(other)).is_some();
        let open = bench.open(plain(K1));
        bench.request("asked", open, asking(level));
        let expected = if refused { "oplock_not_granted" } else { "pending" };
        assert_eq!(bench.said(), format!("asked: {expected}"), "{level}");
    }
}

/// D2: an attribute-only open that holds RH stands in the way, and by the other reading every attribute-only open does.
#[test]
fn attribute_opens_that_count() {
    let mut bench = Bench::new();
    bench.hold(wanting(K2, Access::ATTRIBUTES), Rh);
    let open = bench.open(plain(K1));
    bench.request("asked", open, asking(Rwh));
    assert_eq!(bench.said(), "asked: oplock_not_granted");

    let mut bench = Bench::reading(&[("attribute_open", "counted")]);
    bench.open(wanting(K2, Access::ATTRIBUTES));
    let open = bench.open(plain(K1));
    bench.request("asked", open, asking(Rwh));
    assert_eq!(bench.said(), "asked: oplock_not_granted");
}

/// Locks, then sections, then the state: the section alone has a status of its own (D3).
#[rstest]
#[case::section(false, false, R, "cannot_grant_requested_oplock to none writable section")]
#[case::section_exclusive(
    false,
    false,
    Rwh,
    "cannot_grant_requested_oplock to none writable section"
)]
#[case::legacy_does_not_mind(false, false, Ii, "pending")]
#[case::lock_first(true, false, R, "oplock_not_granted")]
#[case::synchronous_first(false, true, R, "oplock_not_granted")]
#[case::exclusive_minds_no_lock(
    true,
    false,
    Rwh,
    "cannot_grant_requested_oplock to none writable section"
)]
fn beside_a_writable_section(
    #[case] locked: bool,
    #[case] synchronous: bool,
    #[case] level: Level,
    #[case] expected: &str,
) {
    let mut bench = Bench::new();
    let options = if synchronous { SYNCHRONOUS } else { CreateOptions::default() };
    let open = bench.open(with_options(K1, options));
    bench.map("map", open, true);
    if locked {
        bench.lock("lock", open, 0, 1);
    }
    bench.skip();
    bench.request("asked", open, asking(level));
    assert_eq!(bench.said(), format!("asked: {expected}"));
    bench.unmap("unmap", open);
    if locked {
        bench.unlock("unlock", open, 0, 1);
    }
    bench.skip();
    if !synchronous && level != Ii {
        bench.request("again", open, asking(level));
        assert_eq!(bench.said(), "again: pending");
    }
}

/// The section refuses before the state does: another holder would refuse with the other status.
#[test]
fn a_section_before_the_state() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Batch);
    bench.map("map", holder, true);
    bench.skip();
    bench.request("asked", holder, asking(R));
    assert_eq!(bench.said(), "asked: cannot_grant_requested_oplock to none writable section");
}

/// Where two refuse with one status, both are named.
#[rstest]
#[case::opens_and_state(
    Batch,
    Exclusive,
    &[RuleId::FsaRequestLegacyExclusiveOtherOpen, RuleId::FsaGrantLegacyExclusiveRefusesAll]
)]
#[case::keys_and_state(
    Rwh,
    Rw,
    &[RuleId::FsaRequestGranularExclusiveOtherKey, RuleId::FsaGrantExclusiveRefusesOthers]
)]
fn two_reasons(#[case] held: Level, #[case] asked: Level, #[case] rules: &[RuleId]) {
    let mut bench = Bench::new();
    bench.hold(wanting(K1, Access::ATTRIBUTES), held);
    let other = bench.open(wanting(K2, Access::ATTRIBUTES));
    bench.store.take_fired();
    bench.request("asked", other, asking(asked));
    assert_eq!(bench.said(), "asked: oplock_not_granted");
    for rule in rules {
        assert!(bench.store.fired().contains(*rule), "{rule}");
    }
}

/// A file, or only its handle, that is not there.
#[test]
fn no_such_open() {
    let mut bench = Bench::new();
    for request in [StoreRequest::LevelOne, raw(1, LeaseState::R, 1), oplock(LeaseState::R, 2)] {
        bench.request("asked", OpenId(7), request);
        assert_eq!(bench.said(), "asked: file_closed");
    }
}

/// The codes of the oplock package, by what they do on the sole handle of a file.
#[rstest]
#[case(0x0009_0000, Exclusive)]
#[case(0x0009_0004, Ii)]
#[case(0x0009_0008, Batch)]
#[case(0x0009_005C, Filter)]
fn raw_legacy_requests(#[case] code: u32, #[case] level: Level) {
    let mut bench = Bench::new();
    let open = bench.open(plain(K1));
    bench.request("asked", open, raw(code, LeaseState::NONE, 0));
    assert_eq!(bench.said(), "asked: pending");
    assert_eq!(bench.store.held(open), level);
}

/// Raw acknowledgements of Batch told Level II, and their effect.
#[rstest]
#[case(0x0009_000C, AckForm::Acknowledge, "ack: pending; waiter: success action 1", Ii)]
#[case(0x0009_0050, AckForm::NoLevelTwo, "ack: success; waiter: success action 1", Level::None)]
#[case(0x0009_0010, AckForm::ClosePending, "ack: success", Batch)]
fn raw_legacy_acknowledgements(
    #[case] code: u32,
    #[case] form: AckForm,
    #[case] expected: &str,
    #[case] held: Level,
) {
    for is_raw in [true, false] {
        let mut bench = Bench::new();
        let holder = bench.hold(plain(K1), Batch);
        bench.create("waiter", plain(K2));
        bench.skip();
        if is_raw {
            bench.request("ack", holder, raw(code, LeaseState::NONE, 0));
        } else {
            bench.ack("ack", holder, form);
        }
        assert_eq!(bench.said(), expected);
        assert_eq!(bench.store.held(holder), held);
    }
}

/// FSCTL_REQUEST_OPLOCK with the ACK flag is an acknowledgement, on a directory with level 0 too.
#[test]
fn raw_granular_acknowledgements() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    bench.create("waiter", plain(K2));
    bench.skip();
    bench.request("ack", holder, oplock(LeaseState::RH, 2));
    assert_eq!(bench.said(), "ack: pending; waiter: success action 1");

    let mut bench = Bench::new();
    let holder = bench.hold(opening("d", K1), Rh);
    bench.create("child", CreateArgs { parent_key: K2, ..opening("d/new", None) });
    assert_eq!(bench.said(), "holder: RH -> none ack; child: success action 2");
    bench.request("ack", holder, oplock(LeaseState::NONE, 2));
    assert_eq!(bench.said(), "ack: success");

    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    bench.create("waiter", plain(K2));
    bench.skip();
    bench.request("ack", holder, oplock(LeaseState::RH, 6));
    assert_eq!(bench.said(), "ack: success");
    bench.request("stray", holder, oplock(LeaseState::RH, 2));
    assert_eq!(bench.said(), "stray: invalid_oplock_protocol");
}

/// FSCTL_OPLOCK_BREAK_NOTIFY through the same door.
#[test]
fn raw_break_notify() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    bench.request("idle", holder, raw(0x0009_0014, LeaseState::NONE, 0));
    assert_eq!(bench.said(), "idle: success");
    bench.create("waiter", plain(K2));
    bench.skip();
    bench.request("notify", holder, raw(0x0009_0014, LeaseState::NONE, 0));
    assert_eq!(bench.said(), "notify: waits");
}
