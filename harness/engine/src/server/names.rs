//! Which opens a file has, by the one spelling of its name.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// The opens of every file that has any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Names {
    opens: BTreeMap<String, BTreeSet<u64>>,
}

impl Names {
    /// Takes in an open.
    pub(super) fn insert(&mut self, name: &str, open: u64) {
        match self.opens.get_mut(name) {
            Some(opens) => {
                opens.insert(open);
            }
            None => {
                self.opens.insert(name.to_owned(), BTreeSet::from([open]));
            }
        }
    }

    /// Forgets an open.
    pub(super) fn remove(&mut self, name: &str, open: u64) {
        let Some(opens) = self.opens.get_mut(name) else { return };
        opens.remove(&open);
        if opens.is_empty() {
            self.opens.remove(name);
        }
    }

    /// The opens of a file.
    pub(super) fn of(&self, name: &str) -> impl Iterator<Item = u64> {
        self.opens.get(name).into_iter().flatten().copied()
    }

    /// The opens of all files whose names begin like this.
    pub(super) fn beginning<'a>(&'a self, with: &'a str) -> impl Iterator<Item = u64> + 'a {
        self.opens
            .range::<str, _>((Bound::Included(with), Bound::Unbounded))
            .take_while(move |(name, _)| name.starts_with(with))
            .flat_map(|(_, opens)| opens.iter().copied())
    }

    /// How many opens there are.
    pub(super) fn len(&self) -> usize {
        self.opens.values().map(BTreeSet::len).sum()
    }
}
