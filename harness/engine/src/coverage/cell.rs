//! One cell of the grid, and its number.

use std::fmt;

use super::impossible::{self, Impossible};
use super::server_words::{ServerOperation, ServerState};
use super::store_words::{StoreOperation, StoreState};
use super::words::words;

words! {
    /// Who does it, seen from those who hold something there.
    By {
        Holder = "its holder", "The very handle that holds it, or one of those.";
        SameKey = "its key", "Another handle with the oplock key of a holder.";
        Stranger = "a stranger", "Anybody else.";
    }
}

/// A cell: what is held, what is done, and at the store by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell {
    /// At the object store.
    Store(StoreState, StoreOperation, By),
    /// At the SMB2 server, where the state is that of one open or lease.
    Server(ServerState, ServerOperation),
}

const WHO: u16 = By::ALL.len() as u16;
const STORE_OPERATIONS: u16 = StoreOperation::ALL.len() as u16;
const STORE_CELLS: u16 = StoreState::ALL.len() as u16 * STORE_OPERATIONS * WHO;
const SERVER_OPERATIONS: u16 = ServerOperation::ALL.len() as u16;

impl Cell {
    /// The number under which the cell is recorded: it counts for this version only.
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Cell::Store(state, operation, by) => {
                (state as u16 * STORE_OPERATIONS + operation as u16) * WHO + by as u16
            }
            Cell::Server(state, operation) => {
                STORE_CELLS + state as u16 * SERVER_OPERATIONS + operation as u16
            }
        }
    }

    /// Every cell of both layers, in the order of the numbers.
    pub fn all() -> impl Iterator<Item = Cell> {
        let store = StoreState::ALL.iter().flat_map(|state| {
            StoreOperation::ALL.iter().flat_map(move |operation| {
                By::ALL.iter().map(move |by| Cell::Store(*state, *operation, *by))
            })
        });
        let server = ServerState::ALL.iter().flat_map(|state| {
            ServerOperation::ALL.iter().map(move |operation| Cell::Server(*state, *operation))
        });
        store.chain(server)
    }

    /// Why the cell cannot be reached, whatever the choices; nothing where it can.
    #[must_use]
    pub fn impossible(self) -> Option<Impossible> {
        match self {
            Cell::Store(state, operation, by) => impossible::at_store(state, operation, by),
            Cell::Server(state, operation) => impossible::at_server(state, operation),
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Store(state, operation, by) => write!(f, "{state} x {operation} by {by}"),
            Cell::Server(state, operation) => write!(f, "{state} x {operation}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_the_order() {
        for (number, cell) in Cell::all().enumerate() {
            assert_eq!(usize::from(cell.number()), number, "{cell}");
        }
    }
}
