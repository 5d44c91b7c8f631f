//! Oplock Acquisition of a CREATE that has opened its file (MS-SMB2 3.3.5.9, 3.3.5.9.8, 3.3.5.9.11).

use oplock_model::{
    AckAnswer, AckForm, CreateOp, CreateOptions, LeaseAnswer, LeaseRequest, LeaseState, Level,
    OplockLevel, RuleId, Status, StoreRequest,
};

use super::lease::{Lease, LeaseName, file_name};
use super::mixed::Beside;
use super::state::{Holder, OplockState, Server};
use crate::choices::{FirstEpoch, LeaseRequestBesideState, LeaseVersion, RefusedPromotion};
use crate::store::{Indication, OpenId};

/// How the store took an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Acknowledged {
    pub(super) status: Status,
    /// Where to the store breaks on at once, since somebody waits for less than was acknowledged.
    pub(super) broken_on: Option<Level>,
}

impl Server {
    /// Asks the store for a legacy level, then for II; the level that the open gets.
    pub(super) fn acquire_oplock(
        &mut self,
        id: u64,
        wanted: OplockLevel,
        beside: Beside,
    ) -> OplockLevel {
        let Some(store) = self.opens.get(&id).map(|open| open.store) else {
            return OplockLevel::NONE;
        };
        if self.store.is_directory(store) {
            self.fire(RuleId::Smb2CreateDirectoryOplock);
            return OplockLevel::NONE;
        }
        let wanted = self.level_on_share(wanted);
        let steps = match wanted {
            OplockLevel::BATCH => [Some(StoreRequest::Batch), Some(StoreRequest::LevelTwo)],
            OplockLevel::EXCLUSIVE => [Some(StoreRequest::LevelOne), Some(StoreRequest::LevelTwo)],
            _ => [Some(StoreRequest::LevelTwo), None],
        };
        let granted = steps
            .into_iter()
            .flatten()
            .find(|request| self.request(Holder::Open(id), store, *request).is_ok());
        let level = match granted {
            Some(StoreRequest::Batch) => OplockLevel::BATCH,
            Some(StoreRequest::LevelOne) => OplockLevel::EXCLUSIVE,
            Some(_) => OplockLevel::II,
            None => OplockLevel::NONE,
        };
        self.fire(match level {
            OplockLevel::NONE => RuleId::Smb2CreateOplockFallsBackToNone,
            level if level == wanted => RuleId::Smb2CreateOplockGranted,
            _ => RuleId::Smb2CreateOplockFallsBackToIi,
        });
        self.mixed_oplock(beside, level);
        if let Some(open) = self.opens.get_mut(&id).filter(|_| level != OplockLevel::NONE) {
            open.level = level;
            open.oplock = OplockState::Held;
        }
        level
    }

    /// Joins the open to its lease and raises the lease's state as far as the store agrees.
    pub(super) fn acquire_lease(
        &mut self,
        id: u64,
        op: &CreateOp,
        name: LeaseName,
        request: &LeaseRequest,
        beside: Beside,
    ) -> (OplockLevel, Option<LeaseAnswer>) {
        let Some(store) = self.opens.get(&id).map(|open| open.store) else {
            return (OplockLevel::NONE, None);
        };
        let directory = self.store.is_directory(store);
        if directory && !self.leases_directory(request) {
            return (OplockLevel::NONE, None);
        }
        let file = file_name(&op.path);
        // Another create with this key may have ended the lease while this one waited.
        let lease = self.leases.entry(name).or_insert_with(|| Lease::new(file.clone(), request));
        let first = lease.opens.is_empty();
        let same_file = lease.file == file;
        lease.opens.insert(id);
        lease.delete_on_close |= op.options.contains(CreateOptions::DELETE_ON_CLOSE);
        let mixed_versions = lease.version != request.version;
        if let Some(open) = self.opens.get_mut(&id) {
            open.lease = Some(name);
            open.level = OplockLevel::LEASE;
            open.oplock = OplockState::Held;
        }
        if op.options.contains(CreateOptions::DELETE_ON_CLOSE) {
            self.fire(RuleId::Smb2LeaseDeleteOnClose);
        }
        if request.flags & LeaseAnswer::BREAK_IN_PROGRESS != 0 {
            self.fire(RuleId::Smb2LeaseRequestFlagsIgnored);
        }
        if same_file {
            let state = self.state_on_share(LeaseState(request.state.0 & LeaseState::RWH.0));
            let state = if directory { self.state_of_directory(state) } else { state };
            self.raise_state(name, store, state, first.then_some(request.epoch));
        }
        let Some(lease) = self.leases.get(&name) else { return (OplockLevel::LEASE, None) };
        // The lease's oplock lies on the file that it was made for; on another one nothing may be cached.
        let state = if same_file { lease.state } else { LeaseState::NONE };
        let version = match self.choices.lease_version {
            LeaseVersion::OfLease => lease.version,
            LeaseVersion::OfRequest => request.version,
        };
        let answer = lease.answer(name.key, state, version);
        if mixed_versions && version != request.version {
            self.fire(RuleId::Smb2LeaseVersionOfFirstRequest);
        }
        if answer.flags & LeaseAnswer::PARENT_LEASE_KEY_SET != 0 {
            self.fire(RuleId::Smb2LeaseParentKey);
        }
        if state == LeaseState::NONE {
            self.fire(RuleId::Smb2LeaseLevelKeptWithStateNone);
        }
        self.mixed_lease(beside, state);
        (OplockLevel::LEASE, Some(answer))
    }

