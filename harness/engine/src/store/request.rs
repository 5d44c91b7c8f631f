//! MS-FSA 2.1.5.18 "Server Requests an Oplock": what is checked before the state of the stream is.

use oplock_model::{Level, RuleId, Status, StoreRequest};

use super::effects::Effects;
use super::grant::Grant;
use super::oplock::{Exclusive, Holder, Oplock};
use crate::choices::{Choices, RequestOnDeleted};

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
}

/// A request that cannot be granted: how it returns, and the rule.
type Refusal = (Status, RuleId);

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
        match self.validate(&holder, request, facts, choices) {
            Err((status, rule)) => {
                effects.rule(rule);
                effects.returned(ticket, status);
            }
            Ok(grant) => {
                effects.rule(grant.rule);
                if facts.ignored_open && matches!(grant.level, Level::Rw | Level::Rwh) {
                    effects.rule(RuleId::FsaRequestAttributeOpenNotCounted);
                }
                effects.rule(RuleId::FsaRequestPends);
                if self.reserved.is_some_and(|(owner, _)| owner == holder.open) {
                    self.end_reservation(effects);
                }
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
            return Err((status, RuleId::FsaRequestHandleOnDeleted));
        }
        if facts.synchronous {
            return Err(not_granted(RuleId::FsaRequestSynchronousHandle));
        }
        // The state is asked before the opens are counted, so that the rule names what is in the way;
        // the status is the same.
        let grant = self.grant(holder, level, choices).map_err(not_granted)?;
        match level {
            Level::Exclusive | Level::Batch | Level::Filter if facts.other_open => {
                Err(not_granted(RuleId::FsaRequestLegacyExclusiveOtherOpen))
            }
            Level::Rw | Level::Rwh if facts.foreign_open => {
                Err(not_granted(RuleId::FsaRequestGranularExclusiveOtherKey))
            }
            _ => Ok(grant),
        }
    }
}

/// The level that a request asks for, where that level can be asked for at all.
fn requested_level(request: StoreRequest, directory: bool) -> Result<Level, Refusal> {
    if matches!(request, StoreRequest::Raw(_)) {
        return Err((Status::INVALID_PARAMETER, RuleId::FsaRequestUnknownControl));
    }
    let granular = match request {
        StoreRequest::Granular(state) => Some(Option::<Level>::from(state)),
        _ => None,
    };
    if directory && !matches!(granular, Some(Some(Level::R | Level::Rh))) {
        return Err((Status::INVALID_PARAMETER, RuleId::FsaRequestDirectoryLevel));
    }
    match (request, granular) {
        (_, Some(None)) => Err((Status::INVALID_PARAMETER, RuleId::FsaRequestIllegalLevel)),
        (_, Some(Some(Level::None))) => Err((Status::SUCCESS, RuleId::FsaRequestLevelZero)),
        (_, Some(Some(level))) => Ok(level),
        (StoreRequest::LevelOne, None) => Ok(Level::Exclusive),
        (StoreRequest::LevelTwo, None) => Ok(Level::Ii),
        (StoreRequest::Batch, None) => Ok(Level::Batch),
        (StoreRequest::Filter | StoreRequest::Granular(_) | StoreRequest::Raw(_), None) => {
            Ok(Level::Filter)
        }
    }
}

fn not_granted(rule: RuleId) -> Refusal {
    (Status::OPLOCK_NOT_GRANTED, rule)
}
