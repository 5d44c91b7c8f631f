//! Creates that are sent twice (MS-SMB2 3.3.5.9.10 "Handling the SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2 Create Context"):
//! who gets the open that the first one made, and who does not.

use oplock_model::{CreateAnswer, CreateOp, OplockLevel, RuleId, Status, Wanted};

use super::chain::Chain;
use super::lease::Client;
use super::state::{Open, Server};
use crate::choices::ReplayOfPending;

impl Server {
    /// A create with a CreateGuid that its client has used before; nothing where it makes a new open.
    pub(super) fn replay(
        &mut self,
        op: &CreateOp,
        chain: &Chain,
        guid: [u8; 16],
    ) -> Option<Result<CreateAnswer, Status>> {
        let client = self.client_of(chain.connection)?;
        let waits = self.create_waits(client, guid);
        let made: Vec<u64> = self
            .opens
            .iter()
            .filter(|(_, open)| open.is_made_by(client, guid))
            .map(|(id, _)| *id)
            .collect();
        if !waits && made.is_empty() {
            return None;
        }
        if !op.replay {
            self.fire(RuleId::Smb2ReplayDuplicate);
            return Some(Err(Status::DUPLICATE_OBJECTID));
        }
        if waits {
            self.fire(RuleId::Smb2ReplayPending);
            return Some(Err(match self.choices.replay_of_pending {
                ReplayOfPending::FileNotAvailable => Status::FILE_NOT_AVAILABLE,
                ReplayOfPending::AccessDenied => Status::ACCESS_DENIED,
            }));
        }
        let eligible =
            |id: &&u64| self.opens.get(id).is_some_and(|open| open.durability.replay_eligible);
        let Some(id) = made.iter().find(eligible).copied() else {
            self.fire(RuleId::Smb2ReplayNotEligible);
            return None;
        };
        if let Err((rule, status)) = self.check_replay(op, chain, id) {
            self.fire(rule);
            return Some(Err(status));
        }
        Some(Ok(self.replayed(op, chain, id)?))
    }

    /// An open was used or its break acknowledged, so its create cannot be replayed any more.
    pub(super) fn end_replay(&mut self, id: u64, rule: RuleId) {
        let Some(open) = self.opens.get_mut(&id) else { return };
        if std::mem::take(&mut open.durability.replay_eligible) {
            self.fire(rule);
        }
    }

    fn replayed(&mut self, op: &CreateOp, chain: &Chain, id: u64) -> Option<CreateAnswer> {
        if self.opens.get(&id)?.session.is_none() {
            self.fire(RuleId::Smb2ReplayReattached);
            self.reattach(id, chain.connection, chain.session);
        }
        self.fire(RuleId::Smb2ReplayAnswered);
        let action = self.opens.get(&id)?.action;
        let answer = self.answer_of(id, action)?;
        let durable = self.opens.get(&id)?.durability.answer_v2();
        let level = match op.wanted {
            Wanted::Oplock(asked) if asked != answer.level => {
                self.fire(RuleId::Smb2ReplayLevelEchoed);
                asked
            }
            Wanted::Nothing if answer.level != OplockLevel::NONE => {
                self.fire(RuleId::Smb2ReplayLevelEchoed);
                OplockLevel::NONE
            }
            _ => answer.level,
        };
        Some(CreateAnswer { level, durable, ..answer })
    }

    fn check_replay(&self, op: &CreateOp, chain: &Chain, id: u64) -> Result<(), (RuleId, Status)> {
        let Some(open) = self.opens.get(&id) else { return Ok(()) };
        let account = self.connections.get(&chain.connection).map(|caller| caller.account);
        if account != Some(open.owner) {
            return Err((RuleId::Smb2ReplayOtherUser, Status::ACCESS_DENIED));
        }
        if open.session.is_some() && open.session != chain.session {
            return Err((RuleId::Smb2ReplayOtherSession, Status::DUPLICATE_OBJECTID));
        }
        let key = self.context_of(op).map(|context| context.key);
        if key != open.lease.map(|name| name.key) {
            return Err((RuleId::Smb2ReplayLeaseMismatch, Status::ACCESS_DENIED));
        }
        Ok(())
    }

    /// Whether a create of that client with that CreateGuid has not been answered yet.
    fn create_waits(&self, client: Client, guid: [u8; 16]) -> bool {
        self.calls.values().any(|call| {
            call.create_guid() == Some(guid)
                && self.client_of(call.chain.connection) == Some(client)
        })
    }
}

impl Open {
    fn is_made_by(&self, client: Client, guid: [u8; 16]) -> bool {
        self.client == client && self.durability.create_guid == Some(guid)
    }
}
