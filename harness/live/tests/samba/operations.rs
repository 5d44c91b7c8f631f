//! Every operation that a cell can word reaches the server and comes back with its status.

use libtest_mimic::Failed;
use oplock_model::{
    Access, BasicInfo, Body, Control, CreateOp, Durable, DurableAnswer, FileId, LockRange, Op,
    OplockLevel, QueryInfo, SetInfo, Status, Target as _, Wanted,
};

use crate::breaks;
use crate::connections;
use crate::play::{A, B, C, Play, Stage, create, created, oplock, same};

fn opened(stage: &mut Stage, path: &str) -> Result<FileId, Failed> {
    let op = CreateOp { path: path.to_owned(), access: Access::FULL, ..CreateOp::default() };
    Ok(created(stage.ask(A, Op::Create(Box::new(op)))?)?.file)
}

fn expect(stage: &mut Stage, op: Op, status: Status) -> Result<(), Failed> {
    let what = format!("{op:?}");
    same(&what, &stage.ask(A, op)?.0, &status)
}

/// Information of every class, set and asked.
pub fn information(play: &Play) -> Result<(), Failed> {
    let mut stage = play.stage("information", false)?;
    let file = opened(&mut stage, "f")?;
    for info in [
        SetInfo::EndOfFile(10),
        SetInfo::Allocation(8192),
        SetInfo::Basic(BasicInfo { attributes: 0x20, ..BasicInfo::default() }),
        SetInfo::Ea { name: "COLOUR".to_owned(), value: "red".to_owned() },
        SetInfo::Position(0),
        SetInfo::Mode(0),
        SetInfo::Security,
        SetInfo::Link { to: "link".to_owned(), replace: false },
        SetInfo::Rename { to: "g".to_owned(), replace: false },
        SetInfo::Disposition { delete: true },
        SetInfo::Disposition { delete: false },
    ] {
        expect(&mut stage, Op::Set { file, info }, Status::SUCCESS)?;
    }
    for info in [
        QueryInfo::Basic,
        QueryInfo::Standard,
        QueryInfo::All,
        QueryInfo::Ea,
        QueryInfo::Streams,
        QueryInfo::Security,
        QueryInfo::FileSystem,
    ] {
        expect(&mut stage, Op::Query { file, info }, Status::SUCCESS)?;
    }
    expect(&mut stage, Op::Flush { file }, Status::SUCCESS)?;
    stage.end()
}

pub fn locks(play: &Play) -> Result<(), Failed> {
    let mut stage = play.stage("locks", false)?;
    let file = opened(&mut stage, "f")?;
    let ranges = vec![LockRange { offset: 0, length: 4, exclusive: true }];
    let lock = Op::Lock { file, ranges: ranges.clone(), fail_immediately: true };
    expect(&mut stage, lock, Status::SUCCESS)?;
    let other = created(stage.ask(B, create("f", Wanted::Nothing))?)?.file;
    let taken = Op::Lock { file: other, ranges: ranges.clone(), fail_immediately: true };
    same("a second lock", &stage.ask(B, taken)?.0, &Status::LOCK_NOT_GRANTED)?;
    let read = stage.ask(B, Op::Read { file: other, offset: 0, length: 4 })?.0;
    same("a read of locked bytes", &read, &Status::FILE_LOCK_CONFLICT)?;
    let waiting = Op::Lock { file: other, ranges: ranges.clone(), fail_immediately: false };
    let waiting = stage.send(B, waiting)?;
    expect(&mut stage, Op::Unlock { file, ranges: ranges.clone() }, Status::SUCCESS)?;
    same("the lock that waited", &stage.reply(waiting)?.0, &Status::SUCCESS)?;
    expect(&mut stage, Op::Unlock { file, ranges }, Status::RANGE_NOT_LOCKED)?;
    stage.end()
}

pub fn controls(play: &Play) -> Result<(), Failed> {
    let mut stage = play.stage("controls", false)?;
    let file = opened(&mut stage, "f")?;
    let target = opened(&mut stage, "copy")?;
    let control = |file, control| Op::Control { file, control };
    expect(&mut stage, control(file, Control::SetSparse(true)), Status::SUCCESS)?;
    expect(&mut stage, control(file, Control::SetZeroData { from: 0, to: 8 }), Status::SUCCESS)?;
    let copy = Control::CopyChunk { source: file, from: 0, to: 0, length: 16 };
    expect(&mut stage, control(target, copy), Status::SUCCESS)?;
    let read = stage.ask(A, Op::Read { file: target, offset: 0, length: 64 })?;
    same("the copy", &read, &(Status::SUCCESS, Body::Count(16)))?;
    stage.end()
}

