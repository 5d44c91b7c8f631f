//! How long a step is waited for: until what it expects has come, each event up to its bound.

use oplock_model::{AckForm, BreakNotice, CallId, Event, Layer, Level, Op, Tick};
use oplock_suite::plan::{Action, Operation, Wait};

use super::{Player, Stop, actor};
use crate::expect::{self, Item, Reading, Wanted};
use crate::history::What;
use crate::trace::{Subject, Trace};
use crate::waits::micros;

impl Player<'_> {
    /// Waits until one reading of the step is fulfilled, or until nothing more can be hoped
    /// for; then proves that nothing else comes.
    pub(super) fn pace(&mut self, step: usize) -> Result<(), Stop> {
        let began = self.scene.now();
        let mut over = None;
        while let Some(until) = self.hope(step, began) {
            if over.is_some_and(|over| until <= over) {
                break;
            }
            if !self.receive(until)? {
                over = Some(until);
            }
        }
        match self.quiet()? {
            true => Ok(()),
            false if self.nothing_missing(step) => Err(no_fence()),
            false => Err(Stop::Silent),
        }
    }

    /// Waits for the answers of a step that only records, and acknowledges as told whenever it
    /// is quiet: so one can tell an operation that waited from one that did not.
    pub(super) fn pace_recorded(&mut self, step: usize) -> Result<(), Stop> {
        let mut told = Vec::new();
        loop {
            let until = self.scene.now().plus_micros(micros(self.waits.reply));
            while !self.answered(step, &told) && self.owed(step, &told).is_empty() {
                if !self.receive(until)? {
                    break;
                }
            }
            if !self.quiet()? {
                return Err(no_fence());
            }
            let owed = self.owed(step, &told);
            if owed.is_empty() {
                return Ok(());
            }
            for entry in owed {
                told.push(Told { entry, call: self.ack_as_told(entry)? });
            }
        }
    }

    /// Until when it is worth to wait; nothing where one reading is fulfilled.
    fn hope(&self, step: usize, began: Tick) -> Option<Tick> {
        let trace = Trace::new(self.cell, &self.history);
        let plan = self.cell.steps.get(step)?;
        let readings = expect::readings(self.cell, step);
        if let Action::TimePasses(wait) = plan.action {
            let until = self.bound(&trace, wait, step, began);
            let wanted = |reading: &Reading<'_>| !reading.items.is_empty();
            let fulfilled = |reading: &Reading<'_>| missing(&trace, reading, step).is_empty();
            let all_came = readings.iter().any(|reading| wanted(reading) && fulfilled(reading));
            return (!all_came).then_some(until);
        }
        let mut latest = None;
        for reading in &readings {
            let missing = missing(&trace, reading, step);
            let bounds = missing.iter().map(|item| {
                let wait = match item.wanted {
                    Wanted::Sees(_) => self.waits.break_,
                    Wanted::Gets(_) | Wanted::Success(_) => self.waits.reply,
                };
                began.plus_micros(micros(wait))
            });
            latest = latest.max(Some(bounds.max()?));
        }
        latest
    }

    /// When the named wait of `time passes` is over.
    fn bound(&self, trace: &Trace<'_>, wait: Wait, step: usize, began: Tick) -> Tick {
        match wait {
            Wait::Reply => began.plus_micros(micros(self.waits.reply)),
            Wait::Break => began.plus_micros(micros(self.waits.break_)),
            Wait::Quiet => began.plus_micros(micros(self.waits.quiet)),
            Wait::DurableTimeout => {
                let first = trace.segment(step).next().map_or(0, |(entry, _)| entry);
                let lost = trace.lost_before(first).map_or(began, |entry| trace.at(entry));
                lost.plus_micros(micros(self.waits.durable_timeout.latest))
            }
            Wait::AckTimeout => {
                let first = trace.segment(step).next().map_or(0, |(entry, _)| entry);
                let told = trace.unacknowledged(first).map_or(began, |entry| trace.at(entry));
                told.plus_micros(micros(self.waits.ack_timeout.latest))
            }
        }
    }

    fn nothing_missing(&self, step: usize) -> bool {
        let trace = Trace::new(self.cell, &self.history);
        let readings = expect::readings(self.cell, step);
        readings.iter().any(|reading| missing(&trace, reading, step).is_empty())
    }

    /// Whether every call of the step, and every acknowledgement as told, has its answer.
    fn answered(&self, step: usize, told: &[Told]) -> bool {
        let trace = Trace::new(self.cell, &self.history);
        let answers: Vec<CallId> =
            trace.segment(step).filter_map(|(_, entry)| reply(&entry.what)).collect();
        let sent = trace.segment(step).filter_map(|(_, entry)| match &entry.what {
            What::Sent(sent) => Some(sent.iter().filter(|(index, _)| {
                // A cancel has no answer of its own.
                let call = trace.call(*index).map(|(_, call)| &call.operation);
                !matches!(call, Some(Operation::Cancel { .. }))
            })),
            _ => None,
        });
        let sent = sent.flatten().map(|(_, id)| *id);
        let acks = told.iter().map(|told| told.call);
        sent.chain(acks).all(|call| answers.contains(&call))
    }

    /// The breaks of the step whose acknowledgement is owed and not sent yet.
    fn owed(&self, step: usize, told: &[Told]) -> Vec<usize> {
        let trace = Trace::new(self.cell, &self.history);
        let breaks = trace.segment(step).map(|(entry, _)| entry);
        breaks
            .filter(|entry| trace.owes_ack(*entry))
            .filter(|entry| told.iter().all(|told| told.entry != *entry))
            .collect()
    }

    /// Acknowledges the break at that entry with the level that it tells.
    fn ack_as_told(&mut self, entry: usize) -> Result<CallId, Stop> {
        let trace = Trace::new(self.cell, &self.history);
        let holder = trace.actor_of(entry).unwrap_or_default();
        let Some(Event::Break(notice)) = trace.event(entry) else {
            return Err(Stop::Fault("an acknowledgement without a break".to_owned()));
        };
        let op = match notice {
            BreakNotice::Oplock { file, level, .. } => Op::OplockAck { file: *file, level: *level },
            BreakNotice::Lease { key, new, .. } => Op::LeaseAck { key: *key, state: *new },
            BreakNotice::Request { file, from, to, .. } => {
                Op::Ack { file: *file, form: form(*from, *to) }
            }
        };
        let ids = self.scene.submit(actor(holder), &[op])?;
        let call = ids.first().copied();
        let call = call.ok_or_else(|| Stop::Fault("the target gave no call id".to_owned()))?;
        self.note(What::SentAsTold(call));
        Ok(call)
    }
}

