//! Read, compare, plan; apply, and read again.

use std::sync::Arc;
use std::time::Duration;

use datajoint_adapters::{Connection, Kind};
use datajoint_definition::Backend;
use datajoint_guard::{Finding, Level};
use datajoint_pipeline::Instance;
use datajoint_sql::{Access, Statement};

use crate::blocker::blockers;
use crate::journal::{self, Journal};
use crate::look::Look;
use crate::plan::{Class, Item, Plan, State, Step};
use crate::verify::{Verified, verify};
use crate::{Error, Operation, Result, Wanted, columns, grants, maintenance, publication, replica_identity};

/// How long statements wait for locks, and how often they try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How long a statement waits for its lock: as long as everybody behind it waits too.
    pub lock_timeout: Duration,
    /// How often it tries.
    pub tries: u32,
    /// The longest pause between two tries; the first is a second, and each twice the one before.
    pub longest_pause: Duration,
    /// How long to wait for another deploy to end.
    pub busy: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            lock_timeout: Duration::from_secs(2),
            tries: 10,
            longest_pause: Duration::from_secs(30),
            busy: Duration::ZERO,
        }
    }
}

/// A deployment: what is wanted, of which database.
///
/// ```
/// # use datajoint_config::Settings;
/// # use datajoint_pipeline::Instance;
/// use datajoint_deploy::{Deployment, Wanted};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
/// let wanted: Wanted = "provenance = true\nmaintenance = {}".parse()?;
/// let deployment = Deployment::new(&dj, wanted);
/// let plan = deployment.plan().await?;
/// println!("{plan}");
/// deployment.apply(Some(&plan.hash())).await?;
/// assert_eq!(deployment.plan().await?.exit_status(), 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Deployment {
    dj: Instance,
    wanted: Wanted,
    patience: Patience,
    verified: Option<Verified>,
    watch: Watch,
}

/// What is told of each item before it is carried out.
type Watch = Arc<dyn Fn(&Item) + Send + Sync>;

impl std::fmt::Debug for Deployment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { dj, wanted, patience, .. } = self;
        formatter
            .debug_struct("Deployment")
            .field("dj", dj)
            .field("wanted", wanted)
            .field("patience", patience)
            .finish_non_exhaustive()
    }
}

impl Deployment {
    /// A deployment to the database of an instance.
    pub fn new(dj: &Instance, wanted: Wanted) -> Self {
        let patience = Patience::default();
        Self { dj: dj.clone(), wanted, patience, verified: None, watch: Arc::new(|_| ()) }
    }

    /// The same, where a function is told of each object before its statements are run: for a sign of progress.
    #[must_use]
    pub fn watch(mut self, watch: impl Fn(&Item) + Send + Sync + 'static) -> Self {
        self.watch = Arc::new(watch);
        self
    }

    /// The same with other patience.
    #[must_use]
    pub fn patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// The same where the check of step zero was made already, for the tables of a program for example.
    #[must_use]
    pub fn verified(mut self, verified: Verified) -> Self {
        self.verified = Some(verified);
        self
    }

    /// What would be done. Sends nothing but SELECT.
    ///
    /// Fails when something is asked for that is not there, or that this backend does not have.
    pub async fn plan(&self) -> Result<Plan> {
        let mut look = Look::new(&self.dj, &self.wanted).await?;
        journal::interrupted(&mut look).await?;
        self.plan_of(&mut look).await
    }

    async fn plan_of(&self, look: &mut Look<'_>) -> Result<Plan> {
        let mut items = Vec::new();
        for operation in Operation::ALL.into_iter().filter(|operation| self.wanted.asks_for(*operation)) {
            items.extend(match operation {
                Operation::Provenance | Operation::JobMetadata => columns::plan(look, operation).await?,
                Operation::ReplicaIdentity => replica_identity::plan(look).await?,
                Operation::Publication => publication::plan(look).await?,
                Operation::Grants => grants::plan(look).await?,
                Operation::Maintenance => maintenance::plan(look).await?,
            });
        }
        Ok(Plan {
            server: format!("{} {}", look.backend, self.dj.database().server_version()),
            is_applied: false,
            items,
            findings: std::mem::take(&mut look.findings),
            asked: serde_json::json!(self.wanted).to_string(),
        })
    }

    /// Does what would be done, one deploy at a time; with the hash of a plan, only if that is still the plan.
    ///
    /// What is wanted already is not touched: no statement but SELECT is sent then. What fails stands in the plan that it
    /// gives, and does not keep the rest from being done. Fails when the check of step zero finds an error in production,
    /// when a schema is stamped for another environment, when another deploy is under way, and as
    /// [`plan`](Self::plan) does.
    pub async fn apply(&self, approved: Option<&str>) -> Result<Plan> {
        let lock = match self.dj.database().lock("datajoint deploy", self.patience.busy).await {
            Ok(lock) => lock,
            Err(datajoint_adapters::Error::LockTimeout { holder, .. }) => return Err(Error::Busy { holder }),
            Err(error) => return Err(error.into()),
        };
        let outcome = self.apply_alone(approved).await;
        lock.release().await?;
        outcome
    }

