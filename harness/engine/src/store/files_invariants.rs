//! What must always hold of files, names, opens, locks and sections, whatever was called.

use super::files::{ROOT, ROOT_LINK};
use super::objects::Store;
use super::wait::Call;

impl Store {
    /// Files, links, streams and opens fit together, and nothing that is marked for deletion stays unopened.
    pub(super) fn check_files(&self) -> Result<(), String> {
        self.check_streams()?;
        self.check_links()?;
        self.check_opens()?;
        let opens: usize = self.streams.values().map(|stream| stream.opens.len()).sum();
        if opens != self.opens.len() {
            return Err("a stream lists an open that does not exist".to_owned());
        }
        Ok(())
    }

    /// Locks belong to opens of the stream, and those who wait for one are calls that wait.
    pub(super) fn check_locks(&self) -> Result<(), String> {
        let mut waiting = 0;
        for (id, stream) in &self.streams {
            for lock in &stream.locks.granted {
                if self.opens.get(&lock.open).map(|open| open.stream) != Some(*id) {
                    return Err(format!("stream {}: a lock of an open that is not its own", id.0));
                }
            }
            if !stream.locks.waiting.is_empty() && stream.locks.granted.is_empty() {
                return Err(format!("stream {}: a lock waits for nothing", id.0));
            }
            for ticket in &stream.locks.waiting {
                waiting += 1;
                let pending = self.pending.get(ticket).filter(|pending| pending.stream == *id);
                if !pending.is_some_and(|pending| {
                    pending.for_lock && matches!(pending.call, Call::Lock { .. })
                }) {
                    return Err(format!("call {} waits for a lock and is none", ticket.0));
                }
            }
        }
        let pending = self.pending.values().filter(|pending| pending.for_lock).count();
        if waiting == pending { Ok(()) } else { Err("a lock waits on no stream".to_owned()) }
    }

    /// Every request that is granted and pends can be found by its ticket, and no other.
    pub(super) fn check_granted(&self) -> Result<(), String> {
        let mut granted = 0;
        for (id, stream) in &self.streams {
            let oplock = &stream.oplock;
            let exclusive = oplock.exclusive.as_ref().filter(|held| held.breaking.is_none());
            let holders = exclusive.map(|held| &held.holder).into_iter();
            let holders = holders.chain(&oplock.level_two).chain(&oplock.read);
            for holder in holders.chain(&oplock.read_handle) {
                granted += 1;
                if self.effects.granted.get(&holder.ticket) != Some(id) {
                    return Err(format!("request {} cannot be found", holder.ticket.0));
                }
            }
        }
        if granted == self.effects.granted.len() {
            Ok(())
        } else {
            Err("a request that is over can still be found".to_owned())
        }
    }

    fn check_opens(&self) -> Result<(), String> {
        for (id, open) in &self.opens {
            let stream = self.streams.get(&open.stream);
            let Some(stream) = stream.filter(|stream| stream.opens.binary_search(id).is_ok())
            else {
                return Err(format!("open {} has no stream", id.0));
            };
            let link = self.links.get(&open.link);
            if link.map(|link| link.file) != Some(stream.file) {
                return Err(format!("open {} came by a name of another file", id.0));
            }
            for ticket in &open.waiting {
                let pending = self.pending.get(ticket);
                if pending.and_then(|pending| pending.call.through()) != Some(*id) {
                    return Err(format!("open {} lists a call that does not wait", id.0));
                }
            }
        }
        Ok(())
    }

    fn check_streams(&self) -> Result<(), String> {
        for (id, stream) in &self.streams {
            let file = self.files.get(&stream.file);
            if file.and_then(|file| file.stream(&stream.name)) != Some(*id) {
                return Err(format!("stream {} is not in its file", id.0));
            }
            if stream.deleted && stream.opens.is_empty() {
                return Err(format!("stream {} is deleted and not open", id.0));
            }
            if stream.size > stream.allocation {
                return Err(format!("stream {} is longer than what is set aside for it", id.0));
            }
        }
        if self.files.values().flat_map(|file| file.streams()).count() == self.streams.len() {
            Ok(())
        } else {
            Err("a file names a stream that does not exist".to_owned())
        }
    }

    fn check_links(&self) -> Result<(), String> {
        for (id, link) in &self.links {
            let file = self.files.get(&link.file);
            if !file.is_some_and(|file| file.links.contains(id)) {
                return Err(format!("`{}` is no name of its file", link.name));
            }
            let is_root = *id == ROOT_LINK && link.file == ROOT;
            if !is_root && self.child(link.parent, &link.name) != Some(*id) {
                return Err(format!("`{}` is not in its directory", link.name));
            }
            if !link.short_name.is_empty() && self.child(link.parent, &link.short_name) != Some(*id)
            {
                return Err(format!("`{}` is not in its directory", link.short_name));
            }
            if link.deleted.is_some() && link.opens == 0 {
                return Err(format!("`{}` is deleted and not open", link.name));
            }
            let opens = self.opens.values().filter(|open| open.link == *id).count();
            if usize::try_from(link.opens) != Ok(opens) {
                return Err(format!("`{}` is not opened as often as it says", link.name));
            }
        }
        for file in self.files.values() {
            if file.links.is_empty() || (file.directory && file.links.len() != 1) {
                return Err("a file has no name, or a directory several".to_owned());
            }
            for (name, link) in &file.children {
                let link = self.links.get(link);
                if !link.is_some_and(|link| link.name == *name || link.short_name == *name) {
                    return Err(format!("`{name}` leads nowhere"));
                }
            }
        }
        Ok(())
    }
}
