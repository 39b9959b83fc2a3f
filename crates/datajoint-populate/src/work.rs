//! One key from beginning to end.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use datajoint_sql::Value;
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::{sleep, timeout};

use crate::plan::Plan;
use crate::record::Record;
use crate::scope::Scope;
use crate::{Error, FetchContext, InsertContext, Make, MakeError};

/// How long a transaction waits for `compute`.
const PATIENCE: Duration = Duration::from_millis(50);

/// How often a key is tried when other transactions are in its way.
const ATTEMPTS: u32 = 6;

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Made,
    /// `make` came to its end, and the table has no row of the key.
    WithoutRow,
    /// Somebody else made it.
    Skipped,
}

/// Makes a key, again when other transactions were in its way.
pub(crate) async fn make<T: Make>(plan: &Arc<Plan>, key: &T::Key) -> Result<Outcome, Error> {
    let values = plan.values(key.clone())?;
    let mut attempt = 1;
    loop {
        match once::<T>(plan, key, &values).await {
            Err(error) if error.is_transient() && attempt < ATTEMPTS => {
                tracing::debug!(table = %plan.table.name, %error, attempt, "trying the key again");
                sleep(Duration::from_millis(5 << attempt)).await;
                attempt += 1;
            }
            Err(error) if error.is_duplicate() => {
                let scope = Scope::begin(plan, &values, Record::begin(), false).await?;
                let is_made = scope.has_row().await?;
                scope.leave().await?;
                return if is_made { Ok(Outcome::Skipped) } else { Err(error) };
            }
            outcome => return outcome,
        }
    }
}

async fn once<T: Make>(plan: &Arc<Plan>, key: &T::Key, values: &[Value]) -> Result<Outcome, Error> {
    let failed = |source: MakeError| failed(plan, values, source);
    let record = Record::begin();
    // Where writers wait for each other, they would also wait for each other's computations.
    let shares = T::IN_ONE || !plan.has_one_writer();
    let mut scope = Scope::begin(plan, values, record, shares).await?;
    if plan.is_stale() && scope.has_row().await? {
        scope.leave().await?;
        return Ok(Outcome::Skipped);
    }
    let fetched = T::fetch(&FetchContext::new(key, &scope)).await.map_err(failed)?;
    let computed = if T::IN_ONE {
        T::compute(key, fetched).map_err(failed)?
    } else {
        let key = key.clone();
        let mut computing = spawn_blocking(move || T::compute(&key, fetched));
        let early = if shares { timeout(PATIENCE, &mut computing).await.ok() } else { None };
        if let Some(computed) = early {
            joined(plan, values, computed)?.map_err(failed)?
        } else {
            let seen = scope.leave().await?;
            let computed = joined(plan, values, computing.await)?.map_err(failed)?;
            scope = Scope::begin(plan, values, record, true).await?;
            if scope.has_row().await? {
                scope.leave().await?;
                return Ok(Outcome::Skipped);
            }
            scope.verify(seen).await?;
            computed
        }
    };
    T::insert(&mut InsertContext::new(key, &mut scope), computed).await.map_err(failed)?;
    Ok(if scope.commit().await? { Outcome::Made } else { Outcome::WithoutRow })
}

/// What `make` gave, unless the library itself was in the way.
fn failed(plan: &Plan, key: &[Value], source: MakeError) -> Error {
    match source.downcast::<Error>() {
        Ok(error) if !error.is_of_the_user() => *error,
        Ok(error) => make_error(plan, key, error),
        Err(source) => make_error(plan, key, source),
    }
}

fn make_error(plan: &Plan, key: &[Value], source: MakeError) -> Error {
    Error::Make { table: plan.table.name.clone(), key: plan.describe(key), source }
}

/// What the thread of `compute` gave.
fn joined<C>(plan: &Plan, key: &[Value], result: Result<C, JoinError>) -> Result<C, Error> {
    result.map_err(|error| {
        let message = match error.try_into_panic() {
            Ok(panic) => panic_message(panic.as_ref()),
            Err(_) => "its thread was stopped".to_owned(),
        };
        panicked(plan, key, message)
    })
}

/// The error for a key whose `make` panicked.
pub(crate) fn panicked(plan: &Plan, key: &[Value], message: String) -> Error {
    Error::Panicked { table: plan.table.name.clone(), key: plan.describe(key), message }
}

/// What a panic said.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a message".to_owned())
}
