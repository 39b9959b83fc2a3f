//! What several commands are told: schemas, tables, rows.

use clap::Args;
use datajoint::{
    Condition, DynamicRow, DynamicTable, FoundSchemas, Instance, Query, Relation as _, Schema, sql,
};

use crate::output::warn;
use crate::text;

/// The schemas that are named; without any, those with the prefix of the settings that have tables.
pub(crate) async fn schemas(dj: &Instance, named: &[String]) -> Result<FoundSchemas, String> {
    if named.is_empty() {
        let mut found = dj.find_schemas(&dj.settings().database.database_prefix).await.map_err(text)?;
        found.schemas.retain(|schema| !schema.list_tables().is_empty());
        return Ok(found);
    }
    let mut found = FoundSchemas::default();
    for name in named {
        found.schemas.push(dj.schema(&dj.schema_name(name)).await.map_err(text)?);
    }
    Ok(found)
}

/// The same for a command whose output has no place for findings: they are told on the standard error.
pub(crate) async fn schemas_alone(dj: &Instance, named: &[String]) -> Result<Vec<Schema>, String> {
    let found = schemas(dj, named).await?;
    found.findings.iter().for_each(warn);
    Ok(found.schemas)
}

/// The table of `schema.Class` or `schema.table`.
pub(crate) async fn table(dj: &Instance, name: &str) -> Result<DynamicTable, String> {
    let name = match name.split_once('.') {
        Some((schema, table)) => format!("{}.{table}", dj.schema_name(schema)),
        None => name.to_owned(),
    };
    dj.table(&name).await.map_err(text)
}

/// Conditions of SQL.
#[derive(Args)]
pub(crate) struct Conditions {
    /// Only rows that meet this condition of SQL; may be given several times.
    #[arg(long = "where", value_name = "CONDITION")]
    conditions: Vec<String>,
}

impl Conditions {
    /// The same as queries have them.
    pub(crate) fn all(&self) -> Vec<Condition> {
        self.conditions.iter().map(|condition| sql(condition, [0; 0])).collect()
    }
}

/// Which rows of a table are meant.
#[derive(Args)]
pub(crate) struct Rows {
    #[command(flatten)]
    conditions: Conditions,
    /// Only rows that match a row of this table; may be given several times.
    #[arg(long, value_name = "TABLE")]
    matching: Vec<String>,
    /// Only rows that match no row of this table; may be given several times.
    #[arg(long, value_name = "TABLE")]
    without: Vec<String>,
}

impl Rows {
    /// True when all rows are meant.
    pub(crate) fn is_all(&self) -> bool {
        self.conditions.conditions.is_empty() && self.matching.is_empty() && self.without.is_empty()
    }

    /// The rows of a query that are meant.
    pub(crate) async fn of(
        &self,
        dj: &Instance,
        mut query: Query<DynamicRow>,
    ) -> Result<Query<DynamicRow>, String> {
        for condition in self.conditions.all() {
            query = query.restrict(condition);
        }
        for name in &self.matching {
            query = query.restrict(&table(dj, name).await?);
        }
        for name in &self.without {
            query = query.antijoin(&table(dj, name).await?);
        }
        Ok(query)
    }
}
