//! Every operation that checks for a break against every level (spec/02 sections 2 to 13), and against an oplock that is
//! breaking already (spec/02 section 14).
//!
//! A cell reads like those of the case format: `-` nothing breaks, `X` breaks to X with nothing owed, `X!` is owed and
//! waited for, `X~` is owed and not waited for.

use oplock_model::Level::{self, Batch, Exclusive, Filter, Ii, R, Rh, Rw, Rwh};
use oplock_model::{Access, LeaseKey};
use rstest::rstest;

use super::bench::{Bench, K1, K2, K3, plain, wanting};
use crate::store::OpenId;
use crate::store::check::Operation::{
    self, Allocation, DeleteOnClose, Disposition, EndOfFile, Flush, Link, Lock, Open,
    OpenBreakHandle, Overwrite, Parent, Read, Rename, Security, ShortName, ValidDataLength,
    WritableSection, Write, ZeroData,
};
use crate::store::check::{Check, Scope};
use crate::store::check_break::Outcome;

const LEVELS: [Level; 8] = [Ii, Exclusive, Batch, Filter, R, Rh, Rw, Rwh];

/// Checks an operation of an open; opens ask for everything.
fn check(bench: &mut Bench, by: OpenId, operation: Operation) -> Outcome {
    let stream = bench.store.stream_of(by).expect("a stream");
    let caller = bench.store.caller(by).expect("an open");
    let check = Check { access: Access::FULL, ..Check::of(operation) };
    bench.store.check_stream(stream, &caller, &check, Scope::Everything)
}

/// A further open, which breaks nothing by coming.
fn visitor(bench: &mut Bench, key: Option<LeaseKey>) -> OpenId {
    bench.open(wanting(key, Access::ATTRIBUTES))
}

/// What one operation does to the holder `holder`, as a cell.
fn cell(bench: &mut Bench, by: OpenId, operation: Operation) -> String {
    let outcome = check(bench, by, operation);
    let said = bench.said();
    let waits = outcome == Outcome::Wait;
    if said.is_empty() {
        return if waits { "!".to_owned() } else { "-".to_owned() };
    }
    let to = said.split("-> ").nth(1).and_then(|rest| rest.split([' ', ';']).next());
    let owed = said.contains(" ack");
    let mark = match (owed, waits) {
        (true, true) => "!",
        (true, false) => "~",
        (false, false) => "",
        (false, true) => "?",
    };
    format!("{}{mark}", to.unwrap_or("?"))
}

/// Spec/02 sections 2 to 12, column by column: II, Level 1, Batch, Filter, R, RH, RW, RWH.
#[rstest]
#[case::open(&[Open], "-    ii!   ii!   none! -    -     R!    RH!")]
#[case::read(&[Read, Flush], "-    ii!   ii!   -     -    -     R!    RH!")]
#[case::write(
    &[Overwrite, Write, EndOfFile, Allocation, ValidDataLength, ZeroData],
    "none none! none! none! none none~ none! none!"
)]
#[case::lock(&[Lock], "none none! none! -     none none~ none! none!")]
#[case::name(&[Rename, Link, ShortName], "-    -     none! none! -    R!    -     RW!")]
#[case::handle(
    &[OpenBreakHandle, Disposition, Security, DeleteOnClose],
    "-    -     -     -     -    R!    -     RW!"
)]
#[case::section(&[WritableSection], "-    -     -     -     none none  none  none")]
fn a_stranger(#[case] operations: &[Operation], #[case] row: &str) {
    for operation in operations {
        for (level, expected) in LEVELS.into_iter().zip(row.split_whitespace()) {
            let mut bench = Bench::new();
            bench.hold(plain(K1), level);
            let by = visitor(&mut bench, K2);
            let found = cell(&mut bench, by, *operation);
            assert_eq!(found, expected, "{operation:?} against {level}");
        }
    }
}

