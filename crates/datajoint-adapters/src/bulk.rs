//! Many rows for one table: how they are cut into statements, and how these are sent.

use std::ops::Range;

use datajoint_schema::Table;
use datajoint_sql::{InsertMode, Statement, Value};

use crate::admitted::Admitted;
use crate::connection::All;
use crate::driver::Handed;
use crate::rest::Rest;
use crate::{Connection, Error};

mod column_type;
mod plan;

pub use plan::InsertPlan;

pub(crate) use column_type::stored;
use plan::{Form, Step};

/// Rows for one table, with values that are [bound](datajoint_sql::bind_value) already.
#[derive(Debug, Clone, Copy)]
pub struct BulkInsert<'a> {
    /// The table.
    pub table: &'a Table,
    /// The columns that the rows have values for.
    pub columns: &'a [&'a str],
    /// The values, row after row; a cell may be [`Value::Default`].
    pub values: &'a [Value],
    /// What to do with rows that are there already.
    pub mode: InsertMode,
}

/// Rows that could not be inserted.
#[derive(Debug)]
pub struct FailedInsert {
    /// The rows of the statement that failed, counted from 0; one of them is the reason.
    pub rows: Range<usize>,
    /// What the database said.
    pub error: Error,
}

/// Sends the statements of a plan; returns the row count.
pub(crate) async fn carry_out(
    connection: &mut Connection,
    plan: &InsertPlan<'_>,
) -> Result<u64, FailedInsert> {
    let mut inserted = 0;
    let mut text = (0, String::new());
    for step in &plan.steps {
        inserted += send(connection, plan, step, &mut text)
            .await
            .map_err(|error| FailedInsert { rows: step.rows.clone(), error })?;
    }
    Ok(inserted)
}

/// Sends one statement; gives how many of its rows are new.
async fn send(
    connection: &mut Connection,
    plan: &InsertPlan<'_>,
    step: &Step,
    text: &mut (usize, String),
) -> crate::Result<u64> {
    let counting = datajoint_sql::passed_over(connection.backend(), plan.insert.mode);
    let Some([begin, tell]) = counting else { return send_it(connection, plan, step, text).await };
    connection.driver().raw(&begin.sql).await?;
    let changed = send_it(connection, plan, step, text).await?;
    Ok(changed.saturating_sub(told(connection, &tell).await?))
}

/// Runs an insert of a query; gives how many of its rows are new.
pub(crate) async fn insert_query(
    connection: &mut Connection,
    statement: Admitted<'_>,
    mode: InsertMode,
) -> crate::Result<u64> {
    let counting = datajoint_sql::passed_over(connection.backend(), mode);
    let Some([begin, tell]) = counting else { return connection.driver().execute(statement).await };
    connection.driver().raw(&begin.sql).await?;
    let changed = connection.driver().execute(statement).await?;
    Ok(changed.saturating_sub(told(connection, &tell).await?))
}

/// The number that a query answers.
async fn told(connection: &mut Connection, query: &Statement) -> crate::Result<u64> {
    let mut rows = All(Vec::new());
    let answer = connection.driver().rows(Admitted::ours(query), &mut rows, Rest::Whole).await;
    let told = answer.and_then(|Handed { fault, .. }| fault.map_or(Ok(()), Err));
    // The rows are there, and nobody may be told that they are not.
    told.map_err(|error| if connection.course().is_none() { Error::unknown(error) } else { error })?;
    Ok(match rows.0.first().and_then(|row| row.first()) {
        Some(Value::Int(number)) => u64::try_from(*number).unwrap_or_default(),
        Some(Value::UInt(number)) => *number,
        _ => 0,
    })
}

/// Sends one statement; `text` is that of the last one, with its row count, which serves as many rows again.
async fn send_it(
    connection: &mut Connection,
    plan: &InsertPlan<'_>,
    step: &Step,
    text: &mut (usize, String),
) -> crate::Result<u64> {
    let BulkInsert { table, columns, mode, .. } = plan.insert;
    let (backend, values, rows) = (connection.backend(), plan.values(step), step.rows.len());
    match step.form {
        Form::Copy => {
            let sql = datajoint_sql::copy_in(table, columns)?;
            let copied = connection.driver().copy(&sql, &plan.column_types, values).await?;
            copied.ok_or_else(|| Error::from(sqlx::Error::Protocol("a value has no binary form".to_owned())))
        }
        Form::Values => {
            if text.0 != rows {
                *text = (rows, datajoint_sql::insert(backend, table, columns, rows, mode)?);
            }
            connection.driver().execute_rows(&text.1, &plan.column_types, values).await
        }
        Form::Defaults => {
            let cells = values.chunks(columns.len()).map(<[Value]>::to_vec).collect();
            let statement = datajoint_sql::insert_rows(backend, table, columns, cells, mode)?;
            connection.driver().execute(Admitted::ours(&statement)).await
        }
    }
}
