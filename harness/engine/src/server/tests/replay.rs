//! spec/05 sections 6 and 11, spec/06: creates with a CreateGuid that is in use, and application instances.

use oplock_model::Durable;
use rstest::rstest;

use super::handles::*;
use super::*;
use crate::choices::{ReplayOfPending, ServerCloseNotice};

fn batch() -> CreateOp {
    durable_v2(oplock(OplockLevel::BATCH))
}

fn replayed(op: CreateOp) -> CreateOp {
    CreateOp { replay: true, ..op }
}

/// smb2.replay.replay-dhv2-oplock1 to 3: the answer of the first time, with the level of the replay; the open keeps Batch.
#[test]
fn oplock_is_answered_again() {
    let mut play = Play::new();
    let first = play.opened(A, batch());
    assert_eq!(play.opened(A, replayed(batch())), first);
    let other = shares(durable_v2(oplock(OplockLevel::II)), Share::NONE);
    let again = play.opened(A, replayed(other));
    assert_eq!(again, CreateAnswer { level: OplockLevel::II, ..first.clone() });
    let nothing = play.opened(A, replayed(durable_v2(open())));
    assert_eq!(nothing, CreateAnswer { level: OplockLevel::NONE, ..first });
    assert!(play.fired(RuleId::Smb2ReplayAnswered));
    assert!(play.fired(RuleId::Smb2ReplayLevelEchoed));
    assert_eq!(play.opens(B, open())[0], "oplock 1 to ii");
}

/// smb2.replay.replay-dhv2-lease1 and 2: the state that the lease has by now.
#[test]
fn lease_is_answered_with_its_state() {
    let mut play = Play::new();
    let rh = || durable_v2(lease_v2(K1, LeaseState::RH, 1));
    let first = play.opened(A, rh());
    play.opened(A, lease_v2(K1, LeaseState::RWH, 1));
    let again = play.opened(A, replayed(rh()));
    assert_eq!(again.file, first.file);
    assert_eq!(again.lease.map(|lease| lease.state), Some(LeaseState::RWH));
}

/// smb2.replay.replay-dhv2-lease3 and -oplock-lease, another user, another session.
#[rstest]
#[case(A, lease_v2(K2, LeaseState::RH, 1), Status::ACCESS_DENIED, RuleId::Smb2ReplayLeaseMismatch)]
#[case(A, oplock(OplockLevel::BATCH), Status::ACCESS_DENIED, RuleId::Smb2ReplayLeaseMismatch)]
#[case(
    A_OTHER_USER,
    lease_v2(K1, LeaseState::RH, 1),
    Status::ACCESS_DENIED,
    RuleId::Smb2ReplayOtherUser
)]
#[case(
    A2,
    lease_v2(K1, LeaseState::RH, 1),
    Status::DUPLICATE_OBJECTID,
    RuleId::Smb2ReplayOtherSession
)]
fn refused(
    #[case] on: ConnectionId,
    #[case] op: CreateOp,
    #[case] status: Status,
    #[case] rule: RuleId,
) {
    let mut play = Play::new();
    play.also(A_OTHER_USER, 1, 2);
    play.opened(A, durable_v2(lease_v2(K1, LeaseState::RH, 1)));
    assert_eq!(play.status(on, replayed(durable_v2(op))), status);
    assert!(play.fired(rule));
}

/// A lease in place of an oplock.
#[test]
fn lease_for_an_oplock() {
    let mut play = Play::new();
    play.opened(A, batch());
    let op = replayed(durable_v2(lease_v2(K1, LeaseState::RH, 1)));
    assert_eq!(play.status(A, op), Status::ACCESS_DENIED);
}

/// Without the flag the CreateGuid is taken; another client's is another.
#[test]
fn duplicate() {
    let mut play = Play::new();
    play.opened(A, batch());
    assert_eq!(play.opens(A, batch()), ["2: duplicate_objectid"]);
    assert_eq!(play.opens(A2, batch()), ["3: duplicate_objectid"]);
    assert!(play.fired(RuleId::Smb2ReplayDuplicate));
    assert_eq!(play.status(B, batch()), Status::PENDING);
}

/// smb2.replay.dhv2-pending*: the create that is repeated still waits for a break.
#[rstest]
#[case(ReplayOfPending::FileNotAvailable, "file_not_available")]
#[case(ReplayOfPending::AccessDenied, "access_denied")]
fn pending(#[case] replay_of_pending: ReplayOfPending, #[case] status: &str) {
    let choices = Choices { replay_of_pending, ..Choices::default() };
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    let file = play.opened(B, oplock(OplockLevel::BATCH)).file;
    play.opens(A, batch());
    assert_eq!(play.opens(A, replayed(batch())), [format!("3: {status}")]);
    assert!(play.fired(RuleId::Smb2ReplayPending));
    assert_eq!(play.opens(A, batch()), ["4: duplicate_objectid"]);
    let said = play.says(B, Op::OplockAck { file, level: OplockLevel::II });
    assert_eq!(said, ["5: success ii", "2: success ii"]);
    assert_eq!(play.opens(A, replayed(batch())), ["6: success batch"]);
}

