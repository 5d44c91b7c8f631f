//! User-mapped sections: spec/02 section 11, spec/08 B46 and B47.

use oplock_model::Access;
use oplock_model::Level::{self, Batch, Exclusive, Filter, Ii, R, Rh, Rw, Rwh};
use rstest::rstest;

use super::bench::{Bench, K1, K2, accepting, asking, plain, wanting};
use super::calls::{beside, opening};

/// A writable section breaks every granular level to none, nothing is owed, nobody waits; legacy oplocks stay (B46).
#[rstest]
#[case(Ii, "map: success")]
#[case(Exclusive, "map: success")]
#[case(Batch, "map: success")]
#[case(Filter, "map: success")]
#[case(R, "holder: R -> none; map: success")]
#[case(Rh, "holder: RH -> none; map: success")]
#[case(Rw, "holder: RW -> none; map: success")]
#[case(Rwh, "holder: RWH -> none; map: success")]
fn writable(#[case] held: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    let (holder, other) = beside(&mut bench, held);
    bench.map("map", other, true);
    assert_eq!(bench.said(), expected);
    let left = if held.is_granular() { Level::None } else { held };
    assert_eq!((bench.store.held(holder), bench.store.breaking(holder)), (left, None));
    // No key is exempt, the holder's own handle neither.
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), held);
    bench.map("map", holder, true);
    assert_eq!(bench.said(), expected);
}

/// A section for reading breaks nothing.
#[rstest]
fn read_only(#[values(Ii, Exclusive, Batch, Filter, R, Rh, Rw, Rwh)] held: Level) {
    let mut bench = Bench::new();
    let (_, other) = beside(&mut bench, held);
    bench.map("map", other, false);
    assert_eq!(bench.said(), "map: success");
}

/// While one exists, granular requests are turned down with a flag of their own; legacy ones are not (B47).
#[rstest]
#[case(Ii, false)]
#[case(Exclusive, false)]
#[case(Batch, false)]
#[case(Filter, false)]
#[case(R, true)]
#[case(Rh, true)]
#[case(Rw, true)]
#[case(Rwh, true)]
fn request(#[case] level: Level, #[case] refused: bool) {
    let expected = if refused {
        "request: cannot_grant_requested_oplock to none writable section"
    } else {
        "request: pending"
    };
    let mut bench = Bench::new();
    let open = bench.open(plain(K1));
    bench.map("map", open, true);
    bench.request("request", open, asking(level));
    assert_eq!(bench.said(), format!("map: success; {expected}"));
    // It goes with its handle, and by unmapping.
    for unmaps in [false, true] {
        let mut bench = Bench::new();
        let open = bench.open(plain(K1));
        let mapper = bench.open(plain(K1));
        bench.map("map", mapper, true);
        if unmaps {
            bench.unmap("end", mapper);
            bench.close("close", mapper);
        } else {
            bench.close("end", mapper);
        }
        bench.skip();
        bench.request("request", open, asking(level));
        assert_eq!(bench.said(), "request: pending");
    }
}

/// A section for reading is none for requests.
#[test]
fn request_beside_a_read_only_section() {
    let mut bench = Bench::new();
    let open = bench.open(plain(K1));
    bench.map("map", open, false);
    bench.request("request", open, asking(Rwh));
    assert_eq!(bench.said(), "map: success; request: pending");
}

/// A break that runs goes to none without a word; its waiters wait on.
#[test]
fn meets_a_break() {
    let mut bench = Bench::new();
    let (holder, other) = beside(&mut bench, Rwh);
    bench.read("read", other);
    bench.map("map", other, true);
    assert_eq!(bench.said(), "holder: RWH -> RH ack; read: waits; map: success");
    bench.ack("ack", holder, accepting(Level::None));
    assert_eq!(bench.said(), "ack: success; read: success");
}

/// What mapping needs.
#[test]
fn parameters() {
    let mut bench = Bench::new();
    let reader = bench.open(wanting(K1, Access::READ_DATA));
    let writer = bench.open(wanting(K2, Access::WRITE_DATA));
    let directory = bench.open(opening("d", K1));
    bench.map("reads", reader, false);
    bench.map("reader", reader, true);
    bench.map("writer", writer, true);
    bench.map("directory", directory, false);
    assert_eq!(
        bench.said(),
        "reads: success; reader: access_denied; writer: access_denied; \
         directory: invalid_device_request"
    );
}
