//! The running smbd: one process group of its own, and everything that ends it.

use std::fs::{File, OpenOptions};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oplock_model::TargetFault;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use super::installation::Installation;
use super::layout::{Layout, start};

/// How long smbd may take to end by itself once its stdin is at its end.
const GRACE: Duration = Duration::from_secs(2);
/// How often we look whether it has.
const LOOK: Duration = Duration::from_millis(5);

/// Stops the server and removes its directories: from Drop, or from a thread that handles a signal.
#[derive(Clone, Debug)]
pub struct Stopper(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// Nothing where no smbd runs (any more).
    child: Option<Child>,
    layout: Layout,
    /// Held as long as the directory is in use; nothing after the stop.
    lock: Option<File>,
}

impl Stopper {
    /// Takes the directory for itself and removes what a killed run left in it.
    pub(super) fn claim(layout: Layout) -> Result<Stopper, TargetFault> {
        let root = &layout.root;
        let lock_path = root.join(LOCK_NAME);
        let known = lock_path.exists();
        let empty = std::fs::read_dir(root).map_or(true, |mut entries| entries.next().is_none());
        if !known && !empty {
            return Err(TargetFault::Start(format!(
                "{} is not empty and not from us: name another directory for the private server",
                root.display()
            )));
        }
        std::fs::create_dir_all(root).map_err(|error| start(root, &error))?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(|error| start(&lock_path, &error))?;
        if lock.try_lock().is_err() {
            return Err(TargetFault::Start(format!(
                "{} is in use by another run: wait for its end or name another directory",
                root.display()
            )));
        }
        let before = std::fs::read_to_string(&lock_path).unwrap_or_default();
        if Layout::is_elsewhere(Path::new(&before)) {
            let _ = std::fs::remove_dir_all(&before);
        }
        // Where the next run finds what this one leaves when it is killed.
        std::fs::write(&lock_path, layout.sockets.as_os_str().as_encoded_bytes())
            .map_err(|error| start(&lock_path, &error))?;
        for entry in std::fs::read_dir(root).map_err(|error| start(root, &error))?.flatten() {
            if entry.file_name() != LOCK_NAME {
                let path = entry.path();
                let removed = if path.is_dir() {
                    std::fs::remove_dir_all(&path)
                } else {
                    std::fs::remove_file(&path)
                };
                removed.map_err(|error| start(&path, &error))?;
            }
        }
        let state = State { child: None, layout, lock: Some(lock) };
        Ok(Stopper(Arc::new(Mutex::new(state))))
    }

    /// Whether a directory is one that a run has claimed and not removed.
    pub(super) fn has_left_overs(directory: &Path) -> bool {
        directory.join(LOCK_NAME).exists()
    }

    /// Starts smbd in a process group of its own, with a pipe of ours as its stdin.
    pub(super) fn spawn(&self, installation: &Installation) -> Result<(), TargetFault> {
        let mut state = self.state();
        if state.lock.is_none() {
            return Err(TargetFault::Start("the run is ending".to_owned()));
        }
        let log_path = state.layout.log_file();
        let open = || OpenOptions::new().create(true).append(true).open(&log_path);
        let log = open().map_err(|error| start(&log_path, &error))?;
        let log_too = open().map_err(|error| start(&log_path, &error))?;
        let child = installation
            .smbd()
            // At its end smbd signals its whole group: in ours that would end the harness.
            .process_group(0)
            .args(["-F", "--no-process-group", "-s"])
            .arg(state.layout.seen(&state.layout.configuration_file()))
            // Its end of file is what ends smbd where the harness is killed.
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(log_too)
            .spawn()
            .map_err(|error| TargetFault::Start(format!("cannot start smbd: {error}")))?;
        state.child = Some(child);
        Ok(())
    }

    /// Whether smbd runs.
    pub(super) fn is_running(&self) -> bool {
        self.state().child.as_ref().is_some_and(|child| !has_ended(child))
    }

    /// The process id of smbd, where one was started and not stopped.
    pub(super) fn process_id(&self) -> Option<u32> {
        self.state().child.as_ref().map(Child::id)
    }

    /// Ends smbd and its children, but keeps the directories: before another try.
    pub(super) fn end_process(&self) {
        end(self.state().child.take());
    }

    /// Ends smbd and its children and removes their directories; does nothing the second time.
    pub fn stop(&self) {
        let mut state = self.state();
        end(state.child.take());
        if state.lock.take().is_some() {
            state.layout.remove();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere must not keep smbd alive.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says that a directory is ours, and whether its run lives: the lock dies with the process.
const LOCK_NAME: &str = ".oplock-conformance";

fn end(child: Option<Child>) {
    let Some(mut child) = child else { return };
    drop(child.stdin.take());
    let mut waited = Duration::ZERO;
    while !has_ended(&child) && waited < GRACE {
        pause();
        waited += LOOK;
    }
    // Not reaped yet, so its id, which is the group's, cannot belong to anybody else.
    let group = Pid::from_raw(i32::try_from(child.id()).unwrap_or_default());
    if let Some(group) = group {
        let _ = rustix::process::kill_process_group(group, Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
    // The children are not ours to wait for, but they must be gone before their directories are.
    let mut waited = Duration::ZERO;
    while waited < GRACE
        && group.is_some_and(|group| rustix::process::test_kill_process_group(group).is_ok())
    {
        pause();
        waited += LOOK;
    }
}

/// Looks without reaping: the process id stays ours.
fn has_ended(child: &Child) -> bool {
    let Some(pid) = Pid::from_raw(i32::try_from(child.id()).unwrap_or_default()) else {
        return true;
    };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    !matches!(rustix::process::waitid(WaitId::Pid(pid), options), Ok(None))
}

#[expect(
    clippy::disallowed_methods,
    reason = "std has no bounded wait for a child; the caller bounds it"
)]
pub(super) fn pause() {
    std::thread::sleep(LOOK);
}
