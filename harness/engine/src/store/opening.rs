//! What an open of an existing stream checks, step by step: MS-FSA 2.1.5.1.2 "Open of an Existing File", with the create
//! options of the WDK.

use oplock_model::{Access, CreateOptions, Disposition, RuleId, Share, Status};

use super::api::{CreateArgs, StreamId};
use super::check::{Check, Operation, Scope};
use super::check_break::Outcome;
use super::create::{caller, reserves_filter};
use super::keys::Caller;
use super::objects::Store;
use super::oplock::{Oplock, State, WaitReason};
use super::share::kept_rule;
use super::wait::{Halt, Progress};
use crate::choices::{ImpliedAccess, OverwritingViolation, RequiringOplock};
use crate::coverage::StoreOperation;

/// FILE_ATTRIBUTE_HIDDEN.
const HIDDEN: u32 = 0x2;
/// FILE_ATTRIBUTE_SYSTEM.
const SYSTEM: u32 = 0x4;

/// Access that changes data: what a read-only file denies.
const CHANGES_DATA: Access = Access::WRITE_DATA.union(Access::APPEND_DATA);

/// An open of an existing stream on its way through the checks.
pub(super) struct Opening<'a> {
    pub args: &'a CreateArgs,
    pub stream: StreamId,
    pub caller: Caller,
    pub check: Check,
    /// FILE_COMPLETE_IF_OPLOCKED: break, but don't wait.
    completes: bool,
    /// FILE_OPEN_REQUIRING_OPLOCK: don't break, but fail.
    requires: bool,
}

