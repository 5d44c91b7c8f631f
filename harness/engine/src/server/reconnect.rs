//! Durable opens that their clients claim back (MS-SMB2 3.3.5.9.7, 3.3.5.9.12): the failures of spec/05 section 11 in the
//! order in which each version tests them.

use oplock_model::{
    ConnectionId, CreateAnswer, CreateOp, Durable, FileId, LeaseRequest, LeaseState, RuleId,
    Status, Wanted,
};

use super::chain::Chain;
use super::lease::{Lease, file_name};
use super::session::SessionId;
use super::state::{Open, Server};
use super::timer::Timer;
use crate::choices::{FailoverEpoch, ReconnectWithoutContext};
use crate::coverage::ServerOperation;

/// FILE_OPENED.
const OPENED: u32 = 1;

/// Why a reconnect fails.
type Refusal = (RuleId, Status);

/// A claim on an open, as the create that makes it words it.
struct Claim<'a> {
    op: &'a CreateOp,
    /// The lease context, where the dialect has one.
    context: Option<LeaseRequest>,
    connection: ConnectionId,
}

impl Server {
    /// A create that names an open which exists already, as a reconnect or a replay; nothing where it makes a new one.
    pub(super) fn claim(
        &mut self,
        op: &CreateOp,
        chain: &Chain,
    ) -> Option<Result<CreateAnswer, Status>> {
        match op.durable? {
            Durable::ReconnectV1 { file } => Some(self.reconnect(op, chain, file, None)),
            Durable::ReconnectV2 { file, guid, persistent } if self.dialect.is_smb3() => {
                Some(self.reconnect(op, chain, file, Some((guid, persistent))))
            }
            Durable::RequestV2 { guid, .. } if self.dialect.is_smb3() => {
                self.replay(op, chain, guid)
            }
            _ => None,
        }
    }

    /// A persistent open that its client claims back on another node: the lease takes the client's epoch over (MS-SMB2 <353>).
    fn fail_over(&mut self, id: u64, context: &LeaseRequest, connection: ConnectionId) {
        let Some(open) = self.opens.get(&id).filter(|open| open.durability.persistent) else {
            return;
        };
        let moved = self.connections.get(&connection).is_some_and(|found| found.node != open.node);
        let taken_over = self.choices.failover_epoch == FailoverEpoch::OfRequest;
        let Some(lease) = open.lease.and_then(|name| self.leases.get_mut(&name)) else { return };
        if !moved || !taken_over || lease.version != 2 {
            return;
        }
        lease.epoch = match lease.state.contains(LeaseState::W) {
            true => context.epoch,
            false => context.epoch.wrapping_add(1),
        };
        self.fire(RuleId::Smb2EpochFailover);
    }

    /// The lease context of a create on this dialect.
    pub(super) fn context_of(&self, op: &CreateOp) -> Option<LeaseRequest> {
        match op.wanted {
            Wanted::Lease(request) if self.dialect.has_leases() => Some(request),
            _ => None,
        }
    }

    /// An open moves to the session of a connection; the durable timer ends.
    pub(super) fn reattach(
        &mut self,
        id: u64,
        connection: ConnectionId,
        session: Option<SessionId>,
    ) {
        self.files += 1;
        let volatile = self.files;
        let Some(caller) = self.connections.get(&connection) else { return };
        let (client, node) = (caller.client, caller.node);
        let Some(open) = self.opens.get_mut(&id) else { return };
        open.session = session;
        open.connection = connection;
        open.client = client;
        open.node = node;
        open.file.volatile = volatile;
        self.timers.remove(&Timer::Scavenger(id));
    }

