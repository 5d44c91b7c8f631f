//! MS-FSA 2.1.4.12 "Algorithm to Check for an Oplock Break".

use oplock_model::{LeaseState, Level, RuleId};

use super::api::StreamId;
use super::check::{Check, LegacyBreak, Operation, Scope, lowered};
use super::effects::Effects;
use super::keys::{Caller, keys_match};
use super::objects::Store;
use super::oplock::{Exclusive, ExclusiveBreak, Holder, Oplock};
use super::wait::Halt;
use crate::choices::{Choices, OverwriteOwnLevelTwo};

/// What a check says to the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Outcome {
    /// Go on.
    Proceed,
    /// Wait until the break is over.
    Wait,
}

impl Store {
    /// Breaks what an operation on one stream takes away from others, and halts the pass where it has to wait.
    ///
    /// Goes on where the stream is gone. The caller passes the open that operates, or a create's keys.
    pub(super) fn check_or_wait(
        &mut self,
        stream: StreamId,
        caller: &Caller,
        operation: Operation,
    ) -> Result<(), Halt> {
        let check = Check::of(operation);
        match self.check_stream(stream, caller, &check, Scope::Everything) {
            Outcome::Proceed => Ok(()),
            Outcome::Wait => Err(Halt::for_break(stream, check.granular(), caller)),
        }
    }

    /// The same, for a check of any kind; the operation says itself what it does when it would have to wait.
    pub(super) fn check_stream(
        &mut self,
        stream: StreamId,
        caller: &Caller,
        check: &Check,
        scope: Scope,
    ) -> Outcome {
        self.note_name_check(stream, check, caller);
        let Some(stream) = self.streams.get_mut(&stream) else { return Outcome::Proceed };
        stream.oplock.check_break(caller, check, scope, &self.choices, &mut self.effects)
    }
}

impl Oplock {
    /// Breaks what the operation takes away from others, and says whether it has to wait.
    pub fn check_break(
        &mut self,
        caller: &Caller,
        check: &Check,
        scope: Scope,
        choices: &Choices,
        effects: &mut Effects,
    ) -> Outcome {
        self.note_check(check, caller, effects);
        if let Some(rule) = check.unchecked(choices) {
            effects.rule(rule);
            return Outcome::Proceed;
        }
        self.drop_pending_filter(caller, check, scope, choices, effects);
        if check.operation == Operation::WritableSection {
            return self.break_for_section(check, effects);
        }
        let outcome = if let Some(exclusive) = &mut self.exclusive {
            if !scope.covers(exclusive.level) {
                return Outcome::Proceed;
            }
            check_exclusive(exclusive, caller, check, choices, effects)
        } else if scope == Scope::BatchAndFilter {
            return Outcome::Proceed;
        } else if self.held_by_nobody() {
            effects.rule(RuleId::FsaCheckBreakNothingHeld);
            return Outcome::Proceed;
        } else {
            self.check_level_two(caller, check, choices, effects);
            self.check_shared(caller, check, choices, effects)
        };
        self.recompute(effects);
        outcome
    }

    /// Whether somebody else has handle caching that an open violating sharing could take away or wait for.
    pub fn handle_held_by_other(&self, caller: &Caller) -> bool {
        let exclusive = self.exclusive.as_ref().filter(|held| held.level == Level::Rwh);
        exclusive
            .map(|held| &held.holder)
            .into_iter()
            .chain(&self.read_handle)
            .chain(self.queue.iter().map(|entry| &entry.holder))
            .any(|holder| !keys_match(caller, holder))
    }

    /// Whether all that others hold could stand beside an RH of the caller: R and RH, and no break running.
    pub fn could_stand_beside_rh(&self, caller: &Caller) -> bool {
        let exclusive = self.exclusive.as_ref().map(|held| &held.holder);
        exclusive
            .into_iter()
            .chain(&self.level_two)
            .chain(self.queue.iter().map(|entry| &entry.holder))
            .all(|holder| keys_match(caller, holder))
    }

    /// Whether the check would break something or wait, tried on a copy.
    pub fn would_break(&self, caller: &Caller, check: &Check, choices: &Choices) -> bool {
        let mut effects = Effects::default();
        let mut copy = self.clone();
        let outcome = copy.check_break(caller, check, Scope::Everything, choices, &mut effects);
        outcome == Outcome::Wait || !effects.out.is_empty()
    }

