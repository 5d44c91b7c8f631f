//! Ctrl-C and its like, so that a run that is ended by somebody still ends.

use std::io;
use std::thread::{self, JoinHandle};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

/// Listens as long as it lives.
#[derive(Debug)]
pub struct Listener {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    /// Calls `act` on a thread of its own for each signal that asks the process to end, with how many there were.
    ///
    /// # Errors
    /// The system's, where no handler can be set.
    pub fn start(mut act: impl FnMut(u32) + Send + 'static) -> io::Result<Listener> {
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        let handle = signals.handle();
        let thread = thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for (count, _) in (1..).zip(signals.forever()) {
                act(count);
            }
        })?;
        Ok(Listener { handle, thread: Some(thread) })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.handle.close();
        // What `act` holds is let go before the caller goes on.
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
