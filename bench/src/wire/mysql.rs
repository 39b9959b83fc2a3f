//! sqlx on MySQL and MariaDB.

use sqlx::mysql::{MySqlArguments, MySqlRow};
use sqlx::{Arguments as _, MySqlConnection, MySqlPool};

use super::shared::workloads;

const BEGIN: &str = "BEGIN";
const MOMENT: &str = "datetime";
const BYTES: &str = "longblob";

/// How many rows a statement takes.
const AT_ONCE: usize = 2000;

workloads!(MySqlPool, MySqlConnection, MySqlRow);

pub(super) async fn connect(url: &str) -> Result<MySqlPool> {
    Ok(MySqlPool::connect(url).await?)
}

async fn create_schema(pool: &MySqlPool, name: &str) -> Result<()> {
    execute(pool, &format!("CREATE SCHEMA {name}")).await
}

async fn drop_schema(pool: &MySqlPool, name: &str) -> Result<()> {
    execute(pool, &format!("DROP SCHEMA IF EXISTS {name}")).await
}

fn text(sql: &str) -> String {
    sql.to_owned()
}

async fn insert(connection: &mut MySqlConnection, rows: &[Plain]) -> Result<()> {
    let mut transaction = connection.begin().await?;
    for part in rows.chunks(AT_ONCE) {
        let places = vec!["(?,?,?,?,?)"; part.len()].join(",");
        let mut arguments = MySqlArguments::default();
        for row in part {
            arguments.add(row.id)?;
            arguments.add(row.name.as_str())?;
            arguments.add(row.value)?;
            arguments.add(row.at)?;
            arguments.add(row.extra)?;
        }
        let text = format!("INSERT INTO bench_wire.r (id,name,value,at,extra) VALUES {places}");
        sqlx::query_with(AssertSqlSafe(text), arguments).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}

async fn insert_blobs(pool: &MySqlPool, blobs: &[Vec<u8>]) -> Result<()> {
    let mut transaction = pool.begin().await?;
    for (id, data) in (0..).zip(blobs) {
        let query = sqlx::query("INSERT INTO bench_wire.blobs (id, data) VALUES (?, ?)");
        query.bind::<i32>(id).bind(data.as_slice()).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}
