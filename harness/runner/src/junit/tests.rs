use std::fs;

use oplock_suite::plan::Obligation;
use rstest::rstest;

use super::*;
use crate::deviations::Outdated;
use crate::record::{CellLine, Changed, Footer, Header};
use crate::testing;
use crate::verdict::Verdict;

/// One result of each standing, with texts that XML cannot carry as they are.
fn written(folder: &Path) -> (PathBuf, String) {
    let verdicts = [
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Error,
        Verdict::Skipped,
        Verdict::Fail,
        Verdict::UnexpectedPass,
        Verdict::KnownDeviation,
    ];
    let names = ["pass", "fail<&\"'>", "error", "skipped", "may", "unexpected", "known"];
    let mut cases: Vec<_> =
        names.iter().map(|name| testing::case(&format!("oplock/batch/{name}"), &[])).collect();
    cases[4].obligation = Obligation::May;
    let mut results: Vec<_> = verdicts
        .iter()
        .enumerate()
        .map(|(case, verdict)| testing::result(case, *verdict))
        .collect();
    results[2].judgement = None;
    results[2].reason = Some("did not run: \u{0}\u{1b}[31mgone\u{7f}\nsecond line".into());
    results[3].reason = Some("needs lease_v2: the target says no (negotiate response)".into());
    results[6].reason = Some("The server breaks to none. (BUG-1)".into());
    let (cases, mut lines) = testing::lines(&cases, &results);
    for (number, line) in lines.iter_mut().enumerate() {
        line.screen = Some(format!("screen of {number} ]]> \u{1b}[1m\u{FFFE} <tag> ü"));
    }
    let header = testing::header("samba", "4.17.12", &["smb3_1_1,signed"]);
    let record = testing::record(header, cases, lines, Some(Footer::default()));
    let path = folder.join("out/junit.xml");
    write(&path, &record, JunitKnown::Pass).expect("a report");
    let text = fs::read_to_string(&path).expect("the report");
    (path, text)
}

#[test]
fn the_report_reads_like_this() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, text) = written(folder.path());
    let now = text.split("timestamp=\"").nth(1).and_then(|rest| rest.split('"').next());
    let text = text.replace(now.expect("a timestamp"), "NOW").replace("><", ">\n<");
    insta::assert_snapshot!(text);
}

/// GitLab documents these elements and attributes under "Unit test reports"; `type`, `message`, `id`, `package`,
/// `hostname` and `timestamp` are of the common form and ignored there.
#[test]
fn only_documented_elements_and_attributes_are_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, text) = written(folder.path());
    documented(&text);
    documented(&every_kind(JunitKnown::Pass));
    documented(&every_kind(JunitKnown::Skipped));
}

fn documented(text: &str) {
    let known = [
        ("testsuites", &[][..]),
        (
            "testsuite",
            &[
                "id",
                "name",
                "package",
                "tests",
                "errors",
                "failures",
                "hostname",
                "timestamp",
                "time",
            ],
        ),
        ("testcase", &["name", "time", "classname"]),
        ("failure", &["type", "message"]),
        ("error", &["type", "message"]),
        ("skipped", &[]),
        ("system-out", &[]),
    ];
    let mut outside = String::new();
    let mut rest = text;
    while let Some((before, cdata)) = rest.split_once("<![CDATA[") {
        outside.push_str(before);
        rest = cdata.split_once("]]>").expect("an end of CDATA").1;
    }
    outside.push_str(rest);
    let mut seen = 0;
    for tag in outside.split('<').skip(1).filter(|tag| !tag.starts_with(['/', '?'])) {
        let inside = tag.split('>').next().unwrap_or_default().trim_end_matches('/');
        let (name, attributes) = inside.split_once(' ').unwrap_or((inside, ""));
        let (_, allowed) = known
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("element `{name}`"));
        for attribute in attributes.split("=\"").filter_map(|part| part.rsplit([' ', '"']).next()) {
            if !attribute.is_empty() && attributes.contains(&format!("{attribute}=\"")) {
                assert!(allowed.contains(&attribute), "`{attribute}` of `{name}`");
                seen += 1;
            }
        }
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn a_report_takes_the_place_of_the_one_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out/junit.xml");
    fs::create_dir_all(folder.path().join("out")).expect("a folder");
    fs::write(&path, "an older report").expect("a file");
    let (path, text) = written(folder.path());
    assert!(text.starts_with("<?xml"));
    let names: Vec<_> = fs::read_dir(path.parent().expect("a folder"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(names, ["junit.xml"]);
}

fn every_kind(known: JunitKnown) -> String {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/results");
    let record = Record::open(&kept.join("every-kind.jsonl")).expect("the fixture");
    text(&record, known)
}

fn text(record: &Record, known: JunitKnown) -> String {
    let mut bytes = Vec::new();
    Junit { record, known }.write(&mut bytes).expect("a report");
    String::from_utf8(bytes).expect("text")
}

/// What stands in the attribute of each of these elements.
fn attributes<'a>(text: &'a str, element: &str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    let value = |rest: &'a str| {
        let inside = rest.split('>').next()?;
        inside.split_once(&start)?.1.split('"').next()
    };
    let element = format!("<{element}");
    let elements = text.split(&element).skip(1);
    elements.filter(|rest| rest.starts_with(' ')).filter_map(value).collect()
}

