//! The end of a program that works on a file.

use datajoint_adapters::{ConnectOptions, Database};
use datajoint_definition::Backend;
use datajoint_sql::{Access, Statement};

/// The only thread of the runtime goes on while what stands in the log waits for a reader, which ends on that thread.
#[test]
fn who_drops_a_database_does_not_wait_and_the_file_holds_everything_when_the_runtime_ended() {
    let folder = tempfile::tempdir().unwrap();
    let options = ConnectOptions {
        backend: Backend::Sqlite,
        path: folder.path().join("lab.sqlite"),
        ..ConnectOptions::default()
    };
    let log = || std::fs::metadata(folder.path().join("lab.sqlite-wal")).map_or(0, |log| log.len());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let other = runtime.block_on(async {
        let database = Database::connect(&options).await.unwrap();
        let mut writer = database.acquire().await.unwrap();
        writer.execute(&Statement::plain("CREATE TABLE rows (id INTEGER) STRICT")).await.unwrap();
        let other = Database::connect(&options).await.unwrap();
        let mut reader = other.begin(Access::Read).await.unwrap();
        reader.fetch(&Statement::plain("SELECT * FROM rows")).await.unwrap();
        writer.execute(&Statement::plain("INSERT INTO rows VALUES (1)")).await.unwrap();
        drop(writer);
        drop(database);
        assert!(log() > 0, "the log waits for the reader");
        reader.rollback().await.unwrap();
        other
    });
    drop(runtime);
    assert_eq!(log(), 0, "the file holds everything");
    drop(other);
}
