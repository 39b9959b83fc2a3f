//! SQLite.

use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteArguments, SqliteColumn, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{Arguments as _, Sqlite, TypeInfo as _, ValueRef as _};

use crate::driver::driver;
use crate::{ConnectOptions, Error};

driver!(Sqlite, SqliteConnection, SqliteArguments, SqliteRow);

/// The driver has closed the oldest one when it prepares another.
async fn make_room(_: &mut SqliteConnection) -> Result<()> {
    std::future::ready(Ok(())).await
}

pub(crate) async fn connect(options: &ConnectOptions, setup: Arc<[Statement]>) -> Result<Box<dyn Pool>> {
    let driver = SqliteConnectOptions::new()
        .filename(&options.path)
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(Duration::from_secs(options.session.lock_timeout.max(1)))
        // The rows come from a thread of their own: a long queue keeps it busy.
        .row_buffer_size(1024);
    match pool_options(options, setup).connect_with(driver).await {
        Ok(pool) => Ok(Box::new(pool)),
        Err(error) => Err(Error::connect(options.address(), error)),
    }
}

/// Values have types of their own: any can share a prepared statement.
fn distinct(sql: &str, _: &[Value], _: &[ColumnType]) -> String {
    sql.to_owned()
}

fn bind_null(arguments: &mut SqliteArguments, _: ColumnType) -> Result<()> {
    bind(arguments, &Value::Null)
}

fn bind(arguments: &mut SqliteArguments, value: &Value) -> Result<()> {
    let added = match value {
        Value::Null | Value::Default => arguments.add(None::<i64>),
        Value::Bool(value) => arguments.add(i64::from(*value)),
        Value::Int(value) => arguments.add(*value),
        Value::UInt(value) => arguments.add(i64::try_from(*value).unwrap_or(i64::MAX)),
        Value::Float32(value) => arguments.add(f64::from(*value)),
        Value::Float64(value) => arguments.add(*value),
        Value::Decimal(value) => arguments.add(value.to_string()),
        Value::Text(value) => arguments.add(value.clone()),
        Value::Bytes(value) => arguments.add(value.clone()),
        Value::Date(value) => arguments.add(value.to_string()),
        Value::Time(value) => arguments.add(value.to_string()),
        Value::DateTime(value) => arguments.add(value.format("%Y-%m-%d %H:%M:%S%.f").to_string()),
        Value::Uuid(value) => arguments.add(value.as_bytes().to_vec()),
        Value::Json(value) => arguments.add(value.to_string()),
    };
    added.map_err(|error| Error::Driver(Box::new(sqlx::Error::Encode(error))))
}

/// SQLite types values, not columns: there is nothing to choose beforehand.
#[derive(Clone, Copy)]
struct Decoder;

#[expect(clippy::unnecessary_wraps, reason = "every driver has this form")]
fn decoder(_: &SqliteColumn) -> Result<Decoder> {
    Ok(Decoder)
}

fn read(row: &SqliteRow, place: usize, _: Decoder) -> Result<Value> {
    let value = row.try_get_raw(place)?;
    if value.is_null() {
        return Ok(Value::Null);
    }
    let kind = value.type_info();
    Ok(match kind.name() {
        "INTEGER" | "BOOLEAN" | "INT8" => Value::Int(row.try_get_unchecked(place)?),
        "REAL" => Value::Float64(row.try_get_unchecked(place)?),
        "BLOB" => Value::Bytes(row.try_get_unchecked(place)?),
        _ => Value::Text(row.try_get_unchecked(place)?),
    })
}
