//! Compounds (MS-SMB2 3.3.5.2.7) and calls that name nothing.

use rstest::rstest;

use super::*;

const RELATED: FileId = FileId::RELATED;

#[test]
fn related_requests_follow_the_create() {
    let mut play = Play::new();
    let ops = vec![
        Op::Create(Box::new(oplock(OplockLevel::BATCH))),
        Op::Query { file: RELATED, info: oplock_model::QueryInfo::Basic },
        Op::Close { file: RELATED },
        Op::Query { file: RELATED, info: oplock_model::QueryInfo::Basic },
    ];
    play.send(A, ops);
    let expected = ["1: success batch", "2: success", "3: success", "4: file_closed"];
    assert_eq!(play.said(), expected);
}

/// smb2.compound.compound-break: the rest of the compound waits with its create.
#[test]
fn a_compound_waits_with_its_create() {
    let mut play = Play::new();
    let file = play.opened(A, oplock(OplockLevel::BATCH)).file;
    let ops = vec![
        Op::Create(Box::new(open())),
        Op::Query { file: RELATED, info: oplock_model::QueryInfo::Basic },
        Op::Close { file: RELATED },
    ];
    play.send(B, ops);
    assert_eq!(play.said(), ["oplock 1 to ii", "2 waits"]);
    assert_eq!(play.says(B, Op::Fence), ["5: success"]);
    let said = play.says(A, Op::OplockAck { file, level: OplockLevel::II });
    assert_eq!(said, ["6: success ii", "2: success none", "3: success", "4: success"]);
}

#[test]
fn what_relates_to_a_failed_create_fails_alike() {
    let mut play = Play::new();
    let create = CreateOp { disposition: Disposition::Create, ..open() };
    play.send(
        A,
        vec![
            Op::Create(Box::new(create)),
            Op::Query { file: RELATED, info: oplock_model::QueryInfo::Basic },
        ],
    );
    assert_eq!(play.said(), ["1: object_name_collision", "2: object_name_collision"]);
    assert!(play.fired(RuleId::Smb2CompoundFailedBefore));
}

/// A refused create, a create that is refused after its open, and a cancelled one are failed creates too.
#[rstest]
#[case(CreateOp { options: CreateOptions::RESERVE_OPFILTER, ..open() }, "not_supported")]
#[case(malformed(), "invalid_parameter")]
#[case(CreateOp { path: "none/f".to_owned(), ..open() }, "object_path_not_found")]
fn every_failure_of_a_create_is_handed_on(#[case] create: CreateOp, #[case] status: &str) {
    let mut play = Play::new();
    play.send(A, vec![Op::Create(Box::new(create)), write(RELATED), Op::Close { file: RELATED }]);
    let expected: Vec<String> = (1..=3).map(|call| format!("{call}: {status}")).collect();
    assert_eq!(play.said(), expected);
}

#[test]
fn what_relates_to_a_cancelled_create_is_cancelled() {
    let mut play = Play::new();
    play.opened(A, lease(K1, LeaseState::RWH));
    play.send(B, vec![Op::Create(Box::new(open())), write(RELATED)]);
    assert_eq!(play.said(), ["lease 1 RWH to RH ack", "2 waits"]);
    let said = play.says(B, Op::Cancel { call: CallId(2) });
    assert_eq!(said, ["2: cancelled", "3: cancelled"]);
}

/// MS-SMB2 3.3.5.2.7.2: after a request that neither names nor makes an open there is nothing to relate to. The first
/// request of a compound relates to nothing: its all-ones file id is one like any other.
#[test]
fn nothing_to_relate_to() {
    let mut play = Play::new();
    play.send(A, vec![Op::Fence, write(RELATED), Op::Close { file: RELATED }]);
    assert_eq!(play.said(), ["1: success", "2: invalid_handle", "3: invalid_handle"]);
    assert!(play.fired(RuleId::Smb2CompoundNothingBefore));
    assert_eq!(play.says(A, Op::Close { file: RELATED }), ["4: file_closed"]);
    play.send(A, vec![write(RELATED), Op::Close { file: RELATED }]);
    assert_eq!(play.said(), ["5: file_closed", "6: file_closed"]);
}

