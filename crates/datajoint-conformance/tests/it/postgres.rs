//! PostgreSQL.

use datajoint::Instance;
use datajoint_conformance::{Capabilities, suite};

async fn connect() -> Option<(Instance, Capabilities)> {
    super::server("DJ_TEST_POSTGRES_URL", Capabilities { keeps_nan: true }).await
}

suite!(connect);

#[tokio::test]
async fn every_listed_function_is_one_of_the_server() {
    let Some((dj, _)) = connect().await else { return };
    let question =
        "SELECT DISTINCT proname::text FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace";
    super::listed::are_known(&dj, question).await;
}
