//! Tables that fill themselves, by name: for programs that are told what to populate.

use std::fmt;
use std::marker::PhantomData;

use datajoint_pipeline::typed::{Pipeline, TableSpec};
use datajoint_pipeline::{Condition, Instance};
use futures_util::future::BoxFuture;

use crate::{Error, Make, Populate, Progress};

/// The tables of a pipeline that fill themselves; `pipeline!` lists them.
pub trait Makers: Pipeline {
    /// Those with a `make`, in the order of the list.
    fn makers() -> Vec<Maker>;
}

/// A table with a `make`.
#[derive(Clone, Copy)]
pub struct Maker {
    spec: fn() -> &'static TableSpec,
    run: fn(Instance, Orders) -> BoxFuture<'static, Result<Made, Error>>,
    progress: fn(Instance) -> BoxFuture<'static, Result<Progress, Error>>,
}

/// How a table is to be populated; see [`Populate`](crate::Populate).
#[derive(Debug, Clone)]
pub struct Orders {
    /// Only keys that meet these.
    pub restrictions: Vec<Condition>,
    /// The most keys.
    pub max_calls: usize,
    /// How many at the same time.
    pub workers: usize,
    /// Whether it goes on after errors.
    pub suppress_errors: bool,
    /// Whether it shows a bar, where standard error is a terminal.
    pub progress: bool,
    /// The version of the code.
    pub version: String,
}

impl Default for Orders {
    fn default() -> Self {
        Self {
            restrictions: Vec::new(),
            max_calls: usize::MAX,
            workers: 1,
            suppress_errors: false,
            progress: false,
            version: String::new(),
        }
    }
}

/// What populating a table did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Made {
    /// The class of the table.
    pub table: &'static str,
    /// How many keys were made.
    pub success_count: usize,
    /// What went wrong, a line for each key.
    pub errors: Vec<String>,
    /// How many keys are still to do.
    pub remaining: usize,
    /// True when Ctrl-C stopped it.
    pub stopped: bool,
    /// The same for people.
    pub text: String,
}

impl Maker {
    /// The one of a table.
    pub const fn of<T: Make>() -> Self {
        Self {
            spec: T::spec,
            run: |dj, orders| Box::pin(async move { run::<T>(&dj, orders).await }),
            progress: |dj| Box::pin(async move { Populate::<T>::new(&dj).count().await }),
        }
    }

    /// The table.
    pub fn spec(&self) -> &'static TableSpec {
        (self.spec)()
    }

    /// Makes the rows that are missing; see [`Populate::run`](crate::Populate::run).
    pub async fn run(&self, dj: &Instance, orders: Orders) -> Result<Made, Error> {
        (self.run)(dj.clone(), orders).await
    }

    /// How many keys are still to do, and how many there are.
    pub async fn progress(&self, dj: &Instance) -> Result<Progress, Error> {
        (self.progress)(dj.clone()).await
    }
}

impl fmt::Debug for Maker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Maker({})", self.spec().class_name)
    }
}

async fn run<T: Make>(dj: &Instance, orders: Orders) -> Result<Made, Error> {
    let Orders { restrictions, max_calls, workers, suppress_errors, progress, version } = orders;
    let mut populate = Populate::<T>::new(dj).max_calls(max_calls).workers(workers);
    populate = populate.suppress_errors(suppress_errors).progress(progress).version(version);
    for restriction in restrictions {
        populate = populate.restrict(restriction);
    }
    let report = populate.run().await?;
    let text = report.to_string();
    let errors = report.errors.iter().map(|(_, error)| error.to_string());
    Ok(Made {
        table: report.table,
        success_count: report.success_count,
        errors: errors.collect(),
        remaining: report.remaining,
        stopped: report.stopped,
        text,
    })
}

/// Whether a table has a [`Maker`]: called as `(&Probe::<T>::new()).maker()`, which finds the one of [`HasMaker`] first
/// where the table has a `make`.
#[doc(hidden)]
#[derive(Debug)]
pub struct Probe<T>(PhantomData<fn() -> T>);

impl<T> Probe<T> {
    #[allow(clippy::new_without_default, reason = "generated code calls it")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

#[doc(hidden)]
pub trait HasMaker {
    fn maker(&self) -> Option<Maker>;
}

impl<T: Make> HasMaker for Probe<T> {
    fn maker(&self) -> Option<Maker> {
        Some(Maker::of::<T>())
    }
}

#[doc(hidden)]
pub trait HasNoMaker {
    fn maker(&self) -> Option<Maker>;
}

impl<T> HasNoMaker for &Probe<T> {
    fn maker(&self) -> Option<Maker> {
        None
    }
}
