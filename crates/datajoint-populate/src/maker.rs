//! Tables that fill themselves, by name: for programs that are told what to populate.

use std::fmt;
use std::marker::PhantomData;
use std::process::ExitCode;
use std::time::Duration;

use datajoint_pipeline::typed::{Pipeline, TableSpec};
use datajoint_pipeline::{Condition, Instance};
use futures_util::future::BoxFuture;

use crate::runner::Shared;
use crate::{Code, Error, Make, Populate, Progress, Watching};

/// The tables of a pipeline that fill themselves; `pipeline!` lists them.
pub trait Makers: Pipeline {
    /// Those with a `make`, in the order of the list.
    fn makers() -> Vec<Maker>;
}

/// A table with a `make`.
#[derive(Clone, Copy)]
pub struct Maker {
    spec: fn() -> &'static TableSpec,
    resources: &'static [&'static str],
    code: Code,
    run: fn(Instance, Orders, Shared) -> BoxFuture<'static, Result<Made, Error>>,
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
    /// Who is told what becomes of the keys.
    pub watching: Option<Watching>,
    /// The version of the code.
    pub version: String,
    /// Whether it takes the keys from the queue of the table's jobs.
    pub reserve_jobs: bool,
    /// Only jobs of this priority, and more urgent ones.
    pub priority: Option<u8>,
    /// Whether it brings the queue up to date first, other than the settings say.
    pub refresh: Option<bool>,
    /// How long a key may take.
    pub time_limit: Option<Duration>,
    /// For how long SIGTERM and Ctrl-C wait for the keys that are being made.
    pub grace: Option<Duration>,
}

impl Default for Orders {
    fn default() -> Self {
        Self {
            restrictions: Vec::new(),
            max_calls: usize::MAX,
            workers: 1,
            suppress_errors: false,
            watching: None,
            version: String::new(),
            reserve_jobs: false,
            priority: None,
            refresh: None,
            time_limit: None,
            grace: None,
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
    /// True when Ctrl-C or SIGTERM stopped it.
    pub stopped: bool,
    /// True when it was SIGTERM.
    pub terminated: bool,
    /// The same for people, in a line without the errors.
    pub text: String,
}

impl Maker {
    /// The one of a table.
    pub const fn of<T: Make>() -> Self {
        Self {
            spec: T::spec,
            resources: <T as Make>::RESOURCES,
            code: <T as Make>::CODE,
            run: |dj, orders, shared| Box::pin(async move { run::<T>(&dj, orders, shared).await }),
            progress: |dj| Box::pin(async move { Populate::<T>::new(&dj).count().await }),
        }
    }

    /// The table.
    pub fn spec(&self) -> &'static TableSpec {
        (self.spec)()
    }

    /// What of the machine it takes; see [`Make::RESOURCES`].
    pub const fn resources(&self) -> &'static [&'static str] {
        self.resources
    }

    /// What its code is known by; see [`Make::CODE`].
    pub const fn code(&self) -> Code {
        self.code
    }

    /// Makes the rows that are missing; see [`Populate::run`](crate::Populate::run).
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the keys that are being made are undone; those that were made last. A `compute` that has begun runs to its end on its thread, and its result is thrown away.
    pub async fn run(&self, dj: &Instance, orders: Orders) -> Result<Made, Error> {
        self.run_with(dj, orders, Shared::default()).await
    }

    /// The same beside other tables.
    pub(crate) fn run_with(
        &self,
        dj: &Instance,
        orders: Orders,
        shared: Shared,
    ) -> BoxFuture<'static, Result<Made, Error>> {
        (self.run)(dj.clone(), orders, shared)
    }

    /// How many keys are still to do, and how many there are.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    pub async fn progress(&self, dj: &Instance) -> Result<Progress, Error> {
        (self.progress)(dj.clone()).await
    }
}

impl fmt::Debug for Maker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Maker({})", self.spec().class_name)
    }
}

impl Made {
    /// Returns the exit status of a program that populated tables: 1 when keys failed, 143 when SIGTERM left keys to others or
    /// to the next run, and 0 otherwise.
    ///
    /// A shell knows 143 of a program that SIGTERM ended, and Slurm and Kubernetes start such a program again.
    pub fn exit_code(all: &[Self]) -> ExitCode {
        if all.iter().any(|made| !made.errors.is_empty()) {
            return ExitCode::FAILURE;
        }
        let is_cut_short = all.iter().any(|made| made.terminated && made.remaining > 0);
        if is_cut_short { ExitCode::from(143) } else { ExitCode::SUCCESS }
    }

    /// What is said of a table for which nothing was tried.
    pub(crate) fn nothing(table: &'static str) -> Self {
        Self {
            table,
            success_count: 0,
            errors: Vec::new(),
            remaining: 0,
            stopped: false,
            terminated: false,
            text: format!("{table}: nothing to do"),
        }
    }

    /// Adds what was done later.
    pub(crate) fn add(&mut self, later: Self) {
        self.success_count += later.success_count;
        self.errors.extend(later.errors);
        self.remaining = later.remaining;
        self.stopped |= later.stopped;
        self.terminated |= later.terminated;
        self.text = format!("{}: {} made", self.table, self.success_count);
        for (count, what) in [(self.errors.len(), "failed"), (self.remaining, "still to do")] {
            if count > 0 {
                let more = format!(", {count} {what}");
                self.text.push_str(&more);
            }
        }
    }
}

/// A line, and one for each error.
impl fmt::Display for Made {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)?;
        for error in &self.errors {
            write!(formatter, "\n  {error}")?;
        }
        Ok(())
    }
}

async fn run<T: Make>(dj: &Instance, orders: Orders, shared: Shared) -> Result<Made, Error> {
    let Orders { restrictions, max_calls, workers, suppress_errors, watching, version, .. } = orders;
    let mut populate = Populate::<T>::new(dj).max_calls(max_calls).workers(workers);
    populate = populate.suppress_errors(suppress_errors).version(version);
    populate = populate.reserve_jobs(orders.reserve_jobs);
    populate.watching = watching;
    (populate.shared, populate.time_limit, populate.grace) = (shared, orders.time_limit, orders.grace);
    if let Some(priority) = orders.priority {
        populate = populate.priority(priority);
    }
    if let Some(refresh) = orders.refresh {
        populate = populate.refresh(refresh);
    }
    for restriction in restrictions {
        populate = populate.restrict(restriction);
    }
    let report = populate.run().await?;
    let text = report.line();
    let errors = report.errors.iter().map(|(_, error)| error.to_string());
    Ok(Made {
        table: report.table,
        success_count: report.success_count,
        errors: errors.collect(),
        remaining: report.remaining,
        stopped: report.stopped,
        terminated: report.terminated,
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
