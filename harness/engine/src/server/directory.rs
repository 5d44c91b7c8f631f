//! Leases on directories (MS-SMB2 3.3.5.4, 3.3.5.9.11; observed in smb2.dirlease and smb2.lease.request).

use oplock_model::{LeaseRequest, LeaseState, RuleId};

use super::state::Server;
use crate::choices::DirectoryLeasing;

impl Server {
    /// Whether a request can bring a lease on a directory: the wider context, and both sides said in NEGOTIATE that
    /// they know directory leases.
    pub(super) fn leases_directory(&mut self, request: &LeaseRequest) -> bool {
        let leases = request.version == 2
            && self.dialect.is_smb3()
            && self.choices.directory_leasing == DirectoryLeasing::Negotiated;
        self.fire(if leases { RuleId::Smb2LeaseDirectory } else { RuleId::Smb2LeaseOnDirectory });
        leases
    }

    /// The state that a directory can be asked for: nobody writes to one, so W is taken out.
    pub(super) fn state_of_directory(&mut self, state: LeaseState) -> LeaseState {
        if state.contains(LeaseState::W) {
            self.fire(RuleId::Smb2LeaseDirectoryWithoutWrite);
        }
        state.without(LeaseState::W)
    }
}
