//! Who has the connections of a pool.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What a connection was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// One verb, such as a fetch or an insert.
    Statement,
    /// A stream of rows, begun here.
    Stream(&'static Location<'static>),
    /// A transaction, begun here.
    Transaction(&'static Location<'static>),
    /// Statements of the program's own, by who acquired it here.
    Session(&'static Location<'static>),
    /// Hearing that tables have new rows.
    Listening,
}

impl fmt::Display for Purpose {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Statement => formatter.write_str("one verb"),
            Self::Stream(place) => write!(formatter, "a stream of rows ({place})"),
            Self::Transaction(place) => write!(formatter, "a transaction ({place})"),
            Self::Session(place) => write!(formatter, "a connection ({place})"),
            Self::Listening => formatter.write_str("hearing of new rows"),
        }
    }
}

/// Who has a connection, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// What it was taken for.
    pub purpose: Purpose,
    /// For how long it is out.
    pub since: Duration,
}

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} for {:.1} s", self.purpose, self.since.as_secs_f64())
    }
}

#[derive(Default)]
pub(crate) struct Holders(Mutex<List>);

#[derive(Default)]
struct List {
    next: u64,
    holders: BTreeMap<u64, (Purpose, Instant)>,
}

impl Holders {
    fn lock(&self) -> std::sync::MutexGuard<'_, List> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who has connections, the oldest first.
    pub(crate) fn list(&self) -> Vec<Holder> {
        let list = self.lock();
        list.holders
            .values()
            .map(|(purpose, since)| Holder { purpose: *purpose, since: since.elapsed() })
            .collect()
    }

    /// Notes that somebody has a connection until the guard is dropped.
    pub(crate) fn hold(self: &Arc<Self>, purpose: Purpose) -> Holding {
        let mut list = self.lock();
        let number = list.next;
        list.next += 1;
        list.holders.insert(number, (purpose, Instant::now()));
        Holding { number, purpose, holders: Arc::clone(self) }
    }
}

pub(crate) struct Holding {
    number: u64,
    pub(crate) purpose: Purpose,
    holders: Arc<Holders>,
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.holders.lock().holders.remove(&self.number);
    }
}

/// The holders as people read them, the longest first.
pub(crate) fn named(holders: &[Holder]) -> String {
    const MOST: usize = 8;
    let mut names: Vec<String> = holders.iter().take(MOST).map(ToString::to_string).collect();
    if holders.len() > MOST {
        names.push(format!("and {} more", holders.len() - MOST));
    }
    names.join(", ")
}
