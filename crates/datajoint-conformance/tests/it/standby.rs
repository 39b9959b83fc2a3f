//! A primary and its standby: who reads, who writes, and what becomes of a client when the standby is promoted.
//!
//! `cargo xtask test --standby` runs it. It promotes the standby, so that it can be run once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use datajoint::jobs::Jobs;
use datajoint::prelude::*;
use datajoint::{Maker, ReadOnly, Run, Value};
use datajoint_sql::Statement;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::processes::named;

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_standby");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// n : int32
    pub(super) struct Item;

    #[table(Manual)]
    /// source : int32
    pub(super) struct Source;

    #[table(Computed)]
    /// -> Source
    /// ---
    /// y : int32
    pub(super) struct Twice;

    impl Make for Twice {
        type Fetched = i32;
        type Computed = i32;

        async fn fetch(cx: &FetchContext<'_, Self>) -> MakeResult<i32> {
            Ok(cx.upstream::<Source>().fetch_one().await?.source)
        }

        fn compute(_: &TwiceKey, source: i32) -> MakeResult<i32> {
            std::thread::sleep(std::time::Duration::from_millis(15));
            Ok(2 * source)
        }

        async fn insert(cx: &mut InsertContext<'_, Self>, y: i32) -> MakeResult<()> {
            cx.insert(TwiceRow { source: cx.key().source, y }).await
        }
    }
}

use tables::{Item, ItemRow, Source, SourceRow, Twice};

/// How many keys are made while another server takes over.
const KEYS: u64 = 300;

/// Populates, as a worker does that is started again when it fails, until nothing is left.
async fn populate(dj: Instance) {
    let begin = Instant::now();
    loop {
        let run = Run::new([Maker::of::<Twice>()]).workers(3).run(&dj).await;
        let progress = Twice.progress(&dj).await;
        if run.is_ok() && progress.as_ref().is_ok_and(|progress| progress.remaining == 0) {
            return;
        }
        assert!(begin.elapsed() < Duration::from_mins(2), "{run:?} {progress:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Passes connections on to a server, until it is ended: a server that can be ended.
struct Place {
    port: u16,
    end: Arc<Notify>,
    task: tokio::task::JoinHandle<()>,
}

impl Place {
    async fn before(server: String) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let end = Arc::new(Notify::new());
        let ended = Arc::clone(&end);
        let task = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (server, ended) = (server.clone(), Arc::clone(&ended));
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(server).await.unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                        () = ended.notified() => {}
                    }
                });
            }
        });
        Self { port, end, task }
    }

    fn end(self) {
        self.task.abort();
        self.end.notify_waiters();
    }
}

