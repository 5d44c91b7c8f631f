//! The engine as a target: each cell gets a server, or a store, of its own.

mod server_scene;
mod store_scene;

use std::collections::BTreeMap;

use oplock_model::{
    Capability, Dialect, Facts, FileSpec, Layer, Scene, Setup, Target, TargetFault,
};

use self::server_scene::ServerScene;
use self::store_scene::StoreScene;
use crate::choices::Choices;
use crate::store::AddError;

/// What the reference can do.
const PRESENT: [&str; 40] = [
    "app_instance",
    "break_timer",
    "byte_range_locks",
    "continuously_available",
    "copychunk",
    "directory_lease",
    "disposition_ex",
    "duplicate_extents",
    "durable_v1",
    "durable_v2",
    "ea",
    "force_level_two",
    "hard_links",
    "lease_v1",
    "lease_v2",
    "multichannel",
    "named_streams",
    "offload_write",
    "persistent",
    "rename_ex",
    "replay",
    "resilient",
    "scale_out",
    "second_account",
    "second_connection",
    "second_node",
    "second_share",
    "security",
    "set_compression",
    "set_encryption",
    "set_sparse",
    "set_zero_data",
    "short_names",
    "smb2_0_2",
    "smb2_1",
    "smb3_0",
    "smb3_0_2",
    "smb3_1_1",
    "trim",
    "valid_data_length",
];

/// The reference as a target of both layers: virtual time, no network, no files.
#[derive(Clone, Debug)]
pub struct Reference {
    choices: Choices,
    /// Of cells that ask for none.
    dialect: Dialect,
    facts: Facts,
}

impl Reference {
    /// A reference that reads the open questions as `choices` says; a cell may set some of them anew.
    #[must_use]
    pub fn new(choices: Choices) -> Reference {
        Reference::in_dialect(choices, Dialect::default())
    }

    /// A reference whose connections negotiate this dialect, where a cell asks for no other.
    #[must_use]
    pub fn in_dialect(choices: Choices, dialect: Dialect) -> Reference {
        let answered = PRESENT.map(|name| {
            let present = since(name) <= dialect;
            let source = match present {
                true => "built in".to_owned(),
                false => format!("{} has none", dialect.word()),
            };
            (name.to_owned(), Capability { present, source, claimed: None })
        });
        let facts = Facts {
            product: "reference".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            axes: String::new(),
            capabilities: BTreeMap::from(answered),
            latencies: None,
        };
        Reference { choices, dialect, facts }
    }
}

/// The first dialect that has a capability (MS-SMB2 1.7 "Versioning and Capability Negotiation").
fn since(capability: &str) -> Dialect {
    match capability {
        "lease_v1" | "resilient" => Dialect::Smb2_1,
        "app_instance"
        | "continuously_available"
        | "directory_lease"
        | "durable_v2"
        | "lease_v2"
        | "multichannel"
        | "persistent"
        | "replay"
        | "scale_out" => Dialect::Smb3_0,
        _ => Dialect::Smb2_0_2,
    }
}

impl Target for Reference {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn scene(&self, setup: &Setup) -> Result<Box<dyn Scene>, TargetFault> {
        let mut choices = self.choices;
        for (name, value) in &setup.choices {
            choices.set(name, value).map_err(|error| TargetFault::Setup {
                name: setup.cell.to_string(),
                reason: error.to_string(),
            })?;
        }
        Ok(match setup.layer {
            Layer::Smb2 => {
                let dialect = setup.dialect.unwrap_or(self.dialect);
                Box::new(ServerScene::new(choices, dialect, setup)?)
            }
            Layer::Store => Box::new(StoreScene::new(choices, setup)?),
        })
    }
}

/// What a broken invariant is to whoever plays a cell.
fn broken(reason: String) -> TargetFault {
    TargetFault::Internal(format!("the reference contradicts itself: {reason}"))
}

/// What a file that cannot be is to whoever plays a cell.
fn not_added(file: &FileSpec, error: AddError) -> TargetFault {
    TargetFault::Setup { name: file.name.clone(), reason: error.to_string() }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod store_tests;
