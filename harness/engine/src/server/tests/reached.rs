//! Every rule of the server decides something: in a sweep over what can be held and what meets it, in the random
//! dialogues, or in one of the scenes for what neither comes by.

use oplock_model::{RuleSet, SetInfo, ShareKind};

use super::handles::{claims_persistent, claims_v1, claims_v2, durable_v1, durable_v2, persistent};
use super::scenes::SCENES;
use super::walk;
use super::*;

const R: LeaseState = LeaseState::R;
const RH: LeaseState = LeaseState::RH;
const RWH: LeaseState = LeaseState::RWH;

#[test]
fn every_rule_of_the_server() {
    let mut fired = sweep();
    fired.union(&walk::fired_by(1..4));
    for (scene, rules) in SCENES {
        let of_scene = scene().server.fired();
        for rule in *rules {
            assert!(of_scene.contains(*rule), "{} is not where it should be", rule.name());
        }
        fired.union(&of_scene);
    }
    let missing: Vec<&str> = RuleId::ALL
        .iter()
        .filter(|rule| rule.name().starts_with("smb2.") && !fired.contains(**rule))
        .map(|rule| rule.name())
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Every hold, met by every request, with every end of it: on dialects and shares that differ.
fn sweep() -> RuleSet {
    let mut fired = RuleSet::new();
    for (dialect, share) in [
        (Dialect::Smb2_0_2, ShareKind::Plain),
        (Dialect::Smb2_1, ShareKind::ForceLevelTwo),
        (Dialect::Smb3_0, ShareKind::ScaleOut),
        (Dialect::Smb3_1_1, ShareKind::ContinuouslyAvailable),
    ] {
        let mut play = Play::with(Choices::default(), dialect);
        play.server.set_share(share);
        for hold in holds() {
            let mut server = play.server.clone();
            server.submit(
                Tick::default(),
                A,
                vec![(CallId(1), Op::Create(Box::new(hold.clone())))],
            );
            for (on, ops) in meets() {
                let mut met = server.clone();
                met.submit(Tick::default(), on, (2..).map(CallId).zip(ops).collect());
                fired.union(&met.fired());
                for end in ends(&hold) {
                    let mut ended = met.clone();
                    for (seconds, on, op) in end {
                        let now = Tick::default().plus_millis(seconds * 1000);
                        ended.submit(now, on, vec![(CallId(9), op)]);
                    }
                    fired.union(&ended.fired());
                }
            }
        }
    }
    fired
}

/// What the first client opens.
fn holds() -> Vec<CreateOp> {
    let directory = CreateOp { path: "d".to_owned(), ..lease_v2(K1, RH, 1) };
    let mut holds = vec![
        open(),
        oplock(OplockLevel::II),
        oplock(OplockLevel::EXCLUSIVE),
        lease(K1, R),
        lease(K1, LeaseState::HW),
        lease(K1, LeaseState::RW),
        CreateOp { access: Access::READ_DATA, ..directory },
    ];
    for op in
        [oplock(OplockLevel::BATCH), lease(K1, RWH), lease_v2(K1, RH, 1), lease_v2(K1, RWH, 1)]
    {
        holds.extend([op.clone(), durable_v1(op.clone()), durable_v2(op.clone()), persistent(op)]);
    }
    holds
}

/// The requests that meet it.
fn meets() -> Vec<(ConnectionId, Vec<Op>)> {
    let create = |op| vec![Op::Create(Box::new(op))];
    let then = |op| vec![Op::Create(Box::new(open())), op];
    let related = FileId::RELATED;
    let attributes = CreateOp { access: Access::ATTRIBUTES, ..open() };
    let other = CreateOp { path: "g".to_owned(), ..lease(K1, RWH) };
    let unlink = CreateOp { options: CreateOptions::DELETE_ON_CLOSE, ..open() };
    let rename = SetInfo::Rename { to: "h".to_owned(), replace: false };
    vec![
        (B, vec![Op::Fence]),
        (B, create(open())),
        (B, create(attributes)),
        (B, create(overwrites(open()))),
        (B, create(shares(open(), Share::NONE))),
        (B, create(lease(K2, RWH))),
        (B, create(lease(K1, RWH))),
        (B, create(oplock(OplockLevel::BATCH))),
        (B, vec![Op::Create(Box::new(unlink)), Op::Close { file: related }]),
        (B, then(write(related))),
        (B, then(Op::Set { file: related, info: rename.clone() })),
        (A, create(lease(K1, LeaseState::RW))),
        (A2, create(lease(K1, RWH))),
        (A2, create(lease_v2(K1, RWH, 5))),
        (A, create(lease(K2, R))),
        (A, create(other)),
        (A, vec![write(FIRST)]),
        (A, vec![Op::Set { file: FIRST, info: rename }]),
        (A, vec![Op::LogOff]),
        (A, vec![Op::TreeDisconnect]),
        (A, vec![Op::Disconnect]),
    ]
}

/// What becomes of it: seconds after the start, on which connection, what.
fn ends(hold: &CreateOp) -> Vec<Vec<(u64, ConnectionId, Op)>> {
    let ack_oplock = |level| vec![(0, A, Op::OplockAck { file: FIRST, level })];
    let ack_lease = |on, state| vec![(0, on, ack(K1, state)), (0, on, ack(K1, state))];
    let returns = |claim: CreateOp| {
        vec![(0, A, Op::Disconnect), (0, A, Op::Connect), (0, A, Op::Create(Box::new(claim)))]
    };
    let bare = || CreateOp { durable: None, ..hold.clone() };
    let renamed = || CreateOp { path: "g".to_owned(), ..bare() };
    let other_key = CreateOp { wanted: lease_v2(K2, RWH, 1).wanted, ..bare() };
    let other_version = CreateOp { wanted: lease(K1, RWH).wanted, ..bare() };
    let patient = |seconds| {
        let late = Op::OplockAck { file: FIRST, level: OplockLevel::NONE };
        vec![(seconds, A, late), (seconds, A, ack(K1, R))]
    };
    vec![
        ack_oplock(OplockLevel::II),
        ack_oplock(OplockLevel::NONE),
        ack_oplock(OplockLevel::EXCLUSIVE),
        ack_oplock(OplockLevel::BATCH),
        ack_oplock(OplockLevel::LEASE),
        ack_lease(A, RH),
        ack_lease(A, LeaseState::NONE),
        ack_lease(A2, R),
        ack_lease(B, R),
        patient(36),
        patient(200),
        vec![(0, A, Op::Close { file: FIRST })],
        vec![(0, A, Op::Disconnect), (400, B, Op::Create(Box::new(open())))],
        vec![(0, A, Op::Disconnect), (0, B, Op::Create(Box::new(overwrites(open()))))],
        vec![(0, B, Op::Cancel { call: CallId(2) })],
        returns(claims_v1(bare(), FIRST)),
        returns(claims_v2(bare(), FIRST)),
        returns(claims_persistent(bare(), FIRST)),
        returns(claims_v1(open(), FIRST)),
        returns(claims_v1(renamed(), FIRST)),
        returns(claims_v2(renamed(), FIRST)),
        returns(claims_v2(other_key, FIRST)),
        returns(claims_v2(other_version, FIRST)),
        returns(CreateOp { replay: true, ..hold.clone() }),
    ]
}

const FIRST: FileId = FileId { persistent: 1, volatile: 1 };
