use std::collections::BTreeSet;

use datajoint_schema::TableName;

use crate::Value;
use crate::fragment::Fragment;

/// The tables that are read of a catalog.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'a> {
    /// All tables of these schemas.
    Schemas(&'a [String]),
    /// The tables of these names.
    Tables(&'a [TableName]),
}

impl<'a> From<&'a [String]> for Scope<'a> {
    fn from(schemas: &'a [String]) -> Self {
        Self::Schemas(schemas)
    }
}

impl<'a> From<&'a Vec<String>> for Scope<'a> {
    fn from(schemas: &'a Vec<String>) -> Self {
        Self::Schemas(schemas)
    }
}

impl<'a, const N: usize> From<&'a [String; N]> for Scope<'a> {
    fn from(schemas: &'a [String; N]) -> Self {
        Self::Schemas(schemas)
    }
}

impl<'a> From<&'a [TableName]> for Scope<'a> {
    fn from(tables: &'a [TableName]) -> Self {
        Self::Tables(tables)
    }
}

impl<'a> Scope<'a> {
    /// The condition on the columns that name the schema of a table and the table.
    pub(crate) fn of(self, schema: &str, table: &str) -> Fragment {
        let tables = match self {
            Self::Tables(tables) => tables,
            Self::Schemas(schemas) => {
                let mut sql = Fragment::text(format!("{schema} IN "));
                sql.append(list(schemas.iter().map(String::as_str)));
                return sql;
            }
        };
        let schemas: BTreeSet<&str> = tables.iter().map(|table| table.schema.as_str()).collect();
        let parts = schemas.into_iter().map(|name| {
            let mut sql = Fragment::text(format!("{schema} = "));
            sql.push_value(Value::Text(name.to_owned()));
            sql.push(&format!(" AND {table} IN "));
            sql.append(list(self.within(name)));
            sql
        });
        if tables.is_empty() {
            Fragment::text("FALSE")
        } else {
            Fragment::join(parts, " OR ").parenthesised()
        }
    }

    /// The names of the tables of a schema; `None` for all.
    pub(super) fn tables(self, schema: &'a str) -> Option<Vec<&'a str>> {
        matches!(self, Self::Tables(_)).then(|| self.within(schema).collect())
    }

    fn within(self, schema: &'a str) -> impl Iterator<Item = &'a str> {
        let tables = match self {
            Self::Schemas(_) => &[],
            Self::Tables(tables) => tables,
        };
        tables.iter().filter(move |table| table.schema == schema).map(|table| table.table.as_str())
    }
}

/// `(?, ?)`, with the names bound; `(NULL)` for none, as empty lists are no SQL.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>) -> Fragment {
    let values: Vec<Fragment> = names
        .map(|name| {
            let mut value = Fragment::default();
            value.push_value(Value::Text(name.to_owned()));
            value
        })
        .collect();
    if values.is_empty() {
        return Fragment::text("(NULL)");
    }
    Fragment::join(values, ", ").parenthesised()
}
