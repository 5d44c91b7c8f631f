//! The body of a case: what its cells are made of, and the cells.

use std::collections::{BTreeMap, BTreeSet};

use oplock_model::{CellId, Dialect, FileSpec, Layer, ShareKind};

use crate::case::{Head, Layers, read_allow, read_choices, read_needs};
use crate::cell::{Scope, StepTree, read_steps};
use crate::codes::Code;
use crate::except::read_except;
use crate::fields::{Fields, Reader};
use crate::file::{read_actors, read_files, read_layers};
use crate::matrix::{Axes, Columns, Excepted, Table, read_axes, read_table};
use crate::plan::{ActorPlan, Allow, Cell};
use crate::substitute::{check_words, substitute};
use crate::words;
use crate::yaml::{Kind, Node, Spot};

/// What the cells of a case are made of.
pub(crate) struct Body<'n> {
    layers: Layers,
    actors: Vec<ActorPlan>,
    files: Vec<FileSpec>,
    needs: BTreeSet<String>,
    choices: BTreeMap<String, String>,
    dialect: Option<&'n Node>,
    share: Option<&'n Node>,
    allow: Option<Allow>,
    steps: &'n [Node],
    /// The axes of its matrix.
    pub(crate) axes: Option<Axes>,
    table: Table,
    excepted: Excepted,
}

