//! What a step of the store leaves behind: indications, fired rules, released waiters.

use std::collections::VecDeque;

use oplock_model::{AckAnswer, Level, Modes, RuleId, RuleSet, Status};

use super::api::{Indication, StreamId, Ticket};
use super::oplock::Holder;
use super::request::Refusal;
use super::table::Table;
use crate::coverage::Record;

/// IoStatus.Information of a create that broke a Batch or Filter oplock and then failed: FILE_OPBATCH_BREAK_UNDERWAY.
pub(super) const BATCH_BREAK_UNDERWAY: u32 = 9;

/// Collects what the algorithms say, apart from the state that they change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Effects {
    /// Not polled yet, oldest first.
    pub out: VecDeque<Indication>,
    /// The rules that decided anything so far.
    pub fired: RuleSet,
    /// The cells of the transition grid that were reached so far.
    pub cells: Record,
    /// Calls that need wait no longer, in the order in which they go on.
    pub released: VecDeque<Ticket>,
    /// Where the granted requests are that pend.
    pub granted: Table<Ticket, StreamId>,
}

impl Effects {
    /// Records that a rule decided something.
    pub fn rule(&mut self, rule: RuleId) {
        self.fired.insert(rule);
    }

    /// Says something.
    pub fn say(&mut self, indication: Indication) {
        if let Indication::Broken { ticket, .. } | Indication::Completed { ticket, .. } =
            &indication
        {
            self.granted.remove(ticket);
        }
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
            answer: Some(AckAnswer::Store {
                to,
                ack_required: true,
                information: None,
                writable_section: false,
            }),
        });
    }

    /// Says that a request was turned down.
    pub fn refused(&mut self, ticket: Ticket, refusal: &Refusal) {
        self.rule(refusal.rule);
        if let Some(also) = refusal.also {
            self.rule(also);
        }
        // The only warning of a request: REQUEST_OPLOCK_OUTPUT_FLAG_WRITABLE_SECTION_PRESENT comes with it.
        let section = refusal.status == Status::CANNOT_GRANT_REQUESTED_OPLOCK;
        let answer = section.then_some(AckAnswer::Store {
            to: Level::None,
            ack_required: false,
            information: None,
            writable_section: true,
        });
        self.say(Indication::Returned { ticket, status: refusal.status, answer });
    }

    /// Says that a granted request of that level ended by close or cancel, or was replaced.
    pub fn completed(&mut self, holder: &Holder, level: Level, status: Status) {
        let replaced_or_closed = status == Status::SUCCESS;
        self.say(Indication::Completed {
            ticket: holder.ticket,
            status,
            to: Level::None,
            information: information(level, Level::None).filter(|_| replaced_or_closed),
        });
    }

    /// Says that a granted request was switched to a request for that level under the same key.
    pub fn switched(&mut self, holder: &Holder, to: Level) {
        self.rule(match to {
            Level::Rw | Level::Rwh => RuleId::FsaSwitchToExclusive,
            Level::Rh => RuleId::FsaSwitchToRh,
            _ => RuleId::FsaSwitchToR,
        });
        self.say(Indication::Completed {
            ticket: holder.ticket,
            status: Status::OPLOCK_SWITCHED_TO_NEW_HANDLE,
            // A Level II request that meets an R of its own key leaves it named R.
            to: if to == Level::Ii { Level::R } else { to },
            information: None,
        });
    }

    /// Says that a holder of a granular level is broken to none and owes nothing.
    pub fn broken_unowed(&mut self, holder: &Holder, from: Level) {
        self.say(Indication::Broken {
            ticket: holder.ticket,
            open: holder.open,
            status: Status::SUCCESS,
            from,
            to: Level::None,
            ack_required: false,
            information: None,
            modes: None,
        });
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
