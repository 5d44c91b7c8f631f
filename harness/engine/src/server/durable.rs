//! Handles that outlive their connection: who gets one, and whose is kept (MS-SMB2 3.3.5.9.6, 3.3.5.9.10, 3.3.7.1
//! "Handling Loss of a Connection", 3.3.6.2 "Durable Open Scavenger Timer Event").

use oplock_model::{
    CreateOp, Durable, DurableAnswer, LeaseState, OplockLevel, RuleId, ShareKind, Wanted,
};

use super::state::{Open, OplockState, Server};
use super::timer::Timer;
use crate::coverage::ServerOperation;

/// How long a durable open is kept where its client names no time, in milliseconds.
pub(super) const DURABLE_TIMEOUT_MILLIS: u32 = 60_000;
/// The longest time that a client may ask for, in milliseconds.
pub(super) const LONGEST_TIMEOUT_MILLIS: u32 = 300_000;

/// What makes an open outlive its connection, and lets its client find it again (MS-SMB2 3.3.1.10 "Per Open").
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Durability {
    /// Open.IsDurable.
    pub(super) durable: bool,
    /// Open.IsPersistent.
    pub(super) persistent: bool,
    /// Open.DurableOpenTimeout in milliseconds.
    pub(super) timeout: u32,
    /// Open.IsResilient, with Open.ResilientOpenTimeout in milliseconds.
    pub(super) resilient: Option<u32>,
    /// Open.CreateGuid.
    pub(super) create_guid: Option<[u8; 16]>,
    /// Open.AppInstanceId.
    pub(super) app_instance: Option<[u8; 16]>,
    /// Open.IsReplayEligible.
    pub(super) replay_eligible: bool,
}

impl Durability {
    /// What an answer says of it: version 2 names time and persistence.
    pub(super) fn answer_v2(&self) -> Option<DurableAnswer> {
        (self.durable || self.persistent)
            .then_some(DurableAnswer::V2 { timeout: self.timeout, persistent: self.persistent })
    }
}

impl Server {
    /// What a new open gets of what its create asks for, and what the answer says of it.
    pub(super) fn grant_durability(&mut self, id: u64, op: &CreateOp) -> Option<DurableAnswer> {
        let directory = self.store.is_directory(self.opens.get(&id)?.store);
        match op.durable? {
            Durable::ReconnectV1 { .. } => None,
            Durable::RequestV2 { .. } | Durable::ReconnectV2 { .. } if !self.dialect.is_smb3() => {
                self.fire(RuleId::Smb2DurableV2OldDialect);
                None
            }
            Durable::ReconnectV2 { .. } => None,
            _ if directory => {
                self.fire(RuleId::Smb2DurableDirectory);
                None
            }
            Durable::RequestV1 => self.grant_v1(id, &op.wanted),
            Durable::RequestV2 { guid, timeout, persistent } => {
                let found = self.opens.get_mut(&id)?;
                found.durability.create_guid = Some(guid);
                found.durability.replay_eligible = true;
                found.durability.app_instance = op.app_instance;
                self.grant_v2(id, timeout, persistent)
            }
        }
    }

    fn grant_v1(&mut self, id: u64, wanted: &Wanted) -> Option<DurableAnswer> {
        let asked = match wanted {
            Wanted::Oplock(level) => *level == OplockLevel::BATCH,
            Wanted::Lease(request) => request.state.contains(LeaseState::H),
            Wanted::Nothing | Wanted::Request(_) => false,
        };
        if !asked {
            self.fire(RuleId::Smb2DurableV1NotAsked);
            return None;
        }
        if !self.keeps_handle(id) {
            self.fire(RuleId::Smb2DurableV1NotHeld);
            return None;
        }
        self.fire(RuleId::Smb2DurableV1Granted);
        let open = self.opens.get_mut(&id)?;
        open.durability.durable = true;
        open.durability.timeout = DURABLE_TIMEOUT_MILLIS;
        Some(DurableAnswer::V1)
    }

