//! The cells of the transition grid that a cell of the corpus is about, as the reference goes through them: a server says nothing of it.

use std::collections::BTreeMap;

use oplock_engine::coverage::Cell as GridCell;
use oplock_engine::{Choices, Reference};
use oplock_model::GridSet;
use oplock_suite::plan::Cell;

use crate::drive;
use crate::names::KeySource;
use crate::waits::Waits;

/// Where a cell goes through the grid.
#[must_use]
pub fn on_the_reference(cell: &Cell) -> GridSet {
    let reference = Reference::new(Choices::default());
    let mut keys = KeySource::for_cell(0, &cell.id, "");
    drive::play(cell, &reference, &Waits::reference(), &mut keys).cells
}

/// The names of these cells: `RWH x read by a stranger`.
#[must_use]
pub fn names(cells: &GridSet) -> BTreeMap<u16, String> {
    GridCell::all()
        .filter(|cell| cells.contains(cell.number()))
        .map(|cell| (cell.number(), cell.to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    const CASES: &str = r"
suite: lease/tried
about: A cell that goes somewhere, and one that goes nowhere.
files: {f: {size: 4KiB}}
actors: {A: client 1, B: client 2}
cases:
  breaks:
    says: A second open breaks a batch oplock.
    spec: [smb2.ack.oplock]
    steps:
      - A opens: {file: f, as: a, access: rw, share: rwd, want: batch}
      - B opens: {file: f, as: b, access: rw, share: rwd, want: batch}
        then: [{A sees: {break: a, to: ii, ack: needed}}, {B waits: b}]
";

    #[test]
    fn a_cell_has_its_place_in_the_grid() {
        let corpus = testing::loaded(CASES);
        let found = on_the_reference(&corpus.cases[0].cells[0]);
        let names = names(&found);
        assert_eq!(names.len(), found.iter().count());
        let text: Vec<&str> = names.values().map(String::as_str).collect();
        insta::assert_snapshot!(text.join("\n"), @r"
        none x open for more by a stranger
        none x request batch by a stranger
        batch x open for more by a stranger
        batch x create with oplock
        batch x broken by the store
        ");
    }

    #[test]
    fn a_cell_without_steps_is_about_nothing() {
        let found = on_the_reference(&testing::cell("a/one", &[]));
        assert_eq!(names(&found), BTreeMap::new());
    }
}
