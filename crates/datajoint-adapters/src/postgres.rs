//! PostgreSQL.

mod calendar;
mod copy;
mod listen;
mod numeric;
mod places;
mod pooled;
mod tls;
mod zone;

use std::sync::Arc;

use bigdecimal::BigDecimal;
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use datajoint_definition::Backend;
use rust_decimal::Decimal;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{
    PgArgumentBuffer, PgArguments, PgColumn, PgConnectOptions, PgConnection, PgRow, PgSslMode, PgTypeInfo,
    PgTypeKind, PgValueFormat, PgValueRef,
};
use sqlx::{Arguments as _, Column as _, Decode, Encode, Postgres, Type, TypeInfo as _, ValueRef as _};

use crate::abandoned::Abandoned;
use crate::distinct::{letter, with_letters};
use crate::doubts::Doubts;
use crate::driver::{Hear, driver};
use crate::servers::Servers;
use crate::setup::Setup;
use crate::{ConnectOptions, Error};

const IS_STANDBY: Option<&str> = Some("SELECT pg_catalog.current_setting('transaction_read_only') = 'on'");
/// A standby only reads.
const OTHER_NODES: Option<(&str, &str)> = None;

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
        Box::pin(copy::copy_in(&mut self.connection, sql, columns, values))
    },
    fn commit<'a>(&'a mut self, last: &'a str) -> BoxFuture<'a, Result<()>> {
        // To a COMMIT of what has failed the server answers that it has rolled back, which the driver does not tell from
        // success. The SELECT fails then, and the COMMIT does not come to pass.
        Box::pin(async move { raw(&mut self.connection, &format!("{last}SELECT 1; COMMIT")).await })
    }
);

use places::arrange;

/// The server sends all rows of an answer before it hears the next statement.
const ENDS_AT_ONCE: bool = false;

/// What is run once leaves nothing behind.
const KEEPS_PREPARED: bool = false;

/// Every statement can be prepared.
const fn is_never_prepared(_: &sqlx::Error) -> bool {
    false
}

/// The driver has closed the oldest one when it prepares another.
async fn make_room(_: &mut PgConnection) -> Result<()> {
    std::future::ready(Ok(())).await
}

struct Connections {
    pool: sqlx::PgPool,
    servers: Arc<Servers<Postgres>>,
    abandoned: Arc<Abandoned>,
    /// What each transaction is set to, where the session behind a connection may be another for each.
    shared: Option<Arc<pooled::Shared>>,
    setup: Setup,
}

impl Pool for Connections {
    fn acquire(&self) -> BoxFuture<'_, Result<Box<dyn Driver>>> {
        Box::pin(async {
            let acquire = self.servers.acquire_with(&self.pool, |connection| match &self.shared {
                // Its session is another client's as soon as the pooler sees that it is gone.
                Some(_) => Box::pin(std::future::ready(Ok(Lent::new(connection)))),
                None => Box::pin(Lent::asked(connection, Backend::Postgresql, &self.abandoned)),
            });
            let lent = self.setup.watch(self.servers.now(), Box::pin(acquire)).await?;
            Ok(match &self.shared {
                Some(shared) => Box::new(pooled::Pooled::new(lent, Arc::clone(shared))) as Box<dyn Driver>,
                None => Box::new(lent),
            })
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.pool.close())
    }

    fn server(&self) -> String {
        self.servers.address()
    }

    fn listen<'a>(&'a self, sql: &'a str, hear: &'a mut Hear<'_>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let options = self.servers.now();
            listen::listen(options, sql, hear)
                .await
                .map_err(|fault| Error::connect(options, fault.into_error()))
        })
    }

    fn shares_sessions(&self) -> bool {
        self.shared.is_some()
    }
}

