//! The managed smbd itself: how it starts, what ends it, what stays.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use libtest_mimic::Failed;
use oplock_live::{Address, Dialect, LiveOptions, LiveTarget, ManagedSamba};
use oplock_model::{Op, Target as _, TargetFault, Wanted};

use crate::play::{A, B, C, Play, SMBD, directory, options, same};

/// Names the directory in which a child of this process holds a server until it is killed.
pub const HOLD: &str = "OPLOCK_LIVE_HOLD";
/// What such a child writes once its server answers.
const READY: &str = "ready";

fn start(name: &str) -> Result<ManagedSamba, Failed> {
    Ok(ManagedSamba::start(options(directory(name)))?)
}

fn connect(samba: &ManagedSamba, options: LiveOptions) -> Result<LiveTarget, TargetFault> {
    LiveTarget::connect(samba.address(), samba.password(), options)
}

pub fn facts() -> Result<(), Failed> {
    let samba = start("facts")?;
    for (dialect, lease_v2) in [(Dialect::Smb2_1, false), (Dialect::Smb3_1_1, true)] {
        let product = Some(("samba".to_owned(), samba.version()));
        let options = LiveOptions { product, dialect: Some(dialect), ..LiveOptions::default() };
        let target = connect(&samba, options)?;
        let facts = target.facts();
        same("axes", &facts.axes, &format!("{},signed", dialect.word()))?;
        same("product", &facts.product.as_str(), &"samba")?;
        let has = |name: &str| facts.capabilities.get(name).is_some_and(|found| found.present);
        let seen = ["lease_v1", "named_streams", "second_connection", "break_timer"].map(has);
        same("capabilities", &seen, &[true; 4])?;
        same("lease_v2", &has("lease_v2"), &lease_v2)?;
        let said = facts.capabilities.values().all(|found| !found.source.is_empty());
        same("every answer has a source", &said, &true)?;
    }
    // The newest is taken where nothing is said.
    let target = connect(&samba, LiveOptions::default())?;
    same("axes", &target.facts().axes.as_str(), &"smb3_1_1,signed")
}

pub fn dropped() -> Result<(), Failed> {
    let root = directory("dropped");
    let samba = start("dropped")?;
    let target = connect(&samba, LiveOptions::default())?;
    let share = files_below(&root).join("share").join(target.run_folder());
    same("the run's folder is there", &share.is_dir(), &true)?;
    Play(target.into()).stage("dropped", false)?.end()?;
    same("the run's folder is gone", &share.exists(), &false)?;
    let group = samba.process_id().ok_or("no process id")?;
    same("servers while it runs", &processes_of(group).is_empty(), &false)?;
    let log = directory("kept.log");
    samba.keep_log(&log)?;
    drop(samba);
    same("servers after the drop", &processes_of(group), &Vec::new())?;
    same("its directory", &root.exists(), &false)?;
    let kept = fs::read_to_string(&log)?;
    fs::remove_file(&log)?;
    same("the kept log", &kept.contains("smbd"), &true)
}

pub fn killed() -> Result<(), Failed> {
    let samba = start("killed")?;
    let target = connect(&samba, LiveOptions::default())?;
    let play = Play(target.into());
    let mut stage = play.stage("killed", false)?;
    stage.open(A, Wanted::Nothing)?;
    let id = samba.process_id().ok_or("no process id")?;
    kill(id)?;
    for _ in [A, B, C] {
        stage.gone()?;
    }
    match stage.send(A, Op::Fence) {
        Err(failed) => {
            let message = failed.message().unwrap_or_default();
            same("lost", &message.contains("connection lost"), &true)?;
        }
        Ok(_) => return Err("an operation was sent to a server that is gone".into()),
    }
    // The losses were told; nothing is left to say, and the folder waits for the end of the run.
    let (late, soon) = timed(5, || stage.drop_curtain());
    same("the end of a lost scene is soon", &(late?.len(), soon), &(0, true))
}

pub fn harness_killed() -> Result<(), Failed> {
    let root = directory("harness-killed");
    let mut child =
        Command::new(std::env::current_exe()?).env(HOLD, &root).stdin(Stdio::piped()).spawn()?;
    let ready = within(20, || root.join(READY).exists());
    let group = fs::read_to_string(files_below(&root).join("pid/smbd.pid"))?.trim().parse()?;
    let servers = processes_of(group).len();
    child.kill()?;
    child.wait()?;
    same("it was ready", &ready, &true)?;
    same("servers before", &(servers > 0), &true)?;
    same("no servers after", &within(5, || processes_of(group).is_empty()), &true)?;
    // The next run with this directory sweeps what stayed; here nobody starts one.
    let files = files_below(&root);
    ManagedSamba::sweep(&root)?;
    same("its directories", &[root.exists(), files.exists()], &[false; 2])?;
    ManagedSamba::sweep(&root)?;
    same("its directory, which was never there", &root.exists(), &false)
}

