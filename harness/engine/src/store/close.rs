//! MS-FSA 2.1.5.5 "Server Requests Closing an Open", with delete on close.

use oplock_model::{CreateOptions, Status};

use super::api::{OpenId, Ticket};
use super::check::Operation;
use super::files::{DeletedBy, parent};
use super::keys::Caller;
use super::objects::{Open, Store};
use super::wait::Halt;

impl Store {
    /// One pass of a close.
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
            // Others may keep the file open by their handle caching, which a deletion ends.
            let checked = self.check_open(open, Operation::DeleteOnClose);
            if checked.is_err() {
                if let Some(found) = self.opens.get_mut(&open) {
                    found.closing = true;
                }
                return checked;
            }
            self.mark_deleted(open);
        }
        if let Some((oplock, effects)) = self.oplock_of(open) {
            oplock.close(open, effects);
        }
        let waiting = self.waiting_through(open);
        let Some(closed) = self.opens.remove(&open) else { return Ok(()) };
        self.after_close(&closed);
        self.effects.done(ticket, Status::SUCCESS);
        for through in waiting {
            self.cancel_waiting(through);
        }
        Ok(())
    }

    /// Marks the file, or the named stream, for deletion; a directory with anything in it stays.
    fn mark_deleted(&mut self, open: OpenId) {
        let Some(found) = self.opens.get(&open) else { return };
        let Some(stream) = self.streams.get_mut(&found.stream) else { return };
        let parent_key = found.parent_key;
        let path = stream.file.clone();
        if !stream.name.is_empty() {
            stream.deleted = true;
        } else if !self.has_children(&path)
            && !path.is_empty()
            && let Some(file) = self.files.get_mut(&path)
        {
            file.deleted = Some(DeletedBy { parent_key });
        }
    }

    /// Removes what nothing opens any more, and tells the parent directory of what changed.
    fn after_close(&mut self, closed: &Open) {
        let Some(stream) = self.streams.get(&closed.stream) else { return };
        let (path, stream_deleted) = (stream.file.clone(), stream.deleted);
        let closer = Caller { open: None, key: closed.key, parent_key: closed.parent_key };
        if stream_deleted && !self.is_open(closed.stream) {
            self.remove_stream(closed.stream);
        }
        let Some(file) = self.files.get(&path) else { return };
        let streams: Vec<_> = file.streams.values().copied().collect();
        match file.deleted {
            Some(deleted) if !streams.iter().any(|stream| self.is_open(*stream)) => {
                for stream in streams {
                    self.remove_stream(stream);
                }
                self.files.remove(&path);
                let agreed = deleted.parent_key == closed.parent_key;
                let breaker = if agreed { closer } else { Caller::default() };
                self.break_parent(parent(&path), &breaker);
            }
            _ if closed.wrote => self.break_parent(parent(&path), &closer),
            _ => {}
        }
    }
}
