//! The reports of a run: where they are, and what they are before, during and after it.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::record::Record;
use crate::stop::Stop;
use crate::{capture, junit};

/// Where the reports of a run go.
#[derive(Clone, Debug)]
pub struct Reports {
    /// The folder.
    pub out: PathBuf,
    /// A second copy of the JUnit report.
    pub junit_copy: Option<PathBuf>,
}

impl Reports {
    /// The JUnit reports.
    pub fn junit(&self) -> impl Iterator<Item = PathBuf> {
        [self.out.join("junit.xml")].into_iter().chain(self.junit_copy.clone())
    }

    /// The results, a line each.
    #[must_use]
    pub fn jsonl(&self) -> PathBuf {
        self.out.join("results.jsonl")
    }

    /// Every report of a run.
    pub fn all(&self) -> impl Iterator<Item = PathBuf> {
        [self.jsonl(), self.out.join("report.html")].into_iter().chain(self.junit())
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
        for path in self.all() {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(cannot_write(&path, &error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Takes older reports away, and writes those of a plan in which nothing has run: neither a killed run nor an older report
    /// may look whole.
    ///
    /// # Errors
    /// A [`Stop`] where something cannot be written or removed.
    pub fn nothing_ran(&self, plan: &Record) -> Result<(), Stop> {
        fs::create_dir_all(&self.out).map_err(|error| cannot_write(&self.out, &error))?;
        match fs::remove_file(self.jsonl()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(cannot_write(&self.jsonl(), &error));
            }
            _ => {}
        }
        capture::clear(&self.out.join(capture::FOLDER)).map_err(Stop::harness)?;
        for path in self.junit() {
            write_junit(&path, plan)?;
        }
        Ok(())
    }
}

/// Writes every report of a record but the record itself.
///
/// # Errors
/// A [`Stop`] where one cannot be written.
pub fn write(reports: &Reports, record: &Record) -> Result<(), Stop> {
    for path in reports.junit() {
        write_junit(&path, record)?;
    }
    Ok(())
}

fn write_junit(path: &Path, record: &Record) -> Result<(), Stop> {
    junit::write(path, record).map_err(|error| Stop::harness(error.to_string()))
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
    let found = fs::metadata(path).ok();
    if found.is_some_and(|found| !found.is_file() && !found.is_dir()) {
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
