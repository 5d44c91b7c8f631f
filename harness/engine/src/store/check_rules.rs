//! The rules that a check cites: by which one it breaks a level, by which one it leaves a level alone.

use oplock_model::{Level, RuleId};

use super::check::{Check, Operation};

impl Check {
    /// The rule by which this check breaks that level.
    pub fn break_rule(&self, held: Level) -> Option<RuleId> {
        match self.operation {
            _ if self.reserve_filter => Some(RuleId::FsaCheckBreakOpenReserveFilter),
            Operation::Open => open_rule(held),
            Operation::Overwrite => overwrite_rule(held),
            Operation::OpenBreakHandle => match held {
                Level::Rh => Some(RuleId::FsaCheckBreakSharingViolationRh),
                Level::Rwh => Some(RuleId::FsaCheckBreakSharingViolationRwh),
                _ => None,
            },
            Operation::Read => read_rule(held),
            Operation::Flush => flush_rule(held),
            Operation::Write => write_rule(held),
            Operation::Lock => lock_rule(held),
            Operation::EndOfFile | Operation::Allocation | Operation::ValidDataLength => {
                size_rule(held)
            }
            Operation::ZeroData => zero_data_rule(held),
            Operation::Rename | Operation::Link | Operation::ShortName => rename_rule(held),
            Operation::Disposition => match held {
                Level::Rh => Some(RuleId::FsaCheckBreakDispositionRh),
                Level::Rwh => Some(RuleId::FsaCheckBreakDispositionRwh),
                _ => None,
            },
            Operation::Security => match held {
                Level::Rh => Some(RuleId::FsaCheckBreakSecurityRh),
                Level::Rwh => Some(RuleId::FsaCheckBreakSecurityRwh),
                _ => None,
            },
            Operation::DeleteOnClose => Some(RuleId::FsaCheckBreakCloseDeleteOnClose),
            Operation::WritableSection => Some(RuleId::FsaCheckBreakSectionGranular),
            Operation::Parent => Some(RuleId::FsaCheckBreakParentOtherKey),
        }
    }

    /// The rule by which this check leaves a holder of that level alone, whoever it is.
    pub fn kept_rule(&self, held: Level) -> Option<RuleId> {
        match (self.operation, held) {
            (_, Level::None) => None,
            (Operation::Open, Level::Filter) => Some(RuleId::FsaCheckBreakOpenFilterKept),
            (Operation::Open, Level::Ii | Level::R | Level::Rh) => {
                Some(RuleId::FsaCheckBreakOpenSharedKept)
            }
            (Operation::Read, Level::Ii | Level::R | Level::Rh | Level::Filter) => {
                Some(RuleId::FsaCheckBreakReadSharedKept)
            }
            (Operation::Flush, Level::Ii | Level::R | Level::Rh | Level::Filter) => {
                Some(RuleId::FsaCheckBreakFlushSharedKept)
            }
            (Operation::Lock, Level::Filter) => Some(RuleId::FsaCheckBreakLockFilterKept),
            (
                Operation::Rename | Operation::Link | Operation::ShortName,
                Level::Exclusive | Level::Ii | Level::R | Level::Rw,
            ) => Some(RuleId::FsaCheckBreakRenameKept),
            (Operation::Disposition, held) if !has_handle(held) => {
                Some(RuleId::FsaCheckBreakDispositionKept)
            }
            (Operation::Security, held) if !has_handle(held) => {
                Some(RuleId::FsaCheckBreakSecurityKept)
            }
            (Operation::WritableSection, held) if !held.is_granular() => {
                Some(RuleId::FsaCheckBreakSectionLegacyKept)
            }
            _ => None,
        }
    }
}

/// RH and RWH: the levels whose handle caching an operation can take away.
fn has_handle(level: Level) -> bool {
    matches!(level, Level::Rh | Level::Rwh)
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

fn read_rule(held: Level) -> Option<RuleId> {
    match held {
        Level::Exclusive => Some(RuleId::FsaCheckBreakReadLevelOne),
        Level::Batch => Some(RuleId::FsaCheckBreakReadBatch),
        Level::Rw => Some(RuleId::FsaCheckBreakReadRw),
        Level::Rwh => Some(RuleId::FsaCheckBreakReadRwh),
        Level::None | Level::Ii | Level::Filter | Level::R | Level::Rh => None,
    }
}

fn flush_rule(held: Level) -> Option<RuleId> {
    match held {
        Level::Exclusive => Some(RuleId::FsaCheckBreakFlushLevelOne),
        Level::Batch => Some(RuleId::FsaCheckBreakFlushBatch),
        Level::Rw => Some(RuleId::FsaCheckBreakFlushRw),
        Level::Rwh => Some(RuleId::FsaCheckBreakFlushRwh),
        Level::None | Level::Ii | Level::Filter | Level::R | Level::Rh => None,
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

fn lock_rule(held: Level) -> Option<RuleId> {
    match held {
        Level::None | Level::Filter => None,
        Level::Ii => Some(RuleId::FsaCheckBreakLockIi),
        Level::Exclusive => Some(RuleId::FsaCheckBreakLockLevelOne),
        Level::Batch => Some(RuleId::FsaCheckBreakLockBatch),
        Level::R => Some(RuleId::FsaCheckBreakLockR),
        Level::Rh => Some(RuleId::FsaCheckBreakLockRh),
        Level::Rw => Some(RuleId::FsaCheckBreakLockRw),
        Level::Rwh => Some(RuleId::FsaCheckBreakLockRwh),
    }
}

fn size_rule(held: Level) -> Option<RuleId> {
    match held {
        Level::None => None,
        Level::Ii => Some(RuleId::FsaCheckBreakSizeIi),
        Level::Exclusive => Some(RuleId::FsaCheckBreakSizeLevelOne),
        Level::Batch => Some(RuleId::FsaCheckBreakSizeBatch),
        Level::Filter => Some(RuleId::FsaCheckBreakSizeFilter),
        Level::R => Some(RuleId::FsaCheckBreakSizeR),
        Level::Rh => Some(RuleId::FsaCheckBreakSizeRh),
        Level::Rw => Some(RuleId::FsaCheckBreakSizeRw),
        Level::Rwh => Some(RuleId::FsaCheckBreakSizeRwh),
    }
}

fn zero_data_rule(held: Level) -> Option<RuleId> {
    match held {
        Level::None => None,
        Level::Ii => Some(RuleId::FsaCheckBreakZeroDataIi),
        Level::Exclusive => Some(RuleId::FsaCheckBreakZeroDataLevelOne),
        Level::Batch => Some(RuleId::FsaCheckBreakZeroDataBatch),
        Level::Filter => Some(RuleId::FsaCheckBreakZeroDataFilter),
        Level::R => Some(RuleId::FsaCheckBreakZeroDataR),
        Level::Rh => Some(RuleId::FsaCheckBreakZeroDataRh),
        Level::Rw => Some(RuleId::FsaCheckBreakZeroDataRw),
        Level::Rwh => Some(RuleId::FsaCheckBreakZeroDataRwh),
    }
}

fn rename_rule(held: Level) -> Option<RuleId> {
    match held {
        Level::Batch => Some(RuleId::FsaCheckBreakRenameBatch),
        Level::Filter => Some(RuleId::FsaCheckBreakRenameFilter),
        Level::Rh => Some(RuleId::FsaCheckBreakRenameRh),
        Level::Rwh => Some(RuleId::FsaCheckBreakRenameRwh),
        Level::None | Level::Ii | Level::Exclusive | Level::R | Level::Rw => None,
    }
}
