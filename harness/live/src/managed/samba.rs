//! A private Samba server on a free loopback port, for one run.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use oplock_model::{ShareKind, TargetFault};
use oplock_wire::Dialect;

use super::account::SambaAccount;
use super::configuration::{Configuration, SECOND_SHARE, SHARE};
use super::installation::{self, Installation};
use super::layout::{Layout, last_lines, start};
use super::process::{Stopper, pause};
use crate::clock::Stopwatch;
use crate::connection::{self, Way};
use crate::{Account, Address, LiveOptions, Node, runtime};

/// How a private server is started.
#[derive(Clone, Debug)]
pub struct SambaOptions {
    /// Where it lives: made by it, removed by it; must be empty or a killed run's.
    pub directory: PathBuf,
    /// The program, or the root of another system that has one; found in PATH and in the system's `sbin` directories
    /// where nothing is named.
    pub smbd: Option<PathBuf>,
    /// How many times as fast its clock runs; as usual where nothing is said. Its timers end as much sooner.
    pub fast: Option<u32>,
    /// Further lines of `[global]`: name and value.
    pub settings: Vec<(String, String)>,
    /// How long it may take until a login works.
    pub ready_within: Duration,
}

impl SambaOptions {
    /// The usual options with this directory.
    #[must_use]
    pub fn in_directory(directory: impl Into<PathBuf>) -> SambaOptions {
        SambaOptions {
            directory: directory.into(),
            smbd: None,
            fast: None,
            settings: Vec::new(),
            ready_within: Duration::from_secs(15),
        }
    }

    /// Why such a server cannot be started on this machine, with the remedy, as far as that is known without trying.
    #[must_use]
    pub fn absent(&self) -> Option<String> {
        let installation = Installation::find(self.smbd.as_deref());
        installation.and_then(|found| found.sped_up(self.fast)).err().map(|fault| fault.to_string())
    }
}

/// A private `smbd` that answers; dropping it stops it and removes its directory.
#[derive(Debug)]
pub struct ManagedSamba {
    address: Address,
    account: SambaAccount,
    second_account: Option<SambaAccount>,
    /// The further addresses that it listens on.
    nodes: Vec<Ipv4Addr>,
    version: String,
    installation: Installation,
    layout: Layout,
    stopper: Stopper,
}

/// The second node: every Linux answers on all of 127/8; other systems may not.
const SECOND_NODE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// A port may be taken between our look and smbd's: that often we take another.
const PORT_TRIES: usize = 4;
/// What smbd's log says then.
const PORT_TAKEN: &str = "Address already in use";
/// The longest that a connection to a further node may take.
const NODE_WITHIN: Duration = Duration::from_secs(2);
/// Lines of the server's log that a failed start shows.
const LOG_LINES: usize = 20;
/// How a line of a backtrace in it begins: of no use to who reads the message.
const BACKTRACE: &str = "   #";

impl ManagedSamba {
    /// Starts smbd and waits until a login works.
    ///
    /// # Errors
    /// [`TargetFault::Start`]: one line that says how to get an smbd, or the reason with the end of its log.
    pub fn start(options: SambaOptions) -> Result<ManagedSamba, TargetFault> {
        let SambaOptions { directory, smbd, fast, settings, ready_within } = options;
        let installation = Installation::find(smbd.as_deref())?.sped_up(fast)?;
        let version = installation.version()?;
        let account = SambaAccount::first()?;
        let second_account = SambaAccount::second(&installation, &account)?;
        let layout =
            Layout::below(&directory, installation.root.as_deref(), second_account.is_some())?;
        let stopper = Stopper::claim(layout.clone())?;
        let address = Address {
            domain: String::new(),
            user: account.user.clone(),
            host: Ipv4Addr::LOCALHOST.to_string(),
            port: 0,
            share: SHARE.to_owned(),
        };
        // Where the address cannot be had at all, there is one node.
        let nodes = TcpListener::bind((SECOND_NODE, 0)).map(|_| SECOND_NODE).into_iter().collect();
        // From here on every way out, a failed start too, stops and removes through Drop.
        let mut samba = ManagedSamba {
            address,
            account,
            second_account,
            nodes,
            version,
            installation,
            layout,
            stopper,
        };
        samba.layout.make()?;
        let mut tries = 0;
        loop {
            tries += 1;
            match samba.try_port(&settings, ready_within) {
                Ok(()) => return Ok(samba),
                Err(Failure::PortTaken) if tries < PORT_TRIES => samba.stopper.end_process(),
                Err(Failure::PortTaken) => {
                    return Err(samba.failed("every port was taken by somebody else"));
                }
                Err(Failure::Other(fault)) => return Err(fault),
            }
        }
    }

