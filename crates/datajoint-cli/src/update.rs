//! One row that changes.

use std::process::ExitCode;

use clap::Args;
use datajoint::{DynamicRow, InsertOptions};
use serde_json::json;

use crate::columns::table;
use crate::output::{print_json, say};
use crate::wording::in_options;
use crate::{Outcome, connect};

/// Changes one row: the one that has the key of a JSON object gets its other values.
#[derive(Args)]
#[command(after_help = "Example:\n  dj update lab.Session '{\"session\": 3, \"note\": \"again\"}'")]
pub(crate) struct Update {
    /// The table, as `schema.Class`.
    table: String,
    /// The whole key, and the values that change.
    row: String,
    /// Takes tables that `populate` fills, too.
    #[arg(long)]
    allow_direct_insert: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Update {
    pub(crate) async fn run(&self) -> Outcome {
        let row = DynamicRow::from_json_str(&self.row).map_err(|error| {
            format!("{error}: write the row as a JSON object: {{\"key\": 1, \"note\": \"new\"}}")
        })?;
        let dj = connect().await?;
        let table = table(&dj, &self.table).await?;
        let mut options = InsertOptions::new();
        if self.allow_direct_insert {
            options = options.allow_direct_insert();
        }
        table.update_one_with(&dj, row, options).await.map_err(|error| in_options(&error))?;
        if self.json {
            print_json("update", [("table", json!(table.name().to_string())), ("rows", json!(1))]);
        } else {
            say!("changed 1 row of {}", table.name());
        }
        Ok(ExitCode::SUCCESS)
    }
}
