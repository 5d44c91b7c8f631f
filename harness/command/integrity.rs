//! What a run leaves when it cannot write, when somebody ends it, or when another one wants its place: a clear message, the right
//! exit code, and nothing half-written that looks whole.

use std::fs;
use std::os::unix::fs::FileTypeExt as _;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use libtest_mimic::Failed;
use oplock_runner::record::Record;

use crate::profile::wanted;
use crate::{CASES, Tried, ended_within, expect_exit, pause, results, signal, whole};

/// Minutes of plays on the reference, so that a trial always meets them in their middle.
const LONG: [&str; 5] = ["run", "--repeat", "200", "--jobs", "2"];
/// How often a trial looks at a record that grows: each look reads all of it.
const LOOKS: usize = 40;
/// How long a run may take to its end once somebody asked for it.
const ENDS_WITHIN: Duration = Duration::from_secs(30);

/// Why there can be no file system of a trial's own.
pub(crate) fn no_mounts() -> Option<String> {
    let tried = Command::new("unshare").args(["--mount", "true"]).output();
    match tried {
        Ok(output) if output.status.success() => None,
        Ok(_) => Some("no right to mount a file system: run as root".to_owned()),
        Err(error) => Some(format!("unshare: {error}")),
    }
}

/// Whatever stands where a report should go: the run says so, and does not begin.
pub(crate) fn what_is_in_the_way_is_told(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let run = |more: &[&str]| tried.run(&[&["run", "--cases", &cases], more].concat());
    for name in ["results.jsonl", "junit.xml", "libtest.log"] {
        let path = tried.out().join(name);
        fs::create_dir_all(path.join("in it"))?;
        let output = run(&[])?;
        expect_exit(&output, 5)?;
        let text = told(&output)?;
        wanted(&text, "cannot write ")?;
        wanted(&text, name)?;
        fs::remove_dir_all(tried.out())?;
    }
    let folder = tried.folder.path().join("folder");
    fs::create_dir_all(&folder)?;
    expect_exit(&run(&["--junit", &folder.to_string_lossy()])?, 5)?;
    // A folder that cannot be made.
    let output = tried.command_bare(&["run", "--out", "/proc/no/such"])?;
    expect_exit(&output, 5)?;
    wanted(&told(&output)?, "cannot write /proc/no/such: ")
}

/// A second copy of the report may go into a pipe, which is neither replaced nor taken away.
pub(crate) fn a_pipe_stays_a_pipe(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let pipe = tried.folder.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status()?;
    if !made.success() {
        return Err(format!("mkfifo: {made}").into());
    }
    let reader = {
        let pipe = pipe.clone();
        thread::spawn(move || fs::read_to_string(pipe))
    };
    let path = pipe.to_string_lossy();
    expect_exit(&tried.run(&["run", "--cases", &cases, "--junit", &path])?, 1)?;
    let read = reader.join().map_err(|_| "the reader panicked")??;
    if read != fs::read_to_string(tried.out().join("junit.xml"))? {
        return Err(format!("another report came through the pipe:\n{read}").into());
    }
    if fs::symlink_metadata(&pipe)?.file_type().is_fifo() {
        Ok(())
    } else {
        Err("the pipe is gone".into())
    }
}

/// A terminal or a log that takes nothing any more is no reason for another exit code.
pub(crate) fn a_console_that_cannot_be_written(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    for to in [">/dev/full 2>&1", ">&- 2>&-"] {
        let command = tried.command(&["run", "--cases", &cases]);
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec \"$@\" {to}"), "sh"]);
        shell.arg(command.get_program()).args(command.get_args());
        let output = shell.current_dir(tried.folder.path()).stdin(Stdio::null()).output()?;
        expect_exit(&output, 1)?;
        whole(&tried.out())?;
    }
    Ok(())
}

/// A disk that is full in the middle of a run, and one that can only be read.
pub(crate) fn a_full_disk_is_told(tried: &Tried) -> Result<(), Failed> {
    // The plan of all cells goes in, their results do not.
    let output = on_a_file_system(tried, "size=6m", "", &["run", "--jobs", "2"])?;
    expect_exit(&output, 5)?;
    let text = told(&output)?;
    wanted(&text, "results.jsonl: No space left on device")?;
    let kept = tried.folder.path().join("kept");
    let record = Record::open(&kept.join("results.jsonl"))?;
    if record.footer.is_some() || record.cells.is_empty() {
        return Err(format!("{} cells, a footer: {:?}", record.cells.len(), record.footer).into());
    }
    let junit = fs::read_to_string(kept.join("junit.xml"))?;
    let cells = junit.matches("<testcase ").count();
    let broken = junit.matches("<error ").count();
    if cells != record.header.planned || broken == 0 || !junit.ends_with("</testsuites>") {
        return Err(format!("{cells} cells, {broken} in error in junit.xml").into());
    }
    wanted(&String::from_utf8_lossy(&output.stdout), "results.jsonl cannot be written any more")?;

    let output = on_a_file_system(tried, "size=1m", "mount -o remount,ro \"$at\"", &["run"])?;
    expect_exit(&output, 5)?;
    wanted(&told(&output)?, "Read-only file system")
}

