//! Both readings of questions that the documents leave open: spec/07, by the number of the row.

use oplock_model::{
    Access, CreateOptions, Disposition, LeaseState, Level, SetInfo, Share, StoreRequest,
};
use rstest::rstest;

use super::bench::{Bench, K1, K2, disposing, plain, sharing, with_options};
use crate::store::CreateArgs;

const RH: Level = Level::Rh;

/// K1 holds RH on `f`, K2 sets something through a handle of its own.
fn set_beside_rh(reading: &[(&str, &str)], info: SetInfo) -> String {
    let mut bench = Bench::reading(reading);
    bench.hold(plain(K1), RH);
    let other = bench.open(plain(K2));
    bench.set("set", other, info);
    bench.said()
}

// D6, D7, D15: operations for which MS-FSA has no check.
#[rstest]
#[case("as_end_of_file", "holder: RH -> none ack; set: success")]
#[case("unchecked", "set: success")]
fn valid_data_length(#[case] value: &str, #[case] said: &str) {
    let reading = [("valid_data_length", value)];
    assert_eq!(set_beside_rh(&reading, SetInfo::ValidDataLength(4)), said);
}

#[rstest]
#[case("breaks_handle", "holder: RH -> R ack; set: waits")]
#[case("unchecked", "set: success")]
fn disposition(#[case] value: &str, #[case] said: &str) {
    let reading = [("disposition", value)];
    assert_eq!(set_beside_rh(&reading, SetInfo::Disposition { delete: true }), said);
}

#[rstest]
#[case("breaks_handle", "holder: RH -> R ack; set: waits")]
#[case("unchecked", "set: success")]
fn short_name(#[case] value: &str, #[case] said: &str) {
    let reading = [("short_name", value)];
    assert_eq!(set_beside_rh(&reading, SetInfo::ShortName("SHORT~1".to_owned())), said);
}

// D3: a synchronous handle of a file that is mapped writable.
#[rstest]
#[case("last", "request: oplock_not_granted")]
#[case("first", "request: cannot_grant_requested_oplock to none writable section")]
fn place_of_the_writable_section(#[case] value: &str, #[case] said: &str) {
    let mut bench = Bench::reading(&[("writable_section", value)]);
    let mapped = bench.open(plain(K1));
    let ticket = bench.call("map");
    bench.store.map_section(ticket, mapped, true);
    let open = bench.open(with_options(K1, CreateOptions::SYNCHRONOUS_IO_NONALERT));
    bench.request("request", open, StoreRequest::Granular(LeaseState::R));
    assert_eq!(bench.said(), said);
}

// D14: a rename over a target that is open with RWH.
#[rstest]
#[case("as_rename", "holder: RWH -> RW ack; rename: waits")]
#[case("as_end_of_file", "holder: RWH -> none ack; rename: waits")]
fn rename_target(#[case] value: &str, #[case] said: &str) {
    let mut bench = Bench::reading(&[("rename_target", value)]);
    bench.file("g", 8);
    bench.hold(plain(K1), Level::Rwh);
    let other = bench.open(CreateArgs { path: "g".to_owned(), ..plain(K2) });
    bench.replace("rename", other, "f");
    assert_eq!(bench.said(), said);
}

// D17: RH on the directory; a stranger overwrites a child, and writes and closes.
#[rstest]
#[case("breaks", "holder: RH -> none ack; overwrite: success action 3")]
#[case("kept", "overwrite: success action 3")]
fn parent_of_overwritten_data(#[case] value: &str, #[case] said: &str) {
    let mut bench = Bench::reading(&[("parent_of_data", value)]);
    bench.file("d/x", 8);
    let directory = CreateArgs { path: "d".to_owned(), ..plain(K1) };
    bench.hold(directory, RH);
    let args = CreateArgs { path: "d/x".to_owned(), ..disposing(K2, Disposition::Overwrite) };
    bench.create("overwrite", args);
    assert_eq!(bench.said(), said);
}

#[rstest]
#[case("breaks", "holder: RH -> none ack; close: success")]
#[case("kept", "close: success")]
fn parent_of_written_data(#[case] value: &str, #[case] said: &str) {
    let mut bench = Bench::reading(&[("parent_of_data", value)]);
    bench.file("d/x", 8);
    bench.hold(CreateArgs { path: "d".to_owned(), ..plain(K1) }, RH);
    let child = bench.open(CreateArgs { path: "d/x".to_owned(), ..plain(K2) });
    bench.write("write", child);
    assert_eq!(bench.said(), "write: success");
    bench.close("close", child);
    assert_eq!(bench.said(), said);
}

// D22.
#[rstest]
#[case("cancelled", "notify: cancelled")]
#[case("invalid_oplock_protocol", "notify: invalid_oplock_protocol")]
fn cancelled_notify(#[case] value: &str, #[case] said: &str) {
    let mut bench = Bench::reading(&[("cancelled_notify", value)]);
    bench.hold(plain(K1), Level::Rwh);
    let open = bench.open(with_options(K2, CreateOptions::COMPLETE_IF_OPLOCKED));
    let ticket = bench.call("notify");
    bench.store.break_notify(ticket, open);
    bench.skip();
    bench.store.cancel(ticket);
    assert_eq!(bench.said(), said);
}

// D42: an overwriting open that violates sharing.
#[rstest]
#[case("without_handle", "holder: RWH -> RW ack modes 0x1f01ff/7; open: waits")]
#[case("none", "holder: RWH -> none ack; open: waits")]
fn overwriting_violation(#[case] value: &str, #[case] said: &str) {
    let mut bench = Bench::reading(&[("overwriting_violation", value)]);
    bench.hold(sharing(K1, Share::NONE), Level::Rwh);
    bench.create(
        "open",
        CreateArgs { access: Access::FULL, ..disposing(K2, Disposition::Overwrite) },
    );
    assert_eq!(bench.said(), said);
}
