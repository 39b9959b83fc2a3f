//! Deployments.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use datajoint::deploy::{
    Deployment, Mode, Operation, Patience, Plan, ReplicaIdentityWanted, State, Wanted, matrix, store_policies,
};
use serde_json::json;

use crate::output::{GREEN, PLAIN, RED, YELLOW, print_finding, print_json, say};
use crate::verify::verify_all;
use crate::{Outcome, Program, connect, text};

/// Brings schemas to what `deploy.toml` asks for: plan, apply, and nothing left to do.
#[derive(Args)]
#[command(after_help = "Examples:\n  dj deploy plan\n  dj deploy apply --plan 3f2a1b00c4d5\n  \
                        dj deploy plan replica-identity --schema lab_ephys --mode full\n  \
                        dj deploy apply maintenance --table lab.Session\n  dj deploy matrix")]
pub(crate) struct Deploy {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Shows what would be done; the exit status is 0 when that is nothing, and 2 when there are changes.
    Plan {
        #[command(flatten)]
        what: What,
        /// Takes changes for a failure, with exit status 1: for CI.
        #[arg(long)]
        check: bool,
    },
    /// Does it, and reads everything again; the exit status is 1 when something failed.
    Apply {
        #[command(flatten)]
        what: What,
        /// Only if what would be done is the plan of this hash, which `plan` shows.
        #[arg(long, value_name = "HASH")]
        plan: Option<String>,
        /// Codes of findings of the check that are known here, beside those of the file.
        #[arg(long, value_delimiter = ',', value_name = "CODES")]
        accept: Vec<String>,
        /// How long to wait for another deploy to end, in seconds.
        #[arg(long, value_name = "SECONDS", default_value_t = 0)]
        wait: u64,
        /// How long a statement waits for its lock, in milliseconds; everybody behind it waits as long.
        #[arg(long, value_name = "MILLISECONDS", default_value_t = 2000)]
        lock_timeout: u64,
        /// How often a statement tries to get its lock.
        #[arg(long, default_value_t = 10)]
        tries: u32,
    },
    /// Shows who can do what.
    Matrix(Scope),
    /// Prints the policies of the roles for the stores in S3.
    Policies,
}

#[derive(Args)]
struct What {
    /// One operation alone; without it, all that the file asks for.
    operation: Option<Name>,
    #[command(flatten)]
    scope: Scope,
    /// For replica-identity: default, full, nothing or index(attributes).
    #[arg(long)]
    mode: Option<Mode>,
    /// For publication: that of the file which is meant; all of them without it.
    #[arg(long)]
    name: Option<String>,
}

#[derive(Args)]
struct Scope {
    /// The file that says what is wanted.
    #[arg(long, value_name = "FILE", default_value = "deploy.toml")]
    file: PathBuf,
    /// This schema alone; may be given several times.
    #[arg(long)]
    schema: Vec<String>,
    /// This table alone, as `schema.Class`.
    #[arg(long, conflicts_with = "schema")]
    table: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// What PostgreSQL logs of old rows.
    ReplicaIdentity,
    /// Which tables PostgreSQL publishes.
    Publication,
    /// Statistics, dead rows, indexes, storage parameters.
    Maintenance,
    /// Roles, their members, and what they may do.
    Grants,
    /// The columns for where rows come from.
    Provenance,
    /// The columns for when rows were computed.
    JobMetadata,
}

impl From<Name> for Operation {
    fn from(name: Name) -> Self {
        match name {
            Name::ReplicaIdentity => Self::ReplicaIdentity,
            Name::Publication => Self::Publication,
            Name::Maintenance => Self::Maintenance,
            Name::Grants => Self::Grants,
            Name::Provenance => Self::Provenance,
            Name::JobMetadata => Self::JobMetadata,
        }
    }
}

impl Scope {
    /// What the file says, if there is one; it has to be there when nothing else says what is wanted.
    fn wanted(&self, needs_file: bool) -> Result<Wanted, String> {
        let is_there = self.file.exists();
        if !is_there && (needs_file || self.file != Path::new("deploy.toml")) {
            return Err(format!(
                "there is no {}: write what is wanted there, or name an operation",
                self.file.display()
            ));
        }
        let mut wanted = if is_there { Wanted::load(&self.file).map_err(text)? } else { Wanted::default() };
        if !self.schema.is_empty() {
            wanted.schemas = Some(self.schema.clone());
        }
        if self.table.is_some() {
            wanted.table.clone_from(&self.table);
        }
        Ok(wanted)
    }
}

