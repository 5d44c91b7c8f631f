//! What came in a step although it must not, or although nobody expected it.

use std::collections::BTreeSet;

use oplock_model::Event;
use oplock_suite::plan::{BreakTarget, CallIndex, Place};

use super::sentence;
use super::step::{Bench, Grade};
use crate::expect::{self, SilenceOf};
use crate::history::{Entry, What};
use crate::trace::Subject;
use crate::verdict::{Divergence, Kind};
use crate::words;

impl Bench<'_> {
    /// What must not come; gives the entries that it has spoken of.
    pub(super) fn silences(&mut self) -> BTreeSet<usize> {
        let mut spoken = BTreeSet::new();
        for silence in &self.reading.silences {
            for entry in self.unpaired() {
                if spoken.contains(&entry) || self.is_late(entry) {
                    continue;
                }
                let Some(subject) = self.trace.subject(entry) else { continue };
                let divergence = match silence.of {
                    SilenceOf::Answer(waits) if subject == Subject::Call(waits.call) => {
                        self.early(waits.call, &waits.place, entry)
                    }
                    SilenceOf::Break(place, target)
                        if is_break(&subject) && target.is_none_or(|it| is_of(&subject, it)) =>
                    {
                        Some(self.extra_break(place, entry))
                    }
                    _ => None,
                };
                if let Some(divergence) = divergence {
                    spoken.insert(entry);
                    let grade = match divergence.kind {
                        Kind::ExtraBreak => Grade::Content(self.before(entry)),
                        _ => Grade::Sequence(entry),
                    };
                    self.push(silence.given, grade, divergence);
                }
            }
        }
        spoken
    }

    fn early(&mut self, call: CallIndex, place: &Place, entry: usize) -> Option<Divergence> {
        let (_, plan) = self.trace.call(call)?;
        self.memory.early.insert(call);
        let answered = expect::answered_in(self.trace.cell, call);
        let later = answered.into_iter().find(|step| *step > self.step);
        // Where no later step waits for the answer, the next one would have let it go.
        let released = later.unwrap_or(self.step + 1);
        let expected = match self.trace.cell.steps.get(released) {
            Some(step) => format!("only after {}", words::action(step)),
            None => "no answer".to_owned(),
        };
        Some(Divergence {
            sentence: sentence::too_early(self.trace, plan, released),
            expected,
            observed: words::event(self.trace, entry),
            ..self.divergence(Kind::Order, place, Some(entry))
        })
    }

    fn extra_break(&self, place: &Place, entry: usize) -> Divergence {
        Divergence {
            sentence: sentence::extra_break(self.trace, entry),
            observed: words::event(self.trace, entry),
            ..self.divergence(Kind::ExtraBreak, place, Some(entry))
        }
    }

    /// What came without being expected: strict, but for interims and what the case allows.
    pub(super) fn extras(&mut self, silenced: &BTreeSet<usize>) {
        let Some(plan) = self.trace.cell.steps.get(self.step) else { return };
        let allowed = self.trace.cell.allow.as_ref().is_some_and(|allow| allow.breaks);
        for entry in self.unpaired() {
            if silenced.contains(&entry) {
                continue;
            }
            match self.trace.event(entry) {
                Some(Event::Finding(finding)) => {
                    let divergence = Divergence {
                        sentence: format!("the server broke the protocol: {}", finding.what),
                        observed: finding.what.clone(),
                        ..self.divergence(Kind::Finding, &plan.place, Some(entry))
                    };
                    self.push(false, Grade::Finding(entry), divergence);
                }
                Some(Event::Break(_)) if !allowed && !plan.record_only => {
                    let divergence = self.extra_break(&plan.place, entry);
                    self.push(false, Grade::Content(self.before(entry)), divergence);
                }
                Some(Event::Reply { .. } | Event::Completed { .. }) => self.extra_answer(entry),
                _ => {}
            }
        }
    }

    fn extra_answer(&mut self, entry: usize) {
        // Closing everything lets waiters go; after the last quiet check that is no news.
        if self.is_late(entry) {
            return;
        }
        // The answer to an acknowledgement as told is recorded only.
        let Some(Subject::Call(call)) = self.trace.subject(entry) else { return };
        let Some((made_in, plan)) = self.trace.call(call) else { return };
        let recorded_only =
            |step: usize| self.trace.cell.steps.get(step).is_some_and(|step| step.record_only);
        if recorded_only(made_in) || recorded_only(self.step) || self.memory.missed.remove(&call) {
            return;
        }
        let answered = expect::answered_in(self.trace.cell, call);
        let later = answered.into_iter().any(|step| step > self.step);
        let completed = matches!(self.trace.event(entry), Some(Event::Completed { .. }));
        let divergence = if later && !completed {
            self.early(call, &plan.place, entry)
        } else {
            Some(Divergence {
                sentence: sentence::extra_answer(self.trace, entry, plan),
                observed: words::event(self.trace, entry),
                ..self.divergence(
                    if completed { Kind::WrongStatus } else { Kind::Order },
                    &plan.place,
                    Some(entry),
                )
            })
        };
        if let Some(divergence) = divergence {
            self.push(false, Grade::Sequence(entry), divergence);
        }
    }

    /// The events of the step that no item took.
    fn unpaired(&self) -> Vec<usize> {
        let events = self.trace.segment(self.step).map(|(entry, _)| entry);
        let events = events.filter(|entry| self.trace.event(*entry).is_some());
        events.filter(|entry| !self.pairs.contains(&Some(*entry))).collect()
    }

    /// Whether the entry stands behind the quiet check that ends the cell.
    fn is_late(&self, entry: usize) -> bool {
        let last = self.trace.cell.steps.len().checked_sub(1) == Some(self.step);
        let quiet = |(_, recorded): &(usize, &Entry)| recorded.what == What::Quiet;
        let quiet = self.trace.segment(self.step).filter(quiet).last();
        last && quiet.is_some_and(|(quiet, _)| entry > quiet)
    }

    /// The grade of an event that nobody expected: before the first expectation met after it.
    fn before(&self, entry: usize) -> usize {
        let later = |pair: &Option<usize>| pair.is_some_and(|paired| paired > entry);
        2 * self.pairs.iter().position(later).unwrap_or(self.pairs.len())
    }
}

fn is_break(subject: &Subject) -> bool {
    !matches!(subject, Subject::Call(_))
}

fn is_of(subject: &Subject, target: &BreakTarget) -> bool {
    match (subject, target) {
        (Subject::Handle(broken), BreakTarget::Handle(name)) => broken == name,
        (Subject::Lease { key, .. }, BreakTarget::Key(name)) => key == name,
        _ => false,
    }
}