fn no_fence() -> Stop {
    Stop::Fault("a connection gave no answer to a fence".to_owned())
}

/// A break that was acknowledged as told.
struct Told {
    entry: usize,
    call: CallId,
}

/// What a reading still waits for. What was never sent has no answer, and over SMB2 what was
/// answered in an earlier step has no second one.
fn missing<'a, 'r>(trace: &Trace<'_>, reading: &'r Reading<'a>, step: usize) -> Vec<&'r Item<'a>> {
    let pairs = expect::pair(trace, reading, step);
    let items = reading.items.iter().zip(pairs);
    let open = items.filter(|(item, pair)| pair.is_none() && can_come(trace, item, step));
    open.map(|(item, _)| item).collect()
}

fn can_come(trace: &Trace<'_>, item: &Item<'_>, step: usize) -> bool {
    let Subject::Call(call) = item.subject else { return true };
    if !trace.was_sent(call) {
        return false;
    }
    if trace.cell.layer == Layer::Store {
        return true;
    }
    let subject = Some(Subject::Call(call));
    (0..trace.history.entries.len())
        .filter(|entry| trace.step_of(*entry) < Some(step))
        .all(|entry| trace.subject(entry) != subject)
}

fn reply(what: &What) -> Option<CallId> {
    match what {
        What::Event(Event::Reply { call, .. }) => Some(*call),
        _ => None,
    }
}

/// The acknowledgement that accepts what a store break tells.
fn form(from: Level, to: Level) -> AckForm {
    match to.lease_state() {
        Some(state) if from.is_granular() => AckForm::Granular(state),
        _ => AckForm::Acknowledge,
    }
}
