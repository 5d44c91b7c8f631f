//! MS-FSA 2.1.5.1 "Server Requests an Open of a File": from the name to the open; what an open of an existing stream
//! checks on the way stands in `opening`.

use oplock_model::{Access, CreateOptions, Disposition, RuleId, Share, Status};

use super::api::{CreateArgs, Indication, OpenId, StreamId, Ticket};
use super::effects::BATCH_BREAK_UNDERWAY;
use super::files::{LinkId, Place};
use super::keys::Caller;
use super::names::Name;
use super::objects::{Open, Store};
use super::opening::Opening;
use super::wait::{Halt, Progress};
use crate::choices::{CreateCollision, ReserveFilter};
use crate::coverage::StoreOperation;

/// FILE_SUPERSEDED.
const SUPERSEDED: u32 = 0;
/// FILE_OPENED.
const OPENED: u32 = 1;
/// FILE_CREATED.
const CREATED: u32 = 2;
/// FILE_OVERWRITTEN.
const OVERWRITTEN: u32 = 3;

impl Progress {
    /// IoStatus.Information of a create that fails with that status.
    pub(super) fn failed_action(&self, status: Status) -> u32 {
        if self.batch_underway && status == Status::SHARING_VIOLATION {
            BATCH_BREAK_UNDERWAY
        } else {
            0
        }
    }
}

/// What a create has found or made.
struct Found {
    stream: StreamId,
    link: LinkId,
    /// The create action.
    action: u32,
    /// A break runs on that the create did not wait for.
    breaking: bool,
}

impl Store {
    /// One pass of a create.
    pub(super) fn create_pass(
        &mut self,
        ticket: Ticket,
        args: &CreateArgs,
        progress: &mut Progress,
    ) -> Result<(), Halt> {
        self.check_options(args)?;
        let name = Name::parse(&args.path).map_err(Halt::Fail)?;
        let place = self.find(&name).map_err(Halt::Fail)?;
        let existing =
            place.link.and_then(|link| Some((link, self.stream_at(link, &name.stream)?)));
        let found = match existing {
            None => self.create_stream(args, &name, place)?,
            Some((link, stream)) => self.open_existing(args, link, stream, progress)?,
        };
        let open = self.insert_open(Open {
            stream: found.stream,
            link: found.link,
            access: self.granted_access(args, found.stream),
            share: args.share,
            options: args.options,
            key: args.key,
            parent_key: args.parent_key,
            ..Open::default()
        });
        self.reserve(args, open, found.breaking);
        let status = if found.breaking {
            self.effects.rule(RuleId::FsaCreateCompleteIfOplocked);
            Status::OPLOCK_BREAK_IN_PROGRESS
        } else {
            Status::SUCCESS
        };
        let action = found.action;
        self.effects.say(Indication::Created { ticket, status, open: Some(open), action });
        Ok(())
    }

    /// MS-FSA 2.1.5.1, phase 1: parameters that cannot go together.
    fn check_options(&mut self, args: &CreateArgs) -> Result<(), Halt> {
        let has = |option| args.options.contains(option);
        let directory = has(CreateOptions::DIRECTORY_FILE);
        if reserves_filter(args) && (directory || has(CreateOptions::COMPLETE_IF_OPLOCKED)) {
            self.effects.rule(RuleId::FsaCreateReserveFilterContradicted);
            return Err(Halt::Fail(Status::INVALID_PARAMETER));
        }
        let deletes = args.access.intersects(Access::DELETE.union(Access::MAXIMUM_ALLOWED));
        let contradicts_directory =
            has(CreateOptions::NON_DIRECTORY_FILE) || args.disposition.overwrites();
        if (directory && contradicts_directory) || (has(CreateOptions::DELETE_ON_CLOSE) && !deletes)
        {
            return Err(Halt::Fail(Status::INVALID_PARAMETER));
        }
        if args.access == Access(0) { Err(Halt::Fail(Status::ACCESS_DENIED)) } else { Ok(()) }
    }

    /// The stream does not exist yet: MS-FSA 2.1.5.1.1 "Creation of a New File".
    fn create_stream(
        &mut self,
        args: &CreateArgs,
        name: &Name,
        place: Place,
    ) -> Result<Found, Halt> {
        let directory = args.options.contains(CreateOptions::DIRECTORY_FILE);
        if matches!(args.disposition, Disposition::Open | Disposition::Overwrite) {
            self.effects.rule(RuleId::FsaCreateNameNotFound);
            return Err(Halt::Fail(Status::OBJECT_NAME_NOT_FOUND));
        }
        let deleted = place.link.is_some_and(|link| self.is_link_deleted(link))
            || self.is_directory_deleted(place.parent);
        if deleted {
            self.effects.rule(RuleId::FsaCreateDeletePending);
            return Err(Halt::Fail(Status::DELETE_PENDING));
        }
        if directory && !name.stream.is_empty() {
            return Err(Halt::Fail(Status::NOT_A_DIRECTORY));
        }
        if reserves_filter(args) && !may_reserve_filter(args) {
            self.effects.rule(RuleId::FsaCreateReserveFilterRefused);
            return Err(Halt::Fail(Status::OPLOCK_NOT_GRANTED));
        }
        self.effects.rule(RuleId::FsaCreateNewStream);
        let link = match place.link {
            Some(link) => link,
            None => {
                let link = self.insert_file(place.parent, name.last(), directory);
                self.effects.rule(RuleId::FsaCheckBreakParentCreate);
                self.break_parent(place.parent, &caller(args));
                link
            }
        };
        let stream = self
            .stream_at(link, &name.stream)
            .or_else(|| self.insert_named_stream(link, &name.stream))
            .ok_or(Halt::Fail(Status::OBJECT_NAME_NOT_FOUND))?;
        self.allocate(args, stream);
        Ok(Found { stream, link, action: CREATED, breaking: false })
    }

