//! What runs that were killed left on a share: found, and removed on demand.
//!
//! A living run holds the mark in its folder open and shares it with nobody, so whoever can open the mark knows that its
//! run is over. A folder without one may be of a run that begins this very moment, and counts as left over only once it
//! has not been written to for a while.

use oplock_model::{Access, CreateOptions, Share, ShareKind, Status, TargetFault};
use oplock_wire::{CreateRequest, CreateResponse};

use crate::folder::{Folder, REPARSE_POINT, opening};
use crate::place::Place;
use crate::request::path_below;
use crate::run_folder::{ALIVE, PREFIX, is_name};
use crate::target::Server;

/// How long a folder without a mark must have been left alone, in the server's time: ten minutes, in 100 ns.
const OLD: u64 = 600 * 10_000_000;
/// FILE_OPEN_REPARSE_POINT (MS-SMB2 2.2.13, CreateOptions): a link is looked at, not followed.
const OPEN_REPARSE_POINT: CreateOptions = CreateOptions(0x0020_0000);

/// The folder of another run on a share of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOver {
    /// The share's name.
    pub share: String,
    /// The folder's name.
    pub folder: String,
    /// What is known of its run.
    pub run: OtherRun,
}

/// What is known of another run by its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OtherRun {
    /// It is over: its folder may go.
    Dead,
    /// It lives, or nobody can say that it does not; why.
    Living(&'static str),
    /// It was over, and its folder is gone.
    Swept,
    /// It is over, and its folder could not be removed; why.
    Stays(String),
}

impl Server {
    /// The folders of other runs on every share of the target; those of dead runs are removed where `sweep` says so.
    pub(crate) async fn left_overs(&self, sweep: bool) -> Result<Vec<LeftOver>, TargetFault> {
        let kinds = [ShareKind::Plain].into_iter().chain(self.options.shares.keys().copied());
        let mut found = Vec::new();
        for kind in kinds {
            let of_share = self.on_share(kind, sweep).await;
            match of_share {
                Ok(left) => found.extend(left),
                // A further share need not be there; the first must.
                Err(_) if kind != ShareKind::Plain => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(found)
    }

    async fn on_share(&self, kind: ShareKind, sweep: bool) -> Result<Vec<LeftOver>, TargetFault> {
        let client = self.folder.pool().try_open(&[Place::of_share(kind)]).await?;
        let Some(connection) = client.connections.first() else { return Ok(Vec::new()) };
        let folder = Folder { connection };
        let now = match folder.try_open(looking(self.folder.name())).await? {
            Ok(own) => {
                folder.let_go(own.file).await?;
                own.times.into_iter().max()
            }
            // The run has not come to this share.
            Err(_) => None,
        };
        let share = self.folder.pool().ways().to(Place::of_share(kind))?.address.share;
        let mut found = Vec::new();
        for name in folder.directories(PREFIX).await? {
            if name == self.folder.name() || !is_name(&name) {
                continue;
            }
            let run = match state(&folder, &name, now).await? {
                OtherRun::Dead if sweep => match remove(&folder, &name).await {
                    Ok(()) => OtherRun::Swept,
                    Err(fault) => OtherRun::Stays(fault.to_string()),
                },
                run => run,
            };
            found.push(LeftOver { share: share.clone(), folder: name, run });
        }
        Ok(found)
    }
}

/// Whether the run of a folder is over.
async fn state(folder: &Folder<'_>, name: &str, now: Option<u64>) -> Result<OtherRun, TargetFault> {
    let found = match folder.try_open(looking(name)).await? {
        Ok(found) => found,
        Err(_) => return Ok(OtherRun::Living("its folder cannot be opened")),
    };
    folder.let_go(found.file).await?;
    if found.attributes & REPARSE_POINT != 0 {
        return Ok(OtherRun::Living("its folder leads elsewhere"));
    }
    Ok(match folder.try_open(mark(name, Access::READ_DATA, CreateOptions::default())).await? {
        Ok(mark) => {
            folder.let_go(mark.file).await?;
            OtherRun::Dead
        }
        Err(Status::OBJECT_NAME_NOT_FOUND) if is_old(&found, now) => OtherRun::Dead,
        Err(Status::OBJECT_NAME_NOT_FOUND) => {
            OtherRun::Living("it has no mark of life, but it is too young to be left over")
        }
        Err(Status::SHARING_VIOLATION) => OtherRun::Living("it holds its mark of life"),
        Err(_) => OtherRun::Living("its mark of life cannot be opened"),
    })
}

/// Whether nothing was written to a folder for a while; `now` is the time of the server.
fn is_old(found: &CreateResponse, now: Option<u64>) -> bool {
    // Made, written to or changed; that somebody looked at it says nothing.
    let [made, _, written, changed] = found.times;
    let last = made.max(written).max(changed);
    now.is_some_and(|now| last.saturating_add(OLD) < now)
}

/// Takes the mark, so that nobody else sweeps the same folder, then removes it with everything in it.
async fn remove(folder: &Folder<'_>, name: &str) -> Result<(), TargetFault> {
    let access = Access::READ_DATA.union(Access::DELETE);
    let taken = folder.try_open(mark(name, access, CreateOptions::DELETE_ON_CLOSE)).await?;
    let emptied = match &taken {
        Err(Status::SHARING_VIOLATION) => {
            let reason = "somebody else has its mark of life".to_owned();
            return Err(TargetFault::Setup { name: name.to_owned(), reason });
        }
        _ => folder.remove_but(name, ALIVE).await,
    };
    if let Ok(mark) = taken {
        folder.let_go(mark.file).await?;
    }
    emptied?;
    folder.remove(name).await
}

fn looking(name: &str) -> CreateRequest {
    CreateRequest {
        options: CreateOptions::DIRECTORY_FILE.union(OPEN_REPARSE_POINT),
        ..opening(name, Access::READ_ATTRIBUTES)
    }
}

fn mark(name: &str, access: Access, options: CreateOptions) -> CreateRequest {
    CreateRequest {
        share: Share::NONE,
        options: options.union(CreateOptions::NON_DIRECTORY_FILE),
        ..opening(&path_below(name, ALIVE), access)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::ten_minutes(Some(OLD + 101), true)]
    #[case::not_quite(Some(OLD + 100), false)]
    #[case::from_the_future(Some(0), false)]
    #[case::no_clock(None, false)]
    fn a_folder_without_a_mark_is_left_over_once_it_is_old(
        #[case] now: Option<u64>,
        #[case] old: bool,
    ) {
        let found = CreateResponse { times: [1, 700, 100, 3], ..CreateResponse::default() };
        assert_eq!(is_old(&found, now), old);
    }
}