/// What fails in the middle does not change what the rest works on.
#[test]
fn a_failure_in_the_middle_is_its_own() {
    let mut play = Play::new();
    let reader = CreateOp { access: Access::READ_DATA, ..open() };
    play.send(A, vec![Op::Create(Box::new(reader)), write(RELATED), Op::Close { file: RELATED }]);
    assert_eq!(play.said(), ["1: success none", "2: access_denied", "3: success"]);
}

/// A request that names an open of its own is what later ones relate to.
#[test]
fn a_named_open_in_the_middle() {
    let mut play = Play::new();
    let file = play.opened(A, open()).file;
    let other = CreateOp { path: "g".to_owned(), ..open() };
    play.send(A, vec![Op::Create(Box::new(other)), write(file), Op::Close { file: RELATED }]);
    assert_eq!(play.said(), ["2: success none", "3: success", "4: success"]);
    assert_eq!(play.says(A, write(file)), ["5: file_closed"]);
}

/// MS-SMB2 3.3.5.2.7.1: unrelated requests are taken one by one, and none waits for the one before it.
#[test]
fn unrelated_requests_do_not_wait() {
    let mut play = Play::new();
    let file = play.opened(A, oplock(OplockLevel::BATCH)).file;
    let other = CreateOp { path: "g".to_owned(), ..open() };
    let ops =
        vec![Op::Create(Box::new(open())), Op::Create(Box::new(other)), Op::Fence, write(file)];
    play.send(B, ops);
    let said = play.said();
    assert!(play.fired(RuleId::Smb2CompoundUnrelated));
    let expected = ["oplock 1 to ii", "3: success none", "4: success", "5: file_closed", "2 waits"];
    assert_eq!(said, expected);
    let said = play.says(A, Op::OplockAck { file, level: OplockLevel::II });
    assert_eq!(said, ["6: success ii", "2: success none"]);
}

/// smb2.compound_async.getinfo_middle and create_lease_break_async: the create in the middle waits, with an interim,
/// and with it what relates to it; what stood before it is answered.
#[test]
fn a_member_in_the_middle_waits() {
    let mut play = Play::new();
    play.opened(A, lease(K1, LeaseState::RWH));
    let other = CreateOp { path: "g".to_owned(), ..open() };
    let ops = vec![
        Op::Create(Box::new(other)),
        write(RELATED),
        Op::Create(Box::new(open())),
        Op::Query { file: RELATED, info: oplock_model::QueryInfo::All },
        Op::Close { file: RELATED },
    ];
    play.send(B, ops);
    let expected = ["2: success none", "3: success", "lease 1 RWH to RH ack", "4 waits"];
    assert_eq!(play.said(), expected);
    // The connection is not held up.
    assert_eq!(play.says(B, Op::Fence), ["7: success"]);
    let said = play.says(A, ack(K1, LeaseState::RH));
    assert_eq!(said, ["8: success RH", "4: success none", "5: success", "6: success"]);
}

/// A lease context of no known length.
fn malformed() -> CreateOp {
    let contexts = vec![(b"RqLs".to_vec(), vec![0; 33])];
    CreateOp { wanted: Wanted::Oplock(OplockLevel::LEASE), contexts, ..open() }
}

#[test]
fn a_file_id_counts_on_its_connection_only() {
    let mut play = Play::new();
    let file = play.opened(A, open()).file;
    for (on, file) in [(B, file), (A2, file), (A, FileId { persistent: 7, volatile: 1 })] {
        for op in [
            Op::Close { file },
            Op::Read { file, offset: 0, length: 1 },
            write(file),
            Op::Query { file, info: oplock_model::QueryInfo::Basic },
        ] {
            let call = play.calls + 1;
            assert_eq!(play.says(on, op), [format!("{call}: file_closed")]);
        }
    }
}

#[test]
fn nothing_is_said_on_a_connection_that_is_not_there() {
    let mut play = Play::new();
    assert!(play.says(ConnectionId(9), Op::Fence).is_empty());
}
