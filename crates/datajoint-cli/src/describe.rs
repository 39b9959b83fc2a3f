//! Definitions of tables.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::output::{note, print_json, printable, say};
use crate::{Outcome, connect, text};

/// Shows the definitions of tables, as text that declares the same table again.
#[derive(Args)]
#[command(after_help = "Examples:\n  dj describe lab.Session\n  dj describe lab")]
pub(crate) struct Describe {
    /// A table (`lab.Session`, or its name in the database), or a schema for all of its tables.
    #[arg(required = true)]
    names: Vec<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Describe {
    pub(crate) async fn run(&self) -> Outcome {
        let dj = connect().await?;
        let mut tables = Vec::new();
        for name in &self.names {
            match name.split_once('.') {
                Some((schema, table)) => {
                    let schema = dj.schema(&dj.schema_name(schema)).await.map_err(text)?;
                    tables.push(schema.table(table).map_err(text)?);
                }
                None => tables.extend(dj.schema(&dj.schema_name(name)).await.map_err(text)?.tables()),
            }
        }
        let (mut described, mut refused) = (Vec::new(), Vec::new());
        for table in &tables {
            match table.describe() {
                Ok(definition) => described.push((table, definition)),
                Err(error) => refused.push((table.name(), error.to_string())),
            }
        }
        if self.json {
            let found: Vec<_> = described
                .iter()
                .map(|(table, definition)| {
                    let tier = table.table().tier.map(datajoint::Tier::name);
                    json!({"table": table.name().to_string(), "tier": tier, "definition": definition})
                })
                .collect();
            let left_out: Vec<_> = refused
                .iter()
                .map(|(table, reason)| json!({"table": table.to_string(), "reason": reason}))
                .collect();
            print_json("describe", [("tables", json!(found)), ("left_out", json!(left_out))]);
        } else {
            for (table, definition) in &described {
                let tier = table.table().tier.map(|tier| format!(" ({tier})")).unwrap_or_default();
                say!("{}{tier}\n{definition}", table.name());
            }
        }
        for (_, reason) in &refused {
            note!("error: {}", printable(reason));
        }
        Ok(if refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
