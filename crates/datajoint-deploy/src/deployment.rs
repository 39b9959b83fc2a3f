//! Read, compare, plan; apply, and read again.

use std::sync::Arc;
use std::time::Duration;

use datajoint_adapters::{Connection, Kind};
use datajoint_definition::Backend;
use datajoint_guard::{Finding, Level, Stamp};
use datajoint_pipeline::Instance;
use datajoint_sql::Statement;

use crate::blocker::blockers;
use crate::journal::{self, Journal};
use crate::look::Look;
use crate::plan::{Class, Item, Plan, State, Step};
use crate::verify::{PRODUCTION, Verified, verify};
use crate::wanted::VerifyWanted;
use crate::{Error, Operation, Result, Wanted, columns, grants, maintenance, publication, replica_identity};

mod run;

use run::{failure, run};

/// How long statements wait for locks, and how often they try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How long a statement waits for its lock: as long as everybody behind it waits too.
    pub lock_timeout: Duration,
    /// How often it tries.
    pub tries: u32,
    /// The longest pause between two tries; the first is a second, and each twice the one before.
    pub longest_pause: Duration,
    /// How long what is made while others write may wait for transactions that are older than it.
    pub concurrent: Duration,
    /// How long to wait for another deploy to end.
    pub busy: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            lock_timeout: Duration::from_secs(2),
            tries: 10,
            longest_pause: Duration::from_secs(30),
            concurrent: Duration::from_mins(30),
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
            asked: self.asked(),
        })
    }

    /// What is asked for, and of which database. What is accepted of the check is no part of it.
    fn asked(&self) -> String {
        let wanted = Wanted { verify: VerifyWanted::default(), ..self.wanted.clone() };
        format!("{} {}", self.dj.place(), serde_json::json!(wanted))
    }

    /// Does what would be done, one deploy at a time; with the hash of a plan, only if that is still the plan.
    ///
    /// What is wanted already is not touched: no statement but SELECT is sent then. What fails stands in the plan that it
    /// gives, and does not keep the rest from being done. Fails when the check of step zero finds an error in production,
    /// when a schema is stamped for another environment, when another deploy is under way, and as
    /// [`plan`](Self::plan) does.
    pub async fn apply(&self, approved: Option<&str>) -> Result<Plan> {
        let mut lock = match self.dj.database().lock("datajoint deploy", self.patience.busy).await {
            Ok(lock) => lock,
            Err(datajoint_adapters::Error::LockTimeout { holder, .. }) => return Err(Error::Busy { holder }),
            Err(error) => return Err(error.into()),
        };
        if !lock.is_held().await? {
            return Err(Error::Pooled);
        }
        let outcome = self.apply_alone(approved).await;
        // It ends with its session anyway, and what was done counts more.
        if let Err(error) = lock.release().await {
            tracing::warn!(%error, "the deploy lock was gone before its end");
        }
        outcome
    }

    async fn apply_alone(&self, approved: Option<&str>) -> Result<Plan> {
        let mut look = Look::new(&self.dj, &self.wanted).await?;
        let verified = match &self.verified {
            Some(verified) => verified.clone(),
            None => verify(self.dj.settings(), Some(&self.dj), &[], &[]).await?,
        };
        let findings = self.step_zero(&look, verified)?;
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
        let mut is_lost = false;
        for item in plan.items.iter_mut().filter(|item| item.state == State::WouldChange) {
            (item.state, is_lost) = self.carry_out(&mut connection, &mut journal, item).await;
            if is_lost {
                break;
            }
        }
        if is_lost {
            return Ok(plan);
        }
        // What was done is told, whatever comes now.
        if let Err(error) =
            self.look_again(&mut plan, &mut connection, &mut journal, approved.is_some()).await
        {
            plan.findings.push(Finding::error(
                "not-read-again",
                format!("whether all is as wanted could not be read: {error}"),
                "plan again",
            ));
        }
        Ok(plan)
    }

    /// Fails for errors of the check that count here.
    fn step_zero(&self, look: &Look<'_>, verified: Verified) -> Result<Vec<Finding>> {
        // What schemas are stamped with that are not deployed is nothing to this deploy, and those that are may be
        // changed in their environment alone, which is looked at where something is to be changed.
        let mut stamps = Vec::new();
        for (schema, comment) in look.stamps.iter().filter(|(schema, _)| look.schemas.contains(schema)) {
            let stamp = Stamp::from_comment(schema, comment).map_err(datajoint_pipeline::Error::from)?;
            stamps.extend(stamp.environment);
        }
        stamps.extend(self.dj.settings().environment.clone());
        let is_production = stamps.iter().any(|environment| environment == PRODUCTION);
        let accepted = |finding: &Finding| {
            self.wanted.verify.accept.iter().any(|code| code == finding.code)
                // Who deploys may do more than who computes.
                || matches!(
                    finding.code,
                    "too-many-privileges" | "may-change-tables" | "missing-privileges" | "other-environment"
                )
        };
        let findings: Vec<Finding> =
            verified.findings.into_iter().filter(|finding| !accepted(finding)).collect();
        let errors: Vec<Finding> =
            findings.iter().filter(|finding| finding.level == Level::Error).cloned().collect();
        if is_production && !errors.is_empty() {
            return Err(Error::Verify { findings: errors });
        }
        // Elsewhere it is no news that this is not production.
        Ok(if is_production { findings } else { Vec::new() })
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

    /// Runs the statements of an item; those that can be undone, together. True when the connection was lost.
    async fn carry_out(
        &self,
        connection: &mut Connection,
        journal: &mut Journal,
        item: &Item,
    ) -> (State, bool) {
        (self.watch)(item);
        let together = |one: &Step, other: &Step| {
            one.class == Class::Transactional && other.class == Class::Transactional
        };
        for steps in item.statements.chunk_by(together) {
            let steps: Vec<&Step> = steps.iter().collect();
            let is_concurrent = steps.iter().any(|step| step.sql.sql.contains(CONCURRENTLY));
            let mut tries = 0;
            loop {
                tries += 1;
                let outcome = if is_concurrent {
                    self.run_concurrently(connection, journal, item, &steps).await
                } else {
                    run(connection, journal, item, &steps).await
                };
                let Err(error) = outcome else { break };
                if error.is_connection_lost() {
                    return (failure(&error, item, tries, ""), true);
                }
                let in_the_way = match error.kind() {
                    Some(Kind::LockTimeout) => {
                        // `indexes of foreign keys of lab.session`.
                        let table = item.object.rsplit(' ').next().unwrap_or_default();
                        blockers(connection, table).await
                    }
                    _ => String::new(),
                };
                // What is made while others write leaves something behind where it fails.
                if error.is_retryable() && tries < self.patience.tries && !is_concurrent {
                    tracing::info!(object = item.object, in_the_way, "trying again");
                    tokio::time::sleep(self.pause(tries)).await;
                    continue;
                }
                return (failure(&error, item, tries, &in_the_way), false);
            }
        }
        (State::Changed, false)
    }

    /// Runs what waits for older transactions to end, and blocks nobody meanwhile: with time for that.
    async fn run_concurrently(
        &self,
        connection: &mut Connection,
        journal: &mut Journal,
        item: &Item,
        steps: &[&Step],
    ) -> datajoint_adapters::Result<()> {
        let wait =
            |duration: Duration| [Statement::plain(format!("SET lock_timeout = {}", duration.as_millis()))];
        connection.script(&wait(self.patience.concurrent)).await?;
        let outcome = run(connection, journal, item, steps).await;
        connection.script(&wait(self.patience.lock_timeout)).await?;
        outcome
    }

    /// A second, then twice as long each time, and up to a quarter more, so that two don't meet again and again.
    fn pause(&self, tries: u32) -> Duration {
        let seconds = Duration::from_secs(1 << (tries - 1).min(16)).min(self.patience.longest_pause);
        let share = uuid::Uuid::new_v4().as_bytes()[0];
        seconds + seconds.mul_f64(f64::from(share) / 1024.0)
    }

    /// Reads everything again, does once more what is not as wanted yet, and says what is not as wanted even then.
    ///
    /// What came to be on the way, such as tables that roles may now read, is done too, unless a plan was approved.
    async fn look_again(
        &self,
        plan: &mut Plan,
        connection: &mut Connection,
        journal: &mut Journal,
        is_approved: bool,
    ) -> Result<()> {
        let mut look = Look::new(&self.dj, &self.wanted).await?;
        for item in self.plan_of(&mut look).await?.items {
            if item.state != State::WouldChange {
                continue;
            }
            match plan.items.iter_mut().find(|known| known.is(&item)) {
                Some(known) if deserves_another_round(known) => {
                    let (state, _) = self.carry_out(connection, journal, &item).await;
                    known.statements.extend(item.statements);
                    known.state = state;
                }
                Some(_) => {}
                // What could not be made while others write left something, which the next deploy takes up.
                None if is_approved || is_concurrent(&item) => plan.items.push(item),
                None => {
                    let (state, _) = self.carry_out(connection, journal, &item).await;
                    plan.items.push(Item { state, ..item });
                }
            }
        }
        drop(look);
        let mut look = Look::new(&self.dj, &self.wanted).await?;
        let after = self.plan_of(&mut look).await?;
        for item in &mut plan.items {
            if let Some(now) = after.same(item) {
                judge(item, now);
            }
        }
        Ok(())
    }
}

