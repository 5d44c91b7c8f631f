use oplock_engine::coverage::{By, StoreOperation, StoreState};
use oplock_model::RuleId;

use super::*;
use crate::cli::CorpusArgs;
use crate::survey::{self, Reached};

fn args(patterns: &[&str], format: CoverageFormat) -> CoverageArgs {
    CoverageArgs {
        patterns: patterns.iter().map(|pattern| (*pattern).to_owned()).collect(),
        corpus: CorpusArgs::default(),
        rows: false,
        format,
    }
}

fn survey() -> Survey {
    let cell = Cell::Store(StoreState::Rwh, StoreOperation::OpenMore, By::Stranger);
    let one = Reached {
        case: "a/one".to_owned(),
        rules: [RuleId::FsaKeyNone].into_iter().collect(),
        cells: [cell.number()].into_iter().collect(),
    };
    Survey { cases: vec![one.clone(), Reached { case: "a/two".to_owned(), ..one }] }
}

/// The figures of the embedded corpus. They move with every rule, case and cell of the grid; `cargo insta review`, or
/// `INSTA_UPDATE=always cargo test -p oplock-runner the_coverage_of_the_corpus`, keeps the new ones.
#[test]
fn the_coverage_of_the_corpus() {
    let survey = survey::of_embedded();
    insta::assert_snapshot!(summary(survey));
}

/// No case is in a cell that is called impossible.
#[test]
fn no_case_reaches_what_is_impossible() {
    let survey = survey::of_embedded();
    let reached = survey.cells();
    let wrong: Vec<String> = Cell::all()
        .filter(|cell| cell.impossible().is_some() && reached.contains(cell.number()))
        .map(|cell| format!("{cell} in {:?}", survey.in_cell(cell.number()).next()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_rule_is_told_with_the_cases_that_reach_it() {
    let text = detail(&survey(), &["fsa.key.none".to_owned()]).expect("a rule");
    assert!(text.starts_with("fsa.key.none\n  MS-FSA 2.1.4.12.2 "), "{text}");
    assert!(text.ends_with("    a/one\n    a/two\n"), "{text}");
    let text = detail(&survey(), &["fsa.key.equal".to_owned()]).expect("a rule");
    assert!(text.ends_with("    no case reaches it\n"), "{text}");
}

#[test]
fn a_cell_is_told_with_a_case_or_a_reason() {
    let text = detail(&survey(), &["RWH x open for more".to_owned()]).expect("cells");
    let stranger = "RWH x open for more by a stranger\n    a/one and 1 other\n";
    assert!(text.contains(stranger), "{text}");
    let own =
        "RWH x open for more by its holder\n    impossible: no handle yet (fsa.key.same_open)\n";
    assert!(text.contains(own), "{text}");
    assert!(text.contains("RWH x open for more by its key\n    no case is in it\n"), "{text}");
}

#[test]
fn what_is_not_there_is_told() {
    let stop = coverage(&args(&["no such thing"], CoverageFormat::Text)).expect_err("nothing");
    assert_eq!(stop.exit, Exit::NothingSelected);
}

#[test]
fn rows_without_a_rule_stand_with_their_reason() {
    let text = rows();
    assert!(text.starts_with("01 types, constants, keys, granting\n"), "{text}");
    assert!(text.contains("\n  section 7: a slip of the page's table: editorial\n"), "{text}");
}

#[test]
fn unreached_rules_stand_with_their_sentence() {
    let text = missing(&survey());
    let expected = format!("\nreached by no case: {} rules\n", RULES.len() - 1);
    assert!(text.starts_with(&expected), "{text}");
    assert!(!text.contains("fsa.key.none\n"));
}

#[test]
fn json_says_the_same() {
    let text = json(&survey(), &["fsa.key.none".to_owned()]).expect("json");
    let value: serde_json::Value = serde_json::from_str(&text).expect("json");
    assert_eq!(value["format"], 1);
    assert_eq!(value["rules"][0]["cases"], serde_json::json!(["a/one", "a/two"]));
    assert_eq!(value["grids"][0]["name"], "store");
    assert_eq!(value["grids"][0]["reached"], 1);
}
