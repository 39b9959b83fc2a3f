//! Sessions that are ended from another one.

use datajoint_sql::{Session, SessionId, Statement, Value};

use crate::databases;

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
            ("explicit_defaults_for_timestamp", "0", "1"),
            ("check_constraint_checks", "0", "1"),
            (
                if is_mariadb { "tx_isolation" } else { "transaction_isolation" },
                "'READ-COMMITTED'",
                "'REPEATABLE-READ'",
            ),
        ];
        let set: Vec<_> =
            set.into_iter().filter(|(name, ..)| is_mariadb || *name != "check_constraint_checks").collect();
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
