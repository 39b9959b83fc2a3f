//! All keys of a population, several at a time.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt as _;
use tokio::task::{JoinError, JoinSet};

use crate::bar::Bar;
use crate::interrupt::Interrupt;
use crate::plan::Plan;
use crate::work::{Outcome, Work};
use crate::{Error, Make, Populate, PopulateReport};

/// Makes keys that were just listed.
pub(crate) async fn run<T: Make>(
    options: &Populate<'_, T>,
    keys: Vec<T::Key>,
) -> Result<PopulateReport<T::Key>, Error> {
    let begin = Instant::now();
    let plan = Arc::new(Plan::new::<T>(options.instance, &options.version)?);
    let shown = keys.len().min(options.max_calls);
    let mut run = Run {
        report: PopulateReport::new(T::spec().class_name, keys.len()),
        bar: Bar::new(T::spec().class_name, shown, options.progress && shown > 0),
        failure: None,
        suppress_errors: options.suppress_errors,
    };
    let mut keys = keys.into_iter();
    let mut running = JoinSet::new();
    let interrupt = Interrupt::new(options.takes_ctrl_c);
    let mut pressed = pin!(interrupt.pressed());
    loop {
        while running.len() < options.workers
            && run.goes_on()
            && run.calls() + running.len() < options.max_calls
        {
            let Some(key) = keys.next() else { break };
            running.spawn(make::<T>(Arc::clone(&plan), key));
        }
        if running.is_empty() {
            break;
        }
        tokio::select! {
            Some(finished) = running.join_next() => run.take(finished),
            () = &mut pressed => {
                if std::mem::replace(&mut run.report.stopped, true) {
                    running.shutdown().await;
                    break;
                }
                run.bar.stopping();
                pressed.set(interrupt.pressed());
            }
        }
    }
    run.report.elapsed = begin.elapsed();
    if run.calls() > 0 {
        let PopulateReport { success_count, remaining, .. } = run.report;
        let failed = run.report.errors.len();
        let seconds = run.report.elapsed.as_secs_f64();
        tracing::info!(table = %plan.table.name, made = success_count, failed, remaining, seconds, "populated");
    }
    match run.failure {
        Some(error) => Err(error),
        None => Ok(run.report),
    }
}

async fn make<T: Make>(plan: Arc<Plan>, key: T::Key) -> (T::Key, Result<Outcome, Error>) {
    let work = match Work::<T>::new(&plan, &key) {
        Ok(work) => work,
        Err(error) => return (key, Err(error)),
    };
    let outcome = AssertUnwindSafe(work.run()).catch_unwind().await;
    let outcome = outcome.unwrap_or_else(|panic| Err(work.panicked(panic.as_ref())));
    (key, outcome)
}

struct Run<K> {
    report: PopulateReport<K>,
    bar: Bar,
    failure: Option<Error>,
    suppress_errors: bool,
}

impl<K> Run<K> {
    /// True when more keys may be begun.
    fn goes_on(&self) -> bool {
        self.failure.is_none() && !self.report.stopped
    }

    /// How many keys `make` was called for.
    fn calls(&self) -> usize {
        self.report.success_count + self.report.without_row + self.report.errors.len()
    }

    fn take(&mut self, finished: Result<(K, Result<Outcome, Error>), JoinError>) {
        // Nothing but a dropped runtime ends a task that catches its panics.
        let Ok((key, outcome)) = finished else { return };
        match outcome {
            Ok(outcome) => {
                self.bar.done();
                match outcome {
                    Outcome::Made => self.report.success_count += 1,
                    Outcome::Skipped => self.report.skipped += 1,
                    Outcome::WithoutRow => self.report.without_row += 1,
                }
                if outcome != Outcome::WithoutRow {
                    self.report.remaining -= 1;
                }
            }
            Err(error) => {
                self.bar.failed();
                if self.suppress_errors {
                    self.report.errors.push((key, error));
                } else {
                    tracing::debug!(%error, "a key failed");
                    self.failure.get_or_insert(error);
                }
            }
        }
    }
}
