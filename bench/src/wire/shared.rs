//! What is the same for every driver, written once for their types.

/// The workloads of a driver. Its module has `insert` and `insert_blobs`, `BEGIN`, `create_schema` and
/// `drop_schema`, the names of types `MOMENT` and `BYTES`, and `text`, which writes a statement as the backend has it.
macro_rules! workloads {
    ($pool:ty, $connection:ty, $row:ty) => {
        use futures_util::TryStreamExt as _;
        use sqlx::{AssertSqlSafe, Connection as _, Row as _};

        use $crate::Result;
        use $crate::clock::Clock;
        use $crate::data::{BLOBS, CASCADE, KEYS, Plain, ROWS, SINGLE, row};

        const FETCH: &str = "SELECT id, name, value, at, extra FROM bench_wire.r";

        pub(super) async fn run(pool: &$pool, workload: &str) -> Result<Option<f64>> {
            Ok(Some(match workload {
                "insert 100k rows" => inserted(pool, ROWS, ROWS).await?,
                "insert 1k rows x 100" => inserted(pool, ROWS, 1000).await?,
                "insert1 x 2000" => insert_single(pool).await?,
                "fetch 100k rows" => {
                    filled(pool).await?;
                    let clock = Clock::start()?;
                    let mut all = Vec::new();
                    let mut rows = sqlx::query(AssertSqlSafe(text(FETCH))).fetch(pool);
                    while let Some(row) = rows.try_next().await? {
                        all.push(plain(&row)?);
                    }
                    clock.stop()?;
                    all.iter().map(Plain::check).sum()
                }
                "stream 100k rows" => {
                    filled(pool).await?;
                    let clock = Clock::start()?;
                    let mut sum = 0.0;
                    let mut rows = sqlx::query(AssertSqlSafe(text(FETCH))).fetch(pool);
                    while let Some(row) = rows.try_next().await? {
                        sum += plain(&row)?.check();
                    }
                    clock.stop()?;
                    sum
                }
                "fetch1 x 2000" => {
                    filled(pool).await?;
                    let fetch = text(&format!("{FETCH} WHERE id = ?"));
                    // The pool asks a connection that comes back whether it is there.
                    let mut connection = pool.acquire().await?;
                    let clock = Clock::start()?;
                    let mut sum = 0.0;
                    for number in 0..SINGLE {
                        let query = sqlx::query(AssertSqlSafe(fetch.clone())).bind(number * 17);
                        sum += plain(&query.fetch_one(&mut *connection).await?)?.check();
                    }
                    clock.stop()?;
                    sum
                }
                "count x 200" => {
                    filled(pool).await?;
                    let count = text("SELECT count(*) FROM bench_wire.r WHERE id > ?");
                    let mut connection = pool.acquire().await?;
                    let clock = Clock::start()?;
                    let mut sum = 0;
                    for number in 0..200_i64 {
                        let query = sqlx::query(AssertSqlSafe(count.clone())).bind(number);
                        sum += query.fetch_one(&mut *connection).await?.try_get::<i64, _>(0)?;
                    }
                    clock.stop()?;
                    sum as f64
                }
                "insert 100 blobs of 1 MiB" => blobs_inserted(pool).await?,
                "fetch 100 blobs of 1 MiB" => {
                    if number(pool, "SELECT count(*) FROM bench_wire.blobs").await? != f64::from(BLOBS) {
                        insert_blobs(pool, &all_blobs()).await?;
                    }
                    let clock = Clock::start()?;
                    let blobs = fetched_blobs(pool).await?;
                    clock.stop()?;
                    check_of_blobs(&blobs)
                }
                "declare 100 tables" => declare(pool).await?,
                "populate 2000 keys" => populate(pool, 1).await?,
                "populate 2000 keys, 4 workers" => populate(pool, 4).await?,
                "delete 55k rows in cascade" => cascade(pool).await?,
                _ => return Ok(None),
            }))
        }

        async fn execute(pool: &$pool, sql: &str) -> Result<()> {
            sqlx::raw_sql(AssertSqlSafe(text(sql))).execute(pool).await?;
            Ok(())
        }

        async fn number(pool: &$pool, sql: &str) -> Result<f64> {
            Ok(sqlx::query(AssertSqlSafe(text(sql))).fetch_one(pool).await?.try_get::<i64, _>(0)? as f64)
        }

        fn plain(row: &$row) -> Result<Plain, sqlx::Error> {
            Ok(Plain {
                id: row.try_get(0)?,
                name: row.try_get(1)?,
                value: row.try_get(2)?,
                at: row.try_get(3)?,
                extra: row.try_get(4)?,
            })
        }

        async fn filled(pool: &$pool) -> Result<()> {
            if number(pool, "SELECT count(*) FROM bench_wire.r").await? != ROWS as f64 {
                execute(pool, "DELETE FROM bench_wire.r").await?;
                insert(&mut *pool.acquire().await?, &(0..ROWS).map(row).collect::<Vec<_>>()).await?;
            }
            Ok(())
        }

        async fn sum_of_rows(pool: &$pool) -> Result<f64> {
            let rows = sqlx::query(AssertSqlSafe(text(FETCH))).fetch_all(pool).await?;
            let rows: Vec<Plain> = rows.iter().map(plain).collect::<Result<_, _>>()?;
            Ok(rows.iter().map(Plain::check).sum())
        }

        async fn inserted(pool: &$pool, rows: i64, at_once: i64) -> Result<f64> {
            execute(pool, "DELETE FROM bench_wire.r").await?;
            let data: Vec<Plain> = (0..rows).map(row).collect();
            let mut connection = pool.acquire().await?;
            let clock = Clock::start()?;
            for part in data.chunks(usize::try_from(at_once)?) {
                insert(&mut connection, part).await?;
            }
            clock.stop()?;
            drop(connection);
            sum_of_rows(pool).await
        }

        async fn insert_single(pool: &$pool) -> Result<f64> {
            execute(pool, "DELETE FROM bench_wire.r").await?;
            let sql = text("INSERT INTO bench_wire.r (id, name, value, at, extra) VALUES (?, ?, ?, ?, ?)");
            let data: Vec<Plain> = (0..SINGLE).map(row).collect();
            let mut connection = pool.acquire().await?;
            let clock = Clock::start()?;
            for Plain { id, name, value, at, extra } in data {
                let query = sqlx::query(AssertSqlSafe(sql.clone())).bind(id).bind(name).bind(value);
                query.bind(at).bind(extra).execute(&mut *connection).await?;
            }
            clock.stop()?;
            sum_of_rows(pool).await
        }

        /// The blobs as bytes: a driver packs nothing.
        fn all_blobs() -> Vec<Vec<u8>> {
            let bytes = |numbers: Vec<f64>| numbers.into_iter().flat_map(f64::to_le_bytes).collect();
            (0..BLOBS).map(|id| bytes($crate::data::blob(id))).collect()
        }

        fn check_of_blobs(blobs: &[Vec<u8>]) -> f64 {
            let numbers = blobs.iter().flat_map(|blob| blob.as_chunks().0);
            numbers.map(|bytes| f64::from_le_bytes(*bytes)).sum()
        }

        async fn fetched_blobs(pool: &$pool) -> Result<Vec<Vec<u8>>> {
            let mut blobs = Vec::new();
            let mut rows =
                sqlx::query(AssertSqlSafe(text("SELECT id, data FROM bench_wire.blobs"))).fetch(pool);
            while let Some(row) = rows.try_next().await? {
                blobs.push(row.try_get(1)?);
            }
            Ok(blobs)
        }

        async fn blobs_inserted(pool: &$pool) -> Result<f64> {
            execute(pool, "DELETE FROM bench_wire.blobs").await?;
            let blobs = all_blobs();
            let clock = Clock::start()?;
            insert_blobs(pool, &blobs).await?;
            clock.stop()?;
            Ok(check_of_blobs(&fetched_blobs(pool).await?))
        }

        async fn populate(pool: &$pool, workers: i32) -> Result<f64> {
            execute(pool, "DELETE FROM bench_wire.twice").await?;
            execute(pool, "DELETE FROM bench_wire.source").await?;
            let insert = text("INSERT INTO bench_wire.source (id, x) VALUES (?, ?)");
            let mut transaction = pool.begin().await?;
            for id in 0..KEYS {
                let query = sqlx::query(AssertSqlSafe(insert.clone())).bind(id).bind(f64::from(id));
                query.execute(&mut *transaction).await?;
            }
            transaction.commit().await?;
            let clock = Clock::start()?;
            let work = |worker| {
                let pool = pool.clone();
                tokio::spawn(async move {
                    let mut connection = pool.acquire().await?;
                    for id in (worker..KEYS).step_by(workers as usize) {
                        make(&mut connection, id).await?;
                    }
                    Ok::<_, sqlx::Error>(())
                })
            };
            for worker in (0..workers).map(work).collect::<Vec<_>>() {
                worker.await??;
            }
            clock.stop()?;
            let sum = sqlx::query(AssertSqlSafe(text("SELECT sum(y) FROM bench_wire.twice")));
            Ok(sum.fetch_one(pool).await?.try_get(0)?)
        }

        async fn make(connection: &mut $connection, id: i32) -> Result<(), sqlx::Error> {
            let mut transaction = connection.begin_with(BEGIN).await?;
            let select = text("SELECT x FROM bench_wire.source WHERE id = ?");
            let query = sqlx::query(AssertSqlSafe(select)).bind(id);
            let x: f64 = query.fetch_one(&mut *transaction).await?.try_get(0)?;
            let insert = text("INSERT INTO bench_wire.twice (id, y) VALUES (?, ?)");
            let query = sqlx::query(AssertSqlSafe(insert)).bind(id).bind(2.0 * x);
            query.execute(&mut *transaction).await?;
            transaction.commit().await
        }

        async fn cascade(pool: &$pool) -> Result<f64> {
            for table in ["d", "c", "b", "a"] {
                execute(pool, &format!("DELETE FROM bench_wire.{table}")).await?;
            }
            let [a, b, c, d] = CASCADE;
            for first in 0..a / 10 {
                let values = |range: std::ops::Range<i32>, of: &dyn Fn(i32) -> String| {
                    range.map(of).collect::<Vec<_>>().join(", ")
                };
                let part = |count: i32| first * count / (a / 10)..(first + 1) * count / (a / 10);
                let all = [
                    ("a", values(part(a), &|n| format!("({n}, {})", n % 2))),
                    ("b", values(part(b), &|n| format!("({}, {})", n / 10, n % 10))),
                    ("c", values(part(c), &|n| format!("({}, {}, {})", n / 100, n / 10 % 10, n % 10))),
                    (
                        "d",
                        values(part(d), &|n| {
                            format!("({}, {}, {}, {}, 0.5)", n / 1000, n / 100 % 10, n / 10 % 10, n % 10)
                        }),
                    ),
                ];
                for (table, values) in all {
                    execute(pool, &format!("INSERT INTO bench_wire.{table} VALUES {values}")).await?;
                }
            }
            let clock = Clock::start()?;
            let mut transaction = pool.begin_with(BEGIN).await?;
            let mut which = "x = 1".to_owned();
            let mut statements = Vec::new();
            for table in ["a", "b", "c", "d"] {
                statements.push(format!("DELETE FROM bench_wire.{table} WHERE {which}"));
                which = "a IN (SELECT a FROM bench_wire.a WHERE x = 1)".to_owned();
            }
            for statement in statements.into_iter().rev() {
                sqlx::query(AssertSqlSafe(text(&statement))).execute(&mut *transaction).await?;
            }
            transaction.commit().await?;
            clock.stop()?;
            let mut rows = 0.0;
            for table in ["a", "b", "c", "d"] {
                rows += number(pool, &format!("SELECT count(*) FROM bench_wire.{table}")).await?;
            }
            Ok(rows)
        }

        /// The tables of the tree, with nothing but their columns and keys.
        async fn declare(pool: &$pool) -> Result<f64> {
            drop_schema(pool, "bench_wire_tree").await?;
            let statements = $crate::wire::tables::tree();
            let clock = Clock::start()?;
            create_schema(pool, "bench_wire_tree").await?;
            execute(pool, &statements.join(";")).await?;
            clock.stop()?;
            Ok(statements.len() as f64)
        }

        pub(super) async fn begin(pool: &$pool) -> Result<()> {
            drop_schema(pool, "bench_wire").await?;
            create_schema(pool, "bench_wire").await?;
            execute(pool, &$crate::wire::tables::plain(MOMENT, BYTES).join(";")).await
        }

        pub(super) async fn end(pool: &$pool) -> Result<()> {
            drop_schema(pool, "bench_wire_tree").await?;
            drop_schema(pool, "bench_wire").await
        }
    };
}
pub(crate) use workloads;
