//! New names of files, streams and directories: spec/02 section 8, spec/08 A8 and B43, B44.

use oplock_model::Level::{self, Batch, Exclusive, Filter, Ii, R, Rh, Rw, Rwh};
use oplock_model::{Access, AckForm, CreateOptions, Disposition, SetInfo, Share};
use rstest::rstest;

use super::bench::{Bench, K1, K2, K3, accepting, plain, sharing};
use super::calls::{DELETE, attributes, beside, beside_on, opening};
use crate::store::{CreateArgs, OpenId};

fn there(path: &str) -> CreateArgs {
    CreateArgs { disposition: Disposition::Open, ..opening(path, None) }
}

/// A rename, and a short name, by somebody else (B43, B44).
#[rstest]
#[case(Ii, "set: success")]
#[case(Exclusive, "set: success")]
#[case(Batch, "holder: batch -> none ack information 8; set: waits")]
#[case(Filter, "holder: filter -> none ack information 8; set: waits")]
#[case(R, "set: success")]
#[case(Rh, "holder: RH -> R ack; set: waits")]
#[case(Rw, "set: success")]
#[case(Rwh, "holder: RWH -> RW ack; set: waits")]
fn new_name(#[case] held: Level, #[case] expected: &str) {
    for info in [
        SetInfo::Rename { to: "g".to_owned(), replace: false },
        // The unchanged name takes handle caching all the same.
        SetInfo::Rename { to: "F".to_owned(), replace: false },
        SetInfo::Rename { to: "d/f".to_owned(), replace: true },
        SetInfo::RenameEx { to: "g".to_owned(), flags: 0 },
        SetInfo::ShortName("f~1.x".to_owned()),
        SetInfo::ShortName(String::new()),
    ] {
        let mut bench = Bench::new();
        let (_, other) = beside(&mut bench, held);
        bench.set("set", other, info);
        assert_eq!(bench.said(), expected);
    }
}

/// The holder's own handle or key breaks nothing.
#[rstest]
fn new_name_by_the_holder(#[values(Ii, Exclusive, Batch, Filter, R, Rh, Rw, Rwh)] held: Level) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), held);
    let own = bench.open(plain(K1));
    bench.rename("first", holder, "d/g");
    bench.rename("second", own, "h");
    bench.set("short", own, SetInfo::ShortName("h~1".to_owned()));
    assert_eq!(bench.said(), "first: success; second: success; short: success");
    assert_eq!(bench.store.held(holder), held);
}

/// The name is another one afterwards, and the oplock goes with the file.
#[test]
fn the_name_moves() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    bench.rename("rename", holder, "d/g");
    bench.create("old", there("f"));
    bench.create("stream", CreateArgs { access: Access::ATTRIBUTES, ..there("d/G:s") });
    bench.create("new", CreateArgs { key: K2, ..there("d/g") });
    assert_eq!(
        bench.said(),
        "rename: success; old: object_name_not_found; stream: success action 1; \
         holder: RWH -> RH ack; new: waits"
    );
}

/// smb2.lease.v2_rename: K1 renames, K2 opens, K1 renames back.
#[test]
fn v2_rename() {
    let mut bench = Bench::new();
    let first = bench.hold(plain(K1), Rwh);
    bench.rename("rename", first, "g");
    let open = bench.create("open", opening("g", K2));
    assert_eq!(bench.said(), "rename: success; holder: RWH -> RH ack; open: waits");
    bench.ack("ack", first, accepting(Rh));
    let second = bench.opened(open);
    bench.grant(second, Rh);
    bench.rename("back", first, "f");
    assert_eq!(bench.said(), "holder: RH -> R ack; back: waits");
    bench.ack("ack", second, accepting(R));
    assert_eq!(bench.said(), "ack: pending; back: success");
    assert_eq!((bench.store.held(first), bench.store.held(second)), (Rh, R));
}

