//! The order in each rank, with few crossings.

use super::item::{Items, Link};

/// Rounds of sweeping down and up.
const ROUNDS: usize = 24;

/// Orders the frames, then the items of each rank.
pub(super) fn order(items: &mut Items) {
    order_frames(items);
    for rank in 0..items.ranks.len() {
        let mut row = std::mem::take(&mut items.ranks[rank]);
        row.sort_by(|&first, &second| {
            items.group(first).total_cmp(&items.group(second)).then(first.cmp(&second))
        });
        items.ranks[rank] = row;
    }
    let mut best = items.ranks.clone();
    let mut fewest = crossings(items);
    for round in 0..ROUNDS {
        let is_down = round % 2 == 0;
        let count = items.ranks.len();
        for step in 1..count {
            let rank = if is_down { step } else { count - 1 - step };
            sort_by_neighbours(items, rank, is_down);
        }
        swap_neighbours(items);
        let now = crossings(items);
        if now < fewest {
            fewest = now;
            best.clone_from(&items.ranks);
        }
    }
    items.ranks = best;
}

/// Puts frames that share many lines beside each other.
fn order_frames(items: &mut Items) {
    let count = items.frame_order.len();
    let mut weights = vec![vec![0_usize; count]; count];
    for chain in &items.chains {
        if let (Some(&first), Some(&last)) = (chain.first(), chain.last()) {
            let (from, to) = (items.ends[first].0, items.ends[last].1);
            weights[from][to] += 1;
            weights[to][from] += 1;
        }
    }
    let cost = |order: &[usize]| -> usize {
        let pairs = (0..count).flat_map(|first| (0..first).map(move |second| (first, second)));
        pairs.map(|(first, second)| weights[first][second] * order[first].abs_diff(order[second])).sum()
    };
    let mut order = items.frame_order.clone();
    // Moves one frame at a time to its best place, until none is better.
    for _ in 0..count {
        let before = order.clone();
        for frame in 0..count {
            for target in 0..count {
                let moved = with_frame_at(&order, frame, target);
                if cost(&moved) < cost(&order) {
                    order = moved;
                }
            }
        }
        if order == before {
            break;
        }
    }
    items.frame_order = order;
}

/// The order with one frame taken out and put in at another place.
fn with_frame_at(order: &[usize], frame: usize, target: usize) -> Vec<usize> {
    let source = order[frame];
    let shifted = |place: usize| match place {
        place if source < place && place <= target => place - 1,
        place if target <= place && place < source => place + 1,
        place => place,
    };
    order
        .iter()
        .enumerate()
        .map(|(other, &place)| if other == frame { target } else { shifted(place) })
        .collect()
}

/// The place of each item in its rank.
fn places(items: &Items) -> Vec<usize> {
    let mut places = vec![0; items.all.len()];
    for row in &items.ranks {
        for (place, &item) in row.iter().enumerate() {
            places[item] = place;
        }
    }
    places
}

fn sort_by_neighbours(items: &mut Items, rank: usize, is_down: bool) {
    let places = places(items);
    let mut row = std::mem::take(&mut items.ranks[rank]);
    let wanted = |item: usize| -> f64 {
        let links = if is_down { &items.all[item].before } else { &items.all[item].after };
        let sum: f64 = links.iter().map(|link| far_end(&places, link)).sum();
        if links.is_empty() { real(places[item]) } else { sum / real(links.len()) }
    };
    row.sort_by(|&first, &second| {
        let groups = items.group(first).total_cmp(&items.group(second));
        groups.then(wanted(first).total_cmp(&wanted(second))).then(places[first].cmp(&places[second]))
    });
    items.ranks[rank] = row;
}

/// Swaps neighbours wherever that saves crossings.
fn swap_neighbours(items: &mut Items) {
    let mut places = places(items);
    for rank in 0..items.ranks.len() {
        for place in 1..items.ranks[rank].len() {
            let (left, right) = (items.ranks[rank][place - 1], items.ranks[rank][place]);
            if items.group(left).total_cmp(&items.group(right)).is_ne() {
                continue;
            }
            if crossings_of(items, &places, right, left) < crossings_of(items, &places, left, right) {
                items.ranks[rank].swap(place - 1, place);
                places.swap(left, right);
            }
        }
    }
}

/// How often the lines of two neighbours cross with `left` on the left.
fn crossings_of(items: &Items, places: &[usize], left: usize, right: usize) -> usize {
    let (left, right) = (&items.all[left], &items.all[right]);
    [(&left.before, &right.before), (&left.after, &right.after)]
        .into_iter()
        .map(|(left, right)| {
            let crossed = |link: &Link| {
                right.iter().filter(|other| far_end(places, other) < far_end(places, link)).count()
            };
            left.iter().map(crossed).sum::<usize>()
        })
        .sum()
}

fn crossings(items: &Items) -> usize {
    let places = places(items);
    let mut count = 0;
    for row in &items.ranks {
        let ends: Vec<(f64, f64)> = row
            .iter()
            .flat_map(|&item| items.all[item].after.iter().map(move |link| (item, link)))
            .map(|(item, link)| (real(places[item]) + link.at, far_end(&places, link)))
            .collect();
        for (at, first) in ends.iter().enumerate() {
            let crosses = |second: &&(f64, f64)| {
                (first.0 < second.0 && first.1 > second.1) || (first.0 > second.0 && first.1 < second.1)
            };
            count += ends[at + 1..].iter().filter(crosses).count();
        }
    }
    count
}

/// Where the other end of a line is, in places of its rank.
fn far_end(places: &[usize], link: &Link) -> f64 {
    real(places[link.other]) + link.far
}

fn real(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
