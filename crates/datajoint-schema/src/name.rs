use std::fmt;

/// The full name of a table: its database schema and its name there, both without quotes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    /// The database schema: `lab_ephys`.
    pub schema: String,
    /// The table in it, with the prefix of its tier: `__spikes`.
    pub table: String,
}

impl TableName {
    /// The table `table` of the schema `schema`.
    pub fn new(schema: impl Into<String>, table: impl Into<String>) -> Self {
        Self { schema: schema.into(), table: table.into() }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.schema, self.table)
    }
}

/// Where an attribute was first declared; attributes of one lineage mean the same thing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lineage {
    /// The table that declared it.
    pub table: TableName,
    /// Its name there.
    pub attribute: String,
}

impl fmt::Display for Lineage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.table, self.attribute)
    }
}