/// The holder's own handle, and another one of its key: only Level II and a writable section know no exemption.
#[rstest]
#[case::read(&[Open, Read, Flush], "-    - - - -    -    -    -")]
#[case::write(
    &[Overwrite, Write, Lock, EndOfFile, Allocation, ValidDataLength, ZeroData],
    "none - - - -    -    -    -"
)]
#[case::handle(
    &[Rename, Link, ShortName, OpenBreakHandle, Disposition, Security, DeleteOnClose],
    "-    - - - -    -    -    -"
)]
#[case::section(&[WritableSection], "-    - - - none none none none")]
fn the_holder_itself(#[case] operations: &[Operation], #[case] row: &str) {
    for operation in operations {
        for (level, expected) in LEVELS.into_iter().zip(row.split_whitespace()) {
            let mut bench = Bench::new();
            let holder = bench.hold(plain(K1), level);
            let found = cell(&mut bench, holder, *operation);
            assert_eq!(found, expected, "{operation:?} of the holder of {level}");

            let mut bench = Bench::new();
            bench.hold(plain(K1), level);
            let by = visitor(&mut bench, K1);
            let found = cell(&mut bench, by, *operation);
            assert_eq!(found, expected, "{operation:?} under the key of {level}");
        }
    }
}

/// Spec/02 section 2, the rows of two kinds of holders.
#[rstest]
#[case::w(&[Open, Read, Flush], "", "")]
#[case::h(
    &[Rename, Link, ShortName, OpenBreakHandle, Disposition, Security, DeleteOnClose],
    "",
    "rh: RH -> R ack"
)]
#[case::rw(
    &[Overwrite, Write, Lock, EndOfFile, Allocation, ValidDataLength, ZeroData],
    "two: ii -> none information 8; r: R -> none",
    "r: R -> none; rh: RH -> none ack"
)]
#[case::section(&[WritableSection], "r: R -> none", "r: R -> none; rh: RH -> none")]
fn two_kinds(#[case] operations: &[Operation], #[case] two_and_r: &str, #[case] r_and_rh: &str) {
    for operation in operations {
        let mut bench = Bench::new();
        hold_as(&mut bench, "two", K1, Ii);
        hold_as(&mut bench, "r", K2, R);
        let by = visitor(&mut bench, K3);
        check(&mut bench, by, *operation);
        assert_eq!(without_modes(&bench.said()), two_and_r, "{operation:?}");

        let mut bench = Bench::new();
        hold_as(&mut bench, "r", K1, R);
        hold_as(&mut bench, "rh", K2, Rh);
        let by = visitor(&mut bench, K3);
        let outcome = check(&mut bench, by, *operation);
        assert_eq!(without_modes(&bench.said()), r_and_rh, "{operation:?}");
        assert_eq!(outcome == Outcome::Wait, r_and_rh.contains("-> R ack"), "{operation:?}");
    }
}

/// Choices of D5, D8 and D13.
#[rstest]
#[case(Flush, "flush", "unchecked", "-    -     -     -     -    -     -     -")]
#[case(Security, "set_security", "unchecked", "-    -     -     -     -    -     -     -")]
#[case(Lock, "lock_over_rwh", "continues", "none none! none! -     none none~ none! none~")]
fn other_readings(
    #[case] operation: Operation,
    #[case] name: &str,
    #[case] value: &str,
    #[case] row: &str,
) {
    for (level, expected) in LEVELS.into_iter().zip(row.split_whitespace()) {
        let mut bench = Bench::reading(&[(name, value)]);
        bench.hold(plain(K1), level);
        let by = visitor(&mut bench, K2);
        let found = cell(&mut bench, by, operation);
        assert_eq!(found, expected, "{operation:?} against {level}");
    }
}

