//! Where a connection's events go: to the scene that has checked it out.

use std::collections::HashSet;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use oplock_model::{ConnectionId, Event, Finding, Frame, Frames, Lane, SentCall, Stamped, Trail};
use oplock_wire::{Command, Header};

use super::state::Held;
use crate::clock::Stopwatch;

/// The events of one scene, from all its connections, in one order and on one clock.
#[derive(Debug)]
pub(crate) struct Line {
    clock: Stopwatch,
    sender: Mutex<Sender<Stamped<Event>>>,
    /// What went over the connections, where the run keeps it.
    frames: Option<Frames>,
    known: Mutex<Known>,
    trail: Mutex<Trail>,
}

/// What a break may be about.
#[derive(Debug, Default)]
struct Known {
    /// Every handle and lease that the cell ever had or asked for.
    held: HashSet<Held>,
    /// The cell sent bytes of its own making, which may have named anything.
    anything: bool,
}

impl Line {
    pub(crate) fn new(clock: Stopwatch, sender: Sender<Stamped<Event>>, captures: bool) -> Line {
        Line {
            clock,
            sender: Mutex::new(sender),
            frames: captures.then(Frames::default),
            known: Mutex::default(),
            trail: Mutex::new(Trail { began: clock.started(), ..Trail::default() }),
        }
    }

    /// A connection takes this way from now on.
    pub(super) fn enter(&self, lane: Lane) {
        let lane = Lane { since: self.clock.now(), ..lane };
        let mut trail = self.trail.lock().unwrap_or_else(PoisonError::into_inner);
        let last = trail.lanes.iter().rfind(|known| known.connection == lane.connection);
        let same = |known: &Lane| Lane { since: lane.since, ..known.clone() } == lane;
        if !last.is_some_and(same) {
            trail.lanes.push(lane);
        }
    }

    /// A call went out.
    pub(super) fn sent(&self, call: SentCall) {
        self.trail.lock().unwrap_or_else(PoisonError::into_inner).calls.push(call);
    }

    /// What finds the scene in its server's log.
    pub(crate) fn trail(&self) -> Trail {
        self.trail.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The cell has this, or asks for it.
    pub(crate) fn know(&self, held: Held) {
        self.known().held.insert(held);
    }

    /// The cell sends what nobody can look into.
    pub(crate) fn know_anything(&self) {
        self.known().anything = true;
    }

    /// Whether a break of this can be the cell's.
    pub(crate) fn knows(&self, held: Held) -> bool {
        let known = self.known();
        known.anything || known.held.contains(&held)
    }

    /// Every handle and lease that the cell ever had or asked for.
    pub(crate) fn held(&self) -> HashSet<Held> {
        self.known().held.clone()
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where they are kept.
    pub(crate) fn frames(&self) -> Frames {
        self.frames.clone().unwrap_or_default()
    }

    fn send(&self, event: Event) {
        // The stamp is taken under the lock, so that the order of the line is the order of the stamps.
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = sender.send(Stamped { at: self.clock.now(), value: event });
    }
}

/// One connection's end of a [`Line`].
#[derive(Clone, Debug)]
pub(crate) struct Outlet {
    pub(crate) line: Arc<Line>,
    pub(crate) connection: ConnectionId,
}

/// Bytes that a finding shows at most.
const SHOWN: usize = 256;

impl Outlet {
    pub(crate) fn event(&self, event: Event) {
        self.line.send(event);
    }

    /// Whether messages are kept at all.
    pub(crate) fn captures(&self) -> bool {
        self.line.frames.is_some()
    }

    /// Keeps a message, where the run keeps them; a login's tokens are nobody's business.
    pub(crate) fn frame(&self, to_server: bool, bytes: &[u8]) {
        let Some(frames) = &self.line.frames else { return };
        if Header::decode(bytes).is_ok_and(|header| header.command == Command::SESSION_SETUP) {
            return;
        }
        let (at, connection) = (self.line.clock.now(), self.connection);
        frames.push(Frame { at, connection, to_server, bytes: bytes.to_vec() });
    }

    pub(crate) fn finding(&self, what: String, bytes: &[u8]) {
        let bytes = bytes.get(..SHOWN).unwrap_or(bytes).to_vec();
        self.event(Event::Finding(Finding { connection: Some(self.connection), what, bytes }));
    }
}
