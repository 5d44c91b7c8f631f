//! The commands that read the records of runs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::TellArgs;

/// The options of `merge`.
#[derive(Clone, Debug, Args)]
pub struct MergeArgs {
    /// The results.jsonl of every shard, in any order
    #[arg(value_name = "RESULTS", required = true)]
    pub records: Vec<PathBuf>,
    /// Where the record and the reports of the whole run go
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub tell: TellArgs,
}

/// The options of `report`.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// The results.jsonl of a run
    #[arg(value_name = "RESULTS")]
    pub record: PathBuf,
    /// Where the reports go; default: beside the record
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub tell: TellArgs,
}

/// The options of `compare`.
#[derive(Clone, Debug, Args)]
pub struct CompareArgs {
    /// The results.jsonl of the run to compare with
    #[arg(value_name = "BEFORE")]
    pub before: PathBuf,
    /// That of the run in question
    #[arg(value_name = "AFTER")]
    pub after: PathBuf,
    /// A theme that breaks or lets go on this many times slower than before is a regression: 2x
    #[arg(long, value_name = "FACTOR", value_parser = factor)]
    pub slower: Option<f64>,
    /// A cell that passed and now deviates as the deviation list says is told, and is no regression
    #[arg(long)]
    pub accept_known: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = CompareFormat::Text)]
    pub format: CompareFormat,
}

/// How `compare` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CompareFormat {
    /// For people
    #[default]
    Text,
    /// For tools
    Json,
    /// For the comment of a pull request
    Markdown,
}

fn factor(text: &str) -> Result<f64, String> {
    match text.strip_suffix('x').unwrap_or(text).parse::<f64>() {
        Ok(factor) if (1.0..=1000.0).contains(&factor) => Ok(factor),
        _ => Err("a factor from 1 to 1000: 2x".to_owned()),
    }
}
