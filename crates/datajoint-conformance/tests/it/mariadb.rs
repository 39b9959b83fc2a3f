//! MariaDB.

use datajoint::Instance;
use datajoint_conformance::{Capabilities, suite};
use datajoint_sql::{Statement, listed_functions};

async fn connect() -> Option<(Instance, Capabilities)> {
    super::server("DJ_TEST_MARIADB_URL", Capabilities { keeps_nan: false }).await
}

suite!(connect);

/// Without what it takes, a function that is known is called, or told what it lacks.
#[tokio::test]
async fn every_listed_function_is_one_of_the_server() {
    let Some((dj, _)) = connect().await else { return };
    // One that nobody has shows that the question can tell.
    for name in ["no_function_of_this_name"].into_iter().chain(listed_functions(dj.backend())) {
        let call = Statement::plain(format!("SELECT {name}()"));
        let answer = dj.database().acquire().await.unwrap().fetch(&call).await;
        let is_unknown = answer.err().is_some_and(|error| format!("{error:?}").contains("does not exist"));
        assert_eq!(is_unknown, name == "no_function_of_this_name", "{name}");
    }
}
