//! Definitions of tables.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::output::{print_json, say};
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
        if self.json {
            let found: Vec<_> = tables
                .iter()
                .map(|table| {
                    let tier = table.table().tier.map(datajoint::Tier::name);
                    json!({"table": table.name().to_string(), "tier": tier, "definition": table.describe()})
                })
                .collect();
            print_json("describe", [("tables", json!(found))]);
        } else {
            for table in tables {
                let tier = table.table().tier.map(|tier| format!(" ({tier})")).unwrap_or_default();
                say!("{}{tier}\n{}", table.name(), table.describe());
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
