//! More calls of the bench: everything that callers do to files.

use oplock_model::{
    Access, BasicInfo, Control, FileKind, FileSpec, LeaseKey, Level, LockRange, QueryInfo, SetInfo,
};

use super::bench::{Bench, K1, K2, plain};
use crate::store::{CreateArgs, OpenId};

impl Bench {
    /// Adds a file of that size.
    pub fn file(&mut self, name: &str, size: u64) {
        self.store
            .add(&FileSpec { name: name.to_owned(), kind: FileKind::File { size } })
            .expect("a file of ours");
    }

    /// Adds a directory.
    pub fn directory(&mut self, name: &str) {
        self.store
            .add(&FileSpec { name: name.to_owned(), kind: FileKind::Directory })
            .expect("a directory of ours");
    }

    /// What has been said, and then an oplock that must be granted.
    pub fn grant_after(&mut self, said: &str, open: OpenId, level: Level) {
        assert_eq!(self.said(), said);
        self.grant(open, level);
    }

    pub fn flush(&mut self, label: &'static str, open: OpenId) {
        let ticket = self.call(label);
        self.store.flush(ticket, open);
    }

    /// An exclusive lock that fails at once where it conflicts.
    pub fn lock(&mut self, label: &'static str, open: OpenId, offset: u64, length: u64) {
        let ticket = self.call(label);
        self.store.lock(ticket, open, exclusive(offset, length), true);
    }

    /// Any lock, which waits where it conflicts.
    pub fn lock_waiting(&mut self, label: &'static str, open: OpenId, range: LockRange) {
        let ticket = self.call(label);
        self.store.lock(ticket, open, range, false);
    }

    pub fn unlock(&mut self, label: &'static str, open: OpenId, offset: u64, length: u64) {
        let ticket = self.call(label);
        self.store.unlock(ticket, open, exclusive(offset, length));
    }

    pub fn set(&mut self, label: &'static str, open: OpenId, info: SetInfo) {
        let ticket = self.call(label);
        self.store.set_info(ticket, open, &info);
    }

    pub fn rename(&mut self, label: &'static str, open: OpenId, to: &str) {
        self.set(label, open, SetInfo::Rename { to: to.to_owned(), replace: false });
    }

    pub fn replace(&mut self, label: &'static str, open: OpenId, to: &str) {
        self.set(label, open, SetInfo::Rename { to: to.to_owned(), replace: true });
    }

    pub fn link(&mut self, label: &'static str, open: OpenId, to: &str) {
        self.set(label, open, SetInfo::Link { to: to.to_owned(), replace: false });
    }

    pub fn query(&mut self, label: &'static str, open: OpenId, info: QueryInfo) {
        let ticket = self.call(label);
        self.store.query(ticket, open, info);
    }

    pub fn control(&mut self, label: &'static str, open: OpenId, control: &Control) {
        let ticket = self.call(label);
        self.store.control(ticket, open, control, None);
    }

    pub fn copy(&mut self, label: &'static str, from: OpenId, to: OpenId, control: &Control) {
        let ticket = self.call(label);
        self.store.control(ticket, to, control, Some(from));
    }

    pub fn map(&mut self, label: &'static str, open: OpenId, writable: bool) {
        let ticket = self.call(label);
        self.store.map_section(ticket, open, writable);
    }

    pub fn unmap(&mut self, label: &'static str, open: OpenId) {
        let ticket = self.call(label);
        self.store.unmap_section(ticket, open);
    }
}

/// A holder of that level with key K1 on a path, and an open with key K2 and full access beside it that broke nothing.
pub fn beside_on(bench: &mut Bench, path: &str, held: Level) -> (OpenId, OpenId) {
    let holder = bench.hold(opening(path, K1), held);
    let other = bench.open(CreateArgs { access: Access::ATTRIBUTES, ..opening(path, K2) });
    // The tables are about what comes after the open: it has more access than it was let in with.
    if let Some(open) = bench.store.opens.get_mut(&other) {
        open.access = Access::FULL;
    }
    (holder, other)
}

/// The same on `f`.
pub fn beside(bench: &mut Bench, held: Level) -> (OpenId, OpenId) {
    beside_on(bench, "f", held)
}

/// An exclusive range.
pub fn exclusive(offset: u64, length: u64) -> LockRange {
    LockRange { offset, length, exclusive: true }
}

/// A shared range.
pub fn shared(offset: u64, length: u64) -> LockRange {
    LockRange { offset, length, exclusive: false }
}

/// A plain open with full access of another file.
pub fn opening(path: &str, key: Option<LeaseKey>) -> CreateArgs {
    CreateArgs { path: path.to_owned(), ..plain(key) }
}

/// The same with a parent key.
pub fn within(path: &str, parent_key: Option<LeaseKey>) -> CreateArgs {
    CreateArgs { parent_key, ..opening(path, None) }
}

/// Basic information with these attributes.
pub fn attributes(attributes: u32) -> SetInfo {
    SetInfo::Basic(BasicInfo { attributes, ..BasicInfo::default() })
}

/// FileDispositionInformation that deletes.
pub const DELETE: SetInfo = SetInfo::Disposition { delete: true };
