//! Sessions on several connections (peers: smb2.multichannel, smb2.session bind tests).

use rstest::rstest;

use super::handles::*;
use super::*;

/// Opens and acknowledgements work on either channel.
#[test]
fn two_channels() {
    let mut play = Play::new();
    let file = play.opened(A, oplock(OplockLevel::BATCH)).file;
    assert_eq!(play.says(A2, write(file)), ["2: file_closed"]);
    assert_eq!(play.binds(A2, A), ["3: success"]);
    assert!(play.fired(RuleId::Smb2ChannelBound));
    assert_eq!(play.says(A2, write(file)), ["4: success"]);
    assert_eq!(play.opens(B, open()), ["oplock 1 to ii", "5 waits"]);
    let said = play.says(A2, Op::OplockAck { file, level: OplockLevel::II });
    assert_eq!(said, ["6: success ii", "5: success none"]);
}

/// Binding takes the connection's own session away.
#[test]
fn own_session_ends() {
    let mut play = Play::new();
    play.opened(A2, open());
    play.binds(A2, A);
    assert!(!play.server.has_opens());
}

#[rstest]
#[case(A2, A2, "request_not_accepted", RuleId::Smb2ChannelTwice)]
#[case(B, A, "user_session_deleted", RuleId::Smb2ChannelOtherClient)]
#[case(A_OTHER_USER, A, "access_denied", RuleId::Smb2ChannelOtherUser)]
#[case(A, ConnectionId(9), "user_session_deleted", RuleId::Smb2ChannelNoSession)]
fn refused(
    #[case] connection: ConnectionId,
    #[case] to: ConnectionId,
    #[case] status: &str,
    #[case] rule: RuleId,
) {
    let mut play = Play::new();
    play.also(A_OTHER_USER, 1, 2);
    assert_eq!(play.binds(connection, to), [format!("1: {status}")]);
    assert!(play.fired(rule));
    play.opened(connection, open());
}

#[test]
fn ended_and_expired_sessions() {
    let mut play = Play::new();
    play.server.expire_session(A);
    assert_eq!(play.binds(A2, A), ["1: network_session_expired"]);
    assert!(play.fired(RuleId::Smb2ChannelExpired));
    play.says(A, Op::LogOff);
    assert_eq!(play.binds(A2, A), ["3: user_session_deleted"]);
}

#[test]
fn before_smb3() {
    let mut play = Play::with(Choices::default(), Dialect::Smb2_1);
    assert_eq!(play.binds(A2, A), ["1: request_not_accepted"]);
    assert!(play.fired(RuleId::Smb2ChannelOldDialect));
}

/// The session stands until its last channel is lost; a logoff ends it on all of them.
#[test]
fn channels_are_lost() {
    let mut play = Play::new();
    let file = play.opened(A, oplock(OplockLevel::BATCH)).file;
    play.binds(A2, A);
    play.drops(A);
    assert!(play.fired(RuleId::Smb2ChannelLost));
    assert_eq!(play.says(A2, write(file)), ["4: success"]);
    play.drops(A2);
    assert!(!play.server.has_opens());

    let mut play = Play::new();
    play.binds(A2, A);
    assert_eq!(play.says(A2, Op::LogOff), ["2: success"]);
    assert_eq!(play.opens(A, open()), ["3: user_session_deleted"]);
}

/// smb2.replay.dhv2-pending2: a create that waits outlives its channel, is found pending there, and answered to the replay
/// once it is done; what has no CreateGuid is dropped with the channel.
#[test]
fn a_create_goes_on() {
    let mut play = Play::new();
    let holder = play.opened(B, oplock(OplockLevel::BATCH)).file;
    play.binds(A2, A);
    let batch = || durable_v2(oplock(OplockLevel::BATCH));
    let replay = || CreateOp { replay: true, ..batch() };
    let ops = vec![Op::Create(Box::new(batch())), write(FileId::RELATED)];
    play.send(A, ops);
    play.opens(A, open());
    play.drops(A);
    assert!(play.fired(RuleId::Smb2ChannelCreateGoesOn));
    assert_eq!(play.opens(A2, replay()), ["7: file_not_available"]);
    let said = play.says(B, Op::OplockAck { file: holder, level: OplockLevel::II });
    assert_eq!(said, ["8: success ii"]);
    assert_eq!(play.opened(A2, replay()).level, OplockLevel::BATCH);
}
