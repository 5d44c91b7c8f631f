//! Which cells a run takes, and what else is read from a corpus as a whole.

use oplock_suite::plan::Corpus;
use oplock_suite::{CorpusFiles, Selection, explain, load, schema};
use rstest::rstest;

fn corpus() -> Corpus {
    let text = "suite: s
about: For selection.
files: {f: {size: 1}}
actors: {A: client 1}
cases:
  one:
    says: It was called uno.
    was: uno
    tags: [smb2.oplock.batch1]
    spec: [fsa.check_break.open.data]
    matrix: {rows: {held: [ii, batch]}}
    steps: [{A holds: {file: f, as: a, level: $held}}]
  two:
    says: It has no axis.
    spec: [fsa.check_break.open.data]
    steps: [{A holds: {file: f, as: a, level: ii}}]
";
    crate::good(&crate::one_file(text)).corpus
}

#[rstest]
#[case(&[], false, &[], &[], "0.0 0.1 1.0")]
#[case(&["one"], false, &[], &[], "0.0 0.1")]
#[case(&["held=ii", "two"], false, &[], &[], "0.0 1.0")]
#[case(&["s/*/held=b*"], false, &[], &[], "0.1")]
#[case(&["s/one*"], false, &["batch"], &[], "0.0")]
#[case(&["s/one/held=batch"], true, &[], &[], "0.1")]
#[case(&["s/one/held=batch@smb3_1_1,signed"], true, &[], &[], "0.1")]
#[case(&["s/one"], true, &[], &[], "0.0 0.1")]
#[case(&["one"], true, &[], &[], "")]
#[case(&["s/uno/held=ii"], true, &[], &[], "0.0")]
#[case(&["uno"], false, &[], &[], "0.0 0.1")]
#[case(&[], false, &[], &["smb2.oplock.batch1"], "0.0 0.1")]
#[case(&["two"], false, &[], &["smb2.oplock.batch1"], "")]
#[case(&["nothing"], false, &[], &[], "")]
fn selections(
    #[case] patterns: &[&str],
    #[case] exact: bool,
    #[case] skip: &[&str],
    #[case] tags: &[&str],
    #[case] expected: &str,
) {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let (patterns, skip, tags) = (owned(patterns), owned(skip), owned(tags));
    let chosen = Selection { patterns, exact, skip, tags }.select(&corpus());
    let chosen: Vec<String> = chosen.iter().map(|(case, cell)| format!("{case}.{cell}")).collect();
    assert_eq!(chosen.join(" "), expected);
}

#[test]
fn nothing_is_explained_that_is_not_there() {
    assert_eq!(explain(&corpus(), "s/three"), None);
    assert!(explain(&corpus(), "s/one/held=ii@smb3_1_1").is_some());
}

#[test]
fn two_files_may_not_have_cases_of_one_name() {
    let text = "suite: s\nabout: Twice.\nfiles: {f: {size: 1}}\nactors: {A: client 1}\ncases:\n  \
                one:\n    says: Once.\n    spec: [fsa.check_break.open.data]\n    \
                steps: [{A opens: {file: f, as: a}}]\n";
    let file = |name: &str| (name.to_owned(), text.to_owned());
    let files = CorpusFiles { files: vec![file("cases/b.yaml"), file("cases/a.yaml")] };
    let rendered: Vec<String> = load(&files).diagnostics.iter().map(|d| d.render(&files)).collect();
    insta::assert_snapshot!(rendered.join("\n"), @"
    error[C024]: two cases are called `s/one`
     --> cases/b.yaml:6:3
      |
    6 |   one:
      |   ^^^ the first one stands at cases/a.yaml:6
    ");
}

#[test]
fn a_former_name_may_not_be_somebody_elses() {
    let case = |name: &str, was: &str| {
        format!(
            "  {name}:\n    says: Once.\n{was}    spec: [fsa.check_break.open.data]\n    \
             steps: [{{A opens: {{file: f, as: a}}}}]\n"
        )
    };
    let head = "suite: s\nabout: Renamed.\nfiles: {f: {size: 1}}\nactors: {A: client 1}\ncases:\n";
    let text = format!("{head}{}{}", case("one", ""), case("two", "    was: one\n"));
    let files = crate::one_file(&text);
    let rendered: Vec<String> = load(&files).diagnostics.iter().map(|d| d.render(&files)).collect();
    insta::assert_snapshot!(rendered.join("\n"), @r"
    error[C024]: `was` names `s/one`, which is the id of another case
      --> cases/test.yaml:10:3
       |
    10 |   two:
       |   ^^^ that case stands at cases/test.yaml:6
    ");
}

#[test]
fn a_directory_of_cases_may_bring_its_own_capabilities() {
    let own = "warp:\n  says: It is fast.\n  core: nope\n  probe: Look.\n";
    let files = CorpusFiles { files: vec![("cases/capabilities.yaml".to_owned(), own.to_owned())] };
    let rendered: Vec<String> = load(&files).diagnostics.iter().map(|d| d.render(&files)).collect();
    insta::assert_snapshot!(rendered.join("\n"), @"
    error[C007]: unknown word for `core` `nope`
     --> cases/capabilities.yaml:3:9
      |
    3 |   core: nope
      |         ^^^^ not a word for `core`
      = help: known here: yes, no, true, false
    ");
}

#[test]
fn no_text_makes_the_loader_panic() {
    let whole = include_str!("fixtures/batch.yaml");
    for cut in (0..whole.len()).filter(|cut| whole.is_char_boundary(*cut)).step_by(7) {
        let _ = load(&crate::one_file(&whole[..cut]));
        let holed = format!("{}{}", &whole[..cut], whole.get(cut + 5..).unwrap_or_default());
        let _ = load(&crate::one_file(&holed));
    }
    for text in ["", "[]", "a", "suite: []\ncases: {a: b}", "cases: {c: {steps: [[], {}, 1]}}"] {
        assert!(!load(&crate::one_file(text)).diagnostics.is_empty(), "{text}");
    }
}

#[test]
fn the_schema_in_the_corpus_is_the_one_that_is_printed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cases/case.schema.json");
    let stored = std::fs::read_to_string(path).expect("cases/case.schema.json is there");
    assert!(
        stored == schema(),
        "cases/case.schema.json is stale: write the output of `oplock-conformance schema` there"
    );
}
