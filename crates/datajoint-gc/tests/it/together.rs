//! Several clients, each in a process of its own, insert and delete the same contents while others collect.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant, SystemTime};

use datajoint_gc::{Collection, Error};
use datajoint_pipeline::Relation as _;

use crate::lab::{ABC, Lab, connect, row};

/// What tells a process which client it is, and where.
const CLIENT: &str = "DATAJOINT_GC_CLIENT";

#[tokio::test]
async fn two_collections_at_once_are_one_after_the_other() {
    let lab = Lab::filled().await;
    lab.delete("lab", 1).await;
    lab.delete("lab", 2).await;
    let (one, other) = (lab.collection(), lab.collection());
    let (one, other) = tokio::join!(one.apply(None), other.apply(None));
    for outcome in [one, other] {
        match outcome {
            Ok(plan) => assert_eq!(plan.failed().count(), 0, "{plan}"),
            Err(Error::Plan(datajoint_plan::Error::Busy { .. })) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert!(!lab.has(ABC) && lab.has(&format!("{ABC}.quarantined")));
}

/// The file beside a database that tells its clients to end.
fn enough(database: &Path) -> PathBuf {
    database.with_extension("enough")
}

/// How often collections have done a step.
async fn done(lab: &Lab, operation: &str) -> usize {
    let sql = format!("SELECT step FROM \"lab.~gc\" WHERE operation = '{operation}' AND state = 'done'");
    let mut connection = lab.dj.database().acquire().await.unwrap();
    // The first collection makes it.
    connection.fetch(&datajoint_sql::Statement::plain(sql)).await.map_or(0, |rows| rows.len())
}

/// The database and the stores of a process, and which client it is.
fn told() -> Option<(String, String, String)> {
    #[expect(clippy::disallowed_methods, reason = "a process of this test")]
    let told = std::env::var(CLIENT).ok()?;
    let mut parts = told.split('|').map(str::to_owned);
    Some((parts.next()?, parts.next()?, parts.next()?))
}

/// One of eight contents. The last is rare, so that nobody refers to it for longer than the grace.
fn content(number: u32) -> Vec<u8> {
    let chosen = u8::try_from(number >> 16 & 0xff).unwrap();
    vec![b'a' + if chosen == 0 { 7 } else { chosen % 7 }; 3]
}

/// What a process does that a test began; nothing where none did.
#[tokio::test]
async fn client() {
    let Some((kind, database, folder)) = told() else { return };
    let dj = connect(&database, Path::new(&folder)).await;
    let scan = dj.table("lab.Scan").await.unwrap();
    let mut number = std::process::id();
    while !enough(Path::new(&database)).exists() {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let id = i32::try_from(number >> 8 & 0xff_ffff).unwrap();
        if kind == "collector" {
            let collection = Collection::of(&dj)
                .most(100)
                .moment(Duration::from_millis(200))
                .grace(Duration::from_secs(3));
            // Another one, or a writer, may be at it.
            let _ = collection.apply(None).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        }
        let content = content(number);
        if scan.insert(&dj, [row(id).with("raw", content).unwrap()]).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(u64::from(number >> 20 & 63))).await;
            let mut connection = dj.database().acquire().await.unwrap();
            let sql = format!("DELETE FROM \"lab.scan\" WHERE id = {id}");
            let _ = connection.execute(&datajoint_sql::Statement::plain(sql)).await;
        }
    }
    // Each leaves a row.
    let content = content(number);
    while scan
        .insert(&dj, [row(-i32::try_from(std::process::id()).unwrap()).with("raw", content.clone()).unwrap()])
        .await
        .is_err()
    {
        if kind == "collector" {
            return;
        }
    }
}

fn begin(kind: &str, database: &Path, folder: &Path) -> Child {
    let program = std::env::current_exe().unwrap();
    let told = format!("{kind}|{}|{}", database.display(), folder.display());
    Command::new(program)
        .args(["--exact", "together::client", "--nocapture"])
        .env(CLIENT, told)
        .spawn()
        .unwrap()
}

/// Makes all objects look old, again and again: what is on its way too, which is harder than it ever is.
fn make_old(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_none()
            && let Ok(file) = std::fs::File::options().write(true).open(&path)
        {
            file.set_modified(SystemTime::now() - Duration::from_hours(30 * 24)).unwrap();
        }
    }
}

#[tokio::test]
async fn processes_that_write_and_collect_the_same_contents_lose_none() {
    let database = tempfile::tempdir().unwrap();
    let file = database.path().join("lab.db");
    let lab = Lab::in_database(file.to_str().unwrap()).await;
    let writers = (0..3).map(|_| begin("writer", &file, lab.folder.path()));
    let collectors = (0..2).map(|_| begin("collector", &file, lab.folder.path()));
    let mut processes: Vec<Child> = writers.chain(collectors).collect();
    let begun = Instant::now();
    // Until collections did all that they do, on a slow machine too.
    while begun.elapsed() < Duration::from_mins(5) {
        tokio::time::sleep(Duration::from_millis(300)).await;
        make_old(&lab.folder.path().join("_hash/lab"));
        let (quarantined, purged) = (done(&lab, "quarantine").await, done(&lab, "purge").await);
        if begun.elapsed() > Duration::from_secs(8) && quarantined > 0 && purged > 0 {
            break;
        }
        assert!(processes.iter_mut().all(|process| process.try_wait().unwrap().is_none()), "one has ended");
    }
    std::fs::write(enough(&file), "").unwrap();
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    for operation in ["quarantine", "purge"] {
        let count = done(&lab, operation).await;
        assert!(count > 0, "no {operation} was done");
        eprintln!("{operation}: {count}");
    }
    // What came while its object was set aside comes back.
    lab.collect().await;
    let rows = lab.dj.table("lab.Scan").await.unwrap().fetch(&lab.dj).await.unwrap();
    assert!(rows.len() >= 3, "{}", rows.len());
}
