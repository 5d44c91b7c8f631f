//! Text for the person at the other end, who may have gone: a closed pipe is no fault.

use std::io::Write as _;

use crate::visible::visible;

/// Writes to standard output.
pub fn out(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes a line to standard error. What a server said may be part of it, and does nothing to a terminal.
pub fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", visible(text.trim_end()));
}
