//! Granting, upgrading and breaking leases (spec/08 A1 to A4, A6, A7; smb2.lease.*).

use rstest::rstest;

use super::*;

const NONE: LeaseState = LeaseState::NONE;
const R: LeaseState = LeaseState::R;
const RH: LeaseState = LeaseState::RH;
const RW: LeaseState = LeaseState::RW;
const RWH: LeaseState = LeaseState::RWH;

/// Spec/08 A1 (smb2.lease.request).
#[rstest]
fn request(
    #[values(NONE, R, LeaseState::H, LeaseState::W, RH, RW, LeaseState::HW, RWH)]
    wanted: LeaseState,
) {
    let mut play = Play::new();
    let answer = play.opened(A, lease(K1, wanted));
    let granted = if wanted.is_grantable() { wanted } else { NONE };
    assert_eq!(answer.level, OplockLevel::LEASE);
    assert_eq!(answer.lease.map(|lease| (lease.state, lease.flags)), Some((granted, 0)));
}

/// Spec/08 A2 (smb2.lease.upgrade2): only a strict superset changes the state.
#[rstest]
fn upgrade_alone(
    #[values(NONE, R, RH, RW, RWH)] held: LeaseState,
    #[values(NONE, R, RH, RW, RWH)] wanted: LeaseState,
) {
    let mut play = Play::new();
    play.opened(A, lease(K1, held));
    let answer = play.opened(A, lease(K1, wanted));
    let state = if wanted.contains(held) { wanted } else { held };
    assert_eq!(answer.lease.map(|lease| lease.state), Some(state));
}

/// Spec/08 A3 (smb2.lease.upgrade3): beside a second key a promotion has no lesser steps.
#[rstest]
#[case(R, NONE, R)]
#[case(R, R, R)]
#[case(R, RW, R)]
#[case(R, RH, RH)]
#[case(R, RWH, R)]
#[case(RH, NONE, RH)]
#[case(RH, R, RH)]
#[case(RH, RW, RH)]
#[case(RH, RH, RH)]
#[case(RH, RWH, RH)]
fn upgrade_beside_another(
    #[case] held: LeaseState,
    #[case] wanted: LeaseState,
    #[case] state: LeaseState,
    #[values(R, RH)] other: LeaseState,
) {
    let mut play = Play::new();
    play.opened(A, lease(K1, held));
    play.opened(B, lease(K2, other));
    let answer = play.opened(A, lease(K1, wanted));
    assert_eq!(answer.lease.map(|lease| lease.state), Some(state));
}

/// Spec/08 A4 (smb2.lease.break).
#[rstest]
#[case(R, "", [R, RH, R, RH])]
#[case(RH, "", [R, RH, R, RH])]
#[case(RW, "R", [R, RH, R, RH])]
#[case(RWH, "RH", [R, RH, R, RH])]
fn contention(#[case] held: LeaseState, #[case] to: &str, #[case] granted: [LeaseState; 4]) {
    for (wanted, granted) in [R, RH, RW, RWH].into_iter().zip(granted) {
        let mut play = Play::new();
        play.opened(A, lease(K1, held));
        let said = play.opens(B, lease(K2, wanted));
        let left = if to.is_empty() {
            assert_eq!(said, [format!("2: success lease {granted}")], "{held} {wanted}");
            held
        } else {
            let notice = format!("lease 1 {held} to {to} ack");
            assert_eq!(said, [notice, "2 waits".to_owned()], "{held} {wanted}");
            let left = if to == "R" { R } else { RH };
            let said = play.says(A, ack(K1, left));
            let replies = [format!("3: success {to}"), format!("2: success lease {granted}")];
            assert_eq!(said, replies, "{held} {wanted}");
            left
        };
        // Afterwards the first key asks for everything: no break, and nothing more.
        let again = play.opened(A, lease(K1, RWH)).lease.map(|lease| lease.state);
        assert_eq!(again, Some(left), "{held} {wanted}");
    }
}

