//! The commands around verdicts and the deviation list.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{CorpusArgs, TellArgs};

/// The options of `baseline`.
#[derive(Clone, Debug, Args)]
pub struct BaselineArgs {
    /// What to do with it
    #[command(subcommand)]
    pub command: BaselineCommand,
}

/// What `baseline` does.
#[derive(Clone, Debug, Subcommand)]
pub enum BaselineCommand {
    /// Print deviation entries for what failed in a run and is not listed
    Propose(ProposeArgs),
}

/// The options of `baseline propose`.
#[derive(Clone, Debug, Args)]
pub struct ProposeArgs {
    /// The results.jsonl of a run
    #[arg(value_name = "RESULTS")]
    pub record: PathBuf,
    /// The list that the entries will be added to; default: the one that the run had
    #[arg(long, value_name = "FILE")]
    pub deviations: Option<PathBuf>,
    /// The versions that the entries are for; default: the series of the run's version, 9.5 for 9.5P3
    #[arg(long, value_name = "RANGE")]
    pub versions: Option<String>,
}

/// The options of `judge`.
#[derive(Clone, Debug, Args)]
pub struct JudgeArgs {
    /// The results.jsonl of a run
    #[arg(value_name = "RESULTS")]
    pub record: PathBuf,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub corpus: CorpusArgs,
    /// The target's known deviations, instead of those that the run had
    #[arg(long, value_name = "FILE")]
    pub deviations: Option<PathBuf>,
    /// Where the new record and its reports go
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub tell: TellArgs,
}