/// What a child of [`harness_killed`] and [`plain_user`] does.
pub fn hold(root: PathBuf) {
    match ManagedSamba::start(options(&root)) {
        Ok(samba) => {
            let options = LiveOptions::default();
            if let Err(fault) = LiveTarget::connect(samba.address(), samba.password(), options) {
                eprintln!("{fault}");
                return;
            }
            let _ = fs::write(root.join(READY), samba.address().user);
            // Until the parent closes the pipe, or kills us.
            let _ = std::io::read_to_string(std::io::stdin());
        }
        Err(fault) => eprintln!("{fault}"),
    }
}

/// As root only: the same once more as `nobody`. A plain user's other trials are this one already.
pub fn plain_user() -> Result<(), Failed> {
    const NOBODY: u32 = 65534;
    let id = Command::new("id").arg("-u").output()?;
    if String::from_utf8_lossy(&id.stdout).trim() != "0" {
        return Ok(());
    }
    // Where `nobody` may read it, and below a directory that is its own.
    let home = directory("plain-user");
    fs::create_dir_all(&home)?;
    std::os::unix::fs::chown(&home, Some(NOBODY), Some(NOBODY))?;
    let program = home.join("trial");
    // By another process: a trial that starts one meanwhile would inherit our handle, and the copy be busy.
    let copied = Command::new("cp").arg(std::env::current_exe()?).arg(&program).status()?;
    same("copy", &copied.success(), &true)?;
    let root = home.join("server");
    let mut child = Command::new(&program)
        .uid(NOBODY)
        .gid(NOBODY)
        .env(HOLD, &root)
        // Another root is for root.
        .env_remove(SMBD)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let ready =
        within(20, || fs::read_to_string(root.join(READY)).is_ok_and(|user| user == "nobody"));
    let group = fs::read_to_string(root.join("pid/smbd.pid")).unwrap_or_default();
    drop(child.stdin.take());
    let output = child.wait_with_output()?;
    if let Ok(group) = group.trim().parse() {
        same("no servers after", &processes_of(group), &Vec::new())?;
    }
    let left = root.exists();
    fs::remove_dir_all(&home)?;
    same("what it said", &String::from_utf8_lossy(&output.stderr).as_ref(), &"")?;
    same("ready as nobody, nothing left", &(ready, left), &(true, false))
}

/// A pipeline's workspace: too long for a Unix socket, or with what smb.conf would replace.
pub fn odd_directory() -> Result<(), Failed> {
    for name in ["x".repeat(120), "feature%2Fx %m".to_owned()] {
        let root = directory("odd").join(name);
        let samba = ManagedSamba::start(options(&root))?;
        drop(connect(&samba, LiveOptions::default())?);
        let elsewhere = PathBuf::from(fs::read_to_string(root.join(".oplock-conformance"))?);
        same("the other directory, while it runs", &elsewhere.is_dir(), &true)?;
        drop(samba);
        same("both directories", &[root.exists(), elsewhere.exists()], &[false; 2])?;
    }
    Ok(fs::remove_dir(directory("odd"))?)
}

pub fn failed_start() -> Result<(), Failed> {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let port = taken.local_addr()?.port().to_string();
    let message = start_with("smb ports", &port)?;
    let parts = ["every port was taken", "the end of its log:", "Address already in use"];
    same("a taken port", &parts.map(|part| message.contains(part)), &[true; 3])?;
    let message = start_with("lock directory", "/proc/none")?;
    same("a wrong setting", &message.starts_with("`pdbedit -a` failed: "), &true)?;
    let mut options = options(directory("failed"));
    options.smbd = Some("/nowhere/smbd".into());
    match ManagedSamba::start(options) {
        Err(TargetFault::Start(message)) => {
            same("no program", &message.starts_with("/nowhere/smbd: "), &true)
        }
        other => Err(format!("saw {other:?}").into()),
    }
}