    fn reconnect(
        &mut self,
        op: &CreateOp,
        chain: &Chain,
        file: FileId,
        v2: Option<([u8; 16], bool)>,
    ) -> Result<CreateAnswer, Status> {
        let claim = Claim { op, context: self.context_of(op), connection: chain.connection };
        let id = file.persistent;
        self.note_open(id, ServerOperation::Reconnect);
        if let Err((rule, status)) = self.check_claim(&claim, id, v2) {
            self.fire(rule);
            return Err(status);
        }
        self.fire(match v2 {
            None => RuleId::Smb2ReconnectV1,
            Some(_) => RuleId::Smb2ReconnectV2,
        });
        if let Some(context) = claim.context {
            self.fail_over(id, &context, chain.connection);
        }
        self.reattach(id, chain.connection, chain.session);
        self.fire(RuleId::Smb2ReconnectCurrentState);
        let Some(open) = self.opens.get(&id) else { return Err(Status::OBJECT_NAME_NOT_FOUND) };
        if open.lease.is_none() && open.name != file_name(&op.path) {
            self.fire(RuleId::Smb2ReconnectFileNameIgnored);
        }
        Ok(self.answer_of(id, OPENED).unwrap_or_default())
    }

    /// What a create answer says of an open as it is now.
    pub(super) fn answer_of(&self, id: u64, action: u32) -> Option<CreateAnswer> {
        let open = self.opens.get(&id)?;
        let named = open.lease.and_then(|name| Some((name, self.leases.get(&name)?)));
        let lease = named.map(|(name, lease)| lease.answer(name.key, lease.state, lease.version));
        Some(CreateAnswer { file: open.file, level: open.level, lease, action, durable: None })
    }

    fn check_claim(
        &self,
        claim: &Claim,
        id: u64,
        v2: Option<([u8; 16], bool)>,
    ) -> Result<(), Refusal> {
        let not_found = |rule| Err((rule, Status::OBJECT_NAME_NOT_FOUND));
        let Some(open) = self.opens.get(&id) else {
            return not_found(RuleId::Smb2ReconnectUnknown);
        };
        if open.session.is_some() {
            return not_found(RuleId::Smb2ReconnectStillConnected);
        }
        if let Some((guid, persistent)) = v2 {
            if open.durability.create_guid != Some(guid) {
                return not_found(RuleId::Smb2ReconnectCreateGuid);
            }
            if persistent && !open.durability.persistent {
                return not_found(RuleId::Smb2ReconnectNotPersistent);
            }
        }
        let caller = self.connections.get(&claim.connection);
        let lease = open.lease.and_then(|name| self.leases.get(&name));
        if lease.is_some() && caller.is_none_or(|caller| caller.client != open.client) {
            return not_found(RuleId::Smb2ReconnectClientGuid);
        }
        let elsewhere =
            lease.filter(|lease| lease.file != file_name(&claim.op.path) && !lease.delete_on_close);
        let wrong_name = || {
            let refusal = (RuleId::Smb2ReconnectFileName, Status::INVALID_PARAMETER);
            elsewhere.map_or(Ok(()), |_| Err(refusal))
        };
        if v2.is_some() {
            self.check_context(claim, open, lease)?;
            wrong_name()?;
        } else {
            let missing_first =
                self.choices.reconnect_without_context == ReconnectWithoutContext::NotFound;
            if missing_first && elsewhere.is_some() && claim.context.is_none() {
                return not_found(RuleId::Smb2ReconnectContextBeforeName);
            }
            wrong_name()?;
            self.check_context(claim, open, lease)?;
        }
        if caller.is_none_or(|caller| caller.account != open.owner) {
            return Err((RuleId::Smb2ReconnectOtherUser, Status::ACCESS_DENIED));
        }
        Ok(())
    }

    /// The causes that have to do with the lease context.
    fn check_context(
        &self,
        claim: &Claim,
        open: &Open,
        lease: Option<&Lease>,
    ) -> Result<(), Refusal> {
        let key = open.lease.map(|name| name.key);
        let held = self.keeps_handle(open.file.persistent);
        let rests_on_it = !open.durability.persistent && open.durability.resilient.is_none();
        let rule = match (lease, claim.context) {
            (Some(_), None) => RuleId::Smb2ReconnectLeaseMissing,
            (None, Some(_)) => RuleId::Smb2ReconnectLeaseUnexpected,
            (Some(_), Some(context)) if key != Some(context.key) => RuleId::Smb2ReconnectLeaseKey,
            (Some(lease), Some(context)) if lease.version != context.version => {
                RuleId::Smb2ReconnectLeaseVersion
            }
            _ if rests_on_it && !held => RuleId::Smb2ReconnectNotHeld,
            _ => return Ok(()),
        };
        Err((rule, Status::OBJECT_NAME_NOT_FOUND))
    }
}
