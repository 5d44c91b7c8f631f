//! What a server can do: each answer from trying it, with what was seen as its source.

use std::collections::{BTreeMap, HashSet};

use oplock_model::{
    Access, Capability, CreateOptions, Disposition, FileKind, FileSpec, LeaseKey, LeaseState,
    OplockLevel, TargetFault,
};
use oplock_wire::{CreateRequest, Dialect, LeaseContext, LeaseV2, NegotiateResponse};

use crate::connection::{Connection, Negotiated, Way};
use crate::folder::{Folder, opening};
use crate::pool::{Client, Pool};
use crate::request::path_below;

/// The file, and the directory, that the probes open.
const FILE: &str = "probe-file";
const DIRECTORY: &str = "probe-directory";

/// Every capability by the name that cases use.
pub(crate) async fn capabilities(
    way: &Way,
    pool: &Pool,
    admin: &Connection,
    run_folder: &str,
    negotiated: Negotiated,
) -> Result<BTreeMap<String, Capability>, TargetFault> {
    let folder = Folder { connection: admin };
    for (name, kind) in [(FILE, FileKind::File { size: 1 }), (DIRECTORY, FileKind::Directory)] {
        let spec = FileSpec { name: name.to_owned(), kind };
        folder.make_file(run_folder, &spec).await?;
    }
    let probe = Probe { folder, run_folder, negotiated };
    let mut found = BTreeMap::new();
    found.insert("lease_v1", probe.lease(1).await?);
    found.insert("lease_v2", probe.lease(2).await?);
    found.insert("directory_lease", probe.directory_lease().await?);
    found.insert("named_streams", probe.named_streams().await?);
    found.insert("second_connection", second_connection(way, pool).await);
    found.insert("break_timer", answer(true, "profile".to_owned()));
    for name in [FILE, DIRECTORY] {
        probe.folder.remove_one(&path_below(run_folder, name), CreateOptions::default()).await?;
    }
    Ok(found.into_iter().map(|(name, capability)| (name.to_owned(), capability)).collect())
}

struct Probe<'a> {
    folder: Folder<'a>,
    run_folder: &'a str,
    negotiated: Negotiated,
}

impl Probe<'_> {
    async fn lease(&self, version: u8) -> Result<Capability, TargetFault> {
        if version == 2 && self.negotiated.dialect < Dialect::SMB3_0 {
            return Ok(self.not_in_dialect());
        }
        if !self.negotiated.leasing() {
            return Ok(answer(false, "negotiate response without LEASING".to_owned()));
        }
        let request = opening(&path_below(self.run_folder, FILE), Access::READ_DATA);
        self.try_lease(request, version, LeaseState::RWH).await
    }

    async fn directory_lease(&self) -> Result<Capability, TargetFault> {
        if self.negotiated.dialect < Dialect::SMB3_0 {
            return Ok(self.not_in_dialect());
        }
        if !self.negotiated.has(NegotiateResponse::DIRECTORY_LEASING) {
            return Ok(answer(false, "negotiate response without DIRECTORY_LEASING".to_owned()));
        }
        let request = CreateRequest {
            options: CreateOptions::DIRECTORY_FILE,
            ..opening(&path_below(self.run_folder, DIRECTORY), Access::READ_DATA)
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
            Err(status) => return Ok(answer(false, format!("{asked}: {status}"))),
        };
        self.folder.let_go(opened.file).await?;
        Ok(match opened.lease() {
            Ok(Some(granted))
                if granted.version == version && granted.state != LeaseState::NONE =>
            {
                answer(true, format!("{asked}: granted {}", granted.state))
            }
            Ok(Some(granted)) => answer(
                false,
                format!("{asked}: granted {} with version {}", granted.state, granted.version),
            ),
            Ok(None) => answer(false, format!("{asked}: granted level {}", opened.level)),
            Err(error) => answer(false, format!("{asked}: undecodable context: {error}")),
        })
    }

    async fn named_streams(&self) -> Result<Capability, TargetFault> {
        let request = CreateRequest {
            disposition: Disposition::OpenIf as u32,
            ..opening(
                &path_below(self.run_folder, &format!("{FILE}:stream")),
                Access::READ_DATA.union(Access::WRITE_DATA),
            )
        };
        Ok(match self.folder.try_open(request).await? {
            Ok(opened) => {
                self.folder.let_go(opened.file).await?;
                answer(true, "a create of a named stream: success".to_owned())
            }
            Err(status) => answer(false, format!("a create of a named stream: {status}")),
        })
    }

    fn not_in_dialect(&self) -> Capability {
        answer(false, format!("dialect {} has none", self.negotiated.dialect))
    }
}

/// Two connections with one ClientGuid; they are kept warm for the cells that need them.
async fn second_connection(way: &Way, pool: &Pool) -> Capability {
    match Client::open(way, 2).await {
        Ok((client, _)) => {
            pool.give_back(client, &HashSet::new());
            answer(true, "two logins with one client guid".to_owned())
        }
        Err(fault) => answer(false, format!("two logins with one client guid: {fault}")),
    }
}

fn answer(present: bool, source: String) -> Capability {
    Capability { present, source }
}
