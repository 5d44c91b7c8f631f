//! Calls, answers and breaks in the words of a case: for charts and for sentences, never with an id or a time.

mod calls;

use oplock_model::{
    Access, AckAnswer, Body, BreakNotice, DurableAnswer, Event, LeaseAnswer, Level, OplockLevel,
    Share, Status,
};
use oplock_suite::plan::{Action, Granted, Step, Wait};

pub use self::calls::{call, call_short, noun, past};
use crate::trace::{Subject, Trace};

/// The action of a step as one noun: `ack`, `close`, `ack_timeout`.
#[must_use]
pub fn action(step: &Step) -> &'static str {
    match &step.action {
        Action::Calls(calls) => calls.last().map_or("nothing", noun),
        Action::TimePasses(named) => wait(*named),
    }
}

/// The name of a wait.
#[must_use]
pub fn wait(wait: Wait) -> &'static str {
    match wait {
        Wait::Reply => "reply",
        Wait::Break => "break",
        Wait::Quiet => "quiet",
        Wait::AckTimeout => "ack_timeout",
        Wait::DurableTimeout => "durable_timeout",
    }
}

/// What an answer says: `success batch`, `success RH epoch 0x2`, `sharing_violation`.
#[must_use]
pub fn answer(status: Status, body: &Body) -> String {
    let mut text = status.to_string();
    match body {
        Body::Create(answer) if !status.is_error() => {
            text.push_str(&match &answer.lease {
                Some(lease) if answer.level == OplockLevel::LEASE => {
                    let epoch = epoch(lease.version, lease.epoch);
                    let breaking = lease.flags & LeaseAnswer::BREAK_IN_PROGRESS != 0;
                    let breaking = if breaking { " breaking" } else { "" };
                    format!(" {}{epoch}{breaking}", lease.state)
                }
                _ if answer.level == OplockLevel::NONE => String::new(),
                _ => format!(" {}", answer.level),
            });
            if answer.durable.is_some() {
                text.push_str(&format!(" durable {}", durable_word(durable(answer.durable))));
            }
        }
        Body::Ack(AckAnswer::Oplock { level, .. }) => text.push_str(&format!(" {level}")),
        Body::Ack(AckAnswer::Lease { state, .. }) => text.push_str(&format!(" {state}")),
        Body::Ack(AckAnswer::Store { to, ack_required, information, writable_section }) => {
            let owed = if *ack_required { " ack" } else { "" };
            let section = if *writable_section { " writable section" } else { "" };
            text.push_str(&format!(" {to}{owed}{}{section}", information_text(*information)));
        }
        Body::Create(_) | Body::Empty | Body::Count(_) => {}
    }
    text
}

/// What a break says: `break a batch>ii ack`, `break k1 RWH>RH ack epoch 0x3`.
#[must_use]
pub fn broken(trace: &Trace<'_>, notice: &BreakNotice, entry: usize) -> String {
    let broken = trace.broken(notice, entry);
    let name = subject(&broken);
    let owed = if trace.owes_ack(entry) { " ack" } else { "" };
    match notice {
        BreakNotice::Oplock { connection, file, level } => {
            let holder = trace.opened_by_file(*file, Some(*connection), entry);
            let before = holder.map(|opened| trace.level_before(opened, entry));
            let before = before.map_or_else(|| "?".to_owned(), |level| level.to_string());
            format!("break {name} {before}>{level}{owed}")
        }
        BreakNotice::Lease { current, new, epoch: number, status, .. } => {
            // A version 1 lease carries no epoch, and its notice says 0.
            let version = if *number == 0 { 1 } else { 2 };
            let status = status_text(*status);
            format!("break {name} {current}>{new}{owed}{}{status}", epoch(version, *number))
        }
        BreakNotice::Request { from, to, information, modes, status, .. } => {
            let owed = format!("{owed}{}", status_text(*status));
            let modes = modes.map_or_else(String::new, |modes| {
                format!(" modes {}/{}", access(modes.access), share(modes.share))
            });
            format!("break {name} {from}>{to}{owed}{}{modes}", information_text(*information))
        }
    }
}

