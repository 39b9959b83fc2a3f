use std::fmt::{self, Write as _};
use std::time::Duration;

use datajoint_definition::count;

use crate::Error;

/// How far a table is populated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many keys are still to do.
    pub remaining: u64,
    /// How many keys there are.
    pub total: u64,
}

impl fmt::Display for Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { remaining, total } = self;
        write!(formatter, "{} of {} done", total.saturating_sub(*remaining), count(*total, "key"))
    }
}

/// What a call of `populate` did.
///
/// Printed, it is one line for people, and a line for each error.
#[derive(Debug)]
#[non_exhaustive]
pub struct PopulateReport<K> {
    /// The class of the table.
    pub table: &'static str,
    /// How many keys were made.
    pub success_count: usize,
    /// The keys that failed, each with its error; always empty unless errors are suppressed.
    pub errors: Vec<(K, Error)>,
    /// How many keys somebody else made in the meantime.
    pub skipped: usize,
    /// How many keys somebody else took over while they were made, so that nothing was written for them.
    pub lost: usize,
    /// How many keys failed for reasons that may pass, and are due again later.
    pub postponed: usize,
    /// For how many keys `make` came to its end without a row in the table; they are asked for again next time.
    pub without_row: usize,
    /// How many keys are still to do, those that failed or have no row included.
    pub remaining: usize,
    /// True when Ctrl-C or SIGTERM stopped it before all keys were begun.
    pub stopped: bool,
    /// True when it was SIGTERM.
    pub terminated: bool,
    /// How long it took.
    pub elapsed: Duration,
}

impl<K> PopulateReport<K> {
    pub(crate) fn new(table: &'static str, todo: usize) -> Self {
        Self {
            table,
            success_count: 0,
            errors: Vec::new(),
            skipped: 0,
            lost: 0,
            postponed: 0,
            without_row: 0,
            remaining: todo,
            stopped: false,
            terminated: false,
            elapsed: Duration::ZERO,
        }
    }

    /// What it did, in a line, without the errors.
    pub(crate) fn line(&self) -> String {
        if self.is_empty() {
            return format!("{}: nothing to do", self.table);
        }
        let mut line = format!("{}: {} made", self.table, self.success_count);
        let counts = [
            (self.errors.len(), "failed"),
            (self.skipped, "made by others"),
            (self.lost, "taken over by others"),
            (self.postponed, "put off"),
            (self.without_row, "without a row"),
            (self.remaining, "still to do"),
        ];
        for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
            let _ = write!(line, ", {count} {what}");
        }
        let _ = write!(line, " in {:.1} s", self.elapsed.as_secs_f64());
        if self.stopped {
            line.push_str(if self.terminated { "; stopped by SIGTERM" } else { "; stopped by Ctrl-C" });
        }
        line
    }

    /// True when there was nothing to do.
    pub fn is_empty(&self) -> bool {
        let done = self.success_count + self.errors.len() + self.skipped + self.without_row;
        done + self.lost + self.postponed + self.remaining == 0
    }
}

impl<K> fmt::Display for PopulateReport<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.line())?;
        for (_, error) in &self.errors {
            write!(formatter, "\n  {error}")?;
        }
        Ok(())
    }
}
