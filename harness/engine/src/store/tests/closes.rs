//! Closing: MS-FSA 2.1.4.12 CLOSE, WDK "Checking the Oplock State of an IRP_MJ_CLEANUP Operation", delete on close.

use oplock_model::Level::{self, Batch, Exclusive, Filter, Ii, R, Rh, Rw, Rwh};
use oplock_model::{Access, CreateOptions, Disposition, LeaseKey, Share};
use rstest::rstest;

use super::bench::{Bench, K1, K2, K3, accepting, plain, sharing, wanting, with_options};
use crate::store::CreateArgs;

/// How the closing handle's own request completes, unbroken.
#[rstest]
#[case(Ii, "holder: completed success information 8; close: success")]
#[case(Exclusive, "holder: completed success information 8; close: success")]
#[case(Batch, "holder: completed success information 8; close: success")]
#[case(Filter, "holder: completed success information 8; close: success")]
#[case(R, "holder: completed oplock_handle_closed; close: success")]
#[case(Rh, "holder: completed oplock_handle_closed; close: success")]
#[case(Rw, "holder: completed oplock_handle_closed; close: success")]
#[case(Rwh, "holder: completed oplock_handle_closed; close: success")]
fn unbroken(#[case] held: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    let open = bench.hold(plain(K1), held);
    bench.close("close", open);
    assert_eq!(bench.said(), expected);
    assert_eq!(bench.store.stream_of(open), None);
}

/// Each Level II request of the handle completes; those of others stay.
#[test]
fn several_level_two() {
    let mut bench = Bench::new();
    let open = bench.hold(plain(K1), Ii);
    let other = bench.hold(plain(K2), Ii);
    bench.grant(open, Ii);
    bench.close("close", open);
    assert_eq!(
        bench.said(),
        "holder: completed success information 8; holder: completed success information 8; close: success"
    );
    assert_eq!(bench.store.held(other), Ii);
}

/// A breaking exclusive holder closes: its request completed by the break, and who waits goes on.
#[rstest]
fn breaking_exclusive(#[values(Exclusive, Batch, Filter, Rw, Rwh)] held: Level) {
    let mut bench = Bench::new();
    let open = bench.hold(plain(K1), held);
    bench.create("other", plain(K2));
    bench.skip();
    bench.close("close", open);
    assert_eq!(bench.said(), "close: success; other: success action 1");
}

/// Entries of the RH break queue close; only the last one lets the waiter go on (smb2.lease.two-leases).
#[test]
fn breaking_rh() {
    let mut bench = Bench::new();
    let reads = |key| CreateArgs { access: Access::READ_DATA, ..sharing(key, Share::READ) };
    let first = bench.hold(reads(K1), Rh);
    let second = bench.hold(reads(K2), Rh);
    bench.create("other", sharing(K3, Share::NONE));
    assert_eq!(
        bench.said(),
        "holder: RH -> R ack modes 0x1f01ff/0; holder: RH -> R ack modes 0x1f01ff/0; other: waits"
    );
    bench.close("close", first);
    assert_eq!(bench.said(), "close: success");
    bench.close("close", second);
    assert_eq!(bench.said(), "close: success; other: success action 1");
}

/// Closing a handle that holds nothing changes nobody's oplock.
#[test]
fn handle_without_oplock() {
    let mut bench = Bench::new();
    let open = bench.hold(plain(K1), Rwh);
    let other = bench.open(plain(K1));
    bench.close("close", other);
    assert_eq!(bench.said(), "close: success");
    assert_eq!(bench.store.held(open), Rwh);
    bench.close("close", other);
    assert_eq!(bench.said(), "close: file_closed");
}

/// A call that waits through a handle ends when the handle closes.
#[test]
fn waiting_read_ends_with_its_handle() {
    let mut bench = Bench::new();
    let open = bench.hold(plain(K1), Rwh);
    let reader = bench.open(with_options(K2, CreateOptions::COMPLETE_IF_OPLOCKED));
    bench.read("read", reader);
    bench.close("close", reader);
    assert_eq!(bench.said(), "read: waits; close: success; read: cancelled");
    assert_eq!(bench.store.breaking(open), Some(Rh));
}

