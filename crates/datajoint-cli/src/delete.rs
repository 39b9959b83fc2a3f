//! Rows and tables that go.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use datajoint::definition::count;
use datajoint::{Delete as _, PartIntegrity, Relation as _};
use serde_json::json;

use crate::columns::{Rows, table};
use crate::confirm::Confirm;
use crate::output::{print_json, say};
use crate::wording::in_options;
use crate::{Outcome, connect};

/// Deletes rows of a table, with all rows that depend on them, in every schema.
#[derive(Args)]
#[command(after_help = "Examples:\n  dj delete lab.Session --where \"session > 100\" --dry-run\n  \
                        dj delete lab.Session --where \"session > 100\" --yes-plan HASH")]
pub(crate) struct Delete {
    /// The table, as `schema.Class`.
    table: String,
    #[command(flatten)]
    rows: Rows,
    /// All rows of the table.
    #[arg(long)]
    all: bool,
    /// What is done where rows of parts would go and their masters stay.
    #[arg(long, default_value = "enforce")]
    part_integrity: Integrity,
    #[command(flatten)]
    confirm: Confirm,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Integrity {
    /// It is refused.
    Enforce,
    /// The masters stay without them.
    Ignore,
    /// The masters go too.
    Cascade,
}

impl Delete {
    pub(crate) async fn run(&self) -> Outcome {
        if self.rows.is_all() != self.all {
            return Err(
                "say which rows with --where, --matching or --without, or --all for all of them".to_owned()
            );
        }
        let dj = connect().await?;
        let table = table(&dj, &self.table).await?;
        let rows = self.rows.of(&dj, table.query()).await?;
        let integrity = match self.part_integrity {
            Integrity::Enforce => PartIntegrity::Enforce,
            Integrity::Ignore => PartIntegrity::Ignore,
            Integrity::Cascade => PartIntegrity::Cascade,
        };
        let deletion = || rows.delete(&dj).part_integrity(integrity);
        if self.confirm.is_dry() {
            let plan = deletion().plan().await.map_err(|error| in_options(&error))?;
            self.confirm.show(&plan, "delete");
            return Ok(ExitCode::SUCCESS);
        }
        let report = match self.confirm.hash() {
            Some(hash) => deletion().confirmed_plan(hash).await,
            None => deletion().await,
        };
        let report = report.map_err(|error| in_options(&error))?;
        if self.confirm.json {
            let tables: Vec<_> = report
                .tables
                .iter()
                .map(|(table, rows)| json!({"table": table.to_string(), "rows": rows}))
                .collect();
            print_json("delete", [("rows", json!(report.total())), ("tables", json!(tables))]);
        } else {
            say!("deleted {}", count(report.total(), "row"));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Drops a table with all tables that depend on it.
#[derive(Args)]
#[command(after_help = "Example:\n  dj drop lab.Session --dry-run")]
pub(crate) struct Drop {
    /// The table, as `schema.Class`.
    table: String,
    #[command(flatten)]
    confirm: Confirm,
}

impl Drop {
    pub(crate) async fn run(&self) -> Outcome {
        let dj = connect().await?;
        let table = table(&dj, &self.table).await?;
        self.confirm.drop("drop", || table.drop(&dj)).await?;
        Ok(ExitCode::SUCCESS)
    }
}
