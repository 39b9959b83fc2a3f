//! Which rank each unit stands in.

use super::unit::Units;
use crate::drawing::Drawing;

/// The rank of each unit: below all its parents, and as near to its children as that allows when it
/// has more of them than parents.
pub(super) fn ranks(drawing: &Drawing, units: &Units) -> Vec<usize> {
    let mut parents = vec![Vec::new(); units.units.len()];
    let mut children = vec![Vec::new(); units.units.len()];
    for stroke in &drawing.strokes {
        let (parent, child) = (units.of_node[stroke.parent], units.of_node[stroke.child]);
        if parent != child {
            parents[child].push(parent);
            children[parent].push(child);
        }
    }
    let mut ranks = vec![0_usize; units.units.len()];
    longest_paths(&parents, &mut ranks);
    for _ in 0..units.units.len().min(8) {
        let before = ranks.clone();
        for unit in (0..ranks.len()).rev() {
            let nearest = children[unit].iter().map(|&child| ranks[child]).min();
            if let Some(nearest) = nearest.filter(|_| children[unit].len() > parents[unit].len()) {
                ranks[unit] = ranks[unit].max(nearest.saturating_sub(1));
            }
        }
        if ranks == before {
            break;
        }
    }
    join_loners(units, &parents, &children, &mut ranks);
    let first = ranks.iter().copied().min().unwrap_or_default();
    for rank in &mut ranks {
        *rank -= first;
    }
    ranks
}

/// Raises every rank above those of its parents. A drawing with collapsed schemas may have cycles, which
/// bound the number of rounds.
fn longest_paths(parents: &[Vec<usize>], ranks: &mut [usize]) {
    for _ in 0..ranks.len() {
        let mut is_settled = true;
        for unit in 0..ranks.len() {
            let lowest = parents[unit].iter().map(|&parent| ranks[parent] + 1).max().unwrap_or_default();
            if lowest > ranks[unit] && lowest <= ranks.len() {
                ranks[unit] = lowest;
                is_settled = false;
            }
        }
        if is_settled {
            return;
        }
    }
}

/// Puts units without lines beside the first connected ones of their schema.
fn join_loners(units: &Units, parents: &[Vec<usize>], children: &[Vec<usize>], ranks: &mut [usize]) {
    let is_loner = |unit: usize| parents[unit].is_empty() && children[unit].is_empty();
    for unit in (0..ranks.len()).filter(|&unit| is_loner(unit)) {
        let kin = (0..ranks.len())
            .filter(|&other| units.units[other].schema == units.units[unit].schema && !is_loner(other));
        if let Some(first) = kin.map(|other| ranks[other]).min() {
            ranks[unit] = first;
        }
    }
}
