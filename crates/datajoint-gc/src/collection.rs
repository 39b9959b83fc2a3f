//! A collection: what is collected, of which database.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use datajoint_definition::count;
use datajoint_guard::{Action, FindingCode};
use datajoint_pipeline::{AuditVerb, Instance};
use datajoint_plan::{Activity, Engine, Item, LockPolicy, Plan, Scope, Snapshot, Step, Undertaking};

use crate::chore::Objects;
use crate::heap::Heap;
use crate::purge::Purge;
use crate::quarantine::Quarantine;
use crate::restore::Restore;
use crate::scan::{Scan, Wanted, scan};
use crate::{Error, Result, rows, visible};

/// The least age: writers renew what is older than an hour.
const LEAST_AGE: Duration = Duration::from_hours(2);

const ACTIVITY: Activity = Activity {
    noun: "collection",
    journal: "~gc",
    lock: "datajoint gc",
    interrupted: FindingCode::InterruptedCollection,
    action: Action::Delete,
    verb: AuditVerb::Collect,
};

/// A collection of the objects that no row refers to.
///
/// Each one does what is due: it quarantines what no row refers to, purges what has been in quarantine for the grace, and returns
/// what a row refers to again. See the [crate](crate) for what keeps it from taking anything that is alive.
///
/// ```
/// # use datajoint_config::Settings;
/// # use datajoint_gc::Collection;
/// # use datajoint_pipeline::Instance;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
/// let collection = Collection::of(&dj);
/// let plan = collection.plan().await?;
/// println!("{plan}");
/// collection.apply(Some(&plan.hash())).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "it begins with `plan` or `apply`"]
pub struct Collection {
    dj: Instance,
    schemas: Option<Vec<String>>,
    wanted: Wanted,
    moment: Duration,
    policy: LockPolicy,
    /// What was found: looked for once, since all that is done looks again at what it does.
    found: Arc<Mutex<Option<Arc<Scan>>>>,
}

impl Collection {
    /// Returns a collection of all schemas with the prefix of the settings: of what is older than two days, with a grace of a
    /// week, of at most a tenth of the objects.
    pub fn of(dj: &Instance) -> Self {
        let wanted =
            Wanted { older_than: Duration::from_hours(48), grace: Duration::from_hours(7 * 24), most: 10 };
        let (moment, policy) = (Duration::from_secs(10), LockPolicy::default());
        Self { dj: dj.clone(), schemas: None, wanted, moment, policy, found: Arc::default() }
    }

    /// Collects objects of these schemas alone, named as in `schema!`. Rows of all schemas are read.
    pub fn schemas<S: Into<String>>(mut self, schemas: impl IntoIterator<Item = S>) -> Self {
        let schemas: Vec<String> = schemas.into_iter().map(Into::into).collect();
        self.schemas = (!schemas.is_empty()).then_some(schemas);
        self
    }

    /// Leaves objects alone that are younger, by the clock of their store: longer than any transaction or staged insert lasts.
    pub fn older_than(mut self, age: Duration) -> Self {
        self.wanted.older_than = age;
        self
    }