    fn grant_v2(&mut self, id: u64, timeout: u32, persistent: bool) -> Option<DurableAnswer> {
        let available = self.share == ShareKind::ContinuouslyAvailable;
        if persistent && available {
            self.fire(RuleId::Smb2PersistentGranted);
        } else if persistent {
            self.fire(RuleId::Smb2PersistentShare);
        }
        let persistent = persistent && available;
        let holds = self.keeps_handle(id);
        if !persistent {
            self.fire(match holds {
                true => RuleId::Smb2DurableV2Granted,
                false => RuleId::Smb2DurableV2NotHeld,
            });
        }
        self.fire(match timeout {
            0 => RuleId::Smb2DurableTimeoutDefault,
            _ => RuleId::Smb2DurableTimeoutAsked,
        });
        let open = self.opens.get_mut(&id)?;
        open.durability.durable = holds || persistent;
        open.durability.persistent = persistent;
        open.durability.timeout = match timeout {
            0 => DURABLE_TIMEOUT_MILLIS,
            asked => asked.min(LONGEST_TIMEOUT_MILLIS),
        };
        open.durability.answer_v2()
    }

    /// Whether an open has what a durable handle rests on: Batch, or a lease with handle caching.
    pub(super) fn keeps_handle(&self, id: u64) -> bool {
        let Some(open) = self.opens.get(&id) else { return false };
        match open.lease.and_then(|name| self.leases.get(&name)) {
            Some(lease) => lease.state.contains(LeaseState::H),
            None => open.level == OplockLevel::BATCH,
        }
    }

    /// Whether an open is kept where its session is lost (MS-SMB2 3.3.7.1).
    pub(super) fn is_kept(&mut self, id: u64) -> bool {
        let Some(open) = self.opens.get(&id) else { return false };
        if open.durability.persistent {
            self.fire(RuleId::Smb2PersistentKept);
            return true;
        }
        if open.durability.resilient.is_some() {
            self.fire(RuleId::Smb2ResilientKept);
            return true;
        }
        if !open.durability.durable {
            return false;
        }
        let rule = if self.is_breaking(open) {
            RuleId::Smb2DurableBreaking
        } else if !self.keeps_handle(id) {
            RuleId::Smb2DurableNotHeldAnyMore
        } else if self.is_locked_without_write(open) {
            RuleId::Smb2DurableLocked
        } else {
            RuleId::Smb2DurableKept
        };
        self.fire(rule);
        rule == RuleId::Smb2DurableKept
    }

    /// An open loses its session and waits for its client to claim it back.
    pub(super) fn part(&mut self, id: u64) {
        let Some(open) = self.opens.get_mut(&id) else { return };
        open.session = None;
        let (lease, persistent) = (open.lease, open.durability.persistent);
        if let OplockState::Breaking { held, .. } = open.oplock
            && persistent
        {
            // II -> NONE is over once it was told; anything else is told again.
            open.untold = held != OplockLevel::II;
            if !open.untold {
                open.oplock = OplockState::None;
            }
            self.timers.remove(&Timer::OplockBreak(id));
        }
        let millis = open.durability.resilient.unwrap_or(open.durability.timeout);
        self.timers.insert(Timer::Scavenger(id), self.now.plus_millis(u64::from(millis)));
        if let Some(name) = lease {
            self.hold_break_back(name);
        }
    }

    /// Nobody has claimed an open back in time.
    pub(super) fn scavenged(&mut self, id: u64) {
        self.note_open(id, ServerOperation::DurableTimer);
        let resilient = self.opens.get(&id).is_some_and(|open| open.durability.resilient.is_some());
        self.fire(match resilient {
            true => RuleId::Smb2ResilientScavenged,
            false => RuleId::Smb2DurableScavenged,
        });
        self.close_by_server(id);
    }

    fn is_breaking(&self, open: &Open) -> bool {
        match open.lease.and_then(|name| self.leases.get(&name)) {
            Some(lease) => lease.breaking,
            None => matches!(open.oplock, OplockState::Breaking { .. }),
        }
    }

    /// Byte-range locks of a lease without write caching.
    pub(super) fn is_locked_without_write(&self, open: &Open) -> bool {
        let lease = open.lease.and_then(|name| self.leases.get(&name));
        lease.is_some_and(|lease| !lease.state.contains(LeaseState::W))
            && self.store.has_locks(open.store)
    }
}
