//! Two runs with one of everything, in all three forms.

use rstest::rstest;

use super::comparable::check;
use super::{Asked, Comparison, Move, json, markdown, text};
use crate::exit::Standing;
use crate::record::{
    Attempt, Brief, CaseLine, CellLine, Footer, Header, Latencies, Record, ShardOf,
};
use crate::testing;
use crate::verdict::{Kind, Verdict};

/// A text as a hostile server could have it.
const HOSTILE: &str = "`x` | <script>alert(1)</script> @admins\u{1b}[31m\n</details>\n# title";

/// A run of these cells, each of a case of its own.
fn run(header: Header, cells: Vec<CellLine>) -> Record {
    let case = |(number, cell): (usize, &CellLine)| CaseLine {
        number,
        id: cell.case.clone(),
        suite: cell.case.rsplit_once('/').unwrap_or_default().0.to_owned(),
        says: "The second open waits until the holder has acknowledged.".to_owned(),
        obligation: "must".to_owned(),
        since: cell.case.contains("new").then(|| "0.2".to_owned()),
        was: cell.case.contains("renamed").then(|| "oplock/batch/old-name".to_owned()),
        ..CaseLine::default()
    };
    let cases: Vec<_> = cells.iter().enumerate().map(case).collect();
    let cells: Vec<_> =
        cells.into_iter().enumerate().map(|(number, cell)| CellLine { number, ..cell }).collect();
    let brief = |(index, cell)| Brief::of(cell, index, 0, None);
    let briefs: Vec<_> = cells.iter().enumerate().map(brief).collect();
    let (footer, _) = Footer::default().ending(&header, &cases, &briefs);
    testing::record(header, cases, cells, Some(footer))
}

fn cell(id: &str, verdict: Verdict) -> CellLine {
    let standing = match verdict {
        Verdict::Pass | Verdict::KnownDeviation => Standing::Held,
        Verdict::Skipped => Standing::Skipped,
        Verdict::Error => Standing::Broken,
        Verdict::UnexpectedPass => Standing::Outdated,
        _ => Standing::Red,
    };
    CellLine {
        cell: id.to_owned(),
        case: id.split("/held=").next().unwrap_or_default().to_owned(),
        axes: "smb3_1_1,signed".to_owned(),
        verdict,
        standing,
        ..CellLine::default()
    }
}

fn failed(id: &str, sentence: &str, signature: &str) -> CellLine {
    CellLine {
        kind: Some(Kind::Order),
        step: Some(3),
        sentence: Some(sentence.to_owned()),
        signature: Some(signature.to_owned()),
        ..cell(id, Verdict::Fail)
    }
}

/// Breaks that took so long each.
fn took(id: &str, break_us: u64) -> CellLine {
    let latencies = Latencies { break_us: vec![break_us; 20], release_us: Vec::new() };
    CellLine { latencies, ..cell(id, Verdict::Pass) }
}

fn header(version: &str) -> Header {
    let header = testing::header("samba", version, &["smb3_1_1,signed"]);
    Header { live: true, again: "run --target samba --seed 7".to_owned(), ..header }
}

fn before() -> Record {
    run(
        header("4.22.1"),
        vec![
            cell("oplock/batch/second-open/held=batch", Verdict::Pass),
            failed("oplock/batch/cancel", "A saw no break", "missing break at step 2"),
            cell("oplock/batch/gone", Verdict::Pass),
            took("lease/breaks/to-read", 400),
            cell("oplock/batch/old-name", Verdict::Pass),
        ],
    )
}

fn after() -> Record {
    run(
        Header { corpus: "0022".to_owned(), ..header("4.23.0") },
        vec![
            failed("oplock/batch/second-open/held=batch", HOSTILE, "order at step 3"),
            cell("oplock/batch/cancel", Verdict::Pass),
            took("lease/breaks/to-read", 1_900),
            cell("lease/breaks/new", Verdict::Fail),
            cell("oplock/batch/renamed", Verdict::Pass),
        ],
    )
}

fn compared(before: &Record, after: &Record) -> Comparison {
    let asked = Asked { slower: Some(2.0), accept_known: false };
    let mut found = Comparison::of(before, after, asked).expect("records");
    found.before.file = "before.jsonl".to_owned();
    found.after.file = "after.jsonl".to_owned();
    found
}

#[test]
fn the_text_reads_like_this() {
    insta::assert_snapshot!(text::text(&compared(&before(), &after())));
}

#[test]
fn the_comment_reads_like_this() {
    insta::assert_snapshot!(markdown::text(&compared(&before(), &after())));
}

#[test]
fn the_document_reads_like_this() {
    insta::assert_snapshot!(json::text(&compared(&before(), &after())));
}