#[test]
fn a_test_has_a_name_of_its_own_in_all_axes() {
    let text = every_kind(JunitKnown::Pass);
    let names = attributes(&text, "testcase", "name");
    let mut once = names.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(names.len(), once.len());
    let suites = attributes(&text, "testsuite", "name");
    let kinds: Vec<_> = suites.iter().filter_map(|name| name.split(" (").next()).collect();
    assert_eq!(
        kinds,
        ["profile", "run", "lease/upgrade", "oplock/batch", "lease/upgrade", "oplock/batch"]
    );
    assert_eq!(attributes(&text, "testsuite", "id"), ["0", "1", "2", "3", "4", "5"]);
}

#[test]
fn a_known_deviation_passed_or_was_skipped() {
    let (passed, skipped) = (every_kind(JunitKnown::Pass), every_kind(JunitKnown::Skipped));
    let count = |text: &str| text.matches("<skipped/>").count();
    assert_eq!(count(&skipped), count(&passed) + 6);
    let reason = "known deviation: Oplocks are off on this share.";
    assert!(passed.contains(reason) && skipped.contains(reason));
}

#[test]
fn the_same_record_makes_the_same_report() {
    let text = every_kind(JunitKnown::Pass);
    assert_eq!(text, every_kind(JunitKnown::Pass));
    assert!(text.contains("timestamp=\"2026-11-20T10:11:12Z\""));
}

/// Who reads nothing but this file sees that the run is not green, although every cell of it is.
#[test]
fn what_is_wrong_with_no_cell_is_a_test_too() {
    let (cases, lines) = testing::lines(
        &[testing::case("oplock/batch/pass", &[])],
        &[testing::result(0, Verdict::Pass)],
    );
    let header = Header {
        fail_on_change: true,
        ..testing::header("samba", "4.17.12", &["smb3_1_1,signed"])
    };
    let outdated =
        Outdated { line: 7, message: "stale: `x` matches no cell".into(), ..Outdated::default() };
    let changed = Changed { case: "oplock/batch/pass".into(), difference: "-a\n+b\n".into() };
    let footer = Footer { outdated: vec![outdated], changed: vec![changed], ..Footer::default() };
    let made = |footer| {
        let record = testing::record(header.clone(), cases.clone(), lines.clone(), footer);
        text(&record, JunitKnown::Pass)
    };
    let names = |text: &str| -> Vec<String> {
        attributes(text, "testcase", "name").into_iter().map(str::to_owned).collect()
    };
    let pass = "oplock/batch/pass";
    let text = made(Some(footer));
    assert_eq!(names(&text), ["run/deviation-list", "run/snapshots", pass]);
    assert!(text.contains("message=\"line 7: stale: `x` matches no cell\""), "{text}");
    let text = made(None);
    assert_eq!(names(&text), ["run/whole", pass]);
    assert!(text.contains("errors=\"1\""), "{text}");
    assert_eq!(names(&made(Some(Footer::default()))), [pass]);
}

/// Times are added, whatever a record says.
#[rstest]
#[case(-1.0, Duration::ZERO)]
#[case(f64::NAN, Duration::ZERO)]
#[case(f64::MAX, LONGEST)]
#[case(1_500.5, Duration::microseconds(1_500_500))]
fn times_are_numbers_that_can_be_added(#[case] duration_ms: f64, #[case] expected: Duration) {
    let line = CellLine { duration_ms, ..CellLine::default() };
    assert_eq!(time(&Brief::of(&line, 0, 0, None)), expected);
}
