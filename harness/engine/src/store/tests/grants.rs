//! Granting: MS-FSA 2.1.5.18, 2.1.5.18.1, 2.1.5.18.2 and WDK "Requesting and Granting Oplocks".

use oplock_model::Level::{self, Batch, Exclusive, Filter, Ii, R, Rh, Rw, Rwh};
use oplock_model::{Access, CreateOptions, LeaseState, RuleId, Share, StoreRequest};
use rstest::rstest;

use super::bench::{
    Bench, K1, K2, K3, accepting, asking, disposing, plain, sharing, wanting, with_options,
};
use crate::store::{CreateArgs, OpenId};

/// What is held before the request, by the requester's key K1 or another.
#[derive(Clone, Copy, Debug)]
enum Current {
    Nothing,
    /// One open holds it under K1 and asks again.
    Own(Level),
    /// Another open holds it under K2.
    Other(Level),
    /// Another open holds R, and the requester Level II.
    TwoAndR,
    /// Another open holds Level II, and the requester R.
    TwoAndOwnR,
    /// One R under K2, one RH under K3.
    Mixed,
    /// R of the requester's key, and RH of another.
    MixedOwnR,
    /// R and RH of others, and the requester's key holds RH.
    MixedOwnRh,
    /// RH under K2 breaking to none, nothing else.
    RhBreaking,
    /// RH under K2 breaking to none, and RH under K3, which wrote.
    RhQueue,
    /// RWH under K2, breaking.
    RwhBreaking,
}

const NG: &str = "asked: oplock_not_granted";
const G: &str = "asked: pending";
/// The new level is named where `{}` stands; a Level II request names R.
const SW: &str = "holder: completed oplock_switched_to_new_handle to {}; asked: pending";
const TWO_GONE: &str = "holder: completed success information 8; asked: pending";

/// The bench and the open that asks.
fn before(current: Current) -> (Bench, OpenId) {
    let mut bench = Bench::new();
    let asker = match current {
        Current::Nothing => bench.open(plain(K1)),
        Current::Own(level) => bench.hold(plain(K1), level),
        Current::Other(level) => {
            // The holder asks first where only a sole open is served; the asker's open must not break it.
            bench.hold(plain(K2), level);
            bench.open(CreateArgs { access: Access::ATTRIBUTES, ..plain(K1) })
        }
        Current::TwoAndR => {
            bench.hold(plain(K2), R);
            bench.hold(plain(K1), Ii)
        }
        Current::TwoAndOwnR => {
            let asker = bench.hold(plain(K1), R);
            let other = bench.open(plain(K2));
            let ticket = bench.call("other");
            bench.store.request(ticket, other, asking(Ii));
            asker
        }
        Current::MixedOwnR => {
            let asker = bench.hold(plain(K1), R);
            bench.hold(plain(K2), Rh);
            asker
        }
        Current::Mixed => {
            bench.hold(plain(K2), R);
            bench.hold(plain(K3), Rh);
            bench.open(plain(K1))
        }
        Current::MixedOwnRh => {
            bench.hold(plain(K2), R);
            bench.hold(plain(K1), Rh)
        }
        Current::RhBreaking => {
            bench.hold(plain(K2), Rh);
            bench.open(disposing(K1, oplock_model::Disposition::Overwrite))
        }
        Current::RhQueue => {
            bench.hold(plain(K2), Rh);
            let writer = bench.hold(plain(K3), Rh);
            bench.write("write", writer);
            bench.skip();
            bench.open(plain(K1))
        }
        Current::RwhBreaking => {
            bench.hold(plain(K2), Rwh);
            bench.create("other", plain(K3));
            bench.open(wanting(K1, Access::ATTRIBUTES))
        }
    };
    bench.skip();
    (bench, asker)
}

