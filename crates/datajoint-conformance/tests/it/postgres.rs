//! PostgreSQL.

use datajoint::Instance;
use datajoint_conformance::{Capabilities, suite};

async fn connect() -> Option<(Instance, Capabilities)> {
    super::server("DJ_TEST_POSTGRES_URL", Capabilities { keeps_nan: true }).await
}

suite!(connect);
