use std::collections::{HashMap, VecDeque};

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// The shortest way from the first table of a cycle back to itself; its ends are the same.
pub(super) fn find<N, E>(nodes: &DiGraph<N, E>) -> Option<Vec<NodeIndex>> {
    let on_itself = |place: NodeIndex| nodes.contains_edge(place, place);
    let start = tarjan_scc(nodes)
        .into_iter()
        .filter(|component| component.len() > 1 || component.iter().any(|&place| on_itself(place)))
        .flatten()
        .min()?;

    let mut came_from: HashMap<NodeIndex, NodeIndex> = HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(place) = queue.pop_front() {
        if nodes.contains_edge(place, start) {
            let mut way = vec![start, place];
            let mut last = place;
            while last != start {
                let Some(&before) = came_from.get(&last) else { break };
                way.push(before);
                last = before;
            }
            way.reverse();
            return Some(way);
        }
        let mut next: Vec<_> = nodes.neighbors(place).collect();
        next.sort_unstable();
        for neighbour in next {
            if neighbour != start && !came_from.contains_key(&neighbour) {
                came_from.insert(neighbour, place);
                queue.push_back(neighbour);
            }
        }
    }
    None
}
