//! The calls of a step: who, which verb, on what.

use std::collections::BTreeSet;

use oplock_model::{Layer, OplockLevel, Status};

use super::scope::{CallKind, CellReader, Hold, Sent};
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
            let noun = words::VERBS.iter().find(|(verb, _)| key.text.ends_with(verb));
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
            _ => self.by_handle(actor, verb, key.spot, node)?,
        };
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
        if words::RESERVED_VERBS.contains(&verb) {
            let message = format!("`{verb}` is not yet part of the case format, version 1");
            let known: Vec<&str> = words::VERBS.iter().map(|(verb, _)| *verb).collect();
            let help = format!("version 1 knows {}", known.join(", "));
            self.reader.report_with_help(Code::NotYet, key.spot, message, "not yet", help);
            return None;
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

    fn by_handle(
        &mut self,
        actor: usize,
        verb: &str,
        spot: Spot,
        node: &Node,
    ) -> Option<(Operation, Sent)> {
        let known: &[&str] = match verb {
            "closes" => &["handle", "as"],
            "reads" | "writes" => &["handle", "offset", "length", "as"],
            "queries" => &["handle", "info", "as"],
            _ => &["handle", "level", "as"],
        };
        let what = format!("`{verb}`");
        let fields = self.reader.fields(node, &what, known)?;
        let handle = self.reader.required(&fields, "handle", &what);
        let handle = handle.and_then(|node| self.handle(node));
        let mut sent = self.new_sent(actor, spot, &fields);
        sent.handle.clone_from(&handle);
        let operation = match verb {
            "closes" => {
                let handle = handle?;
                let closing = CallIndex(self.scope.calls.len());
                if let Some(note) = self.scope.handles.get_mut(&handle) {
                    note.closed.get_or_insert(closing);
                }
                Operation::Close { handle }
            }
            "reads" | "writes" => {
                let offset = fields
                    .find("offset")
                    .map_or(Some(0), |node| self.reader.size(node, "`offset`"));
                let length = fields
                    .find("length")
                    .map_or(Some(1), |node| self.reader.size(node, "`length`"));
                let length = length.and_then(|length| self.length(length, &fields));
                let (handle, offset, length) = (handle?, offset?, length?);
                match verb {
                    "reads" => Operation::Read { handle, offset, length },
                    _ => Operation::Write { handle, offset, length },
                }
            }
            "queries" => {
                let info = self.reader.required(&fields, "info", &what)?;
                self.reader.one_of(info, "information class", &[("basic", ())])?;
                Operation::QueryBasic { handle: handle? }
            }
            _ => {
                let level = self.reader.required(&fields, "level", &what);
                if self.scope.layer == Layer::Smb2 {
                    let message = "an oplock request on a handle exists at the store only";
                    self.reader.report(Code::WrongLayer, spot, message, "not on smb2");
                    return None;
                }
                let level = level?;
                let Some(request) = self.store_request(level)? else {
                    let message = "a request must ask for something";
                    self.reader.report(
                        Code::NoEffect,
                        level.spot,
                        message,
                        "this asks for nothing",
                    );
                    return None;
                };
                let handle = handle?;
                if let Some(note) = self.scope.handles.get_mut(&handle) {
                    note.hold = Hold::Store(request);
                }
                sent.kind = CallKind::Request;
                sent.want = Want::Request(request);
                sent.success = Status::PENDING;
                Operation::Request { handle, request }
            }
        };
        Some((operation, sent))
    }

    fn length(&mut self, length: u64, fields: &Fields<'_>) -> Option<u32> {
        let fits = u32::try_from(length).ok();
        if let (None, Some(node)) = (fits, fields.find("length")) {
            let message = "`length` must be a number of bytes";
            self.reader.report(Code::BadNumber, node.spot, message, "does not fit 32 bits");
        }
        fits
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
