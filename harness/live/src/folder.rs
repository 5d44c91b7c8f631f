//! Folders and files made and removed on the share, on a connection of our own that asks for no oplocks.

use std::time::Duration;

use oplock_model::{
    Access, CreateOptions, Disposition, FileId, FileKind, FileSpec, OplockLevel, Share, Status,
    TargetFault,
};
use oplock_wire::{
    CreateRequest, CreateResponse, DirectoryEntry, QueryDirectoryRequest, Request, Response,
    SetInfoRequest, directory_entries,
};

use crate::connection::Connection;
use crate::request::path_below;

/// ImpersonationLevel Impersonation (MS-SMB2 2.2.13).
const IMPERSONATION: u32 = 2;
/// InfoType file, FileEndOfFileInformation (MS-SMB2 2.2.39, MS-FSCC 2.4.14).
const INFO_FILE: u8 = 1;
const CLASS_END_OF_FILE: u8 = 20;
/// Bytes of directory entries asked at once: one credit's worth.
const LISTING: u32 = 65536;
/// How long a file may be held by what a lost connection left open.
const REMOVE_TRIES: u32 = 50;
const REMOVE_PAUSE: Duration = Duration::from_millis(20);
/// Directories below directories; a loop in the file system ends here.
const DEEPEST: usize = 32;

/// What a cell's files are made and removed through.
#[derive(Clone, Debug)]
pub(crate) struct Folder<'a> {
    pub connection: &'a Connection,
}

