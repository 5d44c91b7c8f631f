//! A comparison for tools.

use super::Comparison;

/// One JSON document, which says by `format` how it is to be read.
#[must_use]
pub fn text(found: &Comparison) -> String {
    // The types are ours: nothing in them can fail to be written.
    let mut text = serde_json::to_string_pretty(found).unwrap_or_default();
    text.push('\n');
    text
}
