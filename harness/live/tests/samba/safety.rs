//! What a run may do to somebody's server: how many connections it opens, and what it touches and removes.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use libtest_mimic::Failed;
use oplock_live::{
    Address, Caps, LeftOver, LiveOptions, LiveTarget, ManagedSamba, OtherRun, SambaOptions,
};
use oplock_model::{CellId, LeaseState, Load, Op, OplockLevel, Setup, Target as _, TargetFault};

use crate::play::{self, A, B, Play, actor, created, directory, lease, oplock, same};
use crate::server::{files_below, processes_of};

/// Names the server on which a child of this process leaves a folder when it is killed; its password comes through stdin.
pub const LEAVE: &str = "OPLOCK_LIVE_LEAVE";

fn start(name: &str, settings: &[(&str, &str)]) -> Result<ManagedSamba, Failed> {
    let settings =
        settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let options = SambaOptions { settings, ..play::options(directory(name)) };
    Ok(ManagedSamba::start(options)?)
}

fn connect(samba: &ManagedSamba, caps: Caps) -> Result<LiveTarget, TargetFault> {
    let options = LiveOptions { caps, ..LiveOptions::default() };
    LiveTarget::connect(samba.address(), samba.password(), options)
}

fn connections(most: u32) -> Caps {
    Caps { connections: Some(most), ..Caps::default() }
}

/// Many cells at once, of two clients and of three; each must have its break.
fn crowd(play: &Play) -> Result<(), Failed> {
    const CELLS: usize = 40;
    let cell = |number: usize| -> Result<(), Failed> {
        let mut stage = play.stage(&format!("crowd-{number}"), number.is_multiple_of(2))?;
        let a = stage.open(A, oplock(OplockLevel::BATCH))?;
        let b = stage.send(B, play::create("f", lease(1, 1, LeaseState::RH)))?;
        stage.notice()?;
        stage.ask(A, Op::OplockAck { file: a.file, level: OplockLevel::II })?;
        created(stage.reply(b)?)?;
        stage.end()
    };
    let outcomes: Vec<Result<(), Failed>> = std::thread::scope(|scope| {
        let cells: Vec<_> = (0..CELLS).map(|number| scope.spawn(move || cell(number))).collect();
        cells.into_iter().map(|cell| cell.join().unwrap_or(Err("a panic".into()))).collect()
    });
    outcomes.into_iter().collect()
}

/// The server closes what is one too many; the cells wait for each other instead of failing.
pub fn few_processes() -> Result<(), Failed> {
    let samba = start("few", &[("max smbd processes", "8")])?;
    let target = Play(Arc::new(connect(&samba, Caps::default())?));
    crowd(&target)
}

/// However many cells run, there are never more connections than the cap, those of the run itself included.
pub fn capped() -> Result<(), Failed> {
    const MOST: u32 = 5;
    let samba = start("capped", &[])?;
    let group = samba.process_id().ok_or("no process id")?;
    let before = processes_of(group).len();
    let over = AtomicBool::new(false);
    let highest = std::thread::scope(|scope| -> Result<usize, Failed> {
        let watcher = scope.spawn(|| {
            let mut highest = 0;
            while !over.load(Ordering::Relaxed) {
                highest = highest.max(processes_of(group).len());
            }
            highest
        });
        let played = connect(&samba, connections(MOST))
            .map_err(Failed::from)
            .and_then(|target| crowd(&Play(Arc::new(target))));
        over.store(true, Ordering::Relaxed);
        played?;
        watcher.join().map_err(|_| "the watcher panicked".into())
    })?;
    let most = before + MOST as usize;
    // A process of a connection that was just closed may live a moment longer than the connection.
    same("processes at a time", &(highest > before, highest <= most + 1), &(true, true))
}

/// A cell that can never have its connections or files says so at once.
pub fn too_small() -> Result<(), Failed> {
    let samba = start("small", &[])?;
    let target = connect(&samba, Caps { connections: Some(3), open_files: Some(4) })?;
    let setup = |actors: &[(&str, u32)], files| Setup {
        cell: CellId("live/small".to_owned()),
        actors: actors.iter().map(|(name, client)| actor(name, *client, 1)).collect(),
        load: Load { files, waits: false },
        ..Setup::default()
    };
    let three = setup(&[("A", 1), ("B", 2), ("C", 3)], 1);
    let greedy = setup(&[("A", 1)], 5);
    let said = [three, greedy].map(|setup| match target.scene(&setup) {
        Err(TargetFault::Unsupported(reason)) => reason,
        Err(fault) => fault.to_string(),
        Ok(_) => "a scene".to_owned(),
    });
    let wanted = [
        "it needs 4 connections, and the run may have 3 of them at a time",
        "it needs 5 open files, and the run may have 4 of them at a time",
    ];
    same("what it says", &said, &wanted.map(str::to_owned))?;
    target.scene(&setup(&[("A", 1), ("B", 2)], 4))?.end()?;
    Ok(())
}

