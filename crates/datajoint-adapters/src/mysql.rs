//! MySQL and MariaDB.

mod temporal;

use std::sync::Arc;

use bigdecimal::BigDecimal;
use datajoint_definition::Backend;
use rust_decimal::Decimal;
use sqlx::mysql::{
    MySqlArguments, MySqlColumn, MySqlConnectOptions, MySqlConnection, MySqlDatabaseError, MySqlRow,
    MySqlSslMode,
};
use sqlx::{Arguments as _, Column as _, MySql, TypeInfo as _};

use crate::abandoned::Abandoned;
use crate::distinct::{letter, with_letters};
use crate::doubts::Doubts;
use crate::driver::driver;
use crate::servers::Servers;
use crate::setup::Setup;
use crate::{ConnectOptions, Error};

/// A user with many rights may write there all the same.
const IS_STANDBY: Option<&str> = Some("SELECT CAST(@@global.read_only AS signed)");

/// Which session is one of a Galera cluster, and what makes it wait for the other nodes.
const OTHER_NODES: Option<(&str, &str)> = Some((
    "SHOW GLOBAL VARIABLES WHERE Variable_name = 'wsrep_on' AND Value = 'ON'",
    "SET SESSION wsrep_sync_wait = 15",
));

driver!(MySql, MySqlConnection, MySqlArguments, MySqlRow);

struct Connections {
    pool: sqlx::MySqlPool,
    servers: Arc<Servers<MySql>>,
    setup: Setup,
    abandoned: Arc<Abandoned>,
}

impl Pool for Connections {
    fn acquire(&self) -> BoxFuture<'_, Result<Box<dyn Driver>>> {
        Box::pin(async {
            let acquire = self.servers.acquire_with(&self.pool, |connection| {
                Box::pin(Lent::asked(connection, Backend::Mysql, &self.abandoned))
            });
            let lent = self.setup.watch(self.servers.now(), Box::pin(acquire)).await?;
            Ok(Box::new(lent) as Box<dyn Driver>)
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.pool.close())
    }