/// smb2.replay.replay-twice-durable: once the open was used, the replay is a create like any other.
#[rstest]
#[case(|file| write(file), RuleId::Smb2ReplayLostByOperation)]
#[case(|file| Op::OplockAck { file, level: OplockLevel::II }, RuleId::Smb2ReplayLostByOplockAck)]
fn used(#[case] op: fn(FileId) -> Op, #[case] rule: RuleId) {
    let mut play = Play::new();
    let first = play.opened(A, batch());
    // The acknowledgement fails, since nothing breaks, and counts all the same.
    play.says(A, op(first.file));
    assert!(play.fired(rule));
    let again = play.status(A, replayed(batch()));
    assert_eq!(again, Status::PENDING);
    assert!(play.fired(RuleId::Smb2ReplayNotEligible));
}

/// The same for a lease, which loses it for all of its opens.
#[test]
fn used_lease() {
    let mut play = Play::new();
    let rh = || durable_v2(lease_v2(K1, LeaseState::RH, 1));
    let first = play.opened(A, rh());
    assert_eq!(play.says(A2, ack(K1, LeaseState::R)), ["2: unsuccessful"]);
    assert!(play.fired(RuleId::Smb2ReplayLostByLeaseAck));
    assert_ne!(play.opened(A, replayed(rh())).file, first.file);
}

/// smb2.replay.durable-reconnect-replay1 and 3: on another channel, and on the session that took the place of the old one.
#[test]
fn on_another_channel_and_session() {
    let mut play = Play::new();
    let first = play.opened(A, batch());
    assert_eq!(play.binds(A2, A), ["2: success"]);
    play.drops(A);
    assert_eq!(play.opened(A2, replayed(batch())), first);
    play.comes_back(A2);
    let again = play.opened(A2, replayed(batch()));
    assert_eq!(again.file.persistent, first.file.persistent);
    assert!(play.fired(RuleId::Smb2ReplayReattached));
    assert_eq!(play.says(A2, write(again.file)), [format!("{}: success", play.calls)]);
}

/// Without a CreateGuid, and before SMB 3, the flag means nothing.
#[test]
fn flag_alone() {
    let mut play = Play::new();
    let op = || CreateOp { disposition: Disposition::Create, path: "g".to_owned(), ..open() };
    play.opened(A, replayed(op()));
    assert_eq!(play.opens(A, replayed(op())), ["2: object_name_collision"]);
    let mut play = Play::with(Choices::default(), Dialect::Smb2_1);
    play.opened(A, durable_v2(open()));
    play.opened(A, durable_v2(open()));
}

/// MS-SMB2 3.3.5.9.13: the older open of the instance gives way, and its lease's client is told or not (<248>).
#[rstest]
#[case(ServerCloseNotice::Sent, &["lease 1 RWH to none 0x2 file_closed", "2: success lease RWH 0x2 durable 60000"])]
#[case(ServerCloseNotice::Silent, &["2: success lease RWH 0x2 durable 60000"])]
fn app_instance(#[case] server_close_notice: ServerCloseNotice, #[case] says: &[&str]) {
    let choices = Choices { server_close_notice, ..Choices::default() };
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    let op = |key, byte| CreateOp {
        app_instance: Some(guid(9)),
        durable: Some(Durable::RequestV2 { guid: guid(byte), timeout: 0, persistent: false }),
        ..lease_v2(key, LeaseState::RWH, 1)
    };
    let file = play.opened(A, op(K1, 1)).file;
    assert_eq!(play.opens(B, op(K2, 2)), says);
    assert!(play.fired(RuleId::Smb2AppInstanceCloses));
    assert_eq!(play.fired(RuleId::Smb2NotifyServerClose), says.len() == 2);
    assert_eq!(play.says(A, write(file)), ["3: file_closed"]);
}

/// Of its own client's opens the instance closes none, and without version 2 it is not looked at.
#[test]
fn app_instance_closes_nothing() {
    let mut play = Play::new();
    let instance = Some(guid(9));
    let mine = CreateOp { app_instance: instance, ..durable_v2(lease_v2(K1, LeaseState::RH, 1)) };
    let file = play.opened(A, mine).file;
    play.opened(A2, CreateOp { app_instance: instance, ..open() });
    play.opened(B, CreateOp { app_instance: instance, ..durable_v1(open()) });
    assert!(play.fired(RuleId::Smb2AppInstanceIgnored));
    assert!(!play.fired(RuleId::Smb2AppInstanceCloses));
    assert_eq!(play.says(A, write(file)), ["4: success"]);
}
