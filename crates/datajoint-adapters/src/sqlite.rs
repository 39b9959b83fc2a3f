//! SQLite.

mod ending;
mod file;
mod opened;
mod patient;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteArguments, SqliteColumn, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{Arguments as _, Sqlite, TypeInfo as _, ValueRef as _};

use datajoint_sql::{Session, session_setup};

use crate::doubts::Doubts;
use crate::driver::driver;
use crate::setup::Setup;
use crate::{ConnectOptions, Error};

use patient::Patient;

/// What is no path.
const IN_MEMORY: &str = ":memory:";

/// There is one file.
const IS_STANDBY: Option<&str> = None;
const OTHER_NODES: Option<(&str, &str)> = None;

driver!(Sqlite, SqliteConnection, SqliteArguments, SqliteRow);

/// The thread that reads leaves the statement when nobody takes its rows.
const ENDS_AT_ONCE: bool = true;

/// What is run once leaves nothing behind.
const KEEPS_PREPARED: bool = false;

/// Every statement can be prepared.
const fn is_never_prepared(_: &sqlx::Error) -> bool {
    false
}

/// The driver has closed the oldest one when it prepares another.
async fn make_room(_: &mut SqliteConnection) -> Result<()> {
    std::future::ready(Ok(())).await
}

struct File {
    pool: sqlx::SqlitePool,
    /// How long to wait for a lock of the file.
    patience: Duration,
    /// The file, where it may be written.
    path: Option<PathBuf>,
}

impl Drop for File {
    fn drop(&mut self) {
        ending::end_all(self.pool.clone(), self.path.take());
    }
}

impl Pool for File {
    fn acquire(&self) -> BoxFuture<'_, Result<Box<dyn Driver>>> {
        Box::pin(async {
            let connection = self.pool.acquire().await?;
            Ok(Box::new(Patient::new(Lent::new(connection), self.patience)) as Box<dyn Driver>)
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.pool.close())
    }
}

pub(crate) async fn connect(
    options: &ConnectOptions,
    setup: Setup,
    doubts: Arc<Doubts>,
) -> Result<Box<dyn Pool>> {
    if options.path.as_os_str() != IN_MEMORY
        && let Some(fault) = opened::look_at(&options.path)
    {
        return Err(Error::NoFile { path: options.address(), fault });
    }
    let mut driver = SqliteConnectOptions::new()
        .filename(&options.path)
        .foreign_keys(true)
        .busy_timeout(options.session.lock_patience())
        // The rows come from a thread of their own: a long queue keeps it busy.
        .row_buffer_size(1024);
    let (is_there, can_write) = (options.path.exists(), opened::can_write(&options.path));
    let setup = if options.session.is_existing || !can_write {
        if !is_there {
            return Err(no_database(
                options,
                "is not there, and nothing may be created: name the file that is meant with `database.path` (DJ_DATABASE_PATH), or declare its \
             first table",
            ));
        }
        driver = existing(options, driver.read_only(!can_write)).await?;
        setup.with(session_setup(options.backend, Session { is_existing: true, ..options.session }))
    } else {
        driver = driver
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What is told as committed is there after the power failed.
            .synchronous(SqliteSynchronous::Full);
        setup
    };
    match pool_options(options, setup, doubts, true).connect_with(driver).await {
        Ok(pool) => {
            opened::remember(&options.path);
            let path = (!options.session.is_read_only && can_write).then(|| options.path.clone());
            Ok(Box::new(File { pool, patience: options.session.lock_patience(), path }))
        }
        Err(error) => Err(Error::connect(options, error)),
    }
}

