//! Byte-range locks (MS-FSA 2.1.5.8 "Server Requests a Byte-Range Lock", 2.1.5.9 "Server Requests an Unlock of a
//! Byte-Range", 2.1.4.10 "Algorithm to Determine If a Range Access Conflicts with Byte-Range Locks").

use oplock_model::{Access, LockRange, RuleId, Status};

use super::api::{OpenId, StreamId, Ticket};
use super::check::Operation;
use super::objects::{Acting, Store, Stream};
use super::wait::Halt;
use crate::choices::LockBeyondAllocation;
use crate::coverage::StoreOperation;

/// The byte-range locks of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Locks {
    /// Granted, in the order of the grants.
    pub granted: Vec<Lock>,
    /// The calls that wait for one, in the order of arrival.
    pub waiting: Vec<Ticket>,
}

/// A granted lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Lock {
    /// Whose it is.
    pub open: OpenId,
    /// What it locks.
    pub range: LockRange,
}

impl Locks {
    /// Whether a lock stands in the way of this one: an exclusive one suffers nothing below it, a shared one the exclusive
    /// lock of its own open.
    fn refuse(&self, open: OpenId, range: &LockRange) -> bool {
        self.granted.iter().any(|lock| {
            overlap(&lock.range, range.offset, range.length)
                && (range.exclusive || (lock.range.exclusive && lock.open != open))
        })
    }

    /// Whether somebody else's exclusive lock stands in the way of reading.
    fn refuse_read(&self, open: OpenId, offset: u64, length: u64) -> bool {
        self.granted.iter().any(|lock| {
            lock.range.exclusive && lock.open != open && overlap(&lock.range, offset, length)
        })
    }

    /// Whether a lock stands in the way of writing: anybody's shared one, somebody else's exclusive one.
    fn refuse_write(&self, open: OpenId, offset: u64, length: u64) -> bool {
        self.granted.iter().any(|lock| {
            (!lock.range.exclusive || lock.open != open) && overlap(&lock.range, offset, length)
        })
    }
}

impl Stream {
    /// Whether a byte-range lock, granted or waited for, stands in the way of Level II, R and RH.
    pub fn is_locked_for_oplocks(&self, beyond: LockBeyondAllocation) -> bool {
        match beyond {
            LockBeyondAllocation::Breaks => {
                !self.locks.granted.is_empty() || !self.locks.waiting.is_empty()
            }
            LockBeyondAllocation::Ignored => {
                self.allocation > 0
                    && (!self.locks.waiting.is_empty()
                        || self
                            .locks
                            .granted
                            .iter()
                            .any(|lock| lock.range.offset < self.allocation))
            }
        }
    }
}

impl Store {
    /// Whether an open owns a byte-range lock.
    #[must_use]
    pub fn has_locks(&self, open: OpenId) -> bool {
        self.stream(open)
            .is_some_and(|stream| stream.locks.granted.iter().any(|lock| lock.open == open))
    }

    /// One pass of a lock.
    pub(super) fn lock_pass(
        &mut self,
        ticket: Ticket,
        open: OpenId,
        range: LockRange,
        fail_immediately: bool,
    ) -> Result<(), Halt> {
        let acting = self.acting(open)?;
        self.may_lock(&acting)?;
        if range.length > 0 && range.offset.checked_add(range.length - 1).is_none() {
            return Err(Halt::Fail(Status::INVALID_LOCK_RANGE));
        }
        let Some(stream) = self.streams.get(&acting.stream) else { return Ok(()) };
        if range.offset < stream.allocation
            || self.choices.lock_beyond_allocation == LockBeyondAllocation::Breaks
        {
            self.check_or_wait(acting.stream, &acting.caller, Operation::Lock)?;
        } else {
            self.effects.rule(RuleId::FsaCheckBreakLockBeyondAllocation);
        }
        let Some(stream) = self.streams.get_mut(&acting.stream) else { return Ok(()) };
        if !stream.locks.refuse(open, &range) {
            stream.locks.granted.push(Lock { open, range });
            self.effects.rule(RuleId::FsaLockGranted);
            self.effects.done(ticket, Status::SUCCESS);
            Ok(())
        } else if fail_immediately {
            self.effects.rule(RuleId::FsaLockNotGranted);
            Err(Halt::Fail(Status::LOCK_NOT_GRANTED))
        } else {
            self.effects.rule(RuleId::FsaLockWaits);
            Err(Halt::WaitForLock(acting.stream))
        }
    }

