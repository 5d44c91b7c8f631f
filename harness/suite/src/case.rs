//! One case: its head, its matrix, and its cells.

use std::collections::{BTreeMap, BTreeSet};

use oplock_model::{CellId, FileSpec, Layer, RULES, RuleId};

use crate::cell::{Scope, StepTree, read_steps};
use crate::codes::Code;
use crate::fields::{Fields, Reader};
use crate::file::{check_id, read_actors, read_files, read_layers};
use crate::matrix::{Axes, Columns, Excepted, Table, read_axes, read_table};
use crate::plan::{ActorPlan, Allow, CapabilityEntry, Case, Cell, Obligation};
use crate::substitute::{check_words, substitute};
use crate::words;
use crate::yaml::{Key, Kind, Node, Spot};

/// What the file says for all of its cases.
pub(crate) struct Head<'c> {
    /// The suite.
    pub(crate) suite: String,
    /// The files.
    pub(crate) files: Vec<FileSpec>,
    /// The actors.
    pub(crate) actors: Vec<ActorPlan>,
    /// The layers.
    pub(crate) layers: Layers,
    /// The capabilities that may be named.
    pub(crate) capabilities: &'c BTreeMap<String, CapabilityEntry>,
}

/// On which layers a case is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Layers {
    /// Over SMB2.
    #[default]
    Smb2,
    /// At the store.
    Store,
    /// A cell for each.
    Both,
}

impl Layers {
    fn each(self) -> &'static [(Layer, &'static str)] {
        match self {
            Layers::Smb2 => &[(Layer::Smb2, "smb2")],
            Layers::Store => &[(Layer::Store, "store")],
            Layers::Both => &[(Layer::Smb2, "smb2"), (Layer::Store, "store")],
        }
    }
}

/// Reads one case.
pub(crate) fn read_case(
    reader: &mut Reader<'_>,
    head: &Head<'_>,
    key: &Key,
    node: &Node,
) -> Option<Case> {
    let what = format!("the case `{}`", key.text);
    check_id(reader, &key.text, key.spot);
    let fields = reader.fields(node, &what, words::CASE_KEYS)?;
    for needed in ["says", "spec", "steps"] {
        if fields.find(needed).is_none() {
            reader.missing(key.spot, &what, needed);
        }
    }
    let sentence = |reader: &mut Reader<'_>, key: &str| {
        let node = fields.find(key)?;
        reader.sentence(node, &format!("`{key}`"))
    };
    let says = sentence(reader, "says").unwrap_or_default();
    let since = sentence(reader, "since");
    let was = sentence(reader, "was");
    let spec = fields.find("spec").map(|node| read_rules(reader, node)).unwrap_or_default();
    let tags = match fields.find("tags") {
        Some(node) => reader.words(node, "`tags`").into_iter().map(|(w, _)| w.to_owned()).collect(),
        None => Vec::new(),
    };
    let obligation = fields.find("obligation").and_then(|node| read_obligation(reader, node));
    let mut body = Body::read(reader, head, &fields, key.spot);
    let cells = body.cells(reader, &head.suite, &key.text);
    Some(Case {
        id: format!("{}/{}", head.suite, key.text),
        suite: head.suite.clone(),
        says,
        place: reader.place(key.spot),
        spec,
        obligation: obligation.unwrap_or_default(),
        since,
        was,
        tags,
        matrix: body.axes.as_ref().map(Axes::shape),
        cells,
    })
}

/// What the cells of a case are made of.
struct Body<'n> {
    layers: Layers,
    actors: Vec<ActorPlan>,
    files: Vec<FileSpec>,
    needs: BTreeSet<String>,
    choices: BTreeMap<String, String>,
    allow: Option<Allow>,
    steps: &'n [Node],
    axes: Option<Axes>,
    table: Table,
    excepted: Excepted,
}

