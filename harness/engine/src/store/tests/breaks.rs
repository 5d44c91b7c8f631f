//! What each operation breaks: MS-FSA 2.1.4.12 and the WDK articles, held level against operation.

use oplock_model::Level::{self, Batch, Exclusive, Filter, Ii, R, Rh, Rw, Rwh};
use oplock_model::{Access, Disposition, LeaseKey, RuleId, Share};
use rstest::rstest;

use super::bench::{Bench, K1, K2, K3, disposing, plain, sharing, wanting};
use crate::store::CreateArgs;

const OPENED: &str = "other: success action 1";
const VIOLATION: &str = "other: sharing_violation";

/// Creates against a holder with key K1 whose open shares everything; sharing is fine.
fn create(held: Level, args: CreateArgs) -> String {
    let mut bench = Bench::new();
    bench.hold(plain(K1), held);
    bench.create("other", args);
    bench.said()
}

/// A plain open that violates no sharing.
#[rstest]
#[case(Ii, OPENED)]
#[case(Exclusive, "holder: exclusive -> ii ack information 7; other: waits")]
#[case(Batch, "holder: batch -> ii ack information 7; other: waits")]
#[case(Filter, "holder: filter -> none ack information 8; other: waits")]
#[case(R, OPENED)]
#[case(Rh, OPENED)]
#[case(Rw, "holder: RW -> R ack; other: waits")]
#[case(Rwh, "holder: RWH -> RH ack; other: waits")]
fn plain_open(#[case] held: Level, #[case] expected: &str) {
    assert_eq!(create(held, plain(K2)), expected);
    assert_eq!(create(held, plain(None)), expected);
}

/// The holder's own key breaks nothing.
#[rstest]
fn plain_open_of_the_same_key(#[values(Ii, Exclusive, Batch, Filter, R, Rh, Rw, Rwh)] held: Level) {
    assert_eq!(create(held, plain(K1)), OPENED);
}

/// The three dispositions that replace the data.
#[rstest]
#[case(Ii, "holder: ii -> none information 8; other: success action A")]
#[case(Exclusive, "holder: exclusive -> none ack information 8; other: waits")]
#[case(Batch, "holder: batch -> none ack information 8; other: waits")]
#[case(Filter, "holder: filter -> none ack information 8; other: waits")]
#[case(R, "holder: R -> none; other: success action A")]
#[case(Rh, "holder: RH -> none ack; other: success action A")]
#[case(Rw, "holder: RW -> none ack; other: waits")]
#[case(Rwh, "holder: RWH -> none ack; other: waits")]
fn overwriting_open(#[case] held: Level, #[case] expected: &str) {
    for (disposition, action) in [
        (Disposition::Supersede, "0"),
        (Disposition::Overwrite, "3"),
        (Disposition::OverwriteIf, "3"),
    ] {
        let expected = expected.replace('A', action);
        assert_eq!(create(held, disposing(K2, disposition)), expected);
        // Access implied by the disposition counts (D10).
        let attributes = CreateArgs { access: Access::ATTRIBUTES, ..disposing(K2, disposition) };
        assert_eq!(create(held, attributes), expected);
    }
}

/// Level II has no exemption (D11), the others have.
#[rstest]
#[case(Ii, "holder: ii -> none information 8; other: success action 3")]
#[case(Exclusive, "other: success action 3")]
#[case(Batch, "other: success action 3")]
#[case(Filter, "other: success action 3")]
#[case(R, "other: success action 3")]
#[case(Rh, "other: success action 3")]
#[case(Rw, "other: success action 3")]
#[case(Rwh, "other: success action 3")]
fn overwriting_open_of_the_same_key(#[case] held: Level, #[case] expected: &str) {
    assert_eq!(create(held, disposing(K1, Disposition::Overwrite)), expected);
}

#[test]
fn overwriting_open_spares_its_own_level_two_by_choice() {
    let mut bench = Bench::reading(&[("overwrite_own_level_two", "spares")]);
    bench.hold(plain(K1), Ii);
    bench.create("other", disposing(K1, Disposition::Overwrite));
    assert_eq!(bench.said(), "other: success action 3");
}

