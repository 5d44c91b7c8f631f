//! The JSON schema of a case file, for editors: it knows every key, verb, word and rule. What only the whole case can
//! tell (a handle that nobody opens, a cell that is missing) is `lint`'s.

mod calls;

use oplock_model::{Access, Dialect, RULES, Status};
use serde_json::{Map, Value, json};

use self::calls::call_patterns;
use crate::words;

/// The schema as JSON text (draft 7, which editors read), with a line break at its end.
#[must_use]
pub fn schema() -> String {
    let schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A case file of oplock-conformance, format version 1",
        "type": "object",
        "required": ["suite", "about", "cases"],
        "additionalProperties": false,
        "properties": {
            "suite": {"type": "string", "pattern": "^[a-z0-9-]+(/[a-z0-9-]+)*$"},
            "about": {"type": "string"},
            "files": reference("files"),
            "actors": reference("actors"),
            "layer": reference("layer"),
            "cases": {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": "^[a-z0-9-]+$"},
                "additionalProperties": reference("case"),
            },
        },
        "definitions": definitions(),
    });
    // A tree of JSON values without floats always has a text.
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

fn definitions() -> Value {
    let level_words = words::levels().into_iter().map(|(word, _)| word).chain(["lease"]);
    json!({
        "variable": {"type": "string", "pattern": "^\\$[a-z][a-z0-9_]*$"},
        "name": {"type": ["string", "integer"]},
        "number": {"anyOf": [{"type": "integer", "minimum": 0}, reference("variable")]},
        "size": {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": "^[0-9]+ ?[KM]iB$"},
                reference("variable"),
            ]
        },
        "boolean": {
            "anyOf": [{"type": "boolean"}, {"enum": ["yes", "no"]}, reference("variable")]
        },
        "hex": {
            "anyOf": [
                {"type": "string", "pattern": "^([0-9A-Fa-f]\\s*[0-9A-Fa-f]\\s*)*$"},
                {"type": "integer", "minimum": 0},
            ]
        },
        "layer": {"enum": ["smb2", "store", "both"]},
        "level": word_or_raw(level_words),
        "access": {
            "anyOf": [
                word_or_raw(words::ACCESS_WORDS.iter().map(|(word, _)| *word)),
                {"type": "array", "items": word(Access::BITS.iter().map(|(word, _)| *word))},
            ]
        },
        "share": {
            "anyOf": [{"type": "string", "pattern": "^(none|[rwd]{1,3})$"}, reference("variable")]
        },
        "status": word_or_raw(Status::NAMED.iter().map(|(word, ..)| *word)),
        "epoch": {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 65535},
                {"type": "string", "pattern": "^(same|(sent|last)(\\+[0-9]+)?)$"},
                reference("variable"),
            ]
        },
        "files": {
            "type": "object",
            "additionalProperties": {
                "anyOf": [
                    {"enum": ["directory", "absent"]},
                    closed(&[("size", reference("size"))], &["size"]),
                ]
            },
        },
        "actors": {
            "type": "object",
            "additionalProperties": {
                "type": "string",
                "pattern":
                    "^client [0-9]+( connection [0-9]+)?( account [0-9]+)?( node [0-9]+)?$",
            },
        },
        "rule": {"enum": RULES.iter().map(|rule| rule.name).collect::<Vec<_>>()},
        "case": case(),
        "matrix": matrix(),
        "step": step(),
        "call": call(),
        "lease": lease(),
        "answer": closed(&answer_fields(), &[]),
        "expectations": {
            "anyOf": [
                {"const": "$cell"},
                {"type": "array", "items": reference("expectation")},
            ]
        },
        "expectation": expectation(),
        "breaks": breaks(),
    })
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/definitions/{name}")})
}

fn word<'w>(known: impl Iterator<Item = &'w str>) -> Value {
    json!({"anyOf": [{"enum": known.collect::<Vec<_>>()}, reference("variable")]})
}

fn word_or_raw<'w>(known: impl Iterator<Item = &'w str>) -> Value {
    json!({
        "anyOf": [{"enum": known.collect::<Vec<_>>()}, {"type": "integer"}, reference("variable")]
    })
}

/// A mapping with these keys and no others.
fn closed(fields: &[(&str, Value)], required: &[&str]) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