    fn server(&self) -> String {
        self.servers.address()
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
    let pool = async {
        let pool = pool_options(options, setup.clone(), doubts, false).connect_with(servers.current());
        crate::peer::without_panic(pool).await.map_err(|error| Error::connect(one, error))
    };
    let pool = crate::peer::watch(one, setup.watch(one, Box::pin(pool))).await?;
    let servers = Arc::new(servers);
    let same = Arc::clone(&servers);
    let abandoned = abandoned(pool.clone(), move || same.current());
    Ok(Box::new(Connections { pool, servers, setup, abandoned }))
}

fn driver_options(options: &ConnectOptions) -> MySqlConnectOptions {
    let tls = if options.is_encrypted() { MySqlSslMode::VerifyIdentity } else { MySqlSslMode::Disabled };
    let mut driver = MySqlConnectOptions::new()
        .host(&options.host)
        .port(options.port())
        .username(&options.user)
        .charset("utf8mb4")
        .ssl_mode(tls)
        // The modes and the time zone are those that other clients of the database have.
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .timezone(None)
        .statement_cache_capacity(PREPARED + 1);
    if !options.password.is_empty() {
        driver = driver.password(&options.password);
    }
    if let Some(authority) = &options.certificate_authority {
        driver = driver.ssl_ca(authority);
    }
    driver
}

/// So many statements stay prepared on a connection.
const PREPARED: usize = 200;

/// The server sends all rows of an answer before it hears the next statement.
const ENDS_AT_ONCE: bool = false;

/// Closing each would cost its time: see [`make_room`].
const KEEPS_PREPARED: bool = true;

/// True for the few statements that MySQL does not prepare, such as `SAVEPOINT`.
fn is_never_prepared(error: &sqlx::Error) -> bool {
    const UNSUPPORTED: u16 = 1295;
    let error = error.as_database_error().and_then(|error| error.try_downcast_ref::<MySqlDatabaseError>());
    error.is_some_and(|error| error.number() == UNSUPPORTED)
}

/// Closes all prepared statements before one more would make the driver close the oldest.
///
/// The server does not answer to that, so that what is sent next waits for its delayed acknowledgement, about 40 ms:
/// better once than for every statement.
async fn make_room(connection: &mut MySqlConnection) -> Result<()> {
    use sqlx::Connection as _;

    if connection.cached_statements_size() >= PREPARED {
        connection.clear_cached_statements().await?;
    }
    Ok(())
}

/// The text with the types of its values behind it: MySQL reads later ones as those that came first. Rows have the types of
/// their columns, whatever came first.
fn distinct(sql: &str, values: &[Value], columns: &[ColumnType]) -> String {
    if columns.is_empty() { with_letters(sql, values.iter().map(letter)) } else { sql.to_owned() }
}

/// Values go as they are: the server reads a string as what its place wants.
async fn arrange(_: &mut MySqlConnection, _: &str, values: &[Value]) -> Result<MySqlArguments> {
    std::future::ready(arguments(&[], values)).await
}

fn bind_null(arguments: &mut MySqlArguments, _: ColumnType) -> Result<()> {
    bind(arguments, &Value::Null)
}

fn bind(arguments: &mut MySqlArguments, value: &Value) -> Result<()> {
    let added = match value {
        Value::Null | Value::Default => arguments.add(None::<i64>),
        Value::Bool(value) => arguments.add(i8::from(*value)),
        Value::Int(value) => arguments.add(*value),
        Value::UInt(value) => arguments.add(*value),
        Value::Float32(value) => arguments.add(*value),
        Value::Float64(value) => arguments.add(*value),
        Value::Decimal(value) => arguments.add(*value),
        Value::BigDecimal(value) => arguments.add(value.as_ref()),
        // The driver takes a part of a second below zero for one above.
        Value::Duration(value) => arguments.add(datajoint_sql::show_span(*value)),
        Value::Text(value) => arguments.add(value.as_str()),
        Value::Bytes(value) => arguments.add(value.as_slice()),
        Value::Date(value) => arguments.add(*value),
        Value::Time(value) => arguments.add(*value),
        Value::DateTime(value) => arguments.add(*value),
        Value::Uuid(value) => arguments.add(value.as_bytes().as_slice()),
        Value::Json(value) => arguments.add(value.to_string()),
    };
    added.map_err(|error| Error::from(sqlx::Error::Encode(error)))
}

/// How the values of a column are read.
#[derive(Clone, Copy)]
enum Decoder {
    Int,
    UInt,
    Float32,
    Float64,
    Decimal,
    Text,
    Bytes,
    Date,
    Time,
    DateTime,
    Json,
}

fn decoder(column: &MySqlColumn) -> Result<Decoder> {
    Ok(match column.type_info().name() {
        "BOOLEAN" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => Decoder::Int,
        "TINYINT UNSIGNED" | "SMALLINT UNSIGNED" | "MEDIUMINT UNSIGNED" | "INT UNSIGNED"
        | "BIGINT UNSIGNED" | "YEAR" | "BIT" => Decoder::UInt,
        "FLOAT" => Decoder::Float32,
        "DOUBLE" => Decoder::Float64,
        "DECIMAL" => Decoder::Decimal,
        "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" | "ENUM" | "SET" | "NULL" => {
            Decoder::Text
        }
        // A collation such as utf8mb4_bin compares bytes, but its columns hold text.
        "BINARY" | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB"
            if <str as sqlx::Type<MySql>>::compatible(column.type_info()) =>
        {
            Decoder::Text
        }
        "BINARY" | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" => Decoder::Bytes,
        "DATE" => Decoder::Date,
        "TIME" => Decoder::Time,
        "DATETIME" | "TIMESTAMP" => Decoder::DateTime,
        "JSON" => Decoder::Json,
        other => {
            return Err(Error::UnsupportedType {
                column: column.name().to_owned(),
                type_name: other.to_owned(),
            });
        }
    })
}

fn read(row: &MySqlRow, place: usize, decoder: Decoder) -> Result<Value> {
    let value = match decoder {
        Decoder::Int => row.try_get_unchecked::<Option<i64>, _>(place)?.map(Value::Int),
        Decoder::UInt => row
            .try_get_unchecked::<Option<u64>, _>(place)?
            .map(|value| i64::try_from(value).map_or(Value::UInt(value), Value::Int)),
        Decoder::Float32 => row.try_get_unchecked::<Option<f32>, _>(place)?.map(Value::Float32),
        Decoder::Float64 => row.try_get_unchecked::<Option<f64>, _>(place)?.map(Value::Float64),
        Decoder::Decimal => row.try_get_unchecked::<Option<String>, _>(place)?.map(decimal),
        Decoder::Text => row.try_get_unchecked::<Option<String>, _>(place)?.map(Value::Text),
        Decoder::Bytes => row.try_get_unchecked::<Option<Vec<u8>>, _>(place)?.map(Value::Bytes),
        Decoder::Date => bytes(row, place)?.map(temporal::date),
        Decoder::Time => bytes(row, place)?.map(temporal::time),
        Decoder::DateTime => bytes(row, place)?.map(temporal::moment),
        Decoder::Json => row.try_get_unchecked::<Option<String>, _>(place)?.map(|text| {
            // As text where its numbers would become others.
            datajoint_sql::parse_json(&text).map_or(Value::Text(text), |json| Value::Json(Box::new(json)))
        }),
    };
    Ok(value.unwrap_or_default())
}

/// The bytes of a date or time; the driver takes a date of zeros for null.
fn bytes(row: &MySqlRow, place: usize) -> Result<Option<&[u8]>> {
    let raw = row.try_get_raw(place)?;
    Ok(<&[u8] as sqlx::Decode<'_, MySql>>::decode(raw).ok())
}

/// The number in the shortest form that holds it.
fn decimal(text: String) -> Value {
    match Decimal::from_str_exact(&text) {
        Ok(number) => Value::Decimal(number),
        Err(_) => match text.parse::<BigDecimal>() {
            Ok(number) => Value::BigDecimal(Box::new(number)),
            Err(_) => Value::Text(text),
        },
    }
}
