//! `Spikes.populate(&dj)`.

use std::future::Future;
use std::marker::PhantomData;
use std::time::Duration;

use datajoint_jobs::{Limits, Refresh, WorkerOptions};
use datajoint_pipeline::typed::FromRow;
use datajoint_pipeline::{Action, Condition, DynamicRow, Instance, Query, Relation, Restriction, of_table};
use tracing::Instrument as _;

use crate::feed::Feed;
use crate::runner::Shared;
use crate::{Error, Make, PopulateReport, PopulateWatcher, Progress, Stale, Watching, run, source, version};

/// Populates the tables that have a [`Make`].
pub trait PopulateTable: Make {
    /// Makes the rows that are missing. Nothing happens before [`run`](Populate::run).
    ///
    /// ```
    /// # use datajoint::prelude::*;
    /// use datajoint::Progress;
    /// # schema!("lab");
    /// # #[table(Manual)]
    /// # /// image_id : int32
    /// # pub struct Image;
    /// # #[table(Computed)]
    /// # /// -> Image
    /// # pub struct Seen;
    /// # impl PlainMake for Seen {
    /// #     async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
    /// #         let image_id = cx.key().image_id;
    /// #         cx.insert(SeenRow { image_id }).await
    /// #     }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    /// Image.insert(&dj, (0..20).map(ImageRow::new)).await?;
    ///
    /// let report = Seen.populate(&dj).restrict(Image::image_id.lt(15)).workers(4).max_calls(10).run().await?;
    /// assert_eq!((report.success_count, report.remaining), (10, 5));
    /// assert_eq!(Seen.progress(&dj).await?, Progress { remaining: 10, total: 20 });
    /// # Ok(())
    /// # }
    /// ```
    fn populate(self, instance: &Instance) -> Populate<'_, Self> {
        Populate::new(instance)
    }

    /// Looks for rows that were made by other code, or from other rows, than there are now. Nothing happens before
    /// [`find`](Stale::find).
    fn stale(self, instance: &Instance) -> Stale<'_> {
        Stale::of_program(instance, Self::spec(), Self::CODE)
    }

    /// How many keys are still to do, and how many there are.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn progress(self, instance: &Instance) -> impl Future<Output = Result<Progress, Error>> + Send {
        self.populate(instance).count()
    }
}

impl<T: Make> PopulateTable for T {}

/// A population that has not begun; see [`PopulateTable::populate`].
///
/// A key is one combination of the primary keys of the parents that the table's own primary key refers to. Those
/// that the table has no row of are made, in the order of the primary key, each in a transaction of its own.
#[must_use = "nothing is made before `run`"]
#[derive(Debug, Clone)]
pub struct Populate<'dj, T> {
    pub(crate) instance: &'dj Instance,
    restrictions: Vec<Condition>,
    pub(crate) max_calls: usize,
    pub(crate) workers: usize,
    pub(crate) suppress_errors: bool,
    pub(crate) watching: Option<Watching>,
    pub(crate) takes_ctrl_c: bool,
    version: String,
    reserves: bool,
    priority: Option<u8>,
    refreshes: Option<bool>,
    pub(crate) time_limit: Option<Duration>,
    pub(crate) grace: Option<Duration>,
    pub(crate) shared: Shared,
    table: PhantomData<fn() -> T>,
}

impl<'dj, T: Make> Populate<'dj, T> {
    pub(crate) fn new(instance: &'dj Instance) -> Self {
        Self {
            instance,
            restrictions: Vec::new(),
            max_calls: usize::MAX,
            workers: 1,
            suppress_errors: false,
            watching: None,
            takes_ctrl_c: true,
            version: String::new(),
            reserves: false,
            priority: None,
            refreshes: None,
            time_limit: None,
            grace: None,
            shared: Shared::default(),
            table: PhantomData,
        }
    }

    /// Only keys that meet a restriction, and those given before.
    pub fn restrict(mut self, restriction: impl Restriction) -> Self {
        self.restrictions.push(restriction.into_condition());
        self
    }

    /// Calls `make` for so many keys at most. Keys that others made in the meantime don't count.
    pub fn max_calls(mut self, calls: usize) -> Self {
        self.max_calls = calls;
        self
    }

