//! The command line as it is typed.

mod policy;
mod records;
mod telling;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use oplock_live::LiveOptions;

pub use policy::{BaselineArgs, BaselineCommand, JudgeArgs, ProposeArgs};
pub use records::{CompareArgs, CompareFormat, MergeArgs, ReportArgs};
pub use telling::{ConsoleArgs, ConsoleFormat, JunitKnown, TellArgs};

use crate::axes::{Axes, AxesArg};
use crate::deadline::Deadline;
use crate::samba::SambaArgs;
use crate::shard::Shard;
use crate::since;
use crate::spread::Spread;

/// What the shell sees, below the help of the program.
const EXITS: &str = "\
Exit codes, of several the first of this list:
  2  a wrong command line, a bad case file, a bad deviation list
  3  nothing selected
  4  the target cannot be reached or started, or refused the login
  1  the target does not conform
  5  a fault of the harness or of the connection, or cells that did not run
  6  only the deviation list is out of date
  0  everything held";

/// Proves that an SMB server keeps its oplock and lease promises.
///
/// Without a command it runs the whole corpus against the reference engine.
#[derive(Debug, Parser)]
#[command(name = "oplock-conformance", version, args_conflicts_with_subcommands = true, after_help = EXITS)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The options of `run`, which needs no name.
    #[command(flatten)]
    pub run: RunArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run cases and judge them
    Run(Box<RunArgs>),
    /// List the cells that a run would take, one a line
    List(ListArgs),
    /// Say what a case asks, which rules it rests on, and how to run it
    Explain(ExplainArgs),
    /// List the rules with their sources, their rows of the specification, and the cases that name or reach them
    Rules(RulesArgs),
    /// Say what a status means for oplocks, what to do about it, and which cases expect it
    Status(StatusArgs),
    /// Say which rules and which cells of the transition grid the cases reach on the reference engine, and which not
    Coverage(CoverageArgs),
    /// Check the corpus: its files, and what the reference engine says of its cases
    Lint(CorpusArgs),
    /// Say what a target can do, how each answer was found, and which waits a run would choose
    Probe(ProbeArgs),
    /// Print the JSON schema of case files, for editors
    Schema(SchemaArgs),
    /// Run cases and keep what they showed as their snapshots
    Bless(Box<BlessArgs>),
    /// Print the completions of a shell: what its configuration is to read
    Completions(CompletionsArgs),
    /// Print the manual page of the program or of one of its commands, or write all of them to a folder
    Man(ManArgs),
    /// Say what changed between two runs, and whether the later one is worse
    Compare(CompareArgs),
    /// Make one run of the records of its shards
    Merge(MergeArgs),
    /// Make the reports of a run again, from its record
    Report(ReportArgs),
    /// Judge a run again, from its recorded histories; no server is asked
    Judge(JudgeArgs),
    /// Write down what a target is known to do wrong
    Baseline(BaselineArgs),
}

/// Which cases there are.
#[derive(Clone, Debug, Default, Args)]
pub struct CorpusArgs {
    /// Cases from this directory instead of the embedded ones
    #[arg(long, value_name = "DIR")]
    pub cases: Option<PathBuf>,
}

/// Which cells of them.
#[derive(Clone, Debug, Default, Args)]
pub struct SelectArgs {
    /// Only cells whose id contains one of these
    #[arg(value_name = "FILTER")]
    pub patterns: Vec<String>,
    /// A filter is a whole case or cell id
    #[arg(long)]
    pub exact: bool,
    /// Leave out cells whose id contains this
    #[arg(long, value_name = "PATTERN")]
    pub skip: Vec<String>,
    /// Only cases with this tag
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
}

/// Who is asked.
#[derive(Clone, Debug, Args)]
pub struct WhoArgs {
    /// `reference`, `samba` (a private smbd), smb://USER@HOST[:PORT]/SHARE, or a profile: its file, its folder
    #[arg(long, value_name = "TARGET", default_value = "reference")]
    pub target: String,
    /// File whose first line is the password; else the variable OPLOCK_CONFORMANCE_PASSWORD
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub logins: LoginArgs,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub samba: SambaArgs,
}

/// Who is asked, and how.
#[derive(Clone, Debug, Args)]
pub struct TargetArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub who: WhoArgs,
    /// How the target is asked: `representative`, `full` (every combination that it takes), or a dialect, a way of
    /// signing, a cipher, a lease version: smb2_1,unsigned; several times for several combinations
    #[arg(long, value_name = "NAME[,NAME]", default_value = "representative")]
    pub axes: Vec<AxesArg>,
    /// How many cells at a time; default: the cores, 12 to 48 on a live target, by how fast it answers
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Stretch the latest bounds of all waits by this factor
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = time_factor)]
    pub time_factor: f64,
    /// Where lease keys are drawn from; default: another number each time
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

