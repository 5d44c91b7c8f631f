//! The break timer, measured: a holder that never acknowledges, and an opener that waits.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use oplock_model::{LeaseKey, LeaseRequest, LeaseState, OplockLevel, Target, TargetFault, Wanted};

use super::pair::{HOLDER, OPENER, Pair, is_break, is_reply, opened};

/// How a break that nobody acknowledges came to an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakTimer {
    /// What was held: `batch`, `RWH`.
    pub held: String,
    /// What came of it.
    pub ended: TimerEnd,
}

/// What came of waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimerEnd {
    /// The opener was answered this long after the break notice.
    After(Duration),
    /// The opener still waited after this long.
    Never(Duration),
    /// It could not be measured: a fragment says why.
    Unknown(String),
}

/// The longest that is waited for a timer; those of Windows and Samba run out after 35 s.
const TIMER_WITHIN_MS: u64 = 90_000;
/// The longest that an answer or break may take that no timer holds back.
const WITHIN_MS: u64 = 10_000;

/// How soon a wait ends that somebody stops.
const LOOK_EVERY_MS: u64 = 200;

/// Waits for the timers of an oplock and of a lease at the same time, until somebody says stop.
pub(crate) fn measure(target: &dyn Target, leases: bool, stop: &AtomicBool) -> Vec<BreakTimer> {
    let mut held = vec![("batch", Wanted::Oplock(OplockLevel::BATCH))];
    if leases {
        let key = crate::random::bytes().map(LeaseKey).unwrap_or(LeaseKey([1; 16]));
        let state = LeaseState::RWH;
        let lease = LeaseRequest { key, state, flags: 0, version: 1, epoch: 0, parent: None };
        held.push(("RWH", Wanted::Lease(lease)));
    }
    thread::scope(|scope| {
        let all: Vec<_> = held
            .into_iter()
            .map(|(name, wanted)| scope.spawn(move || of(target, name, wanted, stop)))
            .collect();
        all.into_iter().filter_map(|timer| timer.join().ok()).collect()
    })
}

fn of(target: &dyn Target, name: &str, wanted: Wanted, stop: &AtomicBool) -> BreakTimer {
    let ended = wait(target, name, wanted, stop)
        .unwrap_or_else(|fault| TimerEnd::Unknown(fault.to_string()));
    BreakTimer { held: name.to_owned(), ended }
}

fn wait(
    target: &dyn Target,
    name: &str,
    wanted: Wanted,
    stop: &AtomicBool,
) -> Result<TimerEnd, TargetFault> {
    let mut pair = Pair::meet(target, format!("timer-{name}"))?;
    let ended = unacknowledged(&mut pair, wanted, stop);
    pair.part()?;
    ended
}

fn unacknowledged(
    pair: &mut Pair,
    wanted: Wanted,
    stop: &AtomicBool,
) -> Result<TimerEnd, TargetFault> {
    let unknown = |why: &str| Ok(TimerEnd::Unknown(why.to_owned()));
    let call = pair.create(HOLDER, wanted)?;
    let held = pair.until(WITHIN_MS, |event| is_reply(event, call))?;
    if held.as_ref().and_then(|answer| opened(&answer.value)).is_none() {
        return unknown("the holder's create was not answered with success");
    }
    let waiting = pair.create(OPENER, Wanted::Nothing)?;
    let next = pair.until(WITHIN_MS, |event| is_break(event) || is_reply(event, waiting))?;
    let Some(notice) = next.filter(|event| is_break(&event.value)) else {
        return unknown("the second create broke nothing");
    };
    let latest = notice.at.plus_millis(TIMER_WITHIN_MS);
    while pair.now() < latest {
        if stop.load(Ordering::Relaxed) {
            return unknown("interrupted");
        }
        if let Some(answer) = pair.until(LOOK_EVERY_MS, |event| is_reply(event, waiting))? {
            let after = answer.at.micros_since(notice.at);
            return Ok(TimerEnd::After(Duration::from_micros(after)));
        }
    }
    Ok(TimerEnd::Never(Duration::from_millis(TIMER_WITHIN_MS)))
}
