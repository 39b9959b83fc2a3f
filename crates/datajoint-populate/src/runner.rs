//! A whole pipeline: each table as soon as there is something to make.

use std::collections::{BTreeMap, HashSet};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use datajoint_adapters::{Backoff, Heard, Listener, RetryPolicy};
use datajoint_jobs::Jobs;
use datajoint_pipeline::Instance;
use datajoint_pipeline::typed::TableSpec;
use datajoint_schema::Table;
use tokio::sync::{Mutex, Notify, Semaphore, mpsc};
use tokio::task::JoinSet;
use tracing::Instrument as _;

use crate::alert::Alerts;
use crate::interrupt::{Interrupt, Signal};
use crate::run::joined;
use crate::slots::Slots;
use crate::{Error, Made, Maker, Makers, Orders};

/// How long it waits before it looks again at tables for which nothing was to do: with what chance adds, less than a second.
const IDLE: RetryPolicy = RetryPolicy::new(Duration::from_millis(50), Duration::from_millis(400), None);

/// The longest pause between two looks at a table above which rows come all the time.
const LONGEST: Duration = Duration::from_secs(1);

/// How much of such a pause need not be waited for: rows that come after a while are found at once.
const CREDIT: Duration = Duration::from_millis(500);

/// How many tables look for keys at the same time. A program that waits for work has one session more than that: the one that
/// was used last comes back to the pool a moment later.
const LOOKS: usize = 1;

/// Populates the tables of a pipeline, all at once: those below go on as those above are filled. Nothing happens before
/// [`run`](Self::run).
///
/// ```
/// # use datajoint::prelude::*;
/// use datajoint::{Maker, Run};
///
/// # schema!("lab");
/// #[table(Manual)]
/// /// image_id : int32
/// pub struct Image;
///
/// #[table(Computed)]
/// /// -> Image
/// pub struct Seen;
///
/// #[table(Computed)]
/// /// -> Seen
/// pub struct Told;
///
/// impl PlainMake for Seen {
///     async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
///         cx.insert(SeenRow { image_id: cx.key().image_id }).await
///     }
/// }
///
/// impl PlainMake for Told {
///     async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
///         cx.insert(ToldRow { image_id: cx.key().image_id }).await
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
/// Image.insert(&dj, (0..20).map(ImageRow::new)).await?;
///
/// let made = Run::new([Maker::of::<Told>(), Maker::of::<Seen>()]).workers(2).run(&dj).await?;
/// assert_eq!(made.iter().map(|made| (made.table, made.success_count)).collect::<Vec<_>>(), [("Seen", 20), ("Told", 20)]);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is made before `run`"]
#[derive(Debug, Clone)]
pub struct Run {
    makers: Vec<Maker>,
    orders: Orders,
    resources: BTreeMap<String, usize>,
    stays: bool,
}

impl Run {
    /// Of these tables, upstream first whatever their order. Keys are reserved, and errors suppressed.
    pub fn new(makers: impl IntoIterator<Item = Maker>) -> Self {
        let orders = Orders { reserve_jobs: true, suppress_errors: true, ..Orders::default() };
        Self { makers: upstream_first(makers), orders, resources: BTreeMap::new(), stays: false }
    }

    /// Of every table of a pipeline that has a `make`: the same as `new` with all of them.
    pub fn of<P: Makers>() -> Self {
        Self::new(P::makers())
    }

    /// How each table is populated, other than by default.
    pub fn orders(mut self, orders: Orders) -> Self {
        self.orders = orders;
        self
    }

    /// Makes so many keys at the same time, of all tables together.
    pub fn workers(mut self, workers: usize) -> Self {
        self.orders.workers = workers.max(1);
        self
    }

    /// Lets so many keys of tables with this [resource](crate::Make::RESOURCES) be made at the same time. Of a resource that
    /// is not named, it is one.
    pub fn resource(mut self, name: impl Into<String>, number: usize) -> Self {
        self.resources.insert(name.into(), number.max(1));
        self
    }

    /// Waits no longer than this for the keys that are being made, once SIGTERM or Ctrl-C came: see
    /// [`Populate::grace`](crate::Populate::grace).
    pub fn grace(mut self, grace: Duration) -> Self {
        self.orders.grace = Some(grace);
        self
    }

    /// Whether it goes on when nothing is left to do, and waits for rows to come, until a signal ends it.
    pub fn stay(mut self, stay: bool) -> Self {
        self.stays = stay;
        self
    }

