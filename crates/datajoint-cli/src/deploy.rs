//! Deployments.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use datajoint::deploy::{
    Deployment, DesiredState, IntoTarget, LockPolicy, Mode, OperationName, Plan, ReplicaIdentitySpec, State,
    Target, Upkeep, maintain, matrix, store_policies,
};
use datajoint::guard::FindingCode;
use serde_json::json;

use crate::output::{
    GREEN, PLAIN, RED, YELLOW, line, print_finding, print_json, print_value, printable, say,
};
use crate::verify::{accepted, verify_all};
use crate::{Outcome, Program, connect, text};

/// How often a statement tries to get its lock when nobody says.
const TRIES: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// Brings schemas to what `deploy.toml` asks for: plan, apply, and nothing left to do.
#[derive(Args)]
#[command(after_help = "Examples:\n  dj deploy plan\n  dj deploy apply --plan HASH\n  \
                        dj deploy plan replica-identity --schema lab_ephys --mode full\n  \
                        dj deploy apply maintenance --table lab.Session\n  dj deploy vacuum lab --dry-run\n  dj deploy matrix")]
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
        #[arg(long, value_delimiter = ',', value_name = "CODES", value_parser = accepted)]
        accept: Vec<Option<FindingCode>>,
        /// How long to wait for another deploy to end, in seconds.
        #[arg(long, value_name = "SECONDS", default_value_t = 0)]
        wait: u64,
        /// How long a statement waits for its lock, in milliseconds; everybody behind it waits as long.
        #[arg(long, value_name = "MILLISECONDS", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..))]
        lock_timeout: u64,
        /// How often a statement tries to get its lock.
        #[arg(long, default_value_t = TRIES)]
        tries: NonZeroU32,
    },
    /// Takes dead rows away and makes statistics, now; on MySQL and MariaDB tables are written anew, on SQLite the file.
    Vacuum(Request),
    /// Makes the statistics of tables, now.
    Analyze(Request),
    /// Makes indexes anew, now, while others write.
    Reindex(Request),
    /// Shows who can do what.
    Matrix(Scope),
    /// Prints the policies of the roles for the stores in S3.
    Policies(Scope),
}

