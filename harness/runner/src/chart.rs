//! The sequence chart of a cell: one line for each thing that happened, in the names of the case.

use std::collections::BTreeMap;

use oplock_model::{Event, Tick};
use oplock_suite::plan::{Action, CallIndex, Cell, Operation};

use crate::history::{History, What};
use crate::trace::Trace;
use crate::words;

/// The width of the column in which things are done and seen.
const LEFT: usize = 39;
/// The width of the column of answers.
const ANSWER: usize = 24;
/// The width of the column of times.
const TIME: usize = 8;

/// One line of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The step that it belongs to.
    pub step: usize,
    /// The actor that acts or sees; nothing where time passes or the harness speaks.
    pub actor: Option<String>,
    /// What is done or seen: `-> open f as a rw/rwd batch`, `<- break a batch>ii ack`.
    pub text: String,
    /// The answer where it came in the same step, `<- success batch`, or `.. pending`.
    pub answer: String,
    /// When, on the scene's clock.
    pub at: Tick,
    /// Whether the line shows something that came by itself, or was still open: its time is
    /// written with a plus.
    pub open: bool,
    /// The entries of the history that the line shows.
    pub entries: Vec<usize>,
}

/// The chart in cause order: calls as sent, then what they set off by connection, breaks before
/// answers, interims left out. Two events that may come in either order always stand alike.
#[must_use]
pub fn chart(cell: &Cell, history: &History) -> Vec<Line> {
    let trace = Trace::new(cell, history);
    let mut lines = Vec::new();
    for step in 0..cell.steps.len() {
        let mut own = Vec::new();
        calls(&trace, step, None, &mut own);
        let mut events = events(&trace, step, None);
        events.sort_by_key(|(order, _)| *order);
        own.extend(events.into_iter().map(|(_, line)| line));
        lines.extend(own);
    }
    lines
}

/// The chart in the order of time, with a line of its own for the entry that is to be marked.
#[must_use]
pub fn in_time(cell: &Cell, history: &History, marked: Option<usize>) -> Vec<Line> {
    let trace = Trace::new(cell, history);
    let mut lines = Vec::new();
    for step in 0..cell.steps.len() {
        let mut own = Vec::new();
        calls(&trace, step, marked, &mut own);
        own.extend(events(&trace, step, marked).into_iter().map(|(_, line)| line));
        own.sort_by_key(|line| line.entries.first().copied());
        lines.extend(own);
    }
    // A fault before the first step belongs to none.
    let before = history.entries.iter().enumerate();
    let faults = before.filter(|(entry, _)| trace.step_of(*entry).is_none());
    lines.extend(faults.filter_map(|(entry, recorded)| match &recorded.what {
        What::Fault(reason) => Some(fault(0, reason, recorded.at, entry)),
        _ => None,
    }));
    lines
}

/// The chart as text without times, for snapshots: one line each, without trailing blanks.
#[must_use]
pub fn plain(lines: &[Line]) -> String {
    let widths = widths(lines);
    lines.iter().map(|line| format!("{}\n", columns(line, widths, "").trim_end())).collect()
}

/// The chart as text with the milliseconds since the first step, for people.
#[must_use]
pub fn timed(lines: &[Line]) -> Vec<String> {
    let widths = widths(lines);
    let began = lines.iter().map(|line| line.at).min().unwrap_or_default();
    let text = |line: &Line| {
        let after = line.at.micros_since(began) / 1000;
        let plus = if line.open { "+" } else { "" };
        columns(line, widths, &format!("{plus}{after} ms"))
    };
    lines.iter().map(text).collect()
}

fn columns(line: &Line, (left, answer): (usize, usize), time: &str) -> String {
    format!("{:<left$}{:<answer$}{time:>TIME$}", what(line), line.answer)
}

/// The widths of the first two columns: those of the design, or wider where a line needs it.
fn widths(lines: &[Line]) -> (usize, usize) {
    let left = lines.iter().map(|line| what(line).chars().count() + 2).max();
    let answer = lines.iter().map(|line| line.answer.chars().count() + 1).max();
    (left.unwrap_or_default().max(LEFT), answer.unwrap_or_default().max(ANSWER))
}

fn what(line: &Line) -> String {
    match &line.actor {
        Some(actor) => format!("{actor} {}", line.text),
        None => line.text.clone(),
    }
}

/// The lines of what a step does. Answers of the same step stand beside their calls, except the
/// marked one.
fn calls(trace: &Trace<'_>, step: usize, marked: Option<usize>, lines: &mut Vec<Line>) {
    let action = trace.cell.steps.get(step).map(|step| &step.action);
    if let (Some(Action::TimePasses(wait)), Some((entry, recorded))) =
        (action, trace.segment(step).next())
    {
        lines.push(Line {
            step,
            actor: None,
            text: format!("time passes: {}", words::wait(*wait)),
            answer: String::new(),
            at: recorded.at,
            open: false,
            entries: vec![entry],
        });
    }
    let answers = answers(trace, step, marked);
    for (entry, recorded) in trace.segment(step) {
        match &recorded.what {
            What::Sent(sent) => {
                for (member, (index, _)) in sent.iter().enumerate() {
                    let arrow = if member == 0 { "->" } else { "+>" };
                    lines.extend(call(trace, step, *index, (entry, recorded.at), arrow, &answers));
                }
            }
            What::NotPossible { call: index, reason } => {
                let Some((_, plan)) = trace.call(*index) else { continue };
                lines.push(Line {
                    step,
                    actor: Some(trace.actor_name(plan.actor).to_owned()),
                    text: format!("-> {}", words::call(plan)),
                    answer: format!("not possible: {reason}"),
                    at: recorded.at,
                    open: false,
                    entries: vec![entry],
                });
            }
            _ => {}
        }
    }
}

