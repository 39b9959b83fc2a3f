//! Every public async verb, as the proofs run it that cancel it or break its connection.
//!
//! A verb that is added to the library has to be added here: a test reads the sources and compares.

#![allow(
    clippy::op_ref,
    clippy::semicolon_if_nothing_returned,
    clippy::wildcard_imports,
    reason = "one line a verb, as a program would write it"
)]

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::path::PathBuf;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use datajoint::{Instance, PopulateReport};

mod connecting;
mod declaring;
mod files;
mod queueing;
mod reading;
mod state;
mod tables;
mod transacting;
mod wish;
mod writing;

pub(crate) use state::{ENVIRONMENT, Rows, begin, prepare, reset, rows};
pub(crate) use tables::*;
pub(crate) use wish::Wish;

/// What a verb leaves when it does not come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// Every row as it was.
    Nothing,
    /// All of it, or nothing.
    Whole,
    /// A part of it, which the same verb takes up again.
    Steps,
}

/// What a verb gives, or why it failed.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The work of a verb.
pub type Work = Pin<Box<dyn Future<Output = Result<(), Box<dyn Error + Send + Sync>>>>>;

/// A verb as it is run.
#[derive(Clone, Copy)]
pub struct Verb {
    /// As in the documentation, such as `Relation::fetch`; what stands after a blank tells several of one verb apart.
    pub name: &'static str,
    /// What may be left of it.
    pub leaves: Leaves,
    /// False for one that gives nothing that could be compared.
    pub tells: bool,
    /// Begins it.
    pub run: fn(World) -> Work,
}

impl std::fmt::Debug for Verb {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

/// Where a verb is run.
#[derive(Clone, Debug)]
pub struct World {
    /// The client that is cancelled.
    pub dj: Instance,
    /// A folder with files to read, and for files to write.
    pub folder: PathBuf,
    /// How often what is [`cut`](Self::cut) may be polled.
    pub(crate) inner: Rc<Cell<Option<u32>>>,
    /// Whether a part of a verb that has to ask the server came to its end without waiting for an answer.
    idle: Rc<Cell<bool>>,
    /// What verbs returned that is compared: numbers above all.
    told: Rc<RefCell<Vec<String>>>,
}

impl World {
    /// A place for verbs.
    pub fn new(dj: Instance, folder: PathBuf) -> Self {
        Self { dj, folder, inner: Rc::default(), idle: Rc::default(), told: Rc::default() }
    }

    /// Runs the part of a verb that it is named for, where it is one of several: it has to ask the server something.
    pub(crate) async fn asks<F: Future>(&self, part: F) -> F::Output {
        let (output, polls) = Cut::new(part, u32::MAX).await;
        self.idle.set(self.idle.get() || polls < 2);
        output.unwrap_or_else(|| unreachable!("it is never cut"))
    }

    /// Whether such a part asked nothing since the last time.
    pub(crate) fn was_idle(&self) -> bool {
        self.idle.take()
    }

    /// Notes what a verb returned, which must be the same whatever answers were lost on the way.
    pub(crate) fn tell(&self, returned: impl std::fmt::Debug) {
        self.told.borrow_mut().push(format!("{returned:?}"));
    }

    /// The same of rows, in whatever order they came.
    pub(crate) fn tell_rows<R: std::fmt::Debug>(&self, rows: impl IntoIterator<Item = R>) {
        let mut rows: Vec<String> = rows.into_iter().map(|row| format!("{row:?}")).collect();
        rows.sort();
        self.tell((rows.len(), rows));
    }

    /// The same of a population: what became of its keys.
    pub(crate) fn tell_made<K>(&self, report: PopulateReport<K>) {
        let PopulateReport {
            success_count, errors, skipped, lost, postponed, without_row, remaining, ..
        } = report;
        self.tell((success_count, errors.len(), skipped, lost, postponed, without_row, remaining));
    }

    /// What was noted since the last time.
    pub(crate) fn told(&self) -> Vec<String> {
        self.told.take()
    }

    /// Drops a future inside of a verb when it was polled often enough, where that is asked for.
    pub(crate) async fn cut<F: Future>(&self, future: F) -> Option<F::Output> {
        let left = self.inner.take();
        let (output, polls) = Cut::new(future, left.unwrap_or(u32::MAX)).await;
        self.inner.set(left.map(|left| left.saturating_sub(polls)));
        output
    }
}

/// A future that is dropped after so many polls.
pub struct Cut<F> {
    future: Option<Pin<Box<F>>>,
    left: u32,
    polls: u32,
    /// How long the future stays, without being polled, before it is dropped.
    stays: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl<F: Future> Cut<F> {
    /// Polls a future so often at most. Gives what it gave, if it did, and how often it was polled.
    pub fn new(future: F, left: u32) -> Self {
        Self { future: Some(Box::pin(future)), left, polls: 0, stays: None }
    }

    /// Drops it a little later, when an answer that was on its way is there.
    pub fn late(mut self) -> Self {
        self.stays = Some(Box::pin(tokio::time::sleep(Duration::ZERO)));
        self
    }
}

impl<F: Future> Future for Cut<F> {
    type Output = (Option<F::Output>, u32);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if this.polls < this.left {
            this.polls += 1;
            if let Some(future) = &mut this.future
                && let Poll::Ready(output) = future.as_mut().poll(context)
            {
                return Poll::Ready((Some(output), this.polls));
            }
            if this.polls < this.left {
                return Poll::Pending;
            }
            if let Some(stays) = &mut this.stays {
                stays.as_mut().reset(tokio::time::Instant::now() + Duration::from_millis(3));
            }
        }
        if let Some(stays) = &mut this.stays
            && stays.as_mut().poll(context).is_pending()
        {
            return Poll::Pending;
        }
        this.future = None;
        Poll::Ready((None, this.polls))
    }
}

/// All verbs.
pub fn all() -> impl Iterator<Item = &'static Verb> {
    let changing = [writing::VERBS, transacting::VERBS, declaring::VERBS, queueing::VERBS];
    [reading::VERBS, connecting::VERBS, files::VERBS].into_iter().chain(changing).flatten()
}

