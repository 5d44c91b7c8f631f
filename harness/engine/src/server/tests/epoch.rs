//! Epochs, versions and parent keys (spec/05 section 8; spec/08 A7; smb2.lease.v2_*).

use rstest::rstest;

use super::*;

const R: LeaseState = LeaseState::R;
const RH: LeaseState = LeaseState::RH;
const RWH: LeaseState = LeaseState::RWH;

#[test]
fn v2_epoch1() {
    let mut play = Play::new();
    assert_eq!(play.opens(A, lease_v2(K1, RWH, 0x4711)), ["1: success lease RWH 0x4712"]);
    let file = FileId { persistent: 1, volatile: 1 };
    assert_eq!(play.says(A, Op::Close { file }), ["2: success"]);
    assert_eq!(play.opens(A, lease_v2(K1, RWH, 0x11)), ["3: success lease RWH 0x12"]);
}

#[test]
fn v2_epoch2() {
    let mut play = Play::new();
    let files = [
        play.opened(A, lease_v2(K1, R, 0x4711)),
        play.opened(A, lease(K1, RH)),
        play.opened(A, lease_v2(K1, RWH, 0x11)),
    ];
    let epochs = files.iter().map(|answer| answer.lease.map(|l| (l.version, l.state, l.epoch)));
    assert_eq!(
        epochs.collect::<Vec<_>>(),
        [Some((2, R, 0x4712)), Some((2, RH, 0x4713)), Some((2, RWH, 0x4714))]
    );
    assert_eq!(play.opens(A, open()), ["lease 1 RWH to RH ack 0x4715", "4 waits"]);
    assert_eq!(play.says(A, ack(K1, RH)), ["5: success RH", "4: success none"]);
    for file in (1..=4).map(|half| FileId { persistent: half, volatile: half }) {
        play.says(A, Op::Close { file });
    }
    assert_eq!(play.opens(A, lease(K1, RWH)), ["10: success lease RWH"]);
}

#[test]
fn v2_epoch3() {
    let mut play = Play::new();
    let answers = [
        play.opened(A, lease(K1, R)),
        play.opened(A, lease_v2(K1, LeaseState::RW, 0x11)),
        play.opened(A, lease(K1, RWH)),
    ];
    let leases = answers.iter().map(|answer| answer.lease.map(|l| (l.version, l.state, l.epoch)));
    assert_eq!(
        leases.collect::<Vec<_>>(),
        [Some((1, R, 0)), Some((1, LeaseState::RW, 0)), Some((1, RWH, 0))]
    );
    assert_eq!(play.opens(A, open()), ["lease 1 RWH to RH ack", "4 waits"]);
    assert_eq!(play.says(A, ack(K1, RH)), ["5: success RH", "4: success none"]);
    for file in (1..=4).map(|half| FileId { persistent: half, volatile: half }) {
        play.says(A, Op::Close { file });
    }
    assert_eq!(play.opens(A, lease_v2(K1, RWH, 0x11)), ["10: success lease RWH 0x12"]);
    assert!(play.fired(RuleId::Smb2EpochV1Zero));
}

/// Spec/08 A7 (v2_breaking3), and the other reading of spec/07 D54.
#[rstest]
#[case("unchanged", "0x13", "0x13")]
#[case("incremented", "0x14", "0x15")]
fn v2_breaking3(#[case] reading: &str, #[case] second: &str, #[case] third: &str) {
    let mut choices = Choices::default();
    choices.set("follow_up_epoch", reading).expect("the choice is known");
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    assert_eq!(play.opens(A, lease_v2(K1, RWH, 0x11)), ["1: success lease RWH 0x12"]);
    assert_eq!(play.opens(B, open()), ["lease 1 RWH to RH ack 0x13", "2 waits"]);
    assert_eq!(play.opens(A, lease_v2(K1, RWH, 0x11)), ["3: success lease RWH breaking 0x13"]);
    assert_eq!(play.opens(B, overwrites(open())), ["4 waits"]);
    let notice = format!("lease 1 RH to R ack {second}");
    assert_eq!(play.says(A, ack(K1, RH)), ["5: success RH".to_owned(), notice]);
    let said = format!("6: success lease RH breaking {second}");
    assert_eq!(play.opens(A, lease_v2(K1, RWH, 0x11)), [said]);
    let said = play.says(A, ack(K1, R));
    assert_eq!(said[..2], ["7: success R".to_owned(), format!("lease 1 R to none {third}")]);
}

/// Spec/08 A7 (v2_complex1): one step for each change, none without one.
#[test]
fn v2_complex1() {
    let mut play = Play::new();
    assert_eq!(play.opens(A, lease_v2(K1, R, 0x4711)), ["1: success lease R 0x4712"]);
    assert_eq!(play.opens(A2, lease_v2(K1, RWH, 0x4711)), ["2: success lease RWH 0x4713"]);
    let file = FileId { persistent: 2, volatile: 2 };
    assert_eq!(play.says(A2, Op::Close { file }), ["3: success"]);
    assert_eq!(play.opens(B, lease_v2(K2, R, 0x11)), ["lease 1 RWH to RH ack 0x4714", "4 waits"]);
    assert_eq!(play.says(A, ack(K1, RH)), ["5: success RH", "4: success lease R 0x12"]);
    assert_eq!(play.opens(A, lease_v2(K1, RH, 0)), ["6: success lease RH 0x4714"]);
    assert_eq!(play.opens(A, lease_v2(K1, R, 0)), ["7: success lease RH 0x4714"]);
    let mine = FileId { persistent: 1, volatile: 1 };
    assert_eq!(play.says(A, write(mine)), ["lease 2 R to none 0x13", "8: success"]);
    let theirs = FileId { persistent: 3, volatile: 3 };
    assert_eq!(play.says(B, write(theirs)), ["lease 1 RH to none ack 0x4715", "9: success"]);
}

