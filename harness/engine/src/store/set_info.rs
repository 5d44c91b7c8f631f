//! MS-FSA 2.1.5.15 "Server Requests Setting of File Information" and 2.1.5.17 "Server Requests Setting of Security
//! Information", but for names, which stand in `rename`.

use oplock_model::{Access, BasicInfo, CreateOptions, RuleId, SetInfo, Status};

use super::api::{OpenId, Ticket};
use super::check::Operation;
use super::files::READ_ONLY;
use super::objects::{Acting, Store};
use super::rename::NewName;
use super::wait::{Halt, SetProgress};
use crate::coverage::StoreOperation;

/// FILE_RENAME_REPLACE_IF_EXISTS.
const RENAME_REPLACES: u32 = 0x1;
/// FILE_DISPOSITION_DELETE.
const DISPOSITION_DELETE: u32 = 0x1;
/// FILE_DISPOSITION_ON_CLOSE.
const DISPOSITION_ON_CLOSE: u32 = 0x8;
/// FILE_ATTRIBUTE_DIRECTORY and FILE_ATTRIBUTE_NORMAL, which say nothing that could be set.
const KIND_ATTRIBUTES: u32 = 0x10 | 0x80;

impl Store {
    /// One pass of setting information.
    pub(super) fn set_info_pass(
        &mut self,
        ticket: Ticket,
        open: OpenId,
        info: &SetInfo,
        progress: &mut SetProgress,
    ) -> Result<(), Halt> {
        let acting = self.acting(open)?;
        match info {
            SetInfo::EndOfFile(size) => self.set_size(&acting, Operation::EndOfFile, *size)?,
            SetInfo::Allocation(size) => self.set_size(&acting, Operation::Allocation, *size)?,
            SetInfo::ValidDataLength(size) => {
                self.set_size(&acting, Operation::ValidDataLength, *size)?;
            }
            SetInfo::Basic(basic) => self.set_basic(&acting, basic)?,
            SetInfo::Rename { to, replace } => {
                self.rename(&acting, &NewName { to, replace: *replace }, progress)?;
            }
            SetInfo::RenameEx { to, flags } => {
                let replace = flags & RENAME_REPLACES != 0;
                self.rename(&acting, &NewName { to, replace }, progress)?;
            }
            SetInfo::Link { to, replace } => {
                self.link(&acting, &NewName { to, replace: *replace }, progress)?;
            }
            SetInfo::ShortName(name) => self.set_short_name(&acting, name, progress)?,
            SetInfo::Disposition { delete } => self.set_disposition(&acting, *delete)?,
            SetInfo::DispositionEx { flags } => self.set_disposition_ex(&acting, *flags)?,
            SetInfo::Ea { .. } => {
                acting.needs(Access::WRITE_EA)?;
                self.set_other(&acting);
            }
            SetInfo::Position(_) | SetInfo::Mode(_) => self.set_other(&acting),
            SetInfo::Security => {
                acting.needs(Access::WRITE_DAC)?;
                self.check_or_wait(acting.stream, &acting.caller, Operation::Security)?;
            }
        }
        self.effects.done(ticket, Status::SUCCESS);
        Ok(())
    }

    /// FileEndOfFileInformation, FileAllocationInformation, FileValidDataLengthInformation: a size that stays as it is
    /// breaks all the same.
    fn set_size(&mut self, acting: &Acting, operation: Operation, size: u64) -> Result<(), Halt> {
        if self.is_directory(acting.open) {
            return Err(Halt::Fail(Status::INVALID_PARAMETER));
        }
        acting.needs(Access::WRITE_DATA)?;
        self.check_or_wait(acting.stream, &acting.caller, operation)?;
        let Some(stream) = self.streams.get_mut(&acting.stream) else { return Ok(()) };
        match operation {
            Operation::Allocation => stream.set_allocation(size),
            Operation::ValidDataLength if size > stream.size => {
                return Err(Halt::Fail(Status::INVALID_PARAMETER));
            }
            Operation::ValidDataLength => return Ok(()),
            _ => stream.set_size(size),
        }
        self.effects.rule(RuleId::FsaCheckBreakParentSize);
        self.break_parent_of(acting.link, &acting.caller);
        Ok(())
    }

