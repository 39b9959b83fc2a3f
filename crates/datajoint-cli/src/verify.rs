//! The check of a deployment.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use datajoint::deploy::{DesiredState, Verified, verify};
use datajoint::guard::{Finding, FindingCode, Level, UnknownCode};
use datajoint::{Instance, Settings};
use serde_json::json;

use crate::deploy::wanted_of;
use crate::output::{print_findings, print_json};
use crate::{Outcome, Program, text};

/// Checks what must be right in production, and changes nothing. The exit status is 1 when an error was found.
#[derive(Args)]
#[command(after_help = "Examples:\n  dj verify\n  dj verify --offline --json")]
pub(crate) struct Verify {
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// Looks at settings and files alone, and connects to nothing.
    #[arg(long)]
    offline: bool,
    /// The file that says what is wanted of roles; without it `deploy.toml`, or `deploy/deploy.toml`, and without any what
    /// each role usually may.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Codes of findings that are known here, and don't count.
    #[arg(long, value_delimiter = ',', value_name = "CODES", value_parser = accepted)]
    accept: Vec<Option<FindingCode>>,
}

impl Verify {
    pub(crate) async fn run(&self, program: &Program) -> Outcome {
        let settings = Settings::load().map_err(text)?;
        let wanted = wanted_of(self.file.as_deref(), false)?;
        let Verified { server, mut findings } =
            match (self.offline, Instance::connect_existing(settings.clone())) {
                (true, _) => verify(&settings, None, &wanted, &[], &[]).await.map_err(text)?,
                (false, connecting) => match connecting.await {
                    Ok(dj) => verify_all(&dj, &wanted, program).await?,
                    Err(error) => {
                        let mut verified = verify(&settings, None, &wanted, &[], &[]).await.map_err(text)?;
                        verified.findings.insert(
                            0,
                            Finding::error(
                                FindingCode::NoConnection,
                                error.to_string(),
                                "nothing of the server was checked: put this right, and verify again",
                            ),
                        );
                        verified
                    }
                },
            };
        findings.retain(|finding| !self.accept.contains(&Some(finding.code)));
        let errors = if self.json {
            print_json("verify", [("server", json!(server)), ("findings", json!(findings))]);
            findings.iter().filter(|finding| finding.level == Level::Error).count()
        } else {
            print_findings(server.as_deref(), &findings)
        };
        Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Reads one code of a list, in which there may be nothing between two commas: where a script has an empty variable.
///
/// Fails for a word that is the code of no finding.
pub(crate) fn accepted(word: &str) -> Result<Option<FindingCode>, UnknownCode> {
    let word = word.trim();
    if word.is_empty() { Ok(None) } else { word.parse().map(Some) }
}

/// The check with the tables and versions of the program.
pub(crate) async fn verify_all(
    dj: &Instance,
    wanted: &DesiredState,
    program: &Program,
) -> Result<Verified, String> {
    verify(dj.settings(), Some(dj), wanted, &program.tables, program.versions).await.map_err(text)
}
