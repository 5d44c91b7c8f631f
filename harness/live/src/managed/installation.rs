//! The Samba that is started: its programs, the root that it lives in, the clock that it is given.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use oplock_model::TargetFault;

use super::layout::start;

/// The programs of one Samba.
#[derive(Clone, Debug)]
pub(super) struct Installation {
    /// The directory that its programs take for `/`; nothing where that is ours too.
    pub root: Option<PathBuf>,
    /// The server, as it is named inside `root`.
    smbd: PathBuf,
    /// What makes accounts, as it is named inside `root`.
    pdbedit: PathBuf,
    /// The library and the factor that make its clock run fast.
    fast: Option<(PathBuf, u32)>,
}

/// Where a root, or this system, may have programs that a plain user's PATH leaves out.
const SYSTEM: [&str; 3] = ["usr/sbin", "usr/local/sbin", "usr/local/samba/sbin"];
/// Where a root has the programs that are not for the system alone.
const USUAL: [&str; 5] = ["usr/bin", "usr/sbin", "usr/local/bin", "usr/local/samba/bin", "bin"];
/// Where a system has its libraries; distributions differ.
const LIBRARIES: [&str; 4] = ["usr/lib", "usr/lib64", "usr/local/lib", "lib"];
/// The library below one of them, or below a folder of theirs that names the machine. Of its two builds the one for threads:
/// smbd reads and writes files on threads of its own.
const CLOCK: &str = "faketime/libfaketimeMT.so.1";

impl Installation {
    /// Finds the programs: of the named smbd or root, else of this system.
    pub(super) fn find(named: Option<&Path>) -> Result<Installation, TargetFault> {
        let Some(named) = named else {
            let smbd = program("smbd").ok_or_else(missing)?;
            let pdbedit = beside(&smbd, "pdbedit").ok_or_else(missing)?;
            return Ok(Installation { root: None, smbd, pdbedit, fast: None });
        };
        let named = std::path::absolute(named).map_err(|error| start(named, &error))?;
        if !named.is_dir() {
            // What is no file either says so when it is started.
            let pdbedit = beside(&named, "pdbedit").ok_or_else(missing)?;
            return Ok(Installation { root: None, smbd: named, pdbedit, fast: None });
        }
        let none = |what: &str| {
            TargetFault::Start(format!(
                "{}: a root has {what}; name an smbd, or a root that has one, as `ci/samba-root SUITE ROOT` makes it",
                named.display()
            ))
        };
        let smbd = smbd_in(&named).ok_or_else(|| none("usr/sbin/smbd, this has none"))?;
        let pdbedit = in_root(&named, &USUAL, "pdbedit")
            .ok_or_else(|| none("usr/bin/pdbedit, this has none"))?;
        if !is_superuser() {
            return Err(TargetFault::Start(format!(
                "{}: only root may start the smbd of another root; run as root, or name an smbd of this system",
                named.display()
            )));
        }
        // smbd asks /proc for the paths of what it has open.
        if !named.join("proc/self").exists() {
            return Err(TargetFault::Start(format!(
                "{0}/proc is empty, and smbd needs it: run `mount -t proc proc {0}/proc`, as `ci/samba-root` does",
                named.display()
            )));
        }
        Ok(Installation { root: Some(named), smbd, pdbedit, fast: None })
    }

    /// The same with a clock that runs so many times as fast.
    pub(super) fn sped_up(self, factor: Option<u32>) -> Result<Installation, TargetFault> {
        let Some(factor) = factor else { return Ok(self) };
        let root = self.root.as_deref().unwrap_or(Path::new("/"));
        let library = clock_in(root).ok_or_else(|| {
            let inside = self.root.as_ref().map(|root| format!(" in {}", root.display()));
            TargetFault::Start(format!(
                "fast timers need libfaketime{}: install it, for example `apt-get install faketime`",
                inside.unwrap_or_default()
            ))
        })?;
        Ok(Installation { fast: Some((library, factor)), ..self })
    }

    /// A call of a program, as it is named inside the root.
    pub(super) fn call(&self, program: impl AsRef<Path>) -> Command {
        let program = program.as_ref();
        match &self.root {
            Some(root) => {
                // In a directory of the system's, which a PATH may leave out.
                let chroot = self::program("chroot").unwrap_or_else(|| "chroot".into());
                let mut command = Command::new(chroot);
                command.arg(root).arg(program);
                command
            }
            None => Command::new(program),
        }
    }

