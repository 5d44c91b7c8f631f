//! What must hold after every step.

use oplock_model::LeaseState;

use super::state::{Doing, Holder, Open, OplockState, Server};
use super::timer::Timer;
use crate::choices::LeaseKeyScope;

impl Server {
    /// Says what is wrong with the state of the server or of its store.
    ///
    /// # Errors
    /// The first condition that does not hold, in words.
    pub fn check_invariants(&self) -> Result<(), String> {
        self.store.check_invariants()?;
        self.opens_hold()?;
        self.leases_hold()?;
        for (timer, at) in &self.timers {
            if *at <= self.now {
                return Err(format!("{timer:?} is overdue"));
            }
        }
        for (ticket, holder) in self.requests.iter() {
            let known = match holder {
                Holder::Open(id) => self.opens.contains_key(id),
                Holder::Lease(name) => self.leases.contains_key(name),
            };
            if !known {
                return Err(format!("{ticket:?} was granted to {holder:?}, which is gone"));
            }
        }
        self.calls_hold()?;
        self.sessions_hold()?;
        if !self.ready.is_empty() {
            return Err("a chain could go on and does not".to_owned());
        }
        Ok(())
    }

    fn calls_hold(&self) -> Result<(), String> {
        for call in self.calls.values() {
            let heard = self.is_up(call.chain.connection);
            let stands = call.chain.session.is_some_and(|id| self.sessions.contains_key(&id));
            let unheard = self.unheard.contains(&call.id);
            if unheard && (!stands || call.create_guid().is_none()) {
                return Err(format!("{:?} can never be replayed", call.id));
            }
            if !heard && !unheard {
                return Err(format!("{:?} waits on a connection that is gone", call.id));
            }
        }
        // A byte-range lock waits for its holder, and everything else for a break.
        let waits = self.calls.values().any(|call| !matches!(call.doing, Doing::Lock(_)));
        if waits && self.timers.is_empty() {
            return Err("a call waits and nothing will let it go on".to_owned());
        }
        match self.unheard.iter().find(|id| !self.calls.values().any(|call| call.id == **id)) {
            Some(id) => Err(format!("{id:?} is over and still not to be heard")),
            None => Ok(()),
        }
    }

    fn sessions_hold(&self) -> Result<(), String> {
        for (id, session) in &self.sessions {
            if session.channels.is_empty() {
                return Err(format!("{id:?} has no channel"));
            }
            let carried = session.channels.iter().all(|channel| {
                self.connections.get(channel).is_some_and(|connection| {
                    connection.up
                        && connection.session == Some(*id)
                        && connection.client == session.client
                })
            });
            if !carried {
                return Err(format!("a channel of {id:?} does not carry it"));
            }
        }
        for (id, connection) in &self.connections {
            let known = connection.session.and_then(|session| self.sessions.get(&session));
            let carries = known.is_some_and(|session| session.channels.contains(id));
            if carries != connection.session.is_some() {
                return Err(format!("{id:?} carries a session that does not know it"));
            }
        }
        Ok(())
    }

    /// Every open belongs to a session with a tree, or is kept, with a timer, for its client.
    fn place_holds(&self, id: u64, open: &Open) -> Result<(), String> {
        let waits = self.timers.contains_key(&Timer::Scavenger(id));
        let durability = &open.durability;
        match open.session {
            Some(_) if waits => Err(format!("open {id} waits for its client and has it")),
            Some(session) => match self.sessions.get(&session) {
                Some(session) if session.tree && session.client == open.client => Ok(()),
                _ => Err(format!("open {id} has lost its session or its tree")),
            },
            None if !waits => Err(format!("open {id} is kept without a timer")),
            None if !durability.durable && durability.resilient.is_none() => {
                Err(format!("open {id} is kept and nothing says why"))
            }
            None => Ok(()),
        }
    }

    fn opens_hold(&self) -> Result<(), String> {
        if self.names.len() != self.opens.len() {
            return Err("an open is missing among the names".to_owned());
        }
        for (id, open) in &self.opens {
            self.place_holds(*id, open)?;
            if open.file.persistent != *id {
                return Err(format!("open {id} is known under another name"));
            }
            if !self.names.of(&open.name).any(|known| known == *id) {
                return Err(format!("open {id} is missing at {}", open.name));
            }
            if let Some(name) = open.lease {
                if !self.leases.get(&name).is_some_and(|lease| lease.opens.contains(id)) {
                    return Err(format!("the lease of open {id} does not know it"));
                }
                continue;
            }
            let breaking = matches!(open.oplock, OplockState::Breaking { .. });
            let announced = self.timers.contains_key(&Timer::OplockBreak(*id));
            if open.untold && (open.session.is_some() || !open.durability.persistent) {
                return Err(format!("open {id} breaks and its client is not told"));
            }
            if breaking != (announced || open.untold) || (announced && open.untold) {
                return Err(format!("open {id} breaks without a timer, or the reverse"));
            }
            let held = self.store.held(open.store).oplock_level();
            if open.oplock == OplockState::Held && held != Some(open.level) {
                return Err(format!("open {id} has level {}, the store says {held:?}", open.level));
            }
        }
        Ok(())
    }

    fn leases_hold(&self) -> Result<(), String> {
        for (name, lease) in &self.leases {
            let on_its_way = self.calls.values().any(
                |call| matches!(&call.doing, Doing::Create { lease, .. } if *lease == Some(*name)),
            );
            if lease.opens.is_empty() && !on_its_way {
                return Err(format!("lease {} has no opens", name.key));
            }
            let announced = self.timers.contains_key(&Timer::LeaseBreak(*name));
            if lease.untold && (self.is_connected(*name) || !self.is_persistent(*name)) {
                return Err(format!("lease {} breaks and its client is not told", name.key));
            }
            if lease.breaking != (announced || lease.untold) || (announced && lease.untold) {
                return Err(format!("lease {} breaks without a timer, or the reverse", name.key));
            }
            if !lease.state.is_grantable() || !lease.break_to.is_subset_of(lease.state) {
                return Err(format!(
                    "lease {} breaks from {} to {}",
                    name.key, lease.state, lease.break_to
                ));
            }
            // Where equal keys of two clients name one oplock, it moves between their leases unseen.
            if self.choices.lease_key_scope == LeaseKeyScope::LeaseKey {
                continue;
            }
            let held = lease.internal.and_then(|open| self.store.held(open).lease_state());
            if !lease.breaking && held.unwrap_or(LeaseState::NONE) != lease.state {
                return Err(format!(
                    "lease {} has state {}, the store says {held:?}",
                    name.key, lease.state
                ));
            }
            let breaks = lease.internal.is_some_and(|open| self.store.breaking(open).is_some());
            if lease.breaking != breaks {
                return Err(format!("lease {} and the store disagree on the break", name.key));
            }
        }
        Ok(())
    }
}
