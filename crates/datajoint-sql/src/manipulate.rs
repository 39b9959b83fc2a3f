use std::sync::Arc;

use datajoint_definition::{AttributeType, Backend, CoreType, JsonPath, JsonType, NativeCategory, Store};
use datajoint_schema::Table;

use crate::backends::dialect;
use crate::fragment::Fragment;
use crate::select::{Lower, append_conditions};
use crate::{Condition, Error, Place, Result, Statement, Value, bind_value};

/// What deletes the rows of one table that meet a condition; nothing cascades.
///
/// Fails for attributes that the table lacks.
///
/// ```
/// # use std::sync::Arc;
/// # use datajoint_definition::{Backend, Tier, parse};
/// # use datajoint_schema::{Declaration, resolve};
/// use datajoint_sql::{Condition, delete};
///
/// # let (definition, _) = parse("scan : int8\n---\nnote='' : varchar(80)");
/// # let (scan, _) = resolve(&Declaration { schema: "lab", class_name: "Scan", tier: Tier::Manual,
/// #     definition: &definition, parents: &[], master: None });
/// let statement = delete(Backend::Mysql, &scan, &Condition::IsNull("note".into()))?;
/// assert_eq!(statement.sql, "DELETE `lab`.`scan` FROM `lab`.`scan` WHERE `note` IS NULL");
/// # Ok::<_, datajoint_sql::Error>(())
/// ```
pub fn delete(backend: Backend, table: &Table, condition: &Condition) -> Result<Statement> {
    let query = Lower::new(backend).target(&Arc::new(table.clone()), condition)?;
    let name = dialect(backend).table(&table.name);
    // MariaDB makes a join of a condition with a subquery only in the form of a delete from several tables.
    let target = if backend.capability().has_delete_target { format!("{name} ") } else { String::new() };
    let mut sql = Fragment::text(format!("DELETE {target}FROM {name}"));
    append_conditions(backend, &mut sql, query.conditions);
    sql.into_query(backend)
}

/// The keys of the rows of a table that meet a condition, hidden attributes included; nothing but `1` for a table
/// without a key.
///
/// With `lock` they are locked until the transaction ends, so that nobody changes them or comes to refer to one of them.
/// On SQLite a writer is alone anyway.
pub fn key_rows(backend: Backend, table: &Table, condition: &Condition, lock: bool) -> Result<Statement> {
    let query = Lower::new(backend).target(&Arc::new(table.clone()), condition)?;
    let dialect = dialect(backend);
    let keys: Vec<String> = table.key_names().map(|name| dialect.identifier(name)).collect();
    let keys = if keys.is_empty() { "1".to_owned() } else { keys.join(", ") };
    let mut sql = Fragment::text(format!("SELECT {keys} FROM {}", dialect.table(&table.name)));
    append_conditions(backend, &mut sql, query.conditions);
    if lock && backend.capability().has_row_locks {
        sql.push(" FOR UPDATE");
    }
    sql.into_query(backend)
}