/// Delete on close takes handle caching of others when the handle goes away, and waits for it
/// (smb2.lease.initial_delete_tdis and its kin).
#[test]
fn delete_on_close_takes_handle_caching() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rh);
    let deleter = bench.open(with_options(K2, CreateOptions::DELETE_ON_CLOSE));
    bench.close("close", deleter);
    assert_eq!(bench.said(), "holder: RH -> R ack; close: waits");
    bench.close("again", deleter);
    assert_eq!(bench.said(), "again: file_closed");
    bench.ack("ack", holder, accepting(R));
    assert_eq!(bench.said(), "ack: pending; close: success");
    bench.create("late", plain(K2));
    assert_eq!(bench.said(), "late: delete_pending");
    bench.close("close", holder);
    bench.create("late", plain(K2));
    assert_eq!(
        bench.said(),
        "ack: completed oplock_handle_closed; close: success; late: success action 2"
    );
}

/// What does not cache handles is not asked.
#[rstest]
fn delete_on_close_and_other_levels(#[values(Ii, R)] held: Level) {
    let mut bench = Bench::new();
    bench.hold(plain(K1), held);
    let deleter = bench.open(with_options(K2, CreateOptions::DELETE_ON_CLOSE));
    bench.close("close", deleter);
    assert_eq!(bench.said(), "close: success");
}

/// A file marked for deletion refuses opens before any oplock is looked at (smb2.oplock.doc).
#[test]
fn delete_pending_breaks_nothing() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Batch);
    let deleter = bench.open(with_options(K1, CreateOptions::DELETE_ON_CLOSE));
    bench.close("close", deleter);
    bench.create("other", wanting(K2, Access::READ_DATA));
    assert_eq!(bench.said(), "close: success; other: delete_pending");
    assert_eq!(bench.store.held(holder), Batch);
}

/// Deleting through a named stream deletes that stream alone.
#[test]
fn delete_named_stream() {
    let mut bench = Bench::new();
    let path = "f:s".to_owned();
    let deleter = bench.open(CreateArgs {
        path: path.clone(),
        ..with_options(K1, CreateOptions::DELETE_ON_CLOSE)
    });
    bench.close("close", deleter);
    let open = Disposition::Open;
    bench.create("stream", CreateArgs { path, disposition: open, ..plain(K2) });
    bench.create("file", CreateArgs { disposition: open, ..plain(K2) });
    assert_eq!(
        bench.said(),
        "close: success; stream: object_name_not_found; file: success action 1"
    );
}

/// A directory with a child is not deleted.
#[test]
fn delete_directory() {
    let mut bench = Bench::new();
    let in_d = |path: &str, options| CreateArgs {
        path: path.to_owned(),
        disposition: Disposition::OpenIf,
        ..with_options(K1, options)
    };
    let child = bench.open(in_d("d/g", CreateOptions::DELETE_ON_CLOSE));
    let directory = bench.open(in_d("d", CreateOptions::DELETE_ON_CLOSE));
    bench.close("directory", directory);
    bench.close("child", child);
    let directory = bench.open(in_d("d", CreateOptions::DELETE_ON_CLOSE));
    bench.close("directory", directory);
    bench.create(
        "again",
        CreateArgs { disposition: Disposition::Open, ..in_d("d", CreateOptions::default()) },
    );
    assert_eq!(bench.said(), "directory: success; again: object_name_not_found");
}

/// Writing and deleting tell the parent directory at the close, but for who acts under the holder's key.
#[rstest]
#[case(K1, false, "close: success")]
#[case(K2, false, "holder: RH -> none ack; close: success")]
#[case(K1, true, "close: success")]
#[case(K2, true, "holder: RH -> none ack; close: success")]
fn parent_at_close(
    #[case] parent_key: Option<LeaseKey>,
    #[case] deletes: bool,
    #[case] expected: &str,
) {
    let mut bench = Bench::new();
    let options = if deletes { CreateOptions::DELETE_ON_CLOSE } else { CreateOptions::default() };
    let child =
        bench.open(CreateArgs { path: "d/g".to_owned(), parent_key, ..with_options(K3, options) });
    bench.hold(CreateArgs { path: "d".to_owned(), ..plain(K1) }, Rh);
    if !deletes {
        bench.write("write", child);
        assert_eq!(bench.said(), "write: success");
    }
    bench.close("close", child);
    assert_eq!(bench.said(), expected);
}
