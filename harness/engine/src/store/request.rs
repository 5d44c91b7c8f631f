//! MS-FSA 2.1.5.18 "Server Requests an Oplock": what is checked before the state of the stream is.

use oplock_model::{Level, RuleId, Status, StoreRequest};

use super::effects::Effects;
use super::grant::Grant;
use super::grid::requested;
use super::keys::Caller;
use super::oplock::{Exclusive, Holder, Oplock};
use crate::choices::{Choices, RequestOnDeleted, WritableSectionTest};

/// What a request has to know of the stream and its opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct RequestFacts {
    /// The stream is a directory.
    pub directory: bool,
    /// The file or the stream is marked for deletion.
    pub deleted: bool,
    /// The handle was opened for synchronous I/O.
    pub synchronous: bool,
    /// The stream has another open.
    pub other_open: bool,
    /// The stream has an open of another key that stands in the way of RW and RWH.
    pub foreign_open: bool,
    /// The stream has an open of another key that would, but for its having attribute access only.
    pub ignored_open: bool,
    /// A byte-range lock stands in the way of Level II, R and RH.
    pub locked: bool,
    /// A user section of the stream can be written through.
    pub writable_section: bool,
}

/// A request that cannot be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Refusal {
    /// How it returns.
    pub status: Status,
    /// The rule.
    pub rule: RuleId,
    /// What would have refused it with the same status, were it not for the first rule.
    pub also: Option<RuleId>,
}

impl Oplock {
    /// Grants the request, or says why not; what it returns is said by an indication.
    pub fn request(
        &mut self,
        holder: Holder,
        request: StoreRequest,
        facts: &RequestFacts,
        choices: &Choices,
        effects: &mut Effects,
    ) {
        let ticket = holder.ticket;
        let caller = Caller { open: Some(holder.open), key: holder.key, parent_key: None };
        self.note(requested(request), &caller, effects);
        match self.validate(&holder, request, facts, choices) {
            Err(refusal) => effects.refused(ticket, &refusal),
            Ok(grant) => {
                effects.rule(grant.rule);
                if facts.ignored_open && matches!(grant.level, Level::Rw | Level::Rwh) {
                    effects.rule(RuleId::FsaRequestAttributeOpenNotCounted);
                }
                effects.rule(RuleId::FsaRequestPends);
                self.use_reservations(&holder, effects);
                self.switch(&holder, grant.level, effects);
                effects.returned(ticket, Status::PENDING);
                self.enter(holder, grant.level);
                self.recompute(effects);
            }
        }
    }

    /// Puts a holder on the list of its level.
    pub fn enter(&mut self, holder: Holder, level: Level) {
        match level {
            Level::None => {}
            Level::Ii => self.level_two.push(holder),
            Level::R => self.read.push(holder),
            Level::Rh => self.read_handle.push(holder),
            Level::Exclusive | Level::Batch | Level::Filter | Level::Rw | Level::Rwh => {
                self.exclusive = Some(Exclusive { holder, level, breaking: None });
            }
        }
    }

    /// The checks in the order of WDK "Requesting and Granting Oplocks" and MS-FSA 2.1.5.18. Where two refuse with one status
    /// their order cannot be seen, so both are named.
    fn validate(
        &self,
        holder: &Holder,
        request: StoreRequest,
        facts: &RequestFacts,
        choices: &Choices,
    ) -> Result<Grant, Refusal> {
        let level = requested_level(request, facts.directory)?;
        let handle = matches!(level, Level::Batch | Level::Filter | Level::Rh | Level::Rwh);
        if handle && facts.deleted {
            let status = match choices.request_on_deleted {
                RequestOnDeleted::NotGranted => Status::OPLOCK_NOT_GRANTED,
                RequestOnDeleted::DeletePending => Status::DELETE_PENDING,
            };
            return Err(refusal(status, RuleId::FsaRequestHandleOnDeleted));
        }
        let mapped =
            refusal(Status::CANNOT_GRANT_REQUESTED_OPLOCK, RuleId::FsaRequestWritableSection);
        let is_mapped = facts.writable_section && level.is_granular();
        if is_mapped && choices.writable_section == WritableSectionTest::First {
            return Err(mapped);
        }
        if facts.synchronous {
            return Err(not_granted(RuleId::FsaRequestSynchronousHandle));
        }
        let granted = self.grant(holder, level, choices);
        if let Some(rule) = in_the_way(level, facts) {
            return Err(Refusal { also: granted.err(), ..not_granted(rule) });
        }
        if is_mapped {
            return Err(mapped);
        }
        granted.map_err(not_granted)
    }
}

/// The opens and locks that refuse a request, whatever the oplock's state is.
fn in_the_way(level: Level, facts: &RequestFacts) -> Option<RuleId> {
    match level {
        Level::Exclusive | Level::Batch | Level::Filter => {
            facts.other_open.then_some(RuleId::FsaRequestLegacyExclusiveOtherOpen)
        }
        Level::Rw | Level::Rwh => {
            facts.foreign_open.then_some(RuleId::FsaRequestGranularExclusiveOtherKey)
        }
        Level::Ii | Level::R | Level::Rh => {
            facts.locked.then_some(RuleId::FsaRequestSharedByteRangeLock)
        }
        Level::None => None,
    }
}

/// The level that a request asks for, where that level can be asked for at all.
fn requested_level(request: StoreRequest, directory: bool) -> Result<Level, Refusal> {
    let invalid = |rule| refusal(Status::INVALID_PARAMETER, rule);
    let state = match request {
        StoreRequest::Granular(state) => state,
        _ if directory => return Err(invalid(RuleId::FsaRequestDirectoryLevel)),
        StoreRequest::LevelOne => return Ok(Level::Exclusive),
        StoreRequest::LevelTwo => return Ok(Level::Ii),
        StoreRequest::Batch => return Ok(Level::Batch),
        StoreRequest::Filter => return Ok(Level::Filter),
        StoreRequest::Raw(_) => return Err(invalid(RuleId::FsaRequestUnknownControl)),
    };
    match Option::<Level>::from(state) {
        Some(level @ (Level::R | Level::Rh)) => Ok(level),
        _ if directory => Err(invalid(RuleId::FsaRequestDirectoryLevel)),
        Some(Level::None) => Err(refusal(Status::SUCCESS, RuleId::FsaRequestLevelZero)),
        Some(level) => Ok(level),
        None => Err(invalid(RuleId::FsaRequestIllegalLevel)),
    }
}

/// A request that returns with that status, by that rule.
pub(super) fn refusal(status: Status, rule: RuleId) -> Refusal {
    Refusal { status, rule, also: None }
}

fn not_granted(rule: RuleId) -> Refusal {
    refusal(Status::OPLOCK_NOT_GRANTED, rule)
}
