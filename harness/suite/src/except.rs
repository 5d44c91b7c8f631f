//! `except:`, the combinations of a matrix that cannot be.

use std::collections::BTreeMap;

use crate::case::read_because;
use crate::codes::Code;
use crate::fields::{Fields, Reader};
use crate::matrix::{Axes, Excepted};
use crate::yaml::Kind;

/// Reads a list of combinations, each an axis with a value or a list of values, with a reason.
pub(crate) fn read_except(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    axes: Option<&Axes>,
) -> Excepted {
    let mut excepted = Excepted::new();
    let Some(node) = fields.find("except") else { return excepted };
    let Some(axes) = axes else {
        let spot = fields.key_spot("except").unwrap_or(node.spot);
        reader.report(Code::BadMatrix, spot, "`except` without a matrix", "nothing to except");
        return excepted;
    };
    let columns = axes.column_names();
    let mut known: Vec<&str> = axes.rows.iter().map(|(name, _)| name.as_str()).collect();
    known.extend(["op", "because"]);
    for item in reader.list(node, "`except`").unwrap_or_default() {
        let Some(entry) = reader.fields(item, "an exception", &known) else { continue };
        read_because(reader, &entry, "an exception");
        let mut chosen: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut names_an_axis = false;
        for (name, values) in
            axes.rows.iter().map(|(n, v)| (n.as_str(), v)).chain([("op", &columns)])
        {
            let Some(node) = entry.find(name) else { continue };
            names_an_axis = true;
            let one = [node.clone()];
            let nodes = match &node.kind {
                Kind::List(items) => items.as_slice(),
                _ => &one,
            };
            for node in nodes {
                let Some(value) = reader.text(node, "a value of an axis") else { continue };
                if values.iter().any(|known| known == value) {
                    chosen.entry(name).or_default().push(value.to_owned());
                } else {
                    let what = format!("value of the axis {name}");
                    let known = values.iter().map(String::as_str);
                    reader.unknown(Code::CellExtra, node.spot, &what, value, known);
                }
            }
        }
        if !names_an_axis {
            let message = "an exception names no axis";
            reader.report(Code::BadMatrix, item.spot, message, "this excepts nothing");
        }
        if chosen.is_empty() {
            continue;
        }
        let fits = |name: &str, value: &String| {
            chosen.get(name).is_none_or(|values| values.contains(value))
        };
        for row in axes.row_product() {
            let row_fits = axes.rows.iter().zip(&row).all(|((name, _), value)| fits(name, value));
            for column in 0..columns.len().max(1) {
                let column_fits = columns.get(column).is_none_or(|name| fits("op", name));
                if row_fits && column_fits {
                    excepted.insert((row.clone(), column));
                }
            }
        }
    }
    excepted
}
