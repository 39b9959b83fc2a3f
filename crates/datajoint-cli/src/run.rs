//! A whole pipeline at work.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use datajoint::{
    DynamicTable, Instance, Made, Maker, Orders, Relation as _, Run as Runner, attribute, progress_of,
    source_of,
};
use serde_json::{Value, json};

use crate::columns::{Conditions, table};
use crate::jobs::queue_of;
use crate::output::{count, print_json, say};
use crate::populate::chosen;
use crate::{Outcome, Program, connect, connect_to_declare, text};

/// Populates the tables of this program all at once, each as soon as there is something to make.
///
/// Keys are reserved, so that any number of processes share the work. It ends when no job is due, or with --stay never.
#[derive(Args)]
#[command(after_help = "Examples:\n  cargo xtask run --workers 4\n  cargo xtask run --stay --grace 20\n  \
                        cargo xtask run --dry-run")]
pub(crate) struct Run {
    /// The tables, as `schema.Class` or `Class`; all without names.
    tables: Vec<String>,
    #[command(flatten)]
    keys: Conditions,
    /// How many keys are made at the same time, of all tables together.
    #[arg(long, default_value_t = 1)]
    workers: usize,
    /// How many keys that take a resource are made at the same time: one unless it is named. May be given several times.
    #[arg(long, value_name = "NAME=NUMBER", value_parser = resource)]
    resource: Vec<(String, usize)>,
    /// Goes on when nothing is left to do, and waits for rows to come.
    #[arg(long)]
    stay: bool,
    /// Only jobs of this priority, and more urgent ones; lower is sooner.
    #[arg(long)]
    priority: Option<u8>,
    /// How many seconds a key may take.
    #[arg(long, value_name = "SECONDS")]
    time_limit: Option<u64>,
    /// How many seconds SIGTERM waits for the keys that are being made, before they are given back.
    #[arg(long, value_name = "SECONDS")]
    grace: Option<u64>,
    /// Says of each key why it would be made or not, and makes none.
    #[arg(long = "dry-run")]
    explains: bool,
    /// The most keys of each table that --dry-run names.
    #[arg(long, default_value_t = 20)]
    limit: u64,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

fn resource(given: &str) -> Result<(String, usize), String> {
    let parts = given.split_once('=').and_then(|(name, number)| Some((name, number.parse().ok()?)));
    match parts {
        Some((name, number @ 1..)) if !name.is_empty() => Ok((name.to_owned(), number)),
        _ => Err("give a name and a number above zero, as in gpu=1".to_owned()),
    }
}

impl Run {
    pub(crate) async fn run(&self, program: &Program) -> Outcome {
        let makers = chosen(program, &self.tables)?;
        if self.explains {
            return self.explain(&makers).await;
        }
        let dj = connect_to_declare().await?;
        let orders = Orders {
            restrictions: self.keys.all(),
            suppress_errors: true,
            reserve_jobs: true,
            priority: self.priority,
            time_limit: self.time_limit.map(Duration::from_secs),
            grace: self.grace.map(Duration::from_secs),
            ..Orders::default()
        };
        let mut run = Runner::new(makers).orders(orders).workers(self.workers).stay(self.stay);
        for (name, number) in &self.resource {
            run = run.resource(name, *number);
        }
        let made = run.run(&dj).await.map_err(text)?;
        if self.json {
            let tables: Vec<Value> = made.iter().map(crate::populate::as_json).collect();
            print_json("run", [("tables", json!(tables))]);
        } else {
            for table in &made {
                say!("{table}");
            }
        }
        Ok(Made::exit_code(&made))
    }

