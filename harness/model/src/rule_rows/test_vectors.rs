//! Document 08: test vectors.

use super::row::rows;

rows! { "08";
    "A1" {
        "no state" => [Smb2LeaseGranted];
        "R" => [Smb2LeaseGranted];
        "H" => [Smb2LeaseIllegalState];
        "W" => [Smb2LeaseIllegalState];
        "RH" => [Smb2LeaseGranted];
        "RW" => [Smb2LeaseGranted];
        "HW" => [Smb2LeaseIllegalState];
        "RWH" => [Smb2LeaseGranted];
        "the level says lease, whatever the state" => [Smb2LeaseLevelKeptWithStateNone];
        "version 2 on a directory" => [Smb2LeaseDirectory Smb2LeaseDirectoryWithoutWrite Smb2EpochCreate];
        "oplock on a directory" => [Smb2CreateDirectoryOplock];
    }
    "A2" {
        "the request if it is a strict superset, else what is held" => [Smb2LeasePromoted Smb2LeaseNotSuperset Smb2LeaseEqualRequest];
    }
    "A3" {
        "R beside R or RH of another key" => [Smb2LeasePromotionRefused Smb2LeasePromoted];
        "RH beside R or RH of another key" => [Smb2LeasePromotionRefused Smb2LeaseNotSuperset];
    }
    "A4" {
        "R held" => [FsaCheckBreakOpenSharedKept Smb2LeaseFallbackWithoutWrite];
        "RH held" => [FsaCheckBreakOpenSharedKept Smb2LeaseFallbackWithoutWrite];
        "RW held" => [FsaCheckBreakOpenRwOtherKey Smb2LeaseFallbackWithoutWrite];
        "RWH held" => [FsaCheckBreakOpenRwhOtherKey Smb2LeaseFallbackWithoutWrite];
        "the holder asks for RWH again" => [Smb2LeasePromotionRefused];
    }
    "A5" {
        "lease R, then an oplock" => [Smb2MixedLeaseRThenOplock];
        "lease RH, then an oplock" => [Smb2MixedLeaseRhThenOplock];
        "lease RW, then an oplock" => [Smb2MixedLeaseRwThenOplock];
        "lease RWH, then an oplock" => [Smb2MixedLeaseRwhThenOplock];
        "level II, then a lease" => [Smb2MixedIiThenLease];
        "exclusive, then a lease" => [Smb2MixedExclusiveThenLease];
        "batch, then a lease" => [Smb2MixedExclusiveThenLease];
        "R lease and level II, then an overwrite" => [FsaCheckBreakOverwriteIi FsaCheckBreakOverwriteR Smb2NotifyLeaseOnce];
    }
    "A6" {
        "data, attributes of the extended kind, execute, delete, owner bits" => [FsaCheckBreakOpenData FsaCheckBreakOpenBatchToTwo];
        "attribute bits and SYNCHRONIZE" => [FsaCheckBreakOpenStatOnly];
        "READ_CONTROL" => [FsaCheckBreakOpenReadControlGranular FsaCheckBreakOpenReadControlLegacy];
        "the grant side counts READ_CONTROL" => [FsaRequestAttributeOpenNotCounted FsaRequestGranularExclusiveOtherKey];
        "an attribute-only open that holds RWH is broken" => [FsaCheckBreakOpenRwhOtherKey];
    }
    "A7" {
        "breaking1" => [FsaCheckBreakOpenRwhOtherKey Smb2LeaseBreakInProgress Smb2AckLease];
        "breaking2" => [FsaCheckBreakOverwriteRwh Smb2AckLeaseNotSubset Smb2AckLeaseNotBreaking];
        "breaking3" => [FsaAckDeepenedRhToR FsaAckDeepenedRToNone Smb2NotifyLeaseFollowUp FsaReleaseHeldBackWhileDeepened];
        "v2_breaking3" => [Smb2EpochFollowUp];
        "breaking4" => [FsaCheckBreakOverwriteRh FsaBreakingRhToNoneProceeds];
        "breaking5" => [FsaCheckBreakOverwriteR Smb2NotifyLeaseNoAck Smb2AckLeaseNotBreaking];
        "breaking6" => [Smb2AckLeaseSmallerState];
        "sharing_violation" => [FsaCheckBreakSharingViolationRwh FsaCreateSharingViolationAfterBreak];
        "break_twice" => [FsaCheckBreakSharingViolationRwh FsaCheckBreakOpenRwOtherKey Smb2EpochBreak];
        "two-leases" => [FsaCheckBreakSharingViolationRh FsaReleaseRhQueueKeepsWaiting FsaCloseBreakingRh];
        "nobreakself" => [FsaCheckBreakWriteR FsaCheckBreakSameKey];
        "complex1" => [FsaCheckBreakWriteR FsaCheckBreakWriteRh];
        "timeout" => [Smb2TimerLeaseBreak Smb2TimerLateLeaseAck Smb2TimerOpenSurvives];
        "v2_complex2" => [Smb2AckLeaseAnyConnection];
        "v2_epoch1" => [Smb2EpochCreate Smb2LeaseEndsWithLastOpen];
        "v2_epoch2" => [Smb2LeaseVersionOfFirstRequest Smb2EpochPromotion Smb2EpochBreak];
        "v2_epoch3" => [Smb2LeaseVersionOfFirstRequest Smb2EpochV1Zero];
        "lease-epoch" => [Smb2EpochNotGranted FsaRequestSharedByteRangeLock];
    }
    "A8" {
        "lock1" => [FsaCheckBreakLockRh];
        "lock2" => [FsaCheckBreakLockBeyondAllocation FsaCheckBreakOpenRwhOtherKey];
        "lock3" => [FsaCheckBreakOverwriteRwh FsaRequestSharedByteRangeLock];
        "v2_rename" => [FsaCheckBreakRenameRh];
        "rename_wait" => [FsaCheckBreakRenameRh FsaReleaseRhQueueDone];
        "v2_rename_target_overwrite" => [FsaRenameTargetOpen FsaCheckBreakRenameRwh];
        "rename_dir_openfile" => [FsaRenameBelowBreaksHandle FsaRenameBelowNotFewer FsaRenameBelowOpen];
        "unlink" => [FsaCheckBreakDispositionRh];
        "initial_delete" => [FsaCheckBreakCloseDeleteOnClose];
        "duplicate_create, duplicate_open" => [Smb2LeaseOtherFileName];
        "doc" => [FsaCreateDeletePending];
    }
    "A9" {
        "create a child" => [FsaCheckBreakParentOtherKey FsaCheckBreakParentSameKey];
        "set size, attributes or a time" => [FsaCheckBreakParentSize FsaCheckBreakParentBasic];
        "write data" => [FsaCheckBreakParentWrittenAtClose];
        "overwrite a child" => [FsaCheckBreakParentOverwrite FsaCheckBreakOverwriteRh];
        "open the directory incompatibly" => [FsaCheckBreakSharingViolationRh];
        "same directory, its key" => [FsaCheckBreakParentSameKey];
        "same directory, wrong key or none" => [FsaCheckBreakParentRename FsaCheckBreakParentLink FsaCheckBreakParentOtherKey];
        "other directory, key of the source" => [FsaCheckBreakParentRenameMoves FsaCheckBreakParentLink];
        "other directory, key of the destination" => [FsaCheckBreakParentRename];
        "other directory, wrong key or none" => [FsaCheckBreakParentRename FsaCheckBreakParentRenameMoves FsaCheckBreakParentLink];
        "delete, setter and closer of one or two keys" => [FsaCheckBreakParentRemoved FsaCheckBreakParentDeletersDiffer];
        "rename into a directory held with DELETE access" => [FsaRenameDestinationBreaksHandle FsaRenameDestinationShared];
    }
    "A10" {
        "exclusive1" => [FsaCheckBreakSharingViolationLevelOne];
        "exclusive2" => [FsaCheckBreakOpenLevelOneToTwo FsaCheckBreakDispositionKept];
        "exclusive3" => [FsaCheckBreakSharingViolationLevelOne];
        "exclusive4, batch8" => [FsaCheckBreakOpenStatOnly];
        "exclusive5, batch13, batch14, batch16" => [FsaCreateImpliedAccess FsaCheckBreakOverwriteBatch FsaCheckBreakOverwriteLevelOne];
        "exclusive6, batch19, batch20" => [FsaRenameDestinationShared FsaCheckBreakSameKey];
        "exclusive9" => [FsaCheckBreakOverwriteLevelOne FsaCheckBreakOpenLevelOneToTwo Smb2CreateOplockFallsBackToIi];
        "batch1" => [FsaCheckBreakSharingViolationBatchFirst FsaCheckBreakWriteIi];
        "batch2" => [FsaCheckBreakSharingViolationBatchFirst FsaAckLegacyTwoDeclined];
        "batch3" => [FsaCloseBreakingExclusive];
        "batch4" => [FsaCheckBreakSameKey];
        "batch6" => [FsaCheckBreakOpenBatchToTwo FsaCheckBreakWriteIi];
        "batch7" => [FsaCloseBreakingExclusive Smb2CreateOplockGranted];
        "batch9, batch9a" => [FsaCheckBreakOpenBatchToTwo FsaGrantIiJoinedByIiOrR FsaCheckBreakOpenStatOnly];
        "batch10" => [FsaRequestLegacyExclusiveOtherOpen FsaCheckBreakWriteIi];
        "batch11, batch12" => [FsaCheckBreakSizeIi FsaCheckBreakOpenBatchToTwo];
        "batch15" => [FsaCheckBreakQuery];
        "batch21" => [FsaCheckBreakSameKey];
        "batch22a" => [Smb2TimerOplockBreak];
        "batch22b" => [Smb2NotifyOplockUndeliverable];
        "brl1, brl3" => [FsaCheckBreakLockIi];
        "brl2" => [FsaCheckBreakSameKey];
        "levelii500" => [Smb2NotifyOplockIiToNone Smb2AckOplockStoreError];
        "levelii502" => [FsaGrantNoneLegacyExclusive];
        "stream1, batch26" => [FsaCheckBreakStreamsIndependent];
    }
    "B" {
        "B01 synchronous handle" => [FsaRequestSynchronousHandle];
        "B02 levels that a directory refuses" => [FsaRequestDirectoryLevel];
        "B03 R and RH on a directory" => [FsaGrantNoneShared];
        "B04 granular 0" => [FsaRequestLevelZero];
        "B05 H, W, HW" => [FsaRequestIllegalLevel];
        "B06 flags" => [FsaRequestActionFlags];
        "B07 short buffers" => [FsaRequestBufferTooSmall];
        "B08 batch beside another open" => [FsaRequestLegacyExclusiveOtherOpen];
        "B09 RWH beside an open of its key" => [FsaGrantNoneGranularExclusive];
        "B10 R, then RWH of its key" => [FsaGrantRSameKeyUpgrades FsaSwitchToExclusive];
        "B11 RWH, then RW of its key" => [FsaGrantExclusiveSameKeyRefusesLower];
        "B12 RH beside II" => [FsaGrantIiRefusesGranular];
        "B13 batch in place of the own II" => [FsaGrantIiReplacedByLegacyExclusive FsaSwitchIiToNone];
        "B14 locks and requests" => [FsaRequestSharedByteRangeLock];
        "B15 level 1, foreign read" => [FsaCheckBreakReadLevelOne];
        "B16 filter, foreign read and lock" => [FsaCheckBreakReadSharedKept FsaCheckBreakLockFilterKept];
        "B17 filter, foreign write" => [FsaCheckBreakWriteFilter];
        "B18 II, own write" => [FsaCheckBreakWriteIi FsaCheckBreakIiNoExemption];
        "B19 RH, foreign write" => [FsaCheckBreakWriteRh];
        "B20 batch to II, deepened by a write" => [FsaBreakingTwoDeepenedToNone FsaAckLegacyTwoDeepenedToNone];
        "B21 batch to II, acknowledged" => [FsaAckLegacyTwoGranted];
        "B22 batch to II, declined" => [FsaAckLegacyTwoDeclined];
        "B23 batch, close pending" => [FsaAckClosePendingBatch];
        "B24 level 1, close pending" => [FsaAckClosePendingLevelOne];
        "B25 acknowledgements that nobody expects" => [FsaAckLegacyNotBreaking FsaAckLegacyNotOwner FsaAckGranularNotBreaking];
        "B26 RH to R, greedy acknowledgement" => [FsaAckRhCannotGrant];
        "B27 RH to none, RH kept" => [FsaAckRhGranted];
        "B28 RH to R, R acknowledged" => [FsaAckRhGranted FsaReleaseRhQueueDone];
        "B29 RWH closed" => [FsaCloseGranularExclusive];
        "B30 II or level 1 closed" => [FsaCloseIi FsaCloseLegacyExclusive];
        "B31 waiter cancelled" => [FsaCancelWaiter];
        "B32 not waiting, over RWH" => [FsaCreateCompleteIfOplocked];
        "B33 not waiting, over batch that shares nothing" => [FsaCheckBreakSharingViolationBatchFirst FsaCreateCompleteIfOplocked];
        "B34 not waiting, over RWH that shares nothing" => [FsaCreateCompleteIfOplockedSharing];
        "B35 requiring an oplock, over what it would break" => [FsaCreateRequiringOplockRefused];
        "B36 requiring an oplock, over RH" => [FsaCreateRequiringOplockReserves];
        "B37 requiring an oplock, over RH, sharing conflict" => [FsaCreateRequiringOplockRefused];
        "B38 requiring an oplock, own key" => [FsaCreateRequiringOplockReserves];
        "B39 second open meets the reservation" => [FsaCreateRequiringOplockReserves];
        "B40 two options that exclude one another" => [FsaCreateReserveFilterContradicted];
        "B41 reserving a filter with others about" => [FsaCreateReserveFilterRefused];
        "B42 reserving a filter over batch" => [FsaCheckBreakOpenReserveFilter FsaCreateReserveFilterRefused];
        "B43 rename over level 1, R, RW" => [FsaCheckBreakRenameKept];
        "B44 rename over batch, filter" => [FsaCheckBreakRenameBatch FsaCheckBreakRenameFilter];
        "B45 disposition over batch" => [FsaCheckBreakDispositionKept];
        "B46 writable section over RWH, over batch" => [FsaCheckBreakSectionGranular FsaCheckBreakSectionLegacyKept];
        "B47 R while a writable section is there" => [FsaRequestWritableSection];
        "B48 modes of the create that took H" => [FsaCheckBreakSharingViolationRh FsaCheckBreakSharingViolationRwh];
        "B49 RWH to RH, deepened by an incompatible open" => [FsaBreakingRwhToRhDeepenedToR];
        "B50 R beside RH, foreign write" => [FsaCheckBreakWriteR FsaCheckBreakWriteRh];
    }
}
