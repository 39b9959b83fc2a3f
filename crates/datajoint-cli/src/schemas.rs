//! The schemas of the database.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use datajoint::FoundSchemas;
use serde_json::json;

use crate::confirm::Confirm;
use crate::output::{count, print_finding, print_json, say};
use crate::{Outcome, connect, text};

/// Lists schemas and drops them.
#[derive(Args)]
#[command(after_help = "Examples:\n  dj schemas list\n  dj schemas drop --prefix test_ --dry-run")]
pub(crate) struct Schemas {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Lists schemas, with the number of their tables.
    List {
        /// Only those whose names begin so; without it, those with the prefix of the settings.
        #[arg(long)]
        prefix: Option<String>,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Drops all schemas whose names begin so, with all their tables.
    Drop {
        /// What their names begin with.
        #[arg(long)]
        prefix: String,
        #[command(flatten)]
        confirm: Confirm,
    },
}

impl Schemas {
    pub(crate) async fn run(&self) -> Outcome {
        let dj = connect().await?;
        match &self.task {
            Task::List { prefix, json } => {
                let prefix = prefix.as_ref().unwrap_or(&dj.settings().database.database_prefix);
                let FoundSchemas { schemas, findings, .. } = dj.find_schemas(prefix).await.map_err(text)?;
                let found = schemas.iter().map(|schema| (schema.name(), schema.list_tables().len()));
                if *json {
                    let schemas: Vec<_> =
                        found.map(|(name, tables)| json!({"schema": name, "tables": tables})).collect();
                    print_json("schemas list", [("schemas", json!(schemas)), ("findings", json!(findings))]);
                } else {
                    for (name, tables) in found {
                        say!("{name}  {}", count(tables, "table"));
                    }
                    findings.iter().for_each(print_finding);
                }
            }
            Task::Drop { prefix, confirm } => {
                // In a script a prefix that is misspelt would look as if all had been dropped.
                let known = dj.list_schemas().await.map_err(text)?;
                if !known.iter().any(|schema| schema.starts_with(prefix.as_str())) {
                    return Err(format!(
                        "no schema begins with `{prefix}`: `schemas list --prefix ''` shows all"
                    ));
                }
                confirm.drop("schemas drop", || dj.drop_schemas(prefix)).await?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
