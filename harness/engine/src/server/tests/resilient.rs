//! spec/05 section 11: resilient opens.

use oplock_model::Control;
use rstest::rstest;

use super::handles::*;
use super::*;

fn resilient(file: FileId, timeout: u32) -> Op {
    Op::Control { file, control: Control::Resiliency { timeout } }
}

#[rstest]
#[case(Dialect::Smb2_0_2, 0, "invalid_device_request", RuleId::Smb2ResilientOldDialect)]
#[case(Dialect::Smb2_1, 300_001, "invalid_parameter", RuleId::Smb2ResilientTooLong)]
#[case(Dialect::Smb2_1, 300_000, "success", RuleId::Smb2ResilientGranted)]
#[case(Dialect::Smb3_1_1, 0, "success", RuleId::Smb2ResilientGranted)]
fn granted(
    #[case] dialect: Dialect,
    #[case] timeout: u32,
    #[case] status: &str,
    #[case] rule: RuleId,
) {
    let mut play = Play::with(Choices::default(), dialect);
    let file = play.opened(A, open()).file;
    assert_eq!(play.says(A, resilient(file, timeout)), [format!("2: {status}")]);
    assert!(play.fired(rule));
}

/// Kept whatever it holds, for the time asked or 120 s.
#[rstest]
#[case(0, 120_000)]
#[case(1_000, 1_000)]
fn kept(#[case] asked: u32, #[case] millis: u64) {
    let mut play = Play::new();
    let file = play.opened(A, open()).file;
    play.says(A, resilient(file, asked));
    play.returns(A);
    assert!(play.fired(RuleId::Smb2ResilientKept));
    play.passes(millis - 1);
    assert_eq!(play.status(A, claims_v1(open(), file)), Status::SUCCESS);
    play.drops(A);
    play.passes(millis);
    assert!(play.fired(RuleId::Smb2ResilientScavenged));
    assert!(!play.server.has_opens());
}

/// A break that its client cannot be told of leaves the handle, with nothing.
#[rstest]
#[case(oplock(OplockLevel::BATCH), "5: success none", RuleId::Smb2NotifyOplockSettled)]
#[case(lease(K1, LeaseState::RWH), "5: success lease none", RuleId::Smb2NotifyLeaseSettled)]
fn settled(#[case] held: CreateOp, #[case] says: &str, #[case] rule: RuleId) {
    let mut play = Play::new();
    let file = play.opened(A, held.clone()).file;
    play.says(A, resilient(file, 0));
    play.drops(A);
    assert_eq!(play.status(B, open()), Status::SUCCESS);
    assert!(play.fired(rule));
    play.comes_back(A);
    // Version 1 of the claim fits both: a resilient open rests on no oplock.
    let said = play.opens(A, claims_v1(held, file));
    assert_eq!(said[0][1..], says[1..]);
}
