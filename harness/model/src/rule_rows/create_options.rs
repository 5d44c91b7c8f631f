//! Document 04: create options and ordering.

use super::row::rows;

rows! { "04";
    "1" {
        "complete if oplocked" => Value;
        "open requiring oplock" => Value;
        "disallow exclusive" => Value;
        "reserve opfilter" => Value;
        "synchronous" => Value;
        "options that exclude one another" => [FsaCreateReserveFilterContradicted];
    }
    "2" {
        "would wait: break in progress" => [FsaCreateCompleteIfOplocked];
        "need not wait: success" => [FsaCheckBreakOverwriteRh FsaCheckBreakOverwriteR];
        "another's break runs already" => [FsaCreateCompleteIfOplocked];
        "batch or filter broken, then a sharing violation" => [FsaCheckBreakSharingViolationBatchFirst FsaCreateCompleteIfOplocked];
        "sharing violation against RH, RWH" => [FsaCreateCompleteIfOplockedSharing];
        "overwriting" => [FsaCreateCompleteIfOplocked];
        "I/O on the new handle" => [FsaBreakingGranularJoins FsaBreakingLegacyJoins];
        "over SMB2" => [Smb2CreateCompleteIfOplockedCleared];
    }
    "3" {
        "would break: refused" => [FsaCreateRequiringOplockRefused];
        "breaks nothing, but no RH could stand beside it" => [FsaCreateRequiringOplockRefused];
        "in every check of the create" => [FsaCreateRequiringOplockRefused];
        "nothing in the way: reserved" => [FsaCreateRequiringOplockReserves FsaCreateRequiringOplockBlocks];
        "a request must follow" => ClientSide;
        "any type may follow" => [FsaCreateRequiringOplockUsed];
        "the first release that had it" => OtherVersion;
        "also on a new file" => [FsaCreateRequiringOplockReserves];
        "back-out of a failed create" => Unobservable;
        "together with complete if oplocked" => [FsaCreateCompleteIfOplocked];
        "own key neither breaks nor refuses" => [FsaCheckBreakSameKey];
        "a break without acknowledgement counts" => [FsaCreateRequiringOplockRefused];
        "over SMB2" => [Smb2CreateOpenRequiringOplockIgnored];
        "the reservation blocks opens of other keys" => [FsaCreateRequiringOplockBlocks FsaCreateRequiringOplockUsed];
    }
    "4" {
        "the way it is used" => ClientSide;
        "others about, more access, less sharing" => [FsaCreateReserveFilterRefused];
        "refused after the break" => [FsaCheckBreakOpenReserveFilter FsaCreateReserveFilterRefused];
        "the request may still fail" => [FsaRequestLegacyExclusiveOtherOpen];
        "breaks always, to none" => [FsaCheckBreakOpenReserveFilter];
        "a pending filter" => [FsaCreateReserveFilterPending FsaGrantFilterPendingRefusesOthers];
        "dropped without notice" => [FsaCreateReserveFilterDropped];
        "level 1 or batch in its place" => [FsaCheckBreakOpenLevelOneToTwo FsaCheckBreakOpenBatchToTwo];
        "with complete if oplocked" => [FsaCreateReserveFilterContradicted];
        "over SMB2" => [Smb2CreateOptionRefused];
        "access of the second open" => [FsaCheckBreakOpenFilterKept];
    }
    "5" {
        "a parameters, delete-pending" => [FsaCreateDeletePending FsaCreateNameNotFound];
        "b key stored" => Internal;
        "c collision" => [FsaCreateNameCollision];
        "d batch and filter" => [FsaCheckBreakSharingViolationBatchFirst];
        "e hidden and system attributes" => [FsaCreateOverwriteHiddenOrSystem];
        "f access" => [FsaCreateAccessDenied];
        "g delete sharing over the file" => [FsaCreateSharingViolation];
        "h sharing, break H, once more" => [FsaCreateSharingViolation FsaCreateSharingViolationAfterBreak FsaCheckBreakSharingViolationRh];
        "i every other type" => [FsaCheckBreakOpenData];
        "j reservation" => [FsaCreateRequiringOplockReserves];
        "k image section" => NotModelled;
        "l parent" => [FsaCheckBreakParentOverwrite];
        "test: batch that shares nothing" => [FsaCheckBreakSharingViolationBatchFirst];
        "test: level 1 that shares nothing" => [FsaCheckBreakSharingViolationLevelOne];
        "test: batch, no rights" => [FsaCheckBreakSharingViolationBatchFirst FsaCreateAccessDenied];
        "test: RWH, no rights" => [FsaCreateAccessDenied];
        "test: RWH, conflict, overwrite" => [FsaCheckBreakSharingViolationRwh FsaCreateSharingViolationAfterBreak];
        "test: RWH, conflict, holder closes" => [FsaCloseBreakingExclusive];
        "test: two RH, conflict" => [FsaCheckBreakSharingViolationRh FsaReleaseRhQueueKeepsWaiting];
        "test: shared, compatible" => [FsaCheckBreakOpenSharedKept];
        "attribute-only opens never conflict; implied access counts" => [FsaCreateAttributesNeverConflict FsaCreateImpliedAccess];
    }
}