/// D10: by the caller's access alone an attribute-only overwrite breaks nothing.
#[test]
fn implied_access_ignored_by_choice() {
    let mut bench = Bench::reading(&[("implied_access", "ignored")]);
    bench.hold(plain(K1), Batch);
    bench.create(
        "other",
        CreateArgs { disposition: Disposition::Overwrite, ..wanting(K2, Access::ATTRIBUTES) },
    );
    assert_eq!(bench.said(), "other: success action 3");
}

/// An open that violates sharing: the holder shares nothing.
#[rstest]
#[case(Ii, VIOLATION)]
#[case(Exclusive, VIOLATION)]
#[case(Batch, "holder: batch -> L ack information I; other: waits")]
#[case(Filter, "holder: filter -> none ack information 8; other: waits")]
#[case(R, VIOLATION)]
#[case(Rh, "holder: RH -> R ack modes 0x1f01ff/7; other: waits")]
#[case(Rw, VIOLATION)]
#[case(Rwh, "holder: RWH -> RW ack modes 0x1f01ff/7; other: waits")]
fn sharing_violation(#[case] held: Level, #[case] expected: &str) {
    for (disposition, level, information) in
        [(Disposition::Open, "ii", "7"), (Disposition::Overwrite, "none", "8")]
    {
        let mut bench = Bench::new();
        bench.hold(sharing(K1, Share::NONE), held);
        bench.create("other", disposing(K2, disposition));
        assert_eq!(bench.said(), expected.replace('L', level).replace('I', information));
    }
}

/// Handle caching under the opener's own key is not taken away.
#[rstest]
fn sharing_violation_of_the_same_key(#[values(Rh, Rwh)] held: Level) {
    let mut bench = Bench::new();
    bench.hold(sharing(K1, Share::NONE), held);
    bench.create("other", plain(K1));
    assert_eq!(bench.said(), VIOLATION);
    assert!(bench.store.fired().contains(RuleId::FsaCheckBreakSharingViolationSameKey));
}

/// Single access bits: what breaks write caching (smb2.lease.statopen4, smb2.oplock.statopen1).
#[rstest]
#[case(Access::READ_DATA, true, true)]
#[case(Access::WRITE_DATA, true, true)]
#[case(Access::APPEND_DATA, true, true)]
#[case(Access::READ_EA, true, true)]
#[case(Access::WRITE_EA, true, true)]
#[case(Access::EXECUTE, true, true)]
#[case(Access::READ_ATTRIBUTES, false, false)]
#[case(Access::WRITE_ATTRIBUTES, false, false)]
#[case(Access::DELETE, true, true)]
#[case(Access::READ_CONTROL, false, true)]
#[case(Access::WRITE_DAC, true, true)]
#[case(Access::WRITE_OWNER, true, true)]
#[case(Access::SYNCHRONIZE, false, false)]
#[case(Access::MAXIMUM_ALLOWED, true, true)]
fn single_access_bits(#[case] access: Access, #[case] granular: bool, #[case] legacy: bool) {
    for held in [Exclusive, Batch, Rw, Rwh] {
        let breaks = if held.is_granular() { granular } else { legacy };
        assert_eq!(create(held, wanting(K2, access)) != OPENED, breaks, "{held}");
    }
}

/// D9: by the WDK list READ_CONTROL breaks granular oplocks too.
#[test]
fn read_control_breaks_by_choice() {
    let mut bench = Bench::reading(&[("read_control", "breaks")]);
    bench.hold(plain(K1), Rwh);
    bench.create("other", wanting(K2, Access::READ_CONTROL));
    assert_eq!(bench.said(), "holder: RWH -> RH ack; other: waits");
}

