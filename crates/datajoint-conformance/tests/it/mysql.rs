//! MySQL.

use datajoint::Instance;
use datajoint_conformance::{Capabilities, suite};

async fn connect() -> Option<(Instance, Capabilities)> {
    super::server("DJ_TEST_MYSQL_URL", Capabilities { keeps_nan: false, sees_later_stamps: false }).await
}

suite!(connect);
