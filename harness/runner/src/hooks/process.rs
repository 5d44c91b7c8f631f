//! One command: in a process group of its own, bounded, with both of its outputs in one text.

use std::io::{self, Read as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use super::{HookEnd, KEPT};

/// How often we look whether a command has ended.
const LOOK: Duration = Duration::from_millis(10);
/// How long what a command said may be on its way to us after its end. One that left something behind in the
/// background keeps its outputs open, and we do not wait for that.
const REST: Duration = Duration::from_millis(250);

/// What came of a command.
pub(super) struct Ran {
    pub ended: HookEnd,
    pub output: String,
    pub took: Duration,
}

/// The command that runs at the moment, if one does.
#[derive(Debug, Default)]
pub(super) struct Running(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    group: Option<Pid>,
    stopped: bool,
}

/// A program and its arguments; a path to it that is relative begins at `folder`, a bare name is looked for in PATH.
pub(super) fn command(words: &[String], folder: &Path) -> Command {
    let (program, arguments) = match words.split_first() {
        Some((program, arguments)) => (program.as_str(), arguments),
        None => ("", words),
    };
    let mut command = match program.contains('/') {
        true => Command::new(folder.join(program)),
        false => Command::new(program),
    };
    command.args(arguments);
    command
}

impl Running {
    /// Runs a command to its end, or to the end of its time.
    pub(super) fn run(&self, mut command: Command, within: Duration) -> Ran {
        let began = now();
        let said = match listened_to(&mut command) {
            Ok(said) => said,
            Err(error) => return not_started(&error, began),
        };
        let started = {
            // A stop that comes meanwhile finds the group, or keeps it from being made.
            let mut state = self.state();
            if state.stopped {
                return Ran {
                    ended: HookEnd::Stopped,
                    output: String::new(),
                    took: began.elapsed(),
                };
            }
            let started = command.spawn();
            if let Ok(child) = &started {
                state.group = group_of(child);
            }
            started
        };
        // Its end of the pipe is open as long as it lives.
        drop(command);
        let mut child = match started {
            Ok(child) => child,
            Err(error) => return not_started(&error, began),
        };
        let mut output = Output::default();
        let ended = loop {
            output.take(said.recv_timeout(LOOK).ok());
            if let Some(status) = self.reaped(&mut child) {
                break self.end_of(status);
            }
            if began.elapsed() >= within {
                self.kill();
                let _ = child.kill();
                let _ = child.wait();
                self.state().group = None;
                break HookEnd::TimedOut(u64::try_from(within.as_millis()).unwrap_or(u64::MAX));
            }
        };
        output.rest(&said);
        Ran { ended, output: output.text(), took: began.elapsed() }
    }

    /// Ends the command that runs, with everything that it started in its group; no other is run.
    pub(super) fn stop(&self) {
        self.state().stopped = true;
        self.kill();
    }

    /// Commands are run again.
    pub(super) fn resume(&self) {
        self.state().stopped = false;
    }

    fn kill(&self) {
        // The group's first process is reaped under the same lock, so its id is nobody else's.
        if let Some(group) = self.state().group {
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
    }

    fn reaped(&self, child: &mut Child) -> Option<ExitStatus> {
        let mut state = self.state();
        let status = child.try_wait().ok().flatten()?;
        state.group = None;
        Some(status)
    }

    fn end_of(&self, status: ExitStatus) -> HookEnd {
        match (status.code(), status.signal()) {
            (Some(code), _) => HookEnd::Exit(code),
            (None, _) if self.state().stopped => HookEnd::Stopped,
            (None, signal) => HookEnd::Signal(signal.unwrap_or_default()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn group_of(child: &Child) -> Option<Pid> {
    Pid::from_raw(i32::try_from(child.id()).ok()?)
}

fn not_started(error: &io::Error, began: Instant) -> Ran {
    let ended = HookEnd::NotStarted(error.to_string());
    Ran { ended, output: String::new(), took: began.elapsed() }
}

/// What comes out of the pipe; nothing at its end.
type Said = Option<Vec<u8>>;

/// Gives a command one pipe for both of its outputs, so that they stay in order. It is read to its end on a thread of its
/// own, also when nobody wants to hear it any more: a process in the background must not die of a closed pipe.
fn listened_to(command: &mut Command) -> io::Result<Receiver<Said>> {
    let (mut pipe, end) = io::pipe()?;
    command.process_group(0).stdin(Stdio::null()).stdout(end.try_clone()?).stderr(end);
    let (sender, said) = mpsc::sync_channel(16);
    thread::Builder::new().name("hook".to_owned()).spawn(move || {
        let mut bytes = vec![0; 4096];
        while let Ok(read @ 1..) = pipe.read(&mut bytes) {
            let _ = sender.send(bytes.get(..read).map(<[u8]>::to_vec));
        }
        let _ = sender.send(None);
    })?;
    Ok(said)
}

/// What was said so far, and how much of it was too much.
#[derive(Default)]
struct Output {
    bytes: Vec<u8>,
    left_out: usize,
    ended: bool,
}

impl Output {
    fn take(&mut self, said: Option<Said>) {
        match said {
            Some(Some(more)) => {
                let room = KEPT.saturating_sub(self.bytes.len()).min(more.len());
                self.bytes.extend(more.iter().take(room));
                self.left_out += more.len() - room;
            }
            Some(None) => self.ended = true,
            None => {}
        }
    }

    /// What is still on its way.
    fn rest(&mut self, said: &Receiver<Said>) {
        let began = now();
        while !self.ended && began.elapsed() < REST {
            self.take(said.recv_timeout(LOOK).ok());
        }
    }

    fn text(self) -> String {
        let mut text = String::from_utf8_lossy(&self.bytes).into_owned();
        if self.left_out > 0 {
            if !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&format!(
                "... cut after {KEPT} bytes; {} more were said\n",
                self.left_out
            ));
        }
        text
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a command of somebody else's is bounded on the wall clock"
)]
fn now() -> Instant {
    Instant::now()
}
