//! One case: its head; its cells are read from its body.

use std::collections::{BTreeMap, BTreeSet};

use oplock_model::{FileSpec, Layer, RULES, RuleId};

use crate::body::Body;
use crate::codes::Code;
use crate::fields::{Fields, Reader};
use crate::file::check_id;
use crate::matrix::Axes;
use crate::plan::{ActorPlan, Allow, CapabilityEntry, Case, Obligation};
use crate::words;
use crate::yaml::{Key, Kind, Node};

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
    /// Each of them, with its word.
    pub(crate) fn each(self) -> &'static [(Layer, &'static str)] {
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
    let body = Body::read(reader, head, &fields, key.spot);
    let before = reader.diagnostics.len();
    let cells = body.cells(reader, &head.suite, &key.text);
    // The same words are read once for each cell; one diagnostic says it for all.
    let mut of_cells = reader.diagnostics.split_off(before);
    of_cells.sort();
    of_cells.dedup_by(|next, first| next.place == first.place && next.code == first.code);
    reader.diagnostics.append(&mut of_cells);
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

/// The capabilities that a case names.
pub(crate) fn read_needs(
    reader: &mut Reader<'_>,
    node: &Node,
    head: &Head<'_>,
) -> BTreeSet<String> {
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

/// The readings of open questions that a case asks for.
pub(crate) fn read_choices(reader: &mut Reader<'_>, node: &Node) -> BTreeMap<String, String> {
    let mut choices = BTreeMap::new();
    for (key, value) in reader.entries(node, "`choices`").unwrap_or_default() {
        if let Some(value) = reader.text(value, "a choice") {
            choices.insert(key.text.clone(), value.to_owned());
        }
    }
    choices
}

/// What may come without being expected.
pub(crate) fn read_allow(reader: &mut Reader<'_>, node: &Node) -> Option<Allow> {
    let fields = reader.fields(node, "`allow`", &["breaks", "because"])?;
    let breaks = reader.required(&fields, "breaks", "`allow`")?;
    let breaks = reader.boolean(breaks, "word for `breaks`")?;
    let because = read_because(reader, &fields, "`allow`")?;
    Some(Allow { breaks, because })
}

/// The reason that an exception or a permission must give.
pub(crate) fn read_because(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    what: &str,
) -> Option<String> {
    match fields.find("because") {
        Some(node) => reader.sentence(node, "`because`"),
        None => {
            let message = format!("{what} has no `because`");
            reader.report(Code::NoBecause, fields.spot, message, "no reason");
            None
        }
    }
}
