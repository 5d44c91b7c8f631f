//! `ci/gate.sh`, which all pipelines call: its exit codes, what it says, and when the last good run moves.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use libtest_mimic::Failed;

use crate::profile::wanted;
use crate::{CASES, Tried, ended_within, expect_exit, results, same_as_kept, signal};

/// Two cases that hold: the second can go wrong, or away.
const SOUND: &str = r#"
suite: oplock/tried
about: What the tests of the gate try.
files: {f: {size: 4KiB}}
actors: {A: client 1}

cases:
  passes:
    says: A batch oplock is granted on a file that nobody else has open.
    spec: [fsa.grant.none.legacy_exclusive]
    steps:
      - A opens: {file: f, as: a, access: rw, share: rwd, want: batch}
        then: [{A gets: {answer: a, status: success, granted: batch}}]
  regresses:
    says: An exclusive oplock is granted on a file that nobody else has open.
    spec: [fsa.grant.none.legacy_exclusive]
    steps:
      - A opens: {file: f, as: a, access: rw, share: rwd, want: exclusive}
        then: [{A gets: {answer: a, status: success, granted: exclusive}}]
"#;

/// The second case as it looks on a server that grants another level.
const GRANTED: (&str, &str) = ("granted: exclusive", "granted: ii");

/// The gate in the folder of one trial, with a baseline there.
struct Gate<'a> {
    tried: &'a Tried,
    baseline: PathBuf,
}

/// The first green run is the one to compare with, and each green one takes its place.
pub(crate) fn the_first_green_run_is_kept(tried: &Tried) -> Result<(), Failed> {
    let gate = Gate::new(tried);
    let cases = tried.cases(SOUND)?;
    let first = gate.expect(0, &[], &["run", "--cases", &cases, "--seed", "1"])?;
    same_as_kept("gate-first", &first);
    gate.moved_to_this_run()?;
    let second =
        gate.expect(0, &["--name", "filer"], &["run", "--cases", &cases, "--seed", "2"])?;
    wanted(&second, "### oplock-conformance filer: green\n")?;
    gate.moved_to_this_run()?;
    wanted(&results(&tried.out())?.join("\n"), "\"seed\":2")
}

/// What got worse is red and no baseline; what is well again is one.
pub(crate) fn only_green_runs_move_the_baseline(tried: &Tried) -> Result<(), Failed> {
    let gate = Gate::new(tried);
    let cases = tried.cases(SOUND)?;
    let run = ["run", "--cases", &cases, "--seed", "1"];
    gate.expect(0, &[], &run)?;
    let good = gate.kept()?;

    tried.cases(&SOUND.replace(GRANTED.0, GRANTED.1))?;
    let red = gate.expect(1, &["--slower", "100x"], &run)?;
    same_as_kept("gate-regression", &red);
    gate.stays(&good)?;
    // A red run is accepted by nobody: its failure is told in a deviation list, or mended.
    gate.expect(1, &["--accept"], &run)?;
    gate.stays(&good)?;

    tried.cases(SOUND)?;
    gate.expect(0, &[], &run)?;
    gate.moved_to_this_run()
}

/// A case that is not there any more is worse, though the run by itself is green, until a person says so.
pub(crate) fn what_vanished_is_accepted_by_a_person(tried: &Tried) -> Result<(), Failed> {
    let gate = Gate::new(tried);
    let cases = tried.cases(SOUND)?;
    gate.expect(0, &[], &["run", "--cases", &cases])?;
    let good = gate.kept()?;
    let less = ["run", "--cases", &cases, "--skip", "tried/regresses"];
    let red = gate.expect(1, &[], &less)?;
    same_as_kept("gate-vanished", &red);
    gate.stays(&good)?;
    let accepted = gate.expect(0, &["--accept"], &less)?;
    wanted(&accepted, "It was accepted, and is the last good run from now on.")?;
    gate.moved_to_this_run()
}

/// A deviation that a person has put into the list with its reason is no regression; a list that is out of date is no green.
pub(crate) fn the_deviation_list_has_a_say(tried: &Tried) -> Result<(), Failed> {
    let gate = Gate::new(tried);
    let cases = tried.cases(SOUND)?;
    gate.expect(0, &[], &["run", "--cases", &cases])?;
    tried.cases(&SOUND.replace(GRANTED.0, GRANTED.1))?;
    let list = tried.folder.path().join("deviations.yaml");
    let entry = |case: &str| {
        format!(
            "- cases: oplock/tried/{case}\n  expect: fails\n  because: Its lease layer is new.\n  \
             signature: \"wrong level at step 1: granted expected ii, observed exclusive\"\n"
        )
    };
    let name = list.to_string_lossy().into_owned();
    let run = ["run", "--cases", &cases, "--deviations", &name];
    fs::write(&list, entry("regresses"))?;
    gate.expect(0, &[], &run)?;
    gate.moved_to_this_run()?;
    let good = gate.kept()?;
    fs::write(&list, entry("regresses") + &entry("gone"))?;
    let outdated = gate.expect(6, &[], &run)?;
    wanted(&outdated, "### oplock-conformance: red, the deviation list is out of date (exit 6)\n")?;
    gate.stays(&good)?;
    // That something vanished is worse than a list out of date.
    gate.expect(1, &[], &[&run[..], &["--skip", "tried/passes"]].concat())?;
    gate.stays(&good)
}

