//! What a server can do: each answer from trying it, with what was seen as its source.

mod connections;
mod files;
mod handles;
mod leases;

use std::collections::BTreeMap;

use oplock_model::{
    Access, Capability, CreateOptions, Disposition, FileId, FileKind, FileSpec, Status, TargetFault,
};
use oplock_wire::{CreateRequest, Dialect, Request};

use crate::connection::{Connection, Negotiated};
use crate::folder::{Folder, opening};
use crate::pool::Pool;
use crate::request::path_below;

/// The files, and the directory, that the probes open.
const FILE: &str = "probe-file";
const OTHER: &str = "probe-other";
const DIRECTORY: &str = "probe-directory";

/// Every capability by the name that cases use.
pub(crate) async fn capabilities(
    pool: &Pool,
    admin: &Connection,
    run_folder: &str,
    negotiated: Negotiated,
) -> Result<BTreeMap<String, Capability>, TargetFault> {
    let folder = Folder { connection: admin };
    let files = [FILE, OTHER].map(|name| (name, FileKind::File { size: 64 }));
    for (name, kind) in files.into_iter().chain([(DIRECTORY, FileKind::Directory)]) {
        let spec = FileSpec { name: name.to_owned(), kind };
        folder.make_file(run_folder, &spec).await?;
    }
    let probe = Probe { folder, run_folder, negotiated };
    let mut found = BTreeMap::new();
    found.insert("lease_v1", probe.lease(1).await?);
    found.insert("lease_v2", probe.lease(2).await?);
    found.insert("directory_lease", probe.directory_lease().await?);
    found.insert("named_streams", probe.named_streams().await?);
    found.insert("break_timer", answer(true, "profile"));
    found.extend(probe.files().await?);
    found.extend(probe.handles().await?);
    found.extend(connections::capabilities(pool, run_folder, negotiated).await);
    probe.folder.remove(&path_below(run_folder, FILES)).await?;
    for name in [FILE, OTHER, DIRECTORY] {
        probe.folder.remove_one(&path_below(run_folder, name), CreateOptions::default()).await?;
    }
    Ok(found.into_iter().map(|(name, capability)| (name.to_owned(), capability)).collect())
}

/// The folder of what probes make by themselves.
const FILES: &str = "probe-files";

struct Probe<'a> {
    folder: Folder<'a>,
    run_folder: &'a str,
    negotiated: Negotiated,
}

impl Probe<'_> {
    /// Opens with everything that the account may do, or says why not.
    async fn open(&self, request: CreateRequest) -> Result<Result<FileId, Status>, TargetFault> {
        Ok(self.folder.try_open(request).await?.map(|opened| opened.file))
    }

    fn path(&self, name: &str) -> String {
        path_below(self.run_folder, name)
    }

    /// Present where a request is answered with success.
    async fn tried(&self, what: &str, request: Request) -> Result<Capability, TargetFault> {
        let (status, _) = self.folder.connection.call(request).await?;
        Ok(answer(status == Status::SUCCESS, &format!("{what}: {status}")))
    }

    async fn named_streams(&self) -> Result<Capability, TargetFault> {
        let path = self.path(&format!("{FILE}:stream"));
        let access = Access::READ_DATA.union(Access::WRITE_DATA);
        let request =
            CreateRequest { disposition: Disposition::OpenIf as u32, ..opening(&path, access) };
        let what = "a create of a named stream";
        Ok(match self.open(request).await? {
            Ok(file) => {
                self.folder.let_go(file).await?;
                answer(true, &format!("{what}: success"))
            }
            Err(status) => answer(false, &format!("{what}: {status}")),
        })
    }

    fn not_in_dialect(&self) -> Capability {
        answer(false, &format!("dialect {} has none", self.negotiated.dialect))
    }

    fn is_smb3(&self) -> bool {
        self.negotiated.dialect >= Dialect::SMB3_0
    }
}

fn answer(present: bool, source: &str) -> Capability {
    Capability { present, source: source.to_owned() }
}
