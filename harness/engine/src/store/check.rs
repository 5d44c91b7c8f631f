//! What an operation asks of the oplocks that it meets: the parameters of MS-FSA 2.1.4.12 "Algorithm to Check for an Oplock Break".

use oplock_model::{Access, LeaseState, Level, Modes, RuleId, Share};

use crate::choices::{Choices, FilterOpen, ReadControl};

/// Read and write caching: what an operation takes that changes the data.
const READ_WRITE: LeaseState = LeaseState::RW;

/// The operations that check for a break.
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
    /// WRITE.
    Write,
    /// CLOSE of a handle with FILE_DELETE_ON_CLOSE.
    DeleteOnClose,
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
            Operation::Open | Operation::Read => LegacyBreak::ToTwo,
            Operation::Overwrite | Operation::Write => LegacyBreak::ToNone,
            Operation::OpenBreakHandle | Operation::DeleteOnClose => LegacyBreak::Nothing,
        }
    }

    /// BreakCacheState.
    pub fn granular(&self) -> LeaseState {
        match self.operation {
            Operation::OpenBreakHandle | Operation::DeleteOnClose => LeaseState::H,
            _ if self.reserve_filter => READ_WRITE,
            Operation::Open | Operation::Read => LeaseState::W,
            Operation::Overwrite | Operation::Write => READ_WRITE,
        }
    }

    /// What a broken holder is told of the breaker: an open that needs the handle gone gives its modes.
    pub fn modes(&self) -> Option<Modes> {
        (self.operation == Operation::OpenBreakHandle)
            .then_some(Modes { access: self.access, share: self.share })
    }

    /// The rule by which the open's access lets it pass, if it does.
    pub fn exemption(&self, granular: bool, choices: &Choices) -> Option<RuleId> {
        let open = matches!(self.operation, Operation::Open | Operation::Overwrite);
        if !open || self.reserve_filter {
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

    /// Whether READ_CONTROL is all that this open asks beyond attribute access.
    pub fn is_read_control_only(&self) -> bool {
        matches!(self.operation, Operation::Open | Operation::Overwrite)
            && !self.access.is_subset_of(Access::ATTRIBUTES)
            && self.access.is_subset_of(Access::ATTRIBUTES.union(Access::READ_CONTROL))
    }

    /// The level that this check breaks an unbroken exclusive holder to, if it does.
    pub fn target(&self, held: Level, choices: &Choices) -> Option<Level> {
        match held {
            Level::Filter => self.breaks_filter(choices).then_some(Level::None),
            Level::Exclusive | Level::Batch => match self.legacy() {
                LegacyBreak::Nothing => None,
                LegacyBreak::ToTwo => Some(Level::Ii),
                LegacyBreak::ToNone => Some(Level::None),
            },
            _ => Some(lowered(held, self.granular())).filter(|left| *left != held),
        }
    }

    /// The rule by which this check breaks that level.
    pub fn break_rule(&self, held: Level) -> Option<RuleId> {
        match self.operation {
            _ if self.reserve_filter => Some(RuleId::FsaCheckBreakOpenReserveFilter),
            Operation::Open => open_rule(held),
            Operation::Overwrite => overwrite_rule(held),
            Operation::Read => read_rule(held),
            Operation::Write => write_rule(held),
            Operation::OpenBreakHandle => match held {
                Level::Rh => Some(RuleId::FsaCheckBreakSharingViolationRh),
                Level::Rwh => Some(RuleId::FsaCheckBreakSharingViolationRwh),
                _ => None,
            },
            Operation::DeleteOnClose => Some(RuleId::FsaCheckBreakCloseDeleteOnClose),
        }
    }

    /// The rule by which this check leaves a holder of that level alone.
    pub fn kept_rule(&self, held: Level) -> Option<RuleId> {
        match (self.operation, held) {
            (Operation::Open, Level::Filter) => Some(RuleId::FsaCheckBreakOpenFilterKept),
            (Operation::Open, Level::Ii | Level::R | Level::Rh) => {
                Some(RuleId::FsaCheckBreakOpenSharedKept)
            }
            (Operation::Read, Level::Ii | Level::R | Level::Rh | Level::Filter) => {
                Some(RuleId::FsaCheckBreakReadSharedKept)
            }
            _ => None,
        }
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
            Operation::Write => true,
            Operation::Read | Operation::OpenBreakHandle | Operation::DeleteOnClose => false,
        }
    }
}

/// What is left of a granular level without these caching bits: nothing can be cached without reading.
pub(super) fn lowered(level: Level, without: LeaseState) -> Level {
    let left = level.lease_state().unwrap_or_default().without(without);
    Option::<Level>::from(left).unwrap_or_default()
}

fn open_rule(held: Level) -> Option<RuleId> {
    match held {
        Level::Exclusive => Some(RuleId::FsaCheckBreakOpenLevelOneToTwo),
        Level::Batch => Some(RuleId::FsaCheckBreakOpenBatchToTwo),
        Level::Filter => Some(RuleId::FsaCheckBreakOpenFilterToNone),
        Level::Rw => Some(RuleId::FsaCheckBreakOpenRwOtherKey),
        Level::Rwh => Some(RuleId::FsaCheckBreakOpenRwhOtherKey),
        Level::None | Level::Ii | Level::R | Level::Rh => None,
    }
}

fn overwrite_rule(held: Level) -> Option<RuleId> {
    match held {
        Level::None => None,
        Level::Ii => Some(RuleId::FsaCheckBreakOverwriteIi),
        Level::Exclusive => Some(RuleId::FsaCheckBreakOverwriteLevelOne),
        Level::Batch => Some(RuleId::FsaCheckBreakOverwriteBatch),
        Level::Filter => Some(RuleId::FsaCheckBreakOverwriteFilter),
        Level::R => Some(RuleId::FsaCheckBreakOverwriteR),
        Level::Rh => Some(RuleId::FsaCheckBreakOverwriteRh),
        Level::Rw => Some(RuleId::FsaCheckBreakOverwriteRw),
        Level::Rwh => Some(RuleId::FsaCheckBreakOverwriteRwh),
    }
}

fn read_rule(held: Level) -> Option<RuleId> {
    match held {
        Level::Exclusive => Some(RuleId::FsaCheckBreakReadLevelOne),
        Level::Batch => Some(RuleId::FsaCheckBreakReadBatch),
        Level::Rw => Some(RuleId::FsaCheckBreakReadRw),
        Level::Rwh => Some(RuleId::FsaCheckBreakReadRwh),
        Level::None | Level::Ii | Level::Filter | Level::R | Level::Rh => None,
    }
}

fn write_rule(held: Level) -> Option<RuleId> {
    match held {
        Level::None => None,
        Level::Ii => Some(RuleId::FsaCheckBreakWriteIi),
        Level::Exclusive => Some(RuleId::FsaCheckBreakWriteLevelOne),
        Level::Batch => Some(RuleId::FsaCheckBreakWriteBatch),
        Level::Filter => Some(RuleId::FsaCheckBreakWriteFilter),
        Level::R => Some(RuleId::FsaCheckBreakWriteR),
        Level::Rh => Some(RuleId::FsaCheckBreakWriteRh),
        Level::Rw => Some(RuleId::FsaCheckBreakWriteRw),
        Level::Rwh => Some(RuleId::FsaCheckBreakWriteRwh),
    }
}
