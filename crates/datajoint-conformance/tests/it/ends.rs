//! Programs that end, and the one file they worked on.

use std::path::Path;
use std::process::Command;

use datajoint::prelude::*;

/// The file on which the program works that ends.
const FILE: &str = "DJ_CONFORMANCE_ENDS_FILE";
const RUNS: usize = 20;
const ROWS: i32 = 100;

mod tables {
    use datajoint::prelude::*;

    schema!("ends");

    #[table(Manual)]
    /// id : int32
    pub(super) struct Row;
}

use tables::{Row, RowRow};

/// The program: inserts, and returns without a word.
#[test]
#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
#[expect(clippy::exit, reason = "no thread is waited for, as at the end of `main`")]
fn a_program_that_ends() {
    let Ok(file) = std::env::var(FILE) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let dj = Instance::connect(Settings::embedded(file)).await.unwrap();
        Row.insert(&dj, (0..ROWS).map(|id| RowRow { id })).await.unwrap();
    });
    drop(runtime);
    std::process::exit(0);
}

async fn count(file: &Path) -> u64 {
    let dj = Instance::connect(Settings::embedded(file)).await.unwrap();
    let rows = Row.count(&dj).await.unwrap();
    dj.close().await;
    rows
}

#[tokio::test]
async fn the_one_file_holds_everything_after_a_program_ended() {
    for run in 0..RUNS {
        let folder = tempfile::tempdir().unwrap();
        let (file, copy) = (folder.path().join("lab.sqlite"), folder.path().join("copy.sqlite"));
        let program = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "ends::a_program_that_ends", "--nocapture"])
            .env(FILE, &file)
            .output()
            .unwrap();
        assert!(program.status.success(), "{program:?}");
        std::fs::copy(&file, &copy).unwrap();
        assert_eq!(count(&copy).await, u64::from(ROWS.unsigned_abs()), "run {run}");
    }
}

/// A column that was added by hand is one of the definition, whatever SQLite calls its type.
#[tokio::test]
async fn a_column_that_was_added_by_hand_is_no_difference() {
    mod altered {
        use datajoint::prelude::*;

        schema!("ends_altered");

        #[table(Manual)]
        /// mouse_id : int32
        /// ---
        /// strain = null : varchar(30)   # where it comes from
        pub(super) struct Mouse;

        pipeline! { pub(super) struct Pipeline { Mouse } }
    }

    let dj = Instance::connect(Settings::embedded(":memory:")).await.unwrap();
    let older = datajoint::DynamicDeclaration {
        schema: "ends_altered",
        class_name: "Mouse",
        tier: datajoint::Tier::Manual,
        definition: "mouse_id : int32",
        master: None,
    };
    let _ = dj.declare_dynamic(older).await.unwrap();
    let alter = "ALTER TABLE `ends_altered.mouse` ADD COLUMN `strain` TEXT DEFAULT NULL";
    let alter = datajoint_sql::Statement::plain(alter);
    dj.database().acquire().await.unwrap().execute(&alter).await.unwrap();
    let report = dj.activate::<altered::Pipeline>().await.unwrap();
    assert!(report.different.is_empty(), "{report}");
}
