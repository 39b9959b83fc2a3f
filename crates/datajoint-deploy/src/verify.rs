//! The check of a deployment: step zero of every deploy, and a command of its own.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use datajoint_adapters::Kind;
use datajoint_config::{Settings, Store as Attributes};
use datajoint_definition::Backend;
use datajoint_guard::{Finding, FindingCode, Level, verify_server, verify_settings};
use datajoint_pipeline::typed::TableSpec;
use datajoint_pipeline::{Error as PipelineError, Instance};
use datajoint_store::{Spec, Store};
use serde::{Deserialize, Serialize};

use crate::rights::{Description, held, judge};
use crate::{DesiredState, Result};

/// The check before all else.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VerifySpec {
    /// The codes of findings that are known and accepted here; a word that is none is refused.
    pub accept: Vec<FindingCode>,
}

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
/// server, privileges by what is `wanted` of roles, the tables of a program and the versions of its schemas.
///
/// Where the settings name an environment that is not `production`, what is meant for production alone is a warning.
///
/// Fails when the settings can't be used, or the server does not answer.
///
/// # Cancel safety
///
/// Dropped before its end, it may leave the small object with which it tries a store.
pub async fn verify(
    settings: &Settings,
    dj: Option<&Instance>,
    wanted: &DesiredState,
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
        findings.extend(look_at_privileges(dj, wanted, &facts.user, tables).await?);
        findings.extend(look_at_tables(dj, tables).await);
        // A schema that is not there yet has no version: its tables are missing, which is told.
        let there = dj.list_schemas().await?;
        for version in versions.iter().filter(|(schema, _)| there.contains(&dj.schema_name(schema))) {
            if let Err(error) = dj.check_versions(&[*version]).await {
                findings.push(Finding::error(
                    FindingCode::OtherVersion,
                    error.to_string(),
                    "run the release that the schema is of, or deploy this one",
                ));
            }
        }
        server = Some(format!("{} {}", dj.backend(), facts.version));
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    Ok(Verified { server, findings })
}

/// Whether the user may do what a pipeline needs, and no more, in the schemas that are deployed.
async fn look_at_privileges(
    dj: &Instance,
    wanted: &DesiredState,
    user: &str,
    tables: &[&'static TableSpec],
) -> Result<Vec<Finding>> {
    if dj.backend() == Backend::Sqlite {
        return Ok(Vec::new());
    }
    // What is chosen of a deployment is no matter of the check.
    let wanted = DesiredState { schemas: None, table: None, ..wanted.clone() };
    let mut snapshot = crate::deployment::snapshot(dj, &wanted).await?;
    if dj.settings().database.database_prefix.is_empty() {
        // Nothing tells the pipeline's schemas from those of others.
        snapshot.schemas.clear();
    }
    let description = Description::new(&snapshot, &wanted.described());
    let held = held(&mut snapshot, &description).await?;
    snapshot.check_read()?;
    let of_program = tables.iter().map(|table| dj.schema_name(table.schema)).collect();
    let mut findings = judge(&snapshot, &description, &held, dj.settings(), user, &of_program);
    findings.extend(held.search_path);
    Ok(findings)
}

/// Whether the database has the tables of a program as it declares them.
pub(crate) async fn look_at_tables(dj: &Instance, tables: &[&'static TableSpec]) -> Vec<Finding> {
    if tables.is_empty() {
        return Vec::new();
    }
    // Nothing may be declared by a check, nor what the program excepts from that setting.
    let reader = dj.with_settings(|settings| settings.database.create_tables = false);
    let reader = reader.with_create_tables(std::iter::empty::<String>());
    match reader.activate_specs(tables).await {
        Ok(activation) => {
            let different = activation.different.iter().map(|(table, differences)| {
                let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
                Finding::error(
                    FindingCode::OtherDefinition,
                    format!("`{table}` is not as this program declares it: {}", differences.join("; ")),
                    "deploy the program that belongs to the database, or change the table",
                )
            });
            let mut findings: Vec<Finding> = different.collect();
            if findings.is_empty() {
                findings.extend(look_at_contents(dj, tables).await);
            }
            findings
        }
        Err(PipelineError::NotDeclared { tables, .. }) => tables
            .iter()
            .map(|table| {
                let message = format!("`{table}` is missing");
                if dj.settings().database.create_tables {
                    let help = "the program declares it when it starts, as `create_tables` is on";
                    return Finding::in_production(dj.settings(), FindingCode::MissingTable, message, help);
                }
                Finding::error(
                    FindingCode::MissingTable,
                    message,
                    "declare it: run `declare` or the program once with `create_tables` on, as a user who may create tables",
                )
            })
            .collect(),
        Err(error) => vec![Finding::error(
            FindingCode::Tables,
            error.to_string(),
            "put right what it names, and verify again",
        )],
    }
}

/// Whether lookup tables hold what their definitions give them.
async fn look_at_contents(dj: &Instance, tables: &[&'static TableSpec]) -> Vec<Finding> {
    let outdated = match dj.outdated_contents(tables).await {
        Ok(outdated) => outdated,
        // Told by what looks at tables, and at privileges.
        Err(error)
            if error.is_gone()
                || error.of_database().is_some_and(|it| it.kind() == Some(Kind::MissingPrivilege)) =>
        {
            return Vec::new();
        }
        Err(error) => {
            return vec![Finding::warning(
                FindingCode::OutdatedContents,
                format!(
                    "whether lookup tables hold what their definitions give them could not be seen: {error}"
                ),
                "put right what it names, and verify again",
            )];
        }
    };
    let finding = |(table, rows): (datajoint_schema::TableName, u64)| {
        let rows = datajoint_definition::count(rows, "row");
        Finding::warning(
            FindingCode::OutdatedContents,
            format!("`{table}` keeps {rows} with other values than the `contents` of its definition"),
            "change them with `update_one`, or put the values of the database into `contents`",
        )
    };
    outdated.into_iter().map(finding).collect()
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
            FindingCode::StoreNotChecked,
            message,
            format!("verify with a program that was built with the feature `{protocol}`"),
        ),
        _ => Finding::error(
            FindingCode::StoreNotWritable,
            message,
            "nothing can be kept there before this is right",
        ),
    })
}

/// Secrets in files that git keeps, whether they are used or not.
fn committed_secrets(settings: &Settings) -> Vec<Finding> {
    let found: BTreeSet<(&str, &Path)> =
        settings.secrets_in_files().filter(|(_, path)| is_committed(path)).collect();
    let finding = |(key, path): (&str, &Path)| {
        // What is of `.secrets` is where it should be, and should not be in git.
        let is_in_place = path.parent().is_some_and(|folder| folder.ends_with(".secrets"));
        let help = if is_in_place {
            "take it out of git (`git rm --cached`), have .gitignore name .secrets/, and change the secret: it is known now"
        } else {
            "take it out, put it into .secrets/ or the environment, and change the secret: it is known now"
        };
        let message = format!("`{key}` stands in {}, which git keeps", path.display());
        Finding::error(FindingCode::CommittedSecret, message, help)
    };
    found.into_iter().map(finding).collect()
}

fn is_committed(path: &Path) -> bool {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(name) = path.file_name() else { return false };
    let mut git = Command::new("git");
    git.args(["ls-files", "--error-unmatch"]).arg(name).current_dir(folder);
    git.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