    /// Populates the tables until no job is due in any of them. Gives what was made, upstream first.
    ///
    /// Ctrl-C and SIGTERM end it as they end [`Populate::run`](crate::Populate::run).
    /// Fails, after the keys that were being made have come to their end, with the first error that is not one of a key.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the keys that are being made are undone; those that were made last. A `compute` that has begun runs to its end on its thread, and its result is thrown away.
    pub async fn run(self, dj: &Instance) -> Result<Vec<Made>, Error> {
        let interrupt = Interrupt::new(true);
        let mut pressed = pin!(interrupt.pressed());
        let (news, mut heard) = mpsc::unbounded_channel();
        let alerts = Alerts::default();
        let room = self.room();
        let looks = Slots::new(vec![Arc::new(Semaphore::new(LOOKS))]);
        let mut tables: Vec<State> =
            self.makers.iter().map(|maker| State::new(maker, &self.makers, dj)).collect();
        let mut running: JoinSet<(usize, Result<Made, Error>, Duration)> = JoinSet::new();
        let (mut failure, mut signal) = (None, None);
        let mut listener = if self.stays { dj.database().listen() } else { None };
        let mut idle = pin!(pause(IDLE.start()));
        loop {
            if failure.is_none() && signal.is_none() {
                for (place, table) in tables.iter_mut().enumerate() {
                    if table.begins() {
                        let news = Some((news.clone(), place));
                        let (looks, woken) = (looks.clone(), Some(Arc::clone(&table.woken)));
                        let (slots, jobs) = (room(table.maker), Arc::clone(&table.jobs));
                        let shared = Shared { slots, looks, news, woken, jobs, alerts: alerts.clone() };
                        let populate = table.maker.run_with(dj, self.orders.clone(), shared);
                        let population = async move {
                            let begin = Instant::now();
                            (place, populate.await, begin.elapsed())
                        };
                        running.spawn(population.in_current_span());
                    }
                }
            }
            let goes_on = failure.is_none() && signal.is_none();
            if running.is_empty() && (!goes_on || (!self.stays && tables.iter().all(|table| !table.is_due))) {
                break;
            }
            let rest = tables.iter().filter_map(State::rest).min();
            tokio::select! {
                Some(done) = running.join_next(), if !running.is_empty() => {
                    let Some((place, outcome, took)) = joined(done) else { continue };
                    match outcome {
                        Ok(made) => {
                            if made.success_count > 0 {
                                wake_below(&mut tables, place);
                                idle.set(pause(IDLE.start()));
                            }
                            tables[place].ends(made, took);
                        }
                        Err(error) => failure = failure.or(Some(error)),
                    }
                }
                Some(place) = heard.recv() => wake_below(&mut tables, place),
                news = hear(&mut listener), if goes_on => {
                    for table in tables.iter_mut().filter(|table| table.hears(&news)) {
                        table.wake();
                    }
                }
                found = &mut pressed => {
                    signal = Some(found);
                    pressed.set(interrupt.pressed());
                }
                backoff = &mut idle, if goes_on && self.stays => {
                    tables.iter_mut().for_each(State::wake);
                    idle.set(pause(backoff));
                }
                () = tokio::time::sleep(rest.unwrap_or_default()), if goes_on && rest.is_some() => {}
            }
        }
        signal = signal.or(alerts.rest(signal.is_some(), pressed.as_mut()).await);
        match failure {
            Some(error) => Err(error),
            None => Ok(tables.into_iter().map(|table| table.total(signal)).collect()),
        }
    }

    /// The room for the keys of each table.
    fn room(&self) -> impl Fn(Maker) -> Slots + use<> {
        let all = Arc::new(Semaphore::new(self.orders.workers.max(1)));
        let names = self.makers.iter().flat_map(Maker::resources);
        let number = |name: &str| self.resources.get(name).copied().unwrap_or(1);
        let rooms: BTreeMap<&'static str, Arc<Semaphore>> =
            names.map(|name| (*name, Arc::new(Semaphore::new(number(name))))).collect();
        move |maker| {
            let taken: HashSet<&str> = maker.resources().iter().copied().collect();
            let own =
                rooms.iter().filter(|(name, _)| taken.contains(**name)).map(|(_, room)| Arc::clone(room));
            Slots::new(own.chain([Arc::clone(&all)]).collect())
        }
    }
}

/// What the populations of a run have in common.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shared {
    pub(crate) slots: Slots,
    /// How many tables look for keys at the same time, each by a session.
    pub(crate) looks: Slots,
    /// Who is told that rows came, and of which table.
    news: Option<(mpsc::UnboundedSender<usize>, usize)>,
    /// What tells the population that there may be more to make.
    woken: Option<Arc<Notify>>,
    /// The queue of the jobs, once it was opened.
    jobs: Arc<Mutex<Option<Jobs>>>,
    /// Who is told when too many keys fail.
    pub(crate) alerts: Alerts,
}

impl Shared {
    /// True for what tables of a run share, which goes on when one of them is through.
    pub(crate) const fn is_of_run(&self) -> bool {
        self.news.is_some()
    }

    /// The queue of the jobs of a table, which was looked up once.
    pub(crate) async fn jobs(&self, dj: &Instance, table: &Arc<Table>) -> Result<Jobs, Error> {
        let mut known = self.jobs.lock().await;
        if let Some(jobs) = &*known {
            return Ok(jobs.clone());
        }
        let jobs = Jobs::open(dj, table).await?;
        Ok(known.insert(jobs).clone())
    }

    /// Has the queue looked up again; false when it was not known.
    pub(crate) async fn forget_jobs(&self) -> bool {
        self.jobs.lock().await.take().is_some()
    }

    /// Tells that rows came.
    pub(crate) fn tell(&self) {
        if let Some((news, place)) = &self.news {
            let _ = news.send(*place);
        }
    }

