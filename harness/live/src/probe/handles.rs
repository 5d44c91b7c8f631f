//! Handles that outlive their connection.

use std::collections::HashSet;

use oplock_model::{
    Access, Capability, Control, Durable, DurableAnswer, FileKind, FileSpec, OplockLevel,
    ShareKind, Status, TargetFault,
};
use oplock_wire::{
    CreateContext, CreateRequest, CreateResponse, NegotiateResponse, Request, Response,
    durable_answer,
};

use super::{FILE, PLAIN, Probe, answer};
use crate::control::{self, RESUME_KEY_LENGTH};
use crate::folder::{Folder, opening};
use crate::place::Place;
use crate::request::Asked;

/// SMB2_SHARE_CAP_CONTINUOUS_AVAILABILITY (MS-SMB2 2.2.10).
pub(super) const CONTINUOUS_AVAILABILITY: u32 = 0x0000_0010;
/// How long a resilient handle of a probe would live, in milliseconds.
const RESILIENT_MILLIS: u32 = 1000;

/// What [`Probe`] tries here.
pub(super) const NAMES: &[&str] =
    &["durable_v1", "durable_v2", "persistent", "resilient", "replay", "app_instance"];

impl Probe<'_> {
    pub(super) async fn durable_v1(&self) -> Result<Capability, TargetFault> {
        self.durable(&self.folder, FILE, Durable::RequestV1).await
    }

    pub(super) async fn durable_v2(&self) -> Result<Capability, TargetFault> {
        if !self.is_smb3() {
            return Ok(self.not_in_dialect());
        }
        self.durable(&self.folder, FILE, request_v2(false)?).await
    }

    /// On the share that the target names for it, or else on the plain one.
    pub(super) async fn persistent(&self) -> Result<Capability, TargetFault> {
        if !self.is_smb3() {
            return Ok(self.not_in_dialect());
        }
        if !self.negotiated.has(NegotiateResponse::PERSISTENT_HANDLES) {
            return Ok(answer(false, "negotiate response without PERSISTENT_HANDLES"));
        }
        let place = Place { share: ShareKind::ContinuouslyAvailable, ..PLAIN };
        let guid = crate::random::bytes().map_err(TargetFault::Internal)?;
        let (own, tree) = match self.pool.connect(place, guid).await {
            Ok((connection, tree)) => (Some(connection), tree),
            Err(TargetFault::Unsupported(_)) => (None, self.negotiated),
            Err(fault) => {
                return Ok(answer(false, &format!("a connection to that share: {fault}")));
            }
        };
        if tree.share_capabilities & CONTINUOUS_AVAILABILITY == 0 {
            return Ok(answer(false, "tree connect response without CONTINUOUS_AVAILABILITY"));
        }
        let Some(connection) = own else {
            return self.durable(&self.folder, FILE, request_v2(true)?).await;
        };
        // The other share has a run folder only for as long as this takes.
        let folder = Folder { connection: &connection };
        folder.make(self.run_folder).await?;
        let spec = FileSpec { name: FILE.to_owned(), kind: FileKind::File { size: 64 } };
        let made = folder.make_files(self.run_folder, &[spec]).await;
        let found = match made {
            Ok(()) => self.durable(&folder, FILE, request_v2(true)?).await,
            Err(fault) => Err(fault),
        };
        folder.remove(self.run_folder).await?;
        found
    }

    /// The same create once more, as a replay: it must be known again by its CreateGuid (MS-SMB2 3.3.5.9.10).
    pub(super) async fn replay(&self) -> Result<Capability, TargetFault> {
        if !self.is_smb3() {
            return Ok(self.not_in_dialect());
        }
        let request = CreateRequest {
            level: OplockLevel::BATCH,
            contexts: vec![CreateContext::durable(&request_v2(false)?)],
            ..opening(&self.path(FILE), Access::READ_DATA)
        };
        let first = match self.open(request.clone()).await? {
            Ok(file) => file,
            Err(status) => return Ok(answer(false, &format!("a create with DH2Q: {status}"))),
        };
        let what = "the replay of a create with DH2Q";
        let again = Asked { request: Request::Create(request), replay: true };
        let again = self.folder.connection.exchange(again).await?;
        let found = match again.response {
            Ok(Response::Create(opened)) if opened.file == first => {
                answer(true, &format!("{what}: answered with the same handle"))
            }
            Ok(Response::Create(opened)) => {
                self.folder.let_go(opened.file).await?;
                answer(false, &format!("{what}: answered with another handle"))
            }
            Ok(_) => answer(false, &format!("{what}: {}", again.header.status)),
            Err(error) => answer(false, &format!("{what}: undecodable answer: {error}")),
        };
        self.folder.let_go(first).await?;
        Ok(found)
    }

    /// Another client opens as the same instance: the first handle must be gone (MS-SMB2 3.3.5.9.13).
    pub(super) async fn app_instance(&self) -> Result<Capability, TargetFault> {
        if !self.is_smb3() {
            return Ok(self.not_in_dialect());
        }
        let instance =
            CreateContext::app_instance(crate::random::bytes().map_err(TargetFault::Internal)?);
        let request = |durable: &Durable| CreateRequest {
            contexts: vec![CreateContext::durable(durable), instance.clone()],
            ..opening(&self.path(FILE), Access::READ_DATA)
        };
        let first = match self.open(request(&request_v2(false)?)).await? {
            Ok(file) => file,
            Err(status) => {
                let what = "a create with an application instance";
                return Ok(answer(false, &format!("{what}: {status}")));
            }
        };
        let other = match self.pool.try_open(&[PLAIN]).await {
            Ok(other) => other,
            Err(fault) => {
                self.folder.let_go(first).await?;
                return Err(fault);
            }
        };
        let connection = other.connections.first();
        let connection = connection
            .ok_or_else(|| TargetFault::Internal("a client without a connection".to_owned()))?;
        let folder = Folder { connection };
        let second = folder.try_open(request(&request_v2(false)?)).await?;
        let closed = self.folder.connection.call(Request::Close { file: first, flags: 0 }).await?.0;
        if let Ok(opened) = &second {
            folder.let_go(opened.file).await?;
        }
        self.pool.give_back(other, &HashSet::new());
        let what = "another client's create as the same application instance";
        Ok(match second {
            Err(status) => answer(false, &format!("{what}: {status}")),
            Ok(_) => answer(
                closed == Status::FILE_CLOSED,
                &format!("{what}: success; then a close of the first handle: {closed}"),
            ),
        })
    }

    pub(super) async fn resilient(&self) -> Result<Capability, TargetFault> {
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
    async fn durable(
        &self,
        folder: &Folder<'_>,
        file: &str,
        durable: Durable,
    ) -> Result<Capability, TargetFault> {
        let persists = matches!(durable, Durable::RequestV2 { persistent: true, .. });
        let is_v2 = matches!(durable, Durable::RequestV2 { .. });
        let name = match (is_v2, persists) {
            (true, true) => "DH2Q with the persistent flag",
            (true, false) => "DH2Q",
            (false, _) => "DHnQ",
        };
        let request = CreateRequest {
            level: OplockLevel::BATCH,
            contexts: vec![CreateContext::durable(&durable)],
            ..opening(&self.path(file), Access::READ_DATA)
        };
        let what = format!("a create with a batch oplock and {name}");
        let opened: CreateResponse = match folder.try_open(request).await? {
            Ok(opened) => opened,
            Err(status) => return Ok(answer(false, &format!("{what}: {status}"))),
        };
        folder.let_go(opened.file).await?;
        Ok(match durable_answer(&opened.contexts) {
            Ok(Some(DurableAnswer::V2 { persistent, .. })) => answer(
                is_v2 && persistent == persists,
                &format!(
                    "{what}: answered with DH2Q{}",
                    if persistent { ", persistent" } else { "" }
                ),
            ),
            Ok(Some(DurableAnswer::V1)) => answer(!is_v2, &format!("{what}: answered with DHnQ")),
            Ok(None) => answer(false, &format!("{what}: answered without")),
            Err(error) => answer(false, &format!("{what}: undecodable context: {error}")),
        })
    }
}

fn request_v2(persistent: bool) -> Result<Durable, TargetFault> {
    let guid = crate::random::bytes().map_err(TargetFault::Internal)?;
    Ok(Durable::RequestV2 { guid, timeout: 0, persistent })
}
