//! What an open asks for besides its oplock: a durable handle, an application instance, further create contexts.

use oplock_model::Layer;

use super::scope::CellReader;
use crate::codes::Code;
use crate::fields::Fields;
use crate::plan::Durable;
use crate::words;
use crate::yaml::{Kind, Node};

/// The further requests of an open.
#[derive(Default)]
pub(super) struct Extras {
    pub(super) allocation: Option<u64>,
    pub(super) durable: Option<Durable>,
    pub(super) app_instance: Option<String>,
    pub(super) maximal_access: bool,
    pub(super) replay: bool,
    pub(super) contexts: Vec<(Vec<u8>, Vec<u8>)>,
}

impl CellReader<'_, '_> {
    /// What the open of that handle asks for besides its oplock.
    pub(super) fn extras(&mut self, fields: &Fields<'_>, handle: &str) -> Option<Extras> {
        for key in ["durable", "app_instance", "maximal_access", "replay", "contexts"] {
            if let Some(spot) = fields.key_spot(key)
                && !self.only_on(Layer::Smb2, spot, &format!("`{key}` of an open"))
            {
                return None;
            }
        }
        let allocation = match fields.find("allocation") {
            Some(node) => Some(self.reader.size(node, "`allocation`")?),
            None => None,
        };
        let durable = match fields.find("durable") {
            Some(node) => Some(self.durable(node, handle)?),
            None => None,
        };
        let app_instance = match fields.find("app_instance") {
            Some(node) => {
                self.scope.needs.insert("app_instance");
                Some(self.reader.text(node, "the name of an instance")?.to_owned())
            }
            None => None,
        };
        let maximal_access = self.boolean_or(fields, "maximal_access", false)?;
        let replay = self.boolean_or(fields, "replay", false)?;
        if replay {
            self.scope.needs.insert("replay");
        }
        let contexts = match fields.find("contexts") {
            Some(node) => self.contexts(node)?,
            None => Vec::new(),
        };
        Some(Extras { allocation, durable, app_instance, maximal_access, replay, contexts })
    }

    fn durable(&mut self, node: &Node, handle: &str) -> Option<Durable> {
        let Kind::Map(_) = &node.kind else {
            let version = self.reader.one_of(node, "durable handle", &[("v1", 1), ("v2", 2)])?;
            return Some(self.requested(version, handle.to_owned(), 0, false));
        };
        let fields = self.reader.fields(node, "`durable`", words::calls::DURABLE_KEYS)?;
        let version = match fields.find("version") {
            Some(node) => Some(self.reader.one_of(node, "version", &[("1", 1_u8), ("2", 2)])?),
            None => None,
        };
        let guid = match fields.find("guid") {
            Some(node) => Some(self.reader.text(node, "the name of a guid")?.to_owned()),
            None => None,
        };
        let persistent = match fields.find("persistent") {
            Some(node) => Some(self.reader.boolean(node, "word for `persistent`")?),
            None => None,
        };
        let timeout = match fields.find("timeout") {
            Some(node) => Some(self.reader.number(node, "`timeout`")?),
            None => None,
        };
        if version == Some(1) {
            for key in ["guid", "persistent", "timeout"] {
                if let Some(spot) = fields.key_spot(key) {
                    let message = format!("a durable handle of version 1 has no `{key}`");
                    let help = "say `version: 2`";
                    let label = "version 2 only";
                    self.reader.report_with_help(Code::WrongShape, spot, message, label, help);
                }
            }
        }
        let Some(node) = fields.find("reconnect") else {
            let guid = guid.unwrap_or_else(|| handle.to_owned());
            let (timeout, persistent) = (timeout.unwrap_or(0), persistent.unwrap_or(false));
            return Some(self.requested(version.unwrap_or(2), guid, timeout, persistent));
        };
        if let Some(spot) = fields.key_spot("timeout") {
            let message = "a durable handle that is claimed back has no `timeout`";
            self.reader.report(Code::WrongShape, spot, message, "said when it is asked for");
        }
        let claimed = self.handle(node)?;
        Some(self.claimed(claimed, version, guid, persistent))
    }

    fn requested(&mut self, version: u8, guid: String, timeout: u32, persistent: bool) -> Durable {
        if version == 1 {
            self.scope.needs.insert("durable_v1");
            return Durable::RequestV1;
        }
        self.scope.needs.insert("durable_v2");
        if persistent {
            self.scope.needs.insert("persistent");
        }
        Durable::RequestV2 { guid, timeout, persistent }
    }

    /// What is not said is as it was when the handle was asked for.
    fn claimed(
        &mut self,
        handle: String,
        version: Option<u8>,
        guid: Option<String>,
        persistent: Option<bool>,
    ) -> Durable {
        let asked = self.scope.handles.get(&handle).and_then(|handle| handle.durable.clone());
        let (asked_guid, asked_persistent) = match &asked {
            Some(
                Durable::RequestV2 { guid, persistent, .. }
                | Durable::ReconnectV2 { guid, persistent, .. },
            ) => (Some(guid.clone()), *persistent),
            _ => (None, false),
        };
        let said = guid.is_some() || persistent.is_some();
        let is_two = version.map_or(said || asked_guid.is_some(), |version| version == 2);
        if !is_two {
            self.scope.needs.insert("durable_v1");
            return Durable::ReconnectV1 { handle };
        }
        let persistent = persistent.unwrap_or(asked_persistent);
        self.scope.needs.insert("durable_v2");
        if persistent {
            self.scope.needs.insert("persistent");
        }
        let guid = guid.or(asked_guid).unwrap_or_else(|| handle.clone());
        Durable::ReconnectV2 { handle, guid, persistent }
    }

    /// Create contexts as they stand: a name of four letters, or `0x` and hex, and the data in hex.
    fn contexts(&mut self, node: &Node) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
        let entries = self.reader.entries(node, "`contexts`")?;
        let mut contexts = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let name = match key.text.strip_prefix("0x") {
                Some(digits) => words::hex(digits),
                None => Some(key.text.clone().into_bytes()),
            };
            let Some(name) = name else {
                let help = "four letters such as `QFid`, or `0x` and pairs of hex digits";
                let message = format!("`{}` cannot name a create context", key.text);
                let label = "not pairs of hex digits";
                self.reader.report_with_help(Code::BadBytes, key.spot, message, label, help);
                return None;
            };
            let data = self.reader.bytes(value, "the data of a create context")?;
            contexts.push((name, data));
        }
        Some(contexts)
    }
}

impl Durable {
    /// Whether it claims back a handle that there was before.
    pub(crate) fn claims(&self) -> bool {
        matches!(self, Durable::ReconnectV1 { .. } | Durable::ReconnectV2 { .. })
    }
}
