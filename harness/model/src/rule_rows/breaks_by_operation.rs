//! Document 02: breaks by operation.

use super::row::rows;

rows! { "02";
    "1" {
        "open that keeps the data" => [FsaCheckBreakOpenData];
        "open that replaces the data" => [FsaCheckBreakOverwriteBatch FsaCheckBreakOverwriteRwh];
        "open that reserves a filter" => [FsaCheckBreakOpenReserveFilter];
        "open that retries after a sharing violation" => [FsaCheckBreakSharingViolationRh FsaCheckBreakSharingViolationRwh];
        "read" => [FsaCheckBreakReadLevelOne FsaCheckBreakReadRw];
        "flush" => [FsaCheckBreakFlushLevelOne FsaCheckBreakFlushBatch FsaCheckBreakFlushRw FsaCheckBreakFlushRwh FsaCheckBreakFlushUnchecked];
        "write, lock" => [FsaCheckBreakWriteBatch FsaCheckBreakLockBatch];
        "end of file, allocation" => [FsaCheckBreakSizeBatch FsaCheckBreakSizeRw];
        "valid data length" => [FsaCheckBreakSizeValidDataLength];
        "rename, link, short name" => [FsaCheckBreakRenameBatch FsaCheckBreakRenameRh];
        "disposition" => [FsaCheckBreakDispositionRh FsaCheckBreakDispositionKept];
        "zeroing a range; no other control" => [FsaCheckBreakZeroDataBatch FsaCheckBreakZeroDataRw FsaCheckBreakControlOthers];
        "security" => [FsaCheckBreakSecurityRh FsaCheckBreakSecurityKept FsaCheckBreakSecurityUnchecked];
        "on the parent directory" => [FsaCheckBreakParentOtherKey];
        "close" => Repeated;
    }
    "2" {
        "II held" => [FsaCheckBreakWriteIi FsaCheckBreakOverwriteIi FsaCheckBreakIiNoExemption];
        "level 1 held" => [FsaCheckBreakReadLevelOne FsaCheckBreakWriteLevelOne];
        "batch held" => [FsaCheckBreakReadBatch FsaCheckBreakWriteBatch];
        "filter held" => [FsaCheckBreakReadSharedKept FsaCheckBreakFlushSharedKept FsaCheckBreakWriteFilter FsaCheckBreakLockFilterKept];
        "R held" => [FsaCheckBreakOpenSharedKept FsaCheckBreakWriteR];
        "RH held" => [FsaCheckBreakOpenSharedKept FsaCheckBreakSharingViolationRh FsaCheckBreakWriteRh];
        "RW held" => [FsaCheckBreakReadRw FsaCheckBreakWriteRw FsaCheckBreakSharingViolationRw];
        "RWH held" => [FsaCheckBreakReadRwh FsaCheckBreakSharingViolationRwh FsaCheckBreakWriteRwh];
        "R beside RH held" => [FsaCheckBreakWriteR FsaCheckBreakWriteRh];
        "II beside R held" => [FsaCheckBreakWriteIi FsaCheckBreakWriteR];
        "shared breaks go holder by holder" => [FsaCheckBreakSameKey];
        "II first, then R, in one operation" => [FsaCheckBreakOverwriteIi FsaCheckBreakOverwriteR];
    }
    "3" {
        "nothing on a stream that this create makes" => [FsaCreateNewStream FsaCheckBreakNothingHeld];
        "exemption against legacy" => [FsaCheckBreakOpenStatOnly FsaCheckBreakOpenReadControlLegacy];
        "exemption against granular" => [FsaCheckBreakOpenStatOnly FsaCheckBreakOpenReadControlGranular];
        "every other bit breaks" => [FsaCheckBreakOpenData];
        "implied access" => [FsaCreateImpliedAccess];
        "II" => [FsaCheckBreakOverwriteIi FsaCheckBreakIiNoExemption FsaCheckBreakSharingViolationIiOrR];
        "level 1, sharing ok" => [FsaCheckBreakOpenLevelOneToTwo FsaCheckBreakOverwriteLevelOne];
        "level 1, sharing violated" => [FsaCheckBreakSharingViolationLevelOne];
        "batch" => [FsaCheckBreakOpenBatchToTwo FsaCheckBreakOverwriteBatch FsaCheckBreakSharingViolationBatchFirst];
        "filter" => [FsaCheckBreakOpenFilterToNone FsaCheckBreakOpenFilterKept FsaCheckBreakOverwriteFilter];
        "R" => [FsaCheckBreakOverwriteR FsaCheckBreakSharingViolationIiOrR];
        "RH, sharing violated" => [FsaCheckBreakSharingViolationRh FsaCheckBreakSharingViolationSameKey];
        "RH, overwritten" => [FsaCheckBreakOverwriteRh];
        "RH, compatible" => [FsaCheckBreakOpenSharedKept];
        "RW, sharing ok" => [FsaCheckBreakOpenRwOtherKey FsaCheckBreakOverwriteRw];
        "RW, sharing violated" => [FsaCheckBreakSharingViolationRw];
        "RWH, sharing violated" => [FsaCheckBreakSharingViolationRwh FsaCheckBreakSharingViolationSameKey];
        "RWH, sharing ok" => [FsaCheckBreakOpenRwhOtherKey FsaCheckBreakOverwriteRwh];
        "overwriting create that also violates sharing" => [FsaCheckBreakSharingViolationRwh];
        "filter: subset of the list and read shared" => [FsaCheckBreakOpenFilterToNone FsaCheckBreakOpenFilterKept];
        "the create checks again after its wait" => [FsaReleaseRepeatsCheck FsaCreateSharingViolationAfterBreak];
        "overwriting an alternate stream" => [FsaCheckBreakStreamsOverwriteCrosses];
        "overwriting the primary stream with delete access" => [FsaCheckBreakStreamsOverwriteCrosses];
        "network query open" => NotModelled;
        "streams are independent otherwise" => [FsaCheckBreakStreamsIndependent];
        "directories" => [FsaCheckBreakSharingViolationRh];
    }
    "4" {
        "II, filter, R, RH" => [FsaCheckBreakReadSharedKept];
        "level 1, batch" => [FsaCheckBreakReadLevelOne FsaCheckBreakReadBatch];
        "RW" => [FsaCheckBreakReadRw];
        "RWH" => [FsaCheckBreakReadRwh];
        "no bytes, no check" => [FsaCheckBreakReadZeroLength];
        "before locks and end of file" => [FsaLockConflictsWithData];
        "transactions and paging" => NotModelled;
    }
    "5" {
        "II" => [FsaCheckBreakWriteIi];
        "level 1, batch, filter, RW, RWH" => [FsaCheckBreakWriteLevelOne FsaCheckBreakWriteBatch FsaCheckBreakWriteFilter FsaCheckBreakWriteRw FsaCheckBreakWriteRwh];
        "R" => [FsaCheckBreakWriteR];
        "RH" => [FsaCheckBreakWriteRh];
        "no bytes, no check" => [FsaCheckBreakWriteZeroLength];
        "before locks" => [FsaLockConflictsWithData];
        "the writer's own R stays" => [FsaCheckBreakSameKey];
    }
    "6" {
        "II" => [FsaCheckBreakLockIi];
        "filter" => [FsaCheckBreakLockFilterKept];
        "level 1, batch, RW" => [FsaCheckBreakLockLevelOne FsaCheckBreakLockBatch FsaCheckBreakLockRw];
        "R" => [FsaCheckBreakLockR];
        "RH" => [FsaCheckBreakLockRh];
        "RWH" => [FsaCheckBreakLockRwh FsaCheckBreakLockRwhContinues];
        "only below the allocated space" => [FsaCheckBreakLockBeyondAllocation];
        "unlock" => [FsaCheckBreakLockUnlock];
        "a directory" => [FsaLockDirectory];
        "before the conflict of locks" => [FsaLockNotGranted FsaLockWaits];
        "the locker's own RH stays" => [FsaCheckBreakSameKey];
    }
    "7" {
        "as a write" => [FsaCheckBreakSizeIi FsaCheckBreakSizeLevelOne FsaCheckBreakSizeBatch FsaCheckBreakSizeFilter FsaCheckBreakSizeR FsaCheckBreakSizeRh FsaCheckBreakSizeRw FsaCheckBreakSizeRwh];
        "the lazy writer's own updates" => Internal;
        "an unchanged size breaks too" => [FsaCheckBreakSizeRw];
        "then the parent, not for the valid data length" => [FsaCheckBreakParentSize];
    }
    "8" {
        "level 1, II, R, RW" => [FsaCheckBreakRenameKept];
        "batch, filter" => [FsaCheckBreakRenameBatch FsaCheckBreakRenameFilter];
        "RH" => [FsaCheckBreakRenameRh];
        "RWH" => [FsaCheckBreakRenameRwh];
        "rename of a file: its stream, first of all" => [FsaRenameSameName FsaCheckBreakRenameRh];
        "rename of a directory: everything open below" => [FsaRenameBelowBreaksHandle FsaRenameBelowOpen];
        "rename over a target" => [FsaRenameTargetExists FsaRenameTargetProtected FsaRenameTargetDeleted FsaRenameTargetOpen];
        "hard link in place of a link" => [FsaCheckBreakRenameRh FsaCheckBreakRenameLinkKept];
        "short name of a file" => [FsaCheckBreakRenameRh];
        "an ancestor renamed" => [FsaRenameBelowBreaksHandle];
        "internal open of the destination" => [FsaRenameDestinationShared FsaRenameDestinationBreaksHandle];
        "loop over the open files below" => [FsaRenameBelowBreaksHandle FsaRenameBelowNotFewer];
        "own handle, other keys" => [FsaCheckBreakSameKey FsaCheckBreakRenameRh];
    }
    "9" {
        "II, level 1, batch, filter, R, RW" => [FsaCheckBreakDispositionKept];
        "RH" => [FsaCheckBreakDispositionRh];
        "RWH" => [FsaCheckBreakDispositionRwh];
        "taken back" => [FsaCheckBreakDispositionUndelete];
        "the Ex class" => [FsaCheckBreakDispositionRh];
        "delete on close at cleanup" => [FsaCheckBreakCloseDeleteOnClose];
    }
    "10" {
        "other classes" => [FsaCheckBreakOtherInformation];
        "queries" => [FsaCheckBreakQuery];
    }
    "11" {
        "zeroing a range" => [FsaCheckBreakZeroDataIi FsaCheckBreakZeroDataLevelOne FsaCheckBreakZeroDataBatch FsaCheckBreakZeroDataFilter FsaCheckBreakZeroDataR FsaCheckBreakZeroDataRh FsaCheckBreakZeroDataRw FsaCheckBreakZeroDataRwh];
        "an empty range or one beyond the end; a deleted stream" => [FsaCheckBreakZeroDataNoRange FsaControlZeroDataDeleted];
        "no other control checks the stream" => [FsaCheckBreakControlOthers FsaControlUnknown];
        "encryption and the parent" => [FsaCheckBreakParentEncryption];
        "controls that no document covers" => [FsaCheckBreakControlCopyChunk FsaCheckBreakControlOthers FsaCheckBreakControlOthersAsWrite];
        "writable section" => [FsaCheckBreakSectionGranular FsaCheckBreakSectionLegacyKept FsaCheckBreakSectionReadOnly FsaCheckBreakSectionMeetsBreak];
        "security" => [FsaCheckBreakSecurityRh FsaCheckBreakSecurityRwh FsaCheckBreakSecurityKept];
    }
    "12" {
        "II" => [FsaCloseIi];
        "level 1, batch, filter" => [FsaCloseLegacyExclusive];
        "R, RH" => [FsaCloseROrRh];
        "RW, RWH" => [FsaCloseGranularExclusive];
        "exclusive, breaking" => [FsaCloseBreakingExclusive];
        "RH in the queue" => [FsaCloseBreakingRh];
        "no oplock" => [FsaCloseNoOplock];
        "order inside close" => [FsaCloseRemovesLocks FsaCheckBreakParentRemoved];
        "other handles of the key inherit nothing" => [FsaCloseGranularExclusive];
    }
    "13" {
        "R and RH break, never wait" => [FsaCheckBreakParentOtherKey];
        "exemption by the parent key" => [FsaCheckBreakParentSameKey];
        "new file or directory" => [FsaCheckBreakParentCreate];
        "supersede or overwrite" => [FsaCheckBreakParentOverwrite];
        "close that removes" => [FsaCheckBreakParentRemoved];
        "setter and last closer differ" => [FsaCheckBreakParentDeletersDiffer];
        "basic information" => [FsaCheckBreakParentBasic FsaCheckBreakParentBasicUnchanged];
        "end of file, allocation" => [FsaCheckBreakParentSize];
        "rename" => [FsaCheckBreakParentRename FsaCheckBreakParentRenameMoves];
        "link" => [FsaCheckBreakParentLink];
        "short name" => [FsaCheckBreakParentShortName FsaCheckBreakParentShortNameUnchanged];
        "encryption" => [FsaCheckBreakParentEncryption];
        "data written" => [FsaCheckBreakParentWrittenAtClose];
        "the directory's own rename or delete" => [FsaCheckBreakRenameRh FsaCheckBreakDispositionRh];
    }
    "14" {
        "any break, exempt open" => [FsaBreakingStatOnlyProceeds];
        "level 1, batch breaking, nothing taken" => [FsaBreakingUnaffectedProceeds];
        "filter breaking" => [FsaBreakingFilterWaits];
        "to II, needs II" => [FsaBreakingLegacyJoins];
        "to II, needs none" => [FsaBreakingTwoDeepenedToNone];
        "to none, either" => [FsaBreakingLegacyJoins];
        "RW to R, needs R and W" => [FsaBreakingRwDeepenedToNone];
        "RW to R, needs W" => [FsaBreakingGranularJoins];
        "RW to none" => [FsaBreakingGranularJoins];
        "RW breaking, needs H" => [FsaBreakingUnaffectedProceeds];
        "RWH to RW, needs W" => [FsaBreakingRwhToRwDeepenedToR];
        "RWH to RW, needs R and W" => [FsaBreakingRwhDeepenedToNone];
        "RWH to RW, needs H" => [FsaBreakingGranularJoins];
        "RWH to RH, needs H" => [FsaBreakingRwhToRhDeepenedToR];
        "RWH to RH, needs R" => [FsaBreakingRwhDeepenedToNone];
        "RWH to RH, needs W" => [FsaBreakingGranularJoins];
        "RWH to R, needs R" => [FsaBreakingRwhDeepenedToNone];
        "RWH to R, needs W or H" => [FsaBreakingGranularJoins];
        "RWH to none" => [FsaBreakingGranularJoins];
        "queue to R, needs R and W" => [FsaBreakingRhToRDeepenedToNone];
        "queue to none, needs R and W" => [FsaBreakingRhToNoneProceeds];
        "queue, needs H" => [FsaBreakingRhHandleWaits];
        "queue, needs W" => [FsaBreakingUnaffectedProceeds];
        "list and queue, needs H" => [FsaBreakingRhMoreHoldersToR];
        "list and queue, needs R and W" => [FsaBreakingRhMoreHoldersToNone FsaBreakingRhToRDeepenedToNone];
        "R beside the queue, needs R and W" => [FsaBreakingRhMoreHoldersToNone];
        "same key never waits" => [FsaBreakingSameKeyProceeds Smb2LeaseBreakInProgress];
        "waiting can be cancelled; no order among waiters" => [FsaCancelWaiter];
    }
}
