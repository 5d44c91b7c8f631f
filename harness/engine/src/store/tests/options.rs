//! FILE_COMPLETE_IF_OPLOCKED, FILE_OPEN_REQUIRING_OPLOCK, FILE_RESERVE_OPFILTER (DDI: NtCreateFile, FsRtlOplockFsctrl;
//! WDK "Breaking Oplocks"), and the order of the checks of a create.

use oplock_model::Level::{self, Batch, Exclusive, Filter, Ii, R, Rh, Rw, Rwh};
use oplock_model::{Access, AckForm, CreateOptions, Disposition, Share};
use rstest::rstest;

use super::bench::{
    Bench, K1, K2, accepting, asking, disposing, plain, sharing, wanting, with_options,
};
use crate::store::CreateArgs;

const COMPLETE: CreateOptions = CreateOptions::COMPLETE_IF_OPLOCKED;
const REQUIRING: CreateOptions = CreateOptions::OPEN_REQUIRING_OPLOCK;
const RESERVE: CreateOptions = CreateOptions::RESERVE_OPFILTER;

fn reserving() -> CreateArgs {
    CreateArgs { options: RESERVE, ..wanting(K2, Access::READ_ATTRIBUTES) }
}

/// FILE_COMPLETE_IF_OPLOCKED: breaks, and does not wait.
#[rstest]
#[case(Rwh, Disposition::Open, "holder: RWH -> RH ack; other: oplock_break_in_progress action 1")]
#[case(
    Exclusive,
    Disposition::Open,
    "holder: exclusive -> ii ack information 7; other: oplock_break_in_progress action 1"
)]
#[case(
    Batch,
    Disposition::Overwrite,
    "holder: batch -> none ack information 8; other: oplock_break_in_progress action 3"
)]
#[case(Ii, Disposition::Overwrite, "holder: ii -> none information 8; other: success action 3")]
#[case(Rh, Disposition::Overwrite, "holder: RH -> none ack; other: success action 3")]
#[case(Rh, Disposition::Open, "other: success action 1")]
fn complete_if_oplocked(
    #[case] held: Level,
    #[case] disposition: Disposition,
    #[case] expected: &str,
) {
    let mut bench = Bench::new();
    bench.hold(plain(K1), held);
    bench.create("other", CreateArgs { disposition, ..with_options(K2, COMPLETE) });
    assert_eq!(bench.said(), expected);
}

/// The same where sharing is violated: Batch is broken all the same, handle caching is not.
#[rstest]
#[case(Batch, "holder: batch -> ii ack information 7; other: sharing_violation information 9")]
#[case(Rwh, "other: sharing_violation")]
#[case(Rh, "other: sharing_violation")]
fn complete_if_oplocked_violating_sharing(#[case] held: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    bench.hold(sharing(K1, Share::NONE), held);
    bench.create("other", with_options(K2, COMPLETE));
    assert_eq!(bench.said(), expected);
}

/// A break that runs already is not told again; data on the new handle waits.
#[test]
fn complete_if_oplocked_during_a_break() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    bench.create("first", plain(K2));
    bench.skip();
    let create = bench.create("other", with_options(K2, COMPLETE));
    assert_eq!(bench.store.breaking(holder), Some(Rh));
    let other = bench.opened(create);
    bench.read("read", other);
    assert_eq!(bench.said(), "read: waits");
    bench.ack("ack", holder, accepting(Rh));
    assert_eq!(bench.said(), "ack: pending; first: success action 1; read: success");
}

/// FILE_OPEN_REQUIRING_OPLOCK passes R and RH alone (D40), and breaks nothing.
#[rstest]
#[case(Ii, false)]
#[case(Exclusive, false)]
#[case(Batch, false)]
#[case(Filter, false)]
#[case(R, true)]
#[case(Rh, true)]
#[case(Rw, false)]
#[case(Rwh, false)]
fn requiring_oplock(#[case] held: Level, #[case] passes: bool) {
    for access in [Access::READ_DATA, Access::ATTRIBUTES] {
        let mut bench = Bench::new();
        bench.hold(plain(K1), held);
        bench.create("other", CreateArgs { options: REQUIRING, ..wanting(K2, access) });
        let expected =
            if passes { "other: success action 1" } else { "other: cannot_break_oplock" };
        assert_eq!(bench.said(), expected);
    }
    let mut bench = Bench::new();
    bench.hold(plain(K1), held);
    bench.create("other", with_options(K1, REQUIRING));
    assert_eq!(bench.said(), "other: success action 1");
}

