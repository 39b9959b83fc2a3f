use std::fmt;

use datajoint_schema::TableName;
use datajoint_sql::CarryingKey;

/// What was to be done to rows that foreign keys would have carried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Carried {
    /// A delete of rows that go alone.
    QuickDelete,
    /// A delete of rows with all that depends on them.
    Delete,
    /// A drop of tables with all that depends on them.
    Drop,
    /// A change of rows, by an update or a replacing insert.
    Update,
}

/// A change that foreign keys, or tables that inherit, would have carried on to rows of other tables, where nobody would have counted them or looked
/// at the stamps of their schemas. Nothing was done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CarriedOn {
    /// The table that was to be changed.
    pub table: TableName,
    /// What was to be done.
    pub what: Carried,
    /// The foreign keys.
    pub keys: Vec<CarryingKey>,
}

impl fmt::Display for CarriedOn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, what, keys } = self;
        let inherits = keys.iter().any(CarryingKey::inherits);
        let keys = keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        if inherits {
            return write!(
                formatter,
                "with rows of `{table}` the database itself would change rows of other tables, which nobody would count: by {keys}; \
                 take the inheritance away (ALTER TABLE … NO INHERIT …)"
            );
        }
        match what {
            Carried::QuickDelete => write!(
                formatter,
                "rows of `{table}` can't go alone: the database itself would change rows that refer to them, by {keys}; \
                 `delete` counts these, heeds the stamps of their schemas and takes them too, or alter the foreign key to \
                 ON DELETE RESTRICT"
            ),
            Carried::Delete | Carried::Drop => write!(
                formatter,
                "with `{table}` the database itself would change rows of tables that are none of a pipeline, or hidden, so that \
                 nobody would count them: by {keys}; alter the foreign key to ON DELETE RESTRICT, or drop it"
            ),
            Carried::Update => write!(
                formatter,
                "`{table}` can't be given other values there: the database itself would change rows that refer to them, by \
                 {keys}; leave these attributes as they are, or alter the foreign key to ON UPDATE RESTRICT"
            ),
        }
    }
}