    /// Makes so many keys at the same time; one unless said otherwise.
    ///
    /// Each has a connection of the pool, and its computation a thread.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers.max(1);
        self
    }

    /// Goes on after errors, and gives them in the report; otherwise the first one ends it.
    pub fn suppress_errors(mut self, suppress: bool) -> Self {
        self.suppress_errors = suppress;
        self
    }

    /// Tells a function, or another [watcher](crate::PopulateWatcher), what becomes of the keys while they are made.
    /// `ProgressBars`, with the feature `progress`, is one that shows bars on the terminal.
    ///
    /// ```
    /// # use datajoint::prelude::*;
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// use datajoint::PopulateEvent;
    /// # schema!("lab");
    /// # #[table(Manual)]
    /// # /// image_id : int32
    /// # pub struct Image;
    /// # #[table(Computed)]
    /// # /// -> Image
    /// # pub struct Seen;
    /// # impl PlainMake for Seen {
    /// #     async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
    /// #         let image_id = cx.key().image_id;
    /// #         cx.insert(SeenRow { image_id }).await
    /// #     }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    /// # Image.insert(&dj, (0..20).map(ImageRow::new)).await?;
    /// let done = Arc::new(AtomicUsize::new(0));
    /// let counter = Arc::clone(&done);
    /// let watcher = move |event: PopulateEvent<'_>| {
    ///     if let PopulateEvent::Done { .. } = event {
    ///         counter.fetch_add(1, Ordering::Relaxed);
    ///     }
    /// };
    /// Seen.populate(&dj).watch(watcher).run().await?;
    /// assert_eq!(done.load(Ordering::Relaxed), 20);
    /// # Ok(())
    /// # }
    /// ```
    pub fn watch(mut self, watcher: impl PopulateWatcher + 'static) -> Self {
        self.watching = Some(Watching::new(watcher));
        self
    }

    /// Whether Ctrl-C, or SIGTERM, finishes the keys that are being made, and then stops; a second one drops them. It
    /// does unless said otherwise. Keys that are reserved and not begun are given back first.
    pub fn stop_on_ctrl_c(mut self, stop: bool) -> Self {
        self.takes_ctrl_c = stop;
        self
    }

    /// For how long Ctrl-C and SIGTERM wait for the keys that are being made; without end unless said otherwise. After that
    /// they are undone as by a second signal: each `compute` is [told to stop](crate::should_stop), and their jobs are given
    /// back. Choose less than what sends the signal waits before it kills.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = Some(grace);
        self
    }

    /// How long a key may take. After that its `compute` is [told to stop](crate::should_stop), and it fails with
    /// [`Error::TimeLimit`]. A `compute` that does not stop goes on, on its thread, and nothing of it is written.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = Some(limit);
        self
    }

    /// Takes the keys from the queue of the table's jobs, and reserves each before it is made: any number of programs
    /// share the work, those of DataJoint for Python too, and no key is made twice.
    ///
    /// A result is written only while its reservation stands. Jobs of a program that dies are done by others. Ends when no
    /// job is due.
    pub fn reserve_jobs(mut self, reserve: bool) -> Self {
        self.reserves = reserve;
        self
    }

    /// Takes only jobs of this priority and more urgent ones; lower is sooner. Jobs that are added have it.
    pub fn priority(mut self, priority: u8) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Whether the queue is brought up to date first. `jobs.auto_refresh` says so unless this does.
    pub fn refresh(mut self, refresh: bool) -> Self {
        self.refreshes = Some(refresh);
        self
    }

    /// The version of the code, kept in `_job_version` of tables that have it, and in the queue; at most 64 characters.
    ///
    /// Without one, it is the commit of git where `jobs.version_method` says so.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Makes the keys.
    ///
    /// Fails where the table's schema is stamped for another environment than the settings name.
    /// Fails, after the keys that were being made have come to their end, with the first error of a key, unless
    /// errors are suppressed. When the future is dropped, the keys that are being made are undone.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the keys that are being made are undone; those that were made last. A `compute` that has begun runs to its end on its thread, and its result is thrown away.
    pub async fn run(self) -> Result<PopulateReport<T::Key>, Error> {
        let spec = T::spec();
        let span =
            tracing::info_span!("populate", table = format_args!("{}.{}", spec.schema, spec.class_name));
        self.run_all().instrument(span).await
    }

    async fn run_all(self) -> Result<PopulateReport<T::Key>, Error> {
        let look = self.shared.looks.take().await;
        let schema = self.instance.schema_name(T::spec().schema);
        self.instance.check_may_change(Action::Populate, &[schema]).await?;
        let source = source::keys_of(self.instance, T::spec()).await?;
        let version = version::version(&self.version, self.instance.settings()).await;
        let feed =
            if self.reserves { self.queue(&source, &version).await? } else { self.list(&source).await? };
        drop(look);
        run::run(&self, &version, feed).await
    }

    async fn list(&self, source: &Query<DynamicRow>) -> Result<Feed<T::Key>, Error> {
        let keys = source.restrict(Condition::all(&self.restrictions)).antijoin(of_table::<T>().proj(()));
        let keys = keys.order_by(<T::Key as FromRow>::ATTRIBUTES.to_vec());
        Ok(Feed::list(keys.fetch_as::<T::Key>(self.instance).await?))
    }

    async fn queue(&self, source: &Query<DynamicRow>, version: &str) -> Result<Feed<T::Key>, Error> {
        let table = self.instance.resolve(T::spec())?;
        let settings = &self.instance.settings().jobs;
        let refresh = self.refreshes.unwrap_or(settings.auto_refresh).then(|| {
            let restrictions = self.restrictions.clone();
            let refresh =
                Refresh { restrictions, priority: self.priority, delay: -1.0, ..Refresh::default() };
            (source.clone(), refresh)
        });
        let options = WorkerOptions {
            lease: Duration::from_secs(settings.lease_timeout),
            limits: Limits { attempts: settings.max_attempts, losses: settings.max_losses },
            keep_completed: settings.keep_completed,
            version: version.to_owned(),
            priority: self.priority,
            among: (!self.restrictions.is_empty())
                .then(|| source.restrict(Condition::all(&self.restrictions))),
        };
        let jobs = self.shared.jobs(self.instance, &table).await?;
        match Feed::queue(&jobs, options.clone(), refresh.clone()).await {
            // Somebody has dropped it since it was looked up.
            Err(Error::Jobs(error)) if error.is_missing() && self.shared.forget_jobs().await => {
                let jobs = self.shared.jobs(self.instance, &table).await?;
                Feed::queue(&jobs, options, refresh).await
            }
            outcome => outcome,
        }
    }

    pub(crate) async fn count(self) -> Result<Progress, Error> {
        let source = source::keys_of(self.instance, T::spec()).await?;
        let keys = source.restrict(Condition::all(&self.restrictions));
        let remaining = keys.antijoin(of_table::<T>().proj(())).count(self.instance).await?;
        Ok(Progress { remaining, total: keys.count(self.instance).await? })
    }
}
