//! Traceability: every rule stands for a row of the specification, and every row has its rules or a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use oplock_model::rule_rows::beyond::BEYOND;
use oplock_model::rule_rows::{DOCUMENTS, Row, Stand};
use oplock_model::{RULES, RuleId};

#[test]
fn every_rule_stands_for_a_row_or_beyond_them() {
    let of_rows: BTreeSet<RuleId> = rows().flat_map(|row| row.rules()).copied().collect();
    let mut of_matters = BTreeSet::new();
    for rule in BEYOND.iter().flat_map(|matter| matter.rules) {
        assert!(of_matters.insert(*rule), "{rule} stands twice beyond the rows");
        assert!(!of_rows.contains(rule), "{rule} has a row");
    }
    let missing: Vec<_> = RULES
        .iter()
        .filter(|rule| !of_rows.contains(&rule.id) && !of_matters.contains(&rule.id))
        .map(|rule| rule.name)
        .collect();
    assert!(
        missing.is_empty(),
        "name each of these at the row that it carries out, in model/src/rule_rows: {missing:#?}"
    );
}

#[test]
fn a_row_stands_once_and_names_a_rule_once() {
    for document in DOCUMENTS {
        let mut labels = BTreeSet::new();
        for row in document.rows {
            assert_eq!(row.document, document.number);
            assert!(labels.insert((row.section, row.row)), "{row:?} stands twice");
            let rules: BTreeSet<_> = row.rules().iter().collect();
            assert_eq!(rules.len(), row.rules().len(), "{row:?}");
            assert_eq!(matches!(row.stand, Stand::Rules(_)), !rules.is_empty(), "{row:?}");
        }
    }
    let numbers: Vec<_> = DOCUMENTS.iter().map(|document| document.number).collect();
    assert_eq!(numbers, ["01", "02", "03", "04", "05", "06", "07", "08"]);
}

/// Rows, rows with a rule, and rows without one by reason, for each document.
#[test]
fn the_account() {
    let mut text = String::new();
    let mut total = (0, 0);
    for document in DOCUMENTS {
        let with = document.rows.iter().filter(|row| !row.rules().is_empty()).count();
        let all = document.rows.len();
        let _ = writeln!(
            text,
            "{} {}: {all} rows, {with} with a rule",
            document.number, document.title
        );
        for (reason, count) in reasons(document.rows) {
            let _ = writeln!(text, "    {count:>3} {reason}");
        }
        total = (total.0 + all, total.1 + with);
    }
    let _ = writeln!(text, "all: {} rows, {} with a rule", total.0, total.1);
    let beyond: usize = BEYOND.iter().map(|matter| matter.rules.len()).sum();
    let _ = writeln!(text, "rules: {}, {beyond} of them beyond the rows", RULES.len());
    insta::assert_snapshot!(text);
}

fn rows() -> impl Iterator<Item = &'static Row> {
    DOCUMENTS.iter().flat_map(|document| document.rows)
}

fn reasons(rows: &[Row]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        let Stand::Without(reason) = row.stand else { continue };
        *counts.entry(reason.words()).or_default() += 1;
    }
    counts
}
