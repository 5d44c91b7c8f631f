//! Acknowledgements with every error (spec/05 section 6).

use rstest::rstest;

use super::*;

const NONE: OplockLevel = OplockLevel::NONE;
const II: OplockLevel = OplockLevel::II;
const EXCLUSIVE: OplockLevel = OplockLevel::EXCLUSIVE;
const BATCH: OplockLevel = OplockLevel::BATCH;
const LEASE: OplockLevel = OplockLevel::LEASE;

const FIRST: FileId = FileId { persistent: 1, volatile: 1 };

/// Rows 5 to 8 and 10: the break to II is settled either way, and the opener goes on.
#[rstest]
#[case(BATCH, NONE, "success none")]
#[case(BATCH, II, "success ii")]
#[case(BATCH, EXCLUSIVE, "success none")]
#[case(BATCH, BATCH, "invalid_oplock_protocol")]
#[case(BATCH, LEASE, "invalid_parameter")]
#[case(BATCH, OplockLevel(0x42), "invalid_oplock_protocol")]
#[case(EXCLUSIVE, NONE, "success none")]
#[case(EXCLUSIVE, II, "success ii")]
#[case(EXCLUSIVE, EXCLUSIVE, "invalid_oplock_protocol")]
#[case(EXCLUSIVE, BATCH, "invalid_oplock_protocol")]
#[case(EXCLUSIVE, LEASE, "invalid_parameter")]
fn of_an_oplock(#[case] held: OplockLevel, #[case] level: OplockLevel, #[case] answer: &str) {
    let mut play = Play::new();
    play.opened(A, oplock(held));
    assert_eq!(play.opens(B, open()), ["oplock 1 to ii", "2 waits"]);
    let said = play.says(A, Op::OplockAck { file: FIRST, level });
    assert_eq!(said, [format!("3: {answer}"), "2: success none".to_owned()]);
    // Settled is settled.
    let said = play.says(A, Op::OplockAck { file: FIRST, level: NONE });
    assert_eq!(said, ["4: invalid_device_state"]);
}

/// Rows 5 and 6 after II to none.
#[rstest]
#[case(II, "invalid_oplock_protocol")]
#[case(EXCLUSIVE, "invalid_oplock_protocol")]
#[case(BATCH, "invalid_oplock_protocol")]
#[case(NONE, "invalid_oplock_protocol")]
#[case(LEASE, "invalid_parameter")]
fn of_a_lost_level_two(#[case] level: OplockLevel, #[case] answer: &str) {
    let mut play = Play::new();
    play.opened(A, oplock(II));
    play.says(A, write(FIRST));
    let said = play.says(A, Op::OplockAck { file: FIRST, level });
    assert_eq!(said, [format!("3: {answer}")]);
}

/// After 35 s nothing is owed for II to none either.
#[test]
fn of_a_lost_level_two_in_the_end() {
    let mut play = Play::new();
    play.opened(A, oplock(II));
    play.says(A, write(FIRST));
    assert!(play.passes(35_000).is_empty());
    let said = play.says(A, Op::OplockAck { file: FIRST, level: NONE });
    assert_eq!(said, ["3: invalid_device_state"]);
}

/// Rows 3 and 4, with the other reading of spec/07 D28.
#[rstest]
#[case("invalid_device_state")]
#[case("invalid_oplock_protocol")]
fn without_a_break(#[case] reading: &str) {
    let mut choices = Choices::default();
    choices.set("stray_oplock_ack", reading).expect("the choice is known");
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    play.opened(A, oplock(BATCH));
    for level in [II, LEASE, BATCH] {
        let call = play.calls + 1;
        let said = play.says(A, Op::OplockAck { file: FIRST, level });
        assert_eq!(said, [format!("{call}: {reading}")]);
    }
    // The oplock is as it was.
    assert_eq!(play.opens(B, open()), ["oplock 1 to ii", "5 waits"]);
    for (on, file) in [
        (B, FIRST),
        (A, FileId { persistent: 2, volatile: 1 }),
        (A, FileId { persistent: 1, volatile: 9 }),
    ] {
        let call = play.calls + 1;
        let said = play.says(on, Op::OplockAck { file, level: II });
        assert_eq!(said, [format!("{call}: file_closed")]);
    }
    assert!(play.fired(RuleId::Smb2AckOplockFileClosed));
}

/// Row 9: somebody needs none by now.
#[rstest]
#[case(II, "request_not_accepted")]
#[case(EXCLUSIVE, "success none")]
#[case(BATCH, "invalid_oplock_protocol")]
#[case(LEASE, "invalid_parameter")]
#[case(NONE, "success none")]
fn of_a_deepened_break(#[case] level: OplockLevel, #[case] answer: &str) {
    let mut play = Play::new();
    play.opened(A, oplock(BATCH));
    assert_eq!(play.opens(B, open()), ["oplock 1 to ii", "2 waits"]);
    assert_eq!(play.opens(B, overwrites(open())), ["3 waits"]);
    let said = play.says(A, Op::OplockAck { file: FIRST, level });
    assert_eq!(said.first(), Some(&format!("4: {answer}")));
    let mut openers = said[1..].to_vec();
    openers.sort();
    assert_eq!(openers, ["2: success none", "3: success none"]);
}

