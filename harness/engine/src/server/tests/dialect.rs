//! What each dialect takes (spec/05 section 1), and the form of the lease context (section 4 rows 1 to 3).

use rstest::rstest;

use super::*;

#[rstest]
#[case(Dialect::Smb2_0_2, "none", "none")]
#[case(Dialect::Smb2_1, "lease RWH", "none")]
#[case(Dialect::Smb3_0, "lease RWH", "lease RWH 0x12")]
#[case(Dialect::Smb3_0_2, "lease RWH", "lease RWH 0x12")]
#[case(Dialect::Smb3_1_1, "lease RWH", "lease RWH 0x12")]
fn leases(#[case] dialect: Dialect, #[case] v1: &str, #[case] v2: &str) {
    let state = LeaseState::RWH;
    let mut play = Play::with(Choices::default(), dialect);
    assert_eq!(play.opens(A, lease(K1, state)), [format!("1: success {v1}")]);
    let mut play = Play::with(Choices::default(), dialect);
    assert_eq!(play.opens(A, lease_v2(K1, state, 0x11)), [format!("1: success {v2}")]);
}

#[test]
fn v2_on_2_1_is_a_choice() {
    let mut choices = Choices::default();
    choices.set("lease_v2_on_2_1", "accepted").expect("the choice is known");
    let mut play = Play::with(choices, Dialect::Smb2_1);
    let said = play.opens(A, lease_v2(K1, LeaseState::RWH, 0x11));
    assert_eq!(said, ["1: success lease RWH 0x12"]);
}

#[test]
fn a_lease_acknowledgement_on_2_0_2_has_no_known_size() {
    let mut play = Play::with(Choices::default(), Dialect::Smb2_0_2);
    assert_eq!(play.says(A, ack(K1, LeaseState::R)), ["1: invalid_parameter"]);
}

/// Row 1: found only after the open and its breaks, and the open does not stay.
#[test]
fn a_context_of_no_known_length() {
    let mut play = Play::new();
    play.opened(A, lease(K1, LeaseState::RWH));
    let request = LeaseRequest {
        key: K2,
        state: LeaseState::RWH,
        flags: 0,
        version: 3,
        epoch: 0,
        parent: None,
    };
    let malformed = CreateOp { wanted: Wanted::Lease(request), ..open() };
    assert_eq!(play.opens(B, malformed), ["lease 1 RWH to RH ack", "2 waits"]);
    let said = play.says(A, ack(K1, LeaseState::RH));
    assert_eq!(said, ["3: success RH", "2: invalid_parameter"]);
    assert_eq!(play.opens(A, lease(K1, LeaseState::RWH)), ["4: success lease RWH"]);
}

/// D50: with the length test taken literally the create fails, after its open.
#[test]
fn v2_on_2_1_refused() {
    let mut choices = Choices::default();
    choices.set("lease_v2_on_2_1", "refused").expect("the choice is known");
    let mut play = Play::with(choices, Dialect::Smb2_1);
    play.opened(A, lease(K1, LeaseState::RWH));
    let said = play.opens(B, lease_v2(K2, LeaseState::RWH, 0x11));
    assert_eq!(said, ["lease 1 RWH to RH ack", "2 waits"]);
    let said = play.says(A, ack(K1, LeaseState::RH));
    assert_eq!(said, ["3: success RH", "2: invalid_parameter"]);
    assert!(play.fired(RuleId::Smb2LeaseV2On21Refused));
}

/// A lease context as it stands (spec/05 section 12).
fn context(key: LeaseKey, state: LeaseState, length: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut data = key.0.to_vec();
    data.extend(state.0.to_le_bytes());
    data.resize(length, 0);
    vec![(b"RqLs".to_vec(), data)]
}

fn with_context(level: OplockLevel, length: usize) -> CreateOp {
    let contexts = context(K1, LeaseState::RWH, length);
    CreateOp { wanted: Wanted::Oplock(level), contexts, ..open() }
}

