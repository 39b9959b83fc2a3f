//! sqlx on SQLite.

use std::time::Duration;

use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Arguments as _, SqliteConnection, SqlitePool};

use super::shared::workloads;

const BEGIN: &str = "BEGIN IMMEDIATE";
const MOMENT: &str = "datetime";
const BYTES: &str = "blob";

/// How many rows a statement takes.
const AT_ONCE: usize = 500;

workloads!(SqlitePool, SqliteConnection, SqliteRow);

pub(super) async fn connect(url: &str) -> Result<SqlitePool> {
    let file = format!("{}.wire", url.trim_start_matches("sqlite:"));
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(Duration::from_mins(1))
        .row_buffer_size(1024);
    Ok(SqlitePoolOptions::new().connect_with(options).await?)
}

/// There are no schemas: their names stand before those of tables.
fn text(sql: &str) -> String {
    sql.replace("bench_wire.", "bench_wire_").replace("bench_wire_tree.", "bench_wire_tree_")
}

#[expect(clippy::unused_async, reason = "as on servers")]
async fn create_schema(_: &SqlitePool, _: &str) -> Result<()> {
    Ok(())
}

async fn drop_schema(pool: &SqlitePool, name: &str) -> Result<()> {
    let known = sqlx::query("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid DESC");
    for table in known.fetch_all(pool).await? {
        let table: String = table.try_get(0)?;
        if table.starts_with(&format!("{name}_")) {
            execute(pool, &format!("DROP TABLE {table}")).await?;
        }
    }
    Ok(())
}

async fn insert(connection: &mut SqliteConnection, rows: &[Plain]) -> Result<()> {
    let mut transaction = connection.begin_with(BEGIN).await?;
    for part in rows.chunks(AT_ONCE) {
        let places = vec!["(?,?,?,?,?)"; part.len()].join(",");
        let mut arguments = SqliteArguments::default();
        for row in part {
            arguments.add(row.id)?;
            arguments.add(row.name.clone())?;
            arguments.add(row.value)?;
            arguments.add(row.at)?;
            arguments.add(row.extra)?;
        }
        let insert = format!("INSERT INTO bench_wire_r (id,name,value,at,extra) VALUES {places}");
        sqlx::query_with(AssertSqlSafe(insert), arguments).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}

async fn insert_blobs(pool: &SqlitePool, blobs: &[Vec<u8>]) -> Result<()> {
    let mut transaction = pool.begin_with(BEGIN).await?;
    for (id, data) in (0..).zip(blobs) {
        let query = sqlx::query("INSERT INTO bench_wire_blobs (id, data) VALUES (?, ?)");
        query.bind::<i32>(id).bind(data.as_slice()).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}
