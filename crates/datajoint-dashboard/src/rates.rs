//! How fast tables are filled.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::{Overview, TableOverview};

/// How fast tables are filled, from what was seen at two moments.
#[derive(Debug, Clone, Default)]
pub struct Rates {
    /// How many keys were done of each table when that was seen first.
    first: HashMap<String, (u64, Instant)>,
    now: HashMap<String, (u64, Instant)>,
}

impl Rates {
    /// Notes what was seen at a moment.
    pub fn note(&mut self, overview: &Overview, now: Instant) {
        for table in &overview.tables {
            let Some(done) = table.done else { continue };
            let first = self.first.entry(table.table.clone()).or_insert((done, now));
            // What was deleted begins anew.
            if done < first.0 {
                *first = (done, now);
            }
            self.now.insert(table.table.clone(), (done, now));
        }
    }

    /// Returns how many keys of a table are made in a second; `None` until some were made.
    pub fn per_second(&self, table: &TableOverview) -> Option<f64> {
        let ((before, begin), (done, now)) = (self.first.get(&table.table)?, self.now.get(&table.table)?);
        let seconds = now.duration_since(*begin).as_secs_f64();
        let made = u32::try_from(done.saturating_sub(*before)).unwrap_or(u32::MAX);
        (made > 0 && seconds > 0.0).then(|| f64::from(made) / seconds)
    }

    /// Returns how long the keys of a table that remain will take at this rate; `None` where none remain or no rate is known.
    pub fn time_left(&self, table: &TableOverview) -> Option<Duration> {
        let rate = self.per_second(table)?;
        let left = table.remaining.filter(|left| *left > 0)?;
        let seconds = f64::from(u32::try_from(left).unwrap_or(u32::MAX)) / rate;
        Some(Duration::from_secs_f64(seconds.min(1e9)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(done: u64) -> Overview {
        let table = TableOverview {
            table: "lab.__root".to_owned(),
            tier: String::new(),
            rows: Some(done),
            done: Some(done),
            remaining: Some(1000 - done),
            total: Some(1000),
            jobs: None,
        };
        Overview { tables: vec![table], findings: Vec::new() }
    }

    #[test]
    fn the_time_left_comes_from_what_was_made_since_it_is_watched() {
        let (mut rates, begin) = (Rates::default(), Instant::now());
        let told = |rates: &Rates, done| {
            let table = &seen(done).tables[0];
            (rates.per_second(table), rates.time_left(table))
        };
        rates.note(&seen(100), begin);
        assert_eq!(told(&rates, 100), (None, None));
        rates.note(&seen(200), begin + Duration::from_secs(10));
        assert_eq!(told(&rates, 200), (Some(10.0), Some(Duration::from_secs(80))));
        rates.note(&seen(50), begin + Duration::from_secs(20));
        assert_eq!(told(&rates, 50), (None, None), "rows were deleted");
    }
}