/// What it would break refuses it: overwriting, and handle caching in the way of sharing.
#[rstest]
#[case::overwrite_r(
    plain(K1),
    R,
    disposing(K2, Disposition::Overwrite),
    "other: cannot_break_oplock"
)]
#[case::sharing_rh(sharing(K1, Share::NONE), Rh, plain(K2), "other: cannot_break_oplock")]
#[case::sharing_rwh(sharing(K1, Share::NONE), Rwh, plain(K2), "other: cannot_break_oplock")]
#[case::sharing_batch(sharing(K1, Share::NONE), Batch, plain(K2), "other: sharing_violation")]
fn requiring_oplock_breaks_nothing(
    #[case] holder: CreateArgs,
    #[case] held: Level,
    #[case] other: CreateArgs,
    #[case] expected: &str,
) {
    let mut bench = Bench::new();
    bench.hold(holder, held);
    bench.create("other", CreateArgs { options: REQUIRING, ..other });
    assert_eq!(bench.said(), expected);
}

/// D40, the other reading: whatever is not broken lets it pass.
#[test]
fn requiring_oplock_by_choice() {
    let mut bench = Bench::reading(&[("requiring_oplock", "unbroken")]);
    bench.hold(plain(K1), Ii);
    bench.create("other", with_options(K2, REQUIRING));
    assert_eq!(bench.said(), "other: success action 1");
}

/// The stream is reserved: later opens wait until the oplock is asked for, and then meet it, or until the close.
#[test]
fn reservation() {
    let mut bench = Bench::new();
    let owner = bench.open(with_options(K1, REQUIRING));
    bench.create("own", plain(K1));
    bench.create("other", wanting(K2, Access::ATTRIBUTES));
    assert_eq!(bench.said(), "own: success action 1; other: waits");
    bench.create("data", plain(K2));
    assert_eq!(bench.said(), "data: waits");
    bench.request("asked", owner, asking(Rwh));
    assert_eq!(bench.said(), "asked: pending; other: success action 1; asked: RWH -> RH ack");

    let mut bench = Bench::new();
    let owner = bench.open(with_options(K1, REQUIRING));
    bench.create("other", plain(K2));
    bench.close("close", owner);
    assert_eq!(bench.said(), "other: waits; close: success; other: success action 1");
}

/// A request of another handle that was there before leaves the reservation too.
#[test]
fn reservation_outlives_requests_of_others() {
    let mut bench = Bench::new();
    let earlier = bench.open(plain(None));
    let owner = bench.open(with_options(K1, REQUIRING));
    bench.create("other", plain(K2));
    bench.request("earlier", earlier, asking(R));
    assert_eq!(bench.said(), "other: waits; earlier: pending");
    bench.request("owner", owner, asking(Rh));
    assert_eq!(bench.said(), "owner: pending; other: success action 1");
}

/// A refused request leaves the reservation.
#[test]
fn reservation_outlives_a_refused_request() {
    let mut bench = Bench::new();
    let owner = bench.open(with_options(K1, REQUIRING));
    bench.create("other", plain(K2));
    bench.request(
        "asked",
        owner,
        oplock_model::StoreRequest::Granular(oplock_model::LeaseState::W),
    );
    assert_eq!(bench.said(), "other: waits; asked: invalid_parameter");
}

/// FILE_RESERVE_OPFILTER: for a sole open with attribute access and full sharing.
#[rstest]
#[case::granted(reserving(), false, "other: success action 1")]
#[case::another_handle(reserving(), true, "other: oplock_not_granted")]
#[case::more_access(CreateArgs { access: Access::READ_DATA, ..reserving() }, false, "other: oplock_not_granted")]
#[case::less_sharing(CreateArgs { share: Share::READ, ..reserving() }, false, "other: oplock_not_granted")]
#[case::new_file(CreateArgs { path: "new".to_owned(), ..reserving() }, false, "other: success action 2")]
#[case::complete_if_oplocked(CreateArgs { options: RESERVE.union(COMPLETE), ..reserving() }, false, "other: invalid_parameter")]
#[case::directory(
    CreateArgs { path: "d".to_owned(), options: RESERVE.union(CreateOptions::DIRECTORY_FILE), ..reserving() },
    false, "other: invalid_parameter"
)]
fn reserve_filter(#[case] args: CreateArgs, #[case] another: bool, #[case] expected: &str) {
    let mut bench = Bench::new();
    if another {
        bench.open(plain(K1));
    }
    bench.create("other", args);
    assert_eq!(bench.said(), expected);
}

