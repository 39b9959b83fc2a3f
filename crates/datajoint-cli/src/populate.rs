//! Tables that fill themselves.

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

use clap::Args;
use datajoint::{Made, Maker, Orders, ProgressBars, Watching};
use serde_json::{Value, json};

use crate::columns::Conditions;
use crate::explain::Explain;
use crate::output::{print_json, say};
use crate::{Outcome, Program, connect_to_declare, text};

/// Computes what is missing in tables of this program, parents first; in all of them without names.
#[derive(Args)]
#[command(after_help = "Examples:\n  cargo xtask populate --workers 4\n  \
                        cargo xtask populate ephys.Spikes --where \"subject_id = 3\" --max-calls 10")]
#[expect(clippy::struct_excessive_bools, reason = "these are switches")]
pub(crate) struct Populate {
    /// The tables, as `schema.Class` or `Class`.
    tables: Vec<String>,
    #[command(flatten)]
    keys: Conditions,
    /// How many keys are computed at the same time.
    #[arg(long, default_value_t = NonZeroUsize::MIN)]
    workers: NonZeroUsize,
    /// The most keys of each table.
    #[arg(long)]
    max_calls: Option<usize>,
    /// Takes the keys from the queues of jobs, so that any number of processes share the work.
    #[arg(long)]
    reserve_jobs: bool,
    /// Only jobs of this priority, and more urgent ones; lower is sooner.
    #[arg(long, requires = "reserve_jobs")]
    priority: Option<u8>,
    /// Leaves the queues as they are, where `jobs.auto_refresh` would bring them up to date first.
    #[arg(long, requires = "reserve_jobs")]
    no_refresh: bool,
    /// How many seconds a key may take.
    #[arg(long, value_name = "SECONDS")]
    time_limit: Option<NonZeroU64>,
    /// How many seconds SIGTERM waits for the keys that are being made, before they are given back.
    #[arg(long, value_name = "SECONDS")]
    grace: Option<u64>,
    /// Goes on after errors, and lists them.
    #[arg(long)]
    suppress_errors: bool,
    /// Says of each key why it would be made or not, and makes none.
    #[arg(long = "dry-run")]
    explains: bool,
    /// The most keys of each table that --dry-run names.
    #[arg(long, default_value_t = 20)]
    limit: u64,
    /// Shows no bar.
    #[arg(long)]
    quiet: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Populate {
    pub(crate) async fn run(&self, program: &Program) -> Outcome {
        let makers = chosen(program, &self.tables)?;
        if self.explains {
            let explain = Explain {
                command: "populate",
                keys: &self.keys,
                reserves: self.reserve_jobs,
                refreshes: !self.no_refresh,
                priority: self.priority,
                limit: self.limit,
                json: self.json,
            };
            return explain.run(&makers).await;
        }
        let dj = connect_to_declare().await?;
        let mut made = Vec::new();
        for maker in makers {
            let orders = Orders {
                restrictions: self.keys.all(),
                max_calls: self.max_calls.unwrap_or(usize::MAX),
                workers: self.workers.get(),
                suppress_errors: self.suppress_errors,
                watching: (!self.quiet && !self.json).then(|| Watching::new(ProgressBars::new())),
                reserve_jobs: self.reserve_jobs,
                priority: self.priority,
                refresh: self.no_refresh.then_some(false),
                time_limit: self.time_limit.map(|limit| Duration::from_secs(limit.get())),
                grace: self.grace.map(Duration::from_secs),
                ..Orders::default()
            };
            let report = maker.run(&dj, orders).await.map_err(text)?;
            if !self.json {
                say!("{report}");
            }
            let stopped = report.stopped;
            made.push(report);
            if stopped {
                break;
            }
        }
        if self.json {
            let tables: Vec<Value> = made.iter().map(as_json).collect();
            print_json("populate", [("tables", json!(tables))]);
        }
        Ok(Made::exit_code(&made))
    }
}

pub(crate) fn as_json(made: &Made) -> Value {
    json!({
        "table": made.table, "made": made.success_count, "errors": made.errors,
        "remaining": made.remaining, "stopped": made.stopped,
    })
}

/// The tables that are named, in the order of the program, whose parents come first; all without names.
pub(crate) fn chosen(program: &Program, tables: &[String]) -> Result<Vec<Maker>, String> {
    if program.makers.is_empty() {
        return Err(
            "this program has no tables with a `make`: use the commands of a project that links its own"
                .to_owned(),
        );
    }
    let names = |maker: &Maker| {
        let spec = maker.spec();
        (spec.class_name.to_owned(), format!("{}.{}", spec.schema, spec.class_name))
    };
    let known: Vec<(String, String)> = program.makers.iter().map(names).collect();
    for name in tables {
        if !known.iter().any(|(class, full)| class == name || full == name) {
            let all: Vec<&str> = known.iter().map(|(_, full)| full.as_str()).collect();
            return Err(format!("`{name}` has no `make` in this program: name one of {}", all.join(", ")));
        }
    }
    let is_chosen = |maker: &&Maker| {
        let (class, full) = names(maker);
        tables.is_empty() || tables.contains(&class) || tables.contains(&full)
    };
    Ok(program.makers.iter().filter(is_chosen).copied().collect())
}
