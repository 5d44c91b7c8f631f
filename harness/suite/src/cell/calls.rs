//! The calls of a step: who, which verb, on what.

use std::collections::BTreeSet;

use oplock_model::{Layer, OplockLevel, Status};

use super::scope::{CallKind, CellReader, Sent};
use crate::codes::Code;
use crate::fields::Fields;
use crate::near::nearest;
use crate::plan::{BreakTarget, Call, CallIndex, Operation, Want};
use crate::words;
use crate::yaml::{Key, Kind, Node, Spot};

impl CellReader<'_, '_> {
    /// One call: `A opens: {...}`.
    pub(super) fn call(&mut self, key: &Key, node: &Node) -> Option<Call> {
        let call = self.read_call(key, node);
        if call.is_none() {
            let verb = key.text.split_once(' ').map_or("", |(_, verb)| verb.trim());
            let noun = words::VERBS.iter().find(|(known, _)| *known == verb);
            self.scope.broken.extend(noun.map(|(_, noun)| (*noun).to_owned()));
            note_names(node, &mut self.scope.broken);
        }
        call
    }

    fn read_call(&mut self, key: &Key, node: &Node) -> Option<Call> {
        let (subject, verb) = self.subject_and_verb(key)?;
        let actor = self.actor(subject, key.spot)?;
        let noun = words::VERBS.iter().find(|(known, _)| *known == verb).map(|(_, noun)| *noun)?;
        let (operation, mut sent) = match verb {
            "opens" | "holds" => {
                let (open, sent) = self.open(actor, verb, key.spot, node)?;
                (Operation::Open(Box::new(open)), sent)
            }
            "acks" => self.ack(actor, key.spot, node)?,
            _ => self.other(actor, verb, key.spot, node)?,
        };
        if self.scope.gone.contains(&self.scope.lane(actor)) {
            let message = format!("{subject} has no connection: an earlier step dropped it");
            let help = format!("`{subject} reconnects: {{}}` brings it back");
            let label = "nobody hears this";
            self.reader.report_with_help(Code::NeverMet, key.spot, message, label, help);
        }
        if matches!(operation, Operation::Disconnect) {
            self.scope.gone.insert(self.scope.lane(actor));
        }
        if sent.label.is_empty() {
            noun.clone_into(&mut sent.label);
        }
        let index = CallIndex(self.scope.calls.len());
        let place = self.reader.place(key.spot);
        let call = Call { place, index, actor, label: sent.label.clone(), operation };
        self.scope.calls.push(sent);
        Some(call)
    }

