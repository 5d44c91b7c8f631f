//! Leases of files and directories.

use oplock_model::{
    Access, Capability, CreateOptions, LeaseKey, LeaseState, OplockLevel, TargetFault,
};
use oplock_wire::{CreateRequest, Dialect, LeaseContext, LeaseV2, NegotiateResponse};

use super::{DIRECTORY, FILE, Probe, answer};
use crate::folder::opening;

/// What [`Probe`] tries here.
pub(super) const NAMES: &[&str] = &["lease_v1", "lease_v2", "directory_lease"];

impl Probe<'_> {
    pub(super) async fn lease(&self, version: u8) -> Result<Capability, TargetFault> {
        let oldest = if version == 2 { Dialect::SMB3_0 } else { Dialect::SMB2_1 };
        if self.negotiated.dialect < oldest {
            return Ok(self.not_in_dialect());
        }
        if !self.negotiated.leasing() {
            return Ok(answer(false, "negotiate response without LEASING"));
        }
        let request = opening(&self.path(FILE), Access::READ_DATA);
        self.try_lease(request, version, LeaseState::RWH).await
    }

    pub(super) async fn directory_lease(&self) -> Result<Capability, TargetFault> {
        if self.negotiated.dialect < Dialect::SMB3_0 {
            return Ok(self.not_in_dialect());
        }
        if !self.negotiated.has(NegotiateResponse::DIRECTORY_LEASING) {
            return Ok(answer(false, "negotiate response without DIRECTORY_LEASING"));
        }
        let request = CreateRequest {
            options: CreateOptions::DIRECTORY_FILE,
            ..opening(&self.path(DIRECTORY), Access::READ_DATA)
        };
        self.try_lease(request, 2, LeaseState::RH).await
    }

    async fn try_lease(
        &self,
        request: CreateRequest,
        version: u8,
        state: LeaseState,
    ) -> Result<Capability, TargetFault> {
        let key = LeaseKey(crate::random::bytes().map_err(TargetFault::Internal)?);
        let v2 = (version == 2).then(LeaseV2::default);
        let lease = LeaseContext { key, state, flags: 0, v2 };
        let asked = format!("a create that asked for {state} with a version {version} context");
        let request = CreateRequest {
            level: OplockLevel::LEASE,
            contexts: vec![lease.to_context()],
            ..request
        };
        let opened = match self.folder.try_open(request).await? {
            Ok(opened) => opened,
            Err(status) => return Ok(answer(false, &format!("{asked}: {status}"))),
        };
        self.folder.let_go(opened.file).await?;
        Ok(match opened.lease() {
            Ok(Some(granted)) if granted.key != key => {
                answer(false, &format!("{asked}: granted {} to another key", granted.state))
            }
            Ok(Some(granted))
                if granted.version == version && granted.state != LeaseState::NONE =>
            {
                let epoch = match version {
                    2 => format!(", epoch {}", granted.epoch),
                    _ => String::new(),
                };
                answer(true, &format!("{asked}: granted {}{epoch}", granted.state))
            }
            Ok(Some(granted)) => answer(
                false,
                &format!("{asked}: granted {} with version {}", granted.state, granted.version),
            ),
            Ok(None) => answer(false, &format!("{asked}: granted level {}", opened.level)),
            Err(error) => answer(false, &format!("{asked}: undecodable context: {error}")),
        })
    }
}
