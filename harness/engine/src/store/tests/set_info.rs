//! SET_INFORMATION on sizes, attributes and deletion, SET_SECURITY, queries: spec/02 sections 7, 9, 10 and 11.

use oplock_model::Level::{self, Batch, Exclusive, Filter, Ii, R, Rh, Rw, Rwh};
use oplock_model::{Access, BasicInfo, CreateOptions, Disposition, QueryInfo, SetInfo};
use rstest::rstest;

use super::bench::{Bench, K1, K2, accepting, asking, plain, wanting, with_options};
use super::calls::{DELETE, attributes, beside, opening};
use crate::store::CreateArgs;

/// End of file, allocation, valid data length by somebody else: the table of WRITE; the same size breaks all the same.
#[rstest]
#[case(Ii, "holder: ii -> none information 8; set: success")]
#[case(Exclusive, "holder: exclusive -> none ack information 8; set: waits")]
#[case(Batch, "holder: batch -> none ack information 8; set: waits")]
#[case(Filter, "holder: filter -> none ack information 8; set: waits")]
#[case(R, "holder: R -> none; set: success")]
#[case(Rh, "holder: RH -> none ack; set: success")]
#[case(Rw, "holder: RW -> none ack; set: waits")]
#[case(Rwh, "holder: RWH -> none ack; set: waits")]
fn sizes(#[case] held: Level, #[case] expected: &str) {
    for info in [
        SetInfo::EndOfFile(4),
        SetInfo::EndOfFile(8),
        SetInfo::Allocation(8),
        SetInfo::Allocation(0),
        SetInfo::ValidDataLength(8),
    ] {
        let mut bench = Bench::new();
        let (_, other) = beside(&mut bench, held);
        bench.set("set", other, info);
        assert_eq!(bench.said(), expected);
    }
}

/// The holder's own handle: only Level II breaks.
#[rstest]
#[case(Ii, "holder: ii -> none information 8; set: success")]
#[case(Exclusive, "set: success")]
#[case(Batch, "set: success")]
#[case(Filter, "set: success")]
#[case(R, "set: success")]
#[case(Rh, "set: success")]
#[case(Rw, "set: success")]
#[case(Rwh, "set: success")]
fn sizes_by_the_holder(#[case] held: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), held);
    bench.set("set", holder, SetInfo::EndOfFile(4));
    assert_eq!(bench.said(), expected);
}

/// The size is set once the break is over.
#[test]
fn size_after_the_break() {
    let mut bench = Bench::new();
    let (holder, other) = beside(&mut bench, Rwh);
    bench.set("set", other, SetInfo::EndOfFile(100));
    assert_eq!(bench.store.stream(other).expect("open").size, 8);
    bench.ack("ack", holder, accepting(Level::None));
    assert_eq!(bench.said(), "holder: RWH -> none ack; set: waits; ack: success; set: success");
    assert_eq!(bench.store.stream(other).expect("open").size, 100);
}

/// Parameters of the sizes: access before the break, the rest after it.
#[test]
fn sizes_that_fail() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), R);
    let reader = bench.open(wanting(K2, Access::READ_DATA));
    bench.set("set", reader, SetInfo::EndOfFile(4));
    assert_eq!(bench.said(), "set: access_denied");
    let writer = bench.open(wanting(K2, Access::WRITE_DATA));
    bench.set("set", writer, SetInfo::ValidDataLength(9));
    assert_eq!(bench.said(), "holder: R -> none; set: invalid_parameter");
    assert_eq!(bench.store.held(holder), Level::None);
    let directory = bench.hold(opening("d", K1), Rh);
    bench.set("set", directory, SetInfo::EndOfFile(0));
    assert_eq!(bench.said(), "set: invalid_parameter");
}

