use datajoint_definition::{CoreType, DefaultValue};

use crate::jobs::{hidden, state};
use crate::{Attribute, Lineage, Table, TableName};

/// The table `~audit` of a schema: who did what to it, and when. Rows are added, and none is ever changed.
///
/// The key begins with the time, so that rows lie in its order; `entry` tells those of one millisecond apart.
pub fn audit_table(schema: &str) -> Table {
    let name = TableName::audit(schema);
    let empty = || DefaultValue::Value(String::new());
    let text = |attribute, length, written| state(attribute, (CoreType::Varchar(length), written), empty());
    let number = |attribute| state(attribute, (CoreType::Int64, "int64"), DefaultValue::Null);
    let time = (CoreType::DateTime { precision: Some(3) }, "datetime(3)");
    let mut attributes = vec![
        in_key(&name, state("time", time, DefaultValue::Required)),
        in_key(&name, state("entry", (CoreType::Uuid, "uuid"), DefaultValue::Required)),
        text("verb", 32, "varchar(32)"),
        text("outcome", 16, "varchar(16)"),
        text("object", 255, "varchar(255)"),
        number("row_count"),
        text("detail", 1000, "varchar(1000)"),
        text("plan", 64, "varchar(64)"),
        text("user", 255, "varchar(255)"),
        text("account", 255, "varchar(255)"),
        text("host", 255, "varchar(255)"),
        number("pid"),
        text("program", 255, "varchar(255)"),
        text("version", 64, "varchar(64)"),
    ];
    "UTC, by the clock of the server".clone_into(&mut attributes[0].comment);
    hidden(name, "Audit", "Who did what to the schema".to_owned(), attributes)
}

fn in_key(table: &TableName, mut attribute: Attribute) -> Attribute {
    attribute.in_key = true;
    attribute.lineage = Some(Lineage { table: table.clone(), attribute: attribute.name.clone() });
    attribute
}
