//! SQLite.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use datajoint::{Instance, Settings};
use datajoint_conformance::{Capabilities, suite};

/// How many files there are.
static FILES: AtomicUsize = AtomicUsize::new(0);

async fn connect() -> Option<(Instance, Capabilities)> {
    let name = format!("conformance-{}.sqlite", FILES.fetch_add(1, Ordering::Relaxed));
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    for ending in ["sqlite", "sqlite-wal", "sqlite-shm"] {
        // An earlier run may have left it.
        let _ = std::fs::remove_file(path.with_extension(ending));
    }
    let instance = Instance::connect(Settings::embedded(path)).await.unwrap();
    Some((instance, Capabilities { keeps_nan: false, sees_later_stamps: false }))
}

suite!(connect);

#[tokio::test]
async fn every_listed_function_is_one_of_the_server() {
    let Some((dj, _)) = connect().await else { return };
    let question = "SELECT DISTINCT name FROM pragma_function_list";
    super::listed::are_known(&dj, question).await;
}
