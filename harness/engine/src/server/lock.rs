//! LOCK: one range after the other (MS-SMB2 3.3.5.14.1 "Processing Unlocks", 3.3.5.14.2 "Processing Locks").

use std::collections::VecDeque;

use oplock_model::{CallId, FileId, LockRange, RuleId, Status};

use super::chain::Chain;
use super::state::{Call, Doing, Server};
use crate::store::OpenId;

/// The ranges of one LOCK request on their way through the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Locking {
    open: OpenId,
    /// Unlocks, where it does not lock.
    unlocks: bool,
    fail_immediately: bool,
    /// The range that the store has.
    current: LockRange,
    left: VecDeque<LockRange>,
    /// What has been locked or unlocked so far.
    through: Vec<LockRange>,
    /// Whether the request has had its interim.
    interim: bool,
}

impl Locking {
    /// Whether the request has had its interim, as it will have from now on.
    pub(super) fn has_interim(&mut self) -> bool {
        std::mem::replace(&mut self.interim, true)
    }
}

impl Server {
    /// LOCK of ranges.
    pub(super) fn lock(
        &mut self,
        call: CallId,
        chain: Chain,
        file: FileId,
        ranges: Vec<LockRange>,
        fail_immediately: bool,
    ) {
        if ranges.len() > 1 && !fail_immediately {
            self.fire(RuleId::Smb2LockSeveralMustNotWait);
            return self.refuse_lock(call, chain, file);
        }
        self.take_ranges(call, chain, file, ranges, false, fail_immediately);
    }

    /// LOCK with SMB2_LOCKFLAG_UNLOCK.
    pub(super) fn unlock(
        &mut self,
        call: CallId,
        chain: Chain,
        file: FileId,
        ranges: Vec<LockRange>,
    ) {
        self.take_ranges(call, chain, file, ranges, true, false);
    }

    /// The store has finished one range.
    pub(super) fn locked(
        &mut self,
        call: CallId,
        chain: Chain,
        mut locking: Locking,
        status: Status,
    ) {
        if status.is_error() {
            if !locking.through.is_empty() {
                self.fire(if locking.unlocks {
                    RuleId::Smb2LockUnlockedStays
                } else {
                    RuleId::Smb2LockTakenBack
                });
            }
            if !locking.unlocks {
                for range in locking.through {
                    let ticket = self.ticket();
                    self.store.unlock(ticket, locking.open, range);
                }
            }
            return self.answer(call, status, chain);
        }
        locking.through.push(locking.current);
        match locking.left.pop_front() {
            Some(next) => {
                locking.current = next;
                self.take_range(call, chain, locking);
            }
            None => self.answer(call, status, chain),
        }
    }

    fn take_ranges(
        &mut self,
        call: CallId,
        mut chain: Chain,
        file: FileId,
        ranges: Vec<LockRange>,
        unlocks: bool,
        fail_immediately: bool,
    ) {
        let mut left = VecDeque::from(ranges);
        let Some(current) = left.pop_front() else {
            self.fire(RuleId::Smb2LockCount);
            return self.refuse_lock(call, chain, file);
        };
        match self.find(&mut chain, file) {
            Ok((_, open)) => {
                let (through, interim) = (Vec::new(), false);
                let locking =
                    Locking { open, unlocks, fail_immediately, current, left, through, interim };
                self.take_range(call, chain, locking);
            }
            Err(status) => self.answer(call, status, chain),
        }
    }

    fn take_range(&mut self, id: CallId, chain: Chain, locking: Locking) {
        let (range, unlocks) = (locking.current, locking.unlocks);
        let (open, fail_immediately) = (locking.open, locking.fail_immediately);
        let call = Call { id, doing: Doing::Lock(locking), chain };
        self.call_store(call, open, |store, ticket, open| {
            if unlocks {
                store.unlock(ticket, open, range);
            } else {
                store.lock(ticket, open, range, fail_immediately);
            }
        });
    }

    /// The open is looked for before the ranges are looked at.
    fn refuse_lock(&mut self, call: CallId, mut chain: Chain, file: FileId) {
        let status = self.find(&mut chain, file).err().unwrap_or(Status::INVALID_PARAMETER);
        self.answer(call, status, chain);
    }
}