impl Folder<'_> {
    /// Makes a folder that must not exist.
    pub(crate) async fn make(&self, path: &str) -> Result<(), TargetFault> {
        let request = CreateRequest {
            disposition: Disposition::Create as u32,
            options: CreateOptions::DIRECTORY_FILE,
            ..opening(path, Access::READ_ATTRIBUTES)
        };
        let opened = self.open(path, request).await?;
        self.close(path, opened.file).await
    }

    /// Makes what a cell has at its start; a reserved name stays absent.
    pub(crate) async fn make_file(&self, folder: &str, spec: &FileSpec) -> Result<(), TargetFault> {
        let path = path_below(folder, &spec.name);
        match spec.kind {
            FileKind::Absent => Ok(()),
            FileKind::Directory => self.make(&path).await,
            FileKind::File { size } => {
                let request = CreateRequest {
                    disposition: Disposition::Create as u32,
                    options: CreateOptions::NON_DIRECTORY_FILE,
                    ..opening(&path, Access::READ_DATA.union(Access::WRITE_DATA))
                };
                let opened = self.open(&path, request).await?;
                if size > 0 {
                    self.set_size(&path, opened.file, size).await?;
                }
                self.close(&path, opened.file).await
            }
        }
    }

    /// Removes a folder with everything in it.
    pub(crate) async fn remove(&self, path: &str) -> Result<(), TargetFault> {
        // Each folder is listed, its folders put behind it, its files removed; then the folders go, the deepest first.
        let mut folders = vec![(path.to_owned(), 0)];
        let mut next = 0;
        while let Some((folder, depth)) = folders.get(next).cloned() {
            next += 1;
            for (name, is_directory) in self.list(&folder).await? {
                let child = path_below(&folder, &name);
                if is_directory && depth < DEEPEST {
                    folders.push((child, depth + 1));
                } else {
                    self.remove_one(&child, CreateOptions::NON_DIRECTORY_FILE).await?;
                }
            }
        }
        for (folder, _) in folders.iter().rev() {
            self.remove_one(folder, CreateOptions::DIRECTORY_FILE).await?;
        }
        Ok(())
    }

    async fn list(&self, path: &str) -> Result<Vec<(String, bool)>, TargetFault> {
        let request = CreateRequest {
            options: CreateOptions::DIRECTORY_FILE,
            ..opening(path, Access::READ_DATA.union(Access::READ_ATTRIBUTES))
        };
        let opened = match self.try_open(request).await? {
            Ok(opened) => opened,
            Err(status) if is_absent(status) => return Ok(Vec::new()),
            Err(status) => return Err(fault(path, &status.to_string())),
        };
        let mut names = Vec::new();
        loop {
            let query = QueryDirectoryRequest {
                file: opened.file,
                class: DirectoryEntry::CLASS,
                pattern: "*".to_owned(),
                output_length: LISTING,
                ..QueryDirectoryRequest::default()
            };
            match self.connection.call(Request::QueryDirectory(query)).await? {
                (_, Response::QueryDirectory { data }) => {
                    let entries = directory_entries(&data)
                        .map_err(|error| fault(path, &format!("undecodable listing: {error}")))?;
                    for entry in entries {
                        let is_directory = entry.is_directory();
                        match entry.name.as_str() {
                            "." | ".." => {}
                            // Such a name would lead out of our folder.
                            name if name.contains(['\\', '/']) => {
                                return Err(fault(path, &format!("lists a name `{name}`")));
                            }
                            _ => names.push((entry.name, is_directory)),
                        }
                    }
                }
                // STATUS_NO_MORE_FILES, or whatever else ends the listing: what is left over then fails the removal.
                _ => break,
            }
        }
        self.close(path, opened.file).await?;
        Ok(names)
    }

    /// Removes one file or one empty folder; what is not there is removed already.
    pub(crate) async fn remove_one(
        &self,
        path: &str,
        kind: CreateOptions,
    ) -> Result<(), TargetFault> {
        let mut tries = 0;
        loop {
            let request = CreateRequest {
                options: kind.union(CreateOptions::DELETE_ON_CLOSE),
                ..opening(path, Access::DELETE)
            };
            let status = match self.try_open(request).await? {
                Ok(opened) => match self.connection.call(closing(opened.file)).await?.0 {
                    Status::SUCCESS => return Ok(()),
                    status => status,
                },
                Err(status) if is_absent(status) => return Ok(()),
                Err(status) => status,
            };
            tries += 1;
            if tries >= REMOVE_TRIES {
                return Err(fault(path, &format!("cannot be removed: {status}")));
            }
            tokio::time::sleep(REMOVE_PAUSE).await;
        }
    }

    async fn set_size(&self, path: &str, file: FileId, size: u64) -> Result<(), TargetFault> {
        let request = SetInfoRequest {
            file,
            info_type: INFO_FILE,
            class: CLASS_END_OF_FILE,
            data: size.to_le_bytes().to_vec(),
            ..SetInfoRequest::default()
        };
        match self.connection.call(Request::SetInfo(request)).await?.0 {
            Status::SUCCESS => Ok(()),
            status => Err(fault(path, &format!("cannot be made {size} bytes long: {status}"))),
        }
    }

    async fn close(&self, path: &str, file: FileId) -> Result<(), TargetFault> {
        match self.connection.call(closing(file)).await?.0 {
            Status::SUCCESS => Ok(()),
            status => Err(fault(path, &format!("cannot be closed: {status}"))),
        }
    }

    async fn open(
        &self,
        path: &str,
        request: CreateRequest,
    ) -> Result<CreateResponse, TargetFault> {
        self.try_open(request).await?.map_err(|status| fault(path, &status.to_string()))
    }

    /// An answer that is no success is its status.
    pub(crate) async fn try_open(
        &self,
        request: CreateRequest,
    ) -> Result<Result<CreateResponse, Status>, TargetFault> {
        let path = request.name.clone();
        match self.connection.call(Request::Create(request)).await? {
            (_, Response::Create(opened)) => Ok(Ok(opened)),
            (status, _) if status.is_error() => Ok(Err(status)),
            (status, _) => Err(fault(&path, &format!("opened with {status} but without a handle"))),
        }
    }

    /// Closes, whatever the answer.
    pub(crate) async fn let_go(&self, file: FileId) -> Result<(), TargetFault> {
        self.connection.call(closing(file)).await.map(|_| ())
    }
}

/// A CREATE of an existing file that shares everything and asks for no oplock.
pub(crate) fn opening(path: &str, access: Access) -> CreateRequest {
    CreateRequest {
        level: OplockLevel::NONE,
        impersonation: IMPERSONATION,
        access,
        share: Share::ALL,
        disposition: Disposition::Open as u32,
        name: path.to_owned(),
        ..CreateRequest::default()
    }
}

fn closing(file: FileId) -> Request {
    Request::Close { file, flags: 0 }
}

fn is_absent(status: Status) -> bool {
    matches!(
        status,
        Status::OBJECT_NAME_NOT_FOUND | Status::OBJECT_PATH_NOT_FOUND | Status::NO_SUCH_FILE
    )
}

fn fault(path: &str, reason: &str) -> TargetFault {
    TargetFault::Setup { name: path.to_owned(), reason: reason.to_owned() }
}
