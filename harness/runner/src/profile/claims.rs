//! `claims`: what the target says of itself, capability by capability.

use std::collections::BTreeMap;

use oplock_model::Claimed;
use oplock_suite::Code;
use oplock_suite::document::{Kind, Node, Reader};

use super::keys;

/// Reads `claims`; `probe` leaves the answer to the probe, and so claims nothing.
pub(super) fn read_claims(
    reader: &mut Reader<'_>,
    node: &Node,
    capabilities: &[String],
) -> BTreeMap<String, Claimed> {
    let mut claims = BTreeMap::new();
    for (key, node) in reader.entries(node, "`claims`").unwrap_or_default() {
        if !capabilities.contains(&key.text) {
            let known = capabilities.iter().map(String::as_str);
            reader.unknown(Code::UnknownCapability, key.spot, "capability", &key.text, known);
        }
        if let Some(claimed) = read_claim(reader, node, &key.text) {
            claims.insert(key.text.clone(), claimed);
        }
    }
    claims
}

fn read_claim(reader: &mut Reader<'_>, node: &Node, name: &str) -> Option<Claimed> {
    let what = format!("the claim `{name}`");
    let (answer, because) = match &node.kind {
        Kind::Map(_) => {
            let fields = reader.fields(node, &what, keys::CLAIM)?;
            let because = fields.find("because");
            let because = because.and_then(|node| reader.sentence(node, "`because`"));
            (reader.required(&fields, "is", &what)?, because)
        }
        _ => (node, None),
    };
    let known = [
        ("yes", Some(true)),
        ("no", Some(false)),
        ("true", Some(true)),
        ("false", Some(false)),
        ("probe", None),
    ];
    let has = reader.one_of(answer, "claim", &known)??;
    Some(Claimed { has, because })
}
