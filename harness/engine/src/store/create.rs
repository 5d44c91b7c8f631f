//! MS-FSA 2.1.5.1 "Server Requests an Open of a File": the order of the checks, from the name to the open.

use oplock_model::{Access, CreateOptions, Disposition, RuleId, Share, Status};

use super::api::{CreateArgs, Indication, StreamId, Ticket};
use super::check::{Check, Operation, Scope};
use super::check_break::Outcome;
use super::effects::BATCH_BREAK_UNDERWAY;
use super::files::Name;
use super::keys::{Caller, keys_match};
use super::objects::{Open, Store};
use super::oplock::{Holder, WaitReason};
use super::share::kept_rule;
use super::wait::{Halt, Progress};
use crate::choices::{CreateCollision, ImpliedAccess, RequiringOplock, ReserveFilter};

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

/// An open of an existing stream on its way through the checks.
struct Opening<'a> {
    args: &'a CreateArgs,
    stream: StreamId,
    caller: Caller,
    check: Check,
    /// FILE_COMPLETE_IF_OPLOCKED: break, but don't wait.
    completes: bool,
    /// FILE_OPEN_REQUIRING_OPLOCK: don't break, but fail.
    requires: bool,
}

impl Store {
    /// One pass of a create.
    pub(super) fn create_pass(
        &mut self,
        ticket: Ticket,
        args: &CreateArgs,
        progress: &mut Progress,
    ) -> Result<(), Halt> {
        validate(args).map_err(Halt::Fail)?;
        let name = Name::parse(&args.path).map_err(Halt::Fail)?;
        if !self.files.get(name.parent()).is_some_and(|parent| parent.directory) {
            return Err(Halt::Fail(Status::OBJECT_PATH_NOT_FOUND));
        }
        let (stream, action, breaking) = match self.stream_named(&name) {
            None => (self.create_stream(args, &name)?, CREATED, false),
            Some(stream) => self.open_existing(args, stream, progress)?,
        };
        let open = self.insert_open(Open {
            stream,
            access: expanded(args.access),
            share: args.share,
            options: args.options,
            key: args.key,
            parent_key: args.parent_key,
            wrote: false,
            closing: false,
        });
        if args.options.contains(CreateOptions::OPEN_REQUIRING_OPLOCK)
            && !breaking
            && let Some((oplock, _)) = self.oplock_of(open)
        {
            oplock.reserved = Some((open, args.key));
            self.effects.rule(RuleId::FsaCreateRequiringOplockReserves);
        }
        if breaking {
            self.effects.rule(RuleId::FsaCreateCompleteIfOplocked);
        }
        let status = if breaking { Status::OPLOCK_BREAK_IN_PROGRESS } else { Status::SUCCESS };
        self.effects.say(Indication::Created { ticket, status, open: Some(open), action });
        Ok(())
    }

