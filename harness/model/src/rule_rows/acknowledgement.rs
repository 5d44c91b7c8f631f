//! Document 03: acknowledgement, close, cancel.

use super::row::rows;

rows! { "03";
    "1" {
        "acknowledge" => [FsaAckLegacyTwoGranted FsaAckLegacyNone];
        "acknowledge, no II" => [FsaAckLegacyTwoDeclined];
        "close pending, level 1" => [FsaAckClosePendingLevelOne];
        "close pending, batch and filter" => [FsaAckClosePendingBatch];
        "granular acknowledgement" => [FsaAckRhGranted FsaAckExclusiveShared FsaAckExclusiveExclusive];
        "close" => [FsaCloseBreakingExclusive FsaCloseBreakingRh];
        "acknowledgement over SMB2" => [Smb2AckOplock Smb2AckLease];
        "an acknowledgement that nobody expects" => [FsaAckLegacyNotBreaking FsaAckGranularNotBreaking];
        "the store knows no time-out" => Invariant;
        "time-out of the kernel's check" => Internal;
    }
    "2" {
        "no oplock" => [FsaAckLegacyNotBreaking];
        "not the holder" => [FsaAckLegacyNotOwner];
        "breaking to II" => [FsaAckLegacyTwoGranted FsaAckLegacyTwoDeclined];
        "breaking to none" => [FsaAckLegacyNone];
        "breaking to II, deepened to none" => [FsaAckLegacyTwoDeepenedToNone];
        "not breaking" => [FsaAckLegacyNotBreaking];
        "each success releases the waiters" => [FsaReleaseExclusiveBreakOver];
        "the II of an acknowledgement is listed" => [FsaAckLegacyTwoGranted];
        "return codes of acknowledge" => Repeated;
        "close pending without a break" => [FsaAckClosePendingNotBreaking];
        "close pending, then new operations" => [FsaAckClosePendingBatch];
        "close pending still counts as batch" => [FsaAckClosePendingBatch];
    }
    "3" {
        "no oplock" => [FsaAckGranularNotBreaking];
        "state neither breaking nor RH" => [FsaAckGranularNotBreaking];
        "RH with an empty queue" => [FsaAckGranularNotBreaking];
        "open not in the queue" => [FsaAckGranularNotInRhQueue];
        "not the exclusive holder" => [FsaAckGranularNotOwner];
        "other states" => [FsaAckGranularNotBreaking];
        "R holders never acknowledge; forms do not mix; a key is not enough" => [FsaAckGranularNotInRhQueue FsaAckGranularNotOwner];
    }
    "4" {
        "0 H, W, HW" => [FsaAckGranularIllegalLevel];
        "1 told none, keeps something against a waiter" => [FsaAckRhKeptAgainstWaiter];
        "2 told R, asks for W against a waiter" => [FsaAckRhCannotGrant];
        "3 none" => [FsaAckRhNone];
        "4 R or RH" => [FsaAckRhGranted FsaAckRhDeletePending];
        "5 RW or RWH, nobody waits" => [FsaAckRhWriteRefused];
        "release of waiters" => [FsaReleaseRhQueueDone FsaReleaseRhQueueKeepsWaiting];
    }
    "5" {
        "1 RW asks for RWH against a waiter" => [FsaAckExclusiveHandleNotHeld];
        "2 H on a deleted stream" => [FsaAckExclusiveDeletePending];
        "3 otherwise all waiters go on" => [FsaReleaseExclusiveBreakOver];
        "3a none" => [FsaAckExclusiveNone];
        "3b R or RH" => [FsaAckExclusiveShared];
        "3c RW or RWH" => [FsaAckExclusiveExclusive];
        "no more than was offered" => [FsaAckExclusiveAboveBreakLevel];
        "deepened: legacy told II, now none" => [FsaAckLegacyTwoDeepenedToNone];
        "deepened: told RH, now less" => [FsaAckDeepenedRhToR];
        "deepened: told R, now none" => [FsaAckDeepenedRToNone];
        "nobody is released while a waiter needs less" => [FsaReleaseHeldBackWhileDeepened];
        "a released operation repeats its checks" => [FsaReleaseRepeatsCheck];
    }
    "6" {
        "a waiting operation" => [FsaCancelWaiter Smb2CancelWaiting Smb2CancelOver];
        "a granted legacy request" => [FsaCancelRequest];
        "a granted II request" => [FsaCancelRequest];
        "a granted granular request" => [FsaCancelRequest];
        "a request before it is granted" => Unobservable;
        "end of the waiter's thread or process" => [FsaCancelWaiter];
    }
    "7" {
        "no break in progress" => [FsaBreakNotifyNothingBreaks];
        "break in progress" => [FsaBreakNotifyWaits FsaBreakNotifyOver];
        "a slip of the page's table" => Editorial;
        "what it is for" => Definition;
    }
    "8" {
        "II and R" => [FsaCheckBreakWriteIi FsaCheckBreakWriteR];
        "RH to R" => [FsaCheckBreakSharingViolationRh];
        "RH to none" => [FsaCheckBreakOverwriteRh];
        "RW and RWH" => [FsaCheckBreakOpenRwOtherKey FsaCheckBreakOpenRwhOtherKey];
        "level 1, batch, filter" => [FsaCheckBreakOpenLevelOneToTwo FsaCheckBreakOpenBatchToTwo FsaCheckBreakOpenFilterToNone];
        "switched or closed" => [FsaSwitchToExclusive FsaCloseGranularExclusive];
        "break by a writable section" => [FsaCheckBreakSectionGranular];
        "RH to none unacknowledged, nothing else held" => [FsaRecomputeAllBreakingAlike FsaGrantBreakingRefusesAll];
        "RH to none unacknowledged, beside others" => [FsaGrantRhQueueJoined FsaGrantRhQueueRefusesExclusive];
        "a later operation that needs H waits" => [FsaBreakingRhHandleWaits];
    }
}
