//! Rules without a row: what the documents say, or what we had to choose, about matters of which the digest says nothing.

use crate::RuleId;

/// Rules of one matter, and why the digest has no row for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matter {
    /// What it is about, and why the engine decides it all the same.
    pub why: &'static str,
    /// Its rules.
    pub rules: &'static [RuleId],
}

macro_rules! matters {
    ($($why:literal: $($rule:ident)+;)*) => {
        /// All of them.
        pub const BEYOND: &[Matter] = &[$(
            Matter { why: $why, rules: &[$(RuleId::$rule),+] },
        )*];
    };
}

matters! {
    "byte-range locks themselves: they bear on oplocks, so the engine has to keep them":
        FsaLockGranted FsaLockWaiterHandleClosed FsaLockUnlockNotLocked
        Smb2LockCount Smb2LockSeveralMustNotWait Smb2LockTakenBack Smb2LockUnlockedStays;
    "requests that no oplock rule concerns: a server has to answer them":
        Smb2IoctlPassedOn Smb2IoctlCopyChunkSource Smb2IoctlDuplicateSource
        Smb2OperationFileClosed Smb2OperationLocalOnly Smb2OperationMalformed
        Smb2OperationUnknownCommand Smb2OperationNotRead;
    "compounds: a create that waits for a break holds up what follows it":
        Smb2CompoundRelated Smb2CompoundUnrelated Smb2CompoundNothingBefore
        Smb2CompoundFailedBefore;
    "the name of a lease's file after a rename": Smb2LeaseRenamed;
    "sessions that take the place of others": Smb2SessionReplaced;
    "channels: breaks and acknowledgements may take any of them":
        Smb2ChannelBound Smb2ChannelOldDialect Smb2ChannelNoSession Smb2ChannelOtherClient
        Smb2ChannelExpired Smb2ChannelTwice Smb2ChannelOtherUser Smb2ChannelLost
        Smb2ChannelCreateGoesOn;
    "how long an open is kept for its client":
        Smb2DurableTimeoutAsked Smb2DurableTimeoutDefault
        Smb2ResilientGranted Smb2ResilientTooLong Smb2ResilientScavenged;
    "claiming a persistent open back": Smb2ReconnectNotPersistent;
    "creates that are sent again, and instances of an application that move":
        Smb2ReplayAnswered Smb2ReplayLevelEchoed Smb2ReplayOtherSession Smb2ReplayOtherUser
        Smb2ReplayLeaseMismatch Smb2ReplayReattached Smb2ReplayNotEligible
        Smb2ReplayLostByOperation Smb2AppInstanceCloses Smb2AppInstanceIgnored;
}
