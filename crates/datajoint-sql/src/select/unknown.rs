use super::query::{Column, Query};
use crate::{Error, Place, Result};

/// The column of this name.
pub(super) fn named<'a>(query: &'a Query, name: &str) -> Result<&'a Column> {
    query.column(name).ok_or_else(|| unknown_in(query, name))
}

/// A name that the query does not have, with those that it has.
pub(super) fn unknown_in(query: &Query, name: &str) -> Error {
    let place = match query.columns.first().and_then(Column::table_name) {
        Some(table) if query.columns.iter().all(|column| column.table_name() == Some(table)) => {
            Place::Table(table.clone())
        }
        _ => Place::query_of(query.columns.iter().filter_map(Column::table_name)),
    };
    Error::unknown(name, place, query.attributes().map(|attribute| attribute.name.as_str()))
}
