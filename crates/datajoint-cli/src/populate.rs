//! Tables that fill themselves.

use std::process::ExitCode;

use clap::Args;
use datajoint::{Maker, Orders};
use serde_json::json;

use crate::columns::Conditions;
use crate::output::{print_json, say};
use crate::{Outcome, Program, connect, text};

/// Computes what is missing in tables of this program, parents first; in all of them without names.
#[derive(Args)]
#[command(after_help = "Examples:\n  cargo xtask populate --workers 4\n  \
                        cargo xtask populate ephys.Spikes --where \"subject_id = 3\" --max-calls 10")]
pub(crate) struct Populate {
    /// The tables, as `schema.Class` or `Class`.
    tables: Vec<String>,
    #[command(flatten)]
    keys: Conditions,
    /// How many keys are computed at the same time.
    #[arg(long, default_value_t = 1)]
    workers: usize,
    /// The most keys of each table.
    #[arg(long)]
    max_calls: Option<usize>,
    /// Goes on after errors, and lists them.
    #[arg(long)]
    suppress_errors: bool,
    /// Shows no bar.
    #[arg(long)]
    quiet: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Populate {
    pub(crate) async fn run(&self, program: &Program) -> Outcome {
        if program.makers.is_empty() {
            return Err(
                "this program has no tables with a `make`: use the commands of a project that links its own"
                    .to_owned(),
            );
        }
        let dj = connect().await?;
        let mut made = Vec::new();
        let mut failed = 0;
        for maker in self.chosen(program)? {
            let orders = Orders {
                restrictions: self.keys.all(),
                max_calls: self.max_calls.unwrap_or(usize::MAX),
                workers: self.workers,
                suppress_errors: self.suppress_errors,
                progress: !self.quiet && !self.json,
                ..Orders::default()
            };
            let report = maker.run(&dj, orders).await.map_err(text)?;
            failed += report.errors.len();
            if !self.json {
                say!("{}", report.text);
            }
            let stopped = report.stopped;
            made.push(json!({
                "table": report.table, "made": report.success_count, "errors": report.errors,
                "remaining": report.remaining, "stopped": stopped,
            }));
            if stopped {
                break;
            }
        }
        if self.json {
            print_json("populate", json!({"tables": made}));
        }
        Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// The tables that are named, in the order of the program, whose parents come first.
    fn chosen(&self, program: &Program) -> Result<Vec<Maker>, String> {
        let names = |maker: &Maker| {
            let spec = maker.spec();
            (spec.class_name.to_owned(), format!("{}.{}", spec.schema, spec.class_name))
        };
        let known: Vec<(String, String)> = program.makers.iter().map(names).collect();
        for name in &self.tables {
            if !known.iter().any(|(class, full)| class == name || full == name) {
                let all: Vec<&str> = known.iter().map(|(_, full)| full.as_str()).collect();
                return Err(format!(
                    "`{name}` has no `make` in this program: name one of {}",
                    all.join(", ")
                ));
            }
        }
        let is_chosen = |maker: &&Maker| {
            let (class, full) = names(maker);
            self.tables.is_empty() || self.tables.contains(&class) || self.tables.contains(&full)
        };
        Ok(program.makers.iter().filter(is_chosen).copied().collect())
    }
}
