//! Sessions that are ended from another one.

use datajoint_sql::{SessionId, Statement, Value};

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