/// Spec/08 A6 (smb2.lease.statopen4).
#[rstest]
#[case(Access::READ_DATA, true)]
#[case(Access::WRITE_DATA, true)]
#[case(Access::READ_EA, true)]
#[case(Access::WRITE_EA, true)]
#[case(Access::EXECUTE, true)]
#[case(Access::DELETE, true)]
#[case(Access::WRITE_DAC, true)]
#[case(Access::WRITE_OWNER, true)]
#[case(Access::READ_ATTRIBUTES, false)]
#[case(Access::WRITE_ATTRIBUTES, false)]
#[case(Access::SYNCHRONIZE, false)]
#[case(Access::READ_CONTROL, false)]
fn statopen4(#[case] access: Access, #[case] breaks: bool) {
    let mut play = Play::new();
    play.opened(A, lease(K1, RWH));
    let said = play.opens(B, CreateOp { access, disposition: Disposition::Open, ..open() });
    let expected: &[&str] =
        if breaks { &["lease 1 RWH to RH ack", "2 waits"] } else { &["2: success none"] };
    assert_eq!(said, expected);
}

/// Spec/08 A6, grant side (smb2.lease.statopen2, statopen3; durable-v2-open.nonstat-and-lease, statRH-and-lease).
#[test]
fn stat_opens_and_grants() {
    let stat = |op: CreateOp| CreateOp { access: Access::ATTRIBUTES, ..op };
    let mut play = Play::new();
    play.opened(B, stat(open()));
    assert_eq!(play.opens(A, lease(K1, RWH)), ["2: success lease RWH"]);
    assert_eq!(play.opens(B, stat(open())), ["3: success none"]);
    assert_eq!(play.opens(A, lease(K1, RWH)), ["4: success lease RWH"]);

    let mut play = Play::new();
    let access = Access::ATTRIBUTES.union(Access::READ_CONTROL);
    play.opened(B, CreateOp { access, ..open() });
    assert_eq!(play.opens(A, lease(K1, RWH)), ["2: success lease RH"]);

    let mut play = Play::new();
    play.opened(B, stat(lease(K2, RH)));
    assert_eq!(play.opens(A, lease(K1, RWH)), ["2: success lease RH"]);
}

/// Spec/08 A7 (smb2.lease.statopen): a stat open can hold RWH, and the key's data open shares it.
#[test]
fn statopen() {
    let mut play = Play::new();
    play.opened(A, CreateOp { access: Access::ATTRIBUTES, ..lease(K1, RWH) });
    assert_eq!(play.opens(A, lease(K1, NONE)), ["2: success lease RWH"]);
    assert_eq!(play.opens(B, lease(K2, RWH)), ["lease 1 RWH to RH ack", "3 waits"]);
    assert_eq!(play.says(A, ack(K1, RH)), ["4: success RH", "3: success lease RH"]);
}

/// Spec/08 A8 (smb2.lease.request, duplicate_create, duplicate_open): one key, one file name.
#[test]
fn a_key_names_one_file() {
    let mut play = Play::new();
    play.opened(A, lease(K1, RWH));
    let other = |op| CreateOp { path: "g".to_owned(), ..op };
    assert_eq!(play.opens(A, other(lease(K1, RWH))), ["2: invalid_parameter"]);
    assert_eq!(
        play.opens(A, CreateOp { disposition: Disposition::Open, ..other(open()) }),
        ["3: object_name_not_found"]
    );
    // Another client's key of the same bytes is another key.
    assert_eq!(play.opens(B, other(lease(K1, RWH))), ["4: success lease RWH"]);
    // A named stream has a name of its own.
    let stream = |key| CreateOp { path: "f:s".to_owned(), ..lease(key, RWH) };
    assert_eq!(play.opens(A, stream(K1)), ["5: invalid_parameter"]);
    assert_eq!(play.opens(A, stream(K2)), ["6: success lease RWH"]);
    assert!(play.fired(RuleId::Smb2LeaseOtherFileName));
}

#[test]
fn a_lease_on_a_directory_is_no_oplock() {
    let mut play = Play::new();
    let directory = |op| CreateOp {
        path: "d".to_owned(),
        options: CreateOptions::DIRECTORY_FILE,
        access: Access::READ_DATA,
        ..op
    };
    assert_eq!(play.opens(A, directory(lease(K1, RWH))), ["1: success none"]);
    assert_eq!(play.opens(A, directory(oplock(OplockLevel::BATCH))), ["2: success none"]);
    // The key is still free.
    assert_eq!(play.opens(A, lease(K1, RWH)), ["3: success lease RWH"]);
}

