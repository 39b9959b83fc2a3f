//! What belongs to rows.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use datajoint::Relation as _;
use serde_json::json;

use crate::columns::{Rows, table};
use crate::output::{print_json, print_table};
use crate::{Outcome, connect, text};

/// Counts the rows that rows of a table come from, or that depend on them, in every schema.
#[derive(Args)]
#[command(after_help = "Examples:\n  dj trace lab.Spikes --where \"unit = 3\"\n  \
                        dj trace lab.Session --where \"session = 3\" --direction down")]
pub(crate) struct Trace {
    /// The table, as `schema.Class`.
    table: String,
    #[command(flatten)]
    rows: Rows,
    /// Which way.
    #[arg(long, default_value = "up")]
    direction: Direction,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Direction {
    /// What they come from.
    Up,
    /// What depends on them: what a delete would take.
    Down,
}

impl Trace {
    pub(crate) async fn run(&self) -> Outcome {
        let dj = connect().await?;
        let rows = self.rows.of(&dj, table(&dj, &self.table).await?.query()).await?;
        let subset = match self.direction {
            Direction::Up => dj.trace(&rows).await,
            Direction::Down => dj.cascade(&rows).await,
        };
        let counts = subset.map_err(text)?.counts().await.map_err(text)?;
        if self.json {
            let tables: Vec<_> = counts
                .iter()
                .map(|(table, rows)| json!({"table": table.to_string(), "rows": rows}))
                .collect();
            print_json("trace", [("tables", json!(tables))]);
        } else {
            let rows: Vec<Vec<String>> =
                counts.iter().map(|(table, rows)| vec![table.to_string(), rows.to_string()]).collect();
            print_table(&["table", "rows"], &rows);
        }
        Ok(ExitCode::SUCCESS)
    }
}
