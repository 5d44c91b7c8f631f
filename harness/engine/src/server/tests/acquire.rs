//! Names, keys and promotions when a lease is acquired (spec/05 section 4; spec/07 D26, D27, D36).

use rstest::rstest;

use super::*;

const R: LeaseState = LeaseState::R;
const RH: LeaseState = LeaseState::RH;
const RW: LeaseState = LeaseState::RW;
const RWH: LeaseState = LeaseState::RWH;

/// Row 6 and spec/05 section 6: after a create with delete on close the key may name another file.
#[test]
fn delete_on_close_frees_the_name() {
    let mut play = Play::new();
    play.opened(A, lease(K1, RH));
    let other = |op| CreateOp { path: "g".to_owned(), ..op };
    assert_eq!(play.opens(A, other(lease(K1, RH))), ["2: invalid_parameter"]);
    let deletes = CreateOp { options: CreateOptions::DELETE_ON_CLOSE, ..lease(K1, RH) };
    assert_eq!(play.opens(A, deletes), ["3: success lease RH"]);
    assert!(play.fired(RuleId::Smb2LeaseDeleteOnClose));
    let said = play.opens(A, other(lease(K1, RH)));
    assert!(matches!(said.first().map(|line| line.starts_with("4: success lease")), Some(true)));
}

/// Row 6 with other spellings of the one name (spec/07 D36 for the named stream).
#[rstest]
#[case("F", true)]
#[case("f::$DATA", true)]
#[case("F::$data", true)]
#[case("f:s", false)]
#[case("f:s:$DATA", false)]
#[case("g", false)]
#[case("d/f", false)]
fn one_file_by_any_spelling(#[case] path: &str, #[case] same: bool) {
    for op in [lease(K1, R), lease_v2(K1, RWH, 1)] {
        let mut play = Play::new();
        play.opened(A, lease(K1, R));
        let said = play.opens(A, CreateOp { path: path.to_owned(), ..op });
        assert_eq!(said != ["2: invalid_parameter"], same, "{said:?}");
        assert_eq!(play.fired(RuleId::Smb2LeaseOtherFileName), !same);
    }
}

/// Spec/07 D36: a named stream has leases of its own, and the base file's go on beside it.
#[test]
fn named_streams() {
    let mut play = Play::new();
    let stream = |op| CreateOp { path: "f:s".to_owned(), ..op };
    play.opened(A, lease(K1, RWH));
    assert_eq!(play.opens(A, stream(lease(K2, RWH))), ["2: success lease RWH"]);
    assert_eq!(play.opens(B, stream(open())), ["lease 2 RWH to RH ack", "3 waits"]);
    assert_eq!(play.says(A, ack(K2, RH)), ["4: success RH", "3: success none"]);
    assert_eq!(play.opens(B, open()), ["lease 1 RWH to RH ack", "5 waits"]);
}

/// Spec/07 D26: with the ClientGuid mixed in, equal keys of two clients are two owners; with the key alone, one.
#[rstest]
#[case("client_guid", &["lease 1 RWH to RH ack", "2 waits"])]
#[case("lease_key", &["2: success lease RWH"])]
fn equal_keys_of_two_clients(#[case] scope: &str, #[case] said: &[&str]) {
    let mut choices = Choices::default();
    choices.set("lease_key_scope", scope).expect("the choice is known");
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    play.opened(A, lease(K1, RWH));
    assert_eq!(play.opens(B, lease(K1, RWH)), said);
    assert_eq!(play.fired(RuleId::Smb2LeaseKeyAlone), scope == "lease_key");
    assert_eq!(play.fired(RuleId::Smb2LeasePerClient), scope == "client_guid");
}

/// Spec/07 D27: what a request means that does not include the held state.
#[rstest]
#[case("changes_nothing", RH, RW, RH)]
#[case("changes_nothing", RW, RH, RW)]
#[case("changes_nothing", RH, R, RH)]
#[case("union", RH, RW, RWH)]
#[case("union", RW, RH, RWH)]
#[case("union", RH, R, RH)]
#[case("union", RWH, R, RWH)]
fn beside_the_held_state(
    #[case] reading: &str,
    #[case] held: LeaseState,
    #[case] wanted: LeaseState,
    #[case] granted: LeaseState,
) {
    let mut choices = Choices::default();
    choices.set("lease_request_beside_state", reading).expect("the choice is known");
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    play.opened(A, lease(K1, held));
    assert_eq!(play.opens(A, lease(K1, wanted)), [format!("2: success lease {granted}")]);
    assert_eq!(play.fired(RuleId::Smb2LeaseUnion), reading == "union");
}

/// Spec/07 D27 (smb2.lease.upgrade3): whether a refused promotion falls back. A fresh key falls back either way.
#[rstest]
#[case("keeps_state", R, RWH, R)]
#[case("keeps_state", R, RH, RH)]
#[case("falls_back", R, RWH, RH)]
#[case("falls_back", R, RW, R)]
#[case("falls_back", RH, RWH, RH)]
fn a_refused_promotion(
    #[case] reading: &str,
    #[case] held: LeaseState,
    #[case] wanted: LeaseState,
    #[case] granted: LeaseState,
) {
    let mut choices = Choices::default();
    choices.set("refused_promotion", reading).expect("the choice is known");
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    play.opened(A, lease(K1, held));
    play.opened(B, lease(K2, R));
    assert_eq!(play.opens(A, lease(K1, wanted)), [format!("3: success lease {granted}")]);
    let fresh = LeaseKey([3; 16]);
    assert_eq!(play.opens(A, lease(fresh, RWH)), ["4: success lease RH"]);
    let fell_back = reading == "falls_back" && granted != held;
    assert_eq!(play.fired(RuleId::Smb2LeasePromotionFallback), fell_back);
}