    /// Waits until there may be more to make.
    pub(crate) async fn woken(&self) {
        match &self.woken {
            Some(woken) => woken.notified().await,
            None => std::future::pending().await,
        }
    }
}

/// Waits as long as the rule says; gives it back for the next time.
async fn pause(mut backoff: Backoff) -> Backoff {
    backoff.again().await;
    backoff
}

async fn hear(listener: &mut Option<Listener>) -> Heard {
    match listener {
        Some(listener) => listener.next().await,
        None => std::future::pending().await,
    }
}

/// A table of a run.
struct State {
    maker: Maker,
    /// The places of the tables below it.
    below: Vec<usize>,
    /// The names of the tables from which there is more to make when they have new rows: its parents, and its jobs.
    sources: Vec<String>,
    /// What tells its population that there may be more to make.
    woken: Arc<Notify>,
    /// The queue of its jobs, once it was opened.
    jobs: Arc<Mutex<Option<Jobs>>>,
    /// True when there may be something to make.
    is_due: bool,
    runs: bool,
    /// When it may begin again: a table that is looked at again and again is not looked at all the time.
    next: Instant,
    made: Option<Made>,
}

impl State {
    fn new(maker: &Maker, all: &[Maker], dj: &Instance) -> Self {
        let is_below =
            |other: &&Maker| ancestors(other.spec()).iter().any(|spec| is_same(spec, maker.spec()));
        let places = all.iter().enumerate().filter(|(_, other)| is_below(other));
        let below = places.map(|(place, _)| place).collect();
        // A table that can't be resolved is an error as soon as it is populated.
        let name = |spec| dj.resolve(spec).ok().map(|table| table.name.clone());
        let parents = maker.spec().parents.iter().filter_map(|parent| name(parent()));
        let sources = parents.chain(name(maker.spec()).map(|own| own.jobs()));
        Self {
            maker: *maker,
            below,
            sources: sources.map(|source| source.to_string()).collect(),
            woken: Arc::default(),
            jobs: Arc::default(),
            is_due: true,
            runs: false,
            next: Instant::now(),
            made: None,
        }
    }

    /// True when there may be something to make after what was heard.
    fn hears(&self, heard: &Heard) -> bool {
        match heard {
            Heard::Table(name) => self.sources.iter().any(|source| **source == **name),
            _ => true,
        }
    }

    /// Notes that there may be something to make, and tells those who are at work on it.
    fn wake(&mut self) {
        self.is_due = true;
        if self.runs {
            self.woken.notify_one();
        }
    }

    /// True when it is to begin now; notes that it has.
    fn begins(&mut self) -> bool {
        let begins = self.is_due && !self.runs && self.next <= Instant::now() + CREDIT;
        if begins {
            (self.is_due, self.runs) = (false, true);
        }
        begins
    }

    /// For how long it is to wait, if it waits to begin.
    fn rest(&self) -> Option<Duration> {
        (self.is_due && !self.runs).then(|| self.next.saturating_duration_since(Instant::now() + CREDIT))
    }

    fn ends(&mut self, made: Made, took: Duration) {
        self.runs = false;
        // What finds little to do takes a fifth of the time at most, in the long run.
        let now = Instant::now();
        let rest = if made.success_count < 10 { took * 4 } else { Duration::ZERO };
        self.next = (self.next.max(now) + rest).min(now + LONGEST + CREDIT);
        match &mut self.made {
            Some(total) => total.add(made),
            None => self.made = Some(made),
        }
    }

    fn total(self, signal: Option<Signal>) -> Made {
        let mut made = self.made.unwrap_or_else(|| Made::nothing(self.maker.spec().class_name));
        made.stopped |= signal.is_some();
        made.terminated |= signal == Some(Signal::Terminate);
        made
    }
}

fn wake_below(tables: &mut [State], place: usize) {
    for below in tables[place].below.clone() {
        tables[below].wake();
    }
}

fn is_same(one: &TableSpec, other: &TableSpec) -> bool {
    one.rust_path == other.rust_path
}

/// The tables above a table.
fn ancestors(spec: &'static TableSpec) -> Vec<&'static TableSpec> {
    let mut found: Vec<&'static TableSpec> = Vec::new();
    let mut open: Vec<&'static TableSpec> = spec.parents.iter().map(|parent| parent()).collect();
    while let Some(next) = open.pop() {
        if !found.iter().any(|known| is_same(known, next)) && !is_same(next, spec) {
            found.push(next);
            open.extend(next.parents.iter().map(|parent| parent()));
        }
    }
    found
}

/// The same, each after those above it.
fn upstream_first(makers: impl IntoIterator<Item = Maker>) -> Vec<Maker> {
    let mut rest: Vec<Maker> = makers.into_iter().collect();
    let mut ordered = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let is_first = |maker: &Maker| {
            let above = ancestors(maker.spec());
            !rest.iter().any(|other| above.iter().any(|spec| is_same(spec, other.spec())))
        };
        let place = rest.iter().position(is_first).unwrap_or_default();
        ordered.push(rest.remove(place));
    }
    ordered
}