/// The matrix of current state against request, row by row: L1, Batch, Filter, Level II, R, RH, RW, RWH.
#[rstest]
#[case::none(Current::Nothing, [G, G, G, G, G, G, G, G])]
#[case::two_only(Current::Own(Ii), [TWO_GONE, TWO_GONE, TWO_GONE, G, G, NG, NG, NG])]
#[case::two_of_another(Current::Other(Ii), [NG, NG, NG, G, G, NG, NG, NG])]
#[case::r_same_key(Current::Own(R), [NG, NG, NG, SW, SW, SW, SW, SW])]
#[case::r_other_key(Current::Other(R), [NG, NG, NG, G, G, G, NG, NG])]
#[case::two_and_r(Current::TwoAndR, [NG, NG, NG, G, G, NG, NG, NG])]
#[case::two_and_own_r(Current::TwoAndOwnR, [NG, NG, NG, SW, SW, NG, NG, NG])]
#[case::mixed_own_r(Current::MixedOwnR, [NG, NG, NG, NG, SW, SW, NG, NG])]
#[case::rh_same_key(Current::Own(Rh), [NG, NG, NG, NG, NG, SW, NG, SW])]
#[case::rh_other_key(Current::Other(Rh), [NG, NG, NG, NG, G, G, NG, NG])]
#[case::mixed(Current::Mixed, [NG, NG, NG, NG, G, G, NG, NG])]
#[case::mixed_own_rh(Current::MixedOwnRh, [NG, NG, NG, NG, NG, SW, NG, NG])]
#[case::rw_same_key(Current::Own(Rw), [NG, NG, NG, NG, NG, NG, SW, SW])]
#[case::rw_other_key(Current::Other(Rw), [NG, NG, NG, NG, NG, NG, NG, NG])]
#[case::rwh_same_key(Current::Own(Rwh), [NG, NG, NG, NG, NG, NG, NG, SW])]
#[case::rwh_other_key(Current::Other(Rwh), [NG, NG, NG, NG, NG, NG, NG, NG])]
#[case::level_one(Current::Own(Exclusive), [NG, NG, NG, NG, NG, NG, NG, NG])]
#[case::batch(Current::Own(Batch), [NG, NG, NG, NG, NG, NG, NG, NG])]
#[case::filter(Current::Own(Filter), [NG, NG, NG, NG, NG, NG, NG, NG])]
#[case::exclusive_breaking(Current::RwhBreaking, [NG, NG, NG, NG, NG, NG, NG, NG])]
#[case::rh_breaking(Current::RhBreaking, [NG, NG, NG, NG, NG, NG, NG, NG])]
#[case::rh_queue(Current::RhQueue, [NG, NG, NG, NG, G, G, NG, NG])]
fn state_against_request(#[case] current: Current, #[case] expected: [&str; 8]) {
    let levels = [Exclusive, Batch, Filter, Ii, R, Rh, Rw, Rwh];
    for (level, expected) in levels.into_iter().zip(expected) {
        let (mut bench, asker) = before(current);
        bench.request("asked", asker, asking(level));
        let named = if level == Ii { R } else { level };
        let said = expected.replace("{}", named.word());
        assert_eq!(bench.said(), said, "{current:?} asked {level}");
        if expected != NG {
            assert_eq!(bench.store.held(asker), level.max(bench.store.held(asker)));
        }
    }
}

/// A same-key entry of the break queue refuses R, and does not refuse RH.
#[rstest]
#[case(R, "asked: oplock_not_granted")]
#[case(Rh, "asked: pending")]
fn own_break_queue(#[case] level: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    bench.hold(plain(K1), Rh);
    let writer = bench.hold(plain(K2), Rh);
    bench.write("write", writer);
    let again = bench.open(plain(K1));
    bench.request("asked", again, asking(level));
    assert_eq!(bench.said(), expected);
}

/// D35: the case arms of the text grant what its guard refuses.
#[test]
fn rh_breaking_joined_by_choice() {
    let mut bench = Bench::reading(&[("request_while_rh_breaks", "granted")]);
    bench.hold(plain(K2), Rh);
    let asker = bench.open(disposing(K1, oplock_model::Disposition::Overwrite));
    bench.request("asked", asker, asking(Rh));
    assert_eq!(bench.said(), G);
}

