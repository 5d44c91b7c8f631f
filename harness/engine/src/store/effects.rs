//! What a step of the store leaves behind: indications, fired rules, released waiters.

use std::collections::VecDeque;

use oplock_model::{AckAnswer, Level, Modes, RuleId, RuleSet, Status};

use super::api::{Indication, Ticket};
use super::oplock::Holder;

/// IoStatus.Information of a create that broke a Batch or Filter oplock and then failed: FILE_OPBATCH_BREAK_UNDERWAY.
pub(super) const BATCH_BREAK_UNDERWAY: u32 = 9;

/// Collects what the algorithms say, apart from the state that they change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Effects {
    /// Not polled yet, oldest first.
    pub out: VecDeque<Indication>,
    /// The rules that decided anything so far.
    pub fired: RuleSet,
    /// Calls that need wait no longer, in the order in which they go on.
    pub released: VecDeque<Ticket>,
}

impl Effects {
    /// Records that a rule decided something.
    pub fn rule(&mut self, rule: RuleId) {
        self.fired.insert(rule);
    }

    /// Says something.
    pub fn say(&mut self, indication: Indication) {
        self.out.push_back(indication);
    }

    /// Says that a call ended without bytes.
    pub fn done(&mut self, ticket: Ticket, status: Status) {
        self.say(Indication::Done { ticket, status, count: 0 });
    }

    /// Says that a request or an acknowledgement returned with nothing but a status.
    pub fn returned(&mut self, ticket: Ticket, status: Status) {
        self.say(Indication::Returned { ticket, status, answer: None });
    }

    /// Says that an acknowledgement was turned down and is still owed.
    pub fn cannot_grant(&mut self, ticket: Ticket, to: Level) {
        self.say(Indication::Returned {
            ticket,
            status: Status::CANNOT_GRANT_REQUESTED_OPLOCK,
            answer: Some(AckAnswer::Store { to, ack_required: true, information: None }),
        });
    }

    /// Says that a granted request ended otherwise than by a break.
    pub fn completed(&mut self, holder: &Holder, status: Status) {
        self.say(Indication::Completed { ticket: holder.ticket, status });
    }

    /// Says that a holder is broken.
    pub fn broken(&mut self, holder: &Holder, from: Level, to: Level, modes: Option<Modes>) {
        self.say(Indication::Broken {
            ticket: holder.ticket,
            open: holder.open,
            status: Status::SUCCESS,
            from,
            to,
            // Level II and R are simply gone; all others owe an acknowledgement.
            ack_required: !matches!(from, Level::Ii | Level::R),
            information: information(from, to),
            modes,
        });
    }
}

/// IoStatus.Information of a legacy request that completes: FILE_OPLOCK_BROKEN_TO_LEVEL_2 or _TO_NONE.
fn information(from: Level, to: Level) -> Option<u32> {
    match (from.is_granular(), to) {
        (true, _) => None,
        (false, Level::Ii) => Some(7),
        (false, _) => Some(8),
    }
}