    /// The stream does not exist yet.
    fn create_stream(&mut self, args: &CreateArgs, name: &Name) -> Result<StreamId, Halt> {
        let directory = args.options.contains(CreateOptions::DIRECTORY_FILE);
        if matches!(args.disposition, Disposition::Open | Disposition::Overwrite) {
            self.effects.rule(RuleId::FsaCreateNameNotFound);
            return Err(Halt::Fail(Status::OBJECT_NAME_NOT_FOUND));
        }
        if let Some(file) = self.files.get(&name.file)
            && file.deleted.is_some()
        {
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
        if !self.files.contains_key(&name.file) {
            let primary = self.insert_file(name.file.clone(), directory);
            self.break_parent(name.parent(), &caller(args));
            if name.stream.is_empty() {
                return Ok(primary);
            }
        }
        self.insert_named_stream(name).ok_or(Halt::Fail(Status::OBJECT_NAME_NOT_FOUND))
    }

    /// The stream exists: MS-FSA 2.1.5.1.2 "Open of an Existing File".
    fn open_existing(
        &mut self,
        args: &CreateArgs,
        stream: StreamId,
        progress: &mut Progress,
    ) -> Result<(StreamId, u32, bool), Halt> {
        self.check_kind(args, stream)?;
        if args.disposition == Disposition::Create
            && self.choices.create_collision == CreateCollision::CollidesFirst
        {
            self.effects.rule(RuleId::FsaCreateNameCollision);
            return Err(Halt::Fail(Status::OBJECT_NAME_COLLISION));
        }
        if reserves_filter(args) && self.choices.reserve_filter == ReserveFilter::RefusesFirst {
            self.check_filter_reservation(args, stream)?;
        }
        let opening = self.opening(args, stream);
        let mut breaking = self.check_reservation(&opening)?;
        breaking |= self.check_batch_and_filter(&opening, progress)?;
        if args.disposition == Disposition::Create {
            self.effects.rule(RuleId::FsaCreateNameCollision);
            return Err(Halt::Fail(Status::OBJECT_NAME_COLLISION));
        }
        self.check_sharing(&opening, progress)?;
        breaking |= self.check_others(&opening)?;
        if reserves_filter(args) {
            self.check_filter_reservation(args, stream)?;
        }
        Ok((stream, self.replace_data(args, stream), breaking))
    }

    fn opening<'a>(&mut self, args: &'a CreateArgs, stream: StreamId) -> Opening<'a> {
        let implied = implied_access(args.disposition);
        let access = if self.choices.implied_access == ImpliedAccess::Added {
            if !implied.is_subset_of(args.access) {
                self.effects.rule(RuleId::FsaCreateImpliedAccess);
            }
            expanded(args.access).union(implied)
        } else {
            expanded(args.access)
        };
        let operation =
            if args.disposition.overwrites() { Operation::Overwrite } else { Operation::Open };
        let reserve_filter = reserves_filter(args);
        Opening {
            args,
            stream,
            caller: caller(args),
            check: Check { operation, access, share: args.share, reserve_filter },
            completes: args.options.contains(CreateOptions::COMPLETE_IF_OPLOCKED),
            requires: args.options.contains(CreateOptions::OPEN_REQUIRING_OPLOCK),
        }
    }

    /// Deletion, and file against directory.
    fn check_kind(&mut self, args: &CreateArgs, id: StreamId) -> Result<(), Halt> {
        let Some(stream) = self.streams.get(&id) else { return Ok(()) };
        let Some(file) = self.files.get(&stream.file) else { return Ok(()) };
        if stream.deleted || file.deleted.is_some() {
            self.effects.rule(RuleId::FsaCreateDeletePending);
            return Err(Halt::Fail(Status::DELETE_PENDING));
        }
        let is_directory = file.directory && stream.name.is_empty();
        if args.options.contains(CreateOptions::DIRECTORY_FILE) && !is_directory {
            return Err(Halt::Fail(Status::NOT_A_DIRECTORY));
        }
        if args.options.contains(CreateOptions::NON_DIRECTORY_FILE) && is_directory {
            return Err(Halt::Fail(Status::FILE_IS_A_DIRECTORY));
        }
        if is_directory && args.disposition.overwrites() {
            return Err(Halt::Fail(Status::OBJECT_NAME_COLLISION));
        }
        Ok(())
    }

    /// A stream reserved by another open blocks; true where the create goes on all the same.
    fn check_reservation(&mut self, opening: &Opening) -> Result<bool, Halt> {
        let oplock = self.streams.get(&opening.stream).map(|stream| &stream.oplock);
        let Some((open, key)) = oplock.and_then(|oplock| oplock.reserved) else {
            return Ok(false);
        };
        if keys_match(&opening.caller, &Holder { open, key, ticket: Ticket::default() }) {
            Ok(false)
        } else if opening.completes {
            Ok(true)
        } else {
            self.effects.rule(RuleId::FsaCreateRequiringOplockReserves);
            Err(Halt::Wait(opening.stream, WaitReason::Reservation))
        }
    }

    /// Batch and Filter are dealt with before access and sharing; true where the create goes on without waiting.
    fn check_batch_and_filter(
        &mut self,
        opening: &Opening,
        progress: &mut Progress,
    ) -> Result<bool, Halt> {
        if opening.requires {
            // Such a create breaks nothing; it is judged after sharing.
            return Ok(false);
        }
        let mut streams = vec![opening.stream];
        streams.extend(self.crossed_streams(opening));
        let mut waits_on = None;
        for stream in streams {
            let outcome = self.check_stream(stream, opening, Scope::BatchAndFilter);
            if outcome == Outcome::Wait {
                progress.batch_broken = true;
                if stream != opening.stream {
                    self.effects.rule(RuleId::FsaCheckBreakStreamsOverwriteCrosses);
                }
                waits_on = waits_on.or(Some(stream));
            }
        }
        match waits_on {
            None => Ok(false),
            Some(_) if opening.completes => {
                progress.batch_underway = true;
                Ok(true)
            }
            Some(stream) => Err(Halt::for_break(stream, opening.check.granular())),
        }
    }

    /// The other streams of the file whose Batch and Filter an overwriting open breaks too
    /// (WDK, "Checking the Oplock State of an IRP_MJ_CREATE Operation").
    fn crossed_streams(&mut self, opening: &Opening) -> Vec<StreamId> {
        let Some(stream) = self.streams.get(&opening.stream) else { return Vec::new() };
        let Some(file) = self.files.get(&stream.file) else { return Vec::new() };
        let others: Vec<StreamId> =
            file.streams.values().copied().filter(|id| *id != opening.stream).collect();
        let primary = file.streams.get("").copied();
        let crossed: Vec<StreamId> = if !opening.args.disposition.overwrites() {
            Vec::new()
        } else if !stream.name.is_empty() {
            primary.filter(|_| !opening.args.share.contains(Share::DELETE)).into_iter().collect()
        } else if opening.check.access.intersects(Access::DELETE) {
            others.clone()
        } else {
            Vec::new()
        };
        let held_elsewhere = others
            .iter()
            .filter(|id| !crossed.contains(id))
            .filter_map(|id| self.streams.get(id))
            .any(|other| other.oplock.state != super::oplock::State::Empty);
        if held_elsewhere {
            self.effects.rule(RuleId::FsaCheckBreakStreamsIndependent);
        }
        crossed
    }

    /// Sharing; handle caching of others is taken away once to escape a violation.
    fn check_sharing(&mut self, opening: &Opening, progress: &mut Progress) -> Result<(), Halt> {
        let Check { access, share, .. } = opening.check;
        if !self.violates_sharing(opening.stream, access, share) {
            return Ok(());
        }
        let violation = Halt::Fail(Status::SHARING_VIOLATION);
        if progress.batch_broken {
            self.effects.rule(RuleId::FsaCheckBreakSharingViolationBatchFirst);
        }
        let Some(stream) = self.streams.get_mut(&opening.stream) else { return Err(violation) };
        if !stream.oplock.handle_held_by_other(&opening.caller) {
            if progress.handle_broken {
                self.effects.rule(RuleId::FsaCreateSharingViolationAfterBreak);
            } else {
                self.effects.rule(RuleId::FsaCreateSharingViolation);
                if let Some(rule) = kept_rule(&stream.oplock, &opening.caller) {
                    self.effects.rule(rule);
                }
            }
            return Err(violation);
        }
        if opening.requires {
            self.effects.rule(RuleId::FsaCreateRequiringOplockRefused);
            return Err(Halt::Fail(Status::CANNOT_BREAK_OPLOCK));
        }
        if opening.completes {
            self.effects.rule(RuleId::FsaCreateCompleteIfOplockedSharing);
            return Err(violation);
        }
        if progress.handle_broken {
            self.effects.rule(RuleId::FsaCreateSharingViolationAfterBreak);
            return Err(violation);
        }
        progress.handle_broken = true;
        let check = Check { operation: Operation::OpenBreakHandle, ..opening.check };
        let check = Check { reserve_filter: false, ..check };
        let outcome = stream.oplock.check_break(
            &opening.caller,
            &check,
            Scope::Everything,
            &self.choices,
            &mut self.effects,
        );
        match outcome {
            Outcome::Wait => Err(Halt::for_break(opening.stream, check.granular())),
            Outcome::Proceed => Err(violation),
        }
    }

    /// Every other type, once sharing is fine; true where the create goes on without waiting.
    fn check_others(&mut self, opening: &Opening) -> Result<bool, Halt> {
        if opening.requires {
            let Some(stream) = self.streams.get(&opening.stream) else { return Ok(false) };
            let oplock = &stream.oplock;
            let refused = oplock.would_break(&opening.caller, &opening.check, &self.choices)
                || (self.choices.requiring_oplock == RequiringOplock::BesideReadHandle
                    && !oplock.could_stand_beside_rh(&opening.caller));
            if refused {
                self.effects.rule(RuleId::FsaCreateRequiringOplockRefused);
                return Err(Halt::Fail(Status::CANNOT_BREAK_OPLOCK));
            }
            return Ok(false);
        }
        match self.check_stream(opening.stream, opening, Scope::AllOthers) {
            Outcome::Proceed => Ok(false),
            Outcome::Wait if opening.completes => Ok(true),
            Outcome::Wait => Err(Halt::for_break(opening.stream, opening.check.granular())),
        }
    }

    fn check_stream(&mut self, id: StreamId, opening: &Opening, scope: Scope) -> Outcome {
        let Some(stream) = self.streams.get_mut(&id) else { return Outcome::Proceed };
        stream.oplock.check_break(
            &opening.caller,
            &opening.check,
            scope,
            &self.choices,
            &mut self.effects,
        )
    }

    /// FILE_RESERVE_OPFILTER: only for the sole open, with exactly the access and share mode that the WDK names.
    fn check_filter_reservation(
        &mut self,
        args: &CreateArgs,
        stream: StreamId,
    ) -> Result<(), Halt> {
        if may_reserve_filter(args) && !self.is_open(stream) {
            Ok(())
        } else {
            self.effects.rule(RuleId::FsaCreateReserveFilterRefused);
            Err(Halt::Fail(Status::OPLOCK_NOT_GRANTED))
        }
    }

    /// Does what the disposition says to the data, and returns the create action.
    fn replace_data(&mut self, args: &CreateArgs, id: StreamId) -> u32 {
        if !args.disposition.overwrites() {
            return OPENED;
        }
        let Some(stream) = self.streams.get_mut(&id) else { return OPENED };
        stream.size = 0;
        let parent = super::files::parent(&stream.file).to_owned();
        self.break_parent(&parent, &caller(args));
        if args.disposition == Disposition::Supersede { SUPERSEDED } else { OVERWRITTEN }
    }
}