/// Spec/02 section 13: on the directory, by the parent key of who changes a child.
#[rstest]
#[case::no_parent_key(None, R, "none")]
#[case::no_parent_key(None, Rh, "none~")]
#[case::another(K2, R, "none")]
#[case::another(K2, Rh, "none~")]
#[case::the_holders(K1, R, "-")]
#[case::the_holders(K1, Rh, "-")]
fn on_the_parent(
    #[case] parent_key: Option<LeaseKey>,
    #[case] held: Level,
    #[case] expected: &str,
) {
    let directory = |key| crate::store::CreateArgs { path: "d".to_owned(), ..plain(key) };
    let mut bench = Bench::new();
    bench.hold(directory(K1), held);
    // The target key says nothing here, not even when it is the holder's.
    let child = crate::store::CreateArgs { parent_key, ..wanting(K1, Access::ATTRIBUTES) };
    let by = bench.open(child);
    let caller = bench.store.caller(by).expect("an open");
    let on = bench.open(crate::store::CreateArgs { access: Access::ATTRIBUTES, ..directory(K3) });
    let stream = bench.store.stream_of(on).expect("a stream");
    let outcome = bench.store.check_stream(stream, &caller, &Check::of(Parent), Scope::Everything);
    assert_eq!(outcome, Outcome::Proceed);
    let expected = match expected {
        "-" => "",
        "none" => "holder: R -> none",
        _ => "holder: RH -> none ack",
    };
    assert_eq!(bench.said(), expected);
}

const TO_TWO: &[Operation] = &[Open, Read, Flush];
const TO_NONE: &[Operation] =
    &[Overwrite, Write, Lock, EndOfFile, Allocation, ValidDataLength, ZeroData];
const NAMES: &[Operation] = &[Rename, Link, ShortName];
const HANDLE: &[Operation] = &[OpenBreakHandle, Disposition, Security, DeleteOnClose];

/// Spec/02 section 14. What is held, by which operations it came to break, then for each class of operations the level
/// that is needed afterwards and whether the caller waits (`!`) or proceeds (`.`): W, R+W, names, H.
#[rstest]
#[case(Exclusive, &[Read], "ii! none! ii. ii.")]
#[case(Exclusive, &[Write], "none! none! none. none.")]
#[case(Exclusive, &[Read, Write], "none! none! none. none.")]
#[case(Batch, &[Read], "ii! none! none! ii.")]
#[case(Batch, &[Write], "none! none! none! none.")]
#[case(Batch, &[Read, Write], "none! none! none! none.")]
#[case(Rw, &[Read], "R! none! R. R.")]
#[case(Rw, &[Write], "none! none! none. none.")]
#[case(Rwh, &[Disposition], "R! none! RW! RW!")]
#[case(Rwh, &[Read], "RH! none! R! R!")]
#[case(Rwh, &[Read, Disposition], "R! none! R! R!")]
#[case(Rwh, &[Disposition, Read], "R! none! R! R!")]
#[case(Rwh, &[Write], "none! none! none! none!")]
#[case(Rh, &[Disposition], "R. none. R! R!")]
#[case(Rh, &[Write], "none. none. none! none!")]
fn against_a_running_break(#[case] held: Level, #[case] before: &[Operation], #[case] row: &str) {
    for (operations, expected) in
        [TO_TWO, TO_NONE, NAMES, HANDLE].into_iter().zip(row.split_whitespace())
    {
        for operation in operations {
            let (found, said) = meeting(held, before, *operation, K2);
            assert_eq!(found, expected, "{operation:?} against {held} after {before:?}");
            // The holder learns of a deeper level only when it acknowledges.
            assert_eq!(said, "", "{operation:?} against {held} after {before:?}");
            let (_, outcome) = meeting_as_holder(held, before, *operation);
            assert_eq!(outcome, Outcome::Proceed, "{operation:?} of the holder of {held}");
        }
    }
}

/// Filter: what would break it waits, what would not proceeds.
#[rstest]
#[case(&[Open], "none!")]
#[case(&[Read, Flush, Lock], "none.")]
#[case(&[Overwrite, Write, EndOfFile, Allocation, ValidDataLength, ZeroData], "none!")]
#[case(NAMES, "none!")]
#[case(HANDLE, "none.")]
fn against_a_breaking_filter(#[case] operations: &[Operation], #[case] expected: &str) {
    for operation in operations {
        let (found, said) = meeting(Filter, &[Write], *operation, K2);
        assert_eq!((found.as_str(), said.as_str()), (expected, ""), "{operation:?}");
    }
}

