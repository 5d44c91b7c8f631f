//! What the store consists of, by number or name: found in the same time however much there is.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::collections::hash_map::Values;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// Values by number or name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table<K: Eq + Hash, V>(HashMap<K, V, BuildHasherDefault<Spread>>);

impl<K: Ord + Hash, V> Table<K, V> {
    pub fn get<Q: ?Sized + Eq + Hash>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.0.get_mut(key)
    }

    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.0.insert(key, value)
    }

    pub fn remove<Q: ?Sized + Eq + Hash>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.0.remove(key)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In no order that means anything.
    pub fn values(&self) -> Values<'_, K, V> {
        self.0.values()
    }

    /// In the order of the numbers or names.
    pub fn iter(&self) -> std::vec::IntoIter<(&K, &V)> {
        let mut entries: Vec<(&K, &V)> = self.0.iter().collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        entries.into_iter()
    }
}

impl<'a, K: Ord + Hash, V> IntoIterator for &'a Table<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    /// In the order of the numbers or names.
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Eq + Hash, V> Default for Table<K, V> {
    fn default() -> Self {
        Table(HashMap::default())
    }
}

impl<K: Ord + Hash, V: Hash> Hash for Table<K, V> {
    /// Equal tables hash alike, whatever way they came about.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len().hash(state);
        for entry in self {
            entry.hash(state);
        }
    }
}

/// Spreads numbers that follow each other, and names; nobody chooses them, so that nothing has to be kept secret.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spread(u64);

/// The golden ratio in 64 bits.
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            self.write_u64(word.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte)));
        }
        let rest = words.remainder();
        self.write_u64(rest.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(FACTOR);
        self.0 = mixed ^ (mixed >> 32);
    }
}
