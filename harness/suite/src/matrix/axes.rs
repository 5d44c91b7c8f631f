//! The axes of a matrix: rows by name, and columns that are calls or the values of one parameter.

use std::collections::BTreeMap;

use crate::codes::Code;
use crate::fields::Reader;
use crate::plan;
use crate::words;
use crate::yaml::{Kind, Node, Spot};

/// The axes of a matrix.
pub(crate) struct Axes {
    /// Where the matrix begins.
    pub(crate) spot: Spot,
    /// Where each row axis is named.
    pub(crate) row_spots: Vec<Spot>,
    /// Where the columns begin.
    pub(crate) columns_spot: Spot,
    /// The row axes, each with its values.
    pub(crate) rows: Vec<(String, Vec<String>)>,
    /// The columns.
    pub(crate) columns: Columns,
}

/// The columns of a matrix.
pub(crate) enum Columns {
    /// None: the rows only parametrise the steps.
    None,
    /// Calls, by the column's name.
    Calls(Vec<(String, Node)>),
    /// The values of one parameter: its name, and they.
    Parameter(String, Vec<String>),
}

impl Axes {
    /// The names of the columns.
    pub(crate) fn column_names(&self) -> Vec<String> {
        match &self.columns {
            Columns::None => Vec::new(),
            Columns::Calls(calls) => calls.iter().map(|(name, _)| name.clone()).collect(),
            Columns::Parameter(_, values) => values.clone(),
        }
    }

    /// Every combination of row values, the last axis fastest.
    pub(crate) fn row_product(&self) -> Vec<Vec<String>> {
        let mut product: Vec<Vec<String>> = vec![Vec::new()];
        for (_, values) in &self.rows {
            product = product
                .iter()
                .flat_map(|row| {
                    values.iter().map(move |value| {
                        row.iter().cloned().chain(std::iter::once(value.clone())).collect()
                    })
                })
                .collect();
        }
        product
    }

    /// What `$names` stand for in one row and column.
    pub(crate) fn bindings(
        &self,
        row: &[String],
        column: Option<&str>,
    ) -> BTreeMap<String, String> {
        let names = self.rows.iter().map(|(name, _)| name.clone());
        let mut bindings: BTreeMap<String, String> = names.zip(row.iter().cloned()).collect();
        if let (Columns::Parameter(name, _), Some(column)) = (&self.columns, column) {
            bindings.insert(name.clone(), column.to_owned());
        }
        bindings
    }

    /// The shape, for tables of observed cells.
    pub(crate) fn shape(&self) -> plan::Matrix {
        plan::Matrix { rows: self.rows.clone(), columns: self.column_names() }
    }
}

/// At most so many cells has one case; a larger product is a slip of the pen.
const MOST_CELLS: usize = 10_000;

/// Reads `matrix:`.
pub(crate) fn read_axes(reader: &mut Reader<'_>, node: &Node) -> Option<Axes> {
    let fields = reader.fields(node, "`matrix`", words::MATRIX_KEYS)?;
    let rows_node = reader.required(&fields, "rows", "`matrix`")?;
    let mut rows = Vec::new();
    let mut row_spots = Vec::new();
    for (key, value) in reader.entries(rows_node, "`rows`")? {
        name_is_free(reader, &key.text, key.spot);
        let values = read_values(reader, value, &key.text);
        rows.push((key.text.clone(), values));
        row_spots.push(key.spot);
    }
    let columns = match fields.find("columns") {
        Some(node) => read_columns(reader, node)?,
        None => Columns::None,
    };
    if let Columns::Parameter(name, _) = &columns
        && rows.iter().any(|(row, _)| row == name)
    {
        let message = format!("`{name}` is an axis of the rows and of the columns");
        reader.report(Code::BadMatrix, node.spot, message, "one name, two axes");
    }
    let columns_spot = fields.key_spot("columns").unwrap_or(node.spot);
    let axes = Axes { spot: node.spot, row_spots, columns_spot, rows, columns };
    let lengths = axes.rows.iter().map(|(_, values)| values.len());
    let cells = lengths.fold(axes.column_names().len().max(1), usize::saturating_mul);
    if cells == 0 || cells > MOST_CELLS {
        let message = format!("a matrix has from 1 to {MOST_CELLS} cells, this one {cells}");
        reader.report(Code::BadMatrix, node.spot, message, "these axes");
        return None;
    }
    Some(axes)
}

fn read_columns(reader: &mut Reader<'_>, node: &Node) -> Option<Columns> {
    let entries = reader.entries(node, "`columns`")?;
    if let [(key, value)] = entries
        && matches!(value.kind, Kind::List(_))
    {
        name_is_free(reader, &key.text, key.spot);
        let values = read_values(reader, value, &key.text);
        return Some(Columns::Parameter(key.text.clone(), values));
    }
    let mut calls = Vec::new();
    for (key, value) in entries {
        check_value(reader, &key.text, key.spot);
        if matches!(value.kind, Kind::Map(_)) {
            calls.push((key.text.clone(), value.clone()));
        } else {
            let message = "columns are calls, or the values of one parameter";
            let label = format!("this is {}", value.describe());
            let help =
                "`columns: {read: {B reads: {handle: b}}}` or `columns: {want: [ii, batch]}`";
            reader.report_with_help(Code::BadMatrix, value.spot, message, label, help);
        }
    }
    Some(Columns::Calls(calls))
}

fn read_values(reader: &mut Reader<'_>, node: &Node, axis: &str) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for (value, spot) in reader.words(node, &format!("the axis `{axis}`")) {
        check_value(reader, value, spot);
        if values.iter().any(|known| known == value) {
            let message = format!("the value `{value}` stands twice on the axis `{axis}`");
            reader.report(Code::DuplicateId, spot, message, "the second one");
        } else {
            values.push(value.to_owned());
        }
    }
    values
}

fn check_value(reader: &mut Reader<'_>, value: &str, spot: Spot) {
    if !words::is_id_part(value) {
        let message = format!("`{value}` cannot be part of the id of a cell");
        reader.report(Code::BadName, spot, message, "letters, digits, `_`, `-`, `.` and `+`");
    }
}

fn name_is_free(reader: &mut Reader<'_>, name: &str, spot: Spot) {
    check_value(reader, name, spot);
    if matches!(name, "op" | "layer" | "cell" | "column") {
        let message = format!("an axis cannot be called `{name}`");
        reader.report(Code::BadMatrix, spot, message, "this name has a meaning of its own");
    }
}
