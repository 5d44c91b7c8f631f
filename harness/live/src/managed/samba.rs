//! A private Samba server on a free loopback port, for one run.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use oplock_model::TargetFault;
use oplock_wire::Dialect;

use super::configuration::{self, Layout, SHARE, last_lines};
use super::process::{Stopper, pause};
use crate::Address;
use crate::clock::Stopwatch;
use crate::connection::{self, Secret, Way};

/// How a private server is started.
#[derive(Clone, Debug)]
pub struct SambaOptions {
    /// Where it lives: made by it, removed by it; must be empty or a killed run's.
    pub directory: PathBuf,
    /// The program; found in PATH and in the system's `sbin` directories where nothing is named.
    pub smbd: Option<PathBuf>,
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
            settings: Vec::new(),
            ready_within: Duration::from_secs(15),
        }
    }
}

/// A private `smbd` that answers; dropping it stops it and removes its directory.
#[derive(Debug)]
pub struct ManagedSamba {
    address: Address,
    password: Secret,
    version: String,
    layout: Layout,
    stopper: Stopper,
}

/// A port may be taken between our look and smbd's: that often we take another.
const PORT_TRIES: usize = 4;
/// What smbd's log says then.
const PORT_TAKEN: &str = "Address already in use";
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
        let smbd = match options.smbd {
            Some(path) => path,
            None => ManagedSamba::find("smbd").ok_or_else(missing)?,
        };
        let pdbedit = beside(&smbd, "pdbedit").ok_or_else(missing)?;
        let version = version_of(&smbd)?;
        let user = configuration::caller()?;
        let password = Secret(crate::random::hex(16).map_err(TargetFault::Start)?);
        let layout = Layout::below(&options.directory)?;
        let stopper = Stopper::claim(layout.clone())?;
        let address = Address {
            domain: String::new(),
            user,
            host: Ipv4Addr::LOCALHOST.to_string(),
            port: 0,
            share: SHARE.to_owned(),
        };
        // From here on every way out, a failed start too, stops and removes through Drop.
        let mut samba = ManagedSamba { address, password, version, layout, stopper };
        samba.layout.make()?;
        let mut tries = 0;
        loop {
            tries += 1;
            match samba.try_port(&smbd, &pdbedit, &options.settings, options.ready_within) {
                Ok(()) => return Ok(samba),
                Err(Failure::PortTaken) if tries < PORT_TRIES => samba.stopper.end_process(),
                Err(Failure::PortTaken) => {
                    return Err(samba.failed("every port was taken by somebody else"));
                }
                Err(Failure::Other(fault)) => return Err(fault),
            }
        }
    }

    /// Where `name` is installed: PATH first, then the system's `sbin` directories, which a plain user's PATH leaves out.
    #[must_use]
    pub fn find(name: &str) -> Option<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .chain(["/usr/sbin", "/usr/local/sbin", "/usr/local/samba/sbin"].map(PathBuf::from))
            .map(|directory| directory.join(name))
            .find(|file| file.is_file())
    }

    /// Where to connect.
    #[must_use]
    pub fn address(&self) -> Address {
        self.address.clone()
    }

    /// The account's password, made for this server alone.
    #[must_use]
    pub fn password(&self) -> String {
        self.password.0.clone()
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

    fn try_port(
        &mut self,
        smbd: &Path,
        pdbedit: &Path,
        settings: &[(String, String)],
        within: Duration,
    ) -> Result<(), Failure> {
        self.address.port = free_port()?;
        let file = self.layout.configuration_file();
        let text =
            configuration::text(&self.layout, self.address.port, &self.address.user, settings);
        fs::write(&file, text).map_err(|error| configuration::start(&file, &error))?;
        // An earlier try's log would be taken for this one's.
        let _ = fs::remove_file(self.layout.log_file());
        configuration::add_account(pdbedit, &self.layout, &self.address.user, &self.password.0)?;
        self.stopper.spawn(smbd)?;
        self.wait_until_ready(within)
    }

    fn wait_until_ready(&self, within: Duration) -> Result<(), Failure> {
        let started = Stopwatch::start();
        loop {
            let login = self.log_in(within);
            if !self.stopper.is_running() {
                return Err(if self.log().contains(PORT_TAKEN) {
                    Failure::PortTaken
                } else {
                    Failure::Other(self.failed("smbd ended before it answered"))
                });
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
            password: self.password.clone(),
            dialects: vec![Dialect::SMB2_1, Dialect::SMB3_1_1],
            signing: None,
            encryption: None,
            connect_within: within,
            login_within: within,
        };
        let guid = crate::random::bytes().map_err(TargetFault::Internal)?;
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| TargetFault::Internal(format!("no runtime: {error}")))?
            .block_on(connection::open(&way, guid))
            .map(|_| ())
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

/// The program of the same installation, else the one in PATH.
fn beside(smbd: &Path, name: &str) -> Option<PathBuf> {
    let directory = smbd.parent();
    [directory, directory.and_then(Path::parent)]
        .into_iter()
        .flatten()
        .flat_map(|directory| [directory.join(name), directory.join("bin").join(name)])
        .find(|file| file.is_file())
        .or_else(|| ManagedSamba::find(name))
}

fn missing() -> TargetFault {
    TargetFault::Start(
        "no `smbd` in PATH or /usr/sbin: install Samba, for example `apt-get install samba samba-vfs-modules`"
            .to_owned(),
    )
}

fn version_of(smbd: &Path) -> Result<String, TargetFault> {
    let output = Command::new(smbd)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| configuration::start(smbd, &error))?;
    Ok(version_in(&String::from_utf8_lossy(&output.stdout)))
}

/// `Version 4.17.12-Debian` is 4.17.12.
fn version_in(text: &str) -> String {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .map_or_else(|| "unknown".to_owned(), |word| word.trim_end_matches('.').to_owned())
}

fn free_port() -> Result<u16, TargetFault> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| TargetFault::Start(format!("no free loopback port: {error}")))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Version 4.17.12-Debian\n", "4.17.12")]
    #[case("Version 4.23.0rc2", "4.23.0")]
    #[case("Version 4.25.", "4.25")]
    #[case("", "unknown")]
    fn versions_read(#[case] text: &str, #[case] version: &str) {
        assert_eq!(version_in(text), version);
    }
}
