//! The directories and files of one private server.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use oplock_model::TargetFault;

/// Where the parts of one private server are.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// What the caller named.
    pub root: PathBuf,
    /// Shares, log, configuration and databases: `root`, where smbd and its accounts can use that.
    pub files: PathBuf,
    /// What holds Unix sockets: below `root`, but for one that is too long for a socket's path.
    pub sockets: PathBuf,
    /// The directory that smbd takes for `/`; nothing where that is ours too.
    changed_root: Option<PathBuf>,
}

/// How the name of a directory of ours in the temporary directory begins, where `root` does not serve.
const ELSEWHERE: &str = "oplock-smbd-";
/// The temporary directory of a changed root.
const TEMPORARY: &str = "tmp";

/// `sun_path` holds 108 bytes; the longest socket that smbd makes below `sockets` is `private/msg.sock/<pid>`.
const LONGEST_SOCKET_ROOT: usize = 72;

/// What others may do with a directory: go through it.
const THROUGH: u32 = 0o011;

impl Layout {
    /// The layout of a directory, for an smbd that takes `changed_root` for `/` and serves further accounts, or not.
    pub(super) fn below(
        root: &Path,
        changed_root: Option<&Path>,
        accounts: bool,
    ) -> Result<Layout, TargetFault> {
        let root = std::path::absolute(root).map_err(|error| start(root, &error))?;
        let name = crate::random::hex(6).map_err(TargetFault::Start)?;
        let temporary = match changed_root {
            Some(changed) => changed.join(TEMPORARY),
            None => std::env::temp_dir(),
        };
        let elsewhere = temporary.join(format!("{ELSEWHERE}{name}"));
        let changed_root = changed_root.map(Path::to_owned);
        let text = root.as_os_str().as_encoded_bytes();
        let unseen = changed_root.is_some() || (accounts && !is_open_to_all(&root));
        let (files, sockets) = if unseen || text.contains(&b'%') {
            // smb.conf would replace what follows a `%` in some values.
            (elsewhere.join("files"), elsewhere)
        } else if text.len() > LONGEST_SOCKET_ROOT {
            (root.clone(), elsewhere)
        } else {
            (root.clone(), root.join("run"))
        };
        Ok(Layout { root, files, sockets, changed_root })
    }

    /// Whether a path is one that [`Layout::below`] took: in a temporary directory, ours or that of a root with an smbd.
    pub(super) fn is_elsewhere(path: &Path) -> bool {
        let named = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(ELSEWHERE.as_bytes()));
        named
            && path.parent().is_some_and(|parent| {
                parent == std::env::temp_dir()
                    || (parent.ends_with(TEMPORARY)
                        && parent
                            .parent()
                            .is_some_and(|changed| super::installation::smbd_in(changed).is_some()))
            })
    }

    /// The path as smbd names it.
    pub(super) fn seen(&self, path: &Path) -> PathBuf {
        let below = self.changed_root.as_ref().and_then(|root| path.strip_prefix(root).ok());
        below.map_or_else(|| path.to_owned(), |below| Path::new("/").join(below))
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
        let state = ["state", "cache", "pid"].map(|name| self.files.join(name));
        let (lock, rpc) = (self.sockets.join("lock"), self.sockets.join("rpc"));
        for path in state.iter().chain([&lock, &self.sockets.join("private"), &rpc.join("np")]) {
            private(path)?;
        }
        // Every account must reach the shares; what it may do there, a file's security descriptor says. And a server that works
        // for one looks up by the lock directory whether the other's lives: what it cannot see holds no oplock any more.
        for path in state.iter().chain([&self.sockets, &self.files, &lock, &rpc]) {
            permit(path, THROUGH)?;
        }
        for path in [self.share(), self.second_share()] {
            private(&path)?;
            permit(&path, 0o777)?;
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

    /// The directory of the share.
    pub(super) fn share(&self) -> PathBuf {
        self.files.join("share")
    }

    /// The directory of the second share.
    pub(super) fn second_share(&self) -> PathBuf {
        self.files.join("second")
    }

    pub(super) fn configuration_file(&self) -> PathBuf {
        self.files.join("smb.conf")
    }

    pub(super) fn log_file(&self) -> PathBuf {
        self.files.join("log.smbd")
    }
}

/// Whether everybody may go through a directory and all that it is in, as far as they exist.
fn is_open_to_all(path: &Path) -> bool {
    path.ancestors().filter_map(|path| fs::metadata(path).ok()).all(|known| {
        let others = known.permissions().mode() & THROUGH & 0o007;
        others != 0
    })
}

/// Adds to what a directory of ours permits.
fn permit(path: &Path, mode: u32) -> Result<(), TargetFault> {
    let known = fs::metadata(path).map_err(|error| start(path, &error))?;
    let mode = known.permissions().mode() | mode;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|error| start(path, &error))
}

/// A fault with the path that it is about.
pub(super) fn start(path: &Path, error: &io::Error) -> TargetFault {
    TargetFault::Start(format!("{}: {error}", path.display()))
}

/// The last `count` lines of a text, trimmed.
pub(super) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.get(lines.len().saturating_sub(count)..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn below(root: &str) -> Layout {
        Layout::below(Path::new(root), None, false).unwrap()
    }

    #[test]
    fn a_directory_that_does_not_serve_is_replaced() {
        assert_eq!(below("/tmp/x").sockets, Path::new("/tmp/x/run"));
        let long = below(&format!("/tmp/{}", "x".repeat(90)));
        assert!(Layout::is_elsewhere(&long.sockets) && !Layout::is_elsewhere(&long.files));
        let percent = below("/tmp/a%2Fb");
        assert!(percent.files.starts_with(&percent.sockets), "{percent:?}");
        assert!(Layout::is_elsewhere(&percent.sockets), "{percent:?}");
    }

    #[test]
    fn a_changed_root_holds_everything() {
        let changed = Layout::below(Path::new("/tmp/x"), Some(Path::new("/srv/r")), true).unwrap();
        assert!(changed.sockets.starts_with("/srv/r/tmp"), "{changed:?}");
        assert!(changed.files.starts_with(&changed.sockets), "{changed:?}");
        let seen = changed.seen(&changed.share());
        assert_eq!(Path::new("/srv/r").join(seen.strip_prefix("/").unwrap()), changed.share());
        // Nothing is removed there unless an smbd shows that it is such a root.
        assert!(!Layout::is_elsewhere(&changed.sockets));
        assert_eq!(below("/tmp/x").seen(Path::new("/tmp/x/share")), Path::new("/tmp/x/share"));
    }

    #[test]
    fn the_end_of_a_log_is_cut_at_lines() {
        assert_eq!(last_lines("a\nb\n\nc\n", 2), "b\nc");
        assert_eq!(last_lines("a", 5), "a");
    }
}
