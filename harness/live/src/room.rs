//! How many connections a run has at a time: never more than its caps, and no more than the server takes.
//!
//! Nobody asks a server beforehand how many clients it bears. So logins are made a few at a time, warm clients are taken
//! before fresh ones are made, and the first login that is refused for want of room says where the end is: from then on
//! cells wait until another is over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oplock_model::{Load, Status, TargetFault};
use tokio::sync::{Mutex as Turns, Notify, Semaphore, SemaphorePermit};

use crate::clock::Stopwatch;
use crate::connection::DURING_LOGIN;
use crate::options::Caps;
use crate::place::Place;
use crate::pool::Client;

/// The connections of a run, and the clients that no cell has at the moment.
#[derive(Debug)]
pub(crate) struct Room {
    caps: Caps,
    state: Mutex<State>,
    /// Somebody left, or something was given back.
    changed: Notify,
    /// One queue for cells that work and one for those that wait for a timer: neither holds the other up.
    turns: [Turns<()>; 2],
    logins: Semaphore,
}

#[derive(Debug, Default)]
struct State {
    /// Warm clients, the longest unused first.
    idle: Vec<Idle>,
    /// Connections that are open or promised, idle ones too.
    taken: u32,
    /// Of those, the ones that are still to be opened.
    opening: u32,
    /// Of those, the ones for folders and files.
    standing: u32,
    /// Of those, the ones of cells that wait for a timer.
    waiting: u32,
    /// Files that the running cells may open.
    files: u32,
    /// So many the server takes, once it refused one more.
    most: Option<u32>,
    /// How often in a row it refused although there was room.
    refusals: u32,
    /// Why no login is tried for a moment: the server refused every one for a while, and nothing of ours is open there.
    given_up: Option<(Stopwatch, TargetFault)>,
}

#[derive(Debug)]
struct Idle {
    leg: usize,
    client: Client,
}

/// Logins that are under way at a time: each costs a server a process or more, and a storm of them helps nobody.
const LOGINS: usize = 4;
/// Idle clients that are kept; more than cells can run side by side are of no use.
const MOST_IDLE: usize = 128;
/// The longest that a cell waits for others to leave once it is its turn; longer than any cell may take.
const ROOM_WITHIN: Duration = Duration::from_secs(600);
/// How long a server may refuse a cell's login while it serves other cells.
const REFUSES_ONE_WITHIN: Duration = Duration::from_secs(30);
/// How long a server that has nothing of ours open may refuse every login before it counts as gone.
const REFUSES_ALL_WITHIN: Duration = Duration::from_secs(5);
/// After that, how long nobody tries.
const LEFT_ALONE: Duration = Duration::from_secs(5);
/// Between two tries: a server needs a moment to see that a connection is closed.
const PAUSE: Duration = Duration::from_millis(50);
/// Refusals in a row, although there was room, that mean one connection less than we thought.
const REFUSALS: u32 = 4;

/// That one may log in now.
pub(crate) type Turn<'a> = SemaphorePermit<'a>;

/// What a cell comes in with.
#[derive(Debug)]
pub(crate) struct Need<'a> {
    /// Whose warm clients may serve: those of another leg speak in other axes.
    pub leg: usize,
    /// For each client where its connections go.
    pub clients: &'a [Vec<Place>],
    pub load: Load,
}

impl Need<'_> {
    fn connections(&self) -> u32 {
        self.clients.iter().map(|places| count(places)).sum()
    }
}

/// A cell's share of the room: clients that were warm, and slots for those that are still to be made.
#[derive(Debug)]
pub(crate) struct Claim {
    /// In the order of the need.
    pub clients: Vec<Result<Client, Slots>>,
    pub stay: Stay,
}

impl Room {
    pub(crate) fn new(caps: Caps) -> Arc<Room> {
        Arc::new(Room {
            caps,
            state: Mutex::default(),
            changed: Notify::new(),
            turns: [Turns::new(()), Turns::new(())],
            logins: Semaphore::new(LOGINS),
        })
    }