/// Disposition with DeleteFile, by somebody else (spec/02 section 9); the extended class alike.
#[rstest]
#[case(Ii, "set: success")]
#[case(Exclusive, "set: success")]
#[case(Batch, "set: success")]
#[case(Filter, "set: success")]
#[case(R, "set: success")]
#[case(Rh, "holder: RH -> R ack; set: waits")]
#[case(Rw, "set: success")]
#[case(Rwh, "holder: RWH -> RW ack; set: waits")]
fn disposition(#[case] held: Level, #[case] expected: &str) {
    for info in
        [DELETE, SetInfo::DispositionEx { flags: 0x1 }, SetInfo::DispositionEx { flags: 0x9 }]
    {
        let mut bench = Bench::new();
        let (_, other) = beside(&mut bench, held);
        bench.set("set", other, info);
        assert_eq!(bench.said(), expected);
    }
    for info in [SetInfo::Disposition { delete: false }, SetInfo::DispositionEx { flags: 0 }] {
        let mut bench = Bench::new();
        let (_, other) = beside(&mut bench, held);
        bench.set("set", other, info);
        assert_eq!(bench.said(), "set: success");
    }
}

/// SET_SECURITY by somebody else (D8).
#[rstest]
#[case(Ii, "set: success")]
#[case(Exclusive, "set: success")]
#[case(Batch, "set: success")]
#[case(Filter, "set: success")]
#[case(R, "set: success")]
#[case(Rh, "holder: RH -> R ack; set: waits")]
#[case(Rw, "set: success")]
#[case(Rwh, "holder: RWH -> RW ack; set: waits")]
fn security(#[case] held: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    let (_, other) = beside(&mut bench, held);
    bench.set("set", other, SetInfo::Security);
    assert_eq!(bench.said(), expected);

    let mut bench = Bench::reading(&[("set_security", "unchecked")]);
    let (_, other) = beside(&mut bench, held);
    bench.set("set", other, SetInfo::Security);
    assert_eq!(bench.said(), "set: success");
}

/// Basic, extended attributes, position, mode and every query leave everything alone (spec/02 section 10).
#[rstest]
fn nothing_breaks(#[values(Ii, Exclusive, Batch, Filter, R, Rh, Rw, Rwh)] held: Level) {
    let mut bench = Bench::new();
    let (holder, other) = beside(&mut bench, held);
    let ea = SetInfo::Ea { name: "a".to_owned(), value: "b".to_owned() };
    let times = BasicInfo { creation: 1, access: 2, write: 3, change: 4, attributes: 0x2 };
    for info in [SetInfo::Basic(times), ea, SetInfo::Position(4), SetInfo::Mode(0)] {
        bench.set("set", other, info);
        assert_eq!(bench.said(), "set: success");
    }
    for info in [
        QueryInfo::Basic,
        QueryInfo::Standard,
        QueryInfo::All,
        QueryInfo::Ea,
        QueryInfo::Streams,
        QueryInfo::Security,
        QueryInfo::FileSystem,
    ] {
        bench.query("query", other, info);
        assert_eq!(bench.said(), "query: success");
    }
    assert_eq!((bench.store.held(holder), bench.store.breaking(holder)), (held, None));
}

/// What each needs of the open's access.
#[rstest]
#[case(SetInfo::EndOfFile(0), Access::WRITE_DATA)]
#[case(SetInfo::Allocation(0), Access::WRITE_DATA)]
#[case(SetInfo::ValidDataLength(0), Access::WRITE_DATA)]
#[case(attributes(0x2), Access::WRITE_ATTRIBUTES)]
#[case(DELETE, Access::DELETE)]
#[case(SetInfo::Disposition { delete: false }, Access::DELETE)]
#[case(SetInfo::DispositionEx { flags: 0x9 }, Access::DELETE)]
#[case(SetInfo::Rename { to: "g".to_owned(), replace: false }, Access::DELETE)]
#[case(SetInfo::RenameEx { to: "g".to_owned(), flags: 1 }, Access::DELETE)]
#[case(SetInfo::ShortName("g~1".to_owned()), Access::DELETE)]
#[case(SetInfo::Ea { name: "a".to_owned(), value: String::new() }, Access::WRITE_EA)]
#[case(SetInfo::Security, Access::WRITE_DAC)]
fn access(#[case] info: SetInfo, #[case] needed: Access) {
    for (access, expected) in
        [(needed, "set: success"), (Access(Access::FULL.0 & !needed.0), "set: access_denied")]
    {
        let mut bench = Bench::new();
        let open = bench.open(wanting(K1, access));
        bench.set("set", open, info.clone());
        assert_eq!(bench.said(), expected);
    }
}

