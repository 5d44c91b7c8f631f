//! Clients, warm: logged in once, then lent to one cell after another.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use oplock_model::{Status, TargetFault};

use crate::connection::{self, Connection, Held, Negotiated};
use crate::place::{Place, Ways};

/// One ClientGuid with its connections, each with a session and a tree of its own.
#[derive(Debug)]
pub(crate) struct Client {
    pub guid: [u8; 16],
    /// Where each connection goes.
    pub places: Vec<Place>,
    pub connections: Vec<Connection>,
}

impl Client {
    /// Logs in at each of the places, with one fresh ClientGuid.
    pub(crate) async fn open(ways: &Ways, places: &[Place]) -> Result<Client, TargetFault> {
        let guid = crate::random::bytes().map_err(TargetFault::Internal)?;
        let mut connections = Vec::with_capacity(places.len());
        for place in places {
            connections.push(connection::open(&ways.to(*place)?, guid).await?.0);
        }
        Ok(Client { guid, places: places.to_vec(), connections })
    }

    fn is_sound(&self) -> bool {
        self.connections.iter().all(Connection::is_sound)
    }
}

/// The clients that no cell has at the moment.
#[derive(Debug)]
pub(crate) struct Pool {
    ways: Ways,
    idle: Mutex<Vec<Client>>,
}

/// Idle clients that are kept; more than cells can run side by side are of no use.
const MOST_IDLE: usize = 128;

impl Pool {
    pub(crate) fn new(ways: Ways) -> Pool {
        Pool { ways, idle: Mutex::new(Vec::new()) }
    }

    /// A client with exactly these connections: a break must not come on one that the cell does not know.
    pub(crate) async fn check_out(&self, places: &[Place]) -> Result<Client, TargetFault> {
        match self.take(places) {
            Some(client) => Ok(client),
            None => Client::open(&self.ways, places).await,
        }
    }

    /// A further connection of a client.
    pub(crate) async fn connect(
        &self,
        place: Place,
        guid: [u8; 16],
    ) -> Result<(Connection, Negotiated), TargetFault> {
        connection::open(&self.ways.to(place)?, guid).await
    }

    /// Makes a connection a further channel of another's session; the status of the login.
    pub(crate) async fn bind(
        &self,
        connection: &Connection,
        first: &Connection,
        place: Place,
    ) -> Result<Status, TargetFault> {
        connection::bind(connection, first, &self.ways.to(place)?).await
    }

    /// Takes a client back, with what its cell had; one that is not sound is closed instead.
    pub(crate) fn give_back(&self, client: Client, past: &HashSet<Held>) {
        for connection in &client.connections {
            connection.take_back(past);
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if client.is_sound() && idle.len() < MOST_IDLE {
            idle.push(client);
        }
    }

    /// Closes every idle client.
    pub(crate) fn clear(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn ways(&self) -> &Ways {
        &self.ways
    }

    fn take(&self, places: &[Place]) -> Option<Client> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // What broke while nobody had it is closed here.
        idle.retain(Client::is_sound);
        let index = idle.iter().rposition(|client| client.places == places)?;
        Some(idle.swap_remove(index))
    }
}
