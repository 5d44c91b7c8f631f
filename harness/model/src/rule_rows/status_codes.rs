//! Document 06: status codes.

use super::row::rows;

rows! { "06";
    "1" {
        "oplock_break_in_progress: a create that does not wait" => [FsaCreateCompleteIfOplocked];
        "oplock_switched_to_new_handle: a same-key request took over" => [FsaSwitchToExclusive FsaSwitchToR FsaSwitchToRh];
        "oplock_handle_closed: the granular holder closed" => [FsaCloseROrRh FsaCloseGranularExclusive];
        "wait_for_oplock: inside the kernel" => Internal;
        "cannot_grant_requested_oplock: section, or too much acknowledged" => [FsaRequestWritableSection FsaAckRhCannotGrant FsaAckRhKeptAgainstWaiter FsaAckExclusiveAboveBreakLevel];
        "oplock_not_granted: denied request, refused reservation" => [FsaRequestSynchronousHandle FsaRequestLegacyExclusiveOtherOpen FsaCreateReserveFilterRefused];
        "invalid_oplock_protocol: unexpected or misfit acknowledgement" => [FsaAckLegacyNotOwner FsaAckLegacyNotBreaking FsaAckGranularNotBreaking Smb2AckOplockLevelMismatch];
        "cannot_break_oplock: an open that requires an oplock" => [FsaCreateRequiringOplockRefused];
        "801 and 803 put right" => Value;
        "cannot_break_oplock is an error by its bits" => Editorial;
    }
    "2" {
        "success" => Value;
        "pending: granted, waiting, or interim" => [FsaRequestPends Smb2CreateInterim];
        "notify_cleanup: no oplock status" => Value;
        "buffer_too_small: buffers of the granular request" => [FsaRequestBufferTooSmall];
        "unsuccessful: lease acknowledgement without a break" => [Smb2AckLeaseNotBreaking];
        "invalid_parameter: level, flags, directory, key of another file, lease level" => [FsaRequestIllegalLevel FsaRequestActionFlags FsaRequestDirectoryLevel Smb2LeaseOtherFileName Smb2AckOplockLeaseLevel];
        "invalid_device_request: optional features of a store" => [FsaControlUnknown Smb2ResilientOldDialect];
        "access_denied: rights; rename with open children or target" => [FsaCreateAccessDenied];
        "object_name_not_found: unknown lease key, durable reconnect" => [FsaCreateNameNotFound Smb2AckLeaseUnknown];
        "object_name_collision: create or rename over a name" => [FsaCreateNameCollision];
        "sharing_violation" => [FsaCreateSharingViolation FsaCreateSharingViolationAfterBreak];
        "file_lock_conflict: read or write against a lock, after the check" => [FsaLockConflictsWithData];
        "lock_not_granted: conflict of locks" => [FsaLockNotGranted];
        "delete_pending: open of a file marked for deletion" => [FsaCreateDeletePending];
        "insufficient_resources: allocation of a lease" => NotModelled;
        "not_supported: reserving a filter, oplock controls by IOCTL" => [Smb2CreateOptionRefused Smb2IoctlOplockControlRefused];
        "network_name_deleted: the tree is gone" => [Smb2AckTreeDeleted Smb2SessionTreeDeleted];
        "request_not_accepted: no subset, or deepened" => [Smb2AckLeaseNotSubset Smb2AckOplockDeepened];
        "cancelled: a waiter or an oplock request" => [FsaCancelWaiter FsaCancelRequest];
        "cannot_delete" => Value;
        "file_deleted: zeroing a deleted stream" => [FsaControlZeroDataDeleted];
        "file_closed: acknowledgement of an unknown id, server's own close" => [Smb2AckOplockFileClosed];
        "invalid_device_state: acknowledgement while not breaking" => [Smb2AckOplockNotBreaking];
        "user_session_deleted: the session is gone" => [Smb2AckSessionDeleted Smb2SessionDeleted];
        "duplicate_objectid: create guid in use" => [Smb2ReplayDuplicate];
        "network_session_expired: create and acknowledgements" => [Smb2AckSessionExpired Smb2SessionExpired];
        "file_not_available: persistent handle of an absent client" => [Smb2PersistentNotAvailable Smb2ReplayPending];
        "two spellings of the cancel status" => Editorial;
    }
    "3" {
        "7: broken to level II" => [FsaCheckBreakOpenLevelOneToTwo FsaCheckBreakOpenBatchToTwo];
        "8: broken to none" => [FsaCheckBreakWriteIi FsaCloseLegacyExclusive FsaAckLegacyTwoDeepenedToNone];
        "9: a failed create broke batch or filter" => [FsaCheckBreakSharingViolationBatchFirst];
        "0 to 5: create actions" => Value;
        "24: bytes returned by the granular request" => Layout;
    }
}