/// The waiting create is given up; the break that it caused runs on.
pub fn cancelled(play: &Play) -> Result<(), Failed> {
    let mut stage = play.stage("cancelled", false)?;
    let a = stage.open(A, oplock(OplockLevel::BATCH))?;
    let waiting = stage.send(B, create("f", Wanted::Nothing))?;
    stage.notice()?;
    stage.send(B, Op::Cancel { call: waiting })?;
    same("the create", &stage.reply(waiting)?.0, &Status::CANCELLED)?;
    let ack = Op::OplockAck { file: a.file, level: OplockLevel::II };
    same("the acknowledgement", &stage.ask(A, ack)?.0, &Status::SUCCESS)?;
    stage.end()
}

/// A durable handle outlives its connection.
pub fn durable(play: &Play) -> Result<(), Failed> {
    let mut stage = play.stage("durable", false)?;
    let op = |durable| {
        let wanted = oplock(OplockLevel::BATCH);
        let durable = Some(durable);
        let path = "f".to_owned();
        Op::Create(Box::new(CreateOp { path, wanted, durable, ..CreateOp::default() }))
    };
    let given = created(stage.ask(A, op(Durable::RequestV1))?)?;
    same("the handle", &given.durable, &Some(DurableAnswer::V1))?;
    expect(&mut stage, Op::Disconnect, Status::SUCCESS)?;
    stage.gone()?;
    expect(&mut stage, Op::Connect, Status::SUCCESS)?;
    let back = created(stage.ask(A, op(Durable::ReconnectV1 { file: given.file }))?)?;
    same("its level", &back.level, &OplockLevel::BATCH)?;
    same("its persistent half", &back.file.persistent, &given.file.persistent)?;
    let read = stage.ask(A, Op::Read { file: back.file, offset: 0, length: 1 })?;
    same("a read", &read.0, &Status::SUCCESS)?;
    stage.end()
}

/// Trees and sessions end, and come back with a new connection.
pub fn endings(play: &Play) -> Result<(), Failed> {
    let mut stage = play.stage("endings", false)?;
    let file = opened(&mut stage, "f")?;
    expect(&mut stage, Op::TreeDisconnect, Status::SUCCESS)?;
    let read = Op::Read { file, offset: 0, length: 1 };
    expect(&mut stage, read.clone(), Status::NETWORK_NAME_DELETED)?;
    expect(&mut stage, Op::Connect, Status::SUCCESS)?;
    expect(&mut stage, read.clone(), Status::FILE_CLOSED)?;
    expect(&mut stage, Op::LogOff, Status::SUCCESS)?;
    expect(&mut stage, read, Status::USER_SESSION_DELETED)?;
    expect(&mut stage, Op::Connect, Status::SUCCESS)?;
    opened(&mut stage, "f")?;
    stage.end()
}

/// A break with its acknowledgement, and a compound.
pub fn on_these_axes(play: &Play) -> Result<(), Failed> {
    breaks::batch(play)?;
    connections::compound(play)
}

/// A handle that one channel opened is good on the other; before 3.0 there are no channels.
pub fn channel(play: &Play) -> Result<(), Failed> {
    let mut stage = play.stage("channel", true)?;
    let file = stage.open(A, oplock(OplockLevel::BATCH))?.file;
    let read = Op::Read { file, offset: 0, length: 8 };
    same("another session", &stage.ask(C, read.clone())?.0, &Status::FILE_CLOSED)?;
    let bound = stage.ask(C, Op::Bind { session: A })?.0;
    if bound != Status::SUCCESS {
        let dialect = play.0.facts().axes.clone();
        let none = dialect.starts_with("smb2_") && bound == Status::REQUEST_NOT_ACCEPTED;
        return if none { stage.end() } else { Err(format!("{dialect}: {bound}").into()) };
    }
    same("the other channel", &stage.ask(C, read)?, &(Status::SUCCESS, Body::Count(8)))?;
    let opener = stage.send(B, create("f", Wanted::Nothing))?;
    stage.notice()?;
    let ack = Op::OplockAck { file, level: OplockLevel::II };
    same("an acknowledgement there", &stage.ask(C, ack)?.0, &Status::SUCCESS)?;
    created(stage.reply(opener)?)?;
    stage.end()
}
