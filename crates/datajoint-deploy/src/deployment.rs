//! Deployments: what is wanted, of which database.

use std::sync::Arc;

use datajoint_guard::{Action, Finding, FindingCode, Level, PRODUCTION, Stamp};
use datajoint_pipeline::{AuditVerb, Instance};
use datajoint_plan::{Activity, Engine, Item, LockPolicy, Plan, Scope, Snapshot, Undertaking, Watch};
use datajoint_sql::Value;

use crate::verify::{Verified, VerifySpec, verify};
use crate::{DesiredState, Error, Result, maintenance};

/// What all deployments have in common.
pub(crate) const ACTIVITY: Activity = Activity {
    noun: "deploy",
    journal: "~deploy",
    lock: "datajoint deploy",
    interrupted: FindingCode::InterruptedDeploy,
    action: Action::Deploy,
    verb: AuditVerb::Deploy,
};

/// Reads what a deployment is about.
pub(crate) async fn snapshot(dj: &Instance, desired: &DesiredState) -> Result<Snapshot> {
    Ok(Snapshot::new(dj, desired.scope(), &ACTIVITY).await?)
}

/// A deployment: what is wanted, of which database.
///
/// ```
/// # use datajoint_config::Settings;
/// # use datajoint_pipeline::Instance;
/// use datajoint_deploy::{Deployment, DesiredState};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
/// let desired: DesiredState = "provenance = true\nmaintenance = {}".parse()?;
/// let deployment = Deployment::new(&dj, desired);
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
    desired: DesiredState,
    policy: LockPolicy,
    verified: Option<Verified>,
    watch: Arc<Watch>,
}

impl std::fmt::Debug for Deployment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { dj, desired, policy, .. } = self;
        formatter
            .debug_struct("Deployment")
            .field("dj", dj)
            .field("desired", desired)
            .field("policy", policy)
            .finish_non_exhaustive()
    }
}

impl Deployment {
    /// Returns a deployment to the database of an instance.
    pub fn new(dj: &Instance, desired: DesiredState) -> Self {
        let policy = LockPolicy::default();
        Self { dj: dj.clone(), desired, policy, verified: None, watch: Arc::new(|_| ()) }
    }

    /// The same, where a function is told of each object before its statements are run: for a sign of progress.
    #[must_use]
    pub fn watch(mut self, watch: impl Fn(&Item) + Send + Sync + 'static) -> Self {
        self.watch = Arc::new(watch);
        self
    }

    /// The same with another policy of waiting for locks.
    #[must_use]
    pub fn lock_policy(mut self, policy: LockPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// The same where the check of step zero was made already, for the tables of a program for example.
    #[must_use]
    pub fn verified(mut self, verified: Verified) -> Self {
        self.verified = Some(verified);
        self
    }

    /// Returns what would be done. Sends nothing but SELECT.
    ///
    /// Fails when something is asked for that is not there, or that this backend does not have.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    pub async fn plan(&self) -> Result<Plan> {
        Engine::new(self, self.policy, &*self.watch).plan().await
    }

    /// Does what would be done, one deploy at a time; with the hash of a plan, only if that is still the plan.
    ///
    /// What is wanted already is not touched: no statement but SELECT is sent then. What fails stands in the plan that it
    /// gives, and does not keep the rest from being done. Fails when the check of step zero finds an error in production,
    /// when a schema is stamped for another environment, when another deploy is under way, and as
    /// [`plan`](Self::plan) does.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, what was applied stays, and the step on its way may be done or not: the next plan shows what is
    /// left.
    pub async fn apply(&self, approved: Option<&str>) -> Result<Plan> {
        let mut ready = self.clone();
        if ready.verified.is_none() {
            let settings = self.dj.settings();
            ready.verified = Some(verify(settings, Some(&self.dj), &self.desired, &[], &[]).await?);
        }
        Engine::new(&ready, self.policy, &*self.watch).apply(approved).await
    }
}

impl Undertaking for Deployment {
    const ACTIVITY: &'static Activity = &ACTIVITY;

    type Error = Error;

    fn instance(&self) -> &Instance {
        &self.dj
    }

    fn scope(&self) -> Scope {
        self.desired.scope()
    }

    /// What is asked for, and of which database. What is accepted of the check is no part of it.
    fn asked(&self) -> Vec<u8> {
        let desired = DesiredState { verify: VerifySpec::default(), ..self.desired.clone() };
        Value::Json(Box::new(serde_json::json!([self.dj.place(), desired]))).canonical()
    }

    async fn items(&self, snapshot: &mut Snapshot) -> Result<Vec<Item>> {
        let mut items = match self.desired.request {
            Some(upkeep) => maintenance::on_request(snapshot, upkeep).await?,
            None => Vec::new(),
        };
        items.extend(self.desired.items(snapshot).await?);
        Ok(items)
    }

    /// Step zero: fails for errors of the check that count here.
    fn check(&self, snapshot: &Snapshot) -> Result<Vec<Finding>> {
        let Some(verified) = &self.verified else { return Ok(Vec::new()) };
        // What schemas are stamped with that are not deployed is nothing to this deploy, and those that are may be
        // changed in their environment alone, which is looked at where something is to be changed.
        let mut stamps = Vec::new();
        for (schema, comment) in
            snapshot.stamps.iter().filter(|(schema, _)| snapshot.schemas.contains(schema))
        {
            let stamp = Stamp::from_comment(schema, comment).map_err(datajoint_pipeline::Error::from)?;
            stamps.extend(stamp.environment);
        }
        stamps.extend(self.dj.settings().environment().map(str::to_owned));
        let is_production = stamps.iter().any(|environment| environment == PRODUCTION);
        let accepted = |finding: &Finding| {
            self.desired.verify.accept.contains(&finding.code)
                // Who deploys may do more than who computes.
                || matches!(
                    finding.code,
                    FindingCode::TooManyPrivileges
 | FindingCode::MayChangeTables | FindingCode::MissingPrivileges | FindingCode::OtherEnvironment
                )
                // Before the first table is declared roles are made, by which somebody may.
                || (snapshot.schemas.is_empty() && matches!(finding.code, FindingCode::MissingTable | FindingCode::OtherVersion | FindingCode::Tables))
        };
        let findings: Vec<Finding> =
            verified.findings.iter().filter(|finding| !accepted(finding)).cloned().collect();
        let errors: Vec<Finding> =
            findings.iter().filter(|finding| finding.level == Level::Error).cloned().collect();
        if is_production && !errors.is_empty() {
            return Err(Error::Verify { findings: errors });
        }
        // Elsewhere it is no news that this is not production.
        Ok(if is_production { findings } else { Vec::new() })
    }

    /// What somebody asked for now was run, and can't be seen.
    fn is_visible(&self) -> bool {
        self.desired.request.is_none()
    }
}
