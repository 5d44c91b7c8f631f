//! Handles that outlive their connection.

use oplock_model::{Access, Capability, Control, Durable, DurableAnswer, OplockLevel, TargetFault};
use oplock_wire::{
    CreateContext, CreateRequest, CreateResponse, NegotiateResponse, Request, durable_answer,
};

use super::{FILE, Probe, answer};
use crate::control::{self, RESUME_KEY_LENGTH};
use crate::folder::opening;

/// SMB2_SHARE_CAP_CONTINUOUS_AVAILABILITY (MS-SMB2 2.2.10).
pub(super) const CONTINUOUS_AVAILABILITY: u32 = 0x0000_0010;
/// How long a resilient handle of a probe would live, in milliseconds.
const RESILIENT_MILLIS: u32 = 1000;

impl Probe<'_> {
    pub(super) async fn handles(&self) -> Result<Vec<(&'static str, Capability)>, TargetFault> {
        let v1 = self.durable("DHnQ", Durable::RequestV1).await?;
        let v2 = if self.is_smb3() {
            self.durable("DH2Q", self.request_v2(false)?).await?
        } else {
            self.not_in_dialect()
        };
        Ok(vec![
            ("durable_v1", v1),
            // A replay is known by the CreateGuid of the durable handle.
            ("replay", v2.clone()),
            ("durable_v2", v2),
            ("persistent", self.persistent().await?),
            ("resilient", self.resilient().await?),
        ])
    }

    async fn persistent(&self) -> Result<Capability, TargetFault> {
        if !self.is_smb3() {
            return Ok(self.not_in_dialect());
        }
        if !self.negotiated.has(NegotiateResponse::PERSISTENT_HANDLES) {
            return Ok(answer(false, "negotiate response without PERSISTENT_HANDLES"));
        }
        if self.negotiated.share_capabilities & CONTINUOUS_AVAILABILITY == 0 {
            return Ok(answer(false, "tree connect response without CONTINUOUS_AVAILABILITY"));
        }
        self.durable("DH2Q with the persistent flag", self.request_v2(true)?).await
    }

    async fn resilient(&self) -> Result<Capability, TargetFault> {
        let what = "FSCTL_LMR_REQUEST_RESILIENCY";
        let file = match self.open(opening(&self.path(FILE), Access::READ_DATA)).await? {
            Ok(file) => file,
            Err(status) => return Ok(answer(false, &format!("an open before {what}: {status}"))),
        };
        let control = Control::Resiliency { timeout: RESILIENT_MILLIS };
        let request = Request::Ioctl(control::request(file, &control, [0; RESUME_KEY_LENGTH]));
        let found = self.tried(what, request).await?;
        self.folder.let_go(file).await?;
        Ok(found)
    }

    /// An open with a batch oplock that asks for a durable handle.
    async fn durable(&self, name: &str, durable: Durable) -> Result<Capability, TargetFault> {
        let wants = matches!(durable, Durable::RequestV2 { persistent: true, .. });
        let request = CreateRequest {
            level: OplockLevel::BATCH,
            contexts: vec![CreateContext::durable(&durable)],
            ..opening(&self.path(FILE), Access::READ_DATA)
        };
        let what = format!("a create with a batch oplock and {name}");
        let opened: CreateResponse = match self.folder.try_open(request).await? {
            Ok(opened) => opened,
            Err(status) => return Ok(answer(false, &format!("{what}: {status}"))),
        };
        self.folder.let_go(opened.file).await?;
        Ok(match durable_answer(&opened.contexts) {
            Ok(Some(DurableAnswer::V2 { persistent, .. })) if persistent == wants => {
                answer(true, &format!("{what}: answered with DH2Q"))
            }
            Ok(Some(DurableAnswer::V1)) => answer(true, &format!("{what}: answered with DHnQ")),
            Ok(Some(_)) => answer(false, &format!("{what}: answered with DH2Q, not persistent")),
            Ok(None) => answer(false, &format!("{what}: answered without")),
            Err(error) => answer(false, &format!("{what}: undecodable context: {error}")),
        })
    }

    fn request_v2(&self, persistent: bool) -> Result<Durable, TargetFault> {
        let guid = crate::random::bytes().map_err(TargetFault::Internal)?;
        Ok(Durable::RequestV2 { guid, timeout: 0, persistent })
    }
}
