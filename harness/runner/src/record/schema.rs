//! The JSON schema of `results.jsonl`, made from the types that are written and read, with their comments.

use schemars::generate::SchemaSettings;

use super::line::{FORMAT, Line};

/// The schema of one line as JSON text (draft 7, as those of cases and profiles are), with a line break at its end.
#[must_use]
pub fn schema() -> String {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Line>();
    schema.insert("title".to_owned(), format!("One line of results.jsonl, format {FORMAT}").into());
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use jsonschema::Validator;
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    const EVERY_KIND: &str = include_str!("../../../../fixtures/results/every-kind.jsonl");

    fn validator(schema: &str) -> Validator {
        let schema: Value = serde_json::from_str(schema).expect("JSON");
        jsonschema::validator_for(&schema).expect("a schema")
    }

    fn lines(text: &str) -> Vec<Value> {
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    #[test]
    fn the_published_schema_is_this_one() {
        let published = include_str!("../../../../fixtures/results.schema.json");
        assert!(
            published == schema(),
            "fixtures/results.schema.json is out of date: write the output of `oplock-conformance schema --results` there"
        );
    }

    /// Who reads results with the schema beside them needs no other text.
    #[test]
    fn every_field_is_explained() {
        fn unexplained(at: &str, value: &Value, found: &mut Vec<String>) {
            for (name, inner) in value.as_object().into_iter().flatten() {
                if let (true, Some(fields)) = (name == "properties", inner.as_object()) {
                    // A variant with its fields is explained as a whole.
                    let as_a_whole = fields.len() == 1 && value.get("description").is_some();
                    let explained = |inner: &Value| {
                        let has = |key| inner.get(key).is_some();
                        as_a_whole || has("description") || has("const")
                    };
                    let bare = fields.iter().filter(|(_, inner)| !explained(inner));
                    found.extend(bare.map(|(field, _)| format!("{at}/{field}")));
                }
                unexplained(&format!("{at}/{name}"), inner, found);
            }
            for inner in value.as_array().into_iter().flatten() {
                unexplained(at, inner, found);
            }
        }
        let schema: Value = serde_json::from_str(&schema()).expect("JSON");
        let mut found = Vec::new();
        unexplained("", &schema, &mut found);
        assert_eq!(found, Vec::<String>::new());
    }

    #[rstest]
    #[case(&schema(), EVERY_KIND)]
    #[case(
        include_str!("../../../../fixtures/results.schema-1.json"),
        include_str!("../../../../fixtures/results/format-1.jsonl")
    )]
    fn every_line_is_as_the_schema_says(#[case] schema: &str, #[case] text: &str) {
        let validator = validator(schema);
        for (number, line) in lines(text).iter().enumerate() {
            if let Err(error) = validator.validate(line) {
                panic!("line {}: {error} at {}", number + 1, error.instance_path());
            }
        }
    }

    /// The schema takes nothing that readers do not take.
    #[rstest]
    #[case::a_field("header", |line: &mut Value| line["colour"] = json!("red"))]
    #[case::a_field_of_the_target("header", |line: &mut Value| line["target"]["colour"] = json!("red"))]
    #[case::another_format("header", |line: &mut Value| line["format"] = json!(1))]
    #[case::a_field_less("cell", |line: &mut Value| drop(line.as_object_mut().map(|line| line.remove("rules"))))]
    #[case::a_verdict("cell", |line: &mut Value| line["verdict"] = json!("maybe"))]
    #[case::a_standing("cell", |line: &mut Value| line["standing"] = json!("maybe"))]
    #[case::a_number("cell", |line: &mut Value| line["number"] = json!(-1))]
    #[case::half_a_number("cell", |line: &mut Value| line["number"] = json!(1.5))]
    #[case::an_entry("cell", |line: &mut Value| line["history"] = json!({"entries": [{"at": 0, "what": "Nothing"}], "keys": {}, "connections": []}))]
    #[case::a_short_key("cell", |line: &mut Value| line["history"] = json!({"entries": [], "keys": {"k": [1]}, "connections": []}))]
    #[case::a_count("footer", |line: &mut Value| line["counts"] = json!({"maybe": 1}))]
    #[case::a_place_of_the_grid("footer", |line: &mut Value| line["grid"] = json!({"one": "RWH x read"}))]
    #[case::another_line("footer", |line: &mut Value| line["line"] = json!("remark"))]
    fn what_no_reader_takes_is_not_valid(#[case] of: &str, #[case] change: fn(&mut Value)) {
        let mut line =
            lines(EVERY_KIND).into_iter().find(|line| line["line"] == of).expect("a line");
        let validator = validator(&schema());
        assert!(validator.is_valid(&line));
        change(&mut line);
        assert!(!validator.is_valid(&line), "{line}");
        assert!(serde_json::from_value::<Line>(line).is_err() || of == "header");
    }
}
