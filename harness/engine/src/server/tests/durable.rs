//! spec/05 section 11: who gets a durable handle, what is kept, and for how long; spec/07 D52.

use oplock_model::{LockRange, SetInfo};
use rstest::rstest;

use super::handles::*;
use super::*;

/// durable-open.open-oplock and durable-v2-open.open-oplock: durable only with Batch.
#[rstest]
#[case(OplockLevel::NONE, "")]
#[case(OplockLevel::II, "")]
#[case(OplockLevel::EXCLUSIVE, "")]
#[case(OplockLevel::BATCH, " durable")]
fn by_level(#[case] level: OplockLevel, #[case] durable: &str) {
    let mut play = Play::new();
    let said = play.opens(A, durable_v1(oplock(level)));
    assert_eq!(said, [format!("1: success {level}{durable}")]);
    assert_eq!(play.fired(RuleId::Smb2DurableV1Granted), !durable.is_empty());
    assert_eq!(play.fired(RuleId::Smb2DurableV1NotAsked), durable.is_empty());
    let mut play = Play::new();
    let said = play.opens(A, durable_v2(oplock(level)));
    let durable = if durable.is_empty() { "" } else { " durable 60000" };
    assert_eq!(said, [format!("1: success {level}{durable}")]);
    assert_eq!(play.fired(RuleId::Smb2DurableV2Granted), !durable.is_empty());
    assert_eq!(play.fired(RuleId::Smb2DurableV2NotHeld), durable.is_empty());
}

/// durable-open.open-lease and durable-v2-open.open-lease: durable only where H was granted.
#[rstest]
#[case(LeaseState::NONE, false)]
#[case(LeaseState::R, false)]
#[case(LeaseState::RW, false)]
#[case(LeaseState::RH, true)]
#[case(LeaseState::RWH, true)]
fn by_lease(#[case] state: LeaseState, #[case] durable: bool) {
    let mut play = Play::new();
    let said = play.opened(A, durable_v1(lease(K1, state)));
    assert_eq!(said.durable, durable.then_some(DurableAnswer::V1));
    let mut play = Play::new();
    let said = play.opened(A, durable_v2(lease_v2(K1, state, 1)));
    let v2 = DurableAnswer::V2 { timeout: 60_000, persistent: false };
    assert_eq!(said.durable, durable.then_some(v2));
}

/// Batch is asked for and not granted.
#[test]
fn not_held() {
    let mut play = Play::new();
    play.opened(B, oplock(OplockLevel::II));
    assert_eq!(play.opened(A, durable_v1(oplock(OplockLevel::BATCH))).durable, None);
    assert!(play.fired(RuleId::Smb2DurableV1NotHeld));
}

#[test]
fn directories_get_none() {
    let mut play = Play::new();
    let directory = |op| CreateOp { path: "d".to_owned(), access: Access::READ_DATA, ..op };
    let wanted = || directory(lease_v2(K1, LeaseState::RH, 1));
    assert_eq!(play.opened(A, durable_v1(wanted())).durable, None);
    assert_eq!(play.opened(A, durable_v2(wanted())).durable, None);
    assert!(play.fired(RuleId::Smb2DurableDirectory));
}

#[rstest]
#[case(Dialect::Smb2_0_2, false)]
#[case(Dialect::Smb2_1, false)]
#[case(Dialect::Smb3_0, true)]
fn version_2_asks_for_smb3(#[case] dialect: Dialect, #[case] given: bool) {
    let mut play = Play::with(Choices::default(), dialect);
    let answer = play.opened(A, durable_v2(oplock(OplockLevel::BATCH)));
    assert_eq!(answer.durable.is_some(), given);
    assert_eq!(play.fired(RuleId::Smb2DurableV2OldDialect), !given);
    play.says(A, Op::Close { file: answer.file });
    assert_eq!(
        play.opened(A, durable_v1(oplock(OplockLevel::BATCH))).durable,
        Some(DurableAnswer::V1)
    );
}

