//! The rules table keeps its promises: unique names, one sentence each, a source each.

use std::collections::HashSet;

use oplock_model::{RULES, RuleId};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as ValueError, StrDeserializer};

#[test]
fn names_are_unique_and_well_formed() {
    let mut seen = HashSet::new();
    for rule in RULES {
        assert!(seen.insert(rule.name), "{} stands twice", rule.name);
        assert!(
            rule.name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.')),
            "{} has a character outside a-z, 0-9, underscore and dot",
            rule.name
        );
        assert!(
            rule.name.split('.').all(|part| !part.is_empty()),
            "{} has an empty part",
            rule.name
        );
        assert!(
            rule.name.starts_with("fsa.") || rule.name.starts_with("smb2."),
            "{} belongs to no layer",
            rule.name
        );
    }
}

#[test]
fn the_variant_is_the_name_in_camel_case() {
    for rule in RULES {
        let camel: String = rule
            .name
            .split(['.', '_'])
            .map(|word| {
                let (first, rest) = word.split_at(1.min(word.len()));
                first.to_ascii_uppercase() + rest
            })
            .collect();
        assert_eq!(format!("{:?}", rule.id), camel);
    }
}

#[test]
fn every_rule_is_found_by_its_name() {
    assert_eq!(RULES.len(), RuleId::COUNT);
    for (&id, rule) in RuleId::ALL.iter().zip(RULES) {
        assert_eq!(rule.id, id);
        assert_eq!(id.rule(), rule);
        assert_eq!(RuleId::parse(rule.name), Some(id));
        assert_eq!(id.to_string(), rule.name);
    }
    assert_eq!(RuleId::parse("fsa.no_such_rule"), None);
}

#[test]
fn every_rule_is_one_sentence_with_a_source() {
    for rule in RULES {
        assert!(rule.sentence.ends_with('.'), "{}: no period at the end", rule.name);
        assert!(!rule.sentence.contains(". "), "{}: more than one sentence", rule.name);
        assert!(!rule.sentence.contains("  "), "{}: a double space", rule.name);
        assert!(!rule.section.is_empty(), "{}: no section", rule.name);
        let numbered = matches!(rule.document, "MS-FSA" | "MS-SMB2");
        assert!(
            numbered || matches!(rule.document, "WDK" | "SDK" | "observed" | "choice"),
            "{}: unknown document {}",
            rule.name,
            rule.document
        );
        assert_eq!(numbered, !rule.title.is_empty(), "{}: title", rule.name);
    }
}

#[test]
fn the_design_document_names_exist() {
    for name in [
        "fsa.check_break.open.batch_to_two",
        "fsa.check_break.open.rwh_other_key",
        "fsa.check_break.open.stat_only",
        "fsa.check_break.open.data",
        "fsa.check_break.sharing_violation.rh",
        "fsa.ack.rh.cannot_grant",
        "smb2.notify.oplock",
        "smb2.notify.lease",
        "smb2.ack.oplock",
        "smb2.ack.lease",
        "smb2.ack.lease_not_breaking",
        "smb2.timer.lease_break",
    ] {
        assert!(RuleId::parse(name).is_some(), "{name} is gone, but the design names it");
    }
}

#[test]
fn a_name_reads_back_and_an_unknown_one_is_named_in_the_error() {
    fn read(name: &str) -> Result<RuleId, ValueError> {
        let text: StrDeserializer<'_, ValueError> = name.into_deserializer();
        RuleId::deserialize(text)
    }
    for &id in RuleId::ALL {
        assert_eq!(read(id.name()), Ok(id));
    }
    let error = read("fsa.typo").expect_err("no such rule");
    assert_eq!(error.to_string(), "unknown rule `fsa.typo`; the `rules` command lists all of them");
}
