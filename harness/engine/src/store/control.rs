//! MS-FSA 2.1.5.10 "Server Requests an FsControl Request".

use oplock_model::{Access, Control, RuleId, Status};

use super::api::{OpenId, Ticket};
use super::check::Operation;
use super::objects::{Acting, Store};
use super::wait::Halt;
use crate::choices::DataControls;
use crate::coverage::StoreOperation;

/// Controls take offsets as signed numbers.
const LARGEST: u64 = i64::MAX as u64;

/// A copy from one open to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Copy {
    /// First byte at the source.
    from: u64,
    /// First byte at the destination.
    to: u64,
    /// Bytes.
    length: u64,
    /// FSCTL_SRV_COPYCHUNK, not a duplication of extents.
    by_chunks: bool,
}

impl Store {
    /// One pass of a control.
    pub(super) fn control_pass(
        &mut self,
        ticket: Ticket,
        open: OpenId,
        control: &Control,
        source: Option<OpenId>,
    ) -> Result<(), Halt> {
        let acting = self.acting(open)?;
        match *control {
            Control::SetZeroData { from, to } => self.zero_data(&acting, from, to)?,
            Control::CopyChunk { from, to, length, .. } => {
                let copy = Copy { from, to, length: u64::from(length), by_chunks: true };
                self.copy(&acting, source, copy)?;
            }
            Control::DuplicateExtents { from, to, length, .. } => {
                let copy = Copy { from, to, length, by_chunks: false };
                self.copy(&acting, source, copy)?;
            }
            Control::Trim { .. } => {
                self.on_data(&acting)?;
                acting.needs(Access::WRITE_DATA)?;
                self.check_control(&acting, Operation::Write, false)?;
            }
            Control::OffloadWrite { offset, length } => {
                self.on_data(&acting)?;
                acting.needs(Access::WRITE_DATA)?;
                self.check_control(&acting, Operation::Write, false)?;
                self.writes_locked(&acting, offset, length)?;
                self.wrote(&acting, offset.saturating_add(length));
            }
            Control::SetSparse(_) | Control::SetCompression(_) => {
                acting.needs(Access::WRITE_DATA.union(Access::WRITE_ATTRIBUTES))?;
                self.check_control(&acting, Operation::Write, false)?;
            }
            Control::SetEncryption(_) => {
                acting.needs(Access::WRITE_DATA.union(Access::WRITE_ATTRIBUTES))?;
                self.note(open, StoreOperation::OtherControl);
                self.effects.rule(RuleId::FsaCheckBreakParentEncryption);
                self.break_parent_of(acting.link, &acting.caller);
            }
            Control::Resiliency { .. } | Control::Raw { .. } => {
                self.effects.rule(RuleId::FsaControlUnknown);
                return Err(Halt::Fail(Status::INVALID_DEVICE_REQUEST));
            }
        }
        self.effects.done(ticket, Status::SUCCESS);
        Ok(())
    }

    /// FSCTL_SET_ZERO_DATA. The text checks once for each gigabyte; the first check is the one that can find anything.
    fn zero_data(&mut self, acting: &Acting, from: u64, to: u64) -> Result<(), Halt> {
        let Some(stream) = self.streams.get(&acting.stream) else {
            return Err(Halt::Fail(Status::FILE_CLOSED));
        };
        let (directory, size) = (stream.directory, stream.size);
        if directory || from > to || to > LARGEST {
            return Err(Halt::Fail(Status::INVALID_PARAMETER));
        }
        acting.needs(Access::WRITE_DATA)?;
        if self.is_deleted(acting.open) {
            self.effects.rule(RuleId::FsaControlZeroDataDeleted);
            return Err(Halt::Fail(Status::FILE_DELETED));
        }
        if from == to || from >= size {
            self.effects.rule(RuleId::FsaCheckBreakZeroDataNoRange);
            return Ok(());
        }
        self.check_or_wait(acting.stream, &acting.caller, Operation::ZeroData)?;
        self.writes_locked(acting, from, to - from)?;
        // Zeros are data, but they never make the stream longer.
        self.wrote(acting, from);
        Ok(())
    }

    /// A copy from another open.
    fn copy(&mut self, acting: &Acting, source: Option<OpenId>, copy: Copy) -> Result<(), Halt> {
        let source = source.ok_or(Halt::Fail(Status::OBJECT_NAME_NOT_FOUND))?;
        let source = self.acting(source)?;
        self.on_data(acting)?;
        self.on_data(&source)?;
        source.needs(Access::READ_DATA)?;
        acting.needs(Access::WRITE_DATA.union(Access::APPEND_DATA))?;
        if copy.length == 0 {
            return Ok(());
        }
        self.check_control(&source, Operation::Read, copy.by_chunks)?;
        self.reads_locked(&source, copy.from, copy.length)?;
        self.check_control(acting, Operation::Write, copy.by_chunks)?;
        self.writes_locked(acting, copy.to, copy.length)?;
        self.wrote(acting, copy.to.saturating_add(copy.length));
        Ok(())
    }

    /// No document says that a control other than FSCTL_SET_ZERO_DATA checks for a break on its stream.
    fn check_control(
        &mut self,
        acting: &Acting,
        operation: Operation,
        by_chunks: bool,
    ) -> Result<(), Halt> {
        let checked = match self.choices.data_controls {
            DataControls::CopyChunk => by_chunks,
            DataControls::All => true,
            DataControls::Nothing => false,
        };
        if !checked {
            self.note(acting.open, StoreOperation::OtherControl);
            self.effects.rule(RuleId::FsaCheckBreakControlOthers);
            return Ok(());
        }
        self.effects.rule(if by_chunks {
            RuleId::FsaCheckBreakControlCopyChunk
        } else {
            RuleId::FsaCheckBreakControlOthersAsWrite
        });
        self.check_or_wait(acting.stream, &acting.caller, operation)
    }
}