/// It breaks what is held to none, whatever the access, and is refused afterwards (D41).
#[test]
fn reserve_filter_breaks_first() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Batch);
    bench.create("other", reserving());
    assert_eq!(bench.said(), "holder: batch -> none ack information 8; other: waits");
    bench.ack("ack", holder, AckForm::Acknowledge);
    assert_eq!(bench.said(), "ack: success; other: oplock_not_granted");

    let mut bench = Bench::new();
    bench.hold(plain(K1), Rh);
    bench.create("other", reserving());
    assert_eq!(bench.said(), "holder: RH -> none ack; other: oplock_not_granted");

    let mut bench = Bench::reading(&[("reserve_filter", "refuses_first")]);
    bench.hold(plain(K1), Batch);
    bench.create("other", reserving());
    assert_eq!(bench.said(), "other: oplock_not_granted");
}

/// Reserve, ask for Filter, open for reading: what the option is for.
#[test]
fn reserve_filter_in_use() {
    let mut bench = Bench::new();
    let first = bench.open(reserving());
    bench.grant(first, Filter);
    bench.create("read", wanting(None, Access::READ_DATA));
    assert_eq!(bench.said(), "read: success action 1");
    bench.create("write", wanting(None, Access::WRITE_DATA));
    assert_eq!(bench.said(), "holder: filter -> none ack information 8; write: waits");
}

/// FILE_CREATE over an existing name (D24).
#[rstest]
#[case("collides_first", "other: object_name_collision")]
#[case("breaks_first", "holder: batch -> ii ack information 7; other: waits")]
fn create_over_batch(#[case] reading: &str, #[case] expected: &str) {
    let mut bench = Bench::reading(&[("create_collision", reading)]);
    let holder = bench.hold(plain(K1), Batch);
    bench.create("other", disposing(K2, Disposition::Create));
    assert_eq!(bench.said(), expected);
    bench.ack("ack", holder, AckForm::Acknowledge);
    if reading == "breaks_first" {
        assert_eq!(bench.said(), "ack: pending; other: object_name_collision");
    }
}

/// Batch and an incompatible open: broken first, then it depends on the holder (smb2.oplock.batch1, batch7).
#[test]
fn batch_and_sharing() {
    for closes in [false, true] {
        let mut bench = Bench::new();
        let holder = bench.hold(sharing(K1, Share::NONE), Batch);
        bench.create("other", plain(K2));
        assert_eq!(bench.said(), "holder: batch -> ii ack information 7; other: waits");
        if closes {
            bench.close("close", holder);
            assert_eq!(bench.said(), "close: success; other: success action 1");
        } else {
            bench.ack("ack", holder, AckForm::Acknowledge);
            assert_eq!(bench.said(), "ack: pending; other: sharing_violation");
        }
    }
}

/// Dispositions and their actions on a file that exists, and on one that does not.
#[rstest]
#[case(Disposition::Supersede, "c: success action 0", "c: success action 2")]
#[case(Disposition::Open, "c: success action 1", "c: object_name_not_found")]
#[case(Disposition::Create, "c: object_name_collision", "c: success action 2")]
#[case(Disposition::OpenIf, "c: success action 1", "c: success action 2")]
#[case(Disposition::Overwrite, "c: success action 3", "c: object_name_not_found")]
#[case(Disposition::OverwriteIf, "c: success action 3", "c: success action 2")]
fn actions(#[case] disposition: Disposition, #[case] existing: &str, #[case] missing: &str) {
    for (path, expected) in
        [("f", existing), ("F:S", existing), ("new", missing), ("f:new", missing)]
    {
        let mut bench = Bench::new();
        bench.create("c", CreateArgs { path: path.to_owned(), ..disposing(K1, disposition) });
        assert_eq!(bench.said(), expected, "{path}");
    }
}

