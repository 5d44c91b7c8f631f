//! A folder of reports belongs to one command at a time: two runs that wrote there would leave reports of neither.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use crate::reports::cannot_write;
use crate::stop::Stop;

/// That the folder is ours, until this is dropped or the process ends, however it does.
#[derive(Debug)]
pub struct Taken {
    /// Nothing where the file system knows no locks: there nobody can be told apart.
    _lock: Option<File>,
}

/// Makes the folder where it is not there, and takes it. The lock is on the folder itself, so that no file of it stays behind.
///
/// # Errors
/// A [`Stop`] where it cannot be made, or where another command has it.
pub fn take(folder: &Path) -> Result<Taken, Stop> {
    let failed = |error| cannot_write(folder, &error);
    fs::create_dir_all(folder).map_err(failed)?;
    let lock = File::open(folder).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(Taken { _lock: Some(lock) }),
        Err(TryLockError::WouldBlock) => Err(Stop::harness(format!(
            "another command writes its reports to {}: wait for its end, or name another folder with --out",
            folder.display()
        ))),
        Err(TryLockError::Error(_)) => Ok(Taken { _lock: None }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn a_folder_is_taken_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("a/b");
        let taken = take(&out).expect("it is free");
        let stop = take(&out).expect_err("it is taken");
        assert_eq!(stop.exit, Exit::Harness);
        assert!(stop.message.starts_with("another command writes its reports to "), "{stop:?}");
        drop(taken);
        assert!(take(&out).is_ok());
        assert_eq!(fs::read_dir(&out).expect("a folder").count(), 0);
    }

    #[test]
    fn what_is_no_folder_cannot_be_taken() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        assert_eq!(take(file.path()).expect_err("a file").exit, Exit::Harness);
        assert_eq!(take(&file.path().join("out")).expect_err("in a file").exit, Exit::Harness);
    }
}
