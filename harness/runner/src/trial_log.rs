//! The log of libtest-mimic, whose printer panics where it cannot write: it gets a pipe that always takes what it says, and what
//! comes out goes to the file as long as that can be written. A full disk ends a run with a message, not with a panic.

use std::fs::{File, OpenOptions};
use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::Path;
use std::thread::{self, JoinHandle};

/// The log while the trials run; dropping it waits until all of it is written.
#[derive(Debug)]
pub struct TrialLog {
    name: String,
    /// Our end of the pipe; what is read ends once nobody has one.
    end: Option<PipeWriter>,
    copying: Option<JoinHandle<()>>,
}

impl TrialLog {
    /// Begins the log in a new file.
    ///
    /// # Errors
    /// The system's, where there can be no file or no pipe.
    pub fn begin(path: &Path) -> io::Result<TrialLog> {
        let file = File::create(path)?;
        let (reader, end) = io::pipe()?;
        let name = format!("/dev/fd/{}", end.as_raw_fd());
        if OpenOptions::new().write(true).open(&name).is_err() {
            // Where pipes have no names, the file must do.
            let name = path.to_string_lossy().into_owned();
            return Ok(TrialLog { name, end: None, copying: None });
        }
        let copying = thread::Builder::new().name("log".to_owned()).spawn(|| copy(reader, file))?;
        Ok(TrialLog { name, end: Some(end), copying: Some(copying) })
    }

    /// The file that the printer is to write.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for TrialLog {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(copying) = self.copying.take() {
            let _ = copying.join();
        }
    }
}

/// Reads to the end, and writes until that fails.
fn copy(mut from: PipeReader, to: File) {
    let mut to = Some(to);
    let mut part = vec![0; 64 * 1024];
    loop {
        let length = match from.read(&mut part) {
            Ok(0) => return,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        let read = part.get(..length).unwrap_or_default();
        to = to.filter(|mut file| file.write_all(read).is_ok());
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_written_by_name_is_in_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("libtest.log");
        let log = TrialLog::begin(&path).expect("a log");
        let mut printer = File::create(log.name()).expect("the pipe by its name");
        let line = "test a ... ok\n".repeat(20_000);
        printer.write_all(line.as_bytes()).expect("a pipe takes it");
        drop((printer, log));
        assert_eq!(fs::read_to_string(path).expect("the file"), line);
    }

    #[test]
    fn a_full_disk_stops_no_printer() {
        let log = TrialLog::begin(Path::new("/dev/full")).expect("a log");
        let mut printer = File::create(log.name()).expect("the pipe by its name");
        for _ in 0..1000 {
            printer.write_all(&[b'x'; 1000]).expect("a pipe takes it");
        }
    }
}