/// smb2.lease.rename_wait: the rename waits for the acknowledgement and succeeds with the other handle still open.
#[test]
fn rename_wait() {
    let mut bench = Bench::new();
    let first = bench.hold(plain(K1), Rh);
    let second = bench.hold(plain(K2), Rh);
    bench.rename("rename", first, "g");
    assert_eq!(bench.said(), "holder: RH -> R ack; rename: waits");
    bench.ack("ack", second, accepting(R));
    assert_eq!(bench.said(), "ack: pending; rename: success");
    assert_eq!(bench.store.held(first), Rh);
}

/// What has the new name already, before any break: no leave to replace, directory, read-only, marked for deletion.
#[rstest]
#[case::no_leave("t", false, "rename: object_name_collision")]
#[case::directory("d", true, "rename: access_denied")]
#[case::read_only("t", true, "rename: access_denied")]
#[case::deleted("t", true, "rename: delete_pending")]
fn target_that_stays(#[case] target: &str, #[case] replace: bool, #[case] expected: &str) {
    let mut bench = Bench::new();
    bench.file("t", 8);
    let open = bench.open(plain(K2));
    let holder = bench.hold(opening(target, K1), Rh);
    if expected.ends_with("denied") && target == "t" {
        bench.set("set", holder, attributes(0x1));
    } else if expected.ends_with("pending") {
        bench.set("set", holder, DELETE);
    }
    bench.skip();
    bench.set("rename", open, SetInfo::Rename { to: target.to_owned(), replace });
    assert_eq!(bench.said(), expected);
    assert_eq!((bench.store.held(holder), bench.store.breaking(holder)), (Rh, None));
}

/// smb2.lease.v2_rename_target_overwrite, for every level: rename rules on the target, then it must not be open (D14).
#[rstest]
#[case(Ii, "rename: access_denied")]
#[case(Exclusive, "rename: access_denied")]
#[case(Batch, "holder: batch -> none ack information 8; rename: waits")]
#[case(Filter, "holder: filter -> none ack information 8; rename: waits")]
#[case(R, "rename: access_denied")]
#[case(Rh, "holder: RH -> R ack; rename: waits")]
#[case(Rw, "rename: access_denied")]
#[case(Rwh, "holder: RWH -> RW ack; rename: waits")]
fn target_that_is_open(#[case] held: Level, #[case] expected: &str) {
    for closes in [false, true] {
        let mut bench = Bench::new();
        bench.file("t", 8);
        let open = bench.open(plain(K2));
        let target = bench.hold(opening("t", K1), held);
        bench.replace("rename", open, "t");
        assert_eq!(bench.said(), expected);
        if !expected.ends_with("waits") {
            continue;
        }
        if closes {
            bench.close("close", target);
            assert_eq!(bench.said(), "close: success; rename: success");
        } else {
            let told = bench.store.breaking(target).expect("a break");
            let form = if held.is_granular() { accepting(told) } else { AckForm::Acknowledge };
            bench.ack("ack", target, form);
            let acked = if held.is_granular() { "pending" } else { "success" };
            assert_eq!(bench.said(), format!("ack: {acked}; rename: access_denied"));
            bench.replace("again", open, "t");
            assert_eq!(bench.said(), "again: access_denied");
        }
    }
}

/// A target that nobody has open gives way, with its streams.
#[test]
fn target_that_goes() {
    let mut bench = Bench::new();
    bench.file("t", 100);
    bench.file("t:x", 1);
    let open = bench.open(plain(K1));
    bench.replace("rename", open, "t");
    bench.create("stream", there("t:x"));
    bench.create("own", there("t:s"));
    assert_eq!(
        bench.said(),
        "rename: success; stream: object_name_not_found; own: success action 1"
    );
    assert_eq!(bench.store.stream(open).expect("open").size, 8);
}

