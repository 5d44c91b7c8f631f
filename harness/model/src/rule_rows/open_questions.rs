//! Document 07: open questions and disagreements.

use super::row::rows;

rows! { "07";
    "Questions" {
        "D1 handle caching on a file marked for deletion" => [FsaRequestHandleOnDeleted];
        "D2 RW and RWH beside opens of the same key" => [FsaRequestGranularExclusiveOtherKey FsaRequestAttributeOpenNotCounted];
        "D2a RW and RWH beside foreign opens without an oplock" => [FsaRequestGranularExclusiveOtherKey];
        "D3 place of the writable-section test" => [FsaRequestWritableSection];
        "D4 legacy exclusive over II and R" => [FsaGrantRRefusesLegacyExclusive];
        "D5 flush" => [FsaCheckBreakFlushRw FsaCheckBreakFlushUnchecked];
        "D6 valid data length" => [FsaCheckBreakSizeValidDataLength FsaCheckBreakSizeValidDataLengthUnchecked];
        "D7 disposition" => [FsaCheckBreakDispositionRh FsaCheckBreakDispositionRwh FsaCheckBreakDispositionUnchecked];
        "D8 security" => [FsaCheckBreakSecurityRh FsaCheckBreakSecurityUnchecked];
        "D9 READ_CONTROL alone" => [FsaCheckBreakOpenReadControlGranular FsaCheckBreakOpenReadControlLegacy];
        "D10 attribute access with an overwriting disposition" => [FsaCreateImpliedAccess];
        "D11 own level II and an overwriting open" => [FsaCheckBreakIiNoExemption];
        "D12 filter and creates" => [FsaCheckBreakOpenFilterToNone FsaCheckBreakOpenFilterKept];
        "D13 lock over RWH" => [FsaCheckBreakLockRwh FsaCheckBreakLockRwhContinues];
        "D14 rename over an open target" => [FsaRenameTargetOpen FsaCheckBreakRenameRwh];
        "D15 link and short name on the file's own stream" => [FsaCheckBreakRenameLinkKept FsaCheckBreakRenameRh FsaCheckBreakRenameShortNameUnchecked];
        "D16 other controls that change data" => [FsaCheckBreakControlCopyChunk FsaCheckBreakControlOthers FsaCheckBreakControlOthersAsWrite];
        "D17 parent break on overwrite and on data written" => [FsaCheckBreakParentOverwrite FsaCheckBreakParentWrittenAtClose FsaCheckBreakParentDataKept];
        "D18 level II granted by an acknowledgement" => [FsaAckLegacyTwoGranted];
        "D19 acknowledgement above the offer" => [FsaAckRhWriteRefused FsaAckExclusiveAboveBreakLevel];
        "D20 acknowledgement after the break deepened" => [FsaAckDeepenedRwBrokenOn FsaAckDeepenedRhToR FsaAckDeepenedRToNone FsaReleaseHeldBackWhileDeepened];
        "D21 cancelling a granted request" => [FsaCancelRequest];
        "D22 status of a cancelled break-notify" => [FsaCancelWaiter];
        "D23 what a reservation blocks" => [FsaCreateRequiringOplockReserves];
        "D24 create over a name with batch held" => [FsaCreateNameCollision FsaCheckBreakSharingViolationBatchFirst];
        "D25 ack-no-2 by IOCTL" => [Smb2IoctlAckNo2];
        "D26 one lease key of two clients" => [Smb2LeasePerClient Smb2LeaseKeyAlone];
        "D27 no superset, or a refused promotion" => [Smb2LeaseNotSuperset Smb2LeasePromotionRefused Smb2LeaseUnion Smb2LeasePromotionFallback];
        "D28 oplock acknowledgement while not breaking" => [Smb2AckOplockNotBreaking];
        "D29 first epoch" => [Smb2EpochCreate];
        "D30 state after R to none was told" => [Smb2NotifyLeaseNoAck];
        "D31 second overwrite while RH is unacknowledged" => [FsaBreakingRhToNoneProceeds];
        "D32 key test of exclusive breaks" => [FsaCheckBreakSameKey];
        "D33 key test of shared handle breaks" => [FsaCheckBreakSameKey];
        "D34 level named by a switch of R" => [FsaSwitchToExclusive FsaSwitchToR];
        "D35 guard against case arms" => [FsaGrantBreakingRefusesAll];
        "D36 leases on named streams" => [Smb2LeaseOtherFileName FsaCheckBreakStreamsIndependent];
        "D37 waiters with and without the key" => [FsaReleaseRhQueueDone FsaReleaseRhQueueKeepsWaiting];
        "D39 internal open of the destination directory" => [FsaRenameDestinationShared FsaRenameDestinationBreaksHandle];
        "D38 local access on the server" => Repeated;
        "D40 requiring an oplock over what it would not break" => [FsaCreateRequiringOplockRefused];
        "D41 reserving a filter over a held oplock" => [FsaCheckBreakOpenReserveFilter FsaCreateReserveFilterRefused];
        "D42 overwriting create that also violates sharing" => [FsaCheckBreakSharingViolationRh FsaCheckBreakSharingViolationRwh];
        "D50 version 2 context on dialect 2.1" => [Smb2LeaseV2On21 Smb2LeaseV2On21Refused];
        "D51 versions mixed on one lease" => [Smb2LeaseVersionOfFirstRequest];
        "D52 disconnected durable RWH, contender leaves H" => [Smb2NotifyLeaseRwhClosed Smb2NotifyLeaseRwhKept];
        "D53 II acknowledged after none was told" => [Smb2AckOplockIiAfterNone];
        "D54 epoch of a follow-up break" => [Smb2EpochFollowUp];
        "D55 version 1 reconnect without context and with a wrong name" => [Smb2ReconnectContextBeforeName];
        "D56 lock on an empty file" => [FsaCheckBreakLockBeyondAllocation];
    }
    "Silent" {
        "order of notifications and of releases" => OrderFree;
        "acknowledge on close" => [FsaAckGranularOnClose];
        "new openers in close-pending" => [FsaAckClosePendingBatch];
        "the Ex information classes" => Silent;
        "break by delete on close at cleanup" => [FsaCheckBreakCloseDeleteOnClose];
        "hard links share the stream's oplock" => [FsaCheckBreakRenameRh];
        "mapped reads and writes" => NotModelled;
        "volume, pipe and mailslot handles" => NotModelled;
    }
    "Servers" {
        "bits of an attribute-only open" => OtherServer;
        "break to exclusive" => OtherServer;
        "acknowledgement with exclusive" => OtherServer;
        "oplock acknowledgement that nobody expects" => OtherServer;
        "errors of lease acknowledgements" => OtherServer;
        "time-out" => OtherServer;
        "directory leases" => OtherServer;
        "write lease beside another open" => OtherServer;
        "byte-range locks against R and H" => OtherServer;
        "overwrite on RWH" => OtherServer;
        "further break after an acknowledgement" => OtherServer;
        "kernel oplocks" => OtherServer;
        "rename above open files" => OtherServer;
        "filter, local controls, atomic create" => OtherServer;
    }
}