/// Parameters, names and kinds.
#[rstest]
#[case::no_access("f", Access(0), CreateOptions::default(), "c: access_denied")]
#[case::no_parent("x/y", Access::FULL, CreateOptions::default(), "c: object_path_not_found")]
#[case::below_a_file("f/y", Access::FULL, CreateOptions::default(), "c: object_path_not_found")]
#[case::bad_stream("f:a:b:c", Access::FULL, CreateOptions::default(), "c: object_name_invalid")]
#[case::bad_kind("f:a:$index", Access::FULL, CreateOptions::default(), "c: object_name_invalid")]
#[case::leading_slash("/f", Access::FULL, CreateOptions::default(), "c: object_name_invalid")]
#[case::empty_part("d//f", Access::FULL, CreateOptions::default(), "c: object_name_invalid")]
#[case::base_stream("f::$DATA", Access::FULL, CreateOptions::default(), "c: success action 1")]
#[case::root("", Access::FULL, CreateOptions::default(), "c: success action 1")]
#[case::not_a_directory("f", Access::FULL, CreateOptions::DIRECTORY_FILE, "c: not_a_directory")]
#[case::a_directory("d", Access::FULL, CreateOptions::NON_DIRECTORY_FILE, "c: file_is_a_directory")]
#[case::new_directory("e", Access::FULL, CreateOptions::DIRECTORY_FILE, "c: success action 2")]
#[case::delete_without_access(
    "f",
    Access::READ_DATA,
    CreateOptions::DELETE_ON_CLOSE,
    "c: invalid_parameter"
)]
#[case::both_kinds(
    "f", Access::FULL, CreateOptions::DIRECTORY_FILE.union(CreateOptions::NON_DIRECTORY_FILE),
    "c: invalid_parameter"
)]
fn parameters(
    #[case] path: &str,
    #[case] access: Access,
    #[case] options: CreateOptions,
    #[case] expected: &str,
) {
    let mut bench = Bench::new();
    bench.create("c", CreateArgs { path: path.to_owned(), options, ..wanting(K1, access) });
    assert_eq!(bench.said(), expected);
}

/// Share access, bit by bit (MS-FSA 2.1.5.1.2.2).
#[rstest]
#[case(Access::READ_DATA, Share::ALL, Access::WRITE_DATA, Share::READ, true)]
#[case(Access::READ_DATA, Share::READ, Access::WRITE_DATA, Share::ALL, false)]
#[case(Access::READ_DATA, Share::ALL, Access::READ_DATA, Share::WRITE, false)]
#[case(Access::EXECUTE, Share::READ, Access::READ_DATA, Share::READ, true)]
#[case(Access::APPEND_DATA, Share::WRITE, Access::WRITE_DATA, Share::WRITE, true)]
#[case(Access::DELETE, Share::ALL, Access::READ_DATA, Share::READ, false)]
#[case(Access::READ_DATA, Share::READ, Access::DELETE, Share::ALL, false)]
#[case(Access::READ_ATTRIBUTES, Share::NONE, Access::FULL, Share::NONE, true)]
#[case(Access::READ_EA, Share::NONE, Access::WRITE_DAC, Share::NONE, true)]
fn share_access(
    #[case] first: Access,
    #[case] first_share: Share,
    #[case] second: Access,
    #[case] second_share: Share,
    #[case] fits: bool,
) {
    let mut bench = Bench::new();
    bench.open(CreateArgs { share: first_share, ..wanting(None, first) });
    bench.create("c", CreateArgs { share: second_share, ..wanting(None, second) });
    let expected = if fits { "c: success action 1" } else { "c: sharing_violation" };
    assert_eq!(bench.said(), expected);
}

/// Deleting the file and opening one of its streams concern each other.
#[test]
fn delete_sharing_across_streams() {
    let mut bench = Bench::new();
    bench.open(CreateArgs { path: "f:s".to_owned(), ..sharing(None, Share::READ) });
    bench.create("data", wanting(None, Access::WRITE_DATA));
    bench.create("delete", wanting(None, Access::DELETE));
    assert_eq!(bench.said(), "data: success action 1; delete: sharing_violation");
}