/// The time is the client's, up to 300 s, and 60 s where it names none.
#[rstest]
#[case(0, 60_000, RuleId::Smb2DurableTimeoutDefault)]
#[case(5_000, 5_000, RuleId::Smb2DurableTimeoutAsked)]
#[case(400_000, 300_000, RuleId::Smb2DurableTimeoutAsked)]
fn scavenged(#[case] asked: u32, #[case] given: u32, #[case] rule: RuleId) {
    let mut play = Play::new();
    let answer = play.opened(A, durable_for(oplock(OplockLevel::BATCH), asked));
    assert_eq!(answer.durable, Some(DurableAnswer::V2 { timeout: given, persistent: false }));
    assert!(play.fired(rule));
    play.drops(A);
    assert!(play.fired(RuleId::Smb2DurableKept));
    assert!(play.passes(u64::from(given) - 1).is_empty());
    assert!(play.server.has_opens());
    assert!(play.passes(1).is_empty());
    assert!(!play.server.has_opens());
    assert!(play.fired(RuleId::Smb2DurableScavenged));
}

/// What is kept: Batch and H leases, for version 1 as long as the default; all else goes with the connection.
#[rstest]
#[case(durable_v1(oplock(OplockLevel::BATCH)), true)]
#[case(durable_v1(lease(K1, LeaseState::RH)), true)]
#[case(durable_v2(lease_v2(K1, LeaseState::RWH, 1)), true)]
#[case(durable_v1(oplock(OplockLevel::EXCLUSIVE)), false)]
#[case(durable_v2(lease_v2(K1, LeaseState::RW, 1)), false)]
#[case(oplock(OplockLevel::BATCH), false)]
fn is_kept(#[case] op: CreateOp, #[case] kept: bool) {
    let mut play = Play::new();
    play.opened(A, op);
    play.drops(A);
    assert_eq!(play.server.has_opens(), kept);
    play.passes(60_000);
    assert!(!play.server.has_opens());
}

/// A breaking oplock or lease is not kept, and whoever waits goes on.
#[rstest]
#[case(durable_v1(oplock(OplockLevel::BATCH)), oplock(OplockLevel::BATCH), "2: success batch")]
#[case(durable_v1(lease(K1, LeaseState::RWH)), lease(K2, LeaseState::RWH), "2: success lease RWH")]
fn breaking_is_not_kept(#[case] held: CreateOp, #[case] wanted: CreateOp, #[case] then: &str) {
    let mut play = Play::new();
    play.opened(A, held);
    assert_eq!(play.opens(B, wanted).last().map(String::as_str), Some("2 waits"));
    let said = play.says(A, Op::Disconnect);
    assert_eq!(said, ["3: success", "gone 0", then]);
    assert!(play.fired(RuleId::Smb2DurableBreaking));
}

/// What broke to II is not Batch any more.
#[test]
fn lost_batch_is_not_kept() {
    let mut play = Play::new();
    let file = play.opened(A, durable_v1(oplock(OplockLevel::BATCH))).file;
    play.opens(B, oplock(OplockLevel::II));
    play.says(A, Op::OplockAck { file, level: OplockLevel::II });
    play.drops(A);
    assert!(play.fired(RuleId::Smb2DurableNotHeldAnyMore));
}

/// durable-open.lock-oplock, lock-lease, lock-noW-lease.
#[rstest]
#[case(oplock(OplockLevel::BATCH), true)]
#[case(lease(K1, LeaseState::RWH), true)]
#[case(lease(K1, LeaseState::RH), false)]
fn locks(#[case] op: CreateOp, #[case] kept: bool) {
    let mut play = Play::new();
    let file = play.opened(A, durable_v1(op)).file;
    let ranges = vec![LockRange { offset: 0, length: 1, exclusive: true }];
    let said = play.says(A, Op::Lock { file, ranges, fail_immediately: true });
    assert_eq!(said, ["2: success"]);
    play.drops(A);
    assert_eq!(play.server.has_opens(), kept);
    assert_eq!(play.fired(RuleId::Smb2DurableLocked), !kept);
}

