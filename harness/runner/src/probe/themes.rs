//! Which capabilities stand together when a probe is told.

/// A heading with the capabilities below it, in their order.
pub(super) type Theme = (&'static str, &'static [&'static str]);

/// Every capability once; one that stands nowhere here comes under [`MORE`].
pub(super) const THEMES: &[Theme] = &[
    ("leases", &["lease_v1", "lease_v2", "directory_lease"]),
    ("handles", &["durable_v1", "durable_v2", "persistent", "resilient", "replay", "app_instance"]),
    ("connections", &["second_connection", "multichannel", "second_account", "second_node"]),
    ("shares", &["second_share", "force_level_two", "scale_out", "continuously_available"]),
    (
        "files",
        &[
            "named_streams",
            "ea",
            "security",
            "byte_range_locks",
            "hard_links",
            "short_names",
            "valid_data_length",
            "rename_ex",
            "disposition_ex",
            "set_zero_data",
            "copychunk",
            "duplicate_extents",
            "trim",
            "offload_write",
            "set_sparse",
            "set_compression",
            "set_encryption",
        ],
    ),
];

/// The heading of those that came later.
pub(super) const MORE: &str = "more";

/// Capabilities that stand with what was measured or tried of them.
pub(super) const ELSEWHERE: &[&str] =
    &["break_timer", "smb2_0_2", "smb2_1", "smb3_0", "smb3_0_2", "smb3_1_1"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed;

    #[test]
    fn every_capability_has_a_place() {
        let mut placed: Vec<&str> = THEMES.iter().flat_map(|(_, names)| *names).copied().collect();
        placed.extend(ELSEWHERE);
        let mut sorted = placed.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), placed.len(), "twice in {placed:?}");
        let known = embed::capabilities();
        let strangers: Vec<_> =
            placed.iter().filter(|name| !known.contains(&(**name).to_owned())).collect();
        assert!(strangers.is_empty(), "no such capability: {strangers:?}");
        let homeless: Vec<_> =
            known.iter().filter(|name| !placed.contains(&name.as_str())).collect();
        assert!(homeless.is_empty(), "no theme has {homeless:?}");
    }
}
