use std::fs;
use std::path::Path;

use rstest::rstest;
use time::{Date, Month};

use super::*;
use crate::testing;
use crate::verdict::{Judgement, Verdict};
use crate::{corpus, embed};

const LIST: &str = r#"
- cases: oplock/batch/second-open-*
  versions: ">=4.15, <4.22"
  expect: fails
  signature: "wrong level at step 2: to expected ii, observed none"
  because: The server breaks to none.
  ref: BUG-1
  review: 2027-03-01

- cases: lease/flaky
  expect: flaky
  signature: "wrong level at step 2: to expected ii, observed n*"
  evidence: 3 of 20 runs, 2026-11-20
  because: The server races with itself.
"#;

fn judged(verdict: Verdict, observed: &str) -> Judgement {
    match verdict {
        Verdict::Pass => testing::passed(),
        verdict => Judgement { verdict, ..testing::wrong_level(observed) },
    }
}

fn read(text: &str, version: &str) -> Deviations {
    Deviations::read("deviations.yaml", text, version).expect("a good list")
}

fn refused(text: &str) -> String {
    Deviations::read("d.yaml", text, "1").expect_err("a bad list").to_string()
}

/// An entry for these cases, with these further keys.
fn entry(cases: &str, more: &str) -> String {
    format!("- {{cases: \"{cases}\", expect: fails, signature: s, because: It does.{more}}}\n")
}

/// Each way in which a cell can meet its entry.
#[rstest]
#[case("oplock/batch/second-open-x", Verdict::Fail, "none", Verdict::KnownDeviation)]
#[case("oplock/batch/second-open-x", Verdict::Fail, "R", Verdict::FailedDifferently)]
#[case("oplock/batch/second-open-x", Verdict::Pass, "", Verdict::UnexpectedPass)]
#[case("oplock/batch/second-open-x", Verdict::Inconclusive, "none", Verdict::FailedDifferently)]
#[case("oplock/batch/second-open-x", Verdict::Error, "none", Verdict::Error)]
#[case("oplock/batch/another", Verdict::Fail, "none", Verdict::Fail)]
#[case("lease/flaky", Verdict::Pass, "", Verdict::KnownDeviation)]
#[case("lease/flaky", Verdict::Fail, "none", Verdict::KnownDeviation)]
#[case("lease/flaky", Verdict::Inconclusive, "none", Verdict::KnownDeviation)]
#[case("lease/flaky", Verdict::Fail, "R", Verdict::FailedDifferently)]
#[case("lease/flaky", Verdict::Error, "R", Verdict::Error)]
fn verdicts(
    #[case] case: &str,
    #[case] judged_as: Verdict,
    #[case] observed: &str,
    #[case] expected: Verdict,
) {
    let applied =
        read(LIST, "4.17.12").apply(case, case, "smb3_1_1,signed", &judged(judged_as, observed));
    assert_eq!(applied.verdict, expected);
}

#[test]
fn an_entry_for_other_axes_does_not_apply() {
    let list = read(&entry("a/b", ", axes: \"smb2_*\""), "1.0.0");
    assert!(list.entry("a/b", "a/b", "smb2_1,signed").is_some());
    assert!(list.entry("a/b", "a/b", "smb3_1_1,signed").is_none());
    assert_eq!(
        list.entries("a/b", "a/b").map(Deviation::told).collect::<Vec<_>>(),
        ["@smb2_*: It does."]
    );
}

/// A deviation that shows itself in each cell of a matrix needs one entry, with `*` where the cells differ.
#[rstest]
#[case("wrong level at step *: to expected ii, observed *", Verdict::KnownDeviation)]
#[case("wrong level *", Verdict::KnownDeviation)]
#[case("wrong level at step *: to expected R, observed *", Verdict::FailedDifferently)]
#[case("wrong level at step", Verdict::FailedDifferently)]
fn a_signature_may_leave_parts_open(#[case] signature: &str, #[case] expected: Verdict) {
    let list = format!("- cases: x\n  expect: fails\n  because: y\n  signature: \"{signature}\"\n");
    let judgement = judged(Verdict::Fail, "none");
    assert_eq!(read(&list, "1").apply("x", "x", "", &judgement).verdict, expected);
}

#[test]
fn an_entry_for_other_versions_does_not_apply() {
    let case = "oplock/batch/second-open-x";
    let judgement = judged(Verdict::Fail, "none");
    for version in ["4.22.0", "4.14.9-Debian", "", "unknown"] {
        assert_eq!(
            read(LIST, version).apply(case, case, "smb3_1_1,signed", &judgement).verdict,
            Verdict::Fail,
            "{version}"
        );
    }
    assert_eq!(
        read(LIST, "4.17").apply(case, case, "smb3_1_1,signed", &judgement).verdict,
        Verdict::KnownDeviation
    );
}

