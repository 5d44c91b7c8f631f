//! Oplock requests that the store has granted and not ended, by ticket and by owner.

use std::collections::{BTreeMap, BTreeSet};

use super::state::Holder;
use crate::store::Ticket;

/// Who owns which request; both ways take no longer the more there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Requests {
    holders: BTreeMap<Ticket, Holder>,
    /// The same, by owner.
    tickets: BTreeSet<(Holder, Ticket)>,
}

impl Requests {
    /// Takes in a request that was granted.
    pub(super) fn insert(&mut self, ticket: Ticket, holder: Holder) {
        self.remove(&ticket);
        self.holders.insert(ticket, holder);
        self.tickets.insert((holder, ticket));
    }

    /// Forgets a request; says who owned it.
    pub(super) fn remove(&mut self, ticket: &Ticket) -> Option<Holder> {
        let holder = self.holders.remove(ticket)?;
        self.tickets.remove(&(holder, *ticket));
        Some(holder)
    }

    /// Forgets every request of an owner.
    pub(super) fn forget(&mut self, holder: Holder) {
        let all = (holder, Ticket(0))..=(holder, Ticket(u64::MAX));
        let tickets: Vec<Ticket> = self.tickets.range(all).map(|(_, ticket)| *ticket).collect();
        for ticket in tickets {
            self.remove(&ticket);
        }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Ticket, &Holder)> {
        self.holders.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_forgotten_with_its_requests_and_no_others() {
        let mut requests = Requests::default();
        for (ticket, open) in [(1, 7), (2, 8), (u64::MAX, 7), (3, 6)] {
            requests.insert(Ticket(ticket), Holder::Open(open));
        }
        requests.forget(Holder::Open(7));
        assert_eq!(requests.remove(&Ticket(1)), None);
        assert_eq!(requests.remove(&Ticket(2)), Some(Holder::Open(8)));
        let left: Vec<_> = requests.iter().collect();
        assert_eq!(left, [(&Ticket(3), &Holder::Open(6))]);
        requests.insert(Ticket(3), Holder::Open(9));
        requests.forget(Holder::Open(6));
        assert_eq!(requests.remove(&Ticket(3)), Some(Holder::Open(9)));
        assert_eq!(requests, Requests::default());
    }
}
