//! How much slower a target breaks and lets go on than before, theme by theme.

use std::collections::BTreeMap;

use serde::Serialize;

use super::moves::passes;
use crate::record::{Brief, Record, Speeds, Spread, speed};

/// What is told where nobody says how much slower is a regression.
const WORTH_TELLING: f64 = 2.0;
/// Fewer say nothing of the middle.
const ENOUGH_FOR_P50: usize = 10;
/// With fewer the 99th percentile is the longest of them, which is chance.
const ENOUGH_FOR_P99: usize = 100;
/// Differences below are the noise of a machine: microseconds.
const NOISE_OF_P50: u64 = 1_000;
/// The same of the longest.
const NOISE_OF_P99: u64 = 10_000;
/// The noise floor in words.
pub const NOISE: &str =
    "noise floor: 1 ms at p50 of 10 samples or more, 10 ms at p99 of 100 or more";

/// What somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// From a call to the break that it causes.
    Break,
    /// From an acknowledgement to the answer that it releases.
    Release,
}

/// Which of the waits of a theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Percentile {
    /// Half of them were not longer.
    P50,
    /// 99 of 100 were not longer.
    P99,
}

/// A theme in which something takes longer than before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Slower {
    /// The theme: `oplock/batch`.
    pub theme: String,
    /// What takes longer.
    pub wait: Wait,
    /// Of which of the waits that is said.
    pub percentile: Percentile,
    /// Before, in microseconds.
    pub before_us: u64,
    /// Now, in microseconds.
    pub after_us: u64,
    /// How many times as long.
    pub factor: f64,
    /// How many waits were measured before.
    pub before_count: usize,
    /// How many now.
    pub after_count: usize,
    /// Whether it is a regression.
    pub gates: bool,
}

/// The themes that are slower, by what the cells show that passed in both runs; `most` is how many times slower they may be.
#[must_use]
pub fn slower(
    before: &Record,
    after: &Record,
    both: &[(&Brief, &Brief)],
    most: Option<f64>,
) -> Vec<Slower> {
    let passed = both.iter().filter(|(one, other)| passes(one.verdict) && passes(other.verdict));
    // Both by the themes of the later corpus: a case may have moved.
    let theme = |brief: &Brief| after.case(brief).map_or("", |case| case.suite.as_str());
    let earlier = passed.clone().map(|(one, other)| (theme(other), &one.latencies));
    let later = passed.map(|(_, other)| (theme(other), &other.latencies));
    let (earlier, later) = (speed::by_theme(earlier), speed::by_theme(later));
    // Times on the reference's clock are the script's, not the machine's.
    if before.header.live != after.header.live {
        return Vec::new();
    }
    found(&earlier, &later, most)
}

fn found(
    earlier: &BTreeMap<String, Speeds>,
    later: &BTreeMap<String, Speeds>,
    most: Option<f64>,
) -> Vec<Slower> {
    let mut found = Vec::new();
    for (theme, after) in later {
        let Some(before) = earlier.get(theme) else { continue };
        for (wait, before, after) in [
            (Wait::Break, before.break_, after.break_),
            (Wait::Release, before.release, after.release),
        ] {
            let (Some(before), Some(after)) = (before, after) else { continue };
            for percentile in [Percentile::P50, Percentile::P99] {
                let Some((before_us, after_us)) = percentile.beyond_noise(before, after) else {
                    continue;
                };
                // A wait of less than a microsecond is one.
                let factor = after_us as f64 / before_us.max(1) as f64;
                if factor > most.unwrap_or(WORTH_TELLING) {
                    found.push(Slower {
                        theme: theme.clone(),
                        wait,
                        percentile,
                        before_us,
                        after_us,
                        factor,
                        before_count: before.count,
                        after_count: after.count,
                        gates: most.is_some(),
                    });
                }
            }
        }
    }
    found
}

impl Percentile {
    /// Both figures, where there are enough of them and the difference is no noise.
    fn beyond_noise(self, before: Spread, after: Spread) -> Option<(u64, u64)> {
        let (enough, noise, (one, other)) = match self {
            Percentile::P50 => (ENOUGH_FOR_P50, NOISE_OF_P50, (before.p50, after.p50)),
            Percentile::P99 => (ENOUGH_FOR_P99, NOISE_OF_P99, (before.p99, after.p99)),
        };
        let counts = before.count.min(after.count) >= enough;
        (counts && other.saturating_sub(one) >= noise).then_some((one, other))
    }

    /// As people write it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Percentile::P50 => "p50",
            Percentile::P99 => "p99",
        }
    }
}

impl Wait {
    /// As people say it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Wait::Break => "break",
            Wait::Release => "release",
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn speeds(count: usize, p50: u64, p99: u64) -> BTreeMap<String, Speeds> {
        let spread = Spread { count, p50, p99, max: p99 };
        [("oplock/batch".to_owned(), Speeds { break_: Some(spread), release: None })].into()
    }

    /// Counts, p50 and p99 in microseconds, the factor; what is found.
    #[rstest]
    #[case::faster((200, 3_000, 20_000), (200, 1_000, 9_000), None, "")]
    #[case::middle((200, 1_000, 20_000), (200, 2_500, 20_000), Some(2.0), "p50")]
    #[case::just_not((200, 1_000, 20_000), (200, 2_000, 20_000), Some(2.0), "")]
    #[case::noise((200, 100, 1_000), (200, 1_000, 10_000), Some(2.0), "")]
    #[case::both((200, 1_000, 10_000), (200, 5_000, 50_000), Some(2.0), "p50 p99")]
    #[case::few((99, 1_000, 10_000), (200, 1_000, 90_000), Some(2.0), "")]
    #[case::very_few((9, 1_000, 10_000), (9, 9_000, 90_000), Some(2.0), "")]
    #[case::from_nothing((10, 0, 0), (10, 1_000, 1_000), Some(1000.0), "")]
    #[case::from_nothing_to_much((10, 0, 0), (10, 1_001, 1_000), Some(1000.0), "p50")]
    #[case::unasked((200, 1_000, 20_000), (200, 1_900, 20_000), None, "")]
    fn what_is_slower(
        #[case] before: (usize, u64, u64),
        #[case] after: (usize, u64, u64),
        #[case] most: Option<f64>,
        #[case] expected: &str,
    ) {
        let of = |(count, p50, p99)| speeds(count, p50, p99);
        let found = found(&of(before), &of(after), most);
        assert!(found.iter().all(|slower| slower.gates == most.is_some()));
        let words: Vec<_> = found.iter().map(|slower| slower.percentile.words()).collect();
        assert_eq!(words.join(" "), expected);
    }
}
