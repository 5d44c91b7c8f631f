//! How fast a server answers, as measured when it was opened.

use serde::{Deserialize, Serialize};

/// How long the steps of a break take at one server, seen from a cell: thread to thread, with the network in between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Latencies {
    /// From a create that nothing holds back to its answer.
    pub open: Spread,
    /// From the create that breaks an oplock to the break notice; absent where the server grants none or breaks none.
    #[serde(default, rename = "break", skip_serializing_if = "Option::is_none")]
    pub break_: Option<Spread>,
    /// From the acknowledgement to the answer of the create that waited for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Spread>,
    /// From the loss of a holder's connection until the server has forgotten what it held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<Spread>,
}

/// The spread of one measured time over several batches, in microseconds: each figure is that of the slowest batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// How often it was measured, over all batches.
    pub rounds: u32,
    /// Half of them took no longer.
    pub p50: u64,
    /// 95 of a hundred took no longer.
    pub p95: u64,
    /// 99 of a hundred took no longer.
    pub p99: u64,
    /// None took longer.
    pub max: u64,
}

impl Spread {
    /// The spread of these batches; nothing where nothing was measured.
    #[must_use]
    pub fn of(batches: &[Vec<u64>]) -> Option<Spread> {
        let measured = batches.iter().filter(|batch| !batch.is_empty()).map(|batch| {
            let mut sorted = batch.clone();
            sorted.sort_unstable();
            Spread {
                rounds: u32::try_from(sorted.len()).unwrap_or(u32::MAX),
                p50: rank(&sorted, 50),
                p95: rank(&sorted, 95),
                p99: rank(&sorted, 99),
                max: rank(&sorted, 100),
            }
        });
        measured.reduce(|one, other| Spread {
            rounds: one.rounds.saturating_add(other.rounds),
            p50: one.p50.max(other.p50),
            p95: one.p95.max(other.p95),
            p99: one.p99.max(other.p99),
            max: one.max.max(other.max),
        })
    }
}

/// The nearest rank: the smallest value that so many percent do not exceed; 0 of nothing.
fn rank(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn spread(rounds: u32, [p50, p95, p99, max]: [u64; 4]) -> Spread {
        Spread { rounds, p50, p95, p99, max }
    }

    #[rstest]
    #[case::nothing(vec![], None)]
    #[case::empty_batches(vec![vec![], vec![]], None)]
    #[case::one(vec![vec![7]], Some(spread(1, [7; 4])))]
    #[case::any_order(vec![vec![3, 1, 2]], Some(spread(3, [2, 3, 3, 3])))]
    #[case::nearest_rank(vec![(1..=100).collect()], Some(spread(100, [50, 95, 99, 100])))]
    #[case::the_slowest_batch(vec![vec![1, 1, 9], vec![], vec![2, 2, 3]], Some(spread(6, [2, 9, 9, 9])))]
    fn each_figure_is_that_of_the_slowest_batch(
        #[case] batches: Vec<Vec<u64>>,
        #[case] expected: Option<Spread>,
    ) {
        assert_eq!(Spread::of(&batches), expected);
    }
}
