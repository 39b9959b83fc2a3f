//! Runs the steps of an item, and says how that ended.

use datajoint_adapters::{Connection, Kind};
use datajoint_sql::{Access, Statement};

use crate::journal::{self, Journal};
use crate::plan::{Class, Item, State, Step};

/// Runs steps once, and notes it.
pub(super) async fn run(
    connection: &mut Connection,
    journal: &mut Journal,
    item: &Item,
    steps: &[&Step],
) -> datajoint_adapters::Result<()> {
    let is_together = steps.iter().all(|step| step.class == Class::Transactional);
    let entry = journal.begin(connection, item, steps).await?;
    let outcome = if is_together {
        together(connection, steps, journal.end(&entry, "done", "")).await
    } else {
        match one_by_one(connection, steps).await {
            Ok(()) => connection.execute(&journal.end(&entry, "done", "")).await.map(drop),
            Err(error) => Err(error),
        }
    };
    if let Err(error) = &outcome {
        // The first error is the one that tells.
        let _ = connection.execute(&journal.end(&entry, "failed", &error.to_string())).await;
    }
    outcome
}

async fn one_by_one(connection: &mut Connection, steps: &[&Step]) -> datajoint_adapters::Result<()> {
    for step in steps {
        connection.script(std::slice::from_ref(&step.sql)).await?;
    }
    Ok(())
}

async fn together(
    connection: &mut Connection,
    steps: &[&Step],
    note: Statement,
) -> datajoint_adapters::Result<()> {
    let begin = datajoint_sql::begin(connection.backend(), Access::Locking);
    connection.script(&[Statement::plain(begin)]).await?;
    let outcome = async {
        one_by_one(connection, steps).await?;
        connection.execute(&note).await?;
        connection.script(&[Statement::plain("COMMIT")]).await
    }
    .await;
    if outcome.is_err() {
        let _ = connection.script(&[Statement::plain("ROLLBACK")]).await;
    }
    outcome
}

pub(super) fn failure(error: &datajoint_adapters::Error, item: &Item, tries: u32, in_the_way: &str) -> State {
    let code = error.code().unwrap_or("connection").to_owned();
    let (message, hint) = match error.kind() {
        Some(Kind::LockTimeout) => (
            format!("its lock was not free in {tries} tries: {in_the_way}"),
            "end that session, or apply again when it is done; what is applied already stays".to_owned(),
        ),
        Some(Kind::MissingPrivilege) => (
            error.to_string(),
            format!(
                "deploy as the owner of the tables, or as a role that is a member of it; who deploys also writes `{}.{}`",
                item.schema,
                journal::TABLE
            ),
        ),
        _ if error.is_connection_lost() => {
            (error.to_string(), "whether it was done is not known: plan again, which reads it".to_owned())
        }
        _ => (error.to_string(), "put that right, and apply again: what is applied already stays".to_owned()),
    };
    State::Failed { code, message, hint }
}
