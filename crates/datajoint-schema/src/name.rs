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

    /// Returns the name of the table that keeps the lineage of a schema's attributes.
    pub fn lineage(schema: impl Into<String>) -> Self {
        Self::new(schema, "~lineage")
    }

    /// Returns the name of the table that keeps the jobs of this one: `~~` and its name without leading underscores.
    pub fn jobs(&self) -> Self {
        Self::new(&self.schema, format!("~~{}", self.table.trim_start_matches('_')))
    }

    /// Returns the name of the table beside a table of jobs that keeps how often these were tried.
    pub fn trials(&self) -> Self {
        Self::new(&self.schema, format!("~{}", self.table))
    }

    /// Returns the name of the table that keeps the leases of those who work on the jobs of a schema.
    pub fn workers(schema: impl Into<String>) -> Self {
        Self::new(schema, "~worker")
    }

    /// Returns the name of the table that keeps who did what to a schema.
    pub fn audit(schema: impl Into<String>) -> Self {
        Self::new(schema, "~audit")
    }

    /// True for tables that the library keeps for itself, and shows to nobody: their names begin with `~`.
    pub fn is_hidden(&self) -> bool {
        self.table.starts_with('~')
    }

    /// True for the tables `~~name` that keep the jobs of auto-populated tables, and those with their trials.
    pub fn is_jobs(&self) -> bool {
        self.table.starts_with("~~")
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
