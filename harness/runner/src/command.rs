//! The command: from what was typed to the exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{BaselineArgs, BaselineCommand, Cli, Command};
use crate::exit::Exit;
use crate::stop::Stop;
use crate::{
    baseline, bless, compare, coverage, deviations, lint, listing, manual, merge, print, probe,
    profile, record, rejudge, report, run, status,
};

/// Does what the arguments say, the program's name being the first of them.
#[must_use]
pub fn command(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too, and are no faults.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Ok.into() };
        }
    };
    let done = match cli.command {
        None => run::run(&cli.run),
        Some(Command::Run(args)) => run::run(&args),
        Some(Command::Bless(args)) => bless::bless(&args),
        Some(Command::Compare(args)) => compare::compare(&args),
        Some(Command::Merge(args)) => merge::merge(&args),
        Some(Command::Report(args)) => report::report(&args),
        Some(Command::Judge(args)) => rejudge::judge(&args),
        Some(Command::Baseline(BaselineArgs { command: BaselineCommand::Propose(args) })) => {
            printed(baseline::proposed(&args))
        }
        Some(Command::Completions(args)) => printed(Ok(manual::completions(&args))),
        Some(Command::Man(args)) => printed(manual::man(&args)),
        Some(Command::List(args)) => printed(listing::list(&args)),
        Some(Command::Explain(args)) => printed(listing::explain(&args)),
        Some(Command::Rules(args)) => printed(listing::rules(&args)),
        Some(Command::Status(args)) => printed(status::status(&args)),
        Some(Command::Coverage(args)) => printed(coverage::coverage(&args)),
        Some(Command::Lint(args)) => printed(lint::lint(&args)),
        Some(Command::Probe(args)) => probe::command::probe(&args),
        Some(Command::Schema(args)) if args.profile => printed(Ok(profile::schema())),
        Some(Command::Schema(args)) if args.deviations => printed(Ok(deviations::schema())),
        Some(Command::Schema(args)) if args.results => printed(Ok(record::schema())),
        Some(Command::Schema(_)) => printed(Ok(oplock_suite::schema())),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(stop) => {
            print::complain(&stop.message);
            stop.exit.into()
        }
    }
}

fn printed(text: Result<String, Stop>) -> Result<Exit, Stop> {
    let mut text = text?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    print::out(&text);
    Ok(Exit::Ok)
}
