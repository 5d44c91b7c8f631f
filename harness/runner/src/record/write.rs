//! The record while it grows.

use std::fs::{File, Metadata};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::line::Line;

/// Why the file could not be written.
#[derive(Debug, Error)]
#[error("cannot write {}: {source}", .path.display())]
pub struct WriteError {
    path: PathBuf,
    source: io::Error,
}

/// The file while it grows.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: File,
    /// How many bytes it has.
    length: u64,
}

impl Writer {
    /// Begins a new, empty file.
    ///
    /// # Errors
    /// A [`WriteError`] where the file cannot be made.
    pub fn begin(path: &Path) -> Result<Writer, WriteError> {
        let failed = |source| WriteError { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = File::create(path).map_err(failed)?;
        Ok(Writer { path: path.to_owned(), file, length: 0 })
    }

    /// Appends one line, whole: it is on its way to the disk when this returns. Says where it stands: its first byte, and how many.
    ///
    /// # Errors
    /// A [`WriteError`] where it cannot be written.
    pub fn line(&mut self, line: &Line) -> Result<(u64, usize), WriteError> {
        let failed = |source| WriteError { path: self.path.clone(), source };
        let mut text = serde_json::to_vec(line).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        self.file.write_all(&text).map_err(failed)?;
        let at = self.length;
        self.length += text.len() as u64;
        Ok((at, text.len()))
    }

    /// Makes sure that all of it is on the disk, and still where it was begun.
    ///
    /// # Errors
    /// A [`WriteError`] where the disk refuses it, or somebody took the file away.
    pub fn finish(&mut self) -> Result<(), WriteError> {
        let failed = |source| WriteError { path: self.path.clone(), source };
        self.file.sync_all().map_err(failed)?;
        if self.is_in_place() {
            return Ok(());
        }
        Err(failed(io::Error::new(
            io::ErrorKind::NotFound,
            "it was taken away while it was written",
        )))
    }

    /// Whether the path still leads to the file that is written.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        let place = |found: Metadata| (found.dev(), found.ino());
        let ours = self.file.metadata().map(place).ok();
        ours.is_some() && ours == std::fs::metadata(&self.path).map(place).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::ErrorKind;

    use super::*;
    use crate::record::CaseLine;

    fn line(id: &str) -> Line {
        Line::Case(Box::new(CaseLine { id: id.into(), ..CaseLine::default() }))
    }

    #[test]
    fn a_line_stands_where_the_writer_says() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out/results.jsonl");
        let mut writer = Writer::begin(&path).expect("a file");
        for id in ["a/one", "a/line\nbreak", "a/\u{1F512}"] {
            let (at, length) = writer.line(&line(id)).expect("a line");
            let text = fs::read(&path).expect("the file");
            let at = usize::try_from(at).expect("a place");
            // Nothing is held back, so that a reader sees whole lines at any time.
            assert_eq!(text.len(), at + length);
            let read: Line = serde_json::from_slice(&text[at..]).expect("JSON");
            assert_eq!(read, line(id));
            assert_eq!(text[at..].iter().filter(|byte| **byte == b'\n').count(), 1);
        }
        writer.finish().expect("it is on the disk");
    }

    #[test]
    fn a_full_disk_is_told() {
        let full = Path::new("/dev/full");
        let mut writer = Writer::begin(full).expect("a device");
        let error = writer.line(&Line::Footer(Box::default())).expect_err("it is full");
        assert_eq!(error.source.kind(), ErrorKind::StorageFull);
        assert!(error.to_string().starts_with("cannot write /dev/full: "), "{error}");
    }

    #[test]
    fn a_file_that_was_taken_away_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("results.jsonl");
        let mut writer = Writer::begin(&path).expect("a file");
        writer.line(&line("a/one")).expect("a line");
        assert!(writer.is_in_place());
        fs::remove_file(&path).expect("it is there");
        fs::write(&path, "another").expect("a file");
        assert!(!writer.is_in_place());
        assert!(writer.finish().expect_err("it is away").to_string().contains("taken away"));
    }
}