    /// Says why each key would be made or not.
    async fn explain(&self, makers: &[Maker]) -> Outcome {
        let dj = connect().await?;
        let (mut found, mut left): (Vec<Value>, Vec<(String, u64)>) = (Vec::new(), Vec::new());
        for maker in makers {
            let spec = maker.spec();
            let name = format!("{}.{}", spec.schema, spec.class_name);
            let table = table(&dj, &name).await?;
            let remaining = progress_of(&dj, &table).await.map_err(text)?.remaining;
            let above = above(maker, &left);
            let mut keys = self.in_queue(&dj, &table).await?;
            let listed = u64::try_from(keys.len()).unwrap_or(u64::MAX);
            keys.extend(self.missing(&dj, &table, self.limit.saturating_sub(listed)).await?);
            if !self.json {
                say!("{name}: {} to make", count(usize::try_from(remaining).unwrap_or(usize::MAX), "key"));
                for key in &keys {
                    let reason = key["reason"].as_str().unwrap_or_default();
                    say!("  {} {}: {reason}", if key["runs"] == true { "+" } else { "-" }, key["key"]);
                }
                for (above, number) in &above {
                    say!("  and those of {above}, where {} to be made still", left_of(*number));
                }
            }
            let above: Vec<&String> = above.iter().map(|(name, _)| name).collect();
            found.push(json!({"table": name, "remaining": remaining, "keys": keys, "waits_for": above}));
            if remaining > 0 {
                left.push((spec.rust_path.to_owned(), remaining));
            }
        }
        if self.json {
            print_json("run", [("tables", json!(found))]);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The keys that have a job.
    async fn in_queue(&self, dj: &Instance, table: &DynamicTable) -> Result<Vec<Value>, String> {
        let Some(queue) = queue_of(dj, table).await? else { return Ok(Vec::new()) };
        let more = ["status", "priority", "scheduled_time", "reserved_time", "host", "pid", "error_message"];
        let mut jobs = queue.query().restrict(attribute("status").ne("success")).proj(more);
        for condition in self.keys.all() {
            jobs = jobs.restrict(condition);
        }
        let jobs = jobs.order_by(["status", "priority", "scheduled_time"]).limit(self.limit);
        let rows = jobs.fetch_json(dj).await.map_err(text)?;
        Ok(rows.into_iter().map(|mut row| explained(&mut row, more, self.priority)).collect())
    }

    /// The keys that have no job yet.
    async fn missing(&self, dj: &Instance, table: &DynamicTable, limit: u64) -> Result<Vec<Value>, String> {
        let mut keys = source_of(dj, table).await.map_err(text)?.antijoin(table.proj(()));
        if let Some(queue) = queue_of(dj, table).await? {
            keys = keys.antijoin_by_name(&queue.query().proj(()));
        }
        for condition in self.keys.all() {
            keys = keys.restrict(condition);
        }
        let rows = keys.limit(limit).fetch_json(dj).await.map_err(text)?;
        let reason = "it has no job yet: a refresh adds one";
        Ok(rows.into_iter().map(|key| json!({"key": key, "runs": true, "reason": reason})).collect())
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

/// A job with the reason why it would be made, or not.
fn explained(row: &mut Value, more: [&str; 7], highest: Option<u8>) -> Value {
    let mut said =
        |name: &str| row.as_object_mut().and_then(|row| row.shift_remove(name)).unwrap_or_default();
    let [status, priority, scheduled, reserved, host, pid, message] = more.map(&mut said);
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let is_urgent = highest.is_none_or(|highest| priority.as_u64().is_some_and(|it| it <= highest.into()));
    let (runs, reason) = match status.as_str().unwrap_or_default() {
        "pending" if !is_urgent => (false, format!("its priority {} is not urgent enough", plain(&priority))),
        "pending" => (true, format!("it is pending, due at {}", plain(&scheduled))),
        "reserved" => (
            false,
            format!(
                "it is reserved by process {} on {} since {}",
                plain(&pid),
                plain(&host),
                plain(&reserved)
            ),
        ),
        "error" => {
            let message = plain(&message);
            let first = message.lines().next().unwrap_or_default().to_owned();
            (false, format!("it failed, and waits for `jobs retry`: {first}"))
        }
        "ignore" => (false, "it is ignored until `jobs clear`".to_owned()),
        other => (false, format!("its state `{other}` is not known")),
    };
    json!({"key": row, "runs": runs, "reason": reason})
}