/// Row 10 with the readings of spec/07 D53.
#[rstest]
#[case("none")]
#[case("ii")]
fn of_two_after_none(#[case] reading: &str) {
    let mut choices = Choices::default();
    choices.set("ack_two_after_none", reading).expect("the choice is known");
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    play.opened(A, oplock(BATCH));
    assert_eq!(play.opens(B, overwrites(open())), ["oplock 1 to none", "2 waits"]);
    let said = play.says(A, Op::OplockAck { file: FIRST, level: II });
    assert_eq!(said, [format!("3: success {reading}"), "2: success none".to_owned()]);
}

/// Rows 2 to 4 of the lease acknowledgement; a refused one leaves the break as it is.
#[test]
fn of_a_lease() {
    let mut play = Play::new();
    assert_eq!(play.says(A, ack(K1, LeaseState::R)), ["1: object_name_not_found"]);
    play.opened(A, lease(K1, LeaseState::RWH));
    assert_eq!(play.says(A, ack(K1, LeaseState::R)), ["3: unsuccessful"]);
    assert_eq!(play.says(A, ack(K2, LeaseState::R)), ["4: object_name_not_found"]);
    assert_eq!(play.opens(B, open()), ["lease 1 RWH to RH ack", "5 waits"]);
    assert_eq!(play.says(B, ack(K1, LeaseState::RH)), ["6: object_name_not_found"]);
    assert_eq!(play.says(A, ack(K1, LeaseState::RWH)), ["7: request_not_accepted"]);
    assert_eq!(play.says(A, ack(K1, LeaseState(0x13))), ["8: request_not_accepted"]);
    assert_eq!(play.says(A, ack(K1, LeaseState::R)), ["9: success R", "5: success none"]);
    assert_eq!(play.says(A, ack(K1, LeaseState::R)), ["10: unsuccessful"]);
}

/// A subset that no store grants ends the break with nothing.
#[test]
fn of_a_lease_with_handle_alone() {
    let mut play = Play::new();
    play.opened(A, lease(K1, LeaseState::RWH));
    play.opens(B, open());
    assert_eq!(play.says(A, ack(K1, LeaseState::H)), ["3: invalid_parameter", "2: success none"]);
    assert_eq!(play.opens(A, lease(K1, LeaseState::NONE)), ["4: success lease none"]);
}

/// An open with a lease has no oplock to acknowledge.
#[test]
fn of_a_lease_as_an_oplock() {
    let mut play = Play::new();
    play.opened(A, lease(K1, LeaseState::RWH));
    play.opens(B, open());
    let said = play.says(A, Op::OplockAck { file: FIRST, level: II });
    assert_eq!(said, ["3: invalid_device_state"]);
}

/// Rows 5 to 8 and 10 where NONE was told at once.
#[rstest]
#[case(BATCH, NONE, "success none")]
#[case(BATCH, EXCLUSIVE, "success none")]
#[case(BATCH, BATCH, "invalid_oplock_protocol")]
#[case(BATCH, LEASE, "invalid_parameter")]
#[case(EXCLUSIVE, NONE, "success none")]
#[case(EXCLUSIVE, II, "success none")]
#[case(EXCLUSIVE, EXCLUSIVE, "invalid_oplock_protocol")]
fn of_a_break_to_none(#[case] held: OplockLevel, #[case] level: OplockLevel, #[case] answer: &str) {
    let mut play = Play::new();
    play.opened(A, oplock(held));
    assert_eq!(play.opens(B, overwrites(open())), ["oplock 1 to none", "2 waits"]);
    let said = play.says(A, Op::OplockAck { file: FIRST, level });
    assert_eq!(said, [format!("3: {answer}"), "2: success none".to_owned()]);
}

/// Rows 4 and 5 for every state word: a subset ends the break with just that, anything else leaves it as it is.
#[rstest]
#[case(open(), 0x3, &[0x0, 0x1, 0x3])]
#[case(overwrites(open()), 0x0, &[0x0])]
#[case(shares(open(), Share::NONE), 0x5, &[0x0, 0x1, 0x5])]
fn of_every_state(#[case] op: CreateOp, #[case] to: u32, #[case] legal: &[u32]) {
    for state in (0..16).chain([0x8000_0001, u32::MAX]) {
        let mut play = Play::new();
        play.opened(A, lease(K1, LeaseState::RWH));
        let notice = format!("lease 1 RWH to {} ack", LeaseState(to));
        assert_eq!(play.opens(B, op.clone()).first(), Some(&notice));
        let said = play.says(A, ack(K1, LeaseState(state)));
        if legal.contains(&state) {
            assert_eq!(said.first(), Some(&format!("3: success {}", LeaseState(state))));
            assert_eq!(play.says(A, ack(K1, LeaseState::NONE)), ["4: unsuccessful"]);
        } else if !LeaseState(state).is_subset_of(LeaseState(to)) {
            assert_eq!(said, ["3: request_not_accepted"]);
            let said = play.says(A, ack(K1, LeaseState(to)));
            assert_eq!(said.first(), Some(&format!("4: success {}", LeaseState(to))));
        } else {
            // H or W alone, which no store grants.
            assert_eq!(said.first().map(String::as_str), Some("3: invalid_parameter"));
        }
    }
}
