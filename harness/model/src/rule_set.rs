//! Which rules fired, as a set without allocation.

use std::fmt;

use crate::RuleId;

const WORD_BITS: usize = u64::BITS as usize;
const WORDS: usize = RuleId::COUNT.div_ceil(WORD_BITS);

/// The rules that fired: one bit per rule, without allocation.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct RuleSet {
    words: [u64; WORDS],
}

impl RuleSet {
    /// A set without rules.
    #[must_use]
    pub const fn new() -> RuleSet {
        RuleSet { words: [0; WORDS] }
    }

    /// Records that a rule fired.
    pub fn insert(&mut self, rule: RuleId) {
        let (word, bit) = place(rule);
        self.words[word] |= bit;
    }

    /// Says whether a rule fired.
    #[must_use]
    pub fn contains(&self, rule: RuleId) -> bool {
        let (word, bit) = place(rule);
        self.words[word] & bit != 0
    }

    /// Takes in all rules of another set.
    pub fn union(&mut self, other: &RuleSet) {
        for (mine, theirs) in self.words.iter_mut().zip(other.words) {
            *mine |= theirs;
        }
    }

    /// The rules of the set, in table order.
    pub fn iter(&self) -> impl Iterator<Item = RuleId> {
        let set = *self;
        RuleId::ALL.iter().copied().filter(move |&rule| set.contains(rule))
    }

    /// Says whether no rule fired.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }
}

/// The word and the bit that stand for a rule; in bounds because there are `COUNT` variants.
fn place(rule: RuleId) -> (usize, u64) {
    let index = usize::from(rule as u16);
    (index / WORD_BITS, 1 << (index % WORD_BITS))
}

impl fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(RuleId::name)).finish()
    }
}

impl FromIterator<RuleId> for RuleSet {
    fn from_iter<I: IntoIterator<Item = RuleId>>(rules: I) -> RuleSet {
        let mut set = RuleSet::new();
        for rule in rules {
            set.insert(rule);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_keeps_exactly_what_was_inserted() {
        assert!(RuleSet::default().is_empty());
        for &id in RuleId::ALL {
            let mut set = RuleSet::new();
            set.insert(id);
            assert!(set.contains(id));
            assert!(!set.is_empty());
            assert_eq!(set.iter().collect::<Vec<_>>(), [id]);
        }
        let even: RuleSet = RuleId::ALL.iter().copied().step_by(2).collect();
        let odd: RuleSet = RuleId::ALL.iter().copied().skip(1).step_by(2).collect();
        let mut all = even;
        all.union(&odd);
        assert!(all.iter().eq(RuleId::ALL.iter().copied()));
        assert_eq!(even.iter().filter(|&id| odd.contains(id)).count(), 0);
    }
}
