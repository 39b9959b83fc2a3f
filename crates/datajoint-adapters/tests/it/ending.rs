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

/// Each connection has a thread that ends it; the last of them takes away the log, which is empty where nothing was written.
#[test]
fn what_has_ended_leaves_no_log_beside_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let options = ConnectOptions {
        backend: Backend::Sqlite,
        path: folder.path().join("lab.sqlite"),
        ..ConnectOptions::default()
    };
    for round in 0..100 {
        let mut runtime = match round % 2 {
            0 => tokio::runtime::Builder::new_current_thread(),
            _ => tokio::runtime::Builder::new_multi_thread(),
        };
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(async {
            let database = Database::connect(&options).await.unwrap();
            let mut first = database.acquire().await.unwrap();
            if round == 0 {
                first.execute(&Statement::plain("CREATE TABLE rows (id INTEGER) STRICT")).await.unwrap();
            }
            let mut second = database.acquire().await.unwrap();
            for connection in [&mut first, &mut second] {
                connection.fetch(&Statement::plain("SELECT * FROM rows")).await.unwrap();
            }
        });
        drop(runtime);
        let files = std::fs::read_dir(folder.path()).unwrap();
        let names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names, ["lab.sqlite"], "round {round}");
    }
}

/// A connection that was in use in a runtime that has ended is not used again: a statement on it would never come to its end.
#[test]
fn what_a_runtime_leaves_is_no_trouble_for_the_next_one() {
    for (backend, options) in crate::servers::servers() {
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let insert = Statement::plain("INSERT INTO dj_adapters.runtimes VALUES (1)");
        let first = runtime();
        let database = first.block_on(async {
            let database = Database::connect(&options).await.unwrap();
            let mut connection = database.acquire().await.unwrap();
            let schema = match backend {
                Backend::Postgresql => "CREATE SCHEMA IF NOT EXISTS dj_adapters",
                _ => "CREATE DATABASE IF NOT EXISTS dj_adapters",
            };
            for statement in [
                schema,
                "DROP TABLE IF EXISTS dj_adapters.runtimes",
                "CREATE TABLE dj_adapters.runtimes (id INTEGER)",
            ] {
                connection.execute(&Statement::plain(statement)).await.unwrap();
            }
            connection.execute(&insert).await.unwrap();
            drop(connection);
            database
        });
        drop(first);
        for inserted in 2..4 {
            runtime().block_on(async {
                let mut connection = database.acquire().await.unwrap();
                connection.execute(&insert).await.unwrap_or_else(|error| panic!("{backend}: {error}"));
                let counted = Statement::plain("SELECT count(*) FROM dj_adapters.runtimes");
                let rows = connection.fetch(&counted).await.unwrap();
                assert_eq!(rows[0][0], datajoint_sql::Value::Int(inserted), "{backend}");
            });
        }
    }
}
