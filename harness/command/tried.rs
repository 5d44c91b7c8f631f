//! One trial of the command: its folder, its processes, and what it left.

use std::fs;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use libtest_mimic::Failed;

/// One trial's folder, and the command in it.
pub(crate) struct Tried {
    pub(crate) folder: tempfile::TempDir,
}

impl Tried {
    pub(crate) fn new() -> Result<Tried, Failed> {
        Ok(Tried { folder: tempfile::tempdir()? })
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// A file or folder of the trial.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A directory of cases with this one file, and the capabilities of the corpus.
    pub(crate) fn cases(&self, text: &str) -> Result<String, Failed> {
        let cases = self.folder.path().join("cases");
        fs::create_dir_all(cases.join("oplock"))?;
        fs::write(cases.join("oplock/tried.yaml"), text)?;
        let capabilities = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/capabilities.yaml");
        fs::copy(capabilities, cases.join("capabilities.yaml"))?;
        Ok(cases.to_string_lossy().into_owned())
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oplock-conformance"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        if matches!(arguments.first(), Some(&("run" | "bless"))) {
            command.arg("--out").arg(self.out());
        }
        command
    }

    /// The command with these arguments and nothing else.
    pub(crate) fn command_bare(&self, arguments: &[&str]) -> Result<Output, Failed> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oplock-conformance"));
        Ok(command.args(arguments).current_dir(self.folder.path()).output()?)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Result<Output, Failed> {
        Ok(self.command(arguments).output()?)
    }

    /// Starts it so that it hears signals, also where whoever runs the trials does not: below `nohup`, or in the background.
    pub(crate) fn start(&self, arguments: &[&str]) -> Result<Started, Failed> {
        let plain = self.command(arguments);
        let mut command = Command::new("env");
        command.arg("--default-signal=HUP,INT,TERM").arg(plain.get_program());
        command.args(plain.get_args()).current_dir(self.folder.path()).stdin(Stdio::null());
        Ok(Started(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?))
    }

    /// Waits until the run has results, and so is in the middle of its cells: the longest take 35 s.
    pub(crate) fn wait_for_cells(&self) -> Result<(), Failed> {
        for _ in 0..300 {
            if results(&self.out()).is_ok_and(|lines| lines.len() > 5) {
                return Ok(());
            }
            pause();
        }
        Err("no cell has ended after 30 s".into())
    }

    /// The processes that name this trial's folder: the private server and its children.
    pub(crate) fn servers(&self) -> Result<Vec<u32>, Failed> {
        let folder = self.out();
        let folder = folder.to_string_lossy();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let entry = entry?;
            let Ok(id) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line);
            if line.contains("smbd") && line.contains(&*folder) && !line.contains("--out") {
                found.push(id);
            }
        }
        Ok(found)
    }

    pub(crate) fn no_server_is_left(&self) -> Result<(), Failed> {
        for _ in 0..100 {
            if self.servers()?.is_empty() {
                return Ok(());
            }
            pause();
        }
        Err(format!("smbd is left: {:?}", self.servers()?).into())
    }
}

/// A process that does not outlive its trial, however that ends.
pub(crate) struct Started(Child);

impl Deref for Started {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Started {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Every planned cell has its line, and both reports have their end.
pub(crate) fn whole(out: &Path) -> Result<(), Failed> {
    let lines = results(out)?;
    let header = lines.first().ok_or("no header")?;
    let footer = lines.last().ok_or("no footer")?;
    let cells = lines.len().saturating_sub(2);
    let planned = format!("\"planned\":{cells},");
    if !header.contains(&planned) || !footer.starts_with("{\"line\":\"footer\"") {
        return Err(format!("{cells} cells\n{header}\n{footer}").into());
    }
    let junit = fs::read_to_string(out.join("junit.xml"))?;
    if junit.matches("<testcase ").count() != cells || !junit.ends_with("</testsuites>") {
        return Err("junit.xml is not whole".into());
    }
    Ok(())
}

/// Header, cells and footer of a record.
pub(crate) fn results(out: &Path) -> Result<Vec<String>, Failed> {
    let text = fs::read_to_string(out.join("results.jsonl"))?;
    let is_case = |line: &&str| line.starts_with("{\"line\":\"case\"");
    Ok(text.lines().filter(|line| !is_case(line)).map(str::to_owned).collect())
}

pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}

pub(crate) fn expect_exit(output: &Output, code: i32) -> Result<(), Failed> {
    if output.status.code() == Some(code) {
        return Ok(());
    }
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("{}, not exit {code}\n{out}\n{err}", output.status).into())
}

/// The exit code, where the process ends in time; else it is killed.
pub(crate) fn ended_within(child: &mut Child, most: Duration) -> Result<Option<i32>, Failed> {
    for _ in 0..most.as_millis() / PAUSE.as_millis() {
        if let Some(status) = child.try_wait()? {
            return Ok(status.code());
        }
        pause();
    }
    child.kill()?;
    child.wait()?;
    Err(format!("it did not end within {most:?}").into())
}

pub(crate) fn signal(name: &str, process: u32) -> Result<(), Failed> {
    let status = Command::new("kill").arg(format!("-{name}")).arg(process.to_string()).status()?;
    if status.success() { Ok(()) } else { Err(format!("kill: {status}").into()) }
}

pub(crate) fn line_of(text: &str, part: &str) -> Result<usize, Failed> {
    text.lines().position(|line| line.contains(part)).ok_or_else(|| "no such line".into())
}

/// Between two looks at another process.
pub(crate) const PAUSE: Duration = Duration::from_millis(100);

pub(crate) fn pause() {
    let (_kept, nothing) = mpsc::channel::<()>();
    let _ = nothing.recv_timeout(PAUSE);
}
