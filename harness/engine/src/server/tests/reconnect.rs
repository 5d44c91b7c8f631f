//! spec/05 section 11: durable reconnects, every failure and the order of the failures; spec/07 D55.

use oplock_model::Durable;
use rstest::rstest;

use super::handles::*;
use super::*;
use crate::choices::ReconnectWithoutContext;

/// A client that held Batch or a lease by version 1, lost its connection and came back.
fn away(held: CreateOp) -> (Play, FileId) {
    let mut play = Play::new();
    let file = play.opened(A, held).file;
    play.returns(A);
    (play, file)
}

fn batch() -> CreateOp {
    oplock(OplockLevel::BATCH)
}

fn rwh() -> CreateOp {
    lease_v2(K1, LeaseState::RWH, 0x11)
}

fn named(op: CreateOp, path: &str) -> CreateOp {
    CreateOp { path: path.to_owned(), ..op }
}

/// durable-open.reopen2: only the claim counts, and the answer says what is held, under a new volatile id.
#[rstest]
#[case(durable_v1(batch()), batch(), " batch")]
#[case(durable_v1(batch()), named(oplock(OplockLevel::NONE), "other"), " batch")]
#[case(durable_v1(rwh()), rwh(), " lease RWH 0x12")]
#[case(durable_v1(rwh()), lease_v2(K1, LeaseState::NONE, 7), " lease RWH 0x12")]
fn version_1(#[case] held: CreateOp, #[case] claim: CreateOp, #[case] says: &str) {
    let (mut play, file) = away(held);
    let garbage = CreateOp {
        access: Access::DELETE,
        share: Share::NONE,
        disposition: Disposition::Create,
        ..claim
    };
    let said = play.opens(A, claims_v1(garbage, file));
    assert_eq!(said, [format!("4: success{says}")]);
    assert!(play.fired(RuleId::Smb2ReconnectV1));
    assert!(play.fired(RuleId::Smb2ReconnectCurrentState));
    assert_eq!(play.says(A, write(file)), ["5: file_closed"]);
    let again = FileId { volatile: file.volatile + 1, ..file };
    assert_eq!(play.says(A, write(again)), ["6: success"]);
}

/// durable-v2-open.reopen2; version 1 may claim what version 2 made.
#[rstest]
#[case(claims_v2)]
#[case(claims_v1)]
fn version_2(#[case] claims: fn(CreateOp, FileId) -> CreateOp) {
    for held in [batch(), rwh()] {
        let (mut play, file) = away(durable_v2(held.clone()));
        assert_eq!(play.status(A, claims(held, file)), Status::SUCCESS);
        assert!(!play.passes(60_000).iter().any(|line| line.contains("break")));
        assert!(play.server.has_opens());
    }
}

/// durable-open.reopen1, reopen5, and an id that nobody has.
#[test]
fn nothing_to_claim() {
    let mut play = Play::new();
    let file = play.opened(A, durable_v1(batch())).file;
    assert_eq!(play.status(A, claims_v1(batch(), file)), Status::OBJECT_NAME_NOT_FOUND);
    assert!(play.fired(RuleId::Smb2ReconnectStillConnected));
    play.returns(A);
    let unknown = FileId { persistent: 99, volatile: 99 };
    assert_eq!(play.status(A, claims_v1(batch(), unknown)), Status::OBJECT_NAME_NOT_FOUND);
    assert!(play.fired(RuleId::Smb2ReconnectUnknown));
    assert_eq!(play.status(A, claims_v1(batch(), file)), Status::SUCCESS);
}

/// durable-open.reopen1a: a new session in place of the old one frees the open.
#[test]
fn a_new_session_takes_over() {
    let mut play = Play::new();
    let file = play.opened(A, durable_v1(batch())).file;
    play.comes_back(A);
    assert!(play.fired(RuleId::Smb2SessionReplaced));
    assert_eq!(play.status(A, claims_v1(batch(), file)), Status::SUCCESS);
}

