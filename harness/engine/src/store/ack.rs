//! MS-FSA 2.1.5.19 "Server Acknowledges an Oplock Break": the legacy forms, and the way to the granular one.

use oplock_model::{AckAnswer, AckForm, Level, RuleId, Status};

use super::api::{Indication, OpenId, Ticket};
use super::effects::Effects;
use super::oplock::{ExclusiveBreak, Holder, Oplock};
use crate::choices::Choices;

/// One acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ack {
    /// The open that it comes on.
    pub open: OpenId,
    /// The call.
    pub ticket: Ticket,
    /// Whether the file or the stream is marked for deletion.
    pub deleted: bool,
    /// Whether the stream is a directory.
    pub directory: bool,
}

impl Oplock {
    /// Takes an acknowledgement; what it returns is said by an indication.
    pub fn acknowledge(
        &mut self,
        ack: &Ack,
        form: AckForm,
        choices: &Choices,
        effects: &mut Effects,
    ) {
        match form {
            AckForm::Acknowledge => self.acknowledge_legacy(ack, true, effects),
            AckForm::NoLevelTwo => self.acknowledge_legacy(ack, false, effects),
            AckForm::ClosePending => self.acknowledge_close_pending(ack, effects),
            AckForm::Granular(state) => self.acknowledge_granular(ack, state, choices, effects),
            AckForm::GranularOnClose(state) => self.promise_to_close(ack, state, effects),
        }
        self.recompute(effects);
    }

    /// Refuses an acknowledgement that nobody expects.
    pub fn refuse_ack(&self, ack: &Ack, rule: RuleId, effects: &mut Effects) {
        effects.rule(rule);
        effects.returned(ack.ticket, Status::INVALID_OPLOCK_PROTOCOL);
    }

    fn acknowledge_legacy(&mut self, ack: &Ack, accepts_two: bool, effects: &mut Effects) {
        let running = match self.legacy_break(ack.open) {
            Ok((_, running)) if running.close_pending => {
                return self.refuse_ack(ack, RuleId::FsaAckLegacyNotBreaking, effects);
            }
            Ok((_, running)) => running,
            Err(rule) => return self.refuse_ack(ack, rule, effects),
        };
        let Some(exclusive) = self.exclusive.take() else { return };
        match (running.told, running.to) {
            (Level::Ii, Level::Ii) if accepts_two => {
                effects.rule(RuleId::FsaAckLegacyTwoGranted);
                effects.returned(ack.ticket, Status::PENDING);
                // The text of MS-FSA does not list the open; without that the Level II could never break.
                self.level_two.push(Holder { ticket: ack.ticket, ..exclusive.holder });
            }
            (Level::Ii, Level::Ii) => {
                effects.rule(RuleId::FsaAckLegacyTwoDeclined);
                effects.returned(ack.ticket, Status::SUCCESS);
            }
            (Level::Ii, _) => {
                effects.rule(RuleId::FsaAckLegacyTwoDeepenedToNone);
                effects.say(Indication::Returned {
                    ticket: ack.ticket,
                    status: Status::SUCCESS,
                    answer: Some(AckAnswer::Store {
                        to: Level::None,
                        ack_required: false,
                        information: Some(8),
                        writable_section: false,
                    }),
                });
            }
            _ => {
                effects.rule(RuleId::FsaAckLegacyNone);
                effects.returned(ack.ticket, Status::SUCCESS);
            }
        }
        self.release_all(effects);
    }

    fn acknowledge_close_pending(&mut self, ack: &Ack, effects: &mut Effects) {
        match self.legacy_break(ack.open) {
            Ok((Level::Exclusive, _)) => {
                effects.rule(RuleId::FsaAckClosePendingLevelOne);
                effects.returned(ack.ticket, Status::SUCCESS);
                self.exclusive = None;
                self.release_all(effects);
            }
            Ok((_, running)) if !running.close_pending => {
                effects.rule(RuleId::FsaAckClosePendingBatch);
                effects.returned(ack.ticket, Status::SUCCESS);
                if let Some(held) = &mut self.exclusive {
                    held.breaking = Some(ExclusiveBreak { close_pending: true, ..running });
                }
            }
            Ok(_) | Err(_) => {
                self.refuse_ack(ack, RuleId::FsaAckClosePendingNotBreaking, effects);
            }
        }
    }

    /// The running break of the legacy oplock that this open holds, or the rule that says there is none.
    fn legacy_break(&self, open: OpenId) -> Result<(Level, ExclusiveBreak), RuleId> {
        let held = self.exclusive.as_ref().ok_or(RuleId::FsaAckLegacyNotBreaking)?;
        if held.holder.open != open {
            return Err(RuleId::FsaAckLegacyNotOwner);
        }
        held.breaking
            .filter(|_| !held.level.is_granular())
            .map(|running| (held.level, running))
            .ok_or(RuleId::FsaAckLegacyNotBreaking)
    }
}