    /// FileBasicInformation: the parent directory learns of what really changes.
    fn set_basic(&mut self, acting: &Acting, basic: &BasicInfo) -> Result<(), Halt> {
        acting.needs(Access::WRITE_ATTRIBUTES)?;
        self.note(acting.open, StoreOperation::Basic);
        self.effects.rule(RuleId::FsaCheckBreakOtherInformation);
        let attributes_set = self.set_attributes(acting, basic.attributes);
        // 0 leaves a time alone, -1 and -2 say who keeps it from now on.
        let times = [basic.creation, basic.access, basic.write, basic.change];
        let time_set = times.iter().any(|time| !(-2..=0).contains(time));
        if attributes_set || time_set {
            self.effects.rule(RuleId::FsaCheckBreakParentBasic);
            self.break_parent_of(acting.link, &acting.caller);
        } else {
            self.effects.rule(RuleId::FsaCheckBreakParentBasicUnchanged);
        }
        Ok(())
    }

    /// True where the attributes are others now.
    fn set_attributes(&mut self, acting: &Acting, attributes: u32) -> bool {
        let file = self.streams.get(&acting.stream).map(|stream| stream.file);
        let Some(file) = file.and_then(|file| self.files.get_mut(&file)) else { return false };
        let attributes_left = attributes & !KIND_ATTRIBUTES;
        if attributes == 0 || file.attributes == attributes_left {
            return false;
        }
        file.attributes = attributes_left;
        true
    }

    /// FileDispositionInformation.
    fn set_disposition(&mut self, acting: &Acting, delete: bool) -> Result<(), Halt> {
        acting.needs(Access::DELETE)?;
        if !delete {
            self.note(acting.open, StoreOperation::Undelete);
            self.effects.rule(RuleId::FsaCheckBreakDispositionUndelete);
            self.undelete(acting);
            return Ok(());
        }
        self.check_or_wait(acting.stream, &acting.caller, Operation::Disposition)?;
        self.may_set_deleted(acting)?;
        self.mark_deleted(acting);
        Ok(())
    }

    /// FileDispositionInformationEx: DELETE as the plain class has it, or a change of FILE_DELETE_ON_CLOSE.
    fn set_disposition_ex(&mut self, acting: &Acting, flags: u32) -> Result<(), Halt> {
        let delete = flags & DISPOSITION_DELETE != 0;
        if flags & DISPOSITION_ON_CLOSE == 0 {
            return self.set_disposition(acting, delete);
        }
        acting.needs(Access::DELETE)?;
        if delete {
            self.check_or_wait(acting.stream, &acting.caller, Operation::Disposition)?;
            self.may_set_deleted(acting)?;
        }
        if let Some(found) = self.opens.get_mut(&acting.open) {
            let others = found.options.0 & !CreateOptions::DELETE_ON_CLOSE.0;
            let on_close = if delete { CreateOptions::DELETE_ON_CLOSE.0 } else { 0 };
            found.options = CreateOptions(others | on_close);
        }
        Ok(())
    }

    fn may_set_deleted(&self, acting: &Acting) -> Result<(), Status> {
        let stream = self.streams.get(&acting.stream);
        let file = stream.and_then(|stream| self.files.get(&stream.file));
        if file.is_some_and(|file| file.attributes & READ_ONLY != 0) {
            return Err(Status::CANNOT_DELETE);
        }
        self.may_delete(acting)
    }

    fn undelete(&mut self, acting: &Acting) {
        let Some(stream) = self.streams.get_mut(&acting.stream) else { return };
        if !stream.name.is_empty() {
            stream.deleted = false;
        } else if let Some(link) = self.links.get_mut(&acting.link) {
            link.deleted = None;
        }
    }

    /// What bears on no oplock.
    fn set_other(&mut self, acting: &Acting) {
        self.note(acting.open, StoreOperation::OtherInformation);
        self.effects.rule(RuleId::FsaCheckBreakOtherInformation);
    }
}