/// The folder of a killed run is found and removed; that of a living one, and whatever is somebody else's, stays as it is.
pub fn swept() -> Result<(), Failed> {
    let root = directory("sweep");
    let samba = start("sweep", &[])?;
    let share = files_below(&root).join("share");
    fill(&share)?;
    let theirs = contents(&share)?;
    let living = connect(&samba, Caps::default())?;
    let dead = left_by_a_killed_run(&samba)?;
    let target = connect(&samba, Caps::default())?;
    let young = "oplock-conformance-young";
    fs::create_dir(share.join(young))?;
    Play(Arc::new(connect(&samba, Caps::default())?)).stage("beside", false)?.end()?;

    let told = |sweep| -> Result<BTreeMap<String, OtherRun>, Failed> {
        let of = |left: LeftOver| (left.folder, left.run);
        Ok(target.left_overs(sweep)?.into_iter().map(of).collect())
    };
    let mut wanted = BTreeMap::from([
        (dead.clone(), OtherRun::Dead),
        (living.run_folder().to_owned(), OtherRun::Living("it holds its mark of life")),
        (
            young.to_owned(),
            OtherRun::Living("it has no mark of life, but it is too young to be left over"),
        ),
    ]);
    same("what is found", &told(false)?, &wanted)?;
    same("nothing was removed", &share.join(&dead).is_dir(), &true)?;
    wanted.insert(dead.clone(), OtherRun::Swept);
    same("what is swept", &told(true)?, &wanted)?;
    same("the dead run's folder", &share.join(&dead).exists(), &false)?;
    // The one that lives can go on.
    let living = Play(Arc::new(living));
    living.stage("goes-on", false)?.end()?;
    wanted.remove(&dead);
    same("what is found then", &told(true)?, &wanted)?;
    drop((living, target));
    fs::remove_dir(share.join(young))?;
    same("everything else", &contents(&share)?, &theirs)
}

/// A run of another process, killed while a cell plays; the name of the folder that it leaves.
fn left_by_a_killed_run(samba: &ManagedSamba) -> Result<String, Failed> {
    let Address { user, host, port, share, .. } = samba.address();
    let mut child = Command::new(std::env::current_exe()?)
        .env(LEAVE, format!("smb://{user}@{host}:{port}/{share}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let left = said_by(&mut child, &samba.password());
    child.kill()?;
    child.wait()?;
    left
}

fn said_by(child: &mut Child, password: &str) -> Result<String, Failed> {
    writeln!(child.stdin.as_mut().ok_or("no stdin")?, "{password}")?;
    let mut said = String::new();
    BufReader::new(child.stdout.as_mut().ok_or("no stdout")?).read_line(&mut said)?;
    let folder = said.trim().to_owned();
    if folder.is_empty() { Err("the other run did not begin".into()) } else { Ok(folder) }
}

/// What a child of [`swept`] does until it is killed.
pub fn leave(address: &str) {
    let mut password = String::new();
    let _ = std::io::stdin().read_line(&mut password);
    let connected =
        Address::parse(address).map_err(|error| error.to_string()).and_then(|address| {
            let (password, options) = (password.trim().to_owned(), LiveOptions::default());
            LiveTarget::connect(address, password, options).map_err(|fault| fault.to_string())
        });
    let play = match connected {
        Ok(target) => Play(Arc::new(target)),
        Err(error) => return eprintln!("{error}"),
    };
    let Ok(mut stage) = play.stage("left", false) else { return };
    if stage.open(A, oplock(OplockLevel::BATCH)).is_ok() {
        println!("{}", play.0.run_folder());
    }
    // Until the parent kills us, or closes the pipe.
    let _ = std::io::read_to_string(std::io::stdin());
}

/// What somebody else may have on a share, with names like ours among it.
fn fill(share: &Path) -> Result<(), Failed> {
    for folder in ["papers", "oplock-conformance", "oplock-conformance-a b", "papers/deep"] {
        fs::create_dir(share.join(folder))?;
        fs::write(share.join(folder).join("alive"), folder)?;
    }
    for file in ["letter.txt", "oplock-conformance-file", "alive", "papers/f"] {
        fs::write(share.join(file), file.repeat(1000))?;
    }
    Ok(())
}

/// Everything below a folder: its bytes, and when it was written.
fn contents(folder: &Path) -> Result<BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)>, Failed> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            let is_folder = path.is_dir();
            let bytes = if is_folder { Vec::new() } else { fs::read(&path)? };
            all.insert(path.clone(), (bytes, fs::metadata(&path)?.modified()?));
            if is_folder {
                folders.push(path);
            }
        }
    }
    Ok(all)
}
