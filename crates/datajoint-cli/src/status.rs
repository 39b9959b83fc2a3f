//! How far everything is.

use std::process::ExitCode;

use clap::Args;
use datajoint::{Relation as _, Tier, progress_of};
use serde_json::json;

use crate::columns::schemas;
use crate::output::{print_json, print_table};
use crate::{Outcome, Program, connect, text};

/// Shows the tables with the number of their rows, and how far those that fill themselves are.
#[derive(Args)]
#[command(after_help = "Examples:\n  dj status\n  dj status lab ephys --json")]
pub(crate) struct Status {
    /// The schemas; those with the prefix of the settings without any.
    schemas: Vec<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(crate) async fn run(&self, _: &Program) -> Outcome {
        let dj = connect().await?;
        let (mut rows, mut found) = (Vec::new(), Vec::new());
        for schema in schemas(&dj, &self.schemas).await? {
            for table in dj.schema(&schema).await.map_err(text)?.tables() {
                let count = table.query().count(&dj).await.map_err(text)?;
                let tier = table.table().tier;
                let progress = match tier {
                    Some(Tier::Computed | Tier::Imported) => progress_of(&dj, &table).await.ok(),
                    _ => None,
                };
                let name = table.name().to_string();
                let tier = tier.map(|tier| format!("{tier:?}")).unwrap_or_default();
                let left = progress.map(|progress| progress.remaining.to_string()).unwrap_or_default();
                found.push(json!({
                    "table": name, "tier": tier, "rows": count,
                    "remaining": progress.map(|progress| progress.remaining),
                    "total": progress.map(|progress| progress.total),
                }));
                rows.push(vec![name, tier, count.to_string(), left]);
            }
        }
        if self.json {
            print_json("status", json!({"tables": found}));
        } else {
            print_table(&["table", "tier", "rows", "to do"], &rows);
        }
        Ok(ExitCode::SUCCESS)
    }
}
