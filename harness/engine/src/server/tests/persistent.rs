//! spec/05 sections 4, 5, 7 and 11: persistent handles, granted, in the way of others, told when their clients return.

use oplock_model::{LockRange, ShareKind};
use rstest::rstest;

use super::handles::*;
use super::*;
use crate::choices::{
    FailoverEpoch, PersistentInTheWay, PersistentLeaseTimer, PersistentOplockBreak,
};

fn rwh() -> CreateOp {
    lease_v2(K1, LeaseState::RWH, 0x11)
}

fn batch() -> CreateOp {
    oplock(OplockLevel::BATCH)
}

/// Only on a continuously available share, there whatever the oplock is.
#[rstest]
#[case(ShareKind::ContinuouslyAvailable, open(), "none persistent 60000")]
#[case(ShareKind::ContinuouslyAvailable, batch(), "batch persistent 60000")]
#[case(ShareKind::Plain, open(), "none")]
#[case(ShareKind::Plain, batch(), "batch durable 60000")]
fn granted(#[case] share: ShareKind, #[case] op: CreateOp, #[case] says: &str) {
    let mut play = Play::new();
    play.server.set_share(share);
    assert_eq!(play.opens(A, persistent(op)), [format!("1: success {says}")]);
    let available = share == ShareKind::ContinuouslyAvailable;
    assert_eq!(play.fired(RuleId::Smb2PersistentGranted), available);
    assert_eq!(play.fired(RuleId::Smb2PersistentShare), !available);
}

/// A handle without any oplock survives and is found again, until its time is over.
#[test]
fn survives_without_oplock() {
    let mut play = available(Choices::default());
    let file = play.opened(A, persistent(open())).file;
    play.returns(A);
    assert!(play.fired(RuleId::Smb2PersistentKept));
    assert_eq!(play.status(A, claims_persistent(open(), file)), Status::SUCCESS);
    play.drops(A);
    play.passes(60_000);
    assert!(!play.server.has_opens());
}

/// <301> as observed: with H or Batch the other open goes on, without it fails; by the text it always fails.
#[rstest]
#[case(open(), Status::FILE_NOT_AVAILABLE)]
#[case(lease_v2(K1, LeaseState::RW, 1), Status::FILE_NOT_AVAILABLE)]
#[case(lease_v2(K1, LeaseState::RH, 1), Status::SUCCESS)]
#[case(rwh(), Status::PENDING)]
#[case(batch(), Status::PENDING)]
fn in_the_way(#[case] held: CreateOp, #[case] met: Status) {
    let mut play = available(Choices::default());
    play.opened(A, persistent(held.clone()));
    play.drops(A);
    assert_eq!(play.status(B, lease(K2, LeaseState::RWH)), met);
    let refused = met == Status::FILE_NOT_AVAILABLE;
    assert_eq!(play.fired(RuleId::Smb2PersistentNotAvailable), refused);
    assert_eq!(play.fired(RuleId::Smb2PersistentBreaks), !refused);

    let persistent_in_the_way = PersistentInTheWay::NotAvailable;
    let mut play = available(Choices { persistent_in_the_way, ..Choices::default() });
    play.opened(A, persistent(held));
    assert_ne!(
        play.status(B, CreateOp { access: Access::ATTRIBUTES, ..open() }),
        Status::FILE_NOT_AVAILABLE
    );
    play.drops(A);
    assert_eq!(play.status(B, lease(K2, LeaseState::RWH)), Status::FILE_NOT_AVAILABLE);
}

/// With byte-range locks W is needed too.
#[rstest]
#[case(LeaseState::RH, Status::FILE_NOT_AVAILABLE)]
#[case(LeaseState::RWH, Status::PENDING)]
fn in_the_way_with_locks(#[case] state: LeaseState, #[case] met: Status) {
    let mut play = available(Choices::default());
    let file = play.opened(A, persistent(lease_v2(K1, state, 1))).file;
    let ranges = vec![LockRange { offset: 0, length: 1, exclusive: true }];
    play.says(A, Op::Lock { file, ranges, fail_immediately: true });
    play.drops(A);
    assert_eq!(play.status(B, open()), met);
    let refused = met == Status::FILE_NOT_AVAILABLE;
    assert_eq!(play.fired(RuleId::Smb2PersistentLocked), refused);
}

