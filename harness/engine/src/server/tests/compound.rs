//! Compounds (MS-SMB2 3.3.5.2.7) and calls that name nothing.

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
    assert_eq!(play.says(A, Op::Close { file: RELATED }), ["3: invalid_parameter"]);
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
