/// How a backend tells the time, and what else it says its own way where jobs are concerned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// The present moment in the zone of the session, to the millisecond: as job times are.
    pub(crate) now: &'static str,
    /// The text before and after a number of seconds for the moment that is so far away.
    pub(crate) later: (&'static str, &'static str),
    /// The age in seconds of a moment in a column: never more than it is, whatever the clocks of the zone did in the
    /// meantime.
    pub(crate) age: fn(&str) -> String,
    /// The present moment in milliseconds since 1970, whatever the zone.
    pub(crate) milliseconds: &'static str,
    /// The user of the session.
    pub(crate) user: &'static str,
    /// Returns the statement that locks the rows of a query that nobody has locked.
    pub(crate) lock: &'static str,
}

/// Queues of jobs.
pub(crate) trait Jobs {
    /// How it tells the time of jobs.
    fn clock(&self) -> &'static Clock;
    /// The address of a row, and what stands before and after a query for the addresses of the rows that a statement
    /// changes; `None` where it can't tell the rows that it changed.
    fn row_address(&self) -> Option<RowAddress> {
        None
    }
    /// The statement that makes a query take rows in the order of an index, until its transaction ends; `None` where it
    /// does by itself.
    fn in_order(&self) -> Option<&'static str> {
        None
    }
    /// True where a session can take a lock that shows to others, whatever the transaction.
    fn has_session_locks(&self) -> bool {
        false
    }
    /// The condition that the server does not know a session with the number in this column any more; `None` where it
    /// knows none.
    fn is_gone(&self, connection: &str) -> Option<String>;
}

/// How rows are changed that a query chose.
pub(crate) struct RowAddress {
    pub(crate) column: &'static str,
    pub(crate) before: &'static str,
    pub(crate) after: &'static str,
    /// True where rows of many keys are looked up one by one for their addresses, since the server would choose its way
    /// by what it counted long ago.
    pub(crate) is_for_keys: bool,
}
