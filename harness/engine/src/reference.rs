//! The engine as a target: each cell gets a server, or a store, of its own.

mod server_scene;
mod store_scene;

use std::collections::BTreeMap;

use oplock_model::{Capability, Facts, FileSpec, Layer, Scene, Setup, Target, TargetFault};

use self::server_scene::ServerScene;
use self::store_scene::StoreScene;
use crate::choices::Choices;
use crate::store::AddError;

/// What the reference can do.
const PRESENT: [&str; 39] = [
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
    facts: Facts,
}

impl Reference {
    /// A reference that reads the open questions as `choices` says; a cell may set some of them anew.
    #[must_use]
    pub fn new(choices: Choices) -> Reference {
        let capability = Capability { present: true, source: "built in".to_owned() };
        let present = PRESENT.map(|name| (name.to_owned(), capability.clone()));
        let facts = Facts {
            product: "reference".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            axes: String::new(),
            capabilities: BTreeMap::from_iter(present),
        };
        Reference { choices, facts }
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
            Layer::Smb2 => Box::new(ServerScene::new(choices, setup)?),
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
