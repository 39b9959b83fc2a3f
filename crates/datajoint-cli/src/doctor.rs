//! What is wrong with the database, or will be.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use datajoint::deploy::{DesiredState, doctor};
use datajoint::guard::{FindingCode, Level};
use serde_json::json;

use crate::deploy::wanted_of;
use crate::output::{print_findings, print_json};
use crate::verify::accepted;
use crate::{Outcome, Program, connect, text};

/// Looks for what is wrong with the database, or will be, and changes nothing. The exit status is 1 when an error was
/// found.
#[derive(Args)]
#[command(after_help = "Examples:\n  dj doctor\n  dj doctor lab --json")]
pub(crate) struct Doctor {
    /// The schemas; those with the prefix of the settings without any.
    schemas: Vec<String>,
    /// The file that says what is wanted of roles, which are compared with it where it has [grants]; without it
    /// `deploy.toml`, or `deploy/deploy.toml`.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Codes of findings that are known here, and don't count.
    #[arg(long, value_delimiter = ',', value_name = "CODES", value_parser = accepted)]
    accept: Vec<Option<FindingCode>>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(crate) async fn run(&self, program: &Program) -> Outcome {
        let dj = connect().await?;
        let schemas = (!self.schemas.is_empty()).then(|| self.schemas.clone());
        let grants = wanted_of(self.file.as_deref(), false)?.grants;
        let wanted = DesiredState { schemas, grants, ..DesiredState::default() };
        let mut findings = doctor(&dj, &wanted, &program.tables).await.map_err(text)?;
        findings.retain(|finding| !self.accept.contains(&Some(finding.code)));
        let server = format!("{} {}", dj.backend(), dj.database().server_version());
        let errors = if self.json {
            print_json("doctor", [("server", json!(server)), ("findings", json!(findings))]);
            findings.iter().filter(|finding| finding.level == Level::Error).count()
        } else {
            print_findings(Some(&server), &findings)
        };
        Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
