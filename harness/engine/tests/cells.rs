//! The transition grid at unit level: a systematic sweep and seeded walks reach every possible cell and no impossible one.

mod grid {
    pub mod play;
    pub mod server;
    pub mod states;
    pub mod sweep;
    pub mod walk;
}

use oplock_engine::coverage::{Cell, Reason};
use oplock_model::GridSet;

/// Cells by name, so that a failure says what is missing and not how much.
fn names(cells: impl Iterator<Item = Cell>) -> Vec<String> {
    cells.map(|cell| cell.to_string()).collect()
}

fn assert_complete(reached: &GridSet, of_layer: fn(&Cell) -> bool) {
    let is_reached = |cell: &Cell| reached.contains(cell.number());
    let layer = || Cell::all().filter(of_layer);
    let missing = names(layer().filter(|cell| cell.impossible().is_none() && !is_reached(cell)));
    let wrong = names(layer().filter(|cell| cell.impossible().is_some() && is_reached(cell)));
    assert!(
        missing.is_empty() && wrong.is_empty(),
        "{} missing:\n  {}\n{} impossible, and reached:\n  {}",
        missing.len(),
        missing.join("\n  "),
        wrong.len(),
        wrong.join("\n  ")
    );
}

#[test]
fn every_possible_cell_of_the_store_is_reached() {
    let mut reached = GridSet::new();
    for (_, play) in grid::states::all() {
        reached.union(&grid::sweep::everything_once(&play));
    }
    for seed in 0..200 {
        reached.union(&grid::walk::store(seed));
    }
    assert_complete(&reached, |cell| matches!(cell, Cell::Store(..)));
}

#[test]
fn every_possible_cell_of_the_server_is_reached() {
    let mut reached = grid::server::sweep();
    for seed in 0..50 {
        reached.union(&grid::walk::server(seed));
    }
    assert_complete(&reached, |cell| matches!(cell, Cell::Server(..)));
}

/// A reason that no cell has would be an excuse kept in store.
#[test]
fn every_reason_is_needed() {
    for reason in Reason::ALL {
        let uses = |cell: &Cell| cell.impossible().is_some_and(|why| why.reason == *reason);
        assert!(Cell::all().any(|cell| uses(&cell)), "no cell is impossible because {reason}");
    }
}
