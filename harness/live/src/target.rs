//! The live target: one server, one run folder, warm clients, and a scene per cell.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use oplock_model::{Dialect, Facts, FileSpec, Layer, Scene, Setup, ShareKind, Target, TargetFault};
use oplock_wire::NegotiateResponse;
use tokio::runtime::Runtime;
use tokio::sync::Mutex;

use crate::axes::{self, Axes, Signing};
use crate::connection::{self, Connection, Negotiated, Secret, Way};
use crate::folder::Folder;
use crate::options::LiveOptions;
use crate::place::{Place, Ways};
use crate::pool::{Client, Pool};
use crate::request::path_below;
use crate::scene::LiveScene;
use crate::{Address, probe};

/// A real server's share, asked in one way; the run's folder goes with the last target that shares it.
#[derive(Debug)]
pub struct LiveTarget {
    leg: Arc<Leg>,
    facts: Facts,
}

/// One way to speak to the server: its axes, and clients that are warm in them.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) pool: Pool,
    pub(crate) server: Arc<Server>,
}

/// What all ways to speak to one server share.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) runtime: Runtime,
    ways: Ways,
    options: LiveOptions,
    /// A connection of our own on each share that was ever used.
    admins: Mutex<BTreeMap<ShareKind, Client>>,
    run_folder: String,
    scenes: AtomicU64,
}

/// Threads of the runtime: reader tasks do little each, and cells wait on threads of their own.
const WORKERS: usize = 2;
/// The longest that the removal of the run's folder may take.
const REMOVE_WITHIN: Duration = Duration::from_secs(15);
/// Characters of a cell's id in its folder's name.
const LONGEST_NAME: usize = 80;

impl LiveTarget {
    /// Connects, logs in, makes the run's folder and asks what the server can do.
    ///
    /// # Errors
    /// [`TargetFault::Unreachable`], [`TargetFault::Refused`], or [`TargetFault::Setup`] where the folder cannot be made.
    pub fn connect(
        address: Address,
        password: String,
        options: LiveOptions,
    ) -> Result<LiveTarget, TargetFault> {
        let internal = |error: String| TargetFault::Internal(error);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("live")
            .enable_all()
            .build()
            .map_err(|error| internal(format!("no runtime: {error}")))?;
        let run_id = match &options.run_id {
            Some(id) => escaped(id),
            None => crate::random::hex(6).map_err(internal)?,
        };
        let way = Way {
            address,
            password: Secret(password),
            dialects: match options.dialect {
                Some(dialect) => vec![axes::number(dialect)],
                None => Dialect::ALL.map(axes::number).to_vec(),
            },
            signing: options.signing,
            encryption: options.encryption,
            connect_within: options.connect_within,
            login_within: options.login_within,
        };
        let (ways, admin, negotiated) = runtime.block_on(first(way, &options))?;
        let server = Arc::new(Server {
            runtime,
            ways: ways.clone(),
            options,
            admins: Mutex::new(BTreeMap::from([(ShareKind::Plain, admin)])),
            run_folder: format!("oplock-conformance-{run_id}"),
            scenes: AtomicU64::new(0),
        });
        // From here on its drop removes the run's folder, also where a probe fails.
        server.runtime.block_on(server.make_run_folder())?;
        LiveTarget::new(Leg { pool: Pool::new(ways), server }, negotiated)
    }

    /// The same server, share and run folder, asked in another way.
    ///
    /// # Errors
    /// [`TargetFault::Unreachable`], or [`TargetFault::Refused`] where the server does not take these axes.
    pub fn in_axes(&self, axes: Axes) -> Result<LiveTarget, TargetFault> {
        let server = Arc::clone(&self.leg.server);
        let Axes { dialect, signing, encryption } = axes;
        let way = Way {
            dialects: vec![axes::number(dialect)],
            signing: Some(signing),
            encryption,
            ..server.ways.usual.clone()
        };
        let (ways, client, negotiated) = server.runtime.block_on(first(way, &server.options))?;
        let pool = Pool::new(ways);
        pool.give_back(client, &HashSet::new());
        LiveTarget::new(Leg { pool, server }, negotiated)
    }

    fn new(leg: Leg, negotiated: Negotiated) -> Result<LiveTarget, TargetFault> {
        let leg = Arc::new(leg);
        let facts = leg.server.runtime.block_on(leg.facts(negotiated))?;
        Ok(LiveTarget { leg, facts })
    }

    /// The run's folder below the share; nothing outside it is written or removed.
    #[must_use]
    pub fn run_folder(&self) -> &str {
        &self.leg.server.run_folder
    }
}

/// The first login of a way: a client, and the ways to all places in what was negotiated.
async fn first(
    mut way: Way,
    options: &LiveOptions,
) -> Result<(Ways, Client, Negotiated), TargetFault> {
    let guid = crate::random::bytes().map_err(TargetFault::Internal)?;
    let (connection, negotiated) = connection::open(&way, guid).await?;
    let places = vec![Place::of_share(ShareKind::Plain)];
    let client = Client { guid, places, connections: vec![connection] };
    // Every further connection must be like this one.
    way.dialects = vec![negotiated.dialect];
    let LiveOptions { accounts, nodes, shares, .. } = options.clone();
    Ok((Ways { usual: way, accounts, nodes, shares }, client, negotiated))
}

