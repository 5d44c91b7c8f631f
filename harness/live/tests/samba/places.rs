//! What the managed smbd has more than one of: accounts, nodes, shares.

use libtest_mimic::Failed;
use oplock_model::{
    Access, ActorSpec, Body, BreakNotice, ConnectionId, CreateOp, CreateOptions, Disposition,
    LeaseState, Op, OplockLevel, ShareKind, Status, Target as _, Wanted,
};

use crate::play::{A, B, C, Play, Stage, actor, close, create, created, lease, oplock, same};

/// Each account opens, writes and removes what the other has made.
pub fn second_account(play: &Play) -> Result<(), Failed> {
    has(play, "second_account")?;
    let mut stage = with_b(play, "account", ActorSpec { account: 2, ..actor("B", 2, 1) })?;
    batch_breaks(&mut stage, OplockLevel::II)?;
    let theirs = everything("theirs", Disposition::Create, CreateOptions::default());
    let theirs = created(stage.ask(B, theirs)?)?.file;
    same("close", &stage.ask(B, close(theirs))?.0, &Status::SUCCESS)?;
    for (who, name) in [(B, "f"), (A, "theirs")] {
        let last = everything(name, Disposition::Open, CreateOptions::DELETE_ON_CLOSE);
        let last = created(stage.ask(who, last)?)?.file;
        let written = stage.ask(who, Op::Write { file: last, offset: 0, length: 10 })?;
        same("write", &written, &(Status::SUCCESS, Body::Count(10)))?;
        same("close", &stage.ask(who, close(last))?.0, &Status::SUCCESS)?;
        let again = everything(name, Disposition::Open, CreateOptions::default());
        let (status, _) = stage.ask(C, again)?;
        same("open of what was removed", &status, &Status::OBJECT_NAME_NOT_FOUND)?;
    }
    stage.end()
}

/// A break goes from one node to the other.
pub fn second_node(play: &Play) -> Result<(), Failed> {
    has(play, "second_node")?;
    let mut stage = with_b(play, "node", ActorSpec { node: 2, ..actor("B", 2, 1) })?;
    batch_breaks(&mut stage, OplockLevel::II)?;
    stage.end()
}

/// The second share has oplocks, which the system keeps and ends rather than lowers, and no leases.
pub fn second_share(play: &Play) -> Result<(), Failed> {
    has(play, "second_share")?;
    let actors = [actor("A", 1, 1), actor("B", 2, 1), actor("C", 3, 1)];
    let mut stage = play.staged("share", ShareKind::Second, actors)?;
    batch_breaks(&mut stage, OplockLevel::NONE)?;
    let leased = created(stage.ask(C, create("f", lease(1, 1, LeaseState::RWH)))?)?;
    let states = leased.lease.map(|lease| lease.state);
    same("lease", &states.unwrap_or_default(), &LeaseState::NONE)?;
    stage.end()
}

fn has(play: &Play, capability: &str) -> Result<(), Failed> {
    match play.0.facts().capabilities.get(capability) {
        Some(found) if found.present => Ok(()),
        other => Err(format!("no {capability}: {other:?}").into()),
    }
}

fn with_b(play: &Play, name: &str, b: ActorSpec) -> Result<Stage, Failed> {
    play.staged(name, ShareKind::Plain, [actor("A", 1, 1), b, actor("C", 3, 1)])
}

/// A's batch oplock breaks to that level as B opens; both are closed then.
fn batch_breaks(stage: &mut Stage, level: OplockLevel) -> Result<(), Failed> {
    let a = stage.open(A, oplock(OplockLevel::BATCH))?;
    same("granted", &a.level, &OplockLevel::BATCH)?;
    let b = stage.send(B, create("f", Wanted::Nothing))?;
    let broken = BreakNotice::Oplock { connection: ConnectionId(0), file: a.file, level };
    same("break", &stage.notice()?, &broken)?;
    let acked = stage.ask(A, Op::OplockAck { file: a.file, level })?;
    same("ack", &acked.0, &Status::SUCCESS)?;
    let b = created(stage.reply(b)?)?;
    for (who, file) in [(A, a.file), (B, b.file)] {
        same("close", &stage.ask(who, close(file))?.0, &Status::SUCCESS)?;
    }
    Ok(())
}

/// A create with full access.
fn everything(path: &str, disposition: Disposition, options: CreateOptions) -> Op {
    let (path, access) = (path.to_owned(), Access::FULL);
    Op::Create(Box::new(CreateOp { path, access, disposition, options, ..CreateOp::default() }))
}
