//! What kind of share it is (spec/05 section 3, its rows on shares).

use oplock_model::ShareKind;
use rstest::rstest;

use super::*;

const NONE: LeaseState = LeaseState::NONE;
const R: LeaseState = LeaseState::R;
const RH: LeaseState = LeaseState::RH;
const RW: LeaseState = LeaseState::RW;
const RWH: LeaseState = LeaseState::RWH;

fn on(share: ShareKind, dialect: Dialect) -> Play {
    let mut play = Play::with(Choices::default(), dialect);
    play.server.set_share(share);
    play
}

#[rstest]
#[case(ShareKind::Plain, OplockLevel::BATCH, "batch")]
#[case(ShareKind::Plain, OplockLevel::EXCLUSIVE, "exclusive")]
#[case(ShareKind::ForceLevelTwo, OplockLevel::BATCH, "ii")]
#[case(ShareKind::ForceLevelTwo, OplockLevel::EXCLUSIVE, "ii")]
#[case(ShareKind::ForceLevelTwo, OplockLevel::II, "ii")]
#[case(ShareKind::ForceLevelTwo, OplockLevel::NONE, "none")]
#[case(ShareKind::ScaleOut, OplockLevel::BATCH, "ii")]
#[case(ShareKind::ScaleOut, OplockLevel::EXCLUSIVE, "exclusive")]
#[case(ShareKind::ScaleOut, OplockLevel::II, "ii")]
#[case(ShareKind::ContinuouslyAvailable, OplockLevel::BATCH, "batch")]
fn oplocks(#[case] share: ShareKind, #[case] level: OplockLevel, #[case] granted: &str) {
    let mut play = on(share, Dialect::Smb3_1_1);
    assert_eq!(play.opens(A, oplock(level)), [format!("1: success {granted}")]);
}

/// A scale-out share means something to SMB 3 only; a share that forces Level II to all.
#[rstest]
#[case(Dialect::Smb2_0_2)]
#[case(Dialect::Smb2_1)]
fn oplocks_before_smb3(#[case] dialect: Dialect) {
    let mut play = on(ShareKind::ScaleOut, dialect);
    assert_eq!(play.opens(A, oplock(OplockLevel::BATCH)), ["1: success batch"]);
    assert!(!play.fired(RuleId::Smb2CreateScaleOutBatch));
    let mut play = on(ShareKind::ForceLevelTwo, dialect);
    assert_eq!(play.opens(A, oplock(OplockLevel::BATCH)), ["1: success ii"]);
    assert!(play.fired(RuleId::Smb2CreateForceLevelTwo));
}

#[rstest]
#[case(ShareKind::Plain, RWH, RWH)]
#[case(ShareKind::ForceLevelTwo, NONE, NONE)]
#[case(ShareKind::ForceLevelTwo, R, R)]
#[case(ShareKind::ForceLevelTwo, RH, RH)]
#[case(ShareKind::ForceLevelTwo, RW, R)]
#[case(ShareKind::ForceLevelTwo, RWH, RH)]
#[case(ShareKind::ForceLevelTwo, LeaseState::W, NONE)]
#[case(ShareKind::ScaleOut, NONE, NONE)]
#[case(ShareKind::ScaleOut, R, R)]
#[case(ShareKind::ScaleOut, RH, R)]
#[case(ShareKind::ScaleOut, RW, R)]
#[case(ShareKind::ScaleOut, RWH, R)]
#[case(ShareKind::ScaleOut, LeaseState::HW, NONE)]
#[case(ShareKind::ContinuouslyAvailable, RWH, RWH)]
fn leases(#[case] share: ShareKind, #[case] wanted: LeaseState, #[case] granted: LeaseState) {
    let mut play = on(share, Dialect::Smb3_1_1);
    assert_eq!(play.opens(A, lease(K1, wanted)), [format!("1: success lease {granted}")]);
    let answer = play.opened(B, CreateOp { path: "g".to_owned(), ..lease_v2(K2, wanted, 7) });
    let epoch = if granted == NONE { 7 } else { 8 };
    let lease = answer.lease.map(|lease| (lease.state, lease.epoch));
    assert_eq!(lease, Some((granted, epoch)));
}

#[test]
fn leases_of_scale_out_before_smb3() {
    let mut play = on(ShareKind::ScaleOut, Dialect::Smb2_1);
    assert_eq!(play.opens(A, lease(K1, RWH)), ["1: success lease RWH"]);
}

/// The mask is taken before the superset test: an RWH request is no promotion of what a share allows.
#[rstest]
#[case(ShareKind::ForceLevelTwo, RH)]
#[case(ShareKind::ScaleOut, R)]
fn no_promotion_beyond_the_mask(#[case] share: ShareKind, #[case] most: LeaseState) {
    let mut play = on(share, Dialect::Smb3_1_1);
    play.opened(A, lease_v2(K1, R, 1));
    for epoch in [9, 10] {
        let answer = play.opened(A, lease_v2(K1, RWH, epoch));
        let expected = if most == R { (R, 2) } else { (RH, 3) };
        assert_eq!(answer.lease.map(|lease| (lease.state, lease.epoch)), Some(expected));
    }
}
