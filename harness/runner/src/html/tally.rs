//! What has to be known of all cells before the first of them is written.

use std::collections::{BTreeMap, BTreeSet};

use super::tone::Tone;
use crate::record::{Record, RecordError};

/// Sums over the cells of a record.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many cells of each tone.
    pub tones: Tones,
    /// The same for each cell of the transition grid, by its number.
    pub grid: BTreeMap<u16, Tones>,
    /// The capabilities that any cell needs.
    pub needs: BTreeSet<String>,
}

/// How many cells of each tone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tones([usize; Tone::ALL.len()]);

impl Tally {
    /// Goes through the record once, a cell at a time.
    ///
    /// # Errors
    /// A [`RecordError`] where a cell cannot be read again.
    pub fn of(record: &Record) -> Result<Tally, RecordError> {
        let mut tally = Tally::default();
        for brief in &record.cells {
            let tone = Tone::of(brief);
            tally.tones.add(tone);
            let whole = record.whole(brief)?;
            for number in whole.grid {
                tally.grid.entry(number).or_default().add(tone);
            }
            tally.needs.extend(whole.needs);
        }
        Ok(tally)
    }
}

impl Tones {
    /// One more.
    pub fn add(&mut self, tone: Tone) {
        if let Some(count) = self.0.get_mut(tone as usize) {
            *count += 1;
        }
    }

    /// Those of another place too.
    pub fn join(&mut self, other: &Tones) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }

    /// How many of this one.
    #[must_use]
    pub fn count(&self, tone: Tone) -> usize {
        self.0.get(tone as usize).copied().unwrap_or_default()
    }

    /// How many in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }

    /// The worst that there is.
    #[must_use]
    pub fn worst(&self) -> Option<Tone> {
        Tone::ALL.into_iter().rev().find(|tone| self.count(*tone) > 0)
    }

    /// `12 passed, 2 skipped`: the worst first.
    #[must_use]
    pub fn words(&self) -> String {
        let counted = Tone::ALL.into_iter().rev().map(|tone| (self.count(tone), tone.words()));
        let words: Vec<_> = counted
            .filter(|(count, _)| *count > 0)
            .map(|(count, words)| format!("{count} {words}"))
            .collect();
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_counts() {
        let mut tones = Tones::default();
        assert_eq!(tones.worst(), None);
        for tone in [Tone::Pass, Tone::Known, Tone::Pass, Tone::Recorded] {
            tones.add(tone);
        }
        assert_eq!(tones.worst(), Some(Tone::Recorded));
        assert_eq!(tones.words(), "1 only recorded, 1 known deviation, 2 passed");
        tones.join(&tones.clone());
        assert_eq!((tones.total(), tones.count(Tone::Pass)), (8, 4));
    }
}
