use std::fmt;
use std::sync::Arc;

use datajoint_adapters::Connection;
use datajoint_guard::{Fingerprint, StampChange};
use datajoint_sql::{Statement, Value};
use futures_util::future::BoxFuture;
use serde::Serialize;

use crate::Result;

/// How a statement is run, and what is left of it where it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Atomicity {
    /// Together with others, all or none. On MySQL and MariaDB only what they can undo is run so.
    Transactional,
    /// Alone, and it lasts when it has run.
    Autocommit,
    /// Alone, while others write: it waits for older transactions, blocks nobody meanwhile, and leaves something behind
    /// where it fails.
    Concurrent,
}

impl Atomicity {
    /// Its name in hashes, which stays.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Transactional => "transactional",
            Self::Autocommit => "autocommit",
            Self::Concurrent => "concurrent",
        }
    }

    /// Returns true when it may wait for long, as nobody waits behind it.
    pub const fn may_wait(self) -> bool {
        matches!(self, Self::Concurrent)
    }

    /// Returns true when it may be run again where it failed, as nothing of it is left.
    pub const fn may_be_tried_again(self) -> bool {
        !matches!(self, Self::Concurrent)
    }
}

/// The strongest lock that a statement takes on a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LockLevel {
    /// None: rows of the catalog alone are written.
    Nothing,
    /// Other changes of the table wait; nobody who reads or writes rows does.
    ShareUpdateExclusive,
    /// Writers wait.
    Share,
    /// All wait, readers too.
    AccessExclusive,
    /// MySQL and MariaDB: all wait at its beginning and its end.
    Metadata,
    /// SQLite: all other writers wait.
    File,
}

impl fmt::Display for LockLevel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Nothing => "no lock",
            Self::ShareUpdateExclusive => "blocks other changes of the table",
            Self::Share => "blocks writers",
            Self::AccessExclusive => "blocks readers and writers",
            Self::Metadata => "blocks readers and writers at its ends",
            Self::File => "blocks other writers",
        })
    }
}

/// How long a statement may be expected to take, once it has its lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Cost {
    /// A moment, however large the table is.
    Moment,
    /// As long as reading a sample of the table, or what was written since.
    Sample,
    /// As long as reading the table.
    Scan,
    /// As long as writing it anew.
    Rewrite,
}

impl fmt::Display for Cost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Moment => "a moment",
            Self::Sample => "reads a part of the table",
            Self::Scan => "reads the table",
            Self::Rewrite => "writes the table anew",
        })
    }
}

/// What a statement is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Purpose {
    /// It changes something.
    Change,
    /// It changes nothing, and fails where what was done before, together with it, must not last.
    Check,
    /// It looks after what the server counts itself, and tells in a moment or when nobody sees dead rows any more.
    Upkeep,
    /// It makes statistics anew, which the server counts a moment later.
    Statistics,
}

impl Purpose {
    /// Its name in hashes, which stays.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Check => "check",
            Self::Upkeep => "upkeep",
            Self::Statistics => "statistics",
        }
    }

    /// Returns true for what the server counts itself, so that reading it again at once tells nothing.
    pub const fn is_upkeep(self) -> bool {
        matches!(self, Self::Upkeep | Self::Statistics)
    }
}

/// What is done beside the database, in a store for example.
///
/// It may be carried out again where it failed, and is then to do what is left.
pub trait Chore: fmt::Debug + fmt::Display + Send + Sync {
    /// Returns what tells it from all others, for the hash of a plan.
    fn canonical(&self) -> Vec<u8>;

    /// Carries it out, with the connection of the session.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, a part of it may be done.
    #[doc(hidden)]
    fn carry_out<'a>(&'a self, connection: &'a mut Connection) -> BoxFuture<'a, Result<()>>;
}

/// A chore as steps have it.
#[derive(Debug, Clone)]
pub struct Shared(pub Arc<dyn Chore>);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        self.0.canonical() == other.0.canonical()
    }
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Task {
    /// It runs a statement.
    Statement(Statement),
    /// It changes one thing that a schema says of itself: reads what that is when its turn has come and writes it again, while
    /// nobody else changes the schema, so that what others record meanwhile stays.
    Stamp {
        /// The schema, as it is called in the database.
        schema: String,
        /// What is changed.
        change: StampChange,
    },
    /// It does something beside the database.
    Chore(Shared),
}

