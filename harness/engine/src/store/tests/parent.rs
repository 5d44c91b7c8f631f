//! Breaks of directory oplocks by what happens to children: spec/02 section 13, spec/08 A9.

use oplock_model::Level::{self, R, Rh};
use oplock_model::{BasicInfo, Control, CreateOptions, Disposition, LeaseKey, SetInfo};
use rstest::rstest;

use super::bench::{Bench, K1, K2, K3, accepting};
use super::calls::{DELETE, attributes, opening, within};
use crate::store::{CreateArgs, OpenId};

/// A file `d/g` of 8 bytes and an open of it with that parent key; then RH on `d` with key K1.
fn child(parent_key: Option<LeaseKey>, options: CreateOptions) -> (Bench, OpenId) {
    let mut bench = Bench::new();
    bench.file("d/g", 8);
    let child = bench.open(CreateArgs { options, ..within("d/g", parent_key) });
    bench.hold(opening("d", K1), Rh);
    (bench, child)
}

/// What breaks the directory of the file, and what does not; the parent key spares its holder.
#[rstest]
#[case::end_of_file(SetInfo::EndOfFile(4), true)]
#[case::same_end_of_file(SetInfo::EndOfFile(8), true)]
#[case::allocation(SetInfo::Allocation(8), true)]
#[case::valid_data_length(SetInfo::ValidDataLength(8), false)]
#[case::attributes(attributes(0x2), true)]
#[case::same_attributes(attributes(0x20), false)]
#[case::no_attributes(attributes(0), false)]
#[case::creation_time(SetInfo::Basic(BasicInfo { creation: 1, ..BasicInfo::default() }), true)]
#[case::access_time(SetInfo::Basic(BasicInfo { access: 1, ..BasicInfo::default() }), true)]
#[case::write_time(SetInfo::Basic(BasicInfo { write: 1, ..BasicInfo::default() }), true)]
#[case::change_time(SetInfo::Basic(BasicInfo { change: 1, ..BasicInfo::default() }), true)]
#[case::unreal_times(SetInfo::Basic(BasicInfo { creation: 0, access: -1, write: -2, change: -1, attributes: 0 }), false)]
#[case::rename(SetInfo::Rename { to: "d/h".to_owned(), replace: false }, true)]
#[case::same_name(SetInfo::Rename { to: "d/g".to_owned(), replace: false }, false)]
#[case::link(SetInfo::Link { to: "d/h".to_owned(), replace: false }, true)]
#[case::short_name(SetInfo::ShortName("g~1".to_owned()), true)]
#[case::no_short_name(SetInfo::ShortName(String::new()), false)]
#[case::disposition(DELETE, false)]
#[case::undelete(SetInfo::Disposition { delete: false }, false)]
#[case::ea(SetInfo::Ea { name: "a".to_owned(), value: "b".to_owned() }, false)]
#[case::position(SetInfo::Position(1), false)]
#[case::security(SetInfo::Security, false)]
fn setting(#[case] info: SetInfo, #[case] breaks: bool) {
    for key in [K1, K2, None] {
        let (mut bench, child) = child(key, CreateOptions::default());
        bench.set("set", child, info.clone());
        let broken = if breaks && key != K1 { "holder: RH -> none ack; " } else { "" };
        assert_eq!(bench.said(), format!("{broken}set: success"), "{key:?}");
    }
}

/// Setting a short name to what it is, and removing it, changes nothing in the directory.
#[test]
fn short_name_again() {
    let name = |name: &str| SetInfo::ShortName(name.to_owned());
    let mut bench = Bench::new();
    bench.file("d/g", 8);
    let child = bench.open(within("d/g", None));
    bench.set("set", child, name("g~1"));
    bench.skip();
    bench.hold(opening("d", K1), Rh);
    bench.set("again", child, name("G~1"));
    bench.set("remove", child, name(""));
    assert_eq!(bench.said(), "again: success; remove: success");
    bench.set("new", child, name("g~2"));
    assert_eq!(bench.said(), "holder: RH -> none ack; new: success");
}

/// Encryption; zeroing and the other controls are changes of data, which the close tells at the most.
#[rstest]
#[case(Control::SetEncryption(true), "holder: RH -> none ack; control: success; close: success")]
#[case(Control::SetZeroData { from: 0, to: 4 }, "control: success; holder: RH -> none ack; close: success")]
#[case(Control::SetSparse(true), "control: success; close: success")]
fn controls(#[case] control: Control, #[case] expected: &str) {
    let (mut bench, child) = child(None, CreateOptions::default());
    bench.control("control", child, &control);
    bench.close("close", child);
    assert_eq!(bench.said(), expected);
}