impl<'n> Body<'n> {
    /// Reads it.
    pub(crate) fn read(
        reader: &mut Reader<'_>,
        head: &Head<'_>,
        fields: &Fields<'n>,
        spot: Spot,
    ) -> Self {
        let layers = fields.find("layer").and_then(|node| read_layers(reader, node));
        let layers = layers.unwrap_or(head.layers);
        let actors = match fields.find("actors") {
            Some(node) => read_actors(reader, node),
            None => acting(&head.actors, fields),
        };
        if actors.is_empty() {
            let message = "neither the case nor its file says who acts";
            reader.report(Code::Missing, spot, message, "`actors:` is missing");
        }
        check_layers(reader, fields, layers, &actors, spot);
        let files = match fields.find("files") {
            Some(node) => read_files(reader, node),
            None => head.files.clone(),
        };
        let needs =
            fields.find("needs").map(|node| read_needs(reader, node, head)).unwrap_or_default();
        let choices = fields.find("choices").map(|node| read_choices(reader, node));
        let allow = fields.find("allow").and_then(|node| read_allow(reader, node));
        let steps = match fields.find("steps").filter(|_| !actors.is_empty()) {
            Some(node) => reader.list(node, "`steps`").unwrap_or_default(),
            None => &[],
        };
        if let Some(node) = fields.find("steps").filter(|node| node.kind == Kind::List(Vec::new()))
        {
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
            dialect: fields.find("dialect"),
            share: fields.find("share"),
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
        let mut axes: Vec<(String, &'static str, Spot)> = Vec::new();
        if let Some(matrix) = &self.axes {
            for ((name, _), spot) in matrix.rows.iter().zip(&matrix.row_spots) {
                axes.push((name.clone(), "row axis", *spot));
            }
            if let Columns::Parameter(name, _) = &matrix.columns {
                axes.push((name.clone(), "column axis", matrix.columns_spot));
            }
            if let Columns::Calls(calls) = &matrix.columns {
                axes.push(("column".into(), "call of the columns", matrix.columns_spot));
                let mut used = BTreeSet::new();
                let names = axes.iter().map(|(name, ..)| name.clone()).collect::<Vec<_>>();
                calls.iter().for_each(|(_, node)| check_words(reader, node, &names, &mut used));
            }
            if !matches!(matrix.columns, Columns::None) {
                axes.push(("cell".into(), "table of cells", matrix.spot));
            }
        }
        known.extend(axes.iter().map(|(name, ..)| name.clone()));
        let mut used = BTreeSet::new();
        let head = self.dialect.into_iter().chain(self.share);
        head.for_each(|node| check_words(reader, node, &known, &mut used));
        self.steps.iter().for_each(|node| check_words(reader, node, &known, &mut used));
        if let Some(Axes { columns: Columns::Calls(calls), .. }) = &self.axes {
            let mut silent = Reader::new("", "");
            calls.iter().for_each(|(_, node)| check_words(&mut silent, node, &known, &mut used));
        }
        for (name, what, spot) in axes.into_iter().filter(|(name, ..)| !used.contains(name)) {
            let message = format!("no step uses the {what}: `${name}` stands nowhere");
            reader.report(Code::BadMatrix, spot, message, "this has no effect");
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
    pub(crate) fn cells(&self, reader: &mut Reader<'_>, suite: &str, case: &str) -> Vec<Cell> {
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

    /// The capabilities that the head of the case implies.
    fn implied(&self, dialect: Option<Dialect>, share: ShareKind) -> BTreeSet<&'static str> {
        let mut needs = BTreeSet::new();
        if has_second_connection(&self.actors) {
            needs.insert("second_connection");
        }
        if self.actors.iter().any(|actor| actor.account > 1) {
            needs.insert("second_account");
        }
        if self.actors.iter().any(|actor| actor.node > 1) {
            needs.insert("second_node");
        }
        if self.files.iter().any(|file| file.name.contains(':')) {
            needs.insert("named_streams");
        }
        needs.extend(dialect.map(Dialect::word));
        needs.extend(match share {
            ShareKind::Plain => None,
            ShareKind::Second => Some("second_share"),
            _ => words::SHARES.iter().find(|(_, kind)| *kind == share).map(|(word, _)| *word),
        });
        needs
    }

    fn axes_of(&self, row: &[String], column: Option<&str>) -> Vec<(String, String)> {
        let names =
            self.axes.iter().flat_map(|axes| axes.rows.iter().map(|(name, _)| name.clone()));
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
        reader.names_are_checked = true;
        let dialect =
            self.dialect.and_then(|node| read_dialect(reader, &substitute(node, &bindings)));
        let share = self.share.and_then(|node| read_share(reader, &substitute(node, &bindings)));
        let share = share.unwrap_or_default();
        let outcome = read_steps(reader, scope, &tree);
        reader.names_are_checked = false;
        let mut needs = self.needs.clone();
        if layer == Layer::Smb2 {
            needs.extend(outcome.needs.into_iter().map(str::to_owned));
            needs.extend(self.implied(dialect, share).into_iter().map(str::to_owned));
        }
        Cell {
            id,
            axes,
            written: table_cell.as_ref().map(|cell| cell.written.clone()),
            footnote: table_cell.and_then(|cell| cell.footnote),
            layer,
            needs,
            choices: self.choices.clone(),
            dialect,
            share,
            files: self.files.clone(),
            actors: self.actors.clone(),
            allow: self.allow.clone(),
            steps: outcome.steps,
        }
    }
}

fn read_dialect(reader: &mut Reader<'_>, node: &Node) -> Option<Dialect> {
    let known = Dialect::ALL.map(|dialect| (dialect.word(), dialect));
    reader.one_of(node, "dialect", &known)
}

fn read_share(reader: &mut Reader<'_>, node: &Node) -> Option<ShareKind> {
    reader.one_of(node, "kind of share", words::SHARES)
}

/// Says where a case for the store, or for both layers, speaks of what the store does not know.
fn check_layers(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    layers: Layers,
    actors: &[ActorPlan],
    spot: Spot,
) {
    if layers == Layers::Smb2 {
        return;
    }
    let both = layers == Layers::Both;
    let label = if both { "not `both`" } else { "not at the store" };
    let at = fields.find("layer").map_or(spot, |node| node.spot);
    if both && actors.iter().any(|actor| actor.connection != 1) {
        let message = "a case for both layers speaks of connections, which the store does not know";
        reader.report(Code::WrongLayer, at, message, label);
    }
    if actors.iter().any(|actor| actor.account != 1 || actor.node != 1) {
        let message = "a case speaks of accounts or nodes, which the store does not know";
        reader.report(Code::WrongLayer, at, message, label);
    }
    for key in ["dialect", "share"] {
        if let Some(spot) = fields.key_spot(key) {
            let message = format!("a case names a `{key}`, which the store does not know");
            reader.report(Code::WrongLayer, spot, message, label);
        }
    }
}

/// Those of the file's actors that the case speaks of: the others need no connection.
fn acting(actors: &[ActorPlan], fields: &Fields<'_>) -> Vec<ActorPlan> {
    let mut subjects = BTreeSet::new();
    for node in [fields.find("steps"), fields.find("matrix")].into_iter().flatten() {
        note_subjects(node, &mut subjects);
    }
    let named = actors.iter().filter(|actor| subjects.contains(actor.name.as_str()));
    let named: Vec<ActorPlan> = named.cloned().collect();
    // A case whose actors are all misspelt is measured against the whole list.
    if named.is_empty() { actors.to_vec() } else { named }
}

/// Notes the first word of every key.
fn note_subjects<'n>(node: &'n Node, subjects: &mut BTreeSet<&'n str>) {
    match &node.kind {
        Kind::List(items) => items.iter().for_each(|item| note_subjects(item, subjects)),
        Kind::Map(entries) => {
            for (key, value) in entries {
                subjects.extend(key.text.split(' ').next());
                // Whoever lends its session to another takes part, even where it does nothing else.
                if let (true, Kind::Map(fields)) = (key.text.ends_with(" binds"), &value.kind) {
                    let to = fields.iter().find(|(key, _)| key.text == "to");
                    subjects.extend(to.and_then(|(_, node)| node.text()));
                }
                note_subjects(value, subjects);
            }
        }
        Kind::Scalar(_) | Kind::Block(_) => {}
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
