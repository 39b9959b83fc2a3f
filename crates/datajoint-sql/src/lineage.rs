use datajoint_definition::Backend;
use datajoint_schema::{Table, TableName, lineage_rows};

use crate::backends::dialect;
use crate::fragment::Fragment;
use crate::{Statement, Value};

/// What creates the table `~lineage` of a schema, unless it is there.
pub fn create_lineage_table(backend: Backend, schema: &str) -> Vec<Statement> {
    dialect(backend).create_lineage_table(schema)
}

/// What brings the rows of `~lineage` for a table up to date: the old ones go, the new ones come.
///
/// Run it in a transaction where others may read at the same time.
pub fn replace_lineage(backend: Backend, table: &Table) -> Vec<Statement> {
    let mut statements = delete_lineage(backend, &table.name);
    let rows = lineage_rows(table).into_iter().map(|row| {
        let values = [row.table_name, row.attribute_name, row.lineage].map(|text| {
            let mut value = Fragment::default();
            value.push_value(Value::Text(text));
            value
        });
        Fragment::join(values, ", ").parenthesised()
    });
    let rows: Vec<Fragment> = rows.collect();
    if rows.is_empty() {
        return statements;
    }
    let dialect = dialect(backend);
    let columns = ["table_name", "attribute_name", "lineage"].map(|name| dialect.identifier(name));
    let mut insert = Fragment::text(format!(
        "INSERT INTO {} ({}) VALUES ",
        lineage_table(backend, &table.name),
        columns.join(", ")
    ));
    insert.append(Fragment::join(rows, ", "));
    // Python may declare the same table at the same time.
    insert.push(dialect.replaces_lineage());
    statements.push(insert.into_statement(backend));
    statements
}

/// What removes the rows of `~lineage` for a table.
pub fn delete_lineage(backend: Backend, table: &TableName) -> Vec<Statement> {
    let column = dialect(backend).identifier("table_name");
    let mut delete =
        Fragment::text(format!("DELETE FROM {} WHERE {column} = ", lineage_table(backend, table)));
    delete.push_value(Value::Text(table.table.clone()));
    vec![delete.into_statement(backend)]
}

fn lineage_table(backend: Backend, table: &TableName) -> String {
    dialect(backend).table(&TableName::lineage(&table.schema))
}
