//! spec/05 section 6, rows 1 and 2 of both tables; sessions and trees that end.

use rstest::rstest;

use super::handles::*;
use super::*;

/// What a connection cannot do without a session, with an expired one, and without a tree.
#[rstest]
#[case(
    Op::LogOff,
    "user_session_deleted",
    RuleId::Smb2SessionDeleted,
    RuleId::Smb2AckSessionDeleted
)]
#[case(
    Op::TreeDisconnect,
    "network_name_deleted",
    RuleId::Smb2SessionTreeDeleted,
    RuleId::Smb2AckTreeDeleted
)]
fn gone(#[case] op: Op, #[case] status: &str, #[case] rule: RuleId, #[case] ack_rule: RuleId) {
    let mut play = Play::new();
    let file = play.opened(A, oplock(OplockLevel::BATCH)).file;
    assert_eq!(play.says(A, op), ["2: success"]);
    assert!(!play.server.has_opens());
    assert_eq!(play.opens(A, open()), [format!("3: {status}")]);
    assert_eq!(play.says(A, write(file)), [format!("4: {status}")]);
    assert_eq!(play.says(A, Op::TreeDisconnect), [format!("5: {status}")]);
    assert!(play.fired(rule));
    let said = play.says(A, Op::OplockAck { file, level: OplockLevel::II });
    assert_eq!(said, [format!("6: {status}")]);
    assert!(play.fired(ack_rule));
    assert_eq!(play.says(A, ack(K1, LeaseState::R)), [format!("7: {status}")]);
    assert_eq!(play.says(A, Op::Fence), ["8: success"]);
    play.comes_back(A);
    play.opened(A, open());
}

/// smb2.session.expire2i: an expired session still closes, locks and logs off, and nothing else.
#[test]
fn expired() {
    let mut play = Play::new();
    let file = play.opened(A, oplock(OplockLevel::BATCH)).file;
    play.server.expire_session(A);
    assert_eq!(play.opens(A, open()), ["2: network_session_expired"]);
    assert_eq!(play.says(A, write(file)), ["3: network_session_expired"]);
    assert!(play.fired(RuleId::Smb2SessionExpired));
    let said = play.says(A, Op::OplockAck { file, level: OplockLevel::II });
    assert_eq!(said, ["4: network_session_expired"]);
    assert_eq!(play.says(A, ack(K1, LeaseState::R)), ["5: network_session_expired"]);
    assert!(play.fired(RuleId::Smb2AckSessionExpired));
    assert_eq!(play.says(A, Op::TreeDisconnect), ["6: network_session_expired"]);
    assert_eq!(play.says(A, Op::Close { file }), ["7: success"]);
    assert_eq!(play.says(A, Op::LogOff), ["8: success"]);
}

/// A second logoff has no session to end; a second drop is none.
#[test]
fn twice() {
    let mut play = Play::new();
    play.says(A, Op::LogOff);
    assert!(play.fired(RuleId::Smb2SessionLogOff));
    assert_eq!(play.says(A, Op::LogOff), ["2: user_session_deleted"]);
    play.drops(A);
    assert_eq!(play.says(A, Op::Disconnect), ["4: success"]);
    play.comes_back(A);
    play.opened(A, open());
}

/// A create that waits when its session or tree ends is answered as cancelled, one whose connection is lost not at all.
#[rstest]
#[case(Op::LogOff, &["2: cancelled", "3: success"], RuleId::Smb2SessionLogOff)]
#[case(Op::TreeDisconnect, &["2: cancelled", "3: success"], RuleId::Smb2SessionTreeDisconnect)]
#[case(Op::Disconnect, &["3: success", "gone 1"], RuleId::Smb2SessionLost)]
fn waiting(#[case] op: Op, #[case] says: &[&str], #[case] rule: RuleId) {
    let mut play = Play::new();
    play.opened(A, oplock(OplockLevel::BATCH));
    play.opens(B, open());
    let mut said = play.says(B, op);
    said.sort();
    assert_eq!(said, says);
    assert!(play.fired(rule));
}

/// smb2.session.reconnect1: a handle does not survive its session, and counts in no other.
#[test]
fn handles_belong_to_their_session() {
    let mut play = Play::new();
    let file = play.opened(A, open()).file;
    assert_eq!(play.says(A2, write(file)), ["2: file_closed"]);
    assert_eq!(play.says(B, write(file)), ["3: file_closed"]);
    play.comes_back(A);
    assert_eq!(play.says(A, write(file)), ["5: file_closed"]);
    assert!(!play.server.has_opens());
}

/// What was sent on a connection that is gone goes nowhere.
#[test]
fn nobody_hears_a_dead_connection() {
    let mut play = Play::new();
    play.drops(A);
    assert!(play.opens(A, open()).is_empty());
    assert!(play.says(A, Op::Fence).is_empty());
}

/// The whole of the server's memory can be taken away at any time.
#[test]
fn shut_down() {
    let mut play = Play::new();
    play.opened(A, durable_v1(oplock(OplockLevel::BATCH)));
    play.drops(A);
    play.opened(B, CreateOp { path: "g".to_owned(), ..oplock(OplockLevel::BATCH) });
    play.opens(A2, CreateOp { path: "g".to_owned(), ..open() });
    play.server.shut_down(play.now);
    play.check();
    assert!(!play.server.has_opens());
}
