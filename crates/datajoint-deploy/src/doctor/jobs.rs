use std::collections::BTreeSet;
use std::sync::Arc;

use datajoint_definition::{Backend, count};
use datajoint_guard::{Finding, FindingCode};
use datajoint_plan::Snapshot;
use datajoint_schema::{Table, TableName};
use datajoint_sql::JobQueue;

use crate::Result;

/// So many lease times a job may be reserved by a worker that is gone: others look for it in less than one.
const LEASES: u64 = 3;

/// Jobs that are reserved by workers that are gone.
pub(super) async fn check(snapshot: &mut Snapshot) -> Result<()> {
    let alive = sessions(snapshot).await?;
    let queues: Vec<_> = snapshot.hidden.iter().filter(|table| table.name.is_jobs()).cloned().collect();
    for queue in queues {
        match check_queue(snapshot, &queue, &alive).await {
            Err(error) if error.is_missing_privilege() => {
                let what = format!("who has jobs of `{}`", queue.name);
                snapshot.findings.push(Finding::not_read(FindingCode::JobsNotRead, &what, &error));
            }
            checked => checked?,
        }
    }
    Ok(())
}

/// The sessions of the server; none when they can't be seen.
async fn sessions(snapshot: &mut Snapshot) -> Result<BTreeSet<i64>> {
    let sql = match snapshot.backend {
        Backend::Postgresql => "SELECT pid::bigint FROM pg_stat_activity",
        // Without the privilege PROCESS only the user's own sessions are seen, and nothing can be said of others.
        Backend::Mysql | Backend::Mariadb => {
            "SELECT id FROM information_schema.processlist WHERE EXISTS (SELECT 1 FROM \
             information_schema.user_privileges WHERE privilege_type = 'PROCESS')"
        }
        // A file has no sessions that could be asked for.
        Backend::Sqlite => return Ok(BTreeSet::new()),
    };
    Ok(snapshot.rows(sql, Vec::new()).await?.iter().map(|row| row.number(0)).collect())
}

async fn check_queue(snapshot: &mut Snapshot, queue: &Table, alive: &BTreeSet<i64>) -> Result<()> {
    if !alive.is_empty() && queue.heading.get("connection_id").is_some() {
        check_sessions(snapshot, &queue.name, alive).await?;
    }
    // Where DataJoint for Python alone works on jobs, there are no leases.
    let has = |name: &TableName| snapshot.hidden.iter().any(|table| table.name == *name);
    let target = snapshot.all.iter().find(|table| table.name.jobs() == queue.name).cloned();
    let sql = target.and_then(|target| JobQueue::new(snapshot.backend, &Arc::new(target)).ok());
    match sql {
        Some(sql) if sql.tables().iter().all(|table| has(&table.name)) => check_leases(snapshot, &sql).await,
        _ => Ok(()),
    }
}

/// Jobs of workers of Python, whose sessions are gone.
async fn check_sessions(snapshot: &mut Snapshot, queue: &TableName, alive: &BTreeSet<i64>) -> Result<()> {
    let [connection, host, status] = ["connection_id", "host", "status"].map(|name| snapshot.quote(name));
    let from = snapshot.reference(queue);
    let sql =
        format!("SELECT {connection}, {host} FROM {from} WHERE {status} = 'reserved' AND {connection} > 0");
    let rows = snapshot.rows_of_table(sql).await?.unwrap_or_default();
    let dead: Vec<_> = rows.iter().filter(|row| !alive.contains(&row.number(0))).collect();
    if !dead.is_empty() {
        let hosts: BTreeSet<String> = dead.iter().map(|row| row.text(1)).collect();
        let hosts: Vec<String> = hosts.into_iter().collect();
        snapshot.findings.push(Finding::warning(
            FindingCode::DeadWorker,
            format!(
                "`{queue}` has {} reserved by sessions that are gone, of {}",
                count(dead.len(), "job"),
                hosts.join(", ")
            ),
            "free them by `jobs release` once nothing works on them any more, so that they are done by others",
        ));
    }
    Ok(())
}

/// Jobs of workers of this library, whose leases ended so long ago that no other worker can be at work.
async fn check_leases(snapshot: &mut Snapshot, queue: &JobQueue) -> Result<()> {
    let seconds = LEASES * snapshot.dj.settings().jobs.lease_timeout;
    let found = snapshot.rows_if_there(&queue.abandoned(seconds)).await?.unwrap_or_default();
    let jobs: i64 = found.iter().map(|row| row.number(1)).sum();
    if jobs > 0 {
        let hosts: Vec<String> = found.iter().map(|row| row.text(0)).collect();
        snapshot.findings.push(Finding::error(
            FindingCode::LostJobs,
            format!(
                "{} of `{}` reserved without a lease for more than {seconds} seconds, of {}",
                count(usize::try_from(jobs).unwrap_or(usize::MAX), "job"),
                queue.jobs().name,
                hosts.join(", ")
            ),
            "start a worker on the table, which frees them at once, or free them by `jobs release`",
        ));
    }
    Ok(())
}
