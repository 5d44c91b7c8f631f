//! Short dialogues for the rules that neither the sweep of `reached` nor chance comes by.

use oplock_model::{Control, Durable, LockRange};

use super::handles::{
    A_OTHER_USER, available, claims_persistent, claims_v1, durable_v1, durable_v2, guid, persistent,
};
use super::*;

const R: LeaseState = LeaseState::R;
const RH: LeaseState = LeaseState::RH;
const RWH: LeaseState = LeaseState::RWH;

/// A short dialogue, and the rules that it is there for.
pub(super) type Scene = (fn() -> Play, &'static [RuleId]);

/// What neither the sweep nor chance comes by.
pub(super) const SCENES: &[Scene] = &[
    (
        options,
        &[
            RuleId::Smb2CreateCompleteIfOplockedCleared,
            RuleId::Smb2CreateOpenRequiringOplockIgnored,
            RuleId::Smb2CreateOptionIgnored,
            RuleId::Smb2CreateOptionCleared,
            RuleId::Smb2CreateOptionRefused,
        ],
    ),
    (
        locks,
        &[
            RuleId::Smb2LockCount,
            RuleId::Smb2LockSeveralMustNotWait,
            RuleId::Smb2LockTakenBack,
            RuleId::Smb2LockUnlockedStays,
            RuleId::Smb2OperationInterim,
        ],
    ),
    (
        controls,
        &[
            RuleId::Smb2IoctlOplockControlRefused,
            RuleId::Smb2IoctlAckNo2,
            RuleId::Smb2IoctlPassedOn,
            RuleId::Smb2IoctlCopyChunkSource,
            RuleId::Smb2IoctlDuplicateSource,
        ],
    ),
    (operations, &[RuleId::Smb2OperationLocalOnly, RuleId::Smb2OperationNotRead]),
    (unrelated, &[RuleId::Smb2CompoundUnrelated]),
    (
        contexts,
        &[
            RuleId::Smb2LeaseContextLength,
            RuleId::Smb2LeaseContextWithoutLevel,
            RuleId::Smb2LeaseLevelWithoutContext,
        ],
    ),
    (context_taken, &[RuleId::Smb2LeaseContextWithoutLevelTaken]),
    (promotion, &[RuleId::Smb2LeasePromotionFallback]),
    (flags, &[RuleId::Smb2LeaseRequestFlagsIgnored, RuleId::Smb2LeaseParentKey]),
    (follow_up, &[RuleId::Smb2NotifyLeaseFollowUp, RuleId::Smb2EpochFollowUp]),
    (deepened_oplock, &[RuleId::Smb2AckOplockDeepened]),
    (channel, &[RuleId::Smb2ChannelCreateGoesOn]),
    (locked_durable, &[RuleId::Smb2DurableLocked]),
    (locked_persistent, &[RuleId::Smb2PersistentLocked]),
    (resilient, &[RuleId::Smb2ResilientTooLong, RuleId::Smb2NotifyOplockSettled]),
    (resilient_for_a_time, &[RuleId::Smb2ResilientScavenged]),
    (reattached, &[RuleId::Smb2ReplayReattached]),
    (replayed, &[RuleId::Smb2ReplayLevelEchoed]),
    (
        replays_refused,
        &[
            RuleId::Smb2ReplayLeaseMismatch,
            RuleId::Smb2ReplayOtherUser,
            RuleId::Smb2ReplayOtherSession,
        ],
    ),
    (replay_pending, &[RuleId::Smb2ReplayPending]),
    (app_instance, &[RuleId::Smb2AppInstanceCloses, RuleId::Smb2NotifyServerClose]),
    (
        rwh_kept,
        &[
            RuleId::Smb2NotifyLeaseRwhKept,
            RuleId::Smb2NotifyLeaseSettled,
            RuleId::Smb2ReconnectNotHeld,
        ],
    ),
    (rwh_closed, &[RuleId::Smb2NotifyLeaseRwhClosed]),
    (failover, &[RuleId::Smb2EpochFailover]),
    (in_the_way, &[RuleId::Smb2PersistentNotAvailable]),
    (expired, &[RuleId::Smb2ChannelExpired]),
    (lost_batch, &[RuleId::Smb2DurableNotHeldAnyMore]),
    (others_claim, &[RuleId::Smb2ReconnectClientGuid, RuleId::Smb2ReconnectOtherUser]),
    (union, &[RuleId::Smb2LeaseUnion]),
    (
        refused,
        &[
            RuleId::Smb2LeasePromotionRefused,
            RuleId::Smb2LeaseBreakInProgress,
            RuleId::Smb2LeaseFallbackToNone,
        ],
    ),
];

fn chosen(name: &str, word: &str) -> Play {
    let mut choices = Choices::default();
    choices.set(name, word).expect("the choice is known");
    Play::with(choices, Dialect::Smb3_1_1)
}

fn range(offset: u64) -> LockRange {
    LockRange { offset, length: 1, exclusive: true }
}

fn options() -> Play {
    let mut play = Play::new();
    for bit in [8, 16, 17, 5, 20] {
        play.opens(A, CreateOp { options: CreateOptions(1 << bit), ..open() });
    }
    play
}

fn locks() -> Play {
    let mut play = Play::new();
    let mine = play.opened(A, open()).file;
    let yours = play.opened(B, open()).file;
    let lock = |file, ranges: &[u64], fail_immediately| Op::Lock {
        file,
        ranges: ranges.iter().copied().map(range).collect(),
        fail_immediately,
    };
    play.says(B, lock(yours, &[20], true));
    play.says(A, lock(mine, &[], true));
    play.says(A, lock(mine, &[0, 1], false));
    play.says(A, lock(mine, &[0, 20], true));
    play.says(A, lock(mine, &[0], true));
    play.says(A, Op::Unlock { file: mine, ranges: vec![range(0), range(1)] });
    play.says(A, lock(mine, &[20], false));
    play
}

fn controls() -> Play {
    let mut play = Play::new();
    let file = play.opened(A, open()).file;
    let nowhere = FileId::default();
    for control in [
        Control::Raw { code: 0x0009_0000, input: vec![] },
        Control::Raw { code: 0x0009_0050, input: vec![] },
        Control::Raw { code: 0x0009_0018, input: vec![] },
        Control::CopyChunk { source: nowhere, from: 0, to: 0, length: 1 },
        Control::DuplicateExtents { source: nowhere, from: 0, to: 0, length: 1 },
    ] {
        play.says(A, Op::Control { file, control });
    }
    play
}

fn operations() -> Play {
    let mut play = Play::new();
    let file = play.opened(A, open()).file;
    play.says(A, Op::UnmapSection { file });
    play.says(A, Op::Raw { command: 6, body: vec![24, 0] });
    play
}

fn unrelated() -> Play {
    let mut play = Play::new();
    play.send(A, vec![Op::Fence, Op::Fence]);
    play
}

fn contexts() -> Play {
    let mut play = Play::new();
    let with = |level, length| CreateOp {
        wanted: Wanted::Oplock(level),
        contexts: vec![(b"RqLs".to_vec(), vec![0; length])],
        ..open()
    };
    play.opens(A, with(OplockLevel::LEASE, 33));
    play.opens(A, with(OplockLevel::BATCH, 32));
    play.opens(A, oplock(OplockLevel::LEASE));
    play
}

fn context_taken() -> Play {
    let mut play = chosen("lease_context_without_level", "taken");
    let contexts = vec![(b"RqLs".to_vec(), vec![0; 32])];
    play.opens(A, CreateOp { contexts, ..open() });
    play
}

fn promotion() -> Play {
    let mut play = chosen("refused_promotion", "falls_back");
    play.opens(A, lease(K1, R));
    play.opens(B, lease(K2, R));
    play.opens(A, lease(K1, RWH));
    play
}

fn flags() -> Play {
    let mut play = Play::new();
    let flags =
        LeaseRequest { key: K1, state: R, flags: 2, version: 2, epoch: 1, parent: Some(K2) };
    play.opens(A, CreateOp { wanted: Wanted::Lease(flags), ..open() });
    play
}

fn follow_up() -> Play {
    let mut play = Play::new();
    play.opens(A, lease_v2(K1, RWH, 1));
    play.opens(B, open());
    play.opens(B, overwrites(open()));
    play.says(A, ack(K1, RH));
    play
}

fn deepened_oplock() -> Play {
    let mut play = Play::new();
    let file = play.opened(A, oplock(OplockLevel::BATCH)).file;
    play.opens(B, open());
    play.opens(B, overwrites(open()));
    play.says(A, Op::OplockAck { file, level: OplockLevel::II });
    play
}

fn channel() -> Play {
    let mut play = Play::new();
    play.opens(B, oplock(OplockLevel::BATCH));
    play.binds(A2, A);
    play.opens(A, durable_v2(oplock(OplockLevel::BATCH)));
    play.drops(A);
    play
}

fn locked_durable() -> Play {
    let mut play = Play::new();
    let file = play.opened(A, durable_v1(lease(K1, RH))).file;
    play.says(A, Op::Lock { file, ranges: vec![range(0)], fail_immediately: true });
    play.drops(A);
    play
}

fn locked_persistent() -> Play {
    let mut play = available(Choices::default());
    let file = play.opened(A, persistent(lease_v2(K1, RH, 1))).file;
    play.says(A, Op::Lock { file, ranges: vec![range(0)], fail_immediately: true });
    play.drops(A);
    play.opens(B, open());
    play
}

fn resilient() -> Play {
    let mut play = Play::new();
    let file = play.opened(A, oplock(OplockLevel::BATCH)).file;
    for timeout in [u32::MAX, 0] {
        play.says(A, Op::Control { file, control: Control::Resiliency { timeout } });
    }
    play.drops(A);
    play.opens(B, open());
    play
}

fn reattached() -> Play {
    let mut play = Play::new();
    let batch = || durable_v2(oplock(OplockLevel::BATCH));
    let replayed = || CreateOp { replay: true, ..batch() };
    play.opens(A, batch());
    play.binds(A2, A);
    play.drops(A);
    play.opens(A2, replayed());
    play.comes_back(A2);
    play.opens(A2, replayed());
    play
}

fn resilient_for_a_time() -> Play {
    let mut play = Play::new();
    let file = play.opened(A, open()).file;
    play.says(A, Op::Control { file, control: Control::Resiliency { timeout: 1_000 } });
    play.drops(A);
    play.passes(1_000);
    play
}

fn replay(op: CreateOp) -> CreateOp {
    CreateOp { replay: true, ..op }
}

fn replayed() -> Play {
    let mut play = Play::new();
    play.opens(A, durable_v2(oplock(OplockLevel::BATCH)));
    play.opens(A, replay(durable_v2(oplock(OplockLevel::II))));
    play
}

fn replays_refused() -> Play {
    let mut play = Play::new();
    play.also(A_OTHER_USER, 1, 2);
    let held = || durable_v2(lease_v2(K1, RH, 1));
    play.opens(A, held());
    play.opens(A, replay(durable_v2(lease_v2(K2, RH, 1))));
    play.opens(A_OTHER_USER, replay(held()));
    play.opens(A2, replay(held()));
    play
}

fn replay_pending() -> Play {
    let mut play = Play::new();
    play.opens(B, oplock(OplockLevel::BATCH));
    play.opens(A, durable_v2(oplock(OplockLevel::BATCH)));
    play.opens(A, replay(durable_v2(oplock(OplockLevel::BATCH))));
    play
}

fn app_instance() -> Play {
    let mut play = Play::new();
    for (on, key, byte) in [(A, K1, 1), (B, K2, 2)] {
        let durable = Durable::RequestV2 { guid: guid(byte), timeout: 0, persistent: false };
        let (app_instance, durable) = (Some(guid(9)), Some(durable));
        play.opens(on, CreateOp { app_instance, durable, ..lease_v2(key, RWH, 1) });
    }
    play
}

fn rwh_kept() -> Play {
    let mut play = chosen("disconnected_rwh", "kept");
    let file = play.opened(A, durable_v1(lease(K1, RWH))).file;
    play.drops(A);
    play.opens(B, lease(K2, RWH));
    play.comes_back(A);
    play.opens(A, claims_v1(lease(K1, RWH), file));
    play
}

fn rwh_closed() -> Play {
    let mut play = Play::new();
    play.opens(A, durable_v1(lease(K1, RWH)));
    play.drops(A);
    play.opens(B, lease(K2, RWH));
    play
}

fn failover() -> Play {
    let mut play = available(Choices::default());
    let held = || persistent(lease_v2(K1, RWH, 1));
    let file = play.opened(A, held()).file;
    play.drops(A);
    play.server.place(A, 2);
    play.comes_back(A);
    play.opens(A, claims_persistent(lease_v2(K1, RWH, 0x40), file));
    play
}

fn in_the_way() -> Play {
    let mut play = available(Choices::default());
    play.opens(A, persistent(open()));
    play.drops(A);
    play.opens(B, open());
    play
}

fn expired() -> Play {
    let mut play = Play::new();
    play.server.expire_session(A);
    play.binds(A2, A);
    play
}

fn lost_batch() -> Play {
    let mut play = Play::new();
    let file = play.opened(A, durable_v1(oplock(OplockLevel::BATCH))).file;
    play.opens(B, oplock(OplockLevel::II));
    play.says(A, Op::OplockAck { file, level: OplockLevel::II });
    play.drops(A);
    play
}

fn others_claim() -> Play {
    let mut play = Play::new();
    play.also(A_OTHER_USER, 1, 2);
    let file = play.opened(A, durable_v1(lease(K1, RWH))).file;
    play.drops(A);
    play.opens(B, claims_v1(lease(K1, RWH), file));
    play.opens(A_OTHER_USER, claims_v1(lease(K1, RWH), file));
    play
}

fn union() -> Play {
    let mut play = chosen("lease_request_beside_state", "union");
    play.opens(A, lease(K1, RH));
    play.opens(A, lease(K1, LeaseState::RW));
    play
}

fn refused() -> Play {
    let mut play = Play::new();
    play.opens(A, lease(K1, R));
    let file = play.opened(B, open()).file;
    play.opens(A, lease(K1, RWH));
    play.says(B, Op::Lock { file, ranges: vec![range(0)], fail_immediately: true });
    play.opens(A, lease(K2, RWH));
    let other = |op| CreateOp { path: "g".to_owned(), ..op };
    let third = LeaseKey([3; 16]);
    play.opens(A, other(lease(third, RWH)));
    play.opens(B, other(open()));
    play.opens(A, other(lease(third, RWH)));
    play
}
