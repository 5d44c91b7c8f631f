//! What kind of share the server has, and what that takes out of a request (MS-SMB2 3.3.5.9, Oplock Acquisition;
//! 3.3.5.9.8; 3.3.5.9.11). Share.ForceSharedDelete and Share.RestrictExclusiveOpens are not modelled.

use oplock_model::{LeaseState, OplockLevel, RuleId, ShareKind};

use super::state::Server;

impl Server {
    /// Sets what kind of share everybody connects to; called before the first connection.
    pub fn set_share(&mut self, share: ShareKind) {
        self.share = share;
    }

    /// The legacy level that is asked of the store where a client asks for `level`.
    pub(super) fn level_on_share(&mut self, level: OplockLevel) -> OplockLevel {
        match (self.share, level) {
            (ShareKind::ForceLevelTwo, OplockLevel::BATCH | OplockLevel::EXCLUSIVE) => {
                self.fire(RuleId::Smb2CreateForceLevelTwo);
                OplockLevel::II
            }
            (ShareKind::ScaleOut, OplockLevel::BATCH) if self.dialect.is_smb3() => {
                self.fire(RuleId::Smb2CreateScaleOutBatch);
                OplockLevel::II
            }
            _ => level,
        }
    }

    /// The lease state that is asked of the store where a client asks for `state`.
    pub(super) fn state_on_share(&mut self, state: LeaseState) -> LeaseState {
        match self.share {
            ShareKind::ForceLevelTwo if state.contains(LeaseState::W) => {
                self.fire(RuleId::Smb2LeaseForceLevelTwo);
                state.without(LeaseState::W)
            }
            ShareKind::ScaleOut if self.dialect.is_smb3() && state != LeaseState::NONE => {
                self.fire(RuleId::Smb2LeaseScaleOut);
                LeaseState(state.0 & LeaseState::R.0)
            }
            _ => state,
        }
    }
}
