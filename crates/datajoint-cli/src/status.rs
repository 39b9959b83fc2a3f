//! How far everything is.

use std::collections::HashMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use datajoint::guard::{Finding, FindingCode};
use datajoint::jobs::{Counts, Error as JobsError, Holder, Jobs};
use datajoint::{DynamicTable, Instance, Progress, Relation as _, Tier, progress_of};
use serde_json::{Value, json};

use crate::columns::schemas;
use crate::jobs::{as_json, as_text, queue_of};
use crate::output::{line, print_finding, print_json, print_table};
use crate::unread::if_allowed;
use crate::{Outcome, Program, connect};

/// Shows the tables with the number of their rows, how far those that fill themselves are, and their jobs.
#[derive(Args)]
#[command(after_help = "Examples:\n  dj status\n  dj status lab ephys --json\n  dj status --watch 5")]
pub(crate) struct Status {
    /// The schemas; those with the prefix of the settings without any.
    schemas: Vec<String>,
    /// Shows it again every so many seconds, with the rate and the time left, until it is ended.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    watch: Option<u64>,
    /// Prints JSON.
    #[arg(long, conflicts_with = "watch")]
    json: bool,
}

/// What there is to say of a table.
struct Found {
    name: String,
    tier: String,
    /// None where they may not be read.
    rows: Option<u64>,
    progress: Option<Progress>,
    jobs: Option<Queue>,
}

struct Queue {
    counts: Counts,
    holders: Vec<Holder>,
    oldest: Option<String>,
}

impl Status {
    pub(crate) async fn run(&self, _: &Program) -> Outcome {
        let dj = connect().await?;
        let mut rates = Rates::default();
        loop {
            let (found, findings) = self.look(&dj).await?;
            rates.note(&found, Instant::now());
            if self.json {
                let tables: Vec<Value> = found.iter().map(Found::as_json).collect();
                print_json("status", [("tables", json!(tables)), ("findings", json!(findings))]);
            } else {
                if self.watch.is_some() {
                    // Clears the terminal, and begins at its top.
                    line("\u{1b}[2J\u{1b}[H");
                }
                show(&found, &rates, self.watch.is_some());
                findings.iter().for_each(print_finding);
            }
            let Some(seconds) = self.watch else { return Ok(ExitCode::SUCCESS) };
            tokio::time::sleep(Duration::from_secs(seconds)).await;
        }
    }

    async fn look(&self, dj: &Instance) -> Result<(Vec<Found>, Vec<Finding>), String> {
        let (mut all, mut findings) = (Vec::new(), Vec::new());
        for schema in schemas(dj, &self.schemas).await? {
            for table in schema.tables() {
                all.extend(look_at(dj, &table, &mut findings).await?);
            }
        }
        Ok((all, findings))
    }
}

async fn look_at(
    dj: &Instance,
    table: &DynamicTable,
    findings: &mut Vec<Finding>,
) -> Result<Option<Found>, String> {
    let rows = match table.query().count(dj).await {
        // It was dropped since it was listed.
        Err(error) if error.is_gone() => return Ok(None),
        count => if_allowed(count, FindingCode::MissingPrivileges, &format!("`{}`", table.name()), findings)?,
    };
    let tier = table.table().tier;
    let progress = match tier {
        Some(Tier::Computed | Tier::Imported) => progress_of(dj, table).await.ok(),
        _ => None,
    };
    let jobs = match queue_of(dj, table).await? {
        Some(queue) => {
            let what = format!("the jobs of `{}`", table.name());
            if_allowed(look_into(&queue).await, FindingCode::JobsNotRead, &what, findings)?
        }
        None => None,
    };
    let tier = tier.map(|tier| tier.to_string()).unwrap_or_default();
    Ok(Some(Found { name: table.name().to_string(), tier, rows, progress, jobs }))
}

async fn look_into(queue: &Jobs) -> Result<Queue, JobsError> {
    Ok(Queue {
        counts: queue.counts().await?,
        holders: queue.holders().await?,
        oldest: queue.oldest().await?,
    })
}

impl Found {
    fn as_json(&self) -> Value {
        let jobs = self.jobs.as_ref().map(|queue| {
            let mut jobs = as_json(queue.counts);
            let holder = |holder: &Holder| {
                json!({"host": holder.host, "pid": holder.pid, "jobs": holder.count, "since": holder.since})
            };
            jobs["reserved_by"] = queue.holders.iter().map(holder).collect();
            jobs["oldest_pending"] = json!(queue.oldest);
            jobs
        });
        json!({
            "table": self.name, "tier": self.tier, "rows": self.rows,
            "remaining": self.progress.map(|progress| progress.remaining),
            "total": self.progress.map(|progress| progress.total),
            "done": self.progress.map(|progress| progress.total.saturating_sub(progress.remaining)),
            "jobs": jobs,
        })
    }
}

