//! What failed, without what to do next: a failed transaction tells it as the reason of all that it refuses later.

use datajoint_definition::Diagnostic;
use datajoint_schema::TableName;

use super::{KeyValues, TooLong};
use crate::Error;

impl Error {
    /// The message without the next step, where that is one of its own.
    pub(crate) fn fact(&self) -> String {
        match self {
            Self::Adapter(source) => source.reason(),
            Self::Refused { verb, table, row, too_long, source } => {
                let row = refused_row(row, too_long.as_ref());
                format!("{verb} `{table}`{row} failed: {}", source.reason())
            }
            Self::Query { query, source } => format!("reading {query} failed: {}", source.reason()),
            Self::Duplicate { table, key, is_given_twice, .. } => duplicate(table, key, *is_given_twice),
            Self::NotUnique { table, attributes, values, .. } => not_unique(table, attributes, values),
            Self::MissingParent { table, parent, key, renamed, .. } => {
                missing_parent(table, parent, key, renamed)
            }
            other => other.to_string(),
        }
    }
}

pub(super) fn refused_row(row: &KeyValues, too_long: Option<&TooLong>) -> String {
    too_long.map_or_else(|| row.in_brackets(), |too_long| format!(" ({row}; {too_long})"))
}

pub(super) fn duplicate(table: &TableName, key: &KeyValues, is_given_twice: bool) -> String {
    let is_known = !key.is_empty();
    let key = key.in_brackets();
    if is_given_twice {
        format!("two of the rows given for `{table}` have the same key{key}")
    } else if !is_known {
        // The database told of no key, and can't be asked, or has none of those that were given.
        format!(
            "a row given for `{table}` has the key of another one, which is there already or was given, too"
        )
    } else {
        format!("`{table}` already has a row with this key{key}")
    }
}

pub(super) fn not_unique(table: &TableName, attributes: &[String], values: &KeyValues) -> String {
    let there = if values.is_empty() { String::new() } else { format!(": {values} is there already") };
    format!("`{table}` takes each value of its unique index on ({}) once{there}", attributes.join(", "))
}

pub(super) fn missing_parent(
    table: &TableName,
    parent: &TableName,
    key: &KeyValues,
    renamed: &[(String, String)],
) -> String {
    let key = if key.is_empty() { "a key given".to_owned() } else { key.to_string() };
    let pairs: Vec<String> =
        renamed.iter().map(|(parent, child)| format!("`{parent}` is `{child}` here")).collect();
    let renamed = if pairs.is_empty() { String::new() } else { format!(" ({})", pairs.join(", ")) };
    format!("`{table}` refers to `{parent}`, which has no row with {key}{renamed}")
}

/// The faults as a compiler shows them, each with its line.
pub(super) fn faults(definition: &str, faults: &[Diagnostic]) -> String {
    if !definition.is_empty() {
        let drawn: Vec<String> = faults.iter().map(|fault| fault.draw(definition, None)).collect();
        return format!("\n{}", drawn.join("\n"));
    }
    let text = |fault: &Diagnostic| match &fault.help {
        Some(help) => format!("{} ({help})", fault.message),
        None => fault.message.clone(),
    };
    format!(" {}", faults.iter().map(text).collect::<Vec<_>>().join("; "))
}
