//! The replica identity that each table has, as the catalog says.

use std::fmt;

use datajoint_plan::Snapshot;
use datajoint_schema::TableName;

use super::Mode;
use crate::Result;

/// How a table stands.
pub(crate) struct Observed {
    pub(crate) name: TableName,
    pub(crate) identity: Identity,
    /// Whether what is written to it is logged.
    pub(crate) is_logged: bool,
    /// The table that it is a partition of, at the top.
    pub(crate) root: Option<TableName>,
}

/// The replica identity that a table has, or will have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    Default,
    Full,
    Nothing,
    /// By the name of the index, or by its attributes.
    Index(String),
    /// The index that it names is gone: the server takes that for none, and updates of what is published fail.
    Broken,
}

impl Identity {
    /// As the catalog has it: a letter, and the index, where there is one.
    fn of_catalog(letter: &str, index: Option<String>) -> Self {
        match (letter, index) {
            ("d", _) => Self::Default,
            ("f", _) => Self::Full,
            ("n", _) => Self::Nothing,
            (_, Some(index)) => Self::Index(index),
            (_, None) => Self::Broken,
        }
    }
}

impl From<Mode> for Identity {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Default => Self::Default,
            Mode::Full => Self::Full,
            Mode::Nothing => Self::Nothing,
            Mode::Index(names) => Self::Index(names.join(", ")),
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::Full => formatter.write_str("full"),
            Self::Nothing => formatter.write_str("nothing"),
            Self::Index(index) => write!(formatter, "index {index}"),
            Self::Broken => formatter.write_str("an index that was dropped"),
        }
    }
}

/// Reads the tables of the deployed schemas, with the partitions that they have anywhere.
pub(crate) async fn observe(snapshot: &mut Snapshot) -> Result<Vec<Observed>> {
    let schemas = snapshot.schemas.clone();
    observe_in(snapshot, &schemas).await
}

/// The same for these schemas.
pub(crate) async fn observe_in(snapshot: &mut Snapshot, schemas: &[String]) -> Result<Vec<Observed>> {
    let sql = "WITH RECURSIVE tree AS ( \
               SELECT c.oid, n.nspname::text AS root_schema, c.relname::text AS root_name, 0 AS depth FROM pg_class c \
               JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') \
               AND c.relname NOT LIKE '~%' AND NOT c.relispartition AND n.nspname::text IN ({}) UNION ALL \
               SELECT i.inhrelid, t.root_schema, t.root_name, t.depth + 1 FROM tree t JOIN pg_inherits i \
               ON i.inhparent = t.oid JOIN pg_class p ON p.oid = t.oid AND p.relkind = 'p') \
               SELECT n.nspname::text, c.relname::text, c.relreplident::text, ic.relname::text, \
               c.relpersistence::text, CASE WHEN t.depth > 0 THEN t.root_schema END, t.root_name \
               FROM tree t JOIN pg_class c ON c.oid = t.oid JOIN pg_namespace n ON n.oid = c.relnamespace \
               LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisreplident \
               LEFT JOIN pg_class ic ON ic.oid = i.indexrelid ORDER BY 1, 2";
    let rows = snapshot.rows_of(sql, schemas).await?;
    let observed = rows.iter().map(|row| Observed {
        name: TableName::new(row.text(0), row.text(1)),
        identity: Identity::of_catalog(&row.text(2), row.maybe(3)),
        is_logged: row.text(4) == "p",
        root: row.maybe(5).map(|schema| TableName::new(schema, row.text(6))),
    });
    Ok(observed.collect())
}
