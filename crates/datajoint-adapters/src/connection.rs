use std::sync::Arc;
use std::time::{Duration, Instant};

use datajoint_definition::Backend;
use datajoint_sql::{InsertMode, Statement, Value};
use futures_util::future::BoxFuture;
use tokio::sync::OwnedSemaphorePermit;

use crate::course::{Course, Failure};
use crate::driver::{Driver, Handed, Next, Rows};
use crate::holders::{Holding, Purpose};
use crate::rest::Rest;
use crate::shelf::Shelf;
use crate::writers::{Turn, Within};
use crate::{Error, FailedInsert, InsertPlan, Kind, Result, bulk};

/// How a transaction came to its end whose server would have sent more rows than are read for nothing.
const UNREAD: &str = "the rows of a query in it were left, and were too many to be read for nothing, so that its connection was given up";

/// One connection of a pool, for as long as it is kept.
///
/// When it is dropped while a statement is on its way, also by a cancelled future, it is closed, and the server is told to end that
/// statement, which otherwise might wait for a lock and change something later. So is one whose [transaction](crate::Transaction) has not ended.
pub struct Connection {
    pub(crate) backend: Backend,
    /// There until it is dropped.
    driver: Option<Box<dyn Driver>>,
    flow: Flow,
    /// Since when it is in use.
    lent: Instant,
    /// True when it was made, or asked whether it is there still, as it was lent.
    was_asked: bool,
    /// True when it is not to be used again.
    ends: bool,
    /// How its transaction stands, if it is in one.
    course: Option<Course>,
    /// Leave to write, for as long as its transaction lasts, or the one statement that writes.
    turn: Option<Turn>,
    /// How many statements other than queries went well on it.
    writes: u64,
    /// True while a failure is asked about.
    asks: bool,
    shelf: Arc<Shelf>,
    holding: Holding,
    _permit: OwnedSemaphorePermit,
}

/// What is known of the last statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// It ran to its end, so that the next can follow at once.
    Settled,
    /// The server refused it. The session is in order, as the pool makes sure.
    Refused,
    /// It is on its way, or its answer was lost or left unread: the connection is of no use any more.
    Unknown,
}

impl Connection {
    pub(crate) fn new(
        backend: Backend,
        (driver, was_asked): (Box<dyn Driver>, bool),
        shelf: Arc<Shelf>,
        (permit, holding): (OwnedSemaphorePermit, Holding),
    ) -> Self {
        Self {
            backend,
            driver: Some(driver),
            flow: Flow::Settled,
            lent: Instant::now(),
            was_asked,
            ends: false,
            course: None,
            turn: None,
            writes: 0,
            asks: false,
            shelf,
            holding,
            _permit: permit,
        }
    }

    #[expect(clippy::expect_used, reason = "the driver is taken only when the connection is dropped")]
    pub(crate) fn driver(&mut self) -> &mut dyn Driver {
        self.driver.as_deref_mut().expect("a connection that is not dropped")
    }

    /// Notes that a statement begins: until it is [`settled`](Self::settled), the connection must not serve again.
    ///
    /// Fails when an earlier one was cancelled or broken off, and in a transaction in which one failed.
    pub(crate) fn start(&mut self) -> Result<&mut dyn Driver> {
        self.check()?;
        Ok(self.start_anyway())
    }

    /// The same, whatever failed before.
    pub(crate) fn start_anyway(&mut self) -> &mut dyn Driver {
        self.flow = Flow::Unknown;
        self.shelf.sends();
        self.driver()
    }

