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
