//! How many keys fail of those that were tried in a while: no clock of its own, and no I/O.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// In how many pieces a while is counted: so many numbers are kept, however many keys there are.
const PIECES: u32 = 60;

/// When somebody is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    /// From this share of the keys that fail, in percent.
    pub(super) percent: u8,
    /// From so many failures.
    pub(super) failures: u64,
    /// Counted over so long.
    pub(super) window: Duration,
    /// Once in so long.
    pub(super) period: Duration,
}

/// How many keys ended how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Share {
    pub(super) done: u64,
    pub(super) failed: u64,
}

impl Share {
    fn reaches(self, rule: &Rule) -> bool {
        let all = u128::from(self.done) + u128::from(self.failed);
        self.failed >= rule.failures.max(1) && u128::from(self.failed) * 100 >= all * u128::from(rule.percent)
    }
}

/// What was counted of each table, and when somebody was told last, of whichever.
#[derive(Debug, Default)]
pub(super) struct Rates {
    tables: HashMap<&'static str, VecDeque<(Instant, Share)>>,
    told: Option<Instant>,
}

impl Rates {
    /// Notes a key that ended now; gives how many failed where that is to be told.
    pub(super) fn note(
        &mut self,
        table: &'static str,
        failed: bool,
        rule: &Rule,
        now: Instant,
    ) -> Option<Share> {
        let pieces = self.tables.entry(table).or_default();
        while pieces.front().is_some_and(|(begin, _)| now.duration_since(*begin) > rule.window) {
            pieces.pop_front();
        }
        if pieces.back().is_none_or(|(begin, _)| now.duration_since(*begin) > rule.window / PIECES) {
            pieces.push_back((now, Share::default()));
        }
        if let Some((_, share)) = pieces.back_mut() {
            share.failed += u64::from(failed);
            share.done += u64::from(!failed);
        }
        let add = |all: Share, (_, piece): &(Instant, Share)| Share {
            done: all.done + piece.done,
            failed: all.failed + piece.failed,
        };
        let share = pieces.iter().fold(Share::default(), add);
        let was_told = self.told.is_some_and(|told| now.duration_since(told) < rule.period);
        if !failed || was_told || !share.reaches(rule) {
            return None;
        }
        self.told = Some(now);
        Some(share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule =
        Rule { percent: 50, failures: 3, window: Duration::from_mins(1), period: Duration::from_mins(10) };

    /// When somebody is told, in seconds, of keys that end at these.
    fn told(rule: &Rule, keys: impl IntoIterator<Item = (u64, bool)>) -> Vec<u64> {
        let (mut rates, begin) = (Rates::default(), Instant::now());
        let told = keys.into_iter().filter_map(|(second, failed)| {
            rates.note("Spikes", failed, rule, begin + Duration::from_secs(second)).map(|_| second)
        });
        told.collect()
    }

    #[test]
    fn it_is_told_from_a_share_and_a_number_on() {
        assert_eq!(told(&RULE, (0..3).map(|second| (second, true))), [2]);
        assert_eq!(told(&RULE, (0..2).map(|second| (second, true))), [0; 0]);
        // Three of seven are less than half, four of eight are not.
        let keys =
            [(0, false), (0, false), (0, false), (0, false), (1, true), (1, true), (1, true), (2, true)];
        assert_eq!(told(&RULE, keys), [2]);
    }

    #[test]
    fn what_failed_long_ago_does_not_count() {
        assert_eq!(told(&RULE, [(0, true), (1, true), (100, true), (101, true)]), [0; 0]);
        assert_eq!(told(&RULE, [(0, true), (1, true), (100, true), (101, true), (102, true)]), [102]);
    }

    #[test]
    fn it_is_told_once_in_a_period() {
        let keys = (0..1300).map(|second| (second, true));
        assert_eq!(told(&RULE, keys), [2, 602, 1202]);
    }

    #[test]
    fn what_is_kept_does_not_grow_with_the_keys() {
        let (mut rates, begin) = (Rates::default(), Instant::now());
        for key in 0..100_000 {
            rates.note("Spikes", false, &RULE, begin + Duration::from_millis(key));
        }
        assert!(rates.tables["Spikes"].len() <= PIECES as usize + 1, "{}", rates.tables["Spikes"].len());
    }
}
