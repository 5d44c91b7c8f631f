//! `--spread nodes`: the clients of a cell on different nodes, since breaks across nodes are where scale-out servers fail.

use std::collections::BTreeSet;

use clap::ValueEnum;
use oplock_suite::plan::{ActorPlan, Corpus};

/// Over what the clients of a cell are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Spread {
    /// The first client on node 1, the second on node 2, and so on, round and round
    Nodes,
}

/// Puts the clients of each cell on the nodes in turn, all connections of one client together. A cell that names nodes by
/// itself stays as it is. How many cells have clients on more than one node then.
pub fn over_nodes(corpus: &mut Corpus, nodes: usize) -> usize {
    let cells = corpus.cases.iter_mut().flat_map(|case| &mut case.cells);
    cells.filter_map(|cell| spread(&mut cell.actors, nodes).then_some(())).count()
}

fn spread(actors: &mut [ActorPlan], nodes: usize) -> bool {
    let clients: BTreeSet<u32> = actors.iter().map(|actor| actor.client).collect();
    if nodes < 2 || clients.len() < 2 || actors.iter().any(|actor| actor.node != 1) {
        return false;
    }
    for actor in actors {
        let rank = clients.iter().position(|client| *client == actor.client).unwrap_or_default();
        actor.node = u32::try_from(rank % nodes).unwrap_or_default() + 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Client and node of each actor, before and after.
    #[rstest]
    #[case(&[(1, 1), (2, 1)], 2, &[1, 2])]
    #[case(&[(1, 1), (2, 1), (3, 1)], 2, &[1, 2, 1])]
    #[case(&[(1, 1), (2, 1), (3, 1)], 3, &[1, 2, 3])]
    #[case::connections_stay_together(&[(1, 1), (1, 1), (7, 1)], 2, &[1, 1, 2])]
    #[case::one_client(&[(1, 1), (1, 1)], 2, &[1, 1])]
    #[case::one_node(&[(1, 1), (2, 1)], 1, &[1, 1])]
    #[case::as_the_case_says(&[(1, 2), (2, 1), (3, 1)], 2, &[2, 1, 1])]
    fn clients_go_round(
        #[case] actors: &[(u32, u32)],
        #[case] nodes: usize,
        #[case] expected: &[u32],
    ) {
        let actor = |(client, node): &(u32, u32)| ActorPlan {
            name: String::new(),
            client: *client,
            connection: 1,
            account: 1,
            node: *node,
        };
        let mut actors: Vec<ActorPlan> = actors.iter().map(actor).collect();
        let moved = spread(&mut actors, nodes);
        assert_eq!(actors.iter().map(|actor| actor.node).collect::<Vec<_>>(), expected);
        assert_eq!(moved, expected.iter().max() > Some(&1) && expected[0] == 1);
    }
}
