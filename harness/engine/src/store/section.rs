//! User-mapped sections (WDK, "Checking the Oplock State of an FS_FILTER_ACQUIRE_FOR_SECTION_SYNCHRONIZATION Operation").

use oplock_model::{Access, RuleId, Status};

use super::api::OpenId;
use super::check::Operation;
use super::objects::Store;
use crate::coverage::StoreOperation;

/// What an open has mapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Section {
    /// Nothing.
    #[default]
    Unmapped,
    /// For reading.
    ReadOnly,
    /// For writing too.
    Writable,
}

impl Store {
    /// Creates a section of the open's stream.
    pub(super) fn map(&mut self, open: OpenId, writable: bool) -> Result<(), Status> {
        let acting = self.acting(open)?;
        self.on_data(&acting)?;
        acting.needs(Access::READ_DATA.union(Access::EXECUTE))?;
        let section = if writable {
            acting.needs(Access::WRITE_DATA)?;
            self.check_or_wait(acting.stream, &acting.caller, Operation::WritableSection)?;
            Section::Writable
        } else {
            self.note(open, StoreOperation::ReadOnlySection);
            self.effects.rule(RuleId::FsaCheckBreakSectionReadOnly);
            Section::ReadOnly
        };
        if let Some(found) = self.opens.get_mut(&open) {
            found.section = found.section.max(section);
        }
        Ok(())
    }

    /// Drops the sections of an open.
    pub(super) fn unmap(&mut self, open: OpenId) -> Result<(), Status> {
        self.acting(open)?;
        if let Some(found) = self.opens.get_mut(&open) {
            found.section = Section::Unmapped;
        }
        Ok(())
    }
}
