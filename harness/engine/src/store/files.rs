//! Names and files: what exists, and how it comes and goes (MS-FSA 2.1.1.3 "Per File", 2.1.1.4 "Per Link").

use std::collections::BTreeMap;

use oplock_model::{FileKind, FileSpec, LeaseKey, Status};
use thiserror::Error;

use super::api::{OpenId, StreamId};
use super::names::Name;
use super::objects::{Store, Stream};
use super::table::Table;

/// Why a file could not be added.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AddError {
    /// The name is no name of a file.
    #[error("`{0}` is no file name")]
    Name(String),
    /// The name is taken.
    #[error("`{0}` exists already")]
    Exists(String),
    /// There is no directory to put it into.
    #[error("`{0}` has no parent directory")]
    NoParent(String),
}

/// A file, whatever its names are; never used twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct FileNumber(pub u32);

/// One name of a file; never used twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct LinkId(pub u32);

/// The root directory.
pub(super) const ROOT: FileNumber = FileNumber(0);
/// The root's link, which leads to itself and has no name.
pub(super) const ROOT_LINK: LinkId = LinkId(0);

/// FILE_ATTRIBUTE_READONLY.
pub(super) const READ_ONLY: u32 = 0x1;
/// FILE_ATTRIBUTE_ARCHIVE, which a new file has.
const ARCHIVE: u32 = 0x20;

/// A file or directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct File {
    /// Whether it is a directory.
    pub directory: bool,
    /// FileAttributes, without those that say what kind of file it is.
    pub attributes: u32,
    /// Its data, or the directory itself.
    pub primary: StreamId,
    /// Its other streams by folded name.
    pub named: BTreeMap<String, StreamId>,
    /// Its names; a directory has one.
    pub links: Vec<LinkId>,
    /// What a directory contains, by folded long and short names.
    pub children: Table<String, LinkId>,
}

impl File {
    /// The stream of that folded name, the empty one being the primary.
    pub fn stream(&self, name: &str) -> Option<StreamId> {
        if name.is_empty() { Some(self.primary) } else { self.named.get(name).copied() }
    }

    /// All streams, the primary one first.
    pub fn streams(&self) -> impl Iterator<Item = StreamId> + '_ {
        std::iter::once(self.primary).chain(self.named.values().copied())
    }
}

/// A name of a file in a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Link {
    /// The file.
    pub file: FileNumber,
    /// The directory.
    pub parent: FileNumber,
    /// Its folded name there.
    pub name: String,
    /// Its folded short name, empty where it has none.
    pub short_name: String,
    /// Marked for deletion by an open with this parent key.
    pub deleted: Option<DeletedBy>,
    /// How many opens came by this name.
    pub opens: u32,
}

/// Who marked a file for deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct DeletedBy {
    /// The parent oplock key of the open that did.
    pub parent_key: Option<LeaseKey>,
}

/// Where a name leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// The directory.
    pub parent: FileNumber,
    /// What has that name there.
    pub link: Option<LinkId>,
}

impl Store {
    /// Adds what exists before the first call; an absent file is only a reserved name, so nothing is added.
    ///
    /// # Errors
    /// An [`AddError`] where the name is bad or taken, or has no parent directory.
    pub fn add(&mut self, spec: &FileSpec) -> Result<(), AddError> {
        let name = Name::parse(&spec.name).map_err(|_| AddError::Name(spec.name.clone()))?;
        let size = match spec.kind {
            FileKind::Absent => return Ok(()),
            FileKind::Directory => 0,
            FileKind::File { size } => size,
        };
        let directory = spec.kind == FileKind::Directory;
        let Ok(place) = self.find(&name) else {
            return Err(AddError::NoParent(spec.name.clone()));
        };
        let known = place.link.and_then(|link| self.stream_at(link, &name.stream));
        if known.is_some() || (directory && (!name.stream.is_empty() || place.link.is_some())) {
            return Err(AddError::Exists(spec.name.clone()));
        }
        let link = match place.link {
            Some(link) => link,
            None => self.insert_file(place.parent, name.last(), directory),
        };
        let stream = match self.stream_at(link, &name.stream) {
            Some(stream) => Some(stream),
            None => self.insert_named_stream(link, &name.stream),
        };
        if let Some(stream) = stream.and_then(|id| self.streams.get_mut(&id)) {
            stream.set_size(size);
        }
        Ok(())
    }

    /// Where a name leads; fails where a directory on the way is none.
    pub(super) fn find(&self, name: &Name) -> Result<Place, Status> {
        if name.is_root() {
            return Ok(Place { parent: ROOT, link: Some(ROOT_LINK) });
        }
        let mut parent = ROOT;
        for part in name.directories() {
            let link = self.child(parent, part).and_then(|link| self.links.get(&link));
            let file = link.map(|link| link.file).filter(|file| self.is_directory_file(*file));
            parent = file.ok_or(Status::OBJECT_PATH_NOT_FOUND)?;
        }
        Ok(Place { parent, link: self.child(parent, name.last()) })
    }

