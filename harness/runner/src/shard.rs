//! A part of a plan, for a machine among several: the same one wherever it is asked for.

use std::str::FromStr;

use crate::bench::{Bench, Planned};
use crate::exit::Exit;
use crate::fnv::Fnv;
use crate::record::ShardOf;
use crate::stop::Stop;

/// Part K of N, as it is typed: `3/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard(pub ShardOf);

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let wrong = || "K/N, from 1/N to N/N: 3/8".to_owned();
        let (number, of) = text.split_once('/').ok_or_else(wrong)?;
        let number = number.parse::<u32>().map_err(|_| wrong())?;
        let of = of.parse::<u32>().map_err(|_| wrong())?;
        if (1..=of).contains(&number) { Ok(Shard(ShardOf { number, of })) } else { Err(wrong()) }
    }
}

impl Shard {
    /// Whether a case in these axes belongs to it. All cells of a case go together, so that snapshots can be compared.
    #[must_use]
    pub fn has(self, case: &str, axes: &str) -> bool {
        let mut hash = Fnv::new();
        hash.take(case);
        hash.take(axes);
        // The low bits of FNV-1a are its worst.
        let mixed = (hash.value() ^ (hash.value() >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        mixed % u64::from(self.0.of) + 1 == u64::from(self.0.number)
    }

    /// Its cells of a whole plan.
    ///
    /// # Errors
    /// A [`Stop`] where it has none.
    pub fn part(
        self,
        bench: &Bench,
        whole: Vec<(usize, Planned)>,
    ) -> Result<Vec<(usize, Planned)>, Stop> {
        let cells = whole.len();
        let own = |(_, planned): &(usize, Planned)| {
            let case = bench.corpus.cases.get(planned.case);
            let leg = bench.legs.get(planned.leg);
            case.zip(leg).is_some_and(|(case, leg)| self.has(&case.id, &leg.facts.axes))
        };
        let part: Vec<_> = whole.into_iter().filter(own).collect();
        if part.is_empty() {
            let ShardOf { number, of } = self.0;
            let message = format!(
                "nothing selected: shard {number} of {of} has none of the {cells} selected cells; take fewer shards"
            );
            return Err(Stop { exit: Exit::NothingSelected, message });
        }
        Ok(part)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1/1")]
    #[case("8/8")]
    fn parts(#[case] text: &str) {
        assert!(text.parse::<Shard>().is_ok());
    }

    #[rstest]
    #[case("0/8")]
    #[case("9/8")]
    #[case("1")]
    #[case("a/b")]
    #[case("-1/2")]
    #[case("1/0")]
    fn no_parts(#[case] text: &str) {
        assert!(text.parse::<Shard>().is_err());
    }

    /// Which shard has a case never changes: shards of different machines and versions fit together.
    #[test]
    fn each_case_is_in_one_shard_and_stays_there() {
        let of = |case: &str, axes: &str| -> Vec<u32> {
            let shard = |number| Shard(ShardOf { number, of: 8 });
            (1..=8).filter(|number| shard(*number).has(case, axes)).collect()
        };
        let found =
            ["oplock/batch/a", "oplock/batch/b", "lease/x/c"].map(|case| of(case, "smb3_1_1"));
        assert_eq!(found, [vec![8], vec![2], vec![1]]);
        let mut cells = [0; 8];
        for number in 0..8000 {
            for shard in of(&format!("lease/case-{number}"), "") {
                cells[shard as usize - 1] += 1;
            }
        }
        assert_eq!(cells.iter().sum::<usize>(), 8000);
        assert!(cells.iter().all(|cells| (850..1150).contains(cells)), "{cells:?}");
    }
}