impl What {
    fn wanted(&self) -> Result<Wanted, String> {
        let mut wanted = self.scope.wanted(self.operation.is_none())?;
        if self.mode.is_some() && self.operation != Some(Name::ReplicaIdentity) {
            return Err(
                "--mode is for replica-identity: `deploy plan replica-identity --mode full`".to_owned()
            );
        }
        if self.name.is_some() && self.operation != Some(Name::Publication) {
            return Err("--name is for publication: `deploy plan publication --name changes`".to_owned());
        }
        let Some(operation) = self.operation else { return Ok(wanted) };
        if let Some(mode) = &self.mode {
            let known = wanted.replica_identity.take().unwrap_or_default();
            wanted.replica_identity = Some(ReplicaIdentityWanted { mode: mode.clone(), ..known });
        }
        if let Some(name) = &self.name {
            wanted.publication.retain(|known, _| known == name);
        }
        // Who is in a role, or what is published, has no usual answer: none would take away what is there.
        let section = match operation {
            Name::Publication if wanted.publication.is_empty() => {
                format!("[publication.{}]", self.name.as_deref().unwrap_or("NAME"))
            }
            Name::Grants if wanted.grants.is_none() => "[grants]".to_owned(),
            _ => return Ok(wanted.only(operation.into())),
        };
        Err(format!("{} says nothing of it: write {section} there", self.scope.file.display()))
    }
}

impl Deploy {
    pub(crate) async fn run(&self, program: &Program) -> Outcome {
        match &self.task {
            Task::Plan { what, check } => {
                let dj = connect().await?;
                let plan = Deployment::new(&dj, what.wanted()?).plan().await.map_err(text)?;
                let status = show("deploy plan", &plan, what.scope.json);
                Ok(if *check && plan.exit_status() != 0 { ExitCode::FAILURE } else { status })
            }
            Task::Apply { what, plan, accept, wait, lock_timeout, tries } => {
                let dj = connect().await?;
                let patience = Patience {
                    busy: Duration::from_secs(*wait),
                    lock_timeout: Duration::from_millis(*lock_timeout),
                    tries: *tries,
                    ..Patience::default()
                };
                let mut wanted = what.wanted()?;
                wanted.verify.accept.extend(accept.iter().cloned());
                let verified = verify_all(&dj, program).await?;
                let bar = indicatif::ProgressBar::new_spinner();
                let shown = bar.clone();
                let deployment = Deployment::new(&dj, wanted)
                    .patience(patience)
                    .verified(verified)
                    .watch(move |item| shown.set_message(format!("{} {}", item.operation, item.object)));
                bar.enable_steady_tick(Duration::from_millis(200));
                let applied = deployment.apply(plan.as_deref()).await;
                bar.finish_and_clear();
                Ok(show("deploy apply", &applied.map_err(text)?, what.scope.json))
            }
            Task::Matrix(scope) => {
                let dj = connect().await?;
                let found = matrix(&dj, &scope.wanted(false)?).await.map_err(text)?;
                if scope.json {
                    print_json("deploy matrix", json!(found));
                } else {
                    say!("{found}");
                }
                Ok(ExitCode::SUCCESS)
            }
            Task::Policies => {
                let settings = datajoint::Settings::load().map_err(text)?;
                print_json("deploy policies", json!({"roles": store_policies(&settings)}));
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

/// Shows a plan, or what was done; gives the exit status.
fn show(command: &str, plan: &Plan, as_json: bool) -> ExitCode {
    if as_json {
        print_json(command, plan.json());
        return plan.exit_status().into();
    }
    say!("{}", plan.server);
    for item in &plan.items {
        let style = match item.state {
            State::Unchanged => continue,
            State::WouldChange | State::Skipped { .. } => YELLOW,
            State::Changed => GREEN,
            State::Failed { .. } => RED,
        };
        let shown = item.to_string();
        let (first, rest) = shown.split_at(shown.find('\n').unwrap_or(shown.len()));
        say!("{style}{first}{PLAIN}{rest}");
    }
    plan.findings.iter().for_each(print_finding);
    say!("{}", plan.summary());
    plan.exit_status().into()
}