    async fn apply_alone(&self, approved: Option<&str>) -> Result<Plan> {
        let mut look = Look::new(&self.dj, &self.wanted).await?;
        let verified = match &self.verified {
            Some(verified) => verified.clone(),
            None => verify(self.dj.settings(), Some(&self.dj), &[], &[]).await?,
        };
        let findings = self.step_zero(verified)?;
        journal::interrupted(&mut look).await?;
        let mut plan = self.plan_of(&mut look).await?;
        if let Some(approved) = approved
            && approved != plan.hash()
        {
            return Err(Error::OtherPlan { approved: approved.to_owned(), now: plan.hash() });
        }
        plan.findings.splice(0..0, findings);
        plan.is_applied = true;
        if plan.pending().next().is_none() && !plan.findings.iter().any(is_interrupted) {
            return Ok(plan);
        }
        self.dj.check_may_change("deploy to", &look.schemas).await?;
        let mut connection = self.session().await?;
        look.findings.clone_from(&plan.findings);
        journal::note_interrupted(&look, &mut connection).await?;
        drop(look);
        let mut journal = Journal::new(&mut connection, plan.hash()).await?;
        for item in plan.items.iter_mut().filter(|item| item.state == State::WouldChange) {
            item.state = self.carry_out(&mut connection, &mut journal, item).await?;
        }
        for item in self.look_again(&plan).await? {
            // What was made on the way is a part of what was wanted: tables that roles may now read.
            let state = self.carry_out(&mut connection, &mut journal, &item).await?;
            match plan.items.iter_mut().find(|known| known.is(&item)) {
                Some(known) => {
                    known.statements.extend(item.statements);
                    known.state = state;
                }
                None => plan.items.push(Item { state, ..item }),
            }
        }
        drop(connection);
        self.judge(&mut plan).await?;
        Ok(plan)
    }

    /// Fails for errors of the check that count here.
    fn step_zero(&self, verified: Verified) -> Result<Vec<Finding>> {
        let accepted = |finding: &Finding| {
            self.wanted.verify.accept.iter().any(|code| code == finding.code)
                // Who deploys may do more than who computes.
                || matches!(finding.code, "too-many-privileges" | "may-change-tables" | "missing-privileges")
        };
        let findings: Vec<Finding> =
            verified.findings.into_iter().filter(|finding| !accepted(finding)).collect();
        let errors: Vec<Finding> =
            findings.iter().filter(|finding| finding.level == Level::Error).cloned().collect();
        if verified.is_production && !errors.is_empty() {
            return Err(Error::Verify { findings: errors });
        }
        // Elsewhere it is no news that this is not production.
        Ok(if verified.is_production { findings } else { Vec::new() })
    }

    /// A connection whose statements give up early, and which ends afterwards.
    async fn session(&self) -> Result<Connection> {
        let mut connection = self.dj.database().acquire().await?;
        connection.end_on_drop();
        let seconds = self.patience.lock_timeout.as_secs().max(1);
        let milliseconds = self.patience.lock_timeout.as_millis();
        let setup = match connection.backend() {
            // What reads or writes a whole table takes the time that it takes.
            Backend::Postgresql => {
                format!("SET lock_timeout = {milliseconds}; SET statement_timeout = 0")
            }
            Backend::Mysql | Backend::Mariadb => {
                format!("SET SESSION lock_wait_timeout = {seconds}, innodb_lock_wait_timeout = {seconds}")
            }
            Backend::Sqlite => format!("PRAGMA busy_timeout = {milliseconds}"),
        };
        connection.script(&[Statement::plain(setup)]).await?;
        Ok(connection)
    }

    /// Runs the statements of an item; those that can be undone, together.
    async fn carry_out(
        &self,
        connection: &mut Connection,
        journal: &mut Journal,
        item: &Item,
    ) -> Result<State> {
        (self.watch)(item);
        let together = |one: &Step, other: &Step| {
            one.class == Class::Transactional && other.class == Class::Transactional
        };
        for steps in item.statements.chunk_by(together) {
            let steps: Vec<&Step> = steps.iter().collect();
            let mut tries = 0;
            loop {
                tries += 1;
                let Err(error) = run(connection, journal, item, &steps).await else { break };
                if error.is_connection_lost() {
                    return Err(error.into());
                }
                let in_the_way = match error.kind() {
                    Some(Kind::LockTimeout) => blockers(connection, &item.object).await,
                    _ => String::new(),
                };
                if error.is_retryable() && tries < self.patience.tries {
                    tracing::info!(object = item.object, in_the_way, "trying again");
                    tokio::time::sleep(self.pause(tries)).await;
                    continue;
                }
                return Ok(failure(&error, tries, &in_the_way));
            }
        }
        Ok(State::Changed)
    }

