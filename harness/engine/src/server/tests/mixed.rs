//! Oplocks and leases on one file (spec/08 A5, spec/05 section 10; smb2.lease.oplock, multibreak).

use rstest::rstest;

use super::*;

const LEVELS: [OplockLevel; 3] = [OplockLevel::II, OplockLevel::EXCLUSIVE, OplockLevel::BATCH];

#[rstest]
#[case(LeaseState::R, None, "ii", RuleId::Smb2MixedLeaseRThenOplock)]
#[case(LeaseState::RH, None, "none", RuleId::Smb2MixedLeaseRhThenOplock)]
#[case(LeaseState::RW, Some(LeaseState::R), "ii", RuleId::Smb2MixedLeaseRwThenOplock)]
#[case(LeaseState::RWH, Some(LeaseState::RH), "none", RuleId::Smb2MixedLeaseRwhThenOplock)]
fn lease_then_oplock(
    #[case] held: LeaseState,
    #[case] to: Option<LeaseState>,
    #[case] granted: &str,
    #[case] rule: RuleId,
) {
    for level in LEVELS {
        let mut play = Play::new();
        play.opened(A, lease(K1, held));
        let said = play.opens(B, oplock(level));
        let answer = format!("2: success {granted}");
        match to {
            None => assert_eq!(said, [answer]),
            Some(to) => {
                assert_eq!(said, [format!("lease 1 {held} to {to} ack"), "2 waits".to_owned()]);
                assert_eq!(play.says(A, ack(K1, to)), [format!("3: success {to}"), answer]);
            }
        }
        assert!(play.fired(rule));
    }
}

#[rstest]
fn oplock_then_lease(
    #[values(OplockLevel::II, OplockLevel::EXCLUSIVE, OplockLevel::BATCH)] held: OplockLevel,
    #[values(LeaseState::R, LeaseState::RH, LeaseState::RW, LeaseState::RWH)] wanted: LeaseState,
) {
    let mut play = Play::new();
    let file = play.opened(A, oplock(held)).file;
    let said = play.opens(B, lease(K1, wanted));
    if held == OplockLevel::II {
        assert_eq!(said, ["2: success lease R"]);
        assert!(play.fired(RuleId::Smb2MixedIiThenLease));
    } else {
        assert_eq!(said, ["oplock 1 to ii", "2 waits"]);
        let said = play.says(A, Op::OplockAck { file, level: OplockLevel::II });
        assert_eq!(said, ["3: success ii", "2: success lease R"]);
        assert!(play.fired(RuleId::Smb2MixedExclusiveThenLease));
    }
}

/// The end of smb2.lease.multibreak: an overwrite breaks R and II once each, and waits for neither.
#[test]
fn overwrite_breaks_both() {
    let mut play = Play::new();
    play.opened(A, lease(K1, LeaseState::R));
    play.opened(A, lease(K1, LeaseState::R));
    assert_eq!(play.opens(B, oplock(OplockLevel::II)), ["3: success ii"]);
    let mut said = play.opens(A2, overwrites(open()));
    said.sort();
    assert_eq!(said, ["4: success none", "lease 1 R to none", "oplock 3 to none"]);
    assert!(play.fired(RuleId::Smb2NotifyLeaseOnce));
}