/// Written data is told at the close of the handle that wrote it, and not before.
#[rstest]
#[case(K1, "")]
#[case(K2, "holder: RH -> none ack; ")]
#[case(None, "holder: RH -> none ack; ")]
fn write(#[case] key: Option<LeaseKey>, #[case] broken: &str) {
    let (mut bench, child) = child(key, CreateOptions::default());
    let other = bench.store.open_again(child).expect("open");
    bench.write("write", child);
    bench.close("other", other);
    assert_eq!(bench.said(), "write: success; other: success");
    bench.close("close", child);
    assert_eq!(bench.said(), format!("{broken}close: success"));
}

/// New files and directories, and overwritten files.
#[rstest]
#[case("d/new", Disposition::Create, CreateOptions::default(), "2")]
#[case("d/new", Disposition::OpenIf, CreateOptions::DIRECTORY_FILE, "2")]
#[case("d/g", Disposition::Overwrite, CreateOptions::default(), "3")]
#[case("d/g", Disposition::Supersede, CreateOptions::default(), "0")]
fn create(
    #[case] path: &str,
    #[case] disposition: Disposition,
    #[case] options: CreateOptions,
    #[case] action: &str,
) {
    for key in [K1, K2, None] {
        let mut bench = Bench::new();
        bench.file("d/g", 8);
        bench.hold(opening("d", K1), Rh);
        bench.create("create", CreateArgs { disposition, options, ..within(path, key) });
        let broken = if key == K1 { "" } else { "holder: RH -> none ack; " };
        assert_eq!(bench.said(), format!("{broken}create: success action {action}"));
    }
}

/// A named stream, and an open that changes nothing, leave the directory alone.
#[test]
fn nothing_new() {
    let mut bench = Bench::new();
    bench.file("d/g", 8);
    bench.hold(opening("d", K1), Rh);
    bench.create("stream", within("d/g:new", None));
    bench.create("open", within("d/g", None));
    bench
        .create("collides", CreateArgs { disposition: Disposition::Create, ..within("d/g", None) });
    assert_eq!(
        bench.said(),
        "stream: success action 2; open: success action 1; collides: object_name_collision"
    );
}

/// An overwrite breaks the directory's RH and the file's RH (A9).
#[test]
fn overwrite_breaks_both() {
    let mut bench = Bench::new();
    bench.file("d/g", 8);
    bench.hold(opening("d/g", K2), Rh);
    bench.hold(opening("d", K1), Rh);
    bench
        .create("open", CreateArgs { disposition: Disposition::Overwrite, ..opening("d/g", None) });
    assert_eq!(
        bench.said(),
        "holder: RH -> none ack; holder: RH -> none ack; open: success action 3"
    );
}

/// Rename and hard link, from `d` with key K1 to `d` or to `e` with key K2 (smb2.dirlease.rename, smb2.dirlease.hardlink).
#[rstest]
#[case("d/h", K1, "", "")]
#[case("d/h", K3, "src", "src")]
#[case("d/h", None, "src", "src")]
#[case("e/h", K1, "dst", "dst")]
#[case("e/h", K2, "src", "")]
#[case("e/h", K3, "src dst", "dst")]
#[case("e/h", None, "src dst", "dst")]
fn rename_and_link(
    #[case] to: &str,
    #[case] key: Option<LeaseKey>,
    #[case] by_rename: &str,
    #[case] by_link: &str,
) {
    for (links, expected) in [(false, by_rename), (true, by_link)] {
        let mut bench = Bench::new();
        bench.directory("e");
        bench.file("d/g", 8);
        let child = bench.open(within("d/g", key));
        let source = bench.hold(opening("d", K1), Rh);
        let destination = bench.hold(opening("e", K2), Rh);
        if links {
            bench.link("set", child, to);
        } else {
            bench.rename("set", child, to);
        }
        let broken = |open| bench.store.breaking(open) == Some(Level::None);
        assert_eq!(broken(source), expected.contains("src"), "{to} {key:?} {links}");
        assert_eq!(broken(destination), expected.contains("dst"), "{to} {key:?} {links}");
        let said = bench.said();
        assert!(said.ends_with("set: success") && !said.contains("waits"), "{said}");
    }
}

/// A rename that replaces a file changes the directory once.
#[test]
fn replacing_rename() {
    let mut bench = Bench::new();
    bench.file("d/g", 8);
    bench.file("d/t", 8);
    let child = bench.open(within("d/g", None));
    bench.hold(opening("d", K1), Rh);
    bench.replace("rename", child, "d/t");
    assert_eq!(bench.said(), "holder: RH -> none ack; rename: success");
}

