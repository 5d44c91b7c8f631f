//! The order of the checks when an existing stream is opened (spec/04 section 5), step against step.

use oplock_model::Level::{self, Batch, Exclusive, Filter, Rh, Rw, Rwh};
use oplock_model::{Access, AckForm, Disposition, RuleId, Share};
use rstest::rstest;

use super::bench::{Bench, K1, K2, K3, accepting, disposing, plain, sharing, wanting};
use super::calls::{DELETE, attributes};
use crate::store::{CreateArgs, OpenId};

const READ_ONLY: u32 = 0x1;
const HIDDEN: u32 = 0x2;
const SYSTEM: u32 = 0x4;

/// A holder of a file that has these attributes.
fn holding(level: Level, share: Share, with: u32) -> (Bench, OpenId) {
    let mut bench = Bench::new();
    let setter = bench.open(wanting(None, Access::WRITE_ATTRIBUTES));
    bench.set("attributes", setter, attributes(with));
    bench.close("close", setter);
    bench.skip();
    // A read-only file is not opened for writing by its holder either.
    let access = Access::READ_DATA.union(Access::READ_ATTRIBUTES);
    let holder = bench.hold(CreateArgs { share, ..wanting(K1, access) }, level);
    (bench, holder)
}

/// d before f: Batch and Filter are broken even for a caller who lacks the rights; all others stay untouched.
#[rstest]
#[case(Batch, "holder: batch -> ii ack information 7; other: waits")]
#[case(Filter, "holder: filter -> none ack information 8; other: waits")]
#[case(Exclusive, "other: access_denied")]
#[case(Rw, "other: access_denied")]
#[case(Rwh, "other: access_denied")]
#[case(Rh, "other: access_denied")]
fn access_after_batch(#[case] held: Level, #[case] expected: &str) {
    for access in [Access::WRITE_DATA, Access::APPEND_DATA] {
        let (mut bench, holder) = holding(held, Share::ALL, READ_ONLY);
        bench.create("other", wanting(K2, access));
        assert_eq!(bench.said(), expected, "{held}");
        if expected.ends_with("waits") {
            bench.ack("ack", holder, AckForm::NoLevelTwo);
            assert_eq!(bench.said(), "ack: success; other: access_denied");
        }
        assert!(bench.store.fired().contains(RuleId::FsaCreateAccessDenied));
    }
}

/// f before h: who lacks the rights is told so, not that sharing is violated.
#[test]
fn access_before_sharing() {
    let (mut bench, holder) = holding(Rwh, Share::NONE, READ_ONLY);
    bench.create("other", wanting(K2, Access::WRITE_DATA));
    assert_eq!(bench.said(), "other: access_denied");
    assert_eq!(bench.store.breaking(holder), None);
    bench.create("reader", wanting(K2, Access::READ_DATA));
    assert_eq!(bench.said(), "holder: RWH -> RW ack modes 0x1/7; reader: waits");
}

/// What a read-only file denies: changing its data, by the access or by the disposition.
#[rstest]
#[case::read(wanting(K2, Access::READ_DATA), "other: success action 1")]
#[case::write(wanting(K2, Access::WRITE_DATA), "other: access_denied")]
#[case::append(wanting(K2, Access::APPEND_DATA), "other: access_denied")]
#[case::delete(wanting(K2, Access::DELETE), "other: success action 1")]
#[case::maximum(wanting(K2, Access::MAXIMUM_ALLOWED), "other: success action 1")]
#[case::overwrite(
    CreateArgs { access: Access::READ_DATA, ..disposing(K2, Disposition::Overwrite) },
    "other: access_denied"
)]
fn read_only(#[case] args: CreateArgs, #[case] expected: &str) {
    let mut bench = Bench::new();
    let setter = bench.open(plain(None));
    bench.set("attributes", setter, attributes(READ_ONLY));
    bench.close("close", setter);
    bench.skip();
    let create = bench.create("other", args.clone());
    assert_eq!(bench.said(), expected);
    if args.access == Access::MAXIMUM_ALLOWED {
        let open = OpenId(2);
        bench.write("write", open);
        assert_eq!(bench.said(), "write: access_denied", "{create:?}");
    }
}