    /// The stream exists: MS-FSA 2.1.5.1.2 "Open of an Existing File".
    fn open_existing(
        &mut self,
        args: &CreateArgs,
        link: LinkId,
        stream: StreamId,
        progress: &mut Progress,
    ) -> Result<Found, Halt> {
        self.check_kind(args, link, stream)?;
        if args.disposition == Disposition::Create
            && self.choices.create_collision == CreateCollision::CollidesFirst
        {
            self.note_on(stream, StoreOperation::OpenColliding, &caller(args));
            self.effects.rule(RuleId::FsaCreateNameCollision);
            return Err(Halt::Fail(Status::OBJECT_NAME_COLLISION));
        }
        if reserves_filter(args) && self.choices.reserve_filter == ReserveFilter::RefusesFirst {
            self.check_filter_reservation(args, stream)?;
        }
        let opening = self.opening(args, stream);
        self.note_open(&opening);
        let mut breaking = self.check_reservation(&opening)?;
        breaking |= self.check_batch_and_filter(&opening, progress)?;
        if args.disposition == Disposition::Create {
            self.effects.rule(RuleId::FsaCreateNameCollision);
            return Err(Halt::Fail(Status::OBJECT_NAME_COLLISION));
        }
        self.check_access(&opening)?;
        self.check_sharing(&opening, progress)?;
        breaking |= self.check_others(&opening)?;
        if reserves_filter(args) {
            self.check_filter_reservation(args, stream)?;
        }
        let action = self.replace_data(&opening, link);
        Ok(Found { stream, link, action, breaking })
    }

    /// Deletion, and file against directory.
    fn check_kind(&mut self, args: &CreateArgs, link: LinkId, id: StreamId) -> Result<(), Halt> {
        let Some(stream) = self.streams.get(&id) else { return Ok(()) };
        if stream.deleted || self.is_link_deleted(link) {
            self.effects.rule(RuleId::FsaCreateDeletePending);
            return Err(Halt::Fail(Status::DELETE_PENDING));
        }
        if args.options.contains(CreateOptions::DIRECTORY_FILE) && !stream.directory {
            return Err(Halt::Fail(Status::NOT_A_DIRECTORY));
        }
        if args.options.contains(CreateOptions::NON_DIRECTORY_FILE) && stream.directory {
            return Err(Halt::Fail(Status::FILE_IS_A_DIRECTORY));
        }
        if stream.directory && args.disposition.overwrites() {
            return Err(Halt::Fail(Status::OBJECT_NAME_COLLISION));
        }
        Ok(())
    }

    /// FILE_RESERVE_OPFILTER: only for the sole open, with exactly the access and share mode that the WDK names.
    fn check_filter_reservation(
        &mut self,
        args: &CreateArgs,
        stream: StreamId,
    ) -> Result<(), Halt> {
        let directory = self.streams.get(&stream).is_some_and(|stream| stream.directory);
        if may_reserve_filter(args) && !directory && !self.is_open(stream) {
            Ok(())
        } else {
            self.effects.rule(RuleId::FsaCreateReserveFilterRefused);
            Err(Halt::Fail(Status::OPLOCK_NOT_GRANTED))
        }
    }

    /// What the new open keeps for the oplock request that is to follow.
    fn reserve(&mut self, args: &CreateArgs, open: OpenId, breaking: bool) {
        let requires = args.options.contains(CreateOptions::OPEN_REQUIRING_OPLOCK);
        let Some((oplock, effects)) = self.oplock_of(open) else { return };
        if requires && !breaking {
            oplock.reserved = Some((open, args.key));
            effects.rule(RuleId::FsaCreateRequiringOplockReserves);
        }
        if reserves_filter(args) {
            oplock.filter_pending = Some((open, args.key));
            effects.rule(RuleId::FsaCreateReserveFilterPending);
        }
    }

    /// Does what the disposition says to the data, and returns the create action.
    fn replace_data(&mut self, opening: &Opening, link: LinkId) -> u32 {
        let args = opening.args;
        if !args.disposition.overwrites() {
            return OPENED;
        }
        if let Some(stream) = self.streams.get_mut(&opening.stream) {
            stream.set_size(0);
        }
        self.allocate(args, opening.stream);
        self.tell_parent_of_data(link, RuleId::FsaCheckBreakParentOverwrite, &opening.caller);
        if args.disposition == Disposition::Supersede { SUPERSEDED } else { OVERWRITTEN }
    }

    /// Sets aside what the create asks for.
    fn allocate(&mut self, args: &CreateArgs, stream: StreamId) {
        let stream = self.streams.get_mut(&stream).filter(|stream| !stream.directory);
        if let Some((stream, allocation)) = stream.zip(args.allocation) {
            stream.set_allocation(allocation);
        }
    }
}

pub(super) fn reserves_filter(args: &CreateArgs) -> bool {
    args.options.contains(CreateOptions::RESERVE_OPFILTER)
}

fn may_reserve_filter(args: &CreateArgs) -> bool {
    args.access == Access::READ_ATTRIBUTES && args.share == Share::ALL
}

pub(super) fn caller(args: &CreateArgs) -> Caller {
    Caller { open: None, key: args.key, parent_key: args.parent_key }
}
