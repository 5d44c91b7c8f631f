//! The live target: one server, one run folder, warm clients, and a scene per cell.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use oplock_model::{
    Capability, Dialect, Facts, Layer, Scene, Setup, ShareKind, Target, TargetFault,
};
use oplock_wire::NegotiateResponse;
use tokio::runtime::Runtime;

use crate::axes::{self, Axes, Signing};
use crate::connection::{self, Negotiated, Secret, Way};
use crate::options::LiveOptions;
use crate::place::{Place, Ways};
use crate::pool::{Client, Pool};
use crate::room::Room;
use crate::run_folder::RunFolder;
use crate::scene::LiveScene;
use crate::sweep::LeftOver;
use crate::{Address, probe, runtime};

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
    pub(crate) options: LiveOptions,
    pub(crate) folder: RunFolder,
    room: Arc<Room>,
    /// How many ways to speak to it there are.
    legs: AtomicUsize,
}

/// How long a server may take to give up what was open on connections that are gone.
const HANGS_UP_WITHIN: Duration = Duration::from_millis(200);
/// The longest that the removal of the run's folder may take.
const REMOVE_WITHIN: Duration = Duration::from_secs(60);

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
        let runtime = runtime::of_target()?;
        let run_id = match &options.run_id {
            Some(id) => id.clone(),
            None => crate::random::hex(6).map_err(TargetFault::Internal)?,
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
            guest: options.guest,
            anonymous: options.anonymous,
            connect_within: options.connect_within,
            login_within: options.login_within,
        };
        let room = Room::new(options.caps);
        let (ways, client, negotiated) = runtime.block_on(first(way, &options, &room))?;
        let folder = RunFolder::new(&run_id, ways.clone(), Arc::clone(&room), options.keeps);
        let legs = AtomicUsize::new(1);
        let server = Arc::new(Server {
            runtime,
            ways: ways.clone(),
            options,
            folder,
            room: Arc::clone(&room),
            legs,
        });
        // From here on its drop removes the run's folder, also where a probe fails.
        server.runtime.block_on(server.folder.begin(client))?;
        LiveTarget::new(Leg { pool: Pool::new(0, ways, room), server }, negotiated, None)
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
        let first = first(way, &server.options, &server.room);
        let (ways, client, negotiated) = server.runtime.block_on(first)?;
        // Whether the server is there is the same for all.
        let Ways { reach, lines, .. } = server.ways.clone();
        let ways = Ways { reach, lines, ..ways };
        let number = server.legs.fetch_add(1, Ordering::Relaxed);
        let pool = Pool::new(number, ways, Arc::clone(&server.room));
        pool.give_back(client, &HashSet::new());
        LiveTarget::new(Leg { pool, server }, negotiated, Some(self))
    }

    /// What an earlier way to the same server showed is not asked again, but for what depends on the dialect.
    fn new(
        leg: Leg,
        negotiated: Negotiated,
        earlier: Option<&LiveTarget>,
    ) -> Result<LiveTarget, TargetFault> {
        let leg = Arc::new(leg);
        let known = earlier.map(|target| &target.facts.capabilities);
        let same = earlier.is_some_and(|target| target.axes().dialect == leg.axes().dialect);
        let capabilities = match known.filter(|_| same) {
            Some(known) => known.clone(),
            None => leg.server.runtime.block_on(leg.capabilities(negotiated, known))?,
        };
        let facts = Facts { capabilities, ..leg.facts() };
        let mut target = LiveTarget { leg, facts };
        target.facts.latencies = match earlier {
            Some(earlier) => earlier.facts.latencies,
            None => probe::latency::measure(&target),
        };
        Ok(target)
    }

    /// In which axes it is asked.
    #[must_use]
    pub fn axes(&self) -> Axes {
        self.leg.axes()
    }

    /// The folders of other runs on the shares of the target. Where `sweep` says so, those of dead runs are removed; never
    /// that of one that lives, or may.
    ///
    /// # Errors
    /// [`TargetFault::Unreachable`], [`TargetFault::Refused`] or [`TargetFault::Lost`] where the share cannot be listed.
    pub fn left_overs(&self, sweep: bool) -> Result<Vec<LeftOver>, TargetFault> {
        let server = &self.leg.server;
        server.runtime.block_on(server.left_overs(sweep))
    }

    /// The run's folder below the share; nothing outside it is written or removed.
    #[must_use]
    pub fn run_folder(&self) -> &str {
        self.leg.server.folder.name()
    }
}