/// How many rows of a table meet a condition, and what they hold: one row of four numbers.
///
/// These are the rows, the bytes of their blobs in the table, the objects in stores that they speak of, and the bytes
/// of these objects as far as the rows know them.
///
/// Fails for attributes that the table lacks.
///
/// ```
/// # use std::sync::Arc;
/// # use datajoint_definition::{Backend, Tier, parse};
/// # use datajoint_schema::{Declaration, resolve};
/// use datajoint_sql::{Condition, weigh};
///
/// # let (definition, _) = parse("scan : int8\n---\nimage : <blob>");
/// # let (scan, _) = resolve(&Declaration { schema: "lab", class_name: "Scan", tier: Tier::Manual,
/// #     definition: &definition, parents: &[], master: None });
/// let statement = weigh(Backend::Mysql, &scan, &Condition::Constant(true))?;
/// assert_eq!(
///     statement.sql,
///     "SELECT count(*), coalesce(sum(coalesce(octet_length(`image`), 0)), 0), 0, 0 FROM `lab`.`scan`",
/// );
/// # Ok::<_, datajoint_sql::Error>(())
/// ```
pub fn weigh(backend: Backend, table: &Table, condition: &Condition) -> Result<Statement> {
    let query = Lower::new(backend).target(&Arc::new(table.clone()), condition)?;
    let dialect = dialect(backend);
    let total = |is_meant: fn(&AttributeType) -> bool, measure: &dyn Fn(&str) -> String| {
        let meant = table.heading.all().iter().filter(|attribute| is_meant(&attribute.attribute_type));
        let measures: Vec<String> = meant.map(|attribute| measure(&attribute.name)).collect();
        if measures.is_empty() { "0".to_owned() } else { measures.join(" + ") }
    };
    let identifier = |name: &str| dialect.identifier(name);
    let called = |function: &str| dialect.called(function);
    let (count, sum) = (called("count"), called("sum"));
    let bytes =
        total(is_blob, &|name| format!("coalesce({}({}), 0)", called("octet_length"), identifier(name)));
    let bytes = if bytes == "0" { bytes } else { format!("coalesce({sum}({bytes}), 0)") };
    let objects = total(is_object, &|name| format!("{count}({})", identifier(name)));
    let sizes = total(is_object, &|name| {
        format!(
            "coalesce({sum}({}), 0)",
            dialect.json_value(&JsonPath::member(name, "size", Some(JsonType::Signed)))
        )
    });
    let mut sql = Fragment::text(format!(
        "SELECT {count}(*), {bytes}, {objects}, {sizes} FROM {}",
        dialect.table(&table.name)
    ));
    append_conditions(backend, &mut sql, query.conditions);
    sql.into_query(backend)
}

fn is_blob(attribute_type: &AttributeType) -> bool {
    match attribute_type {
        AttributeType::Core(core) => *core == CoreType::Bytes,
        AttributeType::Native(native) => native.category == NativeCategory::Blob,
        AttributeType::Codec(codec) => codec.store == Store::Table,
    }
}

fn is_object(attribute_type: &AttributeType) -> bool {
    matches!(attribute_type, AttributeType::Codec(codec) if codec.store != Store::Table)
}

/// What gives the row with this primary key other values, which are [bound](crate::bind_value) here.
///
/// [`Value::Default`] stands for the default. Fails when the key is not the whole primary key, when there are no
/// values, when a value is for the key, and for attributes that the table lacks.
///
/// ```
/// # use std::sync::Arc;
/// # use datajoint_definition::{Backend, Tier, parse};
/// # use datajoint_schema::{Declaration, resolve};
/// use datajoint_sql::{Value, update};
///
/// # let (definition, _) = parse("scan : int8\n---\nnote='' : varchar(80)");
/// # let (scan, _) = resolve(&Declaration { schema: "lab", class_name: "Scan", tier: Tier::Manual,
/// #     definition: &definition, parents: &[], master: None });
/// let note = [("note", Value::Text("dark".into()))];
/// let statement = update(Backend::Mysql, &scan, &[("scan", Value::Int(1))], &note)?;
/// assert_eq!(statement.sql, "UPDATE `lab`.`scan` SET `note` = ? WHERE `scan` = ?");
/// # Ok::<_, datajoint_sql::Error>(())
/// ```
pub fn update(
    backend: Backend,
    table: &Table,
    key: &[(&str, Value)],
    values: &[(&str, Value)],
) -> Result<Statement> {
    check(table, key, values)?;
    let dialect = dialect(backend);
    let mut sql = Fragment::text(format!("UPDATE {} SET ", dialect.table(&table.name)));
    let changes: Result<Vec<Fragment>> =
        values.iter().map(|(name, value)| equal(backend, table, name, value)).collect();
    sql.append(Fragment::join(changes?, ", "));
    let conditions: Result<Vec<Fragment>> =
        key.iter().map(|(name, value)| equal(backend, table, name, value)).collect();
    append_conditions(backend, &mut sql, conditions?);
    Ok(sql.into_statement(backend))
}

