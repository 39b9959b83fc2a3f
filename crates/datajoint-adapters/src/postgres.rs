//! PostgreSQL.

mod copy;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{
    PgArgumentBuffer, PgArguments, PgColumn, PgConnectOptions, PgConnection, PgRow, PgSslMode, PgTypeInfo,
    PgTypeKind,
};
use sqlx::{Arguments as _, Column as _, Encode, Postgres, Type, TypeInfo as _};

use crate::driver::driver;
use crate::{ConnectOptions, Error};

driver!(
    Postgres,
    PgConnection,
    PgArguments,
    PgRow,
    fn copy<'a>(
        &'a mut self,
        sql: &'a str,
        columns: &'a [ColumnType],
        values: &'a [Value],
    ) -> BoxFuture<'a, Result<Option<u64>>> {
        Box::pin(copy::copy_in(self, sql, columns, values))
    }
);

/// The driver has closed the oldest one when it prepares another.
async fn make_room(_: &mut PgConnection) -> Result<()> {
    std::future::ready(Ok(())).await
}

pub(crate) async fn connect(options: &ConnectOptions, setup: Arc<[Statement]>) -> Result<Box<dyn Pool>> {
    let tls = if options.is_encrypted() { PgSslMode::VerifyFull } else { PgSslMode::Disable };
    let mut driver = PgConnectOptions::new_without_pgpass()
        .host(&options.host)
        .port(options.port())
        .username(&options.user)
        .database(options.database.as_deref().unwrap_or("postgres"))
        .application_name("datajoint-rust")
        .ssl_mode(tls);
    if !options.password.is_empty() {
        driver = driver.password(&options.password);
    }
    if let Some(authority) = &options.certificate_authority {
        driver = driver.ssl_root_cert(authority);
    }
    match crate::driver::unless_refused(options, pool_options(options, setup).connect_with(driver)).await {
        Ok(pool) => Ok(Box::new(pool)),
        Err(error) => Err(Error::connect(options.address(), error)),
    }
}

/// A text, or null, of the type that its place asks for: a text, an enum, or whatever null may be.
struct Untyped<'a>(Option<&'a str>);

impl Type<Postgres> for Untyped<'_> {
    fn type_info() -> PgTypeInfo {
        // The pseudo-type `unknown`: the server decides.
        PgTypeInfo::with_oid(Oid(705))
    }
}

impl<'q> Encode<'q, Postgres> for Untyped<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match self.0 {
            None => Ok(IsNull::Yes),
            Some(text) => <&str as Encode<'q, Postgres>>::encode(text, buffer),
        }
    }
}

/// The text with the types of its values behind it.
///
/// A prepared statement is found by its text and takes the types of the values it was prepared with: without them
/// a number would be read as one of another type.
fn distinct(sql: &str, values: &[Value], columns: &[ColumnType]) -> String {
    if values.is_empty() {
        return sql.to_owned();
    }
    let mut text = String::with_capacity(sql.len() + values.len() + 6);
    text.push_str(sql);
    text.push_str(" /* ");
    let mut columns = columns.iter().cycle();
    for value in values {
        text.push(match (value, columns.next()) {
            (Value::Null, Some(column)) => letter_of_null(*column),
            _ => letter(value),
        });
    }
    text.push_str(" */");
    text
}

/// A letter for the type that a value is bound as.
const fn letter(value: &Value) -> char {
    match value {
        // What the server finds the type of.
        Value::Null | Value::Default | Value::Text(_) => 't',
        Value::Bool(_) => 'b',
        Value::Int(_) => 'i',
        Value::UInt(_) | Value::Decimal(_) => 'n',
        Value::Float32(_) => 'f',
        Value::Float64(_) => 'd',
        Value::Bytes(_) => 'y',
        Value::Date(_) => 'D',
        Value::Time(_) => 'T',
        Value::DateTime(_) => 'M',
        Value::Uuid(_) => 'u',
        Value::Json(_) => 'j',
    }
}

/// The letter of the other values of the column.
const fn letter_of_null(column: ColumnType) -> char {
    match column {
        ColumnType::Int16 | ColumnType::Int32 | ColumnType::Int64 => 'i',
        ColumnType::Float32 => 'f',
        ColumnType::Float64 => 'd',
        ColumnType::Decimal => 'n',
        ColumnType::Bool => 'b',
        ColumnType::Text | ColumnType::Other => 't',
        ColumnType::Bytes => 'y',
        ColumnType::Date => 'D',
        ColumnType::DateTime => 'M',
        ColumnType::Uuid => 'u',
        ColumnType::Json => 'j',
    }
}

/// Binds null as the other values of the column are bound.
fn bind_null(arguments: &mut PgArguments, column: ColumnType) -> Result<()> {
    let added = match column {
        ColumnType::Int16 | ColumnType::Int32 | ColumnType::Int64 => arguments.add(None::<i64>),
        ColumnType::Float32 => arguments.add(None::<f32>),
        ColumnType::Float64 => arguments.add(None::<f64>),
        ColumnType::Decimal => arguments.add(None::<Decimal>),
        ColumnType::Bool => arguments.add(None::<bool>),
        ColumnType::Text | ColumnType::Other => arguments.add(Untyped(None)),
        ColumnType::Bytes => arguments.add(None::<&[u8]>),
        ColumnType::Date => arguments.add(None::<NaiveDate>),
        ColumnType::DateTime => arguments.add(None::<NaiveDateTime>),
        ColumnType::Uuid => arguments.add(None::<uuid::Uuid>),
        ColumnType::Json => arguments.add(None::<&serde_json::Value>),
    };
    added.map_err(|error| Error::Driver(Box::new(sqlx::Error::Encode(error))))
}

