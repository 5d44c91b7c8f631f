//! What must hold after every step.

use oplock_model::LeaseState;

use super::state::{Doing, Holder, OplockState, Server};
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
        for (ticket, holder) in &self.requests {
            let known = match holder {
                Holder::Open(id) => self.opens.contains_key(id),
                Holder::Lease(name) => self.leases.contains_key(name),
            };
            if !known {
                return Err(format!("{ticket:?} was granted to {holder:?}, which is gone"));
            }
        }
        for call in self.calls.values() {
            if !self.connections.contains_key(&call.chain.connection) {
                return Err(format!("{:?} waits on a connection that is gone", call.id));
            }
        }
        if !self.ready.is_empty() {
            return Err("a chain could go on and does not".to_owned());
        }
        Ok(())
    }

    fn opens_hold(&self) -> Result<(), String> {
        for (id, open) in &self.opens {
            if !self.connections.contains_key(&open.connection) {
                return Err(format!("open {id} has lost its connection"));
            }
            if let Some(name) = open.lease {
                if !self.leases.get(&name).is_some_and(|lease| lease.opens.contains(id)) {
                    return Err(format!("the lease of open {id} does not know it"));
                }
                continue;
            }
            let breaking = matches!(open.oplock, OplockState::Breaking { .. });
            if breaking != self.timers.contains_key(&Timer::OplockBreak(*id)) {
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
            if lease.breaking != self.timers.contains_key(&Timer::LeaseBreak(*name)) {
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
