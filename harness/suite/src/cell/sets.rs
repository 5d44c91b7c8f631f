//! `sets`, `renames`, `links` and `deletes`: what SET_INFO sets.

use oplock_model::{BasicInfo, SetInfo};

use super::scope::{CellReader, Sent};
use crate::codes::Code;
use crate::fields::Fields;
use crate::plan::Operation;
use crate::words;
use crate::yaml::Node;

impl CellReader<'_, '_> {
    /// A call that sets information.
    pub(super) fn set(
        &mut self,
        verb: &str,
        fields: &Fields<'_>,
        mut sent: Sent,
    ) -> Option<(Operation, Sent)> {
        let handle = self.handle_of(verb, fields, &mut sent);
        let info = match verb {
            "sets" => {
                let keys = words::calls::SETS;
                let (key, node) = self.exactly_one(fields, fields.spot, "`sets`", keys)?;
                self.information(key, node)?
            }
            "renames" => self.rename(fields)?,
            "links" => {
                self.scope.needs.insert("hard_links");
                let to = self.new_name(fields, "`links`")?;
                SetInfo::Link { to, replace: self.boolean_or(fields, "replace", false)? }
            }
            _ => self.deletion(fields)?,
        };
        Some((Operation::Set { handle: handle?, info }, sent))
    }

    fn information(&mut self, key: &str, node: &Node) -> Option<SetInfo> {
        self.scope.needs.extend(match key {
            "valid_data_length" => Some("valid_data_length"),
            "short_name" => Some("short_names"),
            "ea" => Some("ea"),
            "security" => Some("security"),
            _ => None,
        });
        let what = format!("`{key}`");
        Some(match key {
            "end_of_file" => SetInfo::EndOfFile(self.reader.size(node, &what)?),
            "allocation" => SetInfo::Allocation(self.reader.size(node, &what)?),
            "valid_data_length" => SetInfo::ValidDataLength(self.reader.size(node, &what)?),
            "position" => SetInfo::Position(self.reader.size(node, &what)?),
            "mode" => SetInfo::Mode(self.reader.number(node, &what)?),
            "basic" => SetInfo::Basic(self.basic(node)?),
            "ea" => {
                let fields = self.reader.fields(node, &what, words::calls::EA_KEYS)?;
                let name = self.reader.required(&fields, "name", &what)?;
                let value = self.reader.required(&fields, "value", &what)?;
                SetInfo::Ea {
                    name: self.reader.text(name, "the name of an attribute")?.to_owned(),
                    value: self.reader.text(value, "the value of an attribute")?.to_owned(),
                }
            }
            "short_name" => {
                let name = self.reader.text(node, "a short name, or `none`")?;
                SetInfo::ShortName(if name == "none" { String::new() } else { name.to_owned() })
            }
            _ => {
                self.reader.one_of(node, "word for `security`", &[("everybody", ())])?;
                SetInfo::Security
            }
        })
    }

    fn basic(&mut self, node: &Node) -> Option<BasicInfo> {
        let fields = self.reader.fields(node, "`basic`", words::calls::BASIC_KEYS)?;
        let mut time = |key: &str| match fields.find(key) {
            Some(node) => self.reader.signed(node, &format!("`{key}`")),
            None => Some(0),
        };
        let (creation, access) = (time("creation"), time("access"));
        let (write, change) = (time("write"), time("change"));
        let attributes = match fields.find("attributes") {
            Some(node) => self.reader.bits(node, "attribute", words::calls::ATTRIBUTES),
            None => Some(0),
        };
        Some(BasicInfo {
            creation: creation?,
            access: access?,
            write: write?,
            change: change?,
            attributes: attributes?,
        })
    }

    fn rename(&mut self, fields: &Fields<'_>) -> Option<SetInfo> {
        let to = self.new_name(fields, "`renames`")?;
        let Some(node) = fields.find("flags") else {
            return Some(SetInfo::Rename {
                to,
                replace: self.boolean_or(fields, "replace", false)?,
            });
        };
        if let Some(spot) = fields.key_spot("replace") {
            let message = "`replace` stands beside `flags`";
            let label = "say the flag `replace_if_exists`";
            self.reader.report(Code::WrongShape, spot, message, label);
        }
        self.scope.needs.insert("rename_ex");
        let flags = self.reader.bits(node, "flag of a rename", words::calls::RENAME_FLAGS)?;
        Some(SetInfo::RenameEx { to, flags })
    }

    fn deletion(&mut self, fields: &Fields<'_>) -> Option<SetInfo> {
        let Some(node) = fields.find("flags") else {
            return Some(SetInfo::Disposition { delete: self.boolean_or(fields, "delete", true)? });
        };
        if let Some(spot) = fields.key_spot("delete") {
            let message = "`delete` stands beside `flags`";
            self.reader.report(Code::WrongShape, spot, message, "say the flag `delete`");
        }
        self.scope.needs.insert("disposition_ex");
        let flags = self.reader.bits(node, "flag of a deletion", words::calls::DELETE_FLAGS)?;
        Some(SetInfo::DispositionEx { flags })
    }

    /// The name that a file gets: one of the case's files, or `:stream`.
    fn new_name(&mut self, fields: &Fields<'_>, what: &str) -> Option<String> {
        let node = self.reader.required(fields, "to", what)?;
        let name = self.reader.text(node, "the new name")?;
        if name.starts_with(':') {
            self.scope.needs.insert("named_streams");
            return Some(name.to_owned());
        }
        self.path(node)
    }
}
