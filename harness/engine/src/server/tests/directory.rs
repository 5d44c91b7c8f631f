//! Leases on directories (spec/05 sections 1, 2, 4 row 7 and 9; spec/08 A1, A9; smb2.dirlease.*).

use rstest::rstest;

use super::*;

const NONE: LeaseState = LeaseState::NONE;
const R: LeaseState = LeaseState::R;
const RH: LeaseState = LeaseState::RH;
const RW: LeaseState = LeaseState::RW;
const RWH: LeaseState = LeaseState::RWH;

/// Keys of the directories `d` and `d2`.
const D1: LeaseKey = LeaseKey([0xD1; 16]);

fn directory(op: CreateOp) -> CreateOp {
    CreateOp { path: "d".to_owned(), access: Access::READ_DATA, ..op }
}

fn child(op: CreateOp) -> CreateOp {
    CreateOp { path: "d/c".to_owned(), ..op }
}

/// A lease request that names the key of the directory above.
fn below(parent: LeaseKey, op: CreateOp) -> CreateOp {
    let Wanted::Lease(request) = op.wanted else { return op };
    CreateOp { wanted: Wanted::Lease(LeaseRequest { parent: Some(parent), ..request }), ..op }
}

/// Spec/08 A1 (smb2.dirlease.leases): W is masked, and the epoch is the request's plus one.
#[rstest]
#[case(NONE, NONE)]
#[case(R, R)]
#[case(RH, RH)]
#[case(RW, R)]
#[case(RWH, RH)]
#[case(LeaseState::H, NONE)]
#[case(LeaseState::W, NONE)]
#[case(LeaseState::HW, NONE)]
fn leases(#[case] wanted: LeaseState, #[case] granted: LeaseState) {
    for dialect in [Dialect::Smb3_0, Dialect::Smb3_0_2, Dialect::Smb3_1_1] {
        let mut play = Play::with(Choices::default(), dialect);
        let answer = play.opened(A, directory(lease_v2(D1, wanted, 0x11)));
        let epoch = if granted == NONE { 0x11 } else { 0x12 };
        assert_eq!(answer.level, OplockLevel::LEASE);
        let lease = answer.lease.map(|lease| (lease.state, lease.epoch));
        assert_eq!(lease, Some((granted, epoch)));
        let masked = wanted.contains(LeaseState::W);
        assert_eq!(play.fired(RuleId::Smb2LeaseDirectoryWithoutWrite), masked);
    }
}

/// Spec/08 A1 (smb2.dirlease.oplocks).
#[rstest]
fn oplocks(
    #[values(OplockLevel::II, OplockLevel::EXCLUSIVE, OplockLevel::BATCH)] level: OplockLevel,
) {
    let mut play = Play::new();
    assert_eq!(play.opens(A, directory(oplock(level))), ["1: success none"]);
    assert!(play.fired(RuleId::Smb2CreateDirectoryOplock));
}

/// Version 1, older dialects and clients without the capability get no lease on a directory (spec/05 sections 1, 2).
#[rstest]
#[case(Dialect::Smb3_1_1, "negotiated", 1)]
#[case(Dialect::Smb3_1_1, "absent", 1)]
#[case(Dialect::Smb3_1_1, "absent", 2)]
#[case(Dialect::Smb2_1, "negotiated", 1)]
#[case(Dialect::Smb2_1, "negotiated", 2)]
#[case(Dialect::Smb2_0_2, "negotiated", 2)]
fn none(#[case] dialect: Dialect, #[case] leasing: &str, #[case] version: u8) {
    let mut choices = Choices::default();
    choices.set("directory_leasing", leasing).expect("the choice is known");
    let mut play = Play::with(choices, dialect);
    let op = if version == 1 { lease(D1, RWH) } else { lease_v2(D1, RWH, 1) };
    assert_eq!(play.opens(A, directory(op)), ["1: success none"]);
    // The key is still free.
    if dialect.has_leases() {
        assert_eq!(play.opens(A, lease(D1, R)), ["2: success lease R"]);
    }
}

/// One name, however it is spelled, and no other with the same key.
#[test]
fn names() {
    let mut play = Play::new();
    play.opened(A, directory(lease_v2(D1, RH, 1)));
    let spelled = |path: &str| CreateOp { path: path.to_owned(), ..directory(lease_v2(D1, RH, 9)) };
    assert_eq!(play.opens(A, spelled("D")), ["2: success lease RH 0x2"]);
    assert_eq!(play.opens(A, child(lease_v2(D1, R, 1))), ["3: invalid_parameter"]);
}

