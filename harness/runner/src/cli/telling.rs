//! How a run is told: the options of every command that tells of one.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::color::When;

/// How a run is told, on the console and in its JUnit report.
#[derive(Clone, Debug, Default, Args)]
pub struct TellArgs {
    /// A second copy of the JUnit report
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// What a known deviation is in the JUnit report; its reason is there in any case
    #[arg(long, value_enum, value_name = "AS", default_value_t)]
    pub junit_known: JunitKnown,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub console: ConsoleArgs,
}

/// What a known deviation is in the JUnit report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum JunitKnown {
    /// A test that passed
    #[default]
    Pass,
    /// A test that was skipped
    Skipped,
}

/// How a run is told on the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Args)]
pub struct ConsoleArgs {
    /// Print a line for each cell that is not as it should be, and the last line
    #[arg(long)]
    pub quiet: bool,
    /// What is printed when the run has ended
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: ConsoleFormat,
    /// Colour: `auto` is where a terminal shows it and NO_COLOR is not set
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub color: When,
}

/// What is printed when a run has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ConsoleFormat {
    /// For people
    #[default]
    Text,
    /// For tools: one JSON document
    Json,
}
