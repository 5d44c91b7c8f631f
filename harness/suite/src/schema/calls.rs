//! The calls of the schema, each under the pattern of its key.

use oplock_model::{CreateOptions, Disposition};
use serde_json::{Map, Value, json};

use super::{closed, reference, word, word_or_raw};
use crate::words;

/// The keys of a call with their values.
type Keys = Vec<(&'static str, Value)>;

/// The calls, by the pattern of their key.
pub(super) fn call_patterns() -> Map<String, Value> {
    words::VERBS.iter().map(|(verb, _)| (format!("^[A-Za-z0-9]+ {verb}$"), call_of(verb))).collect()
}

fn call_of(verb: &str) -> Value {
    match verb {
        "opens" => closed(&open(words::OPEN_KEYS), &["file", "as"]),
        "holds" => closed(&open(words::HOLD_KEYS), &["file", "as", "level"]),
        "acks" => closed(&ack(), &[]),
        "controls" => control(),
        _ => closed(&other(verb), required(verb)),
    }
}

/// The keys that a call must have.
fn required(verb: &str) -> &'static [&'static str] {
    match verb {
        "renames" | "links" => &["handle", "to"],
        "cancels" => &["call"],
        "binds" => &["to"],
        "sends" => &["command", "body"],
        "disconnects" | "reconnects" | "logs off" => &[],
        _ => &["handle"],
    }
}

fn open(keys: &[&'static str]) -> Keys {
    keys.iter().map(|key| (*key, open_value(key))).collect()
}

fn open_value(key: &str) -> Value {
    match key {
        "access" => reference("access"),
        "share" => reference("share"),
        "disposition" => word(Disposition::WORDS.iter().map(|(word, _)| *word)),
        "options" => {
            let options = word_or_raw(CreateOptions::WORDS.iter().map(|(word, _)| *word));
            json!({"type": "array", "items": options})
        }
        "want" | "level" => reference("level"),
        "lease" => reference("lease"),
        "allocation" => reference("size"),
        "durable" => durable(),
        "maximal_access" | "replay" => reference("boolean"),
        "contexts" => json!({"type": "object", "additionalProperties": reference("hex")}),
        _ => reference("name"),
    }
}

fn durable() -> Value {
    let mapping = closed(
        &[
            ("version", json!({"anyOf": [{"enum": [1, 2]}, reference("variable")]})),
            ("guid", reference("name")),
            ("timeout", reference("number")),
            ("persistent", reference("boolean")),
            ("reconnect", reference("name")),
        ],
        &[],
    );
    json!({"anyOf": [{"enum": ["v1", "v2"]}, reference("variable"), mapping]})
}

fn ack() -> Keys {
    let value = |key: &str| match key {
        "to" => reference("level"),
        "form" => word(words::ACK_FORMS.iter().copied()),
        _ => reference("name"),
    };
    words::ACK_KEYS.iter().map(|key| (*key, value(key))).collect()
}

fn control() -> Value {
    let named = words::calls::CONTROLS.iter().map(|(control, own)| {
        let mut keys = control_keys(json!({"const": control}));
        keys.extend(own.iter().map(|key| (*key, control_value(key))));
        let required: Vec<&str> = match *control {
            "copychunk" | "duplicate_extents" => vec!["handle", "control", "source"],
            "set_zero_data" => vec!["handle", "control", "to"],
            "resiliency" => vec!["handle", "control", "timeout"],
            _ => vec!["handle", "control"],
        };
        closed(&keys, &required)
    });
    let mut raw = control_keys(reference("number"));
    raw.push(("input", reference("hex")));
    let all: Vec<Value> = named.chain([closed(&raw, &["handle", "control"])]).collect();
    json!({"anyOf": all})
}

fn control_keys(control: Value) -> Keys {
    vec![("handle", reference("name")), ("control", control), ("as", reference("name"))]
}

fn control_value(key: &str) -> Value {
    match key {
        "source" => reference("name"),
        "set" => reference("boolean"),
        "format" => word(words::calls::COMPRESSION.iter().map(|(word, _)| *word)),
        "timeout" => reference("number"),
        _ => reference("size"),
    }
}

fn other(verb: &str) -> Keys {
    words::calls::keys(verb).iter().map(|key| (*key, other_value(verb, key))).collect()
}

fn other_value(verb: &str, key: &str) -> Value {
    let bits = |known: &[(&'static str, u32)]| {
        let one = word_or_raw(known.iter().map(|(word, _)| *word));
        json!({"anyOf": [one.clone(), {"type": "array", "items": one}]})
    };
    match (verb, key) {
        (
            _,
            "end_of_file" | "allocation" | "valid_data_length" | "position" | "offset" | "length",
        ) => reference("size"),
        (_, "exclusive" | "wait" | "replace" | "delete" | "writable") => reference("boolean"),
        (_, "mode" | "input_length" | "output_length") => reference("number"),
        ("locks" | "unlocks", "ranges") => ranges(),
        ("queries", "info") => word(words::calls::INFO.iter().map(|(word, _)| *word)),
        ("sets", "basic") => basic(),
        ("sets", "ea") => closed(
            &[("name", reference("name")), ("value", reference("name"))],
            words::calls::EA_KEYS,
        ),
        ("sets", "security") => word(["everybody"].into_iter()),
        ("renames", "flags") => bits(words::calls::RENAME_FLAGS),
        ("deletes", "flags") => bits(words::calls::DELETE_FLAGS),
        ("requests", "flags") => bits(words::calls::REQUEST_FLAGS),
        ("requests", "level") => reference("level"),
        ("requests", "code") => {
            word_or_raw(words::calls::OPLOCK_CONTROLS.iter().map(|(word, _)| *word))
        }
        ("disconnects", "what") => word(words::calls::DISCONNECTS.iter().map(|(word, _)| *word)),
        ("sends", "command") => word_or_raw(words::calls::COMMANDS.iter().map(|(word, _)| *word)),
        ("sends", "body") => json!({"type": ["string", "integer"]}),
        _ => reference("name"),
    }
}

fn ranges() -> Value {
    let range = closed(
        &[
            ("offset", reference("size")),
            ("length", reference("size")),
            ("exclusive", reference("boolean")),
        ],
        &[],
    );
    json!({"type": "array", "items": range})
}

fn basic() -> Value {
    let time = json!({"anyOf": [{"type": "integer"}, reference("variable")]});
    let one = word_or_raw(words::calls::ATTRIBUTES.iter().map(|(word, _)| *word));
    let attributes = json!({"anyOf": [one.clone(), {"type": "array", "items": one}]});
    let value = |key: &str| if key == "attributes" { attributes.clone() } else { time.clone() };
    let keys: Keys = words::calls::BASIC_KEYS.iter().map(|key| (*key, value(key))).collect();
    closed(&keys, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_has_its_keys() {
        for (verb, _) in words::VERBS {
            let call = call_of(verb);
            let known = ["opens", "holds", "acks", "controls"].contains(verb)
                || words::calls::KEYS.iter().any(|(known, _)| known == verb);
            assert!(known, "{verb} has no keys");
            assert!(call.get("properties").or(call.get("anyOf")).is_some(), "{verb}");
        }
    }

    #[test]
    fn what_must_be_there_is_known() {
        for (verb, keys) in words::calls::KEYS {
            for key in required(verb) {
                assert!(keys.contains(key), "{verb} {key}");
            }
        }
    }
}
