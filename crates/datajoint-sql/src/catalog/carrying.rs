//! Foreign keys, and tables that inherit, by which the database itself changes rows.

use std::fmt;

use datajoint_definition::Backend;
use datajoint_schema::TableName;

use super::rows::Cells;
use crate::backends::dialect;
use crate::{Error, Result, Scope, Statement, Value};

/// What is done to rows that others refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReferredChange {
    /// They are deleted.
    Delete,
    /// They are given other values where others refer to.
    Update,
}

impl fmt::Display for ReferredChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Delete => "ON DELETE",
            Self::Update => "ON UPDATE",
        })
    }
}

/// What the database then does to the rows that refer to them, without a word to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReferenceAction {
    /// The same.
    Cascade,
    /// They refer to nothing any more.
    SetNull,
    /// They refer to what the defaults of their columns say.
    SetDefault,
    /// The same, since they are rows of the table too: theirs inherits from it.
    Inherits,
}

impl fmt::Display for ReferenceAction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
            Self::Inherits => "INHERITS",
        })
    }
}

impl ReferenceAction {
    fn of(word: &str) -> Option<Self> {
        [Self::Cascade, Self::SetNull, Self::SetDefault, Self::Inherits]
            .into_iter()
            .find(|action| action.to_string() == word)
    }
}

/// A foreign key by which the database itself changes rows of a table when those that they refer to are changed.
///
/// Definitions have none that does so when rows are deleted; other programs may make some. A table of PostgreSQL that inherits
/// from another one is told in the same way, with [`ReferenceAction::Inherits`] and without columns.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CarryingKey {
    /// Its name; none where the backend does not tell it.
    pub name: Option<String>,
    /// The table that refers, as `schema.table`, which need not be one of a pipeline.
    pub child: String,
    /// The columns that refer.
    pub columns: Vec<String>,
    /// The table that is referred to.
    pub parent: TableName,
    /// The columns that are referred to.
    pub parent_columns: Vec<String>,
    /// When the database does something.
    pub change: ReferredChange,
    /// What it does.
    pub action: ReferenceAction,
}

impl CarryingKey {
    /// True for a table that inherits, whose rows are rows of its parent as well.
    pub fn inherits(&self) -> bool {
        self.action == ReferenceAction::Inherits
    }
}

impl fmt::Display for CarryingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, child, columns, change, action, .. } = self;
        if self.inherits() {
            return write!(formatter, "the table `{child}`, which inherits from it");
        }
        write!(formatter, "the foreign key ")?;
        if let Some(name) = name {
            write!(formatter, "`{name}` ")?;
        }
        write!(formatter, "({}) of `{child}` ({change} {action})", columns.join(", "))
    }
}

/// The query for the [`CarryingKey`]s of any table of the database that refer to these tables.
///
/// On MySQL and MariaDB, those of tables on which the user has no privilege are not among its rows.
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_sql::{ReferredChange, carrying_keys};
///
/// let query = carrying_keys(Backend::Postgresql, ReferredChange::Delete, &["lab".to_owned()]);
/// assert!(query.sql.contains("confdeltype"));
/// ```
pub fn carrying_keys<'a>(
    backend: Backend,
    change: ReferredChange,
    parents: impl Into<Scope<'a>>,
) -> Statement {
    dialect(backend).carrying_query(change, parents.into()).into_statement(backend)
}

/// The foreign keys that [`carrying_keys`] found. Fails when rows are not as expected.
pub fn read_carrying_keys(
    backend: Backend,
    change: ReferredChange,
    rows: &[Vec<Value>],
) -> Result<Vec<CarryingKey>> {
    const QUERY: &str = "carrying keys";
    let mut keys: Vec<CarryingKey> = Vec::new();
    for row in rows {
        let mut cells = Cells::new(backend, QUERY, row, 9)?;
        let (schema, table, name) = (cells.optional()?, cells.text()?, cells.optional()?);
        let child = schema.map_or_else(|| table.clone(), |schema| format!("{schema}.{table}"));
        let position = cells.text()?;
        let (column, parent) = (cells.text()?, TableName::new(cells.text()?, cells.text()?));
        let (parent_column, word) = (cells.text()?, cells.text()?);
        let action = ReferenceAction::of(&word).ok_or_else(|| Error::Catalog {
            backend,
            query: QUERY,
            detail: format!("`{word}` instead of what a foreign key does"),
        })?;
        match keys.last_mut() {
            Some(key) if position != "1" => {
                key.columns.push(column);
                key.parent_columns.push(parent_column);
            }
            _ => keys.push(CarryingKey {
                name,
                child,
                columns: vec![column],
                parent,
                parent_columns: vec![parent_column],
                change,
                action,
            }),
        }
    }
    Ok(keys)
}
