//! The steps of a cell in their order.

use std::collections::BTreeSet;

use oplock_model::Layer;

use super::generate::Owing;
use super::scope::{CellReader, Scope};
use crate::codes::Code;
use crate::fields::Reader;
use crate::matrix::TableCell;
use crate::plan::{Action, Call, Expect, Gets, Step, Wait};
use crate::words;
use crate::yaml::{Key, Kind, Node};

/// The steps of one cell as trees, all `$names` of its axes replaced.
pub(crate) struct StepTree {
    /// The steps as written.
    pub(crate) steps: Vec<Node>,
    /// What `do: $column` stands for.
    pub(crate) column: Option<Node>,
    /// What `then: $cell` stands for.
    pub(crate) cell: Option<TableCell>,
}

/// The steps of one cell as a plan.
pub(crate) struct CellOutcome {
    /// The steps.
    pub(crate) steps: Vec<Step>,
    /// The capabilities that their words imply.
    pub(crate) needs: BTreeSet<&'static str>,
}

/// Reads the steps of one cell.
pub(crate) fn read_steps(reader: &mut Reader<'_>, scope: Scope, tree: &StepTree) -> CellOutcome {
    let mut cell = CellReader { reader, scope };
    for node in tree.steps.iter().chain(&tree.column) {
        note_handles(node, &mut cell.scope.all_handles);
    }
    let mut steps = cell.steps(tree);
    cell.expect_the_rest(&mut steps);
    cell.check_handles(&steps);
    CellOutcome { steps, needs: cell.scope.needs }
}

/// Notes every handle that a step opens, so that one used too early is told from one that is never there.
fn note_handles(node: &Node, names: &mut BTreeSet<String>) {
    let Kind::Map(entries) = &node.kind else { return };
    for (key, value) in entries {
        match &value.kind {
            Kind::List(calls) if key.text == "together" => {
                calls.iter().for_each(|call| note_handles(call, names));
            }
            Kind::Map(fields) if key.text.ends_with(" opens") || key.text.ends_with(" holds") => {
                let name = fields.iter().find(|(key, _)| key.text == "as");
                names.extend(name.and_then(|(_, node)| node.text()).map(str::to_owned));
            }
            _ => {}
        }
    }
}

/// The parts of one step.
struct Parts<'n> {
    action: Option<(&'n Key, &'n Node)>,
    given: Option<&'n Node>,
    then: Option<&'n Node>,
}

