//! MariaDB.

use datajoint::Instance;
use datajoint_conformance::{Capabilities, suite};

async fn connect() -> Option<(Instance, Capabilities)> {
    super::server("DJ_TEST_MARIADB_URL", Capabilities { keeps_nan: false, sees_later_stamps: true }).await
}

suite!(connect);