/// smb2.lease.unlink: a disposition on one's own RH handle takes the RH of the other.
#[test]
fn unlink() {
    let mut bench = Bench::new();
    let first = bench.hold(plain(K1), Rh);
    let second = bench.hold(plain(K2), Rh);
    bench.set("set", second, DELETE);
    assert_eq!(bench.said(), "holder: RH -> R ack; set: waits");
    assert_eq!(bench.store.breaking(second), None);
    bench.ack("ack", first, accepting(R));
    assert_eq!(bench.said(), "ack: pending; set: success");
    bench.create("late", plain(K1));
    assert_eq!(bench.said(), "late: delete_pending");
}

/// What stands against a deletion is found after the break: read-only, not empty, the root.
#[test]
fn deletion_refused() {
    let mut bench = Bench::new();
    let (_, other) = beside(&mut bench, R);
    bench.set("read-only", other, attributes(0x1));
    bench.set("set", other, DELETE);
    assert_eq!(bench.said(), "read-only: success; set: cannot_delete");
    bench.file("d/g", 0);
    let directory = bench.open(opening("d", K1));
    let root = bench.open(opening("", K1));
    bench.set("set", directory, DELETE);
    bench.set("root", root, DELETE);
    assert_eq!(bench.said(), "set: directory_not_empty; root: cannot_delete");
}

/// A deletion can be taken back; FILE_DISPOSITION_ON_CLOSE moves it to the close.
#[test]
fn undelete_and_on_close() {
    let mut bench = Bench::new();
    let open = bench.open(plain(K1));
    bench.set("delete", open, DELETE);
    bench.create("between", plain(K2));
    bench.set("undelete", open, SetInfo::Disposition { delete: false });
    bench.create("after", plain(K2));
    assert_eq!(
        bench.said(),
        "delete: success; between: delete_pending; undelete: success; after: success action 1"
    );
    bench.set("on close", open, SetInfo::DispositionEx { flags: 0x9 });
    bench.create("before", plain(K2));
    bench.close("close", open);
    bench.create("late", plain(K2));
    assert_eq!(
        bench.said(),
        "on close: success; before: success action 1; close: success; late: delete_pending"
    );

    let mut bench = Bench::new();
    let open = bench.open(with_options(K1, CreateOptions::DELETE_ON_CLOSE));
    bench.set("not on close", open, SetInfo::DispositionEx { flags: 0x8 });
    bench.close("close", open);
    bench.create("there", plain(K2));
    assert_eq!(bench.said(), "not on close: success; close: success; there: success action 1");
}

/// A request with handle caching on a file marked for deletion (spec/01 section 5 row 7).
#[rstest]
#[case(Batch)]
#[case(Rh)]
fn request_on_deleted(#[case] level: Level) {
    let mut bench = Bench::new();
    let open = bench.open(plain(K1));
    bench.set("delete", open, DELETE);
    bench.request("request", open, asking(level));
    assert_eq!(bench.said(), "delete: success; request: oplock_not_granted");
}

/// The file goes with its last handle, and its name is free.
#[test]
fn the_file_goes_with_its_last_handle() {
    let mut bench = Bench::new();
    let first = bench.open(plain(K1));
    let second = bench.open(plain(K2));
    bench.set("delete", first, DELETE);
    bench.close("first", first);
    let there = CreateArgs { disposition: Disposition::Open, ..plain(K1) };
    bench.create("there", there.clone());
    bench.close("second", second);
    bench.create("gone", there);
    assert_eq!(
        bench.said(),
        "delete: success; first: success; there: delete_pending; second: success; \
         gone: object_name_not_found"
    );
}

/// A read-only file refuses opens that write, after Batch is broken, before anything else is (spec/04 section 5, f).
#[rstest]
#[case(Rwh, "other: access_denied")]
#[case(Exclusive, "other: access_denied")]
#[case(Batch, "holder: batch -> ii ack information 7; other: waits")]
fn read_only(#[case] held: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), held);
    bench.set("set", holder, attributes(0x1));
    assert_eq!(bench.said(), "set: success");
    bench.create("other", wanting(K2, Access::WRITE_DATA));
    assert_eq!(bench.said(), expected);
    if held == Batch {
        bench.ack("ack", holder, oplock_model::AckForm::Acknowledge);
        assert_eq!(bench.said(), "ack: pending; other: access_denied");
    }
}
