//! Places within JSON documents, as `datajoint-definition` reads them.

use datajoint_definition::{Backend, IndexItem, JsonPath, JsonType};
use datajoint_schema::Table;

use crate::dialect::Dialect;
use crate::{Error, Result};

/// Returns the place that a string writes, such as `doc.list[0].name:char(20)`. Fails for what is none, naming it and what
/// may stand there.
pub(crate) fn place(text: &str) -> Result<JsonPath> {
    let text = text.trim();
    JsonPath::parse(text).map_err(|advice| Error::Place { place: text.to_owned(), advice })
}

/// Returns the place of a part of an index. Fails for what is none, and for one that a database can't index.
pub(crate) fn of_index(dialect: &dyn Dialect, table: &Table, item: &IndexItem) -> Result<JsonPath> {
    let refused = |advice| Error::Declaration { table: table.name.clone(), advice };
    let place = place(&item.to_string()).map_err(|error| refused(format!("in an index, {error}")))?;
    match dialect.json_index_fault(place.returning) {
        Some(fault) => Err(refused(format!("in its index on `{item}`: {fault}"))),
        None => Ok(place),
    }
}

/// Returns what a table with unique indexes on strings checks: a longer one than they hold would be in none of them, or be
/// taken for another one with the same beginning. Fails as [`of_index`] does, for each index.
pub(crate) fn checks(dialect: &dyn Dialect, table: &Table) -> Result<Vec<String>> {
    let mut checks = Vec::new();
    for index in &table.indexes {
        for item in index.items.iter().filter(|item| matches!(item, IndexItem::JsonPath { .. })) {
            let place = of_index(dialect, table, item)?;
            let longest = dialect.json_longest(place.returning).filter(|_| index.unique);
            checks.extend(longest.map(|most| format!("CHECK ({} <= {most})", dialect.json_length(&place))));
        }
    }
    Ok(checks)
}

/// Returns how many letters a unique index on a place of this type takes at most; `None` for any number.
///
/// ```
/// use datajoint_definition::{Backend, JsonType};
/// use datajoint_sql::longest_at_place;
///
/// assert_eq!(longest_at_place(Backend::Postgresql, Some(JsonType::Char(Some(20)))), Some(20));
/// assert_eq!(longest_at_place(Backend::Postgresql, None), None);
/// assert_eq!(longest_at_place(Backend::Mysql, None), Some(512));
/// ```
pub fn longest_at_place(backend: Backend, returning: Option<JsonType>) -> Option<u32> {
    crate::backends::dialect(backend).json_longest(returning)
}

/// Returns the steps as every backend but PostgreSQL writes them after the document's `$`: `.a."b c"[0]`.
pub(crate) fn way(place: &JsonPath) -> String {
    place.way_with(is_identifier)
}

/// True for a name that needs no quotes on any server.
fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}
