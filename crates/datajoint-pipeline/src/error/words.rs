//! What several errors say.

use datajoint_schema::TableName;

use super::KeyValues;

pub(super) fn duplicate_text(table: &TableName, key: &KeyValues, is_given_twice: bool) -> String {
    let advice = if is_given_twice {
        "give each row once, or pass over the others with `InsertOptions::skip_duplicates`"
    } else {
        "pass over such rows with `InsertOptions::skip_duplicates`, or change them with `update_one`"
    };
    format!("{}: {advice}", super::fact::duplicate(table, key, is_given_twice))
}

/// What makes tables that a client may not declare.
pub(super) fn way_to_declare(tables: &[TableName]) -> &'static str {
    if tables.iter().all(|table| *table == TableName::audit(&table.schema)) {
        return "a deployment with `audit = true` declares the tables in which changes are noted (`guard.audit` is on), and its `grants` let roles \
                add to them";
    }
    if tables.iter().all(TableName::is_hidden) {
        return "a deployment with `job_queues = true` declares the queues of jobs";
    }
    "run the program or `declare` once with it on, as a user who may create tables, or allow it for one schema with \
     `Instance::with_create_tables`"
}

pub(super) fn names_text(tables: &[TableName]) -> String {
    tables.iter().map(|table| format!("`{table}`")).collect::<Vec<_>>().join(", ")
}
