//! Clients, warm: logged in once, then lent to one cell after another.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use oplock_model::{Status, TargetFault};

use crate::connection::{self, Connection, Held, Negotiated, Way};

/// One ClientGuid with its connections, each with a session and a tree of its own.
#[derive(Debug)]
pub(crate) struct Client {
    pub guid: [u8; 16],
    pub connections: Vec<Connection>,
}

impl Client {
    /// Logs in as often as there shall be connections, all with one fresh ClientGuid.
    pub(crate) async fn open(way: &Way, count: usize) -> Result<(Client, Negotiated), TargetFault> {
        let guid = crate::random::bytes().map_err(TargetFault::Internal)?;
        let (first, negotiated) = connection::open(way, guid).await?;
        let mut connections = vec![first];
        while connections.len() < count {
            connections.push(connection::open(way, guid).await?.0);
        }
        Ok((Client { guid, connections }, negotiated))
    }

    fn is_sound(&self) -> bool {
        self.connections.iter().all(Connection::is_sound)
    }
}

/// The clients that no cell has at the moment.
#[derive(Debug)]
pub(crate) struct Pool {
    way: Way,
    idle: Mutex<Vec<Client>>,
}

/// Idle clients that are kept; more than cells can run side by side are of no use.
const MOST_IDLE: usize = 128;

impl Pool {
    pub(crate) fn new(way: Way) -> Pool {
        Pool { way, idle: Mutex::new(Vec::new()) }
    }

    /// A client with exactly so many connections: a break must not come on one that the cell does not know.
    pub(crate) async fn check_out(&self, connections: usize) -> Result<Client, TargetFault> {
        if let Some(client) = self.take(connections) {
            return Ok(client);
        }
        Ok(Client::open(&self.way, connections).await?.0)
    }

    /// A further connection of a client.
    pub(crate) async fn connect(&self, guid: [u8; 16]) -> Result<Connection, TargetFault> {
        Ok(connection::open(&self.way, guid).await?.0)
    }

    /// Makes a connection a further channel of another's session; the status of the login.
    pub(crate) async fn bind(
        &self,
        connection: &Connection,
        first: &Connection,
    ) -> Result<Status, TargetFault> {
        connection::bind(connection, first, &self.way).await
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

    fn take(&self, connections: usize) -> Option<Client> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // What broke while nobody had it is closed here.
        idle.retain(Client::is_sound);
        let index = idle.iter().rposition(|client| client.connections.len() == connections)?;
        Some(idle.swap_remove(index))
    }
}
