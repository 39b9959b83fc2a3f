//! `COPY … FROM STDIN (FORMAT BINARY)`.
//!
//! <https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.4>

use chrono::NaiveDateTime;
use datajoint_sql::Value;
use sqlx::postgres::PgArgumentBuffer;
use sqlx::{Encode, PgConnection, Postgres};

use super::calendar::epoch;
use crate::{ColumnType, Result};

/// Writes a value with its length in front; false when the value is not of the type.
#[expect(clippy::cast_possible_truncation, reason = "the ranges were checked when the values were bound")]
fn encode(column: ColumnType, value: &Value, buffer: &mut Vec<u8>) -> bool {
    match (column, value) {
        (_, Value::Null) => buffer.extend((-1_i32).to_be_bytes()),
        (ColumnType::Int16, Value::Int(value)) => field(buffer, &(*value as i16).to_be_bytes()),
        (ColumnType::Int32, Value::Int(value)) => field(buffer, &(*value as i32).to_be_bytes()),
        (ColumnType::Int64, Value::Int(value)) => field(buffer, &value.to_be_bytes()),
        (ColumnType::Float32, Value::Float32(value)) => field(buffer, &value.to_be_bytes()),
        (ColumnType::Float64, Value::Float64(value)) => field(buffer, &value.to_be_bytes()),
        (ColumnType::Decimal, Value::Decimal(value)) => {
            let mut digits = PgArgumentBuffer::default();
            if Encode::<Postgres>::encode_by_ref(value, &mut digits).is_err() {
                return false;
            }
            field(buffer, &digits);
        }
        (ColumnType::Bool, Value::Bool(value)) => field(buffer, &[u8::from(*value)]),
        (ColumnType::Text, Value::Text(value)) => field(buffer, value.as_bytes()),
        (ColumnType::Bytes, Value::Bytes(value)) => field(buffer, value),
        (ColumnType::Date, Value::Date(value)) => {
            field(buffer, &((*value - epoch()).num_days() as i32).to_be_bytes());
        }
        (ColumnType::DateTime, Value::DateTime(value)) => {
            let microseconds = (*value - NaiveDateTime::from(epoch())).num_microseconds().unwrap_or(i64::MAX);
            field(buffer, &microseconds.to_be_bytes());
        }
        (ColumnType::Uuid, Value::Uuid(value)) => field(buffer, value.as_bytes()),
        (ColumnType::Json, Value::Json(value)) => {
            let text = value.to_string();
            buffer.extend(length(text.len() + 1));
            // The version of the binary form.
            buffer.push(1);
            buffer.extend(text.as_bytes());
        }
        _ => return false,
    }
    true
}

fn length(bytes: usize) -> [u8; 4] {
    // A field of 2 GiB is refused by the server.
    i32::try_from(bytes).unwrap_or(i32::MAX).to_be_bytes()
}

fn field(buffer: &mut Vec<u8>, bytes: &[u8]) {
    buffer.extend(length(bytes.len()));
    buffer.extend(bytes);
}

/// The signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// How much is sent at a time.
const CHUNK: usize = 1 << 18;

/// Loads rows; `None` when a value is not of its column's type, and then nothing is loaded.
pub(crate) async fn copy_in(
    connection: &mut PgConnection,
    sql: &str,
    column_types: &[ColumnType],
    values: &[Value],
) -> Result<Option<u64>> {
    let mut copy = connection.copy_in_raw(sql).await?;
    let mut buffer = HEADER.to_vec();
    let columns = i16::try_from(column_types.len()).unwrap_or(i16::MAX).to_be_bytes();
    for row in values.chunks(column_types.len().max(1)) {
        buffer.extend(columns);
        for (column, value) in column_types.iter().zip(row) {
            if !encode(*column, value, &mut buffer) {
                copy.abort("a value of another type").await?;
                return Ok(None);
            }
        }
        if buffer.len() >= CHUNK {
            copy.send(buffer.as_slice()).await?;
            buffer.clear();
        }
    }
    buffer.extend((-1_i16).to_be_bytes());
    copy.send(buffer.as_slice()).await?;
    Ok(Some(copy.finish().await?))
}