pub(crate) async fn connect(
    options: &ConnectOptions,
    setup: Setup,
    doubts: Arc<Doubts>,
) -> Result<Box<dyn Pool>> {
    let same = Arc::clone(&doubts);
    let servers =
        Servers::new(options, driver_options, |connection| Box::pin(takes_writes(connection)), same);
    let one = &options.each()[servers.choose().await?];
    let (pool, shared) =
        crate::peer::watch(one, setup.watch(one, Box::pin(make(options, one, &setup, doubts, &servers))))
            .await?;
    let servers = Arc::new(servers);
    let same = Arc::clone(&servers);
    let abandoned = abandoned(pool.clone(), move || same.current());
    Ok(Box::new(Connections { pool, servers, abandoned, shared, setup }))
}

/// Makes the pool; gives with it what each transaction is set to, where the session may be another for each.
async fn make(
    options: &ConnectOptions,
    one: &ConnectOptions,
    setup: &Setup,
    doubts: Arc<Doubts>,
    servers: &Servers<Postgres>,
) -> Result<(sqlx::PgPool, Option<Arc<pooled::Shared>>)> {
    let learnt = zone::learn(one).await;
    if let Err(zone::Fault::Unreachable(error)) = learnt {
        return Err(Error::connect(one, error));
    }
    let (usual, shares_sessions, limits) = match &learnt {
        Ok(learnt) => (learnt.usual.clone(), learnt.shares_sessions, learnt.limits.as_slice()),
        Err(_) => (datajoint_sql::Usual::default(), false, [].as_slice()),
    };
    let mut statements = setup.statements().to_vec();
    statements.extend(usual.settings("SET").map(Statement::plain));
    let shared = shares_sessions
        .then(|| datajoint_sql::transaction_setup(options.session, limits, &usual))
        .map(|setup| Arc::new(pooled::Shared::new(setup.sql)));
    if shares_sessions {
        // What a session is set to would be so for other clients.
        statements.clear();
    }
    // What the server has against a client it says to the driver, too, in words that are known here.
    let pool = pool_options(options, setup.with(statements), doubts, shares_sessions)
        .connect_with(servers.current());
    match (crate::peer::without_panic(pool).await, learnt) {
        (Ok(pool), Ok(_)) => Ok((pool, shared)),
        (Err(error), _) => Err(Error::connect(one, error)),
        (_, Err(fault)) => Err(Error::connect(one, fault.into_error())),
    }
}