    /// True when a statement was cancelled or broken off.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.flow == Flow::Unknown
    }

    /// Fails unless the connection takes a statement.
    pub(crate) fn check(&self) -> Result<()> {
        if let Some(course) = &self.course {
            if self.flow == Flow::Unknown {
                course.end(Failure::from(&Error::Interrupted));
            }
            course.check()?;
        }
        if self.flow == Flow::Unknown { Err(Error::Interrupted) } else { Ok(()) }
    }

    /// Notes that a statement has ended. One whose connection was lost in a transaction ended that, too.
    pub(crate) fn settled<T>(&mut self, outcome: Result<T>) -> Result<T> {
        match (self.noted(outcome), &self.course) {
            // A verb's own says what was done, and to what.
            (Err(error), Some(course))
                if error.is_connection_lost() && self.holding.purpose != Purpose::Statement =>
            {
                course.check()?;
                Err(error)
            }
            (outcome, _) => outcome,
        }
    }

    /// The same for what begins or ends transactions.
    pub(crate) fn noted<T>(&mut self, mut outcome: Result<T>) -> Result<T> {
        if let Err(Error::Server { kind: Kind::ReadOnly, message, .. }) = &mut outcome
            && !self.shelf.server().is_empty()
        {
            message.push_str(" (said by ");
            message.push_str(self.shelf.server());
            message.push(')');
        }
        match &outcome {
            Ok(_) => self.flow = Flow::Settled,
            Err(error) if error.is_before_sending() => self.flow = Flow::Settled,
            Err(error) => {
                if error.is_refusal() {
                    self.flow = Flow::Refused;
                }
                self.ends |= self.shelf.doubts().raised_by(error);
                if error.is_connection_lost() {
                    // Those that wait there may be lost with it.
                    self.shelf.give_back();
                }
                if let Some(course) = &self.course {
                    course.note(error, self.backend);
                }
            }
        }
        outcome
    }

    /// True for an error by which a connection was lost that had been in use before, and was not asked since whether it is there
    /// still: what was sent by it may never have arrived.
    ///
    /// A query that loses another one may be the reason itself.
    #[doc(hidden)]
    pub fn was_worn(&self, error: &Error) -> bool {
        !self.was_asked && error.is_connection_lost()
    }

    /// The kind of database.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Runs a statement; gives the number of rows it changed.
    ///
    /// Fails for a text of several statements, as do the other verbs: one is sent in a call. Fails with
    /// [`Error::CommitUnknown`] when the answer was lost outside of a transaction.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the connection is closed, and nobody is told whether the statement was carried out.
    pub fn execute<'a>(&'a mut self, statement: &'a Statement) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async {
            let statement = self.admit(statement).await?;
            self.wait_to_write().await?;
            let mut outcome = self.start()?.execute(statement).await;
            if self.may_be_sent_again(outcome.as_ref().err()).await {
                outcome = self.driver().execute(statement).await;
            }
            self.written(outcome)
        })
    }

    /// Runs a statement that inserts the rows of a query in this mode; gives how many were inserted, those that it passed over
    /// left out.
    ///
    /// Fails as [`execute`](Self::execute) does.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the connection is closed, and nobody is told whether the statement was carried out.
    pub fn insert_query<'a>(
        &'a mut self,
        statement: &'a Statement,
        mode: InsertMode,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let statement = self.admit(statement).await?;
            self.wait_to_write().await?;
            self.start()?;
            let mut outcome = bulk::insert_query(self, statement, mode).await;
            if self.may_be_sent_again(outcome.as_ref().err()).await {
                outcome = bulk::insert_query(self, statement, mode).await;
            }
            self.written(outcome)
        })
    }

    /// Runs a statement that changes rows and gives some, such as those of `RETURNING`; returns these.
    ///
    /// Fails with [`Error::CommitUnknown`] when the answer was lost outside of a transaction.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the connection is closed, and nobody is told whether the statement was carried out.
    pub fn execute_returning<'a>(
        &'a mut self,
        statement: &'a Statement,
    ) -> BoxFuture<'a, Result<Vec<Vec<Value>>>> {
        Box::pin(async {
            let statement = self.admit(statement).await?;
            self.wait_to_write().await?;
            let mut rows = All(Vec::new());
            // A statement whose rows are left unread may not have come to its end.
            let mut outcome = self.start()?.rows(statement, &mut rows, Rest::Whole).await;
            if self.may_be_sent_again(outcome.as_ref().err()).await {
                outcome = self.driver().rows(statement, &mut rows, Rest::Whole).await;
            }
            let Handed { fault, .. } = self.written(outcome)?;
            fault.map_or(Ok(rows.0), Err)
        })
    }

    /// Waits until this connection may write, where one client does at a time; a transaction that writes may already.
    ///
    /// It may until the statement has ended, also when nobody waits for that any more.
    pub(crate) async fn wait_to_write(&mut self) -> Result<()> {
        self.check()?;
        if self.course.is_none() && self.turn.is_none() {
            self.turn = self.shelf.turn(self.holding.purpose).await?;
        }
        Ok(())
    }

    /// Lets others write, outside of a transaction.
    pub(crate) fn has_written(&mut self) {
        if self.course.is_none() && !self.is_interrupted() {
            self.turn = None;
        }
    }

    /// Forgets what is kept prepared after a statement that failed because of that, also within a transaction, which is tried
    /// again on this connection; true when the statement may be sent again, since nothing else was undone with it.
    async fn may_be_sent_again(&mut self, error: Option<&Error>) -> bool {
        let may_be = match error.and_then(Error::kind) {
            Some(Kind::Outdated) => self.course.is_none(),
            // It was not even prepared.
            Some(Kind::TooManyPrepared) => true,
            _ => return false,
        };
        self.driver().forget().await.is_ok() && may_be
    }

    /// Notes that a statement that may have changed something has ended.
    fn written<T>(&mut self, outcome: Result<T>) -> Result<T> {
        let outcome = self.settled(outcome);
        self.has_written();
        self.writes += u64::from(outcome.is_ok());
        match outcome {
            // By itself it would have been a transaction.
            Err(error) if self.course.is_none() && error.is_answer_lost() => Err(Error::unknown(error)),
            outcome => outcome,
        }
    }

    /// Runs statements that are not worth keeping prepared, one after the other.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the connection is closed, and nobody is told whether the statement was carried out.
    pub fn script<'a>(&'a mut self, statements: &'a [Statement]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for statement in statements {
                self.check_one(&statement.sql)?;
            }
            for (done, statement) in statements.iter().enumerate() {
                let outcome = if statement.parameters.is_empty() {
                    self.wait_to_write().await?;
                    let outcome = self.start()?.one(&statement.sql).await;
                    self.written(outcome)
                } else {
                    self.execute(statement).await.map(drop)
                };
                self.note_half_way(done, &outcome);
                outcome?;
            }
            Ok(())
        })
    }

    /// Sends what others are told, or what the session is set to, which changes no rows.
    pub(crate) async fn send(&mut self, sql: &str) -> Result<()> {
        let outcome = self.start()?.raw(sql).await;
        self.settled(outcome)
    }

    /// All rows of a query.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the connection is closed.
    pub fn fetch<'a>(&'a mut self, statement: &'a Statement) -> BoxFuture<'a, Result<Vec<Vec<Value>>>> {
        Box::pin(async {
            let mut rows = Vec::new();
            self.for_each::<Error, _>(statement, |row| {
                rows.push(std::mem::take(row));
                Ok(())
            })
            .await?;
            Ok(rows)
        })
    }

    /// Hands each row of a query to a function, in one buffer that is used again.
    ///
    /// What the function gives ends the query when it is an error. A transaction goes on after that, unless its server has many more
    /// rows to send, more than 65,536 or 16 MiB of them: then it is over, rather than that all are read for nothing.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the connection is closed.
    pub async fn for_each<E, F>(&mut self, statement: &Statement, each: F) -> Result<(), E>
    where
        E: From<Error>,
        F: FnMut(&mut Vec<Value>) -> Result<(), E> + Send,
        E: Send,
    {
        let mut rows = Each { each, failure: None };
        let outcome = self.hand_over(statement, &mut rows).await;
        match rows.failure {
            Some(failure) => Err(failure),
            None => Ok(outcome?),
        }
    }

    /// Hands over the rows of a query, until no more are wanted.
    pub(crate) fn hand_over<'a>(
        &'a mut self,
        statement: &'a Statement,
        rows: &'a mut dyn Rows,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async {
            let statement = self.admit(statement).await?;
            let rest = if self.course.is_some() { Rest::OfTransaction } else { Rest::Few };
            let driver = if let (true, false, Some(course)) = (self.asks, self.is_interrupted(), &self.course)
            {
                course.check_answers(self.backend)?;
                self.start_anyway()
            } else {
                self.start()?
            };
            let mut outcome = driver.rows(statement, rows, rest).await;
            if self.may_be_sent_again(outcome.as_ref().err()).await {
                outcome = self.driver().rows(statement, rows, rest).await;
            }
            let Handed { is_whole, fault } = self.settled(outcome)?;
            if !is_whole {
                self.flow = Flow::Unknown;
                if let Some(course) = &self.course {
                    course.end(Failure::new(UNREAD.to_owned()));
                }
            }
            fault.map_or(Ok(()), Err)
        })
    }

    /// Inserts rows as planned; returns the row count.
    ///
    /// When the plan [needs a transaction](InsertPlan::needs_transaction) and there is none, a failure leaves the rows of
    /// earlier statements.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the connection is closed, and nobody is told whether the rows were inserted.
    pub fn bulk_insert<'a>(
        &'a mut self,
        plan: &'a InsertPlan<'_>,
    ) -> BoxFuture<'a, Result<u64, FailedInsert>> {
        Box::pin(async {
            let refused = |error| FailedInsert { rows: plan.rows(), error };
            self.wait_to_write().await.map_err(refused)?;
            self.start().map_err(refused)?;
            let mut carried = bulk::carry_out(self, plan).await;
            if let Err(FailedInsert { error, .. }) = &carried
                && self.may_be_sent_again(Some(error)).await
                && !plan.needs_transaction()
            {
                carried = bulk::carry_out(self, plan).await;
            }
            let (rows, outcome) = match carried {
                Ok(inserted) => (plan.rows(), Ok(inserted)),
                Err(FailedInsert { rows, error }) => (rows, Err(error)),
            };
            let outcome = self.written(outcome);
            self.note_half_way(rows.start, &outcome);
            outcome.map_err(|error| FailedInsert { rows, error })
        })
    }

    /// Notes that a verb failed after so much of it was carried out; also when what failed was not sent, since the rest was.
    fn note_half_way<T>(&self, done: usize, outcome: &Result<T>) {
        if let (1.., Err(error), Some(course)) = (done, outcome, &self.course) {
            course.note(error, self.backend);
        }
    }

    /// Waits for locks at most so long from now on, where that is not a setting of its session.
    #[doc(hidden)]
    pub fn wait_at_most(&mut self, patience: Duration) {
        self.driver().wait_at_most(patience);
    }

    /// Makes the connection end instead of going back to the pool, as one must whose session was set to something.
    pub fn end_on_drop(&mut self) {
        self.ends = true;
    }

    /// Lets it go back to the pool after all, since its session is as it was before
    /// [`end_on_drop`](Self::end_on_drop).
    pub fn keep_on_drop(&mut self) {
        self.ends = false;
    }

    /// Notes that a transaction has begun.
    pub(crate) fn enter(&mut self, course: Course) {
        self.course = Some(course);
    }

    /// Notes that its transaction has ended.
    pub(crate) fn leave(&mut self) {
        self.course = None;
        self.turn = None;
    }

    /// Returns what runs a function that its transaction waits for: what would write beside that, where one client does
    /// at a time, fails at once.
    pub fn within(&self) -> Within {
        Within::of(self.turn.as_ref())
    }

    pub(crate) const fn course(&self) -> Option<&Course> {
        self.course.as_ref()
    }

    /// How many statements other than queries went well on it.
    pub const fn writes(&self) -> u64 {
        self.writes
    }

    /// Notes that something failed in the transaction that can only be undone with it, or by a savepoint.
    pub fn fail(&self, text: String) {
        if let Some(course) = &self.course {
            course.fail(Failure::new(text));
        }
    }

    /// Says better what failed first in the transaction than the server did.
    pub fn explain_failure(&self, text: String) {
        if let Some(course) = &self.course {
            course.explain(text);
        }
    }

    /// Whether queries may ask about what failed in the transaction, where the server answers still.
    pub fn ask_about_failure(&mut self, asks: bool) {
        self.asks = asks;
    }
}

