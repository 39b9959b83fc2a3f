//! What was found.

use std::fmt;

use datajoint_definition::count;
use serde::Serialize;

/// What a comparison of rows with stores found.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct FsckReport {
    /// How many objects the rows of the chosen schemas refer to, each row counted.
    pub references: u64,
    /// How many objects the sections of the stores have that belong to rows of the chosen schemas.
    pub objects: u64,
    /// How many of the references were read whole.
    pub read: u64,
    /// How many references are wrong.
    pub fault_count: u64,
    /// The first thousand of them.
    pub faults: Vec<Fault>,
    /// How many objects no row refers to.
    pub orphan_count: u64,
    /// How many bytes these have together.
    pub orphan_bytes: u64,
    /// The first thousand of them.
    pub orphans: Vec<Orphan>,
    /// How many objects a collection has set aside: they come back or go with the next ones.
    pub quarantined: u64,
    /// Files of uploads that were begun and not finished, in stores that are folders.
    pub unfinished: Vec<String>,
    /// Why it can't be told of some stores which objects no row refers to.
    pub not_judged: Vec<String>,
}

/// A reference of a row to an object that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Fault {
    /// The table: `lab.__scan`.
    pub table: String,
    /// The primary key of the row.
    pub key: String,
    /// The attribute.
    pub attribute: String,
    /// The store; `None` where the value does not tell.
    pub store: Option<String>,
    /// The path in the store; `None` where the value does not tell.
    pub path: Option<String>,
    /// What is wrong with it.
    #[serde(flatten)]
    pub problem: Problem,
}

/// What is wrong with a reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "problem", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Problem {
    /// The object is not there.
    Missing,
    /// The object has another size.
    OtherSize {
        /// What the row says, in bytes.
        expected: u64,
        /// What the store says, in bytes.
        found: u64,
    },
    /// The object can't be read, or does not hold what was written.
    Contents {
        /// Why.
        message: String,
    },
    /// The value in the table is not one that its codec wrote, the codec is not known, or the store is not in the settings.
    Unreadable {
        /// Why.
        message: String,
    },
}

/// An object that no row refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Orphan {
    /// The store.
    pub store: String,
    /// The path in the store.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
}

/// The most of each kind that are named one by one.
pub(crate) const MOST: usize = 1000;

impl FsckReport {
    pub(crate) fn fault(&mut self, fault: Fault) {
        self.fault_count += 1;
        if self.faults.len() < MOST {
            self.faults.push(fault);
        }
    }

    pub(crate) fn orphan(&mut self, orphan: Orphan) {
        self.orphan_count += 1;
        self.orphan_bytes += orphan.size;
        if self.orphans.len() < MOST {
            self.orphans.push(orphan);
        }
    }

    /// Returns 0 when everything is as it should be, 1 when a row refers to an object that is not as it should be, and 2 when
    /// there are only leftovers, or what they are could not be told.
    pub fn exit_status(&self) -> u8 {
        let has_leftovers =
            self.orphan_count > 0 || !self.unfinished.is_empty() || !self.not_judged.is_empty();
        match (self.fault_count, has_leftovers) {
            (1.., _) => 1,
            (0, true) => 2,
            (0, false) => 0,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("the object is not there"),
            Self::OtherSize { expected, found } => {
                write!(formatter, "the object has {}, and {expected} were written", count(*found, "byte"))
            }
            Self::Contents { message } | Self::Unreadable { message } => formatter.write_str(message),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, key, attribute, store, path, problem } = self;
        write!(formatter, "`{attribute}` of `{table}` {key}: {problem}")?;
        match (store, path) {
            (Some(store), Some(path)) => write!(formatter, " ({path} in store `{store}`)"),
            (None, Some(path)) => write!(formatter, " ({path} in the default store)"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for FsckReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.faults {
            writeln!(formatter, "{fault}")?;
        }
        for Orphan { store, path, size } in &self.orphans {
            writeln!(formatter, "no row refers to {path} in store `{store}` ({})", count(*size, "byte"))?;
        }
        for path in &self.unfinished {
            writeln!(formatter, "an upload was not finished: {path}")?;
        }
        for why in &self.not_judged {
            writeln!(formatter, "what no row refers to is not told: {why}")?;
        }
        if self.quarantined > 0 {
            writeln!(formatter, "{} set aside by a collection", count(self.quarantined, "object"))?;
        }
        write!(
            formatter,
            "{} to {}; {} read whole; {} wrong; {} without a row, of {}",
            count(self.references, "reference"),
            count(self.objects, "object"),
            self.read,
            self.fault_count,
            count(self.orphan_count, "object"),
            count(self.orphan_bytes, "byte")
        )
    }
}
