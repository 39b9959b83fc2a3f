//! What stands before a verb, and all that is compared afterwards: rows of users and of job queues, stamps and versions, and
//! what tables write for their replicas.

use std::collections::BTreeMap;
use std::time::Duration;

use datajoint::Stamp;
use datajoint::jobs::Jobs;
use datajoint::prelude::*;
use datajoint_schema::{Table, TableName, jobs_table, trials_table, workers_table};
use datajoint_sql::{Statement, Value, drop_stamp, table_reference};

use super::tables::*;
use super::{Outcome, Verb, connecting};

pub(crate) const SCHEMA: &str = "dj_conformance_verbs";

/// The environment of the clients, which `Instance::stamp` stamps the schema for.
pub(crate) const ENVIRONMENT: &str = "conformance";

/// What is compared, by what it is of.
pub(crate) type Rows = BTreeMap<&'static str, Vec<String>>;

/// The jobs that stand in the queue of `Total`: key, state and owner. The key 3 has none yet, and those from 4 on are of no
/// account.
const JOBS: [(i64, &str, i64); 5] =
    [(1, "pending", 0), (2, "pending", 0), (4, "error", 0), (5, "reserved", -HOLDER), (6, "success", 0)];

/// A worker whose lease runs for long.
const HOLDER: i64 = 7;

/// A worker without a lease, and the key of its job.
const LOST: (i64, i64) = (8, 7);

/// Declares all that verbs work on, and fills it.
pub(crate) async fn begin(dj: &Instance) -> Outcome<()> {
    // What is computed records what it is made by and from.
    let records = dj.with_settings(|settings| settings.jobs.record_makes = true);
    records.activate::<Tables>().await?;
    dj.activate::<Tables>().await?;
    Jobs::open(dj, &dj.resolve(<Total as datajoint::Table>::spec())?).await?;
    Ok(fill(dj).await?)
}

async fn fill(dj: &Instance) -> datajoint::Result<()> {
    Account.insert(dj, (1..=3).map(|id| AccountRow { id, n: id })).await?;
    Entry.insert(dj, (1..=2).map(|id| EntryRow { id, entry: 1, amount: 5 })).await?;
    Ok(())
}

/// The hidden tables of the queue of `Total`: of jobs, of trials, of workers.
fn hidden(dj: &Instance) -> Outcome<[Table; 3]> {
    let total = dj.resolve(<Total as datajoint::Table>::spec())?;
    let jobs = jobs_table(&total, dj.backend())?;
    let trials = trials_table(&jobs);
    Ok([jobs, trials, workers_table(SCHEMA)])
}

/// Puts back what a verb leaves that no rows of users are, as it has to stand before this verb.
pub(crate) async fn prepare(dj: &Instance, verb: &Verb) -> Outcome<()> {
    let [jobs, trials, workers] = hidden(dj)?.map(|table| table_reference(dj.backend(), &table.name));
    let mut statements: Vec<String> =
        [&jobs, &trials, &workers].map(|table| format!("DELETE FROM {table}")).into();
    let lost = verb.name.starts_with("Worker::reap").then_some((LOST.1, "reserved", -LOST.0));
    for (id, status, owner) in JOBS.into_iter().chain(lost) {
        let due = format!("'2020-01-01 00:00:0{id}.000'");
        // Added so late that none is taken for one whose key is long gone.
        statements.push(format!(
            "INSERT INTO {jobs} (id, status, priority, created_time, scheduled_time, error_message, connection_id) \
             VALUES ({id}, '{status}', 5, '2037-01-01 00:00:00.000', {due}, '', {owner})"
        ));
    }
    statements.push(format!("INSERT INTO {trials} (id, failures, losses) VALUES (4, 5, 0)"));
    let forever = i64::MAX / 2;
    statements
        .push(format!("INSERT INTO {workers} (worker, expires, is_locked) VALUES ({HOLDER}, {forever}, 0)"));
    let mut statements: Vec<Statement> = statements.into_iter().map(Statement::plain).collect();
    if !stamps(dj).await?.is_empty() {
        statements.extend(drop_stamp(dj.backend(), &TableName::new(SCHEMA, "~environment")));
    }
    statements.extend(connecting::identity_reset(dj).await?);
    statements.extend(connecting::journal_reset(dj).await?);
    // A statement of a verb that was given up may come late, between these.
    let mut tries = 0;
    while let Err(error) = dj.database().acquire().await?.script(&statements).await {
        tries += 1;
        if !error.is_duplicate() || tries > 20 {
            return Err(error.into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    if verb.name.starts_with("Instance::unstamp") {
        dj.stamp(&[SCHEMA], Some(&Stamp::new(ENVIRONMENT))).await?;
    }
    Ok(())
}

/// All that is compared.
pub(crate) async fn rows(dj: &Instance) -> Outcome<Rows> {
    let mut rows = Rows::new();
    let of = |found: Vec<DynamicRow>| found.iter().map(ToString::to_string).collect::<Vec<_>>();
    rows.insert("account", of(Account.order_by("id").fetch_dynamic(dj).await?));
    rows.insert("entry", of(Entry.order_by(["id", "entry"]).fetch_dynamic(dj).await?));
    rows.insert("total", of(Total.order_by("id").fetch_dynamic(dj).await?));
    rows.insert("step", of(TotalStep.order_by(["id", "step"]).fetch_dynamic(dj).await?));
    rows.insert("double", of(Double.order_by("id").fetch_dynamic(dj).await?));
    let [jobs, trials, _] = hidden(dj)?.map(|table| table_reference(dj.backend(), &table.name));
    // What a worker has that was dropped is as good as pending: it is, at the latest when its lease ends.
    let known = format!("connection_id IN (0, -{HOLDER}, -{})", LOST.0);
    let state = format!("CASE WHEN status <> 'reserved' OR {known} THEN status ELSE 'pending' END");
    let queue = format!("SELECT id, {state}, priority, error_message FROM {jobs} ORDER BY id");
    rows.insert("jobs", read(dj, queue).await?);
    // What is known of a key whose job is done is forgotten by the next refresh.
    let is_open =
        format!("EXISTS (SELECT 1 FROM {jobs} WHERE {jobs}.id = {trials}.id AND {jobs}.status <> 'success')");
    let counts = format!("SELECT id, failures, losses FROM {trials} WHERE {is_open} ORDER BY id");
    rows.insert("trials", read(dj, counts).await?);
    rows.insert("stamps", stamps(dj).await?);
    rows.insert("deploy", connecting::journal(dj).await?);
    rows.insert("identity", connecting::identity(dj).await?.into_iter().collect());
    Ok(rows)
}

pub(super) async fn read(dj: &Instance, sql: String) -> Outcome<Vec<String>> {
    let found: Vec<Vec<Value>> = dj.database().acquire().await?.fetch(&Statement::plain(sql)).await?;
    Ok(found.iter().map(|row| format!("{row:?}")).collect())
}

async fn stamps(dj: &Instance) -> Outcome<Vec<String>> {
    let found = dj.found_stamps(Some(&[SCHEMA.to_owned()])).await?;
    Ok(found.values().map(|stamp| format!("{stamp:?}")).collect())
}

/// Puts the rows of users back as they were.
pub(crate) async fn reset(dj: &Instance) -> datajoint::Result<()> {
    for quick in [
        TotalStep.query().untyped(),
        Total.query().untyped(),
        Double.query().untyped(),
        Entry.query().untyped(),
        Account.query().untyped(),
    ] {
        quick.delete_quick(dj).confirmed().await?;
    }
    fill(dj).await
}
