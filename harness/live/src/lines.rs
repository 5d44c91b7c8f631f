//! The connections of a run that are open: who must leave before their cells are over hangs up on all of them, since what they
//! have open keeps the run's folder from being removed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::connection::{Connection, WeakConnection};

/// The connections that cells have or had; one that was closed is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Lines(Mutex<Vec<WeakConnection>>);

impl Lines {
    /// Keeps a connection in mind, without keeping it open.
    pub(crate) fn opened(&self, connection: &Connection) {
        let mut lines = self.lines();
        lines.retain(WeakConnection::is_open);
        lines.push(connection.weak());
    }

    /// Drops the transport of each that is still open.
    pub(crate) fn hang_up(&self) {
        let open: Vec<Connection> =
            self.lines().drain(..).filter_map(|weak| weak.connection()).collect();
        open.iter().for_each(Connection::drop_transport);
    }

    fn lines(&self) -> MutexGuard<'_, Vec<WeakConnection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