/// e: a hidden or system file is not overwritten by who does not name the attribute, and a create names none.
#[rstest]
fn hidden_and_system(
    #[values(HIDDEN, SYSTEM)] with: u32,
    #[values(Disposition::Overwrite, Disposition::OverwriteIf, Disposition::Supersede)]
    disposition: Disposition,
) {
    let (mut bench, holder) = holding(Rwh, Share::ALL, with);
    bench.create("other", disposing(K2, disposition));
    assert_eq!(bench.said(), "other: access_denied");
    assert_eq!(bench.store.breaking(holder), None);
    bench.create("stream", CreateArgs { path: "f:s".to_owned(), ..disposing(K2, disposition) });
    let said = bench.said();
    assert!(said.starts_with("stream: success"), "{said}");
}

/// a before everything: a file marked for deletion breaks nothing (smb2.oplock.doc).
#[rstest]
fn delete_pending_first(#[values(Batch, Rwh, Exclusive)] held: Level) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), held);
    bench.set("delete", holder, DELETE);
    bench.create("other", wanting(K2, Access::READ_DATA));
    assert_eq!(bench.said(), "delete: success; other: delete_pending");
}

/// g and h take handle caching, i takes the rest: at most one break in a pass, and the overwrite follows on the repeat.
#[test]
fn handle_first_then_the_overwrite() {
    let mut bench = Bench::new();
    let holder = bench.hold(sharing(K1, Share::NONE), Rwh);
    bench.create("other", disposing(K2, Disposition::Overwrite));
    assert_eq!(bench.said(), "holder: RWH -> RW ack modes 0x1f01ff/7; other: waits");
    bench.ack("ack", holder, accepting(Rw));
    assert_eq!(bench.said(), "ack: pending; other: sharing_violation");

    // The holder's other open stays, which shares everything: on the repeat sharing is fine, and the data goes.
    let mut bench = Bench::new();
    let sharing_open = bench.hold(plain(K1), Rwh);
    let strict = bench.open(CreateArgs { share: Share::NONE, ..wanting(K1, Access::ATTRIBUTES) });
    bench.store.opens.get_mut(&strict).expect("an open").access = Access::READ_DATA;
    bench.create("other", disposing(K2, Disposition::Overwrite));
    bench.skip();
    bench.close("close", strict);
    bench.ack("ack", sharing_open, accepting(Rw));
    assert_eq!(bench.said(), "close: success; ack: pending; ack: RW -> none ack");
    bench.ack("last", sharing_open, accepting(Level::None));
    assert_eq!(bench.said(), "last: success; other: success action 3");
}

/// h: handle caching is taken once; both holders are waited for, and the repeat fails with the same status.
#[test]
fn handle_caching_of_two() {
    let mut bench = Bench::new();
    let reading = |key| CreateArgs { share: Share::READ, ..wanting(key, Access::READ_DATA) };
    let [first, second] = [bench.hold(reading(K1), Rh), bench.hold(reading(K2), Rh)];
    bench.create("other", sharing(K3, Share::NONE));
    assert_eq!(
        bench.said(),
        "holder: RH -> R ack modes 0x1f01ff/0; holder: RH -> R ack modes 0x1f01ff/0; other: waits"
    );
    bench.ack("first", first, accepting(Level::R));
    assert_eq!(bench.said(), "first: pending");
    bench.ack("second", second, accepting(Level::R));
    assert_eq!(bench.said(), "second: pending; other: sharing_violation");
}

/// The delete-sharing check over the file: an open of another stream is in the way, and handle caching of this one goes.
#[test]
fn delete_sharing_takes_handle_caching() {
    let mut bench = Bench::new();
    bench.hold(wanting(K1, Access::READ_DATA), Rh);
    let stream =
        CreateArgs { path: "f:s".to_owned(), share: Share::READ, ..wanting(K3, Access::READ_DATA) };
    bench.open(stream);
    bench.create("other", wanting(K2, Access::DELETE));
    assert_eq!(bench.said(), "holder: RH -> R ack modes 0x10000/7; other: waits");
}
