//! Document 05: the SMB2 server layer.

use super::row::rows;

rows! { "05";
    "1" {
        "2.0.2" => [Smb2LeaseOn202];
        "2.1" => [Smb2LeaseV2On21];
        "3.0 and later" => [Smb2LeaseDirectory Smb2EpochCreate];
        "version 2 context on older dialects" => [Smb2LeaseV2On21 Smb2LeaseV2On21Refused Smb2LeaseOn202];
        "servers before Windows 10" => [Smb2LeaseContextWithoutLevelTaken Smb2LeaseV2On21];
    }
    "2" {
        "none" => [Smb2CreateLevelNone];
        "II" => [Smb2CreateOplockGranted];
        "exclusive" => [Smb2CreateOplockGranted];
        "batch" => [Smb2CreateOplockGranted];
        "lease" => [Smb2LeaseGranted];
        "states that servers support" => [Smb2LeaseIllegalState];
        "clients never ask for exclusive" => ClientSide;
        "named pipes" => NotModelled;
        "directories" => [Smb2CreateDirectoryOplock Smb2LeaseOnDirectory];
    }
    "3" {
        "cleared options" => [Smb2CreateCompleteIfOplockedCleared Smb2CreateOptionCleared];
        "ignored options" => [Smb2CreateOpenRequiringOplockIgnored Smb2CreateOptionIgnored];
        "refused options" => [Smb2CreateOptionRefused];
        "unknown bits" => [Smb2CreateOptionRefused];
        "oplock controls" => [Smb2IoctlOplockControlRefused];
        "acknowledge, no II, by IOCTL" => [Smb2IoctlAckNo2];
        "shares that force II" => [Smb2CreateForceLevelTwo Smb2LeaseForceLevelTwo];
        "scale-out shares" => [Smb2CreateScaleOutBatch Smb2LeaseScaleOut];
        "shares that force or bar sharing" => NotModelled;
        "handles are asynchronous" => [Smb2CreateOptionCleared];
    }
    "4" {
        "keys that go to the store" => [Smb2LeaseKeyToStore Smb2LeasePerClient Smb2LeaseKeyAlone];
        "oplocks: request, II, none" => [Smb2CreateOplockGranted Smb2CreateOplockFallsBackToIi Smb2CreateOplockFallsBackToNone];
        "1 length of the context" => [Smb2LeaseContextLength];
        "2 level without context" => [Smb2LeaseLevelWithoutContext];
        "3 context without level" => [Smb2LeaseContextWithoutLevel Smb2LeaseContextWithoutLevelTaken];
        "4 no leasing" => [Smb2LeaseServerWithoutLeasing Smb2LeaseStoreWithoutLeasing];
        "5 the tables" => [Smb2LeasePerClient];
        "6 other file name" => [Smb2LeaseOtherFileName];
        "7 masks" => [Smb2LeaseForceLevelTwo Smb2LeaseScaleOut Smb2LeaseDirectoryWithoutWrite];
        "8 no superset, or breaking" => [Smb2LeaseNotSuperset Smb2LeaseEqualRequest Smb2LeaseUnion];
        "9 promotion" => [Smb2LeasePromoted Smb2LeasePromotionRefused];
        "10 fallback" => [Smb2LeaseFallbackWithoutWrite Smb2LeaseFallbackWithoutHandle Smb2LeaseFallbackToNone];
        "11 breaking: old state and flag" => [Smb2LeaseBreakInProgress];
        "12 level lease, whatever the state" => [Smb2LeaseLevelKeptWithStateNone];
        "13 delete on close" => [Smb2LeaseDeleteOnClose];
        "14 flags and parent key" => [Smb2LeaseRequestFlagsIgnored Smb2LeaseParentKey];
        "15 versions mixed" => [Smb2LeaseVersionOfFirstRequest];
        "a refused promotion does not fall back" => [Smb2LeasePromotionRefused Smb2LeasePromotionFallback];
        "interims" => [Smb2CreateInterim Smb2OperationInterim Smb2OperationWithoutInterim];
        "own key is not blocked" => [FsaBreakingSameKeyProceeds];
        "persistent handle of an absent client" => [Smb2PersistentNotAvailable Smb2PersistentBreaks Smb2PersistentLocked];
    }
    "5" {
        "success with a new level" => [Smb2NotifyOplock Smb2NotifyLease];
        "cannot grant, in an acknowledgement" => [Smb2NotifyLeaseFollowUp];
        "switched or closed" => [Smb2NotifySwitchSilent Smb2NotifyCloseSilent];
        "oplock notification" => [Smb2NotifyOplock Smb2NotifyOplockIiToNone];
        "lease notification" => [Smb2NotifyLease];
        "state R: no flag, none at once" => [Smb2NotifyLeaseNoAck];
        "any other state: flag, timer" => [Smb2NotifyLease];
        "new state; no lease or no opens" => [Smb2NotifyLeaseWithoutOpens];
        "once for a lease" => [Smb2NotifyLeaseOnce];
        "which connection carries it" => [Smb2NotifyLeaseFirstConnection Smb2NotifyOplockFirstChannel Smb2NotifyOplockNewestChannel Smb2NotifyOplockOwnConnection];
        "undeliverable: durable oplock" => [Smb2NotifyOplockUndeliverable];
        "undeliverable: other oplock" => [Smb2NotifyOplockUndeliverable Smb2NotifyOplockSettled Smb2PersistentOplockKept];
        "undeliverable lease: plain opens" => [Smb2NotifyLeaseUndeliverable];
        "undeliverable lease: durable, H lost" => [Smb2NotifyLeaseDurableClosed];
        "undeliverable lease: durable, RWH to RH" => [Smb2NotifyLeaseRwhClosed Smb2NotifyLeaseRwhKept];
        "undeliverable lease: persistent" => [Smb2PersistentNoticeKept];
        "undeliverable lease: otherwise" => [Smb2NotifyLeaseSettled];
    }
    "6" {
        "which of the two it is" => [Smb2AckSize];
        "oplock 1 session" => [Smb2AckSessionDeleted Smb2AckSessionExpired];
        "oplock 2 tree" => [Smb2AckTreeDeleted];
        "oplock 3 file id" => [Smb2AckOplockFileClosed];
        "oplock 3a replay" => [Smb2ReplayLostByOplockAck];
        "oplock 4 not breaking" => [Smb2AckOplockNotBreaking];
        "oplock 5 lease level" => [Smb2AckOplockLeaseLevel];
        "oplock 6 level mismatch" => [Smb2AckOplockLevelMismatch];
        "oplock 7 exclusive" => [Smb2AckOplockExclusive];
        "oplock 8 to the store" => [Smb2AckOplockStoreError];
        "oplock 9 deepened" => [Smb2AckOplockDeepened];
        "oplock 10 success" => [Smb2AckOplock Smb2AckOplockIiAfterNone];
        "older revisions" => (Choice "stray_oplock_ack");
        "lease 1 session, tree" => [Smb2AckSessionDeleted Smb2AckTreeDeleted];
        "lease 2 unknown" => [Smb2AckLeaseUnknown];
        "lease 3 not breaking" => [Smb2AckLeaseNotBreaking];
        "lease 4 no subset" => [Smb2AckLeaseNotSubset];
        "lease 5 success" => [Smb2AckLease];
        "replay lost between 2 and 3" => [Smb2ReplayLostByLeaseAck];
        "any subset, any connection of the client" => [Smb2AckLeaseSmallerState Smb2AckLeaseAnyConnection];
        "closing the last open of a breaking lease" => [Smb2LeaseCloseEndsBreak Smb2NotifyServerClose];
        "end of a lease" => [Smb2LeaseEndsWithLastOpen Smb2LeaseCloseKeepsLease Smb2SessionLogOff Smb2SessionLost Smb2DurableScavenged];
    }
    "7" {
        "oplock timer" => [Smb2TimerOplockBreak Smb2TimerPersistentOplock];
        "lease timer" => [Smb2TimerLeaseBreak Smb2TimerPersistentLease];
        "late acknowledgement" => [Smb2TimerLateLeaseAck Smb2TimerLateOplockAck];
        "the handle stays; always none" => [Smb2TimerOpenSurvives];
    }
    "8" {
        "lease created" => [Smb2EpochCreate];
        "promotion" => [Smb2EpochPromotion];
        "state unchanged" => [Smb2EpochUnchanged];
        "not granted" => [Smb2EpochNotGranted];
        "break" => [Smb2EpochBreak];
        "follow-up break" => [Smb2EpochFollowUp];
        "persistent reconnect after failover" => [Smb2EpochFailover];
        "version 1 or 2.1" => [Smb2EpochV1Zero];
        "what a client accepts" => ClientSide;
    }
    "9" {
        "R on a file" => [FsaCheckBreakOverwriteR FsaCheckBreakWriteR FsaCheckBreakSizeR FsaCheckBreakLockR];
        "R on a directory" => [FsaCheckBreakParentOtherKey];
        "W" => [FsaCheckBreakOpenData];
        "H on a file" => [FsaCheckBreakSharingViolationRh FsaRenameBelowBreaksHandle];
        "H on a directory" => [FsaCheckBreakSharingViolationRh FsaCheckBreakRenameRh FsaCheckBreakDispositionRh];
        "several bits in one break; own key; union" => [FsaCheckBreakOverwriteRwh Smb2LeaseUnion];
    }
    "10" {
        "lease R, then an oplock" => [Smb2MixedLeaseRThenOplock];
        "lease RH, then an oplock" => [Smb2MixedLeaseRhThenOplock];
        "lease RW, then an oplock" => [Smb2MixedLeaseRwThenOplock];
        "lease RWH, then an oplock" => [Smb2MixedLeaseRwhThenOplock];
        "II, then a lease" => [Smb2MixedIiThenLease];
        "exclusive or batch, then a lease" => [Smb2MixedExclusiveThenLease];
    }
    "11" {
        "durable, version 1" => [Smb2DurableV1Granted Smb2DurableV1NotAsked Smb2DurableV1NotHeld];
        "durable, version 2" => [Smb2DurableV2Granted Smb2DurableV2NotHeld Smb2DurableDirectory Smb2DurableV2OldDialect Smb2PersistentGranted Smb2PersistentShare];
        "kept on disconnect" => [Smb2DurableKept Smb2DurableBreaking Smb2DurableNotHeldAnyMore Smb2ResilientKept Smb2PersistentKept];
        "a byte-range lock under RH" => [Smb2DurableLocked];
        "tree disconnect and log-off" => [Smb2SessionTreeDisconnect Smb2DurableLogOff];
        "reconnect that fails" => [Smb2ReconnectUnknown Smb2ReconnectStillConnected Smb2ReconnectCreateGuid Smb2ReconnectLeaseMissing Smb2ReconnectLeaseUnexpected Smb2ReconnectNotHeld Smb2ReconnectLeaseKey Smb2ReconnectClientGuid Smb2ReconnectLeaseVersion];
        "file name of a lease" => [Smb2ReconnectFileName Smb2ReconnectFileNameIgnored];
        "precedence" => [Smb2ReconnectContextBeforeName];
        "other user" => [Smb2ReconnectOtherUser];
        "what the answer carries" => [Smb2ReconnectCurrentState Smb2ReconnectV1 Smb2ReconnectV2];
        "kept notification sent again" => [Smb2PersistentNoticeSent];
    }
    "12" {
        "oplock notification, acknowledgement, response" => Layout;
        "lease notification" => Layout;
        "lease acknowledgement, response" => Layout;
        "lease context, version 1" => Layout;
        "lease context, version 2" => Layout;
        "flags" => Value;
    }
}
