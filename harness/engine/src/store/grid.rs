//! Which cell of the transition grid each step of the store is in: noted where the step is decided, beside its rules.

use oplock_model::{Access, AckForm, GridSet, LeaseState, Level, Share, StoreRequest};

use super::api::{OpenId, StreamId};
use super::check::{Check, Operation};
use super::effects::Effects;
use super::keys::{Caller, keys_match, parent_key_matches};
use super::objects::Store;
use super::oplock::{Exclusive, Holder, Oplock};
use crate::coverage::{By, Cell, StoreOperation, StoreState};

/// What an open may ask for and still only read (WDK, "Checking the Oplock State of an IRP_MJ_CREATE Operation").
const READING: Access = Access::ATTRIBUTES
    .union(Access::READ_DATA)
    .union(Access::READ_EA)
    .union(Access::EXECUTE)
    .union(Access::READ_CONTROL);

impl Store {
    /// The cells of the transition grid that were reached so far, as [`Cell`] numbers them.
    #[must_use]
    pub fn cells(&self) -> &GridSet {
        self.effects.cells.cells()
    }

    /// Notes an operation of an open that checks nothing on its stream.
    pub(super) fn note(&mut self, open: OpenId, operation: StoreOperation) {
        let Some(found) = self.opens.get(&open).filter(|found| !found.closing) else { return };
        let caller = Caller { open: Some(open), key: found.key, parent_key: None };
        if let Some(stream) = self.streams.get(&found.stream) {
            stream.oplock.note(operation, &caller, &mut self.effects);
        }
    }

    /// Notes an operation that concerns a stream, of whoever performs it.
    pub(super) fn note_on(&mut self, id: StreamId, operation: StoreOperation, caller: &Caller) {
        if let Some(stream) = self.streams.get(&id) {
            stream.oplock.note(operation, caller, &mut self.effects);
        }
    }

    /// Notes a check on behalf of names: on the stream of the caller, or on one that is replaced.
    pub(super) fn note_name_check(&mut self, id: StreamId, check: &Check, caller: &Caller) {
        let own = |store: &Store| caller.open.is_some_and(|open| store.stream_of(open) == Some(id));
        let operation = match check.operation {
            Operation::Rename if own(self) => StoreOperation::Rename,
            // A directory replaces nothing: what it checks beside itself lies below it, and is noted there.
            Operation::Rename if caller.open.is_some_and(|open| self.is_directory(open)) => return,
            Operation::Rename => StoreOperation::RenameOnto,
            Operation::ShortName if own(self) => StoreOperation::ShortName,
            Operation::Link => StoreOperation::LinkOnto,
            _ => return,
        };
        self.note_on(id, operation, caller);
    }
}

impl Oplock {
    /// Notes an operation in the present state.
    pub fn note(&self, operation: StoreOperation, caller: &Caller, effects: &mut Effects) {
        let by = self.by(caller, keys_match);
        effects.cells.note(Cell::Store(self.grid_state(), operation, by));
    }

    /// Notes a check, except those of opens and names, whose kind their callers know.
    pub fn note_check(&self, check: &Check, caller: &Caller, effects: &mut Effects) {
        let operation = match check.operation {
            Operation::Read => StoreOperation::Read,
            Operation::Write => StoreOperation::Write,
            Operation::Flush => StoreOperation::Flush,
            Operation::Lock => StoreOperation::Lock,
            Operation::EndOfFile => StoreOperation::EndOfFile,
            Operation::Allocation => StoreOperation::Allocation,
            Operation::ValidDataLength => StoreOperation::ValidDataLength,
            Operation::ZeroData => StoreOperation::ZeroData,
            Operation::Disposition => StoreOperation::Delete,
            Operation::Security => StoreOperation::Security,
            Operation::DeleteOnClose => StoreOperation::DeleteOnClose,
            Operation::WritableSection => StoreOperation::WritableSection,
            Operation::Parent => {
                let by = self.by(caller, parent_key_matches);
                let cell = Cell::Store(self.grid_state(), StoreOperation::ChildChanged, by);
                return effects.cells.note(cell);
            }
            Operation::Open
            | Operation::Overwrite
            | Operation::OpenBreakHandle
            | Operation::Rename
            | Operation::Link
            | Operation::ShortName => return,
        };
        self.note(operation, caller, effects);
    }

    /// What is held, as the grid names it.
    pub fn grid_state(&self) -> StoreState {
        if let Some(exclusive) = &self.exclusive {
            return exclusive_state(exclusive);
        }
        if self.reserved.is_some() {
            return StoreState::Reserved;
        }
        if self.filter_pending.is_some() {
            return StoreState::FilterReserved;
        }
        let [ii, r, rh, queue] = [
            !self.level_two.is_empty(),
            !self.read.is_empty(),
            !self.read_handle.is_empty(),
            !self.queue.is_empty(),
        ];
        match (ii, r, rh, queue) {
            (_, true, _, true) => StoreState::RBesideBreaking,
            (_, false, true, true) => StoreState::RhBesideBreaking,
            (_, false, false, true) if self.queue.iter().all(|entry| entry.close_pending) => {
                StoreState::RhClosePending
            }
            (_, false, false, true) => {
                let to_read = self.queue.iter().filter(|entry| entry.to_read).count();
                if to_read == self.queue.len() {
                    StoreState::RhToR
                } else if to_read == 0 {
                    StoreState::RhToNone
                } else {
                    StoreState::RhToBoth
                }
            }
            (_, true, true, false) => StoreState::RAndRh,
            (_, false, true, false) => StoreState::Rh,
            (true, true, ..) => StoreState::IiAndR,
            (false, true, ..) => StoreState::R,
            (true, false, ..) => StoreState::Ii,
            (false, false, false, false) => StoreState::None,
        }
    }

