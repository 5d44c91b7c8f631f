//! The one folder of a run, on each share that it uses: made, marked as alive, filled with a folder per cell, removed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex as Plain, PoisonError};

use oplock_model::{
    Access, CreateOptions, Disposition, FileId, FileSpec, Share, ShareKind, Status, TargetFault,
};
use oplock_wire::CreateRequest;
use tokio::sync::Mutex;

use crate::connection::Connection;
use crate::folder::{Folder, opening};
use crate::place::{Place, Ways};
use crate::pool::{Client, Pool};
use crate::request::path_below;
use crate::room::Room;

/// How the name of every run's folder begins.
pub(crate) const PREFIX: &str = "oplock-conformance-";
/// A file in a run's folder that the run holds open and shares with nobody, as long as it lives: who can open it may sweep.
pub(crate) const ALIVE: &str = "alive";
/// The leg of our own clients, which no cell ever has.
const OWN: usize = usize::MAX;
/// Characters of a cell's id in its folder's name.
const LONGEST_NAME: usize = 80;
/// Folders of cells that are over, before they are removed: at the end of the run, when no cell waits for the server,
/// or in between where they become too many.
const SPENT: usize = 256;

/// The folder of a run.
#[derive(Debug)]
pub(crate) struct RunFolder {
    name: String,
    pool: Pool,
    /// A connection of our own on each share that was ever used.
    /// Nothing where the folder is there and the connection was lost.
    owners: Mutex<BTreeMap<ShareKind, Option<Owner>>>,
    /// Folders of cells that are over.
    spent: Plain<BTreeMap<ShareKind, Vec<String>>>,
    /// Whether some of them may be kept, and so none goes before the end.
    keeps: bool,
    /// The shares on which a folder is kept.
    kept: Plain<BTreeSet<ShareKind>>,
    cells: AtomicU64,
}

/// Who makes and removes on a share.
#[derive(Debug)]
struct Owner {
    client: Client,
    /// The mark of life that it holds.
    alive: Option<FileId>,
}

impl Owner {
    fn connection(&self) -> Result<Connection, TargetFault> {
        let connection = self.client.connections.first().cloned();
        connection.ok_or_else(|| TargetFault::Internal("a client without a connection".to_owned()))
    }
}

impl RunFolder {
    pub(crate) fn new(run_id: &str, ways: Ways, room: Arc<Room>, keeps: bool) -> RunFolder {
        RunFolder {
            name: format!("{PREFIX}{}", escaped(run_id)),
            pool: Pool::new(OWN, ways, room),
            owners: Mutex::default(),
            spent: Plain::default(),
            keeps,
            kept: Plain::default(),
            cells: AtomicU64::new(0),
        }
    }

    /// Clients of our own.
    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Makes the folder on the plain share, with the client that logged in first.
    pub(crate) async fn begin(&self, client: Client) -> Result<(), TargetFault> {
        let mut owners = self.owners.lock().await;
        owners.insert(ShareKind::Plain, Some(self.settle(client, true).await?));
        Ok(())
    }

    /// Makes a fresh folder for a cell, with its files; its path below the share.
    pub(crate) async fn make_cell(
        &self,
        share: ShareKind,
        cell: &str,
        files: &[FileSpec],
    ) -> Result<String, TargetFault> {
        let number = self.cells.fetch_add(1, Ordering::Relaxed);
        let path = path_below(&self.name, &format!("{number:04}-{}", escaped(cell)));
        let connection = self.connection(share).await?;
        match fill(&Folder { connection: &connection }, &path, files).await {
            Ok(()) => Ok(path),
            Err(fault) => {
                if matches!(fault, TargetFault::Lost(_)) {
                    // It answers nobody any more, so the next cell need not wait for that.
                    connection.drop_transport();
                }
                Err(fault)
            }
        }
    }

    /// A cell is over; its folder goes later, together with others.
    pub(crate) async fn spend(&self, share: ShareKind, path: String) {
        let full = {
            let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
            let paths = spent.entry(share).or_default();
            paths.push(path);
            let full = paths.len() >= SPENT && !self.keeps;
            if full { std::mem::take(paths) } else { Vec::new() }
        };
        if !full.is_empty()
            && let Ok(connection) = self.connection(share).await
        {
            // What resists goes, or stays, with the run's folder.
            let _ = Folder { connection: &connection }.remove_all(&full).await;
        }
    }

    /// Keeps the folder of a cell that is over, and with it the run's; the share that has it.
    pub(crate) fn keep(&self, path: &str) -> Option<ShareKind> {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let found = spent.iter_mut().find_map(|(share, paths)| {
            let at = paths.iter().position(|spent| spent == path).filter(|_| self.keeps)?;
            paths.swap_remove(at);
            Some(*share)
        });
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        found
    }

