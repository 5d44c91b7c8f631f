use std::path::Path;

use rstest::rstest;

use super::*;
use crate::record::{CaseLine, CellLine, Changed, ChartLine, ClaimLine, Footer};
use crate::testing;
use crate::verdict::Verdict;

fn page(record: &Record) -> String {
    let mut bytes = Vec::new();
    write(record, &mut bytes).expect("a page");
    String::from_utf8(bytes).expect("text")
}

/// What a person reads of it, without style and script.
fn told(page: &str) -> String {
    let body = page.split_once("<body>").expect("a body").1;
    let body = body.split_once("<script").expect("data").0;
    body.replace("><", ">\n<")
}

fn small(footer: Option<Footer>) -> Record {
    let verdicts = [Verdict::Pass, Verdict::Fail, Verdict::Skipped, Verdict::UnexpectedPass];
    let names = ["passes", "fails", "skips", "healed"];
    let cases: Vec<_> =
        names.iter().map(|name| testing::case(&format!("oplock/batch/{name}"), &[])).collect();
    let mut results: Vec<_> =
        verdicts.iter().zip(0..).map(|(verdict, case)| testing::result(case, *verdict)).collect();
    results[1].hooks = vec![testing::hook()];
    results[2].reason = Some("needs lease_v2, which the target has not".to_owned());
    results[3].reason = Some("passed, though line 3 of the list says that it fails".to_owned());
    let (cases, mut lines) = testing::lines(&cases, &results);
    lines[1].chart = vec![ChartLine {
        step: 2,
        actor: Some("A".to_owned()),
        text: "<- break a batch>none ack".to_owned(),
        answer: "expected ii".to_owned(),
        breaks: true,
        marked: true,
        ..ChartLine::default()
    }];
    testing::record(testing::header("samba", "4.17.12", &["smb3_1_1,signed"]), cases, lines, footer)
}

#[test]
fn the_page_reads_like_this() {
    let footer = Footer {
        changed: vec![Changed {
            case: "oplock/batch/passes".into(),
            difference: "- a\n+ b\n".into(),
        }],
        contradicted: vec!["lease_v2: the profile claims yes, the target shows no".into()],
        claims: vec![ClaimLine {
            profile: "core".into(),
            given: false,
            text: "no claim of core: of its 3 cells 1 did not pass".into(),
        }],
        without_snapshot: 2,
        seconds: 1.25,
        exit: 1,
        ..Footer::default()
    };
    insta::assert_snapshot!(told(&page(&small(Some(footer)))));
}

#[test]
fn a_run_that_was_cut_off_says_so() {
    let told = told(&page(&small(None)));
    assert!(told.contains("The run was cut off</strong>"), "{told}");
    assert!(told.contains("4 of 4 planned cells have a result"), "{told}");
}

/// A browser runs nothing in it but the script whose hash the page names.
#[test]
fn the_policy_names_what_is_embedded() {
    let page = page(&small(None));
    assert_eq!(page.matches("<script>").count(), 1);
    assert_eq!(page.matches("<style>").count(), 1);
    let script = page.split_once("<script>").expect("a script").1;
    let script = script.rsplit_once("</script>").expect("its end").0;
    let hash = hash(script);
    assert!(page.contains(&format!("script-src {hash};")), "{hash}");
    assert!(page.contains("default-src 'none';"));
}

/// Every kind of verdict; the release before; nothing at all.
#[rstest]
#[case("every-kind.jsonl")]
#[case("format-1.jsonl")]
fn kept_records_have_a_page(#[case] name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/results");
    let record = Record::open(&folder.join(name)).expect("a record");
    let page = page(&record);
    let blocks = page.matches("class=\"rows\">").count();
    assert_eq!(blocks, record.cells.len().div_ceil(200));
    for block in page.split("<script type=\"application/json\"").skip(1) {
        let json = block.split_once('>').expect("its start").1;
        let json = json.split_once("</script>").expect("its end").0;
        serde_json::from_str::<serde_json::Value>(json).expect("data");
    }
    let hidden = |letter: char| letter != '\n' && crate::visible::is_hidden(letter);
    assert!(!page.contains(hidden));
}

#[test]
fn a_record_without_cells_has_a_page() {
    let header = testing::header("reference", "0.1.0", &[""]);
    let empty = testing::record(header, vec![], vec![], Some(Footer::default()));
    let told = told(&page(&empty));
    assert!(told.contains("0 of 0 cells not as they should be; exit code 0"), "{told}");
}

/// The page stays small where everything failed: 1,000 whole, 5,000 as data, the rest a line each.
#[test]
fn a_page_has_bounds() {
    let case = CaseLine {
        id: "oplock/batch/x".into(),
        suite: "oplock/batch".into(),
        ..CaseLine::default()
    };
    let cell = |number| CellLine {
        number,
        case: case.id.clone(),
        cell: format!("oplock/batch/x/op={number}"),
        verdict: Verdict::Fail,
        standing: crate::exit::Standing::Red,
        screen: Some("FAIL".repeat(500)),
        ..CellLine::default()
    };
    let header = testing::header("x", "1", &[""]);
    let record = testing::record(
        header,
        vec![case.clone()],
        (0..7_000).map(cell).collect(),
        Some(Footer { exit: 1, ..Footer::default() }),
    );
    let page = page(&record);
    assert_eq!(page.matches("<details class=\"cell red\"").count(), wrong::WHOLE);
    assert_eq!(page.matches(&"FAIL".repeat(500)).count(), wrong::WHOLE + cells::OTHERS);
    assert!(page.contains("1000 cells of this run have no chart here"), "no note");
}
