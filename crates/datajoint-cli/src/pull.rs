//! Tables of a database as source code.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use datajoint::TableName;
use datajoint::schema::Table;
use serde_json::json;

use crate::columns::schemas_alone;
use crate::output::{note, print_json, printable, say};
use crate::{Outcome, connect, text};

mod python;
mod rust;

/// Writes the tables of schemas as source code that declares them.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  dj pull rust lab ephys > src/pulled.rs\n  dj pull python lab --output lab.py"
)]
pub(crate) struct Pull {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Writes a module of Rust for each schema, and a pipeline of their tables.
    Rust(What),
    /// Writes a module for DataJoint for Python.
    Python(What),
}

#[derive(Args)]
struct What {
    /// The schemas; of a module for Python one alone.
    #[arg(required = true)]
    schemas: Vec<String>,
    /// Writes into this file, which must not be there.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// Source code, and what it lacks.
struct Pulled {
    source: String,
    /// The tables that can't be declared so, each with the reason.
    left_out: Vec<(TableName, String)>,
    /// What of a table the code declares otherwise.
    notes: Vec<(TableName, String)>,
}

impl Pull {
    pub(crate) async fn run(&self) -> Outcome {
        let (Task::Rust(what) | Task::Python(what)) = &self.task;
        // A link to nothing is something, too: what it leads to was not named.
        if let Some(file) = what.output.as_ref().filter(|file| file.symlink_metadata().is_ok()) {
            return Err(is_there(file));
        }
        let dj = connect().await?;
        let mut names = what.schemas.clone();
        names.sort();
        names.dedup();
        let found = schemas_alone(&dj, &names).await?;
        let tables: Vec<Arc<Table>> =
            found.iter().flat_map(|schema| schema.graph().tables().cloned().collect::<Vec<_>>()).collect();
        let graph = datajoint::Graph::new(tables.iter().map(|table| (**table).clone()).collect::<Vec<_>>())
            .map_err(text)?;
        let tables: Vec<Arc<Table>> = graph.tables().cloned().collect();
        let prefix = &dj.settings().database.database_prefix;
        let (command, pulled) = match &self.task {
            Task::Rust(_) => ("pull rust", rust::source(&tables, prefix)),
            Task::Python(_) => match names.as_slice() {
                [_] => ("pull python", python::source(&tables)),
                _ => {
                    return Err(
                        "a module for Python has one schema: pull each into a file of its own".to_owned()
                    );
                }
            },
        };
        show(command, &pulled, what)
    }
}

fn is_there(file: &Path) -> String {
    format!("{} is there already: name another file", file.display())
}

/// Writes a new file, whole or not at all.
fn write(file: &Path, source: &str) -> Result<(), String> {
    let mut new = File::create_new(file).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => is_there(file),
        _ => format!("{}: {error}", file.display()),
    })?;
    new.write_all(source.as_bytes()).map_err(|error| {
        // What can't be taken away is told all the same.
        let _ = std::fs::remove_file(file);
        format!("{}: {error}", file.display())
    })
}

fn show(command: &str, pulled: &Pulled, what: &What) -> Outcome {
    let Pulled { source, left_out, notes } = pulled;
    if let Some(file) = &what.output {
        write(file, source)?;
    }
    let listed = |found: &[(TableName, String)]| {
        let each = found.iter().map(|(table, reason)| json!({"table": table.to_string(), "reason": reason}));
        json!(each.collect::<Vec<_>>())
    };
    if what.json {
        let members = [("source", json!(source)), ("left_out", listed(left_out)), ("notes", listed(notes))];
        print_json(command, members);
    } else if what.output.is_none() {
        say!("{}", source.trim_end());
    }
    for (table, reason) in left_out {
        note!("warning: left out `{table}`: {}", printable(reason));
    }
    for (table, reason) in notes {
        note!("warning: `{table}`: {}", printable(reason));
    }
    Ok(if left_out.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
