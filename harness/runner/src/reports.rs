//! The reports of a run: where they are, and what they are before, during and after it.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::cli::{ConsoleArgs, JunitKnown, TellArgs};
use crate::record::Record;
use crate::stop::Stop;
use crate::{capture, html, junit};

/// Where the reports of a run go.
#[derive(Clone, Debug)]
pub struct Reports {
    /// The folder.
    pub out: PathBuf,
    /// A second copy of the JUnit report.
    pub junit_copy: Option<PathBuf>,
    /// What a known deviation is in the JUnit report.
    pub junit_known: JunitKnown,
    /// How the console tells of it.
    pub console: ConsoleArgs,
}

impl Reports {
    /// The reports in this folder, as somebody wants them.
    #[must_use]
    pub fn new(out: PathBuf, tell: &TellArgs) -> Reports {
        let TellArgs { junit, junit_known, console } = tell.clone();
        Reports { out, junit_copy: junit, junit_known, console }
    }

    /// The JUnit reports.
    pub fn junit(&self) -> impl Iterator<Item = PathBuf> {
        [self.out.join("junit.xml")].into_iter().chain(self.junit_copy.clone())
    }

    /// The results, a line each.
    #[must_use]
    pub fn jsonl(&self) -> PathBuf {
        self.out.join("results.jsonl")
    }

    /// The page.
    #[must_use]
    pub fn html(&self) -> PathBuf {
        self.out.join("report.html")
    }

    /// Every report of a run.
    pub fn all(&self) -> impl Iterator<Item = PathBuf> {
        [self.jsonl(), self.html()].into_iter().chain(self.junit())
    }

    /// Refuses to write where the record stands of which the reports are made.
    ///
    /// # Errors
    /// A [`Stop`] that says what to do instead.
    pub fn spare(&self, record: &Path) -> Result<(), Stop> {
        match self.all().find(|report| same_place(report, record)) {
            None => Ok(()),
            Some(_) => Err(Stop::usage(format!(
                "--out {} would overwrite {}; name another folder",
                self.out.display(),
                record.display()
            ))),
        }
    }

    /// Takes older reports away, so that none of them looks like one of another record.
    ///
    /// # Errors
    /// A [`Stop`] where one cannot be removed.
    pub fn take_away(&self) -> Result<(), Stop> {
        self.all().filter(|path| !self.is_elsewhere(path)).try_for_each(|path| remove(&path))
    }

    /// Takes older reports away, and writes those of a plan in which nothing has run: neither a killed run nor an older report
    /// may look whole.
    ///
    /// # Errors
    /// A [`Stop`] where something cannot be written or removed.
    pub fn nothing_ran(&self, plan: &Record) -> Result<(), Stop> {
        fs::create_dir_all(&self.out).map_err(|error| cannot_write(&self.out, &error))?;
        remove(&self.jsonl())?;
        remove(&self.html())?;
        capture::clear(&self.out.join(capture::FOLDER)).map_err(Stop::harness)?;
        // Who reads a pipe wants one report, that of the end.
        for path in self.junit().filter(|path| !self.is_elsewhere(path)) {
            write_junit(&path, plan, self.junit_known)?;
        }
        Ok(())
    }

    /// Whether this is the second JUnit report, and goes to a pipe or a device: neither may be removed or replaced.
    fn is_elsewhere(&self, path: &Path) -> bool {
        self.junit_copy.as_deref() == Some(path) && is_special(path)
    }
}

fn remove(path: &Path) -> Result<(), Stop> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot_write(path, &error)),
        _ => Ok(()),
    }
}

/// Whether something is there that is neither a file nor a folder.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// Writes every report of a record but the record itself.
///
/// # Errors
/// A [`Stop`] where one cannot be written.
pub fn write(reports: &Reports, record: &Record) -> Result<(), Stop> {
    for path in reports.junit() {
        write_junit(&path, record, reports.junit_known)?;
    }
    let html = reports.html();
    replace(&html, |file| html::write(record, file)).map_err(|error| cannot_write(&html, &error))
}

fn write_junit(path: &Path, record: &Record, known: JunitKnown) -> Result<(), Stop> {
    junit::write(path, record, known).map_err(|error| Stop::harness(error.to_string()))
}

/// Puts a file in the place of another one, so that a reader sees the old one or the new one, never a part.
///
/// # Errors
/// The system's.
pub fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    if is_special(path) {
        // A pipe or a device cannot be replaced, and must not be: `--junit /dev/stdout`.
        let mut there = io::BufWriter::new(fs::OpenOptions::new().write(true).open(path)?);
        write(&mut there)?;
        return there.flush();
    }
    // What a link points at is replaced, not the link.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    let written = (|| {
        let mut file = io::BufWriter::new(fs::File::create(&new)?);
        write(&mut file)?;
        file.flush()?;
        file.get_ref().sync_all()?;
        fs::rename(&new, path)
    })();
    if written.is_err() {
        // What is half written helps nobody.
        let _ = fs::remove_file(&new);
    }
    written
}

/// Whether both name one file or folder that is there.
#[must_use]
pub fn same_place(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Says that a file cannot be written.
pub fn cannot_write(path: &Path, error: &io::Error) -> Stop {
    Stop::harness(format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let name = |entry: io::Result<fs::DirEntry>| {
            entry.expect("an entry").file_name().to_string_lossy().into_owned()
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn a_reader_sees_the_old_file_or_the_new_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("below/report.html");
        replace(&path, |file| file.write_all(b"old")).expect("a file");
        let written = replace(&path, |file| {
            file.write_all(b"new")?;
            file.flush()?;
            assert_eq!(fs::read(&path)?, b"old");
            Ok(())
        });
        written.expect("a file");
        assert_eq!(fs::read(&path).expect("the file"), b"new");
        assert_eq!(names(path.parent().expect("a folder")), ["report.html"]);
    }

    #[test]
    fn half_a_report_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("junit.xml");
        fs::write(&path, "old").expect("a file");
        let failed = replace(&path, |file| {
            file.write_all(&[b'n'; 100_000])?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        });
        assert_eq!(failed.expect_err("it failed").kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::read(&path).expect("the file"), b"old");
        assert_eq!(names(folder.path()), ["junit.xml"]);
    }

    #[test]
    fn a_link_stays_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, link) = (folder.path().join("kept.xml"), folder.path().join("junit.xml"));
        fs::write(&path, "old").expect("a file");
        symlink("kept.xml", &link).expect("a link");
        replace(&link, |file| file.write_all(b"new")).expect("a file");
        assert_eq!(fs::read(&path).expect("the file"), b"new");
        assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
    }

    #[test]
    fn a_folder_in_its_place_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("junit.xml");
        fs::create_dir(&path).expect("a folder");
        assert!(replace(&path, |file| file.write_all(b"new")).is_err());
        assert_eq!(names(folder.path()), ["junit.xml"]);
    }

    #[test]
    fn a_device_is_written_to() {
        replace(Path::new("/dev/null"), |file| file.write_all(b"new")).expect("a device");
        assert!(replace(Path::new("/dev/full"), |file| file.write_all(b"new")).is_err());
        assert!(is_special(Path::new("/dev/null")) && is_special(Path::new("/dev/full")));
    }
}
