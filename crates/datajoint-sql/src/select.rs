//! Queries to `SELECT` statements.

mod build;
mod filter;
mod join;
mod project;

use datajoint_definition::Backend;
use datajoint_schema::Heading;

use crate::fragment::Fragment;
use crate::{Condition, Expression, Result, Statement};
use build::{Builder, Select as Normal};

/// A statement that gives the rows of a query, and what its columns are.
#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    /// The statement.
    pub statement: Statement,
    /// Its columns, in order.
    pub heading: Heading,
}

/// The statement for the rows of a query.
///
/// Fails when an attribute is not there, when a join matches attributes of different lineage, and when a
/// value does not fit its attribute.
pub fn select(backend: Backend, query: &Expression) -> Result<Select> {
    let mut builder = Builder::new(backend);
    let normal = builder.build(query)?;
    let heading = normal.heading();
    Ok(Select { statement: normal.render().into_statement(backend), heading })
}

/// The statement for the rows of a query, with only these columns, in this order.
pub fn select_columns(backend: Backend, query: &Expression, columns: &[&str]) -> Result<Select> {
    let mut builder = Builder::new(backend);
    let mut normal = builder.build(query)?;
    normal.columns = columns.iter().map(|name| normal.column(name).cloned()).collect::<Result<_>>()?;
    let heading = normal.heading();
    Ok(Select { statement: normal.render().into_statement(backend), heading })
}

/// The attributes of a query, without any statement.
pub fn heading(query: &Expression) -> Result<Heading> {
    Builder::new(Backend::Sqlite).build(query).map(|normal| normal.heading())
}

/// The statement for the number of rows of a query.
pub fn count(backend: Backend, query: &Expression) -> Result<Statement> {
    let mut builder = Builder::new(backend);
    let normal = builder.build(query)?;
    let normal = if normal.is_cut() { builder.wrap(normal) } else { normal };
    Ok(normal.render_as("count(*)", false).into_statement(backend))
}

/// The statement for whether a query has any row: one column, 1 or 0.
pub fn exists(backend: Backend, query: &Expression) -> Result<Statement> {
    let mut builder = Builder::new(backend);
    let normal = builder.build(query)?;
    let normal = if normal.is_cut() { builder.wrap(normal) } else { normal };
    let mut fragment = Fragment::new("SELECT CASE WHEN EXISTS (");
    fragment.append(normal.render_as("1", false));
    fragment.push(") THEN 1 ELSE 0 END");
    Ok(fragment.into_statement(backend))
}

/// The condition of a `DELETE` or `UPDATE` of one table, with its columns unqualified where no other
/// table is mentioned.
pub(crate) fn table_filter(
    backend: Backend,
    table: &std::sync::Arc<datajoint_schema::Table>,
    condition: &Condition,
) -> Result<Fragment> {
    let mut builder = Builder::new(backend);
    let normal: Normal = builder.unaliased(table);
    builder.condition(&normal, condition)
}
