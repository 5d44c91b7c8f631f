//! Judges one step under each of its readings, and takes the one that fits best.

use std::collections::BTreeSet;

use oplock_model::Tick;
use oplock_suite::plan::{Action, CallIndex, Place, Wait};

use super::{compare, sentence};
use crate::expect::{self, Item, Reading, Wanted};
use crate::history::What;
use crate::trace::{Subject, Trace};
use crate::verdict::{Divergence, Kind};
use crate::waits::{Waits, Window, micros};
use crate::words;

/// What earlier steps left open: told once, not once for each step that it touches.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// Calls whose answer was missing: when it comes late, that is no news.
    pub(super) missed: BTreeSet<CallIndex>,
    /// Calls whose answer came too early: when it is missing later, that is no news.
    pub(super) early: BTreeSet<CallIndex>,
}

/// A timer of the server, as a client can know it.
#[derive(Clone, Copy, Debug)]
struct Timed {
    /// It did not begin before this: nothing had been sent that could begin it.
    earliest: Tick,
    /// It had begun by then: the client knew of it.
    latest: Tick,
    /// When it ends, counted from its begin.
    window: Window,
}

/// What was found in one step.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    pub(super) divergences: Vec<Divergence>,
    pub(super) readings: Vec<String>,
}

/// Judges the step and takes note of what it leaves open.
pub(super) fn judge(trace: &Trace<'_>, step: usize, waits: &Waits, memory: &mut Memory) -> Outcome {
    let readings = expect::readings(trace.cell, step);
    let judged = readings.iter().map(|reading| {
        let mut bench = Bench::new(trace, step, reading, waits, memory.clone());
        bench.judge();
        (bench.finish(), reading)
    });
    let judged: Vec<_> = judged.collect();
    let Some(best) = judged.iter().min_by_key(|((found, _), _)| found.len()) else {
        return Outcome::default();
    };
    let ((divergences, left), reading) = best;
    let mut divergences = divergences.clone();
    if let Some(cause) = divergences.first_mut() {
        let others = judged.iter().filter_map(|((found, _), _)| found.first());
        widen(cause, others);
    }
    *memory = left.clone();
    let held = divergences.is_empty();
    let because = reading.because.iter().map(|because| (*because).to_owned());
    Outcome { readings: if held { because.collect() } else { Vec::new() }, divergences }
}

/// Where every reading wants another value of the same field, the expectation names them all.
fn widen<'d>(cause: &mut Divergence, others: impl Iterator<Item = &'d Divergence>) {
    let same = others.filter(|other| other.entry == cause.entry && other.field == cause.field);
    let wanted: Vec<String> = same.map(|other| other.expected.clone()).collect();
    let mut words: Vec<String> = vec![cause.expected.clone()];
    for word in wanted {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if words.len() > 1 {
        let all = words.join(" or ");
        let alone = format!("instead of {}", cause.expected);
        cause.sentence = cause.sentence.replace(&alone, &format!("instead of {all}"));
        cause.expected = all;
    }
}

/// One reading on trial.
pub(super) struct Bench<'t> {
    pub(super) trace: &'t Trace<'t>,
    pub(super) step: usize,
    pub(super) reading: &'t Reading<'t>,
    waits: &'t Waits,
    pub(super) pairs: Vec<Option<usize>>,
    pub(super) memory: Memory,
    found: Vec<(Grade, Divergence)>,
}

/// Which of several divergences of a step is the cause: a precondition, a broken message, then
/// what came in the order of the case, then what only follows from waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grade {
    Given(usize),
    Finding(usize),
    /// Twice the position of the expectation, plus one; an extra event stands before the first
    /// expectation that was met after it.
    Content(usize),
    Sequence(usize),
}

