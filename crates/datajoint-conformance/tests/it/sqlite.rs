//! SQLite.

use datajoint::{Instance, Settings};
use datajoint_conformance::{Capabilities, suite};

async fn connect() -> Option<(Instance, Capabilities)> {
    let instance = Instance::connect(Settings::embedded(":memory:")).await.unwrap();
    Some((instance, Capabilities { keeps_nan: false }))
}

suite!(connect);
