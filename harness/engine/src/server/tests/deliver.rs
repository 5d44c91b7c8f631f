//! spec/05 section 5: on which connection a notification comes, and section 7: how long it may take to answer.

use rstest::rstest;

use super::handles::*;
use super::*;
use crate::choices::OplockChannel;

/// A lease break comes on the oldest connection of the client that stands, whichever made the lease.
#[test]
fn lease_on_the_oldest_connection() {
    let mut play = Play::new();
    play.opened(A2, lease(K1, LeaseState::RWH));
    assert_eq!(play.break_on(B, open()), A);
    assert!(play.fired(RuleId::Smb2NotifyLeaseFirstConnection));
    play.says(A, ack(K1, LeaseState::RH));
    play.drops(A);
    assert_eq!(play.break_on(B, overwrites(open())), A2);
    play.says(A2, ack(K1, LeaseState::NONE));
    // It came back last, so it is not the oldest any more.
    play.comes_back(A);
    play.opened(A, CreateOp { path: "g".to_owned(), ..lease(K2, LeaseState::RWH) });
    assert_eq!(play.break_on(B, CreateOp { path: "g".to_owned(), ..open() }), A2);
}

/// An oplock break comes on the first channel of the session, the newest by the other reading.
#[rstest]
#[case(OplockChannel::First, A, RuleId::Smb2NotifyOplockFirstChannel)]
#[case(OplockChannel::Newest, A2, RuleId::Smb2NotifyOplockNewestChannel)]
fn oplock_on_a_channel(
    #[case] oplock_channel: OplockChannel,
    #[case] on: ConnectionId,
    #[case] rule: RuleId,
) {
    let choices = Choices { oplock_channel, ..Choices::default() };
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    play.binds(A2, A);
    for made_on in [A, A2] {
        let path = format!("{made_on:?}");
        let new = CreateOp { path: path.clone(), ..oplock(OplockLevel::BATCH) };
        play.opened(made_on, new);
        assert_eq!(play.break_on(B, CreateOp { path, ..open() }), on);
    }
    assert!(play.fired(rule));
}

/// Where the first channel is gone, the next one carries it.
#[test]
fn oplock_on_the_next_channel() {
    let mut play = Play::new();
    play.opened(A, oplock(OplockLevel::BATCH));
    play.binds(A2, A);
    play.drops(A);
    assert_eq!(play.break_on(B, open()), A2);
}

#[test]
fn oplock_before_smb3() {
    let mut play = Play::with(Choices::default(), Dialect::Smb2_1);
    play.opened(A2, oplock(OplockLevel::BATCH));
    assert_eq!(play.break_on(B, open()), A2);
    assert!(play.fired(RuleId::Smb2NotifyOplockOwnConnection));
}

/// Levelii502: II of a client that is gone stands in nobody's way.
#[test]
fn gone_before_the_break() {
    let mut play = Play::new();
    play.opened(A, oplock(OplockLevel::II));
    play.drops(A);
    let said = play.opens(B, overwrites(oplock(OplockLevel::BATCH)));
    assert_eq!(said, ["3: success batch"]);
}

/// The holder's connection is lost while it owes the acknowledgement (batch22b): the opener goes on at once.
#[rstest]
#[case(oplock(OplockLevel::BATCH), oplock(OplockLevel::BATCH), "2: success batch")]
#[case(lease(K1, LeaseState::RWH), lease(K2, LeaseState::RWH), "2: success lease RWH")]
fn gone_during_the_break(#[case] held: CreateOp, #[case] wanted: CreateOp, #[case] then: &str) {
    let mut play = Play::new();
    play.opened(A, held);
    play.opens(B, wanted);
    assert_eq!(play.says(A, Op::Disconnect).last().map(String::as_str), Some(then));
}

/// An open of the same key on another connection that stands keeps the lease deliverable.
#[test]
fn one_connected_open_is_enough() {
    let mut play = Play::new();
    play.opened(A, durable_v1(lease(K1, LeaseState::RWH)));
    play.opened(A2, lease(K1, LeaseState::RWH));
    play.drops(A);
    assert_eq!(play.break_on(B, open()), A2);
}

/// A session ends with an open that is deleted on close and, after it, the last open of a lease that this would break.
#[test]
fn lease_without_opens() {
    let mut play = Play::new();
    play.opened(A, CreateOp { options: CreateOptions::DELETE_ON_CLOSE, ..open() });
    play.opened(A, lease(K1, LeaseState::RH));
    let said = play.says(A, Op::Disconnect);
    assert_eq!(said, ["3: success", "gone 0"]);
    assert!(play.fired(RuleId::Smb2NotifyLeaseWithoutOpens));
    assert_eq!(
        play.opens(B, CreateOp { disposition: Disposition::Open, ..open() }),
        ["4: object_name_not_found"]
    );
}