impl<'t> Bench<'t> {
    fn new(
        trace: &'t Trace<'t>,
        step: usize,
        reading: &'t Reading<'t>,
        waits: &'t Waits,
        memory: Memory,
    ) -> Bench<'t> {
        let pairs = expect::pair(trace, reading, step);
        Bench { trace, step, reading, waits, pairs, memory, found: Vec::new() }
    }

    fn finish(mut self) -> (Vec<Divergence>, Memory) {
        self.found.sort_by_key(|(grade, divergence)| (*grade, divergence.entry));
        (self.found.into_iter().map(|(_, divergence)| divergence).collect(), self.memory)
    }

    fn judge(&mut self) {
        self.not_possible();
        self.items();
        self.order();
        let silenced = self.silences();
        self.extras(&silenced);
    }

    /// Calls that could not be sent, because what they name never came to exist.
    fn not_possible(&mut self) {
        for (entry, recorded) in self.trace.segment(self.step) {
            let What::NotPossible { call, reason } = &recorded.what else { continue };
            let Some((_, call)) = self.trace.call(*call) else { continue };
            let is_ack = matches!(call.operation, oplock_suite::plan::Operation::Ack(_));
            let kind = if is_ack { Kind::MissingBreak } else { Kind::WrongStatus };
            let who = self.trace.actor_name(call.actor);
            let divergence = Divergence {
                sentence: format!("{who}'s {} was not possible: {reason}", words::noun(call)),
                expected: words::call(call),
                observed: format!("not possible: {reason}"),
                ..self.divergence(kind, &call.place, Some(entry))
            };
            self.found.push((Grade::Content(0), divergence));
        }
    }

    fn items(&mut self) {
        let window = self.window();
        for (position, item) in self.reading.items.iter().enumerate() {
            match self.pairs.get(position).copied().flatten() {
                None => self.missing(position, item),
                Some(entry) => {
                    for difference in compare::differences(self.trace, item, entry) {
                        let divergence = Divergence {
                            sentence: difference.sentence,
                            field: difference.field.to_owned(),
                            expected: difference.expected,
                            observed: difference.observed,
                            ..self.divergence(difference.kind, item.place(), Some(entry))
                        };
                        self.push(item.given, Grade::Content(2 * position + 1), divergence);
                    }
                    if let Some(window) = &window {
                        self.in_time(position, item, entry, window);
                    }
                }
            }
        }
    }

    fn missing(&mut self, position: usize, item: &Item<'_>) {
        if let Subject::Call(call) = item.subject {
            // What was never sent, or was answered too early, has been told already.
            if !self.trace.was_sent(call) || self.memory.early.remove(&call) {
                return;
            }
            self.memory.missed.insert(call);
        }
        let (kind, grade) = match item.wanted {
            Wanted::Sees(_) => (Kind::MissingBreak, Grade::Content(2 * position + 1)),
            Wanted::Gets(_) | Wanted::Success(_) => (Kind::Stall, Grade::Sequence(position)),
        };
        let late = self.comes_later(&item.subject);
        let late = late.map_or_else(String::new, |step| format!("; it came in step {}", step + 1));
        let divergence = Divergence {
            sentence: format!("{}{late}", sentence::missing(self.trace, item)),
            expected: sentence::expected(item),
            ..self.divergence(kind, item.place(), None)
        };
        self.push(item.given, grade, divergence);
    }

    fn comes_later(&self, subject: &Subject) -> Option<usize> {
        let Subject::Call(_) = subject else { return None };
        let mut entries = 0..self.trace.history.entries.len();
        let late = entries.find(|entry| {
            self.trace.step_of(*entry) > Some(self.step)
                && self.trace.subject(*entry).as_ref() == Some(subject)
        });
        self.trace.step_of(late?)
    }

    /// When the server's timer began, and the bounds of its end; nothing where no timer of the server is awaited.
    fn window(&self) -> Option<Timed> {
        let Action::TimePasses(wait) = self.trace.cell.steps.get(self.step)?.action else {
            return None;
        };
        let (first, recorded) = self.trace.segment(self.step).next()?;
        match wait {
            Wait::AckTimeout => {
                let told = self.trace.unacknowledged(first)?;
                let (latest, window) = (self.trace.at(told), self.waits.ack_timeout);
                let earliest = self.trace.sent_before(told).unwrap_or(latest);
                Some(Timed { earliest, latest, window })
            }
            Wait::DurableTimeout => {
                let lost = self.trace.lost_before(first);
                let opens = lost.map_or(recorded.at, |lost| self.trace.at(lost));
                let window = self.waits.durable_timeout;
                Some(Timed { earliest: opens, latest: opens, window })
            }
            Wait::Reply | Wait::Break | Wait::Quiet => None,
        }
    }

    fn in_time(
        &mut self,
        position: usize,
        item: &Item<'_>,
        entry: usize,
        Timed { earliest, latest, window }: &Timed,
    ) {
        let came = self.trace.at(entry);
        let after = came.micros_since(*latest);
        let (kind, expected, limit) = if came.micros_since(*earliest) < micros(window.earliest) {
            (Kind::Order, "earliest", window.earliest)
        } else if after > micros(window.latest) {
            (Kind::Stall, "latest", window.latest)
        } else {
            return;
        };
        let what = sentence::item(self.trace, item);
        let side = if kind == Kind::Order { "before" } else { "after" };
        let cause = match self.trace.cell.steps.get(self.step).map(|step| &step.action) {
            Some(Action::TimePasses(Wait::DurableTimeout)) => "loss of the connection",
            _ => "break",
        };
        let divergence = Divergence {
            sentence: format!(
                "{what} came {} after the {cause}, {side} the {expected} {}",
                seconds(after),
                seconds(micros(limit)),
            ),
            field: "time".to_owned(),
            // No times: a signature must be the same in every run.
            expected: "within the window".to_owned(),
            observed: format!("{side} the {expected}"),
            ..self.divergence(kind, item.place(), Some(entry))
        };
        self.push(item.given, Grade::Sequence(position), divergence);
    }

    /// The order of each lane, where two events have a rank.
    fn order(&mut self) {
        let items = self.reading.items.iter().zip(&self.pairs);
        let mut placed: Vec<(usize, usize, usize, &Item<'_>)> = items
            .filter_map(|(item, pair)| {
                let lane = self.trace.lane(item.actor()?);
                Some((lane, (*pair)?, item.rank?, item))
            })
            .collect();
        placed.sort_by_key(|(lane, entry, ..)| (*lane, *entry));
        let mut found = Vec::new();
        for (position, (lane, entry, rank, item)) in placed.iter().enumerate() {
            let after = placed.iter().skip(position + 1);
            let mut after =
                after.filter(|(other, _, _, it)| other == lane && it.given == item.given);
            if let Some((_, _, _, overtaken)) = after.find(|(_, _, other, _)| other < rank) {
                let first = sentence::item(self.trace, item);
                let second = sentence::item(self.trace, overtaken);
                let divergence = Divergence {
                    sentence: format!("{first} came before {second}"),
                    expected: format!("after {second}"),
                    observed: format!("before {second}"),
                    ..self.divergence(Kind::Order, item.place(), Some(*entry))
                };
                found.push((item.given, Grade::Sequence(*entry), divergence));
            }
        }
        for (given, grade, divergence) in found {
            self.push(given, grade, divergence);
        }
    }

    pub(super) fn divergence(&self, kind: Kind, place: &Place, entry: Option<usize>) -> Divergence {
        Divergence {
            kind,
            step: self.step,
            place: place.clone(),
            sentence: String::new(),
            field: String::new(),
            expected: String::new(),
            observed: String::new(),
            entry,
        }
    }

    pub(super) fn push(&mut self, given: bool, grade: Grade, divergence: Divergence) {
        match given {
            true => {
                let at = self.found.len();
                let divergence = Divergence { kind: Kind::Given, ..divergence };
                self.found.push((Grade::Given(at), divergence));
            }
            false => self.found.push((grade, divergence)),
        }
    }
}

/// A time in seconds; one of a fast clock's with what its window is fine enough for.
fn seconds(micros: u64) -> String {
    if micros < 10_000_000 {
        format!("{}.{:02} s", micros / 1_000_000, micros % 1_000_000 / 10_000)
    } else {
        format!("{} s", micros / 1_000_000)
    }
}
