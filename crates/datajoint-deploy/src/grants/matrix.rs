//! Who can do what, as the server has it.

use std::collections::BTreeMap;
use std::fmt;

use datajoint_definition::Backend;
use datajoint_pipeline::Instance;
use datajoint_plan::Snapshot;
use serde::Serialize;

use crate::{DesiredState, Error, Result};

/// What a row of the matrix counts, in this order.
pub(super) const VERBS: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];

/// Who can do what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Matrix {
    /// One for each of the users and roles, and each of the schemas in which they can do something.
    pub rows: Vec<MatrixRow>,
}

/// What somebody can do in a schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MatrixRow {
    /// The user or role.
    pub who: String,
    /// The schema.
    pub schema: String,
    /// How many tables it has.
    pub tables: u64,
    /// In how many of them they can SELECT, INSERT, UPDATE, DELETE.
    pub can: BTreeMap<String, u64>,
    /// Whether they can declare tables there.
    pub declares: bool,
}

/// Who can do what in the schemas that are deployed, by whatever way they came to it: grants of their own, roles, or being
/// a superuser.
///
/// Fails on SQLite, which knows no users.
///
/// # Cancel safety
///
/// Dropped before its end, it has changed nothing.
pub async fn matrix(dj: &Instance, wanted: &DesiredState) -> Result<Matrix> {
    let mut snapshot = crate::deployment::snapshot(dj, wanted).await?;
    let rows = match snapshot.backend {
        Backend::Postgresql => postgres(&mut snapshot).await?,
        Backend::Mysql | Backend::Mariadb => super::mysql_matrix::rows(&mut snapshot).await?,
        Backend::Sqlite => {
            return Err(Error::Unsupported {
                operation: "a matrix of users",
                servers: "server",
                backend: snapshot.backend,
                help: "who may read the file may do everything with it",
            });
        }
    };
    snapshot.check_read()?;
    Ok(Matrix { rows })
}

async fn postgres(snapshot: &mut Snapshot) -> Result<Vec<MatrixRow>> {
    let counts: Vec<String> = VERBS
        .iter()
        .map(|verb| {
            format!(
                "pg_catalog.count(*) FILTER (WHERE pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE') \
                 AND pg_catalog.has_table_privilege(r.oid, c.oid, '{verb}'))"
            )
        })
        .collect();
    let sql = format!(
        "SELECT r.rolname::text, n.nspname::text, pg_catalog.count(*), pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE'), {} \
         FROM pg_roles r CROSS JOIN pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid \
         AND c.relkind IN ('r', 'p') WHERE r.rolname !~ '^pg_' AND n.nspname::text IN ({{}}) \
         GROUP BY r.oid, r.rolname, n.oid, n.nspname ORDER BY 1, 2",
        counts.join(", ")
    );
    let rows = snapshot.rows_of_schemas(&sql).await?;
    let counted = rows.iter().map(|row| {
        let number = |place: usize| u64::try_from(row.number(place)).unwrap_or_default();
        let can = VERBS.iter().enumerate().map(|(place, verb)| ((*verb).to_owned(), number(4 + place)));
        let (who, schema) = (row.text(0), row.text(1));
        MatrixRow { who, schema, tables: number(2), can: can.collect(), declares: row.truth(3) }
    });
    Ok(counted.filter(MatrixRow::says_something).collect())
}

impl MatrixRow {
    pub(super) fn says_something(&self) -> bool {
        self.declares || self.can.values().any(|count| *count > 0)
    }
}

impl fmt::Display for Matrix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |of: fn(&MatrixRow) -> &str, title: &str| {
            let widths = self.rows.iter().map(|row| of(row).chars().count());
            widths.chain([title.len()]).max().unwrap_or_default()
        };
        let (who, schema) = (width(|row| &row.who, "who"), width(|row| &row.schema, "schema"));
        write!(formatter, "{:who$}  {:schema$}  {:>6}", "who", "schema", "tables")?;
        for verb in VERBS {
            write!(formatter, "  {verb:>6}")?;
        }
        write!(formatter, "  declare")?;
        for row in &self.rows {
            write!(formatter, "\n{:who$}  {:schema$}  {:>6}", row.who, row.schema, row.tables)?;
            for verb in VERBS {
                let count = row.can.get(verb).copied().unwrap_or_default();
                let shown = match count {
                    0 => "-".to_owned(),
                    count if count == row.tables => "all".to_owned(),
                    count => count.to_string(),
                };
                write!(formatter, "  {shown:>6}")?;
            }
            write!(formatter, "  {:>7}", if row.declares { "yes" } else { "-" })?;
        }
        Ok(())
    }
}