fn driver_options(options: &ConnectOptions) -> PgConnectOptions {
    let tls = if options.is_encrypted() { PgSslMode::VerifyFull } else { PgSslMode::Disable };
    let mut driver = PgConnectOptions::new_without_pgpass()
        .host(&options.host)
        .port(options.port())
        .username(&options.user)
        .database(options.database.as_deref().unwrap_or("postgres"))
        .application_name("datajoint-rust")
        // Numbers travel in binary form, and PgBouncer refuses whoever asks for it.
        .extra_float_digits(None)
        .ssl_mode(tls);
    if !options.password.is_empty() {
        driver = driver.password(&options.password);
    }
    if let Some(authority) = &options.certificate_authority {
        driver = driver.ssl_root_cert(authority);
    }
    driver
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

/// A time of day; of those that are no value of [`NaiveTime`](chrono::NaiveTime), PostgreSQL has 24:00:00.
struct Clock(TimeDelta);

impl Type<Postgres> for Clock {
    fn type_info() -> PgTypeInfo {
        <chrono::NaiveTime as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Clock {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let microseconds = self.0.num_microseconds().ok_or("a time longer than any that is kept")?;
        <i64 as Encode<'_, Postgres>>::encode(microseconds, buffer)
    }
}

/// The text with the types of its values behind it.
fn distinct(sql: &str, values: &[Value], columns: &[ColumnType]) -> String {
    let of = |(place, value): (usize, &Value)| match (value, columns.get(place % columns.len().max(1))) {
        (Value::Null, Some(column)) => letter_of_null(*column),
        _ => letter(value),
    };
    with_letters(sql, values.iter().enumerate().map(of))
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
    added.map_err(|error| Error::from(sqlx::Error::Encode(error)))
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
        Value::BigDecimal(value) => arguments.add(value.as_ref()),
        Value::Duration(value) => arguments.add(Clock(*value)),
        Value::Text(value) => arguments.add(Untyped(Some(value))),
        Value::Bytes(value) => arguments.add(value.as_slice()),
        Value::Date(value) => arguments.add(*value),
        Value::Time(value) => arguments.add(*value),
        Value::DateTime(value) => arguments.add(*value),
        Value::Uuid(value) => arguments.add(*value),
        Value::Json(value) => arguments.add(value.as_ref()),
    };
    added.map_err(|error| Error::from(sqlx::Error::Encode(error)))
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
        "TIMESTAMP" | "TIMESTAMPTZ" => Decoder::DateTime,
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
        Decoder::Decimal => decimal(row, place)?,
        Decoder::Text => row.try_get_unchecked::<Option<String>, _>(place)?.map(Value::Text),
        Decoder::Char => row
            .try_get_unchecked::<Option<i8>, _>(place)?
            .map(|byte| Value::Text(char::from(byte.cast_unsigned()).to_string())),
        Decoder::Bytes => row.try_get_unchecked::<Option<Vec<u8>>, _>(place)?.map(Value::Bytes),
        Decoder::Date => row.try_get_unchecked::<Option<i32>, _>(place)?.map(calendar::date),
        Decoder::Time => row
            .try_get_unchecked::<Option<i64>, _>(place)?
            .map(|microseconds| datajoint_sql::clock(TimeDelta::microseconds(microseconds))),
        // Those with a time zone travel as UTC.
        Decoder::DateTime => row.try_get_unchecked::<Option<i64>, _>(place)?.map(calendar::moment),
        Decoder::Uuid => row.try_get_unchecked::<Option<uuid::Uuid>, _>(place)?.map(Value::Uuid),
        Decoder::Json => {
            row.try_get_unchecked::<Option<JsonText>, _>(place)?.map(|JsonText(text)| json(text))
        }
        Decoder::Texts => row.try_get_unchecked::<Option<Vec<String>>, _>(place)?.map(list),
        Decoder::Ints => row.try_get_unchecked::<Option<Vec<i16>>, _>(place)?.map(list),
    };
    Ok(value.unwrap_or_default())
}

fn list(items: impl Into<serde_json::Value>) -> Value {
    Value::Json(Box::new(items.into()))
}

/// The document; its text where the numbers of the document would become others.
fn json(text: String) -> Value {
    match datajoint_sql::parse_json(&text) {
        Ok(document) => Value::Json(Box::new(document)),
        Err(_) => Value::Text(text),
    }
}

/// A `json` or `jsonb` as text.
struct JsonText(String);

impl Type<Postgres> for JsonText {
    fn type_info() -> PgTypeInfo {
        <serde_json::Value as Type<Postgres>>::type_info()
    }
}

impl<'r> Decode<'r, Postgres> for JsonText {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let is_binary = value.type_info().name() == "JSONB" && value.format() == PgValueFormat::Binary;
        let bytes = value.as_bytes()?;
        // The version stands in front.
        let text = if is_binary { bytes.get(1..).unwrap_or_default() } else { bytes };
        Ok(Self(String::from_utf8(text.to_vec())?))
    }
}

/// The number in the shortest form that holds it; `NaN` and `Infinity`, which are no numbers, as text.
fn decimal(row: &PgRow, place: usize) -> Result<Option<Value>> {
    let raw = row.try_get_raw(place)?;
    if raw.is_null() {
        return Ok(None);
    }
    let bytes = raw.as_bytes().map_err(|source| Error::from(sqlx::Error::Decode(source)))?;
    if let Some(number) = numeric::short(bytes) {
        return Ok(Some(Value::Decimal(number)));
    }
    Ok(Some(match row.try_get_unchecked::<BigDecimal, _>(place) {
        Ok(number) => Value::BigDecimal(Box::new(number)),
        Err(_) => Value::Text(numeric::special(bytes).to_owned()),
    }))
}
