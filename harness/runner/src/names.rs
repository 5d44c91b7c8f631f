//! The ids behind the names of a case: lease keys drawn for its key names, connections of its actors.

use std::collections::BTreeMap;

use oplock_model::{Actor, CellId, ConnectionId, LeaseKey};
use oplock_suite::plan::{AckWhat, Action, ActorPlan, Call, Cell, Durable, Operation, Piece, Want};

use crate::fnv::Fnv;

/// Draws lease keys: the same seed, cell and axes give the same keys again.
#[derive(Clone, Debug)]
pub struct KeySource {
    state: u64,
}

impl KeySource {
    /// A source for one cell in one of the axes: their clients may be the same, and a key is of one cell. Runs that meet the same server take different seeds, repetitions too.
    #[must_use]
    pub fn for_cell(seed: u64, cell: &CellId, axes: &str) -> KeySource {
        let mut hash = Fnv::new();
        hash.bytes(cell.0.bytes().chain(axes.bytes()));
        KeySource { state: seed ^ hash.value() }
    }

    /// The next key; never zero, since a zero key is no key to some servers.
    pub fn draw(&mut self) -> LeaseKey {
        let mut bytes = [0; 16];
        let (low, high) = bytes.split_at_mut(8);
        low.copy_from_slice(&(self.next() | 1).to_le_bytes());
        high.copy_from_slice(&self.next().to_le_bytes());
        LeaseKey(bytes)
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}

/// A fresh key for each key name of the cell, in the order in which the names first stand in it.
#[must_use]
pub fn draw_keys(cell: &Cell, source: &mut KeySource) -> BTreeMap<String, LeaseKey> {
    let mut keys = BTreeMap::new();
    for name in calls(cell).flat_map(|(_, call)| key_names(&call.operation)) {
        if !keys.contains_key(name) {
            keys.insert(name.to_owned(), source.draw());
        }
    }
    keys
}

/// A fresh guid for each guid name of the cell, in the order in which the names first stand in it.
#[must_use]
pub fn draw_guids(cell: &Cell, source: &mut KeySource) -> BTreeMap<String, [u8; 16]> {
    let mut guids = BTreeMap::new();
    for name in calls(cell).flat_map(|(_, call)| guid_names(&call.operation)) {
        if !guids.contains_key(name) {
            guids.insert(name.to_owned(), source.draw().0);
        }
    }
    guids
}

/// Every call of the cell with the index of its step, in order.
pub fn calls(cell: &Cell) -> impl Iterator<Item = (usize, &Call)> {
    cell.steps.iter().enumerate().flat_map(|(step, plan)| {
        let calls: &[Call] = match &plan.action {
            Action::Calls(calls) => calls,
            Action::TimePasses(_) => &[],
        };
        calls.iter().map(move |call| (step, call))
    })
}

/// The connection of each actor: actors with equal client and connection share one, and it is
/// numbered by the first of them.
#[must_use]
pub fn connections(actors: &[ActorPlan]) -> Vec<ConnectionId> {
    actors.iter().map(|actor| ConnectionId(first_on(actors, actor))).collect()
}

/// One actor for each connection, in order of the connections.
#[must_use]
pub fn speakers(connections: &[ConnectionId]) -> Vec<Actor> {
    let first = |index: usize, connection: &ConnectionId| {
        connections.iter().position(|other| other == connection) == Some(index)
    };
    let speakers = connections.iter().enumerate().filter(|(index, own)| first(*index, own));
    speakers.filter_map(|(index, _)| u16::try_from(index).ok().map(Actor)).collect()
}

fn first_on(actors: &[ActorPlan], actor: &ActorPlan) -> u32 {
    let same =
        |other: &ActorPlan| (other.client, other.connection) == (actor.client, actor.connection);
    let position = actors.iter().position(same).unwrap_or_default();
    u32::try_from(position).unwrap_or(u32::MAX)
}

fn key_names(operation: &Operation) -> Vec<&str> {
    match operation {
        Operation::Open(open) => {
            let (key, parent) = match &open.want {
                Want::Lease { key, parent, .. } => (Some(key), parent.as_ref()),
                Want::Nothing | Want::Oplock(_) | Want::Request(_) => (None, None),
            };
            let names = [key, parent, open.key.as_ref(), open.parent_key.as_ref()];
            names.into_iter().flatten().map(String::as_str).collect()
        }
        Operation::Ack(ack) => match &ack.what {
            AckWhat::Lease { key, .. } => vec![key],
            AckWhat::Oplock { .. } | AckWhat::Store { .. } => Vec::new(),
        },
        Operation::Send { body, .. } => {
            let keys = body.iter().filter_map(|piece| match piece {
                Piece::Key(name) => Some(name.as_str()),
                Piece::Bytes(_) | Piece::Handle(_) => None,
            });
            keys.collect()
        }
        _ => Vec::new(),
    }
}

fn guid_names(operation: &Operation) -> Vec<&str> {
    let Operation::Open(open) = operation else { return Vec::new() };
    let durable = match &open.durable {
        Some(Durable::RequestV2 { guid, .. } | Durable::ReconnectV2 { guid, .. }) => Some(guid),
        Some(Durable::RequestV1 | Durable::ReconnectV1 { .. }) | None => None,
    };
    let names = [durable, open.app_instance.as_ref()];
    names.into_iter().flatten().map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(name: &str, client: u32, connection: u32) -> ActorPlan {
        ActorPlan { name: name.to_owned(), client, connection, account: 1, node: 1 }
    }

    #[test]
    fn keys_depend_on_seed_cell_and_axes_alone() {
        let draw =
            |seed, cell: &str| KeySource::for_cell(seed, &CellId(cell.to_owned()), "").draw();
        assert_eq!(draw(7, "lease/a"), draw(7, "lease/a"));
        assert_ne!(draw(7, "lease/a"), draw(8, "lease/a"));
        assert_ne!(draw(7, "lease/a"), draw(7, "lease/b"));
        let in_axes = KeySource::for_cell(7, &CellId("lease/a".to_owned()), "lease_v2").draw();
        assert_ne!(draw(7, "lease/a"), in_axes);
    }

    #[test]
    fn a_source_never_repeats_itself() {
        let mut source = KeySource::for_cell(0, &CellId::default(), "");
        let mut keys: Vec<LeaseKey> = (0..64).map(|_| source.draw()).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 64);
    }

    #[test]
    fn actors_of_one_pair_share_a_connection() {
        let actors = [actor("A", 1, 1), actor("B", 1, 1), actor("C", 1, 2), actor("D", 2, 1)];
        let ids: Vec<u32> = connections(&actors).into_iter().map(|id| id.0).collect();
        assert_eq!(ids, [0, 0, 2, 3]);
        assert_eq!(speakers(&connections(&actors)), [Actor(0), Actor(2), Actor(3)]);
    }
}
