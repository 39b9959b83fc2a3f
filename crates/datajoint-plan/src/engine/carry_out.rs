//! Runs the steps of an item.

use datajoint_adapters::{Connection, Kind};
use datajoint_pipeline::AuditOutcome;
use datajoint_sql::{Access, Statement};

use super::failure::{Failure, lock_lost};
use super::session::Session;
use crate::blocker::blockers;
use crate::{Item, Purpose, Shared, State, Step, Task};

/// What is noted of an item in the audit of its schema: one entry where one transaction holds all of it, else one before it
/// begins, too.
#[derive(Debug, Default)]
struct Audit {
    /// True where one transaction holds all.
    is_whole: bool,
    is_begun: bool,
    /// True for its last steps.
    is_last: bool,
}

impl Audit {
    /// Steps of it are next.
    fn of(&mut self, steps: &[Step], is_first: bool, is_last: bool) {
        self.is_whole = is_first && is_last && steps.iter().all(Step::is_together);
        self.is_last = is_last;
    }

    /// True where it is to be noted that it begins.
    const fn begins(&self) -> bool {
        !self.is_whole && !self.is_begun
    }
}

impl Session<'_> {
    /// Carries out an item, where that may be: runs its steps; those that can be undone, together. All that is carried
    /// out is carried out here.
    pub(super) async fn carry_out(&mut self, item: &Item) -> State {
        let mut untold = Some(self.watch);
        let mut audit = Audit::default();
        let mut parts =
            item.statements.chunk_by(|one, other| one.is_together() && other.is_together()).peekable();
        let mut is_first = true;
        while let Some(steps) = parts.next() {
            let is_last = parts.peek().is_none();
            audit.of(steps, std::mem::take(&mut is_first), is_last);
            let may_be_tried_again = steps.iter().all(|step| step.atomicity.may_be_tried_again());
            let mut backoff = self.policy.retry().start();
            loop {
                if let Err(error) = self.lock.check().await {
                    self.is_lost = true;
                    return lock_lost(&error, self.activity);
                }
                // It may take hours, and wait for locks: what is stamped meanwhile counts for each try.
                let outcome = match self.check_stamp(item).await {
                    Ok(()) => {
                        if let Some(watch) = untold.take() {
                            watch(item);
                        }
                        self.run_once(item, steps, &mut audit).await
                    }
                    Err(failure) => Err(failure),
                };
                let Err(failure) = outcome else { break };
                let in_the_way = match failure.of_database().and_then(datajoint_adapters::Error::kind) {
                    Some(Kind::LockTimeout) => blockers(&mut self.connection, item.table.as_ref()).await,
                    _ => String::new(),
                };
                if failure.is_retryable() && may_be_tried_again && !backoff.is_over() {
                    tracing::info!(object = item.object, in_the_way, "trying again");
                    backoff.again().await;
                    continue;
                }
                if audit.is_begun
                    && let Ok(noted) = self.journal.audit(item, AuditOutcome::Failed)
                {
                    // The first error is the one that tells; an entry that says no more than that it began does so, too.
                    let _ = note(&mut self.connection, noted.as_slice()).await;
                }
                return self.failed(&failure, item, backoff.tries(), &in_the_way);
            }
        }
        State::Changed
    }

    /// Fails when the stamp of the schema of an item forbids now what is under way. Reads it on the connection of the session.
    async fn check_stamp(&mut self, item: &Item) -> Result<(), Failure> {
        let schemas = std::slice::from_ref(&item.schema);
        Ok(self.dj.check_may_change_on(&mut self.connection, self.activity.action, schemas).await?)
    }

    /// How it stands with an item that failed so. Where nobody knows, the session is of no use any more.
    fn failed(&mut self, failure: &Failure, item: &Item, tries: usize, in_the_way: &str) -> State {
        self.is_lost |= failure.is_unknown();
        failure.state(item, self.activity, tries, in_the_way)
    }

    /// Runs steps once, with time for those that block nobody.
    async fn run_once(&mut self, item: &Item, steps: &[Step], audit: &mut Audit) -> Result<(), Failure> {
        if !steps.iter().any(|step| step.atomicity.may_wait()) {
            return self.run_and_note(item, steps, audit).await;
        }
        self.wait_for(self.policy.concurrent).await?;
        let outcome = self.run_and_note(item, steps, audit).await;
        let is_set_back = self.wait_for(self.policy.lock_timeout).await;
        // The first error is the one that tells.
        outcome?;
        Ok(is_set_back?)
    }

    async fn run_and_note(&mut self, item: &Item, steps: &[Step], audit: &mut Audit) -> Result<(), Failure> {
        let is_together = steps.iter().all(Step::is_together);
        let entry = self.journal.begin(&mut self.connection, item, steps).await?;
        if audit.begins() {
            let begun = self.journal.audit(item, AuditOutcome::Begun)?;
            note(&mut self.connection, begun.as_slice()).await?;
            audit.is_begun = true;
        }
        let mut done: Vec<Statement> =
            entry.as_ref().map(|entry| self.journal.end(entry, "done", "")).into_iter().collect();
        if audit.is_last {
            done.extend(self.journal.audit(item, AuditOutcome::Done)?);
        }
        let outcome = if is_together {
            self.together(item, steps, &done).await
        } else {
            match self.one_by_one(steps).await {
                Ok(()) => note(&mut self.connection, &done).await.map_err(Failure::from),
                Err(failure) => Err(failure),
            }
        };
        if let Err(failure) = &outcome {
            // The first error is the one that tells; but a server may end a session with an error of the statement alone.
            let message = failure.error.to_string();
            let failed = entry.as_ref().map(|entry| self.journal.end(entry, "failed", &message));
            let noted = note(&mut self.connection, failed.as_slice()).await;
            self.is_lost |= noted.is_err_and(|error| Failure::from(error).is_unknown());
        }
        outcome
    }

    async fn one_by_one(&mut self, steps: &[Step]) -> Result<(), Failure> {
        for step in steps {
            match &step.task {
                Task::Statement(statement) => script(&mut self.connection, step, statement).await?,
                Task::Stamp { schema, change } => {
                    let (action, wait) = (self.activity.action, self.policy.lock_timeout);
                    self.dj.change_stamp_on(&mut self.connection, action, schema, change, wait).await?;
                }
                Task::Chore(Shared(chore)) => chore.carry_out(&mut self.connection).await?,
            }
        }
        Ok(())
    }

    async fn together(&mut self, item: &Item, steps: &[Step], done: &[Statement]) -> Result<(), Failure> {
        let mut transaction = self.connection.begin(Access::Locking).await?;
        let outcome = async {
            for step in steps {
                if let Task::Statement(statement) = &step.task {
                    script(&mut transaction, step, statement).await?;
                }
            }
            // They may have waited for their locks, and a stamp that came meanwhile counts as well.
            let schemas = std::slice::from_ref(&item.schema);
            self.dj.check_may_change_on(&mut transaction, self.activity.action, schemas).await?;
            Ok(note(&mut transaction, done).await?)
        };
        match outcome.await {
            Ok(()) => Ok(transaction.commit().await?),
            Err(failure) => {
                // The first error is the one that tells.
                let _ = transaction.rollback().await;
                Err(failure)
            }
        }
    }
}

async fn note(connection: &mut Connection, notes: &[Statement]) -> datajoint_adapters::Result<()> {
    for note in notes {
        connection.execute(note).await?;
    }
    Ok(())
}

async fn script(connection: &mut Connection, step: &Step, statement: &Statement) -> Result<(), Failure> {
    let run = connection.script(std::slice::from_ref(statement)).await;
    run.map_err(|error| Failure { error: error.into(), is_of_check: step.purpose == Purpose::Check })
}