/// MS-FSA 2.1.5.1, phase 1: parameters that cannot go together.
fn validate(args: &CreateArgs) -> Result<(), Status> {
    let has = |option| args.options.contains(option);
    let directory = has(CreateOptions::DIRECTORY_FILE);
    let reserve = has(CreateOptions::RESERVE_OPFILTER);
    let deletes = args.access.intersects(Access::DELETE.union(Access::MAXIMUM_ALLOWED));
    let contradicts_reserve = directory || has(CreateOptions::COMPLETE_IF_OPLOCKED);
    let contradicts_directory =
        has(CreateOptions::NON_DIRECTORY_FILE) || args.disposition.overwrites();
    if (reserve && contradicts_reserve)
        || (directory && contradicts_directory)
        || (has(CreateOptions::DELETE_ON_CLOSE) && !deletes)
    {
        return Err(Status::INVALID_PARAMETER);
    }
    if args.access == Access(0) { Err(Status::ACCESS_DENIED) } else { Ok(()) }
}

/// The access that a disposition asks for besides what the caller names.
fn implied_access(disposition: Disposition) -> Access {
    match disposition {
        Disposition::Supersede => Access::DELETE,
        Disposition::Overwrite | Disposition::OverwriteIf => {
            Access::WRITE_DATA.union(Access::WRITE_EA).union(Access::WRITE_ATTRIBUTES)
        }
        Disposition::Open | Disposition::Create | Disposition::OpenIf => Access(0),
    }
}

/// MAXIMUM_ALLOWED is all that there is: no file of the store denies anybody anything.
fn expanded(access: Access) -> Access {
    if access.intersects(Access::MAXIMUM_ALLOWED) { access.union(Access::FULL) } else { access }
}

fn reserves_filter(args: &CreateArgs) -> bool {
    args.options.contains(CreateOptions::RESERVE_OPFILTER)
}

fn may_reserve_filter(args: &CreateArgs) -> bool {
    args.access == Access::READ_ATTRIBUTES && args.share == Share::ALL
}

fn caller(args: &CreateArgs) -> Caller {
    Caller { open: None, key: args.key, parent_key: args.parent_key }
}
