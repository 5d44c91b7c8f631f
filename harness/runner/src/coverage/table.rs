//! Figures of coverage: by family of rules, by layer, by what is held.

use std::collections::BTreeMap;

use oplock_engine::coverage::Cell;
use oplock_model::{GridSet, RULES, RuleSet};

use super::Share;

/// Rules by their first two words, `fsa.grant`, in the order of the table.
pub(super) fn families(reached: &RuleSet) -> Vec<Share> {
    let mut families: Vec<Share> = Vec::new();
    for rule in RULES {
        let name = rule.name.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
        let place = families.iter().position(|family| family.name == name);
        let place = place.unwrap_or_else(|| {
            families.push(Share { name, ..Share::default() });
            families.len() - 1
        });
        if let Some(family) = families.get_mut(place) {
            family.possible += 1;
            family.reached += usize::from(reached.contains(rule.id));
        }
    }
    families
}

/// The cells of both layers: all together, and by what is held with the layer that it belongs to.
pub(super) fn grids(reached: &GridSet) -> (Vec<Share>, Vec<(String, Share)>) {
    let mut layers: BTreeMap<usize, Share> = BTreeMap::new();
    let mut states: BTreeMap<(usize, u16), Share> = BTreeMap::new();
    for cell in Cell::all() {
        let (layer, place, layer_name, state) = match cell {
            Cell::Store(state, ..) => (0, state as u16, "store", state.word()),
            Cell::Server(state, _) => (1, state as u16, "server", state.word()),
        };
        let layer_share = layers
            .entry(layer)
            .or_insert_with(|| Share { name: layer_name.to_owned(), ..Share::default() });
        let state_share = states
            .entry((layer, place))
            .or_insert_with(|| Share { name: state.to_owned(), ..Share::default() });
        for share in [layer_share, state_share] {
            if reached.contains(cell.number()) {
                share.reached += 1;
            }
            match cell.impossible() {
                None => share.possible += 1,
                Some(_) => share.impossible += 1,
            }
        }
    }
    let name =
        |layer: usize| layers.get(&layer).map(|share| share.name.clone()).unwrap_or_default();
    let states = states.into_iter().map(|((layer, _), share)| (name(layer), share)).collect();
    (layers.into_values().collect(), states)
}
