//! What a matrix cell showed, in the grammar in which cells are written.

use oplock_model::{Body, BreakNotice, Event, Status};
use oplock_suite::plan::{Action, Call, Cell, Expect, Operation, Step, Want};

use crate::history::{History, What};
use crate::trace::Trace;

/// The observed text of a matrix cell: `-`, `RH! / RH`, `none~`, `RW!=sharing_violation`. What
/// was granted stands only where something was asked for.
#[must_use]
pub fn outcome(cell: &Cell, history: &History) -> String {
    let trace = Trace::new(cell, history);
    let asked = asked_in(cell);
    let calls: &[Call] = match cell.steps.get(asked).map(|step| &step.action) {
        Some(Action::Calls(calls)) => calls,
        _ => &[],
    };
    let mut text = breaks(&trace, asked, calls);
    // A cancel has no answer of its own: the cell tells of what stands before it.
    let is_silent = |call: &&Call| matches!(call.operation, Operation::Cancel { .. });
    let Some(last) = calls.iter().rev().find(|call| !is_silent(call)) else { return text };
    match answer(&trace, last) {
        None => text.push_str("=no_answer"),
        Some((_, status, _)) if !granted_or_done(status) => {
            text.push_str(&format!("={status}"));
        }
        Some(_) => {
            let opens = calls.iter().rev().find_map(|call| grant(&trace, call));
            if let Some(granted) = opens {
                text.push_str(&format!(" / {granted}"));
            }
        }
    }
    text
}

/// The step that the cell is about: the one that only records, or the first one of which an
/// expectation is written elsewhere, in the table; failing that the last that is written by hand.
fn asked_in(cell: &Cell) -> usize {
    let recorded = cell.steps.iter().position(|step| step.record_only);
    let by_table = || {
        cell.steps.iter().enumerate().position(|(index, step)| {
            let next = cell.steps.get(index + 1).map(|next| next.place.line);
            let elsewhere = |line: u32| {
                line < step.place.line || next.is_some_and(|next| line >= next && next > 0)
            };
            let leaves = step.then.iter().map(line_of);
            leaves.flatten().any(elsewhere)
        })
    };
    let last = || {
        let asks = |step: &Step| match &step.action {
            Action::Calls(calls) => {
                calls.iter().any(|call| !matches!(call.operation, Operation::Ack(_)))
            }
            Action::TimePasses(_) => false,
        };
        cell.steps.iter().rposition(asks)
    };
    recorded.or_else(by_table).or_else(last).unwrap_or_default()
}

fn line_of(expect: &Expect) -> Option<u32> {
    match expect {
        Expect::Sees(sees) => Some(sees.place.line),
        Expect::Gets(gets) => Some(gets.place.line),
        Expect::Waits(waits) => Some(waits.place.line),
        Expect::NobodySees { place, .. } | Expect::OneOf { place, .. } => Some(place.line),
        Expect::InAnyOrder { all, .. } => all.first().and_then(line_of),
    }
}

/// One break after another, each with its mark.
fn breaks(trace: &Trace<'_>, asked: usize, calls: &[Call]) -> String {
    let answered = calls.last().and_then(|last| answer(trace, last)).map(|(entry, ..)| entry);
    let first = trace.segment(asked).next().map_or(usize::MAX, |(entry, _)| entry);
    let mut told = Vec::new();
    for (entry, recorded) in trace.history.entries.iter().enumerate().skip(first) {
        let What::Event(Event::Break(notice)) = &recorded.what else { continue };
        let mark = match trace.owes_ack(entry) {
            false => "",
            true if waits(trace, entry, answered) => "!",
            true => "~",
        };
        told.push(format!("{}{mark}", left(notice)));
    }
    if told.is_empty() { "-".to_owned() } else { told.join(">") }
}

/// Whether the operation waited for the acknowledgement of the break at that entry: its answer
/// came only after the next acknowledgement was sent, or never.
fn waits(trace: &Trace<'_>, broken: usize, answered: Option<usize>) -> bool {
    let Some(answered) = answered else { return true };
    let mut later = trace.history.entries.iter().enumerate().skip(broken);
    let acked = later.find(|(_, recorded)| match &recorded.what {
        What::SentAsTold(_) => true,
        What::Sent(sent) => sent.iter().any(|(index, _)| {
            let call = trace.call(*index);
            call.is_some_and(|(_, call)| matches!(call.operation, Operation::Ack(_)))
        }),
        _ => false,
    });
    acked.is_some_and(|(acked, _)| answered > acked)
}

fn left(notice: &BreakNotice) -> String {
    match notice {
        BreakNotice::Oplock { level, .. } => level.to_string(),
        BreakNotice::Lease { new, .. } => new.to_string(),
        BreakNotice::Request { to, .. } => to.to_string(),
    }
}

fn answer<'a>(trace: &Trace<'a>, call: &Call) -> Option<(usize, Status, &'a Body)> {
    trace.history.entries.iter().enumerate().find_map(|(entry, recorded)| match &recorded.what {
        What::Event(Event::Reply { call: id, .. }) => {
            let Some(Event::Reply { status, body, .. }) = trace.event(entry) else { return None };
            let own = trace.sent_as(*id)?.index == call.index;
            own.then_some((entry, *status, body))
        }
        _ => None,
    })
}

/// At the store a refused request is a grant of none.
fn granted_or_done(status: Status) -> bool {
    matches!(status, Status::SUCCESS | Status::PENDING | Status::OPLOCK_NOT_GRANTED)
}

/// What a call was granted; nothing where it asked for nothing.
fn grant(trace: &Trace<'_>, call: &Call) -> Option<String> {
    let request = match &call.operation {
        Operation::Open(open) => match open.want {
            Want::Nothing => return None,
            Want::Request(request) => Some(request),
            Want::Oplock(_) | Want::Lease { .. } => None,
        },
        Operation::Request { request, .. } => Some(*request),
        _ => return None,
    };
    let (_, status, body) = answer(trace, call)?;
    if let Some(request) = request {
        let granted = request.level().filter(|_| status == Status::PENDING);
        return Some(granted.unwrap_or_default().to_string());
    }
    match body {
        Body::Create(answer) => Some(match answer.lease {
            Some(lease) if answer.level == oplock_model::OplockLevel::LEASE => {
                lease.state.to_string()
            }
            _ => answer.level.to_string(),
        }),
        Body::Empty | Body::Ack(_) | Body::Count(_) => None,
    }
}
