//! `Spikes.populate(&dj)`.

use std::future::Future;
use std::marker::PhantomData;

use datajoint_pipeline::{Condition, Instance, Relation, Restriction, of_table};

use crate::{Error, Make, PopulateReport, Progress, run, source};

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

    /// How many keys are still to do, and how many there are.
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
    pub(crate) progress: bool,
    pub(crate) takes_ctrl_c: bool,
    pub(crate) version: String,
    table: PhantomData<fn() -> T>,
}

impl<'dj, T: Make> Populate<'dj, T> {
    pub(crate) const fn new(instance: &'dj Instance) -> Self {
        Self {
            instance,
            restrictions: Vec::new(),
            max_calls: usize::MAX,
            workers: 1,
            suppress_errors: false,
            progress: false,
            takes_ctrl_c: true,
            version: String::new(),
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

    /// Shows a progress bar, with rate and time left, where standard error is a terminal.
    pub fn progress(mut self, show: bool) -> Self {
        self.progress = show;
        self
    }

    /// Whether Ctrl-C finishes the keys that are being made, and then stops; a second one drops them. It does
    /// unless said otherwise.
    pub fn stop_on_ctrl_c(mut self, stop: bool) -> Self {
        self.takes_ctrl_c = stop;
        self
    }

    /// The version of the code, kept in `_job_version` of tables that have it; at most 64 characters.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Makes the keys.
    ///
    /// Fails, after the keys that were being made have come to their end, with the first error of a key, unless
    /// errors are suppressed. When the future is dropped, the keys that are being made are undone.
    pub async fn run(self) -> Result<PopulateReport<T::Key>, Error> {
        let source = source::keys_of(self.instance, T::spec()).await?;
        let keys = source.restrict(Condition::all(&self.restrictions)).antijoin(of_table::<T>().proj(()));
        let order: Vec<&str> = <T::Key as datajoint_pipeline::typed::FromRow>::ATTRIBUTES.to_vec();
        let keys = keys.order_by(order).fetch_as::<T::Key>(self.instance).await?;
        run::run(&self, keys).await
    }

    pub(crate) async fn count(self) -> Result<Progress, Error> {
        let source = source::keys_of(self.instance, T::spec()).await?;
        let keys = source.restrict(Condition::all(&self.restrictions));
        let remaining = keys.antijoin(of_table::<T>().proj(())).count(self.instance).await?;
        Ok(Progress { remaining, total: keys.count(self.instance).await? })
    }
}
