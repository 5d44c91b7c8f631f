//! Ctrl-C and its like, so that a run that is ended by somebody still ends.

use std::thread::{self, JoinHandle};
use std::{fs, io};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

/// Listens as long as it lives.
#[derive(Debug)]
pub struct Listener {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    /// Calls `end`, on a thread of its own, for the first signal that asks the process to end, and `hurry` for each further one,
    /// with how many there were.
    ///
    /// # Errors
    /// The system's, where no handler can be set.
    pub fn start(
        end: impl FnOnce() + Send + 'static,
        hurry: impl Fn(u32) + Send + 'static,
    ) -> io::Result<Listener> {
        let wanted = [SIGHUP, SIGINT, SIGTERM].into_iter();
        // Who starts a run under nohup wants it to outlive the terminal.
        let mut signals =
            Signals::new(wanted.filter(|&signal| signal != SIGHUP || !is_ignored(signal)))?;
        let handle = signals.handle();
        let thread = thread::Builder::new().name("signals".to_owned()).spawn(move || {
            let mut end = Some(end);
            let mut ending = None;
            for (count, _) in (1..).zip(signals.forever()) {
                match end.take() {
                    Some(end) => {
                        ending = thread::Builder::new().name("ending".to_owned()).spawn(end).ok();
                        if ending.is_none() {
                            hurry(u32::MAX);
                        }
                    }
                    None => hurry(count),
                }
            }
            if let Some(ending) = ending {
                let _ = ending.join();
            }
        })?;
        Ok(Listener { handle, thread: Some(thread) })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.handle.close();
        // What both hold is let go before the caller goes on.
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Whether this process was started with the signal ignored, as far as the system tells.
fn is_ignored(signal: i32) -> bool {
    fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores(&status, signal))
}

/// Whether `SigIgn` of a `/proc/<pid>/status` has this signal (proc_pid_status(5): a mask in hexadecimal, the lowest bit is signal 1).
fn ignores(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let bit = u32::try_from(signal).ok().and_then(|signal| signal.checked_sub(1));
    mask.zip(bit).is_some_and(|(mask, bit)| mask.checked_shr(bit).unwrap_or(0) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Name:\tx\nSigIgn:\t0000000000000001\n", SIGHUP, true)]
    #[case("Name:\tx\nSigIgn:\t0000000000001000\n", SIGHUP, false)]
    #[case("SigIgn:\t0000000000000002\n", SIGINT, true)]
    #[case("SigIgn:\tnothing\n", SIGINT, false)]
    #[case("SigIgn:\tffffffffffffffff\n", 0, false)]
    #[case("SigIgn:\tffffffffffffffff\n", 65, false)]
    #[case("", SIGHUP, false)]
    fn a_signal_that_is_ignored(#[case] status: &str, #[case] signal: i32, #[case] expected: bool) {
        assert_eq!(ignores(status, signal), expected);
    }
}
