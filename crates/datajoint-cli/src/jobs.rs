//! Queues of jobs, as operators see them.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use datajoint::guard::{Finding, FindingCode};
use datajoint::jobs::{Counts, Error as JobsError, Jobs as Queue, Refresh, Status};
use datajoint::{Condition, DynamicTable, FoundSchemas, Instance, Relation as _, attribute, source_of};
use serde_json::{Value, json};

use crate::columns::{Conditions, schemas, table};
use crate::output::{print_finding, print_json, print_table, say};
use crate::unread::if_allowed;
use crate::{Outcome, Program, connect, text};

/// Shows the jobs of tables that fill themselves, and has them tried again, passed over or freed.
#[derive(Args)]
#[command(after_help = "Examples:\n  dj jobs\n  dj jobs errors ephys.Spikes\n  \
                        dj jobs retry ephys.Spikes --where \"subject_id = 3\"\n  dj jobs clear ephys.Spikes --status error")]
pub(crate) struct Jobs {
    /// How the jobs are shown or changed.
    #[arg(value_enum, default_value = "list")]
    verb: Verb,
    /// The table, as `schema.Class`; for `list` and `errors` all without one.
    table: Option<String>,
    #[command(flatten)]
    keys: Conditions,
    /// Only jobs in this state; may be given several times.
    #[arg(long, value_enum)]
    status: Vec<State>,
    /// The most jobs that are listed.
    #[arg(long, default_value_t = 100)]
    limit: u64,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Verb {
    /// The jobs of a table, or how many there are of each.
    List,
    /// Shows failures, the most frequent fault first.
    Errors,
    /// Adds jobs for new keys, and removes those whose keys are gone.
    Refresh,
    /// Has failed jobs tried again.
    Retry,
    /// Keeps jobs from being done until they are cleared.
    Ignore,
    /// Removes jobs; the next refresh adds those that are to be done. Reserved ones stay.
    Clear,
    /// Frees reserved jobs, whoever has them.
    Release,
}

#[derive(Clone, Copy, ValueEnum)]
enum State {
    Pending,
    Reserved,
    Success,
    Error,
    Ignore,
}

impl State {
    const fn status(self) -> Status {
        match self {
            Self::Pending => Status::Pending,
            Self::Reserved => Status::Reserved,
            Self::Success => Status::Success,
            Self::Error => Status::Error,
            Self::Ignore => Status::Ignore,
        }
    }
}

impl Jobs {
    pub(crate) async fn run(&self, _: &Program) -> Outcome {
        let dj = connect().await?;
        let Some(name) = &self.table else { return self.all(&dj).await };
        let table = table(&dj, name).await?;
        let Some(queue) = Queue::find(&dj, table.table()).await.map_err(text)? else {
            if !matches!(self.verb, Verb::Refresh) {
                return Err(format!("`{}` has no queue of jobs yet: `jobs refresh` makes one", table.name()));
            }
            let queue = Queue::open(&dj, table.table()).await.map_err(text)?;
            return self.change(&dj, &table, &queue).await;
        };
        match self.verb {
            Verb::List => self.list(&dj, &queue).await,
            Verb::Errors => {
                let errors = errors(&table, &queue).await.map_err(text)?;
                Ok(self.show_errors(errors, &[]))
            }
            _ => self.change(&dj, &table, &queue).await,
        }
    }

