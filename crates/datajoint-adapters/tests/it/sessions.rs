//! Sessions that are ended from another one.

use datajoint_adapters::{ConnectOptions, Database};
use datajoint_definition::Backend;
mod leaving;

use datajoint_sql::{Session, SessionId, Statement, Value};

use crate::databases;
use crate::servers::servers;

/// After a restart, or at another node, a number is another session's.
#[tokio::test]
async fn a_session_is_ended_by_its_mark_too() {
    for database in databases().await {
        let backend = database.backend();
        let Some(question) = datajoint_sql::session_query(backend) else { continue };
        let mut connection = database.acquire().await.unwrap();
        let question = Statement::plain(question);
        let [Value::Int(number), Value::Int(mark)] = connection.fetch(&question).await.unwrap()[0][..] else {
            panic!("{backend}: no session");
        };
        let mut other = database.acquire().await.unwrap();
        let end = |mark| datajoint_sql::end_session(backend, SessionId { number, mark });
        other.script(&end(mark + 1)).await.unwrap();
        connection.fetch(&question).await.unwrap_or_else(|error| panic!("{backend}: an innocent: {error}"));
        other.script(&end(mark)).await.unwrap();
        let lost = connection.fetch(&question).await.unwrap_err();
        assert!(lost.is_connection_lost(), "{backend}: {lost}");
    }
}

/// What a DBA sets for all clients of a server, such as for one old program.
#[tokio::test]
async fn a_session_means_the_same_whatever_the_server_is_set_to() {
    for database in databases().await.into_iter().filter(|database| database.backend().is_mysql_family()) {
        let mut connection = database.acquire().await.unwrap();
        let server = connection.fetch(&Statement::plain("SELECT VERSION()")).await.unwrap();
        let is_mariadb = format!("{server:?}").contains("MariaDB");
        let set = [
            ("autocommit", "0", "1"),
            ("completion_type", "1", "'NO_CHAIN'"),
            ("foreign_key_checks", "0", "1"),
            ("unique_checks", "0", "1"),
            ("sql_auto_is_null", "1", "0"),
            ("sql_safe_updates", "1", "0"),
            ("sql_select_limit", "1", "18446744073709551615"),
            ("default_week_format", "3", "0"),
            ("div_precision_increment", "8", "4"),
            ("lc_time_names", "'de_DE'", "'en_US'"),
            ("max_sort_length", "64", "65536"),
            ("sort_buffer_size", "65536", "4194304"),
            ("explicit_defaults_for_timestamp", "0", "1"),
            ("check_constraint_checks", "0", "1"),
            ("sql_if_exists", "1", "0"),
            (
                if is_mariadb { "tx_isolation" } else { "transaction_isolation" },
                "'READ-COMMITTED'",
                "'REPEATABLE-READ'",
            ),
        ];
        let is_here =
            |name: &str| is_mariadb || !["check_constraint_checks", "sql_if_exists"].contains(&name);
        let set: Vec<_> = set.into_iter().filter(|(name, ..)| is_here(name)).collect();
        for (name, value, _) in &set {
            connection.script(&[Statement::plain(format!("SET SESSION {name} = {value}"))]).await.unwrap();
        }
        for statement in datajoint_sql::session_setup(database.backend(), Session::default()) {
            for sql in statement.sql.split("; ") {
                connection.script(&[Statement::plain(sql)]).await.unwrap();
            }
        }
        for (name, _, expected) in set {
            let asked = Statement::plain(format!("SELECT @@SESSION.{name} = {expected}"));
            assert_eq!(connection.fetch(&asked).await.unwrap()[0], [Value::Int(1)], "{name}");
        }
    }
}

/// What a DBA sets for a role or a database of PostgreSQL, and what a program that asks for nothing gets.
#[tokio::test]
async fn a_session_of_postgresql_means_what_others_mean_whatever_its_role_is_set_to() {
    const ROLE: &str = "dj_adapters_meaning";
    let postgresql = |(_, options): &(_, ConnectOptions)| options.backend == Backend::Postgresql;
    for (_, options) in servers().into_iter().filter(postgresql) {
        let admin = Database::connect(&options).await.unwrap();
        let mut admin = admin.acquire().await.unwrap();
        let _ = admin.script(&[Statement::plain(format!("DROP ROLE {ROLE}"))]).await;
        let make = [
            format!("CREATE ROLE {ROLE} LOGIN PASSWORD 'meaning'"),
            format!("ALTER ROLE {ROLE} SET DateStyle = 'German, DMY'"),
            format!("ALTER ROLE {ROLE} SET transform_null_equals = on"),
        ];
        admin.script(&make.map(Statement::plain)).await.unwrap();
        let as_role =
            ConnectOptions { user: ROLE.to_owned(), password: "meaning".to_owned(), ..options.clone() };
        let role = Database::connect(&as_role).await.unwrap();
        let ask = "SELECT CAST('01/02/2020' AS date)::text, count(*)::text FROM (SELECT NULL::int4 AS n) AS one \
                   WHERE n = NULL";
        let found = role.acquire().await.unwrap().fetch(&Statement::plain(ask)).await.unwrap();
        assert_eq!(found, [[Value::Text("2020-02-01".to_owned()), Value::Text("0".to_owned())]]);
        role.close().await.unwrap();
        // Children without their parents would be let in.
        let orphans = format!("ALTER ROLE {ROLE} SET session_replication_role = replica");
        admin.script(&[Statement::plain(orphans)]).await.unwrap();
        let refused = Database::connect(&as_role).await.expect_err("foreign keys are not looked at");
        assert!(refused.to_string().contains("session_replication_role"), "{refused}");
        admin.script(&[Statement::plain(format!("DROP ROLE {ROLE}"))]).await.unwrap();
    }
}
