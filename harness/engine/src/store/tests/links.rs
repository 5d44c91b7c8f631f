//! Hard links: one file with several names, oplocks of its streams shared by all of them (spec/02 sections 8 and 13).

use oplock_model::Level::{self, Batch, Exclusive, Filter, Ii, R, Rh, Rw, Rwh};
use oplock_model::{Disposition, SetInfo};
use rstest::rstest;

use super::bench::{Bench, K1, K2, K3, accepting, plain};
use super::calls::{DELETE, beside, opening};
use crate::store::CreateArgs;

fn there(path: &str) -> CreateArgs {
    CreateArgs { disposition: Disposition::Open, ..opening(path, None) }
}

/// Giving a file one more name breaks nothing on it, whoever does it.
#[rstest]
fn link(#[values(Ii, Exclusive, Batch, Filter, R, Rh, Rw, Rwh)] held: Level) {
    let mut bench = Bench::new();
    let (holder, other) = beside(&mut bench, held);
    bench.link("link", other, "d/g");
    assert_eq!(bench.said(), "link: success");
    assert_eq!((bench.store.held(holder), bench.store.breaking(holder)), (held, None));
}

/// The oplock is on the stream, by whatever name it is opened.
#[test]
fn oplocks_are_shared_by_all_names() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    bench.link("link", holder, "g");
    bench.create("other", opening("g", K2));
    assert_eq!(bench.said(), "link: success; holder: RWH -> RH ack; other: waits");
    bench.ack("ack", holder, accepting(Rh));
    assert_eq!(bench.said(), "ack: pending; other: success action 1");
}

/// A link in the place of another file: the rename rules on that one, then it must not be open (D15).
#[rstest]
#[case(Ii, "link: access_denied")]
#[case(Exclusive, "link: access_denied")]
#[case(Batch, "holder: batch -> none ack information 8; link: waits")]
#[case(Filter, "holder: filter -> none ack information 8; link: waits")]
#[case(R, "link: access_denied")]
#[case(Rh, "holder: RH -> R ack; link: waits")]
#[case(Rw, "link: access_denied")]
#[case(Rwh, "holder: RWH -> RW ack; link: waits")]
fn replaced_file(#[case] held: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    bench.file("t", 100);
    let open = bench.open(plain(K2));
    let target = bench.hold(opening("t", K1), held);
    bench.link("link", open, "t");
    assert_eq!(bench.said(), "link: object_name_collision");
    bench.set("link", open, SetInfo::Link { to: "t".to_owned(), replace: true });
    assert_eq!(bench.said(), expected);
    if expected.ends_with("waits") {
        bench.close("close", target);
        assert_eq!(bench.said(), "close: success; link: success");
    }
}

/// What cannot be linked, or to where.
#[test]
fn refused() {
    let mut bench = Bench::new();
    let file = bench.open(plain(K1));
    let directory = bench.open(opening("d", K1));
    bench.link("directory", directory, "e");
    bench.link("nowhere", file, "x/y");
    bench.link("taken", file, "d");
    bench.link("itself", file, "f");
    let replace = |to: &str| SetInfo::Link { to: to.to_owned(), replace: true };
    bench.set("over a directory", file, replace("d"));
    bench.set("over itself", file, replace("f"));
    bench.set("delete", file, DELETE);
    bench.link("deleted", file, "g");
    assert_eq!(
        bench.said(),
        "directory: file_is_a_directory; nowhere: object_path_not_found; \
         taken: object_name_collision; itself: object_name_collision; \
         over a directory: access_denied; over itself: success; delete: success; \
         deleted: access_denied"
    );
}

/// A deletion takes the name by which the file was opened, and the file goes with its last name.
#[test]
fn deletion_of_one_name() {
    let mut bench = Bench::new();
    let open = bench.open(plain(K1));
    bench.link("link", open, "g");
    bench.set("delete", open, DELETE);
    bench.create("same name", there("f"));
    bench.create("other name", there("g"));
    assert_eq!(
        bench.said(),
        "link: success; delete: success; same name: delete_pending; other name: success action 1"
    );
    bench.close("close", open);
    bench.create("same name", there("f"));
    assert_eq!(bench.said(), "close: success; same name: object_name_not_found");
    let last = bench.open(there("g"));
    bench.set("delete", last, DELETE);
    bench.create("other name", there("g"));
    assert_eq!(bench.said(), "delete: success; other name: delete_pending");
}

/// Renaming by one name breaks the oplock obtained by another (spec/07, silent areas), and leaves that name.
#[test]
fn rename_by_another_name() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rh);
    bench.link("link", holder, "g");
    bench.skip();
    let other = bench.open(opening("g", K2));
    bench.rename("rename", other, "h");
    assert_eq!(bench.said(), "holder: RH -> R ack; rename: waits");
    bench.ack("ack", holder, accepting(R));
    bench.create("first", there("f"));
    bench.create("second", there("h"));
    bench.create("gone", there("g"));
    assert_eq!(
        bench.said(),
        "ack: pending; rename: success; first: success action 1; second: success action 1; \
         gone: object_name_not_found"
    );
}

/// One name in the place of another of the same file: no target to break, and who came by that name stays.
#[test]
fn rename_onto_another_name_of_the_file() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rh);
    bench.link("link", holder, "g");
    bench.skip();
    let other = bench.open(opening("g", K1));
    bench.rename("collides", holder, "g");
    bench.replace("rename", holder, "g");
    bench.create("first", there("f"));
    bench.close("close", holder);
    bench.close("other", other);
    bench.create("second", opening("g", K3));
    assert_eq!(
        bench.said(),
        "collides: object_name_collision; rename: success; first: object_name_not_found; \
         holder: completed oplock_handle_closed; close: success; other: success; \
         second: success action 1"
    );
}
