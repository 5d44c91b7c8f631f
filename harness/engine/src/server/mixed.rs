//! Oplocks and leases on one file (observed in smb2.lease.oplock): which of the observed rules an open followed.
//!
//! The store decides; here the outcome only gets its name.

use oplock_model::{LeaseState, OplockLevel, RuleId};

use super::lease::LeaseName;
use super::state::Server;

/// What others held on the file when a create came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Beside {
    lease: Option<LeaseState>,
    oplock: Option<OplockLevel>,
}

impl Server {
    /// What everybody but `own` holds on a file.
    pub(super) fn beside(&self, file: &str, own: Option<LeaseName>) -> Beside {
        let mut beside = Beside::default();
        for open in self.names.of(file).filter_map(|id| self.opens.get(&id)) {
            let lease = open.lease.filter(|name| Some(*name) != own);
            match lease.and_then(|name| self.leases.get(&name)) {
                Some(lease) => beside.lease = beside.lease.max(Some(lease.state)),
                None if open.lease.is_none() => beside.oplock = beside.oplock.max(Some(open.level)),
                None => {}
            }
        }
        beside
    }

    pub(super) fn mixed_oplock(&mut self, beside: Beside, granted: OplockLevel) {
        let rule = match (beside.lease, granted) {
            (Some(LeaseState::R), OplockLevel::II) => RuleId::Smb2MixedLeaseRThenOplock,
            (Some(LeaseState::RH), OplockLevel::NONE) => RuleId::Smb2MixedLeaseRhThenOplock,
            (Some(LeaseState::RW), OplockLevel::II) => RuleId::Smb2MixedLeaseRwThenOplock,
            (Some(LeaseState::RWH), OplockLevel::NONE) => RuleId::Smb2MixedLeaseRwhThenOplock,
            _ => return,
        };
        self.fire(rule);
    }

    pub(super) fn mixed_lease(&mut self, beside: Beside, granted: LeaseState) {
        let rule = match (beside.oplock, granted) {
            (Some(OplockLevel::II), LeaseState::R) => RuleId::Smb2MixedIiThenLease,
            (Some(OplockLevel::EXCLUSIVE | OplockLevel::BATCH), LeaseState::R) => {
                RuleId::Smb2MixedExclusiveThenLease
            }
            _ => return,
        };
        self.fire(rule);
    }
}
