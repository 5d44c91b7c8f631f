//! Which cells of the transition grid were reached, as a set of numbers.

use std::fmt;

/// Cells of the grid "what is held x what is done" that a target says it has been in, by number; the numbers and their
/// names are the engine's.
///
/// One bit for each cell; it grows to the highest number that it was given, which is a few hundred bytes.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct GridSet {
    words: Vec<u64>,
}

impl GridSet {
    /// A set without cells.
    #[must_use]
    pub const fn new() -> GridSet {
        GridSet { words: Vec::new() }
    }

    /// Records that a cell was reached.
    pub fn insert(&mut self, cell: u16) {
        let (word, bit) = place(cell);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            *word |= bit;
        }
    }

    /// Says whether a cell was reached.
    #[must_use]
    pub fn contains(&self, cell: u16) -> bool {
        let (word, bit) = place(cell);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Takes in all cells of another set.
    pub fn union(&mut self, other: &GridSet) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine |= theirs;
        }
    }

    /// The cells of the set, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u16> {
        (0..=u16::MAX).take(self.words.len() * WORD_BITS).filter(|cell| self.contains(*cell))
    }

    /// How many cells were reached.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Says whether no cell was reached.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }
}

const WORD_BITS: usize = u64::BITS as usize;

/// The word and the bit that stand for a cell.
fn place(cell: u16) -> (usize, u64) {
    let index = usize::from(cell);
    (index / WORD_BITS, 1 << (index % WORD_BITS))
}

impl fmt::Debug for GridSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl FromIterator<u16> for GridSet {
    fn from_iter<I: IntoIterator<Item = u16>>(cells: I) -> GridSet {
        let mut set = GridSet::new();
        for cell in cells {
            set.insert(cell);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_keeps_exactly_what_was_inserted() {
        let numbers = [0, 1, 63, 64, 4_000, u16::MAX];
        for number in numbers {
            let set = GridSet::from_iter([number]);
            assert_eq!(set.iter().collect::<Vec<_>>(), [number]);
            assert!(set.contains(number));
            assert!(!set.is_empty());
        }
        let mut all: GridSet = numbers[..3].iter().copied().collect();
        all.union(&numbers[3..].iter().copied().collect());
        assert_eq!(all.iter().collect::<Vec<_>>(), numbers);
        assert_eq!(all.len(), numbers.len());
        assert!(GridSet::new().is_empty());
    }
}
