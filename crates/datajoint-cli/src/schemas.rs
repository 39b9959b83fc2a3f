//! The schemas of the database.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::confirm::Confirm;
use crate::output::{count, print_json, say};
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
                let schemas = dj.list_schemas().await.map_err(text)?;
                let mut found = Vec::new();
                for name in schemas.iter().filter(|name| name.starts_with(prefix)) {
                    let tables = dj.schema(name).await.map_err(text)?.list_tables().len();
                    found.push((name.clone(), tables));
                }
                if *json {
                    let schemas: Vec<_> = found
                        .iter()
                        .map(|(name, tables)| json!({"schema": name, "tables": tables}))
                        .collect();
                    print_json("schemas list", json!({"schemas": schemas}));
                } else {
                    for (name, tables) in found {
                        say!("{name}  {}", count(tables, "table"));
                    }
                }
            }
            Task::Drop { prefix, confirm } => {
                if prefix.is_empty() {
                    return Err("an empty prefix is that of every schema: name one".to_owned());
                }
                confirm.drop("schemas drop", || dj.drop_schemas(prefix)).await?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
