//! Which smbd is started: one of another root, one with a clock that runs fast.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use oplock_live::{LiveTarget, ManagedSamba, SambaOptions};
use oplock_model::{OplockLevel, Status, TargetFault, Wanted};

use crate::places::{second_account, second_node, second_share};
use crate::play::{A, B, Play, SMBD, close, create, created, directory, oplock, same};
use crate::server::files_below;

/// How many times as fast the clock of these trials runs.
const FACTOR: u32 = 18;
/// What the 35 s of the server's break timer become then, with room for a busy machine (in milliseconds).
const TIMER: std::ops::RangeInclusive<u64> = 1_700..=2_500;

/// The smbd of a root: the named one, else this system as a root of its own.
pub fn root() -> Result<(), Failed> {
    let named = std::env::var_os(SMBD).map(PathBuf::from).filter(|named| named.is_dir());
    let root = named.unwrap_or_else(|| "/".into());
    let folder = directory("root");
    let options = SambaOptions { smbd: Some(root.clone()), ..SambaOptions::in_directory(&folder) };
    let samba = ManagedSamba::start(options)?;
    let play = connected(&samba)?;
    for test in [second_account, second_node, second_share] {
        test(&play)?;
    }
    drop(play);
    let lives_in = samba.log_path();
    same("its files are inside", &lives_in.starts_with(root.join("tmp")), &true)?;
    let kept = fs::read_to_string(folder.join(".oplock-conformance"))?;
    same("what a killed run leaves is noted", &lives_in.starts_with(&kept), &true)?;
    drop(samba);
    same("both directories", &[folder.exists(), Path::new(&kept).exists()], &[false; 2])
}

pub fn no_root() -> Result<(), Failed> {
    let folder = directory("no-root");
    fs::create_dir_all(&folder)?;
    let options = SambaOptions {
        smbd: Some(folder.clone()),
        ..SambaOptions::in_directory(directory("no-root-server"))
    };
    let started = ManagedSamba::start(options);
    fs::remove_dir(&folder)?;
    match started {
        Err(TargetFault::Start(message)) => {
            same("the remedy", &message.contains("`ci/samba-root SUITE ROOT`"), &true)
        }
        other => Err(format!("saw {other:?}").into()),
    }
}

/// Logins, files, nodes, clean-up work as ever; only the break timer ends sooner.
pub fn fast_clock() -> Result<(), Failed> {
    let folder = directory("fast");
    let options = SambaOptions { fast: Some(FACTOR), ..crate::play::options(&folder) };
    let samba = ManagedSamba::start(options)?;
    let play = connected(&samba)?;
    let share = files_below(&folder).join("share");
    second_node(&play)?;
    let mut stage = play.stage("timer", false)?;
    let a = stage.open(A, oplock(OplockLevel::BATCH))?;
    let sent = stage.now();
    let b = stage.send(B, create("f", Wanted::Nothing))?;
    stage.notice()?;
    let b = created(stage.reply(b)?)?;
    let waited = stage.now().micros_since(sent) / 1000;
    same(&format!("{waited} ms in {TIMER:?}"), &TIMER.contains(&waited), &true)?;
    for (who, file) in [(A, a.file), (B, b.file)] {
        same("close", &stage.ask(who, close(file))?.0, &Status::SUCCESS)?;
    }
    stage.end()?;
    drop(play);
    let left = fs::read_dir(&share).map_or(0, |entries| entries.count());
    same("what stays on the share", &left, &0)
}

fn connected(samba: &ManagedSamba) -> Result<Play, Failed> {
    let target = LiveTarget::connect(samba.address(), samba.password(), samba.options())?;
    Ok(Play(target.into()))
}