    /// All queues.
    async fn all(&self, dj: &Instance) -> Outcome {
        let (mut rows, mut found, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        let FoundSchemas { schemas, mut findings, .. } = schemas(dj, &[]).await?;
        for schema in schemas {
            for table in schema.tables() {
                let Some(queue) = Queue::of(dj, &table).await.map_err(text)? else { continue };
                let what = format!("the jobs of `{}`", table.name());
                if matches!(self.verb, Verb::Errors) {
                    let read = errors(&table, &queue).await;
                    failed.extend(
                        if_allowed(read, FindingCode::JobsNotRead, &what, &mut findings)?.unwrap_or_default(),
                    );
                    continue;
                }
                let read = queue.counts().await;
                let Some(counts) = if_allowed(read, FindingCode::JobsNotRead, &what, &mut findings)? else {
                    continue;
                };
                let name = table.name().to_string();
                let numbers = [counts.pending, counts.reserved, counts.success, counts.error, counts.ignore];
                let cells = numbers.into_iter().chain([counts.without_lease]).map(|count| count.to_string());
                rows.push([name.clone()].into_iter().chain(cells).collect());
                found.push(json!({"table": name, "jobs": counts}));
            }
        }
        match self.verb {
            Verb::Errors => return Ok(self.show_errors(failed, &findings)),
            Verb::List => {}
            _ => return Err("name the table, as `schema.Class`".to_owned()),
        }
        if self.json {
            print_json("jobs", [("queues", json!(found)), ("findings", json!(findings))]);
        } else {
            let title = ["table", "pending", "reserved", "success", "error", "ignore", "without lease"];
            print_table(&title, &rows);
            findings.iter().for_each(print_finding);
        }
        Ok(ExitCode::SUCCESS)
    }

    fn restriction(&self) -> Condition {
        let states: Vec<Condition> =
            self.status.iter().map(|state| attribute("status").eq(state.status().name())).collect();
        let in_state = if states.is_empty() { Condition::constant(true) } else { Condition::any(states) };
        Condition::all(self.keys.all()).and(in_state)
    }

    async fn list(&self, dj: &Instance, queue: &Queue) -> Outcome {
        let shown = [
            "status",
            "priority",
            "created_time",
            "scheduled_time",
            "reserved_time",
            "host",
            "pid",
            "error_message",
        ];
        let jobs = queue.query().restrict(self.restriction()).proj(shown);
        let jobs = jobs.order_by(["status", "priority", "scheduled_time"]).limit(self.limit);
        if self.json {
            print_json("jobs", [("jobs", json!(jobs.fetch_json(dj).await.map_err(text)?))]);
            return Ok(ExitCode::SUCCESS);
        }
        let all = usize::try_from(self.limit).unwrap_or(usize::MAX - 1);
        let found = jobs.preview(&dj.with_settings(|settings| settings.display.limit = all)).await;
        let found = found.map_err(text)?;
        // Messages last: they are of any length.
        let is_message = |place: &usize| found.names[*place].0 == "error_message";
        let (last, mut places): (Vec<usize>, Vec<usize>) = (0..found.names.len()).partition(is_message);
        places.extend(last);
        let title: Vec<&str> = places.iter().map(|place| found.names[*place].0.as_str()).collect();
        let line = |cell: &String| cell.lines().next().unwrap_or_default().to_owned();
        let cells = |row: &Vec<String>| places.iter().map(|place| line(&row[*place])).collect();
        print_table(&title, &found.rows.iter().map(cells).collect::<Vec<_>>());
        Ok(ExitCode::SUCCESS)
    }

    fn show_errors(&self, errors: Vec<Value>, findings: &[Finding]) -> ExitCode {
        if self.json {
            print_json("jobs", [("errors", json!(errors)), ("findings", json!(findings))]);
            return ExitCode::SUCCESS;
        }
        for error in errors {
            let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
            say!("{} × {}: {}", error["count"], text("table"), text("message"));
        }
        findings.iter().for_each(print_finding);
        ExitCode::SUCCESS
    }

    async fn change(&self, dj: &Instance, table: &DynamicTable, queue: &Queue) -> Outcome {
        let only = self.restriction();
        let states: Vec<Status> = self.status.iter().map(|state| state.status()).collect();
        let (done, what) = match self.verb {
            Verb::Refresh => {
                let refresh = Refresh { restrictions: self.keys.all(), ..Refresh::default() };
                let source = source_of(dj, table).await.map_err(text)?;
                (queue.refresh(&source, &refresh).await.map(|done| done.added), "added")
            }
            Verb::Retry => (queue.retry(only).await, "to be tried again"),
            Verb::Ignore => (queue.ignore(only).await, "to be passed over"),
            Verb::Clear if states.is_empty() => {
                return Err("say which jobs go: `--status error`, for instance".to_owned());
            }
            Verb::Clear => (queue.clear(only, &states).await, "removed"),
            _ => (queue.release(only).await, "free"),
        };
        let done = done.map_err(text)?;
        if self.json {
            print_json("jobs", [("changed", json!(done))]);
        } else {
            say!(
                "{}: {} {what}",
                table.name(),
                crate::output::count(usize::try_from(done).unwrap_or(usize::MAX), "job")
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn errors(table: &DynamicTable, queue: &Queue) -> Result<Vec<Value>, JobsError> {
    let failures = queue.failures().await?;
    Ok(failures
        .into_iter()
        .map(|failure| {
            json!({
                "table": table.name().to_string(), "count": failure.count, "message": failure.message,
                "fingerprint": failure.fingerprint,
            })
        })
        .collect())
}

/// `3 pending, 2 reserved (1 without a lease)`
pub(crate) fn as_text(counts: Counts) -> String {
    let lacking = match counts.without_lease {
        0 => String::new(),
        number => format!(" ({number} without a lease)"),
    };
    let parts = [
        (counts.pending, "pending", ""),
        (counts.reserved, "reserved", lacking.as_str()),
        (counts.error, "failed", ""),
        (counts.ignore, "ignored", ""),
    ];
    let shown = parts.into_iter().filter(|(count, ..)| *count > 0);
    shown.map(|(count, state, more)| format!("{count} {state}{more}")).collect::<Vec<_>>().join(", ")
}