    /// Removes what a killed run has left in the directory of a server; does nothing where nothing of ours is there.
    ///
    /// # Errors
    /// [`TargetFault::Start`] where another run lives there, or something cannot be removed.
    pub fn sweep(directory: &Path) -> Result<(), TargetFault> {
        if Stopper::has_left_overs(directory) {
            Stopper::claim(Layout::below(directory, None, false)?)?.stop();
        }
        Ok(())
    }

    /// Where `name` is installed: PATH first, then the system's `sbin` directories, which a plain user's PATH leaves out.
    #[must_use]
    pub fn find(name: &str) -> Option<PathBuf> {
        installation::program(name)
    }

    /// Where to connect.
    #[must_use]
    pub fn address(&self) -> Address {
        self.address.clone()
    }

    /// The account's password, made for this server alone.
    #[must_use]
    pub fn password(&self) -> String {
        self.account.password.0.clone()
    }

    /// How it is asked: its product, accounts, nodes and shares, everything else as usual.
    #[must_use]
    pub fn options(&self) -> LiveOptions {
        LiveOptions {
            product: Some(("samba".to_owned(), self.version())),
            accounts: self.accounts(),
            nodes: self.nodes(),
            shares: self.shares(),
            ..LiveOptions::default()
        }
    }

    /// The accounts from 2 on: another Unix user, where this process may become one.
    #[must_use]
    pub fn accounts(&self) -> Vec<Account> {
        let further = self.second_account.iter();
        further
            .map(|account| Account {
                domain: String::new(),
                user: account.user.clone(),
                password: account.password.0.clone(),
            })
            .collect()
    }

    /// The nodes from 2 on: a further loopback address of the same server, where the system has one.
    #[must_use]
    pub fn nodes(&self) -> Vec<Node> {
        let port = self.address.port;
        self.nodes.iter().map(|host| Node { host: host.to_string(), port }).collect()
    }

    /// The shares that are not the plain one: a second, with the system's own oplocks and so without leases.
    #[must_use]
    pub fn shares(&self) -> BTreeMap<ShareKind, String> {
        BTreeMap::from([(ShareKind::Second, SECOND_SHARE.to_owned())])
    }

    /// What `smbd --version` says, `major.minor.patch`.
    #[must_use]
    pub fn version(&self) -> String {
        self.version.clone()
    }

    /// The server's log; gone when the server is stopped.
    #[must_use]
    pub fn log_path(&self) -> PathBuf {
        self.layout.log_file()
    }

    /// Copies the log to a file that stays.
    ///
    /// # Errors
    /// [`TargetFault::Setup`] where the copy cannot be written.
    pub fn keep_log(&self, to: &Path) -> Result<(), TargetFault> {
        fs::copy(self.log_path(), to).map(|_| ()).map_err(|error| TargetFault::Setup {
            name: to.display().to_string(),
            reason: error.to_string(),
        })
    }

    /// The directory of a share; nothing where there is no such share.
    #[must_use]
    pub fn directory_of(&self, share: &str) -> Option<PathBuf> {
        match share {
            SHARE => Some(self.layout.share()),
            SECOND_SHARE => Some(self.layout.second_share()),
            _ => None,
        }
    }