/// Which logins are good enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Args)]
pub struct LoginArgs {
    /// Go on where the server lets us in as a guest only; needs `--axes unsigned`, for a guest has no key
    #[arg(long)]
    pub allow_guest: bool,
    /// Go on where the server lets us in as nobody; needs `--axes unsigned` too
    #[arg(long)]
    pub allow_anonymous: bool,
}

impl LoginArgs {
    /// What a target is asked with, where these logins are good enough besides its own.
    #[must_use]
    pub fn beside(self, options: LiveOptions) -> LiveOptions {
        LiveOptions {
            guest: options.guest || self.allow_guest,
            anonymous: options.anonymous || self.allow_anonymous,
            ..options
        }
    }

    /// As they are typed, each with a blank in front.
    #[must_use]
    pub fn typed(self) -> &'static str {
        match (self.allow_guest, self.allow_anonymous) {
            (false, false) => "",
            (true, false) => " --allow-guest",
            (false, true) => " --allow-anonymous",
            (true, true) => " --allow-guest --allow-anonymous",
        }
    }
}

/// The options of `run`.
#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub select: SelectArgs,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub corpus: CorpusArgs,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub target: TargetArgs,
    /// Where reports go; default: target/oplock-conformance/<target>
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub tell: TellArgs,
    /// Count cases that a server only should meet
    #[arg(long)]
    pub strict: bool,
    /// An outcome that differs from its snapshot fails the run
    #[arg(long)]
    pub fail_on_change: bool,
    /// Stop after this many cells that are not as they should be
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_fail: Option<u32>,
    /// Begin no cell after this time, counted from the start: 2h, 90m, 1h30m, 45s; those that run come to their end
    #[arg(long, value_name = "TIME")]
    pub deadline: Option<Deadline>,
    /// Only the cells, in their axes, that were not as they should be in that run, or did not run there
    #[arg(long, value_name = "RESULTS.jsonl")]
    pub only_failed: Option<PathBuf>,
    /// Play each cell this many times: plays that disagree are flaky, which is red
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub repeat: u32,
    /// Play a cell that is not as it should be up to this many times more: one that then passes is flaky, which is red
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=10_000))]
    pub retries: u32,
    /// Only part K of N of the plan; `merge` makes one run of all parts
    #[arg(long, value_name = "K/N")]
    pub shard: Option<Shard>,
    /// Record cases that are newer than this version of the corpus, and judge none of them
    #[arg(long, value_name = "VERSION", value_parser = corpus_version)]
    pub corpus_as_of: Option<String>,
    /// First remove the folders that killed runs left on the target's shares; without it they are only listed
    #[arg(long)]
    pub sweep: bool,
    /// Put the clients of each cell on different nodes of the profile, in turn
    #[arg(long, value_enum, value_name = "OVER")]
    pub spread: Option<Spread>,
    /// Keep what went over the wire as <out>/pcap/<cell>.pcapng, of cells that are not as they should be, or of all
    #[arg(long, value_enum, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "failed")]
    pub pcap: Option<Pcap>,
    /// Leave the files of cells that are not as they should be on the share, those of the private smbd in <out>/kept; the
    /// report says where, a later run with --sweep removes them
    #[arg(long)]
    pub keep_on_failure: bool,
    /// Snapshots from this directory instead of the embedded ones
    #[arg(long, value_name = "DIR")]
    pub snapshots: Option<PathBuf>,
    /// The target's known deviations, instead of an embedded list
    #[arg(long, value_name = "FILE")]
    pub deviations: Option<PathBuf>,
}

/// Of which cells the messages are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Pcap {
    /// Those that are not as they should be
    Failed,
    /// Those that were played
    All,
}

/// The options of `list`.
#[derive(Clone, Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub select: SelectArgs,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub corpus: CorpusArgs,
    /// As a run against this target would take them; no target is touched
    #[arg(long, value_name = "TARGET", default_value = "reference")]
    pub target: String,
    /// How to print them
    #[arg(long, value_enum, default_value_t = ListFormat::Plain)]
    pub format: ListFormat,
}

/// How `list` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// The id
    #[default]
    Plain,
    /// The id and `: test`, as libtest does
    Terse,
}

/// The options of `explain`.
#[derive(Clone, Debug, Args)]
pub struct ExplainArgs {
    /// The id of a case or of a cell
    pub id: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub corpus: CorpusArgs,
}

/// The options of `status`.
#[derive(Clone, Debug, Args)]
pub struct StatusArgs {
    /// NTSTATUS or Win32, by name or number: `802`, `0xC0000909`, `ERROR_CANNOT_BREAK_OPLOCK`; default: list all
    #[arg(value_name = "STATUS", allow_negative_numbers = true)]
    pub status: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub corpus: CorpusArgs,
}

