//! The accounts of the private server: Unix users with a password of their own for it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use oplock_model::TargetFault;

use super::installation::{Installation, is_superuser};
use super::layout::{Layout, last_lines};
use crate::connection::Secret;

/// A Unix user that every system has, and that nobody is logged in as.
const SECOND: &str = "nobody";

/// An account of the private server.
#[derive(Clone, Debug)]
pub(super) struct SambaAccount {
    /// Its name, a Unix user's.
    pub user: String,
    /// Its password, made for this server alone.
    pub password: Secret,
}

impl SambaAccount {
    /// The account of the user that this process runs as: without root smbd cannot become anybody else.
    pub(super) fn first() -> Result<SambaAccount, TargetFault> {
        SambaAccount::of(caller()?)
    }

    /// A second account, where smbd can become another user and the system has it.
    pub(super) fn second(
        installation: &Installation,
        first: &SambaAccount,
    ) -> Result<Option<SambaAccount>, TargetFault> {
        if !is_superuser() || first.user == SECOND {
            return Ok(None);
        }
        let known = installation.call("id").args(["-u", SECOND]).stdin(Stdio::null()).output();
        if known.is_ok_and(|output| output.status.success()) {
            SambaAccount::of(SECOND.to_owned()).map(Some)
        } else {
            Ok(None)
        }
    }

    fn of(user: String) -> Result<SambaAccount, TargetFault> {
        let password = Secret(crate::random::hex(16).map_err(TargetFault::Start)?);
        Ok(SambaAccount { user, password })
    }

    /// Makes the account in the private password database; the password goes through stdin only.
    pub(super) fn add(
        &self,
        installation: &Installation,
        layout: &Layout,
    ) -> Result<(), TargetFault> {
        let failed = |reason: String| TargetFault::Start(format!("`pdbedit -a` failed: {reason}"));
        let password = &self.password.0;
        let configuration = layout.seen(&layout.configuration_file());
        let mut child = installation
            .pdbedit()
            .arg(format!("--configfile={}", configuration.display()))
            .args(["-a", "-t", "-u", &self.user])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        if let Some(mut stdin) = child.stdin.take() {
            // Where it ended before it read, its own message below says more than the broken pipe.
            let _ = writeln!(stdin, "{password}\n{password}");
        }
        let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].concat();
        Err(failed(last_lines(&String::from_utf8_lossy(&said), 5).replace(password, "***")))
    }
}

/// The name of the user that this process runs as: the account must be a Unix user.
fn caller() -> Result<String, TargetFault> {
    let output = Command::new("id").arg("-un").stdin(Stdio::null()).output().map_err(|error| {
        TargetFault::Start(format!("cannot ask `id -un` for the user: {error}"))
    })?;
    let name = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !output.status.success() || name.is_empty() {
        return Err(TargetFault::Start(
            "`id -un` knows no name for this user: the server's account must be a Unix user"
                .to_owned(),
        ));
    }
    Ok(name)
}