#[derive(Args)]
struct What {
    /// One operation alone; without it, all that the file asks for.
    #[arg(value_parser = operation())]
    operation: Option<OperationName>,
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
    /// The file that says what is wanted; without it `deploy.toml`, or `deploy/deploy.toml`.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
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

#[derive(Args)]
struct Request {
    /// A schema, or a table as `schema.Class`; those of the settings without any.
    target: Option<String>,
    /// Shows what would be run, what it locks and how long it lasts.
    #[arg(long)]
    dry_run: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Request {
    async fn run(&self, upkeep: Upkeep, command: &str) -> Outcome {
        let dj = connect().await?;
        let target = self.target.as_ref().map_or(Target::Configured, IntoTarget::into_target);
        let plan = maintain(&dj, target, upkeep, self.dry_run).await;
        Ok(show(command, &plan.map_err(text)?, self.json))
    }
}

/// The names of operations, as the list of them has them.
fn operation() -> impl TypedValueParser<Value = OperationName> {
    let name = |operation: &OperationName| PossibleValue::new(operation.name()).help(operation.summary());
    PossibleValuesParser::new(OperationName::ALL.iter().map(name)).try_map(|name| {
        let mut all = OperationName::ALL.iter().copied();
        all.find(|operation| operation.name() == name).ok_or("it is not in the list of operations")
    })
}

/// Where the file is looked for that says what is wanted, where none is named: the second one is where a project has it.
const USUAL_FILES: [&str; 2] = ["deploy.toml", "deploy/deploy.toml"];

/// What a file says, if there is one; it has to be there when nothing else says what is wanted, or when it was named.
pub(crate) fn wanted_of(named: Option<&Path>, needs_file: bool) -> Result<DesiredState, String> {
    let usual = || USUAL_FILES.iter().map(Path::new).find(|file| file.exists());
    match named.filter(|file| file.exists()).or_else(|| usual().filter(|_| named.is_none())) {
        Some(file) => DesiredState::load(file).map_err(text),
        None if needs_file || named.is_some() => Err(format!(
            "there is no {}: write what is wanted there, name the file with --file, or name an operation",
            named.unwrap_or(Path::new(USUAL_FILES[0])).display()
        )),
        None => Ok(DesiredState::default()),
    }
}

impl Scope {
    /// What the file says, if there is one; it has to be there when nothing else says what is wanted.
    fn wanted(&self, needs_file: bool) -> Result<DesiredState, String> {
        let mut wanted = wanted_of(self.file.as_deref(), needs_file)?;
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
    fn wanted(&self) -> Result<DesiredState, String> {
        let mut wanted = self.scope.wanted(self.operation.is_none())?;
        if self.mode.is_some() && self.operation != Some(OperationName::ReplicaIdentity) {
            return Err(
                "--mode is for replica-identity: `deploy plan replica-identity --mode full`".to_owned()
            );
        }
        if self.name.is_some() && self.operation != Some(OperationName::Publication) {
            return Err("--name is for publication: `deploy plan publication --name changes`".to_owned());
        }
        let Some(operation) = self.operation else { return Ok(wanted) };
        if let Some(mode) = &self.mode {
            let known = wanted.replica_identity.take().unwrap_or_default();
            wanted.replica_identity = Some(ReplicaIdentitySpec { mode: Some(mode.clone()), ..known });
        }
        if let Some(name) = &self.name {
            wanted.publication.retain(|known, _| known == name);
        }
        let Some(section) = operation.required().filter(|_| !wanted.asks_for(operation)) else {
            return Ok(wanted.only(operation));
        };
        let section = section.replace("NAME", self.name.as_deref().unwrap_or("NAME"));
        let file = self.scope.file.as_deref().unwrap_or(Path::new(USUAL_FILES[0]));
        Err(format!("{} says nothing of it: write {section} there", file.display()))
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
                let policy = LockPolicy {
                    busy: Duration::from_secs(*wait),
                    lock_timeout: Duration::from_millis(*lock_timeout),
                    tries: tries.get(),
                    ..LockPolicy::default()
                };
                let mut wanted = what.wanted()?;
                wanted.verify.accept.extend(accept.iter().flatten().copied());
                let verified = verify_all(&dj, &wanted, program).await?;
                let bar = indicatif::ProgressBar::new_spinner();
                let shown = bar.clone();
                let deployment = Deployment::new(&dj, wanted)
                    .lock_policy(policy)
                    .verified(verified)
                    .watch(move |item| shown.set_message(format!("{} {}", item.operation, item.object)));
                bar.enable_steady_tick(Duration::from_millis(200));
                let applied = deployment.apply(plan.as_deref()).await;
                bar.finish_and_clear();
                Ok(show("deploy apply", &applied.map_err(text)?, what.scope.json))
            }
            Task::Vacuum(request) => request.run(Upkeep::Vacuum, "deploy vacuum").await,
            Task::Analyze(request) => request.run(Upkeep::Analyze, "deploy analyze").await,
            Task::Reindex(request) => request.run(Upkeep::Reindex, "deploy reindex").await,
            Task::Matrix(scope) => {
                let dj = connect().await?;
                let found = matrix(&dj, &scope.wanted(false)?).await.map_err(text)?;
                if scope.json {
                    print_value("deploy matrix", json!(found));
                } else {
                    say!("{found}");
                }
                Ok(ExitCode::SUCCESS)
            }
            Task::Policies(scope) => {
                let settings = datajoint::Settings::load().map_err(text)?;
                let policies = store_policies(&settings, &scope.wanted(false)?);
                print_json("deploy policies", [("roles", json!(policies))]);
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

/// Shows a plan, or what was done; gives the exit status.
pub(crate) fn show(command: &str, plan: &Plan, as_json: bool) -> ExitCode {
    if as_json {
        print_value(command, plan.json());
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
        line(&format!("{style}{}{PLAIN}{}", printable(first), printable(rest)));
    }
    plan.findings.iter().for_each(print_finding);
    say!("{}", plan.summary());
    plan.exit_status().into()
}