/// Validation, which comes before the state: what is refused on a sole open of a file that holds nothing.
#[rstest]
#[case::level_zero(StoreRequest::Granular(LeaseState::NONE), "asked: success")]
#[case::h(StoreRequest::Granular(LeaseState::H), "asked: invalid_parameter")]
#[case::w(StoreRequest::Granular(LeaseState::W), "asked: invalid_parameter")]
#[case::hw(StoreRequest::Granular(LeaseState::HW), "asked: invalid_parameter")]
#[case::beyond(StoreRequest::Granular(LeaseState(8)), "asked: invalid_parameter")]
fn validation(#[case] request: StoreRequest, #[case] expected: &str) {
    for options in [CreateOptions::default(), CreateOptions::SYNCHRONOUS_IO_NONALERT] {
        let mut bench = Bench::new();
        let open = bench.open(with_options(K1, options));
        bench.request("asked", open, request);
        assert_eq!(bench.said(), expected);
        assert_eq!(bench.store.held(open), Level::None);
    }
}

/// A handle for synchronous I/O gets no oplock of any type.
#[rstest]
fn synchronous_handle(
    #[values(Exclusive, Batch, Filter, Ii, R, Rh, Rw, Rwh)] level: Level,
    #[values(CreateOptions::SYNCHRONOUS_IO_ALERT, CreateOptions::SYNCHRONOUS_IO_NONALERT)]
    options: CreateOptions,
) {
    let mut bench = Bench::new();
    let open = bench.open(with_options(K1, options));
    bench.request("asked", open, asking(level));
    assert_eq!(bench.said(), NG);
}

/// A directory takes R and RH alone.
#[rstest]
#[case(asking(Exclusive), "asked: invalid_parameter")]
#[case(asking(Ii), "asked: invalid_parameter")]
#[case(asking(Batch), "asked: invalid_parameter")]
#[case(asking(Filter), "asked: invalid_parameter")]
#[case(asking(Rw), "asked: invalid_parameter")]
#[case(asking(Rwh), "asked: invalid_parameter")]
#[case(StoreRequest::Granular(LeaseState::H), "asked: invalid_parameter")]
#[case(asking(R), "asked: pending")]
#[case(asking(Rh), "asked: pending")]
fn directory(#[case] request: StoreRequest, #[case] expected: &str) {
    let mut bench = Bench::new();
    let open = bench.open(CreateArgs { path: "d".to_owned(), ..plain(K1) });
    bench.request("asked", open, request);
    assert_eq!(bench.said(), expected);
}

/// Level 1, Batch and Filter want a sole open, whatever its key.
#[rstest]
fn legacy_exclusive_wants_sole_open(
    #[values(Exclusive, Batch, Filter)] level: Level,
    #[values(K1, K2, None)] other: Option<oplock_model::LeaseKey>,
) {
    let mut bench = Bench::new();
    let open = bench.open(plain(K1));
    bench.open(wanting(other, Access::READ_ATTRIBUTES));
    bench.request("asked", open, asking(level));
    assert_eq!(bench.said(), NG);
}

/// RW and RWH want every open to have the key, but for attribute-only opens that hold nothing (D2).
#[rstest]
#[case::same_key(plain(K1), G)]
#[case::other_key(plain(K2), NG)]
#[case::no_key(plain(None), NG)]
#[case::attributes(wanting(K2, Access::ATTRIBUTES), G)]
#[case::read_control(wanting(K2, Access::ATTRIBUTES.union(Access::READ_CONTROL)), NG)]
fn granular_exclusive_and_other_opens(#[case] other: CreateArgs, #[case] expected: &str) {
    for level in [Rw, Rwh] {
        let mut bench = Bench::new();
        let open = bench.open(plain(K1));
        bench.open(other.clone());
        bench.request("asked", open, asking(level));
        assert_eq!(bench.said(), expected);
    }
}

