use std::cmp::Reverse;
use std::collections::BinaryHeap;

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// Parents first, parts directly after their master, ties as given.
///
/// A part that refers to a table below its master can't follow its master directly; it follows that table.
pub(super) fn topological<N, E>(nodes: &DiGraph<N, E>, masters: &[Option<NodeIndex>]) -> Vec<NodeIndex> {
    let mut edges: Vec<(usize, usize)> = Vec::new();
    for edge in nodes.raw_edges() {
        edges.push((edge.source().index(), edge.target().index()));
    }
    let units = units(&edges, masters);
    let mut order = Vec::with_capacity(units.len());
    let between = edges.iter().map(|&(from, to)| (units[from], units[to])).filter(|(from, to)| from != to);
    let members: Vec<Vec<usize>> =
        (0..units.len()).map(|unit| (0..units.len()).filter(|&node| units[node] == unit).collect()).collect();
    for unit in smallest_first(units.len(), &between.collect::<Vec<_>>(), |unit| (false, unit)) {
        let within = edges.iter().filter(|&&(from, to)| units[from] == unit && units[to] == unit);
        let within: Vec<_> = within.copied().collect();
        let is_member = |node: &usize| members[unit].contains(node);
        if members[unit].len() < 2 {
            order.extend(&members[unit]);
        } else {
            let sorted = smallest_first(units.len(), &within, |node| (masters[node].is_some(), node));
            order.extend(sorted.into_iter().filter(is_member));
        }
    }
    order.into_iter().map(NodeIndex::new).collect()
}

/// For each node the one that stands for its unit: a master stands for its parts.
fn units(edges: &[(usize, usize)], masters: &[Option<NodeIndex>]) -> Vec<usize> {
    let mut units: Vec<usize> =
        masters.iter().enumerate().map(|(node, master)| master.map_or(node, NodeIndex::index)).collect();
    loop {
        let mut contracted = DiGraph::<(), ()>::new();
        for _ in &units {
            contracted.add_node(());
        }
        for &(from, to) in edges.iter().filter(|&&(from, to)| units[from] != units[to]) {
            contracted.add_edge(NodeIndex::new(units[from]), NodeIndex::new(units[to]), ());
        }
        let tangled: Vec<usize> = tarjan_scc(&contracted)
            .into_iter()
            .filter(|component| component.len() > 1)
            .flatten()
            .map(NodeIndex::index)
            .collect();
        let parts: Vec<usize> =
            (0..units.len()).filter(|&node| units[node] != node && tangled.contains(&units[node])).collect();
        if parts.is_empty() {
            return units;
        }
        for part in parts {
            units[part] = part;
        }
    }
}

/// The topological order that takes the node of the smallest priority whenever several are free.
fn smallest_first(
    count: usize,
    edges: &[(usize, usize)],
    priority: impl Fn(usize) -> (bool, usize),
) -> Vec<usize> {
    let mut waiting = vec![0_usize; count];
    let mut children = vec![Vec::new(); count];
    for &(from, to) in edges {
        waiting[to] += 1;
        children[from].push(to);
    }
    let mut free: BinaryHeap<_> =
        (0..count).filter(|&node| waiting[node] == 0).map(|node| Reverse((priority(node), node))).collect();
    let mut order = Vec::with_capacity(count);
    while let Some(Reverse((_, node))) = free.pop() {
        order.push(node);
        for &child in &children[node] {
            waiting[child] -= 1;
            if waiting[child] == 0 {
                free.push(Reverse((priority(child), child)));
            }
        }
    }
    order
}