/// Of several entries the one counts that is about the fewest others: a cell, a case, the longer pattern, axes, versions.
#[rstest]
#[case("lease/x/*", "lease/*", true)]
#[case("lease/x", "lease/x/*", true)]
#[case("lease/x/held=R,op=read", "lease/x", true)]
#[case("lease/x/held=R,op=read", "lease/x/held=R,op=rea*", true)]
#[case("lease/x/*", "*/held=R,op=read", false)]
fn the_entry_about_fewer_cells_counts(
    #[case] one: &str,
    #[case] other: &str,
    #[case] first_wins: bool,
) {
    for (text, line) in
        [(entry(one, "") + &entry(other, ""), 1), (entry(other, "") + &entry(one, ""), 2)]
    {
        let list = read(&text, "1");
        let found = list.entry("lease/x", "lease/x/held=R,op=read", "").expect("an entry");
        assert_eq!(found.line == line, first_wins, "{text}");
        assert!(
            list.decided([("lease/x", "lease/x/held=R,op=read")].into_iter()).is_ok(),
            "{text}"
        );
    }
}

#[rstest]
#[case(", axes: \"*,lease_v2\"", "")]
#[case(", versions: \"<2\"", "")]
#[case(", axes: \"smb3_*\"", ", versions: \"<2\"")]
fn an_exception_counts_before_the_rule(#[case] narrow: &str, #[case] wide: &str) {
    let list = read(&(entry("a/b", wide) + &entry("a/b", narrow)), "1.5");
    let found = list.entry("a/b", "a/b", "smb3_1_1,signed,lease_v2").expect("an entry");
    assert_eq!(found.line, 2);
    assert!(list.decided([("a/b", "a/b")].into_iter()).is_ok());
}

/// Two entries that are about a cell to the same degree are refused, where they can be asked together.
#[rstest]
#[case(entry("a/b", ""), entry("a/b", ""), true)]
#[case(entry("a/*", ""), entry("*/b", ""), true)]
#[case(entry("a/b", ", versions: \"<4.22\""), entry("a/b", ", versions: \">=4.22\""), false)]
#[case(entry("a/b", ", versions: \"<4.22\""), entry("a/b", ", versions: \">=4.21\""), true)]
#[case(entry("a/b", ", axes: \"smb2_1*\""), entry("a/b", ", axes: \"smb3_0*\""), false)]
#[case(entry("a/b", ", axes: \"smb2_*\""), entry("a/b", ", axes: \"*_1,un*\""), true)]
#[case(entry("a/c", ""), entry("a/c", ""), false)]
fn two_entries_with_equal_right(#[case] one: String, #[case] other: String, #[case] refused: bool) {
    let list = read(&(one + &other), "1");
    let decided = list.decided([("a/b", "a/b")].into_iter());
    assert_eq!(decided.is_err(), refused);
    if let Err(error) = decided {
        let error = error.to_string();
        assert!(
            error.starts_with(
                "deviations.yaml:2: the entries of line 1 and line 2 both cover `a/b`"
            ),
            "{error}"
        );
    }
}

#[test]
fn the_messages_say_what_to_do_next() {
    let list = read(LIST, "4.17.12");
    let case = "oplock/batch/second-open-x";
    let told = [
        list.apply(case, case, "smb3_1_1,signed", &judged(Verdict::Pass, "")).reason,
        list.apply(case, case, "smb3_1_1,signed", &judged(Verdict::Fail, "R")).reason,
        list.apply(case, case, "smb3_1_1,signed", &judged(Verdict::Inconclusive, "none")).reason,
        list.apply(case, case, "smb3_1_1,signed", &judged(Verdict::Fail, "none")).reason,
    ]
    .map(Option::unwrap_or_default)
    .join("\n");
    insta::assert_snapshot!(told);
}

fn day(year: i32, month: Month, day: u8) -> Date {
    Date::from_calendar_date(year, month, day).expect("a date")
}

fn known<'a>(cells: &[(&'a str, Option<&'a str>, &'a str)]) -> Vec<Known<'a>> {
    cells.iter().map(|&(case, was, cell)| Known { case, was, cell }).collect()
}

#[test]
fn entries_that_want_work_are_told_with_the_edit() {
    let text = LIST.to_owned()
        + &entry("lease/old-name", "")
        + &entry("lease/old-name/held=R,op=read", "")
        + &entry("lease/new-nane", "")
        + &entry("lease/new-name", ", versions: \">=4.22, <4.20\"")
        + &entry("lease/new-name/*", ", axes: \"smb4_*\"");
    let list = read(&text, "4.17.12");
    let cells =
        known(&[("lease/new-name", Some("lease/old-name"), "lease/new-name/held=R,op=read")]);
    let messages: Vec<_> = list
        .outdated(&cells, day(2027, Month::March, 2))
        .into_iter()
        .map(|found| format!("{} {}", found.line, found.message))
        .collect();
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn a_review_is_told_before_its_day_and_is_over_after_it() {
    let list = read(LIST, "4.17.12");
    let cells = known(&[
        ("oplock/batch/second-open-x", None, "oplock/batch/second-open-x"),
        ("lease/flaky", None, "lease/flaky"),
    ]);
    let on = |today| {
        let (outdated, soon) = (list.outdated(&cells, today), list.due_soon(today));
        (outdated.len(), soon.into_iter().map(|found| found.message).next().unwrap_or_default())
    };
    assert_eq!(on(day(2027, Month::January, 29)), (0, String::new()));
    insta::assert_snapshot!(on(day(2027, Month::January, 30)).1);
    assert_eq!(on(day(2027, Month::March, 1)).0, 0);
    assert!(on(day(2027, Month::March, 1)).1.contains("by 2027-03-01, today; "));
    assert_eq!(on(day(2027, Month::March, 2)), (1, String::new()));
    // For another version nobody has to look at it.
    assert_eq!(read(LIST, "4.22").outdated(&cells, day(2030, Month::March, 2)), []);
}

/// Everything that is wrong with a list is told at once, each with line and column.
#[test]
fn all_mistakes_are_told_at_once() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/deviations");
    let text = fs::read_to_string(folder.join("everything.yaml")).expect("a fixture");
    insta::assert_snapshot!(refused(&text));
}