/// Where there is no run to judge, the Markdown says why, and the last good run stays.
pub(crate) fn no_result_is_no_green(tried: &Tried) -> Result<(), Failed> {
    let gate = Gate::new(tried);
    let cases = tried.cases(SOUND)?;
    let run = ["run", "--cases", &cases];
    // A port that was given back just now.
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let closed = format!("smb://me@127.0.0.1:{port}/share");
    let unreachable = gate.expect(4, &[], &["run", "--target", &closed])?;
    wanted(&unreachable, "the server cannot be reached or refused the login (exit 4)\n")?;
    wanted(&unreachable, &format!("    cannot reach 127.0.0.1:{port}: "))?;
    wanted(&unreachable, "There is no last good run yet: the first green one will be it.\n")?;
    if gate.baseline.exists() {
        return Err("a server that is away is the last good run".into());
    }

    gate.expect(0, &[], &run)?;
    let good = gate.kept()?;
    for (code, arguments) in [
        (4, &["run", "--target", &closed][..]),
        (3, &["run", "--cases", &cases, "no-such-case"]),
        (2, &["run", "--no-such-option"]),
        (2, &["merge", "no-such-results.jsonl"]),
        (5, &["run", "--cases", &cases, "--repeat", "10000", "--deadline", "1s"]),
    ] {
        let said = gate.expect(code, &[], arguments)?;
        wanted(&said, &format!(" (exit {code})\n"))
            .map_err(|failed| format!("{arguments:?}: {failed:?}"))?;
        wanted(&said, "The last good run stays what it was.\n")?;
        gate.stays(&good)?;
    }

    fs::write(&gate.baseline, good.get(..good.len() / 2).unwrap_or_default())?;
    let damaged = gate.expect(2, &[], &run)?;
    wanted(&damaged, "The last good run cannot be compared with this one:\n\n    ")?;
    wanted(&damaged, "remove the baseline: the next green run makes another.\n")?;
    fs::remove_file(&gate.baseline)?;
    gate.expect(0, &[], &run)?;
    gate.moved_to_this_run()?;

    let file = tried.folder.path().join("file");
    fs::write(&file, "no folder")?;
    let nowhere = gate.expect(5, &["--baseline", &file.join("kept/").to_string_lossy()], &run)?;
    wanted(&nowhere, "There is no last good run yet: the first green one will be it.\n")
}

/// What is wrong with a call is told before anything is asked.
pub(crate) fn wrong_calls_are_told(tried: &Tried) -> Result<(), Failed> {
    let gate = Gate::new(tried);
    for (before, arguments, said) in [
        (&[][..], &[][..], "say what to do: run, shard or merge"),
        (&["--no-such"], &["run"], "unknown option `--no-such`"),
        (&["--slower"], &[], "--slower needs a value"),
        (&[], &["run", "--shard", "1/8"], "`gate.sh shard K/N` on each machine"),
        (&[], &["shard", "1/8"], "a shard needs --run"),
        (&["--run", "7"], &["shard", "8"], "write `shard K/N`"),
    ] {
        let output = gate.command(before, arguments).output()?;
        expect_exit(&output, 2)?;
        wanted(&String::from_utf8_lossy(&output.stderr), said)?;
    }
    let mut absent = gate.command(&[], &["run"]);
    let output = absent.env("OPLOCK_CONFORMANCE", "no-such-command").output()?;
    expect_exit(&output, 2)?;
    wanted(&String::from_utf8_lossy(&output.stderr), "`cargo install --path .` puts it into PATH")?;
    let help = gate.command(&["--help"], &[]).output()?;
    expect_exit(&help, 0)?;
    wanted(&String::from_utf8_lossy(&help.stdout), "6  only the deviation list is out of date\n")?;
    fs::remove_dir_all(tried.out())?;
    fs::write(tried.out(), "a file, not a folder")?;
    expect_exit(&gate.command(&[], &["run"]).output()?, 5)
}

/// A pipeline that is called off ends the run cleanly; one that is shot leaves the last good run as well.
pub(crate) fn an_ended_gate_keeps_the_last_good_run(tried: &Tried) -> Result<(), Failed> {
    let gate = Gate::new(tried);
    let cases = tried.cases(CASES)?;
    gate.expect(0, &[], &["run", "--cases", &cases, "passes"])?;
    let good = gate.kept()?;
    let long = ["run", "--repeat", "20"];
    // The others are passed on in the same way, but whoever runs the trials in the background may have them ignored.
    let mut ended = gate.start(&long)?;
    tried.wait_for_cells()?;
    signal("TERM", ended.0.id())?;
    let found = ended_within(&mut ended.0, Duration::from_secs(30))?;
    if found != Some(143) {
        return Err(format!("exit {found:?}").into());
    }
    let record = results(&tried.out())?.join("\n");
    wanted(&record, "did not run: interrupted")?;
    wanted(&record, "{\"line\":\"footer\"")?;
    let said = fs::read_to_string(tried.out().join("gate.md"))?;
    wanted(&said, "### oplock-conformance: no result, the run was ended by a signal (exit 143)\n")?;
    gate.stays(&good)?;
    fs::remove_dir_all(tried.out())?;

    let mut shot = gate.start(&long)?;
    tried.wait_for_cells()?;
    let asking = children_of(shot.0.id())?;
    shot.0.kill()?;
    shot.0.wait()?;
    for process in asking {
        signal("KILL", process)?;
    }
    gate.stays(&good)?;
    // What it left in the folder is in nobody's way.
    gate.expect(0, &[], &["run", "--cases", &cases, "passes"])?;
    gate.moved_to_this_run()
}

