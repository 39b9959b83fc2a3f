//! Sessions and servers that are left: by a caller who waits no more, by somebody who ends them, or since they fell silent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use datajoint_adapters::{ConnectOptions, Database, Error};
use datajoint_definition::Backend;
use datajoint_sql::{Access, Statement, Value};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use crate::servers::servers;
use crate::{drop_table, table};

async fn run(database: &Database, statements: &[String]) {
    let statements: Vec<_> = statements.iter().map(Statement::plain).collect();
    database.acquire().await.unwrap().script(&statements).await.unwrap();
}

async fn number(database: &Database, sql: &str) -> i64 {
    let rows = database.acquire().await.unwrap().fetch(&Statement::plain(sql)).await.unwrap();
    let [Value::Int(number)] = rows[0][..] else { panic!("{rows:?}") };
    number
}

/// A user who may have two connections, made anew.
async fn guest(admin: &Database, server: &ConnectOptions, user: &str) -> ConnectOptions {
    let password = "dj-leaving-1";
    let make = if server.backend == Backend::Postgresql {
        let _ = admin
            .acquire()
            .await
            .unwrap()
            .script(&[
                Statement::plain(format!("DROP OWNED BY {user}")),
                Statement::plain(format!("DROP ROLE {user}")),
            ])
            .await;
        vec![format!("CREATE ROLE {user} LOGIN PASSWORD '{password}' CONNECTION LIMIT 2")]
    } else {
        vec![
            format!("DROP USER IF EXISTS {user}@'%'"),
            format!("CREATE USER {user}@'%' IDENTIFIED BY '{password}' WITH MAX_USER_CONNECTIONS 2"),
        ]
    };
    run(admin, &make).await;
    let (user, password) = (user.to_owned(), password.to_owned());
    ConnectOptions { user, password, max_connections: 2, ..server.clone() }
}

async fn drop_guest(admin: &Database, backend: Backend, user: &str) {
    if backend == Backend::Postgresql {
        run(admin, &[format!("DROP OWNED BY {user}"), format!("DROP ROLE {user}")]).await;
    } else {
        run(admin, &[format!("DROP USER {user}@'%'")]).await;
    }
}