impl Store {
    /// Puts together what the checks look at.
    pub(super) fn opening<'a>(&mut self, args: &'a CreateArgs, stream: StreamId) -> Opening<'a> {
        let implied = implied_access(args.disposition);
        let mut access = expanded(args.access);
        if self.choices.implied_access == ImpliedAccess::Added {
            if !implied.is_subset_of(args.access) {
                self.effects.rule(RuleId::FsaCreateImpliedAccess);
            }
            access = access.union(implied);
        }
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

    /// Notes what kind of open meets which state.
    pub(super) fn note_open(&mut self, opening: &Opening) {
        let kind = if opening.args.disposition == Disposition::Create {
            StoreOperation::OpenColliding
        } else if opening.check.reserve_filter {
            StoreOperation::OpenReserving
        } else if opening.requires {
            StoreOperation::OpenRequiring
        } else if opening.completes {
            StoreOperation::OpenCompleting
        } else {
            opening.check.grid_open()
        };
        self.note_on(opening.stream, kind, &opening.caller);
    }

    /// A stream reserved by another open blocks; true where the create goes on all the same.
    pub(super) fn check_reservation(&mut self, opening: &Opening) -> Result<bool, Halt> {
        let oplock = self.streams.get(&opening.stream).map(|stream| &stream.oplock);
        if !oplock.is_some_and(|oplock| oplock.is_reserved_against(&opening.caller)) {
            return Ok(false);
        }
        self.effects.rule(RuleId::FsaCreateRequiringOplockBlocks);
        if opening.completes {
            Ok(true)
        } else {
            Err(Halt::Wait(opening.stream, WaitReason::Reservation, opening.caller))
        }
    }

    /// Batch and Filter are dealt with before access and sharing; true where the create goes on without waiting.
    pub(super) fn check_batch_and_filter(
        &mut self,
        opening: &Opening,
        progress: &mut Progress,
    ) -> Result<bool, Halt> {
        if opening.requires {
            // Such a create breaks nothing; it is judged after sharing.
            return Ok(false);
        }
        let mut waits_on = None;
        if self.check_first(opening.stream, opening) == Outcome::Wait {
            waits_on = Some(opening.stream);
        }
        for stream in self.crossed_streams(opening) {
            self.note_on(stream, StoreOperation::OtherStreamOverwritten, &opening.caller);
            if self.check_first(stream, opening) == Outcome::Wait {
                self.effects.rule(RuleId::FsaCheckBreakStreamsOverwriteCrosses);
                waits_on = waits_on.or(Some(stream));
            }
        }
        let Some(stream) = waits_on else { return Ok(false) };
        progress.batch_broken = true;
        if opening.completes {
            progress.batch_underway = true;
            Ok(true)
        } else {
            Err(Halt::for_break(stream, opening.check.granular(), &opening.caller))
        }
    }

    /// What the attributes of the file deny: overwriting a hidden or system file, changing the data of a read-only one.
    pub(super) fn check_access(&mut self, opening: &Opening) -> Result<(), Halt> {
        let attributes = self.attributes(opening.stream);
        let asked = opening.args.access.union(implied_access(opening.args.disposition));
        let rule = if opening.args.disposition.overwrites() && attributes & (HIDDEN | SYSTEM) != 0 {
            RuleId::FsaCreateOverwriteHiddenOrSystem
        } else if self.is_read_only(opening.stream) && asked.intersects(CHANGES_DATA) {
            RuleId::FsaCreateAccessDenied
        } else {
            return Ok(());
        };
        self.effects.rule(rule);
        Err(Halt::Fail(Status::ACCESS_DENIED))
    }

    /// The access that an open gets: MAXIMUM_ALLOWED is all that the file's attributes leave.
    pub(super) fn granted_access(&self, args: &CreateArgs, stream: StreamId) -> Access {
        let granted = expanded(args.access);
        if args.access.intersects(Access::MAXIMUM_ALLOWED) && self.is_read_only(stream) {
            return Access(granted.0 & !CHANGES_DATA.0);
        }
        granted
    }

    /// Sharing; handle caching of others is taken away once to escape a violation.
    pub(super) fn check_sharing(
        &mut self,
        opening: &Opening,
        progress: &mut Progress,
    ) -> Result<(), Halt> {
        let Check { access, share, .. } = opening.check;
        if !self.violates_sharing(opening.stream, access, share) {
            return Ok(());
        }
        let kind = if opening.args.disposition.overwrites() {
            StoreOperation::OverwriteViolating
        } else {
            StoreOperation::OpenViolating
        };
        self.note_on(opening.stream, kind, &opening.caller);
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
        let to_none = opening.args.disposition.overwrites()
            && self.choices.overwriting_violation == OverwritingViolation::ToNone;
        let operation = if to_none { Operation::Overwrite } else { Operation::OpenBreakHandle };
        let check = Check { operation, reserve_filter: false, ..opening.check };
        match self.check_stream(opening.stream, &opening.caller, &check, Scope::Everything) {
            Outcome::Wait => {
                Err(Halt::for_break(opening.stream, check.granular(), &opening.caller))
            }
            Outcome::Proceed => Err(violation),
        }
    }

    /// Every other type, once sharing is fine; true where the create goes on without waiting.
    pub(super) fn check_others(&mut self, opening: &Opening) -> Result<bool, Halt> {
        if opening.requires {
            return self.check_requiring(opening).map(|()| false);
        }
        match self.check_stream(opening.stream, &opening.caller, &opening.check, Scope::AllOthers) {
            Outcome::Proceed => Ok(false),
            Outcome::Wait if opening.completes => Ok(true),
            Outcome::Wait => {
                Err(Halt::for_break(opening.stream, opening.check.granular(), &opening.caller))
            }
        }
    }

    /// FILE_OPEN_REQUIRING_OPLOCK: fails where it would break something, and where the oplock that it is about could not be had.
    fn check_requiring(&mut self, opening: &Opening) -> Result<(), Halt> {
        let crossed = self.crossed_streams(opening);
        let (caller, check) = (&opening.caller, &opening.check);
        let breaks = |oplock: &Oplock| oplock.would_break(caller, check, &self.choices);
        let beside = self.choices.requiring_oplock == RequiringOplock::BesideReadHandle;
        let own = self.streams.get(&opening.stream).map(|stream| &stream.oplock);
        let refused = own.is_some_and(|oplock| {
            breaks(oplock) || (beside && !oplock.could_stand_beside_rh(caller))
        }) || crossed.iter().any(|id| {
            let crossed = self.streams.get(id).map(|stream| &stream.oplock);
            crossed.is_some_and(|oplock| oplock.is_batch_or_filter() && breaks(oplock))
        });
        if refused {
            self.effects.rule(RuleId::FsaCreateRequiringOplockRefused);
            return Err(Halt::Fail(Status::CANNOT_BREAK_OPLOCK));
        }
        if let Some(stream) = self.streams.get_mut(&opening.stream) {
            let (choices, effects) = (&self.choices, &mut self.effects);
            stream.oplock.drop_pending_filter(caller, check, Scope::Everything, choices, effects);
        }
        Ok(())
    }

    fn check_first(&mut self, stream: StreamId, opening: &Opening) -> Outcome {
        self.check_stream(stream, &opening.caller, &opening.check, Scope::BatchAndFilter)
    }

    /// The other streams of the file whose Batch and Filter an overwriting open breaks too
    /// (WDK, "Checking the Oplock State of an IRP_MJ_CREATE Operation").
    fn crossed_streams(&mut self, opening: &Opening) -> Vec<StreamId> {
        let Some(stream) = self.streams.get(&opening.stream) else { return Vec::new() };
        let Some(file) = self.files.get(&stream.file) else { return Vec::new() };
        if file.named.is_empty() {
            return Vec::new();
        }
        let others = || file.streams().filter(|id| *id != opening.stream);
        let crossed: Vec<StreamId> = if !opening.args.disposition.overwrites() {
            Vec::new()
        } else if opening.stream != file.primary {
            let shares = opening.args.share.contains(Share::DELETE);
            Some(file.primary).filter(|_| !shares).into_iter().collect()
        } else if opening.check.access.intersects(Access::DELETE) {
            others().collect()
        } else {
            Vec::new()
        };
        let held_elsewhere = others()
            .filter(|id| !crossed.contains(id))
            .filter_map(|id| self.streams.get(&id))
            .any(|other| other.oplock.state != State::Empty);
        if held_elsewhere {
            self.effects.rule(RuleId::FsaCheckBreakStreamsIndependent);
        }
        crossed
    }

    /// The attributes of the file, as far as they bear on the stream: a named one has none.
    fn attributes(&self, id: StreamId) -> u32 {
        let Some(stream) = self.streams.get(&id) else { return 0 };
        let file = self.files.get(&stream.file).filter(|file| file.primary == id);
        file.map_or(0, |file| file.attributes)
    }
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

/// MAXIMUM_ALLOWED is all that there is: no file of the store keeps anybody out.
fn expanded(access: Access) -> Access {
    if access.intersects(Access::MAXIMUM_ALLOWED) { access.union(Access::FULL) } else { access }
}
