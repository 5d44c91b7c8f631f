//! The `quiet` and `break` waits of a live target, chosen from what was measured when it was opened.

use std::time::Duration;

use oplock_model::{Latencies, Spread};

use crate::waits::{Bounds, Calibrated, Waits};

/// How many times the slowest breaks a silence must last to prove that none comes: a server that is busier than while it
/// was measured is still heard.
pub const QUIET_FACTOR: u32 = 20;
/// How many times the slowest breaks an expected one may take: it ends a wait that has failed, so there is no haste.
pub const BREAK_FACTOR: u32 = 200;

/// The waits for a server that was so fast; unmeasured, they stay as they are.
#[must_use]
pub fn calibrated(waits: Waits, latencies: Option<&Latencies>, bounds: &Calibrated) -> Waits {
    let Some(slowest) = latencies.and_then(slowest) else { return waits };
    Waits {
        quiet: within(slowest.saturating_mul(QUIET_FACTOR), bounds.quiet),
        break_: within(slowest.saturating_mul(BREAK_FACTOR), bounds.break_),
        ..waits
    }
}

/// What was measured and what follows from it, as one line.
#[must_use]
pub fn line(latencies: Option<&Latencies>, waits: &Waits) -> String {
    let [quiet, break_] = [waits.quiet, waits.break_].map(shown);
    let Some(slowest) = latencies.and_then(slowest) else {
        return format!("no break was measured: quiet {quiet}, break {break_}");
    };
    let usual = |spread: Option<Spread>| {
        spread.map_or_else(|| "none".to_owned(), |spread| shown(Duration::from_micros(spread.p50)))
    };
    let notice = usual(latencies.and_then(|measured| measured.break_));
    let release = usual(latencies.and_then(|measured| measured.release));
    let slowest = shown(slowest);
    format!(
        "breaks: notice {notice}, release {release}, the slowest {slowest}: quiet {quiet}, break {break_}"
    )
}

/// The slowest of what a cell waits for in silence: a break, or the answer that an acknowledgement lets go.
fn slowest(latencies: &Latencies) -> Option<Duration> {
    let of = |spread: Option<Spread>| spread.map(|spread| spread.p99);
    of(latencies.break_).max(of(latencies.release)).map(Duration::from_micros)
}

fn within(wait: Duration, bounds: Bounds) -> Duration {
    // A profile's bounds are in order; others would panic in `clamp`.
    wait.min(bounds.most).max(bounds.least)
}

/// A short time for people: `0.08 ms`, `2.4 ms`, `35 ms`, `5 s`.
#[must_use]
pub fn shown(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    let (number, unit) = if millis < 1000.0 { (millis, "ms") } else { (millis / 1000.0, "s") };
    let decimals = match number {
        _ if number.fract() == 0.0 => 0,
        _ if number < 1.0 => 2,
        _ if number < 10.0 => 1,
        _ => 0,
    };
    format!("{number:.decimals$} {unit}")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn spread(p99: u64) -> Option<Spread> {
        Some(Spread { rounds: 12, p50: 100, p95: 200, p99, max: p99 + 1 })
    }

    fn measured(break_: Option<Spread>, release: Option<Spread>) -> Latencies {
        Latencies { open: spread(100).unwrap_or_default(), break_, release }
    }

    /// The default bounds: quiet from 20 ms to 2 s, break from 2 s to 30 s.
    #[rstest]
    #[case::fast(measured(spread(300), spread(200)), 20, 2_000)]
    #[case::usual(measured(spread(3_000), spread(2_000)), 60, 2_000)]
    #[case::slow(measured(spread(40_000), spread(9_000)), 800, 8_000)]
    #[case::slow_release(measured(spread(1_000), spread(40_000)), 800, 8_000)]
    #[case::very_slow(measured(spread(900_000), spread(9_000)), 2_000, 30_000)]
    #[case::no_break(measured(None, None), 100, 5_000)]
    #[case::endless(measured(spread(u64::MAX / 2), None), 2_000, 30_000)]
    fn waits_follow_the_slowest_breaks(
        #[case] latencies: Latencies,
        #[case] quiet: u64,
        #[case] break_: u64,
    ) {
        let waits = calibrated(Waits::live(), Some(&latencies), &Calibrated::default());
        let expected = Waits {
            quiet: Duration::from_millis(quiet),
            break_: Duration::from_millis(break_),
            ..Waits::live()
        };
        assert_eq!(waits, expected);
    }

    #[test]
    fn what_was_not_measured_stays() {
        assert_eq!(calibrated(Waits::live(), None, &Calibrated::default()), Waits::live());
    }

    #[test]
    fn equal_bounds_fix_a_wait() {
        let fixed = Duration::from_millis(250);
        let bounds =
            Calibrated { quiet: Bounds { least: fixed, most: fixed }, ..Calibrated::default() };
        for p99 in [1, 5_000, 5_000_000] {
            let latencies = measured(spread(p99), None);
            assert_eq!(calibrated(Waits::live(), Some(&latencies), &bounds).quiet, fixed);
        }
    }

    #[rstest]
    #[case(80, "0.08 ms")]
    #[case(1_000, "1 ms")]
    #[case(2_440, "2.4 ms")]
    #[case(20_000, "20 ms")]
    #[case(35_040, "35 ms")]
    #[case(5_000_000, "5 s")]
    #[case(35_200_000, "35 s")]
    fn times_are_short(#[case] micros: u64, #[case] text: &str) {
        assert_eq!(shown(Duration::from_micros(micros)), text);
    }

    #[test]
    fn one_line_says_what_was_measured() {
        let latencies = measured(spread(900), spread(100));
        let waits = calibrated(Waits::live(), Some(&latencies), &Calibrated::default());
        insta::assert_snapshot!(line(Some(&latencies), &waits), @"breaks: notice 0.10 ms, release 0.10 ms, the slowest 0.90 ms: quiet 20 ms, break 2 s");
        insta::assert_snapshot!(line(None, &Waits::live()), @"no break was measured: quiet 100 ms, break 5 s");
    }
}
