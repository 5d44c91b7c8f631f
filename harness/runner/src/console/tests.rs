use std::path::{Path, PathBuf};

use rstest::rstest;

use super::*;
use crate::cli::TellArgs;
use crate::color::{Paint, When};
use crate::exit::Standing;
use crate::record::{Brief, CaseLine, CellLine, ClaimLine, Footer, Header, LegLine};
use crate::verdict::{Kind, Verdict};

fn every_kind() -> Record {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"));
    Record::open(&path.join("../../fixtures/results/every-kind.jsonl")).expect("the fixture")
}

fn reports() -> Reports {
    Reports::new(PathBuf::from("out"), &TellArgs::default())
}

fn text(record: &Record, paint: Paint) -> String {
    Summary { record, reports: &reports(), paint }.text().expect("a text")
}

fn short(record: &Record) -> String {
    Summary { record, reports: &reports(), paint: Paint::NONE }.short()
}

/// A run of the reference with these cells.
fn run(cells: Vec<CellLine>, footer: Option<Footer>) -> Record {
    let case = CaseLine { id: "oplock/batch/case".into(), ..CaseLine::default() };
    let mut header =
        Header { planned: cells.len(), legs: vec![LegLine::default()], ..Header::default() };
    header.target.product = "reference".into();
    header.target.version = "0.1.0".into();
    let cells = cells.iter().map(|line| Brief::of(line, 0, 0, None)).collect();
    Record::beside(None, header, vec![case], cells, footer).expect("a record")
}

fn cell(number: usize, verdict: Verdict, standing: Standing) -> CellLine {
    let cell = format!("oplock/batch/case/op={number}");
    CellLine { number, cell, verdict, standing, ..CellLine::default() }
}

/// One that does not conform.
fn failed(number: usize, signature: String) -> CellLine {
    CellLine {
        kind: Some(Kind::MissingBreak),
        sentence: Some("A saw no break".into()),
        signature: Some(signature),
        ..cell(number, Verdict::Fail, Standing::Red)
    }
}

fn ended() -> Footer {
    let claim = |profile: &str, text: &str| ClaimLine {
        profile: profile.into(),
        given: true,
        text: text.into(),
    };
    Footer {
        seconds: 0.52,
        claims: vec![
            claim("core", "conforms: core without lease_v2 (2 cells)"),
            claim("extended", "conforms: extended (3 cells)"),
        ],
        ..Footer::default()
    }
}

#[test]
fn the_summary_reads_like_this() {
    insta::assert_snapshot!(text(&every_kind(), Paint::NONE));
}

#[test]
fn a_line_for_each_is_enough_for_who_wants_quiet() {
    insta::assert_snapshot!(short(&every_kind()));
}

#[test]
fn the_document_reads_like_this() {
    let record = every_kind();
    let path = record.path().expect("a file").display().to_string();
    let text = document::text(&record, &reports()).expect("a document");
    let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let Some(serde_json::Value::Array(unexpected)) = read.get("unexpected") else {
        panic!("{text}")
    };
    let wrong = record.cells.iter().filter(|brief| brief.standing.is_wrong()).count();
    assert_eq!(unexpected.len(), wrong);
    // What the server says is the same after it was made harmless.
    let finding = record.cells.iter().find(|brief| brief.kind == Some(Kind::Finding)).expect("one");
    let told =
        unexpected.iter().any(|told| told["signature"].as_str() == finding.signature.as_deref());
    assert!(told, "{text}");
    insta::assert_snapshot!(text.replace(&path, "results.jsonl"));
}

#[test]
fn a_good_run_is_three_lines() {
    let cells = vec![
        cell(0, Verdict::Pass, Standing::Held),
        cell(1, Verdict::KnownDeviation, Standing::Held),
        cell(2, Verdict::Fail, Standing::Tolerated),
    ];
    let record = run(cells, Some(ended()));
    insta::assert_snapshot!(text(&record, Paint::NONE));
    assert_eq!(short(&record).lines().count(), 1);
}