/// Filter lets in who only reads and shares reading (D12).
#[rstest]
#[case::reads(Access::READ_DATA, Share::ALL, "read_and_shared", false)]
#[case::all_that_is_harmless(Access(0x12_01A9), Share::READ, "read_and_shared", false)]
#[case::writes(Access::WRITE_DATA, Share::ALL, "read_and_shared", true)]
#[case::deletes(Access::DELETE, Share::ALL, "read_and_shared", true)]
#[case::read_not_shared(Access::READ_DATA, Share::WRITE, "read_and_shared", true)]
#[case::attributes_not_shared(Access::ATTRIBUTES, Share::NONE, "read_and_shared", false)]
#[case::literal_writes(Access::WRITE_DATA, Share::ALL, "read_or_shared", false)]
#[case::literal_reads(Access::READ_DATA, Share::WRITE, "read_or_shared", false)]
#[case::literal_both(Access::WRITE_DATA, Share::WRITE, "read_or_shared", true)]
fn filter_and_opens(
    #[case] access: Access,
    #[case] share: Share,
    #[case] reading: &str,
    #[case] breaks: bool,
) {
    let mut bench = Bench::reading(&[("filter_open", reading)]);
    let holder = wanting(K1, Access::READ_ATTRIBUTES);
    bench.hold(holder, Filter);
    bench.create("other", CreateArgs { access, share, ..plain(K2) });
    let expected = if breaks {
        "holder: filter -> none ack information 8; other: waits"
    } else {
        "other: success action 1"
    };
    assert_eq!(bench.said(), expected);
}

/// A read or write beside a holder with key K1.
fn data(held: Level, write: bool, key: Option<LeaseKey>) -> String {
    let mut bench = Bench::new();
    bench.hold(plain(K1), held);
    // Attribute access is let in; a handle with the rights to read and write would have broken the oplock already.
    let other = bench.open(wanting(key, Access::ATTRIBUTES));
    if let Some(open) = bench.store.opens.get_mut(&other) {
        open.access = Access::FULL;
    }
    if write {
        bench.write("other", other)
    } else {
        bench.read("other", other)
    };
    bench.said()
}

#[rstest]
#[case(Ii, "other: success")]
#[case(Exclusive, "holder: exclusive -> ii ack information 7; other: waits")]
#[case(Batch, "holder: batch -> ii ack information 7; other: waits")]
#[case(Filter, "other: success")]
#[case(R, "other: success")]
#[case(Rh, "other: success")]
#[case(Rw, "holder: RW -> R ack; other: waits")]
#[case(Rwh, "holder: RWH -> RH ack; other: waits")]
fn read(#[case] held: Level, #[case] expected: &str) {
    assert_eq!(data(held, false, K2), expected);
    assert_eq!(data(held, false, K1), "other: success");
}

#[rstest]
#[case(Ii, "holder: ii -> none information 8; other: success")]
#[case(Exclusive, "holder: exclusive -> none ack information 8; other: waits")]
#[case(Batch, "holder: batch -> none ack information 8; other: waits")]
#[case(Filter, "holder: filter -> none ack information 8; other: waits")]
#[case(R, "holder: R -> none; other: success")]
#[case(Rh, "holder: RH -> none ack; other: success")]
#[case(Rw, "holder: RW -> none ack; other: waits")]
#[case(Rwh, "holder: RWH -> none ack; other: waits")]
fn write(#[case] held: Level, #[case] expected: &str) {
    assert_eq!(data(held, true, K2), expected);
    let own = if held == Ii { expected } else { "other: success" };
    assert_eq!(data(held, true, K1), own);
}

/// No bytes, no check.
#[test]
fn zero_length() {
    let mut bench = Bench::new();
    let open = bench.hold(plain(None), Ii);
    let ticket = bench.call("write");
    bench.store.write(ticket, open, 0, 0);
    let ticket = bench.call("read");
    bench.store.read(ticket, open, 99, 0);
    assert_eq!(bench.said(), "write: success; read: success");
    assert_eq!(bench.store.held(open), Ii);
}

/// The check comes before the end of the file is looked at.
#[test]
fn read_at_the_end() {
    let mut bench = Bench::new();
    let open = bench.open(plain(None));
    let ticket = bench.call("read");
    bench.store.read(ticket, open, 8, 1);
    assert_eq!(bench.said(), "read: end_of_file");
}

/// Several breaks in one operation: every Level II, then R of other keys (smb2.lease.multibreak).
#[test]
fn overwrite_breaks_two_and_r() {
    let mut bench = Bench::new();
    bench.hold(plain(K1), R);
    bench.hold(plain(None), Ii);
    bench.create("other", disposing(K2, Disposition::Overwrite));
    assert_eq!(
        bench.said(),
        "holder: ii -> none information 8; holder: R -> none; other: success action 3"
    );
}