/// The message of a start that must fail and leave nothing.
fn start_with(name: &str, value: &str) -> Result<String, Failed> {
    let root = directory("failed");
    let mut options = options(&root);
    options.settings = vec![(name.to_owned(), value.to_owned())];
    let message = match ManagedSamba::start(options) {
        Err(TargetFault::Start(message)) => message,
        other => return Err(format!("saw {other:?}").into()),
    };
    same("its directory", &root.exists(), &false)?;
    Ok(message)
}

pub fn directory_of_somebody() -> Result<(), Failed> {
    let root = directory("somebody");
    fs::create_dir_all(&root)?;
    fs::write(root.join("theirs"), "x")?;
    let refused = matches!(
        ManagedSamba::start(options(&root)),
        Err(TargetFault::Start(message)) if message.contains("not from us")
    );
    let kept = root.join("theirs").exists();
    fs::remove_dir_all(&root)?;
    same("refused, and kept", &(refused, kept), &(true, true))
}

pub fn used_directory() -> Result<(), Failed> {
    directory_of_somebody()?;
    let _first = start("used")?;
    match start("used") {
        Err(failed) => {
            let message = failed.message().unwrap_or_default().to_owned();
            same("in use", &message.contains("in use by another run"), &true)
        }
        Ok(_) => Err("two servers in one directory".into()),
    }
}

pub fn wrong_password() -> Result<(), Failed> {
    let samba = start("password")?;
    let refused = LiveTarget::connect(samba.address(), "wrong".to_owned(), LiveOptions::default());
    match refused {
        Err(TargetFault::Refused { what, reason, .. }) => {
            same("what", &what, &format!("the login of {}", samba.address().user))?;
            same("reason", &reason.as_str(), &"logon_failure: wrong user name or password")
        }
        other => Err(format!("saw {other:?}").into()),
    }
}

pub fn wrong_share() -> Result<(), Failed> {
    let samba = start("share")?;
    let address = Address { share: "nothing".to_owned(), ..samba.address() };
    match LiveTarget::connect(address, samba.password(), LiveOptions::default()) {
        Err(TargetFault::Refused { what, reason, .. }) => {
            let seen = (what.as_str(), reason.as_str());
            same("refusal", &seen, &("the share nothing", "bad_network_name: it has no such share"))
        }
        other => Err(format!("saw {other:?}").into()),
    }
}

pub fn closed_port() -> Result<(), Failed> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let address = Address::parse(&format!("smb://ann@127.0.0.1:{port}/data"))?;
    let connect = || LiveTarget::connect(address, String::new(), LiveOptions::default());
    let (refused, soon) = timed(5, connect);
    match refused {
        Err(TargetFault::Unreachable { address, .. }) => {
            same("address", &address, &format!("127.0.0.1:{port}"))?;
        }
        other => return Err(format!("saw {other:?}").into()),
    }
    same("soon", &soon, &true)
}

/// Where a server has its files: in its directory, or where that says.
pub fn files_below(root: &Path) -> PathBuf {
    let elsewhere = fs::read_to_string(root.join(".oplock-conformance")).unwrap_or_default();
    Some(Path::new(&elsewhere).join("files")).filter(|path| path.is_dir()).unwrap_or(root.into())
}

/// The living processes of a group: smbd is the leader of its own.
pub fn processes_of(group: u32) -> Vec<String> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let is_living_member = |stat: &str| {
        // After the name in parentheses: state, parent, group.
        let fields: Vec<&str> =
            stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        fields.first() != Some(&"Z") && fields.get(2) == Some(&group.to_string().as_str())
    };
    entries
        .flatten()
        .filter(|entry| {
            fs::read_to_string(entry.path().join("stat")).is_ok_and(|stat| is_living_member(&stat))
        })
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Whether it holds before so many seconds have passed.
#[expect(clippy::disallowed_methods, reason = "the bound of a trial that watches processes")]
fn within(seconds: u64, holds: impl Fn() -> bool) -> bool {
    let began = std::time::Instant::now();
    while !holds() {
        if began.elapsed() > Duration::from_secs(seconds) {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

/// What it gives, and whether it took less than so many seconds.
#[expect(clippy::disallowed_methods, reason = "the bound of a trial")]
fn timed<T>(seconds: u64, does: impl FnOnce() -> T) -> (T, bool) {
    let began = std::time::Instant::now();
    let given = does();
    (given, began.elapsed() < Duration::from_secs(seconds))
}

fn kill(id: u32) -> Result<(), Failed> {
    let done = Command::new("sh").arg("-c").arg(format!("kill -9 {id}")).status()?;
    same("kill", &done.success(), &true)
}
