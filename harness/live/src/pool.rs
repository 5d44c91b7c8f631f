//! Clients, warm: logged in once, then lent to one cell after another.

use std::collections::HashSet;
use std::sync::Arc;

use oplock_model::{Load, Status, TargetFault};

use crate::clock::Stopwatch;
use crate::connection::{self, Connection, Held, Negotiated};
use crate::place::{Place, Ways};
use crate::room::{Claim, Need, Room, Slots, Stay, Turn, count, wants_room};

/// One ClientGuid with its connections, each with a session and a tree of its own.
#[derive(Debug)]
pub(crate) struct Client {
    pub guid: [u8; 16],
    /// Where each connection goes.
    pub places: Vec<Place>,
    pub connections: Vec<Connection>,
    /// After the connections: room is free once they are closed.
    pub slots: Slots,
}

impl Client {
    /// Logs in at each of the places, with one fresh ClientGuid.
    pub(crate) async fn open(
        ways: &Ways,
        places: &[Place],
        mut slots: Slots,
    ) -> Result<Client, TargetFault> {
        let guid = crate::random::bytes().map_err(TargetFault::Internal)?;
        let mut connections = Vec::with_capacity(places.len());
        for place in places {
            connections.push(ways.open(*place, guid).await?.0);
        }
        slots.opened();
        Ok(Client { guid, places: places.to_vec(), connections, slots })
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.connections.iter().all(Connection::is_sound)
    }
}

/// The clients of one way to speak to the server; room for them is shared by all ways.
#[derive(Debug)]
pub(crate) struct Pool {
    leg: usize,
    ways: Ways,
    room: Arc<Room>,
}

impl Pool {
    pub(crate) fn new(leg: usize, ways: Ways, room: Arc<Room>) -> Pool {
        Pool { leg, ways, room }
    }

    /// Clients with exactly these connections, all at once, as soon as there is room: warm ones, fresh ones where there are
    /// none. Where the server has no room for a fresh one, the cell waits until another is over.
    ///
    /// # Errors
    /// As [`Pool::open`].
    pub(crate) async fn check_out(
        &self,
        clients: &[Vec<Place>],
        load: Load,
    ) -> Result<(Vec<Client>, Stay), TargetFault> {
        let need = Need { leg: self.leg, clients, load };
        let mut refused = None;
        loop {
            let Claim { clients: claimed, stay } = self.room.enter(&need).await?;
            match self.fill(clients, claimed).await {
                Ok(filled) => return Ok((filled, stay)),
                Err(fault) => {
                    drop(stay);
                    self.refused(&mut refused, fault).await?;
                }
            }
        }
    }

    /// A fresh client with these connections, as soon as there is room.
    ///
    /// # Errors
    /// As [`Pool::try_open`].
    pub(crate) async fn open(&self, places: &[Place]) -> Result<Client, TargetFault> {
        let mut refused = None;
        loop {
            let slots = self.room.slots(count(places)).await?;
            match self.log_in(places, slots).await {
                Ok(client) => return Ok(client),
                Err(fault) => self.refused(&mut refused, fault).await?,
            }
        }
    }

    /// A fresh client with these connections, now or not at all.
    ///
    /// # Errors
    /// [`TargetFault::Unreachable`] where the server is gone, [`TargetFault::Refused`] where it does not let us in,
    /// [`TargetFault::Unsupported`] where the target has no such place, or the caps leave no room for it.
    pub(crate) async fn try_open(&self, places: &[Place]) -> Result<Client, TargetFault> {
        let count = count(places);
        let slots = self.room.slots_now(count).ok_or_else(|| {
            let reason = format!("the cap on connections leaves no room for {count} more");
            TargetFault::Unsupported(reason)
        })?;
        self.log_in(places, slots).await
    }

    /// A warm client, where there is one.
    pub(crate) fn idle(&self, places: &[Place]) -> Option<Client> {
        self.room.idle(self.leg, places)
    }

    /// A further connection of a client, in the room that the client has.
    pub(crate) async fn connect(
        &self,
        place: Place,
        guid: [u8; 16],
    ) -> Result<(Connection, Negotiated), TargetFault> {
        let mut refused = None;
        loop {
            let turn = self.room.login().await?;
            match self.ways.open(place, guid).await {
                Ok(opened) => {
                    self.room.let_in();
                    return Ok(opened);
                }
                Err(fault) => {
                    drop(turn);
                    self.refused(&mut refused, fault).await?;
                }
            }
        }
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
        self.room.keep(self.leg, client);
    }

    /// Closes every idle client.
    pub(crate) fn clear(&self) {
        self.room.clear(self.leg);
    }

    pub(crate) fn ways(&self) -> &Ways {
        &self.ways
    }

    /// Logs in where nobody was warm. Where that fails, those that were go back.
    async fn fill(
        &self,
        places: &[Vec<Place>],
        claimed: Vec<Result<Client, Slots>>,
    ) -> Result<Vec<Client>, TargetFault> {
        let mut filled = Vec::with_capacity(claimed.len());
        let mut claimed = claimed.into_iter();
        for (places, claim) in places.iter().zip(&mut claimed) {
            let client = match claim {
                Ok(client) => Ok(client),
                Err(slots) => self.warm_or_fresh(places, slots).await,
            };
            match client {
                Ok(client) => filled.push(client),
                Err(fault) => {
                    let warm = filled.into_iter().chain(claimed.filter_map(Result::ok));
                    warm.for_each(|client| self.room.keep(self.leg, client));
                    return Err(fault);
                }
            }
        }
        Ok(filled)
    }

    /// Somebody may have left a client while this cell waited for its turn to log in.
    async fn warm_or_fresh(&self, places: &[Place], slots: Slots) -> Result<Client, TargetFault> {
        let turn = self.room.login().await?;
        match self.room.idle(self.leg, places) {
            Some(client) => Ok(client),
            None => self.log_in_now(places, slots, turn).await,
        }
    }

    async fn log_in(&self, places: &[Place], slots: Slots) -> Result<Client, TargetFault> {
        let turn = self.room.login().await?;
        self.log_in_now(places, slots, turn).await
    }

    async fn log_in_now(
        &self,
        places: &[Place],
        slots: Slots,
        _turn: Turn<'_>,
    ) -> Result<Client, TargetFault> {
        let client = Client::open(&self.ways, places, slots).await?;
        self.room.let_in();
        Ok(client)
    }

    /// After a login that failed: whether there is use in another try, and the pause before it.
    async fn refused(
        &self,
        since: &mut Option<Stopwatch>,
        fault: TargetFault,
    ) -> Result<(), TargetFault> {
        if !wants_room(&fault) {
            return Err(fault);
        }
        let began = *since.get_or_insert_with(Stopwatch::start);
        self.room.refused(began, fault).await
    }
}
