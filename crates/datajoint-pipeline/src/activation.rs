//! Tables of the program meet those of the database.

use std::fmt;

use datajoint_schema::{Difference, TableName};

mod closure;
mod contents;
mod declare;
mod found;

pub(crate) use closure::closure;
pub(crate) use declare::{LOCK_TIMEOUT, Tries, create};
pub(crate) use found::{with_hidden_of, with_missing_members_of};

/// What an activation did and found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Activation {
    /// The tables that were declared, parents first.
    pub declared: Vec<TableName>,
    /// The tables that are not as their definitions say. They are used as they are, never altered.
    pub different: Vec<(TableName, Vec<Difference>)>,
    /// The lookup tables that got contents, with how many rows.
    pub filled: Vec<(TableName, u64)>,
    /// The lookup tables that have rows of their contents with other values, and how many rows. They are left as they are.
    pub outdated: Vec<(TableName, u64)>,
}

/// What to do about rows that are not as the contents say.
const CONTENTS_ADVICE: &str =
    "change them with `update_one`, or put the values of the database into `contents`";

impl Activation {
    /// True when nothing was declared or filled and every table is as its definition says.
    pub fn is_unchanged(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for table in &self.declared {
            writeln!(formatter, "declared {table}")?;
        }
        for (table, rows) in &self.filled {
            writeln!(formatter, "filled {table} with {}", datajoint_definition::count(*rows, "row"))?;
        }
        for (table, rows) in &self.outdated {
            let rows = datajoint_definition::count(*rows, "row");
            writeln!(
                formatter,
                "{table} keeps {rows} with other values than its contents: {CONTENTS_ADVICE}"
            )?;
        }
        for (table, differences) in &self.different {
            for difference in differences {
                writeln!(formatter, "{table} differs: {difference}")?;
            }
        }
        Ok(())
    }
}
