//! Queues as operators see and change them.

use std::collections::BTreeMap;
use std::time::Duration;

use datajoint_guard::Action;
use datajoint_pipeline::{
    AuditEntry, AuditVerb, Condition, DynamicRow, Query, Relation as _, Restriction, attribute,
};
use datajoint_sql::{Statement, Value};
use serde::Serialize;

use crate::queue::number;
use crate::{Error, Jobs, Status, fingerprint};

/// How many jobs a queue has in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// To be done.
    pub pending: u64,
    /// In the hands of workers.
    pub reserved: u64,
    /// Done and kept.
    pub success: u64,
    /// Failed.
    pub error: u64,
    /// Not to be done.
    pub ignore: u64,
    /// Of those reserved, the ones of workers without a lease: dead ones, and those of Python, which have none.
    #[serde(rename = "reserved_without_lease")]
    pub without_lease: u64,
}

impl Counts {
    /// All jobs.
    pub fn total(&self) -> u64 {
        self.pending + self.reserved + self.success + self.error + self.ignore
    }
}

/// Failed jobs of the same fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Failures {
    /// The part that their messages have in common.
    pub fingerprint: String,
    /// How many there are.
    pub count: u64,
    /// The message of one.
    pub message: String,
}

/// A process that has jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Holder {
    /// Its host.
    pub host: String,
    /// Its number there.
    pub pid: i64,
    /// How many jobs it has.
    #[serde(rename = "jobs")]
    pub count: u64,
    /// Since when it has the first of them, by the clock of the server.
    pub since: String,
}

impl Jobs {
    /// Who has jobs, and since when; who has had one for longest comes first.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no trace.
    pub async fn holders(&self) -> Result<Vec<Holder>, Error> {
        let rows = self.fetch(&self.sql.holders()).await?;
        let holder = |row: Vec<Value>| Holder {
            host: match row.first() {
                Some(Value::Text(host)) => host.clone(),
                _ => String::new(),
            },
            pid: number(row.get(1)),
            count: u64::try_from(number(row.get(2))).unwrap_or_default(),
            since: moment(row.get(3)).unwrap_or_default(),
        };
        Ok(rows.into_iter().map(holder).collect())
    }

    /// When the oldest job that is to be done was added, by the clock of the server; none where nothing is to be done.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no trace.
    pub async fn oldest(&self) -> Result<Option<String>, Error> {
        let rows = self.fetch(&self.sql.oldest()).await?;
        Ok(rows.first().and_then(|row| moment(row.first())))
    }

    /// How many jobs there are in each state.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no trace.
    pub async fn counts(&self) -> Result<Counts, Error> {
        self.counted(&self.sql.counts(self.has_leases)).await
    }

