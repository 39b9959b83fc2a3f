//! Time limits that a server has of its own, and those that a client gives.

use std::time::Duration;

use datajoint_adapters::{ConnectOptions, Database};
use datajoint_definition::Backend;
use datajoint_sql::{Session, Statement, Value};

use crate::servers::servers;

/// What one row says, as text.
async fn ask(database: &Database, sql: &str) -> Vec<String> {
    let rows = database.acquire().await.unwrap().fetch(&Statement::plain(sql)).await.unwrap();
    rows[0]
        .iter()
        .map(|value| match value {
            Value::Text(text) => text.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

async fn run(database: &Database, statements: &[&str]) {
    let statements: Vec<_> = statements.iter().map(|sql| Statement::plain(*sql)).collect();
    database.acquire().await.unwrap().script(&statements).await.unwrap();
}

/// The same server for another user.
fn of(server: &ConnectOptions, user: &str, session: Session) -> ConnectOptions {
    let (user, password) = (user.to_owned(), "dj-limits-1".to_owned());
    ConnectOptions { user, password, session, acquire_timeout: Duration::from_secs(5), ..server.clone() }
}

/// What a session of PostgreSQL is limited to.
const POSTGRES: &str = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'), \
                        current_setting('idle_in_transaction_session_timeout')";

#[tokio::test]
async fn a_limit_of_a_role_stays_unless_another_one_is_given() {
    for (backend, server) in servers() {
        if backend != Backend::Postgresql {
            continue;
        }
        let admin = Database::connect(&server).await.unwrap();
        run(
            &admin,
            &[
                "DROP ROLE IF EXISTS dj_limits",
                "CREATE ROLE dj_limits LOGIN PASSWORD 'dj-limits-1'",
                "ALTER ROLE dj_limits SET statement_timeout = '7s'",
                "ALTER ROLE dj_limits SET lock_timeout = '2h'",
            ],
        )
        .await;
        let seen = async |session| {
            let database = Database::connect(&of(&server, "dj_limits", session)).await.unwrap();
            let seen = ask(&database, POSTGRES).await;
            database.close().await.unwrap();
            seen
        };
        // One that is longer than ours is the role's all the same; where there is none, ours stands.
        assert_eq!(seen(Session::default()).await, ["7s", "2h", "1h"]);
        let given = Session { statement_timeout: Some(9), lock_timeout: Some(0), ..Session::default() };
        assert_eq!(seen(given).await, ["9s", "0", "1h"]);
        let given = Session { idle_timeout: Some(0), is_read_only: true, ..Session::default() };
        assert_eq!(seen(given).await, ["7s", "2h", "0"]);
        // Without any of its own.
        assert_eq!(ask(&admin, POSTGRES).await, ["1h", "1min", "1h"]);
        run(&admin, &["DROP ROLE dj_limits"]).await;
        admin.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_limit_of_a_user_of_mariadb_stays_unless_another_one_is_given() {
    for (backend, server) in servers() {
        if backend != Backend::Mariadb {
            continue;
        }
        let admin = Database::connect(&server).await.unwrap();
        run(
            &admin,
            &[
                "DROP USER IF EXISTS dj_limits@'%'",
                "CREATE USER dj_limits@'%' IDENTIFIED BY 'dj-limits-1' WITH MAX_STATEMENT_TIME 7.5",
            ],
        )
        .await;
        let question = "SELECT CONCAT(ROUND(@@max_statement_time, 1)), CONCAT(@@idle_transaction_timeout), CONCAT(@@lock_wait_timeout)";
        let seen = async |session| {
            let database = Database::connect(&of(&server, "dj_limits", session)).await.unwrap();
            let seen = ask(&database, question).await;
            database.close().await.unwrap();
            seen
        };
        assert_eq!(seen(Session::default()).await, ["7.5", "3600", "60"]);
        let given = Session { statement_timeout: Some(9), lock_timeout: Some(8), ..Session::default() };
        assert_eq!(seen(given).await, ["9.0", "3600", "8"]);
        assert_eq!(ask(&admin, question).await, ["3600.0", "3600", "60"]);
        run(&admin, &["DROP USER dj_limits@'%'"]).await;
        admin.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_limit_of_a_server_of_mysql_stays_unless_another_one_is_given() {
    for (backend, server) in servers() {
        if backend != Backend::Mysql {
            continue;
        }
        let admin = Database::connect(&server).await.unwrap();
        let question =
            "SELECT CONCAT(@@max_execution_time), CONCAT(@@wait_timeout), CONCAT(@@lock_wait_timeout)";
        let before = "SELECT CONCAT(@@GLOBAL.max_execution_time), CONCAT(@@GLOBAL.lock_wait_timeout)";
        let [execution, lock] = ask(&admin, before).await.try_into().unwrap();
        let seen = async |session| {
            let database = Database::connect(&ConnectOptions { session, ..server.clone() }).await.unwrap();
            let seen = ask(&database, question).await;
            database.close().await.unwrap();
            seen
        };
        let given = Session { statement_timeout: Some(9), lock_timeout: Some(0), ..Session::default() };
        // All sessions of the server have it: no longer than the two connections take.
        run(&admin, &["SET GLOBAL max_execution_time = 1777000", "SET GLOBAL lock_wait_timeout = 1700"])
            .await;
        let (own, other) = (seen(Session::default()).await, seen(given).await);
        let back = [
            format!("SET GLOBAL max_execution_time = {execution}"),
            format!("SET GLOBAL lock_wait_timeout = {lock}"),
        ];
        run(&admin, &[&back[0], &back[1]]).await;
        assert_eq!(own, ["1777000", "3600", "1700"]);
        assert_eq!(other, ["9000", "3600", "31536000"]);
        assert_eq!(seen(Session::default()).await, ["3600000", "3600", "60"]);
        admin.close().await.unwrap();
    }
}