    /// Removes the folder from every share that has it; where a cell's is kept, everything else.
    pub(crate) async fn remove(&self) {
        let spent = std::mem::take(&mut *self.spent.lock().unwrap_or_else(PoisonError::into_inner));
        let shares: Vec<ShareKind> = self.owners.lock().await.keys().copied().collect();
        for share in shares {
            // What stays on one share is no reason to leave it on another.
            let _ = self.remove_from(share, spent.get(&share)).await;
        }
    }

    async fn remove_from(
        &self,
        share: ShareKind,
        spent: Option<&Vec<String>>,
    ) -> Result<(), TargetFault> {
        let mut owners = self.owners.lock().await;
        let owner = owners.remove(&share).flatten().filter(|owner| owner.client.is_sound());
        // Where the connection is lost, one try must do: the server may be gone.
        let owner = match owner {
            Some(owner) => owner,
            None => {
                Owner { client: self.pool.try_open(&[Place::of_share(share)]).await?, alive: None }
            }
        };
        let connection = owner.connection()?;
        let folder = Folder { connection: &connection };
        // One that resists is tried once more with the whole.
        let _ = folder.remove_all(spent.map_or(&[], Vec::as_slice)).await;
        // Nothing is alive from here on, and the mark goes with the folder.
        if let Some(alive) = owner.alive {
            folder.let_go(alive).await?;
        }
        if self.kept.lock().unwrap_or_else(PoisonError::into_inner).contains(&share) {
            // The mark stays, so that the next run knows that this one is over.
            return Ok(());
        }
        folder.remove(&self.name).await
    }

    /// The connection for folders and files of a share; a fresh one where the last was lost.
    pub(crate) async fn connection(&self, share: ShareKind) -> Result<Connection, TargetFault> {
        let mut owners = self.owners.lock().await;
        let is_new = !owners.contains_key(&share);
        if let Some(Some(owner)) = owners.get(&share)
            && owner.client.is_sound()
        {
            return owner.connection();
        }
        if let Some(lost) = owners.get_mut(&share) {
            // Its room is the next one's.
            *lost = None;
        }
        let client = self.pool.open(&[Place::of_share(share)]).await?;
        let owner = self.settle(client, is_new).await?;
        let connection = owner.connection();
        owners.insert(share, Some(owner));
        connection
    }

    /// Makes the folder where this is the first client on its share, and holds the mark of life.
    async fn settle(&self, mut client: Client, is_new: bool) -> Result<Owner, TargetFault> {
        client.slots.stand();
        let mut owner = Owner { client, alive: None };
        let connection = owner.connection()?;
        let folder = Folder { connection: &connection };
        if is_new {
            folder.make(&self.name).await?;
        }
        let mark = CreateRequest {
            disposition: Disposition::OpenIf as u32,
            options: CreateOptions::NON_DIRECTORY_FILE,
            share: Share::NONE,
            ..opening(&path_below(&self.name, ALIVE), Access::READ_DATA)
        };
        owner.alive = match folder.try_open(mark).await? {
            Ok(opened) => Some(opened.file),
            // The server still has the one of the connection that was lost, which says the same.
            Err(Status::SHARING_VIOLATION) if !is_new => None,
            Err(status) => {
                let name = path_below(&self.name, ALIVE);
                return Err(TargetFault::Setup { name, reason: status.to_string() });
            }
        };
        Ok(owner)
    }
}

/// Makes a cell's folder and what is in it.
async fn fill(folder: &Folder<'_>, path: &str, files: &[FileSpec]) -> Result<(), TargetFault> {
    folder.make(path).await?;
    folder.make_files(path, files).await
}

/// Whether a name is one that a run gives its folder.
pub(crate) fn is_name(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|id| !id.is_empty() && escaped(id) == id)
}

/// A name that every server takes: letters, digits, `-`, `_`, `=`, everything else an underscore, cut.
fn escaped(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '=');
    name.chars().take(LONGEST_NAME).map(|c| if plain(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_ours_is_known_by_its_name() {
        let ours = ["oplock-conformance-1", "oplock-conformance-nightly_7=x"];
        let others = ["oplock-conformance", "oplock-conformance-", "oplock-conformance-a b", "x"];
        assert!(ours.iter().all(|name| is_name(name)));
        assert!(!others.iter().any(|name| is_name(name)));
    }

    #[test]
    fn names_of_folders_cannot_lead_elsewhere() {
        assert_eq!(escaped("lease/break/held=RW,op=read-open"), "lease_break_held=RW_op=read-open");
        assert_eq!(escaped(r"..\..\x"), "______x");
        assert_eq!(escaped(&"x".repeat(300)).len(), LONGEST_NAME);
    }
}