/// Each way in which a list can be wrong.
#[rstest]
#[case("- cases: [")]
#[case("- cases: x\n  expect: fails\n  because: y\n  colour: red\n  signature: s\n")]
#[case("- cases: x\n  expect: breaks\n  because: y\n  signature: s\n")]
#[case("- cases: x\n  expect: fails\n  because: y\n")]
#[case("- cases: x\n  expect: fails\n  because: y\n  signature: '*'\n")]
#[case("- cases: x\n  expect: fails\n  signature: s\n")]
#[case("- cases: x\n  expect: fails\n  signature: s\n  because: TODO\n")]
#[case("- cases: x\n  expect: fails\n  signature: s\n  because: y\n  versions: new\n")]
#[case("- cases: x\n  expect: fails\n  signature: s\n  because: y\n  review: tomorrow\n")]
#[case("- cases: x\n  expect: fails\n  signature: s\n  because: y\n  review: 2027-02-30\n")]
#[case("- cases: x\n  expect: fails\n  signature: s\n  because: y\n  review: 27-2-3\n")]
#[case(
    "- cases: x\n  expect: fails\n  signature: s\n  because: y\n  evidence: 3 of 20 runs, 2026-11-20\n"
)]
#[case("- cases: x\n  expect: flaky\n  signature: s\n  because: y\n")]
#[case("- cases: x\n  expect: flaky\n  signature: s\n  because: y\n  evidence: often\n")]
#[case(
    "- cases: x\n  expect: flaky\n  signature: s\n  because: y\n  evidence: 0 of 20 runs, 2026-11-20\n"
)]
#[case(
    "- cases: x\n  expect: flaky\n  signature: s\n  because: y\n  evidence: 20 of 20 runs, 2026-11-20\n"
)]
#[case(
    "- cases: x\n  expect: flaky\n  signature: s\n  because: y\n  evidence: 3 of 20 runs, TODO\n"
)]
#[case("cases: x\n")]
#[case("- x\n")]
fn a_bad_list_is_refused(#[case] text: &str) {
    let error = refused(text);
    assert!(error.contains("--> d.yaml:"), "{error}");
    assert!(error.ends_with(" in the deviation list"), "{error}");
}

#[test]
fn an_empty_list_is_a_list() {
    assert!(read("# nothing known\n", "1").entries.is_empty());
}

/// A record carries the list as far as it is for the version that was asked, and hands it out again.
#[test]
fn a_list_goes_through_a_record() {
    let list = read(LIST, "4.17.12");
    let listed = list.listed().expect("entries");
    let text = serde_json::to_string(&listed).expect("json");
    let again = serde_json::from_str(&text).expect("the same");
    let again = Deviations::of_record(&again, "4.17.12").expect("a list");
    assert_eq!(again.entries, list.entries);
    assert_eq!(read(LIST, "4.22").listed().map(|listed| listed.entries.len()), Some(1));
    let hostile = ListedEntry { versions: Some("\u{1b}".into()), ..ListedEntry::default() };
    let hostile = Listed { entries: vec![hostile], ..Listed::default() };
    assert!(Deviations::of_record(&hostile, "1").is_err());
}

/// The shipped lists are about cells that are there, and say of each with one voice how it ends.
#[test]
fn the_shipped_lists_are_sound() {
    let corpus = corpus::read(None).expect("the corpus");
    let was: Vec<_> = corpus.cases.iter().map(oplock_suite::plan::Case::was_id).collect();
    let cells: Vec<_> = corpus
        .cases
        .iter()
        .zip(&was)
        .flat_map(|(case, was)| {
            let known = |cell| Known { case: case.id.as_str(), was: was.as_deref(), cell };
            case.cells.iter().map(move |cell| known(cell.id.0.as_str()))
        })
        .collect();
    for (_, file, text) in embed::all_deviations() {
        let list = Deviations::read_all(file, text).expect("a list");
        list.decided(corpus::cells(&corpus)).expect("one voice");
        let stale: Vec<_> = list
            .outdated(&cells, day(2026, Month::January, 1))
            .into_iter()
            .map(|found| found.message)
            .collect();
        assert_eq!(stale, Vec::<String>::new(), "{file}");
    }
}