/// Two runs into one folder: the second says so and touches nothing.
pub(crate) fn a_folder_has_one_run_at_a_time(tried: &Tried) -> Result<(), Failed> {
    let mut first = tried.start(&LONG)?;
    tried.wait_for_cells()?;
    let output = tried.run(&["run", "oplock/batch"])?;
    expect_exit(&output, 5)?;
    wanted(&told(&output)?, "another command writes its reports to ")?;
    signal("INT", first.id())?;
    let code = ended_within(&mut first, ENDS_WITHIN)?;
    if code != Some(5) {
        return Err(format!("exit {code:?}").into());
    }
    whole(&tried.out())?;
    // It is free again, also after somebody was killed there.
    fs::remove_dir_all(tried.out())?;
    let mut killed = tried.start(&LONG)?;
    tried.wait_for_cells()?;
    killed.kill()?;
    killed.wait()?;
    expect_exit(&tried.run(&["run", "oplock/batch/second-open"])?, 0)
}

/// A run that goes on is a record with whole lines, whenever somebody looks.
pub(crate) fn who_looks_sees_whole_lines(tried: &Tried) -> Result<(), Failed> {
    let mut child = tried.start(&["run", "--repeat", "30", "--jobs", "2"])?;
    tried.wait_for_cells()?;
    let mut seen = 0;
    let mut last = 0;
    while child.try_wait()?.is_none() && seen < LOOKS {
        // The system may show a line while it is written; whoever reads a record leaves that one out.
        let record = Record::open(&tried.out().join("results.jsonl"))?;
        if record.cells.len() < last {
            return Err(format!("{} cells after {last}", record.cells.len()).into());
        }
        last = record.cells.len();
        seen += 1;
    }
    child.kill()?;
    child.wait()?;
    if seen < 3 { Err(format!("seen {seen} times only").into()) } else { Ok(()) }
}

/// Each signal ends a run with whole reports; a second one at once, and a third without reports.
pub(crate) fn signals_end_a_run(tried: &Tried) -> Result<(), Failed> {
    for names in [&["TERM"][..], &["HUP"], &["INT"], &["INT", "INT"], &["TERM", "INT", "HUP"]] {
        // What the last one left would look like cells of this one.
        fs::remove_dir_all(tried.out()).or_else(|_| fs::create_dir_all(tried.out()))?;
        let mut child = tried.start(&LONG)?;
        tried.wait_for_cells()?;
        for name in names {
            // The last ones may come too late.
            let _ = signal(name, child.id());
        }
        let code = ended_within(&mut child, ENDS_WITHIN)?;
        if code != Some(5) {
            return Err(format!("{names:?}: exit {code:?}").into());
        }
        if names.len() < 3 {
            whole(&tried.out())?;
            let text = results(&tried.out())?.join("\n");
            wanted(&text, "did not run: interrupted")?;
        }
    }
    fs::remove_dir_all(tried.out())?;
    let mut child = tried.start(&LONG)?;
    tried.wait_for_cells()?;
    child.kill()?;
    child.wait()?;
    let record = Record::open(&tried.out().join("results.jsonl"))?;
    let junit = fs::read_to_string(tried.out().join("junit.xml"))?;
    let planned = junit.matches("message=\"did not run\"").count();
    if record.footer.is_some() || planned != record.header.planned {
        return Err(format!("{planned} did not run by junit.xml, {:?}", record.footer).into());
    }
    Ok(())
}

/// `nohup` outlives its terminal.
pub(crate) fn a_run_under_nohup_goes_on(tried: &Tried) -> Result<(), Failed> {
    let command = tried.command(&LONG);
    let mut nohup = Command::new("nohup");
    nohup.arg(command.get_program()).args(command.get_args());
    nohup.current_dir(tried.folder.path()).stdin(Stdio::null());
    let mut child = nohup.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    tried.wait_for_cells()?;
    signal("HUP", child.id())?;
    let before = results(&tried.out())?.len();
    for _ in 0..100 {
        pause();
        if results(&tried.out())?.len() > before + 2 {
            break;
        }
    }
    let after = results(&tried.out())?.len();
    signal("TERM", child.id())?;
    let code = ended_within(&mut child, ENDS_WITHIN)?;
    if after <= before || code != Some(5) {
        return Err(format!("{before} lines, then {after}; exit {code:?}").into());
    }
    Ok(())
}

/// Somebody removes the folder while a run writes to it.
pub(crate) fn a_folder_that_disappears_is_told(tried: &Tried) -> Result<(), Failed> {
    let mut command = tried.command(&[&LONG[..], &["--deadline", "8s"]].concat());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    tried.wait_for_cells()?;
    fs::remove_dir_all(tried.out())?;
    let output = child.wait_with_output()?;
    expect_exit(&output, 5)?;
    wanted(&told(&output)?, "results.jsonl: it was taken away while it was written")
}

/// Runs the command with its reports on a small file system of its own, and keeps what it left there in `kept`.
fn on_a_file_system(
    tried: &Tried,
    options: &str,
    then: &str,
    arguments: &[&str],
) -> Result<Output, Failed> {
    fs::create_dir_all(tried.out())?;
    let kept = tried.folder.path().join("kept");
    fs::create_dir_all(&kept)?;
    let command = tried.command(arguments);
    // Nobody else sees the mount, and it goes with the process.
    let script = format!(
        "mount -t tmpfs -o {options} tmpfs \"$at\" && {{ {then}; }}; \"$@\"; code=$?; \
         cp -r \"$at\"/. \"$kept\"; exit $code"
    );
    let script = script.replace("{ ; }", "true");
    let mut inside = Command::new("unshare");
    inside.args(["--mount", "sh", "-c", &script, "sh"]);
    inside.arg(command.get_program()).args(command.get_args());
    inside.env("at", tried.out()).env("kept", &kept);
    Ok(inside.current_dir(tried.folder.path()).stdin(Stdio::null()).output()?)
}

/// What the command complained of; that it panicked is never among it.
fn told(output: &Output) -> Result<String, Failed> {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    if text.contains("panicked") { Err(text.into()) } else { Ok(text) }
}