    /// Steps 8 to 11 of spec/05 section 4 on a lease of this file, and the epoch that follows: the first request of
    /// a lease brings its own.
    fn raise_state(
        &mut self,
        name: LeaseName,
        open: OpenId,
        wanted: LeaseState,
        first: Option<u16>,
    ) {
        let Some(lease) = self.leases.get(&name) else { return };
        let (held, breaking) = (lease.state, lease.breaking);
        if breaking {
            self.fire(RuleId::Smb2LeaseBreakInProgress);
            self.fire(RuleId::Smb2EpochUnchanged);
            return;
        }
        let adds_up = self.choices.lease_request_beside_state == LeaseRequestBesideState::Union;
        let wanted = if adds_up && !wanted.contains(held) {
            self.fire(RuleId::Smb2LeaseUnion);
            LeaseState(wanted.0 | held.0)
        } else {
            wanted
        };
        let granted = if wanted == held {
            self.fire(RuleId::Smb2LeaseEqualRequest);
            None
        } else if !wanted.contains(held) {
            self.fire(RuleId::Smb2LeaseNotSuperset);
            None
        } else if !wanted.is_grantable() {
            self.fire(RuleId::Smb2LeaseIllegalState);
            None
        } else {
            self.raised(name, open, held, wanted)
        };
        let first_epoch = self.choices.first_epoch;
        let Some(lease) = self.leases.get_mut(&name) else { return };
        let rule = match (granted, first) {
            (Some(state), Some(sent)) => {
                lease.state = state;
                lease.epoch = match first_epoch {
                    FirstEpoch::RequestPlusOne => sent.wrapping_add(1),
                    FirstEpoch::One => 1,
                };
                RuleId::Smb2EpochCreate
            }
            (Some(state), None) => {
                lease.state = state;
                lease.raise_epoch();
                RuleId::Smb2EpochPromotion
            }
            (None, Some(_)) => RuleId::Smb2EpochNotGranted,
            (None, None) => RuleId::Smb2EpochUnchanged,
        };
        self.fire(rule);
    }

    /// Asks the store for a state above the one held; a lease that holds nothing also takes less (spec/07 D27).
    fn raised(
        &mut self,
        name: LeaseName,
        open: OpenId,
        held: LeaseState,
        wanted: LeaseState,
    ) -> Option<LeaseState> {
        let internal = self.internal_open(name, open)?;
        let without_write = wanted.without(LeaseState::W);
        let without_handle = without_write.without(LeaseState::H);
        let steps = [
            (wanted, RuleId::Smb2LeaseGranted),
            (without_write, RuleId::Smb2LeaseFallbackWithoutWrite),
            (without_handle, RuleId::Smb2LeaseFallbackWithoutHandle),
        ];
        let falls_back = held == LeaseState::NONE
            || self.choices.refused_promotion == RefusedPromotion::FallsBack;
        let mut refused = None;
        for (state, rule) in steps {
            if refused == Some(state) || state == held || !state.contains(held) {
                continue;
            }
            let request = StoreRequest::Granular(state);
            if self.request(Holder::Lease(name), internal, request).is_ok() {
                self.fire(match refused {
                    _ if held == LeaseState::NONE => rule,
                    None => RuleId::Smb2LeasePromoted,
                    Some(_) => RuleId::Smb2LeasePromotionFallback,
                });
                return Some(state);
            }
            refused = Some(state);
            if !falls_back {
                break;
            }
        }
        self.fire(if held == LeaseState::NONE {
            RuleId::Smb2LeaseFallbackToNone
        } else {
            RuleId::Smb2LeasePromotionRefused
        });
        None
    }

    /// The open that carries the lease's oplock (MS-SMB2 <341>, <346>): attributes only, so that it stands in nobody's way.
    fn internal_open(&mut self, name: LeaseName, open: OpenId) -> Option<OpenId> {
        let lease = self.leases.get_mut(&name)?;
        if lease.internal.is_none() {
            lease.internal = self.store.open_again(open);
        }
        lease.internal
    }

    /// One request to the store; granted, its ticket stands for the holder from now on.
    fn request(
        &mut self,
        holder: Holder,
        open: OpenId,
        request: StoreRequest,
    ) -> Result<(), Status> {
        let ticket = self.ticket();
        self.store.request(ticket, open, request);
        match self.returned(ticket).0 {
            Status::PENDING => {
                self.requests.insert(ticket, holder);
                Ok(())
            }
            status => Err(status),
        }
    }

    /// An acknowledgement to the store; granted, its ticket stands for the holder from now on.
    pub(super) fn acknowledge(
        &mut self,
        holder: Holder,
        open: OpenId,
        form: AckForm,
    ) -> Acknowledged {
        let ticket = self.ticket();
        self.store.ack(ticket, open, form);
        let (status, answer) = self.returned(ticket);
        if status == Status::PENDING {
            self.requests.insert(ticket, holder);
        }
        let broken_on = match answer {
            Some(AckAnswer::Store { to, .. })
                if status == Status::CANNOT_GRANT_REQUESTED_OPLOCK =>
            {
                Some(to)
            }
            _ => self.take(|indication| match indication {
                Indication::Broken { ticket: of, to, .. } if *of == ticket => Some(*to),
                _ => None,
            }),
        };
        if broken_on.is_some() {
            self.requests.remove(&ticket);
        }
        Acknowledged { status, broken_on }
    }
}
