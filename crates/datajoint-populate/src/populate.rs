//! `Spikes.populate(&dj)`.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use datajoint_pipeline::Instance;
use datajoint_sql::Condition;
use futures_util::FutureExt as _;
use tokio::task::JoinSet;

use crate::bar::Bar;
use crate::interrupt::Interrupt;
use crate::plan::Plan;
use crate::work::{self, Outcome};
use crate::{Error, Make, PopulateReport, Progress, key_source};

/// Populates the tables that have a [`Make`].
pub trait PopulateTable: Make {
    /// Makes the rows that are missing. Nothing happens before [`run`](Populate::run).
    ///
    /// ```ignore
    /// let report = Spikes.populate(&dj).workers(8).progress(true).run().await?;
    /// println!("{report}");
    /// ```
    fn populate(self, instance: &Instance) -> Populate<'_, Self> {
        Populate::new(instance)
    }

    /// How many keys are still to do, and how many there are.
    ///
    /// ```ignore
    /// let Progress { remaining, total } = Spikes.progress(&dj).await?;
    /// ```
    fn progress(self, instance: &Instance) -> impl Future<Output = Result<Progress, Error>> + Send {
        self.populate(instance).progress_now()
    }
}

impl<T: Make> PopulateTable for T {}

/// A population that has not begun.
#[must_use = "nothing is made before `run`"]
#[derive(Debug, Clone)]
pub struct Populate<'dj, T> {
    instance: &'dj Instance,
    restrictions: Vec<Condition>,
    max_calls: usize,
    workers: usize,
    suppress_errors: bool,
    progress: bool,
    takes_ctrl_c: bool,
    table: PhantomData<T>,
}

impl<'dj, T: Make> Populate<'dj, T> {
    fn new(instance: &'dj Instance) -> Self {
        Self {
            instance,
            restrictions: Vec::new(),
            max_calls: usize::MAX,
            workers: 1,
            suppress_errors: false,
            progress: false,
            takes_ctrl_c: true,
            table: PhantomData,
        }
    }
}