/// The colours are all that is not the same text.
#[test]
fn colour_changes_no_word() {
    let colours = When::Always.paint(&std::io::stdout());
    let (plain, coloured) = (text(&every_kind(), Paint::NONE), text(&every_kind(), colours));
    let mut bare = String::new();
    let mut parts = coloured.split("\u{1b}[");
    bare.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (style, rest) = part.split_once('m').expect("the end of a style");
        assert!(style.chars().all(|letter| letter.is_ascii_digit()), "{style:?}");
        bare.push_str(rest);
    }
    assert_eq!(bare, plain);
    let last = coloured.lines().last().expect("a line");
    assert!(last.starts_with("\u{1b}[1m\u{1b}[31mFAIL\u{1b}[0m: 4 passed, "), "{last:?}");
}

/// Whatever a server or a hook says, nothing of it moves a cursor or turns a line around.
#[test]
fn nothing_of_others_does_anything_to_a_terminal() {
    let record = every_kind();
    let document = document::text(&record, &reports()).expect("a document");
    for text in [text(&record, Paint::NONE), short(&record), document] {
        let bad = |letter: &char| crate::visible::is_hidden(*letter);
        assert_eq!(text.chars().find(bad), None);
        assert!(text.contains("<script>"));
    }
}

/// A server that is all wrong fills no scroll-back, whether in one way or in thousands.
#[rstest]
#[case::in_one_way(1)]
#[case::in_many_ways(5_000)]
fn a_server_that_is_all_wrong_is_told_in_a_few_hundred_lines(#[case] ways: usize) {
    let cells: Vec<_> = (0..5_000)
        .map(|number| failed(number, format!("missing break at step {}", number % ways)))
        .collect();
    let record = run(cells, Some(Footer { claims: Vec::new(), ..ended() }));
    let text = text(&record, Paint::NONE);
    assert!(text.lines().count() < 300, "{} lines", text.lines().count());
    assert!(short(&record).lines().count() < 300);
    let name = if ways == 1 { "one_way" } else { "many_ways" };
    let ends: Vec<_> = text.lines().rev().take(20).collect();
    let ends: Vec<_> = ends.into_iter().rev().collect();
    insta::assert_snapshot!(name, ends.join("\n"));
}

/// The word, and what else the last line says.
#[rstest]
#[case(&[(Verdict::Pass, Standing::Held)], true, "OK: 1 passed, 0 failed, 0 skipped in 0.5 s; conforms: core without lease_v2 (2 cells), extended (3 cells); reports: out")]
#[case(&[(Verdict::Fail, Standing::Red)], true, "FAIL: 0 passed, 1 failed, 0 skipped in 0.5 s; conforms: core without lease_v2 (2 cells), extended (3 cells); reports: out")]
#[case(&[(Verdict::UnexpectedPass, Standing::Outdated)], true, "OUTDATED: 0 passed, 0 failed, 1 unexpectedly passed, 0 skipped in 0.5 s; conforms: core without lease_v2 (2 cells), extended (3 cells); reports: out")]
#[case(&[(Verdict::Error, Standing::Broken)], true, "ERROR: 0 passed, 0 failed, 1 in error, 0 skipped in 0.5 s; conforms: core without lease_v2 (2 cells), extended (3 cells); reports: out")]
#[case(&[(Verdict::Pass, Standing::Held)], false, "ERROR: 1 passed, 0 failed, 0 skipped; cut off after 1 of 1 cell; reports: out")]
fn the_last_line_says_it_all(
    #[case] cells: &[(Verdict, Standing)],
    #[case] whole: bool,
    #[case] expected: &str,
) {
    let cells = cells.iter().map(|(verdict, standing)| cell(0, *verdict, *standing)).collect();
    let record = run(cells, whole.then(ended));
    assert_eq!(text(&record, Paint::NONE).lines().last(), Some(expected));
    assert_eq!(short(&record).lines().last(), Some(expected));
}
