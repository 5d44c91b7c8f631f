//! The private server's smb.conf, its directories and its one account.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use oplock_model::TargetFault;

/// The directories and files of one private server.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// What the caller named.
    pub root: PathBuf,
    /// Share, log, configuration and databases: `root`, but for one with a `%`, which smb.conf would replace in some values.
    pub files: PathBuf,
    /// What holds Unix sockets: below `root`, but for one that is too long for a socket's path.
    pub sockets: PathBuf,
}

/// How the name of a directory of ours in the temporary directory begins, where `root` does not serve.
const ELSEWHERE: &str = "oplock-smbd-";

/// `sun_path` holds 108 bytes; the longest socket that smbd makes below `sockets` is `private/msg.sock/<pid>`.
const LONGEST_SOCKET_ROOT: usize = 72;

impl Layout {
    pub(super) fn below(root: &Path) -> Result<Layout, TargetFault> {
        let root = std::path::absolute(root).map_err(|error| start(root, &error))?;
        let name = crate::random::hex(6).map_err(TargetFault::Start)?;
        let elsewhere = std::env::temp_dir().join(format!("{ELSEWHERE}{name}"));
        let text = root.as_os_str().as_encoded_bytes();
        if text.contains(&b'%') {
            Ok(Layout { root, files: elsewhere.join("files"), sockets: elsewhere })
        } else if text.len() > LONGEST_SOCKET_ROOT {
            Ok(Layout { files: root.clone(), root, sockets: elsewhere })
        } else {
            Ok(Layout { files: root.clone(), sockets: root.join("run"), root })
        }
    }

    /// Whether a path is one that [`Layout::below`] took in the temporary directory.
    pub(super) fn is_elsewhere(path: &Path) -> bool {
        path.parent() == Some(&std::env::temp_dir())
            && path
                .file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(ELSEWHERE.as_bytes()))
    }

    pub(super) fn make(&self) -> Result<(), TargetFault> {
        // Databases and sockets of smbd must not be readable by others, and it refuses an `np` of another mode.
        let private = |path: &Path| {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(path)
                .map_err(|error| start(path, &error))
        };
        for name in ["share", "state", "cache", "pid"] {
            private(&self.files.join(name))?;
        }
        for name in ["private", "lock", "rpc/np"] {
            private(&self.sockets.join(name))?;
        }
        Ok(())
    }

    pub(super) fn remove(&self) {
        for path in [&self.sockets, &self.root] {
            // A child of smbd may still write while it dies: a second try finds it gone.
            if fs::remove_dir_all(path).is_err() {
                let _ = fs::remove_dir_all(path);
            }
        }
    }

    pub(super) fn configuration_file(&self) -> PathBuf {
        self.files.join("smb.conf")
    }

    pub(super) fn log_file(&self) -> PathBuf {
        self.files.join("log.smbd")
    }
}

/// The name of the one share.
pub(super) const SHARE: &str = "conformance";

/// The text of smb.conf; every line that is not obvious has its reason beside it.
pub(super) fn text(
    layout: &Layout,
    port: u16,
    user: &str,
    settings: &[(String, String)],
) -> String {
    let root = layout.files.display();
    let sockets = layout.sockets.display();
    let mut text = format!(
        "[global]
server role = standalone server
netbios name = CONFORMANCE
# Loopback only.
smb ports = {port}
interfaces = 127.0.0.1/8
bind interfaces only = yes
disable netbios = yes
# Nothing of the system's own server is read or written.
private dir = {sockets}/private
lock directory = {sockets}/lock
ncalrpc dir = {sockets}/rpc
state directory = {root}/state
cache directory = {root}/cache
pid directory = {root}/pid
log file = {root}/log.smbd
max log size = 0
passdb backend = tdbsam:{sockets}/private/passdb.tdb
usershare max shares = 0
load printers = no
printing = bsd
printcap name = /dev/null
disable spoolss = yes
# Without root there is no way to become another user.
guest account = {user}
server min protocol = SMB2_02
# Signed, unsigned and encrypted runs alike: the client says which.
server signing = auto
oplocks = yes
level2 oplocks = yes
smb2 leases = yes
# Durable handles need these three off.
kernel oplocks = no
kernel share modes = no
posix locking = no
durable handles = yes
# The owner's rights come from a security descriptor, which a full-access open of an existing file needs.
vfs objects = acl_xattr streams_xattr
acl_xattr:ignore system acls = yes
acl_xattr:security_acl_name = user.NTACL
ea support = yes
store dos attributes = yes
map archive = no
map hidden = no
map system = no
map readonly = no
"
    );
    for (name, value) in settings {
        let _ = writeln!(text, "{name} = {value}");
    }
    let _ = write!(text, "\n[{SHARE}]\npath = {root}/share\nread only = no\n");
    text
}

/// The name of the user that this process runs as: the account must be a Unix user, and without root only the caller's will do.
pub(super) fn caller() -> Result<String, TargetFault> {
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

/// Makes the account in the private password database; the password goes through stdin only.
pub(super) fn add_account(
    pdbedit: &Path,
    layout: &Layout,
    user: &str,
    password: &str,
) -> Result<(), TargetFault> {
    let failed = |reason: String| TargetFault::Start(format!("`pdbedit -a` failed: {reason}"));
    let mut child = Command::new(pdbedit)
        .arg(format!("--configfile={}", layout.configuration_file().display()))
        .args(["-a", "-t", "-u", user])
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

/// The last `count` lines of a text, trimmed.
pub(super) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.get(lines.len().saturating_sub(count)..).unwrap_or_default().join("\n")
}

/// A fault with the path that it is about.
pub(super) fn start(path: &Path, error: &io::Error) -> TargetFault {
    TargetFault::Start(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_does_not_serve_is_replaced() {
        let short = Layout::below(Path::new("/tmp/x")).unwrap();
        assert_eq!(short.sockets, Path::new("/tmp/x/run"));
        let long = Layout::below(Path::new(&format!("/tmp/{}", "x".repeat(90)))).unwrap();
        assert!(Layout::is_elsewhere(&long.sockets) && !Layout::is_elsewhere(&long.files));
        let percent = Layout::below(Path::new("/tmp/a%2Fb")).unwrap();
        assert!(percent.files.starts_with(&percent.sockets), "{percent:?}");
        assert!(Layout::is_elsewhere(&percent.sockets), "{percent:?}");
    }

    #[test]
    fn the_end_of_a_log_is_cut_at_lines() {
        assert_eq!(last_lines("a\nb\n\nc\n", 2), "b\nc");
        assert_eq!(last_lines("a", 5), "a");
    }
}
