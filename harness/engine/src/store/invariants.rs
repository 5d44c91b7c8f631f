//! What must always hold of the store, whatever was called; what must hold of names, files and locks stands in
//! `files_invariants`, what must hold of one oplock in `oplock_invariants`.

use super::api::{StreamId, Ticket};
use super::objects::{Store, Stream};
use super::oplock_invariants::{check_oplock, holders, waits_on_something};
use super::wait::Call;

impl Store {
    /// Says what does not hold: names, files, streams and opens fit together, the state of every oplock equals the
    /// recomputed one, nobody else holds anything beside an exclusive holder, a break goes lower than what breaks, nobody
    /// waits on nothing.
    ///
    /// # Errors
    /// A lower-case fragment that names the first thing that is wrong.
    pub fn check_invariants(&self) -> Result<(), String> {
        if !self.effects.released.is_empty() {
            return Err("released calls were not repeated".to_owned());
        }
        self.check_files()?;
        self.check_locks()?;
        self.check_closing()?;
        for (id, stream) in &self.streams {
            let fits = self.check_stream_fits(*id, stream);
            fits.and_then(|()| check_oplock(&stream.oplock))
                .map_err(|what| format!("stream {}: {what}", id.0))?;
        }
        self.check_waiting()?;
        self.check_granted()
    }

    /// Only an open whose close waits is closing.
    fn check_closing(&self) -> Result<(), String> {
        for (id, open) in &self.opens {
            let closes = |ticket: &Ticket| {
                let pending = self.pending.get(ticket);
                pending.is_some_and(|pending| matches!(pending.call, Call::Close { .. }))
            };
            if open.closing != open.waiting.iter().any(closes) {
                return Err(format!("open {} is closing without a close, or the reverse", id.0));
            }
        }
        Ok(())
    }

    /// What a stream keeps belongs to its own opens.
    fn check_stream_fits(&self, id: StreamId, stream: &Stream) -> Result<(), String> {
        for holder in holders(&stream.oplock) {
            let open = self.opens.get(&holder.open);
            if open.map(|open| (open.stream, open.key)) != Some((id, holder.key)) {
                return Err("a holder is not an open of it".to_owned());
            }
        }
        let reservations = [stream.oplock.reserved, stream.oplock.filter_pending];
        for (open, key) in reservations.into_iter().flatten() {
            if self.opens.get(&open).map(|open| (open.stream, open.key)) != Some((id, key)) {
                return Err("reserved by an open that is not its own".to_owned());
            }
        }
        let oplock = &stream.oplock;
        let for_files = !oplock.level_two.is_empty() || oplock.exclusive.is_some();
        if stream.directory && (for_files || !stream.locks.granted.is_empty()) {
            return Err("a directory has what only files have".to_owned());
        }
        Ok(())
    }

    /// Every call that waits is on one wait list, and there for a reason.
    fn check_waiting(&self) -> Result<(), String> {
        let mut waiting = 0;
        for (id, stream) in &self.streams {
            for waiter in &stream.oplock.wait_list {
                waiting += 1;
                self.check_pending(waiter.ticket, *id, false)?;
                if !waits_on_something(&stream.oplock, waiter) {
                    return Err(format!("call {} waits on nothing", waiter.ticket.0));
                }
            }
            for ticket in &stream.locks.waiting {
                waiting += 1;
                self.check_pending(*ticket, *id, true)?;
            }
        }
        if waiting != self.pending.len() {
            return Err("the wait lists are not the calls that wait".to_owned());
        }
        let through = self.pending.values().filter(|pending| pending.call.through().is_some());
        let listed: usize = self.opens.values().map(|open| open.waiting.len()).sum();
        if listed == through.count() {
            Ok(())
        } else {
            Err("an open lists calls that do not wait through it".to_owned())
        }
    }

    fn check_pending(&self, ticket: Ticket, on: StreamId, for_lock: bool) -> Result<(), String> {
        let Some(pending) = self.pending.get(&ticket) else {
            return Err(format!("call {} is on a wait list and does not wait", ticket.0));
        };
        if (pending.stream, pending.for_lock) != (on, for_lock) {
            return Err(format!("call {} waits elsewhere", ticket.0));
        }
        let open = pending.call.through().map(|open| self.opens.get(&open));
        if open.is_some_and(|open| open.is_none_or(|open| !open.waiting.contains(&ticket))) {
            return Err(format!("call {} waits through an open that does not know it", ticket.0));
        }
        Ok(())
    }
}
