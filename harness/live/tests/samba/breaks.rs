//! Breaks and acknowledgements in all three shapes.

use libtest_mimic::Failed;
use oplock_model::{
    AckAnswer, Body, BreakNotice, ConnectionId, LeaseState, Op, OplockLevel, Status,
};

use crate::play::{A, B, Play, close, create, created, key, lease, oplock, same};

pub fn batch(play: &Play) -> Result<(), Failed> {
    break_to_ii(play, "batch", OplockLevel::BATCH)
}

pub fn exclusive(play: &Play) -> Result<(), Failed> {
    break_to_ii(play, "exclusive", OplockLevel::EXCLUSIVE)
}

fn break_to_ii(play: &Play, name: &str, level: OplockLevel) -> Result<(), Failed> {
    let mut stage = play.stage(name, false)?;
    let a = stage.open(A, oplock(level))?;
    same("granted", &a.level, &level)?;
    let b = stage.send(B, create("f", oplock(level)))?;
    let broken =
        BreakNotice::Oplock { connection: ConnectionId(0), file: a.file, level: OplockLevel::II };
    same("break", &stage.notice()?, &broken)?;
    stage.fence()?;
    same("answers before the ack", &stage.rest(), &Vec::new())?;
    let acked = stage.ask(A, Op::OplockAck { file: a.file, level: OplockLevel::II })?;
    let expected = AckAnswer::Oplock { file: a.file, level: OplockLevel::II };
    same("ack", &acked, &(Status::SUCCESS, Body::Ack(expected)))?;
    let b = created(stage.reply(b)?)?;
    same("granted after the ack", &b.level, &OplockLevel::II)?;
    same("close", &stage.ask(B, close(b.file))?.0, &Status::SUCCESS)?;
    stage.end()
}

pub fn level_ii(play: &Play) -> Result<(), Failed> {
    let mut stage = play.stage("level-ii", false)?;
    let a = stage.open(A, oplock(OplockLevel::II))?;
    same("granted", &a.level, &OplockLevel::II)?;
    let b = stage.open(B, oplock(OplockLevel::NONE))?;
    let written = stage.ask(B, Op::Write { file: b.file, offset: 0, length: 10 })?;
    same("write", &written, &(Status::SUCCESS, Body::Count(10)))?;
    let broken =
        BreakNotice::Oplock { connection: ConnectionId(0), file: a.file, level: OplockLevel::NONE };
    same("break", &stage.notice()?, &broken)?;
    stage.end()
}

pub fn lease_v1(play: &Play) -> Result<(), Failed> {
    lease_break(play, 1)
}

pub fn lease_v2(play: &Play) -> Result<(), Failed> {
    lease_break(play, 2)
}

fn lease_break(play: &Play, version: u8) -> Result<(), Failed> {
    let mut stage = play.stage(&format!("lease-v{version}"), false)?;
    let key = key(1);
    let a = stage.open(A, lease(version, 1, LeaseState::RWH))?;
    same("level", &a.level, &OplockLevel::LEASE)?;
    let granted = a.lease.ok_or("no lease context")?;
    same("lease", &(granted.key, granted.state), &(key, LeaseState::RWH))?;
    let epoch = if version == 2 { 8 } else { 0 };
    same("version and epoch", &(granted.version, granted.epoch), &(version, epoch))?;
    let b = stage.send(B, create("f", lease(version, 2, LeaseState::RWH)))?;
    let broken = BreakNotice::Lease {
        connection: ConnectionId(0),
        key,
        current: LeaseState::RWH,
        new: LeaseState::RH,
        flags: BreakNotice::ACK_REQUIRED,
        epoch: if version == 2 { 9 } else { 0 },
        status: Status::SUCCESS,
    };
    same("break", &stage.notice()?, &broken)?;
    let acked = stage.ask(A, Op::LeaseAck { key, state: LeaseState::RH })?;
    let expected = AckAnswer::Lease { key, state: LeaseState::RH };
    same("ack", &acked, &(Status::SUCCESS, Body::Ack(expected)))?;
    let b = created(stage.reply(b)?)?;
    same("granted after the ack", &b.lease.map(|lease| lease.state), &Some(LeaseState::RH))?;
    stage.end()
}

/// The raw values arrive as they are: the server, not our codec, refuses them.
pub fn illegal(play: &Play) -> Result<(), Failed> {
    let mut stage = play.stage("illegal", false)?;
    let a = stage.open(A, oplock(OplockLevel::BATCH))?;
    let b = stage.send(B, create("f", oplock(OplockLevel::NONE)))?;
    stage.notice()?;
    let acked = stage.ask(A, Op::OplockAck { file: a.file, level: OplockLevel::LEASE })?;
    same("ack of level 0xff", &acked, &(Status::INVALID_PARAMETER, Body::Empty))?;
    stage.ask(A, close(a.file))?;
    let b = created(stage.reply(b)?)?;
    stage.ask(B, close(b.file))?;
    let odd = stage.open(A, oplock(OplockLevel(0x77)))?;
    same("level asked 0x77", &odd.level, &OplockLevel::NONE)?;
    stage.ask(A, close(odd.file))?;
    let a = stage.open(A, lease(1, 3, LeaseState(0xF8)))?;
    let granted = a.lease.map(|lease| lease.state);
    same("state asked 0xf8", &granted, &Some(LeaseState::NONE))?;
    stage.ask(A, close(a.file))?;
    let key = key(9);
    let acked = stage.ask(A, Op::LeaseAck { key, state: LeaseState(0xFF) })?;
    same("ack of an unknown key", &acked, &(Status::OBJECT_NAME_NOT_FOUND, Body::Empty))?;
    stage.end()
}
