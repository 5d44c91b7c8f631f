//! Why a command ends before it did its work.

use crate::exit::Exit;

/// An exit and the text that explains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The exit.
    pub exit: Exit,
    /// For the person who called; goes to standard error.
    pub message: String,
}

impl Stop {
    /// A wrong command line, a bad case file, a bad deviation list.
    pub fn usage(message: impl Into<String>) -> Stop {
        Stop { exit: Exit::Usage, message: message.into() }
    }

    /// A fault of ours, or of the machine.
    pub fn harness(message: impl Into<String>) -> Stop {
        Stop { exit: Exit::Harness, message: message.into() }
    }
}