/// True for what was changed and is not as wanted, and for what only something else stood in the way of.
fn deserves_another_round(item: &Item) -> bool {
    match &item.state {
        State::Changed => !is_upkeep(item),
        State::Failed { code, .. } => code == "42P10" || code == "55000",
        State::Unchanged | State::WouldChange | State::Skipped { .. } => false,
    }
}

/// True for what the server counts itself, and tells in a moment or when nobody sees dead rows any more.
fn is_upkeep(item: &Item) -> bool {
    let is_upkeep = |sql: &str| sql.starts_with("VACUUM") || sql.starts_with("ANALYZE");
    item.statements.iter().any(|step| is_upkeep(&step.sql.sql))
}

/// True for what waits for older transactions, and leaves something behind where it fails.
fn is_concurrent(item: &Item) -> bool {
    item.statements.iter().any(|step| step.sql.sql.contains(CONCURRENTLY))
}

fn judge(item: &mut Item, now: &Item) {
    match (&item.state, &now.state) {
        // Somebody else did it meanwhile, or what had failed lasts all the same.
        (State::Failed { .. }, State::Unchanged) if !is_concurrent(item) => item.state = State::Changed,
        (State::Changed, State::Skipped { .. } | State::Failed { .. }) => item.state = now.state.clone(),
        // Before PostgreSQL 15 what was analyzed is counted a moment later.
        (State::Changed, State::WouldChange) if is_upkeep(item) && now.found == "old statistics" => {}
        (State::Changed, State::WouldChange) if is_upkeep(item) => {
            item.state = State::Skipped {
                reason: "it was vacuumed; its dead rows are still seen by a session, a replication slot or a prepared \
                         transaction"
                    .to_owned(),
            };
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

/// What marks a statement that waits for others and blocks nobody.
const CONCURRENTLY: &str = " CONCURRENTLY ";

fn is_interrupted(finding: &Finding) -> bool {
    finding.code == "interrupted-deploy"
}
