//! Every backend that is here: the embedded one, and the servers that the environment names.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that meets an error has failed")]

mod ending;
mod limits;
#[cfg(unix)]
mod locks;
mod peers;
mod servers;
mod sessions;
mod tls;
mod writers;

use std::time::{Duration, Instant};

use chrono::NaiveDate;
use datajoint_adapters::{BulkInsert, ConnectOptions, Connection, Database, Error, Kind, Tls};
use datajoint_definition::Backend;
use datajoint_sql::{Access, InsertMode, Session, Statement, Value};
use futures_util::{FutureExt as _, TryStreamExt as _};
use servers::servers;

/// The place of the `number`th value of a statement.
fn placeholder(backend: Backend, number: usize) -> String {
    if backend == Backend::Postgresql { format!("${number}") } else { "?".to_owned() }
}

/// The databases of this run.
async fn databases() -> Vec<Database> {
    let mut databases = vec![Database::connect(&ConnectOptions::default()).await.unwrap()];
    for (_, options) in servers() {
        databases.push(Database::connect(&options).await.unwrap());
    }
    databases
}

/// `scheme://user:password@host:port/…`
fn server(backend: Backend, url: &str) -> ConnectOptions {
    let (login, place) = url.split_once("://").unwrap().1.split_once('@').unwrap();
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let (host, port) = place.split('/').next().unwrap().rsplit_once(':').unwrap();
    ConnectOptions {
        backend,
        host: host.to_owned(),
        port: port.parse().unwrap(),
        user: user.to_owned(),
        password: password.to_owned(),
        ..ConnectOptions::default()
    }
}

/// A table of its own for a test: its name, made anew with these columns.
async fn table(connection: &mut Connection, name: &str, columns: &str) -> String {
    let backend = connection.backend();
    let schema = "dj_adapters";
    let table = if backend == Backend::Sqlite {
        name.to_owned()
    } else {
        let create = if backend == Backend::Postgresql { "CREATE SCHEMA" } else { "CREATE DATABASE" };
        // Two tests may be first at once.
        let _ = connection.script(&[Statement::plain(format!("{create} IF NOT EXISTS {schema}"))]).await;
        format!("{schema}.{name}")
    };
    let engine = if matches!(backend, Backend::Mysql | Backend::Mariadb) { " ENGINE=InnoDB" } else { "" };
    connection
        .script(&[
            Statement::plain(format!("DROP TABLE IF EXISTS {table}")),
            Statement::plain(format!("CREATE TABLE {table} ({columns}){engine}")),
        ])
        .await
        .unwrap();
    table
}

async fn drop_table(connection: &mut Connection, table: &str) {
    connection.script(&[Statement::plain(format!("DROP TABLE {table}"))]).await.unwrap();
}

fn insert(backend: Backend, table: &str, values: Vec<Value>) -> Statement {
    let places: Vec<String> = (1..=values.len()).map(|number| placeholder(backend, number)).collect();
    Statement {
        sql: format!("INSERT INTO {table} VALUES ({})", places.join(", ")),
        parameters: values,
        ..Statement::default()
    }
}

