//! Behind PgBouncer in transaction mode: processes declare and populate, and leave nothing in its sessions.
//!
//! `cargo xtask test --pooler` runs it.

use std::time::Duration;

use datajoint::prelude::*;
use datajoint::{Transaction, Value};
use datajoint_sql::Statement;

use crate::processes::{self, Process};

const PROCESSES: usize = 6;
const ROUNDS: usize = 20;

mod tables {
    use datajoint::prelude::*;

    schema!("pooled");

    #[table(Lookup, contents = [("fast", 1), ("slow", 2)])]
    /// method : varchar(8)
    /// ---
    /// speed  : int16
    pub(super) struct Method;

    #[table(Manual)]
    /// id : int32
    /// ---
    /// x : float64
    /// note = null : varchar(20)
    pub(super) struct Source;

    #[table(Computed)]
    /// -> Source
    /// -> Method
    /// ---
    /// y : float64
    /// trace : <blob>
    pub(super) struct Product;

    pipeline! {
        pub(super) struct Pipeline { Method, Source, Product }
    }

    impl PlainMake for Product {
        async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
            let (key, x) = (cx.key().clone(), cx.upstream::<Source>().fetch_one().await?.x);
            let y = x * f64::from(cx.upstream::<Method>().fetch_one().await?.speed);
            cx.insert(ProductRow { id: key.id, method: key.method, y, trace: vec![x, y].into() }).await
        }
    }
}

use tables::{Method, Pipeline, Product, Source, SourceRow};

const SOURCES: i32 = 12;

/// What a process does in a schema: everything a pipeline does, at the same moment as the others.
async fn work(dj: &Instance) -> Result<(), Box<dyn std::error::Error>> {
    dj.activate::<Pipeline>().await?;
    let rows = (0..SOURCES).map(|id| SourceRow { id, x: f64::from(id), note: Some(format!("n{id}")) });
    Source.insert_with(dj, rows, datajoint::InsertOptions::new().skip_duplicates()).await?;
    dj.retry_transaction(async |transaction: &mut Transaction| {
        let n = Source.count(&mut *transaction).await?;
        assert_eq!(i32::try_from(n), Ok(SOURCES));
        Source.update_one(&mut *transaction, SourceRow { id: 1, x: 1.0, note: None }).await
    })
    .await?;
    let populate = Product.populate(dj).workers(2).suppress_errors(true).stop_on_ctrl_c(false);
    let report = populate.clone().max_calls(4).run().await?;
    assert!(report.errors.is_empty(), "{report:?}");
    // The rest by jobs, each of one process, until the others are done too.
    let mut remaining = 1;
    while remaining > 0 {
        let report = populate.clone().reserve_jobs(true).run().await?;
        assert!(report.errors.is_empty(), "{report:?}");
        remaining = report.remaining;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

#[tokio::test]
async fn one_process_behind_the_pooler() {
    let Some(url) = processes::url() else { return };
    let dj = Instance::connect(Settings::from_url(&url).unwrap()).await.unwrap();
    assert!(dj.database().shares_sessions(), "the pooler was not recognised");
    processes::serve(async |prefix| match work(&dj.with_schema_prefix(prefix)).await {
        Ok(()) => "done".to_owned(),
        Err(error) => format!("failed: {error}"),
    })
    .await;
}

#[tokio::test]
async fn processes_declare_and_populate_behind_a_pooler_and_leave_nothing() {
    let (Some(pooler), Some(server)) =
        (processes::named("DJ_TEST_POOLER_URL"), processes::named("DJ_TEST_POOLED_URL"))
    else {
        return;
    };
    let direct = Instance::connect(Settings::from_url(&server).unwrap()).await.unwrap();
    assert!(!direct.database().shares_sessions(), "the server itself");
    let mut all: Vec<Process> =
        (0..PROCESSES).map(|_| Process::start("pooler::one_process_behind_the_pooler", &pooler)).collect();
    for round in 0..ROUNDS {
        let prefix = format!("dj{}_{round}_", std::process::id());
        for process in &mut all {
            process.ask(&prefix);
        }
        for process in &mut all {
            assert_eq!(process.answer(), "done", "round {round}");
        }
        let here = direct.with_schema_prefix(&prefix);
        let made = Product.count(&here).await.unwrap();
        assert_eq!(made, u64::from(SOURCES.unsigned_abs()) * Method.count(&here).await.unwrap());
        let product = here.resolve(<Product as datajoint::Table>::spec()).unwrap();
        let jobs = datajoint::jobs::Jobs::open(&here, &product).await.unwrap().counts().await.unwrap();
        assert_eq!(jobs.total(), 0, "round {round}: {jobs:?}");
        assert_eq!(locks(&direct).await, 0, "round {round}: a lock is left in a session of the pooler");
        let again = tokio::time::timeout(Duration::from_secs(5), async {
            direct.with_schema_prefix(format!("{prefix}direct_")).activate::<Pipeline>().await
        });
        again.await.expect("nobody holds a lock").unwrap();
        for schema in [format!("{prefix}pooled"), format!("{prefix}direct_pooled")] {
            direct.drop_schema(&schema).confirmed().await.unwrap();
        }
    }
    for process in all {
        process.end();
    }
    let through = Instance::connect(Settings::from_url(&pooler).unwrap()).await.unwrap();
    let setting = Statement::plain("SELECT current_setting('lock_timeout')");
    for _ in 0..20 {
        let plain = direct.database().acquire().await.unwrap().fetch(&setting).await.unwrap();
        let inside = through.database().acquire().await.unwrap().fetch(&setting).await.unwrap();
        assert_eq!(plain, inside, "each transaction is set up");
    }
    println!("{PROCESSES} processes, {ROUNDS} rounds");
}

/// How many locks of ours any session holds.
async fn locks(dj: &Instance) -> i64 {
    let question = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'";
    let rows = dj.database().acquire().await.unwrap().fetch(&Statement::plain(question)).await.unwrap();
    match rows[0][0] {
        Value::Int(number) => number,
        ref other => panic!("{other:?}"),
    }
}
