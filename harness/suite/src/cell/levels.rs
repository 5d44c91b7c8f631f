//! Which levels can be asked for, granted and broken to: what a case expects beyond this can never be met.

use oplock_model::{Level, Severity, Status, StoreRequest};

use super::scope::Sent;
use crate::plan::Want;

/// Whether a break from one level to the other exists at all (MS-FSA 2.1.4.12, WDK "Breaking Oplocks").
pub(super) fn can_break(from: Level, to: Level) -> bool {
    match (from.lease_state(), to.lease_state()) {
        (Some(from), Some(to)) => from != to && to.is_subset_of(from),
        (None, Some(_)) => to == Level::None,
        (None, None) => to == Level::Ii && matches!(from, Level::Exclusive | Level::Batch),
        (Some(_), None) => false,
    }
}

/// Whether a call can be granted that level at all.
pub(super) fn can_be_granted(level: Level, sent: &Sent) -> bool {
    if level == Level::None {
        return true;
    }
    match &sent.want {
        // A handle that is claimed back has what it had, whatever the claim asks for.
        Want::Nothing => sent.key_is_old && level.oplock_level().is_some(),
        // What an illegal level is answered with is the server's choice.
        Want::Oplock(_) if sent.key_is_old => level.oplock_level().is_some(),
        Want::Oplock(raw) => {
            match Level::ALL.into_iter().find(|l| l.oplock_level() == Some(*raw)) {
                Some(asked) => rank(level).is_some_and(|granted| Some(granted) <= rank(asked)),
                None => level.oplock_level().is_some(),
            }
        }
        // An older lease of the same key may hold more than this open asks for.
        Want::Lease { state, .. } => level
            .lease_state()
            .is_some_and(|granted| sent.key_is_old || granted.is_subset_of(*state)),
        Want::Request(request) => level_of(*request).is_none_or(|l| l == level),
    }
}

fn rank(level: Level) -> Option<u8> {
    match level {
        Level::Ii => Some(1),
        Level::Exclusive => Some(2),
        Level::Batch => Some(3),
        _ => None,
    }
}

/// The level that a request at the store asks for, where it is a legal one.
pub(super) fn level_of(request: StoreRequest) -> Option<Level> {
    match request {
        // What is sent as it stands may well be illegal.
        StoreRequest::Raw(_) => None,
        _ => request.level(),
    }
}

/// Whether a status means that the call did what it should.
pub(super) fn is_success(status: Status) -> bool {
    status.severity() == Severity::Success
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // MS-FSA 2.1.4.12 "Algorithm to Check for an Oplock Break": the levels that each oplock is broken to.
    #[rstest]
    #[case(Level::Ii, &[Level::None])]
    #[case(Level::Exclusive, &[Level::None, Level::Ii])]
    #[case(Level::Batch, &[Level::None, Level::Ii])]
    #[case(Level::Filter, &[Level::None])]
    #[case(Level::R, &[Level::None])]
    #[case(Level::Rh, &[Level::None, Level::R])]
    #[case(Level::Rw, &[Level::None, Level::R])]
    #[case(Level::Rwh, &[Level::None, Level::R, Level::Rh, Level::Rw])]
    #[case(Level::None, &[])]
    fn breaks(#[case] from: Level, #[case] to: &[Level]) {
        let found: Vec<Level> =
            Level::ALL.into_iter().filter(|level| can_break(from, *level)).collect();
        assert_eq!(found, to);
    }
}