/// What an event says besides what it is about; for the observed side of a comparison.
#[must_use]
pub fn event(trace: &Trace<'_>, entry: usize) -> String {
    match trace.event(entry) {
        Some(Event::Reply { status, body, .. }) => answer(*status, body),
        Some(Event::Interim { .. }) => "pending".to_owned(),
        Some(Event::Completed { status, to, information, .. }) => {
            let to = if *to == Level::None { String::new() } else { format!(" {to}") };
            format!("ended {status}{to}{}", information_text(*information))
        }
        Some(Event::Break(notice)) => broken(trace, notice, entry),
        Some(Event::Gone { .. }) => "connection gone".to_owned(),
        Some(Event::Finding(finding)) => finding.what.clone(),
        None => String::new(),
    }
}

/// What a break is about.
#[must_use]
pub fn subject(subject: &Subject) -> &str {
    match subject {
        Subject::Handle(handle) => handle,
        Subject::Lease { key, .. } => key,
        Subject::Call(_) | Subject::Stranger => "of something unknown",
    }
}

/// Which durable create context an answer carries.
#[must_use]
pub fn durable(answer: Option<DurableAnswer>) -> Granted {
    match answer {
        None => Granted::None,
        Some(DurableAnswer::V1) => Granted::V1,
        Some(DurableAnswer::V2 { persistent: false, .. }) => Granted::V2,
        Some(DurableAnswer::V2 { persistent: true, .. }) => Granted::Persistent,
    }
}

/// A durable handle in the words of a case.
#[must_use]
pub fn durable_word(granted: Granted) -> &'static str {
    match granted {
        Granted::None => "none",
        Granted::V1 => "v1",
        Granted::V2 => "v2",
        Granted::Persistent => "persistent",
    }
}

/// An access mask: a word of the case format, or its bits.
#[must_use]
pub fn access(access: Access) -> String {
    let words = [
        (Access::READ_DATA, "r"),
        (Access::WRITE_DATA, "w"),
        (Access::READ_DATA.union(Access::WRITE_DATA), "rw"),
        (Access::FULL, "full"),
        (Access::ATTRIBUTES, "attributes"),
    ];
    if let Some((_, word)) = words.into_iter().find(|(mask, _)| *mask == access) {
        return word.to_owned();
    }
    let named = Access::BITS.into_iter().filter(|(_, bit)| bit.is_subset_of(access));
    let known = named.clone().fold(Access::default(), |known, (_, bit)| known.union(bit));
    let mut bits: Vec<String> = named.map(|(word, _)| word.to_owned()).collect();
    if known != access || bits.is_empty() {
        bits.push(format!("{:#x}", access.0 & !known.0));
    }
    bits.join("+")
}

/// A share mode: letters of `rwd`, or `none`.
#[must_use]
pub fn share(share: Share) -> String {
    let letters = [(Share::READ, 'r'), (Share::WRITE, 'w'), (Share::DELETE, 'd')];
    let text: String =
        letters.into_iter().filter(|(bit, _)| share.contains(*bit)).map(|(_, l)| l).collect();
    if text.is_empty() { "none".to_owned() } else { text }
}

fn epoch(version: u8, epoch: u16) -> String {
    if version < 2 { String::new() } else { format!(" epoch {epoch:#x}") }
}

/// A status that says more than success.
fn status_text(status: Status) -> String {
    if status == Status::SUCCESS { String::new() } else { format!(" {status}") }
}

fn information_text(information: Option<u32>) -> String {
    information.map_or_else(String::new, |number| format!(" information {number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_told_in_words_of_the_case_format() {
        assert_eq!(access(Access::ATTRIBUTES), "attributes");
        assert_eq!(access(Access::READ_CONTROL.union(Access::DELETE)), "delete+read_control");
        assert_eq!(access(Access(0x0400_0001)), "read_data+0x4000000");
        assert_eq!(access(Access(0)), "0x0");
        assert_eq!(share(Share::ALL), "rwd");
        assert_eq!(share(Share::NONE), "none");
    }
}