/// The open streams of a target are all asked.
#[test]
fn streams_of_the_target() {
    let mut bench = Bench::new();
    bench.file("t", 8);
    bench.file("t:x", 1);
    let open = bench.open(plain(K3));
    let main = bench.hold(opening("t", K1), Rh);
    let stream = bench.hold(opening("t:x", K2), Rh);
    bench.replace("rename", open, "t");
    assert_eq!(bench.said(), "holder: RH -> R ack; holder: RH -> R ack; rename: waits");
    bench.close("main", main);
    assert_eq!(bench.said(), "main: success");
    bench.close("stream", stream);
    assert_eq!(bench.said(), "stream: success; rename: success");
}

/// Streams get another name within their file.
#[rstest]
#[case(":t", false, "rename: success")]
#[case(":T:$DATA", false, "rename: success")]
#[case(":s", false, "rename: success")]
#[case(":x", false, "rename: object_name_collision")]
#[case(":x", true, "rename: success")]
#[case("::$DATA", true, "rename: invalid_parameter")]
#[case(":t/u", true, "rename: object_name_invalid")]
#[case("t", true, "rename: invalid_parameter")]
fn streams(#[case] to: &str, #[case] replace: bool, #[case] expected: &str) {
    let mut bench = Bench::new();
    bench.file("f:x", 1);
    let stream = bench.open(opening("f:s", K1));
    bench.set("rename", stream, SetInfo::Rename { to: to.to_owned(), replace });
    assert_eq!(bench.said(), expected);
}

/// The check is on the renamed stream, and on an open target.
#[test]
fn streams_are_checked() {
    let mut bench = Bench::new();
    let (_, other) = beside_on(&mut bench, "f:s", Rh);
    bench.rename("rename", other, ":t");
    assert_eq!(bench.said(), "holder: RH -> R ack; rename: waits");

    let mut bench = Bench::new();
    bench.file("f:x", 1);
    let stream = bench.open(opening("f:s", K2));
    let target = bench.hold(opening("f:x", K1), Rh);
    bench.replace("rename", stream, ":x");
    assert_eq!(bench.said(), "holder: RH -> R ack; rename: waits");
    bench.ack("ack", target, accepting(R));
    assert_eq!(bench.said(), "ack: pending; rename: access_denied");
}

/// What cannot be renamed, or to what.
#[rstest]
#[case::no_directory("f", "x/y", "rename: object_path_not_found")]
#[case::below_a_file("f", "f/y", "rename: object_path_not_found")]
#[case::no_name("f", "d//y", "rename: object_name_invalid")]
#[case::a_stream("f", "g:s", "rename: object_name_invalid")]
#[case::root("", "g", "rename: access_denied")]
#[case::onto_the_root("f", "", "rename: object_name_collision")]
#[case::into_itself("d", "d/e", "rename: access_denied")]
#[case::default_stream("f", ":t", "rename: invalid_parameter")]
fn refused(#[case] path: &str, #[case] to: &str, #[case] expected: &str) {
    let mut bench = Bench::new();
    let open = bench.open(opening(path, K1));
    bench.rename("rename", open, to);
    assert_eq!(bench.said(), expected);
}

/// What is marked for deletion keeps its name, and a directory that is takes none.
#[test]
fn deleted() {
    let mut bench = Bench::new();
    let open = bench.open(plain(K1));
    let directory = bench.open(opening("d", K1));
    bench.set("directory", directory, DELETE);
    bench.rename("into", open, "d/f");
    bench.create("new", opening("d/new", K1));
    bench.set("file", open, DELETE);
    bench.rename("rename", open, "g");
    assert_eq!(
        bench.said(),
        "directory: success; into: delete_pending; new: delete_pending; file: success; \
         rename: access_denied"
    );
}