    /// Unlocks what was locked just so by the open, an exclusive lock before a shared one.
    pub(super) fn unlock_range(&mut self, open: OpenId, range: LockRange) -> Result<(), Status> {
        let acting = self.acting(open)?;
        self.may_lock(&acting)?;
        self.note(open, StoreOperation::Unlock);
        self.effects.rule(RuleId::FsaCheckBreakLockUnlock);
        let Some(stream) = self.streams.get_mut(&acting.stream) else { return Ok(()) };
        let granted = &mut stream.locks.granted;
        let place = |exclusive| {
            granted.iter().position(|lock| {
                lock.open == open && lock.range == LockRange { exclusive, ..range }
            })
        };
        let Some(place) = place(true).or_else(|| place(false)) else {
            self.effects.rule(RuleId::FsaLockUnlockNotLocked);
            return Err(Status::RANGE_NOT_LOCKED);
        };
        granted.remove(place);
        self.retry_locks(acting.stream);
        Ok(())
    }

    /// Removes the locks of an open that has closed.
    pub(super) fn drop_locks(&mut self, open: OpenId, id: StreamId) {
        let Some(stream) = self.streams.get_mut(&id) else { return };
        if stream.locks.granted.is_empty() {
            return;
        }
        let before = stream.locks.granted.len();
        stream.locks.granted.retain(|lock| lock.open != open);
        if stream.locks.granted.len() != before {
            self.effects.rule(RuleId::FsaCloseRemovesLocks);
            self.retry_locks(id);
        }
    }

    /// Fails a read where somebody else has locked.
    pub(super) fn reads_locked(
        &mut self,
        acting: &Acting,
        offset: u64,
        length: u64,
    ) -> Result<(), Halt> {
        let locks = self.streams.get(&acting.stream).map(|stream| &stream.locks);
        let refused = locks.is_some_and(|locks| locks.refuse_read(acting.open, offset, length));
        self.locked(refused)
    }

    /// Fails a change of data where a lock is in the way.
    pub(super) fn writes_locked(
        &mut self,
        acting: &Acting,
        offset: u64,
        length: u64,
    ) -> Result<(), Halt> {
        let locks = self.streams.get(&acting.stream).map(|stream| &stream.locks);
        let refused = locks.is_some_and(|locks| locks.refuse_write(acting.open, offset, length));
        self.locked(refused)
    }

    fn locked(&mut self, refused: bool) -> Result<(), Halt> {
        if refused {
            self.effects.rule(RuleId::FsaLockConflictsWithData);
            return Err(Halt::Fail(Status::FILE_LOCK_CONFLICT));
        }
        Ok(())
    }

    /// Only data can be locked, by who reads or writes it.
    fn may_lock(&mut self, acting: &Acting) -> Result<(), Halt> {
        if self.streams.get(&acting.stream).is_none_or(|stream| stream.directory) {
            self.effects.rule(RuleId::FsaLockDirectory);
            return Err(Halt::Fail(Status::INVALID_PARAMETER));
        }
        acting.needs(Access::READ_DATA.union(Access::WRITE_DATA))
    }

    /// Lets everybody try again who waits for a lock.
    fn retry_locks(&mut self, id: StreamId) {
        if let Some(stream) = self.streams.get_mut(&id) {
            self.effects.released.extend(stream.locks.waiting.drain(..));
        }
    }
}

/// Whether a locked range and another have a byte in common; one without bytes lies within or beside.
fn overlap(lock: &LockRange, offset: u64, length: u64) -> bool {
    let end = |offset: u64, length: u64| u128::from(offset) + u128::from(length);
    u128::from(lock.offset) < end(offset, length)
        && u128::from(offset) < end(lock.offset, lock.length)
}
