//! Long lines with few bends.

use super::constraint::Constraints;
use crate::layout::item::Items;

/// Lets each line run straight along the flow as far as the items beside it allow, then bend once.
pub(super) fn straighten(items: &Items, constraints: &Constraints, places: &mut Vec<f64>) {
    for chain in items.chains.iter().filter(|chain| chain.len() > 2) {
        let bends = &chain[1..chain.len() - 1];
        let offset = |first: usize, second: usize| {
            let link = items.all[first].after.iter().find(|link| link.other == second);
            link.map_or(0.0, |link| link.offset)
        };
        let start = places[chain[0]] + offset(chain[0], chain[1]);
        let last = chain.len() - 1;
        let end = places[chain[last]] - offset(chain[last - 1], chain[last]);
        let before = places.clone();
        let mut at = start;
        let mut run = 0;
        while run < bends.len() {
            let (length, (low, high)) = longest_run(constraints, &before, &bends[run..]);
            // The last run makes for the child, the others go on as they come.
            let target = if run + length == bends.len() && run > 0 { end } else { at };
            at = target.clamp(low, high.max(low));
            for &bend in &bends[run..run + length] {
                places[bend] = at;
            }
            run += length;
        }
        if bends.iter().any(|&bend| !constraints.hold(places, bend)) {
            *places = before;
        }
    }
}

/// How many of these bends can stand in one straight line, and between which places.
fn longest_run(constraints: &Constraints, places: &[f64], bends: &[usize]) -> (usize, (f64, f64)) {
    let mut room = constraints.room(places, bends[0]);
    let mut length = 1;
    for &bend in &bends[1..] {
        let next = constraints.room(places, bend);
        let both = (room.0.max(next.0), room.1.min(next.1));
        if both.0 > both.1 {
            break;
        }
        room = both;
        length += 1;
    }
    (length, room)
}
