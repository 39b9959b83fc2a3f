//! All keys of a population, several at a time.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::{JoinError, JoinSet};
use tracing::Instrument as _;

use crate::feed::{Feed, Job};
use crate::interrupt::{self, Interrupt, Signal};
use crate::plan::Plan;
use crate::runner::Shared;
use crate::slots::Slot;
use crate::stop::Stop;
use crate::together::{self, Together};
use crate::watch::Watched;
use crate::work::{Begun, Finished, Outcome, Work};
use crate::{Error, Make, Populate, PopulateReport};

/// Makes the keys of a feed.
pub(crate) async fn run<T: Make>(
    options: &Populate<'_, T>,
    version: &str,
    mut feed: Feed<T::Key>,
) -> Result<PopulateReport<T::Key>, Error> {
    let begin = Instant::now();
    let plan = Arc::new(Plan::new::<T>(options.instance, version, feed.worker(), options.time_limit)?);
    let _told = Told(plan.stop.clone());
    let shown = feed.len().min(options.max_calls);
    let mut run = Run {
        report: PopulateReport::new(T::spec().class_name, feed.len()),
        watched: Watched::begin(
            options.watching.as_ref(),
            T::spec().class_name,
            shown,
            options.shared.alerts.of(options.instance, T::spec().class_name),
        ),
        failure: None,
        suppress_errors: options.suppress_errors,
    };
    let mut running: JoinSet<Done<T>> = JoinSet::new();
    let mut begun = 0;
    let interrupt = Interrupt::new(options.takes_ctrl_c);
    let mut pressed = pin!(interrupt.pressed());
    let (mut end, mut room) = (None, None);
    let mut next_look = begin;
    loop {
        let mut waits = false;
        while running.len() < options.workers && run.goes_on() {
            let calls = options.max_calls.saturating_sub(run.calls() + begun);
            if calls == 0 {
                break;
            }
            // Room comes first: nothing is reserved that would wait for it.
            let Some(slot) = room.take().or_else(|| options.shared.slots.try_take()) else {
                waits = true;
                break;
            };
            match feed.next(options.workers, running.len(), calls).await {
                Ok(jobs) if jobs.is_empty() => break,
                Ok(jobs) => {
                    begun += jobs.len();
                    let _ = running.spawn(make::<T>(Arc::clone(&plan), jobs, slot).in_current_span());
                }
                Err(error) => {
                    let _ = run.failure.get_or_insert(error);
                }
            }
        }
        if !run.goes_on() || run.calls() + begun >= options.max_calls {
            feed.give_back().await;
        }
        // Room for which there is nothing to make is for others.
        room = None;
        if running.is_empty() && !waits {
            break;
        }
        tokio::select! {
            slot = options.shared.slots.take(), if waits => room = Some(slot),
            () = woken(&options.shared, next_look), if !waits && run.goes_on() && running.len() < options.workers => {
                let look = Instant::now();
                if let Err(error) = feed.look_again().await {
                    let _ = run.failure.get_or_insert(error);
                }
                // It takes a fifth of the time at most.
                next_look = Instant::now() + look.elapsed() * 4;
            }
            Some(done) = running.join_next() => {
                let Some(Done { finished, unbegun, late, is_undone, slot }) = joined(done) else { continue };
                begun = begun.saturating_sub(finished.len() + unbegun.len());
                feed.put_back(unbegun.into_iter(), is_undone);
                for finished in finished {
                    plan.note(feed.note(finished.2));
                    if run.take(finished) {
                        options.shared.tell();
                    }
                }
                if let Some((key, late)) = late {
                    let _ = running.spawn(go_on::<T>(Arc::clone(&plan), key, late, slot).in_current_span());
                }
            }
            signal = &mut pressed => {
                run.report.terminated = signal == Signal::Terminate;
                if std::mem::replace(&mut run.report.stopped, true) {
                    abandon(&plan, running, &mut feed, &mut run.watched, signal).await;
                    break;
                }
                run.watched.stopping();
                end = options.grace.map(|grace| (signal, tokio::time::Instant::now() + grace));
                pressed.set(interrupt.pressed());
            }
            signal = after(end), if end.is_some() => {
                tracing::warn!(table = %plan.table.name, "the keys at work are given back: they took too long to wait for");
                abandon(&plan, running, &mut feed, &mut run.watched, signal).await;
                break;
            }
        }
    }
    if let Some(remaining) = feed.end().await {
        run.report.remaining = remaining;
    }
    run.report.elapsed = begin.elapsed();
    if run.calls() > 0 {
        let PopulateReport { success_count, remaining, .. } = run.report;
        let failed = run.report.errors.len();
        let seconds = run.report.elapsed.as_secs_f64();
        tracing::info!(table = %plan.table.name, made = success_count, failed, remaining, seconds, "populated");
    }
    if !options.shared.is_of_run() {
        let signal = options.shared.alerts.rest(run.report.stopped, pressed.as_mut()).await;
        run.report.stopped |= signal.is_some();
        run.report.terminated |= signal == Some(Signal::Terminate);
    }
    match run.failure {
        Some(error) => Err(error),
        None => Ok(run.report),
    }
}

