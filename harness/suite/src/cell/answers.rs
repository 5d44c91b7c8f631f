//! The fields of an answer that is expected.

use oplock_model::{Layer, Level, Status};

use super::levels::can_be_granted;
use super::scope::{CallKind, CellReader, Sent};
use crate::codes::Code;
use crate::fields::Fields;
use crate::plan::{Answer, CallIndex, Epoch, ParentKey, Want};
use crate::words;
use crate::yaml::Node;

impl CellReader<'_, '_> {
    /// The fields of an answer to this call.
    pub(super) fn answer(&mut self, index: CallIndex, fields: &Fields<'_>) -> Option<Answer> {
        let sent = self.scope.sent(index)?.clone();
        let mut answer = Answer { status: sent.success, ..Answer::default() };
        if let Some(node) = fields.find("status") {
            answer.status = self.status(node)?;
        }
        for (key, kinds) in FIELDS {
            // At the store the end of a request that an open made tells a level.
            let never =
                *key == "to" && sent.kind == CallKind::Open && self.scope.layer == Layer::Smb2;
            if let Some(node) = fields.find(key)
                && (never || !kinds.contains(&sent.kind))
            {
                let spot = fields.key_spot(key).unwrap_or(node.spot);
                let message = format!("the answer of `{}` has no `{key}`", sent.label);
                self.reader.report(Code::NeverMet, spot, message, "can never be met");
                return None;
            }
        }
        if let Some(node) = fields.find("granted") {
            self.granted(node, &sent, fields.find("status").is_some(), &mut answer)?;
        }
        if let Some(node) = fields.find("level") {
            answer.level = Some(self.oplock_level(node)?);
        }
        if let Some(node) = fields.find("state") {
            answer.state = Some(self.lease_state(node)?);
        }
        if let Some(node) = fields.find("epoch") {
            answer.epoch = Some(self.epoch(node)?);
        }
        if let Some(node) = fields.find("breaking") {
            answer.breaking = Some(self.reader.boolean(node, "breaking")?);
        }
        if let Some(node) = fields.find("version") {
            answer.version =
                Some(self.reader.one_of(node, "lease version", &[("1", 1), ("2", 2)])?);
        }
        if let Some(node) = fields.find("parent_key") {
            answer.parent_key = Some(match self.reader.text(node, "`parent_key`")? {
                "none" => ParentKey::None,
                name => ParentKey::Named(name.to_owned()),
            });
        }
        if let Some(node) = fields.find("durable") {
            answer.durable = Some(self.reader.one_of(node, "durable handle", words::GRANTED)?);
        }
        if let Some(node) = fields.find("timeout") {
            answer.timeout = Some(self.reader.number(node, "`timeout`")?);
        }
        if let Some(node) = fields.find("to") {
            answer.to = Some(self.reader.one_of(node, "level", &words::levels())?);
        }
        if let Some(node) = fields.find("ack") {
            answer.ack =
                Some(self.reader.one_of(node, "word for an acknowledgement", words::ACK_WORDS)?);
        }
        if let Some(node) = fields.find("information") {
            answer.information = Some(self.reader.number(node, "`information`")?);
        }
        if let Some(node) = fields.find("writable_section") {
            answer.writable_section =
                Some(self.reader.boolean(node, "word for `writable_section`")?);
        }
        Some(answer)
    }

    fn granted(
        &mut self,
        node: &Node,
        sent: &Sent,
        status_is_said: bool,
        answer: &mut Answer,
    ) -> Option<()> {
        let level = self.reader.one_of(node, "level", &words::levels())?;
        if !can_be_granted(level, sent) {
            let message = format!("`{}` can never be granted {level}", sent.label);
            self.reader.report(Code::NeverMet, node.spot, message, "more than it asks for");
            return None;
        }
        if let Some(handle) = sent.handle.clone() {
            self.scope.granted.insert(handle, level);
        }
        if self.scope.layer == Layer::Smb2 {
            answer.granted = Some(level);
            return Some(());
        }
        // At the store the immediate return is the grant: there is no level in it.
        if !status_is_said || answer.status == Status::SUCCESS {
            answer.status = match (level, &sent.want) {
                (Level::None, Want::Request(_)) => Status::OPLOCK_NOT_GRANTED,
                (Level::None, _) => Status::SUCCESS,
                _ => Status::PENDING,
            };
        }
        Some(())
    }

    /// A status by name or number.
    pub(super) fn status(&mut self, node: &Node) -> Option<Status> {
        let word = self.reader.text(node, "a status")?;
        let raw = || words::number(word).and_then(|raw| u32::try_from(raw).ok()).map(Status);
        let status = Status::from_word(word).or_else(raw);
        if status.is_none() {
            let known = Status::NAMED.iter().map(|(word, ..)| *word);
            self.reader.unknown(Code::UnknownWord, node.spot, "status", word, known);
        }
        status
    }

    /// `sent+N`, `last+N`, `same`, or a number.
    pub(super) fn epoch(&mut self, node: &Node) -> Option<Epoch> {
        let word = self.reader.text(node, "an epoch")?;
        let number = |text: &str| words::number(text).and_then(|raw| u16::try_from(raw).ok());
        let epoch = match (word.strip_prefix("sent"), word.strip_prefix("last")) {
            (Some(""), _) => Some(Epoch::Sent(0)),
            (Some(rest), _) => rest.strip_prefix('+').and_then(number).map(Epoch::Sent),
            (_, Some(rest)) => rest.strip_prefix('+').and_then(number).map(Epoch::Last),
            _ if word == "same" => Some(Epoch::Same),
            _ => number(word).map(Epoch::Exact),
        };
        if epoch.is_none() {
            let message = format!("unknown epoch `{word}`");
            let label = "`sent+N`, `last+N`, `same` or a number up to 0xffff";
            self.reader.report(Code::BadNumber, node.spot, message, label);
        }
        epoch
    }
}

/// Which fields which answers have.
const FIELDS: &[(&str, &[CallKind])] = &[
    ("granted", &[CallKind::Open, CallKind::Request]),
    ("level", &[CallKind::Open, CallKind::OplockAck]),
    ("state", &[CallKind::Open, CallKind::LeaseAck]),
    ("epoch", &[CallKind::Open]),
    ("breaking", &[CallKind::Open]),
    ("version", &[CallKind::Open]),
    ("parent_key", &[CallKind::Open]),
    ("durable", &[CallKind::Open]),
    ("timeout", &[CallKind::Open]),
    ("to", &[CallKind::StoreAck, CallKind::Request, CallKind::Open]),
    ("ack", &[CallKind::StoreAck, CallKind::Request]),
    ("writable_section", &[CallKind::StoreAck, CallKind::Request]),
    ("information", &[CallKind::Open, CallKind::StoreAck, CallKind::Request, CallKind::Other]),
];
