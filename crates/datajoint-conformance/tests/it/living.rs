//! Clients that live on: while they are stopped, and while their server is started again.
//!
//! `cargo xtask test --restart` runs what needs servers of its own.

use std::time::Duration;

use datajoint::prelude::*;

use crate::own::Own;
use crate::processes::{self, Process, named};

mod tables {
    use datajoint::prelude::*;

    schema!("living");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// n : int32
    pub(super) struct Item;

    #[table(Manual)]
    /// id : int32
    /// ---
    /// text : varchar(16000)
    #[derive(Clone)]
    pub(super) struct Large;
}

mod letters {
    use datajoint::prelude::*;

    schema!("living_letters");

    #[table(Manual)]
    /// name : varchar(20)
    pub(super) struct Letter;
}

use letters::{Letter, LetterRow};
use tables::{Item, ItemRow, Large, LargeRow};

/// How long a verb may take while a server is started again.
const PATIENCE: Duration = Duration::from_mins(1);

fn item(id: i32) -> ItemRow {
    ItemRow { id, n: 0 }
}

fn connect(url: &str) -> impl Future<Output = Instance> {
    let settings = Settings::from_url(url).unwrap();
    async move {
        let dj = Instance::connect(settings).await.unwrap();
        dj.with_schema_prefix(format!("dj{}_", std::process::id()))
    }
}

/// A client that inserts: a row by itself, or one in a transaction that stays open until it is asked for the next.
#[tokio::test]
async fn one_client_that_is_stopped() {
    let Some(url) = processes::url() else { return };
    let dj = Instance::connect(Settings::from_url(&url).unwrap()).await.unwrap();
    let mut open = None;
    processes::serve(async |request| {
        let (verb, prefix) = request.split_once(' ').unwrap();
        let dj = dj.with_schema_prefix(prefix);
        let outcome = match (verb, open.take()) {
            ("begin", _) => {
                async {
                    let mut transaction = dj.begin().await?;
                    Item.insert_one(&mut transaction, item(10)).await?;
                    open = Some(transaction);
                    Ok(())
                }
                .await
            }
            ("commit", Some(transaction)) => datajoint::Transaction::commit(transaction).await,
            (id, _) => Item.insert_one(&dj, item(id.parse().unwrap())).await,
        };
        outcome.map_or_else(|error: datajoint::Error| error.to_string(), |()| "done".to_owned())
    })
    .await;
}

/// Stops a client and lets it go on, at rest and in a transaction.
async fn stop(url: &str) {
    let prefix = format!("dj{}_", std::process::id());
    let dj = connect(url).await;
    let _ = dj.drop_schema(&format!("{prefix}living")).confirmed().await;
    Item.insert_one(&dj, item(0)).await.unwrap();
    let mut client = Process::start("living::one_client_that_is_stopped", url);
    for (number, request) in ["1", "begin", "commit", "2"].into_iter().enumerate() {
        client.ask(&format!("{request} {prefix}"));
        assert_eq!(client.answer(), "done", "{request}");
        client.signal("STOP");
        // Others read and, but for an embedded database, write.
        Item.count(&dj).await.unwrap();
        if request != "begin" || dj.backend() != datajoint::Backend::Sqlite {
            Item.insert_one(&dj, item(100 + i32::try_from(number).unwrap())).await.unwrap();
        }
        client.signal("CONT");
    }
    client.end();
    let ids = Item.order_by("id").column(&dj, Item::id).await.unwrap();
    assert_eq!(ids.iter().filter(|id| **id < 100).copied().collect::<Vec<_>>(), [0, 1, 2, 10]);
    dj.drop_schema(&format!("{prefix}living")).confirmed().await.unwrap();
}

#[tokio::test]
async fn a_client_that_was_stopped_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    stop(&format!("sqlite:{}", folder.path().join("living.sqlite").display())).await;
    for variable in ["DJ_TEST_MYSQL_URL", "DJ_TEST_MARIADB_URL", "DJ_TEST_POSTGRES_URL"] {
        if let Some(url) = named(variable) {
            stop(&url).await;
        }
    }
}

