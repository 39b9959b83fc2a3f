//! What is asked of the server itself.

#![expect(clippy::disallowed_methods, reason = "the server itself is asked, beside what is measured")]

use sqlx::mysql::MySqlPool;
use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, Row as _};

use crate::Result;

/// A connection beside the library.
pub(super) enum Server {
    Postgresql { pool: PgPool, counts: bool },
    Mysql(MySqlPool),
    Embedded,
}

impl Server {
    pub(super) async fn connect(url: &str) -> Result<Self> {
        Ok(match url.split(':').next() {
            Some("postgres" | "postgresql") => {
                let pool = PgPool::connect(url).await?;
                let made =
                    sqlx::raw_sql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements").execute(&pool).await;
                let counted =
                    sqlx::query("SELECT 1 FROM pg_stat_statements LIMIT 1").fetch_optional(&pool).await;
                let counts = made.is_ok() && counted.is_ok();
                if !counts {
                    println!(
                        "statements are counted where `shared_preload_libraries` has pg_stat_statements"
                    );
                }
                Self::Postgresql { pool, counts }
            }
            Some("mysql" | "mariadb") => Self::Mysql(MySqlPool::connect(url).await?),
            _ => Self::Embedded,
        })
    }

    /// How many statements the server has run, where it counts them.
    pub(super) async fn statements(&self) -> Result<Option<i64>> {
        Ok(match self {
            Self::Postgresql { pool, counts: true } => {
                let sql = "SELECT sum(calls)::bigint FROM pg_stat_statements";
                Some(sqlx::query(sql).fetch_one(pool).await?.try_get(0)?)
            }
            Self::Mysql(pool) => {
                let row = sqlx::raw_sql("SHOW GLOBAL STATUS LIKE 'Questions'").fetch_one(pool).await?;
                Some(row.try_get::<String, _>(1)?.parse()?)
            }
            _ => None,
        })
    }

    /// Adds jobs that are done, of keys above those that are to do.
    pub(super) async fn fill_done(&self, above: i32, number: u32) -> Result<()> {
        match self {
            Self::Postgresql { pool, .. } => {
                let sql = format!(
                    "INSERT INTO bench_queue.\"~~parts\" (id, status, priority) SELECT n, 'success', 5 FROM \
                     generate_series({above} + 1, {above} + {number}) n"
                );
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await?;
            }
            Self::Mysql(pool) => {
                let sql = format!(
                    "INSERT INTO bench_queue.`~~parts` (id, status, priority) SELECT {above} + seq, 'success', 5 FROM \
                     seq_1_to_{number}"
                );
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await?;
            }
            Self::Embedded => {}
        }
        self.settle().await
    }

    /// Does what servers do by themselves after a while.
    pub(super) async fn settle(&self) -> Result<()> {
        match self {
            Self::Postgresql { pool, .. } => {
                sqlx::raw_sql("VACUUM ANALYZE").execute(pool).await?;
            }
            Self::Mysql(pool) => {
                let sql = "ANALYZE TABLE bench_queue.`~~parts`, bench_queue.source";
                sqlx::raw_sql(sql).execute(pool).await?;
            }
            Self::Embedded => {}
        }
        Ok(())
    }
}
