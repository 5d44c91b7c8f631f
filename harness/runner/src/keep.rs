//! The files of cells that are not as they should be, for people to look at: `--keep-on-failure`.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::bench::Bench;
use crate::print;
use crate::reports::Reports;
use crate::samba::Servers;
use crate::target::Choice;
use crate::verdict::CellResult;

/// The folder below the reports that has the files of a private server's shares, a folder for each run.
pub const FOLDER: &str = "kept";
/// How the name of every run's folder begins.
const RUN: &str = "oplock-conformance-";
/// The shares of a private server.
const SHARES: [&str; 2] = ["conformance", "second"];

/// How a run keeps files.
#[derive(Clone, Debug)]
pub struct Keep {
    /// Where those of a private server go, which vanish with it.
    folder: PathBuf,
    /// Its shares: name and directory.
    shares: Vec<(&'static str, PathBuf)>,
}

/// Whether a target has files at all.
///
/// # Errors
/// A sentence where it has none, and they were to be kept.
pub fn fits(keeps: bool, choice: &Choice) -> Result<(), String> {
    if !keeps || choice.is_live() {
        return Ok(());
    }
    Err("--keep-on-failure is for the share of a server, and the reference has none: leave it out or name a live --target".to_owned())
}

impl Keep {
    /// How this run keeps files; takes away what an older one kept in the same place.
    #[must_use]
    pub fn of_run(reports: &Reports, samba: Option<&Servers>) -> Keep {
        let folder = reports.out.join(FOLDER);
        let older = fs::read_dir(&folder).into_iter().flatten().flatten();
        for path in older.map(|entry| entry.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with(RUN) {
                let _ = fs::remove_dir_all(path);
            }
        }
        let directories = |share: &'static str| {
            let all = samba.map(|samba| samba.directories_of(share)).unwrap_or_default();
            all.into_iter().map(move |directory| (share, directory))
        };
        Keep { folder, shares: SHARES.into_iter().flat_map(directories).collect() }
    }

    /// Keeps the files of a cell, and notes where they are.
    pub fn files(&self, bench: &Bench, result: &mut CellResult) {
        let Some((_, cell)) = bench.found(result) else { return };
        let (Some(leg), Some(played)) = (bench.legs.get(result.leg), &mut result.played) else {
            return;
        };
        let Some(folder) = played.folder.take() else { return };
        let (target, _) = leg.player(cell);
        let Some(place) = target.keep(&folder) else { return };
        played.kept = Some(match self.moved(&place) {
            None => place,
            Some(Ok(path)) => path.display().to_string(),
            Some(Err(reason)) => {
                print::complain(&format!("cannot keep the files of {}: {reason}", cell.id));
                return;
            }
        });
    }

    /// Where the files of a private server are from here on; nothing for those of another one, which stays.
    fn moved(&self, place: &str) -> Option<io::Result<PathBuf>> {
        let own = |(share, directory): &(&str, PathBuf)| {
            let below = place.strip_prefix(share)?.strip_prefix('/')?;
            Some((directory.join(below), self.folder.join(below)))
        };
        let mut own = self.shares.iter().filter_map(own);
        let (from, to) = own.find(|(from, _)| from.is_dir())?;
        Some(moved(&from, &to).map(|()| to))
    }
}

/// Moves a folder; one that goes to another file system is copied.
fn moved(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => copied(from, to),
        other => other,
    }
}

/// Copies files and folders; a link leads who knows where, and stays.
fn copied(from: &Path, to: &Path) -> io::Result<()> {
    let mut left = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = left.pop() {
        let kind = fs::symlink_metadata(&from)?.file_type();
        if kind.is_dir() {
            fs::create_dir_all(&to)?;
            for entry in fs::read_dir(&from)? {
                let entry = entry?;
                left.push((entry.path(), to.join(entry.file_name())));
            }
        } else if kind.is_file() {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_has_no_files() {
        let choice = |text| Choice::parse(text).expect("a target");
        assert!(fits(true, &choice("reference")).is_err());
        assert_eq!(fits(false, &choice("reference")), Ok(()));
        assert_eq!(fits(true, &choice("samba")), Ok(()));
    }

    #[test]
    fn what_goes_elsewhere_is_copied() {
        let folder = tempfile::tempdir().expect("a folder");
        let from = folder.path().join("from");
        fs::create_dir_all(from.join("below")).expect("folders");
        fs::write(from.join("below/f"), "text").expect("a file");
        std::os::unix::fs::symlink("/etc", from.join("link")).expect("a link");
        let to = folder.path().join("to/a");
        copied(&from, &to).expect("a copy");
        assert_eq!(fs::read_to_string(to.join("below/f")).ok().as_deref(), Some("text"));
        assert!(!to.join("link").exists());
        let moved_to = folder.path().join("other/b");
        moved(&from, &moved_to).expect("a move");
        assert!(!from.exists() && moved_to.join("below/f").is_file());
    }
}
