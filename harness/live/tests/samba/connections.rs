//! Credits, compounds, connections, and what one cell leaves to the next.

use libtest_mimic::Failed;
use oplock_model::{
    Body, BreakNotice, ConnectionId, CreateOp, CreateOptions, Disposition, Event, FileId,
    LeaseState, Op, OplockLevel, Status, Wanted,
};

use crate::play::{A, B, C, Play, close, create, created, key, lease, oplock, same};

const MANY: usize = 64;

/// All wait for the same break; none is lost, none overruns its credits, and the acknowledgement comes through.
pub fn outstanding_creates(play: &Play) -> Result<(), Failed> {
    let mut stage = play.stage("outstanding", false)?;
    let a = stage.open(A, oplock(OplockLevel::BATCH))?;
    let mut calls = Vec::new();
    for _ in 0..MANY {
        calls.push(stage.send(B, create("f", Wanted::Nothing))?);
    }
    stage.notice()?;
    stage.fence()?;
    same("answers before the ack", &stage.rest(), &Vec::new())?;
    stage.ask(A, Op::OplockAck { file: a.file, level: OplockLevel::II })?;
    for call in calls {
        created(stage.reply(call)?)?;
    }
    stage.end()
}

pub fn outstanding_reads(play: &Play) -> Result<(), Failed> {
    let mut stage = play.stage("reads", false)?;
    let a = stage.open(A, Wanted::Nothing)?;
    for _ in 0..8 {
        let mut calls = Vec::new();
        for _ in 0..MANY {
            calls.push(stage.send(A, Op::Read { file: a.file, offset: 0, length: 10 })?);
        }
        for call in calls {
            same("read", &stage.reply(call)?, &(Status::SUCCESS, Body::Count(10)))?;
        }
    }
    stage.end()
}

pub fn large(play: &Play) -> Result<(), Failed> {
    let mut stage = play.stage("large", false)?;
    let a = stage.open(A, Wanted::Nothing)?;
    let length = 1 << 20;
    for round in 0..8 {
        let offset = round * u64::from(length);
        let written = stage.ask(A, Op::Write { file: a.file, offset, length })?;
        same("write", &written, &(Status::SUCCESS, Body::Count(length)))?;
        let read = stage.ask(A, Op::Read { file: a.file, offset, length })?;
        same("read", &read, &(Status::SUCCESS, Body::Count(length)))?;
    }
    stage.end()
}

pub fn compound(play: &Play) -> Result<(), Failed> {
    let mut stage = play.stage("compound", false)?;
    let ops = [
        create("f", oplock(OplockLevel::BATCH)),
        Op::Write { file: FileId::RELATED, offset: 0, length: 5 },
        Op::Read { file: FileId::RELATED, offset: 0, length: 64 },
        close(FileId::RELATED),
    ];
    let calls = stage.send_all(A, &ops)?;
    let [open, write, read, closed] = calls.as_slice() else { return Err("calls".into()) };
    same("level", &created(stage.reply(*open)?)?.level, &OplockLevel::BATCH)?;
    same("write", &stage.reply(*write)?, &(Status::SUCCESS, Body::Count(5)))?;
    same("read", &stage.reply(*read)?, &(Status::SUCCESS, Body::Count(64)))?;
    same("close", &stage.reply(*closed)?, &(Status::SUCCESS, Body::Empty))?;
    // Closed indeed: the next open breaks nothing.
    stage.open(B, oplock(OplockLevel::BATCH))?;
    stage.end()
}

/// One ClientGuid, so one lease table: the acknowledgement is good from either connection.
pub fn second_connection(play: &Play) -> Result<(), Failed> {
    let mut stage = play.stage("second-connection", true)?;
    let key = key(1);
    let a = stage.open(A, lease(1, 1, LeaseState::RWH))?;
    let c = stage.open(C, lease(1, 1, LeaseState::RWH))?;
    let states = [a, c].map(|open| open.lease.map(|lease| lease.state));
    same("both have the lease", &states, &[Some(LeaseState::RWH); 2])?;
    let b = stage.send(B, create("f", Wanted::Nothing))?;
    match stage.notice()? {
        BreakNotice::Lease { connection: ConnectionId(0 | 2), key: of, .. } if of == key => {}
        other => return Err(format!("saw {other:?}").into()),
    }
    same("ack", &stage.ask(C, Op::LeaseAck { key, state: LeaseState::RH })?.0, &Status::SUCCESS)?;
    created(stage.reply(b)?)?;
    stage.end()
}

/// The same clients play again and again; whatever one cell held is gone for the next.
pub fn reuse(play: &Play) -> Result<(), Failed> {
    for round in 0..10 {
        let mut stage = play.stage(&format!("reuse-{round}"), round % 2 == 1)?;
        let a = stage.open(A, oplock(OplockLevel::BATCH))?;
        same("granted", &a.level, &OplockLevel::BATCH)?;
        let b = stage.send(B, create("f", lease(1, 1, LeaseState::RWH)))?;
        stage.notice()?;
        same("close", &stage.ask(A, close(a.file))?.0, &Status::SUCCESS)?;
        let b = created(stage.reply(b)?)?;
        same("lease", &b.lease.map(|lease| lease.state), &Some(LeaseState::RWH))?;
        stage.end()?;
    }
    Ok(())
}

/// Nobody acknowledges: the end cancels, closes and returns without waiting for the server's 35 s.
pub fn unfinished(play: &Play) -> Result<(), Failed> {
    let mut stage = play.stage("unfinished", false)?;
    stage.open(A, oplock(OplockLevel::BATCH))?;
    stage.send(B, create("f", oplock(OplockLevel::BATCH)))?;
    stage.send(C, create("f", oplock(OplockLevel::BATCH)))?;
    stage.notice()?;
    let late = stage.drop_curtain()?.into_iter().map(|event| event.value);
    let late: Vec<Event> = late.filter(|event| !matches!(event, Event::Interim { .. })).collect();
    same("late events", &late, &Vec::new())?;
    // The clients are as good as new.
    let mut stage = play.stage("after-unfinished", false)?;
    same("granted", &stage.open(A, oplock(OplockLevel::BATCH))?.level, &OplockLevel::BATCH)?;
    stage.end()
}

/// Directories, streams and files that the cell made, open ones among them, are removed.
pub fn folders(play: &Play) -> Result<(), Failed> {
    let mut stage = play.stage("folders", false)?;
    let directory = CreateOp {
        path: "d".to_owned(),
        options: CreateOptions::DIRECTORY_FILE,
        disposition: Disposition::Create,
        ..CreateOp::default()
    };
    created(stage.ask(A, Op::Create(Box::new(directory)))?)?;
    created(stage.ask(A, create("d/deep", Wanted::Nothing))?)?;
    created(stage.ask(B, create("f:stream", oplock(OplockLevel::BATCH)))?)?;
    stage.end()
}
