//! The schemas of the database.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::confirm::Confirm;
use crate::{Outcome, connect, text};

/// Lists and drops schemas.
#[derive(Args)]
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
            Task::List { prefix } => {
                let prefix = prefix.as_ref().unwrap_or(&dj.settings().database.database_prefix);
                let schemas = dj.list_schemas().await.map_err(text)?;
                for name in schemas.iter().filter(|name| name.starts_with(prefix)) {
                    let tables = dj.schema(name).await.map_err(text)?.list_tables().len();
                    println!("{name}  {tables} tables");
                }
            }
            Task::Drop { prefix, confirm } => {
                if prefix.is_empty() {
                    return Err("an empty prefix is that of every schema: name one".to_owned());
                }
                if let Some(dropped) = confirm.carry_out(|| dj.drop_schemas(prefix)).await? {
                    println!("dropped {} tables", dropped.len());
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
