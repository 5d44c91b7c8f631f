use time::{Date, Month};

use super::propose::propose;
use super::write;
use crate::deviations::{Deviations, by_entry};
use crate::record::{Attempt, CellLine, Header, Record};
use crate::testing;
use crate::verdict::{CellResult, Judgement, Kind, Verdict};

const AXES: [&str; 3] = ["smb3_1_1,signed", "smb2_1,signed", "smb2_0_2,signed"];

fn today() -> Date {
    Date::from_calendar_date(2026, Month::November, 21).expect("a day")
}

/// A record of these cases, each in these axes with this verdict; a break to that level is what a failure shows.
fn record(cells: &[(&str, usize, Verdict, &str)]) -> Record {
    let mut ids: Vec<&str> = cells.iter().map(|(id, ..)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    let cases: Vec<_> = ids.iter().map(|id| testing::case(id, &[])).collect();
    let results: Vec<CellResult> = cells
        .iter()
        .map(|(id, _, verdict, level)| {
            let case = ids.iter().position(|known| known == id).expect("a case");
            let judgement = match verdict {
                Verdict::Pass | Verdict::UnexpectedPass => testing::passed(),
                Verdict::Inconclusive => {
                    let mut judgement =
                        Judgement { verdict: *verdict, ..testing::wrong_level(level) };
                    judgement.divergences[0].kind = Kind::Given;
                    judgement
                }
                _ => testing::wrong_level(level),
            };
            CellResult { judgement: Some(judgement), ..testing::result(case, *verdict) }
        })
        .collect();
    let (cases, mut lines) = testing::lines(&cases, &results);
    for (line, (_, leg, ..)) in lines.iter_mut().zip(cells) {
        line.axes = AXES[*leg].to_owned();
    }
    testing::record(testing::header("filer", "9.5P3", &AXES), cases, lines, None)
}

fn proposal(record: &Record, known: &Deviations) -> String {
    let proposal = propose(record, known, Some("9.5".into())).expect("a proposal");
    let text = write::text(record, &proposal, today());
    // What is proposed is a list that can be read, once somebody has said why, and says of each cell with one voice how it ends.
    let filled = text.replace("because: TODO", "because: It does.");
    let list = Deviations::read("proposed.yaml", &filled, "9.5P3").expect(&filled);
    let cells = record
        .cells
        .iter()
        .map(|brief| (record.case(brief).map_or("", |case| case.id.as_str()), brief.cell.as_str()));
    list.decided(cells).expect(&filled);
    for brief in &record.cells {
        let case = record.case(brief).map_or("", |case| case.id.as_str());
        let entry = list.entry(case, &brief.cell, record.axes(brief));
        let wanted =
            matches!(brief.verdict, Verdict::Fail | Verdict::Inconclusive | Verdict::Flaky);
        let is_new = wanted
            && brief.deviation.is_none()
            && known.entry(case, &brief.cell, record.axes(brief)).is_none();
        assert_eq!(entry.is_some(), is_new, "{} @{}\n{text}", brief.cell, record.axes(brief));
    }
    text
}

#[test]
fn entries_are_few_and_narrow() {
    use Verdict::{Fail, Inconclusive, Pass};
    let record = record(&[
        ("oplock/batch/one", 0, Fail, "none"),
        ("oplock/batch/one", 1, Fail, "none"),
        ("oplock/batch/two", 0, Fail, "none"),
        ("oplock/batch/two", 1, Fail, "none"),
        ("oplock/ii/one", 0, Pass, ""),
        ("oplock/ii/one", 1, Fail, "none"),
        ("oplock/ii/one", 2, Fail, "none"),
        ("oplock/ii/two", 0, Fail, "R"),
        ("oplock/ii/two", 1, Fail, "none"),
        ("oplock/ii/three", 0, Pass, ""),
        ("lease/asked", 0, Inconclusive, "none"),
    ]);
    insta::assert_snapshot!(proposal(&record, &Deviations::default()));
}

#[test]
fn what_is_listed_is_not_proposed() {
    let list = "- {cases: a/listed, expect: fails, signature: s, because: It does.}\n";
    let list = Deviations::read("deviations.yaml", list, "9.5P3").expect("a list");
    let record = record(&[
        ("a/listed", 0, Verdict::Fail, "none"),
        ("a/other", 0, Verdict::Fail, "none"),
        ("a/broken", 0, Verdict::Error, "none"),
    ]);
    insta::assert_snapshot!(proposal(&record, &list));
}

#[test]
fn nothing_that_failed_is_told() {
    let record = record(&[("a/b", 0, Verdict::Pass, "")]);
    insta::assert_snapshot!(proposal(&record, &Deviations::default()));
}

fn attempts(levels: &[&str]) -> Vec<Attempt> {
    let attempt = |level: &&str| match *level {
        "" => Attempt { verdict: Verdict::Pass, signature: None, duration_ms: 1.0 },
        level => Attempt {
            verdict: Verdict::Fail,
            signature: testing::wrong_level(level).divergences.first().map(|it| it.signature()),
            duration_ms: 1.0,
        },
    };
    levels.iter().map(attempt).collect()
}

/// What fails at times is proposed with what was seen, and with what its failures have in common.
#[test]
fn flaky_cells_are_proposed_with_their_evidence() {
    let cases = [
        testing::case("a/often", &[]),
        testing::case("a/seldom", &[]),
        testing::case("a/in-two-ways", &[]),
    ];
    let results: Vec<_> = (0..3).map(|case| testing::result(case, Verdict::Flaky)).collect();
    let (cases, mut lines) = testing::lines(&cases, &results);
    let seen = [
        attempts(&["none", "none", "none", ""]),
        attempts(&["", "none", "", ""]),
        attempts(&["none", "", "R", ""]),
    ];
    for (line, attempts) in lines.iter_mut().zip(seen) {
        line.attempts = attempts;
    }
    let header = Header { repeat: 4, ..testing::header("filer", "9.5P3", &AXES) };
    let record = testing::record(header, cases, lines, None);
    insta::assert_snapshot!(proposal(&record, &Deviations::default()));
}

/// Texts of a server, or of whoever made the record, stay texts.
#[test]
fn hostile_texts_stay_texts() {
    let cases = [testing::case("a/x: [y]\n- cases: \"*\"", &[])];
    let (cases, lines) = testing::lines(&cases, &[testing::result(0, Verdict::Fail)]);
    let hostile = |line: CellLine| CellLine {
        signature: Some(
            "order at step 1: expected \"a\"\n, observed \u{1b}[2J\\\u{2028}\u{202e}# b".into(),
        ),
        sentence: Some("it said\nbecause: me \u{1b}[31m".into()),
        ..line
    };
    let lines = lines.into_iter().map(hostile).collect();
    let record = testing::record(testing::header("fi\nler", "9.5P3", &AXES), cases, lines, None);
    insta::assert_snapshot!(proposal(&record, &Deviations::default()));
}

/// The messages about entries that a run has shown to be wrong.
#[test]
fn entries_that_a_run_has_shown_to_be_wrong_are_told_once() {
    use Verdict::{FailedDifferently, KnownDeviation, UnexpectedPass};
    let list = r#"
- cases: all/*
  versions: ">=9.2, <9.6"
  expect: fails
  signature: "wrong level *"
  because: It does.
- cases: some/*
  expect: fails
  signature: "wrong level *"
  because: It does.
- cases: other/*
  expect: fails
  signature: "wrong status *"
  because: It does.
- cases: some-axes/x
  expect: fails
  signature: "wrong level *"
  because: It does.
"#;
    let list = Deviations::read("deviations.yaml", list, "9.5P3").expect("a list");
    let mut record = record(&[
        ("all/one", 0, UnexpectedPass, ""),
        ("all/two", 0, UnexpectedPass, ""),
        ("some/one", 0, KnownDeviation, "none"),
        ("some/two", 0, UnexpectedPass, ""),
        ("some/two", 1, UnexpectedPass, ""),
        ("other/one", 0, FailedDifferently, "none"),
        ("other/two", 0, FailedDifferently, "none"),
        ("some-axes/x", 0, KnownDeviation, "none"),
        ("some-axes/x", 1, UnexpectedPass, ""),
    ]);
    record.header.deviations = list.listed();
    let cases: Vec<String> = record
        .cells
        .iter()
        .map(|brief| record.case(brief).map(|case| case.id.clone()).unwrap_or_default())
        .collect();
    for (brief, case) in record.cells.iter_mut().zip(cases) {
        brief.deviation = list.entry(&case, &brief.cell, "").map(|entry| entry.line);
    }
    let told: Vec<String> = by_entry(&record)
        .into_iter()
        .map(|found| format!("{} {}", found.line, found.message))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}
