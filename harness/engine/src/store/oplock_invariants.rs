//! What must always hold of the oplock of one stream.

use oplock_model::Level;

use super::api::OpenId;
use super::check::lowered;
use super::keys::keys_match;
use super::oplock::{Exclusive, Holder, Oplock, WaitReason, Waiter};

/// Says what does not hold of an oplock.
pub(super) fn check_oplock(oplock: &Oplock) -> Result<(), String> {
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
    let held = shared != 0 || oplock.exclusive.is_some();
    if oplock.filter_pending.is_some() && held {
        return Err("something is held beside a pending filter oplock".to_owned());
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
    if running.close_pending && level == Level::Exclusive {
        return Err(format!("{level} is pending to close"));
    }
    Ok(())
}

/// One R, one RH and one break for each open; any number of Level II.
fn check_owners(oplock: &Oplock) -> Result<(), String> {
    let granted = oplock.exclusive.iter().map(|held| &held.holder);
    let granted = granted.chain(&oplock.level_two).chain(&oplock.read).chain(&oplock.read_handle);
    let tickets: Vec<u64> = granted.map(|holder| holder.ticket.0).collect();
    if has_twice(tickets) {
        return Err("two holders have one ticket".to_owned());
    }
    let opens = |list: &[Holder]| list.iter().map(|holder| holder.open).collect::<Vec<OpenId>>();
    let queued = oplock.queue.iter().map(|entry| entry.holder.open).collect();
    let lists = [opens(&oplock.read), opens(&oplock.read_handle), queued];
    if lists.into_iter().any(has_twice) {
        return Err("one open holds one thing twice".to_owned());
    }
    Ok(())
}

fn has_twice<T: Ord>(mut list: Vec<T>) -> bool {
    list.sort_unstable();
    list.windows(2).any(|pair| matches!(pair, [first, second] if first == second))
}

/// Whether there is still something that a call on the wait list waits for.
pub(super) fn waits_on_something(oplock: &Oplock, waiter: &Waiter) -> bool {
    match waiter.reason {
        WaitReason::Reservation => oplock.is_reserved_against(&waiter.caller),
        WaitReason::BreakOver => oplock.is_breaking(),
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

/// Everybody who holds something, breaking or not.
pub(super) fn holders(oplock: &Oplock) -> impl Iterator<Item = &Holder> {
    let exclusive = oplock.exclusive.iter().map(|held| &held.holder);
    exclusive
        .chain(&oplock.level_two)
        .chain(&oplock.read)
        .chain(&oplock.read_handle)
        .chain(oplock.queue.iter().map(|entry| &entry.holder))
}