    /// The process id of the server's parent process; nothing once it was stopped.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.stopper.process_id()
    }

    /// What stops it from elsewhere, as a signal's handler must.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    fn try_port(&mut self, settings: &[(String, String)], within: Duration) -> Result<(), Failure> {
        self.address.port = free_port(&self.nodes)?;
        let addresses: Vec<Ipv4Addr> =
            std::iter::once(Ipv4Addr::LOCALHOST).chain(self.nodes.iter().copied()).collect();
        let configuration = Configuration {
            layout: &self.layout,
            addresses: &addresses,
            port: self.address.port,
            user: &self.account.user,
            version: &self.version,
            settings,
        };
        let file = self.layout.configuration_file();
        fs::write(&file, configuration.text()).map_err(|error| start(&file, &error))?;
        // An earlier try's log would be taken for this one's.
        let _ = fs::remove_file(self.layout.log_file());
        for account in std::iter::once(&self.account).chain(&self.second_account) {
            account.add(&self.installation, &self.layout)?;
        }
        self.stopper.spawn(&self.installation)?;
        self.wait_until_ready(within)?;
        let port = self.address.port;
        self.nodes.retain(|node| answers(*node, port));
        Ok(())
    }

    fn wait_until_ready(&self, within: Duration) -> Result<(), Failure> {
        let started = Stopwatch::start();
        loop {
            let login = self.log_in(within);
            // Where it cannot have one of its addresses it stays with the others.
            if self.log().contains(PORT_TAKEN) {
                return Err(Failure::PortTaken);
            }
            if !self.stopper.is_running() {
                return Err(Failure::Other(self.failed("smbd ended before it answered")));
            }
            match login {
                Ok(()) => return Ok(()),
                Err(fault) if started.elapsed() >= within => {
                    let message = format!("smbd did not answer within {within:?}: {fault}");
                    return Err(Failure::Other(self.failed(&message)));
                }
                Err(_) => pause(),
            }
        }
    }

    /// One login, on a runtime of its own.
    fn log_in(&self, within: Duration) -> Result<(), TargetFault> {
        let way = Way {
            address: self.address.clone(),
            password: self.account.password.clone(),
            dialects: vec![Dialect::SMB2_1, Dialect::SMB3_1_1],
            signing: None,
            encryption: None,
            guest: false,
            anonymous: false,
            connect_within: within,
            login_within: within,
        };
        let guid = crate::random::bytes().map_err(TargetFault::Internal)?;
        runtime::of_caller()?.block_on(connection::open(&way, guid)).map(|_| ())
    }

    fn failed(&self, reason: &str) -> TargetFault {
        let log = self.log();
        let told: Vec<&str> = log.lines().filter(|line| !line.starts_with(BACKTRACE)).collect();
        let end = last_lines(&told.join("\n"), LOG_LINES);
        TargetFault::Start(if end.is_empty() {
            reason.to_owned()
        } else {
            format!("{reason}; the end of its log:\n{end}")
        })
    }

    fn log(&self) -> String {
        fs::read(self.log_path())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }
}

impl Drop for ManagedSamba {
    fn drop(&mut self) {
        self.stopper.stop();
    }
}

enum Failure {
    PortTaken,
    Other(TargetFault),
}

impl From<TargetFault> for Failure {
    fn from(fault: TargetFault) -> Self {
        Failure::Other(fault)
    }
}

/// A port that is free on every address that smbd shall listen on.
fn free_port(nodes: &[Ipv4Addr]) -> Result<u16, Failure> {
    let found = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| {
        let port = listener.local_addr()?.port();
        nodes.iter().try_for_each(|node| TcpListener::bind((*node, port)).map(|_| ()))?;
        Ok(port)
    });
    found.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => Failure::PortTaken,
        _ => Failure::Other(TargetFault::Start(format!("no free loopback port: {error}"))),
    })
}

/// Whether smbd listens on a node too, which it then does since before its first login.
fn answers(node: Ipv4Addr, port: u16) -> bool {
    TcpStream::connect_timeout(&SocketAddr::from((node, port)), NODE_WITHIN).is_ok()
}
