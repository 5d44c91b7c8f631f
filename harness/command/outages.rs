//! A server that stops for a while, stops for good, dies, or whose path goes away in the middle of a run: the run ends in
//! time, every cell is accounted for, and the reports are whole.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::Failed;

use super::{Tried, ended_within, pause, results, signal, whole};

/// Cells of a second or less, so that a trial meets a server in the middle of many.
const CELLS: [&str; 4] = ["run", "--target", "samba", "oplock/"];
/// The longest that a run may take once its server is away: every bound of a cell that was being played, and the time in
/// which a server may come back.
const ENDS_WITHIN: Duration = Duration::from_secs(120);

/// Why there can be no trial with a network of its own.
pub fn no_network() -> Option<String> {
    let tried = Command::new("unshare").args(["--net", "ip", "link", "set", "lo", "up"]).output();
    match tried {
        Ok(output) if output.status.success() => None,
        Ok(_) => Some("no right to make a network of its own: run as root".to_owned()),
        Err(error) => Some(format!("unshare: {error}")),
    }
}

/// It stands still for ten seconds: what waits longer than its bound is a stall, everything else goes on.
pub fn stopped_for_a_while(tried: &Tried) -> Result<(), Failed> {
    let mut child = tried.start(&CELLS)?;
    tried.wait_for_cells()?;
    let servers = tried.servers()?;
    servers.iter().for_each(|server| drop(signal("STOP", *server)));
    wait(Duration::from_secs(10));
    servers.iter().for_each(|server| drop(signal("CONT", *server)));
    ended(&mut child, &[0, 1, 5])?;
    tried.no_server_is_left()?;
    whole(&tried.out())?;
    // It came back, and so did the run.
    let last = verdicts(tried)?.split_off(1).pop().unwrap_or_default();
    if last == "error" { Err("the last cell is an error".into()) } else { Ok(()) }
}

/// It never moves again: no cell waits for it once it is known to be gone.
pub fn stopped_for_good(tried: &Tried) -> Result<(), Failed> {
    let mut child = tried.start(&CELLS)?;
    tried.wait_for_cells()?;
    for server in tried.servers()? {
        let _ = signal("STOP", server);
    }
    ended(&mut child, &[1, 5])?;
    tried.no_server_is_left()?;
    whole(&tried.out())?;
    cannot_be_reached(tried)
}

/// Its path goes away: nothing is refused, nothing arrives.
pub fn path_gone(tried: &Tried) -> Result<(), Failed> {
    let command = tried.command(&CELLS);
    let mut inside = Command::new("unshare");
    inside.args(["--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"]);
    inside.arg(command.get_program()).args(command.get_args());
    inside.current_dir(tried.folder.path()).stdin(Stdio::null());
    let mut child = inside.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    tried.wait_for_cells()?;
    let network = format!("--net=/proc/{}/ns/net", child.id());
    let down = Command::new("nsenter").args([&network, "ip", "link", "set", "lo", "down"]).status();
    if !down?.success() {
        child.kill()?;
        return Err("the path cannot be taken away".into());
    }
    ended(&mut child, &[1, 5])?;
    tried.no_server_is_left()?;
    whole(&tried.out())?;
    cannot_be_reached(tried)
}

fn ended(child: &mut std::process::Child, codes: &[i32]) -> Result<(), Failed> {
    let began = now();
    let code = ended_within(child, ENDS_WITHIN)?;
    println!("it ended {:?} after the server was away, with exit {code:?}", began.elapsed());
    match code {
        Some(code) if codes.contains(&code) => Ok(()),
        other => Err(format!("exit {other:?}").into()),
    }
}

/// The cells that were never asked say why.
fn cannot_be_reached(tried: &Tried) -> Result<(), Failed> {
    let text = fs::read_to_string(tried.out().join("results.jsonl"))?;
    let told = text.matches("\"reason\":\"cannot reach 127.0.0.1:").count();
    if told == 0 { Err("no cell says that the server cannot be reached".into()) } else { Ok(()) }
}

/// The verdicts in the order in which the cells ended, the header's place first.
fn verdicts(tried: &Tried) -> Result<Vec<String>, Failed> {
    let word = |line: &String| {
        let rest = line.split("\"verdict\":\"").nth(1).unwrap_or_default();
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    let lines = results(&tried.out())?;
    let cells = lines.len().saturating_sub(1);
    Ok(lines.iter().take(cells).map(word).collect())
}

fn wait(time: Duration) {
    let began = now();
    while began.elapsed() < time {
        pause();
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a server is away, and a run takes")]
fn now() -> Instant {
    Instant::now()
}
