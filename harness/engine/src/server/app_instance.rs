//! Applications that moved to another client (MS-SMB2 3.3.5.9.13 "Handling the SMB2_CREATE_APP_INSTANCE_ID Create
//! Context").

use oplock_model::{CreateOp, Durable, RuleId};

use super::lease::Client;
use super::state::Server;

impl Server {
    /// Closes what the same instance of an application has open on another client.
    pub(super) fn close_older_instance(&mut self, op: &CreateOp, client: Client, file: &str) {
        let Some(instance) = op.app_instance else { return };
        let durable_v2 = matches!(op.durable, Some(Durable::RequestV2 { .. }));
        if !durable_v2 || !self.dialect.is_smb3() {
            self.fire(RuleId::Smb2AppInstanceIgnored);
            return;
        }
        let older: Vec<u64> = self
            .opens
            .iter()
            .filter(|(_, open)| open.durability.app_instance == Some(instance))
            .filter(|(_, open)| open.client != client && open.name == file)
            .map(|(id, _)| *id)
            .collect();
        for id in older {
            self.fire(RuleId::Smb2AppInstanceCloses);
            self.close_by_server(id);
        }
    }
}