impl<'n> Body<'n> {
    fn read(reader: &mut Reader<'_>, head: &Head<'_>, fields: &Fields<'n>, spot: Spot) -> Self {
        let layers = fields.find("layer").and_then(|node| read_layers(reader, node));
        let layers = layers.unwrap_or(head.layers);
        let actors = match fields.find("actors") {
            Some(node) => read_actors(reader, node),
            None => head.actors.clone(),
        };
        if actors.is_empty() {
            reader.missing(spot, "neither the case nor its file", "actors");
        }
        if layers == Layers::Both && actors.iter().any(|actor| actor.connection != 1) {
            let at = fields.find("layer").map_or(spot, |node| node.spot);
            let message = "a case for both layers speaks of connections, which the store does not know";
            reader.report(Code::WrongLayer, at, message, "not `both`");
        }
        let files = match fields.find("files") {
            Some(node) => read_files(reader, node),
            None => head.files.clone(),
        };
        let needs = fields.find("needs").map(|node| read_needs(reader, node, head)).unwrap_or_default();
        let choices = fields.find("choices").map(|node| read_choices(reader, node));
        let allow = fields.find("allow").and_then(|node| read_allow(reader, node));
        let steps = match fields.find("steps") {
            Some(node) => reader.list(node, "`steps`").unwrap_or_default(),
            None => &[],
        };
        if let Some(node) = fields.find("steps").filter(|node| node.kind == Kind::List(Vec::new())) {
            reader.report(Code::NoEffect, node.spot, "a case without a step", "does nothing");
        }
        let axes = fields.find("matrix").and_then(|node| read_axes(reader, node));
        let excepted = read_except(reader, fields, axes.as_ref());
        let mut body = Body {
            layers,
            actors,
            files,
            needs,
            choices: choices.unwrap_or_default(),
            allow,
            steps,
            axes,
            table: Table::new(),
            excepted,
        };
        body.check_names(reader);
        body.read_cells(reader, fields);
        body
    }

