use datajoint_definition::{Backend, Tier};
use datajoint_schema::Table;
use datajoint_sql::InsertMode;

use crate::{Error, Result};

/// In which form rows have the values of codecs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Form {
    /// As the program has them.
    #[default]
    Values,
    /// As they stand in the table.
    Stored,
}

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
    pub(crate) ignore_extra_fields: bool,
    pub(crate) must_match: bool,
    pub(crate) form: Form,
}

impl InsertOptions {
    /// Rows that are there already are an error; tables that `populate` fills refuse rows.
    pub const fn new() -> Self {
        Self {
            mode: InsertMode::Plain,
            allow_direct_insert: false,
            ignore_extra_fields: false,
            must_match: false,
            form: Form::Values,
        }
    }

    /// Passes over rows whose primary key is there already, whatever else they hold.
    ///
    /// A row with another key that clashes in a unique index is an error all the same. Rows that are there are not
    /// locked.
    pub const fn skip_duplicates(mut self) -> Self {
        self.mode = InsertMode::SkipDuplicates;
        self.must_match = false;
        self
    }

    /// Passes over rows that are there already with the same values; fails for one that differs, naming the attribute.
    pub const fn skip_identical(mut self) -> Self {
        self.mode = InsertMode::SkipDuplicates;
        self.must_match = true;
        self
    }

    /// Leaves out what rows have that the table has not.
    pub const fn ignore_extra_fields(mut self) -> Self {
        self.ignore_extra_fields = true;
        self
    }

    /// Puts rows in the place of those that have their key.
    pub const fn replace(mut self) -> Self {
        self.mode = InsertMode::Replace;
        self.must_match = false;
        self
    }

    /// Takes rows for tables that `populate` fills, and for their parts.
    pub const fn allow_direct_insert(mut self) -> Self {
        self.allow_direct_insert = true;
        self
    }

    /// Takes values of codecs as they stand in tables: the JSON that describes an object, whether it is in its store or not.
    ///
    /// For those who bring the objects there themselves, as a copy of a database does. [`StoredRow`](crate::StoredRow) has rows
    /// in this form.
    pub const fn as_stored(mut self) -> Self {
        self.form = Form::Stored;
        self
    }

    /// True when rows that are there have to be looked for first.
    pub(crate) const fn looks_first(self, backend: Backend) -> bool {
        matches!(self.mode, InsertMode::SkipDuplicates)
            && (self.must_match || !backend.capability().has_conflict_target)
    }

    /// How rows are sent that were looked for first.
    ///
    /// One that came in between is passed over, where no unique index can hide a clash, and where it need not match.
    pub(crate) fn mode_after_look(self, table: &Table) -> InsertMode {
        if table.unique_indexes().next().is_some() || self.must_match { InsertMode::Plain } else { self.mode }
    }

    /// Fails for a table that `populate` fills, and for its parts, unless that is allowed, and for a table of others without
    /// a key where rows with the same key are passed over or replaced.
    pub(crate) fn check(self, table: &Table) -> Result<()> {
        crate::audit::check_kept(&table.name)?;
        let master = table
            .master
            .as_ref()
            .and_then(|master| datajoint_definition::tier_of(&master.table))
            .map(|(tier, _)| tier);
        let is_filled = [table.tier, master].into_iter().flatten().any(Tier::is_auto_populated);
        if is_filled && !self.allow_direct_insert {
            return Err(Error::AutoPopulated { table: table.name.clone() });
        }
        if self.mode != InsertMode::Plain && table.key_names().next().is_none() {
            return Err(Error::without_key(table, "none is known to be there already: insert them plainly"));
        }
        Ok(())
    }
}
