//! Whether each server knows the functions that SQL of users may call. A name that it does not know could be a function that
//! somebody made.

use std::collections::HashSet;

use datajoint::Instance;
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
