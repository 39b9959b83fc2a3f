//! Why each key would be made, or not.

use datajoint::jobs::{Jobs, Outlook};
use datajoint::{Condition, DynamicTable, Instance, Maker, Relation as _, progress_of, source_of};
use serde_json::{Value, json};

use crate::columns::{Conditions, table};
use crate::output::{count, print_json, say};
use crate::{Outcome, connect, text};

/// What is asked of the keys of tables.
pub(crate) struct Explain<'a> {
    /// The command that is asked for it.
    pub(crate) command: &'static str,
    pub(crate) keys: &'a Conditions,
    /// True where keys are taken from the queues of jobs; otherwise whatever is missing is made.
    pub(crate) reserves: bool,
    /// True where the queues are brought up to date first.
    pub(crate) refreshes: bool,
    pub(crate) priority: Option<u8>,
    /// The most keys of each table.
    pub(crate) limit: u64,
    pub(crate) json: bool,
}

/// A key, whether it would be made, and why.
struct Explained {
    key: Value,
    runs: bool,
    reason: String,
}

impl Explain<'_> {
    pub(crate) async fn run(&self, makers: &[Maker]) -> Outcome {
        let dj = connect().await?;
        let (mut found, mut left): (Vec<Value>, Vec<(String, u64)>) = (Vec::new(), Vec::new());
        for maker in makers {
            let spec = maker.spec();
            let name = format!("{}.{}", spec.schema, spec.class_name);
            let table = table(&dj, &name).await?;
            let progress = progress_of(&dj, &table).await.map_err(text)?;
            let (remaining, done) = (progress.remaining, progress.total.saturating_sub(progress.remaining));
            let above = above(maker, &left);
            let mut keys = if self.reserves { self.in_queue(&dj, &table).await? } else { Vec::new() };
            let listed = u64::try_from(keys.len()).unwrap_or(u64::MAX);
            keys.extend(self.missing(&dj, &table, self.limit.saturating_sub(listed)).await?);
            if !self.json {
                say!("{name}: {} to make", count(usize::try_from(remaining).unwrap_or(usize::MAX), "key"));
                for Explained { key, runs, reason } in &keys {
                    say!("  {} {key}: {reason}", if *runs { "+" } else { "-" });
                }
                if done > 0 {
                    let keys = count(usize::try_from(done).unwrap_or(usize::MAX), "key");
                    say!("  - {keys} with rows, stale or not: `stale` tells which are");
                }
                for (above, number) in &above {
                    say!("  and those of {above}, where {} to be made still", left_of(*number));
                }
            }
            let above: Vec<&String> = above.iter().map(|(name, _)| name).collect();
            let keys: Vec<Value> = keys
                .into_iter()
                .map(|Explained { key, runs, reason }| json!({"key": key, "runs": runs, "reason": reason}))
                .collect();
            found.push(json!({
                "table": name, "remaining": remaining, "done": done, "keys": keys, "waits_for": above,
            }));
            if remaining > 0 {
                left.push((spec.rust_path.to_owned(), remaining));
            }
        }
        if self.json {
            print_json(self.command, [("tables", json!(found))]);
        }
        Ok(std::process::ExitCode::SUCCESS)
    }

    /// The keys that have a job.
    async fn in_queue(&self, dj: &Instance, table: &DynamicTable) -> Result<Vec<Explained>, String> {
        let Some(queue) = Jobs::of(dj, table).await.map_err(text)? else { return Ok(Vec::new()) };
        let only = Condition::all(self.keys.all());
        let jobs = queue.outlook(only, self.priority, self.limit).await.map_err(text)?;
        jobs.into_iter()
            .map(|Outlook { key, reason, .. }| {
                let key = key.to_json().map_err(text)?;
                Ok(Explained { key, runs: reason.runs(), reason: reason.to_string() })
            })
            .collect()
    }

    /// The keys without a row and, where they are taken from the queue, without a job.
    async fn missing(
        &self,
        dj: &Instance,
        table: &DynamicTable,
        limit: u64,
    ) -> Result<Vec<Explained>, String> {
        let mut keys = source_of(dj, table).await.map_err(text)?.antijoin(table.proj(()));
        if self.reserves
            && let Some(queue) = Jobs::of(dj, table).await.map_err(text)?
        {
            keys = keys.antijoin_by_name(&queue.query().proj(()));
        }
        for condition in self.keys.all() {
            keys = keys.restrict(condition);
        }
        let (runs, reason) = match (self.reserves, self.refreshes) {
            (false, _) => (true, "it has no row"),
            (true, true) => (true, "it has no job yet: a refresh adds one"),
            (true, false) => (false, "it has no job, and the queue is left as it is"),
        };
        let rows = keys.limit(limit).fetch_json(dj).await.map_err(text)?;
        Ok(rows.into_iter().map(|key| Explained { key, runs, reason: reason.to_owned() }).collect())
    }
}

/// How many keys are left, with their verb.
fn left_of(number: u64) -> String {
    let keys = count(usize::try_from(number).unwrap_or(usize::MAX), "key");
    if number == 1 { format!("{keys} is") } else { format!("{keys} are") }
}

/// The parents of a table of which keys are still to be made.
fn above(maker: &Maker, left: &[(String, u64)]) -> Vec<(String, u64)> {
    let parents = maker.spec().parents.iter().map(|parent| parent());
    let number = |path: &str| left.iter().find(|(known, _)| known == path).map(|(_, number)| *number);
    parents
        .filter_map(|spec| Some((format!("{}.{}", spec.schema, spec.class_name), number(spec.rust_path)?)))
        .collect()
}
