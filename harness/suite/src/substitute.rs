//! `$name`: what the axes of a matrix put into the steps.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::Code;
use crate::fields::Reader;
use crate::words;
use crate::yaml::{Key, Kind, Node};

/// The tree with every known `$name` replaced in its words; keys and unknown names stay as they are.
pub(crate) fn substitute(node: &Node, bindings: &BTreeMap<String, String>) -> Node {
    let kind = match &node.kind {
        Kind::Scalar(text) if text.contains('$') => Kind::Scalar(replace(text, bindings)),
        Kind::Scalar(text) => Kind::Scalar(text.clone()),
        Kind::Block(text) => Kind::Block(text.clone()),
        Kind::List(items) => {
            Kind::List(items.iter().map(|item| substitute(item, bindings)).collect())
        }
        Kind::Map(entries) => Kind::Map(
            entries
                .iter()
                .map(|(key, value)| {
                    let key = Key { spot: key.spot, text: key.text.clone() };
                    (key, substitute(value, bindings))
                })
                .collect(),
        ),
    };
    Node { spot: node.spot, kind }
}

/// Reports every `$name` that stands for nothing and every literal duration; adds the names that are used.
pub(crate) fn check_words(
    reader: &mut Reader<'_>,
    node: &Node,
    known: &[String],
    used: &mut BTreeSet<String>,
) {
    match &node.kind {
        Kind::Scalar(text) | Kind::Block(text) => {
            for name in variables(text) {
                if !known.iter().any(|known| known == name) {
                    let known = known.iter().map(String::as_str);
                    reader.unknown(Code::UnknownVariable, node.spot, "axis", name, known);
                }
                used.insert(name.to_owned());
            }
            if words::is_duration(text) {
                let message = format!("a literal duration `{text}` in a case");
                let help = "waits have names: reply, break, quiet, ack_timeout, durable_timeout; \
                            their length belongs to the target";
                let label = "a number with a unit";
                reader.report_with_help(Code::NumberWithUnit, node.spot, message, label, help);
            }
        }
        Kind::List(items) => {
            items.iter().for_each(|item| check_words(reader, item, known, used));
        }
        Kind::Map(entries) => {
            for (key, value) in entries {
                if key.text != "because" {
                    check_words(reader, value, known, used);
                }
            }
        }
    }
}

/// Whether a `$name` stands in the text.
pub(crate) fn has_variable(text: &str) -> bool {
    variables(text).next().is_some()
}

/// Whether the word can stand after `$`: a small letter, then small letters, digits and `_`.
pub(crate) fn is_variable(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_lowercase())
        && word.chars().all(is_variable_letter)
}

fn is_variable_letter(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_'
}

/// The names after each `$` of a text. `$DATA`, as in `f::$DATA`, is none.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).filter_map(|rest| {
        let end = rest.find(|letter| !is_variable_letter(letter)).unwrap_or(rest.len());
        rest.get(..end).filter(|name| is_variable(name))
    })
}

fn replace(text: &str, bindings: &BTreeMap<String, String>) -> String {
    let mut pieces = text.split('$');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|letter| !is_variable_letter(letter)).unwrap_or(piece.len());
        let (name, rest) = piece.split_at(end);
        match bindings.get(name) {
            Some(value) => out.push_str(value),
            None => {
                out.push('$');
                out.push_str(name);
            }
        }
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("$held", "RWH")]
    #[case("k_$held.$held", "k_RWH.RWH")]
    #[case("f::$DATA", "f::$DATA")]
    #[case("$cell", "$cell")]
    #[case("$", "$")]
    #[case("$heldx", "$heldx")]
    #[case("no", "no")]
    fn names_are_replaced(#[case] text: &str, #[case] expected: &str) {
        let bindings = BTreeMap::from([("held".to_owned(), "RWH".to_owned())]);
        assert_eq!(replace(text, &bindings), expected);
    }

    #[test]
    fn only_small_letters_are_names() {
        assert_eq!(variables("$a_1-$B $$c d").collect::<Vec<_>>(), ["a_1", "c"]);
    }
}
