//! FILE_SYSTEM_CONTROL: spec/02 section 11.

use oplock_model::Level::{self, Batch, Exclusive, Filter, Ii, R, Rh, Rw, Rwh};
use oplock_model::{Access, Control, FileId};
use rstest::rstest;

use super::bench::{Bench, K1, K2, accepting, plain, wanting};
use super::calls::{DELETE, beside, opening};

const ZERO: Control = Control::SetZeroData { from: 0, to: 4 };
const CHUNK: Control =
    Control::CopyChunk { source: FileId { persistent: 0, volatile: 0 }, from: 0, to: 0, length: 4 };
const EXTENTS: Control = Control::DuplicateExtents {
    source: FileId { persistent: 0, volatile: 0 },
    from: 0,
    to: 0,
    length: 4,
};

/// FSCTL_SET_ZERO_DATA by somebody else: the table of WRITE.
#[rstest]
#[case(Ii, "holder: ii -> none information 8; control: success")]
#[case(Exclusive, "holder: exclusive -> none ack information 8; control: waits")]
#[case(Batch, "holder: batch -> none ack information 8; control: waits")]
#[case(Filter, "holder: filter -> none ack information 8; control: waits")]
#[case(R, "holder: R -> none; control: success")]
#[case(Rh, "holder: RH -> none ack; control: success")]
#[case(Rw, "holder: RW -> none ack; control: waits")]
#[case(Rwh, "holder: RWH -> none ack; control: waits")]
fn zero_data(#[case] held: Level, #[case] expected: &str) {
    let mut bench = Bench::new();
    let (_, other) = beside(&mut bench, held);
    bench.control("control", other, &ZERO);
    assert_eq!(bench.said(), expected);
}

/// An empty range, or one from the end of the stream on, checks nothing; what is no range fails.
#[rstest]
#[case(0, 0, "control: success")]
#[case(8, 9, "control: success")]
#[case(7, 100, "holder: RH -> none ack; control: success")]
#[case(5, 4, "control: invalid_parameter")]
#[case(0, u64::MAX, "control: invalid_parameter")]
fn zero_data_ranges(#[case] from: u64, #[case] to: u64, #[case] expected: &str) {
    let mut bench = Bench::new();
    let (_, other) = beside(&mut bench, Rh);
    bench.control("control", other, &Control::SetZeroData { from, to });
    assert_eq!(bench.said(), expected);
    assert_eq!(bench.store.stream(other).expect("open").size, 8);
}

/// Deletion, access and directories come before the check, locks after it.
#[test]
fn zero_data_that_fails() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), R);
    let reader = bench.open(wanting(K2, Access::READ_DATA));
    let directory = bench.open(opening("d", K2));
    bench.control("control", reader, &ZERO);
    bench.control("directory", directory, &ZERO);
    assert_eq!(bench.said(), "control: access_denied; directory: invalid_parameter");
    bench.set("delete", holder, DELETE);
    bench.control("control", holder, &ZERO);
    assert_eq!(bench.said(), "delete: success; control: file_deleted");
    assert_eq!(bench.store.held(holder), R);

    let mut bench = Bench::new();
    let (holder, other) = beside(&mut bench, Rh);
    bench.lock("lock", holder, 0, 1);
    bench.control("control", other, &ZERO);
    assert_eq!(bench.said(), "lock: success; holder: RH -> none ack; control: file_lock_conflict");
}

/// A copy by chunks reads its source and writes its destination; by choice nothing or everything is checked (D16).
#[rstest]
#[case("copy_chunk", &CHUNK, "source: RWH -> RH ack; copy: waits")]
#[case("copy_chunk", &EXTENTS, "copy: success")]
#[case("all", &CHUNK, "source: RWH -> RH ack; copy: waits")]
#[case("all", &EXTENTS, "source: RWH -> RH ack; copy: waits")]
#[case("nothing", &CHUNK, "copy: success")]
#[case("nothing", &EXTENTS, "copy: success")]
fn copies(#[case] reading: &str, #[case] control: &Control, #[case] expected: &str) {
    let mut bench = Bench::reading(&[("data_controls", reading)]);
    bench.file("g", 8);
    let (destination_holder, to) = beside(&mut bench, Rh);
    let (source_holder, from) = super::calls::beside_on(&mut bench, "g", Rwh);
    bench.copy("copy", from, to, control);
    assert_eq!(bench.said(), expected.replace("source", "holder"));
    if expected != "copy: success" {
        bench.ack("ack", source_holder, accepting(Rh));
        assert_eq!(bench.said(), "ack: pending; holder: RH -> none ack; copy: success");
        assert_eq!(bench.store.breaking(destination_holder), Some(Level::None));
    }
}

/// Copies of nothing, without a source, or without access.
#[test]
fn copies_that_fail() {
    let mut bench = Bench::new();
    let to = bench.open(plain(K1));
    bench.control("copy", to, &CHUNK);
    assert_eq!(bench.said(), "copy: object_name_not_found");
    let from = bench.open(wanting(K1, Access::WRITE_DATA));
    bench.copy("copy", from, to, &CHUNK);
    bench.copy("back", to, from, &CHUNK);
    assert_eq!(bench.said(), "copy: access_denied; back: success");
}

/// What no document checks breaks nothing; by choice it breaks what a write does (D16).
#[rstest]
#[case(Control::Trim { offset: 0, length: 4 })]
#[case(Control::OffloadWrite { offset: 0, length: 4 })]
#[case(Control::SetSparse(true))]
#[case(Control::SetCompression(1))]
fn others(#[case] control: Control) {
    for (reading, held, expected) in [
        ("copy_chunk", Rwh, "control: success"),
        ("nothing", Rwh, "control: success"),
        ("all", Rwh, "holder: RWH -> none ack; control: waits"),
        ("all", Rh, "holder: RH -> none ack; control: success"),
    ] {
        let mut bench = Bench::reading(&[("data_controls", reading)]);
        let (_, other) = beside(&mut bench, held);
        bench.control("control", other, &control);
        assert_eq!(bench.said(), expected);
    }
}

/// Encryption leaves the stream alone, and unknown controls are no requests of the store.
#[test]
fn encryption_and_unknown_controls() {
    let mut bench = Bench::new();
    let (_, other) = beside(&mut bench, Rwh);
    bench.control("encrypt", other, &Control::SetEncryption(true));
    bench.control("raw", other, &Control::Raw { code: 0x0009_0018, input: Vec::new() });
    bench.control("resilient", other, &Control::Resiliency { timeout: 1 });
    assert_eq!(
        bench.said(),
        "encrypt: success; raw: invalid_device_request; resilient: invalid_device_request"
    );
}