/// The first login of a way: a client, and the ways to all places in what was negotiated.
async fn first(
    mut way: Way,
    options: &LiveOptions,
    room: &Arc<Room>,
) -> Result<(Ways, Client, Negotiated), TargetFault> {
    let guid = crate::random::bytes().map_err(TargetFault::Internal)?;
    let mut slots = room.slots(1).await?;
    let (connection, negotiated) = connection::open(&way, guid).await?;
    slots.opened();
    let places = vec![Place::of_share(ShareKind::Plain)];
    let client = Client { guid, places, connections: vec![connection], slots };
    // Every further connection must be like this one.
    way.dialects = vec![negotiated.dialect];
    let LiveOptions { accounts, nodes, shares, .. } = options.clone();
    let (reach, lines) = (Arc::default(), Arc::default());
    Ok((Ways { usual: way, accounts, nodes, shares, reach, lines }, client, negotiated))
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

    fn keep(&self, folder: &str) -> Option<String> {
        let server = &self.leg.server;
        let share = server.folder.keep(folder)?;
        let share = server.ways.to(Place::of_share(share)).ok()?.address.share;
        Some(format!("{share}/{}", folder.replace('\\', "/")))
    }

    fn leave(&self, within: Duration) {
        let server = &self.leg.server;
        // What cells still have open would keep the folder.
        server.ways.lines.hang_up();
        server.runtime.block_on(async { tokio::time::sleep(HANGS_UP_WITHIN).await });
        server.leave(within);
    }
}

impl Leg {
    async fn capabilities(
        &self,
        negotiated: Negotiated,
        known: Option<&BTreeMap<String, Capability>>,
    ) -> Result<BTreeMap<String, Capability>, TargetFault> {
        let Leg { pool, server } = self;
        // The run's own connection speaks as the first leg does; every other has a warm client of its first login.
        let own = pool.idle(&[Place::of_share(ShareKind::Plain)]);
        let connection = match own.as_ref().and_then(|client| client.connections.first()) {
            Some(connection) => connection.clone(),
            None => server.folder.connection(ShareKind::Plain).await?,
        };
        let name = server.folder.name();
        let mut capabilities =
            probe::capabilities(pool, &connection, name, negotiated, known).await?;
        for (name, claimed) in &server.options.claims {
            capabilities.entry(name.clone()).or_default().claim(claimed.clone());
        }
        if let Some(own) = own {
            pool.give_back(own, &HashSet::new());
        }
        Ok(capabilities)
    }

    /// Who it is and how it is asked; nothing of what it can do.
    fn facts(&self) -> Facts {
        let product = self.server.options.product.clone();
        let (product, version) =
            product.unwrap_or_else(|| ("smb-server".to_owned(), "unknown".to_owned()));
        Facts { product, version, axes: self.axes().name(), ..Facts::default() }
    }

    fn axes(&self) -> Axes {
        let Way { dialects, signing, encryption, .. } = &self.pool.ways().usual;
        // The first login left one dialect here.
        let dialect = dialects.first().and_then(|number| axes::dialect(*number));
        let dialect = dialect.unwrap_or_default();
        let signing = signing.unwrap_or(Signing::usual(dialect));
        Axes { dialect, signing, encryption: *encryption }
    }
}

impl Drop for Leg {
    fn drop(&mut self) {
        self.pool.clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.leave(REMOVE_WITHIN);
    }
}

impl Server {
    /// Removes the run's folder; does nothing the second time.
    fn leave(&self, within: Duration) {
        let removal = async { tokio::time::timeout(within, self.folder.remove()).await };
        // Nobody is left to tell: a folder that stays is listed as a left-over by the next run.
        let _ = self.runtime.block_on(removal);
    }

    /// Whether the messages of each cell are kept.
    pub(crate) fn captures(&self) -> bool {
        self.options.captures
    }
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