/// A query that locks the row of a table with this key, as [`update`] has it, and finds it where it is not the one that the
/// transaction sees: others changed it since it began. `None` where the server itself refuses to change such a row.
///
/// Fails for attributes that the table lacks.
///
/// ```
/// # use std::sync::Arc;
/// # use datajoint_definition::{Backend, Tier, parse};
/// # use datajoint_schema::{Declaration, resolve};
/// use datajoint_sql::{Value, changed_since};
///
/// # let (definition, _) = parse("scan : int8\n---\ndepth : int8");
/// # let (scan, _) = resolve(&Declaration { schema: "lab", class_name: "Scan", tier: Tier::Manual,
/// #     definition: &definition, parents: &[], master: None });
/// let key = [("scan", Value::Int(1))];
/// let statement = changed_since(Backend::Mysql, &scan, &key)?.unwrap();
/// assert_eq!(
///     statement.sql,
///     "SELECT 1 FROM `lab`.`scan` AS now LEFT JOIN `lab`.`scan` AS seen ON seen.`scan` = now.`scan` \
///      WHERE (seen.`scan` IS NULL OR NOT (seen.`depth` <=> now.`depth`)) AND now.`scan` = ? FOR UPDATE OF now",
/// );
/// assert!(changed_since(Backend::Postgresql, &scan, &key)?.is_none());
/// # Ok::<_, datajoint_sql::Error>(())
/// ```
pub fn changed_since(backend: Backend, table: &Table, key: &[(&str, Value)]) -> Result<Option<Statement>> {
    let Some((query, end, side)) = dialect(backend).changed_row(table) else { return Ok(None) };
    let mut sql = Fragment::text(query);
    for (name, value) in key {
        sql.push(&format!(" AND {side}."));
        sql.append(equal(backend, table, name, value)?);
    }
    sql.push(end);
    Ok(Some(sql.into_statement(backend)))
}

fn check(table: &Table, key: &[(&str, Value)], values: &[(&str, Value)]) -> Result<()> {
    let fault = |advice: String| Err(Error::Statement { table: table.name.clone(), advice });
    for name in table.key_names().filter(|name| !datajoint_schema::is_hidden_name(name)) {
        match key.iter().find(|(given, _)| *given == name) {
            None => return fault(format!("an update needs the whole primary key; `{name}` is missing")),
            Some((_, Value::Null | Value::Default)) => {
                return fault(format!("an update needs a value of `{name}`"));
            }
            Some(_) => {}
        }
    }
    if let Some((name, _)) = key.iter().find(|(given, _)| !table.key_names().any(|name| name == *given)) {
        return fault(format!("`{name}` is not in the primary key; give it among the values"));
    }
    if let Some((name, _)) = values.iter().find(|(given, _)| table.key_names().any(|name| name == *given)) {
        return fault(format!(
            "`{name}` is in the primary key, which stays; delete the row and insert another"
        ));
    }
    if values.is_empty() {
        return fault("an update needs a value besides the primary key".to_owned());
    }
    Ok(())
}

/// `name = value`.
pub(crate) fn equal(backend: Backend, table: &Table, name: &str, value: &Value) -> Result<Fragment> {
    let dialect = dialect(backend);
    let attribute = table.heading.get(name).ok_or_else(|| {
        let known = table.heading.visible().map(|attribute| attribute.name.as_str());
        Error::unknown(name, Place::Table(table.name.clone()), known)
    })?;
    let mut sql = Fragment::text(format!("{} = ", dialect.identifier(name)));
    if *value == Value::Default {
        sql.push(&dialect.default(table, attribute)?);
    } else {
        let bound =
            bind_value(backend, attribute, value.clone()).map_err(|error| error.in_table(&table.name))?;
        sql.push_value(bound);
        sql.push(&dialect.cast(Some(&table.name), attribute));
    }
    Ok(sql)
}
