//! What a live run may say about its target.

use std::collections::BTreeMap;
use std::time::Duration;

use oplock_model::{Claimed, Dialect, ShareKind};
use oplock_wire::security::encryption::Cipher;

use crate::axes::Signing;
use crate::place::{Account, Node};

/// How a live target is asked.
#[derive(Clone, Debug)]
pub struct LiveOptions {
    /// Product and version as results shall name them; `smb-server` and `unknown` where nothing is said.
    pub product: Option<(String, String)>,
    /// The only dialect to offer; the newest that both know where nothing is said.
    pub dialect: Option<Dialect>,
    /// How requests are signed; as the dialect usually does where nothing is said.
    pub signing: Option<Signing>,
    /// How messages are encrypted; they are not where nothing is said.
    pub encryption: Option<Cipher>,
    /// Whether it is enough to be let in as a guest.
    pub guest: bool,
    /// Whether it is enough to be let in as nobody.
    pub anonymous: bool,
    /// The accounts from 2 on; the first is the address's.
    pub accounts: Vec<Account>,
    /// The nodes from 2 on; the first is the address's.
    pub nodes: Vec<Node>,
    /// The names of the shares that are not plain.
    pub shares: BTreeMap<ShareKind, String>,
    /// What the target's profile claims, by capability; the probes look all the same.
    pub claims: BTreeMap<String, Claimed>,
    /// What the run may have open at a time.
    pub caps: Caps,
    /// Whether the messages of each cell are kept: [`oplock_model::Scene::frames`].
    pub captures: bool,
    /// Whether folders of cells may be kept: then none goes before the end of the run.
    pub keeps: bool,
    /// Names the run's folder `oplock-conformance-<run id>`; random where nothing is said.
    pub run_id: Option<String>,
    /// The longest that a TCP connection may take.
    pub connect_within: Duration,
    /// The longest that a login may take after it.
    pub login_within: Duration,
}

/// What a run may have open on the server at a time; no limit of ours where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// Connections, those of the run itself included.
    pub connections: Option<u32>,
    /// Open files, counted as the most that the running cells may open.
    pub open_files: Option<u32>,
}

impl Default for LiveOptions {
    fn default() -> Self {
        LiveOptions {
            product: None,
            dialect: None,
            signing: None,
            encryption: None,
            guest: false,
            anonymous: false,
            accounts: Vec::new(),
            nodes: Vec::new(),
            shares: BTreeMap::new(),
            claims: BTreeMap::new(),
            caps: Caps::default(),
            captures: false,
            keeps: false,
            run_id: None,
            connect_within: Duration::from_secs(4),
            login_within: Duration::from_secs(20),
        }
    }
}