    /// A second, then twice as long each time, and up to a quarter more, so that two don't meet again and again.
    fn pause(&self, tries: u32) -> Duration {
        let seconds = Duration::from_secs(1 << (tries - 1).min(16)).min(self.patience.longest_pause);
        let share = uuid::Uuid::new_v4().as_bytes()[0];
        seconds + seconds.mul_f64(f64::from(share) / 1024.0)
    }

    /// Reads everything again: what was changed, or came to be, and is not as wanted yet.
    async fn look_again(&self, plan: &Plan) -> Result<Vec<Item>> {
        let mut look = Look::new(&self.dj, &self.wanted).await?;
        let after = self.plan_of(&mut look).await?;
        let is_new = |item: &Item| plan.same(item).is_none_or(|known| known.state == State::Changed);
        Ok(after.items.into_iter().filter(|item| item.state == State::WouldChange && is_new(item)).collect())
    }

    /// Reads everything once more: what was changed must be as wanted now.
    async fn judge(&self, plan: &mut Plan) -> Result<()> {
        let mut look = Look::new(&self.dj, &self.wanted).await?;
        let after = self.plan_of(&mut look).await?;
        for item in &mut plan.items {
            let Some(now) = after.same(item) else { continue };
            match (&item.state, &now.state) {
                // Somebody else did it meanwhile, or what had failed lasts all the same.
                (State::Failed { .. }, State::Unchanged) => item.state = State::Changed,
                (State::Changed, State::Skipped { .. } | State::Failed { .. }) => {
                    item.state = now.state.clone();
                }
                (State::Changed, State::WouldChange) => {
                    item.state = State::Failed {
                        code: "not-as-wanted".to_owned(),
                        message: format!("all statements went through, and it is: {}", now.found),
                        hint: "somebody else may have changed it: plan again".to_owned(),
                    };
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn is_interrupted(finding: &Finding) -> bool {
    finding.code == "interrupted-deploy"
}

/// Runs steps once, and notes it.
async fn run(
    connection: &mut Connection,
    journal: &mut Journal,
    item: &Item,
    steps: &[&Step],
) -> datajoint_adapters::Result<()> {
    let is_together = steps.iter().all(|step| step.class == Class::Transactional);
    let entry = journal.begin(connection, item, steps).await?;
    let outcome = if is_together {
        together(connection, steps, journal.end(&entry, "done", "")).await
    } else {
        match one_by_one(connection, steps).await {
            Ok(()) => connection.execute(&journal.end(&entry, "done", "")).await.map(drop),
            Err(error) => Err(error),
        }
    };
    if let Err(error) = &outcome {
        // The first error is the one that tells.
        let _ = connection.execute(&journal.end(&entry, "failed", &error.to_string())).await;
    }
    outcome
}

async fn one_by_one(connection: &mut Connection, steps: &[&Step]) -> datajoint_adapters::Result<()> {
    for step in steps {
        connection.script(std::slice::from_ref(&step.sql)).await?;
    }
    Ok(())
}

async fn together(
    connection: &mut Connection,
    steps: &[&Step],
    note: Statement,
) -> datajoint_adapters::Result<()> {
    let begin = datajoint_sql::begin(connection.backend(), Access::Locking);
    connection.script(&[Statement::plain(begin)]).await?;
    let outcome = async {
        one_by_one(connection, steps).await?;
        connection.execute(&note).await?;
        connection.script(&[Statement::plain("COMMIT")]).await
    }
    .await;
    if outcome.is_err() {
        let _ = connection.script(&[Statement::plain("ROLLBACK")]).await;
    }
    outcome
}

fn failure(error: &datajoint_adapters::Error, tries: u32, in_the_way: &str) -> State {
    let code = error.code().unwrap_or("connection").to_owned();
    let (message, hint) = match error.kind() {
        Some(Kind::LockTimeout) => (
            format!("its lock was not free in {tries} tries: {in_the_way}"),
            "end that session, or apply again when it is done; what is applied already stays".to_owned(),
        ),
        Some(Kind::MissingPrivilege) => (
            error.to_string(),
            "deploy as the owner of the tables, or as a role that is a member of it".to_owned(),
        ),
        _ => (error.to_string(), "put that right, and apply again: what is applied already stays".to_owned()),
    };
    State::Failed { code, message, hint }
}
