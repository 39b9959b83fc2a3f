use datajoint_definition::{Backend, IndexItem, JsonType, count};
use datajoint_schema::{Attribute, Table};

use crate::backends::dialect;
use crate::fragment::{Fragment, push_placeholder};
use crate::{Error, Expression, Place, Result, Statement, Value, select};

/// What to do with rows that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum InsertMode {
    /// Fail.
    #[default]
    Plain,
    /// Leave the row that is there as it is.
    SkipDuplicates,
    /// Put the new row in its place.
    Replace,
}

/// How many values one statement can bind.
///
/// ```
/// use datajoint_definition::{Backend, IndexItem, JsonType, count};
///
/// assert_eq!(datajoint_sql::parameter_limit(Backend::Sqlite), 32_766);
/// ```
pub const fn parameter_limit(backend: Backend) -> usize {
    backend.capability().max_parameters
}

/// What begins to count the rows that an insert passes over in this session, and what tells how many these were.
///
/// `None` where the number of rows that such an insert changed is that of those it inserted. Elsewhere the client counts
/// those with them that were there.
pub fn passed_over(backend: Backend, mode: InsertMode) -> Option<[Statement; 2]> {
    if mode == InsertMode::SkipDuplicates { dialect(backend).passed_over() } else { None }
}

/// The text that inserts `rows` rows of these columns: one placeholder for each value, row by row.
///
/// Fails for columns that the table lacks. The text depends on its arguments alone, so that it can be prepared
/// once for many statements.
///
/// ```
/// # use std::sync::Arc;
/// # use datajoint_definition::{Backend, Tier, parse};
/// # use datajoint_schema::{Declaration, resolve};
/// use datajoint_sql::{InsertMode, insert};
///
/// # let (definition, _) = parse("scan : int8\n---\nnote='' : varchar(80)");
/// # let (scan, _) = resolve(&Declaration { schema: "lab", class_name: "Scan", tier: Tier::Manual,
/// #     definition: &definition, parents: &[], master: None });
/// let text = insert(Backend::Sqlite, &scan, &["scan"], 2, InsertMode::Plain)?;
/// assert_eq!(text, "INSERT INTO `lab.scan` (`scan`) VALUES (?), (?)");
/// # Ok::<_, datajoint_sql::Error>(())
/// ```
pub fn insert(
    backend: Backend,
    table: &Table,
    columns: &[&str],
    rows: usize,
    mode: InsertMode,
) -> Result<String> {
    let dialect = dialect(backend);
    let attributes = attributes(table, columns)?;
    let (verb, tail) = dialect.insert_mode(table, mode);
    let casts: Vec<String> =
        attributes.iter().map(|attribute| dialect.cast(Some(&table.name), attribute)).collect();
    let mut sql = format!("{verb} {}", dialect.table(&table.name));
    if columns.is_empty() {
        single(table, rows)?;
        sql.push_str(dialect.default_row());
    } else {
        sql.push_str(&column_list(backend, columns));
        sql.push_str(" VALUES ");
        let mut number = 0;
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            for (place, cast) in casts.iter().enumerate() {
                if place > 0 {
                    sql.push_str(", ");
                }
                number += 1;
                push_placeholder(backend, number, &mut sql);
                sql.push_str(cast);
            }
            sql.push(')');
        }
    }
    sql.push_str(&tail);
    Ok(sql)
}

/// What inserts these rows, whose values are [bound](crate::bind_value) already; cells may be [`Value::Default`].
///
/// Fails for columns that the table lacks, for rows of another length, and, on SQLite, for the default of an
/// attribute that has none.
pub fn insert_rows(
    backend: Backend,
    table: &Table,
    columns: &[&str],
    rows: Vec<Vec<Value>>,
    mode: InsertMode,
) -> Result<Statement> {
    let dialect = dialect(backend);
    let attributes = attributes(table, columns)?;
    if columns.is_empty() {
        return insert(backend, table, columns, rows.len(), mode).map(Statement::plain);
    }
    let (verb, tail) = dialect.insert_mode(table, mode);
    let mut sql = Fragment::text(format!(
        "{verb} {}{} VALUES ",
        dialect.table(&table.name),
        column_list(backend, columns)
    ));
    for (place, row) in rows.into_iter().enumerate() {
        if row.len() != columns.len() {
            let advice =
                format!("a row has {} for {}", count(row.len(), "value"), count(columns.len(), "column"));
            return Err(Error::Statement { table: table.name.clone(), advice });
        }
        sql.push(if place == 0 { "" } else { ", " });
        let mut cells = Vec::with_capacity(row.len());
        for (attribute, value) in attributes.iter().zip(row) {
            let mut cell = Fragment::default();
            if value == Value::Default {
                cell.push(&dialect.default(table, attribute)?);
            } else {
                cell.push_value(value);
                cell.push(&dialect.cast(Some(&table.name), attribute));
            }
            cells.push(cell);
        }
        sql.append(Fragment::join(cells, ", ").parenthesised());
    }
    sql.push(&tail);
    Ok(sql.into_statement(backend))
}