impl Target for LiveTarget {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn scene(&self, setup: &Setup) -> Result<Box<dyn Scene>, TargetFault> {
        if setup.layer == Layer::Store {
            return Err(TargetFault::Unsupported("a cell of the object store".to_owned()));
        }
        Ok(Box::new(LiveScene::open(Arc::clone(&self.leg), setup)?))
    }
}

impl Leg {
    async fn facts(&self, negotiated: Negotiated) -> Result<Facts, TargetFault> {
        let Leg { pool, server } = self;
        let client = pool.check_out(&[Place::of_share(ShareKind::Plain)]).await?;
        let connection = client.connections.first().cloned();
        let connection = connection.ok_or_else(no_connection)?;
        let capabilities =
            probe::capabilities(pool, &connection, &server.run_folder, negotiated).await?;
        pool.give_back(client, &HashSet::new());
        let (product, version) = server
            .options
            .product
            .clone()
            .unwrap_or_else(|| ("smb-server".to_owned(), "unknown".to_owned()));
        let dialect = axes::dialect(negotiated.dialect).unwrap_or_default();
        let Way { signing, encryption, .. } = pool.ways().usual;
        let signing = signing.unwrap_or(Signing::usual(dialect));
        let axes = Axes { dialect, signing, encryption }.name();
        Ok(Facts { product, version, axes, capabilities })
    }
}

impl Drop for Leg {
    fn drop(&mut self) {
        self.pool.clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let removal = self.remove_run();
        // Nobody is left to tell: a folder that stays is listed as a left-over by the next run.
        let _ =
            self.runtime.block_on(async { tokio::time::timeout(REMOVE_WITHIN, removal).await });
    }
}

impl Server {
    /// Whether the messages of each cell are kept.
    pub(crate) fn captures(&self) -> bool {
        self.options.captures
    }

    /// Makes a fresh folder for a cell, with its files; its path below the share.
    pub(crate) async fn make_cell(
        &self,
        share: ShareKind,
        cell: &str,
        files: &[FileSpec],
    ) -> Result<String, TargetFault> {
        let number = self.scenes.fetch_add(1, Ordering::Relaxed);
        let path = path_below(&self.run_folder, &format!("{number:04}-{}", escaped(cell)));
        let admin = self.admin(share).await?;
        let folder = Folder { connection: &admin };
        folder.make(&path).await?;
        for spec in files {
            folder.make_file(&path, spec).await?;
        }
        Ok(path)
    }

    /// Removes one of our folders with everything in it.
    pub(crate) async fn remove(&self, share: ShareKind, path: &str) -> Result<(), TargetFault> {
        let admin = self.admin(share).await?;
        Folder { connection: &admin }.remove(path).await
    }

    async fn make_run_folder(&self) -> Result<(), TargetFault> {
        let admin = self.admin(ShareKind::Plain).await?;
        Folder { connection: &admin }.make(&self.run_folder).await
    }

    /// Removes the run's folder from every share that has it.
    async fn remove_run(&self) {
        let shares: Vec<ShareKind> = self.admins.lock().await.keys().copied().collect();
        for share in shares {
            // What stays on one share is no reason to leave it on another.
            let _ = self.remove(share, &self.run_folder).await;
        }
    }

    /// The connection for folders and files of a share; a fresh one where the last was lost.
    async fn admin(&self, share: ShareKind) -> Result<Connection, TargetFault> {
        let mut admins = self.admins.lock().await;
        let known = admins.get(&share).and_then(|admin| admin.connections.first());
        if let Some(connection) = known.filter(|connection| connection.is_sound()) {
            return Ok(connection.clone());
        }
        let is_new = known.is_none();
        let admin = Client::open(&self.ways, &[Place::of_share(share)]).await?;
        let connection = admin.connections.first().cloned().ok_or_else(no_connection)?;
        if is_new {
            Folder { connection: &connection }.make(&self.run_folder).await?;
        }
        admins.insert(share, admin);
        Ok(connection)
    }
}

fn no_connection() -> TargetFault {
    TargetFault::Internal("a client without a connection".to_owned())
}

impl Negotiated {
    /// Whether the server said that it has this.
    pub(crate) fn has(self, capability: u32) -> bool {
        self.capabilities & capability != 0
    }

    /// Whether the server said that it has leases (MS-SMB2 2.2.4, Capabilities).
    pub(crate) fn leasing(self) -> bool {
        self.has(NegotiateResponse::LEASING)
    }
}

/// A name that every server takes: letters, digits, `-`, `_`, `=`, everything else an underscore, cut.
fn escaped(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '=');
    name.chars().take(LONGEST_NAME).map(|c| if plain(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_folders_cannot_lead_elsewhere() {
        assert_eq!(escaped("lease/break/held=RW,op=read-open"), "lease_break_held=RW_op=read-open");
        assert_eq!(escaped(r"..\..\x"), "______x");
        assert_eq!(escaped(&"x".repeat(300)).len(), LONGEST_NAME);
    }
}