async fn settled(dj: &Instance, n: u64) {
    for _ in 0..200 {
        if Item.count(dj).await.is_ok_and(|count| count == n) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the standby does not follow");
}

fn server(settings: &Settings) -> String {
    let database = &settings.database;
    format!("{}:{}", database.host.as_deref().unwrap(), database.port.unwrap())
}

/// A client that always has something to insert finds the other server, as soon as the first takes nothing any more:
/// its sessions there stay, so that only what the server says tells it.
async fn a_busy_client_leaves(dj: &Instance, end_of_writes: impl AsyncFnOnce()) {
    // In use at the same time, there are several connections that nobody asks about.
    let reading = dj.begin_read().await.unwrap();
    let held = [dj.database().acquire().await.unwrap(), dj.database().acquire().await.unwrap()];
    let mut next = 1..;
    let mut insert = async || Item.insert_one(dj, ItemRow { id: next.next().unwrap(), n: 0 }).await;
    for _ in 0..5 {
        insert().await.unwrap();
    }
    end_of_writes().await;
    assert!(insert().await.unwrap_err().to_string().contains("read"), "the first is told");
    drop(held);
    reading.rollback().await.unwrap();
    for _ in 0..20 {
        insert().await.unwrap();
    }
}

#[tokio::test]
async fn a_busy_client_leaves_a_server_that_takes_no_writes_any_more() {
    let Some(urls) = named("DJ_TEST_SWITCHED_URLS") else { return };
    let both: Vec<Settings> = urls.split(' ').map(|url| Settings::from_url(url).unwrap()).collect();
    let mut clients = Vec::new();
    for settings in &both {
        // Who may do everything may write there all the same.
        let root = Instance::connect(settings.clone()).await.unwrap();
        let grants = [
            "DROP DATABASE IF EXISTS dj_conformance_standby",
            "CREATE OR REPLACE USER switched@'127.0.0.1' IDENTIFIED BY 'switched'",
            "GRANT ALL PRIVILEGES ON `dj\\_conformance\\_standby`.* TO switched@'127.0.0.1'",
        ];
        let grants: Vec<Statement> = grants.into_iter().map(Statement::plain).collect();
        root.database().acquire().await.unwrap().script(&grants).await.unwrap();
        Item.insert_one(&root, ItemRow { id: 0, n: 0 }).await.unwrap();
        clients.push(root);
    }
    let mut settings = both[0].clone();
    settings.database.host = Some(format!("{}, {}", server(&both[0]), server(&both[1])));
    settings.database.port = None;
    settings.database.user = Some("switched".to_owned());
    settings.database.password = Some("switched".to_owned().into());
    let dj = Instance::connect(settings).await.unwrap();
    a_busy_client_leaves(&dj, async || {
        let stop = [Statement::plain("SET GLOBAL read_only = 1")];
        clients[0].database().acquire().await.unwrap().script(&stop).await.unwrap();
    })
    .await;
    assert_eq!(Item.count(&clients[0]).await.unwrap(), 6);
    assert_eq!(Item.count(&clients[1]).await.unwrap(), 21);
}

#[tokio::test]
async fn a_standby_reads_says_what_it_is_and_takes_over() {
    let (Some(primary), Some(standby)) = (named("DJ_TEST_PRIMARY_URL"), named("DJ_TEST_STANDBY_URL")) else {
        return;
    };
    let of = |url: &str| Settings::from_url(url).unwrap();
    let writer = Instance::connect(of(&primary)).await.unwrap();
    let _ = writer.drop_schema("dj_conformance_standby").confirmed().await;
    Item.insert(&writer, (1..=3).map(|id| ItemRow { id, n: 0 })).await.unwrap();

    // Alone, a standby serves who reads.
    let reader = ReadOnly::connect(of(&standby)).await.unwrap();
    let on_standby = Instance::connect(of(&standby)).await.unwrap();
    settled(&on_standby, 3).await;
    assert_eq!(Item.count(&reader).await.unwrap(), 3);
    assert_eq!(Item.fetch(&reader).await.unwrap().len(), 3);
    let refused = Item.insert_one(&on_standby, ItemRow { id: 4, n: 0 }).await.unwrap_err().to_string();
    assert!(refused.contains("standby") && refused.contains("DJ_HOST"), "{refused}");
    assert!(refused.contains(&server(&of(&standby))), "which server it is: {refused}");

    // Of two servers the primary is found, wherever it stands; who reads takes the first.
    let place = Place::before(server(&of(&primary))).await;
    let both = |settings: &mut Settings| {
        settings.database.host = Some(format!("{}, 127.0.0.1:{}", server(&of(&standby)), place.port));
        settings.database.port = None;
    };
    let mut settings = of(&primary);
    both(&mut settings);
    let dj = Instance::connect(settings.clone()).await.unwrap();
    Item.insert_one(&dj, ItemRow { id: 4, n: 0 }).await.unwrap();
    settled(&on_standby, 4).await;

    // The primary ends in the middle of a populate, and the standby becomes one.
    let sources = 0..i32::try_from(KEYS).unwrap();
    Source.insert(&dj, sources.map(|source| SourceRow { source })).await.unwrap();
    let populating = tokio::spawn(populate(dj.clone()));
    let mut made = 0;
    while made < KEYS / 4 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        made = Twice.count(&writer).await.unwrap();
    }
    assert!(made < KEYS, "it is in the middle");
    place.end();
    let promote = Statement::plain("SELECT pg_promote()");
    let rows = on_standby.database().acquire().await.unwrap().fetch(&promote).await.unwrap();
    assert_eq!(rows, [[Value::Bool(true)]]);
    // A connection that is gone is found out with the first statement.
    let mut fifth = Item.insert_one(&dj, ItemRow { id: 5, n: 0 }).await;
    for _ in 0..4 {
        if fifth.is_ok() {
            break;
        }
        fifth = Item.insert_one(&dj, ItemRow { id: 5, n: 0 }).await;
    }
    fifth.unwrap();
    assert_eq!(Item.count(&on_standby).await.unwrap(), 5, "the new primary has it");
    Item.update_one(&dj, ItemRow { id: 5, n: 1 }).await.unwrap();
    populating.await.unwrap();
    assert_eq!(Twice.count(&on_standby).await.unwrap(), KEYS, "each key is there");
    let twice = on_standby.resolve(<Twice as datajoint::Table>::spec()).unwrap();
    let queue = Jobs::find(&on_standby, &twice).await.unwrap().unwrap();
    let counts = queue.counts().await.unwrap();
    assert_eq!(counts.total(), 0, "{counts:?}");

    // The new primary goes on, and takes nothing that is written any more.
    let mut settings = settings;
    settings.database.host = Some(format!("{}, {}", server(&of(&standby)), server(&of(&primary))));
    let dj = Instance::connect(settings.clone()).await.unwrap();
    for client in [&writer, &dj] {
        (Item & sql("id > 0", ())).delete_quick(client).confirmed().await.unwrap();
    }
    a_busy_client_leaves(&dj, async || {
        let stop = ["ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()"];
        on_standby.database().acquire().await.unwrap().script(&stop.map(Statement::plain)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
    })
    .await;
    assert_eq!(Item.count(&writer).await.unwrap(), 20, "which is where the old one is");

    // Nobody takes what is written.
    let mut nobody = settings;
    nobody.database.host = Some("127.0.0.1:1, 127.0.0.1:2".to_owned());
    let error = Instance::connect(nobody).await.unwrap_err().to_string();
    assert!(error.contains("127.0.0.1:1") && error.contains("127.0.0.1:2"), "{error}");
}