    /// A writable section: granular oplocks of everybody go to none, nothing is owed, nobody waits
    /// (WDK, "Checking the Oplock State of an FS_FILTER_ACQUIRE_FOR_SECTION_SYNCHRONIZATION Operation").
    fn break_for_section(&mut self, check: &Check, effects: &mut Effects) -> Outcome {
        if self.held_by_nobody() && self.exclusive.is_none() {
            effects.rule(RuleId::FsaCheckBreakNothingHeld);
            return Outcome::Proceed;
        }
        if let Some(held) =
            self.exclusive.take_if(|held| held.level.is_granular() && held.breaking.is_none())
        {
            note_break(check, held.level, effects);
            effects.broken_unowed(&held.holder, held.level);
        }
        if let Some(held) = &mut self.exclusive {
            match &mut held.breaking {
                Some(running) if held.level.is_granular() => {
                    effects.rule(RuleId::FsaCheckBreakSectionMeetsBreak);
                    running.to = Level::None;
                }
                _ => note(check.kept_rule(held.level), effects),
            }
        }
        if !self.level_two.is_empty() {
            note(check.kept_rule(Level::Ii), effects);
        }
        for (list, level) in [(&mut self.read, Level::R), (&mut self.read_handle, Level::Rh)] {
            for holder in list.drain(..) {
                note_break(check, level, effects);
                effects.broken_unowed(&holder, level);
            }
        }
        for entry in &mut self.queue {
            effects.rule(RuleId::FsaCheckBreakSectionMeetsBreak);
            entry.to_read = false;
        }
        self.recompute(effects);
        Outcome::Proceed
    }

    fn held_by_nobody(&self) -> bool {
        self.level_two.is_empty()
            && self.read.is_empty()
            && self.read_handle.is_empty()
            && self.queue.is_empty()
    }

    /// Level II: breaks for everybody or for nobody.
    fn check_level_two(
        &mut self,
        caller: &Caller,
        check: &Check,
        choices: &Choices,
        effects: &mut Effects,
    ) {
        if self.level_two.is_empty() {
            return;
        }
        if let Some(rule) = check.exemption(false, choices) {
            effects.rule(rule);
            return;
        }
        if check.legacy() != LegacyBreak::ToNone {
            note(check.kept_rule(Level::Ii), effects);
            return;
        }
        let spares = check.operation == Operation::Overwrite
            && choices.overwrite_own_level_two == OverwriteOwnLevelTwo::Spares;
        for holder in self.level_two.extract_if(.., |holder| !spares || !keys_match(caller, holder))
        {
            if keys_match(caller, &holder) {
                effects.rule(RuleId::FsaCheckBreakIiNoExemption);
            }
            note_break(check, Level::Ii, effects);
            effects.broken(&holder, Level::Ii, Level::None, None);
        }
    }

    /// R and RH: each holder with another key by itself.
    fn check_shared(
        &mut self,
        caller: &Caller,
        check: &Check,
        choices: &Choices,
        effects: &mut Effects,
    ) -> Outcome {
        let breaking_before = !self.queue.is_empty();
        if self.read.is_empty() && self.read_handle.is_empty() && !breaking_before {
            return Outcome::Proceed;
        }
        if let Some(rule) = check.exemption(true, choices) {
            effects.rule(rule);
            if breaking_before {
                effects.rule(RuleId::FsaBreakingStatOnlyProceeds);
            }
            return Outcome::Proceed;
        }
        let needs = check.granular();
        if needs.contains(LeaseState::R) {
            self.break_shared_to_none(caller, check, effects);
            Outcome::Proceed
        } else if needs.contains(LeaseState::H) {
            self.break_handles_to_read(caller, check, effects)
        } else {
            for (list, level) in [(&self.read, Level::R), (&self.read_handle, Level::Rh)] {
                if !list.is_empty() {
                    note(check.kept_rule(level), effects);
                }
            }
            if breaking_before {
                effects.rule(RuleId::FsaBreakingUnaffectedProceeds);
            }
            Outcome::Proceed
        }
    }

    fn break_shared_to_none(&mut self, caller: &Caller, check: &Check, effects: &mut Effects) {
        let breaking_before = !self.queue.is_empty();
        for entry in &mut self.queue {
            if check.is_own(caller, &entry.holder, effects) {
                effects.rule(RuleId::FsaBreakingSameKeyProceeds);
            } else if entry.to_read {
                // Nothing is said: the holder learns of it when it acknowledges.
                effects.rule(RuleId::FsaBreakingRhToRDeepenedToNone);
                entry.to_read = false;
            } else {
                effects.rule(RuleId::FsaBreakingRhToNoneProceeds);
            }
        }
        for holder in strangers(&mut self.read, caller, check, effects) {
            note_break(check, Level::R, effects);
            effects.broken(&holder, Level::R, Level::None, None);
            more_holders(breaking_before, RuleId::FsaBreakingRhMoreHoldersToNone, effects);
        }
        for holder in strangers(&mut self.read_handle, caller, check, effects) {
            note_break(check, Level::Rh, effects);
            effects.broken(&holder, Level::Rh, Level::None, None);
            more_holders(breaking_before, RuleId::FsaBreakingRhMoreHoldersToNone, effects);
            self.enqueue(holder, Level::None);
        }
    }