/// Deleting: nothing at the set, nor at a close that is not the last; then by the parent keys of the handle that set it
/// and of the last one closed (smb2.dirlease.unlink_*).
#[rstest]
#[case(K1, K1, false)]
#[case(K2, K2, true)]
#[case(None, None, true)]
#[case(K1, K2, true)]
#[case(K2, K1, true)]
#[case(K1, None, true)]
#[case(None, K1, true)]
fn delete(
    #[case] setter: Option<LeaseKey>,
    #[case] closer: Option<LeaseKey>,
    #[case] breaks: bool,
    #[values(false, true)] on_close: bool,
) {
    let options = if on_close { CreateOptions::DELETE_ON_CLOSE } else { CreateOptions::default() };
    let (mut bench, first) = child(setter, options);
    let last = bench.open(within("d/g", closer));
    if !on_close {
        bench.set("set", first, DELETE);
        assert_eq!(bench.said(), "set: success");
    }
    bench.close("first", first);
    assert_eq!(bench.said(), "first: success");
    bench.close("last", last);
    let broken = if breaks { "holder: RH -> none ack; " } else { "" };
    assert_eq!(bench.said(), format!("{broken}last: success"));
}

/// Where the keys agree, the other directory oplocks break and that one stays; where they differ, all do.
#[rstest]
#[case(K1, "holder: RH -> none ack; last: success")]
#[case(K2, "holder: RH -> none ack; holder: RH -> none ack; last: success")]
fn delete_beside_several_holders(#[case] closer: Option<LeaseKey>, #[case] expected: &str) {
    let (mut bench, first) = child(K1, CreateOptions::default());
    bench.hold(opening("d", K2), Rh);
    let last = bench.open(within("d/g", closer));
    bench.set("set", first, DELETE);
    bench.close("first", first);
    assert_eq!(bench.said(), "set: success; first: success");
    bench.close("last", last);
    assert_eq!(bench.said(), expected);
}

/// A deletion taken back, and one of a directory with something in it, remove nothing.
#[test]
fn nothing_removed() {
    let (mut bench, child) = child(None, CreateOptions::default());
    bench.set("delete", child, DELETE);
    bench.set("undelete", child, SetInfo::Disposition { delete: false });
    bench.close("close", child);
    assert_eq!(bench.said(), "delete: success; undelete: success; close: success");

    let mut bench = Bench::new();
    bench.directory("d/e");
    bench.file("d/e/g", 1);
    let options = CreateOptions::DELETE_ON_CLOSE;
    let directory = bench.open(CreateArgs { options, ..within("d/e", None) });
    bench.hold(opening("d", K1), Rh);
    bench.close("close", directory);
    assert_eq!(bench.said(), "close: success");
}

/// R goes without a word to say, RH owes one, and a running break to R goes deeper without being told (section 14).
#[test]
fn levels() {
    let mut bench = Bench::new();
    bench.file("d/g", 8);
    let child = bench.open(within("d/g", None));
    bench.hold(opening("d", K1), R);
    let second = bench.hold(opening("d", K2), Rh);
    bench.set("set", child, SetInfo::EndOfFile(1));
    assert_eq!(bench.said(), "holder: R -> none; holder: RH -> none ack; set: success");
    bench.set("again", child, SetInfo::EndOfFile(2));
    assert_eq!(bench.said(), "again: success");
    bench.ack("ack", second, accepting(Level::None));
    assert_eq!(bench.said(), "ack: success");
}

/// An advised RH that nobody waits for may be kept (spec/03 section 4).
#[test]
fn kept_by_its_holder() {
    let mut bench = Bench::new();
    bench.file("d/g", 8);
    let child = bench.open(within("d/g", None));
    let holder = bench.hold(opening("d", K1), Rh);
    bench.set("set", child, SetInfo::EndOfFile(1));
    assert_eq!(bench.said(), "holder: RH -> none ack; set: success");
    bench.ack("ack", holder, accepting(Rh));
    assert_eq!(bench.said(), "ack: pending");
    assert_eq!(bench.store.held(holder), Rh);
}

/// Only the directory that the child is in is told, not the one above it.
#[test]
fn no_grandparent() {
    let mut bench = Bench::new();
    bench.directory("d/e");
    bench.hold(opening("d", K1), Rh);
    bench.create("create", within("d/e/new", None));
    assert_eq!(bench.said(), "create: success action 2");
    // The root is the parent of what is in it.
    let mut bench = Bench::new();
    bench.hold(opening("", K1), Rh);
    bench.create("create", within("new", None));
    assert_eq!(bench.said(), "holder: RH -> none ack; create: success action 2");
}

/// What is changed through the holder's own handle of the directory does not exist; its own children are strangers too.
#[test]
fn a_child_with_the_same_target_key() {
    let mut bench = Bench::new();
    bench.file("d/g", 8);
    let child = bench.open(opening("d/g", K1));
    bench.hold(opening("d", K1), Rh);
    bench.set("set", child, SetInfo::EndOfFile(1));
    assert_eq!(bench.said(), "holder: RH -> none ack; set: success");
}