    fn subject_and_verb<'k>(&mut self, key: &'k Key) -> Option<(&'k str, &'k str)> {
        let (subject, verb) = key.text.split_once(' ').unwrap_or((key.text.as_str(), ""));
        let verb = verb.trim();
        if words::VERBS.iter().any(|(known, _)| *known == verb) {
            return Some((subject, verb));
        }
        let known = || words::VERBS.iter().map(|(verb, _)| *verb);
        let help = match nearest(verb, known()) {
            Some(near) => format!("did you mean `{subject} {near}`?"),
            None if words::EXPECTATIONS.contains(&verb) => {
                format!("`{verb}` is an expectation: it stands under `then:`")
            }
            None => format!(
                "a step is `<actor> <verb>:`, `together:`, `time passes:` or `do:`; verbs are {}",
                known().collect::<Vec<_>>().join(", ")
            ),
        };
        let message = format!("unknown verb in `{}`", key.text);
        self.reader.report_with_help(Code::UnknownVerb, key.spot, message, "not a step", help);
        None
    }

    /// The index of an actor that the case has.
    pub(super) fn actor(&mut self, name: &str, spot: Spot) -> Option<usize> {
        let found = self.scope.actor(name);
        if found.is_none() {
            let known: Vec<String> = self.scope.actors.iter().map(|a| a.name.clone()).collect();
            let known = known.iter().map(String::as_str);
            self.reader.unknown(Code::UnknownActor, spot, "actor", name, known);
        }
        found
    }

    /// Any call but an open and an acknowledgement.
    fn other(
        &mut self,
        actor: usize,
        verb: &str,
        spot: Spot,
        node: &Node,
    ) -> Option<(Operation, Sent)> {
        if verb == "controls" {
            return self.control(actor, spot, node);
        }
        let fields = self.reader.fields(node, &format!("`{verb}`"), words::calls::keys(verb))?;
        let sent = self.new_sent(actor, spot, &fields);
        match verb {
            "locks" | "unlocks" => self.lock(verb, &fields, sent),
            "sets" | "renames" | "links" | "deletes" => self.set(verb, &fields, sent),
            "requests" | "notifies" | "maps" | "unmaps" => self.at_the_store(verb, &fields, sent),
            "cancels" => self.cancel(&fields, sent),
            "disconnects" | "reconnects" | "logs off" | "binds" => {
                self.connection(verb, &fields, sent)
            }
            "sends" => self.send(&fields, sent),
            _ => self.plain(verb, &fields, sent),
        }
    }

    /// `cancels`: a call that is on its way, or over.
    fn cancel(&mut self, fields: &Fields<'_>, mut sent: Sent) -> Option<(Operation, Sent)> {
        let node = self.reader.required(fields, "call", "`cancels`")?;
        let label = self.reader.text(node, "a call")?;
        let subject = self.scope.actor_name(sent.actor).to_owned();
        let call = self.named_call(&subject, "cancels", sent.actor, label, node.spot)?;
        sent.kind = CallKind::Silent;
        Some((Operation::Cancel { call, label: label.to_owned() }, sent))
    }

    /// Says where a word belongs to the other layer; whether it does not.
    pub(super) fn only_on(&mut self, layer: Layer, spot: Spot, what: &str) -> bool {
        if self.scope.layer == layer {
            return true;
        }
        let (place, label) = match layer {
            Layer::Smb2 => ("over SMB2", "not at the store"),
            Layer::Store => ("at the store", "not on smb2"),
        };
        let message = format!("{what} exists {place} only");
        self.reader.report(Code::WrongLayer, spot, message, label);
        false
    }

    /// The one of several keys that a call must name.
    pub(super) fn exactly_one<'n>(
        &mut self,
        fields: &Fields<'n>,
        spot: Spot,
        what: &str,
        keys: &[&'static str],
    ) -> Option<(&'static str, &'n Node)> {
        let mut found = keys.iter().filter_map(|key| Some((*key, fields.find(key)?)));
        let one = found.next();
        if let Some((key, node)) = found.next() {
            let message = format!("{what} names one thing, and `{key}` is the second");
            let at = fields.key_spot(key).unwrap_or(node.spot);
            self.reader.report(Code::WrongShape, at, message, "a step of its own");
            return None;
        }
        if one.is_none() {
            let message = format!("{what} says nothing");
            let help = format!("one of {}", keys.join(", "));
            self.reader.report_with_help(Code::Missing, spot, message, "none of its keys", help);
        }
        one
    }

    /// What is known of a call before its verb is read.
    pub(super) fn new_sent(&mut self, actor: usize, spot: Spot, fields: &Fields<'_>) -> Sent {
        let label = fields.find("as").and_then(|node| {
            let name = self.reader.text(node, "the name of an answer")?.to_owned();
            if self.scope.calls.iter().any(|call| call.label == name) {
                let message = format!("the name `{name}` is given twice");
                self.reader.report(Code::DuplicateId, node.spot, message, "this name is taken");
            }
            Some(name)
        });
        Sent {
            spot,
            label: label.unwrap_or_default(),
            actor,
            kind: CallKind::Other,
            handle: None,
            want: Want::Nothing,
            success: Status::SUCCESS,
            key: None,
            key_is_old: false,
            session: self.scope.session(actor),
        }
    }

    /// A handle that an earlier step opened.
    pub(super) fn handle(&mut self, node: &Node) -> Option<String> {
        let name = self.reader.text(node, "a handle")?;
        if self.scope.handles.contains_key(name) {
            return Some(name.to_owned());
        }
        if self.scope.broken.contains(name) {
            return None;
        }
        if self.scope.all_handles.contains(name) {
            let message = format!("`{name}` is used before the step that opens it");
            self.reader.report(Code::UsedBeforeOpen, node.spot, message, "not open yet");
        } else {
            let known: Vec<String> = self.scope.handles.keys().cloned().collect();
            let known = known.iter().map(String::as_str);
            self.reader.unknown(Code::UnknownHandle, node.spot, "handle", name, known);
        }
        None
    }

    /// What a break names: a lease key, or a handle without a lease.
    pub(super) fn break_target(&mut self, node: &Node) -> Option<BreakTarget> {
        let name = self.reader.text(node, "what is broken")?;
        if self.scope.keys.contains_key(name) {
            return Some(BreakTarget::Key(name.to_owned()));
        }
        match self.scope.target_of(name) {
            Some(BreakTarget::Key(key)) => {
                let message = format!("`{name}` holds a lease, and a lease is broken by its key");
                let help = format!("did you mean `{key}`?");
                let label = "a handle, not a key";
                self.reader.report_with_help(
                    Code::UnknownLeaseKey,
                    node.spot,
                    message,
                    label,
                    help,
                );
                None
            }
            Some(target) => Some(target),
            None if self.scope.broken.contains(name) => None,
            None if self.scope.all_handles.contains(name) => {
                let message = format!("`{name}` is used before the step that opens it");
                self.reader.report(Code::UsedBeforeOpen, node.spot, message, "not open yet");
                None
            }
            None => {
                let handles = self.scope.handles.keys().cloned();
                let known: Vec<String> = handles.chain(self.scope.keys.keys().cloned()).collect();
                let known = known.iter().map(String::as_str);
                let what = "handle or lease key";
                self.reader.unknown(Code::UnknownLeaseKey, node.spot, what, name, known);
                None
            }
        }
    }

    /// A level byte: a word, or a raw number for an illegal one.
    pub(super) fn oplock_level(&mut self, node: &Node) -> Option<OplockLevel> {
        let word = self.reader.text(node, "a level")?;
        let level = words::oplock_level(word);
        if level.is_none() {
            let known = ["none", "ii", "exclusive", "batch", "lease"];
            self.reader.unknown(Code::UnknownWord, node.spot, "oplock level", word, known);
        }
        level
    }
}

/// Notes the names that a call gives to its answer, its handle and its key.
fn note_names(node: &Node, names: &mut BTreeSet<String>) {
    let Kind::Map(entries) = &node.kind else { return };
    for (key, value) in entries {
        match key.text.as_str() {
            "as" | "key" => names.extend(value.text().map(str::to_owned)),
            "lease" => note_names(value, names),
            _ => {}
        }
    }
}