    fn break_handles_to_read(
        &mut self,
        caller: &Caller,
        check: &Check,
        effects: &mut Effects,
    ) -> Outcome {
        let breaking_before = !self.queue.is_empty();
        if !self.read.is_empty() {
            note(check.kept_rule(Level::R), effects);
        }
        for holder in strangers(&mut self.read_handle, caller, check, effects) {
            note_break(check, Level::Rh, effects);
            effects.broken(&holder, Level::Rh, Level::R, check.modes());
            more_holders(breaking_before, RuleId::FsaBreakingRhMoreHoldersToR, effects);
            self.enqueue(holder, Level::R);
        }
        if self.queue.iter().all(|entry| keys_match(caller, &entry.holder)) {
            if breaking_before {
                effects.rule(RuleId::FsaBreakingSameKeyProceeds);
            }
            return Outcome::Proceed;
        }
        if breaking_before {
            effects.rule(RuleId::FsaBreakingRhHandleWaits);
        }
        Outcome::Wait
    }
}

fn check_exclusive(
    exclusive: &mut Exclusive,
    caller: &Caller,
    check: &Check,
    choices: &Choices,
    effects: &mut Effects,
) -> Outcome {
    let held = exclusive.level;
    let breaking = exclusive.breaking.is_some();
    if let Some(rule) = check.exemption(held.is_granular(), choices) {
        effects.rule(if breaking { RuleId::FsaBreakingStatOnlyProceeds } else { rule });
        return Outcome::Proceed;
    }
    if check.is_own(caller, &exclusive.holder, effects) {
        effects.rule(if breaking { RuleId::FsaBreakingSameKeyProceeds } else { check.own_rule() });
        return Outcome::Proceed;
    }
    let Some(target) = check.target(held, choices) else {
        if breaking {
            effects.rule(RuleId::FsaBreakingUnaffectedProceeds);
        } else {
            note(check.kept_rule(held), effects);
        }
        return Outcome::Proceed;
    };
    match &mut exclusive.breaking {
        Some(running) => deepen(held, running, target, check, effects),
        None => {
            if check.is_open() {
                effects.rule(RuleId::FsaCheckBreakOpenData);
                if check.is_read_control_only() && !held.is_granular() {
                    effects.rule(RuleId::FsaCheckBreakOpenReadControlLegacy);
                }
            }
            note_break(check, held, effects);
            effects.broken(&exclusive.holder, held, target, check.modes());
            exclusive.breaking =
                Some(ExclusiveBreak { told: target, to: target, close_pending: false });
        }
    }
    if check.waits(held, choices) {
        Outcome::Wait
    } else {
        if check.operation == Operation::Lock {
            effects.rule(RuleId::FsaCheckBreakLockRwhContinues);
        }
        Outcome::Proceed
    }
}

/// A further operation meets a running break: it joins the wait, and the break goes as deep as it needs.
fn deepen(
    held: Level,
    running: &mut ExclusiveBreak,
    target: Level,
    check: &Check,
    effects: &mut Effects,
) {
    let before = running.to;
    if held.is_granular() {
        running.to = lowered(before, check.granular());
        effects.rule(match (held, before, running.to) {
            (_, before, after) if before == after => RuleId::FsaBreakingGranularJoins,
            (Level::Rw, ..) => RuleId::FsaBreakingRwDeepenedToNone,
            (_, _, Level::None) => RuleId::FsaBreakingRwhDeepenedToNone,
            (_, Level::Rw, _) => RuleId::FsaBreakingRwhToRwDeepenedToR,
            _ => RuleId::FsaBreakingRwhToRhDeepenedToR,
        });
    } else if held == Level::Filter {
        effects.rule(RuleId::FsaBreakingFilterWaits);
    } else if before == Level::Ii && target == Level::None {
        running.to = Level::None;
        effects.rule(RuleId::FsaBreakingTwoDeepenedToNone);
    } else {
        effects.rule(RuleId::FsaBreakingLegacyJoins);
    }
}

/// Takes those out of the list who are not the caller's own.
fn strangers(
    list: &mut Vec<Holder>,
    caller: &Caller,
    check: &Check,
    effects: &mut Effects,
) -> Vec<Holder> {
    let strange = |holder: &mut Holder| !check.is_own(caller, holder, effects);
    let others = list.extract_if(.., strange).collect();
    if !list.is_empty() {
        effects.rule(check.own_rule());
    }
    others
}

fn more_holders(breaking_before: bool, rule: RuleId, effects: &mut Effects) {
    if breaking_before {
        effects.rule(rule);
    }
}

fn note_break(check: &Check, held: Level, effects: &mut Effects) {
    note(check.break_rule(held), effects);
    if check.operation == Operation::ValidDataLength {
        effects.rule(RuleId::FsaCheckBreakSizeValidDataLength);
    }
}

fn note(rule: Option<RuleId>, effects: &mut Effects) {
    if let Some(rule) = rule {
        effects.rule(rule);
    }
}