    /// Purges what has been in quarantine for so long: longer than any client takes between a look at an object and the commit
    /// of its row.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.wanted.grace = grace;
        self
    }

    /// Expects that no row refers to at most so many of a hundred objects of a schema, and stops where there are more.
    pub fn most(mut self, percent: u8) -> Self {
        self.wanted.most = percent;
        self
    }

    /// Waits so long after objects were set aside before rows are read again; ten seconds unless said otherwise.
    pub fn moment(mut self, moment: Duration) -> Self {
        self.moment = moment;
        self
    }

    /// The same with another policy of waiting for locks and for another collection.
    pub fn lock_policy(mut self, policy: LockPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Returns what would be done. Writes a small object to each store, to know the time there, and deletes it.
    ///
    /// Fails when not everything was seen, and when there is more to collect than expected.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, and a small object may stay in a store.
    pub async fn plan(&self) -> Result<Plan> {
        let fresh = self.fresh();
        Engine::new(&fresh, self.policy, &|_| ()).plan().await
    }

    /// Does what would be done, one collection at a time; with the hash of a plan, only if that is still the plan.
    ///
    /// What fails stands in the plan that it gives, and does not keep the rest from being done. Fails as [`plan`](Self::plan)
    /// does, when another plan was approved, when another collection is under way, and when the stamp of a schema forbids it.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, what was done stays: objects may be aside, noted or not, and the next collection takes them up.
    pub async fn apply(&self, approved: Option<&str>) -> Result<Plan> {
        let fresh = self.fresh();
        Engine::new(&fresh, self.policy, &|_| ()).apply(approved).await
    }

    /// The same before anything was looked at.
    fn fresh(&self) -> Self {
        Self { found: Arc::default(), ..self.clone() }
    }

    async fn look(&self, snapshot: &mut Snapshot) -> Result<Arc<Scan>> {
        if self.wanted.older_than < LEAST_AGE {
            return Err(Error::TooYoung);
        }
        let known = self.found.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(found) = known {
            return Ok(found);
        }
        let schemas = snapshot.schemas.clone();
        visible::check(&mut snapshot.connection).await?;
        let tables = rows::tables(&mut snapshot.connection).await?;
        let found = scan(&self.dj, &mut snapshot.connection, &tables, &schemas, self.wanted).await?;
        let found = Arc::new(found);
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&found));
        Ok(found)
    }
}

impl Undertaking for Collection {
    const ACTIVITY: &'static Activity = &ACTIVITY;

    type Error = Error;

    fn instance(&self) -> &Instance {
        &self.dj
    }

    fn scope(&self) -> Scope {
        Scope { schemas: self.schemas.clone(), table: None }
    }

    fn asked(&self) -> Vec<u8> {
        let Wanted { older_than, grace, most } = self.wanted;
        let asked =
            serde_json::json!([self.dj.place(), self.schemas, older_than.as_secs(), grace.as_secs(), most]);
        asked.to_string().into_bytes()
    }

    async fn items(&self, snapshot: &mut Snapshot) -> Result<Vec<Item>> {
        let found = self.look(snapshot).await?;
        let mut items = Vec::new();
        for ((store, schema), work) in &found.work {
            let objects = |heaps: &[Heap]| Objects {
                dj: self.dj.clone(),
                store: store.clone(),
                schema: schema.clone(),
                heaps: heaps.to_vec(),
            };
            let since = found.clocks.get(store).copied().unwrap_or_else(SystemTime::now);
            let name = format!("{schema} in {store}");
            let item = |operation, objects: &Objects, wanted: &str, chore: Step| {
                Item::new((schema, name.as_str()), objects.count(), wanted, vec![chore]).by(operation)
            };
            if !work.restore.is_empty() {
                let objects = objects(&work.restore);
                items.push(item(
                    "return",
                    &objects.clone(),
                    "out of quarantine",
                    Step::chore(Restore { objects }),
                ));
            }
            if !work.purge.is_empty() {
                let objects = objects(&work.purge);
                items.push(item("purge", &objects.clone(), "deleted", Step::chore(Purge { objects })));
            }
            if !work.quarantine.is_empty() {
                let objects = objects(&work.quarantine);
                let moment = self.moment;
                let chore = Step::chore(Quarantine { objects: objects.clone(), since, moment });
                items.push(item("quarantine", &objects, "in quarantine", chore));
            }
            if work.waiting.0 > 0 {
                let reason = format!(
                    "{} of {} until the grace is over",
                    count(work.waiting.0, "object"),
                    count(work.waiting.1, "byte")
                );
                items.push(Item::new((schema, name.as_str()), "", "", Vec::new()).by("wait").skipped(reason));
            }
            if work.left > 0 {
                let reason = format!("{} for the next collection", count(work.left, "more object"));
                items
                    .push(Item::new((schema, name.as_str()), "", "", Vec::new()).by("leave").skipped(reason));
            }
        }
        Ok(items)
    }

    /// What was done looked at the rows again itself; a whole scan for each look would take hours in a large store.
    fn is_visible(&self) -> bool {
        false
    }
}