#[test]
fn breaking1() {
    let mut play = Play::new();
    play.opened(A, lease(K1, RWH));
    assert_eq!(play.opens(B, open()), ["lease 1 RWH to RH ack", "2 waits"]);
    assert_eq!(play.opens(A, lease(K1, RWH)), ["3: success lease RWH breaking"]);
    assert_eq!(play.says(A, ack(K1, RH)), ["4: success RH", "2: success none"]);
    assert_eq!(play.opens(A, lease(K1, R)), ["5: success lease RH"]);
}

#[test]
fn breaking2() {
    let mut play = Play::new();
    play.opened(A, lease(K1, RWH));
    assert_eq!(play.opens(B, overwrites(open())), ["lease 1 RWH to none ack", "2 waits"]);
    assert_eq!(play.opens(A, lease(K1, RWH)), ["3: success lease RWH breaking"]);
    let mut call = 3;
    for state in [7, 5, 6, 3, 4, 2, 1] {
        call += 1;
        let said = play.says(A, ack(K1, LeaseState(state)));
        assert_eq!(said, [format!("{call}: request_not_accepted")]);
    }
    assert_eq!(play.says(A, ack(K1, NONE)), ["11: success none", "2: success none"]);
    assert_eq!(play.says(A, ack(K1, NONE)), ["12: unsuccessful"]);
    assert_eq!(play.opens(A, lease(K1, NONE)), ["13: success lease none"]);
}

#[test]
fn breaking3() {
    let mut play = Play::new();
    play.opened(A, lease(K1, RWH));
    assert_eq!(play.opens(B, open()), ["lease 1 RWH to RH ack", "2 waits"]);
    assert_eq!(play.opens(B, overwrites(open())), ["3 waits"]);
    assert_eq!(play.says(A, ack(K1, RH)), ["4: success RH", "lease 1 RH to R ack"]);
    assert_eq!(play.opens(A, lease(K1, RWH)), ["5: success lease RH breaking"]);
    let said = play.says(A, ack(K1, R));
    assert_eq!(said[..2], ["6: success R", "lease 1 R to none"]);
    let mut openers = said[2..].to_vec();
    openers.sort();
    assert_eq!(openers, ["2: success none", "3: success none"]);
    assert!(play.fired(RuleId::Smb2NotifyLeaseFollowUp));
}

#[test]
fn breaking4() {
    let mut play = Play::new();
    play.opened(A, lease(K1, RH));
    assert_eq!(play.opens(B, overwrites(open())), ["lease 1 RH to none ack", "2: success none"]);
    assert_eq!(play.opens(B, overwrites(open())), ["3: success none"]);
    assert_eq!(play.opens(A, lease(K1, RH)), ["4: success lease RH breaking"]);
    assert_eq!(play.says(A, ack(K1, NONE)), ["5: success none"]);
    assert_eq!(play.opens(A, lease(K1, NONE)), ["6: success lease none"]);
}

#[test]
fn breaking5() {
    let mut play = Play::new();
    play.opened(A, lease(K1, R));
    assert_eq!(play.opens(B, overwrites(open())), ["lease 1 R to none", "2: success none"]);
    assert_eq!(play.opens(A, lease(K1, NONE)), ["3: success lease none"]);
    assert_eq!(play.says(A, ack(K1, NONE)), ["4: unsuccessful"]);
}

#[test]
fn breaking6() {
    let mut play = Play::new();
    play.opened(A, lease(K1, RWH));
    play.opens(B, open());
    assert_eq!(play.says(A, ack(K1, NONE)), ["3: success none", "2: success none"]);
    assert!(play.fired(RuleId::Smb2AckLeaseSmallerState));
}

/// Spec/08 A7 (smb2.lease.sharing_violation).
#[test]
fn sharing_violation() {
    let mut play = Play::new();
    play.opened(A, shares(lease(K1, RWH), Share::NONE));
    assert_eq!(play.opens(B, overwrites(open())), ["lease 1 RWH to RW ack", "2 waits"]);
    assert_eq!(play.says(A, ack(K1, RW)), ["3: success RW", "2: sharing_violation"]);
}