/// A function that takes the rows, until it fails.
struct Each<E, F> {
    each: F,
    failure: Option<E>,
}

impl<E: Send, F: FnMut(&mut Vec<Value>) -> Result<(), E> + Send> Rows for Each<E, F> {
    fn take(&mut self, row: &mut Vec<Value>) -> Next {
        match (self.each)(row) {
            Ok(()) => Next::Row,
            Err(failure) => {
                self.failure = Some(failure);
                Next::Stop
            }
        }
    }
}

/// All rows.
pub(crate) struct All(pub(crate) Vec<Vec<Value>>);

impl Rows for All {
    fn take(&mut self, row: &mut Vec<Value>) -> Next {
        self.0.push(std::mem::take(row));
        Next::Row
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some(driver) = self.driver.take() else { return };
        // Nothing can be sent outside of a runtime.
        let is_lost = tokio::runtime::Handle::try_current().is_err();
        let ends = self.ends || self.course.is_some();
        if self.flow == Flow::Unknown && !is_lost {
            // What ends its session may need one of them.
            self.shelf.give_back();
        }
        match self.flow {
            Flow::Unknown => driver.abandon(self.turn.take()),
            _ if is_lost => driver.detach(),
            _ if ends => driver.close(),
            Flow::Settled => self.shelf.put(driver, self.lent),
            Flow::Refused => drop(driver),
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Connection({})", self.backend)
    }
}
