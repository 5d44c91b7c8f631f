//! Files that are damaged, cut off, of another version, or made up.

use std::fs;
use std::path::PathBuf;

use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{AGAIN, LONGEST};
use crate::record::{Brief, Footer, Header, Line, Record};
use crate::testing;
use crate::verdict::Verdict;

type Lines = Vec<Value>;

/// The lines of a run: a header, three cases, three cells, a footer.
fn run() -> Lines {
    let cases = ["a/one", "a/two", "b/three"].map(|id| testing::case(id, &[]));
    let verdicts = [Verdict::Pass, Verdict::Fail, Verdict::Skipped];
    let results = [0, 1, 2].map(|case| testing::result(case, verdicts[case]));
    let (cases, mut cells) = testing::lines(&cases, &results);
    let axes = "smb3_1_1,signed";
    for cell in &mut cells {
        axes.clone_into(&mut cell.axes);
    }
    let header = testing::header("samba", "4.23.1", &[axes, "smb2_1"]);
    let header = Header { planned: 3, whole_plan: 3, ..header };
    let briefs: Vec<Brief> =
        cells.iter().enumerate().map(|(case, cell)| Brief::of(cell, case, 0, None)).collect();
    let (footer, _) = Footer::default().ending(&header, &cases, &briefs);
    let lines = [Line::Header(Box::new(header))]
        .into_iter()
        .chain(cases.into_iter().map(|case| Line::Case(Box::new(case))))
        .chain(cells.into_iter().map(|cell| Line::Cell(Box::new(cell))))
        .chain([Line::Footer(Box::new(footer))]);
    lines.map(|line| serde_json::to_value(line).expect("JSON")).collect()
}