    /// A call of the server.
    pub(super) fn smbd(&self) -> Command {
        let Some((library, factor)) = &self.fast else { return self.call(&self.smbd) };
        // Through `env`, as chroot(8) would look for the library in our own root.
        let mut command = self.call("env");
        command
            .arg(format!("LD_PRELOAD={}", library.display()))
            .arg(format!("FAKETIME=+0 x{factor}"))
            .arg(&self.smbd);
        command
    }

    /// A call of what makes accounts.
    pub(super) fn pdbedit(&self) -> Command {
        self.call(&self.pdbedit)
    }

    /// What `smbd --version` says, `major.minor.patch`.
    pub(super) fn version(&self) -> Result<String, TargetFault> {
        let output = self
            .call(&self.smbd)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| start(&self.smbd, &error))?;
        let said = String::from_utf8_lossy(&output.stderr);
        match version_in(&String::from_utf8_lossy(&output.stdout)) {
            Some(version) => Ok(version),
            None => Err(TargetFault::Start(format!(
                "`{} --version` names no version: {}",
                self.smbd.display(),
                said.lines().next().unwrap_or("it says nothing")
            ))),
        }
    }
}

/// Where `name` is installed: PATH first, then the system's `sbin` directories, which a plain user's PATH leaves out.
pub(super) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(SYSTEM.map(|directory| Path::new("/").join(directory)))
        .map(|directory| directory.join(name))
        .find(|file| file.is_file())
}

/// The server of a root, as it is named inside; nothing where there is none.
pub(super) fn smbd_in(root: &Path) -> Option<PathBuf> {
    in_root(root, &SYSTEM, "smbd")
}

/// Whether this process may do everything.
pub(super) fn is_superuser() -> bool {
    rustix::process::geteuid().is_root()
}

fn in_root(root: &Path, directories: &[&str], name: &str) -> Option<PathBuf> {
    let below = directories.iter().map(|directory| Path::new(directory).join(name));
    below
        .into_iter()
        .find(|below| root.join(below).is_file())
        .map(|below| Path::new("/").join(below))
}

/// The library of a root that makes clocks run fast, as it is named inside.
fn clock_in(root: &Path) -> Option<PathBuf> {
    let found = LIBRARIES.iter().map(|name| root.join(name)).find_map(|libraries| {
        let folders = std::fs::read_dir(&libraries).into_iter().flatten().flatten();
        let below = folders.map(|entry| entry.path());
        std::iter::once(libraries)
            .chain(below)
            .map(|path| path.join(CLOCK))
            .find(|path| path.is_file())
    })?;
    found.strip_prefix(root).ok().map(|below| Path::new("/").join(below))
}

/// The program of the same installation, else the one in PATH.
fn beside(smbd: &Path, name: &str) -> Option<PathBuf> {
    let directory = smbd.parent();
    [directory, directory.and_then(Path::parent)]
        .into_iter()
        .flatten()
        .flat_map(|directory| [directory.join(name), directory.join("bin").join(name)])
        .find(|file| file.is_file())
        .or_else(|| program(name))
}

fn missing() -> TargetFault {
    TargetFault::Start(
        "no `smbd` in PATH or /usr/sbin: install Samba, for example `apt-get install samba samba-vfs-modules`"
            .to_owned(),
    )
}

/// `Version 4.17.12-Debian` is 4.17.12.
fn version_in(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .map(|word| word.trim_end_matches('.').to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Version 4.17.12-Debian\n", Some("4.17.12"))]
    #[case("Version 4.23.0rc2", Some("4.23.0"))]
    #[case("Version 4.25.", Some("4.25"))]
    #[case("", None)]
    fn versions_read(#[case] text: &str, #[case] version: Option<&str>) {
        assert_eq!(version_in(text).as_deref(), version);
    }

    #[test]
    fn a_directory_without_an_smbd_is_no_root() {
        let folder = std::env::temp_dir();
        let said = Installation::find(Some(&folder)).unwrap_err().to_string();
        assert!(said.contains("this has none") && said.contains("ci/samba-root"), "{said}");
    }
}
