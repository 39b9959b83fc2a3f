//! What an attribute is missing in.

use std::fmt;

use datajoint_schema::TableName;

use crate::Expression;

/// What lacks an attribute: a table, or a query of some tables.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// A table, or rows of it.
    Table(TableName),
    /// A query of these tables.
    QueryOf(Vec<TableName>),
    /// A query of which no more is said.
    Query,
    /// The query of which the rows are inserted.
    Inserted,
}

impl Place {
    /// A query of tables, each of which is named once.
    pub(crate) fn query_of<'a>(tables: impl IntoIterator<Item = &'a TableName>) -> Self {
        let mut names: Vec<TableName> = Vec::new();
        for table in tables {
            if !names.contains(table) {
                names.push(table.clone());
            }
        }
        if names.is_empty() { Self::Query } else { Self::QueryOf(names) }
    }
}

/// Returns what a query is of, to name it where it lacks an attribute.
pub fn place(query: &Expression) -> Place {
    let (mut tables, mut rest, mut is_plain) = (Vec::new(), vec![query], true);
    while let Some(next) = rest.pop() {
        match next {
            Expression::Table(table) => tables.push(&table.name),
            Expression::Restrict { from, .. } | Expression::Top { from, .. } => rest.push(from),
            Expression::Project { from, .. } | Expression::Unique { from, .. } => {
                is_plain = false;
                rest.push(from);
            }
            Expression::GroupBy { of, .. } => {
                is_plain = false;
                rest.push(of);
            }
            Expression::Join { left, right, .. }
            | Expression::Extend { left, right }
            | Expression::Union { left, right }
            | Expression::Aggregate { groups: left, of: right, .. } => rest.extend([&**right, &**left]),
        }
    }
    match tables.as_slice() {
        [table] if is_plain => Place::Table((*table).clone()),
        _ => Place::query_of(tables),
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(table) => write!(formatter, "`{table}`"),
            Self::QueryOf(tables) => {
                let names: Vec<String> = tables.iter().map(|table| format!("`{table}`")).collect();
                match names.as_slice() {
                    [names @ .., last] if !names.is_empty() => {
                        write!(formatter, "the query of {} and {last}", names.join(", "))
                    }
                    names => write!(formatter, "the query of {}", names.concat()),
                }
            }
            Self::Query => formatter.write_str("the query"),
            Self::Inserted => formatter.write_str("the query to be inserted"),
        }
    }
}