/// The CreateGuid has to be right, also where the open has none.
#[rstest]
#[case(durable_v2(batch()), guid(2))]
#[case(durable_v2(batch()), guid(0))]
#[case(durable_v1(batch()), guid(0))]
fn create_guid(#[case] held: CreateOp, #[case] guid: [u8; 16]) {
    let (mut play, file) = away(held);
    let durable = Some(Durable::ReconnectV2 { file, guid, persistent: false });
    let claim = CreateOp { durable, ..batch() };
    assert_eq!(play.status(A, claim), Status::OBJECT_NAME_NOT_FOUND);
    assert!(play.fired(RuleId::Smb2ReconnectCreateGuid));
}

#[test]
fn not_persistent() {
    let (mut play, file) = away(durable_v2(batch()));
    let status = play.status(A, claims_persistent(batch(), file));
    assert_eq!(status, Status::OBJECT_NAME_NOT_FOUND);
    assert!(play.fired(RuleId::Smb2ReconnectNotPersistent));
}

/// A lease: every cause of its own, for both versions of the claim.
#[rstest]
#[case(open(), RuleId::Smb2ReconnectLeaseMissing)]
#[case(lease_v2(K2, LeaseState::RWH, 0x11), RuleId::Smb2ReconnectLeaseKey)]
#[case(lease(K1, LeaseState::RWH), RuleId::Smb2ReconnectLeaseVersion)]
fn lease_context(
    #[case] claim: CreateOp,
    #[case] rule: RuleId,
    #[values(claims_v1, claims_v2)] claims: fn(CreateOp, FileId) -> CreateOp,
) {
    let (mut play, file) = away(durable_v2(rwh()));
    assert_eq!(play.status(A, claims(claim, file)), Status::OBJECT_NAME_NOT_FOUND);
    assert!(play.fired(rule));
    assert_eq!(play.status(A, claims(rwh(), file)), Status::SUCCESS);
}

#[test]
fn lease_context_for_an_oplock() {
    let (mut play, file) = away(durable_v1(batch()));
    let status = play.status(A, claims_v1(lease(K1, LeaseState::RWH), file));
    assert_eq!(status, Status::OBJECT_NAME_NOT_FOUND);
    assert!(play.fired(RuleId::Smb2ReconnectLeaseUnexpected));
}

/// durable-open.reopen1a-lease: the client has to be the lease's; Batch may go to another client.
#[test]
fn another_client() {
    let (mut play, file) = away(durable_v1(rwh()));
    assert_eq!(play.status(B, claims_v1(rwh(), file)), Status::OBJECT_NAME_NOT_FOUND);
    assert!(play.fired(RuleId::Smb2ReconnectClientGuid));
    let (mut play, file) = away(durable_v1(batch()));
    assert_eq!(play.status(B, claims_v1(batch(), file)), Status::SUCCESS);
}

/// durable-open.reopen2-lease: the name counts with a lease, and not without one.
#[test]
fn file_name() {
    let (mut play, file) = away(durable_v1(rwh()));
    assert_eq!(play.status(A, claims_v1(named(rwh(), "g"), file)), Status::INVALID_PARAMETER);
    assert!(play.fired(RuleId::Smb2ReconnectFileName));
    let (mut play, file) = away(durable_v1(batch()));
    assert_eq!(play.status(A, claims_v1(named(batch(), "g"), file)), Status::SUCCESS);
    assert!(play.fired(RuleId::Smb2ReconnectFileNameIgnored));
}

/// Version 1 looks at the client, then the name, then the rest; version 2 at the name last. D55 is the row without context.
#[rstest]
#[case(
    A,
    lease_v2(K2, LeaseState::RWH, 1),
    Status::INVALID_PARAMETER,
    Status::OBJECT_NAME_NOT_FOUND
)]
#[case(A, lease(K1, LeaseState::RWH), Status::INVALID_PARAMETER, Status::OBJECT_NAME_NOT_FOUND)]
#[case(B, rwh(), Status::OBJECT_NAME_NOT_FOUND, Status::OBJECT_NAME_NOT_FOUND)]
#[case(A, open(), Status::OBJECT_NAME_NOT_FOUND, Status::OBJECT_NAME_NOT_FOUND)]
#[case(A, rwh(), Status::INVALID_PARAMETER, Status::INVALID_PARAMETER)]
fn order_with_a_wrong_name(
    #[case] on: ConnectionId,
    #[case] claim: CreateOp,
    #[case] version_1: Status,
    #[case] version_2: Status,
) {
    let (mut play, file) = away(durable_v2(rwh()));
    let claim = named(claim, "g");
    assert_eq!(play.status(on, claims_v1(claim.clone(), file)), version_1);
    assert_eq!(play.status(on, claims_v2(claim, file)), version_2);
}

