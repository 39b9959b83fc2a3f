//! That tables have new rows: told to those who wait for them, where the server passes it on.
//!
//! Such a message is sent with the commit of the rows, and all that send one commit one after the other. So each table is
//! told of at once after a while of silence, and then at growing intervals, as long as rows keep coming.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use datajoint_schema::TableName;

/// The first interval in which a table is told of once.
const FIRST: Duration = Duration::from_millis(50);

/// The longest one.
const LONGEST: Duration = Duration::from_secs(1);

/// How old a debt is that somebody else has paid: what is heard of may have been sent a moment ago.
const MOMENT: Duration = Duration::from_millis(10);

/// What was told of each table.
#[derive(Debug, Default)]
pub(crate) struct News(Mutex<HashMap<TableName, Told>>);

#[derive(Debug)]
struct Told {
    at: Instant,
    interval: Duration,
    /// Since when there are rows of which nobody was told.
    owed: Option<Instant>,
}

impl News {
    /// True when a table is to be told of now, and then it counts as told of.
    pub(crate) fn is_due(&self, table: &TableName) -> bool {
        let now = Instant::now();
        let mut tables = self.lock();
        let Some(told) = tables.get_mut(table) else {
            tables.insert(table.clone(), Told { at: now, interval: FIRST, owed: None });
            return true;
        };
        let silence = now.duration_since(told.at);
        if silence < told.interval {
            return false;
        }
        if silence > told.interval * 2 {
            told.interval = FIRST;
        }
        (told.at, told.owed) = (now, None);
        true
    }

    /// Notes that nobody was told of the rows of a table. Gives in how long to do so, unless that is on its way.
    pub(crate) fn owe(&self, table: &TableName) -> Option<Duration> {
        let mut tables = self.lock();
        let told = tables.get_mut(table)?;
        if told.owed.is_some() {
            return None;
        }
        told.owed = Some(Instant::now());
        Some(told.interval.saturating_sub(told.at.elapsed()))
    }

    /// True when a table is to be told of after all, and then it counts as told of.
    pub(crate) fn pay(&self, table: &TableName) -> bool {
        let mut tables = self.lock();
        let Some(told) = tables.get_mut(table) else { return false };
        let is_owed = told.owed.take().is_some();
        if is_owed {
            told.at = Instant::now();
            told.interval = (told.interval * 2).min(LONGEST);
        }
        is_owed
    }

    /// Notes that somebody told of a table, by its name.
    pub(crate) fn hear(&self, name: &str) {
        let mut tables = self.lock();
        for (_, told) in tables.iter_mut().filter(|(table, _)| table.to_string() == name) {
            told.at = Instant::now();
            if told.owed.is_some_and(|since| since.elapsed() > MOMENT) {
                told.owed = None;
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<TableName, Told>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that meets an error has failed")]

    use super::*;

    fn session() -> TableName {
        TableName::new("lab", "session")
    }

    #[test]
    fn the_first_rows_are_told_of_at_once_and_those_that_follow_later_and_once() {
        let (news, table) = (News::default(), session());
        assert!(news.is_due(&table));
        assert!(!news.is_due(&table), "just told");
        let later = news.owe(&table).unwrap();
        assert!(later <= FIRST, "{later:?}");
        assert_eq!(news.owe(&table), None, "it is on its way");
        assert!(news.pay(&table) && !news.pay(&table));
        assert!(!news.is_due(&table));
        assert!(news.owe(&table).unwrap() > FIRST, "rows keep coming");
        assert!(news.is_due(&TableName::new("lab", "other")), "each table by itself");
    }

    #[test]
    fn what_others_told_need_not_be_told_again() {
        let (news, table) = (News::default(), session());
        assert!(news.is_due(&table));
        assert!(news.owe(&table).is_some());
        news.hear("lab.session");
        std::thread::sleep(MOMENT * 2);
        assert!(news.lock()[&table].owed.is_some(), "it may have been sent before these rows");
        news.hear("lab.other");
        assert!(news.lock()[&table].owed.is_some());
        news.hear("lab.session");
        assert!(!news.pay(&table));
        std::thread::sleep(FIRST * 3);
        assert!(news.is_due(&table), "after a while of silence");
    }
}