/// The contender waits until the holder is back; the break is announced after the reconnect, and its timer starts there.
#[rstest]
#[case(PersistentLeaseTimer::Seconds180, 180_000)]
#[case(PersistentLeaseTimer::Seconds60, 60_000)]
fn lease_break_waits_for_the_client(
    #[case] persistent_lease_timer: PersistentLeaseTimer,
    #[case] millis: u64,
) {
    let mut play = available(Choices { persistent_lease_timer, ..Choices::default() });
    let file = play.opened(A, persistent(rwh())).file;
    play.drops(A);
    assert_eq!(play.opens(B, lease(K2, LeaseState::RWH)), ["3 waits"]);
    assert!(play.fired(RuleId::Smb2PersistentNoticeKept));
    assert!(play.passes(50_000).is_empty());
    play.comes_back(A);
    assert_eq!(
        play.opens(A, claims_persistent(rwh(), file)),
        ["5: success lease RWH breaking 0x13", "lease 1 RWH to RH ack 0x13"]
    );
    assert!(play.fired(RuleId::Smb2PersistentNoticeSent));
    assert!(play.fired(RuleId::Smb2TimerPersistentLease));
    assert!(play.passes(millis - 1).is_empty());
    assert_eq!(play.passes(1), ["3: success lease RH"]);
}

#[test]
fn kept_break_is_acknowledged() {
    let mut play = available(Choices::default());
    let file = play.opened(A, persistent(rwh())).file;
    play.drops(A);
    play.opens(B, lease(K2, LeaseState::RWH));
    play.comes_back(A);
    play.opens(A, claims_persistent(rwh(), file));
    let said = play.says(A, ack(K1, LeaseState::RH));
    assert_eq!(said, ["6: success RH", "3: success lease RH"]);
}

/// A client that does not come back: its handle is closed, and the contender goes on.
#[test]
fn client_stays_away() {
    let mut play = available(Choices::default());
    play.opened(A, persistent(rwh()));
    play.drops(A);
    play.opens(B, lease(K2, LeaseState::RWH));
    assert_eq!(play.passes(60_000), ["3: success lease RWH"]);
}

/// A break that was announced before the connection was lost is announced again.
#[test]
fn announced_again() {
    let mut play = available(Choices::default());
    let file = play.opened(A, persistent(rwh())).file;
    play.opens(B, lease(K2, LeaseState::RWH));
    play.returns(A);
    let said = play.opens(A, claims_persistent(rwh(), file));
    assert_eq!(said[1..], ["lease 1 RWH to RH ack 0x13"]);
}

/// The same for Batch, with 60 seconds to acknowledge.
#[test]
fn oplock_break_waits_for_the_client() {
    let mut play = available(Choices::default());
    let file = play.opened(A, persistent(batch())).file;
    play.drops(A);
    assert_eq!(play.opens(B, batch()), ["3 waits"]);
    assert!(play.fired(RuleId::Smb2PersistentOplockKept));
    play.comes_back(A);
    let said = play.opens(A, claims_persistent(batch(), file));
    assert_eq!(said, ["5: success batch", "oplock 2 to ii"]);
    assert!(play.fired(RuleId::Smb2TimerPersistentOplock));
    assert!(play.passes(59_999).is_empty());
    assert_eq!(play.passes(1), ["3: success ii"]);
}

/// By the other reading the open is closed like a durable one.
#[test]
fn oplock_break_closes() {
    let persistent_oplock_break = PersistentOplockBreak::Closed;
    let mut play = available(Choices { persistent_oplock_break, ..Choices::default() });
    play.opened(A, persistent(batch()));
    play.drops(A);
    assert_eq!(play.opens(B, batch()).last().map(String::as_str), Some("3: success batch"));
    assert!(play.fired(RuleId::Smb2NotifyOplockUndeliverable));
}

/// <353>: claimed back on another node, the lease takes the epoch of the request, plus one where W is not held.
#[rstest]
#[case(LeaseState::RWH, 2, FailoverEpoch::OfRequest, 0x40)]
#[case(LeaseState::RH, 2, FailoverEpoch::OfRequest, 0x41)]
#[case(LeaseState::RWH, 1, FailoverEpoch::OfRequest, 0x12)]
#[case(LeaseState::RWH, 2, FailoverEpoch::Unchanged, 0x12)]
fn failover(
    #[case] state: LeaseState,
    #[case] node: u32,
    #[case] failover_epoch: FailoverEpoch,
    #[case] epoch: u16,
) {
    let mut play = available(Choices { failover_epoch, ..Choices::default() });
    let file = play.opened(A, persistent(lease_v2(K1, state, 0x11))).file;
    play.drops(A);
    play.server.place(A, node);
    play.comes_back(A);
    let answer = play.opened(A, claims_persistent(lease_v2(K1, state, 0x40), file));
    assert_eq!(answer.lease.map(|lease| lease.epoch), Some(epoch));
    assert_eq!(play.fired(RuleId::Smb2EpochFailover), epoch >= 0x40);
}

/// The loss of Level II asks for no answer, so it is told once.
#[test]
fn lost_level_two_is_told_once() {
    let mut play = available(Choices::default());
    let file = play.opened(A, persistent(oplock(OplockLevel::II))).file;
    assert_eq!(play.opens(B, overwrites(open())), ["oplock 1 to none", "2: success none"]);
    play.returns(A);
    let said = play.opens(A, claims_persistent(open(), file));
    assert_eq!(said, ["5: success none"]);
}