/// What inserts the result of a query, matching attributes by name; attributes that the table lacks are left out.
///
/// Fails when a part of the primary key is not in the query, and when an attribute of the table does not hold every value
/// of its type in the query: servers would round, cut or wrap some of them. Of expressions the type is not known.
pub fn insert_select(
    backend: Backend,
    table: &Table,
    expression: &Expression,
    mode: InsertMode,
) -> Result<Statement> {
    let dialect = dialect(backend);
    let query = select::rows_of(backend, expression, |name| table.heading.get(name).is_some())?;
    for attribute in query.attributes().filter(|attribute| crate::kind::has_known_type(attribute)) {
        if let Some(ours) = table.heading.get(&attribute.name)
            && !datajoint_schema::holds(&ours.attribute_type, &attribute.attribute_type)
        {
            return Err(Error::Narrower {
                table: Box::new(table.name.clone()),
                attribute: attribute.name.clone(),
                type_text: ours.type_text.clone(),
                source_type: attribute.type_text.clone(),
            });
        }
    }
    let columns: Vec<String> = query.attributes().map(|attribute| attribute.name.clone()).collect();
    if let Some(missing) = table
        .key_names()
        .find(|name| !datajoint_schema::is_hidden_name(name) && !columns.iter().any(|c| c == name))
    {
        return Err(Error::unknown(missing, Place::Inserted, columns.iter().map(String::as_str)));
    }
    check_places(table, &columns)?;
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let (verb, tail) = dialect.insert_mode(table, mode);
    let mut sql =
        Fragment::text(format!("{verb} {}{} ", dialect.table(&table.name), column_list(backend, &columns)));
    let mut query = query;
    if dialect.needs_condition_before_mode() && !tail.is_empty() && query.conditions.is_empty() {
        query.conditions.push(Fragment::text("TRUE"));
    }
    sql.append(select::render(backend, query));
    sql.push(&tail);
    Ok(sql.into_statement(backend))
}

/// Fails for columns with indexes on places of a type: what stands there is looked at in rows that a program has in hand alone.
fn check_places(table: &Table, columns: &[String]) -> Result<()> {
    for item in table.indexes.iter().flat_map(|index| &index.items) {
        if let IndexItem::JsonPath { attribute, returning: Some(kind), .. } = item
            && !matches!(kind, JsonType::Char(_))
            && columns.contains(attribute)
        {
            let advice = format!(
                "its index on `{item}` takes values of that type alone, and the rows of a query are not looked at one by one: \
                 insert what `fetch` gives"
            );
            return Err(Error::Statement { table: table.name.clone(), advice });
        }
    }
    Ok(())
}

/// The attributes of these columns, hidden ones too.
fn attributes<'a>(table: &'a Table, columns: &[&str]) -> Result<Vec<&'a Attribute>> {
    columns
        .iter()
        .map(|name| {
            table.heading.get(name).ok_or_else(|| {
                let known = table.heading.visible().map(|attribute| attribute.name.as_str());
                Error::unknown(name, Place::Table(table.name.clone()), known)
            })
        })
        .collect()
}

fn column_list(backend: Backend, columns: &[&str]) -> String {
    let names: Vec<String> = columns.iter().map(|name| dialect(backend).identifier(name)).collect();
    format!(" ({})", names.join(", "))
}

fn single(table: &Table, rows: usize) -> Result<()> {
    if rows == 1 {
        return Ok(());
    }
    let advice = "only one row can be inserted at a time that has defaults alone".to_owned();
    Err(Error::Statement { table: table.name.clone(), advice })
}