/// D55 by the order of the text.
#[test]
fn missing_context_and_wrong_name_by_the_text() {
    let reconnect_without_context = ReconnectWithoutContext::InvalidParameter;
    let choices = Choices { reconnect_without_context, ..Choices::default() };
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    let file = play.opened(A, durable_v1(rwh())).file;
    play.returns(A);
    let status = play.status(A, claims_v1(named(open(), "g"), file));
    assert_eq!(status, Status::INVALID_PARAMETER);
    let (mut play, file) = away(durable_v1(rwh()));
    play.status(A, claims_v1(named(open(), "g"), file));
    assert!(play.fired(RuleId::Smb2ReconnectContextBeforeName));
}

/// durable-open.reopen6: another user is denied, after everything else was found right.
#[rstest]
#[case(rwh(), Status::ACCESS_DENIED)]
#[case(open(), Status::OBJECT_NAME_NOT_FOUND)]
#[case(named(rwh(), "g"), Status::INVALID_PARAMETER)]
fn another_user(
    #[case] claim: CreateOp,
    #[case] status: Status,
    #[values(claims_v1, claims_v2)] claims: fn(CreateOp, FileId) -> CreateOp,
) {
    let (mut play, file) = away(durable_v2(rwh()));
    play.also(A_OTHER_USER, 1, 2);
    assert_eq!(play.status(A_OTHER_USER, claims(claim, file)), status);
    let denied = status == Status::ACCESS_DENIED;
    assert_eq!(play.fired(RuleId::Smb2ReconnectOtherUser), denied);
}

/// Before SMB 3 the claim of version 2 is a create like any other.
#[test]
fn version_2_before_smb3() {
    let mut play = Play::with(Choices::default(), Dialect::Smb2_1);
    let file = play.opened(A, durable_v1(lease(K1, LeaseState::RWH))).file;
    play.returns(A);
    let claim = claims_v2(CreateOp { access: Access::ATTRIBUTES, ..open() }, file);
    assert_eq!(play.opened(A, claim).level, OplockLevel::NONE);
    assert!(play.fired(RuleId::Smb2DurableV2OldDialect));
    assert!(!play.fired(RuleId::Smb2ReconnectV2));
}

/// A claim, and what follows it in its compound.
#[test]
fn related_requests_follow_a_claim() {
    let (mut play, file) = away(durable_v1(batch()));
    let ops = vec![Op::Create(Box::new(claims_v1(batch(), file))), write(FileId::RELATED)];
    play.send(A, ops);
    assert_eq!(play.said(), ["4: success batch", "5: success"]);
    let ops = vec![Op::Create(Box::new(claims_v1(batch(), file))), write(FileId::RELATED)];
    play.send(A, ops);
    assert_eq!(play.said(), ["6: object_name_not_found", "7: object_name_not_found"]);
}

/// durable-v2-open.two-same-lease and two-different-lease: both handles are found again, and each reconnect starts the time
/// anew.
#[rstest]
#[case(K1, LeaseState::RWH)]
#[case(K2, LeaseState::RH)]
fn two_handles(#[case] second: LeaseKey, #[case] state: LeaseState) {
    let of = |byte, key| CreateOp {
        durable: Some(Durable::RequestV2 { guid: guid(byte), timeout: 0, persistent: false }),
        ..lease_v2(key, state, 1)
    };
    let claim = |byte, key, file| CreateOp {
        durable: Some(Durable::ReconnectV2 { file, guid: guid(byte), persistent: false }),
        ..lease_v2(key, state, 1)
    };
    let mut play = Play::new();
    let mut files = [(1, K1), (2, second)].map(|(byte, key)| play.opened(A, of(byte, key)).file);
    for _ in 0..3 {
        play.drops(A);
        assert!(play.passes(59_999).is_empty());
        play.comes_back(A);
        for (byte, key, file) in [(1, K1, 0), (2, second, 1)] {
            let answer = play.opened(A, claim(byte, key, files[file]));
            assert_eq!(answer.lease.map(|lease| lease.state), Some(state));
            files[file] = answer.file;
        }
    }
}
