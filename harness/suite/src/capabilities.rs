//! `capabilities.yaml`: what a target may have or lack.

use std::collections::BTreeMap;

use crate::fields::Reader;
use crate::plan::CapabilityEntry;
use crate::words;
use crate::yaml::Node;

/// Reads the entries.
pub(crate) fn read_capabilities(
    reader: &mut Reader<'_>,
    tree: &Node,
) -> BTreeMap<String, CapabilityEntry> {
    let mut entries = BTreeMap::new();
    for (key, node) in reader.entries(tree, "capabilities.yaml").unwrap_or_default() {
        let what = format!("the capability `{}`", key.text);
        let Some(fields) = reader.fields(node, &what, words::CAPABILITY_KEYS) else { continue };
        let says = reader.required(&fields, "says", &what);
        let says = says.and_then(|node| reader.sentence(node, "`says`"));
        let core = reader.required(&fields, "core", &what);
        let core = core.and_then(|node| reader.boolean(node, "word for `core`"));
        let probe = reader.required(&fields, "probe", &what);
        let probe = probe.and_then(|node| reader.sentence(node, "`probe`"));
        if let (Some(says), Some(core), Some(probe)) = (says, core, probe) {
            entries.insert(key.text.clone(), CapabilityEntry { says, core, probe });
        }
    }
    entries
}
