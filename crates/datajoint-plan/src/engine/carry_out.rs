//! Runs the steps of an item.

use datajoint_adapters::{Connection, Kind};
use datajoint_sql::{Access, Statement};

use super::failure::{Failure, is_unknown, lock_lost};
use super::session::Session;
use crate::blocker::blockers;
use crate::{Atomicity, Item, Purpose, State, Step};

impl Session<'_> {
    /// Runs the statements of an item; those that can be undone, together.
    pub(super) async fn carry_out(&mut self, item: &Item) -> State {
        (self.watch)(item);
        let together = |one: &Step, other: &Step| {
            one.atomicity == Atomicity::Transactional && other.atomicity == Atomicity::Transactional
        };
        for steps in item.statements.chunk_by(together) {
            let steps: Vec<&Step> = steps.iter().collect();
            let may_be_tried_again = steps.iter().all(|step| step.atomicity.may_be_tried_again());
            let mut backoff = self.policy.retry().start();
            loop {
                if let Err(error) = self.lock.check().await {
                    self.is_lost = true;
                    return lock_lost(&error, self.activity);
                }
                let Err(failure) = self.run(item, &steps).await else { break };
                if is_unknown(&failure.error) {
                    self.is_lost = true;
                    return failure.state(item, self.activity, backoff.tries(), "");
                }
                let in_the_way = match failure.error.kind() {
                    Some(Kind::LockTimeout) => blockers(&mut self.connection, item.table.as_ref()).await,
                    _ => String::new(),
                };
                if failure.error.is_retryable() && may_be_tried_again && !backoff.is_over() {
                    tracing::info!(object = item.object, in_the_way, "trying again");
                    backoff.again().await;
                    continue;
                }
                return failure.state(item, self.activity, backoff.tries(), &in_the_way);
            }
        }
        State::Changed
    }

    /// Runs steps once, with time for those that block nobody.
    async fn run(&mut self, item: &Item, steps: &[&Step]) -> Result<(), Failure> {
        if !steps.iter().any(|step| step.atomicity.may_wait()) {
            return self.run_and_note(item, steps).await;
        }
        self.wait_for(self.policy.concurrent).await?;
        let outcome = self.run_and_note(item, steps).await;
        self.wait_for(self.policy.lock_timeout).await?;
        outcome
    }

    async fn run_and_note(&mut self, item: &Item, steps: &[&Step]) -> Result<(), Failure> {
        let is_together = steps.iter().all(|step| step.atomicity == Atomicity::Transactional);
        let entry = self.journal.begin(&mut self.connection, item, steps).await?;
        let end = |state, message: &str| entry.as_ref().map(|entry| self.journal.end(entry, state, message));
        let done = end("done", "");
        let outcome = if is_together {
            together(&mut self.connection, steps, done).await
        } else {
            match one_by_one(&mut self.connection, steps).await {
                Ok(()) => note(&mut self.connection, done).await.map_err(Failure::from),
                Err(failure) => Err(failure),
            }
        };
        if let Err(failure) = &outcome {
            // The first error is the one that tells.
            let _ = note(&mut self.connection, end("failed", &failure.error.to_string())).await;
        }
        outcome
    }
}

async fn note(connection: &mut Connection, note: Option<Statement>) -> datajoint_adapters::Result<()> {
    match note {
        Some(note) => connection.execute(&note).await.map(drop),
        None => Ok(()),
    }
}

async fn one_by_one(connection: &mut Connection, steps: &[&Step]) -> Result<(), Failure> {
    for step in steps {
        let run = connection.script(std::slice::from_ref(&step.sql)).await;
        run.map_err(|error| Failure { error, is_of_check: step.purpose == Purpose::Check })?;
    }
    Ok(())
}

async fn together(
    connection: &mut Connection,
    steps: &[&Step],
    done: Option<Statement>,
) -> Result<(), Failure> {
    let mut transaction = connection.begin(Access::Locking).await?;
    let outcome = async {
        one_by_one(&mut transaction, steps).await?;
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
