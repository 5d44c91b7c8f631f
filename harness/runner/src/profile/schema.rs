//! The JSON schema of profiles, for editors: it completes words and marks keys that are none.

use serde_json::{Map, Value, json};

use super::keys;
use crate::embed;

/// A time with its unit.
const TIME: &str = r"^[0-9]+(\.[0-9]+)? ?(ms|s|min)$";

/// The schema as JSON text.
#[must_use]
pub fn schema() -> String {
    let capabilities = embed::capabilities();
    let claims =
        capabilities.iter().map(|name| (name.clone(), json!({"$ref": "#/definitions/claim"})));
    let claims = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": claims.collect::<Map<String, Value>>(),
    });
    let shares: Vec<&str> = keys::SHARES.iter().map(|(word, _)| *word).collect();
    let of = |key: &str| match key {
        "product" => json!({"type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$"}),
        "nodes" => list(&text(), 1),
        "shares" => object(&shares, &["plain"], |_| text()),
        "accounts" => list(&account(), 1),
        "logins" => object(keys::LOGINS, &[], |_| words(&["allowed", "refused"])),
        "claims" => claims.clone(),
        "axes" => object(keys::AXES, &[], |key| match key {
            "full" => list(&text(), 1),
            _ => text(),
        }),
        "waits" => object(keys::WAITS, &[], wait),
        "caps" => object(keys::CAPS, &[], |_| positive(u32::MAX)),
        "jobs" => positive(u32::from(u16::MAX)),
        "hooks" => object(keys::HOOKS, &[], hook),
        _ => text(),
    };
    let mut whole = object(keys::PROFILE, &["product", "nodes", "shares", "accounts"], of);
    if let Some(fields) = whole.as_object_mut() {
        fields.insert("$schema".into(), json!("http://json-schema.org/draft-07/schema#"));
        fields.insert("definitions".into(), json!({"claim": claim()}));
        fields.insert("title".into(), json!("The profile of a target, target.yaml"));
    }
    serde_json::to_string_pretty(&whole).unwrap_or_default()
}

/// A mapping of these keys and no others.
fn object(keys: &[&str], required: &[&str], of: impl Fn(&str) -> Value) -> Value {
    let properties: Map<String, Value> =
        keys.iter().map(|key| ((*key).to_owned(), of(key))).collect();
    let mut whole =
        json!({"type": "object", "additionalProperties": false, "properties": properties});
    if let Some(fields) = whole.as_object_mut().filter(|_| !required.is_empty()) {
        fields.insert("required".into(), json!(required));
    }
    whole
}

fn list(items: &Value, least: usize) -> Value {
    json!({"type": "array", "items": items, "minItems": least})
}

fn text() -> Value {
    json!({"type": "string", "minLength": 1})
}

fn words(words: &[&str]) -> Value {
    json!({"enum": words})
}

fn positive(most: u32) -> Value {
    json!({"type": "integer", "minimum": 1, "maximum": most})
}

fn time() -> Value {
    json!({"type": "string", "pattern": TIME})
}

fn account() -> Value {
    let of = |key: &str| match key {
        "password_env" => json!({"type": "string", "pattern": "^[A-Z_][A-Z0-9_]*$"}),
        _ => text(),
    };
    object(keys::ACCOUNT, &["user"], of)
}

/// Editors read `yes` and `no` as booleans or as words, by the version of YAML that they take.
fn claim() -> Value {
    let answer = || json!({"enum": ["yes", "no", "probe", true, false]});
    let with_reason = object(keys::CLAIM, &["is"], |key| match key {
        "is" => answer(),
        _ => text(),
    });
    json!({"anyOf": [answer(), with_reason]})
}

fn wait(key: &str) -> Value {
    match key {
        "break" | "quiet" => {
            json!({"anyOf": [time(), object(keys::BOUNDS, &[], |_| time())]})
        }
        "ack_timeout" | "durable_timeout" => object(keys::WINDOW, keys::WINDOW, |_| time()),
        _ => time(),
    }
}

fn hook(key: &str) -> Value {
    match key {
        "within" => time(),
        "cells" => json!({"type": "integer", "minimum": 0}),
        _ => {
            let command = list(&text(), 1);
            json!({"anyOf": [command, list(&command, 1)]})
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// `oplock-conformance schema --profile` writes it anew.
    #[test]
    fn the_schema_beside_the_profiles_is_this_one() {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../fixtures/targets/profile.schema.json");
        let kept = fs::read_to_string(kept).expect("fixtures/targets/profile.schema.json");
        assert_eq!(kept.trim(), schema());
    }
}
