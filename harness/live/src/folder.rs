//! Folders and files made and removed on the share, on a connection of our own that asks for no oplocks.

use std::collections::{BTreeMap, BTreeSet};
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
/// Folders that are removed in one go: more would hold up a cell that begins meanwhile.
const TOGETHER: usize = 32;
/// Directories below directories; a loop in the file system ends here.
const DEEPEST: usize = 32;

/// What a cell's files are made and removed through.
#[derive(Clone, Debug)]
pub(crate) struct Folder<'a> {
    pub connection: &'a Connection,
}

impl Folder<'_> {
    /// Makes a folder that must not exist; the server's time of its making.
    pub(crate) async fn make(&self, path: &str) -> Result<u64, TargetFault> {
        let answers = self.all(vec![(path.to_owned(), made(directory(path)))]).await?;
        let made = answers.into_iter().flat_map(|(_, answers)| answers).next();
        Ok(match made {
            Some((_, Response::Create(opened))) => opened.times[0],
            _ => 0,
        })
    }

    /// Makes what a cell has at its start, directories before what is in them; a reserved name stays absent.
    pub(crate) async fn make_files(
        &self,
        folder: &str,
        specs: &[FileSpec],
    ) -> Result<(), TargetFault> {
        let mut waves: BTreeMap<usize, Vec<(String, Vec<Request>)>> = BTreeMap::new();
        for spec in specs {
            let path = path_below(folder, &spec.name);
            let requests = match spec.kind {
                FileKind::Absent => continue,
                FileKind::Directory => made(directory(&path)),
                FileKind::File { size } => sized(&path, size),
            };
            // A server may work on what is sent together in any order; a stream goes after its file.
            let depth = path.matches(['\\', ':']).count();
            waves.entry(depth).or_default().push((path, requests));
        }
        for wave in waves.into_values() {
            self.all(wave).await?;
        }
        Ok(())
    }

    /// Removes folders with everything in them, many at a time; one that resists is tried again by itself.
    pub(crate) async fn remove_all(&self, paths: &[String]) -> Result<(), TargetFault> {
        let mut fault = Ok(());
        for paths in paths.chunks(TOGETHER) {
            let resist = self.remove_together(paths).await?;
            for path in resist {
                // The others can still go.
                fault = fault.and(self.remove(&path).await);
            }
        }
        fault
    }

    /// Removes folders, their listings first, then their files, then the folders themselves, each step in one go; those
    /// that are still there.
    async fn remove_together(&self, paths: &[String]) -> Result<Vec<String>, TargetFault> {
        let listings = paths.iter().map(|path| (path.clone(), listing(path))).collect();
        let mut files = Vec::new();
        let mut odd = BTreeSet::new();
        for (path, answers) in self.exchange(listings).await? {
            let entries = answers.into_iter().find_map(|(_, response)| match response {
                Response::QueryDirectory { data } => directory_entries(&data).ok(),
                _ => None,
            });
            let entries = entries.unwrap_or_default().into_iter();
            for entry in entries.filter(|entry| !matches!(entry.name.as_str(), "." | "..")) {
                // Directories in it, or names that lead elsewhere, need a closer look.
                if entry.is_directory() || entry.name.contains(['\\', '/']) {
                    odd.insert(path.clone());
                } else {
                    files.push(path_below(&path, &entry.name));
                }
            }
        }
        let removal = |path: String, kind| {
            let requests = made(removing(&path, kind));
            (path, requests)
        };
        let files = files.into_iter().map(|path| removal(path, CreateOptions::NON_DIRECTORY_FILE));
        // What cannot be removed now keeps its folder.
        self.exchange(files.collect()).await?;
        let plain = paths.iter().filter(|path| !odd.contains(*path)).cloned();
        let folders = plain.map(|path| removal(path, CreateOptions::DIRECTORY_FILE)).collect();
        for (path, answers) in self.exchange(folders).await? {
            let wrong = answers.iter().map(|(status, _)| *status).find(|status| status.is_error());
            if wrong.is_some_and(|status| !is_absent(status)) {
                odd.insert(path);
            }
        }
        Ok(odd.into_iter().collect())
    }

    /// The names of the directories at the top of the share that begin so.
    pub(crate) async fn directories(&self, prefix: &str) -> Result<Vec<String>, TargetFault> {
        let found = self.list_matching("", &format!("{prefix}*")).await?;
        Ok(found
            .into_iter()
            .filter(|(_, is_directory)| *is_directory)
            .map(|(name, _)| name)
            .collect())
    }

    /// Removes what is in a folder, but for one file.
    pub(crate) async fn remove_but(&self, path: &str, stays: &str) -> Result<(), TargetFault> {
        let (directories, files): (Vec<_>, Vec<_>) =
            self.list(path).await?.into_iter().partition(|(_, is_directory)| *is_directory);
        let below = |(name, _): &(String, bool)| path_below(path, name);
        self.remove_all(&directories.iter().map(below).collect::<Vec<_>>()).await?;
        for file in files.iter().filter(|(name, _)| name != stays) {
            self.remove_one(&below(file), CreateOptions::NON_DIRECTORY_FILE).await?;
        }
        Ok(())
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

    /// The names in a folder, and whether each is a folder; none where it is not there.
    async fn list(&self, path: &str) -> Result<Vec<(String, bool)>, TargetFault> {
        self.list_matching(path, "*").await
    }

    async fn list_matching(
        &self,
        path: &str,
        pattern: &str,
    ) -> Result<Vec<(String, bool)>, TargetFault> {
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
            let query = Request::QueryDirectory(query(opened.file, pattern));
            match self.connection.call(query).await? {
                (_, Response::QueryDirectory { data }) => {
                    let entries = directory_entries(&data)
                        .map_err(|error| fault(path, &format!("undecodable listing: {error}")))?;
                    for entry in entries {
                        let is_directory = entry.is_directory();
                        match entry.name.as_str() {
                            "." | ".." => {}
                            // Such a name would lead out of our folder, and so may a link.
                            name if name.contains(['\\', '/']) => {
                                return Err(fault(path, &format!("lists a name `{name}`")));
                            }
                            name if leads_elsewhere(&entry) && !path.is_empty() => {
                                return Err(fault(path, &format!("`{name}` leads elsewhere")));
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
            let status = match self.try_open(removing(path, kind)).await? {
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

    /// Sends compounds one behind the other, then waits for all answers, each of which must be a success.
    async fn all(
        &self,
        compounds: Vec<(String, Vec<Request>)>,
    ) -> Result<Vec<(String, Vec<(Status, Response)>)>, TargetFault> {
        let answered = self.exchange(compounds).await?;
        for (path, answers) in &answered {
            if let Some((status, _)) = answers.iter().find(|(status, _)| status.is_error()) {
                return Err(fault(path, &status.to_string()));
            }
        }
        Ok(answered)
    }

    async fn exchange(
        &self,
        compounds: Vec<(String, Vec<Request>)>,
    ) -> Result<Vec<(String, Vec<(Status, Response)>)>, TargetFault> {
        let mut sent = Vec::with_capacity(compounds.len());
        for (path, requests) in compounds {
            sent.push((path, self.connection.send_related(requests)?));
        }
        let mut answered = Vec::with_capacity(sent.len());
        for (path, answers) in sent {
            answered.push((path, answers.all().await?));
        }
        Ok(answered)
    }

    async fn close(&self, path: &str, file: FileId) -> Result<(), TargetFault> {
        match self.connection.call(closing(file)).await?.0 {
            Status::SUCCESS => Ok(()),
            status => Err(fault(path, &format!("cannot be closed: {status}"))),
        }
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

/// FILE_ATTRIBUTE_REPARSE_POINT (MS-FSCC 2.6): what is behind it is not ours.
pub(crate) const REPARSE_POINT: u32 = 0x0000_0400;

fn leads_elsewhere(entry: &DirectoryEntry) -> bool {
    entry.is_directory() && entry.attributes & REPARSE_POINT != 0
}

/// The making of a directory that must not exist.
fn directory(path: &str) -> CreateRequest {
    CreateRequest {
        disposition: Disposition::Create as u32,
        options: CreateOptions::DIRECTORY_FILE,
        ..opening(path, Access::READ_ATTRIBUTES)
    }
}

/// The making of a file of so many bytes that must not exist, and its close.
fn sized(path: &str, size: u64) -> Vec<Request> {
    let request = CreateRequest {
        disposition: Disposition::Create as u32,
        options: CreateOptions::NON_DIRECTORY_FILE,
        ..opening(path, Access::READ_DATA.union(Access::WRITE_DATA))
    };
    let mut requests = made(request);
    if size > 0 {
        let size = SetInfoRequest {
            file: FileId::RELATED,
            info_type: INFO_FILE,
            class: CLASS_END_OF_FILE,
            data: size.to_le_bytes().to_vec(),
            ..SetInfoRequest::default()
        };
        requests.insert(1, Request::SetInfo(size));
    }
    requests
}

/// The first entries of a folder.
fn listing(path: &str) -> Vec<Request> {
    let request = CreateRequest {
        options: CreateOptions::DIRECTORY_FILE,
        ..opening(path, Access::READ_DATA.union(Access::READ_ATTRIBUTES))
    };
    let mut requests = made(request);
    requests.insert(1, Request::QueryDirectory(query(FileId::RELATED, "*")));
    requests
}

fn query(file: FileId, pattern: &str) -> QueryDirectoryRequest {
    QueryDirectoryRequest {
        file,
        class: DirectoryEntry::CLASS,
        pattern: pattern.to_owned(),
        output_length: LISTING,
        ..QueryDirectoryRequest::default()
    }
}

fn removing(path: &str, kind: CreateOptions) -> CreateRequest {
    CreateRequest {
        options: kind.union(CreateOptions::DELETE_ON_CLOSE),
        ..opening(path, Access::DELETE)
    }
}

/// A create and the close of what it opened.
fn made(request: CreateRequest) -> Vec<Request> {
    vec![Request::Create(request), closing(FileId::RELATED)]
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
