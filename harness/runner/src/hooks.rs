//! The vendor's own commands beside a run: what they are told, how long they may take, and what is kept of them.
//!
//! A hook never has a word in a verdict or an exit code: what comes of it is told, and that is all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::console::counted;
use crate::profile::HookPlan;
use crate::target::{Choice, PASSWORD};

mod process;
mod told;

use process::Running;
pub use told::of_cell;

/// How the name of every variable begins that a hook is given.
pub const PREFIX: &str = "OPLOCK_CONFORMANCE_";

/// How much of what a command says is kept.
pub const KEPT: usize = 64 * 1024;

/// The folder below the reports that has what the commands said, a file each.
const FOLDER: &str = "hooks";

/// When a command runs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Before the target is asked for anything.
    BeforeRun,
    /// After a cell that is not as it should be.
    OnFail,
    /// After the last cell.
    AfterRun,
}

/// One command that ran, or that could not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HookRan {
    /// When.
    pub moment: Moment,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// How it ended.
    pub ended: HookEnd,
    /// What it said on both of its outputs, as it came, cut after [`KEPT`] bytes with a line that says so.
    pub output: String,
    /// Wall time.
    pub duration_ms: f64,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HookEnd {
    /// With this exit code.
    Exit(i32),
    /// By a signal of somebody else's.
    Signal(i32),
    /// It was ended, with everything that it had started, after this many milliseconds.
    TimedOut(u64),
    /// It was ended because the run was.
    Stopped,
    /// It could not be started.
    NotStarted(String),
}

/// The commands of a run.
#[derive(Debug)]
pub struct Hooks {
    plan: HookPlan,
    /// What a relative path to a program begins at.
    folder: PathBuf,
    /// Where the reports go.
    out: PathBuf,
    /// What every command is told.
    told: Vec<(String, String)>,
    /// Variables that no command may see.
    secret: Vec<String>,
    /// Commands run one at a time: many cells may fail at once.
    turn: Mutex<Count>,
    running: Running,
}

#[derive(Debug, Default)]
struct Count {
    /// For how many cells `on_fail` was wanted.
    cells: usize,
    /// Whether the last command is over.
    over: bool,
    /// A shorter time than the profile's.
    within: Option<Duration>,
    /// How commands ended that did not end well.
    bad: BTreeMap<(Moment, String, HookEnd), usize>,
}

impl Hooks {
    /// The hooks of a run that writes its reports to `out`; `told` is what every command is told, by names without their
    /// prefix, and `secret` names the variables that hold passwords.
    #[must_use]
    pub fn new(
        plan: HookPlan,
        folder: &Path,
        out: &Path,
        told: Vec<(String, String)>,
        secret: BTreeSet<String>,
    ) -> Hooks {
        let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let here = Path::new(".");
        let folder = if folder.as_os_str().is_empty() { here } else { folder };
        Hooks {
            plan,
            folder: whole(folder),
            out: whole(out),
            told,
            secret: secret.into_iter().chain([PASSWORD.to_owned()]).collect(),
            turn: Mutex::default(),
            running: Running::default(),
        }
    }

    /// Those of a target: what its profile says, told which run this is and which server it asks.
    #[must_use]
    pub fn of_target(choice: &Choice, out: &Path, run_id: &str) -> Hooks {
        let Choice::Profile(found) = choice else {
            return Hooks::new(
                HookPlan::default(),
                Path::new(""),
                out,
                Vec::new(),
                BTreeSet::new(),
            );
        };
        let profile = &found.profile;
        let nodes = profile.nodes.iter().map(|node| match node.host.contains(':') {
            true => format!("[{}]:{}", node.host, node.port),
            false => format!("{}:{}", node.host, node.port),
        });
        let told = vec![
            ("RUN".to_owned(), run_id.to_owned()),
            ("TARGET".to_owned(), format!("{} {}", profile.product, profile.version)),
            ("NODES".to_owned(), nodes.collect::<Vec<_>>().join(" ")),
            ("SHARE".to_owned(), profile.shares.plain.clone()),
        ];
        let secret = profile.secret_variables.clone();
        Hooks::new(profile.hooks.clone(), &found.folder(), out, told, secret)
    }

    /// Takes away what commands of an earlier run said.
    pub fn clear(&self) {
        let _ = fs::remove_dir_all(self.out.join(FOLDER));
    }

    /// Runs the commands of the beginning of a run.
    pub fn first(&self) -> Vec<HookRan> {
        let mut count = self.turn();
        self.run_all(&mut count, Moment::BeforeRun, Moment::BeforeRun.word(), &[])
    }

    /// Runs the commands for a cell that is not as it should be, while there is room for it.
    pub fn on_fail(&self, cell: &str, told: &[(&str, String)]) -> Vec<HookRan> {
        if self.plan.on_fail.is_empty() {
            return Vec::new();
        }
        let mut count = self.turn();
        count.cells += 1;
        if count.over || count.cells > self.plan.cells {
            return Vec::new();
        }
        let name = format!("{}-{:04}-{cell}", Moment::OnFail.word(), count.cells);
        let told: Vec<_> = told.iter().cloned().chain([("CELL", cell.to_owned())]).collect();
        self.run_all(&mut count, Moment::OnFail, &name, &told)
    }

