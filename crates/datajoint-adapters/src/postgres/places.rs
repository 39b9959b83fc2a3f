//! Strings whose place in a statement is of another type.
//!
//! In a statement a string is what its place wants, as a literal is: `start > ?` takes `2020-12-04` for a date. The
//! driver sends every value in the binary form of its place's type, so that the type has to be asked for first, and then
//! the server to read the string as that type.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use datajoint_sql::Value;
use rust_decimal::Decimal;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgConnection, PgTypeInfo, PgTypeKind};
use sqlx::{
    Arguments as _, AssertSqlSafe, Either, Encode, Executor as _, Postgres, Row as _, SqlSafeStr as _,
    Statement as _, Type, TypeInfo as _,
};

use super::{Untyped, bind, prepared};
use crate::{Error, Kind, Result};

/// Returns the values of a statement in the forms that their places take.
pub(super) async fn arrange(
    connection: &mut PgConnection,
    sql: &str,
    values: &[Value],
) -> Result<PgArguments> {
    let mut read = Vec::new();
    if values.iter().any(|value| matches!(value, Value::Text(_))) {
        let places = places(connection, sql, values).await?;
        read = read_by_server(connection, values, &places).await?;
    }
    let mut arguments = PgArguments::default();
    for (place, value) in values.iter().enumerate() {
        match read.iter_mut().find(|(read, _)| *read == place) {
            Some((_, bytes)) => add(&mut arguments, Binary(std::mem::take(bytes)))?,
            None => bind(&mut arguments, value)?,
        }
    }
    Ok(arguments)
}

/// Returns for each place of a statement its type, where that is another one than a string's.
///
/// The statement is prepared once for each connection; what follows finds it there.
async fn places(connection: &mut PgConnection, sql: &str, values: &[Value]) -> Result<Vec<Option<String>>> {
    let types: Vec<PgTypeInfo> = values.iter().map(type_of).collect();
    let statement = connection.prepare_with(AssertSqlSafe(sql.to_owned()).into_sql_str(), &types).await?;
    let Some(Either::Left(places)) = statement.parameters() else { return Ok(Vec::new()) };
    if places.iter().any(is_gone) {
        return Err(outdated());
    }
    Ok(places.iter().map(|kind| other_type(kind).map(str::to_owned)).collect())
}

/// Returns true for a type that was there when the statement was prepared, and is not there now: a pooler may keep a
/// statement for longer than its tables, whose enums are types of their own.
fn is_gone(kind: &PgTypeInfo) -> bool {
    // The driver has no name for what it does not find.
    kind.name() == "?"
}

/// What the server says itself where it notices.
fn outdated() -> Error {
    Error::Server {
        kind: Kind::Outdated,
        message: "a type of a prepared statement is no longer there".to_owned(),
        advice: Kind::Outdated.advice(),
        constraint: None,
        code: String::new(),
    }
}

/// Returns the strings whose place is of another type, as the server reads them, each with its place.
async fn read_by_server(
    connection: &mut PgConnection,
    values: &[Value],
    places: &[Option<String>],
) -> Result<Vec<(usize, Vec<u8>)>> {
    let mut strings = PgArguments::default();
    let (mut found, mut columns) = (Vec::new(), Vec::new());
    for (place, (value, kind)) in values.iter().zip(places).enumerate() {
        if let (Value::Text(text), Some(name)) = (value, kind) {
            add(&mut strings, text.as_str())?;
            found.push(place);
            columns.push(format!("${}::text::{name}", found.len()));
        }
    }
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let question = format!("SELECT {}", columns.join(", "));
    let answer = connection.fetch_one(prepared(question, strings)).await?;
    found
        .into_iter()
        .enumerate()
        .map(|(column, place)| {
            let bytes = answer.try_get_raw(column)?.as_bytes();
            Ok((place, bytes.map_err(|error| Error::from(sqlx::Error::Decode(error)))?.to_vec()))
        })
        .collect()
}

/// Returns the type that a value is [bound](bind) as.
fn type_of(value: &Value) -> PgTypeInfo {
    fn of<T: Type<Postgres>>() -> PgTypeInfo {
        T::type_info()
    }
    match value {
        Value::Null | Value::Default | Value::Text(_) => of::<Untyped<'_>>(),
        Value::Bool(_) => of::<bool>(),
        Value::Int(_) => of::<i64>(),
        Value::UInt(_) | Value::Decimal(_) | Value::BigDecimal(_) => of::<Decimal>(),
        Value::Float32(_) => of::<f32>(),
        Value::Float64(_) => of::<f64>(),
        Value::Bytes(_) => of::<&[u8]>(),
        Value::Date(_) => of::<NaiveDate>(),
        Value::Time(_) | Value::Duration(_) => of::<NaiveTime>(),
        Value::DateTime(_) => of::<NaiveDateTime>(),
        Value::Uuid(_) => of::<uuid::Uuid>(),
        Value::Json(_) => of::<serde_json::Value>(),
    }
}

/// Returns the name of a type whose binary form is not the string itself.
fn other_type(kind: &PgTypeInfo) -> Option<&str> {
    match kind.kind() {
        PgTypeKind::Enum(_) | PgTypeKind::Pseudo => None,
        PgTypeKind::Domain(base) => other_type(base),
        _ => match kind.name() {
            "TEXT" | "VARCHAR" | "CHAR" | "BPCHAR" | "NAME" | "UNKNOWN" | "unknown" | "JSON" | "XML"
            | "citext" => None,
            name => Some(name),
        },
    }
}

fn add<'q, T: Encode<'q, Postgres> + Type<Postgres>>(arguments: &mut PgArguments, value: T) -> Result<()> {
    arguments.add(value).map_err(|error| Error::from(sqlx::Error::Encode(error)))
}

/// A value as the server sent it.
struct Binary(Vec<u8>);

impl Type<Postgres> for Binary {
    fn type_info() -> PgTypeInfo {
        <Untyped<'_> as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Binary {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }
}
