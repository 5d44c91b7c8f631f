//! Document 01: types, constants, keys, granting.

use super::row::rows;

rows! { "01";
    "1" {
        "cache bits of a level" => Value;
        "version of the granular request" => Value;
        "input flag: request" => [FsaRequestActionFlags];
        "input flag: acknowledge" => [FsaRequestActionFlags];
        "input flag: acknowledge on close" => [FsaAckGranularOnClose];
        "output flag: acknowledgement required" => Value;
        "output flag: modes provided" => Value;
        "output flag: writable section" => [FsaRequestWritableSection];
        "information: broken to level II" => Value;
        "information: broken to none" => Value;
        "information: break under way" => Value;
        "request flag: all keys match" => Internal;
        "check flag: complete if oplocked" => Internal;
        "check flag: key only" => Internal;
        "check flag: back out the atomic oplock" => Internal;
        "check flag: ignore keys" => Internal;
        "check flag: parent object" => Internal;
        "check flag: closing, delete on close" => Internal;
        "check flag: removing a file or link" => Internal;
        "control: request level 1" => Value;
        "control: request level II" => Value;
        "control: request batch" => Value;
        "control: acknowledge" => Value;
        "control: acknowledge, close pending" => Value;
        "control: break notify" => Value;
        "control: acknowledge, no II" => Value;
        "control: request filter" => Value;
        "control: granular request" => Value;
        "structure: input of the granular request" => Layout;
        "structure: output of the granular request" => Layout;
        "original and new level; the original stays until acknowledged" => [FsaGrantBreakingRefusesAll];
        "modes provided only where a create needs H gone" => [FsaCheckBreakSharingViolationRh FsaCheckBreakSharingViolationRwh];
    }
    "2" {
        "level 1" => [FsaGrantNoneLegacyExclusive FsaCheckBreakOpenLevelOneToTwo];
        "level II" => [FsaGrantIiJoinedByIiOrR FsaAckLegacyTwoGranted];
        "batch" => [FsaGrantNoneLegacyExclusive FsaCheckBreakOpenBatchToTwo];
        "filter" => [FsaGrantNoneLegacyExclusive FsaCheckBreakOpenFilterToNone];
        "R" => [FsaGrantNoneShared FsaCheckBreakOverwriteR];
        "RH" => [FsaGrantNoneShared FsaCheckBreakSharingViolationRh];
        "RW" => [FsaGrantNoneGranularExclusive FsaCheckBreakOpenRwOtherKey];
        "RWH" => [FsaGrantNoneGranularExclusive FsaCheckBreakOpenRwhOtherKey];
        "write caching covers byte-range locks" => [FsaCheckBreakLockRw];
        "illegal combinations" => [FsaRequestIllegalLevel];
        "what stands beside what" => Invariant;
        "an oplock belongs to a stream and a handle" => [FsaCheckBreakStreamsIndependent];
    }
    "3" {
        "where a key comes from" => [Smb2LeaseKeyToStore];
        "no key is a key of its own" => [FsaKeyNone];
        "kernel's comparison of keys" => [FsaKeySameOpen FsaKeyNone FsaKeyEqual];
        "1 same open" => [FsaKeySameOpen];
        "2 one side has no key at all" => [FsaKeyNone];
        "3 a target key is missing" => [FsaKeyNone];
        "4 the parent key is missing" => [FsaKeyParentNone];
        "5 parent key against target key" => [FsaKeyParentEqual FsaKeyParentDifferent];
        "6 target keys" => [FsaKeyEqual FsaKeyDifferent];
        "every comparison of keys is this one" => [FsaKeySameOpen FsaKeyNone];
        "legacy types use the exemption, II does not" => [FsaCheckBreakIiNoExemption FsaCheckBreakSameKey];
    }
    "4" {
        "fields of the state" => Definition;
        "legal states" => Invariant;
        "filter added to them" => Invariant;
        "recompute: all empty" => [FsaRecomputeEmpty];
        "recompute: R beside RH" => [FsaRecomputeMixed];
        "recompute: RH" => [FsaRecomputeRh];
        "recompute: R beside II" => [FsaRecomputeReadOnly];
        "recompute: R" => [FsaRecomputeReadOnly];
        "recompute: II" => [FsaRecomputeReadOnly];
        "recompute: only breaking, all to R" => [FsaRecomputeAllBreakingAlike];
        "recompute: only breaking, none to R" => [FsaRecomputeAllBreakingAlike];
        "recompute: only breaking, to both" => [FsaRecomputeBreakingDifferently];
    }
    "5" {
        "1 unknown control" => [FsaRequestUnknownControl];
        "2 neither file nor directory" => NotModelled;
        "3 short buffers" => [FsaRequestBufferTooSmall];
        "4 level on a directory" => [FsaRequestDirectoryLevel];
        "5 neither flag" => [FsaRequestActionFlags];
        "6 both flags" => [FsaRequestActionFlags];
        "14 granular 0" => [FsaRequestLevelZero];
        "15 H, W, HW" => [FsaRequestIllegalLevel];
        "7 handle caching on a deleted stream" => [FsaRequestHandleOnDeleted];
        "8 synchronous handle" => [FsaRequestSynchronousHandle];
        "9 legacy exclusive beside another open" => [FsaRequestLegacyExclusiveOtherOpen];
        "10 RW, RWH beside an open of another key" => [FsaRequestGranularExclusiveOtherKey FsaRequestAttributeOpenNotCounted];
        "11 shared levels and byte-range locks" => [FsaRequestSharedByteRangeLock];
        "12 transaction" => NotModelled;
        "13 writable section" => [FsaRequestWritableSection];
        "16 state of the stream" => Repeated;
        "17 remote file" => NotModelled;
        "order of the denials" => Unobservable;
        "a granted request pends" => [FsaRequestPends];
        "locks never bar exclusive levels" => [FsaRequestSharedByteRangeLock];
    }
    "6" {
        "none" => [FsaGrantNoneLegacyExclusive FsaGrantNoneShared FsaGrantNoneGranularExclusive];
        "II only" => [FsaGrantIiReplacedByLegacyExclusive FsaGrantIiJoinedByIiOrR FsaGrantIiRefusesGranular];
        "R, same key" => [FsaGrantRRefusesLegacyExclusive FsaGrantRSameKeySwitches FsaGrantRSameKeyUpgrades];
        "R, other key" => [FsaGrantROtherKeyJoined FsaGrantROtherKeyRefusesExclusive FsaGrantRRefusesLegacyExclusive];
        "II and R" => [FsaGrantIiJoinedByIiOrR FsaGrantIiRefusesGranular FsaGrantRRefusesLegacyExclusive];
        "RH, same key" => [FsaGrantRhRefusesLegacy FsaGrantRhSameKeyRefusesR FsaGrantRhSameKeyRhSwitches FsaGrantRhSameKeyRefusesRw FsaGrantRhSameKeyRwhUpgrades];
        "RH, other key" => [FsaGrantRhRefusesLegacy FsaGrantRhOtherKeyJoined FsaGrantRhOtherKeyRefusesExclusive];
        "R beside RH" => [FsaGrantMixedRefusesExclusive FsaGrantRhRefusesLegacy FsaGrantRhOtherKeyJoined];
        "RW, same key" => [FsaGrantExclusiveSameKeySwitches FsaGrantExclusiveSameKeyUpgrades FsaGrantExclusiveSameKeyRefusesLower];
        "RW, other key" => [FsaGrantExclusiveRefusesOthers];
        "RWH, same key" => [FsaGrantExclusiveSameKeySwitches FsaGrantExclusiveSameKeyRefusesLower];
        "RWH, other key" => [FsaGrantExclusiveRefusesOthers];
        "level 1, batch, filter" => [FsaGrantLegacyExclusiveRefusesAll];
        "anything breaking" => [FsaGrantBreakingRefusesAll];
        "RH with a break queue, state not breaking" => [FsaGrantRhQueueJoined FsaGrantRhQueueRefusesExclusive];
        "the guard stands before the arms" => [FsaGrantBreakingRefusesAll];
        "R or II while the key has RH" => [FsaGrantRhSameKeyRefusesR];
        "RH, RWH on a deleted stream" => [FsaRequestHandleOnDeleted];
        "RW, RWH over R or RH: all holders of one key" => [FsaGrantROtherKeyRefusesExclusive FsaGrantRhOtherKeyRefusesExclusive];
        "RWH over RH: the queue is empty" => [FsaGrantRhQueueRefusesExclusive];
    }
    "7" {
        "replaced by RW or RWH" => [FsaSwitchToExclusive];
        "R replaced by R, or met by II" => [FsaSwitchToR];
        "R or RH replaced by RH" => [FsaSwitchToRh];
        "II replaced by legacy exclusive" => [FsaSwitchIiToNone];
        "one R and one RH for a key; several II for a handle" => Invariant;
        "a switch is no break" => [Smb2NotifySwitchSilent];
        "legacy types are never raised" => [FsaGrantLegacyExclusiveRefusesAll];
    }
    "8" {
        "upper file systems" => NotModelled;
    }
    "9" {
        "requests and I/O one after another" => Internal;
    }
}
