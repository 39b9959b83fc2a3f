//! A Galera cluster, on whose nodes clients declare and deploy at the same moment.
//!
//! `cargo xtask test --galera` runs it.

use std::time::Duration;

use datajoint::prelude::*;
use datajoint::{Transaction, Value};
use datajoint_sql::Statement;

use crate::own::Own;
use crate::processes::named;
use crate::race::race;

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_cluster");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// n : int32
    pub(super) struct Counter;

    #[table(Computed)]
    /// -> Counter
    /// ---
    /// twice : int32
    pub(super) struct Twice;

    impl PlainMake for Twice {
        async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
            let CounterRow { id, n } = cx.upstream::<Counter>().fetch_one().await?;
            cx.insert(TwiceRow { id, twice: 2 * n }).await
        }
    }
}

use tables::{Counter, CounterKey, CounterRow, Twice};

/// The nodes, with blanks between them.
fn nodes() -> Option<Vec<String>> {
    Some(named("DJ_TEST_GALERA_URLS")?.split_whitespace().map(str::to_owned).collect())
}

async fn clients() -> Option<Vec<Instance>> {
    let mut clients = Vec::new();
    for url in nodes()? {
        clients.push(Instance::connect(Settings::from_url(&url).unwrap()).await.unwrap());
    }
    Some(clients)
}

#[tokio::test]
async fn processes_declare_at_once_on_every_node_of_a_cluster() {
    let Some(nodes) = nodes() else { return };
    let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
    race(&nodes).await;
}

#[tokio::test]
async fn one_client_of_all_nodes_declares_or_deploys() {
    let Some(clients) = clients().await else { return };
    let schema = "dj_conformance_cluster_locks".to_owned();
    let schemas = [schema.clone()].into();
    for round in 0..10 {
        let (here, there) = (&clients[round % clients.len()], &clients[(round + 1) % clients.len()]);
        let busy = here.database().change(&schemas, Duration::from_secs(20)).await.unwrap();
        let refused = there.database().change(&schemas, Duration::ZERO).await.unwrap_err().to_string();
        assert!(refused.contains("is held by process"), "{refused}");
        let done: datajoint_adapters::Result<()> = busy.end(Ok(())).await;
        done.unwrap();
        let deploy = here
            .database()
            .lock("deploy", std::slice::from_ref(&schema), Duration::from_secs(20))
            .await
            .unwrap();
        let refused =
            there.database().lock("deploy", std::slice::from_ref(&schema), Duration::ZERO).await.unwrap_err();
        assert!(refused.to_string().contains("is held by process"), "{refused}");
        deploy.check().await.unwrap();
        deploy.release().await.unwrap();
        let free = there
            .database()
            .lock("deploy", std::slice::from_ref(&schema), Duration::from_secs(20))
            .await
            .unwrap();
        free.release().await.unwrap();
    }
    clients[0].drop_schema(&schema).confirmed().await.unwrap();
}

/// Until when a lock of a schema is held, by the server's clock.
async fn expires(dj: &Instance, schema: &str) -> i64 {
    let sql = format!("SELECT MAX(expires) FROM `{schema}`.`~lock`");
    let rows = dj.database().acquire().await.unwrap().fetch(&Statement::plain(sql)).await.unwrap();
    let [Value::Int(expires)] = rows[0][..] else { panic!("{rows:?}") };
    expires
}

#[tokio::test]
async fn a_lock_is_renewed_while_its_holder_is_busy_below_locks_of_tables() {
    let Some(clients) = clients().await else { return };
    let (here, there) = (&clients[0], &clients[1]);
    let schema = "dj_conformance_cluster_busy";
    let _ = here.drop_schema(schema).confirmed().await;
    let mut busy =
        here.database().change(&[schema.to_owned()].into(), Duration::from_secs(20)).await.unwrap();
    let run = |sql: String| [Statement::plain(sql)];
    busy.script(&run(format!("CREATE TABLE `{schema}`.busy (id int PRIMARY KEY)"))).await.unwrap();
    busy.script(&run(format!("LOCK TABLES `{schema}`.busy WRITE"))).await.unwrap();
    let before = expires(there, schema).await;
    busy.fetch(&Statement::plain("SELECT SLEEP(13)")).await.unwrap();
    let after = expires(there, schema).await;
    assert!(after >= before + 8, "from {before} to {after}: nobody renewed it");
    busy.check().await.unwrap();
    // Somebody else has it: nothing more is changed.
    let steal = run(format!("UPDATE `{schema}`.`~lock` SET token = 'another'"));
    there.database().acquire().await.unwrap().script(&steal).await.unwrap();
    busy.fetch(&Statement::plain("SELECT SLEEP(13)")).await.unwrap();
    let lost = busy.check().await.unwrap_err();
    assert!(matches!(lost, datajoint_adapters::Error::LockLost { .. }), "{lost}");
    busy.script(&run("UNLOCK TABLES".to_owned())).await.unwrap();
    let ended: datajoint_adapters::Result<()> = busy.end(Ok(())).await;
    ended.unwrap();
    let free = run(format!("DELETE FROM `{schema}`.`~lock`"));
    there.database().acquire().await.unwrap().script(&free).await.unwrap();
    here.drop_schema(schema).confirmed().await.unwrap();
}