    /// Whether anything is to be run for a cell that is not as it should be.
    #[must_use]
    pub fn wants_cells(&self) -> bool {
        !self.plan.on_fail.is_empty()
    }

    /// Ends the command that runs, and runs no other until the last.
    pub fn stop(&self) {
        self.running.stop();
    }

    /// Runs the commands of the end of a run, each no longer than `at_most`; after that none is run any more.
    pub fn last(&self, told: &[(&str, String)], at_most: Duration) -> Vec<HookRan> {
        let mut count = self.turn();
        count.over = true;
        count.within = Some(at_most);
        self.running.resume();
        self.run_all(&mut count, Moment::AfterRun, Moment::AfterRun.word(), told)
    }

    /// What a person should know of the hooks, a line each; nothing where all went well.
    #[must_use]
    pub fn summary(&self) -> Vec<String> {
        let count = self.turn();
        let mut lines: Vec<String> = count
            .bad
            .iter()
            .map(|((moment, command, ended), times)| {
                let times = if *times > 1 { format!(", {times} times") } else { String::new() };
                format!("hook {moment}: `{command}` {ended}{times}")
            })
            .collect();
        let left = count.cells.saturating_sub(self.plan.cells);
        if left > 0 {
            lines.push(format!(
                "hook on_fail: not run for {} after the first {} (`cells` of `hooks` in the profile)",
                counted(left, "cell"),
                self.plan.cells
            ));
        }
        lines
    }

    fn turn(&self) -> MutexGuard<'_, Count> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run_all(
        &self,
        count: &mut Count,
        moment: Moment,
        name: &str,
        told: &[(&str, String)],
    ) -> Vec<HookRan> {
        let commands = match moment {
            Moment::BeforeRun => &self.plan.before_run,
            Moment::OnFail => &self.plan.on_fail,
            Moment::AfterRun => &self.plan.after_run,
        };
        let mut all = Vec::new();
        for (index, command) in commands.iter().enumerate() {
            let within = count.within.unwrap_or(self.plan.within).min(self.plan.within);
            let ran = self.run_one(moment, command, told, within);
            if ran.ended != HookEnd::Exit(0) {
                let key = (moment, command.join(" "), ran.ended.clone());
                *count.bad.entry(key).or_default() += 1;
            }
            self.keep(&format!("{name}-{}", index + 1), &ran);
            all.push(ran);
        }
        all
    }

    fn run_one(
        &self,
        moment: Moment,
        words: &[String],
        told: &[(&str, String)],
        within: Duration,
    ) -> HookRan {
        let own = [("HOOK", moment.word().to_owned()), ("OUT", self.out.display().to_string())];
        let all = self.told.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let variables: Vec<(String, String)> = all
            .chain(own)
            .chain(told.iter().cloned())
            .map(|(name, value)| (format!("{PREFIX}{name}"), value.replace('\0', "")))
            .collect();
        let mut command = process::command(words, &self.folder);
        for name in &self.secret {
            command.env_remove(name);
        }
        command.envs(variables);
        let process::Ran { ended, output, took } = self.running.run(command, within);
        HookRan {
            moment,
            command: words.to_vec(),
            ended,
            output,
            duration_ms: took.as_secs_f64() * 1000.0,
        }
    }

    /// Writes what a command said beside the reports; where that fails, it still stands in them.
    fn keep(&self, name: &str, ran: &HookRan) {
        let folder = self.out.join(FOLDER);
        let _ = fs::create_dir_all(&folder);
        let _ = fs::write(folder.join(file_name(name)), ran.to_string());
    }
}

impl Moment {
    /// The key of the profile.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Moment::BeforeRun => "before_run",
            Moment::OnFail => "on_fail",
            Moment::AfterRun => "after_run",
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for HookEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HookEnd::Exit(code) => write!(f, "ended with exit {code}"),
            HookEnd::Signal(number) => write!(f, "was ended by signal {number}"),
            HookEnd::TimedOut(millis) => {
                let seconds = Duration::from_millis(*millis).as_secs_f64();
                write!(f, "was ended after {seconds} s (`within` of `hooks` in the profile)")
            }
            HookEnd::Stopped => f.write_str("was ended with the run"),
            HookEnd::NotStarted(reason) => write!(f, "could not be started: {reason}"),
        }
    }
}

/// The command, how it ended, and what it said: as a report shows it.
impl fmt::Display for HookRan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HookRan { moment, command, ended, output, .. } = self;
        writeln!(f, "hook {moment}: `{}` {ended}", command.join(" "))?;
        f.write_str(output)?;
        if !output.is_empty() && !output.ends_with('\n') {
            f.write_str("\n")?;
        }
        Ok(())
    }
}

/// A name that every file system takes.
fn file_name(name: &str) -> String {
    const LONGEST: usize = 150;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '=');
    let name: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    // The number at its end tells files apart, so a long name is cut in its middle.
    let cut = name.len().saturating_sub(LONGEST);
    let (head, tail) = name.split_at_checked(LONGEST / 2).unwrap_or((&name, ""));
    format!("{head}{}.txt", tail.get(cut..).unwrap_or(tail))
}

#[cfg(test)]
mod tests;