/// Spec/08 A7 (smb2.lease.break_twice).
#[test]
fn break_twice() {
    let mut play = Play::new();
    play.opened(A, lease_v2(K1, RWH, 0x11));
    let greedy = shares(lease_v2(K2, RWH, 0x22), Share::READ);
    assert_eq!(play.opens(B, greedy), ["lease 1 RWH to RW ack 0x13", "2 waits"]);
    assert_eq!(play.says(A, ack(K1, RW)), ["3: success RW", "2: sharing_violation"]);
    assert_eq!(play.opens(B, lease_v2(K2, RWH, 0x22)), ["lease 1 RW to R ack 0x14", "4 waits"]);
    assert_eq!(play.says(A, ack(K1, R)), ["5: success R", "4: success lease RH 0x23"]);
}

/// Spec/08 A7 (smb2.lease.two-leases): the opener waits for both, and closing the second holder frees it.
#[test]
fn two_leases() {
    let mut play = Play::new();
    let reader = |op| CreateOp { access: Access::READ_DATA, share: Share::READ, ..op };
    let first = play.opened(A, reader(lease(K1, RH))).file;
    let second = play.opened(A, reader(lease(K2, RH))).file;
    let mut said = play.opens(B, shares(open(), Share::NONE));
    said.sort();
    assert_eq!(said, ["3 waits", "lease 1 RH to R ack", "lease 2 RH to R ack"]);
    assert_eq!(play.says(A, Op::Close { file: first }), ["4: success"]);
    assert_eq!(play.says(A, Op::Close { file: second }), ["5: success", "3: success none"]);
    assert!(play.fired(RuleId::Smb2LeaseCloseEndsBreak));
}

/// Spec/08 A7 (smb2.lease.nobreakself, v1_bug15148).
#[test]
fn nobreakself() {
    let mut play = Play::new();
    let mine = play.opened(A, lease(K1, R)).file;
    let yours = play.opened(A, lease(K2, R)).file;
    assert_eq!(play.says(A, write(mine)), ["lease 2 R to none", "3: success"]);
    assert_eq!(play.says(A, write(mine)), ["4: success"]);
    assert_eq!(play.says(A, write(yours)), ["lease 1 R to none", "5: success"]);
}

/// Spec/08 A7 (smb2.lease.timeout).
#[test]
fn timeout() {
    let mut play = Play::new();
    let mine = play.opened(A, lease(K1, RWH)).file;
    assert_eq!(play.opens(B, lease(K2, RWH)), ["lease 1 RWH to RH ack", "2 waits"]);
    assert!(play.passes(34_999).is_empty());
    assert_eq!(play.passes(1), ["2: success lease RH"]);
    assert_eq!(play.says(A, ack(K1, RH)), ["3: unsuccessful"]);
    assert_eq!(play.opens(A, lease(K1, NONE)), ["4: success lease none"]);
    assert_eq!(play.says(A, write(mine)), ["lease 2 RH to none ack", "5: success"]);
    assert_eq!(play.says(B, ack(K2, NONE)), ["6: success none"]);
    let theirs = FileId { persistent: 2, volatile: 2 };
    assert_eq!(play.says(B, Op::Close { file: theirs }), ["7: success"]);
    assert_eq!(play.opens(A, lease(K1, R)), ["8: success lease R"]);
    assert_eq!(play.opens(A, lease(K1, RWH)), ["9: success lease RWH"]);
    assert!(play.fired(RuleId::Smb2TimerLateLeaseAck));
}

/// A lease outlives any of its opens but the last.
#[test]
fn the_oplock_is_the_leases_not_the_handles() {
    let mut play = Play::new();
    let first = play.opened(A, lease(K1, RWH)).file;
    let second = play.opened(A, lease(K1, RWH)).file;
    assert_eq!(play.says(A, Op::Close { file: first }), ["3: success"]);
    assert_eq!(play.opens(B, open()), ["lease 1 RWH to RH ack", "4 waits"]);
    assert_eq!(play.says(A, Op::Close { file: second }), ["5: success", "4: success none"]);
    assert_eq!(play.says(A, ack(K1, RH)), ["6: object_name_not_found"]);
}