fn call(
    trace: &Trace<'_>,
    step: usize,
    index: CallIndex,
    (entry, at): (usize, Tick),
    arrow: &str,
    answers: &BTreeMap<CallIndex, usize>,
) -> Option<Line> {
    let (_, plan) = trace.call(index)?;
    let answered = answers.get(&index).copied();
    // A cancel has no answer of its own.
    let silent = matches!(plan.operation, Operation::Cancel { .. });
    let answer = match answered {
        Some(answered) => format!("<- {}", words::event(trace, answered)),
        None if silent => String::new(),
        None => ".. pending".to_owned(),
    };
    Some(Line {
        step,
        actor: Some(trace.actor_name(plan.actor).to_owned()),
        text: format!("{arrow} {}", words::call(plan)),
        answer,
        at,
        open: answered.is_none() && !silent,
        entries: std::iter::once(entry).chain(answered).collect(),
    })
}

/// The first answer to each call of the step, where it came in the same step.
fn answers(trace: &Trace<'_>, step: usize, marked: Option<usize>) -> BTreeMap<CallIndex, usize> {
    let mut answers = BTreeMap::new();
    for (entry, recorded) in trace.segment(step) {
        let What::Event(Event::Reply { call, .. }) = &recorded.what else { continue };
        let Some(plan) = trace.sent_as(*call) else { continue };
        let made_here = trace.call(plan.index).is_some_and(|(made_in, _)| made_in == step);
        if made_here && marked != Some(entry) {
            answers.entry(plan.index).or_insert(entry);
        }
    }
    answers
}

/// The order of what a step sets off: by lane, then breaks, then ends, then answers.
type Order = (usize, u8, usize);

/// The lines of what came, without the answers that stand beside their calls.
fn events(trace: &Trace<'_>, step: usize, marked: Option<usize>) -> Vec<(Order, Line)> {
    let beside = answers(trace, step, marked);
    let mut lines = Vec::new();
    let mut broken = None;
    for (entry, recorded) in trace.segment(step) {
        let at = recorded.at;
        let actor = trace.actor_of(entry);
        let lane = actor.map_or(usize::MAX, |actor| trace.lane(actor));
        let mut push = |class: u8, text: String| {
            let line = Line {
                step,
                actor: actor.map(|actor| trace.actor_name(actor).to_owned()),
                text,
                answer: String::new(),
                at,
                open: true,
                entries: vec![entry],
            };
            lines.push(((lane, class, entry), line));
        };
        match &recorded.what {
            What::Event(Event::Break(notice)) => {
                broken = trace.owes_ack(entry).then_some(entry).or(broken);
                push(0, format!("<- {}", words::broken(trace, notice, entry)));
            }
            What::Event(event @ (Event::Reply { call, .. } | Event::Completed { call, .. })) => {
                let Some(plan) = trace.sent_as(*call) else { continue };
                if beside.get(&plan.index) == Some(&entry) {
                    continue;
                }
                let class = if matches!(event, Event::Completed { .. }) { 1 } else { 3 };
                let what = words::call_short(plan);
                push(class, format!("<- {what} {}", words::event(trace, entry)));
            }
            What::Event(Event::Finding(_)) => {
                push(4, format!("<- finding: {}", words::event(trace, entry)));
            }
            What::Event(Event::Gone { .. }) => push(4, "<- connection gone".to_owned()),
            What::SentAsTold(_) => {
                if let Some(told) = told(trace, step, entry) {
                    lines.push(((told.0, 2, entry), told.1));
                }
            }
            What::Fault(reason) => {
                lines.push(((usize::MAX, 5, entry), fault(step, reason, at, entry)));
            }
            What::Event(Event::Interim { .. })
            | What::Step(_)
            | What::Sent(_)
            | What::NotPossible { .. }
            | What::Quiet => {}
        }
    }
    lines
}

/// The line of an acknowledgement as told, with its answer. The breaks of a step are
/// acknowledged in the order in which they came.
fn told(trace: &Trace<'_>, step: usize, entry: usize) -> Option<(usize, Line)> {
    let What::SentAsTold(id) = &trace.history.entries.get(entry)?.what else { return None };
    let earlier = trace.segment(step).filter(|(position, _)| *position < entry);
    let earlier = earlier.filter(|(_, entry)| matches!(entry.what, What::SentAsTold(_))).count();
    let mut owed = trace.segment(step).filter(|(position, _)| trace.owes_ack(*position));
    let (broken, _) = owed.nth(earlier)?;
    let actor = trace.actor_of(broken)?;
    let name = words::subject(&trace.subject(broken)?).to_owned();
    let answer = trace.segment(step).find_map(|(position, recorded)| match &recorded.what {
        What::Event(Event::Reply { call, .. }) if call == id => Some(position),
        _ => None,
    });
    let line = Line {
        step,
        actor: Some(trace.actor_name(actor).to_owned()),
        text: format!("-> ack {name} as told"),
        answer: match answer {
            Some(answer) => format!("<- {}", words::event(trace, answer)),
            None => ".. pending".to_owned(),
        },
        at: trace.at(entry),
        open: answer.is_none(),
        entries: std::iter::once(entry).chain(answer).collect(),
    };
    Some((trace.lane(actor), line))
}

fn fault(step: usize, reason: &str, at: Tick, entry: usize) -> Line {
    Line {
        step,
        actor: None,
        text: format!("fault: {reason}"),
        answer: String::new(),
        at,
        open: true,
        entries: vec![entry],
    }
}
