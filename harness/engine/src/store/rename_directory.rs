//! What a new name asks of others' handles: on the destination directory, and on all that is open below a renamed one
//! (MS-FSA 2.1.4.2 "Algorithm for Determining If a Directory Contains Open Files").

use oplock_model::{Access, Level, RuleId, Share, Status};

use super::api::StreamId;
use super::check::{Check, Operation, Scope};
use super::check_break::Outcome;
use super::files::FileNumber;
use super::keys::Caller;
use super::objects::{Acting, Store};
use super::oplock::Oplock;
use super::wait::{Halt, SetProgress};
use crate::choices::DestinationShare;
use crate::coverage::StoreOperation;

impl Store {
    /// The destination directory is opened for the time of the operation, without a key; handle caching of others is
    /// taken away once where that open violates sharing.
    pub(super) fn open_destination(
        &mut self,
        directory: FileNumber,
        access: Access,
        progress: &mut SetProgress,
    ) -> Result<(), Halt> {
        if self.is_directory_deleted(directory) {
            return Err(Halt::Fail(Status::DELETE_PENDING));
        }
        let Some(primary) = self.files.get(&directory).map(|file| file.primary) else {
            return Err(Halt::Fail(Status::OBJECT_PATH_NOT_FOUND));
        };
        let share = match self.choices.destination_share {
            DestinationShare::All => Share::ALL,
            DestinationShare::ReadAndWrite => Share(Share::READ.0 | Share::WRITE.0),
        };
        let caller = Caller::default();
        self.note_on(primary, StoreOperation::DestinationOpened, &caller);
        if !self.violates_sharing(primary, access, share) {
            return Ok(());
        }
        let held = self.streams.get(&primary);
        let held = held.is_some_and(|stream| stream.oplock.handle_held_by_other(&caller));
        if progress.directory_broken || !held {
            self.effects.rule(RuleId::FsaRenameDestinationShared);
            return Err(Halt::Fail(Status::SHARING_VIOLATION));
        }
        progress.directory_broken = true;
        self.effects.rule(RuleId::FsaRenameDestinationBreaksHandle);
        let operation = Operation::OpenBreakHandle;
        let check = Check { operation, access, share, reserve_filter: false };
        match self.check_stream(primary, &caller, &check, Scope::Everything) {
            Outcome::Wait => Err(Halt::for_break(primary, check.granular(), &caller)),
            Outcome::Proceed => Err(Halt::Fail(Status::SHARING_VIOLATION)),
        }
    }

    /// All that is open below has to be closed: by one holder of handle caching after the other, as long as each time
    /// fewer are left.
    pub(super) fn close_below(
        &mut self,
        acting: &Acting,
        directory: FileNumber,
        operation: Operation,
        progress: &mut SetProgress,
    ) -> Result<(), Halt> {
        let open = self.open_below(directory);
        for below in &open {
            self.note_on(*below, StoreOperation::RenameAbove, &acting.caller);
        }
        let Some(first) = open.first() else { return Ok(()) };
        let caches_handle = |id| {
            let stream = self.streams.get(id);
            stream.is_some_and(|stream| stream.oplock.caches_handle())
        };
        if !open.iter().all(caches_handle) {
            self.effects.rule(RuleId::FsaRenameBelowOpen);
            return Err(Halt::Fail(Status::ACCESS_DENIED));
        }
        if progress.open_below.is_some_and(|before| open.len() >= before) {
            self.effects.rule(RuleId::FsaRenameBelowNotFewer);
            return Err(Halt::Fail(Status::ACCESS_DENIED));
        }
        progress.open_below = Some(open.len());
        self.effects.rule(RuleId::FsaRenameBelowBreaksHandle);
        self.check_or_wait(*first, &acting.caller, operation)?;
        // The renamer's own key breaks nothing, so that the handle stays.
        self.effects.rule(RuleId::FsaRenameBelowOpen);
        Err(Halt::Fail(Status::ACCESS_DENIED))
    }

    /// The open streams of everything below a directory, in the order of the names.
    fn open_below(&self, directory: FileNumber) -> Vec<StreamId> {
        let mut open = Vec::new();
        let mut left = vec![directory];
        while let Some(at) = left.pop() {
            let Some(found) = self.files.get(&at) else { continue };
            // A short name stands beside the long one; each link counts once.
            let links = found
                .children
                .iter()
                .filter_map(|(name, link)| self.links.get(link).filter(|link| link.name == *name));
            for link in links {
                let Some(child) = self.files.get(&link.file) else { continue };
                open.extend(child.streams().filter(|stream| self.is_open(*stream)));
                if child.directory {
                    left.push(link.file);
                }
            }
        }
        open
    }
}

impl Oplock {
    /// Whether somebody holds Batch, Filter, RH or RWH, breaking or not.
    fn caches_handle(&self) -> bool {
        let exclusive = self.exclusive.as_ref().map(|held| held.level);
        matches!(exclusive, Some(Level::Batch | Level::Filter | Level::Rwh))
            || !self.read_handle.is_empty()
            || !self.queue.is_empty()
    }
}
