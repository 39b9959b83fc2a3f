use datajoint_definition::Tier;
use datajoint_schema::Table;
use datajoint_sql::InsertMode;

use crate::{Error, Result};

/// How rows are inserted.
///
/// ```
/// use datajoint_pipeline::InsertOptions;
///
/// let options = InsertOptions::new().skip_duplicates();
/// # let _ = options;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[must_use]
pub struct InsertOptions {
    pub(crate) mode: InsertMode,
    pub(crate) allow_direct_insert: bool,
}

impl InsertOptions {
    /// Rows that are there already are an error; tables that `populate` fills refuse rows.
    pub const fn new() -> Self {
        Self { mode: InsertMode::Plain, allow_direct_insert: false }
    }

    /// Passes over rows that are there already.
    pub const fn skip_duplicates(mut self) -> Self {
        self.mode = InsertMode::SkipDuplicates;
        self
    }

    /// Puts rows in the place of those that have their key.
    pub const fn replace(mut self) -> Self {
        self.mode = InsertMode::Replace;
        self
    }

    /// Takes rows for tables that `populate` fills, and for their parts.
    pub const fn allow_direct_insert(mut self) -> Self {
        self.allow_direct_insert = true;
        self
    }

    /// Fails for a table that `populate` fills, and for its parts, unless that is allowed.
    pub(crate) fn check(self, table: &Table) -> Result<()> {
        let master = table
            .master
            .as_ref()
            .and_then(|master| datajoint_definition::tier_of(&master.table))
            .map(|(tier, _)| tier);
        let is_filled = [table.tier, master].into_iter().flatten().any(Tier::is_auto_populated);
        if is_filled && !self.allow_direct_insert {
            return Err(Error::AutoPopulated { table: table.name.clone() });
        }
        Ok(())
    }
}
