//! How fast a target breaks and lets go on, in a cell and in a whole theme.

use std::collections::{BTreeMap, BTreeSet};

use oplock_model::{Event, Tick};
use oplock_suite::plan::{Action, Cell, Operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::history::{History, What};
use crate::names;

/// Microseconds on the scene's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CellLatencies")]
pub struct Latencies {
    /// From the latest call to each break that followed it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub break_us: Vec<u64>,
    /// From an acknowledgement to the answer of a call that was sent before it: it lets somebody go on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub release_us: Vec<u64>,
}

/// How a number of latencies is spread, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ThemeSpread")]
pub struct Spread {
    /// How many there were.
    pub count: usize,
    /// Half of them were not longer.
    pub p50: u64,
    /// 99 of 100 were not longer.
    pub p99: u64,
    /// The longest.
    pub max: u64,
}

/// How fast a theme was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Speeds {
    /// From a call to the break that it causes.
    #[serde(default, rename = "break", skip_serializing_if = "Option::is_none")]
    pub break_: Option<Spread>,
    /// From an acknowledgement to the answer that it releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Spread>,
}

impl Latencies {
    /// Those of a recorded cell. What comes while time passes is the doing of a timer, and tells nothing of speed.
    #[must_use]
    pub fn of(cell: &Cell, history: &History) -> Latencies {
        let acks: BTreeSet<_> = names::calls(cell)
            .filter(|(_, call)| matches!(call.operation, Operation::Ack(_)))
            .map(|(_, call)| call.index)
            .collect();
        let mut found = Latencies::default();
        let mut latest: Option<Latest> = None;
        let mut sent = BTreeMap::new();
        for entry in &history.entries {
            match &entry.what {
                What::Step(step) => {
                    let action = cell.steps.get(*step).map(|step| &step.action);
                    if matches!(action, Some(Action::TimePasses(_))) {
                        latest = None;
                    }
                }
                What::Sent(calls) => {
                    let is_ack = calls.iter().any(|(index, _)| acks.contains(index));
                    latest = Some(Latest { at: entry.at, is_ack });
                    sent.extend(calls.iter().map(|(_, id)| (*id, entry.at)));
                }
                What::SentAsTold(id) => {
                    latest = Some(Latest { at: entry.at, is_ack: true });
                    sent.insert(*id, entry.at);
                }
                What::Event(event) => {
                    let Some(Latest { at, is_ack }) = latest else { continue };
                    match event {
                        Event::Break(_) => found.break_us.push(entry.at.micros_since(at)),
                        Event::Reply { call, .. }
                            if is_ack && sent.get(call).is_some_and(|sent| *sent < at) =>
                        {
                            found.release_us.push(entry.at.micros_since(at));
                        }
                        _ => {}
                    }
                }
                What::NotPossible { .. } | What::Quiet | What::Fault(_) => {}
            }
        }
        found
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.break_us.is_empty() && self.release_us.is_empty()
    }
}

/// The latest call.
#[derive(Clone, Copy)]
struct Latest {
    at: Tick,
    is_ack: bool,
}

impl Spread {
    /// The spread of these; nothing where there are none.
    #[must_use]
    pub fn of(mut micros: Vec<u64>) -> Option<Spread> {
        micros.sort_unstable();
        let count = micros.len();
        // The nearest rank: the smallest of them that so many are not above.
        let rank = |percent: usize| (count * percent).div_ceil(100).saturating_sub(1);
        Some(Spread {
            count,
            p50: *micros.get(rank(50))?,
            p99: *micros.get(rank(99))?,
            max: *micros.last()?,
        })
    }
}

/// The speeds by theme, from the latencies of cells with their themes.
#[must_use]
pub fn by_theme<'a>(
    cells: impl Iterator<Item = (&'a str, &'a Latencies)>,
) -> BTreeMap<String, Speeds> {
    let mut all: BTreeMap<&str, (Vec<u64>, Vec<u64>)> = BTreeMap::new();
    for (theme, latencies) in cells.filter(|(_, latencies)| !latencies.is_empty()) {
        let (breaks, releases) = all.entry(theme).or_default();
        breaks.extend(&latencies.break_us);
        releases.extend(&latencies.release_us);
    }
    all.into_iter()
        .map(|(theme, (breaks, releases))| {
            let speeds = Speeds { break_: Spread::of(breaks), release: Spread::of(releases) };
            (theme.to_owned(), speeds)
        })
        .collect()
}

#[cfg(test)]
mod tests;
