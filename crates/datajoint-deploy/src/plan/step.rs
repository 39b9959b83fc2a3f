use std::fmt;

use datajoint_sql::{Statement, Value};
use serde::Serialize;

/// How a statement may be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Together with others, all or none. On MySQL and MariaDB only what they can undo is of this class.
    Transactional,
    /// Alone, and it lasts when it has run.
    Autocommit,
}

/// The strongest lock that a statement takes on a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Locks {
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

impl fmt::Display for Locks {
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
pub enum Lasts {
    /// A moment, however large the table is.
    Moment,
    /// As long as reading a sample of the table, or what was written since.
    Sample,
    /// As long as reading the table.
    Scan,
    /// As long as writing it anew.
    Rewrite,
}

impl fmt::Display for Lasts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Moment => "a moment",
            Self::Sample => "reads a part of the table",
            Self::Scan => "reads the table",
            Self::Rewrite => "writes the table anew",
        })
    }
}

/// One statement of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// The statement, as people read it: what is bound stands in it.
    #[serde(serialize_with = "text_of")]
    pub sql: Statement,
    /// How it may be run.
    pub class: Class,
    /// What it locks.
    pub lock: Locks,
    /// How long it may take.
    pub lasts: Lasts,
    /// True for what changes nothing and fails where what was done before, together with it, must not last.
    pub is_check: bool,
}

impl Step {
    /// A statement that can be undone, takes no lock, and a moment.
    pub(crate) fn new(sql: impl Into<String>) -> Self {
        Self::of(Statement::plain(sql))
    }

    pub(crate) const fn of(sql: Statement) -> Self {
        Self { sql, class: Class::Transactional, lock: Locks::Nothing, lasts: Lasts::Moment, is_check: false }
    }

    /// A statement that changes nothing, and fails where the writes of users would.
    pub(crate) fn check(sql: impl Into<String>) -> Self {
        Self { is_check: true, ..Self::new(sql) }
    }

    pub(crate) fn alone(mut self) -> Self {
        self.class = Class::Autocommit;
        self
    }

    pub(crate) fn locking(mut self, lock: Locks) -> Self {
        self.lock = lock;
        self
    }

    pub(crate) fn lasting(mut self, lasts: Lasts) -> Self {
        self.lasts = lasts;
        self
    }
}

fn text_of<S: serde::Serializer>(statement: &Statement, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(statement))
}

/// The text of a statement, with what is bound behind it.
pub(crate) fn text(statement: &Statement) -> String {
    if statement.parameters.is_empty() {
        return statement.sql.clone();
    }
    let values = statement.parameters.iter().map(|value| match value {
        Value::Text(text) => format!("{text:?}"),
        other => format!("{other:?}"),
    });
    format!("{} [{}]", statement.sql, values.collect::<Vec<_>>().join(", "))
}