impl Task {
    /// Adds it to a hash. What it is for a statement stays.
    pub(crate) fn add_to(&self, fingerprint: &mut Fingerprint) {
        match self {
            Self::Statement(statement) => fingerprint.add(statement.canonical()),
            Self::Stamp { schema, change } => fingerprint.add("stamp").add(schema).add(change.canonical()),
            Self::Chore(Shared(chore)) => fingerprint.add("chore").add(chore.canonical()),
        };
    }
}

/// As people read it: what is bound stands behind a statement, and what is none is a comment of SQL.
impl fmt::Display for Task {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Statement(statement) => formatter.write_str(&text(statement)),
            // No name ends the comment.
            Self::Stamp { schema, change } => write!(formatter, "-- the stamp of {schema:?} says {change}"),
            Self::Chore(Shared(chore)) => write!(formatter, "-- {chore}"),
        }
    }
}

impl Serialize for Task {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// What it does.
    #[serde(rename = "sql")]
    pub task: Task,
    /// How it is run.
    #[serde(rename = "class")]
    pub atomicity: Atomicity,
    /// What it locks.
    pub lock: LockLevel,
    /// How long it may take.
    #[serde(rename = "lasts")]
    pub cost: Cost,
    /// What it is for.
    pub purpose: Purpose,
}

impl Step {
    /// A statement that can be undone, takes no lock, and a moment.
    pub fn new(sql: impl Into<String>) -> Self {
        Self::of(Statement::plain(sql))
    }

    /// The same of a statement with values.
    pub const fn of(statement: Statement) -> Self {
        Self {
            task: Task::Statement(statement),
            atomicity: Atomicity::Transactional,
            lock: LockLevel::Nothing,
            cost: Cost::Moment,
            purpose: Purpose::Change,
        }
    }

    /// A statement that changes nothing, and fails where the writes of users would.
    pub fn check(sql: impl Into<String>) -> Self {
        Self { purpose: Purpose::Check, ..Self::new(sql) }
    }

    /// What changes one thing that a schema says of itself, alone.
    pub fn stamp(schema: impl Into<String>, change: StampChange) -> Self {
        let task = Task::Stamp { schema: schema.into(), change };
        Self { task, ..Self::new("") }.alone()
    }

    /// What is done beside the database, alone.
    pub fn chore(chore: impl Chore + 'static) -> Self {
        Self { task: Task::Chore(Shared(Arc::new(chore))), cost: Cost::Scan, ..Self::new("") }.alone()
    }

    /// Returns true for a statement that is run together with others, all or none.
    pub(crate) const fn is_together(&self) -> bool {
        matches!((&self.task, self.atomicity), (Task::Statement(_), Atomicity::Transactional))
    }

    /// The same, which looks after what the server counts.
    #[must_use]
    pub fn upkeep(mut self) -> Self {
        self.purpose = Purpose::Upkeep;
        self
    }

    /// The same, which makes statistics.
    #[must_use]
    pub fn statistics(mut self) -> Self {
        self.purpose = Purpose::Statistics;
        self
    }

    /// The same, which runs alone, waits for older transactions and blocks nobody.
    #[must_use]
    pub fn concurrent(mut self) -> Self {
        self.atomicity = Atomicity::Concurrent;
        self
    }

    /// The same, which runs alone, and lasts when it has run.
    #[must_use]
    pub fn alone(mut self) -> Self {
        self.atomicity = Atomicity::Autocommit;
        self
    }

    /// The same, with the strongest lock that it takes.
    #[must_use]
    pub fn locking(mut self, lock: LockLevel) -> Self {
        self.lock = lock;
        self
    }

    /// The same, with how long it may take.
    #[must_use]
    pub fn costing(mut self, cost: Cost) -> Self {
        self.cost = cost;
        self
    }
}

/// The text of a statement, with what is bound behind it.
fn text(statement: &Statement) -> String {
    if statement.parameters.is_empty() {
        return statement.sql.clone();
    }
    let values = statement.parameters.iter().map(|value| match value {
        Value::Text(text) => format!("{text:?}"),
        other => format!("{other:?}"),
    });
    format!("{} [{}]", statement.sql, values.collect::<Vec<_>>().join(", "))
}
