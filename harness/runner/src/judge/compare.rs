//! One expected event beside the event that came: what differs, field by field.

use std::fmt::Display;

use oplock_model::{
    AckAnswer, Body, BreakNotice, CreateAnswer, DurableAnswer, Event, LeaseAnswer, LeaseKey, Level,
    Modes, OplockLevel, Status,
};
use oplock_suite::plan::{Answer, Call, Epoch, Operation, ParentKey, Sees, Want, Who};

use crate::expect::{Item, Wanted};
use crate::judge::sentence;
use crate::trace::{Trace, connection_of};
use crate::verdict::Kind;
use crate::words;

/// One field that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) kind: Kind,
    pub(super) field: &'static str,
    pub(super) expected: String,
    pub(super) observed: String,
    pub(super) sentence: String,
}

/// Every difference between the item and the event at that entry, the gravest first.
pub(super) fn differences(trace: &Trace<'_>, item: &Item<'_>, entry: usize) -> Vec<Difference> {
    let (Some(event), wanted) = (trace.event(entry), item.wanted) else { return Vec::new() };
    match (event, wanted) {
        (Event::Break(notice), Wanted::Sees(sees)) => of_break(trace, sees, notice, entry),
        (Event::Reply { status, body, .. }, Wanted::Gets(gets)) => match trace.call(gets.call) {
            Some((_, call)) => of_answer(trace, call, &gets.answer, (*status, body), entry),
            None => Vec::new(),
        },
        (Event::Reply { status, .. }, Wanted::Success(call)) => {
            // At the store a granted request answers with STATUS_PENDING.
            let granted = *status == Status::PENDING && asks_the_store(call);
            match granted || *status == Status::SUCCESS {
                true => Vec::new(),
                false => vec![of_status(trace, call, Status::SUCCESS, *status)],
            }
        }
        (Event::Completed { status, to, information, .. }, Wanted::Gets(gets)) => {
            match trace.call(gets.call) {
                Some((_, call)) => of_end(trace, call, &gets.answer, (*status, *to, *information)),
                None => Vec::new(),
            }
        }
        // Subjects pair breaks with breaks, and answers with answers.
        _ => Vec::new(),
    }
}

fn of_break(trace: &Trace<'_>, sees: &Sees, notice: &BreakNotice, entry: usize) -> Vec<Difference> {
    let mut found = Found::default();
    let name = sentence::quoted(&sees.target);
    let who = sentence::who(trace.cell, sees.who);
    let observer = trace.actor_of(entry).map_or("?", |actor| trace.actor_name(actor));
    let told_elsewhere = match sees.who {
        Who::Actor(actor) => match connection_of(notice) {
            Some(connection) => connection != trace.connection(actor),
            None => trace.actor_of(entry) != Some(actor),
        },
        Who::Client(client) => {
            let told = trace.actor_of(entry).and_then(|actor| trace.cell.actors.get(actor));
            told.is_none_or(|actor| actor.client != client)
        }
    };
    found.check(told_elsewhere, Kind::MissingBreak, "connection", &who, observer, |_, _| {
        format!("the break of {name} went to {observer}, not to {who}")
    });
    let (from, to, ack, epoch, modes) = carried(notice);
    if let (Some(expected), Some(observed)) = (sees.from, from) {
        let (expected, observed) = (expected.to_string(), observed);
        found.check(
            expected != observed,
            Kind::WrongLevel,
            "from",
            &expected,
            &observed,
            |e, o| format!("{who} saw {name} break from {o} instead of {e}"),
        );
    }
    let expected = sees.to.to_string();
    found.check(expected != to, Kind::WrongLevel, "to", &expected, &to, |e, o| {
        format!("{who} saw {name} break to {o} instead of {e}")
    });
    if let (Some(expected), Some(observed)) = (sees.ack, ack) {
        let differs = expected != observed;
        found.check(differs, Kind::WrongLevel, "ack", owed(expected), owed(observed), |_, _| {
            match observed {
                true => format!("the break of {name} asks for an acknowledgement"),
                false => format!("the break of {name} asks for no acknowledgement"),
            }
        });
    }
    if let (Some(expected), Some((key, observed))) = (sees.epoch, epoch) {
        let sent = sent_for(trace, key, entry);
        found.epoch(
            trace,
            key,
            (expected, sent),
            Some(observed),
            entry,
            &format!("the break of {name}"),
        );
    }
    if let (Some(expected), Some(observed)) = (sees.modes, modes) {
        let text = |modes: Option<Modes>| match modes {
            Some(Modes { access, share }) => {
                format!("{}/{}", words::access(access), words::share(share))
            }
            None => "none".to_owned(),
        };
        let (expected, observed) = (text(Some(expected)), text(observed));
        let differs = expected != observed;
        found.check(differs, Kind::WrongLevel, "modes", &expected, &observed, |e, o| {
            format!("the break of {name} gives the modes {o} instead of {e}")
        });
    }
    let (status, information) = match notice {
        BreakNotice::Oplock { .. } => (None, None),
        BreakNotice::Lease { status, .. } => (Some(*status), None),
        BreakNotice::Request { status, information, .. } => (Some(*status), *information),
    };
    if let Some(observed) = status {
        let expected = sees.status.unwrap_or(Status::SUCCESS);
        let (expected, observed) = (expected.to_string(), observed.to_string());
        let differs = expected != observed;
        found.check(differs, Kind::WrongStatus, "status", &expected, &observed, |e, o| {
            format!("the break of {name} says {o} instead of {e}")
        });
    }
    if let Some(expected) = sees.information {
        let text = |value: Option<u32>| value.map_or("nothing".to_owned(), |v| v.to_string());
        let differs = Some(expected) != information;
        let (expected, observed) = (text(Some(expected)), text(information));
        found.check(differs, Kind::WrongStatus, "information", &expected, &observed, |e, o| {
            format!("the break of {name} gives the information {o} instead of {e}")
        });
    }
    found.0
}

