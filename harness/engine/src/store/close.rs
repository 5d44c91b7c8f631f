//! MS-FSA 2.1.5.5 "Server Requests Closing an Open", with delete on close.

use oplock_model::{CreateOptions, RuleId, Status};

use super::api::{OpenId, Ticket};
use super::check::Operation;
use super::files::{DeletedBy, ROOT_LINK};
use super::keys::Caller;
use super::objects::{Acting, Open, Store};
use super::wait::Halt;
use crate::coverage::StoreOperation;

impl Store {
    /// One pass of a close: the deletion, the oplock, the parent directory, the byte-range locks.
    pub(super) fn close_pass(
        &mut self,
        ticket: Ticket,
        open: OpenId,
        first: bool,
    ) -> Result<(), Halt> {
        let found = self.opens.get_mut(&open).filter(|found| first != found.closing);
        let found = found.ok_or(Halt::Fail(Status::FILE_CLOSED))?;
        found.closing = false;
        if found.options.contains(CreateOptions::DELETE_ON_CLOSE) && !self.is_deleted(open) {
            self.delete_on_close(open)?;
        } else {
            self.note(open, StoreOperation::Close);
        }
        if let Some((oplock, effects)) = self.oplock_of(open) {
            oplock.close(open, effects);
        }
        let Some(closed) = self.remove_open(open) else { return Ok(()) };
        self.after_close(&closed);
        self.drop_locks(open, closed.stream);
        self.effects.done(ticket, Status::SUCCESS);
        self.end_waiting(closed.waiting);
        Ok(())
    }

    /// Others may keep the file open by their handle caching, which a deletion ends.
    fn delete_on_close(&mut self, open: OpenId) -> Result<(), Halt> {
        let acting = self.acting(open)?;
        let checked = self.check_or_wait(acting.stream, &acting.caller, Operation::DeleteOnClose);
        if checked.is_err() {
            if let Some(found) = self.opens.get_mut(&open) {
                found.closing = true;
            }
            return checked;
        }
        if self.may_delete(&acting).is_ok() {
            self.mark_deleted(&acting);
        }
        Ok(())
    }

    /// Whether there is anything against deleting what an open opens: only an empty directory can go, and not the root.
    pub(super) fn may_delete(&self, acting: &Acting) -> Result<(), Status> {
        let Some(stream) = self.streams.get(&acting.stream) else {
            return Err(Status::FILE_CLOSED);
        };
        if acting.link == ROOT_LINK {
            Err(Status::CANNOT_DELETE)
        } else if stream.directory && self.has_children(stream.file) {
            Err(Status::DIRECTORY_NOT_EMPTY)
        } else {
            Ok(())
        }
    }

    /// Marks the name that was opened, or the named stream, for deletion.
    pub(super) fn mark_deleted(&mut self, acting: &Acting) {
        let Some(stream) = self.streams.get_mut(&acting.stream) else { return };
        if !stream.name.is_empty() {
            stream.deleted = true;
        } else if let Some(link) = self.links.get_mut(&acting.link) {
            link.deleted = Some(DeletedBy { parent_key: acting.caller.parent_key });
        }
    }

    /// Removes what nothing opens any more, and tells the parent directory of what changed.
    fn after_close(&mut self, closed: &Open) {
        let closer = Caller { open: None, key: closed.key, parent_key: closed.parent_key };
        let stream = self.streams.get(&closed.stream);
        if stream.is_some_and(|stream| stream.deleted && stream.opens.is_empty()) {
            self.remove_stream(closed.stream);
        }
        let Some(link) = self.links.get(&closed.link) else { return };
        let parent = link.parent;
        match link.deleted {
            Some(deleted) if link.opens == 0 => {
                self.remove_link(closed.link);
                self.effects.rule(RuleId::FsaCheckBreakParentRemoved);
                if deleted.parent_key == closed.parent_key {
                    self.break_parent(parent, &closer);
                } else {
                    self.effects.rule(RuleId::FsaCheckBreakParentDeletersDiffer);
                    self.break_parent(parent, &Caller::default());
                }
            }
            _ if closed.wrote => {
                let rule = RuleId::FsaCheckBreakParentWrittenAtClose;
                self.tell_parent_of_data(closed.link, rule, &closer);
            }
            _ => {}
        }
    }
}
