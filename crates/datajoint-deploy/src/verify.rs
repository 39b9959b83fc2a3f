//! The check of a deployment: step zero of every deploy, and a command of its own.

use std::path::Path;
use std::process::{Command, Stdio};

use datajoint_config::{Origin, Settings, Store as Attributes};
use datajoint_guard::{Finding, Level, verify_server, verify_settings};
use datajoint_pipeline::typed::TableSpec;
use datajoint_pipeline::{Error as PipelineError, Instance};
use datajoint_store::{Spec, Store};

use crate::Result;

/// What the check found.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// The server; `None` when it was not asked.
    pub server: Option<String>,
    /// What should not be so in production, the worst first.
    pub findings: Vec<Finding>,
}

impl Verified {
    /// How many of the findings must not go into production.
    pub fn errors(&self) -> usize {
        self.findings.iter().filter(|finding| finding.level == Level::Error).count()
    }
}

/// Checks what must be right in production, and changes nothing: settings, secrets, stores; with an instance also the
/// server, privileges, the tables of a program and the versions of its schemas.
///
/// Fails when the settings can't be used, or the server does not answer.
pub async fn verify(
    settings: &Settings,
    dj: Option<&Instance>,
    tables: &[&'static TableSpec],
    versions: &[(&str, &str)],
) -> Result<Verified> {
    let mut findings = verify_settings(settings)?;
    findings.extend(committed_secrets(settings));
    for (name, store) in &settings.stores.named {
        findings.extend(look_at_store(name, store).await);
    }
    let mut server = None;
    if let Some(dj) = dj {
        let facts = dj.facts().await?;
        findings.extend(verify_server(dj.settings(), &facts));
        findings.extend(look_at_tables(dj, tables).await);
        for version in versions {
            if let Err(error) = dj.check_versions(&[*version]).await {
                findings.push(Finding::error("other-version", error.to_string(), "see what it says"));
            }
        }
        server = Some(format!("{} {}", dj.backend(), facts.version));
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    Ok(Verified { server, findings })
}

/// The environment in which errors of the check keep a deploy from being applied.
pub(crate) const PRODUCTION: &str = "production";

/// Whether the database has the tables of a program as it declares them.
pub(crate) async fn look_at_tables(dj: &Instance, tables: &[&'static TableSpec]) -> Vec<Finding> {
    if tables.is_empty() {
        return Vec::new();
    }
    // Nothing may be declared by a check.
    let reader = dj.with_settings(|settings| settings.database.create_tables = false);
    match reader.activate_specs(tables).await {
        Ok(activation) => {
            let different = activation.different.iter().map(|(table, differences)| {
                let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
                Finding::error(
                    "other-definition",
                    format!("`{table}` is not as this program declares it: {}", differences.join("; ")),
                    "deploy the program that belongs to the database, or change the table",
                )
            });
            different.collect()
        }
        Err(PipelineError::NotDeclared { tables, .. }) => tables
            .iter()
            .map(|table| {
                Finding::error("missing-table", format!("`{table}` is missing"), "declare it by a deployment")
            })
            .collect(),
        Err(error) => vec![Finding::error("tables", error.to_string(), "see what it says")],
    }
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
