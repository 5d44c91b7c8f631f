//! The break timer, measured: a holder that never acknowledges, and an opener that waits.

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

/// Waits for the timers of an oplock and of a lease at the same time.
pub(crate) fn measure(target: &dyn Target, leases: bool) -> Vec<BreakTimer> {
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
            .map(|(name, wanted)| scope.spawn(move || of(target, name, wanted)))
            .collect();
        all.into_iter().filter_map(|timer| timer.join().ok()).collect()
    })
}

fn of(target: &dyn Target, name: &str, wanted: Wanted) -> BreakTimer {
    let ended =
        wait(target, name, wanted).unwrap_or_else(|fault| TimerEnd::Unknown(fault.to_string()));
    BreakTimer { held: name.to_owned(), ended }
}

fn wait(target: &dyn Target, name: &str, wanted: Wanted) -> Result<TimerEnd, TargetFault> {
    let mut pair = Pair::meet(target, format!("timer-{name}"))?;
    let ended = unacknowledged(&mut pair, wanted);
    pair.part()?;
    ended
}

fn unacknowledged(pair: &mut Pair, wanted: Wanted) -> Result<TimerEnd, TargetFault> {
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
    let answer = pair.until(TIMER_WITHIN_MS, |event| is_reply(event, waiting))?;
    Ok(match answer {
        Some(answer) => TimerEnd::After(Duration::from_micros(answer.at.micros_since(notice.at))),
        None => TimerEnd::Never(Duration::from_millis(TIMER_WITHIN_MS)),
    })
}