/// The end of a request at the store.
fn of_end(
    trace: &Trace<'_>,
    call: &Call,
    answer: &Answer,
    (status, to, information): (Status, Level, Option<u32>),
) -> Vec<Difference> {
    if answer.status != status {
        return vec![of_status(trace, call, answer.status, status)];
    }
    let mut found = Found::default();
    let who = trace.actor_name(call.actor);
    found.field(Kind::WrongLevel, "to", answer.to, Some(to), who, call);
    found.field(Kind::WrongStatus, "information", answer.information, information, who, call);
    let ack = answer.ack.map(owed);
    found.field(Kind::WrongLevel, "ack", ack, Some(owed(false)), who, call);
    found.0
}

/// What a notice carries: from, to, ack, key and epoch, modes.
type Carried =
    (Option<String>, String, Option<bool>, Option<(LeaseKey, u16)>, Option<Option<Modes>>);

fn carried(notice: &BreakNotice) -> Carried {
    match notice {
        BreakNotice::Oplock { level, .. } => (None, level.to_string(), None, None, None),
        BreakNotice::Lease { key, current, new, flags, epoch, .. } => (
            Some(current.to_string()),
            new.to_string(),
            Some(flags & BreakNotice::ACK_REQUIRED != 0),
            Some((*key, *epoch)),
            None,
        ),
        BreakNotice::Request { from, to, ack_required, modes, .. } => {
            (Some(from.to_string()), to.to_string(), Some(*ack_required), None, Some(*modes))
        }
    }
}

fn of_answer(
    trace: &Trace<'_>,
    call: &Call,
    answer: &Answer,
    (status, body): (Status, &Body),
    entry: usize,
) -> Vec<Difference> {
    let mut found = Found::default();
    let who = trace.actor_name(call.actor);
    let is_ack = matches!(call.operation, Operation::Ack(_));
    let kind = |other| if is_ack { Kind::AckStatus } else { other };
    // At the store `granted` says itself which of the immediate returns is expected.
    let by_grant = asks_the_store(call) && answer.granted.is_some() && is_immediate(status);
    if status != answer.status && !(by_grant && answer.status == Status::SUCCESS) {
        return vec![of_status(trace, call, answer.status, status)];
    }
    if let Some(expected) = answer.granted {
        let (holds, observed) = granted(call, status, body, expected);
        let expected = expected.to_string();
        found.check(!holds, Kind::WrongLevel, "granted", &expected, &observed, |e, o| {
            format!("{who} was granted {o} instead of {e}")
        });
    }
    let (level, lease) = match body {
        Body::Create(CreateAnswer { level, lease, .. }) => (Some(*level), *lease),
        Body::Ack(AckAnswer::Oplock { level, .. }) => (Some(*level), None),
        _ => (None, None),
    };
    let state = match body {
        Body::Ack(AckAnswer::Lease { state, .. }) => Some(*state),
        _ => lease.map(|lease| lease.state),
    };
    found.field(kind(Kind::WrongLevel), "level", answer.level, level, who, call);
    found.field(kind(Kind::WrongLevel), "state", answer.state, state, who, call);
    if let Some(expected) = answer.epoch {
        let sent = match &call.operation {
            Operation::Open(open) => match open.want {
                Want::Lease { epoch, .. } => Some(epoch),
                _ => None,
            },
            _ => None,
        };
        // The 32-byte context has no epoch.
        let observed = lease.filter(|lease| lease.version == 2).map(|lease| lease.epoch);
        let key = lease.map(|lease| lease.key).unwrap_or_default();
        let what = format!("the answer to {who}'s {}", words::noun(call));
        found.epoch(trace, key, (expected, sent), observed, entry, &what);
    }
    let breaking = lease.map(|lease| lease.flags & LeaseAnswer::BREAK_IN_PROGRESS != 0);
    found.field(Kind::WrongLevel, "breaking", answer.breaking, breaking, who, call);
    let version = lease.map(|lease| lease.version);
    found.field(Kind::WrongLevel, "version", answer.version, version, who, call);
    of_extras(&mut found, trace, answer, body, (who, call));
    let (to, ack, information) = match body {
        Body::Ack(AckAnswer::Store { to, ack_required, information, .. }) => {
            (Some(*to), Some(*ack_required), *information)
        }
        Body::Create(answer) => (None, None, Some(answer.action)),
        Body::Count(count) => (None, None, Some(*count)),
        Body::Ack(_) | Body::Empty => (None, None, None),
    };
    found.field(kind(Kind::WrongLevel), "to", answer.to, to, who, call);
    let (expected, ack) = (answer.ack.map(owed), ack.map(owed));
    found.field(kind(Kind::WrongLevel), "ack", expected, ack, who, call);
    found.field(kind(Kind::WrongStatus), "information", answer.information, information, who, call);
    let section = match body {
        Body::Ack(AckAnswer::Store { writable_section, .. }) => *writable_section,
        _ => false,
    };
    let expected = answer.writable_section;
    found.field(Kind::WrongStatus, "writable_section", expected, Some(section), who, call);
    found.0
}

