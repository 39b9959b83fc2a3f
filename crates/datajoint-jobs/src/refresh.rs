use std::time::Duration;

use datajoint_pipeline::{Condition, DynamicRow, Query, Relation as _};

use crate::{Error, Jobs};

/// How a queue is brought up to date; see [`Jobs::refresh`].
#[derive(Debug, Clone)]
pub struct Refresh {
    /// Only keys that meet these are added.
    pub restrictions: Vec<Condition>,
    /// The priority of new jobs; lower is sooner. That of the settings unless said otherwise.
    pub priority: Option<u8>,
    /// In how many seconds new jobs are due; below zero for at once, whatever the clocks say.
    pub delay: f64,
    /// After how many seconds a job whose key is gone is removed, never with 0. That of the settings unless said otherwise.
    pub stale_timeout: Option<u64>,
    /// After how many seconds a reserved job is pending again, if its worker has no lease.
    pub orphan_timeout: Option<f64>,
}

impl Default for Refresh {
    fn default() -> Self {
        Self {
            restrictions: Vec::new(),
            priority: None,
            delay: 0.0,
            stale_timeout: None,
            orphan_timeout: None,
        }
    }
}

/// The changes of a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Refreshed {
    /// New jobs.
    pub added: u64,
    /// Jobs that were removed because their keys are gone.
    pub removed: u64,
    /// Reserved jobs that are pending again.
    pub orphaned: u64,
    /// Jobs that were done, and are pending again because their rows are gone.
    pub re_pended: u64,
}

impl Jobs {
    /// Brings the queue up to date with its table and its source, by the rules of DataJoint for Python, in a few
    /// statements whatever the number of keys.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing.
    pub async fn refresh(&self, source: &Query<DynamicRow>, options: &Refresh) -> Result<Refreshed, Error> {
        self.check_may_change().await?;
        let settings = &self.instance.settings().jobs;
        let priority = options.priority.unwrap_or(settings.default_priority);
        let stale = options.stale_timeout.unwrap_or(settings.stale_timeout);
        let keys = self.instance.expression_of(source).await?;
        let chosen = source.restrict(Condition::all(&options.restrictions));
        let restricted = self.instance.expression_of(&chosen).await?;
        let sql = &self.sql;
        let mut statements = vec![sql.add(&restricted, priority, options.delay)?, sql.remove_done(&keys)?];
        if settings.keep_completed {
            statements.push(sql.add_again(&keys)?);
        }
        let again = settings.keep_completed.then(|| statements.len() - 1);
        if stale > 0 {
            statements.push(sql.remove_vanished(&keys, Duration::from_secs(stale).as_secs_f64())?);
        }
        let vanished = (stale > 0).then(|| statements.len() - 1);
        statements.extend(options.orphan_timeout.map(|seconds| sql.free_old(seconds, self.has_leases)));
        let orphaned = options.orphan_timeout.map(|_| statements.len() - 1);
        statements.extend(self.has_leases.then(|| sql.forget_trials()));
        let changed = self.telling(&chosen, self.execute_all(&statements).await).await?;
        let count =
            |place: Option<usize>| place.and_then(|place| changed.get(place)).copied().unwrap_or_default();
        Ok(Refreshed {
            added: count(Some(0)),
            removed: count(Some(1)) + count(vanished),
            orphaned: count(orphaned),
            re_pended: count(again),
        })
    }
}