fn show(found: &[Found], rates: &Rates, watches: bool) {
    let row = |table: &Found| {
        let left = table.progress.map(|progress| progress.remaining.to_string()).unwrap_or_default();
        let jobs = table.jobs.as_ref().map(|queue| as_text(queue.counts)).unwrap_or_default();
        let rows = table.rows.map_or_else(|| "?".to_owned(), |rows| rows.to_string());
        let mut row = vec![table.name.clone(), table.tier.clone(), rows, left];
        if watches {
            row.extend(rates.of(table));
        }
        row.push(jobs);
        row
    };
    let title: &[&str] = if watches {
        &["table", "tier", "rows", "to do", "a second", "left", "jobs"]
    } else {
        &["table", "tier", "rows", "to do", "jobs"]
    };
    print_table(title, &found.iter().map(row).collect::<Vec<_>>());
    if !watches {
        return;
    }
    let mut held = Vec::new();
    for table in found {
        for holder in table.jobs.iter().flat_map(|queue| &queue.holders) {
            let process = format!("{} on {}", holder.pid, holder.host);
            held.push(vec![table.name.clone(), holder.count.to_string(), process, holder.since.clone()]);
        }
    }
    if !held.is_empty() {
        line("");
        print_table(&["table", "reserved", "by process", "since"], &held);
    }
}

/// How fast tables are filled, from what was seen at two moments.
#[derive(Default)]
struct Rates {
    /// How many keys are done of each table, and when that was seen first.
    first: HashMap<String, (u64, Instant)>,
    now: HashMap<String, (u64, Instant)>,
}

impl Rates {
    fn note(&mut self, found: &[Found], now: Instant) {
        for table in found {
            let Some(progress) = table.progress else { continue };
            let done = progress.total.saturating_sub(progress.remaining);
            let first = self.first.entry(table.name.clone()).or_insert((done, now));
            // What was deleted begins anew.
            if done < first.0 {
                *first = (done, now);
            }
            self.now.insert(table.name.clone(), (done, now));
        }
    }

    /// Keys a second, where some were made.
    fn rate(&self, name: &str) -> Option<f64> {
        let ((before, begin), (done, now)) = (self.first.get(name)?, self.now.get(name)?);
        let seconds = now.duration_since(*begin).as_secs_f64();
        let made = u32::try_from(done.saturating_sub(*before)).unwrap_or(u32::MAX);
        (made > 0 && seconds > 0.0).then(|| f64::from(made) / seconds)
    }

    /// The rate and the time left, as people read them.
    fn of(&self, table: &Found) -> [String; 2] {
        let rate = self.rate(&table.name);
        let left = table.progress.map(|progress| progress.remaining).filter(|left| *left > 0);
        let time = rate.zip(left).map(|(rate, left)| {
            let seconds = f64::from(u32::try_from(left).unwrap_or(u32::MAX)) / rate;
            duration(Duration::from_secs_f64(seconds.min(1e9)))
        });
        [rate.map(|rate| format!("{rate:.1}")).unwrap_or_default(), time.unwrap_or_default()]
    }
}

/// `3 d 4 h`, `4 h 5 min`, `5 min 6 s` or `6 s`
fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let shown = parts.iter().skip_while(|(number, _)| *number == 0).take(2);
    let text = shown.map(|(number, unit)| format!("{number} {unit}")).collect::<Vec<_>>().join(" ");
    if text.is_empty() { "0 s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(done: u64) -> Found {
        let progress = Some(datajoint::Progress { remaining: 1000 - done, total: 1000 });
        Found { name: "lab.__root".to_owned(), tier: String::new(), rows: Some(done), progress, jobs: None }
    }

    #[test]
    fn the_time_left_comes_from_what_was_made_since_it_is_watched() {
        let (mut rates, begin) = (Rates::default(), Instant::now());
        rates.note(&[seen(100)], begin);
        assert_eq!(rates.of(&seen(100)), ["", ""]);
        rates.note(&[seen(200)], begin + Duration::from_secs(10));
        assert_eq!(rates.of(&seen(200)), ["10.0", "1 min 20 s"]);
        rates.note(&[seen(50)], begin + Duration::from_secs(20));
        assert_eq!(rates.of(&seen(50)), ["", ""], "rows were deleted");
    }

    #[test]
    fn times_are_told_by_their_two_largest_units() {
        let told = [0, 59, 60, 3_661, 90_000].map(|seconds| duration(Duration::from_secs(seconds)));
        assert_eq!(told, ["0 s", "59 s", "1 min 0 s", "1 h 1 min", "1 d 1 h"]);
    }
}
