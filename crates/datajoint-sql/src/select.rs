//! Queries as SELECT statements.
//!
//! An expression becomes a [`query::Query`], the one normal form: columns, sources, conditions, groups,
//! order and limit. An operation changes the query in place where SQL means the same by it; where it
//! does not, the query so far becomes a subquery ([`query::Query::wrap`]).

use std::sync::Arc;

use datajoint_definition::Backend;
use datajoint_schema::{Heading, Table};

use crate::backends::dialect;
use crate::fragment::Fragment;
use crate::{Expression, Result, Statement};

mod aggregate;
mod apart;
mod brackets;
mod compared;
mod computed_type;
mod condition;
mod exact;
mod expression;
mod extend;
mod foreign;
pub(crate) mod functions;
mod grouped;
mod guarded;
mod heading;
mod headings;
mod join;
mod json;
mod keys;
mod literals;
mod loose;
mod lower;
mod matching;
mod meaning;
mod mention;
mod named;
mod nulls;
mod number;
mod operand;
pub(crate) mod part;
mod patterns;
mod position;
mod project;
mod query;
mod rank;
mod reading;
mod reference;
mod render;
mod shared;
#[cfg(test)]
mod steps;
mod tables;
mod text;
mod top;
pub(crate) mod translate;
mod union;
mod unique;
mod unknown;

pub(crate) use condition::Truth;
pub use functions::listed_functions;
pub(crate) use lower::Lower;
pub use lower::Unknown;
pub(crate) use query::Query;
pub(crate) use render::append_conditions;
pub use text::{names_in, plain_expression};

/// A query as a statement, with what it gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    /// The statement.
    pub statement: Statement,
    /// Its columns, in order: attributes with their key flags and lineage.
    pub heading: Heading,
    /// The table that each column comes from, where it comes from one.
    pub(crate) tables: Vec<Option<Arc<Table>>>,
    unknown: Unknown,
}

impl Select {
    /// What [`unknown`] says of the query.
    pub const fn unknown(&self) -> &Unknown {
        &self.unknown
    }
}

/// The statement that fetches the visible attributes of a query.
///
/// A list of keys longer than about a thousand values is bound as one JSON document. Fails for attributes that
/// are not there, for attributes that two sides share without meaning the same, and for values that do not fit.
///
/// ```
/// # use std::sync::Arc;
/// # use datajoint_definition::{Backend, Tier, parse};
/// # use datajoint_schema::{Declaration, resolve};
/// use datajoint_sql::{Expression, Order, select};
///
/// # let (definition, _) = parse("scan : int8\n---\nnote='' : varchar(80)");
/// # let (scan, _) = resolve(&Declaration { schema: "lab", class_name: "Scan", tier: Tier::Manual,
/// #     definition: &definition, parents: &[], master: None });
/// let scans = Expression::Table(Arc::new(scan));
/// let select = select(Backend::Mysql, &scans)?;
/// assert_eq!(select.statement.sql, "SELECT `scan`, `note` FROM `lab`.`scan`");
/// # Ok::<_, datajoint_sql::Error>(())
/// ```
pub fn select(backend: Backend, expression: &Expression) -> Result<Select> {
    let mut lower = Lower::new(backend);
    let query = lower.expression(expression)?;
    let heading = Heading::new(query.attributes().cloned().collect());
    let tables = query.tables().cloned().collect();
    let statement = render::select(backend, query).into_query(backend)?;
    Ok(Select { statement, heading, tables, unknown: lower.unknown })
}

/// The statement that counts the rows of a query: one row with one integer.
///
/// ```
/// # use std::sync::Arc;
/// # use datajoint_definition::{Backend, Tier, parse};
/// # use datajoint_schema::{Declaration, resolve};
/// use datajoint_sql::{Expression, count};
///
/// # let (definition, _) = parse("scan : int8\n---\nnote='' : varchar(80)");
/// # let (scan, _) = resolve(&Declaration { schema: "lab", class_name: "Scan", tier: Tier::Manual,
/// #     definition: &definition, parents: &[], master: None });
/// let scans = Expression::Table(Arc::new(scan));
/// assert_eq!(count(Backend::Mysql, &scans)?.sql, "SELECT count(*) FROM `lab`.`scan`");
/// # Ok::<_, datajoint_sql::Error>(())
/// ```
pub fn count(backend: Backend, expression: &Expression) -> Result<Statement> {
    let mut lower = Lower::new(backend);
    let query = lower.expression(expression)?;
    let query = if query.is_flat() { query } else { query.wrap(&mut lower) };
    render::with_columns(backend, &format!("{}(*)", dialect(backend).called("count")), query.without_order())
        .into_query(backend)
}

/// The statement that tells whether a query has a row: one row with true or false (1 or 0 but on PostgreSQL).
pub fn exists(backend: Backend, expression: &Expression) -> Result<Statement> {
    let mut lower = Lower::new(backend);
    let query = lower.expression(expression)?.into_existing(&mut lower);
    let mut whole = Fragment::text("SELECT EXISTS ");
    whole.append(render::with_columns(backend, "1", query).parenthesised());
    whole.into_query(backend)
}

/// The statement that has the database say how it would find the rows of a query; [`explained`] makes a line of each
/// row of its answer.
pub fn explain(backend: Backend, expression: &Expression) -> Result<Statement> {
    let query = Lower::new(backend).expression(expression)?;
    let mut whole = Fragment::text(dialect(backend).explain());
    whole.append(render::select(backend, query));
    whole.into_query(backend)
}

/// A row of the answer to [`explain`] as a line.
pub fn explained(backend: Backend, row: &[crate::Value]) -> String {
    let text = |value: &crate::Value| match value {
        crate::Value::Null | crate::Value::Default => "-".to_owned(),
        crate::Value::Text(text) => text.clone(),
        crate::Value::Int(number) => number.to_string(),
        crate::Value::UInt(number) => number.to_string(),
        crate::Value::Float64(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    let meant = dialect(backend).columns_of_explanation().unwrap_or(row.len());
    let meant = &row[row.len().saturating_sub(meant)..];
    meant.iter().map(text).collect::<Vec<_>>().join("  ")
}

/// Returns what is to be said when a server does not know a column of a query: a name in SQL of the user
/// that is none of ours, with those that are similar.
pub fn unknown(backend: Backend, expression: &Expression) -> Unknown {
    let mut lower = Lower::new(backend);
    let _ = lower.expression(expression);
    lower.unknown
}

/// The visible attributes of a query, in order, without a look at its conditions.
///
/// Fails for a projection of attributes that are not there, and for a join that can't be.
pub fn heading(expression: &Expression) -> Result<Heading> {
    heading::attributes(expression).map(Heading::new)
}

/// The query with those of its columns that are wanted.
pub(crate) fn rows_of(
    backend: Backend,
    expression: &Expression,
    wanted: impl Fn(&str) -> bool,
) -> Result<Query> {
    let mut lower = Lower::new(backend);
    let mut query = lower.expression(expression)?.without_order_unless_cut();
    if !query.attributes().all(|attribute| wanted(&attribute.name)) {
        query = if query.is_flat() { query } else { query.wrap(&mut lower) };
        query.columns.retain(|column| wanted(&column.attribute.name));
    }
    Ok(query)
}

/// The text of a query.
pub(crate) fn render(backend: Backend, query: Query) -> Fragment {
    render::select(backend, query)
}
