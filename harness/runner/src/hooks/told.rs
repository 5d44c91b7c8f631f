//! What a hook is told of a cell, by variables: what finds its moment in the server's own logs and captures.

use std::collections::BTreeSet;

use oplock_model::{Body, Event, Tick, Trail};

use crate::at;
use crate::bench::Bench;
use crate::history::{History, Played, What};
use crate::trace::Trace;
use crate::verdict::CellResult;

/// No variable is longer, in bytes: all of them together must fit what the system gives a process.
const LONGEST: usize = 8 * 1024;

/// The variables of a cell that was judged, by their names without the prefix that all have.
#[must_use]
pub fn of_cell(bench: &Bench, result: &CellResult) -> Vec<(&'static str, String)> {
    let first = result.cause();
    let reason = result.reason.clone().or_else(|| first.map(|first| first.sentence.clone()));
    let mut told = vec![
        ("AXES", bench.facts(result).axes.clone()),
        ("VERDICT", result.verdict.words().to_owned()),
        ("REASON", reason.unwrap_or_default()),
        ("SIGNATURE", first.map(|first| first.signature()).unwrap_or_default()),
    ];
    if let Some((case, cell)) = bench.found(result) {
        told.push(("CASE", format!("{} {}", case.id, case.place)));
        if let Some(played) = &result.played {
            told.push(("AT", {
                let trace = Trace::new(cell, &played.history);
                let trail = played.trail.clone().unwrap_or_default();
                at::line(&trace, &trail, first)
            }));
            told.extend(of_record(played));
        }
    }
    told.into_iter().map(|(name, value)| (name, cut(value))).collect()
}

/// When it was, and by which numbers the server knows it.
fn of_record(played: &Played) -> Vec<(&'static str, String)> {
    let Played { history, trail, wall_micros, .. } = played;
    let (files, keys) = handles(history);
    let mut told = vec![("FILES", joined(files)), ("LEASE_KEYS", joined(keys))];
    if let Some(trail) = trail {
        let Trail { lanes, calls, .. } = trail;
        told.extend([
            ("BEGAN", at::utc(trail, Tick(0))),
            ("ENDED", at::utc(trail, Tick(*wall_micros))),
            ("ADDRESSES", joined(lanes.iter().map(|lane| lane.local.clone()))),
            ("SERVERS", joined(lanes.iter().map(|lane| lane.server.clone()))),
            ("SESSIONS", joined(lanes.iter().map(|lane| format!("{:#x}", lane.session)))),
            ("TREES", joined(lanes.iter().map(|lane| format!("{:#x}", lane.tree)))),
            ("MESSAGES", joined(calls.iter().map(|sent| sent.message.to_string()))),
        ]);
    }
    told
}

/// The FileIds that were answered, and the lease keys in those answers.
fn handles(history: &History) -> (Vec<String>, Vec<String>) {
    let (mut files, mut keys) = (Vec::new(), Vec::new());
    for entry in &history.entries {
        let What::Event(Event::Reply { body: Body::Create(answer), status, .. }) = &entry.what
        else {
            continue;
        };
        if status.is_error() {
            continue;
        }
        files.push(format!("{:#x}:{:#x}", answer.file.persistent, answer.file.volatile));
        keys.extend(
            answer.lease.map(|lease| {
                lease.key.0.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
            }),
        );
    }
    (files, keys)
}

/// Each of them once, in their order, with blanks between them.
fn joined(items: impl IntoIterator<Item = String>) -> String {
    let mut seen = BTreeSet::new();
    let once: Vec<String> =
        items.into_iter().filter(|item| !item.is_empty() && seen.insert(item.clone())).collect();
    once.join(" ")
}

fn cut(mut value: String) -> String {
    if value.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|end| value.is_char_boundary(*end)).unwrap_or_default();
        value.truncate(end);
    }
    value
}

#[cfg(test)]
mod tests {
    use oplock_model::{CallId, ConnectionId, Lane, SentCall};

    use super::*;
    use crate::testing;
    use crate::verdict::Verdict;

    #[test]
    fn a_cell_is_told_with_what_finds_it_in_a_log() {
        let lane = |connection, session| Lane {
            connection: ConnectionId(connection),
            local: format!("127.0.0.1:5011{connection}"),
            server: "127.0.0.1:445".to_owned(),
            session,
            tree: 1,
            ..Lane::default()
        };
        let call = |call, message| SentCall { call: CallId(call), message, ..SentCall::default() };
        let trail = Trail {
            began: 1_777_889_472_000_000,
            lanes: vec![lane(0, 0x11), lane(1, 0x12)],
            calls: vec![call(0, 7), call(1, 9)],
        };
        let played = Played { trail: Some(trail), wall_micros: 1_500_000, ..Played::default() };
        let bench = testing::bench(vec![testing::case("a/b", &[])]);
        let result = CellResult {
            judgement: Some(testing::wrong_level("none")),
            played: Some(played),
            ..testing::result(0, Verdict::Fail)
        };
        let told: Vec<String> = of_cell(&bench, &result)
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn a_value_is_never_too_long() {
        assert_eq!(cut("é".repeat(LONGEST)).len(), LONGEST);
        assert_eq!(cut("short".to_owned()), "short");
    }
}