/// Spec/08 A9, first row (smb2.dirlease.v2_request): the parent key of who creates the child decides.
#[rstest]
#[case(Some(D1), &["2: success lease RH 0x2"])]
#[case(Some(K2), &["lease 209 RH to none ack 0x3", "2: success lease RH 0x2"])]
#[case(None, &["lease 209 RH to none ack 0x3", "2: success lease RH 0x2"])]
fn create_child(#[case] parent: Option<LeaseKey>, #[case] said: &[&str]) {
    let mut play = Play::new();
    play.opened(A, directory(lease_v2(D1, RH, 1)));
    let op = child(lease_v2(K1, RH, 1));
    let op = parent.map_or(op.clone(), |key| below(key, op));
    assert_eq!(play.opens(A, op), said);
}

/// The key of another client is another key, and a create without a lease has none.
#[test]
fn parent_keys_are_the_clients_own() {
    let mut play = Play::new();
    play.opened(A, directory(lease_v2(D1, R, 1)));
    let said = play.opens(B, below(D1, child(lease_v2(K1, RH, 1))));
    assert_eq!(said, ["lease 209 R to none 0x3", "2: success lease RH 0x2"]);
    play.opened(A, CreateOp { path: "f".to_owned(), ..lease_v2(K2, R, 1) });
    assert_eq!(play.opens(A, directory(lease_v2(D1, R, 1))), ["4: success lease R 0x4"]);
    let said = play.opens(A, CreateOp { path: "d/e".to_owned(), ..open() });
    assert_eq!(said, ["lease 209 R to none 0x5", "5: success none"]);
}

/// The parent key of the *current* create counts, not the one that the lease remembers (row 14).
#[test]
fn the_parent_key_of_this_create() {
    let mut play = Play::new();
    play.opened(A, child(lease_v2(K1, R, 1)));
    play.opened(A, directory(lease_v2(D1, RH, 1)));
    // The lease of the child was made without a parent key; this create of another child carries one.
    let other = |op| CreateOp { path: "d/e".to_owned(), ..op };
    let answer = play.opened(A, below(D1, other(lease_v2(K2, RH, 1))));
    assert_eq!(answer.lease.map(|lease| (lease.flags, lease.parent)), Some((4, D1)));
    // Overwriting the first child through its lease, with the parent key in this create only.
    let answer = play.opened(A, below(D1, child(overwrites(lease_v2(K1, R, 1)))));
    assert_eq!(
        answer.lease.map(|lease| (lease.flags, lease.parent)),
        Some((0, LeaseKey::default()))
    );
}

/// Spec/08 A9 (write data): nothing at the write, RH to none when that handle closes.
#[rstest]
#[case(Some(D1), &["4: success"])]
#[case(None, &["4: success", "lease 209 RH to none ack 0x3"])]
fn write_below(#[case] parent: Option<LeaseKey>, #[case] closed: &[&str]) {
    let mut play = Play::new();
    let op = child(lease_v2(K1, RWH, 1));
    let op = parent.map_or(op.clone(), |key| below(key, op));
    let file = play.opened(A, op).file;
    play.opened(A, directory(lease_v2(D1, RH, 1)));
    assert_eq!(play.says(A, write(file)), ["3: success"]);
    let mut said = play.says(A, Op::Close { file });
    said.sort();
    assert_eq!(said, closed);
}

/// Spec/08 A9 (overwrite of an existing child by another client): directory and file, each once.
#[test]
fn overwrite_below() {
    let mut play = Play::new();
    play.opened(A, below(D1, child(lease_v2(K1, RH, 1))));
    play.opened(A, directory(lease_v2(D1, RH, 1)));
    let mut said = play.opens(B, child(overwrites(open())));
    said.sort();
    let expected =
        ["3: success none", "lease 1 RH to none ack 0x3", "lease 209 RH to none ack 0x3"];
    assert_eq!(said, expected);
}

/// Spec/08 A9 (smb2.dirlease.v2_request): an incompatible open takes H, waits, and fails unless the holder closes.
#[rstest]
#[case(false)]
#[case(true)]
fn incompatible_open(#[case] closes: bool) {
    let mut play = Play::new();
    let file = play.opened(A, directory(lease_v2(D1, RH, 1))).file;
    let said = play.opens(B, shares(directory(open()), Share::NONE));
    assert_eq!(said, ["lease 209 RH to R ack 0x3", "2 waits"]);
    if closes {
        assert_eq!(play.says(A, Op::Close { file }), ["3: success", "2: success none"]);
        return;
    }
    assert_eq!(play.says(A, ack(D1, R)), ["3: success R", "2: sharing_violation"]);
    // Asked for again, RH is granted again, one epoch on.
    assert_eq!(play.opens(A, directory(lease_v2(D1, RH, 1))), ["4: success lease RH 0x4"]);
}
