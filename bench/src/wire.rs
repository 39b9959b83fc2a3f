//! The driver alone: what any library could reach at most.

#![expect(clippy::disallowed_methods, reason = "the driver alone is what is compared with")]

use crate::{Result, Workloads};

mod mysql;
mod postgres;
mod shared;
mod sqlite;
mod tables;

/// A driver, connected.
pub(crate) enum Side {
    Mysql(sqlx::MySqlPool),
    Postgres(sqlx::PgPool),
    Sqlite(sqlx::SqlitePool),
}

impl Side {
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        Ok(if url.starts_with("postgres") {
            Self::Postgres(postgres::connect(url).await?)
        } else if url.starts_with("mysql") {
            Self::Mysql(mysql::connect(url).await?)
        } else {
            Self::Sqlite(sqlite::connect(url).await?)
        })
    }
}

impl Workloads for Side {
    async fn run(&mut self, workload: &str) -> Result<Option<f64>> {
        match self {
            Self::Mysql(pool) => mysql::run(pool, workload).await,
            Self::Postgres(pool) => postgres::run(pool, workload).await,
            Self::Sqlite(pool) => sqlite::run(pool, workload).await,
        }
    }

    async fn begin(&mut self) -> Result<()> {
        match self {
            Self::Mysql(pool) => mysql::begin(pool).await,
            Self::Postgres(pool) => postgres::begin(pool).await,
            Self::Sqlite(pool) => sqlite::begin(pool).await,
        }
    }

    async fn end(&mut self) -> Result<()> {
        match self {
            Self::Mysql(pool) => mysql::end(pool).await,
            Self::Postgres(pool) => postgres::end(pool).await,
            Self::Sqlite(pool) => sqlite::end(pool).await,
        }
    }
}
