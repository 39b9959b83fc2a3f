//! Many who write to one file of SQLite.

use std::time::Duration;

use datajoint_adapters::{ConnectOptions, Database, Kind};
use datajoint_definition::Backend;
use datajoint_sql::{Access, Session, Statement};

/// Clients of one file that give up when one of the others writes for longer than a second.
async fn clients(folder: &tempfile::TempDir, count: usize) -> Vec<Database> {
    let options = ConnectOptions {
        backend: Backend::Sqlite,
        path: folder.path().join("shared.sqlite"),
        session: Session { lock_timeout: Some(1), ..Session::default() },
        ..ConnectOptions::default()
    };
    let mut clients = Vec::new();
    for _ in 0..count {
        clients.push(Database::connect(&options).await.unwrap());
    }
    clients
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_writers_none_waits_in_vain() {
    const EACH: usize = 60;
    let folder = tempfile::tempdir().unwrap();
    // Pools of their own, and clients of one pool.
    let pools = clients(&folder, 4).await;
    let create = "CREATE TABLE turn (writer INTEGER, number INTEGER)";
    pools[0].acquire().await.unwrap().script(&[Statement::plain(create)]).await.unwrap();
    let writers = (0..16).map(|writer: usize| {
        let database = pools[writer % pools.len()].clone();
        tokio::spawn(async move {
            for number in 0..EACH {
                let insert = Statement::plain(format!("INSERT INTO turn VALUES ({writer}, {number})"));
                if number % 3 == 0 {
                    database.acquire().await?.execute(&insert).await?;
                    continue;
                }
                let mut transaction = database.begin(Access::Write).await?;
                transaction.execute(&insert).await?;
                tokio::time::sleep(Duration::from_millis(5)).await;
                transaction.commit().await?;
            }
            Ok::<(), datajoint_adapters::Error>(())
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap().unwrap();
    }
    let count = Statement::plain("SELECT count(*) FROM turn");
    let rows = pools[0].acquire().await.unwrap().fetch(&count).await.unwrap();
    assert_eq!(rows, [[datajoint_sql::Value::Int(16 * 60)]]);
}

#[tokio::test]
async fn who_writes_beside_a_transaction_of_its_own_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let database = clients(&folder, 1).await.remove(0);
    let create = "CREATE TABLE turn (writer INTEGER)";
    database.acquire().await.unwrap().script(&[Statement::plain(create)]).await.unwrap();
    let insert = Statement::plain("INSERT INTO turn VALUES (1)");
    let mut transaction = database.begin(Access::Write).await.unwrap();
    let place = format!("a transaction (crates/datajoint-adapters/tests/it/writers.rs:{}:", line!() - 1);
    transaction.execute(&insert).await.unwrap();
    let error = database.acquire().await.unwrap().execute(&insert).await.unwrap_err();
    assert_eq!(error.kind(), Some(Kind::LockTimeout), "{error}");
    assert!(error.to_string().contains(&place), "{error}");
    let error = database.begin(Access::Write).await.unwrap_err();
    assert_eq!(error.kind(), Some(Kind::LockTimeout), "{error}");
    assert!(error.to_string().contains(&place), "{error}");
    // What the transaction waits for can't wait for it.
    let start = std::time::Instant::now();
    let beside = async { database.acquire().await.unwrap().execute(&insert).await };
    let error = transaction.within().run(beside).await.unwrap_err();
    assert!(error.to_string().contains(&place) && !error.is_retryable(), "{error}");
    assert!(start.elapsed() < std::time::Duration::from_millis(500), "{:?}", start.elapsed());
    // Who reads waits for nobody, and who ends lets the next one write.
    let mut reading = database.begin(Access::Read).await.unwrap();
    reading.fetch(&Statement::plain("SELECT * FROM turn")).await.unwrap();
    drop(transaction);
    database.acquire().await.unwrap().execute(&insert).await.unwrap();
}

#[tokio::test]
async fn a_file_that_may_not_be_written_is_spoken_of_as_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let create = Statement::plain("CREATE TABLE turn (writer INTEGER)");
    clients(&folder, 1).await.remove(0).acquire().await.unwrap().script(&[create]).await.unwrap();
    let options = ConnectOptions {
        backend: Backend::Sqlite,
        path: folder.path().join("shared.sqlite"),
        session: Session { is_read_only: true, ..Session::default() },
        ..ConnectOptions::default()
    };
    let reader = Database::connect(&options).await.unwrap();
    let insert = Statement::plain("INSERT INTO turn VALUES (1)");
    let error = reader.acquire().await.unwrap().execute(&insert).await.unwrap_err();
    assert_eq!(error.kind(), Some(Kind::ReadOnly), "{error}");
    let text = error.to_string();
    assert!(!text.contains("DJ_HOST") && text.contains("permissions of the file"), "{text}");
}
