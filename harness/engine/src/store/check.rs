//! What an operation asks of the oplocks that it meets: the parameters of MS-FSA 2.1.4.12 "Algorithm to Check for an Oplock Break".

use oplock_model::{Access, LeaseState, Level, Modes, RuleId, Share};

use super::effects::Effects;
use super::keys::{Caller, keys_match_by_rule, parent_key_matches_by_rule};
use super::oplock::Holder;
use crate::choices::{
    Choices, DispositionCheck, FilterOpen, FlushCheck, LockOverRwh, ReadControl, SetSecurity,
    ShortNameCheck, ValidDataLengthCheck,
};

/// Read and write caching: what an operation takes that changes the data.
const READ_WRITE: LeaseState = LeaseState::RW;

/// The operations that check for a break; those that check nothing, queries among them, are not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    /// OPEN with a disposition that keeps the data.
    Open,
    /// OPEN with a disposition that replaces the data.
    Overwrite,
    /// OPEN_BREAK_H: an open violates sharing.
    OpenBreakHandle,
    /// READ.
    Read,
    /// FLUSH_DATA.
    Flush,
    /// WRITE.
    Write,
    /// LOCK_CONTROL.
    Lock,
    /// SET_INFORMATION, FileEndOfFileInformation.
    EndOfFile,
    /// SET_INFORMATION, FileAllocationInformation.
    Allocation,
    /// SET_INFORMATION, FileValidDataLengthInformation.
    ValidDataLength,
    /// FSCTL_SET_ZERO_DATA.
    ZeroData,
    /// SET_INFORMATION, FileRenameInformation, on the renamed stream or on an open target.
    Rename,
    /// SET_INFORMATION, FileLinkInformation, on the file whose link is replaced.
    Link,
    /// SET_INFORMATION, FileShortNameInformation.
    ShortName,
    /// SET_INFORMATION, FileDispositionInformation with DeleteFile.
    Disposition,
    /// SET_SECURITY.
    Security,
    /// CLOSE of a handle with FILE_DELETE_ON_CLOSE.
    DeleteOnClose,
    /// A user section that can be written through is created; nobody is exempt and nobody waits.
    WritableSection,
    /// A change to a child, checked on its directory with OPLOCK_FLAG_PARENT_OBJECT: by the parent key, and nobody waits.
    Parent,
}

/// One check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Check {
    /// The operation.
    pub operation: Operation,
    /// Opens: the access asked for, with what the disposition implies.
    pub access: Access,
    /// Opens: the share mode.
    pub share: Share,
    /// Opens: FILE_RESERVE_OPFILTER, which breaks to none whatever the access.
    pub reserve_filter: bool,
}

/// BreakToTwo, BreakToNone or neither: what an operation does to legacy oplocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum LegacyBreak {
    Nothing,
    /// Batch and Filter to none, Level 1 and Level II not at all: the operations on names.
    BatchToNone,
    ToTwo,
    ToNone,
}

/// Which exclusive oplocks a check is for: an open deals with Batch and Filter before access and sharing are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Scope {
    BatchAndFilter,
    AllOthers,
    Everything,
}

impl Scope {
    pub fn covers(self, level: Level) -> bool {
        let first = matches!(level, Level::Batch | Level::Filter);
        match self {
            Scope::BatchAndFilter => first,
            Scope::AllOthers => !first,
            Scope::Everything => true,
        }
    }
}

impl Check {
    /// A check of something other than an open.
    pub fn of(operation: Operation) -> Check {
        Check { operation, access: Access(0), share: Share::ALL, reserve_filter: false }
    }

    /// The legacy action.
    pub fn legacy(&self) -> LegacyBreak {
        match self.operation {
            _ if self.reserve_filter => LegacyBreak::ToNone,
            Operation::Open | Operation::Read | Operation::Flush => LegacyBreak::ToTwo,
            Operation::Overwrite
            | Operation::Write
            | Operation::Lock
            | Operation::EndOfFile
            | Operation::Allocation
            | Operation::ValidDataLength
            | Operation::ZeroData => LegacyBreak::ToNone,
            Operation::Rename | Operation::Link | Operation::ShortName => LegacyBreak::BatchToNone,
            Operation::OpenBreakHandle
            | Operation::Disposition
            | Operation::Security
            | Operation::DeleteOnClose
            | Operation::WritableSection
            | Operation::Parent => LegacyBreak::Nothing,
        }
    }

    /// BreakCacheState.
    pub fn granular(&self) -> LeaseState {
        match self.operation {
            Operation::OpenBreakHandle
            | Operation::Rename
            | Operation::Link
            | Operation::ShortName
            | Operation::Disposition
            | Operation::Security
            | Operation::DeleteOnClose => LeaseState::H,
            _ if self.reserve_filter => READ_WRITE,
            Operation::Open | Operation::Read | Operation::Flush => LeaseState::W,
            Operation::Overwrite
            | Operation::Write
            | Operation::Lock
            | Operation::EndOfFile
            | Operation::Allocation
            | Operation::ValidDataLength
            | Operation::ZeroData
            | Operation::WritableSection
            | Operation::Parent => READ_WRITE,
        }
    }

    /// Whether the operation waits for the break of an exclusive holder of that level.
    pub fn waits(&self, held: Level, choices: &Choices) -> bool {
        match self.operation {
            Operation::Parent | Operation::WritableSection => false,
            Operation::Lock => held != Level::Rwh || choices.lock_over_rwh == LockOverRwh::Waits,
            _ => true,
        }
    }