#[tokio::test]
async fn transactions_that_collide_on_two_nodes_are_tried_again() {
    const EACH: i32 = 15;
    let Some(clients) = clients().await else { return };
    let _ = clients[0].drop_schema("dj_conformance_cluster").confirmed().await;
    Counter.insert_one(&clients[0], CounterRow { id: 1, n: 0 }).await.unwrap();
    let count = async |dj: &Instance| {
        let mut done = 0;
        for _ in 0..EACH {
            let add = dj.retry_transaction(async |transaction: &mut Transaction| {
                let row: CounterRow =
                    (Counter & CounterKey { id: 1 }).fetch_one_as(&mut *transaction).await?;
                Counter.update_one(&mut *transaction, CounterRow { id: 1, n: row.n + 1 }).await
            });
            match add.await {
                Ok(()) => done += 1,
                Err(error) => assert!(error.is_retryable(), "{error}"),
            }
        }
        done
    };
    let (one, other) = tokio::join!(count(&clients[0]), count(&clients[1]));
    let found = (Counter & CounterKey { id: 1 }).fetch_one(&clients[0]).await.unwrap();
    println!("{one} and {other} of {EACH} went through; the counter is at {}", found.n);
    assert!(one + other > 0, "none went through");
    assert_eq!(found.n, one + other, "an addition that went through is lost");
    clients[0].drop_schema("dj_conformance_cluster").confirmed().await.unwrap();
}

/// A node applies what another one committed a moment later, and large commits much later.
#[tokio::test]
async fn what_one_node_committed_is_seen_on_every_other() {
    const ROUNDS: i32 = 40;
    const ROWS: i32 = 2000;
    let Some(clients) = clients().await else { return };
    let _ = clients[0].drop_schema("dj_conformance_cluster").confirmed().await;
    Counter.insert_one(&clients[0], CounterRow { id: 0, n: 0 }).await.unwrap();
    let most = usize::try_from(ROWS).unwrap();
    for round in 1..=ROUNDS {
        let at = |place: i32| &clients[usize::try_from(round + place).unwrap() % clients.len()];
        let rows = (0..ROWS).map(|id| CounterRow { id: round * ROWS + id, n: round });
        Counter.insert(at(0), rows).await.unwrap();
        let here = (Counter & Counter::n.eq(round)).count(at(1)).await.unwrap();
        let mut snapshot = at(2).begin_read().await.unwrap();
        let there = (Counter & Counter::n.eq(round)).fetch(&mut snapshot).await.unwrap().len();
        snapshot.rollback().await.unwrap();
        assert_eq!((here, there), (most as u64, most), "round {round}");
    }
    clients[0].drop_schema("dj_conformance_cluster").confirmed().await.unwrap();
}