    /// Waits until there is room for a cell, in the order of coming.
    ///
    /// # Errors
    /// [`TargetFault::Unsupported`] where the caps never let it in, [`TargetFault::Unreachable`] while the server counts as gone.
    pub(crate) async fn enter(self: &Arc<Self>, need: &Need<'_>) -> Result<Claim, TargetFault> {
        self.fits(need.connections(), need.load.files)?;
        let [working, waiting] = &self.turns;
        let _turn = if need.load.waits { waiting } else { working }.lock().await;
        self.wait_for(|| self.claim(need)).await
    }

    /// Waits for room for connections that no cell has.
    ///
    /// # Errors
    /// As [`Room::enter`].
    pub(crate) async fn slots(self: &Arc<Self>, count: u32) -> Result<Slots, TargetFault> {
        self.fits(count, 0)?;
        self.wait_for(|| self.slots_now(count)).await
    }

    /// Room for connections that no cell has, where there is some.
    pub(crate) fn slots_now(self: &Arc<Self>, count: u32) -> Option<Slots> {
        let mut state = self.state();
        let evicted = self.make_room(&mut state, count)?;
        state.taken += count;
        state.opening += count;
        drop(state);
        drop(evicted);
        Some(Slots { room: Arc::clone(self), count, opening: count, standing: false })
    }