/// Short names: eight and three, free in the directory, found by opens.
#[test]
fn short_names() {
    let mut bench = Bench::new();
    let open = bench.open(plain(K1));
    for (name, expected) in [
        ("toolong12", "set: invalid_parameter"),
        ("a.html", "set: invalid_parameter"),
        ("a/b", "set: invalid_parameter"),
        ("D", "set: object_name_collision"),
        ("F~1.TXT", "set: success"),
    ] {
        bench.set("set", open, SetInfo::ShortName(name.to_owned()));
        assert_eq!(bench.said(), expected, "{name}");
    }
    bench.create("by short name", there("f~1.txt"));
    bench.set("remove", open, SetInfo::ShortName(String::new()));
    bench.create("gone", there("f~1.txt"));
    assert_eq!(
        bench.said(),
        "by short name: success action 1; remove: success; gone: object_name_not_found"
    );
}

/// Renaming a directory with open files below (smb2.lease.rename_dir_openfile).
struct Below {
    bench: Bench,
    directory: OpenId,
    first: OpenId,
    second: OpenId,
}

/// Two files below `d`, one of them a level deeper, each held with handle caching.
fn below(held: Level) -> Below {
    let mut bench = Bench::new();
    bench.file("d/a", 1);
    bench.directory("d/e");
    bench.file("d/e/b", 1);
    let directory = bench.open(opening("d", K3));
    let first = bench.hold(opening("d/a", K1), held);
    let second = bench.hold(opening("d/e/b", K2), held);
    Below { bench, directory, first, second }
}

#[rstest]
#[case(Batch, "holder: batch -> none ack information 8; rename: waits")]
#[case(Filter, "holder: filter -> none ack information 8; rename: waits")]
#[case(Rh, "holder: RH -> R ack; rename: waits")]
#[case(Rwh, "holder: RWH -> RW ack; rename: waits")]
fn directory_whose_holders_close(#[case] held: Level, #[case] expected: &str) {
    let Below { mut bench, directory, first, second } = below(held);
    bench.rename("rename", directory, "x");
    assert_eq!(bench.said(), expected);
    bench.close("close", first);
    assert_eq!(
        bench.said(),
        format!("close: success; {}", expected.replace("; rename: waits", ""))
    );
    bench.close("close", second);
    bench.create("new", there("x/e/b"));
    assert_eq!(bench.said(), "close: success; rename: success; new: success action 1");
}

/// An acknowledgement without a close fails the rename.
#[test]
fn directory_whose_holder_acknowledges() {
    let Below { mut bench, directory, first, .. } = below(Rh);
    bench.rename("rename", directory, "x");
    bench.ack("ack", first, accepting(R));
    assert_eq!(
        bench.said(),
        "holder: RH -> R ack; rename: waits; ack: pending; rename: access_denied"
    );
}

/// Anything open below without handle caching fails it at once, breaking nothing.
#[rstest]
#[case(Level::None)]
#[case(Ii)]
#[case(Exclusive)]
#[case(R)]
#[case(Rw)]
fn directory_with_a_plain_open_below(#[case] held: Level) {
    let Below { mut bench, directory, first, .. } = below(Rh);
    bench.file("d/e/c", 1);
    let open = bench.open(opening("d/e/c", None));
    if held != Level::None {
        bench.grant(open, held);
    }
    bench.rename("rename", directory, "x");
    assert_eq!(bench.said(), "rename: access_denied");
    assert_eq!(bench.store.breaking(first), None);
    // A short name of a directory asks the same.
    bench.set("short", directory, SetInfo::ShortName("d~1".to_owned()));
    assert_eq!(bench.said(), "short: access_denied");
}

/// A new open after the first break: the count has not gone down.
#[test]
fn directory_with_a_new_open_below() {
    let Below { mut bench, directory, first, .. } = below(Rh);
    bench.file("d/e/c", 1);
    bench.rename("rename", directory, "x");
    assert_eq!(bench.said(), "holder: RH -> R ack; rename: waits");
    bench.hold(opening("d/e/c", None), Rh);
    bench.close("close", first);
    assert_eq!(bench.said(), "close: success; rename: access_denied");
}

