//! What must always hold of the store, whatever was called.

use std::collections::{BTreeMap, BTreeSet};

use oplock_model::Level;

use super::api::{OpenId, StreamId, Ticket};
use super::check::lowered;
use super::keys::keys_match;
use super::objects::{Store, Stream};
use super::oplock::{Exclusive, Holder, Oplock, WaitReason, Waiter};

impl Store {
    /// Says what does not hold: files and opens fit together, the state of every oplock equals the recomputed one, nobody
    /// else holds anything beside an exclusive holder, a break goes lower than what breaks, nobody waits on nothing.
    ///
    /// # Errors
    /// A lower-case fragment that names the first thing that is wrong.
    pub fn check_invariants(&self) -> Result<(), String> {
        if !self.effects.released.is_empty() {
            return Err("released calls were not repeated".to_owned());
        }
        self.check_files()?;
        for (id, stream) in &self.streams {
            self.check_holders(*id, stream)?;
            check_oplock(&stream.oplock).map_err(|what| format!("stream {}: {what}", id.0))?;
        }
        self.check_waiting()
    }

    fn check_files(&self) -> Result<(), String> {
        for (id, open) in &self.opens {
            if !self.streams.contains_key(&open.stream) {
                return Err(format!("open {} has no stream", id.0));
            }
        }
        for (id, stream) in &self.streams {
            let file = self.files.get(&stream.file);
            if file.and_then(|file| file.streams.get(&stream.name)) != Some(id) {
                return Err(format!("stream {} is not in its file", id.0));
            }
        }
        let named = self.files.values().flat_map(|file| file.streams.values());
        if named.clone().count() != self.streams.len() {
            return Err("a file names a stream that does not exist".to_owned());
        }
        for (path, file) in &self.files {
            let open = file.streams.values().any(|stream| self.is_open(*stream));
            if file.deleted.is_some() && !open {
                return Err(format!("`{path}` is deleted and not open"));
            }
        }
        Ok(())
    }

    fn check_holders(&self, id: StreamId, stream: &Stream) -> Result<(), String> {
        for holder in holders(&stream.oplock) {
            let open = self.opens.get(&holder.open);
            if open.map(|open| (open.stream, open.key)) != Some((id, holder.key)) {
                return Err(format!("stream {}: a holder is not an open of it", id.0));
            }
        }
        let reserved = stream.oplock.reserved;
        if reserved.is_some_and(|(open, _)| self.stream_of(open) != Some(id)) {
            return Err(format!("stream {}: reserved by an open that is not its own", id.0));
        }
        Ok(())
    }

    /// Every call that waits is on one wait list, and there for a reason.
    fn check_waiting(&self) -> Result<(), String> {
        let mut lists: BTreeMap<Ticket, StreamId> = BTreeMap::new();
        for (id, stream) in &self.streams {
            for waiter in &stream.oplock.wait_list {
                if lists.insert(waiter.ticket, *id).is_some() {
                    return Err(format!("call {} waits twice", waiter.ticket.0));
                }
                if !waits_on_something(&stream.oplock, waiter) {
                    return Err(format!("call {} waits on nothing", waiter.ticket.0));
                }
            }
        }
        let pending: BTreeMap<Ticket, StreamId> =
            self.pending.iter().map(|(ticket, pending)| (*ticket, pending.stream)).collect();
        if lists == pending {
            Ok(())
        } else {
            Err("the wait lists are not the calls that wait".to_owned())
        }
    }
}

fn check_oplock(oplock: &Oplock) -> Result<(), String> {
    if oplock.state != oplock.computed_state().0 {
        return Err("the state is not the recomputed one".to_owned());
    }
    let shared =
        oplock.level_two.len() + oplock.read.len() + oplock.read_handle.len() + oplock.queue.len();
    if let Some(exclusive) = &oplock.exclusive {
        if shared != 0 {
            return Err("an exclusive holder is not alone".to_owned());
        }
        check_exclusive(exclusive)?;
    }
    let read_handle = !oplock.read_handle.is_empty() || !oplock.queue.is_empty();
    if read_handle && !oplock.level_two.is_empty() {
        return Err("level ii stands beside RH".to_owned());
    }
    for entry in &oplock.queue {
        if !matches!(entry.told, Level::R | Level::None) {
            return Err("a breaking RH was told what it cannot break to".to_owned());
        }
        if entry.to_read && entry.told != Level::R {
            return Err("a break rose above what its holder was told".to_owned());
        }
    }
    check_owners(oplock)
}

fn check_exclusive(exclusive: &Exclusive) -> Result<(), String> {
    let level = exclusive.level;
    if !matches!(level, Level::Exclusive | Level::Batch | Level::Filter | Level::Rw | Level::Rwh) {
        return Err(format!("{level} is held exclusively"));
    }
    let Some(running) = exclusive.breaking else { return Ok(()) };
    let state = |level: Level| level.lease_state().unwrap_or_default();
    let lower = match level {
        Level::Filter => running.told == Level::None,
        Level::Exclusive | Level::Batch => matches!(running.told, Level::Ii | Level::None),
        _ => {
            running.told != level
                && lowered(level, state(level).without(state(running.told))) == running.told
        }
    };
    if !lower {
        return Err(format!("{level} breaks to {}", running.told));
    }
    let deeper = match running.told {
        Level::Ii => matches!(running.to, Level::Ii | Level::None),
        told => state(running.to).is_subset_of(state(told)) && running.to != Level::Ii,
    };
    if !deeper {
        return Err(format!("a break to {} rose to {}", running.told, running.to));
    }
    if running.close_pending && !matches!(level, Level::Batch | Level::Filter) {
        return Err(format!("{level} is pending to close"));
    }
    Ok(())
}

/// One R, one RH and one break for each open; any number of Level II.
fn check_owners(oplock: &Oplock) -> Result<(), String> {
    let mut tickets = BTreeSet::new();
    let granted = oplock.exclusive.iter().map(|held| &held.holder);
    let granted = granted.chain(&oplock.level_two).chain(&oplock.read).chain(&oplock.read_handle);
    for holder in granted {
        if !tickets.insert(holder.ticket) {
            return Err("two holders have one ticket".to_owned());
        }
    }
    let queued: Vec<Holder> = oplock.queue.iter().map(|entry| entry.holder.clone()).collect();
    for list in [&oplock.read, &oplock.read_handle, &queued] {
        let opens: BTreeSet<OpenId> = list.iter().map(|holder| holder.open).collect();
        if opens.len() != list.len() {
            return Err("one open holds one thing twice".to_owned());
        }
    }
    Ok(())
}

fn waits_on_something(oplock: &Oplock, waiter: &Waiter) -> bool {
    match waiter.reason {
        WaitReason::Reservation => oplock.reserved.is_some(),
        WaitReason::Break(_) => {
            let exclusive = oplock.exclusive.as_ref().filter(|held| held.breaking.is_some());
            exclusive
                .map(|held| &held.holder)
                .into_iter()
                .chain(oplock.queue.iter().map(|entry| &entry.holder))
                .any(|holder| !keys_match(&waiter.caller, holder))
        }
    }
}

fn holders(oplock: &Oplock) -> impl Iterator<Item = &Holder> {
    let exclusive = oplock.exclusive.iter().map(|held| &held.holder);
    exclusive
        .chain(&oplock.level_two)
        .chain(&oplock.read)
        .chain(&oplock.read_handle)
        .chain(oplock.queue.iter().map(|entry| &entry.holder))
}
