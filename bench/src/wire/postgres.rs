//! sqlx on PostgreSQL.

use chrono::NaiveDate;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Arguments as _, PgConnection, PgPool};

use super::shared::workloads;

const BEGIN: &str = "BEGIN";
const MOMENT: &str = "timestamp";
const BYTES: &str = "bytea";

workloads!(PgPool, PgConnection, PgRow);

pub(super) async fn connect(url: &str) -> Result<PgPool> {
    Ok(PgPool::connect(url).await?)
}

async fn create_schema(pool: &PgPool, name: &str) -> Result<()> {
    execute(pool, &format!("CREATE SCHEMA {name}")).await
}

async fn drop_schema(pool: &PgPool, name: &str) -> Result<()> {
    execute(pool, &format!("DROP SCHEMA IF EXISTS {name} CASCADE")).await
}

/// Values are numbered.
fn text(sql: &str) -> String {
    let mut pieces = sql.split('?');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.zip(1..).fold(first, |text, (piece, number)| format!("{text}${number}{piece}"))
}

/// COPY in its binary form; for few rows the driver waits longer for its end than an INSERT takes.
async fn insert(connection: &mut PgConnection, rows: &[Plain]) -> Result<()> {
    if rows.len() <= 1000 {
        return insert_few(connection, rows).await;
    }
    let epoch =
        NaiveDate::from_ymd_opt(2000, 1, 1).and_then(|date| date.and_hms_opt(0, 0, 0)).ok_or("no date")?;
    copy(connection, "r (id, name, value, at, extra)", rows, |row, bytes| {
        bytes.extend(5_i16.to_be_bytes());
        field(bytes, &row.id.to_be_bytes());
        field(bytes, row.name.as_bytes());
        field(bytes, &row.value.to_be_bytes());
        field(bytes, &(row.at - epoch).num_microseconds().unwrap_or_default().to_be_bytes());
        match row.extra {
            Some(extra) => field(bytes, &extra.to_be_bytes()),
            None => bytes.extend((-1_i32).to_be_bytes()),
        }
    })
    .await
}

async fn insert_few(connection: &mut PgConnection, rows: &[Plain]) -> Result<()> {
    let places = vec!["(?,?,?,?,?)"; rows.len()].join(",");
    let mut arguments = PgArguments::default();
    for row in rows {
        arguments.add(row.id)?;
        arguments.add(row.name.as_str())?;
        arguments.add(row.value)?;
        arguments.add(row.at)?;
        arguments.add(row.extra)?;
    }
    let insert = text(&format!("INSERT INTO bench_wire.r (id,name,value,at,extra) VALUES {places}"));
    sqlx::query_with(AssertSqlSafe(insert), arguments).execute(connection).await?;
    Ok(())
}

async fn insert_blobs(pool: &PgPool, blobs: &[Vec<u8>]) -> Result<()> {
    let rows: Vec<(i32, &Vec<u8>)> = (0..).zip(blobs).collect();
    copy(&mut *pool.acquire().await?, "blobs (id, data)", &rows, |(id, data), bytes| {
        bytes.extend(2_i16.to_be_bytes());
        field(bytes, &id.to_be_bytes());
        field(bytes, data);
    })
    .await
}

async fn copy<T>(
    connection: &mut PgConnection,
    into: &str,
    rows: &[T],
    encode: impl Fn(&T, &mut Vec<u8>),
) -> Result<()> {
    let mut copy =
        connection.copy_in_raw(&format!("COPY bench_wire.{into} FROM STDIN (FORMAT binary)")).await?;
    let mut bytes = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec();
    for row in rows {
        encode(row, &mut bytes);
        if bytes.len() > 1 << 18 {
            copy.send(bytes.as_slice()).await?;
            bytes.clear();
        }
    }
    bytes.extend((-1_i16).to_be_bytes());
    copy.send(bytes.as_slice()).await?;
    copy.finish().await?;
    Ok(())
}

fn field(bytes: &mut Vec<u8>, value: &[u8]) {
    bytes.extend(i32::try_from(value.len()).unwrap_or(i32::MAX).to_be_bytes());
    bytes.extend(value);
}

#[cfg(test)]
mod tests {
    #[test]
    fn values_are_numbered() {
        assert_eq!(super::text("a = ? OR b = ?"), "a = $1 OR b = $2");
        assert_eq!(super::text("SELECT 1"), "SELECT 1");
    }
}