    /// The rule by which this operation is not checked at all, if it is not.
    pub fn unchecked(&self, choices: &Choices) -> Option<RuleId> {
        match self.operation {
            Operation::Flush => (choices.flush == FlushCheck::Unchecked)
                .then_some(RuleId::FsaCheckBreakFlushUnchecked),
            Operation::Security => (choices.set_security == SetSecurity::Unchecked)
                .then_some(RuleId::FsaCheckBreakSecurityUnchecked),
            Operation::ValidDataLength => (choices.valid_data_length
                == ValidDataLengthCheck::Unchecked)
                .then_some(RuleId::FsaCheckBreakSizeValidDataLengthUnchecked),
            Operation::Disposition => (choices.disposition == DispositionCheck::Unchecked)
                .then_some(RuleId::FsaCheckBreakDispositionUnchecked),
            Operation::ShortName => (choices.short_name == ShortNameCheck::Unchecked)
                .then_some(RuleId::FsaCheckBreakRenameShortNameUnchecked),
            _ => None,
        }
    }

    /// Whether a holder counts as the caller's own against this check, by the target key or by the parent key.
    pub fn is_own(&self, caller: &Caller, holder: &Holder, effects: &mut Effects) -> bool {
        match self.operation {
            Operation::Parent => parent_key_matches_by_rule(caller, holder, effects),
            _ => keys_match_by_rule(caller, holder, effects),
        }
    }

    /// The rule that a holder of the caller's own is spared by.
    pub fn own_rule(&self) -> RuleId {
        match self.operation {
            Operation::Parent => RuleId::FsaCheckBreakParentSameKey,
            _ => RuleId::FsaCheckBreakSameKey,
        }
    }

    /// What a broken holder is told of the breaker: an open that needs the handle gone gives its modes.
    pub fn modes(&self) -> Option<Modes> {
        (self.operation == Operation::OpenBreakHandle)
            .then_some(Modes { access: self.access, share: self.share })
    }

    /// The rule by which the open's access lets it pass, if it does.
    pub fn exemption(&self, granular: bool, choices: &Choices) -> Option<RuleId> {
        if !self.is_open() || self.reserve_filter {
            None
        } else if self.access.is_subset_of(Access::ATTRIBUTES) {
            Some(RuleId::FsaCheckBreakOpenStatOnly)
        } else if granular
            && choices.read_control == ReadControl::Exempt
            && self.is_read_control_only()
        {
            Some(RuleId::FsaCheckBreakOpenReadControlGranular)
        } else {
            None
        }
    }

    /// Whether this is an open that sharing lets pass.
    pub fn is_open(&self) -> bool {
        matches!(self.operation, Operation::Open | Operation::Overwrite)
    }

    /// Whether READ_CONTROL is all that this open asks beyond attribute access.
    pub fn is_read_control_only(&self) -> bool {
        self.is_open()
            && !self.access.is_subset_of(Access::ATTRIBUTES)
            && self.access.is_subset_of(Access::ATTRIBUTES.union(Access::READ_CONTROL))
    }

    /// The level that this check breaks an unbroken exclusive holder to, if it does.
    pub fn target(&self, held: Level, choices: &Choices) -> Option<Level> {
        match held {
            Level::Filter => self.breaks_filter(choices).then_some(Level::None),
            Level::Exclusive | Level::Batch => match self.legacy() {
                LegacyBreak::BatchToNone if held == Level::Batch => Some(Level::None),
                LegacyBreak::Nothing | LegacyBreak::BatchToNone => None,
                LegacyBreak::ToTwo => Some(Level::Ii),
                LegacyBreak::ToNone => Some(Level::None),
            },
            _ => Some(lowered(held, self.granular())).filter(|left| *left != held),
        }
    }

    /// Whether a Filter oplock of somebody else would break.
    pub fn conflicts_with_filter(&self, choices: &Choices) -> bool {
        self.exemption(false, choices).is_none() && self.breaks_filter(choices)
    }

    /// WDK, "Checking the Oplock State of an IRP_MJ_CREATE Operation": a Filter oplock lets in who only reads and shares reading.
    fn breaks_filter(&self, choices: &Choices) -> bool {
        let harmless = Access::ATTRIBUTES
            .union(Access::READ_DATA)
            .union(Access::READ_EA)
            .union(Access::EXECUTE)
            .union(Access::READ_CONTROL);
        match self.operation {
            Operation::Open | Operation::Overwrite => {
                let reads = self.access.is_subset_of(harmless);
                let shares = self.share.contains(Share::READ);
                let kept = match choices.filter_open {
                    FilterOpen::ReadAndShared => reads && shares,
                    FilterOpen::ReadOrShared => reads || shares,
                };
                self.reserve_filter || !kept
            }
            Operation::Lock => false,
            _ => matches!(self.legacy(), LegacyBreak::ToNone | LegacyBreak::BatchToNone),
        }
    }
}

/// What is left of a granular level without these caching bits: nothing can be cached without reading.
pub(super) fn lowered(level: Level, without: LeaseState) -> Level {
    let left = level.lease_state().unwrap_or_default().without(without);
    Option::<Level>::from(left).unwrap_or_default()
}
