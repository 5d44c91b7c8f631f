//! `controls`: file system controls with their fields.

use oplock_model::{Control, FileId, Layer};

use super::scope::{CellReader, Sent};
use crate::codes::Code;
use crate::fields::Fields;
use crate::plan::Operation;
use crate::words;
use crate::yaml::{Kind, Node, Spot};

impl CellReader<'_, '_> {
    /// A file system control: a named one, or a number with its input.
    pub(super) fn control(
        &mut self,
        actor: usize,
        spot: Spot,
        node: &Node,
    ) -> Option<(Operation, Sent)> {
        let word = control_of(node).and_then(Node::text).unwrap_or_default().to_owned();
        let own = words::calls::CONTROLS.iter().find(|(known, _)| *known == word);
        if own.is_none() && !word.is_empty() && words::number(&word).is_none() {
            self.unknown_control(node, &word);
            return None;
        }
        let own = own.map_or(["input"].as_slice(), |(_, keys)| *keys);
        let known: Vec<&str> =
            ["handle", "control", "as"].into_iter().chain(own.iter().copied()).collect();
        let fields = self.reader.fields(node, "`controls`", &known)?;
        let mut sent = self.new_sent(actor, spot, &fields);
        let handle = self.handle_of("controls", &fields, &mut sent);
        let which = self.reader.required(&fields, "control", "`controls`")?;
        let control = match word.as_str() {
            "resiliency" => {
                let at = which.spot;
                if !self.only_on(Layer::Smb2, at, "a resilient handle") {
                    return None;
                }
                self.scope.needs.insert("resilient");
                let node = self.reader.required(&fields, "timeout", "`resiliency`")?;
                Control::Resiliency { timeout: self.reader.number(node, "`timeout`")? }
            }
            "copychunk" | "duplicate_extents" => return self.copy(&word, &fields, handle, sent),
            _ => self.own_data(&word, &fields, which)?,
        };
        Some((Operation::Control { handle: handle?, control, source: None }, sent))
    }

    fn own_data(&mut self, word: &str, fields: &Fields<'_>, which: &Node) -> Option<Control> {
        let named = words::calls::CONTROLS.iter().find(|(known, _)| *known == word);
        self.scope.needs.extend(named.map(|(known, _)| *known));
        Some(match word {
            "set_zero_data" => {
                let to = self.reader.required(fields, "to", "`set_zero_data`")?;
                let (from, to) = (self.size_or(fields, "from", 0), self.reader.size(to, "`to`"));
                Control::SetZeroData { from: from?, to: to? }
            }
            "trim" | "offload_write" => {
                let offset = self.size_or(fields, "offset", 0);
                let length = self.size_or(fields, "length", 4096);
                match word {
                    "trim" => Control::Trim { offset: offset?, length: length? },
                    _ => Control::OffloadWrite { offset: offset?, length: length? },
                }
            }
            "set_sparse" => Control::SetSparse(self.boolean_or(fields, "set", true)?),
            "set_encryption" => Control::SetEncryption(self.boolean_or(fields, "set", true)?),
            "set_compression" => Control::SetCompression(match fields.find("format") {
                Some(node) => {
                    self.reader.one_of(node, "compression format", words::calls::COMPRESSION)?
                }
                None => 1,
            }),
            _ => self.raw(fields, which)?,
        })
    }

    fn unknown_control(&mut self, node: &Node, word: &str) {
        let spot = control_of(node).map_or(node.spot, |node| node.spot);
        let known = words::calls::CONTROLS.iter().map(|(known, _)| *known);
        self.reader.unknown(Code::UnknownWord, spot, "control", word, known);
    }

    fn raw(&mut self, fields: &Fields<'_>, which: &Node) -> Option<Control> {
        let code = self.reader.number(which, "`control`")?;
        let input = match fields.find("input") {
            Some(node) => self.reader.bytes(node, "`input`")?,
            None => Vec::new(),
        };
        Some(Control::Raw { code, input })
    }

    /// The controls that take data from another handle.
    fn copy(
        &mut self,
        word: &str,
        fields: &Fields<'_>,
        handle: Option<String>,
        sent: Sent,
    ) -> Option<(Operation, Sent)> {
        let named = words::calls::CONTROLS.iter().find(|(known, _)| *known == word);
        self.scope.needs.extend(named.map(|(known, _)| *known));
        let node = self.reader.required(fields, "source", &format!("`{word}`"))?;
        let name = self.handle(node)?;
        let (from, to) = (self.size_or(fields, "from", 0), self.size_or(fields, "to", 0));
        let length = self.size_or(fields, "length", 4096);
        // The id of the source is known when the call is sent.
        let source = FileId::default();
        let (from, to) = (from?, to?);
        let control = match word {
            "copychunk" => {
                let length = length.and_then(|length| self.length(length, fields))?;
                Control::CopyChunk { source, from, to, length }
            }
            _ => Control::DuplicateExtents { source, from, to, length: length? },
        };
        Some((Operation::Control { handle: handle?, control, source: Some(name) }, sent))
    }
}

/// What stands under `control:`, which decides on the other keys.
fn control_of(node: &Node) -> Option<&Node> {
    let Kind::Map(entries) = &node.kind else { return None };
    entries.iter().find(|(key, _)| key.text == "control").map(|(_, node)| node)
}
