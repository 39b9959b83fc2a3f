//! What rows record of how they were made.

use std::sync::Arc;

use datajoint_definition::Backend;
use datajoint_schema::{MADE_BY, MADE_FROM, Table};

use crate::backends::dialect;
use crate::fragment::Fragment;
use crate::select::{Lower, append_conditions};
use crate::{Condition, Result, Statement};

/// The keys of the rows of a table that meet a condition, in their order, each with the code that made the row and what it was
/// made from.
///
/// With `lock` the rows are locked until the transaction ends. On SQLite a writer is alone anyway.
///
/// ```
/// # use std::sync::Arc;
/// # use datajoint_definition::{Backend, Tier, parse};
/// # use datajoint_schema::{Declaration, resolve};
/// use datajoint_sql::{Condition, made_rows};
///
/// # let (definition, _) = parse("scan : int8");
/// # let (scan, _) = resolve(&Declaration { schema: "lab", class_name: "Scan", tier: Tier::Manual,
/// #     definition: &definition, parents: &[], master: None });
/// let statement = made_rows(Backend::Mysql, &scan, &Condition::Constant(true), false)?;
/// assert_eq!(statement.sql, "SELECT `scan`, `_made_by`, `_made_from` FROM `lab`.`scan` ORDER BY `scan`");
/// # Ok::<_, datajoint_sql::Error>(())
/// ```
pub fn made_rows(backend: Backend, table: &Table, condition: &Condition, lock: bool) -> Result<Statement> {
    let query = Lower::new(backend).target(&Arc::new(table.clone()), condition)?;
    let dialect = dialect(backend);
    let keys: Vec<String> = visible_key(table).map(|name| dialect.identifier(name)).collect();
    let names = keys.iter().cloned().chain([MADE_BY, MADE_FROM].map(|name| dialect.identifier(name)));
    let names: Vec<String> = names.collect();
    let mut sql = Fragment::text(format!("SELECT {} FROM {}", names.join(", "), dialect.table(&table.name)));
    append_conditions(backend, &mut sql, query.conditions);
    if !keys.is_empty() {
        sql.push(&format!(" ORDER BY {}", keys.join(", ")));
    }
    if lock && backend.capability().has_row_locks {
        sql.push(" FOR UPDATE");
    }
    sql.into_query(backend)
}

fn visible_key(table: &Table) -> impl Iterator<Item = &str> {
    table.key_names().filter(|name| !datajoint_schema::is_hidden_name(name))
}
