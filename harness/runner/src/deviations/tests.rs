use rstest::rstest;

use super::*;
use crate::testing;

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

/// Each way in which a cell can meet its entry.
#[rstest]
#[case("oplock/batch/second-open-x", Verdict::Fail, "none", Verdict::KnownDeviation)]
#[case("oplock/batch/second-open-x", Verdict::Fail, "R", Verdict::FailedDifferently)]
#[case("oplock/batch/second-open-x", Verdict::Pass, "", Verdict::UnexpectedPass)]
#[case("oplock/batch/second-open-x", Verdict::Inconclusive, "none", Verdict::FailedDifferently)]
#[case("oplock/batch/second-open-x", Verdict::Error, "none", Verdict::Error)]
#[case("oplock/batch/another", Verdict::Fail, "none", Verdict::Fail)]
#[case("lease/flaky", Verdict::Pass, "", Verdict::KnownDeviation)]
#[case("lease/flaky", Verdict::Fail, "R", Verdict::KnownDeviation)]
fn verdicts(
    #[case] case: &str,
    #[case] judged_as: Verdict,
    #[case] observed: &str,
    #[case] expected: Verdict,
) {
    let Applied { verdict, .. } =
        read(LIST, "4.17.12").apply(case, case, "smb3_1_1,signed", &judged(judged_as, observed));
    assert_eq!(verdict, expected);
}

#[test]
fn an_entry_for_other_axes_does_not_apply() {
    let list = read(
        "- cases: a/b\n  axes: \"smb2_*\"\n  expect: flaky\n  because: Old dialects only.\n",
        "1.0.0",
    );
    assert!(list.entry("a/b", "a/b", "smb2_1,signed").is_some());
    assert!(list.entry("a/b", "a/b", "smb3_1_1,signed").is_none());
    assert_eq!(
        list.entries("a/b", "a/b").map(Deviation::told).collect::<Vec<_>>(),
        ["@smb2_*: Old dialects only."]
    );
}

/// A deviation that shows itself in each cell of a matrix needs one entry, with `*` where the cells differ.
#[rstest]
#[case("wrong level at step *: to expected ii, observed *", Verdict::KnownDeviation)]
#[case("*", Verdict::KnownDeviation)]
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

#[test]
fn a_pattern_for_a_case_covers_its_cells() {
    let list = read("[{cases: lease/flaky, expect: flaky, because: Races.}]", "1");
    assert!(list.entry("lease/flaky", "lease/flaky/held=R,op=read", "").is_some());
    assert!(list.entry("lease/flaky2", "lease/flaky2/held=R,op=read", "").is_none());
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

#[test]
fn stale_and_overdue_entries_are_found() {
    let list = read(LIST, "4.17.12");
    let cells = [("lease/other", "lease/other")];
    let today = Date::from_calendar_date(2027, Month::March, 2).expect("a date");
    let messages: Vec<_> = list
        .outdated(cells.iter().copied(), today)
        .into_iter()
        .map(|found| found.message)
        .collect();
    insta::assert_snapshot!(messages.join("\n"));

    let on_the_day = Date::from_calendar_date(2027, Month::March, 1).expect("a date");
    let cells = [
        ("oplock/batch/second-open-x", "oplock/batch/second-open-x"),
        ("lease/flaky", "lease/flaky"),
    ];
    assert_eq!(list.outdated(cells.iter().copied(), on_the_day), []);
}

/// Each way in which a list can be wrong.
#[rstest]
#[case("- cases: [")]
#[case("- cases: x\n  expect: fails\n  because: y\n  colour: red\n  signature: s\n")]
#[case("- cases: x\n  expect: breaks\n  because: y\n  signature: s\n")]
#[case("- cases: x\n  expect: fails\n  because: y\n")]
#[case("- cases: x\n  expect: fails\n  signature: s\n")]
#[case("- cases: x\n  expect: fails\n  signature: s\n  because: TODO\n")]
#[case("- cases: x\n  expect: fails\n  signature: s\n  because: y\n  versions: new\n")]
#[case("- cases: x\n  expect: fails\n  signature: s\n  because: y\n  review: tomorrow\n")]
#[case("cases: x\n")]
fn a_bad_list_is_refused(#[case] text: &str) {
    let error = Deviations::read("d.yaml", text, "1").expect_err("a bad list");
    assert!(error.to_string().starts_with("d.yaml:"), "{error}");
}

#[test]
fn an_empty_list_is_a_list() {
    assert!(read("# nothing known\n", "1").entries.is_empty());
}

/// `*` stands for any characters; all else for itself.
#[rstest]
#[case("a", "a", true)]
#[case("a", "ab", false)]
#[case("a*", "ab/c", true)]
#[case("*c", "ab/c", true)]
#[case("a*/c", "ab/c", true)]
#[case("a*b*c", "aXbYc", true)]
#[case("a*b*c", "aXc", false)]
#[case("ab*b", "ab", false)]
#[case("*", "", true)]
fn globs(#[case] pattern: &str, #[case] text: &str, #[case] matches: bool) {
    assert_eq!(glob(pattern, text), matches);
}
