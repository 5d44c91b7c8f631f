//! What a server can do: each answer from trying it, with what was seen as its source.

pub(crate) mod bits;
mod connections;
pub(crate) mod file_system;
mod files;
mod handles;
pub(crate) mod latency;
mod leases;
mod pair;
pub(crate) mod timer;

use std::collections::BTreeMap;
use std::time::Duration;

use oplock_model::{
    Capability, CreateOptions, FileId, FileKind, FileSpec, ShareKind, Status, TargetFault,
};
use oplock_wire::{CreateRequest, Dialect, Request};

use self::file_system::file_system;
use crate::connection::{Connection, Negotiated};
use crate::folder::Folder;
use crate::place::Place;
use crate::pool::{Client, Pool};
use crate::request::path_below;

/// The files, and the directory, that the probes open.
const FILE: &str = "probe-file";
const OTHER: &str = "probe-other";
const DIRECTORY: &str = "probe-directory";
/// The folder of what probes make by themselves.
const FILES: &str = "probe-files";

/// The longest that one probe may take; what a server does not answer by then, it does not have.
const PROBE_WITHIN: Duration = Duration::from_secs(5);

/// The first account, node and share, in the run's dialect.
const PLAIN: Place = Place { dialect: None, account: 1, node: 1, share: ShareKind::Plain };

/// Every capability by the name that cases use. What a probe shows is an answer, whatever it is; only a server that can
/// no longer be reached is a fault. What is known from another dialect of the same server is not asked again, unless it
/// depends on the dialect.
pub(crate) async fn capabilities(
    pool: &Pool,
    admin: &Connection,
    run_folder: &str,
    negotiated: Negotiated,
    known: Option<&BTreeMap<String, Capability>>,
) -> Result<BTreeMap<String, Capability>, TargetFault> {
    let names: Vec<&str> = match known {
        Some(_) => of_dialect().collect(),
        None => of_dialect().chain(files::names().copied()).collect(),
    };
    let files = [FILE, OTHER].map(|name| (name, FileKind::File { size: 64 }));
    let folders = [DIRECTORY, FILES].map(|name| (name, FileKind::Directory));
    let specs = files.into_iter().chain(folders);
    let specs: Vec<FileSpec> =
        specs.map(|(name, kind)| FileSpec { name: name.to_owned(), kind }).collect();
    Folder { connection: admin }.make_files(run_folder, &specs).await?;
    let mut found = BTreeMap::new();
    let mut asker = Asker { connection: admin.clone(), _client: None };
    let said = file_system(&asker.folder(), &path_below(run_folder, FILE)).await;
    let said = said.map_err(|fault| fault.to_string()).flatten();
    let attributes = said.map(|file_system| file_system.attributes);
    for name in names {
        asker.make_sound(pool).await?;
        let (folder, attributes) = (asker.folder(), &attributes);
        let probe = Probe { pool, folder, run_folder, negotiated, attributes };
        let answered = tokio::time::timeout(PROBE_WITHIN, probe.one(name)).await;
        let capability = match answered {
            Ok(Ok(capability)) => capability,
            // What it left on the connection does no harm.
            Ok(Err(fault @ (TargetFault::Unsupported(_) | TargetFault::Setup { .. }))) => {
                unknown(&fault.to_string())
            }
            Ok(Err(fault)) => asker.spoiled(&fault.to_string()),
            Err(_) => asker.spoiled(&format!("no answer within {PROBE_WITHIN:?}")),
        };
        found.insert(name, capability);
    }
    found.insert("break_timer", answer(true, Capability::ASSUMED));
    found.extend(connections::of_dialect(pool, negotiated).await);
    if known.is_none() {
        found.extend(connections::of_server(pool, run_folder, negotiated).await);
    }
    // What stays goes with the run's folder.
    asker.make_sound(pool).await?;
    let folder = asker.folder();
    for path in [FILES, DIRECTORY] {
        let _ = folder.remove(&path_below(run_folder, path)).await;
    }
    for name in [FILE, OTHER] {
        let kind = CreateOptions::default();
        let _ = folder.remove_one(&path_below(run_folder, name), kind).await;
    }
    let found = found.into_iter().map(|(name, capability)| (name.to_owned(), capability));
    let mut all = known.cloned().unwrap_or_default();
    all.extend(found);
    Ok(all)
}

/// What one connection shows that another dialect may not have.
fn of_dialect() -> impl Iterator<Item = &'static str> {
    leases::NAMES.iter().chain(handles::NAMES).copied()
}

/// The connection on which probes are tried; one that a server spoils is replaced.
struct Asker {
    connection: Connection,
    /// Whose it is, where it is not the caller's.
    _client: Option<Client>,
}

impl Asker {
    fn folder(&self) -> Folder<'_> {
        Folder { connection: &self.connection }
    }

    /// Takes a fresh connection where this one is of no use any more.
    async fn make_sound(&mut self, pool: &Pool) -> Result<(), TargetFault> {
        if self.connection.is_sound() {
            return Ok(());
        }
        let client = pool.try_open(&[PLAIN]).await?;
        if let Some(connection) = client.connections.first().cloned() {
            *self = Asker { connection, _client: Some(client) };
        }
        Ok(())
    }

    /// A probe that came to no answer: whatever it left on the connection goes with it.
    fn spoiled(&self, why: &str) -> Capability {
        self.connection.drop_transport();
        unknown(why)
    }
}

struct Probe<'a> {
    pool: &'a Pool,
    folder: Folder<'a>,
    run_folder: &'a str,
    negotiated: Negotiated,
    /// FileSystemAttributes of the share, or why they are not known.
    attributes: &'a Result<u32, String>,
}

impl Probe<'_> {
    /// Tries one capability.
    async fn one(&self, name: &str) -> Result<Capability, TargetFault> {
        match name {
            "lease_v1" => self.lease(1).await,
            "lease_v2" => self.lease(2).await,
            "directory_lease" => self.directory_lease().await,
            "durable_v1" => self.durable_v1().await,
            "durable_v2" => self.durable_v2().await,
            "persistent" => self.persistent().await,
            "resilient" => self.resilient().await,
            "replay" => self.replay().await,
            "app_instance" => self.app_instance().await,
            name => self.of_file(name).await,
        }
    }

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

    fn not_in_dialect(&self) -> Capability {
        answer(false, &format!("dialect {} has none", self.negotiated.dialect))
    }

    fn is_smb3(&self) -> bool {
        self.negotiated.dialect >= Dialect::SMB3_0
    }
}

/// Absent, since nobody knows better.
fn unknown(why: &str) -> Capability {
    answer(false, &format!("unknown: {why}"))
}

fn answer(present: bool, source: &str) -> Capability {
    Capability { present, source: source.to_owned(), claimed: None }
}
