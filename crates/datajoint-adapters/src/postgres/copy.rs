//! `COPY … FROM STDIN (FORMAT BINARY)`.
//!
//! <https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.4>

use chrono::{NaiveDate, NaiveDateTime};
use datajoint_sql::Value;
use sqlx::PgConnection;

use crate::Result;

/// How the values of a column are written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Encoder {
    Int16,
    Int32,
    Int64,
    Float32,
    Float64,
    Bool,
    Text,
    Bytes,
    Date,
    DateTime,
    Uuid,
    Json,
}

impl Encoder {
    /// The encoder for a type of a column, where there is one.
    pub(crate) fn of(type_name: &str) -> Option<Self> {
        let word = type_name.split('(').next().unwrap_or_default().trim();
        Some(match word {
            "smallint" => Self::Int16,
            "integer" => Self::Int32,
            "bigint" => Self::Int64,
            "real" => Self::Float32,
            "double precision" => Self::Float64,
            "boolean" => Self::Bool,
            "varchar" | "char" | "text" => Self::Text,
            "bytea" => Self::Bytes,
            "date" => Self::Date,
            "timestamp" => Self::DateTime,
            "uuid" => Self::Uuid,
            "jsonb" => Self::Json,
            // A user's enum type.
            quoted if quoted.starts_with('"') => Self::Text,
            _ => return None,
        })
    }

    /// Writes a value with its length in front; false when the value is not of the type.
    #[expect(clippy::cast_possible_truncation, reason = "the ranges were checked when the values were bound")]
    pub(crate) fn encode(self, value: &Value, buffer: &mut Vec<u8>) -> bool {
        match (self, value) {
            (_, Value::Null) => buffer.extend((-1_i32).to_be_bytes()),
            (Self::Int16, Value::Int(value)) => field(buffer, &(*value as i16).to_be_bytes()),
            (Self::Int32, Value::Int(value)) => field(buffer, &(*value as i32).to_be_bytes()),
            (Self::Int64, Value::Int(value)) => field(buffer, &value.to_be_bytes()),
            (Self::Float32, Value::Float32(value)) => field(buffer, &value.to_be_bytes()),
            (Self::Float64, Value::Float64(value)) => field(buffer, &value.to_be_bytes()),
            (Self::Bool, Value::Bool(value)) => field(buffer, &[u8::from(*value)]),
            (Self::Text, Value::Text(value)) => field(buffer, value.as_bytes()),
            (Self::Bytes, Value::Bytes(value)) => field(buffer, value),
            (Self::Date, Value::Date(value)) => {
                field(buffer, &((*value - epoch()).num_days() as i32).to_be_bytes());
            }
            (Self::DateTime, Value::DateTime(value)) => {
                let microseconds =
                    (*value - NaiveDateTime::from(epoch())).num_microseconds().unwrap_or(i64::MAX);
                field(buffer, &microseconds.to_be_bytes());
            }
            (Self::Uuid, Value::Uuid(value)) => field(buffer, value.as_bytes()),
            (Self::Json, Value::Json(value)) => {
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
}

/// PostgreSQL counts from here.
fn epoch() -> NaiveDate {
    NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default()
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
    encoders: &[Encoder],
    values: &[Value],
) -> Result<Option<u64>> {
    let mut copy = connection.copy_in_raw(sql).await?;
    let mut buffer = HEADER.to_vec();
    let columns = i16::try_from(encoders.len()).unwrap_or(i16::MAX).to_be_bytes();
    for row in values.chunks(encoders.len().max(1)) {
        buffer.extend(columns);
        for (encoder, value) in encoders.iter().zip(row) {
            if !encoder.encode(value, &mut buffer) {
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