/// The parent lease key and the durable handle of a CREATE answer.
fn of_extras(
    found: &mut Found,
    trace: &Trace<'_>,
    answer: &Answer,
    body: &Body,
    (who, call): (&str, &Call),
) {
    let created = match body {
        Body::Create(answer) => Some(answer),
        Body::Empty | Body::Ack(_) | Body::Count(_) => None,
    };
    let parent = created.and_then(|answer| answer.lease).map(|lease| {
        let said = lease.flags & LeaseAnswer::PARENT_LEASE_KEY_SET != 0;
        let name = || trace.key_name(lease.parent).unwrap_or("a key of nobody").to_owned();
        if said { name() } else { "none".to_owned() }
    });
    let expected = answer.parent_key.as_ref().map(|parent| match parent {
        ParentKey::None => "none".to_owned(),
        ParentKey::Named(name) => name.clone(),
    });
    found.field(Kind::WrongLevel, "parent_key", expected, parent, who, call);
    let durable = created.map(|answer| words::durable_word(words::durable(answer.durable)));
    let expected = answer.durable.map(words::durable_word);
    found.field(Kind::WrongLevel, "durable", expected, durable, who, call);
    let timeout = created.and_then(|answer| match answer.durable {
        Some(DurableAnswer::V2 { timeout, .. }) => Some(timeout),
        Some(DurableAnswer::V1) | None => None,
    });
    found.field(Kind::WrongLevel, "timeout", answer.timeout, timeout, who, call);
}

fn of_status(trace: &Trace<'_>, call: &Call, expected: Status, observed: Status) -> Difference {
    let who = trace.actor_name(call.actor);
    let is_ack = matches!(call.operation, Operation::Ack(_));
    let noun = words::noun(call);
    Difference {
        kind: if is_ack { Kind::AckStatus } else { Kind::WrongStatus },
        field: "status",
        expected: expected.to_string(),
        observed: observed.to_string(),
        sentence: format!("{who}'s {noun} `{}` got {observed} instead of {expected}", call.label),
    }
}

/// Whether the answer grants that level, and what it grants.
fn granted(call: &Call, status: Status, body: &Body, expected: Level) -> (bool, String) {
    if let Some(request) = store_request(call) {
        let level = match status {
            Status::PENDING => request.level().unwrap_or_default(),
            _ => Level::None,
        };
        return (level == expected, level.to_string());
    }
    match body {
        Body::Create(CreateAnswer { level: OplockLevel::LEASE, lease, .. }) => match lease {
            Some(lease) => (expected.lease_state() == Some(lease.state), lease.state.to_string()),
            None => (false, "lease without a context".to_owned()),
        },
        Body::Create(answer) => {
            (expected.oplock_level() == Some(answer.level), answer.level.to_string())
        }
        Body::Empty | Body::Ack(_) | Body::Count(_) => (false, "nothing".to_owned()),
    }
}