/// The notice goes to a connection of the client that is still there, and the loss of all ends the lease.
#[test]
fn loss_of_connections() {
    let mut play = Play::new();
    play.opened(A, lease(K1, RWH));
    play.opened(A2, lease(K1, RWH));
    play.server.disconnect(play.now, A);
    play.said();
    let call = play.send(B, vec![Op::Create(Box::new(open()))]);
    let events = play.events();
    assert!(
        matches!(
            events.first(),
            Some(Event::Break(BreakNotice::Lease { connection, .. })) if *connection == A2
        ),
        "{events:?}"
    );
    play.server.disconnect(play.now, A2);
    assert!(play.said().contains(&format!("{call}: success none")));
    play.server.check_invariants().expect("invariants hold");
}

/// Spec/08 A7 (smb2.lease.complex1).
#[test]
fn complex1() {
    let mut play = Play::new();
    play.opened(A, lease(K1, R));
    let upgraded = play.opened(A2, lease(K1, RWH)).file;
    assert_eq!(play.says(A2, Op::Close { file: upgraded }), ["3: success"]);
    assert_eq!(play.opens(B, lease(K2, R)), ["lease 1 RWH to RH ack", "4 waits"]);
    assert_eq!(play.says(A, ack(K1, RH)), ["5: success RH", "4: success lease R"]);
    let mine = FileId { persistent: 1, volatile: 1 };
    let yours = FileId { persistent: 3, volatile: 3 };
    assert_eq!(play.says(A, write(mine)), ["lease 2 R to none", "6: success"]);
    assert_eq!(play.says(B, write(yours)), ["lease 1 RH to none ack", "7: success"]);
}

/// Spec/05 section 6, end of a lease: neither state none nor a break that timed out ends it, its last open does.
#[rstest]
#[case(NONE)]
#[case(LeaseState::HW)]
#[case(RWH)]
fn only_the_last_close_ends_a_lease(#[case] wanted: LeaseState) {
    let mut play = Play::new();
    let file = play.opened(A, lease(K1, wanted)).file;
    if wanted == RWH {
        assert_eq!(play.opens(B, open()), ["lease 1 RWH to RH ack", "2 waits"]);
        assert_eq!(play.passes(35_000), ["2: success none"]);
    }
    let other = CreateOp { path: "g".to_owned(), ..lease(K1, R) };
    let said = play.opens(A, other.clone());
    assert!(said.iter().all(|line| line.ends_with(": invalid_parameter")), "{said:?}");
    play.says(A, Op::Close { file });
    let said = play.opens(A, other);
    assert!(said.iter().all(|line| line.ends_with(": success lease R")), "{said:?}");
}

/// Spec/05 section 9: what takes each bit from another key, and whether the open waits. The last column is left to the
/// contender's own lease.
#[rstest]
#[case(R, Disposition::Open, None, false)]
#[case(R, Disposition::Overwrite, Some(NONE), false)]
#[case(RH, Disposition::Open, None, false)]
#[case(RH, Disposition::Overwrite, Some(NONE), false)]
#[case(RH, Disposition::Supersede, Some(NONE), false)]
#[case(RW, Disposition::Open, Some(R), true)]
#[case(RW, Disposition::OverwriteIf, Some(NONE), true)]
#[case(RWH, Disposition::OpenIf, Some(RH), true)]
#[case(RWH, Disposition::Overwrite, Some(NONE), true)]
#[case(RWH, Disposition::Supersede, Some(NONE), true)]
fn several_bits_go_at_once(
    #[case] held: LeaseState,
    #[case] disposition: Disposition,
    #[case] to: Option<LeaseState>,
    #[case] waits: bool,
) {
    let mut play = Play::new();
    play.opened(A, lease(K1, held));
    let said = play.opens(B, CreateOp { disposition, ..open() });
    let answer = if waits { "2 waits" } else { "2: success none" };
    let ack = if held == R { "" } else { " ack" };
    let mut expected = vec![answer.to_owned()];
    if let Some(to) = to {
        expected.insert(0, format!("lease 1 {held} to {to}{ack}"));
    }
    assert_eq!(said, expected);
}
