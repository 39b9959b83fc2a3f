//! Tables of the program meet those of the database.

use std::fmt;

use datajoint_schema::{Difference, TableName};

mod closure;
mod contents;
mod declare;

pub(crate) use declare::with_hidden_of;

/// What an activation did and found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Activation {
    /// The tables that were declared, parents first.
    pub declared: Vec<TableName>,
    /// The tables that are not as their definitions say. They are used as they are, never altered.
    pub different: Vec<(TableName, Vec<Difference>)>,
    /// The lookup tables that got contents, with how many rows.
    pub filled: Vec<(TableName, u64)>,
}

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
            writeln!(formatter, "filled {table} with {rows} rows")?;
        }
        for (table, differences) in &self.different {
            for difference in differences {
                writeln!(formatter, "{table} differs: {difference}")?;
            }
        }
        Ok(())
    }
}