/// Whether an acknowledgement is owed, in the words of a case.
fn owed(needed: bool) -> &'static str {
    if needed { "needed" } else { "none" }
}

fn is_immediate(status: Status) -> bool {
    matches!(status, Status::SUCCESS | Status::PENDING | Status::OPLOCK_NOT_GRANTED)
}

fn asks_the_store(call: &Call) -> bool {
    let acks = matches!(&call.operation, Operation::Ack(ack)
        if matches!(ack.what, oplock_suite::plan::AckWhat::Store { .. }));
    acks || store_request(call).is_some()
}

fn store_request(call: &Call) -> Option<oplock_model::StoreRequest> {
    match &call.operation {
        Operation::Request { request, .. } => Some(*request),
        Operation::Open(open) => match open.want {
            Want::Request(request) => Some(request),
            _ => None,
        },
        _ => None,
    }
}

/// The epoch that was last sent for that lease before the entry.
fn sent_for(trace: &Trace<'_>, key: LeaseKey, entry: usize) -> Option<u16> {
    let name = trace.key_name(key)?;
    let step = trace.step_of(entry)?;
    let calls = crate::names::calls(trace.cell).filter(|(at, _)| *at <= step);
    let sent = calls.filter_map(|(_, call)| match &call.operation {
        Operation::Open(open) => match &open.want {
            Want::Lease { key, epoch, .. } if key == name => Some(*epoch),
            _ => None,
        },
        _ => None,
    });
    sent.last()
}

/// The newest epoch that was seen for that lease before the entry.
fn newest(trace: &Trace<'_>, key: LeaseKey, entry: usize) -> Option<u16> {
    let client = |entry| {
        let actor = trace.actor_of(entry)?;
        trace.cell.actors.get(actor).map(|actor| actor.client)
    };
    let own = client(entry);
    (0..entry).rev().filter(|position| client(*position) == own).find_map(|position| {
        match trace.event(position)? {
            Event::Reply {
                body: Body::Create(CreateAnswer { lease: Some(lease), .. }), ..
            } => (lease.key == key && lease.version == 2).then_some(lease.epoch),
            Event::Break(BreakNotice::Lease { key: broken, epoch, .. }) => {
                (*broken == key).then_some(*epoch)
            }
            _ => None,
        }
    })
}

/// The differences found so far.
#[derive(Default)]
struct Found(Vec<Difference>);

impl Found {
    fn check(
        &mut self,
        differs: bool,
        kind: Kind,
        field: &'static str,
        expected: &str,
        observed: &str,
        sentence: impl FnOnce(&str, &str) -> String,
    ) {
        if differs {
            self.0.push(Difference {
                kind,
                field,
                expected: expected.to_owned(),
                observed: observed.to_owned(),
                sentence: sentence(expected, observed),
            });
        }
    }

    fn field<T: Display + PartialEq>(
        &mut self,
        kind: Kind,
        field: &'static str,
        expected: Option<T>,
        observed: Option<T>,
        who: &str,
        call: &Call,
    ) {
        let Some(expected) = expected else { return };
        let differs = observed.as_ref() != Some(&expected);
        let observed = observed.map_or_else(|| "nothing".to_owned(), |value| value.to_string());
        self.check(differs, kind, field, &expected.to_string(), &observed, |e, o| {
            format!("the answer to {who}'s {} says {field} {o} instead of {e}", words::noun(call))
        });
    }

    fn epoch(
        &mut self,
        trace: &Trace<'_>,
        key: LeaseKey,
        (expected, sent): (Epoch, Option<u16>),
        observed: Option<u16>,
        entry: usize,
        what: &str,
    ) {
        let last = || newest(trace, key, entry);
        let (value, word) = match expected {
            Epoch::Sent(more) => (sent.map(|sent| sent.wrapping_add(more)), format!("sent+{more}")),
            Epoch::Last(more) => {
                (last().map(|last| last.wrapping_add(more)), format!("last+{more}"))
            }
            Epoch::Same => (last(), "same".to_owned()),
            Epoch::Exact(number) => (Some(number), String::new()),
        };
        let number = value.map_or_else(|| "unknown".to_owned(), |number| format!("{number:#x}"));
        let expected = match word.as_str() {
            "" => number,
            _ => format!("{word} ({number})"),
        };
        let differs = value.is_none() || value != observed;
        let observed = observed.map_or_else(|| "nothing".to_owned(), |epoch| format!("{epoch:#x}"));
        self.check(differs, Kind::Epoch, "epoch", &expected, &observed, |e, o| {
            format!("{what} carries epoch {o} instead of {e}")
        });
    }
}