async fn restart(variable: &str) {
    let Some(mut server) = Own::named(variable) else { return };
    let dj = connect(&server.url).await;
    Item.insert_one(&dj, item(1)).await.unwrap();
    let mut open = dj.begin().await.unwrap();
    Item.insert_one(&mut open, item(2)).await.unwrap();
    let lock = dj.database().lock("living", &[], PATIENCE).await.unwrap();

    server.end();
    // Who asks meanwhile waits, and is served.
    let waiting = {
        let dj = dj.clone();
        tokio::spawn(async move { Item.count(&dj).await })
    };
    tokio::time::sleep(Duration::from_millis(500)).await;
    server.start();
    let counted = tokio::time::timeout(PATIENCE, waiting).await.expect("it hangs").unwrap();
    assert_eq!(counted.unwrap(), 1, "what was not committed is gone");

    // What was open is over, and says so; the same client goes on.
    let refused = Item.insert_one(&mut open, item(3)).await.unwrap_err().to_string();
    assert!(open.commit().await.is_err(), "{refused}");
    assert!(lock.check().await.is_err(), "{refused}");
    drop(lock);
    Item.insert_one(&dj, item(4)).await.unwrap();
    dj.transaction(async |transaction| Item.insert_one(transaction, item(5)).await).await.unwrap();
    let again = dj.database().lock("living", &[], PATIENCE).await.unwrap();
    again.release().await.unwrap();
    assert_eq!(Item.order_by("id").column(&dj, Item::id).await.unwrap(), [1, 4, 5]);

    if dj.backend().is_mysql_family() {
        insert_in_small_packets(&server.url).await;
        strings_have_all_characters_on_a_server_that_has_few(&server.url).await;
    }

    // With no server at all, the words say where it was looked for.
    server.end();
    let gone =
        tokio::time::timeout(PATIENCE, Item.count(&dj)).await.expect("it hangs").unwrap_err().to_string();
    let place = server.url.rsplit('@').next().unwrap().split('/').next().unwrap();
    assert!(gone.contains(place) && gone.contains("DJ_HOST"), "{gone}");
}

/// Rows that go in several statements, as the server takes no larger ones, are inserted all or none.
async fn insert_in_small_packets(url: &str) {
    const ROWS: i32 = 60;
    let administrator = connect(url).await;
    let set = datajoint_sql::Statement::plain("SET GLOBAL max_allowed_packet = 262144");
    administrator.database().acquire().await.unwrap().script(&[set]).await.unwrap();
    administrator.close().await;
    // Sessions keep what was set when they began.
    let dj = connect(url).await;
    let large = |id: i32| LargeRow { id, text: format!("{id:015000}") };
    for taken in [1, 9, ROWS / 2, ROWS] {
        Large.delete(&dj).confirmed().await.unwrap();
        Large.insert_one(&dj, large(taken)).await.unwrap();
        let rows: Vec<LargeRow> = (1..=ROWS).map(large).collect();
        let error = Large.insert(&dj, rows.clone()).await.unwrap_err().to_string();
        assert!(error.contains(&format!("(id = {taken})")), "{error}");
        assert_eq!(Large.column(&dj, Large::id).await.unwrap(), [taken], "{error}");
        let failed = dj.transaction(async |within| Large.insert(within, rows).await).await;
        assert!(failed.is_err());
        assert_eq!(Large.column(&dj, Large::id).await.unwrap(), [taken]);
        let others = (1..=ROWS).filter(|id| *id != taken).map(large).collect::<Vec<_>>();
        assert_eq!(Large.insert(&dj, others).await.unwrap(), u64::from(ROWS.unsigned_abs()) - 1);
    }
    dj.close().await;
}

/// A schema of one's own holds every string, on a server whose own characters are few; beside schemas that have these it has
/// them too, so that foreign keys between them fit.
async fn strings_have_all_characters_on_a_server_that_has_few(url: &str) {
    let run = async |sql: &str| {
        let administrator = connect(url).await;
        let statement = datajoint_sql::Statement::plain(sql);
        let rows = administrator.database().acquire().await.unwrap().fetch(&statement).await.unwrap();
        administrator.close().await;
        rows
    };
    run("SET GLOBAL character_set_server = latin1").await;
    // Sessions keep what was set when they began.
    let dj = connect(url).await;
    let schema = dj.schema_name("living_letters");
    let set = format!(
        "SELECT default_character_set_name FROM information_schema.schemata WHERE schema_name = '{schema}'"
    );
    let names = ["Ann", "Öre", "日本", "🐁"].map(|name| LetterRow { name: name.to_owned() });
    Letter.insert(&dj, names.clone()).await.unwrap();
    assert_eq!(Letter.count(&dj).await.unwrap(), names.len() as u64);
    assert!((Letter & Letter::name.eq("🐁")).exists(&dj).await.unwrap());
    assert_eq!(run(&set).await, [[datajoint::Value::Text("utf8mb4".to_owned())]]);
    dj.drop_schema(&schema).confirmed().await.unwrap();

    let old = dj.schema_name("living_old");
    run(&format!("CREATE DATABASE `{old}`")).await;
    run(&format!("CREATE TABLE `{old}`.`~lineage` (name varchar(20))")).await;
    let beside = connect(url).await;
    assert!(Letter.insert(&beside, names).await.is_err(), "it has no such characters");
    assert_eq!(run(&set).await, [[datajoint::Value::Text("latin1".to_owned())]]);
    beside.drop_schema(&schema).confirmed().await.unwrap();
    run(&format!("DROP DATABASE `{old}`")).await;
    run("SET GLOBAL character_set_server = utf8mb4").await;
    beside.close().await;
    dj.close().await;
}

#[tokio::test]
async fn a_client_outlives_its_postgresql() {
    restart("DJ_TEST_OWN_POSTGRES").await;
}

#[tokio::test]
async fn a_client_outlives_its_mariadb() {
    restart("DJ_TEST_OWN_MARIADB").await;
}
