//! `sends`: a request as it stands, for illegal input.

use oplock_model::Layer;

use super::scope::{CellReader, Sent};
use crate::codes::Code;
use crate::fields::Fields;
use crate::plan::{Operation, Piece};
use crate::words;
use crate::yaml::{Node, Spot};

impl CellReader<'_, '_> {
    /// A command and its body in hex; `{handle a}` and `{key k1}` stand for 16 bytes each.
    pub(super) fn send(&mut self, fields: &Fields<'_>, sent: Sent) -> Option<(Operation, Sent)> {
        if !self.only_on(Layer::Smb2, sent.spot, "a request as it stands") {
            return None;
        }
        let command = self.reader.required(fields, "command", "`sends`");
        let command = command.and_then(|node| self.command(node));
        let body = self.reader.required(fields, "body", "`sends`")?;
        let body = self.body(body);
        Some((Operation::Send { command: command?, body: body? }, sent))
    }

    fn command(&mut self, node: &Node) -> Option<u16> {
        let raw = node.text().and_then(words::number).and_then(|raw| u16::try_from(raw).ok());
        raw.or_else(|| self.reader.one_of(node, "command", words::calls::COMMANDS))
    }

    fn body(&mut self, node: &Node) -> Option<Vec<Piece>> {
        let Some(text) = node.text() else {
            let (message, label) = ("`body` must be bytes in hex", node.describe());
            self.reader.report(Code::WrongShape, node.spot, message, label);
            return None;
        };
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((bytes, after)) = rest.split_once('{') {
            let Some((name, left)) = after.split_once('}') else {
                return self.bad_body(node.spot, "a `{` without its `}`");
            };
            self.bytes_of(node, bytes, &mut pieces)?;
            pieces.push(self.placeholder(node, name)?);
            rest = left;
        }
        self.bytes_of(node, rest, &mut pieces)?;
        Some(pieces)
    }

    fn bytes_of(&mut self, node: &Node, text: &str, pieces: &mut Vec<Piece>) -> Option<()> {
        match words::hex(text) {
            Some(bytes) if bytes.is_empty() => Some(()),
            Some(bytes) => {
                pieces.push(Piece::Bytes(bytes));
                Some(())
            }
            None => self.bad_body(node.spot, "not pairs of hex digits"),
        }
    }

    fn placeholder(&mut self, node: &Node, text: &str) -> Option<Piece> {
        let (kind, name) = text.trim().split_once(' ').unwrap_or_default();
        let name = name.trim();
        match kind {
            "handle" if self.scope.handles.contains_key(name) => {
                Some(Piece::Handle(name.to_owned()))
            }
            "handle" => {
                let known: Vec<String> = self.scope.handles.keys().cloned().collect();
                let known = known.iter().map(String::as_str);
                self.reader.unknown(Code::UnknownHandle, node.spot, "handle", name, known);
                None
            }
            // A key that nobody asked for is fine: it is drawn for this request.
            "key" if words::is_id_part(name) => Some(Piece::Key(name.to_owned())),
            _ => self.bad_body(node.spot, "not `{handle NAME}` or `{key NAME}`"),
        }
    }

    fn bad_body<T>(&mut self, spot: Spot, label: &str) -> Option<T> {
        let help = "such as `24 00 01 00 {key k1}`, with or without blanks";
        let message = "`body` must be bytes in hex";
        self.reader.report_with_help(Code::BadBytes, spot, message, label, help);
        None
    }
}
