//! The `at` line of a failed cell: what finds its moment in the log of the server.

use std::fmt::Write as _;

use oplock_model::{
    Body, BreakNotice, CallId, ConnectionId, Event, FileId, LeaseKey, SentCall, Tick, Trail,
};
use oplock_suite::plan::Operation;
use time::{Duration, OffsetDateTime};

use crate::history::What;
use crate::trace::Trace;
use crate::verdict::Divergence;

/// More handles and keys than this are left to the results.
const SHOWN: usize = 4;

/// When and where the divergence was: `2026-05-04T10:11:12.345Z  A 127.0.0.1:50112 session 0x11 tree 0x1 message 9; file id
/// 0x5:0x8`. Without a divergence, where the cell began.
#[must_use]
pub fn line(trace: &Trace<'_>, trail: &Trail, cause: Option<&Divergence>) -> String {
    let moment = Moment::of(trace, trail, cause);
    let mut text = utc(trail, moment.at);
    let lane = moment.connection.and_then(|connection| trail.lane(connection, moment.at));
    if let Some(lane) = lane {
        let actor = trace.actor_on(lane.connection).map(|actor| trace.actor_name(actor));
        // Writing to a String never fails.
        let _ = write!(
            text,
            "  {} {} session {:#x} tree {:#x}",
            actor.unwrap_or("?"),
            lane.local,
            lane.session,
            lane.tree
        );
    }
    if let Some(message) = moment.message {
        let _ = write!(text, " message {message}");
    }
    let named = Named::until(trace, moment.entry);
    named.tell(&mut text);
    text
}

/// A moment of the scene's clock by the calendar: `2026-05-04T10:11:12.345Z`.
#[must_use]
pub fn utc(trail: &Trail, at: Tick) -> String {
    let micros = i64::try_from(trail.began.saturating_add(at.0)).unwrap_or(i64::MAX);
    let since = Duration::microseconds(micros);
    let when = OffsetDateTime::UNIX_EPOCH.checked_add(since).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = (when.year(), u8::from(when.month()), when.day());
    let (hour, minute, second) = (when.hour(), when.minute(), when.second());
    let milli = when.millisecond();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// Where the divergence is in the record, and on the wire.
struct Moment {
    entry: usize,
    at: Tick,
    connection: Option<ConnectionId>,
    message: Option<u64>,
}

impl Moment {
    fn of(trace: &Trace<'_>, trail: &Trail, cause: Option<&Divergence>) -> Moment {
        let Some(cause) = cause else {
            let connection = trail.lanes.first().map(|lane| lane.connection);
            return Moment { entry: 0, at: Tick::default(), connection, message: None };
        };
        // What never came was given up at the end of its step.
        let end = || trace.segment(cause.step).last().map(|(entry, _)| entry);
        let entry = cause.entry.or_else(end).unwrap_or_default();
        let at = trace.at(entry);
        let call = |found: Option<&SentCall>| {
            let connection = found.map(|sent| sent.connection);
            Moment { entry, at, connection, message: found.map(|sent| sent.message) }
        };
        let on = |connection| Moment { entry, at, connection, message: None };
        match cause.entry.and_then(|entry| trace.event(entry)) {
            Some(
                Event::Reply { call: id, .. }
                | Event::Interim { call: id }
                | Event::Completed { call: id, .. },
            ) => call(trail.call(*id)),
            Some(Event::Break(
                BreakNotice::Oplock { connection, .. } | BreakNotice::Lease { connection, .. },
            ))
            | Some(Event::Gone { connection }) => on(Some(*connection)),
            Some(Event::Finding(finding)) => on(finding.connection),
            // What should have come was to come of the newest call that waits.
            Some(Event::Break(BreakNotice::Request { .. })) | None => {
                call(newest(trace, trail, entry))
            }
        }
    }
}

/// The newest call that was sent before that entry and not answered until then; where all were, the newest.
fn newest<'t>(trace: &Trace<'_>, trail: &'t Trail, entry: usize) -> Option<&'t SentCall> {
    let before = trace.history.entries.get(..=entry).unwrap_or(&trace.history.entries);
    let sent = before.iter().rev().flat_map(|recorded| match &recorded.what {
        What::Sent(sent) => sent.iter().rev().map(|(_, call)| *call).collect(),
        What::SentAsTold(call) => vec![*call],
        _ => Vec::new(),
    });
    let sent: Vec<CallId> = sent.collect();
    let answered = |id: &CallId| {
        before.iter().any(|recorded| {
            matches!(&recorded.what, What::Event(Event::Reply { call, .. }) if call == id)
        })
    };
    let waits = sent.iter().find(|id| !answered(id)).or_else(|| sent.first());
    trail.call(*waits?)
}

/// The handles and lease keys that the server knows by then, with their names in the case.
#[derive(Default)]
struct Named {
    files: Vec<(String, FileId)>,
    keys: Vec<(String, LeaseKey)>,
}

impl Named {
    fn until(trace: &Trace<'_>, entry: usize) -> Named {
        let mut named = Named::default();
        for position in 0..=entry {
            let Some(Event::Reply { call, status, body: Body::Create(answer) }) =
                trace.event(position)
            else {
                continue;
            };
            let open = trace.sent_as(*call).map(|call| &call.operation);
            let Some(Operation::Open(open)) = open.filter(|_| !status.is_error()) else { continue };
            named.files.push((open.handle.clone(), answer.file));
            let key = answer.lease.map(|lease| lease.key);
            let name = key.and_then(|key| Some((trace.key_name(key)?.to_owned(), key)));
            if let Some(named_key) = name.filter(|it| !named.keys.contains(it)) {
                named.keys.push(named_key);
            }
        }
        named
    }

    fn tell(&self, text: &mut String) {
        let file = |(name, file): &(String, FileId)| {
            let FileId { persistent, volatile } = file;
            format!("{name} {persistent:#x}:{volatile:#x}")
        };
        let key = |(name, key): &(String, LeaseKey)| {
            let hex: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{name} {hex}")
        };
        list(text, "file id", self.files.iter().map(file));
        list(text, "lease key", self.keys.iter().map(key));
    }
}

/// The newest are the likeliest to be looked for.
fn list(text: &mut String, what: &str, items: impl Iterator<Item = String>) {
    let all: Vec<String> = items.collect();
    let shown = all.get(all.len().saturating_sub(SHOWN)..).unwrap_or_default();
    if !shown.is_empty() {
        let _ = write!(text, "; {what} {}", shown.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, 0, "1970-01-01T00:00:00.000Z")]
    #[case(1_777_889_472_000_000, 345_678, "2026-05-04T10:11:12.345Z")]
    #[case(951_782_400_000_000, 999_999, "2000-02-29T00:00:00.999Z")]
    #[case(u64::MAX, u64::MAX, "1970-01-01T00:00:00.000Z")]
    fn a_moment_is_told_by_the_calendar(#[case] began: u64, #[case] at: u64, #[case] told: &str) {
        assert_eq!(utc(&Trail { began, ..Trail::default() }, Tick(at)), told);
    }
}