#[test]
fn the_same_run_twice_is_one_line() {
    insta::assert_snapshot!(text::text(&compared(&before(), &before())), @r"
    before  samba 4.22.1: 5 cells, 2026-05-04T10:11:12Z  before.jsonl
    now     samba 4.22.1: 5 cells, 2026-05-04T10:11:12Z  after.jsonl

    no regression: 5 as before
    ");
}

/// What only the newer corpus has does not count, whatever it shows; what it has not any more does.
#[test]
fn new_cells_never_gate_and_vanished_ones_always_do() {
    let old = || cell("oplock/batch/a", Verdict::Pass);
    let new = || cell("oplock/batch/new", Verdict::Fail);
    let one = run(header("1"), vec![old()]);
    let both = run(header("1"), vec![old(), new()]);
    assert!(!compared(&one, &both).regression);
    let found = compared(&both, &one);
    assert!(found.regression);
    assert_eq!((found.count.vanished, found.count.unmoved), (1, 1));
}

/// Nothing was promised of a cell that was not asked.
#[test]
fn a_skipped_cell_may_vanish() {
    let one = run(header("1"), vec![cell("a/a", Verdict::Pass), cell("a/b", Verdict::Skipped)]);
    let other = run(header("1"), vec![cell("a/a", Verdict::Pass)]);
    let found = compared(&one, &other);
    assert_eq!((found.regression, found.vanished.len()), (false, 1));
}

#[test]
fn a_renamed_matrix_keeps_its_cells() {
    let one = run(header("1"), vec![cell("oplock/batch/old-name/held=ii", Verdict::Pass)]);
    let other = run(header("1"), vec![cell("oplock/batch/renamed/held=ii", Verdict::Fail)]);
    let found = compared(&one, &other);
    let moved: Vec<_> = found.moves(Move::Regressed).collect();
    assert_eq!(moved[0].was.as_deref(), Some("oplock/batch/old-name/held=ii"));
    assert!(found.vanished.is_empty() && found.new.is_empty());
}

/// 3 of 20 plays passed, now 1 of 20; another cell as often as before, of twice as many.
#[test]
fn pass_rates_are_told() {
    let flaky = |id: &str, passed: usize, plays: usize| {
        let attempt = |number| Attempt {
            verdict: if number < passed { Verdict::Pass } else { Verdict::Fail },
            signature: None,
            duration_ms: 1.0,
        };
        CellLine { attempts: (0..plays).map(attempt).collect(), ..cell(id, Verdict::Flaky) }
    };
    let one = run(header("1"), vec![flaky("a/a", 3, 20), flaky("a/b", 3, 20)]);
    let other = run(header("1"), vec![flaky("a/a", 1, 20), flaky("a/b", 6, 40)]);
    let found = compared(&one, &other);
    let rates: Vec<_> =
        found.rates.iter().map(|rate| (&*rate.cell, rate.before, rate.after)).collect();
    assert_eq!(rates, [("a/a", (3, 20), (1, 20))]);
    assert!(!found.regression);
}

/// A server that is all wrong: every form stays short enough to be read, and says what it left out.
#[test]
fn very_many_moves_are_counted() {
    let cells = |verdict| (0..3_000).map(|n| cell(&format!("a/case-{n}"), verdict)).collect();
    let (one, other) =
        (run(header("1"), cells(Verdict::Pass)), run(header("2"), cells(Verdict::Fail)));
    let found = compared(&one, &other);
    assert_eq!(found.count.regressed, 3_000);
    let (text, comment) = (text::text(&found), markdown::text(&found));
    assert!(text.contains("  and 2960 more;") && text.len() < 20_000, "{}", text.len());
    assert!(comment.contains("- and 2970 more;") && comment.len() < 65_536, "{}", comment.len());
}

/// The longest texts that others can send still make a comment that is taken.
#[test]
fn a_comment_is_never_too_long() {
    let long = "<".repeat(100_000);
    let cells = |verdict: Verdict| {
        let name =
            |n| CellLine { reason: Some(long.clone()), ..cell(&format!("{n}{long}/a"), verdict) };
        (0..40).map(name).collect::<Vec<_>>()
    };
    let one = run(header("1"), cells(Verdict::Pass));
    let other = run(header("2"), cells(Verdict::Error));
    let comment = markdown::text(&compared(&one, &other));
    assert!(comment.len() < 65_536, "{}", comment.len());
    assert!(comment.contains("40 regressed"), "{comment}");
    assert_eq!(comment.matches("<details").count(), comment.matches("</details>").count());
}

#[rstest]
#[case::shard(|header: &mut Header| header.shard = Some(ShardOf { number: 1, of: 2 }), "is a whole run,  is shard 1 of 2; `merge` the shards first")]
#[case::axes(|header: &mut Header| header.legs[0].axes = "smb2_1".into(), "no axes in common:  was asked in smb3_1_1,signed,  in smb2_1; run both with the same --axes")]
fn what_cannot_be_compared(#[case] change: fn(&mut Header), #[case] expected: &str) {
    let mut other = header("1");
    change(&mut other);
    let axes = other.legs[0].axes.clone();
    let one = run(header("1"), vec![cell("a/a", Verdict::Pass)]);
    let other = run(other, vec![CellLine { axes, ..cell("a/a", Verdict::Pass) }]);
    let said = check(&one, &other).expect_err("a refusal").to_string();
    let said = [&one, &other]
        .iter()
        .filter_map(|record| record.path())
        .fold(said, |said, path| said.replace(&path.display().to_string(), ""));
    assert_eq!(said.trim(), expected);
}