/// Each node claims without knowing of the locks of the others: whoever commits first has the job.
#[tokio::test]
async fn nine_workers_on_all_nodes_make_each_key_once() {
    const KEYS: i32 = 300;
    let Some(nodes) = nodes() else { return };
    let mut clients = Vec::new();
    for url in nodes.iter().cycle().take(3 * nodes.len()) {
        let dj = Instance::connect(Settings::from_url(url).unwrap()).await.unwrap();
        clients.push(dj.with_schema_prefix("dj_queue_"));
    }
    let schema = "dj_queue_dj_conformance_cluster";
    let _ = clients[0].drop_schema(schema).confirmed().await;
    Counter.insert(&clients[0], (0..KEYS).map(|id| CounterRow { id, n: id })).await.unwrap();
    Twice.populate(&clients[0]).reserve_jobs(true).max_calls(1).stop_on_ctrl_c(false).run().await.unwrap();
    let work = |dj: Instance| async move {
        let (mut made, mut rounds) = (0, 0);
        while Twice.count(&dj).await.unwrap() < u64::from(KEYS.unsigned_abs()) {
            let populate = Twice.populate(&dj).reserve_jobs(true).refresh(false).suppress_errors(true);
            match populate.stop_on_ctrl_c(false).run().await {
                Ok(report) => {
                    assert!(report.errors.is_empty(), "{report}");
                    made += report.success_count;
                }
                Err(error) => println!("{error}"),
            }
            rounds += 1;
            assert!(rounds < 1000, "keys are left that nobody makes");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        made
    };
    let workers: Vec<_> = clients.iter().cloned().map(|dj| tokio::spawn(work(dj))).collect();
    let mut made = Vec::new();
    for worker in workers {
        made.push(worker.await.unwrap());
    }
    println!("{made:?} of {KEYS}");
    let twice = clients[0].resolve(<Twice as datajoint::Table>::spec()).unwrap();
    let jobs = datajoint::jobs::Jobs::open(&clients[0], &twice).await.unwrap().counts().await.unwrap();
    assert_eq!(
        (jobs.total(), made.iter().sum::<usize>()),
        (0, usize::try_from(KEYS - 1).unwrap()),
        "{jobs:?}"
    );
    clients[0].drop_schema(schema).confirmed().await.unwrap();
}

/// It comes last by its name: the node ends with the test.
#[tokio::test]
async fn without_a_node_the_others_go_on_until_it_comes_back() {
    const PATIENCE: Duration = Duration::from_secs(100);
    let (Some(nodes), Some(mut node)) = (nodes(), Own::named("DJ_TEST_GALERA_NODE")) else { return };
    let connect = async |url: &str| {
        let dj = Instance::connect(Settings::from_url(url).unwrap()).await.unwrap();
        dj.with_schema_prefix("dj_node_")
    };
    let (stays, comes) = (connect(&nodes[0]).await, connect(&node.url).await);
    let _ = stays.drop_schema("dj_node_dj_conformance_cluster").confirmed().await;
    let row = |id: i32| CounterRow { id, n: 0 };
    Counter.insert_one(&comes, row(1)).await.unwrap();
    node.kill();
    // The others go on once they know that it is gone.
    let second = tokio::time::timeout(PATIENCE, Counter.insert_one(&stays, row(2)));
    second.await.expect("the cluster hangs").unwrap();
    node.start();
    let back = async {
        // Until it has joined it refuses, or nobody listens there.
        while let Err(error) = Counter.count(&comes).await {
            println!("{error}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, back).await.expect("the client of the node does not go on");
    let third = comes.retry_transaction(async |transaction: &mut Transaction| {
        Counter.insert_one(&mut *transaction, row(3)).await
    });
    third.await.unwrap();
    assert_eq!(Counter.order_by("id").column(&comes, Counter::id).await.unwrap(), [1, 2, 3]);
    stays.drop_schema("dj_node_dj_conformance_cluster").confirmed().await.unwrap();
}

#[tokio::test]
async fn what_a_node_refuses_that_is_not_ready_is_tried_again() {
    let Some(clients) = clients().await else { return };
    let dj = &clients[0];
    let _ = dj.drop_schema("dj_conformance_cluster").confirmed().await;
    Counter.insert_one(dj, CounterRow { id: 1, n: 0 }).await.unwrap();
    let mut control = dj.database().acquire().await.unwrap();
    control.script(&[Statement::plain("SET GLOBAL wsrep_reject_queries = ALL")]).await.unwrap();
    let refused = Counter.insert_one(dj, CounterRow { id: 2, n: 0 }).await.unwrap_err();
    let add = dj.retry_transaction(async |transaction: &mut Transaction| {
        Counter.insert_one(&mut *transaction, CounterRow { id: 3, n: 0 }).await
    });
    let ready = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        control.script(&[Statement::plain("SET GLOBAL wsrep_reject_queries = NONE")]).await
    };
    let (added, ready) = tokio::join!(add, ready);
    ready.unwrap();
    assert!(refused.is_retryable() && refused.to_string().contains("another node"), "{refused}");
    added.unwrap();
    assert_eq!(Counter.count(dj).await.unwrap(), 2);
    drop(control);
    dj.drop_schema("dj_conformance_cluster").confirmed().await.unwrap();
}