/// MIXED R and RH: each member as its own row says.
#[test]
fn mixed_holders() {
    let mut bench = Bench::new();
    bench.hold(plain(K1), R);
    bench.hold(plain(K2), Rh);
    let writer = bench.open(plain(K3));
    bench.write("write", writer);
    assert_eq!(bench.said(), "holder: R -> none; holder: RH -> none ack; write: success");

    let mut bench = Bench::new();
    bench.hold(plain(K1), R);
    bench.hold(plain(K2), Rh);
    bench.create("other", sharing(K3, Share::NONE));
    assert_eq!(bench.said(), "holder: RH -> R ack modes 0x1f01ff/0; other: waits");
}

/// Streams are independent, but for overwrites and Batch or Filter.
#[rstest]
#[case::plain_on_stream("f", Batch, "f:s", Disposition::Open, Share::ALL, Access::FULL, OPENED)]
#[case::plain_on_file("f:s", Batch, "f", Disposition::Open, Share::ALL, Access::FULL, OPENED)]
#[case::overwrite_shares_delete(
    "f",
    Batch,
    "f:s",
    Disposition::Overwrite,
    Share::ALL,
    Access::FULL,
    "other: success action 3"
)]
#[case::overwrite_without_share_delete(
    "f",
    Batch,
    "f:s",
    Disposition::Overwrite,
    Share::READ,
    Access::WRITE_DATA,
    "holder: batch -> none ack information 8; other: waits"
)]
#[case::level_one_is_not_concerned(
    "f",
    Exclusive,
    "f:s",
    Disposition::Overwrite,
    Share::READ,
    Access::WRITE_DATA,
    "other: success action 3"
)]
#[case::overwrite_file_with_delete(
    "f:s",
    Filter,
    "f",
    Disposition::Supersede,
    Share::ALL,
    Access::WRITE_DATA,
    "holder: filter -> none ack information 8; other: waits"
)]
#[case::overwrite_file_without_delete(
    "f:s",
    Filter,
    "f",
    Disposition::Overwrite,
    Share::ALL,
    Access::WRITE_DATA,
    "other: success action 3"
)]
fn streams(
    #[case] held_path: &str,
    #[case] held: Level,
    #[case] path: &str,
    #[case] disposition: Disposition,
    #[case] share: Share,
    #[case] access: Access,
    #[case] expected: &str,
) {
    let mut bench = Bench::new();
    bench.hold(
        CreateArgs { path: held_path.to_owned(), ..wanting(K1, Access::READ_ATTRIBUTES) },
        held,
    );
    let path = path.to_owned();
    bench.create("other", CreateArgs { path, disposition, share, access, ..plain(K2) });
    assert_eq!(bench.said(), expected);
}

/// A directory that is opened incompatibly loses handle caching like a file.
#[test]
fn directory_opened_incompatibly() {
    let mut bench = Bench::new();
    let directory = CreateArgs { path: "d".to_owned(), ..plain(K1) };
    let open = bench.hold(directory.clone(), Rh);
    bench.create("other", CreateArgs { share: Share::NONE, key: K2, ..directory });
    assert_eq!(bench.said(), "holder: RH -> R ack modes 0x1f01ff/0; other: waits");
    bench.close("close", open);
    assert_eq!(bench.said(), "close: success; other: success action 1");
}

/// The parent directory: R and RH of strangers break, and nothing waits.
#[rstest]
#[case(K1, "child: success action 2")]
#[case(K2, "holder: RH -> none ack; child: success action 2")]
#[case(None, "holder: RH -> none ack; child: success action 2")]
fn parent_of_a_new_child(#[case] parent_key: Option<LeaseKey>, #[case] expected: &str) {
    let mut bench = Bench::new();
    bench.hold(CreateArgs { path: "d".to_owned(), ..plain(K1) }, Rh);
    bench.create("child", CreateArgs { path: "d/new".to_owned(), parent_key, ..plain(K3) });
    assert_eq!(bench.said(), expected);
}
