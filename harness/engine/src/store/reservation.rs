//! What a create reserves for the oplock request that follows it: the stream, by FILE_OPEN_REQUIRING_OPLOCK, or a Filter
//! oplock, by FILE_RESERVE_OPFILTER (DDI "NtCreateFile", "FsRtlOplockFsctrlEx").

use oplock_model::{Level, RuleId};

use super::api::{OpenId, Ticket};
use super::check::{Check, Scope};
use super::effects::Effects;
use super::keys::{Caller, keys_match};
use super::oplock::{Holder, Oplock, WaitReason};
use crate::choices::Choices;

impl Oplock {
    /// Whether the stream is reserved by an open of somebody else.
    pub fn is_reserved_against(&self, caller: &Caller) -> bool {
        self.reserved.is_some_and(|(open, key)| {
            !keys_match(caller, &Holder { open, key, ticket: Ticket::default() })
        })
    }

    /// Whether Batch or Filter is held.
    pub fn is_batch_or_filter(&self) -> bool {
        let held = self.exclusive.as_ref().map(|held| held.level);
        matches!(held, Some(Level::Batch | Level::Filter))
    }

    /// Whether a Filter oplock is pending for another open.
    pub fn is_filter_pending_for_another(&self, open: OpenId) -> bool {
        self.filter_pending.is_some_and(|(owner, _)| owner != open)
    }

    /// An oplock is granted to the open: what it reserved is used up, and the opens that it blocked go on.
    pub fn use_reservations(&mut self, holder: &Holder, effects: &mut Effects) {
        if self.reserved.is_some_and(|(owner, _)| owner == holder.open) {
            effects.rule(RuleId::FsaCreateRequiringOplockUsed);
        }
        self.end_reservations(holder.open, effects);
    }

    /// Ends what an open has reserved, so that the opens that it blocked go on.
    pub fn end_reservations(&mut self, open: OpenId, effects: &mut Effects) {
        if self.reserved.take_if(|(owner, _)| *owner == open).is_some() {
            self.release_where(effects, |waiter| waiter.reason == WaitReason::Reservation);
        }
        self.filter_pending.take_if(|(owner, _)| *owner == open);
    }

    /// A pending Filter oplock is gone without a word once somebody does what a Filter oplock would break for.
    pub fn drop_pending_filter(
        &mut self,
        caller: &Caller,
        check: &Check,
        scope: Scope,
        choices: &Choices,
        effects: &mut Effects,
    ) {
        let Some((open, key)) = self.filter_pending else { return };
        let own = keys_match(caller, &Holder { open, key, ticket: Ticket::default() });
        if scope != Scope::AllOthers && !own && check.conflicts_with_filter(choices) {
            effects.rule(RuleId::FsaCreateReserveFilterDropped);
            self.filter_pending = None;
        }
    }
}
