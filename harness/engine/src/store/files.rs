//! Names and files: what exists, and how it comes and goes.

use std::collections::BTreeMap;

use oplock_model::{FileKind, FileSpec, LeaseKey, Status};
use thiserror::Error;

use super::api::{OpenId, StreamId};
use super::objects::{Store, Stream};

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

/// A file or directory (MS-FSA 2.1.1.3 "Per File").
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct File {
    /// Whether it is a directory.
    pub directory: bool,
    /// Its streams by folded name; the primary one has the empty name.
    pub streams: BTreeMap<String, StreamId>,
    /// Marked for deletion by an open with this parent key.
    pub deleted: Option<DeletedBy>,
}

/// Who marked a file for deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct DeletedBy {
    /// The parent oplock key of the open that did.
    pub parent_key: Option<LeaseKey>,
}

/// A parsed path, folded, since names don't differ by case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Name {
    /// Path of the file.
    pub file: String,
    /// Name of the stream, empty for the primary one.
    pub stream: String,
}

impl Name {
    /// Reads `folder/file`, `file:stream`, `file::$DATA` or `file:stream:$DATA`.
    pub fn parse(path: &str) -> Result<Name, Status> {
        let folded = path.to_lowercase();
        let (directory, last) = folded.rsplit_once('/').unwrap_or(("", &folded));
        let mut parts = last.split(':');
        let base = parts.next().unwrap_or_default();
        let stream = parts.next();
        let kind = parts.next();
        let named = folded.is_empty() || !base.is_empty();
        let valid_stream = match (stream, kind) {
            (None, _) => true,
            (Some(stream), None) => !stream.is_empty(),
            (Some(_), Some(kind)) => kind == "$data",
        };
        let valid_directory = !directory.contains(':')
            && (directory.is_empty() || directory.split('/').all(|part| !part.is_empty()));
        if !named || !valid_stream || !valid_directory || parts.next().is_some() {
            return Err(Status::OBJECT_NAME_INVALID);
        }
        let file = match folded.rfind('/') {
            Some(_) => format!("{directory}/{base}"),
            None => base.to_owned(),
        };
        if file.starts_with('/') {
            return Err(Status::OBJECT_NAME_INVALID);
        }
        Ok(Name { file, stream: stream.unwrap_or_default().to_owned() })
    }

    /// Path of the directory that the file is in; the root is its own parent.
    pub fn parent(&self) -> &str {
        parent(&self.file)
    }
}

/// Path of the directory that a path is in.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
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
        if !self.files.get(name.parent()).is_some_and(|parent| parent.directory) {
            return Err(AddError::NoParent(spec.name.clone()));
        }
        let known = self.files.get(&name.file);
        let taken = known.is_some_and(|file| file.streams.contains_key(&name.stream));
        if taken || (directory && !name.stream.is_empty()) {
            return Err(AddError::Exists(spec.name.clone()));
        }
        if known.is_none() {
            self.insert_file(name.file.clone(), directory);
        }
        if !name.stream.is_empty() {
            self.insert_named_stream(&name);
        }
        if let Some(stream) = self.stream_named(&name).and_then(|id| self.streams.get_mut(&id)) {
            stream.size = size;
        }
        Ok(())
    }

    /// Makes a file with its primary stream.
    pub(super) fn insert_file(&mut self, path: String, directory: bool) -> StreamId {
        let primary = self.insert_stream(Stream { file: path.clone(), ..Stream::default() });
        let streams = BTreeMap::from([(String::new(), primary)]);
        self.files.insert(path, File { directory, streams, deleted: None });
        primary
    }

    /// Makes a named stream of an existing file.
    pub(super) fn insert_named_stream(&mut self, name: &Name) -> Option<StreamId> {
        let stream =
            Stream { file: name.file.clone(), name: name.stream.clone(), ..Stream::default() };
        let id = self.insert_stream(stream);
        self.files.get_mut(&name.file)?.streams.insert(name.stream.clone(), id);
        Some(id)
    }

    /// The stream of that name, where it exists.
    pub(super) fn stream_named(&self, name: &Name) -> Option<StreamId> {
        self.files.get(&name.file)?.streams.get(&name.stream).copied()
    }

    /// The file of an open.
    pub(super) fn file_of(&self, open: OpenId) -> Option<&File> {
        self.files.get(&self.stream(open)?.file)
    }

    /// Whether the file or the stream of an open is marked for deletion.
    pub(super) fn is_deleted(&self, open: OpenId) -> bool {
        self.file_of(open).is_some_and(|file| file.deleted.is_some())
            || self.stream(open).is_some_and(|stream| stream.deleted)
    }

    /// Whether anything opens that stream.
    pub(super) fn is_open(&self, stream: StreamId) -> bool {
        self.opens.values().any(|open| open.stream == stream)
    }

    /// Whether a directory has anything in it.
    pub(super) fn has_children(&self, path: &str) -> bool {
        self.files.keys().any(|file| !file.is_empty() && parent(file) == path)
    }

    /// Takes a stream away, and lets go on who waits on it.
    pub(super) fn remove_stream(&mut self, id: StreamId) {
        let Some(stream) = self.streams.remove(&id) else { return };
        for waiter in stream.oplock.wait_list {
            self.effects.released.push_back(waiter.ticket);
        }
        if let Some(file) = self.files.get_mut(&stream.file) {
            file.streams.retain(|_, other| *other != id);
        }
    }
}
