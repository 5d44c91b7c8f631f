//! Judges a recorded history against its plan: a pure function, so that every verdict can be had again from the record.

mod compare;
mod sentence;
mod step;
mod unexpected;

use oplock_model::Event;
use oplock_suite::plan::Cell;

use crate::history::{History, What};
use crate::trace::Trace;
use crate::verdict::{Divergence, Judgement, Kind, Verdict};
use crate::waits::Waits;

/// What `history` says of the promises that `cell` asks for. Of `waits` only the windows of the
/// server's timers are judged; how long anything else was waited for is in the record.
#[must_use]
pub fn judge(cell: &Cell, history: &History, waits: &Waits) -> Judgement {
    let trace = Trace::new(cell, history);
    let end = end(&trace);
    let mut judged = Judged::default();
    let mut memory = step::Memory::default();
    for index in 0..cell.steps.len() {
        if trace.segment(index).next().is_none() {
            break;
        }
        let outcome = step::judge(&trace, index, waits, &mut memory);
        let cut = end.as_ref().filter(|end| end.step == index && !paced(&trace, index, end.entry));
        match cut {
            // What was still to come when the play was cut short says nothing.
            Some(end) => judged.divergences.extend(
                outcome
                    .divergences
                    .into_iter()
                    .filter(|it| it.entry.is_some_and(|at| at < end.entry)),
            ),
            None => {
                judged.divergences.extend(outcome.divergences);
                judged
                    .readings
                    .extend(outcome.readings.into_iter().map(|because| (index, because)));
            }
        }
    }
    let played = (0..cell.steps.len()).all(|index| trace.segment(index).next().is_some());
    if let Some(end) = end {
        judged.divergences.push(end.divergence(&trace));
    } else if !played {
        judged.divergences.push(cut_short(&trace));
    }
    let verdict = match judged.divergences.first().map(|cause| cause.kind) {
        None => Verdict::Pass,
        Some(Kind::Given) => Verdict::Inconclusive,
        Some(Kind::Fault) => Verdict::Error,
        Some(_) => Verdict::Fail,
    };
    Judgement { verdict, divergences: judged.divergences, readings: judged.readings }
}

#[derive(Default)]
struct Judged {
    divergences: Vec<Divergence>,
    readings: Vec<(usize, String)>,
}

/// Where the play was cut short.
struct End {
    entry: usize,
    step: usize,
    reason: String,
}

impl End {
    fn divergence(&self, trace: &Trace<'_>) -> Divergence {
        Divergence {
            kind: Kind::Fault,
            step: self.step,
            place: place(trace, self.step),
            sentence: self.reason.clone(),
            field: String::new(),
            expected: String::new(),
            observed: self.reason.clone(),
            entry: Some(self.entry),
        }
    }
}

/// The first fault or lost connection.
fn end(trace: &Trace<'_>) -> Option<End> {
    let entries = trace.history.entries.iter().enumerate();
    let mut ends = entries.filter_map(|(entry, recorded)| {
        let reason = match &recorded.what {
            What::Fault(reason) => reason.clone(),
            What::Event(Event::Gone { connection }) if !trace.is_dropped_at(*connection, entry) => {
                let actor = trace.actor_on(*connection).map(|actor| trace.actor_name(actor));
                format!("the connection of {} was lost", actor.unwrap_or("nobody"))
            }
            _ => return None,
        };
        Some(End { entry, step: trace.step_of(entry).unwrap_or_default(), reason })
    });
    ends.next()
}

/// Whether the step had been waited for to its end when the play was cut short.
fn paced(trace: &Trace<'_>, step: usize, end: usize) -> bool {
    trace.segment(step).any(|(entry, recorded)| entry < end && recorded.what == What::Quiet)
}

/// A record that ends without a reason: of a run that was killed.
fn cut_short(trace: &Trace<'_>) -> Divergence {
    let steps = 0..trace.cell.steps.len();
    let step = steps.filter(|step| trace.segment(*step).next().is_some()).max();
    let step = step.unwrap_or_default();
    Divergence {
        kind: Kind::Fault,
        step,
        place: place(trace, step),
        sentence: "the record ends before the last step".to_owned(),
        field: String::new(),
        expected: String::new(),
        observed: "the record ends before the last step".to_owned(),
        entry: None,
    }
}

fn place(trace: &Trace<'_>, step: usize) -> oplock_suite::plan::Place {
    trace.cell.steps.get(step).map(|step| step.place.clone()).unwrap_or_default()
}
