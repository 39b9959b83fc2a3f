//! The tables of the program.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::output::{count, print_json, say};
use crate::{Outcome, Program, connect_to_declare, text};

/// Declares the tables of this program that are missing, fills lookup tables, and records the versions of schemas that
/// have none.
#[derive(Args)]
#[command(after_help = "Example:\n  cargo xtask declare")]
pub(crate) struct Declare {
    /// Records also that schemas which have a version are of that of the program from now on, if it is higher.
    #[arg(long)]
    record_versions: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Declare {
    pub(crate) async fn run(&self, program: &Program) -> Outcome {
        if program.tables.is_empty() {
            return Err(
                "this program has no tables: use the commands of a project that links its own".to_owned()
            );
        }
        let dj = connect_to_declare().await?;
        let activation = if self.record_versions {
            // A version that is refused must leave no tables of it.
            dj.check_later_versions(program.versions).await.map_err(text)?;
            let activation = dj.activate_specs(&program.tables).await.map_err(text)?;
            if activation.different.is_empty() {
                dj.record_versions(program.versions).await.map_err(text)?;
            }
            activation
        } else {
            dj.activate_specs_at(&program.tables, program.versions).await.map_err(text)?
        };
        if self.json {
            let names = |tables: &[datajoint::TableName]| -> Vec<String> {
                tables.iter().map(ToString::to_string).collect()
            };
            let different: Vec<_> = activation
                .different
                .iter()
                .map(|(table, differences)| {
                    let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
                    json!({"table": table.to_string(), "differences": differences})
                })
                .collect();
            let outdated = activation.outdated.iter();
            let outdated: Vec<_> =
                outdated.map(|(table, rows)| json!({"table": table.to_string(), "rows": rows})).collect();
            print_json(
                "declare",
                [
                    ("declared", json!(names(&activation.declared))),
                    ("different", json!(different)),
                    ("outdated", json!(outdated)),
                ],
            );
        } else {
            let said = activation.to_string();
            if !said.is_empty() {
                say!("{}", said.trim_end());
            }
            say!("declared {}", count(activation.declared.len(), "table"));
        }
        Ok(if activation.different.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
