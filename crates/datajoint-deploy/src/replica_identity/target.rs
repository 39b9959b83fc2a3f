//! What an operation is about: a schema or a table, by its type, as it was read, or by its name.

use datajoint_pipeline::typed::Table;
use datajoint_pipeline::{DynamicTable, Schema};
use datajoint_schema::TableName;

/// A schema, one table, or all that is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// All tables of a schema, as the program or the database calls it.
    Schema(String),
    /// One table, as `schema.table` or `schema.Class`.
    Table(String),
    /// The schemas of the settings.
    Configured,
}

impl Target {
    /// Returns the schemas, where they are named, and the one table.
    pub(crate) fn scope(self) -> (Option<Vec<String>>, Option<String>) {
        match self {
            Self::Schema(schema) => (Some(vec![schema]), None),
            Self::Table(table) => (None, Some(table)),
            Self::Configured => (None, None),
        }
    }
}

/// What can be a [`Target`]. The parameter tells names, what was read, and types apart; it is never written.
///
/// ```
/// use datajoint_deploy::{IntoTarget, Target};
///
/// assert_eq!("lab_ephys".into_target(), Target::Schema("lab_ephys".to_owned()));
/// assert_eq!("lab_ephys.Spikes".into_target(), Target::Table("lab_ephys.Spikes".to_owned()));
/// ```
pub trait IntoTarget<Kind> {
    /// Returns the target.
    fn into_target(self) -> Target;
}

/// By its name, or as it was read.
#[derive(Debug)]
#[non_exhaustive]
pub struct ByValue;

/// By its type.
#[derive(Debug)]
#[non_exhaustive]
pub struct ByType;

impl IntoTarget<ByValue> for Target {
    fn into_target(self) -> Target {
        self
    }
}

impl IntoTarget<ByValue> for &str {
    fn into_target(self) -> Target {
        if self.contains('.') { Target::Table(self.to_owned()) } else { Target::Schema(self.to_owned()) }
    }
}

impl IntoTarget<ByValue> for &String {
    fn into_target(self) -> Target {
        self.as_str().into_target()
    }
}

impl IntoTarget<ByValue> for &TableName {
    fn into_target(self) -> Target {
        Target::Table(self.to_string())
    }
}

impl IntoTarget<ByValue> for &Schema {
    fn into_target(self) -> Target {
        Target::Schema(self.name().to_owned())
    }
}

impl IntoTarget<ByValue> for &DynamicTable {
    fn into_target(self) -> Target {
        self.name().into_target()
    }
}

impl<T: Table> IntoTarget<ByType> for T {
    fn into_target(self) -> Target {
        let spec = T::spec();
        let master = spec.master.map(|master| master().class_name).unwrap_or_default();
        Target::Table(format!("{}.{master}{}", spec.schema, spec.class_name))
    }
}