/// What is run within other verbs alone, and by which.
const WITHIN: &[(&str, &str)] = &[
    ("AsDynamic::dynamic", "InsertColumns::insert_csv"),
    ("adapters::Backoff::again", "Populate::run"),
    ("Instance::audit_on", "Deployment::apply"),
    ("Instance::check_may_change_on", "Deployment::apply"),
    ("Instance::condition_of", "Jobs::outlook"),
    ("Instance::expression_of", "Jobs::refresh"),
    ("Instance::retry_transaction_while", "Instance::retry_transaction"),
    ("Worker::count_open", "Populate::run reserve_jobs"),
    ("Make::fetch", "Populate::run"),
    ("Make::insert", "Populate::run"),
    ("PlainMake::make", "Populate::run"),
    ("MadeRows::insert", "Populate::run"),
    ("MakeContext::insert", "Populate::run"),
    ("MakeContext::insert_many", "Populate::run"),
    ("InsertContext::insert", "Populate::run"),
    ("InsertContext::insert_many", "Populate::run"),
    ("Upstream::column", "Populate::run"),
    ("Upstream::count", "Populate::run"),
    ("Upstream::fetch", "Populate::run"),
    ("Upstream::fetch_as", "Populate::run"),
    ("Upstream::fetch_one", "Populate::run"),
    ("Upstream::fetch_one_as", "Populate::run"),
    ("Upstream::fetch_optional", "Populate::run"),
];

/// What may come to its end at once, and why it asks no server anything.
pub(crate) const AT_ONCE: &[(&str, &str)] = &[
    ("Dashboard::bind", "it takes an address of this machine"),
    ("Insert::stage", "it is refused before anything is sent"),
    ("adapters::Connection::announce", "nobody listens"),
    ("adapters::Database::acquire", "an idle connection is there"),
    ("adapters::Database::acquire_for", "an idle connection is there"),
    ("adapters::Database::announce", "nobody listens"),
    (
        "adapters::Listener::next",
        "a server that announces nothing has no listener, and one that was just made has its first word",
    ),
];

/// What is dropped by a test of its own: the verb, the file among the crates and the test, and why not here.
pub const ELSEWHERE: &[(&str, &str, &str, &str)] = &[
    (
        "Collection::plan",
        "datajoint-gc/tests/it/dropped.rs",
        "a_collection_that_is_dropped_at_any_await_is_taken_up_by_the_next",
        EVERY_SCHEMA,
    ),
    (
        "Collection::apply",
        "datajoint-gc/tests/it/dropped.rs",
        "a_collection_that_is_dropped_at_any_await_is_taken_up_by_the_next",
        EVERY_SCHEMA,
    ),
    (
        "Erasure::plan",
        "datajoint-gc/tests/it/dropped.rs",
        "an_erasure_that_is_dropped_at_any_await_leaves_no_row_without_its_object",
        EVERY_SCHEMA,
    ),
    (
        "Erasure::carry_out",
        "datajoint-gc/tests/it/dropped.rs",
        "an_erasure_that_is_dropped_at_any_await_leaves_no_row_without_its_object",
        EVERY_SCHEMA,
    ),
    (
        "Fsck::run",
        "datajoint-fsck/tests/it/dropped.rs",
        "a_comparison_that_is_dropped_at_any_await_leaves_everything_as_it_was",
        EVERY_SCHEMA,
    ),
    (
        "Serving::run",
        "datajoint-dashboard/tests/it/main.rs",
        "a_page_that_is_dropped_gives_its_address_back",
        "it ends by being dropped alone",
    ),
];

const EVERY_SCHEMA: &str = "it reads every schema of its server, those of other cases among them";

/// Their names, as in the documentation.
pub fn names() -> impl Iterator<Item = &'static str> {
    let within = WITHIN.iter().filter(|(_, by)| all().any(|verb| verb.name.starts_with(by)));
    all()
        .filter_map(|verb| verb.name.split_whitespace().next())
        .chain(within.map(|(name, _)| *name))
        .chain(ELSEWHERE.iter().map(|(name, ..)| *name))
}

impl Verb {
    /// Fails for one that told nothing and does not say so, or the other way round.
    pub(crate) fn assert_told(&self, told: &[String]) {
        let name = self.name;
        assert!(
            !self.tells || !told.is_empty(),
            "{name} tells nothing to be compared, and is not `silent` in its line"
        );
        assert!(self.tells || told.is_empty(), "{name} is `silent` in its line, and tells {told:?}");
    }
}

/// A table of verbs: name, what it leaves, `silent` where it tells nothing that could be compared, and the code that runs it
/// in a [`World`].
macro_rules! verbs {
    (@tells) => { true };
    (@tells silent) => { false };
    ($($name:literal $leaves:ident $($silent:ident)? |$world:ident| $body:block)*) => {
        pub(super) const VERBS: &[$crate::verbs::Verb] = &[$(
            $crate::verbs::Verb {
                name: $name,
                leaves: $crate::verbs::Leaves::$leaves,
                tells: verbs!(@tells $($silent)?),
                run: |$world| Box::pin(async move { $body; Ok(()) }),
            },
        )*];
    };
}
use verbs;
