//! Oplocks on directories: spec/01 section 5 row 4, spec/02 sections 3, 8 and 9, spec/08 B02, B03 and A9.

use oplock_model::Level::{self, Batch, Exclusive, Filter, Ii, R, Rh, Rw, Rwh};
use oplock_model::{Control, CreateOptions, SetInfo, Share};
use rstest::rstest;

use super::bench::{Bench, K1, K2, K3, accepting, asking};
use super::calls::{DELETE, opening};
use crate::store::CreateArgs;

/// R and RH are granted on a directory, nothing else is (B02, B03).
#[rstest]
#[case(Ii, "invalid_parameter")]
#[case(Exclusive, "invalid_parameter")]
#[case(Batch, "invalid_parameter")]
#[case(Filter, "invalid_parameter")]
#[case(R, "pending")]
#[case(Rh, "pending")]
#[case(Rw, "invalid_parameter")]
#[case(Rwh, "invalid_parameter")]
fn requests(#[case] level: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    let open = bench.open(opening("d", K1));
    bench.request("request", open, asking(level));
    assert_eq!(bench.said(), format!("request: {expected}"));
}

/// Several hold the same directory; the rules of switching are those of files.
#[test]
fn several_holders() {
    let mut bench = Bench::new();
    let first = bench.hold(opening("d", K1), R);
    let second = bench.hold(opening("d", K2), Rh);
    let again = bench.open(opening("d", K1));
    bench.request("again", again, asking(Rh));
    assert_eq!(
        bench.said(),
        "holder: completed oplock_switched_to_new_handle to RH; again: pending"
    );
    assert_eq!([first, second, again].map(|open| bench.store.held(open)), [Level::None, Rh, Rh]);
}

/// An incompatible open takes RH to R and waits; it fails unless the handle closes (A9).
#[rstest]
#[case(true, "close: success; other: success action 1")]
#[case(false, "ack: pending; other: sharing_violation")]
fn incompatible_open(#[case] closes: bool, #[case] expected: &str) {
    for options in [CreateOptions::default(), CreateOptions::DIRECTORY_FILE] {
        let mut bench = Bench::new();
        let holder = bench.hold(opening("d", K1), Rh);
        let share = Share::NONE;
        bench.create("other", CreateArgs { share, options, ..opening("d", K2) });
        assert_eq!(bench.said(), "holder: RH -> R ack modes 0x1f01ff/0; other: waits");
        if closes {
            bench.close("close", holder);
        } else {
            bench.ack("ack", holder, accepting(R));
        }
        assert_eq!(bench.said(), expected);
    }
}

/// A compatible open, queries, listings and locks break nothing on it.
#[test]
fn nothing_breaks() {
    let mut bench = Bench::new();
    let holder = bench.hold(opening("d", K1), Rh);
    let other = bench.open(opening("d", K2));
    let ticket = bench.call("list");
    bench.store.query_directory(ticket, other);
    bench.query("query", other, oplock_model::QueryInfo::All);
    bench.flush("flush", other);
    bench.read("read", other);
    bench.write("write", other);
    bench.lock("lock", other, 0, 1);
    bench.set("size", other, SetInfo::EndOfFile(0));
    bench.control("trim", other, &Control::Trim { offset: 0, length: 1 });
    bench.close("close", other);
    assert_eq!(
        bench.said(),
        "list: success; query: success; flush: success; read: invalid_device_request; \
         write: invalid_device_request; lock: invalid_parameter; size: invalid_parameter; \
         trim: invalid_device_request; close: success"
    );
    assert_eq!((bench.store.held(holder), bench.store.breaking(holder)), (Rh, None));
    let file = bench.open(opening("f", K1));
    let ticket = bench.call("list");
    bench.store.query_directory(ticket, file);
    assert_eq!(bench.said(), "list: invalid_parameter");
}

/// The directory's own rename and deletion take RH to R and wait.
#[rstest]
#[case(SetInfo::Rename { to: "e".to_owned(), replace: false })]
#[case(SetInfo::ShortName("d~1".to_owned()))]
#[case(SetInfo::Security)]
#[case(DELETE)]
fn own_changes(#[case] info: SetInfo) {
    let mut bench = Bench::new();
    let holder = bench.hold(opening("d", K1), Rh);
    let other = bench.open(opening("d", K2));
    bench.set("set", other, info);
    assert_eq!(bench.said(), "holder: RH -> R ack; set: waits");
    bench.ack("ack", holder, accepting(R));
    assert_eq!(bench.said(), "ack: pending; set: success");
}

/// A deletion on close of the directory takes RH too, and the directory above learns of it when the last handle is gone.
#[test]
fn deletion() {
    let mut bench = Bench::new();
    bench.directory("d/e");
    let above = bench.hold(opening("d", K3), Rh);
    let holder = bench.hold(opening("d/e", K1), Rh);
    let options = CreateOptions::DELETE_ON_CLOSE;
    let other = bench.open(CreateArgs { options, ..opening("d/e", K2) });
    bench.close("close", other);
    assert_eq!(bench.said(), "holder: RH -> R ack; close: waits");
    bench.ack("ack", holder, accepting(R));
    assert_eq!(bench.said(), "ack: pending; close: success");
    bench.close("holder", holder);
    assert_eq!(
        bench.said(),
        "ack: completed oplock_handle_closed; holder: RH -> none ack; holder: success"
    );
    assert_eq!(bench.store.breaking(above), Some(Level::None));
}
