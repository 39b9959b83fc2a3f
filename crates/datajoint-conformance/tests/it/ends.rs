//! Programs that end, and the one file they worked on.

use std::path::Path;
use std::process::Command;

use datajoint::prelude::*;
use datajoint_adapters::{ConnectOptions, Database};
use datajoint_sql::Statement;

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

/// The program: may only read the file, and says what it is told when it writes.
#[test]
#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
fn a_program_that_may_only_read() {
    let Ok(file) = std::env::var(FILE) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        assert!(std::fs::OpenOptions::new().append(true).open(&file).is_err(), "it may write after all");
        let dj = Instance::connect(Settings::embedded(file)).await.unwrap();
        assert_eq!(Row.fetch(&dj).await.unwrap().len(), usize::try_from(ROWS).unwrap());
        let error = Row.insert_one(&dj, RowRow { id: ROWS }).await.unwrap_err().to_string();
        assert!(error.contains("ends.row"), "{error}");
        assert_eq!(Row.count(&dj).await.unwrap(), u64::from(ROWS.unsigned_abs()));
        dj.close().await;
    });
}

/// Runs the program that may only read as somebody who may do nothing else: whether all went well, and what it said. `None` where
/// nobody else may run it.
#[cfg(unix)]
fn as_nobody(file: &Path) -> Option<(bool, String)> {
    use std::os::unix::fs::MetadataExt as _;
    use std::os::unix::process::CommandExt as _;

    const NOBODY: u32 = 65_534;
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--exact", "ends::a_program_that_may_only_read", "--nocapture"]).env(FILE, file);
    // Who may do everything may write whatever its mode says.
    let is_root = std::fs::metadata(file).unwrap().uid() == 0;
    if is_root {
        program.uid(NOBODY).gid(NOBODY).current_dir("/");
    }
    match program.output() {
        Err(error) if is_root && error.kind() == std::io::ErrorKind::PermissionDenied => {
            println!("nobody else may run this program: {error}");
            None
        }
        ended => {
            let ended = ended.unwrap();
            let said = [ended.stdout, ended.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
            Some((ended.status.success(), said.concat()))
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_may_not_be_written_is_read() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lab.sqlite");
    let dj = Instance::connect(Settings::embedded(&file)).await.unwrap();
    Row.insert(&dj, (0..ROWS).map(|id| RowRow { id })).await.unwrap();
    dj.close().await;
    for (path, mode) in [(file.as_path(), 0o444), (folder.path(), 0o555)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let told = as_nobody(&file);
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    if let Some((is_good, said)) = told {
        assert!(is_good, "{said}");
    }
}

/// A file that is busy is no file that nobody changes.
#[tokio::test]
async fn a_file_that_another_program_changes_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lab.sqlite");
    let dj = Instance::connect(Settings::embedded(&file)).await.unwrap();
    Row.insert(&dj, (0..ROWS).map(|id| RowRow { id })).await.unwrap();
    dj.close().await;
    let other = ConnectOptions { path: file.clone(), ..ConnectOptions::default() };
    let other = Database::connect(&other).await.unwrap();
    let mut changing = other.acquire().await.unwrap();
    for sql in ["PRAGMA journal_mode = DELETE", "BEGIN EXCLUSIVE"] {
        changing.script(&[Statement::plain(sql)]).await.unwrap();
    }
    let mut settings = Settings::embedded(&file);
    settings.database.create_tables = false;
    settings.connection.lock_timeout = Some(1);
    let error = Instance::connect(settings.clone()).await.unwrap_err().to_string();
    assert!(error.contains("locked"), "{error}");
    changing.script(&[Statement::plain("COMMIT")]).await.unwrap();
    drop(changing);
    let dj = Instance::connect(settings).await.unwrap();
    assert_eq!(Row.count(&dj).await.unwrap(), u64::try_from(ROWS).unwrap());
}

/// Else what was committed last would not be there, and nobody would be told.
#[cfg(unix)]
#[tokio::test]
async fn a_file_with_a_log_is_not_read_without_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lab.sqlite");
    let dj = Instance::connect(Settings::embedded(&file)).await.unwrap();
    Row.insert(&dj, (0..ROWS).map(|id| RowRow { id })).await.unwrap();
    let copies = tempfile::tempdir().unwrap();
    for end in ["", "-wal"] {
        let name = format!("lab.sqlite{end}");
        std::fs::copy(folder.path().join(&name), copies.path().join(&name)).unwrap();
        let readable = std::fs::Permissions::from_mode(0o444);
        std::fs::set_permissions(copies.path().join(&name), readable).unwrap();
    }
    assert!(std::fs::metadata(copies.path().join("lab.sqlite-wal")).unwrap().len() > 0);
    std::fs::set_permissions(copies.path(), std::fs::Permissions::from_mode(0o555)).unwrap();
    let told = as_nobody(&copies.path().join("lab.sqlite"));
    std::fs::set_permissions(copies.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    if let Some((is_good, said)) = told {
        assert!(!is_good && said.contains("has a log beside it"), "{said}");
    }
    dj.close().await;
}

#[tokio::test]
async fn no_file_is_made_where_nothing_may_be_created() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::embedded(folder.path().join("none.sqlite"));
    settings.database.create_tables = false;
    let error = Instance::connect(settings.clone()).await.unwrap_err();
    assert!(matches!(&error, datajoint::Error::NothingCreated { .. }), "{error}");
    assert!(error.to_string().contains("none.sqlite"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "neither the file nor one beside it");
    // A file that is there is not filled in.
    std::fs::write(folder.path().join("none.sqlite"), []).unwrap();
    let error = Instance::connect(settings).await.unwrap_err();
    assert!(matches!(&error, datajoint::Error::NothingCreated { .. }), "{error}");
    assert_eq!(std::fs::metadata(folder.path().join("none.sqlite")).unwrap().len(), 0);
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