/// The way to open a database in which nothing may be created. Fails when it lacks what this library keeps in one.
async fn existing(options: &ConnectOptions, driver: SqliteConnectOptions) -> Result<SqliteConnectOptions> {
    use sqlx::{ConnectOptions as _, Connection as _};

    let look = async |driver: &SqliteConnectOptions| -> Result<()> {
        let mut connection = driver.connect().await?;
        let found = raw(&mut connection, "SELECT 1 FROM \"~schema\", \"~comment\" LIMIT 1").await;
        // The last that closes a database takes away the log beside it, and a process may end before one that is dropped.
        connection.close().await?;
        found
    };
    let Err(error) = look(&driver).await else { return Ok(driver) };
    if error.kind() == Some(crate::Kind::MissingTable) {
        return Err(no_database(
            options,
            "holds no schemas, and nothing may be created: name the file that is meant with `database.path` (DJ_DATABASE_PATH), or \
             declare its first table",
        ));
    }
    if !needs_a_file_beside(&error) {
        return Err(error.at(options, crate::error::FILE_ADVICE));
    }
    if has_log(&options.path) {
        return Err(no_database(
            options,
            "has a log beside it (`-wal` or `-journal`) with what was committed last, which can be read where files may be written \
             beside it alone: let somebody who may open it once, or copy both to a folder of yours",
        ));
    }
    // Where no file may be written beside it, it can be read as one that nobody changes.
    let alone = driver.immutable(true);
    match look(&alone).await {
        Ok(()) => Ok(alone),
        Err(_) => Err(error.at(options, crate::error::FILE_ADVICE)),
    }
}

/// True where SQLite fails since it may write no file beside the database, or none into its folder.
fn needs_a_file_beside(error: &Error) -> bool {
    // SQLITE_READONLY and SQLITE_CANTOPEN, whatever stands in the higher bytes.
    let code = error.code().and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 8 | 14))
}

/// True for a database with changes that are not in its one file.
fn has_log(path: &std::path::Path) -> bool {
    ["-wal", "-journal"].iter().any(|end| {
        let mut log = path.as_os_str().to_owned();
        log.push(end);
        std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
    })
}

fn no_database(options: &ConnectOptions, problem: &'static str) -> Error {
    Error::NoDatabase { path: options.address(), problem }
}

/// Values have types of their own: any can share a prepared statement.
fn distinct(sql: &str, _: &[Value], _: &[ColumnType]) -> String {
    sql.to_owned()
}

/// Values go as they are: the server reads a string as what its place wants.
async fn arrange(_: &mut SqliteConnection, _: &str, values: &[Value]) -> Result<SqliteArguments> {
    std::future::ready(arguments(&[], values)).await
}

fn bind_null(arguments: &mut SqliteArguments, _: ColumnType) -> Result<()> {
    bind(arguments, &Value::Null)
}

fn bind(arguments: &mut SqliteArguments, value: &Value) -> Result<()> {
    let added = match value {
        Value::Null | Value::Default => arguments.add(None::<i64>),
        Value::Bool(value) => arguments.add(i64::from(*value)),
        Value::Int(value) => arguments.add(*value),
        // As a column for such numbers keeps them.
        Value::UInt(value) => match i64::try_from(*value) {
            Ok(value) => arguments.add(value),
            Err(_) => arguments.add(format!("{value:020}")),
        },
        Value::Float32(value) => arguments.add(f64::from(*value)),
        Value::Float64(value) => arguments.add(*value),
        Value::Decimal(value) => arguments.add(value.to_string()),
        Value::BigDecimal(value) => arguments.add(value.to_plain_string()),
        Value::Duration(value) => arguments.add(datajoint_sql::show_span(*value)),
        Value::Text(value) => arguments.add(value.clone()),
        Value::Bytes(value) => arguments.add(value.clone()),
        Value::Date(value) => arguments.add(value.to_string()),
        Value::Time(value) => arguments.add(value.to_string()),
        Value::DateTime(value) => arguments.add(value.format("%Y-%m-%d %H:%M:%S%.f").to_string()),
        Value::Uuid(value) => arguments.add(value.as_bytes().to_vec()),
        Value::Json(value) => arguments.add(value.to_string()),
    };
    added.map_err(|error| Error::from(sqlx::Error::Encode(error)))
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
