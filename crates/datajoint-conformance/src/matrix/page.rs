//! The page of the guide, from the table.

use std::fmt::Write as _;

use datajoint::{Backend, Tier, Value};
use datajoint_definition::{AttributeType, parse};
use datajoint_schema::{Attribute, Declaration, Table, resolve};
use datajoint_sql::{bind_value, column_type, decimal_number};

use super::line::Line;
use super::table::lines;

const BEGINNING: &str = "\
# Types and values in each database

This page is generated from the values that the tests write into every database and read back, in every way: typed and
dynamic rows, JSON, CSV, Arrow, Parquet, restrictions, lists, keys, defaults, and copies from each database to each other
one. A value comes back as it was given, or is an error that names the table, the row, the attribute and the value.
[Types](types.md) shows how to use the types.

## Columns and Rust types

An attribute that may be null is an `Option` of the Rust type. `types(..)` takes [types of your
own](types.md#types-of-your-own). A dash means that the database has no such type.

| type | Rust | MySQL and MariaDB | PostgreSQL | SQLite |
|---|---|---|---|---|
";

const VALUES: &str = "
## Values at the limits

The values in the last column are refused: by every database, or by those in parentheses. All other values come back.
Decimals and unsigned integers are compared by their value: `1.5` comes back as `1.500` from a `decimal(15,3)`. Blanks at
the end of a `char(n)` are not part of the string. PostgreSQL and MySQL keep the sign of a zero; within JSON all but
PostgreSQL do. A JSON document has at most 100 lists and objects within each other, 31 on MariaDB. Reading one of another
program with more than 126 is an error that names the row.

| type | accepted | refused |
|---|---|---|
";

const END: &str = "
## Tables made by other programs

A column may hold a value that its Rust type can't: `0000-00-00` on MySQL and MariaDB, `infinity` in a date and `NaN` in a
`numeric` on PostgreSQL. Reading such a row is an error that names the table, the key, the attribute and the value. Leave
the attribute out of the query to read the rest, or correct the row in SQL. Years before 1 can be read but not written. A
`time` below zero or above a day is read as `chrono::TimeDelta`, and a decimal of more than 28 digits as
`bigdecimal::BigDecimal`. Declare such an attribute with `types(at = TimeDelta)` in `#[table]`.
";

/// Returns the page of the guide on what maps to what.
pub fn what_maps_to_what() -> String {
    let lines = lines();
    let mut page = BEGINNING.to_owned();
    for line in &lines {
        let table = resolved(line);
        let attribute = attribute(&table);
        let [mysql, postgresql, sqlite] =
            [Backend::Mysql, Backend::Postgresql, Backend::Sqlite].map(|backend| {
                let has_it = line.backends.contains(&backend);
                let column = column_type(backend, &table, attribute).ok().filter(|_| has_it);
                column.map_or_else(|| "–".to_owned(), |column| column_of(backend, attribute, &column))
            });
        let rust = line.rust.replace(' ', "");
        let rust =
            if rust.ends_with("LetterV") { "a generated enum".to_owned() } else { format!("`{rust}`") };
        writeln!(page, "| `{}` | {rust} | {mysql} | {postgresql} | {sqlite} |", line.type_text).unwrap();
    }
    page.push_str(VALUES);
    for line in &lines {
        let table = resolved(line);
        let (mut kept, mut refused) = (Vec::new(), Vec::new());
        for value in line.values.iter().filter(|value| **value != Value::Null) {
            let refuses =
                |backend: &&Backend| bind_value(**backend, attribute(&table), value.clone()).is_err();
            let by: Vec<Backend> = line.backends.iter().filter(refuses).copied().collect();
            let shown = shown(value);
            match by.len() {
                0 => kept.push(shown),
                count if count == line.backends.len() => refused.push(shown),
                _ => refused.push(format!(
                    "{shown} ({})",
                    by.iter().map(|backend| name(*backend)).collect::<Vec<_>>().join(", ")
                )),
            }
        }
        kept.dedup();
        refused.dedup();
        writeln!(page, "| `{}` | {} | {} |", line.type_text, kept.join(", "), refused.join(", ")).unwrap();
    }
    page.push_str(END);
    page
}

fn resolved(line: &Line) -> std::sync::Arc<Table> {
    let (definition, _) = parse(line.spec.definition);
    let declaration = Declaration {
        schema: "lab",
        class_name: line.spec.class_name,
        tier: Tier::Manual,
        definition: &definition,
        parents: &[],
        master: None,
    };
    resolve(&declaration).0.into()
}

fn attribute(table: &Table) -> &Attribute {
    table.heading.get("v").unwrap()
}

fn column_of(backend: Backend, attribute: &Attribute, column: &str) -> String {
    let is_enum =
        attribute.type_text.starts_with("enum") && matches!(attribute.attribute_type, AttributeType::Core(_));
    if is_enum && backend == Backend::Postgresql {
        "a type of its own".to_owned()
    } else {
        format!("`{column}`")
    }
}

const fn name(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "SQLite",
        Backend::Mysql => "MySQL",
        Backend::Mariadb => "MariaDB",
        Backend::Postgresql => "PostgreSQL",
    }
}

/// A value as the page has it.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => "null".to_owned(),
        Value::Default => "the default".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Float32(number) => format!("{number:?}"),
        Value::Float64(number) => format!("{number:?}"),
        Value::Decimal(_) | Value::BigDecimal(_) => {
            decimal_number(value).map(|number| number.to_plain_string()).unwrap_or_default()
        }
        Value::Duration(span) => datajoint_sql::show_span(*span),
        Value::Text(text) => format!("{text:?}"),
        Value::Bytes(bytes) => return datajoint_definition::count(bytes.len(), "byte"),
        Value::Date(date) => date.to_string(),
        Value::Time(time) => time.to_string(),
        Value::DateTime(moment) => moment.to_string(),
        Value::Uuid(uuid) => uuid.to_string(),
        Value::Json(document) => document.to_string(),
    };
    let escaped: String = text
        .chars()
        .flat_map(|character| match character {
            '|' => "\\|".chars().collect::<Vec<_>>(),
            character if character.is_control() || character == '\u{2028}' || character == '\u{feff}' => {
                character.escape_unicode().collect()
            }
            character => vec![character],
        })
        .collect();
    format!("`{escaped}`")
}
