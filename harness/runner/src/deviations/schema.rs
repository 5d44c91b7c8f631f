//! The JSON schema of deviation lists, for editors: it completes words and marks keys that are none.

use serde_json::{Map, Value, json};

use super::entry::Expected;
use super::read::KEYS;

/// A day.
const DAY: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

/// The schema as JSON text.
#[must_use]
pub fn schema() -> String {
    let properties: Map<String, Value> =
        KEYS.iter().map(|key| ((*key).to_owned(), property(key))).collect();
    let flaky = json!({"properties": {"expect": {"const": "flaky"}}});
    let whole = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "What a target is known to do wrong, deviations.yaml",
        "type": ["array", "null"],
        "items": {
            "type": "object",
            "additionalProperties": false,
            "properties": properties,
            "required": ["cases", "expect", "signature", "because"],
            "if": flaky,
            "then": {"required": ["evidence"]},
            "else": {"not": {"required": ["evidence"]}},
        },
    });
    serde_json::to_string_pretty(&whole).unwrap_or_default()
}

fn property(key: &str) -> Value {
    let mut of = match key {
        "expect" => {
            let words = Expected::WORDS.map(|(word, _)| word);
            json!({"enum": words})
        }
        "review" => json!({"type": "string", "pattern": DAY}),
        "evidence" => {
            let pattern = "^[0-9]+ of [0-9]+ runs?, [0-9]{4}-[0-9]{2}-[0-9]{2}$";
            json!({"type": "string", "pattern": pattern})
        }
        "because" => json!({"type": "string", "minLength": 1, "not": {"pattern": "TODO"}}),
        "signature" => json!({"type": "string", "pattern": "[^* ]"}),
        // A bare number is a version too.
        "versions" => json!({"type": ["string", "number"]}),
        _ => json!({"type": "string", "minLength": 1}),
    };
    if let Some(fields) = of.as_object_mut() {
        fields.insert("description".into(), json!(description(key)));
    }
    of
}

/// What an editor shows beside a key.
fn description(key: &str) -> &'static str {
    match key {
        "cases" => {
            "The id of a cell or of a case, which means all its cells; `*` stands for any characters."
        }
        "versions" => {
            "The versions of the product that it covers: `>=9.2, <9.6`, `4.17`, `<9.2 || >=9.6P2`. Left out: all."
        }
        "axes" => "The axes that it covers: `smb2_*`, `*,lease_v2`. Left out: all.",
        "expect" => "How the cells end.",
        "signature" => {
            "What the first divergence says, as results.jsonl has it; `*` stands for any characters."
        }
        "because" => "Which rule the server breaks, and what it does in place of it.",
        "ref" => "Where that is tracked.",
        "review" => "The day on which somebody wants to look at it again: 2027-03-01.",
        "evidence" => "How often a flaky cell was seen to fail: `3 of 20 runs, 2026-11-20`.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// `oplock-conformance schema --deviations` writes it anew.
    #[test]
    fn the_schema_beside_the_lists_is_this_one() {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../fixtures/targets/deviations.schema.json");
        let kept = fs::read_to_string(kept).expect("fixtures/targets/deviations.schema.json");
        assert_eq!(kept.trim(), schema());
    }

    #[test]
    fn every_key_is_described() {
        for key in KEYS {
            assert_ne!(description(key), "", "{key}");
        }
    }
}