/// Spec/08 A7 (v2_complex2): any connection of the client may acknowledge.
#[test]
fn v2_complex2() {
    let mut play = Play::new();
    play.opened(A, lease_v2(K1, RWH, 0x4711));
    assert_eq!(
        play.opens(A2, lease_v2(K2, RWH, 0x11)),
        ["lease 1 RWH to RH ack 0x4713", "2 waits"]
    );
    assert_eq!(play.says(A2, ack(K1, RH)), ["3: success RH", "2: success lease RH 0x12"]);
    assert!(play.fired(RuleId::Smb2AckLeaseAnyConnection));
}

/// Spec/05 section 8: what is not granted does not step.
#[test]
fn nothing_granted_echoes_the_epoch() {
    let mut play = Play::new();
    assert_eq!(play.opens(A, lease_v2(K1, LeaseState::HW, 100)), ["1: success lease none 0x64"]);
    assert!(play.fired(RuleId::Smb2EpochNotGranted));
}

#[test]
fn the_first_epoch_is_a_choice() {
    let mut choices = Choices::default();
    choices.set("first_epoch", "one").expect("the choice is known");
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    assert_eq!(play.opens(A, lease_v2(K1, RWH, 0x4711)), ["1: success lease RWH 0x1"]);
}

/// Spec/05 section 4 row 14 (smb2.lease.v2_flags_breaking, smb2.dirlease.v2_request_parent).
#[test]
fn flags_and_parent_keys() {
    let with = |flags, parent| {
        let request = LeaseRequest { key: K1, state: RWH, flags, version: 2, epoch: 1, parent };
        CreateOp { wanted: Wanted::Lease(request), ..open() }
    };
    let mut play = Play::new();
    let answer = play.opened(A, with(2, None)).lease.map(|lease| (lease.flags, lease.parent));
    assert_eq!(answer, Some((0, LeaseKey::default())));
    // The parent key of a later request is not taken up.
    let answer = play.opened(A, with(0, Some(K2))).lease.map(|lease| (lease.flags, lease.parent));
    assert_eq!(answer, Some((0, LeaseKey::default())));

    let mut play = Play::new();
    for parent in [Some(K2), None] {
        let answer = play.opened(A, with(0, parent)).lease.map(|lease| (lease.flags, lease.parent));
        assert_eq!(answer, Some((4, K2)));
    }
}

/// The epoch wraps (spec/05 section 8, client rule: modulo 2^16).
#[test]
fn epochs_wrap() {
    let mut play = Play::new();
    assert_eq!(play.opens(A, lease_v2(K1, RWH, 0xFFFF)), ["1: success lease RWH 0x0"]);
    assert_eq!(play.opens(B, open()), ["lease 1 RWH to RH ack 0x1", "2 waits"]);
}

/// What a lease with state none is granted later steps from the epoch that it echoed.
#[test]
fn granted_later() {
    let mut play = Play::new();
    assert_eq!(play.opens(A, lease_v2(K1, LeaseState::NONE, 100)), ["1: success lease none 0x64"]);
    assert_eq!(play.opens(A, lease_v2(K1, R, 7)), ["2: success lease R 0x65"]);
    assert_eq!(play.opens(A, lease_v2(K1, RWH, 7)), ["3: success lease RWH 0x66"]);
    assert_eq!(play.opens(A, lease_v2(K1, RH, 7)), ["4: success lease RWH 0x66"]);
}

/// D51: the response of the request's own version (MS-SMB2 3.3.5.9.8, 3.3.5.9.11), or of the lease's first.
#[rstest]
#[case("of_lease", 2, 2, 1, 1)]
#[case("of_request", 2, 1, 1, 2)]
fn versions_mixed(
    #[case] reading: &str,
    #[case] first: u8,
    #[case] second: u8,
    #[case] third: u8,
    #[case] fourth: u8,
) {
    let mut choices = Choices::default();
    choices.set("lease_version", reading).expect("the choice is known");
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    let other = |op| CreateOp { path: "g".to_owned(), ..op };
    let answers = [
        play.opened(A, lease_v2(K1, R, 1)),
        play.opened(A, lease(K1, R)),
        play.opened(A, other(lease(K2, R))),
        play.opened(A, other(lease_v2(K2, R, 1))),
    ];
    let versions = answers.map(|answer| answer.lease.map(|lease| lease.version));
    assert_eq!(versions, [Some(first), Some(second), Some(third), Some(fourth)]);
}

/// Spec/05 section 4 row 14 (smb2.lease.v2_flags_parentkey): a parent key without its flag is none.
#[rstest]
#[case(0, 0, LeaseKey::default())]
#[case(2, 0, LeaseKey::default())]
#[case(4, 4, K2)]
#[case(6, 4, K2)]
fn a_parent_key_without_its_flag(
    #[case] flags: u32,
    #[case] answered: u32,
    #[case] parent: LeaseKey,
) {
    let mut data = K1.0.to_vec();
    data.extend(R.0.to_le_bytes());
    data.extend(flags.to_le_bytes());
    data.extend([0; 8]);
    data.extend(K2.0);
    data.resize(52, 0);
    let contexts = vec![(b"RqLs".to_vec(), data)];
    let op = CreateOp { wanted: Wanted::Oplock(OplockLevel::LEASE), contexts, ..open() };
    let mut play = Play::new();
    let answer = play.opened(A, op).lease.map(|lease| (lease.flags, lease.parent));
    assert_eq!(answer, Some((answered, parent)));
}
