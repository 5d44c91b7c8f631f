//! Reading, writing and asking (MS-FSA 2.1.5.3, 2.1.5.4, 2.1.5.12).

use oplock_model::{Access, RuleId, Status};

use super::api::{Indication, OpenId, Ticket};
use super::check::{Check, Operation, Scope};
use super::check_break::Outcome;
use super::objects::Store;
use super::wait::Halt;

impl Store {
    /// One pass of a read.
    pub(super) fn read_pass(
        &mut self,
        ticket: Ticket,
        open: OpenId,
        offset: u64,
        length: u32,
    ) -> Result<(), Halt> {
        self.may_access(open, Access::READ_DATA.union(Access::EXECUTE))?;
        if length == 0 {
            self.effects.rule(RuleId::FsaCheckBreakReadZeroLength);
        } else {
            self.check_open(open, Operation::Read)?;
        }
        let size = self.stream(open).map_or(0, |stream| stream.size);
        let left = u32::try_from(size.saturating_sub(offset)).unwrap_or(u32::MAX);
        if length > 0 && left == 0 {
            return Err(Halt::Fail(Status::END_OF_FILE));
        }
        let count = length.min(left);
        self.effects.say(Indication::Done { ticket, status: Status::SUCCESS, count });
        Ok(())
    }

    /// One pass of a write.
    pub(super) fn write_pass(
        &mut self,
        ticket: Ticket,
        open: OpenId,
        offset: u64,
        length: u32,
    ) -> Result<(), Halt> {
        self.may_access(open, Access::WRITE_DATA.union(Access::APPEND_DATA))?;
        if length == 0 {
            self.effects.rule(RuleId::FsaCheckBreakWriteZeroLength);
        } else {
            self.check_open(open, Operation::Write)?;
            self.grow(open, offset.saturating_add(u64::from(length)));
        }
        self.effects.say(Indication::Done { ticket, status: Status::SUCCESS, count: length });
        Ok(())
    }

    /// One pass of a query, which never waits.
    pub(super) fn query_basic_pass(&mut self, ticket: Ticket, open: OpenId) -> Result<(), Halt> {
        let found = self.opens.get(&open).filter(|found| !found.closing);
        let found = found.ok_or(Halt::Fail(Status::FILE_CLOSED))?;
        self.effects.rule(RuleId::FsaCheckBreakQuery);
        if !found.access.intersects(Access::READ_ATTRIBUTES) {
            return Err(Halt::Fail(Status::ACCESS_DENIED));
        }
        self.effects.done(ticket, Status::SUCCESS);
        Ok(())
    }

    /// Checks for a break on behalf of an open, on the stream that it opens.
    pub(super) fn check_open(&mut self, open: OpenId, operation: Operation) -> Result<(), Halt> {
        let caller = self.caller(open).ok_or(Halt::Fail(Status::FILE_CLOSED))?;
        let stream = self.stream_of(open).ok_or(Halt::Fail(Status::FILE_CLOSED))?;
        let choices = self.choices;
        let check = Check::of(operation);
        let Some((oplock, effects)) = self.oplock_of(open) else { return Ok(()) };
        match oplock.check_break(&caller, &check, Scope::Everything, &choices, effects) {
            Outcome::Proceed => Ok(()),
            Outcome::Wait => Err(Halt::for_break(stream, check.granular())),
        }
    }

    fn may_access(&self, open: OpenId, any_of: Access) -> Result<(), Halt> {
        let found = self.opens.get(&open).filter(|found| !found.closing);
        let found = found.ok_or(Halt::Fail(Status::FILE_CLOSED))?;
        if self.is_directory(open) {
            Err(Halt::Fail(Status::INVALID_DEVICE_REQUEST))
        } else if found.access.intersects(any_of) {
            Ok(())
        } else {
            Err(Halt::Fail(Status::ACCESS_DENIED))
        }
    }

    fn grow(&mut self, open: OpenId, end: u64) {
        let Some(found) = self.opens.get_mut(&open) else { return };
        found.wrote = true;
        if let Some(stream) = self.streams.get_mut(&found.stream) {
            stream.size = stream.size.max(end);
        }
    }
}
