//! Whether each server knows the functions that SQL of users may call. A name that it does not know could be a function that
//! somebody made.

use std::collections::HashSet;

use datajoint::Instance;
use datajoint_conformance::Capabilities;
use datajoint_sql::{Statement, Value, listed_functions};

/// Fails unless the functions that a question gives are all that are listed, or more.
pub(crate) async fn are_known(dj: &Instance, question: &str) {
    let rows = dj.database().acquire().await.unwrap().fetch(&Statement::plain(question)).await.unwrap();
    let name = |row: Vec<Value>| match row.into_iter().next() {
        Some(Value::Text(name)) => name,
        other => panic!("{other:?}"),
    };
    let known: HashSet<String> = rows.into_iter().map(name).collect();
    let unknown: Vec<&str> = listed_functions(dj.backend()).filter(|name| !known.contains(*name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// Without what it takes, a function that is known is called, or told what it lacks. MySQL and MariaDB don't list theirs.
async fn each_is_one_of_the_server(variable: &str) {
    let Some((dj, _)) =
        crate::server(variable, Capabilities { keeps_nan: false, sees_later_stamps: false }).await
    else {
        return;
    };
    // One that nobody has shows that the question can tell.
    for name in ["no_function_of_this_name"].into_iter().chain(listed_functions(dj.backend())) {
        let call = Statement::plain(format!("SELECT {name}()"));
        let answer = dj.database().acquire().await.unwrap().fetch(&call).await;
        let said = answer.err().map(|error| format!("{error:?}")).unwrap_or_default();
        let is_unknown = ["does not exist", "No database selected"].iter().any(|words| said.contains(words));
        assert_eq!(is_unknown, name == "no_function_of_this_name", "{name}: {said}");
    }
}

#[tokio::test]
async fn every_listed_function_is_one_of_mariadb() {
    each_is_one_of_the_server("DJ_TEST_MARIADB_URL").await;
}

#[tokio::test]
async fn every_listed_function_is_one_of_mysql() {
    each_is_one_of_the_server("DJ_TEST_MYSQL_URL").await;
}
