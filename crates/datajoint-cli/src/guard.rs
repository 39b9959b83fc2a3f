//! The environments that schemas are stamped with.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use datajoint::{Instance, Stamp};
use serde_json::json;

use crate::output::{print_json, say};
use crate::{Outcome, connect, text};

/// Stamps schemas with the environment that they belong to.
#[derive(Args)]
#[command(after_help = "Examples:\n  dj guard list\n  dj guard stamp --prefix lab_ --environment production")]
pub(crate) struct Guard {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Shows which schemas are stamped, and with what.
    List {
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Marks schemas as belonging to an environment: only its clients may change what is there.
    Stamp {
        #[command(flatten)]
        which: Which,
        /// The environment, such as `production`.
        #[arg(long)]
        environment: String,
        /// The oldest release of the library that may use the schemas.
        #[arg(long, value_name = "RELEASE")]
        minimum_client: Option<String>,
    },
    /// Takes the mark away; the version that is recorded stays.
    Unstamp {
        #[command(flatten)]
        which: Which,
        /// The schema once more, as it is called in the database: takes the mark away though it can't be read, or asks
        /// for a newer client than this one.
        #[arg(long, value_name = "SCHEMA")]
        regardless: Vec<String>,
    },
    /// Records a version of schemas, whichever is recorded: for what a mistake left there.
    Version {
        #[command(flatten)]
        which: Which,
        /// The version.
        version: String,
    },
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// A schema, as it is called in the database; may be given several times.
    #[arg(long)]
    schema: Vec<String>,
    /// All schemas whose names begin so.
    #[arg(long)]
    prefix: Option<String>,
}

impl Which {
    async fn schemas(&self, dj: &Instance) -> Result<Vec<String>, String> {
        let Some(prefix) = &self.prefix else { return Ok(self.schema.clone()) };
        let mut schemas = dj.list_schemas().await.map_err(text)?;
        schemas.retain(|schema| schema.starts_with(prefix));
        if schemas.is_empty() {
            return Err(format!("no schema begins with `{prefix}`"));
        }
        Ok(schemas)
    }
}

impl Guard {
    pub(crate) async fn run(&self) -> Outcome {
        let dj = connect().await?;
        match &self.task {
            Task::List { json: as_json } => {
                // One that can't be read is shown beside the others.
                let stamps = dj.found_stamps(None).await.map_err(text)?;
                if *as_json {
                    let shown: serde_json::Map<_, _> = stamps
                        .into_iter()
                        .map(|(schema, stamp)| match stamp {
                            Ok(stamp) => (schema, json!(stamp)),
                            Err(error) => (schema, json!({"error": error.to_string()})),
                        })
                        .collect();
                    print_json("guard list", [("schemas", json!(shown))]);
                } else {
                    for (schema, stamp) in stamps {
                        match stamp {
                            Ok(stamp) => say!("{schema}  {stamp}"),
                            Err(error) => say!("{schema}  {error}"),
                        }
                    }
                }
            }
            Task::Stamp { which, environment, minimum_client } => {
                let mut stamp = Stamp::new(environment);
                if let Some(release) = minimum_client {
                    stamp = stamp.minimum_client(release);
                }
                let schemas = which.schemas(&dj).await?;
                dj.stamp(&schemas, Some(&stamp)).await.map_err(text)?;
                say!("stamped {}: {stamp}", schemas.join(", "));
            }
            Task::Version { which, version } => {
                let schemas = which.schemas(&dj).await?;
                dj.set_version(&schemas, version).await.map_err(text)?;
                say!("recorded version {version} of {}", schemas.join(", "));
            }
            Task::Unstamp { which, regardless } => {
                let schemas = which.schemas(&dj).await?;
                if regardless.is_empty() {
                    dj.stamp(&schemas, None).await.map_err(text)?;
                } else if *regardless == schemas {
                    dj.unstamp_regardless(&schemas).await.map_err(text)?;
                } else {
                    return Err(format!(
                        "--regardless names {}, and the stamp would be taken from {}",
                        regardless.join(", "),
                        schemas.join(", ")
                    ));
                }
                say!("took the stamp from {}", schemas.join(", "));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