/// The same run as the release before wrote it.
fn first_run() -> Lines {
    let old = include_str!("../../../../../fixtures/results/format-1.jsonl");
    old.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn text(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("results.jsonl");
    fs::write(&path, bytes).expect("a file");
    (folder, path)
}

fn read(bytes: &[u8]) -> Result<Record, String> {
    let (folder, path) = file(bytes);
    let folder = format!("{}/", folder.path().display());
    Record::open(&path).map_err(|error| error.to_string().replace(&folder, ""))
}

#[rstest]
#[case(run())]
#[case(first_run())]
fn what_a_run_wrote_is_read(#[case] lines: Lines) {
    let record = read(text(&lines).as_bytes()).expect("a record");
    let footer = record.footer.as_ref().expect("a footer");
    assert_eq!(record.cells.len(), record.header.planned);
    assert_eq!(footer.counts.values().sum::<usize>(), record.cells.len());
    assert!(record.cells.iter().all(|cell| record.case(cell).is_some()));
    assert!(record.cells.iter().all(|cell| record.axes(cell).starts_with("smb")));
    for (number, brief) in record.cells.iter().enumerate() {
        let whole = record.whole(brief).expect("a line");
        assert_eq!(
            (whole.number, &whole.cell, whole.verdict),
            (number, &brief.cell, brief.verdict)
        );
    }
}

/// A reader at any time, and one after any end of a run, sees whole lines.
#[rstest]
#[case(run())]
#[case(first_run())]
fn wherever_a_file_is_cut_off_what_is_there_is_read(#[case] lines: Lines) {
    let whole = text(&lines);
    let header = text(&lines[..1]).len() - 1;
    // At the ends of all lines, and here and there between.
    let end_of_line = |end: &usize| whole[end - 1..=*end].contains('\n');
    let ends = (header..whole.len() - 1).filter(|end| end_of_line(end) || end % 61 == 0);
    let mut cells = 0;
    for end in ends {
        let record =
            read(&whole.as_bytes()[..end]).unwrap_or_else(|error| panic!("{end}: {error}"));
        assert!(record.footer.is_none(), "cut after {end} bytes, and looks whole");
        assert!(record.cells.len() >= cells);
        cells = record.cells.len();
    }
    assert_eq!(cells, read(whole.as_bytes()).expect("all of it").cells.len());
}

/// What a machine that lost its power may leave.
#[test]
fn zeros_at_the_end_are_half_a_line() {
    let mut bytes = text(&run()[..5]).into_bytes();
    bytes.extend([0; 4096]);
    let record = read(&bytes).expect("a record");
    assert_eq!((record.cells.len(), record.footer.is_none()), (1, true));
}

/// One change of a good file, and what is said of it.
#[rstest]
#[case::no_line(|lines: &mut Lines| lines.clear(), "results.jsonl:1: no header: this is no results.jsonl")]
#[case::no_header(|lines: &mut Lines| drop(lines.remove(0)), "results.jsonl:1: no header: this is no results.jsonl")]
#[case::a_list(|lines: &mut Lines| lines[0] = json!([1, 2]), "results.jsonl:1: no header: this is no results.jsonl")]
#[case::newer(|lines: &mut Lines| lines[0]["format"] = json!(3), "results.jsonl:1: format 3, and this tool reads up to 2: take the tool that wrote it, or a newer one")]
#[case::older(|lines: &mut Lines| lines[0]["format"] = json!(0), "results.jsonl:1: format 0, and this tool reads 1 and 2: take an older one, or run again")]
#[case::no_format(|lines: &mut Lines| lines[0]["format"] = json!("2"), "results.jsonl:1: no header: this is no results.jsonl")]
#[case::two_headers(|lines: &mut Lines| lines.insert(4, lines[0].clone()), "results.jsonl:5: a second header: two runs wrote into one file; run again")]
#[case::two_footers(|lines: &mut Lines| lines.push(lines[7].clone()), "results.jsonl:9: a line after the footer: two runs wrote into one file; run again")]
#[case::after_the_footer(|lines: &mut Lines| lines.swap(6, 7), "results.jsonl:7: a footer after 2 cells of 3: AGAIN")]
#[case::a_cell_taken_away(|lines: &mut Lines| drop(lines.remove(5)), "results.jsonl:7: a footer after 2 cells of 3: AGAIN")]
#[case::a_cell_twice(|lines: &mut Lines| lines[6] = lines[5].clone(), "results.jsonl:7: cell 1 of the plan twice: AGAIN")]
#[case::beyond_the_plan(|lines: &mut Lines| lines[6]["number"] = json!(u64::MAX), "results.jsonl:7: cell 18446744073709551615 of a plan that has 3: AGAIN")]
#[case::no_such_number(|lines: &mut Lines| lines[6]["number"] = json!(-1), "results.jsonl:7: not what this version (0.1.0) writes: invalid value: integer `-1`, expected usize; `oplock-conformance 0.1.0` wrote it: read it with that one or a newer one")]
#[case::a_case_twice(|lines: &mut Lines| lines[2] = lines[1].clone(), "results.jsonl:3: the case `a/one` twice: AGAIN")]
#[case::no_such_case(|lines: &mut Lines| lines[4]["case"] = json!("a/\u{1b}[2Jnone"), "results.jsonl:5: a cell of `a/\\u{1b}[2Jnone`, which has no line: AGAIN")]
#[case::no_such_axes(|lines: &mut Lines| lines[4]["axes"] = json!("smb3_0"), "results.jsonl:5: axes `smb3_0` that the header does not name: AGAIN")]
#[case::axes_twice(|lines: &mut Lines| lines[0]["legs"][1]["axes"] = json!("smb3_1_1,signed"), "results.jsonl:1: the axes `smb3_1_1,signed` twice: AGAIN")]
#[case::no_such_shard(|lines: &mut Lines| lines[0]["shard"] = json!({"number": 0, "of": 0}), "results.jsonl:1: shard 0 of 0, which there cannot be: AGAIN")]
#[case::more_than_the_plan(|lines: &mut Lines| lines[0]["planned"] = json!(4), "results.jsonl:1: 4 cells of a plan that has 3: AGAIN")]
#[case::made_a_pass(|lines: &mut Lines| lines[5]["verdict"] = json!("pass"), "results.jsonl:6: the verdict pass and a standing of Red: AGAIN")]
#[case::made_a_pass_with_care(|lines: &mut Lines| { lines[5]["verdict"] = json!("pass"); lines[5]["standing"] = json!("held"); }, "results.jsonl:8: 1 pass in the footer, 2 in the cells: AGAIN")]
#[case::made_an_ok(|lines: &mut Lines| lines[7]["exit"] = json!(0), "results.jsonl:8: exit 0 in the footer, and the cells make it 1: AGAIN")]
#[case::no_time(|lines: &mut Lines| lines[4]["duration_ms"] = json!(-1.5), "results.jsonl:5: -1.5e0 ms, which nothing takes: AGAIN")]
#[case::for_ever(|lines: &mut Lines| lines[7]["seconds"] = json!(1e300), "results.jsonl:8: 1e303 ms, which nothing takes: AGAIN")]
fn what_no_run_wrote_is_refused(#[case] change: fn(&mut Lines), #[case] expected: &str) {
    let mut lines = run();
    change(&mut lines);
    let expected = expected.replace("AGAIN", AGAIN);
    assert_eq!(read(text(&lines).as_bytes()).map(|_| ()), Err(expected));
}

/// A word or a field that this version does not know: who wrote the file does.
#[rstest]
#[case::a_field(|lines: &mut Lines| lines[5]["colour"] = json!("red"), 6, "unknown field `colour`")]
#[case::a_field_of_a_header(|lines: &mut Lines| lines[0]["legs"][0]["colour"] = json!(1), 1, "unknown field `colour`")]
#[case::a_field_of_a_target(|lines: &mut Lines| lines[0]["target"]["colour"] = json!(1), 1, "unknown field `colour`")]
#[case::a_field_that_moves_the_cursor(|lines: &mut Lines| lines[5]["co\tl\u{1b}our"] = json!("red"), 6, "unknown field `co l\\u{1b}our`")]
#[case::a_verdict(|lines: &mut Lines| lines[5]["verdict"] = json!("maybe"), 6, "unknown variant `maybe`")]
#[case::a_kind(|lines: &mut Lines| lines[5]["kind"] = json!("maybe"), 6, "unknown variant `maybe`")]
#[case::a_line(|lines: &mut Lines| lines[5]["line"] = json!("remark"), 6, "unknown variant `remark`")]
#[case::a_field_less(|lines: &mut Lines| drop(lines[5].as_object_mut().map(|cell| cell.remove("rules"))), 6, "missing field `rules`")]
fn what_a_newer_version_wrote_is_left_to_it(
    #[case] change: fn(&mut Lines),
    #[case] line: usize,
    #[case] what: &str,
) {
    let mut lines = run();
    change(&mut lines);
    let error = read(text(&lines).as_bytes()).expect_err("it is refused");
    let begins = format!("results.jsonl:{line}: not what this version (0.1.0) writes: {what}");
    assert!(error.starts_with(&begins), "{error}");
    assert!(error.ends_with("wrote it: read it with that one or a newer one"), "{error}");
    assert!(error.len() < 600, "{error}");
}

/// Rules come and go with versions: a name that is none any more is a name.
#[test]
fn a_rule_may_have_any_name() {
    let mut lines = run();
    lines[5]["rules"]["named"] = json!(["smb9.no_such_rule"]);
    let record = read(text(&lines).as_bytes()).expect("a record");
    let whole = record.whole(&record.cells[1]).expect("a line");
    assert_eq!(whole.rules.named, ["smb9.no_such_rule"]);
}

/// Bytes in the middle of a file that are no line.
#[rstest]
#[case::half_a_line(b"{\"line\":\"cell\",\"num\n")]
#[case::zeros(b"\0\0\0\n")]
#[case::no_utf8(b"{\"line\":\"ce\xff\xfell\"}\n")]
#[case::an_empty_line(b"\n")]
#[case::no_number(b"{\"line\":\"cell\",\"number\":1e999}\n")]
fn damage_is_named_with_its_line(#[case] damage: &[u8]) {
    let mut bytes = text(&run()[..5]).into_bytes();
    bytes.extend(damage);
    bytes.extend(text(&run()[5..]).as_bytes());
    let error = read(&bytes).expect_err("it is damaged");
    assert!(error.starts_with("results.jsonl:6: damaged: "), "{error}");
    assert!(error.ends_with("; run again"), "{error}");
}

#[test]
fn values_in_values_without_end_are_damage() {
    let mut bytes = text(&run()[..5]).into_bytes();
    bytes.extend(b"{\"line\":\"cell\",\"grid\":");
    bytes.extend(b"[".repeat(100_000));
    bytes.push(b'\n');
    let error = read(&bytes).expect_err("it is damaged");
    assert!(error.starts_with("results.jsonl:6: damaged: recursion limit exceeded"), "{error}");
}

#[test]
fn no_line_takes_all_memory() {
    let mut bytes = text(&run()[..1]).into_bytes();
    bytes.resize(bytes.len() + LONGEST + 1, b' ');
    let error = read(&bytes).expect_err("it is too long");
    assert_eq!(error, "results.jsonl:2: a line of more than 64 MiB: this is no results.jsonl");
}

#[test]
fn an_empty_file_is_no_record() {
    assert_eq!(
        read(b"").map(|_| ()),
        Err("results.jsonl:1: no header: this is no results.jsonl".to_owned())
    );
}

#[test]
fn what_is_no_file_is_no_record() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().display().to_string();
    let error = Record::open(folder.path()).expect_err("a folder").to_string();
    assert_eq!(
        error,
        format!("cannot read {path}: no regular file; name the results.jsonl of a run")
    );
    let error = Record::open(&folder.path().join("none")).expect_err("nothing").to_string();
    assert!(error.starts_with(&format!("cannot read {path}/none: No such file")), "{error}");
}

/// A report that is made while somebody writes the file anew does not show another run's cells.
#[test]
fn a_file_that_changed_is_not_told_as_the_old_one() {
    let (_folder, path) = file(text(&run()).as_bytes());
    let record = Record::open(&path).expect("a record");
    fs::write(&path, " ".repeat(text(&run()).len())).expect("a file");
    let error = record.whole(&record.cells[0]).expect_err("it changed").to_string();
    assert!(
        error.ends_with(
            "was changed while it was read; read it again when whoever writes it is done"
        )
    );
    fs::write(&path, "").expect("a file");
    assert!(record.whole(&record.cells[0]).is_err());
}