/// An attribute-only open that holds RH does stand in the way, and so does each by choice.
#[test]
fn attribute_open_in_the_way() {
    let mut bench = Bench::new();
    let open = bench.open(plain(K1));
    bench.hold(wanting(K2, Access::ATTRIBUTES), Rh);
    bench.request("asked", open, asking(Rwh));
    assert_eq!(bench.said(), NG);

    let mut bench = Bench::reading(&[("attribute_open", "counted")]);
    let open = bench.open(plain(K1));
    bench.open(wanting(K2, Access::ATTRIBUTES));
    bench.request("asked", open, asking(Rwh));
    assert_eq!(bench.said(), NG);
}

/// D1: handle caching on a file that is marked for deletion.
#[rstest]
fn handle_caching_on_deleted_file(
    #[values(Exclusive, Batch, Filter, Ii, R, Rh, Rw, Rwh)] level: Level,
) {
    for (reading, status) in
        [("oplock_not_granted", "oplock_not_granted"), ("delete_pending", "delete_pending")]
    {
        let mut bench = Bench::reading(&[("request_on_deleted", reading)]);
        let open = bench.open(plain(K1));
        let deleter = bench.open(with_options(K1, CreateOptions::DELETE_ON_CLOSE));
        bench.close("close", deleter);
        bench.skip();
        bench.request("asked", open, asking(level));
        let handle = matches!(level, Batch | Filter | Rh | Rwh);
        let expected = if handle { format!("asked: {status}") } else { G.to_owned() };
        assert_eq!(bench.said(), expected);
    }
}

/// The rule that the grant cites tells the reasons apart that share a status.
#[rstest]
#[case(Current::Own(Rh), Rw, RuleId::FsaGrantRhSameKeyRefusesRw)]
#[case(Current::Other(R), Rwh, RuleId::FsaGrantROtherKeyRefusesExclusive)]
#[case(Current::Own(Rwh), Rw, RuleId::FsaGrantExclusiveSameKeyRefusesLower)]
#[case(Current::RwhBreaking, R, RuleId::FsaGrantBreakingRefusesAll)]
#[case(Current::RhQueue, Rwh, RuleId::FsaGrantRhQueueRefusesExclusive)]
#[case(Current::Own(Batch), R, RuleId::FsaGrantLegacyExclusiveRefusesAll)]
#[case(Current::Nothing, Rwh, RuleId::FsaGrantNoneGranularExclusive)]
fn refusal_names_its_rule(#[case] current: Current, #[case] level: Level, #[case] rule: RuleId) {
    let (mut bench, asker) = before(current);
    bench.store.take_fired();
    bench.request("asked", asker, asking(level));
    assert!(bench.store.take_fired().contains(rule));
    assert!(bench.store.fired().is_empty());
}

/// Two keyless handles are strangers, one handle is always its own (MS-FSA 2.1.4.12.2).
#[test]
fn keyless_handles() {
    let mut bench = Bench::new();
    let first = bench.hold(plain(None), R);
    bench.request("asked", first, asking(Rwh));
    assert_eq!(bench.said(), SW.replace("{}", Rwh.word()));
    bench.close("close", first);
    bench.skip();
    bench.hold(plain(None), R);
    let second = bench.open(plain(None));
    bench.request("asked", second, asking(Rwh));
    assert_eq!(bench.said(), NG);
}

/// A granular acknowledgement carries the next break, under its own name.
#[test]
fn acknowledgement_becomes_the_request() {
    let mut bench = Bench::new();
    let open = bench.hold(plain(K1), Rwh);
    bench.create("other", sharing(K2, Share::ALL));
    bench.ack("ack", open, accepting(Rh));
    bench.skip();
    let other = bench.open(plain(K3));
    bench.write("write", other);
    assert_eq!(bench.said(), "ack: RH -> none ack; write: success");
}