/// The renamer's own key is not broken, and its handle in the way.
#[test]
fn directory_with_an_own_open_below() {
    let mut bench = Bench::new();
    bench.file("d/a", 1);
    let directory = bench.open(opening("d", K1));
    bench.hold(opening("d/a", K1), Rh);
    bench.rename("rename", directory, "x");
    assert_eq!(bench.said(), "rename: access_denied");
}

/// With nothing open below, only the directory's own RH breaks.
#[test]
fn directory_itself() {
    let mut bench = Bench::new();
    bench.file("d/a", 1);
    let holder = bench.hold(opening("d", K1), Rh);
    let other = bench.open(opening("d", K2));
    bench.rename("rename", other, "x");
    assert_eq!(bench.said(), "holder: RH -> R ack; rename: waits");
    bench.ack("ack", holder, accepting(R));
    assert_eq!(bench.said(), "ack: pending; rename: success");
    bench.set("delete", other, DELETE);
    assert_eq!(bench.said(), "delete: directory_not_empty");
}

/// smb2.dirlease.rename_dst_parent: DELETE access and RH on the destination directory (D39).
#[rstest]
#[case("all", "holder: RH -> none ack; rename: success")]
#[case("read_and_write", "holder: RH -> R ack modes 0x2/3; rename: waits")]
fn destination_with_delete_access(#[case] reading: &str, #[case] expected: &str) {
    for closes in [true, false] {
        let mut bench = Bench::reading(&[("destination_share", reading)]);
        let open = bench.open(plain(K2));
        let access = Access::READ_DATA.union(Access::DELETE);
        let directory = bench.hold(CreateArgs { access, ..opening("d", K1) }, Rh);
        bench.rename("rename", open, "d/g");
        assert_eq!(bench.said(), expected);
        if reading == "all" {
            continue;
        }
        if closes {
            bench.close("close", directory);
            assert_eq!(bench.said(), "close: success; rename: success");
        } else {
            bench.ack("ack", directory, accepting(R));
            assert_eq!(bench.said(), "ack: pending; rename: sharing_violation");
        }
    }
}

/// Who does not share writing on the destination stands in the way under either rule; without RH at once.
#[rstest]
fn destination_without_sharing(#[values("all", "read_and_write")] reading: &str) {
    let mut bench = Bench::reading(&[("destination_share", reading)]);
    let open = bench.open(plain(K2));
    let link = bench.open(plain(K2));
    bench.open(CreateArgs { path: "d".to_owned(), ..sharing(K1, Share::READ) });
    bench.rename("rename", open, "d/g");
    bench.link("link", link, "d/h");
    assert_eq!(bench.said(), "rename: sharing_violation; link: sharing_violation");
}

/// A directory can be opened, renamed and found under its new name by those who have it open.
#[test]
fn directory_moves_with_its_children() {
    let mut bench = Bench::new();
    bench.directory("e");
    bench.file("d/a", 1);
    let directory = bench.open(CreateArgs {
        options: CreateOptions::DIRECTORY_FILE,
        access: Access::DELETE,
        ..opening("d", None)
    });
    bench.rename("rename", directory, "e/d");
    bench.create("old", there("d/a"));
    bench.create("new", there("e/d/a"));
    assert_eq!(bench.said(), "rename: success; old: object_path_not_found; new: success action 1");
}

/// smb2.oplock.exclusive6: the destination may be the directory where the file is; the file's own oplock is not asked.
#[rstest]
#[case("read_and_write", Access::DELETE, "rename: sharing_violation")]
#[case("read_and_write", Access::READ_DATA, "rename: success")]
#[case("all", Access::DELETE, "rename: success")]
fn exclusive6(#[case] reading: &str, #[case] access: Access, #[case] expected: &str) {
    let mut bench = Bench::reading(&[("destination_share", reading)]);
    bench.open(CreateArgs { access, ..opening("", K2) });
    let holder = bench.hold(plain(K1), Exclusive);
    bench.rename("rename", holder, "g");
    assert_eq!(bench.said(), expected);
    assert_eq!(bench.store.held(holder), Exclusive);
}