/// durable-open.reopen3 and reopen4.
#[rstest]
#[case(Op::TreeDisconnect, false)]
#[case(Op::LogOff, true)]
fn tree_and_session(#[case] op: Op, #[case] kept: bool) {
    let mut play = Play::new();
    play.opened(A, durable_v1(oplock(OplockLevel::BATCH)));
    assert_eq!(play.says(A, op), ["2: success"]);
    assert_eq!(play.server.has_opens(), kept);
    assert_eq!(play.fired(RuleId::Smb2DurableLogOff), kept);
}

/// durable-open.oplock, durable-open.lease, durable-v2-open.purge-disconnected-* and keep-disconnected-*: what a contender
/// gets at once, and whether the client finds its handle again. The RWH row is D52.
#[rstest]
#[case(oplock(OplockLevel::BATCH), oplock(OplockLevel::BATCH), "batch", false)]
#[case(lease(K1, LeaseState::RWH), lease(K2, LeaseState::RWH), "lease RWH", false)]
#[case(lease(K1, LeaseState::RWH), lease(K2, LeaseState::RH), "lease RH", false)]
#[case(lease(K1, LeaseState::RH), lease(K2, LeaseState::RWH), "lease RH", true)]
#[case(lease(K1, LeaseState::RH), lease(K2, LeaseState::RH), "lease RH", true)]
#[case(lease(K1, LeaseState::RH), shares(open(), Share::NONE), "none", false)]
#[case(
    lease(K1, LeaseState::RWH),
    CreateOp { access: Access::ATTRIBUTES, ..open() },
    "none",
    true
)]
fn contended(
    #[case] held: CreateOp,
    #[case] wanted: CreateOp,
    #[case] gets: &str,
    #[case] kept: bool,
) {
    let mut play = Play::new();
    let file = play.opened(A, durable_v1(held.clone())).file;
    play.drops(A);
    let said = play.opens(B, wanted);
    assert_eq!(said.last(), Some(&format!("{}: success {gets}", play.calls)));
    play.comes_back(A);
    let status = play.status(A, claims_v1(held, file));
    let expected = if kept { Status::SUCCESS } else { Status::OBJECT_NAME_NOT_FOUND };
    assert_eq!(status, expected);
}

/// D52 by the text: the open is kept with nothing, so the contender gets RH at most, and the reconnect finds no H.
#[test]
fn rwh_kept_by_the_text() {
    let choices =
        Choices { disconnected_rwh: crate::choices::DisconnectedRwh::Kept, ..Choices::default() };
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    let file = play.opened(A, durable_v1(lease(K1, LeaseState::RWH))).file;
    play.drops(A);
    assert_eq!(play.opens(B, lease(K2, LeaseState::RWH)), ["3: success lease RH"]);
    assert!(play.fired(RuleId::Smb2NotifyLeaseRwhKept));
    assert!(play.fired(RuleId::Smb2NotifyLeaseSettled));
    play.comes_back(A);
    let status = play.status(A, claims_v1(lease(K1, LeaseState::RWH), file));
    assert_eq!(status, Status::OBJECT_NAME_NOT_FOUND);
    assert!(play.fired(RuleId::Smb2ReconnectNotHeld));
}

/// durable-v2-open.purge-disconnected-rh-with-write and -rename: what takes H or R away closes a disconnected RH.
#[rstest]
#[case(|file| write(file), RuleId::Smb2NotifyLeaseDurableClosed)]
#[case(
    |file| Op::Set {
        file,
        info: SetInfo::Rename { to: "g".to_owned(), replace: false },
    },
    RuleId::Smb2NotifyLeaseDurableClosed
)]
fn purged(#[case] op: fn(FileId) -> Op, #[case] rule: RuleId) {
    let mut play = Play::new();
    let held = lease(K1, LeaseState::RH);
    let file = play.opened(A, durable_v1(held.clone())).file;
    play.drops(A);
    let other = play.opened(B, lease(K2, LeaseState::RH)).file;
    let said = play.says(B, op(other));
    assert!(said.iter().any(|line| line.ends_with(": success")), "{said:?}");
    assert!(play.fired(rule));
    assert!(play.fired(RuleId::Smb2NotifyLeaseUndeliverable));
    play.comes_back(A);
    assert_eq!(play.status(A, claims_v1(held, file)), Status::OBJECT_NAME_NOT_FOUND);
}