#[tokio::test]
async fn a_statement_that_was_given_up_is_ended_where_no_further_connection_is_to_be_had() {
    for (backend, server) in servers() {
        let admin = Database::connect(&server).await.unwrap();
        let mut connection = admin.acquire().await.unwrap();
        let table = table(&mut connection, "left", "n int").await;
        run(&admin, &[format!("INSERT INTO {table} VALUES (0)")]).await;
        let guest = guest(&admin, &server, "dj_few").await;
        let grants = if backend == Backend::Postgresql {
            vec![
                "GRANT USAGE ON SCHEMA dj_adapters TO dj_few".to_owned(),
                format!("GRANT SELECT, UPDATE ON {table} TO dj_few"),
            ]
        } else {
            vec![format!("GRANT SELECT, UPDATE ON {table} TO dj_few@'%'")]
        };
        run(&admin, &grants).await;
        let client = Database::connect(&guest).await.unwrap();
        // Both connections are there, of which one was in use just before.
        let both = (client.acquire().await.unwrap(), client.acquire().await.unwrap());
        drop(both);
        let mut other = admin.begin(Access::Write).await.unwrap();
        other.execute(&Statement::plain(format!("UPDATE {table} SET n = 5"))).await.unwrap();
        let update = Statement::plain(format!("UPDATE {table} SET n = 111"));
        let mut working = client.acquire().await.unwrap();
        let waited = tokio::time::timeout(Duration::from_millis(500), working.execute(&update)).await;
        assert!(waited.is_err(), "{backend}: {waited:?}");
        drop(working);
        let waiting = if backend == Backend::Postgresql {
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'dj_few' AND wait_event_type = 'Lock'"
        } else {
            "SELECT count(*) FROM information_schema.processlist WHERE user = 'dj_few' AND info LIKE 'UPDATE%'"
        };
        let start = Instant::now();
        while number(&admin, waiting).await > 0 {
            assert!(start.elapsed() < Duration::from_secs(10), "{backend}: it waits still");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        other.commit().await.unwrap();
        // And the client has its connections again.
        for connection in [client.acquire().await.unwrap(), client.acquire().await.unwrap()] {
            drop(connection);
        }
        assert_eq!(number(&client, &format!("SELECT n FROM {table}")).await, 5, "{backend}");
        client.close().await.unwrap();
        drop_table(&mut connection, &table).await;
        drop_guest(&admin, backend, "dj_few").await;
    }
}

#[tokio::test]
async fn a_lock_whose_session_was_ended_is_lost() {
    for (backend, server) in servers() {
        let admin = Database::connect(&server).await.unwrap();
        let client = Database::connect(&guest(&admin, &server, "dj_locked_out").await).await.unwrap();
        let lock = client.lock("dj_locked_out", &[], Duration::from_secs(1)).await.unwrap();
        lock.check().await.unwrap();
        let sessions = if backend == Backend::Postgresql {
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'dj_locked_out'"
        } else {
            "SELECT id FROM information_schema.processlist WHERE user = 'dj_locked_out'"
        };
        for row in admin.acquire().await.unwrap().fetch(&Statement::plain(sessions)).await.unwrap() {
            if let [Value::Int(number)] = row[..] {
                run(&admin, &[format!("KILL {number}")]).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        for _ in 0..2 {
            let outcome = lock.check().await;
            assert!(matches!(outcome, Err(Error::LockLost { .. })), "{backend}: {outcome:?}");
        }
        let _ = lock.release().await;
        client.close().await.unwrap();
        drop_guest(&admin, backend, "dj_locked_out").await;
    }
}

#[tokio::test]
async fn a_lock_outlasts_the_limits_of_a_role() {
    for (backend, server) in servers() {
        let admin = Database::connect(&server).await.unwrap();
        if backend != Backend::Postgresql {
            continue;
        }
        let guest = guest(&admin, &server, "dj_limited").await;
        let limits = "SELECT count(*) FROM pg_settings WHERE name IN ('transaction_timeout', 'idle_in_transaction_session_timeout')";
        let mut set =
            vec!["ALTER ROLE dj_limited SET idle_in_transaction_session_timeout = '500ms'".to_owned()];
        if number(&admin, limits).await > 1 {
            set.push("ALTER ROLE dj_limited SET transaction_timeout = '500ms'".to_owned());
        }
        run(&admin, &set).await;
        let client = Database::connect(&guest).await.unwrap();
        let lock = client.lock("dj_limited", &[], Duration::from_secs(1)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1500)).await;
        lock.check().await.unwrap();
        lock.release().await.unwrap();
        client.close().await.unwrap();
        drop_guest(&admin, backend, "dj_limited").await;
    }
}

/// Passes on what comes, until it is frozen.
async fn pass_on(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, is_frozen: Arc<AtomicBool>) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        if is_frozen.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}

/// A proxy before a server, which falls silent once it is frozen; gives its port.
async fn stand_before(server: &ConnectOptions, is_frozen: &Arc<AtomicBool>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (place, is_frozen) = ((server.host.clone(), server.port), Arc::clone(is_frozen));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (place, is_frozen) = (place.clone(), Arc::clone(&is_frozen));
            tokio::spawn(async move {
                let server = TcpStream::connect(place).await.unwrap();
                let ((heard, says), (answers, asks)) = (client.into_split(), server.into_split());
                tokio::join!(pass_on(heard, asks, Arc::clone(&is_frozen)), pass_on(answers, says, is_frozen));
            });
        }
    });
    port
}

#[tokio::test]
async fn a_verb_goes_on_at_the_next_server_when_one_falls_silent() {
    for (backend, server) in servers() {
        let is_frozen = Arc::new(AtomicBool::new(false));
        let port = stand_before(&server, &is_frozen).await;
        let others = vec![(server.host.clone(), server.port)];
        let both = ConnectOptions { host: "127.0.0.1".to_owned(), port, others, ..server };
        let database = Database::connect(&both).await.unwrap();
        let connections = (database.acquire().await.unwrap(), database.acquire().await.unwrap());
        drop(connections);
        // They have rested.
        tokio::time::sleep(Duration::from_millis(2500)).await;
        is_frozen.store(true, Ordering::SeqCst);
        let start = Instant::now();
        for _ in 0..3 {
            assert_eq!(number(&database, "SELECT 1").await, 1, "{backend}");
        }
        // As long as a server may take to answer, and no longer.
        assert!(start.elapsed() < Duration::from_secs(12), "{backend}: {:?}", start.elapsed());
    }
}