fn bind(arguments: &mut PgArguments, value: &Value) -> Result<()> {
    let added = match value {
        Value::Null | Value::Default => arguments.add(Untyped(None)),
        Value::Bool(value) => arguments.add(*value),
        Value::Int(value) => arguments.add(*value),
        Value::UInt(value) => arguments.add(Decimal::from(*value)),
        Value::Float32(value) => arguments.add(*value),
        Value::Float64(value) => arguments.add(*value),
        Value::Decimal(value) => arguments.add(*value),
        Value::Text(value) => arguments.add(Untyped(Some(value))),
        Value::Bytes(value) => arguments.add(value.as_slice()),
        Value::Date(value) => arguments.add(*value),
        Value::Time(value) => arguments.add(*value),
        Value::DateTime(value) => arguments.add(*value),
        Value::Uuid(value) => arguments.add(*value),
        Value::Json(value) => arguments.add(value.as_ref()),
    };
    added.map_err(|error| Error::Driver(Box::new(sqlx::Error::Encode(error))))
}

/// How the values of a column are read.
#[derive(Clone, Copy)]
enum Decoder {
    Bool,
    Int16,
    Int32,
    Int64,
    Oid,
    Float32,
    Float64,
    Decimal,
    Text,
    Char,
    Bytes,
    Date,
    Time,
    DateTime,
    DateTimeUtc,
    Uuid,
    Json,
    Texts,
    Ints,
}

fn decoder(column: &PgColumn) -> Result<Decoder> {
    let kind = column.type_info();
    if matches!(kind.kind(), PgTypeKind::Enum(_)) {
        return Ok(Decoder::Text);
    }
    Ok(match kind.name() {
        "BOOL" => Decoder::Bool,
        "INT2" => Decoder::Int16,
        "INT4" => Decoder::Int32,
        "INT8" => Decoder::Int64,
        "OID" => Decoder::Oid,
        "FLOAT4" => Decoder::Float32,
        "FLOAT8" => Decoder::Float64,
        "NUMERIC" => Decoder::Decimal,
        "TEXT" | "VARCHAR" | "CHAR" | "BPCHAR" | "NAME" | "UNKNOWN" | "unknown" => Decoder::Text,
        "\"CHAR\"" => Decoder::Char,
        "BYTEA" => Decoder::Bytes,
        "DATE" => Decoder::Date,
        "TIME" => Decoder::Time,
        "TIMESTAMP" => Decoder::DateTime,
        "TIMESTAMPTZ" => Decoder::DateTimeUtc,
        "UUID" => Decoder::Uuid,
        "JSON" | "JSONB" => Decoder::Json,
        "TEXT[]" | "VARCHAR[]" | "NAME[]" => Decoder::Texts,
        "INT2[]" => Decoder::Ints,
        other => {
            return Err(Error::UnsupportedType {
                column: column.name().to_owned(),
                type_name: other.to_owned(),
            });
        }
    })
}

fn read(row: &PgRow, place: usize, decoder: Decoder) -> Result<Value> {
    let json = |json| Value::Json(Box::new(json));
    let value = match decoder {
        Decoder::Bool => row.try_get_unchecked::<Option<bool>, _>(place)?.map(Value::Bool),
        Decoder::Int16 => {
            row.try_get_unchecked::<Option<i16>, _>(place)?.map(|value| Value::Int(value.into()))
        }
        Decoder::Int32 => {
            row.try_get_unchecked::<Option<i32>, _>(place)?.map(|value| Value::Int(value.into()))
        }
        Decoder::Int64 => row.try_get_unchecked::<Option<i64>, _>(place)?.map(Value::Int),
        Decoder::Oid => {
            row.try_get_unchecked::<Option<Oid>, _>(place)?.map(|value| Value::Int(value.0.into()))
        }
        Decoder::Float32 => row.try_get_unchecked::<Option<f32>, _>(place)?.map(Value::Float32),
        Decoder::Float64 => row.try_get_unchecked::<Option<f64>, _>(place)?.map(Value::Float64),
        Decoder::Decimal => row.try_get_unchecked::<Option<Decimal>, _>(place)?.map(Value::Decimal),
        Decoder::Text => row.try_get_unchecked::<Option<String>, _>(place)?.map(Value::Text),
        Decoder::Char => row
            .try_get_unchecked::<Option<i8>, _>(place)?
            .map(|byte| Value::Text(char::from(byte.cast_unsigned()).to_string())),
        Decoder::Bytes => row.try_get_unchecked::<Option<Vec<u8>>, _>(place)?.map(Value::Bytes),
        Decoder::Date => row.try_get_unchecked::<Option<NaiveDate>, _>(place)?.map(Value::Date),
        Decoder::Time => row.try_get_unchecked::<Option<NaiveTime>, _>(place)?.map(Value::Time),
        Decoder::DateTime => row.try_get_unchecked::<Option<NaiveDateTime>, _>(place)?.map(Value::DateTime),
        Decoder::DateTimeUtc => row
            .try_get_unchecked::<Option<DateTime<Utc>>, _>(place)?
            .map(|moment| Value::DateTime(moment.naive_utc())),
        Decoder::Uuid => row.try_get_unchecked::<Option<uuid::Uuid>, _>(place)?.map(Value::Uuid),
        Decoder::Json => row.try_get_unchecked::<Option<serde_json::Value>, _>(place)?.map(json),
        Decoder::Texts => {
            row.try_get_unchecked::<Option<Vec<String>>, _>(place)?.map(|texts| json(texts.into()))
        }
        Decoder::Ints => {
            row.try_get_unchecked::<Option<Vec<i16>>, _>(place)?.map(|numbers| json(numbers.into()))
        }
    };
    Ok(value.unwrap_or_default())
}