/// How long threads may go on computing after a second Ctrl-C.
const GRACE: Duration = Duration::from_secs(1);

/// Waits until there may be more keys to make, and no less than until this moment.
async fn woken(shared: &Shared, from: Instant) {
    tokio::time::sleep_until(from.into()).await;
    shared.woken().await;
}

/// Waits until the moment that a signal gave.
async fn after(end: Option<(Signal, tokio::time::Instant)>) -> Signal {
    match end {
        Some((signal, end)) => {
            tokio::time::sleep_until(end).await;
            signal
        }
        None => std::future::pending().await,
    }
}

/// What a task gave, unless it ended with its runtime. A panic in it goes on here.
pub(crate) fn joined<T>(done: Result<T, JoinError>) -> Option<T> {
    match done.map_err(JoinError::try_into_panic) {
        Ok(given) => Some(given),
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        Err(Err(_)) => None,
    }
}

/// Undoes the keys that are being made. Ends the process when a thread goes on all the same.
async fn abandon<T: Make>(
    plan: &Plan,
    mut running: JoinSet<Done<T>>,
    feed: &mut Feed<T::Key>,
    watched: &mut Watched,
    signal: Signal,
) {
    plan.stop.all();
    running.shutdown().await;
    if !rest(plan).await {
        feed.end().await;
        watched.end();
        interrupt::end_process(signal);
    }
}

/// Tells computations to stop when nobody waits for them any more.
struct Told(Stop);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.all();
    }
}

/// Waits until no thread computes; false when that takes too long. No thread can be ended from outside.
async fn rest(plan: &Plan) -> bool {
    let end = Instant::now() + GRACE;
    while plan.computes() && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    !plan.computes()
}

/// What became of one key, or of several that were made together.
struct Done<T: Make> {
    finished: Vec<Finished<T::Key>>,
    unbegun: Vec<Job<T::Key>>,
    late: Option<(T::Key, Begun<T>)>,
    is_undone: bool,
    /// The room that it took.
    slot: Slot,
}

impl<T: Make> Done<T> {
    fn one(finished: Finished<T::Key>, slot: Slot) -> Self {
        Self { finished: vec![finished], unbegun: Vec::new(), late: None, is_undone: false, slot }
    }
}

/// Makes a key, or several together.
async fn make<T: Make>(plan: Arc<Plan>, mut jobs: Vec<Job<T::Key>>, slot: Slot) -> Done<T> {
    if jobs.len() == 1
        && let Some(Job { key, .. }) = jobs.pop()
    {
        let begin = Instant::now();
        let outcome = match Work::<T>::new(&plan, &key) {
            Ok(work) => work.run().await,
            Err(error) => Err(error),
        };
        return Done::one((key, outcome, begin.elapsed().as_secs_f64()), slot);
    }
    let Together { finished, unbegun, late, is_undone } = together::run::<T>(&plan, jobs).await;
    Done { finished, unbegun, late, is_undone, slot }
}

/// Ends a key that others did not wait for.
async fn go_on<T: Make>(plan: Arc<Plan>, key: T::Key, begun: Begun<T>, slot: Slot) -> Done<T> {
    let record = begun.record;
    let outcome = match Work::<T>::new(&plan, &key) {
        Ok(work) => work.go_on(begun).await,
        Err(error) => Err(error),
    };
    Done::one((key, outcome, record.seconds()), slot)
}

struct Run<K> {
    report: PopulateReport<K>,
    watched: Watched,
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
        let report = &self.report;
        report.success_count + report.without_row + report.errors.len() + report.lost + report.postponed
    }

    /// Takes what came of a key; gives whether there are new rows.
    fn take(&mut self, (key, outcome, _): Finished<K>) -> bool {
        let is_made = matches!(outcome, Ok(Outcome::Made));
        match outcome {
            Ok(outcome) => {
                self.watched.done();
                match outcome {
                    Outcome::Made => self.report.success_count += 1,
                    Outcome::Skipped => self.report.skipped += 1,
                    Outcome::WithoutRow => self.report.without_row += 1,
                    Outcome::Lost => self.report.lost += 1,
                    Outcome::Postponed => self.report.postponed += 1,
                }
                if matches!(outcome, Outcome::Made | Outcome::Skipped) {
                    self.report.remaining = self.report.remaining.saturating_sub(1);
                }
            }
            Err(error) => {
                self.watched.failed(&error);
                // A schema that was stamped for others takes no further key.
                if self.suppress_errors && !error.is_of_guard() {
                    self.report.errors.push((key, error));
                } else {
                    tracing::debug!(%error, "a key failed");
                    self.failure.get_or_insert(error);
                }
            }
        }
        is_made
    }
}