/// The options of `completions`.
#[derive(Clone, Debug, Args)]
pub struct CompletionsArgs {
    /// Which shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// The options of `man`.
#[derive(Clone, Debug, Default, Args)]
pub struct ManArgs {
    /// The command: `run`, `baseline propose`; default: the program
    #[arg(value_name = "COMMAND")]
    pub command: Option<Vec<String>>,
    /// Instead: write every page to this folder
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub out: Option<PathBuf>,
}

/// The options of `schema`.
#[derive(Clone, Debug, Default, Args)]
pub struct SchemaArgs {
    /// Instead: that of target profiles
    #[arg(long)]
    pub profile: bool,
    /// Instead: that of the lines of results.jsonl
    #[arg(long, conflicts_with = "profile")]
    pub results: bool,
    /// Instead: that of deviation lists
    #[arg(long, conflicts_with_all = ["profile", "results"])]
    pub deviations: bool,
}

/// The options of `rules`.
#[derive(Clone, Debug, Default, Args)]
pub struct RulesArgs {
    /// Only rules whose names contain one of these
    #[arg(value_name = "FILTER")]
    pub patterns: Vec<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub corpus: CorpusArgs,
}

/// The options of `coverage`.
#[derive(Clone, Debug, Args)]
pub struct CoverageArgs {
    /// Only rules and cells whose names contain one of these, each with the cases that reach it: `fsa.grant`,
    /// `"RWH x read"`
    #[arg(value_name = "FILTER")]
    pub patterns: Vec<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub corpus: CorpusArgs,
    /// Instead: every row of the specification that no rule stands for, with its reason
    #[arg(long, conflicts_with_all = ["patterns", "format"])]
    pub rows: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = CoverageFormat::Text)]
    pub format: CoverageFormat,
}

/// How `coverage` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CoverageFormat {
    /// For people
    #[default]
    Text,
    /// For tools: rules, figures and cells with the cases that reach them
    Json,
}

/// The options of `probe`.
#[derive(Clone, Debug, Args)]
pub struct ProbeArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub who: WhoArgs,
    /// In which axes capabilities and latencies are asked; every dialect, way of signing and cipher is tried anyway
    #[arg(long, value_name = "NAME[,NAME]", default_value = "representative", value_parser = one_way)]
    pub axes: Axes,
    /// Wait for the break timer and say how long it took: most of a minute
    #[arg(long)]
    pub timer: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ProbeFormat::Text)]
    pub format: ProbeFormat,
}

/// How `probe` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ProbeFormat {
    /// For people
    #[default]
    Text,
    /// For tools
    Json,
}

/// The options of `bless`.
#[derive(Clone, Debug, Args)]
pub struct BlessArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub select: SelectArgs,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub corpus: CorpusArgs,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the type says it")]
    pub target: TargetArgs,
    /// Where reports go; default: target/oplock-conformance/<target>
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The directory that holds a folder of snapshots per target
    #[arg(long, value_name = "DIR", default_value = "snapshots")]
    pub snapshots: PathBuf,
    /// The target's known deviations, instead of an embedded list
    #[arg(long, value_name = "FILE")]
    pub deviations: Option<PathBuf>,
}

fn one_way(text: &str) -> Result<Axes, String> {
    match text.parse::<AxesArg>()? {
        AxesArg::One(axes) => Ok(axes),
        AxesArg::Full => {
            Err("every way is tried anyway: name the one to ask the rest in".to_owned())
        }
    }
}

fn corpus_version(text: &str) -> Result<String, String> {
    match since::version(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("a version like 0.3".to_owned()),
    }
}

fn time_factor(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if (1.0..=1000.0).contains(&factor) => Ok(factor),
        _ => Err("a number from 1 to 1000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn run_needs_no_name() {
        let bare = Cli::try_parse_from(["x", "--target", "samba", "oplock/batch"]).expect("usage");
        assert!(bare.command.is_none());
        assert_eq!(bare.run.select.patterns, ["oplock/batch"]);
        let named = Cli::try_parse_from(["x", "run", "--exact", "a", "b"]).expect("usage");
        let Some(Command::Run(run)) = named.command else { panic!("no run") };
        assert!(run.select.exact);
        assert_eq!(run.select.patterns, ["a", "b"]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            &["x", "--jobs", "0"][..],
            &["x", "--time-factor", "0.5"],
            &["x", "--time-factor", "NaN"],
            &["x", "--max-fail", "0"],
            &["x", "--axes", "smb1"],
            &["x", "--axes", "smb2_1,smb3_1_1"],
            &["x", "--password", "secret"],
            &["x", "explain"],
        ] {
            let error = Cli::try_parse_from(line).expect_err("usage");
            assert_eq!(error.exit_code(), 2, "{line:?}");
        }
    }
}