fn case() -> Value {
    let text = json!({"type": "string"});
    let words = json!({"type": "array", "items": {"type": "string"}});
    let allow = closed(
        &[("breaks", json!({"type": "boolean"})), ("because", text.clone())],
        &["breaks", "because"],
    );
    closed(
        &[
            ("says", text.clone()),
            ("spec", json!({"type": "array", "minItems": 1, "items": reference("rule")})),
            ("needs", words.clone()),
            ("layer", reference("layer")),
            ("dialect", word(Dialect::ALL.into_iter().map(Dialect::word))),
            ("share", word(words::SHARES.iter().map(|(word, _)| *word))),
            ("actors", reference("actors")),
            ("files", reference("files")),
            ("steps", json!({"type": "array", "minItems": 1, "items": reference("step")})),
            ("matrix", reference("matrix")),
            ("cells", text.clone()),
            ("why", json!({"type": "object", "additionalProperties": {"type": "string"}})),
            (
                "except",
                json!({
                    "type": "array",
                    "items": {"type": "object", "required": ["because"]},
                }),
            ),
            ("tags", words),
            ("since", json!({"type": ["string", "number"]})),
            ("was", text.clone()),
            (
                "obligation",
                json!({"type": "string", "pattern": "^(must|should|may|product\\(.+\\))$"}),
            ),
            ("choices", json!({"type": "object"})),
            ("allow", allow),
        ],
        &["says", "spec", "steps"],
    )
}

fn matrix() -> Value {
    let values = json!({"type": "array", "minItems": 1, "items": {"type": ["string", "integer"]}});
    closed(
        &[
            ("rows", json!({"type": "object", "additionalProperties": values})),
            (
                "columns",
                json!({
                    "type": "object",
                    "additionalProperties": {"anyOf": [values, reference("call")]},
                }),
            ),
        ],
        &["rows"],
    )
}

fn step() -> Value {
    json!({
        "type": "object",
        "minProperties": 1,
        "additionalProperties": false,
        "properties": {
            "together": {"type": "array", "minItems": 1, "items": reference("call")},
            "time passes": {"enum": words::WAITS.iter().map(|(word, _)| *word).collect::<Vec<_>>()},
            "do": {"const": "$column"},
            "given": {
                "anyOf": [
                    reference("answer"),
                    {"type": "array", "items": reference("expectation")},
                ]
            },
            "then": reference("expectations"),
        },
        "patternProperties": call_patterns(),
    })
}

fn call() -> Value {
    json!({
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": false,
        "properties": {
            "together": {"type": "array", "minItems": 1, "items": reference("call")},
        },
        "patternProperties": call_patterns(),
    })
}

fn lease() -> Value {
    closed(
        &[
            ("key", reference("name")),
            ("state", reference("level")),
            ("version", json!({"anyOf": [{"enum": [1, 2]}, reference("variable")]})),
            ("epoch", reference("number")),
            ("flags", reference("number")),
            ("parent_key", reference("name")),
        ],
        &["key", "state"],
    )
}

fn answer_fields() -> Vec<(&'static str, Value)> {
    vec![
        ("status", reference("status")),
        ("granted", reference("level")),
        ("level", reference("level")),
        ("state", reference("level")),
        ("epoch", reference("epoch")),
        ("breaking", reference("boolean")),
        ("version", json!({"anyOf": [{"enum": [1, 2]}, reference("variable")]})),
        ("parent_key", reference("name")),
        ("durable", word(words::GRANTED.iter().map(|(word, _)| *word))),
        ("timeout", reference("number")),
        ("to", reference("level")),
        ("ack", word(words::ACK_WORDS.iter().map(|(word, _)| *word))),
        ("information", reference("number")),
        ("writable_section", reference("boolean")),
    ]
}

fn breaks() -> Value {
    let modes = closed(
        &[("access", reference("access")), ("share", reference("share"))],
        &["access", "share"],
    );
    closed(
        &[
            ("break", reference("name")),
            ("from", reference("level")),
            ("to", reference("level")),
            ("ack", word(words::ACK_WORDS.iter().map(|(word, _)| *word))),
            ("epoch", reference("epoch")),
            ("modes", modes),
            ("status", reference("status")),
            ("information", reference("number")),
        ],
        &["break", "to"],
    )
}

fn expectation() -> Value {
    let list = json!({"type": "array", "items": reference("expectation")});
    let mut gets = answer_fields();
    gets.push(("answer", reference("name")));
    let nobody = json!({
        "anyOf": [{"const": "any"}, closed(&[("break", reference("name"))], &["break"])]
    });
    json!({
        "anyOf": [
            {"const": "nobody sees"},
            {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": false,
                "properties": {
                    "nobody sees": nobody,
                    "in any order": list,
                    "one of": list,
                    "because": {"type": "string"},
                },
                "patternProperties": {
                    "^(client [0-9]+|(?!nobody )[A-Za-z0-9]+) sees$": reference("breaks"),
                    "^[A-Za-z0-9]+ gets$": closed(&gets, &["answer"]),
                    "^[A-Za-z0-9]+ waits$": reference("name"),
                },
            },
        ]
    })
}