/// The gate of a real server: a private smbd that keeps its promises, and one that breaks one.
pub(crate) fn samba_is_gated(tried: &Tried) -> Result<(), Failed> {
    let gate = Gate::new(tried);
    let cases = tried.cases(SOUND)?;
    // The list that is shipped is about other cases.
    let list = tried.folder.path().join("deviations.yaml");
    fs::write(&list, "")?;
    let list = list.to_string_lossy();
    let run = ["run", "--target", "samba", "--cases", &cases, "--deviations", &list];
    gate.expect(0, &[], &run)?;
    gate.moved_to_this_run()?;
    let good = gate.kept()?;
    tried.cases(&SOUND.replace(GRANTED.0, GRANTED.1))?;
    let red = gate.expect(1, &["--slower", "100x"], &run)?;
    wanted(&red, "### oplock-conformance: red, the server does not conform\n")?;
    wanted(&red, "oplock/tried/regresses")?;
    gate.stays(&good)?;
    tried.no_server_is_left()
}

impl<'a> Gate<'a> {
    fn new(tried: &'a Tried) -> Gate<'a> {
        Gate { tried, baseline: tried.folder.path().join("kept/baseline.jsonl") }
    }

    fn command(&self, before: &[&str], arguments: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("ci/gate.sh"));
        command.arg("--out").arg(self.tried.out());
        // A folder as well as a file may be named.
        command.arg("--baseline").arg(self.baseline.with_file_name(""));
        command.args(before).args(arguments).current_dir(self.tried.folder.path());
        command.env("OPLOCK_CONFORMANCE", env!("CARGO_BIN_EXE_oplock-conformance"));
        command.stdin(Stdio::null());
        command
    }

    /// What it says, which is also kept beside the reports, where it ends with that code.
    fn expect(&self, code: i32, before: &[&str], arguments: &[&str]) -> Result<String, Failed> {
        let output: Output = self.command(before, arguments).output()?;
        expect_exit(&output, code)?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if said != fs::read_to_string(self.tried.out().join("gate.md"))? {
            return Err(format!("gate.md is not what it says:\n{said}").into());
        }
        Ok(self.without_chance(&said))
    }

    fn start(&self, arguments: &[&str]) -> Result<Started, Failed> {
        let mut command = self.command(&[], arguments);
        Ok(Started(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?))
    }

    /// Paths, times and hashes, which are others each time or with each corpus, by name.
    fn without_chance(&self, said: &str) -> String {
        let folder = self.tried.folder.path().to_string_lossy().into_owned();
        let said = said.replace(&folder, "FOLDER");
        let untimed = said.lines().map(|line| match line.split_once(" skipped in ") {
            Some((counts, rest)) => {
                let rest = rest.split_once(" s").map_or("", |(_, rest)| rest);
                format!("{counts} skipped in TIME s{rest}\n")
            }
            None => match line.split_once("another corpus: ") {
                Some((before, _)) => format!("{before}another corpus: HASHES\n"),
                None => format!("{line}\n"),
            },
        });
        untimed.collect()
    }

    fn kept(&self) -> Result<Vec<u8>, Failed> {
        Ok(fs::read(&self.baseline)?)
    }

    fn moved_to_this_run(&self) -> Result<(), Failed> {
        self.stays(&fs::read(self.tried.out().join("results.jsonl"))?)
    }

    fn stays(&self, expected: &[u8]) -> Result<(), Failed> {
        let names: Vec<_> = fs::read_dir(self.baseline.with_file_name(""))?.collect();
        if names.len() != 1 {
            return Err(format!("{names:?} beside the last good run").into());
        }
        if self.kept()? == expected {
            Ok(())
        } else {
            Err("another run is the last good one".into())
        }
    }
}

/// A gate that is at work, and is ended also by a trial that fails.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            // What it started ends with it, which it does not where it is killed at once.
            let _ = signal("TERM", self.0.id());
            let _ = ended_within(&mut self.0, Duration::from_secs(30));
        }
    }
}

/// The processes that this one started.
fn children_of(parent: u32) -> Result<Vec<u32>, Failed> {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let ids = fs::read_to_string(path)?;
    Ok(ids.split_whitespace().filter_map(|id| id.parse().ok()).collect())
}
