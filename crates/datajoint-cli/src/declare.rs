//! The tables of the program.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::output::{count, print_json, say};
use crate::{Outcome, Program, connect, text};

/// Declares the tables of this program that are missing, fills lookup tables, and records the versions of the schemas.
#[derive(Args)]
#[command(after_help = "Example:\n  cargo xtask declare")]
pub(crate) struct Declare {
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
        let dj = connect().await?;
        let activation = dj.activate_specs(&program.tables).await.map_err(text)?;
        if activation.different.is_empty() {
            dj.record_versions(program.versions).await.map_err(text)?;
        }
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
            print_json("declare", json!({"declared": names(&activation.declared), "different": different}));
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
