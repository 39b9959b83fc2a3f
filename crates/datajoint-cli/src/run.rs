//! A whole pipeline at work.

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

use clap::Args;
use datajoint::{Made, Orders, Run as Runner};
use serde_json::{Value, json};

use crate::columns::Conditions;
use crate::explain::Explain;
use crate::output::{print_json, say};
use crate::populate::chosen;
use crate::{Outcome, Program, connect_to_declare, text};

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
    #[arg(long, default_value_t = NonZeroUsize::MIN)]
    workers: NonZeroUsize,
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
    time_limit: Option<NonZeroU64>,
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
            let explain = Explain {
                command: "run",
                keys: &self.keys,
                reserves: true,
                refreshes: true,
                priority: self.priority,
                limit: self.limit,
                json: self.json,
            };
            return explain.run(&makers).await;
        }
        let dj = connect_to_declare().await?;
        let orders = Orders {
            restrictions: self.keys.all(),
            suppress_errors: true,
            reserve_jobs: true,
            priority: self.priority,
            time_limit: self.time_limit.map(|limit| Duration::from_secs(limit.get())),
            grace: self.grace.map(Duration::from_secs),
            ..Orders::default()
        };
        let mut run = Runner::new(makers).orders(orders).workers(self.workers.get()).stay(self.stay);
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
}