    /// A turn to log in: few at a time.
    ///
    /// # Errors
    /// The last fault, where the server refused every login for a while and is left alone for a moment.
    pub(crate) async fn login(&self) -> Result<Turn<'_>, TargetFault> {
        // Twice: whoever stands in the queue while the server is given up need not wait for its turn.
        self.is_left_alone(false)?;
        let turn = self.logins.acquire().await;
        let turn = turn.map_err(|closed| TargetFault::Internal(closed.to_string()))?;
        self.is_left_alone(true)?;
        Ok(turn)
    }

    /// The fault, where the server is left alone; else the others leave it alone once more while this one tries.
    fn is_left_alone(&self, tries: bool) -> Result<(), TargetFault> {
        match &mut self.state().given_up {
            Some((since, fault)) if since.elapsed() < LEFT_ALONE => Err(fault.clone()),
            Some((since, _)) if tries => {
                *since = Stopwatch::start();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A login succeeded.
    pub(crate) fn let_in(&self) {
        let mut state = self.state();
        state.refusals = 0;
        state.given_up = None;
    }

    /// A login was refused for want of room, as all since `began`: waits a moment before the next try.
    ///
    /// # Errors
    /// `fault`, where there is no use in another try.
    pub(crate) async fn refused(
        &self,
        began: Stopwatch,
        fault: TargetFault,
    ) -> Result<(), TargetFault> {
        self.note_refusal(began, &fault)?;
        tokio::time::sleep(PAUSE).await;
        Ok(())
    }

    fn note_refusal(&self, began: Stopwatch, fault: &TargetFault) -> Result<(), TargetFault> {
        let mut state = self.state();
        let open = state.taken.saturating_sub(state.opening);
        let alone = open <= state.standing;
        if alone && state.given_up.is_none() && began.elapsed() >= REFUSES_ALL_WITHIN {
            state.given_up = Some((Stopwatch::start(), fault.clone()));
        }
        if state.given_up.is_some() || began.elapsed() >= REFUSES_ONE_WITHIN {
            return Err(fault.clone());
        }
        state.refusals += 1;
        state.most = Some(match state.most {
            None => open.max(1),
            Some(most) if state.refusals.is_multiple_of(REFUSALS) => most.saturating_sub(1).max(1),
            Some(most) => most,
        });
        Ok(())
    }

    /// An idle client of that leg with exactly these connections: a break must not come on one that the cell does not know.
    pub(crate) fn idle(&self, leg: usize, places: &[Place]) -> Option<Client> {
        let client = take_idle(&mut self.state(), leg, places);
        // One that is not sound takes the lock when it is dropped, here.
        client.filter(Client::is_sound)
    }

    /// Keeps a client for the next cell.
    pub(crate) fn keep(&self, leg: usize, client: Client) {
        // What is dropped here takes the lock.
        if client.is_sound() && self.state().idle.len() < MOST_IDLE {
            self.state().idle.push(Idle { leg, client });
        }
        self.changed.notify_waiters();
    }

    /// Closes every idle client of that leg.
    pub(crate) fn clear(&self, leg: usize) {
        let (gone, kept): (Vec<_>, Vec<_>) = {
            let mut state = self.state();
            std::mem::take(&mut state.idle).into_iter().partition(|idle| idle.leg == leg)
        };
        self.state().idle.extend(kept);
        drop(gone);
    }

    /// Whether the caps let that many in at all.
    fn fits(&self, connections: u32, files: u32) -> Result<(), TargetFault> {
        let over = |what: &str, need: u32, cap: Option<u32>| match cap {
            Some(cap) if need > cap => Err(TargetFault::Unsupported(format!(
                "it needs {need} {what}, and the run may have {cap} of them at a time"
            ))),
            _ => Ok(()),
        };
        let standing = self.state().standing;
        over("connections", connections + standing, self.caps.connections)?;
        over("open files", files, self.caps.open_files)
    }

    async fn wait_for<T>(&self, mut claim: impl FnMut() -> Option<T>) -> Result<T, TargetFault> {
        let all = async {
            loop {
                let changed = self.changed.notified();
                tokio::pin!(changed);
                // From here on no change is missed.
                changed.as_mut().enable();
                if let Some(claimed) = claim() {
                    return claimed;
                }
                changed.await;
            }
        };
        tokio::time::timeout(ROOM_WITHIN, all).await.map_err(|_| {
            TargetFault::Lost(format!("no room for another connection within {ROOM_WITHIN:?}"))
        })
    }

    fn claim(self: &Arc<Self>, need: &Need<'_>) -> Option<Claim> {
        let mut state = self.state();
        let unsound = unsound(&mut state);
        let warm: Vec<Option<Client>> =
            need.clients.iter().map(|places| take_idle(&mut state, need.leg, places)).collect();
        let pairs = need.clients.iter().zip(&warm);
        let missing =
            pairs.filter(|(_, warm)| warm.is_none()).map(|(places, _)| count(places)).sum();
        let waits = if need.load.waits { need.connections() } else { 0 };
        let welcome = self.is_welcome(&state, need, waits);
        let Some(evicted) = welcome.then(|| self.make_room(&mut state, missing)).flatten() else {
            let idle = |client| Idle { leg: need.leg, client };
            state.idle.extend(warm.into_iter().flatten().map(idle));
            drop(state);
            drop(unsound);
            return None;
        };
        state.files += need.load.files;
        state.waiting += waits;
        state.taken += missing;
        state.opening += missing;
        drop(state);
        drop((unsound, evicted));
        let slots = |places: &[Place]| {
            let count = count(places);
            Slots { room: Arc::clone(self), count, opening: count, standing: false }
        };
        let pairs = need.clients.iter().zip(warm);
        let clients = pairs.map(|(places, warm)| warm.ok_or_else(|| slots(places))).collect();
        let stay = Stay { room: Arc::clone(self), files: need.load.files, waits };
        Some(Claim { clients, stay })
    }

    /// Whether a cell may come in as far as files and timers go.
    fn is_welcome(&self, state: &State, need: &Need<'_>, waits: u32) -> bool {
        let files = state.files.saturating_add(need.load.files);
        let limit = [self.caps.connections, state.most].into_iter().flatten().min();
        // Those that wait for a timer leave half to the others; one of them is always let in.
        let half = limit.is_none_or(|limit| state.waiting + waits <= limit / 2);
        self.caps.open_files.is_none_or(|cap| files <= cap)
            && (waits == 0 || state.waiting == 0 || half)
    }

    /// The idle clients that must be closed for so many more connections; nothing where that is not enough.
    fn make_room(&self, state: &mut State, count: u32) -> Option<Vec<Idle>> {
        let idle: u32 = state.idle.iter().map(|idle| idle.client.slots.count).sum();
        let others = state.taken.saturating_sub(idle);
        // Where nothing else of ours is there, what the server once took is no reason to ask it nothing.
        let alone = others <= state.standing;
        let most = state.most.map(|most| if alone { most.max(others + count) } else { most });
        let limit = [self.caps.connections, most].into_iter().flatten().min().unwrap_or(u32::MAX);
        if count > 0 && others.saturating_add(count) > limit {
            return None;
        }
        let mut evicted = Vec::new();
        while count > 0 && state.taken.saturating_add(count) > limit && !state.idle.is_empty() {
            let mut idle = state.idle.remove(0);
            state.release(&mut idle.client.slots);
            evicted.push(idle);
        }
        Some(evicted)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes back what the slots stand for; they stand for nothing afterwards.
    fn release(&mut self, slots: &mut Slots) {
        self.taken = self.taken.saturating_sub(slots.count);
        self.opening = self.opening.saturating_sub(slots.opening);
        if slots.standing {
            self.standing = self.standing.saturating_sub(slots.count);
        }
        (slots.count, slots.opening) = (0, 0);
    }
}

/// Room for connections; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Slots {
    room: Arc<Room>,
    count: u32,
    /// How many of them are not open yet.
    opening: u32,
    standing: bool,
}

impl Slots {
    /// Its connections are open.
    pub(crate) fn opened(&mut self) {
        let mut state = self.room.state();
        state.opening = state.opening.saturating_sub(self.opening);
        self.opening = 0;
    }

    /// Its connections stay as long as the run.
    pub(crate) fn stand(&mut self) {
        if !self.standing {
            self.standing = true;
            self.room.state().standing += self.count;
        }
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        if self.count > 0 {
            let room = Arc::clone(&self.room);
            room.state().release(self);
            room.changed.notify_waiters();
        }
    }
}

/// That a cell is in; it leaves when this is dropped.
#[derive(Debug)]
pub(crate) struct Stay {
    room: Arc<Room>,
    files: u32,
    waits: u32,
}

impl Drop for Stay {
    fn drop(&mut self) {
        let mut state = self.room.state();
        state.files = state.files.saturating_sub(self.files);
        state.waiting = state.waiting.saturating_sub(self.waits);
        drop(state);
        self.room.changed.notify_waiters();
    }
}

/// Whether a login failed because the server has, or wants, no more clients; anything else would fail again.
pub(crate) fn wants_room(fault: &TargetFault) -> bool {
    match fault {
        // One that hangs up is full; whether it is there at all is waited for elsewhere.
        TargetFault::Unreachable { reason, .. } => reason.contains(DURING_LOGIN),
        TargetFault::Refused { reason, .. } => {
            NO_ROOM.iter().any(|status| reason.contains(&status.to_string()))
        }
        _ => false,
    }
}

/// How a server says that it has no room (MS-ERREF 2.3.1).
const NO_ROOM: [Status; 3] =
    [Status::INSUFFICIENT_RESOURCES, Status::REQUEST_NOT_ACCEPTED, Status::TOO_MANY_SESSIONS];

/// How many connections that is.
pub(crate) fn count(places: &[Place]) -> u32 {
    u32::try_from(places.len()).unwrap_or(u32::MAX)
}

fn take_idle(state: &mut State, leg: usize, places: &[Place]) -> Option<Client> {
    let fits = |idle: &Idle| idle.leg == leg && idle.client.places == places;
    let index = state.idle.iter().rposition(fits)?;
    Some(state.idle.remove(index).client)
}

/// What broke while nobody had it.
fn unsound(state: &mut State) -> Vec<Idle> {
    let idle = std::mem::take(&mut state.idle);
    let (sound, mut unsound): (Vec<_>, Vec<_>) =
        idle.into_iter().partition(|idle| idle.client.is_sound());
    state.idle = sound;
    unsound.iter_mut().for_each(|idle| state.release(&mut idle.client.slots));
    unsound
}

#[cfg(test)]
mod tests;