    fn by(&self, caller: &Caller, matches: fn(&Caller, &Holder) -> bool) -> By {
        if let Some(exclusive) = &self.exclusive {
            return one_of(std::iter::once(&exclusive.holder), caller, matches);
        }
        if let Some((open, key)) = self.reserved.or(self.filter_pending) {
            let owner = Holder { open, key, ticket: Default::default() };
            return one_of(std::iter::once(&owner), caller, matches);
        }
        let queued = self.queue.iter().map(|entry| &entry.holder);
        let listed = self.level_two.iter().chain(&self.read).chain(&self.read_handle);
        one_of(listed.chain(queued), caller, matches)
    }
}

impl Check {
    /// What kind of open this is.
    pub fn grid_open(&self) -> StoreOperation {
        if self.operation == Operation::Overwrite {
            StoreOperation::OpenOverwriting
        } else if self.access.is_subset_of(Access::ATTRIBUTES) {
            StoreOperation::OpenAttributes
        } else if self.is_read_control_only() {
            StoreOperation::OpenReadControl
        } else if self.access.is_subset_of(READING) && self.share.contains(Share::READ) {
            StoreOperation::OpenReading
        } else {
            StoreOperation::OpenMore
        }
    }
}

/// What a request is called in the grid.
pub(super) fn requested(request: StoreRequest) -> StoreOperation {
    match request {
        StoreRequest::LevelTwo => StoreOperation::RequestIi,
        StoreRequest::LevelOne => StoreOperation::RequestExclusive,
        StoreRequest::Batch => StoreOperation::RequestBatch,
        StoreRequest::Filter => StoreOperation::RequestFilter,
        StoreRequest::Granular(LeaseState::NONE) => StoreOperation::RequestNothing,
        StoreRequest::Granular(LeaseState::R) => StoreOperation::RequestR,
        StoreRequest::Granular(LeaseState::RH) => StoreOperation::RequestRh,
        StoreRequest::Granular(LeaseState::RW) => StoreOperation::RequestRw,
        StoreRequest::Granular(LeaseState::RWH) => StoreOperation::RequestRwh,
        StoreRequest::Granular(_) | StoreRequest::Raw(_) => StoreOperation::RequestIllegal,
    }
}

/// What an acknowledgement is called in the grid.
pub(super) fn acknowledged(form: AckForm) -> StoreOperation {
    match form {
        AckForm::Acknowledge => StoreOperation::AckTwo,
        AckForm::NoLevelTwo => StoreOperation::AckNoTwo,
        AckForm::ClosePending => StoreOperation::AckClosePending,
        AckForm::GranularOnClose(_) => StoreOperation::AckOnClose,
        AckForm::Granular(LeaseState::NONE) => StoreOperation::AckNone,
        AckForm::Granular(LeaseState::R) => StoreOperation::AckR,
        AckForm::Granular(LeaseState::RH) => StoreOperation::AckRh,
        AckForm::Granular(LeaseState::RW) => StoreOperation::AckRw,
        AckForm::Granular(LeaseState::RWH) => StoreOperation::AckRwh,
        AckForm::Granular(_) => StoreOperation::AckIllegal,
    }
}

fn exclusive_state(exclusive: &Exclusive) -> StoreState {
    let Some(running) = exclusive.breaking else {
        return match exclusive.level {
            Level::Exclusive => StoreState::Exclusive,
            Level::Batch => StoreState::Batch,
            Level::Filter => StoreState::Filter,
            Level::Rw => StoreState::Rw,
            // No other level is held exclusively.
            _ => StoreState::Rwh,
        };
    };
    match (exclusive.level, running.told, running.to) {
        (Level::Batch, ..) if running.close_pending => StoreState::BatchClosePending,
        (Level::Filter, ..) if running.close_pending => StoreState::FilterClosePending,
        _ if running.close_pending => StoreState::GranularClosePending,
        (Level::Filter, ..) => StoreState::FilterToNone,
        (Level::Exclusive, Level::Ii, Level::Ii) => StoreState::ExclusiveToTwo,
        (Level::Exclusive, Level::Ii, _) => StoreState::ExclusiveDeepened,
        (Level::Exclusive, ..) => StoreState::ExclusiveToNone,
        (Level::Batch, Level::Ii, Level::Ii) => StoreState::BatchToTwo,
        (Level::Batch, Level::Ii, _) => StoreState::BatchDeepened,
        (Level::Batch, ..) => StoreState::BatchToNone,
        (Level::Rw, Level::R, Level::R) => StoreState::RwToR,
        (Level::Rw, Level::R, _) => StoreState::RwDeepened,
        (Level::Rw, ..) => StoreState::RwToNone,
        (_, Level::Rh, Level::Rh) => StoreState::RwhToRh,
        (_, Level::Rw, Level::Rw) => StoreState::RwhToRw,
        (_, Level::None, _) => StoreState::RwhToNone,
        (_, _, Level::R) => StoreState::RwhDeepenedToR,
        _ => StoreState::RwhDeepenedToNone,
    }
}

fn one_of<'a>(
    holders: impl Iterator<Item = &'a Holder>,
    caller: &Caller,
    matches: fn(&Caller, &Holder) -> bool,
) -> By {
    let mut by = By::Stranger;
    for holder in holders {
        if caller.open == Some(holder.open) {
            return By::Holder;
        }
        if by == By::Stranger && matches(caller, holder) {
            by = By::SameKey;
        }
    }
    by
}