    /// Returns true when a worker would find something to do: a job is due, of this priority or a more urgent one, or somebody
    /// is lost who reserved one. So many that only wait for work take no lease.
    ///
    /// Workers of DataJoint for Python are lost when the server has not known their session for as long as `lease`.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no trace.
    pub async fn has_work(&self, priority: Option<u8>, lease: Duration) -> Result<bool, Error> {
        let than = priority.map_or(i64::from(u8::MAX), i64::from) + 1;
        let by_python = self.sql.lost_by_python(lease.as_secs_f64());
        let questions = [Some(self.sql.is_more_urgent(than)), Some(self.sql.lost()), by_python];
        for question in questions.into_iter().flatten() {
            if !self.fetch(&question).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Counts the jobs that are to be done still, of which there are pending, reserved and failed ones.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no trace.
    pub async fn count_open(&self) -> Result<Counts, Error> {
        self.counted(&self.sql.counts_of_open()).await
    }

    /// The counts of rows of a state, a number, and the number of those without a lease.
    pub(crate) async fn counted(&self, statement: &Statement) -> Result<Counts, Error> {
        let mut counts = Counts::default();
        for row in self.fetch(statement).await? {
            let count = u64::try_from(number(row.get(1))).unwrap_or_default();
            let Some(Value::Text(status)) = row.first() else { continue };
            match Status::parse(status) {
                Some(Status::Pending) => counts.pending = count,
                Some(Status::Reserved) => {
                    counts.reserved = count;
                    counts.without_lease = u64::try_from(number(row.get(2))).unwrap_or_default();
                }
                Some(Status::Success) => counts.success = count,
                Some(Status::Error) => counts.error = count,
                Some(Status::Ignore) => counts.ignore = count,
                None => {}
            }
        }
        Ok(counts)
    }

    /// The failed jobs, those of one fault together, the most frequent first.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no trace.
    pub async fn failures(&self) -> Result<Vec<Failures>, Error> {
        let failed = self.query().restrict(attribute("status").eq("error")).proj(["error_message"]);
        let mut groups: BTreeMap<String, (u64, String)> = BTreeMap::new();
        for row in failed.fetch(&self.instance).await? {
            let message: String = row.get("error_message").map_err(datajoint_pipeline::Error::from)?;
            groups.entry(fingerprint(&message)).or_insert((0, message)).0 += 1;
        }
        let mut groups: Vec<Failures> = groups
            .into_iter()
            .map(|(fingerprint, (count, message))| Failures { fingerprint, count, message })
            .collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        Ok(groups)
    }

    /// Has failed jobs that meet a restriction tried again; returns how many.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing.
    pub async fn retry(&self, restriction: impl Restriction) -> Result<u64, Error> {
        let (chosen, condition) = self.choose(restriction, &[Status::Error]).await?;
        let mut statements = Vec::new();
        if self.has_leases {
            statements.push(self.sql.forget_trials_of(&condition)?);
        }
        statements.push(self.sql.retry(&condition)?);
        let changed = self.change(AuditVerb::Retry, &chosen, &statements).await?;
        self.announce().await;
        Ok(changed)
    }

    /// Keeps jobs that meet a restriction from being done, until they are [cleared](Self::clear); returns how many.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing.
    pub async fn ignore(&self, restriction: impl Restriction) -> Result<u64, Error> {
        let (chosen, condition) = self.choose(restriction, &[Status::Pending, Status::Error]).await?;
        self.change(AuditVerb::Ignore, &chosen, &[self.sql.ignore(&condition)?]).await
    }

    /// Removes jobs in one of these states that meet a restriction; returns how many. The next refresh adds those that
    /// are to be done. Jobs that are reserved stay.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing.
    pub async fn clear(&self, restriction: impl Restriction, states: &[Status]) -> Result<u64, Error> {
        let (chosen, condition) = self.choose(restriction, states).await?;
        let cleared = self.change(AuditVerb::Clear, &chosen, &[self.sql.clear(&condition)?]).await?;
        self.announce().await;
        Ok(cleared)
    }

    /// Makes reserved jobs that meet a restriction pending, whoever has them; returns how many.
    ///
    /// A worker of this library that is at one of them finds out before it writes, and writes nothing.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing.
    pub async fn release(&self, restriction: impl Restriction) -> Result<u64, Error> {
        let (chosen, condition) = self.choose(restriction, &[Status::Reserved]).await?;
        let released = self.change(AuditVerb::Release, &chosen, &[self.sql.release_all(&condition)?]).await?;
        self.announce().await;
        Ok(released)
    }

    /// Fails for a schema that is stamped for another environment: what changes its jobs changes what is computed in it.
    pub(crate) async fn check_may_change(&self) -> Result<(), Error> {
        let schema = self.target().name.schema.clone();
        Ok(self.instance.check_may_change(Action::Populate, &[schema]).await?)
    }

    /// Runs the statements of an operator, and notes them where the settings ask for it; returns how many jobs the last one
    /// changed.
    async fn change(
        &self,
        verb: AuditVerb,
        chosen: &Query<DynamicRow>,
        statements: &[Statement],
    ) -> Result<u64, Error> {
        let outcome = match statements {
            _ if self.instance.is_audited() => self.change_noted(verb, chosen, statements).await,
            [alone] => self.execute(alone).await,
            several => {
                self.execute_all(several).await.map(|changed| changed.last().copied().unwrap_or_default())
            }
        };
        self.telling(chosen, outcome).await
    }

    async fn change_noted(
        &self,
        verb: AuditVerb,
        chosen: &Query<DynamicRow>,
        statements: &[Statement],
    ) -> Result<u64, Error> {
        let table = &self.target().name;
        self.instance.prepare_audit(std::slice::from_ref(&table.schema)).await?;
        let entry = AuditEntry::of_table(verb, table).detail(chosen.label_without_values());
        let changed = self.execute_noted(statements, |changed| {
            let jobs = changed.last().copied().filter(|jobs| *jobs > 0)?;
            Some(entry.clone().rows(Some(jobs)))
        });
        Ok(changed.await?.last().copied().unwrap_or_default())
    }

    /// The jobs that are meant, and the condition for them.
    async fn choose(
        &self,
        restriction: impl Restriction,
        states: &[Status],
    ) -> Result<(Query<DynamicRow>, datajoint_sql::Condition), Error> {
        self.check_may_change().await?;
        let in_state = Condition::any(states.iter().map(|status| attribute("status").eq(status.name())));
        let chosen = self.query().restrict(restriction).restrict(in_state);
        let condition = self.instance.condition_of(&chosen).await?;
        Ok((chosen, condition))
    }
}

/// A moment that a database gave, to the second.
pub(crate) fn moment(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::DateTime(time) => time.to_string(),
        Value::Text(time) => time.replace('T', " "),
        _ => return None,
    };
    Some(text.split('.').next().unwrap_or_default().to_owned())
}