/// A writable section takes everything granular at once and waits for nothing; what is owed stays owed.
#[rstest]
#[case(Exclusive, &[Read], "ii.")]
#[case(Batch, &[Write], "none.")]
#[case(Filter, &[Write], "none.")]
#[case(Rw, &[Read], "none.")]
#[case(Rwh, &[Disposition], "none.")]
#[case(Rh, &[Disposition], "none.")]
fn a_section_against_a_running_break(
    #[case] held: Level,
    #[case] before: &[Operation],
    #[case] expected: &str,
) {
    let (found, said) = meeting(held, before, WritableSection, K2);
    assert_eq!((found.as_str(), said.as_str()), (expected, ""));
}

/// Spec/02 section 14, the rows with holders beside the break queue: RH beside it, then R beside it.
#[rstest]
#[case::w(TO_TWO, "", Outcome::Proceed, "")]
#[case::rw(TO_NONE, "rh: RH -> none ack", Outcome::Proceed, "r: R -> none")]
#[case::names(NAMES, "rh: RH -> R ack", Outcome::Wait, "")]
#[case::h(HANDLE, "rh: RH -> R ack", Outcome::Wait, "")]
fn holders_beside_the_queue(
    #[case] operations: &[Operation],
    #[case] rh_beside: &str,
    #[case] outcome: Outcome,
    #[case] r_beside: &str,
) {
    for operation in operations {
        for (level, label, expected) in [(Rh, "rh", rh_beside), (R, "r", r_beside)] {
            let mut bench = Bench::new();
            let queued = bench.hold(plain(K1), Rh);
            let spared = hold_as(&mut bench, label, K2, level);
            // The second holder's own deletion spares it and breaks the first.
            check(&mut bench, spared, Disposition);
            let by = visitor(&mut bench, K3);
            let found = check(&mut bench, by, *operation);
            assert_eq!(without_modes(&bench.said()), expected, "{operation:?} beside {level}");
            assert_eq!(found, outcome, "{operation:?} beside {level}");
            let needed = if operations == TO_NONE { Level::None } else { R };
            assert_eq!(bench.store.needed(queued), Some(needed), "{operation:?}");
        }
    }
}

/// Both holders of the queue have the caller's key: it does not wait; one has not: it does.
#[test]
fn own_entries_of_the_queue() {
    let mut bench = Bench::new();
    bench.hold(plain(K1), Rh);
    hold_as(&mut bench, "other", K2, Rh);
    let third = visitor(&mut bench, K3);
    check(&mut bench, third, Disposition);
    let own = visitor(&mut bench, K1);
    assert_eq!(check(&mut bench, own, Disposition), Outcome::Wait);
    assert_eq!(check(&mut bench, own, Write), Outcome::Proceed);
}

fn hold_as(bench: &mut Bench, label: &'static str, key: Option<LeaseKey>, level: Level) -> OpenId {
    let open = bench.open(plain(key));
    bench.request(label, open, super::bench::asking(level));
    assert_eq!(bench.said(), format!("{label}: pending"));
    open
}

/// A holder whose break runs.
fn breaking(held: Level, before: &[Operation]) -> (Bench, OpenId) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), held);
    let early = visitor(&mut bench, K3);
    for operation in before {
        check(&mut bench, early, *operation);
    }
    bench.skip();
    (bench, holder)
}

/// The level needed after an operation, with what the caller does, and what was said.
fn meeting(
    held: Level,
    before: &[Operation],
    operation: Operation,
    key: Option<LeaseKey>,
) -> (String, String) {
    let (mut bench, holder) = breaking(held, before);
    let by = visitor(&mut bench, key);
    let mark = if check(&mut bench, by, operation) == Outcome::Wait { "!" } else { "." };
    let needed = bench.store.needed(holder).expect("a running break");
    (format!("{needed}{mark}"), bench.said())
}

fn meeting_as_holder(
    held: Level,
    before: &[Operation],
    operation: Operation,
) -> (Option<Level>, Outcome) {
    let (mut bench, holder) = breaking(held, before);
    let needed = bench.store.needed(holder);
    let outcome = check(&mut bench, holder, operation);
    assert_eq!(bench.store.needed(holder), needed);
    (needed, outcome)
}

/// An open that violates sharing gives its modes, the others none.
fn without_modes(said: &str) -> String {
    said.split(" modes ").next().unwrap_or_default().to_owned()
}
