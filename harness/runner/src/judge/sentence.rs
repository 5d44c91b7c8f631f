//! Sentences for a person: who did or saw what, in the names of the case.

use oplock_model::Event;
use oplock_suite::plan::{Action, BreakTarget, Call, Cell, Who};

use crate::expect::{Item, Wanted};
use crate::trace::{Subject, Trace};
use crate::words;

/// Who sees a break.
pub(super) fn who(cell: &Cell, who: Who) -> String {
    match who {
        Who::Actor(actor) => cell.actors.get(actor).map_or("?", |actor| &actor.name).to_owned(),
        Who::Client(client) => format!("client {client}"),
    }
}

/// What is broken.
pub(super) fn target(target: &BreakTarget) -> &str {
    match target {
        BreakTarget::Handle(name) | BreakTarget::Key(name) => name,
    }
}

/// What is broken, for the middle of a sentence, where `a` alone would read as an article.
pub(super) fn quoted(broken: &BreakTarget) -> String {
    format!("`{}`", target(broken))
}

/// An expected event as a noun phrase: `the break of a`, `the answer to B's open`.
pub(super) fn item(trace: &Trace<'_>, item: &Item<'_>) -> String {
    match item.wanted {
        Wanted::Sees(sees) => format!("the break of {}", quoted(&sees.target)),
        Wanted::Gets(gets) => match trace.call(gets.call) {
            Some((_, call)) => answer_to(trace, call),
            None => format!("the answer `{}`", gets.label),
        },
        Wanted::Success(call) => answer_to(trace, call),
    }
}

/// The answer to a call as a noun phrase.
pub(super) fn answer_to(trace: &Trace<'_>, call: &Call) -> String {
    format!("the answer to {}'s {}", trace.actor_name(call.actor), words::noun(call))
}

/// An expected event that did not come.
pub(super) fn missing(trace: &Trace<'_>, item: &Item<'_>) -> String {
    match item.wanted {
        Wanted::Sees(sees) => {
            format!("{} saw no break of {}", who(trace.cell, sees.who), quoted(&sees.target))
        }
        Wanted::Gets(_) | Wanted::Success(_) => format!("{} did not come", self::item(trace, item)),
    }
}

/// What an expected event says, in the words of a case.
pub(super) fn expected(wanted: &Item<'_>) -> String {
    match wanted.wanted {
        Wanted::Sees(sees) => {
            let levels = match sees.from {
                Some(from) => format!("{from}>{}", sees.to),
                None => format!("to {}", sees.to),
            };
            let ack = if sees.ack == Some(true) { " ack" } else { "" };
            format!("break {} {levels}{ack}", target(&sees.target))
        }
        Wanted::Gets(gets) => {
            let answer = &gets.answer;
            let granted = answer.granted.map(|level| level.to_string());
            let level = answer.level.map(|level| level.to_string());
            let state = answer.state.map(|state| state.to_string());
            let more = granted.or(level).or(state);
            let more = more.map_or_else(String::new, |more| format!(" {more}"));
            format!("{}{more}", answer.status)
        }
        Wanted::Success(_) => "success".to_owned(),
    }
}

/// A break that nobody expected.
pub(super) fn extra_break(trace: &Trace<'_>, entry: usize) -> String {
    let who = trace.actor_of(entry).map_or("somebody", |actor| trace.actor_name(actor));
    match trace.subject(entry) {
        Some(subject @ (Subject::Handle(_) | Subject::Lease { .. })) => {
            format!("{who} saw a break of `{}` that nobody expected", words::subject(&subject))
        }
        _ => format!("{who} saw a break of something that the case never opened"),
    }
}

/// An answer that came before the step that lets it go.
pub(super) fn too_early(trace: &Trace<'_>, call: &Call, step: usize) -> String {
    let who = trace.actor_name(call.actor);
    let was = format!("{who} was answered before");
    match trace.cell.steps.get(step).map(|step| &step.action) {
        Some(Action::Calls(calls)) => match calls.last() {
            Some(last) => format!("{was} {} {}", trace.actor_name(last.actor), words::past(last)),
            None => format!("{was} its time"),
        },
        Some(Action::TimePasses(wait)) => format!("{was} {} was over", words::wait(*wait)),
        None => format!("{who} was answered although its {} waits", words::noun(call)),
    }
}

/// An answer, or the end of a request, that nobody expected.
pub(super) fn extra_answer(trace: &Trace<'_>, entry: usize, call: &Call) -> String {
    match trace.event(entry) {
        Some(Event::Completed { .. }) => {
            let who = trace.actor_name(call.actor);
            format!("{who}'s {} `{}` ended, which nobody expected", words::noun(call), call.label)
        }
        _ => format!("{} came, which nobody expected", answer_to(trace, call)),
    }
}
