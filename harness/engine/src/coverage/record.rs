//! What a layer notes of the cells that it was in.

use std::hash::{Hash, Hasher};

use oplock_model::GridSet;

use super::cell::Cell;

/// The cells reached so far.
///
/// It belongs to the past and not to the state: every record equals every other and hashes to nothing, so that a walk
/// comes back to a state that it has seen, whatever way it took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record(GridSet);

impl Record {
    /// Notes a cell.
    pub fn note(&mut self, cell: Cell) {
        self.0.insert(cell.number());
    }

    /// What was noted.
    pub fn cells(&self) -> &GridSet {
        &self.0
    }
}

impl PartialEq for Record {
    fn eq(&self, _: &Record) -> bool {
        true
    }
}

impl Eq for Record {}

impl Hash for Record {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

#[cfg(test)]
mod tests {
    use std::hash::DefaultHasher;

    use super::*;
    use crate::coverage::{By, StoreOperation, StoreState};

    #[test]
    fn the_past_makes_no_difference() {
        let hash = |record: &Record| {
            let mut hasher = DefaultHasher::new();
            record.hash(&mut hasher);
            hasher.finish()
        };
        let mut record = Record::default();
        record.note(Cell::Store(StoreState::Rh, StoreOperation::Write, By::Stranger));
        assert_eq!(record.cells().len(), 1);
        assert_eq!(record, Record::default());
        assert_eq!(hash(&record), hash(&Record::default()));
    }
}