/// Rows 1 to 3: level, context and length against each other.
#[rstest]
#[case(OplockLevel::LEASE, 32, "success lease RWH")]
#[case(OplockLevel::LEASE, 52, "success lease RWH 0x1")]
#[case(OplockLevel::LEASE, 0, "invalid_parameter")]
#[case(OplockLevel::LEASE, 31, "invalid_parameter")]
#[case(OplockLevel::LEASE, 33, "invalid_parameter")]
#[case(OplockLevel::LEASE, 51, "invalid_parameter")]
#[case(OplockLevel::LEASE, 53, "invalid_parameter")]
#[case(OplockLevel::BATCH, 32, "success batch")]
#[case(OplockLevel::EXCLUSIVE, 52, "success exclusive")]
#[case(OplockLevel::II, 52, "success ii")]
#[case(OplockLevel::NONE, 52, "success none")]
#[case(OplockLevel::BATCH, 7, "success batch")]
fn a_context_as_it_stands(#[case] level: OplockLevel, #[case] length: usize, #[case] answer: &str) {
    let mut play = Play::new();
    assert_eq!(play.opens(A, with_context(level, length)), [format!("1: {answer}")]);
    let ignored = level != OplockLevel::LEASE;
    assert_eq!(play.fired(RuleId::Smb2LeaseContextWithoutLevel), ignored);
    assert_eq!(play.fired(RuleId::Smb2LeaseContextLength), answer == "invalid_parameter");
}

/// Row 2: the level without a context, also beside other contexts.
#[test]
fn the_level_without_a_context() {
    let mut play = Play::new();
    let contexts = vec![(b"MxAc".to_vec(), Vec::new())];
    let op = CreateOp { wanted: Wanted::Oplock(OplockLevel::LEASE), contexts, ..open() };
    assert_eq!(play.opens(A, op), ["1: success none"]);
    assert!(play.fired(RuleId::Smb2LeaseLevelWithoutContext));
}

/// Row 3 as servers before Windows 10 read it (<340>, <345>).
#[rstest]
#[case(OplockLevel::NONE, 32, "success lease RWH")]
#[case(OplockLevel::BATCH, 52, "success lease RWH 0x1")]
#[case(OplockLevel::BATCH, 33, "invalid_parameter")]
fn a_context_is_taken_without_the_level(
    #[case] level: OplockLevel,
    #[case] length: usize,
    #[case] answer: &str,
) {
    let mut choices = Choices::default();
    choices.set("lease_context_without_level", "taken").expect("the choice is known");
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    assert_eq!(play.opens(A, with_context(level, length)), [format!("1: {answer}")]);
    assert!(play.fired(RuleId::Smb2LeaseContextWithoutLevelTaken));
}

/// On 2.0.2 the lease level is none that counts, whatever context comes with it (spec/05 section 1).
#[rstest]
fn the_level_on_2_0_2(#[values(0, 32, 33, 52)] length: usize) {
    let mut play = Play::with(Choices::default(), Dialect::Smb2_0_2);
    let said = play.opens(A, with_context(OplockLevel::LEASE, length));
    assert_eq!(said, ["1: success none"]);
    assert!(play.fired(RuleId::Smb2LeaseOn202));
}

/// Row 4: a server without leasing ignores the context, and one whose store has none asks for Batch.
#[rstest]
#[case("not_in_server", "none", RuleId::Smb2LeaseServerWithoutLeasing)]
#[case("not_in_store", "batch", RuleId::Smb2LeaseStoreWithoutLeasing)]
fn without_leasing(#[case] leasing: &str, #[case] granted: &str, #[case] rule: RuleId) {
    let mut choices = Choices::default();
    choices.set("leasing", leasing).expect("the choice is known");
    for op in [lease(K1, LeaseState::R), lease_v2(K1, LeaseState::RWH, 1)] {
        let mut play = Play::with(choices, Dialect::Smb3_1_1);
        assert_eq!(play.opens(A, op), [format!("1: success {granted}")]);
        assert!(play.fired(rule));
        assert!(!play.fired(RuleId::Smb2LeaseKeyToStore));
    }
    // A legacy level is what it was.
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    let level = with_context(OplockLevel::II, 52);
    assert_eq!(play.opens(A, level), ["1: success ii"]);
}