#[tokio::test]
async fn values_come_back_as_they_were_bound() {
    let date = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    for database in databases().await {
        let backend = database.backend();
        let pairs: Vec<(&str, Value)> = match backend {
            Backend::Sqlite => vec![
                ("INTEGER", Value::Int(i64::MIN)),
                ("REAL", Value::Float64(0.1)),
                ("TEXT", Value::Text("it's ünïcode".to_owned())),
                ("BLOB", Value::Bytes(vec![0, 255, 7])),
            ],
            _ => vec![
                ("bigint", Value::Int(i64::MIN)),
                ("smallint", Value::Int(-7)),
                (if backend == Backend::Postgresql { "real" } else { "float" }, Value::Float32(0.1)),
                (
                    if backend == Backend::Postgresql { "double precision" } else { "double" },
                    Value::Float64(0.1),
                ),
                ("decimal(8,3)", Value::Decimal("1.500".parse().unwrap())),
                ("varchar(40)", Value::Text("it's ünïcode".to_owned())),
                (
                    if backend == Backend::Postgresql { "bytea" } else { "longblob" },
                    Value::Bytes(vec![0, 255, 7]),
                ),
                ("date", Value::Date(date)),
                ("time", Value::Time("03:04:05".parse().unwrap())),
                (
                    if backend == Backend::Postgresql { "timestamp" } else { "datetime" },
                    Value::DateTime(date.and_hms_opt(1, 2, 3).unwrap()),
                ),
            ],
        };
        let mut connection = database.acquire().await.unwrap();
        for (number, (kind, value)) in pairs.into_iter().enumerate() {
            let table =
                table(&mut connection, &format!("value_{number}"), &format!("a {kind}, b {kind}")).await;
            let statement = insert(backend, &table, vec![value.clone(), Value::Null]);
            assert_eq!(connection.execute(&statement).await.unwrap(), 1);
            let rows =
                connection.fetch(&Statement::plain(format!("SELECT a, b FROM {table}"))).await.unwrap();
            assert_eq!(rows, [[value, Value::Null]], "{backend} {kind}");
            drop_table(&mut connection, &table).await;
        }
    }
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing() {
    for database in databases().await {
        let mut connection = database.acquire().await.unwrap();
        let table = table(&mut connection, "dropped", "a int").await;
        let mut transaction = database.begin(Access::Write).await.unwrap();
        transaction.execute(&insert(database.backend(), &table, vec![Value::Int(1)])).await.unwrap();
        drop(transaction);
        let mut committed = database.begin(Access::Write).await.unwrap();
        committed.execute(&insert(database.backend(), &table, vec![Value::Int(2)])).await.unwrap();
        committed.commit().await.unwrap();
        let rows = connection.fetch(&Statement::plain(format!("SELECT a FROM {table}"))).await.unwrap();
        assert_eq!(rows, [[Value::Int(2)]], "{}", database.backend());
        drop_table(&mut connection, &table).await;
    }
}

#[tokio::test]
async fn refusals_say_what_kind_they_are() {
    for database in databases().await {
        let backend = database.backend();
        let mut connection = database.acquire().await.unwrap();
        let parent = table(&mut connection, "refused_parent", "a int PRIMARY KEY").await;
        let columns = format!("a int NOT NULL, FOREIGN KEY (a) REFERENCES {parent} (a)");
        let child = table(&mut connection, "refused_child", &columns).await;
        let one = insert(backend, &parent, vec![Value::Int(1)]);
        connection.execute(&one).await.unwrap();
        for (statement, kind) in [
            (one, Kind::Duplicate),
            (insert(backend, &child, vec![Value::Int(2)]), Kind::ForeignKey),
            (insert(backend, &child, vec![Value::Null]), Kind::NotNull),
            (Statement::plain(format!("SELECT b FROM {child}")), Kind::MissingColumn),
            (Statement::plain(format!("SELECT 1 FROM {child}_not_there")), Kind::MissingTable),
            (Statement::plain("SELEKT 1"), Kind::Syntax),
        ] {
            let error = connection.execute(&statement).await.unwrap_err();
            assert_eq!(error.kind(), Some(kind), "{backend}: {error}");
        }
        drop_table(&mut connection, &child).await;
        drop_table(&mut connection, &parent).await;
    }
}

#[tokio::test]
async fn who_may_not_is_told_what_to_do() {
    for (backend, options) in servers() {
        let root = Database::connect(&options).await.unwrap();
        let mut connection = root.acquire().await.unwrap();
        let table = table(&mut connection, "guarded", "a int PRIMARY KEY").await;
        let user = format!("dj_guest_{}", std::process::id());
        let (make, remove) = if backend == Backend::Postgresql {
            (format!("CREATE ROLE {user} LOGIN PASSWORD 'right word'"), format!("DROP ROLE {user}"))
        } else {
            (
                format!("CREATE USER '{user}'@'%' IDENTIFIED BY 'right word'"),
                format!("DROP USER '{user}'@'%'"),
            )
        };
        connection.script(&[Statement::plain(make)]).await.unwrap();
        let guest = |password: &str| ConnectOptions {
            user: user.clone(),
            password: password.to_owned(),
            ..options.clone()
        };

        let refusal = async |password: &str| {
            let database = Database::connect(&guest(password)).await?;
            let mut connection = database.acquire().await?;
            connection.fetch(&Statement::plain(format!("SELECT a FROM {table}"))).await
        };
        let error = refusal("right word").await.unwrap_err();
        assert_eq!(error.kind(), Some(Kind::MissingPrivilege), "{backend}: {error}");
        assert!(error.to_string().contains("ask for the privilege"), "{error}");
        let error = refusal("planted-secret").await.unwrap_err();
        // A server that trusts everybody on this machine asks for no password.
        if error.kind() != Some(Kind::MissingPrivilege) {
            assert_eq!(error.kind(), Some(Kind::AccessDenied), "{backend}: {error}");
            assert!(error.to_string().contains("DJ_PASS"), "{error}");
            assert!(error.to_string().contains(&format!("{}:{}", options.host, options.port)), "{error}");
        }
        assert!(!format!("{error} {error:?}").contains("planted-secret"), "{error:?}");

        let nobody = ConnectOptions { user: "dj_nobody_at_all".to_owned(), ..options.clone() };
        let error = Database::connect(&nobody).await.unwrap_err().to_string();
        let place = format!("no connection to {}:{}: ", options.host, options.port);
        assert!(error.contains("DJ_USER") && error.contains(&place), "{backend}: {error}");

        connection.script(&[Statement::plain(remove)]).await.unwrap();
        drop_table(&mut connection, &table).await;
    }
}

#[tokio::test]
async fn a_server_that_can_not_prove_who_it_is_gets_no_password() {
    for (backend, options) in servers() {
        let options = ConnectOptions { tls: Tls::Verified, password: "planted-secret".to_owned(), ..options };
        let error = Database::connect(&options).await.unwrap_err();
        let text = format!("{error} {error:?}");
        match error {
            Error::NotEncrypted { .. } => assert!(text.contains("DJ_USE_TLS=false"), "{backend}: {text}"),
            error => {
                assert!(
                    matches!(error, Error::Connect { .. }) && text.contains("DJ_TLS_CA"),
                    "{backend}: {text}"
                );
            }
        }
        assert!(!text.contains("planted-secret"), "{text}");
    }
}

#[tokio::test]
async fn an_unreachable_server_is_named() {
    let options = ConnectOptions {
        backend: Backend::Postgresql,
        host: "127.0.0.1".to_owned(),
        port: 1,
        user: "nobody".to_owned(),
        password: "planted-secret".to_owned(),
        acquire_timeout: Duration::from_secs(5),
        ..ConnectOptions::default()
    };
    let error = Database::connect(&options).await.unwrap_err();
    let text = format!("{error} {error:?} {options:?}");
    assert!(matches!(error, Error::Connect { .. }) && text.contains("127.0.0.1:1"), "{text}");
    assert!(!text.contains("planted-secret"), "{text}");
}

#[tokio::test]
async fn a_lock_is_held_by_one_client_at_a_time_who_is_named() {
    for database in databases().await {
        let name = format!("adapters-{}", std::process::id());
        let lock = database.lock(&name, &[], Duration::from_secs(5)).await.unwrap();
        lock.check().await.unwrap();
        let refused = database.lock(&name, &[], Duration::ZERO).await.unwrap_err().to_string();
        assert!(refused.contains("session") || refused.contains("process"), "{refused}");
        lock.release().await.unwrap();
        database.lock(&name, &[], Duration::from_secs(5)).await.unwrap();
    }
}

/// `a : int64`, `b = null : varchar(20)`
fn many() -> datajoint_schema::Table {
    let (definition, _) = datajoint_definition::parse("a : int64\n---\nb = null : varchar(20)");
    let declaration = datajoint_schema::Declaration {
        schema: "dj_adapters",
        class_name: "Many",
        tier: datajoint_definition::Tier::Manual,
        definition: &definition,
        parents: &[],
        master: None,
    };
    datajoint_schema::resolve(&declaration).0
}

#[tokio::test]
async fn many_rows_go_in_and_come_out_as_a_stream() {
    const ROWS: i64 = 20_000;
    for database in databases().await {
        let backend = database.backend();
        let mut connection = database.acquire().await.unwrap();
        let name = if backend == Backend::Sqlite { "\"dj_adapters.many\"" } else { "many" };
        let table = table(&mut connection, name, "a bigint PRIMARY KEY, b varchar(20)").await;
        let mut values = Vec::new();
        for number in 0..ROWS {
            let text = if number % 3 == 0 { Value::Null } else { Value::Text(format!("row {number}")) };
            values.extend([Value::Int(number), text]);
        }
        let rows =
            BulkInsert { table: &many(), columns: &["a", "b"], values: &values, mode: InsertMode::Plain };
        let plan = database.plan_insert(rows).unwrap();
        let inserted = connection.bulk_insert(&plan).await.unwrap();
        assert_eq!(inserted, ROWS.unsigned_abs(), "{backend}");
        let query = Statement::plain(format!("SELECT a, b FROM {table} ORDER BY a"));
        let rows: Vec<Vec<Value>> =
            database.stream(query, |row| Ok::<_, Error>(row.clone())).try_collect().await.unwrap();
        assert!(rows.iter().flatten().eq(&values), "{backend}");
        drop_table(&mut connection, &table).await;
    }
}

#[tokio::test]
async fn a_bulk_that_fails_half_way_spoils_its_transaction() {
    for database in databases().await {
        let backend = database.backend();
        let mut connection = database.acquire().await.unwrap();
        let name = if backend == Backend::Sqlite { "\"dj_adapters.many\"" } else { "many" };
        let table = table(&mut connection, name, "a bigint PRIMARY KEY, b varchar(20)").await;
        let count = Statement::plain(format!("SELECT count(*) FROM {table}"));
        let mut values: Vec<Value> =
            (0..1500).flat_map(|number| [Value::Int(number), Value::Text("b".to_owned())]).collect();
        // One that PostgreSQL has no form for, in the second statement.
        *values.last_mut().unwrap() = Value::Duration(chrono::TimeDelta::MAX);
        let rows =
            BulkInsert { table: &many(), columns: &["a", "b"], values: &values, mode: InsertMode::Plain };
        let plan = database.plan_insert(rows).unwrap();
        let mut transaction = database.begin(Access::Write).await.unwrap();
        if let Err(failed) = transaction.bulk_insert(&plan).await {
            assert_eq!(failed.rows, 1000..1500, "{backend}: {}", failed.error);
            let next = transaction.fetch(&count).await.unwrap_err();
            assert!(matches!(next, Error::TransactionFailed { .. }), "{backend}: {next}");
            transaction.commit().await.unwrap_err();
        } else {
            assert_ne!(backend, Backend::Postgresql);
            transaction.rollback().await.unwrap();
        }
        assert_eq!(connection.fetch(&count).await.unwrap(), [[Value::Int(0)]], "{backend}");

        // Of a script that can't be sent as it is, nothing is.
        let mut transaction = database.begin(Access::Write).await.unwrap();
        let script = [format!("INSERT INTO {table} (a) VALUES (1)"), "SELECT 1; SELECT 2".to_owned()]
            .map(Statement::plain);
        let refused = transaction.script(&script).await.unwrap_err();
        assert!(matches!(refused, Error::SeveralStatements { .. }), "{backend}: {refused}");
        assert_eq!(transaction.fetch(&count).await.unwrap(), [[Value::Int(0)]], "{backend}");
        transaction.commit().await.unwrap();
        drop_table(&mut connection, &table).await;
    }
}

#[tokio::test]
async fn one_text_serves_values_of_any_type_in_turn() {
    for database in databases().await {
        let backend = database.backend();
        let mut connection = database.acquire().await.unwrap();
        let table = table(&mut connection, "turns", "a bigint PRIMARY KEY, b double precision, c int").await;
        let places: Vec<String> = (1..=3).map(|number| placeholder(backend, number)).collect();
        let insert = format!("INSERT INTO {table} (a, b, c) VALUES ({})", places.join(", "));
        let rows = [
            [Value::Int(1), Value::Null, Value::Null],
            [Value::Int(2), Value::Float64(2.5), Value::Int(7)],
            [Value::Int(3), Value::Int(3), Value::Null],
            [Value::Int(4), Value::Null, Value::Int(9)],
        ];
        for row in rows {
            let statement =
                Statement { sql: insert.clone(), parameters: row.to_vec(), ..Statement::default() };
            assert_eq!(connection.execute(&statement).await.unwrap(), 1, "{backend}: {row:?}");
        }
        let select = format!("SELECT a FROM {table} WHERE b >= {} ORDER BY a", placeholder(backend, 1));
        for bound in [Value::Float64(2.6), Value::Int(3), Value::Float32(2.75)] {
            let statement =
                Statement { sql: select.clone(), parameters: vec![bound.clone()], ..Statement::default() };
            let found = connection.fetch(&statement).await.unwrap();
            assert_eq!(found, [[Value::Int(3)]], "{backend}: {bound:?}");
        }
        drop_table(&mut connection, &table).await;
    }
}

#[tokio::test]
async fn connections_are_shared_by_more_than_there_are() {
    for (_, options) in servers() {
        let options =
            ConnectOptions { max_connections: 2, acquire_timeout: Duration::from_secs(20), ..options };
        let database = Database::connect(&options).await.unwrap();
        let tasks = (0..20_i64).map(|number| {
            let database = database.clone();
            tokio::spawn(async move {
                let mut sum = 0;
                for _ in 0..20 {
                    let mut connection = database.acquire().await.unwrap();
                    if number % 4 == 0 {
                        // What a failure leaves behind must not reach the next.
                        connection.execute(&Statement::plain("SELECT nonsense")).await.unwrap_err();
                    }
                    let statement = Statement::plain(format!("SELECT {number}"));
                    let rows = connection.fetch(&statement).await.unwrap();
                    let Value::Int(found) = rows[0][0] else { panic!("{rows:?}") };
                    sum += found;
                }
                sum
            })
        });
        let tasks: Vec<_> = tasks.collect();
        for (number, task) in (0..).zip(tasks) {
            assert_eq!(task.await.unwrap(), 20 * number, "{}", database.backend());
        }
        database.close().await.unwrap();
        assert!(database.acquire().await.is_err(), "a closed pool gives nothing out");
    }
}

#[tokio::test]
async fn a_stream_that_is_left_gives_back_a_connection_that_works() {
    for database in databases().await {
        let mut connection = database.acquire().await.unwrap();
        let table = table(&mut connection, "left_early", "a bigint PRIMARY KEY").await;
        let numbers: Vec<String> = (0..5000).map(|number| format!("({number})")).collect();
        let insert = format!("INSERT INTO {table} (a) VALUES {}", numbers.join(", "));
        connection.script(&[Statement::plain(insert)]).await.unwrap();
        for _ in 0..20 {
            let query = Statement::plain(format!("SELECT a FROM {table} ORDER BY a"));
            let mut rows = Box::pin(database.stream(query, |row| Ok::<_, Error>(row.clone())));
            assert_eq!(rows.try_next().await.unwrap().unwrap(), [Value::Int(0)]);
            drop(rows);
            let count = Statement::plain(format!("SELECT count(*) FROM {table}"));
            let mut other = database.acquire().await.unwrap();
            assert_eq!(other.fetch(&count).await.unwrap(), [[Value::Int(5000)]], "{}", database.backend());
        }
        drop_table(&mut connection, &table).await;
    }
}

#[tokio::test]
async fn who_waits_too_long_for_a_connection_is_told_who_has_them() {
    for (_, options) in servers().into_iter().chain([(Backend::Sqlite, ConnectOptions::default())]) {
        let wait = Duration::from_millis(200);
        let options = ConnectOptions { max_connections: 2, acquire_timeout: wait, ..options };
        let database = Database::connect(&options).await.unwrap();
        let transaction = database.begin(Access::Read).await.unwrap();
        let line = line!() - 1;
        let connection = database.acquire().await.unwrap();
        let error = database.acquire().await.unwrap_err();
        let Error::AcquireTimeout { most: 2, holders, .. } = &error else { panic!("{error}") };
        let text = error.to_string();
        assert_eq!(holders.len(), 2, "{text}");
        assert!(
            text.contains(&format!("a transaction (crates/datajoint-adapters/tests/it/main.rs:{line}:")),
            "{text}"
        );
        drop(connection);
        assert!(database.acquire().await.is_ok());
        transaction.rollback().await.unwrap();
        drop(database.acquire().await.unwrap());
        let transaction = database.begin(Access::Read).await.unwrap();
        let line = line!() - 1;
        let error = tokio::time::timeout(wait * 50, database.close()).await.unwrap().unwrap_err();
        assert!(matches!(&error, Error::StillInUse { holders, .. } if holders.len() == 1), "{error}");
        assert!(error.to_string().contains(&format!("tests/it/main.rs:{line}:")), "{error}");
        transaction.rollback().await.unwrap();
        database.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_pool_that_was_closed_says_that_its_program_did_so() {
    for database in databases().await {
        database.close().await.unwrap();
        let error = database.acquire().await.unwrap_err();
        assert!(matches!(error, Error::Closed), "{error}");
        let error = database.begin(Access::Write).await.unwrap_err();
        assert!(matches!(error, Error::Closed) && !error.is_retryable(), "{error}");
    }
}

#[tokio::test]
async fn a_connection_whose_statement_was_cancelled_takes_no_other() {
    for database in databases().await {
        let mut connection = database.acquire().await.unwrap();
        let query = Statement::plain(match database.backend() {
            // Its answers are there before one looks.
            Backend::Sqlite => {
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT max(i) FROM n"
            }
            Backend::Postgresql => "SELECT pg_sleep(0.3)",
            _ => "SELECT SLEEP(0.3)",
        });
        assert!(connection.fetch(&query).now_or_never().is_none());
        assert!(matches!(connection.fetch(&query).await, Err(Error::Interrupted)));
        let mut transaction = database.begin(Access::Write).await.unwrap();
        assert!(transaction.fetch(&query).now_or_never().is_none());
        assert!(matches!(transaction.fetch(&query).await, Err(Error::TransactionOver { .. })));
        assert!(matches!(transaction.commit().await, Err(Error::TransactionOver { .. })));
    }
}

#[test]
fn a_database_outlives_its_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let databases = runtime.block_on(async {
        let databases = databases().await;
        for database in &databases {
            database.acquire().await.unwrap().fetch(&Statement::plain("SELECT 1")).await.unwrap();
        }
        databases
    });
    drop(runtime);
    drop(databases);
}

#[tokio::test]
async fn the_server_ends_a_statement_that_takes_too_long_and_refuses_a_reader_that_writes() {
    for (backend, server) in servers() {
        let session = Session { statement_timeout: Some(1), is_read_only: true, ..Session::default() };
        let database = Database::connect(&ConnectOptions { session, ..server }).await.unwrap();
        let mut connection = database.acquire().await.unwrap();
        let long = match backend {
            Backend::Postgresql => "SELECT pg_sleep(60)::text",
            _ => {
                "SELECT count(*) FROM information_schema.columns a JOIN information_schema.columns b \
                 JOIN information_schema.columns c WHERE a.column_name < concat(b.column_name, c.column_name)"
            }
        };
        let start = Instant::now();
        let error = connection.fetch(&Statement::plain(long)).await.unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(30), "{backend}: {error}");
        assert_eq!(error.kind(), Some(Kind::StatementTimeout), "{backend}: {error}");
        assert!(error.to_string().contains("DJ_STATEMENT_TIMEOUT"), "{backend}: {error}");
        drop(connection);

        let mut connection = database.acquire().await.unwrap();
        let schema = "dj_adapters_read_only";
        let error = connection.create_schema(schema).await.unwrap_err();
        assert_eq!(error.kind(), Some(Kind::ReadOnly), "{backend}: {error}");
    }
    let session = Session { is_read_only: true, ..Session::default() };
    let embedded = Database::connect(&ConnectOptions { session, ..ConnectOptions::default() }).await.unwrap();
    let mut connection = embedded.acquire().await.unwrap();
    let error = connection.script(&[Statement::plain("CREATE TABLE t (a INTEGER)")]).await.unwrap_err();
    assert_eq!(error.kind(), Some(Kind::ReadOnly), "{error}");
}

#[tokio::test]
async fn a_call_sends_one_statement() {
    for database in databases().await {
        let mut connection = database.acquire().await.unwrap();
        let backend = connection.backend();
        let canary = table(&mut connection, "canary", "a int").await;
        for sql in [
            format!("SELECT 1; DROP TABLE {canary}"),
            format!("DELETE FROM {canary}; DROP TABLE {canary}"),
            format!("SELECT ';' /* ; */; DROP TABLE {canary} --"),
            format!("INSERT INTO {canary} VALUES (1); DROP TABLE {canary};"),
        ] {
            let statement = Statement::plain(sql);
            let refused = connection.script(std::slice::from_ref(&statement)).await.is_err();
            assert!(refused, "{backend}: {}", statement.sql);
            let mut other = database.acquire().await.unwrap();
            assert!(other.execute(&statement).await.is_err(), "{backend}: {}", statement.sql);
            let mut other = database.acquire().await.unwrap();
            assert!(other.fetch(&statement).await.is_err(), "{backend}: {}", statement.sql);
            connection = database.acquire().await.unwrap();
        }
        let rows =
            connection.fetch(&Statement::plain(format!("SELECT count(*) FROM {canary}"))).await.unwrap();
        assert_eq!(rows, [[Value::Int(0)]], "{backend}");
        // What MySQL does not prepare is sent too.
        let mut transaction = database.begin(Access::Write).await.unwrap();
        transaction.script(&[Statement::plain("SAVEPOINT one")]).await.unwrap();
        transaction.rollback().await.unwrap();
        let last = Statement::plain(format!("DROP TABLE {canary};"));
        connection.script(&[last]).await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_whose_transaction_was_left_takes_nothing_more() {
    for database in databases().await {
        let mut connection = database.acquire().await.unwrap();
        let one = Statement::plain("SELECT 1");
        connection.begin(Access::Locking).await.unwrap().commit().await.unwrap();
        let mut transaction = connection.begin(Access::Locking).await.unwrap();
        assert!(transaction.fetch(&Statement::plain("SELECT nonsense")).await.is_err());
        let error = transaction.commit().await.unwrap_err();
        assert!(matches!(error, Error::TransactionFailed { .. }), "{error}");
        // It was given back, and serves again.
        assert_eq!(connection.fetch(&one).await.unwrap().len(), 1);
        let transaction = connection.begin(Access::Locking).await.unwrap();
        drop(transaction);
        let error = connection.fetch(&one).await.unwrap_err();
        assert!(matches!(error, Error::TransactionOver { .. }), "{error}");
    }
}