    /// What has that folded name in a directory.
    pub(super) fn child(&self, directory: FileNumber, name: &str) -> Option<LinkId> {
        self.files.get(&directory)?.children.get(name).copied()
    }

    /// The stream of that folded name of the file that a link leads to.
    pub(super) fn stream_at(&self, link: LinkId, stream: &str) -> Option<StreamId> {
        self.files.get(&self.links.get(&link)?.file)?.stream(stream)
    }

    /// Makes a file with its primary stream and its first name.
    pub(super) fn insert_file(
        &mut self,
        parent: FileNumber,
        name: &str,
        directory: bool,
    ) -> LinkId {
        self.last_file = self.last_file.wrapping_add(1);
        let file = FileNumber(self.last_file);
        let primary = self.insert_stream(Stream { file, directory, ..Stream::default() });
        let attributes = if directory { 0 } else { ARCHIVE };
        self.files.insert(file, File { directory, attributes, primary, ..File::default() });
        self.insert_link(file, parent, name)
    }

    /// Gives a file one more name.
    pub(super) fn insert_link(
        &mut self,
        file: FileNumber,
        parent: FileNumber,
        name: &str,
    ) -> LinkId {
        self.last_link = self.last_link.wrapping_add(1);
        let id = LinkId(self.last_link);
        self.links.insert(id, Link { file, parent, name: name.to_owned(), ..Link::default() });
        if let Some(file) = self.files.get_mut(&file) {
            file.links.push(id);
        }
        if let Some(parent) = self.files.get_mut(&parent) {
            parent.children.insert(name.to_owned(), id);
        }
        id
    }

    /// Makes a named stream of an existing file.
    pub(super) fn insert_named_stream(&mut self, link: LinkId, name: &str) -> Option<StreamId> {
        let file = self.links.get(&link)?.file;
        let id = self.insert_stream(Stream { file, name: name.to_owned(), ..Stream::default() });
        self.files.get_mut(&file)?.named.insert(name.to_owned(), id);
        Some(id)
    }

    /// Whether the name or the stream of an open is marked for deletion.
    pub(super) fn is_deleted(&self, open: OpenId) -> bool {
        let Some(found) = self.opens.get(&open) else { return false };
        self.is_link_deleted(found.link)
            || self.streams.get(&found.stream).is_some_and(|stream| stream.deleted)
    }

    /// Whether a name is marked for deletion.
    pub(super) fn is_link_deleted(&self, link: LinkId) -> bool {
        self.links.get(&link).is_some_and(|link| link.deleted.is_some())
    }

    /// Whether a directory is marked for deletion, so that nothing can come into it.
    pub(super) fn is_directory_deleted(&self, directory: FileNumber) -> bool {
        let file = self.files.get(&directory);
        file.is_some_and(|file| file.links.iter().any(|link| self.is_link_deleted(*link)))
    }

    /// Whether anything opens that stream.
    pub(super) fn is_open(&self, stream: StreamId) -> bool {
        self.streams.get(&stream).is_some_and(|stream| !stream.opens.is_empty())
    }

    /// Whether that file is a directory.
    pub(super) fn is_directory_file(&self, file: FileNumber) -> bool {
        self.files.get(&file).is_some_and(|file| file.directory)
    }

    /// Whether a directory has anything in it.
    pub(super) fn has_children(&self, directory: FileNumber) -> bool {
        self.files.get(&directory).is_some_and(|file| !file.children.is_empty())
    }

    /// Whether the stream's file has FILE_ATTRIBUTE_READONLY: nobody may open it to change its data.
    pub(super) fn is_read_only(&self, stream: StreamId) -> bool {
        let file = self.streams.get(&stream).and_then(|stream| self.files.get(&stream.file));
        file.is_some_and(|file| !file.directory && file.attributes & READ_ONLY != 0)
    }

    /// Takes a name away, and with the last one the file.
    pub(super) fn remove_link(&mut self, id: LinkId) {
        let Some(link) = self.links.remove(&id) else { return };
        if let Some(parent) = self.files.get_mut(&link.parent) {
            parent.children.remove(&link.name);
            parent.children.remove(&link.short_name);
        }
        let Some(file) = self.files.get_mut(&link.file) else { return };
        file.links.retain(|other| *other != id);
        if file.links.is_empty()
            && let Some(file) = self.files.remove(&link.file)
        {
            for stream in file.streams() {
                self.remove_stream(stream);
            }
        }
    }

    /// Takes a stream away, and lets go on who waits on it.
    pub(super) fn remove_stream(&mut self, id: StreamId) {
        let Some(stream) = self.streams.remove(&id) else { return };
        for waiter in stream.oplock.wait_list {
            self.effects.released.push_back(waiter.ticket);
        }
        if let Some(file) = self.files.get_mut(&stream.file) {
            file.named.remove(&stream.name);
        }
    }
}
