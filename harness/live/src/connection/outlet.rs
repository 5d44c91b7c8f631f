//! Where a connection's events go: to the scene that has checked it out.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use oplock_model::{ConnectionId, Event, Finding, Stamped};

use crate::clock::Stopwatch;

/// The events of one scene, from all its connections, in one order and on one clock.
#[derive(Debug)]
pub(crate) struct Line {
    clock: Stopwatch,
    sender: Mutex<Sender<Stamped<Event>>>,
}

impl Line {
    pub(crate) fn new(clock: Stopwatch, sender: Sender<Stamped<Event>>) -> Line {
        Line { clock, sender: Mutex::new(sender) }
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

    pub(crate) fn finding(&self, what: String, bytes: &[u8]) {
        let bytes = bytes.get(..SHOWN).unwrap_or(bytes).to_vec();
        self.event(Event::Finding(Finding { connection: Some(self.connection), what, bytes }));
    }
}