impl CellReader<'_, '_> {
    fn steps(&mut self, tree: &StepTree) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let mut owing: Option<Owing> = None;
        let mut own_ack = None;
        for (index, node) in tree.steps.iter().enumerate() {
            self.scope.step = steps.len();
            let Some(parts) = self.parts(node) else { continue };
            if owing.as_ref().is_some_and(|owing| !owing.owed) && acks_a_break(&parts) {
                // The cell has no break to acknowledge, so the case's own acknowledgement has no place in it.
                continue;
            }
            let is_cell = parts.then.and_then(Node::text) == Some("$cell");
            let acks = parts.action.is_some_and(|(key, _)| key.text.ends_with(" acks"));
            let Some(mut step) = self.step(node, &parts, tree) else { continue };
            if !is_cell {
                if acks && owing.is_some() {
                    own_ack = Some(steps.len());
                }
                steps.push(step);
                continue;
            }
            let Some(cell) = &tree.cell else {
                let message = "`$cell` stands for nothing: the case has no `cells`";
                self.reader.report(Code::BadMatrix, node.spot, message, "no cell to expect here");
                continue;
            };
            if owing.is_some() {
                let message = "`then: $cell` stands at two steps";
                self.reader.report(Code::BadMatrix, node.spot, message, "the second one");
                continue;
            }
            let later = tree.steps.get(index + 1..).unwrap_or_default();
            let has_own_ack = later.iter().any(|node| {
                matches!(&node.kind, Kind::Map(entries)
                    if entries.iter().any(|(key, _)| key.text.ends_with(" acks")))
            });
            let (more, still_owing) = self.fill_from_cell(&mut step, cell, has_own_ack);
            steps.push(step);
            steps.extend(more);
            owing = Some(still_owing);
        }
        if let Some(owing) = owing {
            self.hand_over(&mut steps, own_ack, owing.finals);
        }
        steps
    }

    /// Gives the answers that wait for the case's own acknowledgement to that step, where the case does not name them.
    fn hand_over(&mut self, steps: &mut [Step], own_ack: Option<usize>, finals: Vec<Gets>) {
        let Some(step) = own_ack.and_then(|index| steps.get_mut(index)) else { return };
        for gets in finals {
            if !self.scope.answered.contains_key(&gets.call) {
                self.scope.answer_named(gets.call);
                step.then.push(Expect::Gets(gets));
            }
        }
    }

    fn parts<'n>(&mut self, node: &'n Node) -> Option<Parts<'n>> {
        let entries = self.reader.entries(node, "a step")?;
        let mut parts = Parts { action: None, given: None, then: None };
        let looks_like_action =
            |key: &Key| key.text.contains(' ') || matches!(key.text.as_str(), "together" | "do");
        let action = entries
            .iter()
            .find(|(key, _)| looks_like_action(key))
            .or_else(|| entries.iter().find(|(key, _)| !is_step_key(key)));
        for (key, value) in entries {
            match key.text.as_str() {
                "given" => parts.given = Some(value),
                "then" => parts.then = Some(value),
                _ if action.is_some_and(|(action, _)| action.spot == key.spot) => {
                    parts.action = Some((key, value));
                }
                _ => {
                    let message = format!("unknown key `{}` in a step", key.text);
                    let label = "a step does one thing";
                    let help = match key.text.as_str() {
                        "on" => "name an actor on that connection, `B: client 1 connection 2`",
                        "share" => {
                            "the share is the case's, not a step's: say `share:` beside `steps:`"
                        }
                        _ => "known besides what is done: given, then",
                    };
                    self.reader.report_with_help(Code::UnknownKey, key.spot, message, label, help);
                }
            }
        }
        if parts.action.is_none() {
            self.reader.report(Code::NoEffect, node.spot, "a step does nothing", "no verb here");
            return None;
        }
        Some(parts)
    }

    fn step(&mut self, node: &Node, parts: &Parts<'_>, tree: &StepTree) -> Option<Step> {
        let (key, value) = parts.action?;
        let place = self.reader.place(node.spot);
        let action = match key.text.as_str() {
            "time passes" => self.wait(value).map(Action::TimePasses),
            "do" => self.column(value, tree).map(Action::Calls),
            _ => self.calls(key, value).map(Action::Calls),
        };
        let Some(action) = action else {
            // What the step expects is read all the same, for the faults that it has of its own.
            if let Some(node) = parts.then.filter(|node| node.text() != Some("$cell")) {
                self.expectations(node, "`then`");
            }
            return None;
        };
        let given = parts.given.map(|node| self.given(node, &action)).unwrap_or_default();
        let then = match parts.then {
            Some(node) if node.text() == Some("$cell") => Vec::new(),
            Some(node) => self.expectations(node, "`then`"),
            None => Vec::new(),
        };
        if matches!(action, Action::TimePasses(_)) && parts.then.is_none() {
            let message = "time passes and nothing is expected of it";
            self.reader.report(Code::NoEffect, key.spot, message, "a step without effect");
        }
        Some(Step { place, action, given, then, record_only: false })
    }

    fn wait(&mut self, node: &Node) -> Option<Wait> {
        let word = self.reader.text(node, "a wait")?;
        if words::is_duration(word) {
            // The scan of all words has said so already.
            return None;
        }
        let wait = self.reader.one_of(node, "wait", words::WAITS)?;
        let is_timer = matches!(wait, Wait::AckTimeout | Wait::DurableTimeout);
        if is_timer && self.scope.layer == Layer::Store {
            let message = match wait {
                Wait::DurableTimeout => "the store has no timer: nothing is durable there",
                _ => "the store has no timer: a break there lasts until it is acknowledged",
            };
            self.reader.report(Code::WrongLayer, node.spot, message, "not at the store");
            return None;
        }
        if wait == Wait::AckTimeout {
            self.scope.needs.insert("break_timer");
        }
        Some(wait)
    }

    fn column(&mut self, node: &Node, tree: &StepTree) -> Option<Vec<Call>> {
        if node.text() != Some("$column") {
            let message = "`do` takes `$column` only";
            let help = "write any other call as a step of its own";
            self.reader.report_with_help(
                Code::BadMatrix,
                node.spot,
                message,
                "not `$column`",
                help,
            );
            return None;
        }
        let Some(column) = &tree.column else {
            let message = "`$column` stands for nothing: the columns of this case are no calls";
            self.reader.report(Code::BadMatrix, node.spot, message, "no call to do here");
            return None;
        };
        let entries = self.reader.entries(column, "a column")?;
        let [(key, value)] = entries else {
            let message = "a column is one call, or one `together`";
            self.reader.report(Code::BadMatrix, column.spot, message, "not exactly one call");
            return None;
        };
        self.calls(key, value)
    }

    fn calls(&mut self, key: &Key, value: &Node) -> Option<Vec<Call>> {
        if key.text != "together" {
            return Some(vec![self.call(key, value)?]);
        }
        let items = self.reader.list(value, "`together`")?;
        let mut calls: Vec<Call> = Vec::new();
        for item in items {
            let entries = self.reader.entries(item, "a member of `together`")?;
            for (key, value) in entries {
                let call = self.call(key, value)?;
                if let Some(first) = calls.first()
                    && !self.scope.same_connection(first.actor, call.actor)
                {
                    let message = "the members of a compound go over one connection";
                    self.reader.report(Code::NeverMet, key.spot, message, "another connection");
                }
                calls.push(call);
            }
        }
        if calls.is_empty() {
            self.reader.report(Code::NoEffect, key.spot, "`together` of nothing", "does nothing");
            return None;
        }
        Some(calls)
    }

    fn given(&mut self, node: &Node, action: &Action) -> Vec<Expect> {
        if matches!(node.kind, Kind::List(_)) {
            return self.expectations(node, "`given`");
        }
        let Action::Calls(calls) = action else {
            let message = "`given` as a mapping speaks of a call, and this step has none";
            self.reader.report(Code::WrongShape, node.spot, message, "no call");
            return Vec::new();
        };
        let Some(call) = calls.last() else { return Vec::new() };
        let fields = self.reader.fields(node, "`given`", words::ANSWER_KEYS);
        let answer = fields.and_then(|fields| self.answer(call.index, &fields));
        let Some(answer) = answer else { return Vec::new() };
        self.scope.answer_named(call.index);
        let place = self.reader.place(node.spot);
        let label = call.label.clone();
        vec![Expect::Gets(Gets { place, actor: call.actor, call: call.index, label, answer })]
    }
}

fn is_step_key(key: &Key) -> bool {
    words::STEP_KEYS.contains(&key.text.as_str()) || matches!(key.text.as_str(), "on" | "share")
}

fn acks_a_break(parts: &Parts<'_>) -> bool {
    parts.action.is_some_and(|(key, value)| {
        key.text.ends_with(" acks")
            && matches!(&value.kind, Kind::Map(fields)
                if fields.iter().any(|(key, _)| key.text == "break"))
    })
}
