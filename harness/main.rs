//! The `oplock-conformance` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    oplock_runner::command::command(std::env::args_os())
}
