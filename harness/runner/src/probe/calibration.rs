//! The `quiet` and `break` waits of a live target, chosen from what was measured when it was opened.

use std::time::Duration;

use oplock_model::{Latencies, Spread};

use crate::waits::{Bounds, Calibrated, Waits};

/// A silence lasts so many times the usual break, or so many times the slowest thing seen, whichever is longer: a server
/// that is slow is given its time, and one that is busier than while it was measured is still heard.
pub const QUIET: Factors = Factors { usual: 20, slowest: 3 };
/// An expected break may take longer still: it ends a wait that has failed, so there is no haste.
pub const BREAK: Factors = Factors { usual: 200, slowest: 50 };

/// How many times what was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factors {
    /// Of the usual.
    pub usual: u32,
    /// Of the slowest.
    pub slowest: u32,
}

/// The waits for a server that was so fast; unmeasured, they stay as they are.
#[must_use]
pub fn calibrated(waits: Waits, latencies: Option<&Latencies>, bounds: &Calibrated) -> Waits {
    let Some(pace) = latencies.and_then(Pace::of) else { return waits };
    Waits {
        quiet: within(pace.times(QUIET), bounds.quiet),
        break_: within(pace.times(BREAK), bounds.break_),
        ..waits
    }
}

/// What was measured and what follows from it, as one line.
#[must_use]
pub fn line(latencies: Option<&Latencies>, waits: &Waits) -> String {
    let [quiet, break_] = [waits.quiet, waits.break_].map(shown);
    let Some(Pace { usual, slowest }) = latencies.and_then(Pace::of) else {
        return format!("no break was measured: quiet {quiet}, break {break_}");
    };
    let (usual, slowest) = (shown(usual), shown(slowest));
    format!("breaks take {usual}, the slowest {slowest}: quiet {quiet}, break {break_}")
}

/// What a cell waits for in silence: a break, the answer that an acknowledgement lets go, a lost connection that is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pace {
    /// Of breaks and releases, half of the slowest batch.
    usual: Duration,
    /// Of all of them.
    slowest: Duration,
}

impl Pace {
    /// Nothing where no break was measured.
    fn of(latencies: &Latencies) -> Option<Pace> {
        let Latencies { break_, release, loss, .. } = *latencies;
        let usual = |spread: Option<Spread>| spread.map_or(0, |spread| spread.p50);
        let slowest = |spread: Option<Spread>| spread.map_or(0, |spread| spread.max);
        break_?;
        Some(Pace {
            usual: Duration::from_micros(usual(break_).max(usual(release))),
            slowest: Duration::from_micros(
                slowest(break_).max(slowest(release)).max(slowest(loss)),
            ),
        })
    }

    fn times(self, Factors { usual, slowest }: Factors) -> Duration {
        self.usual.saturating_mul(usual).max(self.slowest.saturating_mul(slowest))
    }
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

    fn spread(p50: u64, max: u64) -> Option<Spread> {
        Some(Spread { rounds: 12, p50, p95: p50, p99: max, max })
    }

    fn measured(break_: Option<Spread>, release: Option<Spread>) -> Latencies {
        Latencies { open: Spread::default(), break_, release, loss: None }
    }

    /// The default bounds: quiet from 20 ms to 2 s, break from 2 s to 30 s.
    #[rstest]
    #[case::fast(measured(spread(80, 300), spread(120, 200)), 20, 2_000)]
    #[case::usual(measured(spread(3_000, 5_000), spread(2_000, 4_000)), 60, 2_000)]
    #[case::busy(measured(spread(1_000, 50_000), spread(900, 20_000)), 150, 2_500)]
    #[case::slow(measured(spread(40_000, 44_000), spread(9_000, 9_000)), 800, 8_000)]
    #[case::slow_release(measured(spread(1_000, 1_000), spread(40_000, 41_000)), 800, 8_000)]
    #[case::slow_loss(
        Latencies { loss: spread(60_000, 70_000), ..measured(spread(300, 900), spread(200, 900)) },
        210, 3_500
    )]
    #[case::very_slow(measured(spread(900_000, 900_000), spread(9, 9)), 2_000, 30_000)]
    #[case::no_break(measured(None, None), 100, 5_000)]
    #[case::endless(measured(spread(u64::MAX / 2, u64::MAX), None), 2_000, 30_000)]
    fn waits_follow_the_breaks(
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
        for time in [1, 5_000, 5_000_000] {
            let latencies = measured(spread(time, time), None);
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
        let latencies = measured(spread(80, 900), spread(120, 7_000));
        let waits = calibrated(Waits::live(), Some(&latencies), &Calibrated::default());
        insta::assert_snapshot!(line(Some(&latencies), &waits), @"breaks take 0.12 ms, the slowest 7 ms: quiet 21 ms, break 2 s");
        insta::assert_snapshot!(line(None, &Waits::live()), @"no break was measured: quiet 100 ms, break 5 s");
    }
}