    /// Checks every `$name` of the steps, and that each axis is used by one.
    fn check_names(&self, reader: &mut Reader<'_>) {
        let mut known: Vec<String> = vec!["cell".into(), "column".into()];
        let mut axes: Vec<(String, &'static str)> = Vec::new();
        if let Some(matrix) = &self.axes {
            axes.extend(matrix.rows.iter().map(|(name, _)| (name.clone(), "row axis")));
            if let Columns::Parameter(name, _) = &matrix.columns {
                axes.push((name.clone(), "column axis"));
            }
            if let Columns::Calls(calls) = &matrix.columns {
                axes.push(("column".into(), "call of the columns"));
                let mut used = BTreeSet::new();
                let names = axes.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
                calls.iter().for_each(|(_, node)| check_words(reader, node, &names, &mut used));
            }
            if !matches!(matrix.columns, Columns::None) {
                axes.push(("cell".into(), "table of cells"));
            }
        }
        known.extend(axes.iter().map(|(name, _)| name.clone()));
        let mut used = BTreeSet::new();
        self.steps.iter().for_each(|node| check_words(reader, node, &known, &mut used));
        if let Some(Axes { columns: Columns::Calls(calls), .. }) = &self.axes {
            let mut silent = Reader::new("", "");
            calls.iter().for_each(|(_, node)| check_words(&mut silent, node, &known, &mut used));
        }
        let Some(matrix) = &self.axes else { return };
        for (name, what) in axes.iter().filter(|(name, _)| !used.contains(name)) {
            let message = format!("no step uses the {what}: `${name}` stands nowhere");
            reader.report(Code::BadMatrix, matrix.spot, message, "a matrix without this effect");
        }
    }

    fn read_cells(&mut self, reader: &mut Reader<'_>, fields: &Fields<'n>) {
        let cells = fields.find("cells");
        let why = fields.find("why");
        match (&self.axes, cells) {
            (Some(axes), Some(node)) if !matches!(axes.columns, Columns::None) => {
                self.table = read_table(reader, node, axes, &self.excepted, why);
            }
            (Some(axes), None) if !matches!(axes.columns, Columns::None) => {
                reader.missing(axes.spot, "a case with columns", "cells");
            }
            (_, Some(node)) if fields.find("matrix").is_none() || self.axes.is_some() => {
                let spot = fields.key_spot("cells").unwrap_or(node.spot);
                let message = "`cells` without the columns of a matrix";
                reader.report(Code::BadMatrix, spot, message, "no column for these cells");
            }
            _ => {}
        }
        if let (Some(node), None) = (why, cells) {
            let spot = fields.key_spot("why").unwrap_or(node.spot);
            reader.report(Code::Footnote, spot, "`why` without `cells`", "no cell has a footnote");
        }
    }

    /// The cells in the order of the table.
    fn cells(&mut self, reader: &mut Reader<'_>, suite: &str, case: &str) -> Vec<Cell> {
        let mut cells = Vec::new();
        let rows = self.axes.as_ref().map_or(vec![Vec::new()], Axes::row_product);
        let columns: Vec<Option<(usize, String)>> = match &self.axes {
            Some(axes) if !matches!(axes.columns, Columns::None) => {
                axes.column_names().into_iter().enumerate().map(Some).collect()
            }
            _ => vec![None],
        };
        for row in &rows {
            for column in &columns {
                let at = (row.clone(), column.as_ref().map_or(0, |(index, _)| *index));
                let in_table = column.is_none() || self.table.contains_key(&at);
                if self.excepted.contains(&at) || !in_table {
                    continue;
                }
                for (layer, layer_name) in self.layers.each() {
                    let column = column.as_ref().map(|(_, name)| name.as_str());
                    let mut axes = self.axes_of(row, column);
                    if self.layers == Layers::Both {
                        axes.push(("layer".into(), (*layer_name).into()));
                    }
                    let id = cell_id(suite, case, &axes);
                    cells.push(self.cell(reader, id, axes, *layer, &at, column));
                }
            }
        }
        cells
    }

    fn axes_of(&self, row: &[String], column: Option<&str>) -> Vec<(String, String)> {
        let names = self.axes.iter().flat_map(|axes| axes.rows.iter().map(|(name, _)| name.clone()));
        let rows = names.zip(row.iter().cloned());
        rows.chain(column.map(|name| ("op".to_owned(), name.to_owned()))).collect()
    }

    fn cell(
        &self,
        reader: &mut Reader<'_>,
        id: CellId,
        axes: Vec<(String, String)>,
        layer: Layer,
        at: &(Vec<String>, usize),
        column: Option<&str>,
    ) -> Cell {
        let matrix = self.axes.as_ref();
        let bindings = matrix.map(|matrix| matrix.bindings(&at.0, column)).unwrap_or_default();
        let table_cell = self.table.get(at).cloned();
        let column = matrix.and_then(|matrix| match &matrix.columns {
            Columns::Calls(calls) => calls.get(at.1).map(|(_, node)| substitute(node, &bindings)),
            _ => None,
        });
        let tree = StepTree {
            steps: self.steps.iter().map(|node| substitute(node, &bindings)).collect(),
            column,
            cell: table_cell.clone(),
        };
        let scope = Scope {
            layer,
            actors: self.actors.clone(),
            files: self.files.clone(),
            ..Scope::default()
        };
        let outcome = read_steps(reader, scope, &tree);
        let mut needs = self.needs.clone();
        if layer == Layer::Smb2 {
            needs.extend(outcome.needs.into_iter().map(str::to_owned));
            if has_second_connection(&self.actors) {
                needs.insert("second_connection".into());
            }
        }
        Cell {
            id,
            axes,
            written: table_cell.as_ref().map(|cell| cell.written.clone()),
            footnote: table_cell.and_then(|cell| cell.footnote),
            layer,
            needs,
            choices: self.choices.clone(),
            files: self.files.clone(),
            actors: self.actors.clone(),
            allow: self.allow.clone(),
            steps: outcome.steps,
        }
    }
}

fn cell_id(suite: &str, case: &str, axes: &[(String, String)]) -> CellId {
    let axes: Vec<String> = axes.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let path = format!("{suite}/{case}");
    CellId(if axes.is_empty() { path } else { format!("{path}/{}", axes.join(",")) })
}

fn has_second_connection(actors: &[ActorPlan]) -> bool {
    actors.iter().any(|left| {
        actors
            .iter()
            .any(|right| left.client == right.client && left.connection != right.connection)
    })
}

fn read_rules(reader: &mut Reader<'_>, node: &Node) -> Vec<RuleId> {
    let mut rules = Vec::new();
    for (name, spot) in reader.words(node, "`spec`") {
        match RuleId::parse(name) {
            Some(rule) => rules.push(rule),
            None => {
                let known = RULES.iter().map(|rule| rule.name);
                reader.unknown(Code::UnknownRule, spot, "rule", name, known);
            }
        }
    }
    if rules.is_empty() && node.kind == Kind::List(Vec::new()) {
        reader.report(Code::Missing, node.spot, "`spec` names no rule", "at least one rule");
    }
    rules
}

fn read_needs(reader: &mut Reader<'_>, node: &Node, head: &Head<'_>) -> BTreeSet<String> {
    let mut needs = BTreeSet::new();
    for (name, spot) in reader.words(node, "`needs`") {
        if head.capabilities.contains_key(name) {
            needs.insert(name.to_owned());
        } else {
            let known: Vec<String> = head.capabilities.keys().cloned().collect();
            let known = known.iter().map(String::as_str);
            reader.unknown(Code::UnknownCapability, spot, "capability", name, known);
        }
    }
    needs
}

fn read_obligation(reader: &mut Reader<'_>, node: &Node) -> Option<Obligation> {
    let text = reader.text(node, "`obligation`")?;
    let note = text.strip_prefix("product(").and_then(|rest| rest.strip_suffix(')'));
    if let Some(note) = note.map(str::trim).filter(|note| !note.is_empty()) {
        return Some(Obligation::Product(note.to_owned()));
    }
    match text {
        "must" => Some(Obligation::Must),
        "should" => Some(Obligation::Should),
        "may" => Some(Obligation::May),
        _ => {
            let known = ["must", "should", "may", "product(<note>)"];
            reader.unknown(Code::UnknownWord, node.spot, "obligation", text, known);
            None
        }
    }
}

fn read_choices(reader: &mut Reader<'_>, node: &Node) -> BTreeMap<String, String> {
    let mut choices = BTreeMap::new();
    for (key, value) in reader.entries(node, "`choices`").unwrap_or_default() {
        if let Some(value) = reader.text(value, "a choice") {
            choices.insert(key.text.clone(), value.to_owned());
        }
    }
    choices
}

fn read_allow(reader: &mut Reader<'_>, node: &Node) -> Option<Allow> {
    let fields = reader.fields(node, "`allow`", &["breaks", "because"])?;
    let breaks = reader.required(&fields, "breaks", "`allow`")?;
    let breaks = reader.boolean(breaks, "word for `breaks`")?;
    let because = read_because(reader, &fields, "`allow`")?;
    Some(Allow { breaks, because })
}

/// The reason that an exception or a permission must give.
fn read_because(reader: &mut Reader<'_>, fields: &Fields<'_>, what: &str) -> Option<String> {
    match fields.find("because") {
        Some(node) => reader.sentence(node, "`because`"),
        None => {
            let message = format!("{what} has no `because`");
            reader.report(Code::NoBecause, fields.spot, message, "no reason");
            None
        }
    }
}

/// `except:`, a list of combinations, each an axis with a value or a list of values, with a reason.
fn read_except(reader: &mut Reader<'_>, fields: &Fields<'_>, axes: Option<&Axes>) -> Excepted {
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
        for (name, values) in
            axes.rows.iter().map(|(n, v)| (n.as_str(), v)).chain([("op", &columns)])
        {
            let Some(node) = entry.find(name) else { continue };
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
        if chosen.is_empty() {
            let message = "an exception names no axis";
            reader.report(Code::BadMatrix, item.spot, message, "this excepts nothing");
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
