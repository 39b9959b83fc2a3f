//! The check of a deployment.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use clap::Args;
use datajoint::{Error, Instance, Settings};
use datajoint_config::{Origin, Store as Attributes};
use datajoint_guard::{Finding, Level, verify_server, verify_settings};
use datajoint_store::{Spec, Store};
use serde_json::json;

use crate::{Outcome, Tables, Versions, text};

/// Checks what must be right in production, and changes nothing. The exit status is 1 when an error was found.
#[derive(Args)]
pub(crate) struct Verify {
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// Looks at settings and files alone, and connects to nothing.
    #[arg(long)]
    offline: bool,
}

impl Verify {
    pub(crate) async fn run(&self, tables: Tables<'_>, versions: Versions) -> Outcome {
        let settings = Settings::load().map_err(text)?;
        let mut findings = verify_settings(&settings).map_err(text)?;
        findings.extend(committed_secrets(&settings));
        for (name, store) in &settings.stores.named {
            findings.extend(look_at_store(name, store).await);
        }
        let mut server = None;
        if !self.offline {
            match Instance::connect(settings.clone()).await {
                Ok(dj) => server = Some(look(&dj, tables, versions, &mut findings).await.map_err(text)?),
                Err(error) => findings.push(Finding::error(
                    "no-connection",
                    error.to_string(),
                    "nothing of the server was checked: put this right, and verify again",
                )),
            }
        }
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
        let errors = findings.iter().filter(|finding| finding.level == Level::Error).count();
        if self.json {
            println!("{:#}", json!({"server": server, "findings": findings}));
        } else {
            for finding in &findings {
                println!("{finding}");
            }
            let server = server.map(|server| format!("{server}: ")).unwrap_or_default();
            println!("{server}{errors} errors, {} warnings", findings.len() - errors);
        }
        Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Looks at the server and its tables; gives what the server is.
async fn look(
    dj: &Instance,
    tables: Tables<'_>,
    versions: Versions,
    findings: &mut Vec<Finding>,
) -> datajoint::Result<String> {
    let facts = dj.facts().await?;
    findings.extend(verify_server(dj.settings(), &facts));
    if !tables.is_empty() {
        // Nothing may be declared by a check.
        let reader = dj.with_settings(|settings| settings.database.create_tables = false);
        match reader.activate_specs(tables).await {
            Ok(activation) => findings.extend(activation.different.iter().map(|(table, differences)| {
                let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
                Finding::error(
                    "other-definition",
                    format!("`{table}` is not as this program declares it: {}", differences.join("; ")),
                    "deploy the program that belongs to the database, or change the table",
                )
            })),
            Err(Error::NotDeclared { tables, .. }) => findings.extend(tables.iter().map(|table| {
                Finding::error("missing-table", format!("`{table}` is missing"), "declare it by a deployment")
            })),
            Err(error) => findings.push(Finding::error("tables", error.to_string(), "see what it says")),
        }
    }
    for version in versions {
        if let Err(error) = dj.check_versions(&[*version]).await {
            findings.push(Finding::error("other-version", error.to_string(), "see what it says"));
        }
    }
    Ok(format!("{} {}", dj.backend(), facts.version))
}

/// Whether a store can be written to.
async fn look_at_store(name: &str, attributes: &Attributes) -> Option<Finding> {
    let opened = Spec::new(name, attributes).and_then(Store::open);
    let error = match &opened {
        Ok(store) => store.check().await.err()?,
        Err(_) => opened.err()?,
    };
    let message = error.to_string();
    Some(match error {
        datajoint_store::Error::NotBuilt { protocol, .. } => Finding::warning(
            "store-not-checked",
            message,
            format!("verify with a program that was built with the feature `{protocol}`"),
        ),
        _ => Finding::error("store-not-writable", message, "nothing can be kept there before this is right"),
    })
}

/// Secrets in files that git keeps.
fn committed_secrets(settings: &Settings) -> Vec<Finding> {
    let explanation = settings.explain();
    let secret = explanation.settings.iter().filter(|setting| datajoint_config::is_secret(&setting.key));
    let found = secret.filter_map(|setting| match &setting.origin {
        Origin::File { path, .. } | Origin::Secret(path) if is_committed(path) => Some((&setting.key, path)),
        _ => None,
    });
    found
        .map(|(key, path)| {
            Finding::error(
                "committed-secret",
                format!("`{key}` stands in {}, which git keeps", path.display()),
                "take it out, put it into .secrets/ or the environment, and change the secret: it is known now",
            )
        })
        .collect()
}

fn is_committed(path: &Path) -> bool {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(name) = path.file_name() else { return false };
    let mut git = Command::new("git");
    git.args(["ls-files", "--error-unmatch"]).arg(name).current_dir(folder);
    git.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
