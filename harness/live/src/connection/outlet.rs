//! Where a connection's events go: to the scene that has checked it out.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use oplock_model::{ConnectionId, Event, Finding, Frame, Stamped};
use oplock_wire::{Command, Header};

use crate::clock::Stopwatch;

/// The events of one scene, from all its connections, in one order and on one clock.
#[derive(Debug)]
pub(crate) struct Line {
    clock: Stopwatch,
    sender: Mutex<Sender<Stamped<Event>>>,
    /// What went over the connections, where the run keeps it.
    frames: Option<Mutex<Vec<Frame>>>,
}

impl Line {
    pub(crate) fn new(clock: Stopwatch, sender: Sender<Stamped<Event>>, captures: bool) -> Line {
        Line { clock, sender: Mutex::new(sender), frames: captures.then(Mutex::default) }
    }

    /// Everything that was kept so far.
    pub(crate) fn frames(&self) -> Vec<Frame> {
        let kept = |frames: &Mutex<Vec<Frame>>| {
            frames.lock().unwrap_or_else(PoisonError::into_inner).clone()
        };
        self.frames.as_ref().map(kept).unwrap_or_default()
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
        let mut frames = frames.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, connection) = (self.line.clock.now(), self.connection);
        frames.push(Frame { at, connection, to_server, bytes: bytes.to_vec() });
    }

    pub(crate) fn finding(&self, what: String, bytes: &[u8]) {
        let bytes = bytes.get(..SHOWN).unwrap_or(bytes).to_vec();
        self.event(Event::Finding(Finding { connection: Some(self.connection), what, bytes }));
    }
}
