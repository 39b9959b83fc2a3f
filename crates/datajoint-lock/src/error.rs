use std::fmt;

use datajoint_schema::TableName;

/// Where in the file something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}", self.line, self.column)
    }
}

/// Why a file is no lock that can be compared with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is not what this library writes.
    #[error(
        "{place}: {problem}; take the file back from version control, or write it anew with `schema lock`"
    )]
    Unreadable {
        /// Where.
        place: Place,
        /// What is wrong there.
        problem: String,
    },
    /// A later release wrote it.
    #[error("it is of version {version}, and this release reads version {known}: update `datajoint`")]
    Newer {
        /// Its version.
        version: u64,
        /// The version that is read.
        known: u64,
    },
    /// What it has of a table is not what was written.
    #[error(
        "{place}: `{table}` {problem}; a lock is not written by hand: take the file back from version control, or write \
         it anew with `schema lock`"
    )]
    Changed {
        /// Where.
        place: Place,
        /// The table.
        table: Box<TableName>,
        /// What is wrong with it.
        problem: String,
    },
}
