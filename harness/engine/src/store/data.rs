//! Reading, writing, flushing and asking (MS-FSA 2.1.5.3, 2.1.5.4, 2.1.5.6, 2.1.5.7, 2.1.5.12).

use oplock_model::{Access, QueryInfo, RuleId, Status};

use super::api::{Indication, OpenId, Ticket};
use super::check::Operation;
use super::objects::{Acting, Store};
use super::wait::Halt;
use crate::coverage::StoreOperation;

impl Store {
    /// One pass of a read.
    pub(super) fn read_pass(
        &mut self,
        ticket: Ticket,
        open: OpenId,
        offset: u64,
        length: u32,
    ) -> Result<(), Halt> {
        let acting = self.acting(open)?;
        self.on_data(&acting)?;
        acting.needs(Access::READ_DATA.union(Access::EXECUTE))?;
        if length == 0 {
            self.effects.rule(RuleId::FsaCheckBreakReadZeroLength);
        } else {
            self.check_or_wait(acting.stream, &acting.caller, Operation::Read)?;
            self.reads_locked(&acting, offset, u64::from(length))?;
        }
        let size = self.streams.get(&acting.stream).map_or(0, |stream| stream.size);
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
        let acting = self.acting(open)?;
        self.on_data(&acting)?;
        acting.needs(Access::WRITE_DATA.union(Access::APPEND_DATA))?;
        if length == 0 {
            self.effects.rule(RuleId::FsaCheckBreakWriteZeroLength);
        } else {
            self.check_or_wait(acting.stream, &acting.caller, Operation::Write)?;
            self.writes_locked(&acting, offset, u64::from(length))?;
            self.wrote(&acting, offset.saturating_add(u64::from(length)));
        }
        self.effects.say(Indication::Done { ticket, status: Status::SUCCESS, count: length });
        Ok(())
    }

    /// One pass of a flush.
    pub(super) fn flush_pass(&mut self, ticket: Ticket, open: OpenId) -> Result<(), Halt> {
        let acting = self.acting(open)?;
        acting.needs(Access::WRITE_DATA.union(Access::APPEND_DATA))?;
        self.check_or_wait(acting.stream, &acting.caller, Operation::Flush)?;
        self.effects.done(ticket, Status::SUCCESS);
        Ok(())
    }

    /// A query of information, which breaks nothing.
    pub(super) fn query_info(&mut self, open: OpenId, info: QueryInfo) -> Result<(), Status> {
        let acting = self.acting(open)?;
        self.note(open, StoreOperation::Query);
        self.effects.rule(RuleId::FsaCheckBreakQuery);
        match info {
            QueryInfo::Basic | QueryInfo::All => acting.needs(Access::READ_ATTRIBUTES)?,
            QueryInfo::Ea => acting.needs(Access::READ_EA)?,
            QueryInfo::Security => acting.needs(Access::READ_CONTROL)?,
            QueryInfo::Standard | QueryInfo::Streams | QueryInfo::FileSystem => {}
        }
        Ok(())
    }

    /// A listing of a directory, which breaks nothing.
    pub(super) fn list(&mut self, open: OpenId) -> Result<(), Status> {
        let acting = self.acting(open)?;
        if !self.is_directory(open) {
            return Err(Status::INVALID_PARAMETER);
        }
        acting.needs(Access::READ_DATA)?;
        self.note(open, StoreOperation::Query);
        self.effects.rule(RuleId::FsaCheckBreakQuery);
        Ok(())
    }

    /// Data is changed up to that byte.
    pub(super) fn wrote(&mut self, acting: &Acting, end: u64) {
        if let Some(found) = self.opens.get_mut(&acting.open) {
            found.wrote = true;
        }
        if let Some(stream) = self.streams.get_mut(&acting.stream) {
            stream.grow(end);
        }
    }

    /// Only data can be read and written.
    pub(super) fn on_data(&self, acting: &Acting) -> Result<(), Halt> {
        match self.streams.get(&acting.stream) {
            Some(stream) if !stream.directory => Ok(()),
            _ => Err(Halt::Fail(Status::INVALID_DEVICE_REQUEST)),
        }
    }
}

impl Acting {
    /// The operation needs one of these rights.
    pub fn needs(&self, any_of: Access) -> Result<(), Halt> {
        if self.access.intersects(any_of) { Ok(()) } else { Err(Halt::Fail(Status::ACCESS_DENIED)) }
    }
}
