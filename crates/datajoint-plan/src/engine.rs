//! Read, compare, plan; carry out, and read again.

use datajoint_adapters::Lock;
use datajoint_guard::{Finding, FindingCode};

use crate::journal;
use crate::{Error, Item, LockPolicy, Plan, Snapshot, State, Undertaking};

mod again;
mod carry_out;
mod failure;
mod session;

use session::Session;

/// How many connections are in use at once: the one of the lock, and the one of all else.
const CONNECTIONS: u32 = 2;

/// What is told of each item before it is carried out.
pub type Watch = dyn Fn(&Item) + Send + Sync;

/// Plans an undertaking and carries it out.
pub struct Engine<'a, U> {
    undertaking: &'a U,
    policy: LockPolicy,
    watch: &'a Watch,
}

impl<'a, U: Undertaking> Engine<'a, U> {
    /// Returns what carries out an undertaking, tells of each item before its statements are run, and waits no longer for
    /// locks than the policy says.
    pub const fn new(undertaking: &'a U, policy: LockPolicy, watch: &'a Watch) -> Self {
        Self { undertaking, policy, watch }
    }

    /// Returns what would be done. Sends nothing but SELECT.
    ///
    /// Fails as [`Undertaking::items`] does.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    pub async fn plan(&self) -> Result<Plan, U::Error> {
        let mut snapshot = self.snapshot().await?;
        journal::interrupted(&mut snapshot, U::ACTIVITY).await?;
        self.plan_of(&mut snapshot).await
    }

    /// Does what would be done, one at a time; with the hash of a plan, only if that is still the plan.
    ///
    /// It takes two connections: one for its lock, and one for all that it reads and does, one after the other. What is as wanted already is not touched: no statement but SELECT is sent then. What fails stands in the plan that it
    /// returns, and does not keep the rest from being done. Fails as [`Undertaking::check`] and [`plan`](Self::plan) do, when
    /// another plan was approved, when another one is under way, when the stamp of a schema forbids it, and at once when the
    /// settings allow but one connection.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, what was done stays, and the step on its way may be done or not: the next plan shows what is
    /// left.
    pub async fn apply(&self, approved: Option<&str>) -> Result<Plan, U::Error> {
        let dj = self.undertaking.instance();
        // Who has nothing to do waits for nobody.
        let (snapshot, plan) = self.prepare(approved).await?;
        if plan.is_done() {
            return Ok(plan);
        }
        let most = dj.settings().database.max_connections;
        if most < CONNECTIONS {
            return Err(Error::FewConnections { what: U::ACTIVITY.noun, most }.into());
        }
        if dj.database().shares_sessions() {
            // Some of what is done can't be in a transaction, and waits for locks for as long as its session says.
            return Err(Error::Pooled { what: U::ACTIVITY.noun }.into());
        }
        let schemas = snapshot.schemas.clone();
        // Of the connections that there may be, one is for what is read and done.
        drop(snapshot);
        let lock = match dj.database().lock(U::ACTIVITY.lock, &schemas, self.policy.busy).await {
            Ok(lock) => lock,
            Err(datajoint_adapters::Error::LockTimeout { holder, .. }) => {
                return Err(Error::Busy { what: U::ACTIVITY.noun, holder }.into());
            }
            Err(error) => return Err(Error::from(error).into()),
        };
        let outcome = self.apply_alone(approved, &lock).await;
        // It ends with its session anyway, and what was done counts more.
        if let Err(error) = lock.release().await {
            tracing::warn!(%error, "the {} lock was gone before its end", U::ACTIVITY.noun);
        }
        outcome
    }

    async fn snapshot(&self) -> Result<Snapshot, U::Error> {
        Ok(Snapshot::new(self.undertaking.instance(), self.undertaking.scope(), U::ACTIVITY).await?)
    }

    async fn plan_of(&self, snapshot: &mut Snapshot) -> Result<Plan, U::Error> {
        let items = self.undertaking.items(snapshot).await?;
        snapshot.check_read()?;
        Ok(Plan {
            server: format!("{} {}", snapshot.backend, snapshot.dj.database().server_version()),
            is_applied: false,
            items,
            findings: std::mem::take(&mut snapshot.findings),
            kind: U::ACTIVITY.noun,
            asked: self.undertaking.asked(),
            was_interrupted: snapshot.was_interrupted,
        })
    }

    /// What should be known before, and what would be done now, if it is what was approved.
    async fn prepare(&self, approved: Option<&str>) -> Result<(Snapshot, Plan), U::Error> {
        let mut snapshot = self.snapshot().await?;
        let findings = self.undertaking.check(&snapshot)?;
        journal::interrupted(&mut snapshot, U::ACTIVITY).await?;
        let mut plan = self.plan_of(&mut snapshot).await?;
        if let Some(approved) = approved
            && approved != plan.hash()
        {
            return Err(Error::OtherPlan { approved: approved.to_owned(), now: plan.hash() }.into());
        }
        plan.findings.splice(0..0, findings);
        plan.is_applied = true;
        Ok((snapshot, plan))
    }

    async fn apply_alone(&self, approved: Option<&str>, lock: &Lock) -> Result<Plan, U::Error> {
        let (snapshot, mut plan) = self.prepare(approved).await?;
        if plan.is_done() {
            return Ok(plan);
        }
        let schemas = snapshot.schemas.clone();
        let left = journal::left_open(&snapshot, U::ACTIVITY);
        // Its connection is the one of the session from here on.
        drop(snapshot);
        let dj = self.undertaking.instance();
        dj.check_may_change(U::ACTIVITY.action, &schemas).await.map_err(Error::from)?;
        let mut session = Session::new(self, &plan, lock).await?;
        journal::note_interrupted(&left, &mut session.connection).await?;
        for item in plan.items.iter_mut().filter(|item| item.state == State::WouldChange) {
            item.state = session.carry_out(item).await;
            if session.is_lost {
                return Ok(plan);
            }
        }
        // What was done is told, whatever comes now.
        if let Err(error) = self.look_again(&mut plan, session, approved.is_some()).await {
            plan.findings.push(Finding::error(
                FindingCode::NotReadAgain,
                format!("whether all is as wanted could not be read: {error}"),
                "plan again",
            ));
        }
        Ok(plan)
    }
}

impl Plan {
    /// True when nothing is left to do, not even to note where an earlier one was interrupted.
    fn is_done(&self) -> bool {
        self.pending().next().is_none() && !self.was_interrupted
    }
}
