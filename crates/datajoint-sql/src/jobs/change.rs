//! Statements that take jobs from one state to the next.

use std::ops::Range;

use super::JobQueue;
use crate::dialect::RowAddress;
use crate::fragment::Fragment;
use crate::{Condition, Result, Statement, Value};

/// Who reserves jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserver {
    /// Tells this worker from all others, its own earlier lives included: a number above zero.
    pub worker: i64,
    /// Its host.
    pub host: String,
    /// Its process.
    pub pid: u32,
    /// The version of its program; at most 64 characters.
    pub version: String,
}

impl JobQueue {
    /// Returns the statement that chooses the jobs that are due, the most urgent first: their keys, priorities and times.
    ///
    /// Only those with so many losses. On PostgreSQL and SQLite the same statement reserves them; elsewhere it locks them
    /// for [`reserve`](Self::reserve). It stands behind [`before_claim`](Self::before_claim).
    pub fn claim(
        &self,
        by: &Reserver,
        limit: usize,
        highest: Option<u8>,
        restriction: Option<&Condition>,
        losses: &Range<u32>,
    ) -> Result<Statement> {
        let conditions = self.claimable(highest, restriction, losses)?;
        let address = self.dialect().row_address();
        let place = address.as_ref().map_or_else(
            || {
                let [priority, scheduled] = self.order();
                format!("{}, {priority}, {scheduled}", self.keys())
            },
            |address| address.column.to_owned(),
        );
        let mut chosen = Fragment::text(format!("SELECT {place} FROM {}", self.name(&self.jobs)));
        crate::select::append_conditions(self.backend, &mut chosen, conditions);
        chosen.push(&format!(
            " ORDER BY {}{}{}",
            self.order().join(", "),
            self.dialect().limit(Some(limit as u64), 0),
            self.clock().lock
        ));
        Ok(match address {
            None => chosen.into_statement(self.backend),
            Some(address) => self.reserve_chosen(by, &address, chosen),
        })
    }

    /// Returns the statement with which a transaction begins that claims jobs, where a server has to be told to take them
    /// from the index that has them in their order.
    pub fn before_claim(&self) -> Option<Statement> {
        self.dialect().in_order().map(Statement::plain)
    }

    fn reserve_chosen(&self, by: &Reserver, address: &RowAddress, chosen: Fragment) -> Statement {
        let jobs = self.name(&self.jobs);
        let mut is_chosen = Fragment::text(address.before);
        is_chosen.append(chosen.parenthesised());
        is_chosen.push(address.after);
        let mut sql = Fragment::text(format!("UPDATE {jobs} SET "));
        sql.append(self.reservation(by));
        crate::select::append_conditions(self.backend, &mut sql, vec![is_chosen]);
        sql.push(&format!(" RETURNING {}, {}", self.keys(), self.order().join(", ")));
        sql.into_statement(self.backend)
    }

    /// Returns the statement that tells, with a row, that a job is due that [`claim`](Self::claim) may choose, whoever locks it.
    pub fn is_due(
        &self,
        highest: Option<u8>,
        restriction: Option<&Condition>,
        losses: &Range<u32>,
    ) -> Result<Statement> {
        let sql = Fragment::text(format!("SELECT 1 FROM {}", self.name(&self.jobs)));
        let mut statement = self.finish(sql, self.claimable(highest, restriction, losses)?);
        statement.sql.push_str(&self.dialect().limit(Some(1), 0));
        Ok(statement)
    }

    fn claimable(
        &self,
        highest: Option<u8>,
        restriction: Option<&Condition>,
        losses: &Range<u32>,
    ) -> Result<Vec<Fragment>> {
        let mut conditions = self.due(highest);
        if let Some(restriction) = restriction {
            conditions.extend(self.among(restriction)?);
        }
        let mut in_range = Fragment::text(format!("coalesce({}, 0) BETWEEN ", self.losses()));
        in_range.push_value(Value::Int(losses.start.into()));
        in_range.push(" AND ");
        in_range.push_value(Value::Int(i64::from(losses.end) - 1));
        conditions.push(in_range);
        Ok(conditions)
    }

    /// Returns the statement that tells, with a row, that a job more urgent than this priority is due.
    pub fn is_more_urgent(&self, than: i64) -> Statement {
        let mut conditions = self.due(None);
        conditions.push(self.compared("priority", "<", Value::Int(than)));
        let sql = Fragment::text(format!("SELECT 1 FROM {}", self.name(&self.jobs)));
        let mut statement = self.finish(sql, conditions);
        statement.sql.push_str(&self.dialect().limit(Some(1), 0));
        statement
    }

    /// Returns the statement that reserves jobs that the transaction has locked.
    pub fn reserve(&self, by: &Reserver, keys: &[Vec<Value>]) -> Result<Statement> {
        let mut conditions = self.among_keys(keys)?;
        conditions.push(self.is_beside(&["pending"]));
        Ok(self.update(self.reservation(by), conditions))
    }

    fn due(&self, highest: Option<u8>) -> Vec<Fragment> {
        let scheduled = self.quote("scheduled_time");
        let mut conditions =
            vec![self.is("pending"), Fragment::text(format!("{scheduled} <= {}", self.clock().now))];
        conditions.extend(highest.map(|highest| self.compared("priority", "<=", Value::Int(highest.into()))));
        conditions
    }

    fn order(&self) -> [String; 2] {
        ["priority", "scheduled_time"].map(|name| self.quote(name))
    }

    fn reservation(&self, by: &Reserver) -> Fragment {
        let Reserver { worker, host, pid, version } = by;
        let cut = |text: &str, length: usize| Value::Text(text.chars().take(length).collect());
        let mut changes = vec![
            Fragment::text(format!("{} = 'reserved'", self.quote("status"))),
            Fragment::text(format!("{} = {}", self.quote("reserved_time"), self.clock().now)),
            Fragment::text(format!("{} = {}", self.quote("user"), self.clock().user)),
        ];
        changes.extend([
            self.compared("host", "=", cut(host, 255)),
            self.compared("pid", "=", Value::Int((*pid).into())),
            self.compared("connection_id", "=", Value::Int(-worker)),
            self.compared("version", "=", cut(version, 64)),
        ]);
        Fragment::join(changes, ", ")
    }

    /// Of these jobs those that this worker has. A worker of Python that comes late may have written an error over one,
    /// and leaves the rest as it is.
    fn held(&self, mut conditions: Vec<Fragment>, worker: i64) -> Vec<Fragment> {
        conditions.push(self.compared("connection_id", "=", Value::Int(-worker)));
        conditions.push(self.is_beside(&["reserved", "error"]));
        conditions
    }

    /// Returns the statement that ends a job that is done; changes nothing when this worker does not have it any more.
    ///
    /// With a duration the job stays, marked as done.
    pub fn complete(&self, key: &[Value], worker: i64, duration: Option<f64>) -> Result<Statement> {
        let conditions = self.held(self.of_key(&self.jobs, key)?, worker);
        let Some(duration) = duration else {
            let sql = Fragment::text(format!("DELETE FROM {}", self.name(&self.jobs)));
            return Ok(self.finish(sql, conditions));
        };
        let mut changes = Fragment::text(format!(
            "{} = 'success', {} = {}, {} = '', {} = NULL, ",
            self.quote("status"),
            self.quote("completed_time"),
            self.clock().now,
            self.quote("error_message"),
            self.quote("error_stack"),
        ));
        changes.append(self.compared("duration", "=", Value::Float64(duration)));
        Ok(self.update(changes, conditions))
    }

    /// Returns the statement that removes the jobs of these keys, which are done; leaves those that this worker does not
    /// have any more.
    pub fn complete_all(&self, keys: &[Vec<Value>], worker: i64) -> Result<Statement> {
        Ok(self.finish(self.delete_from(), self.held(self.among_keys(keys)?, worker)))
    }

    /// Returns the statement that locks the job of a key, and gives its owner and its state.
    pub fn look(&self, key: &[Value]) -> Result<Statement> {
        let columns = ["connection_id", "status"].map(|name| self.quote(name)).join(", ");
        let sql = Fragment::text(format!("SELECT {columns} FROM {}", self.name(&self.jobs)));
        let mut statement = self.finish(sql, self.of_key(&self.jobs, key)?);
        if self.backend.capability().has_row_locks {
            statement.sql.push_str(" FOR UPDATE");
        }
        Ok(statement)
    }

    /// Returns the statement that marks a job of this worker as failed.
    pub fn fail(&self, key: &[Value], worker: i64, message: &str, stack: Vec<u8>) -> Result<Statement> {
        let mut conditions = self.of_key(&self.jobs, key)?;
        conditions.push(self.is("reserved"));
        conditions.push(self.compared("connection_id", "=", Value::Int(-worker)));
        Ok(self.update(self.failure(message, stack), conditions))
    }

    /// Returns the statement that marks a job as failed that the transaction has locked.
    pub fn quarantine(&self, key: &[Value], message: &str, stack: Vec<u8>) -> Result<Statement> {
        Ok(self.update(self.failure(message, stack), self.of_key(&self.jobs, key)?))
    }

    fn failure(&self, message: &str, stack: Vec<u8>) -> Fragment {
        let mut changes = vec![
            Fragment::text(format!("{} = 'error'", self.quote("status"))),
            Fragment::text(format!("{} = {}", self.quote("completed_time"), self.clock().now)),
        ];
        changes.push(self.compared("error_message", "=", Value::Text(message.to_owned())));
        changes.push(self.compared("error_stack", "=", Value::Bytes(stack)));
        Fragment::join(changes, ", ")
    }

    /// Returns the statement that gives jobs of a worker back: of these keys, or all that it has. With a delay they are due only then.
    pub fn release(&self, worker: i64, keys: Option<&[Vec<Value>]>, delay: Option<f64>) -> Result<Statement> {
        let mut conditions = match keys {
            Some(keys) => self.among_keys(keys)?,
            None => Vec::new(),
        };
        conditions.push(if keys.is_some() { self.is_beside(&["reserved"]) } else { self.is("reserved") });
        conditions.push(self.compared("connection_id", "=", Value::Int(-worker)));
        let mut changes = self.freed();
        if let Some(delay) = delay {
            changes.push(&format!(", {} = ", self.quote("scheduled_time")));
            changes.append(self.later(delay));
        }
        Ok(self.update(changes, conditions))
    }

    /// Returns the statement that frees a job that the transaction has locked.
    pub fn free(&self, key: &[Value]) -> Result<Statement> {
        Ok(self.update(self.freed(), self.of_key(&self.jobs, key)?))
    }

    /// Returns the statement that makes failed jobs pending that meet a condition, as if they had just been added.
    pub fn retry(&self, condition: &Condition) -> Result<Statement> {
        let mut conditions = self.among(condition)?;
        conditions.push(self.is("error"));
        Ok(self.update(self.renewed(), conditions))
    }

    /// Returns the statement that keeps jobs that meet a condition from being done: all but those that are done.
    pub fn ignore(&self, condition: &Condition) -> Result<Statement> {
        let mut conditions = self.among(condition)?;
        conditions.push(Fragment::text(format!("{} <> 'success'", self.quote("status"))));
        Ok(self.update(Fragment::text(format!("{} = 'ignore'", self.quote("status"))), conditions))
    }

    /// Returns the statement that removes jobs that meet a condition, save those that are reserved.
    pub fn clear(&self, condition: &Condition) -> Result<Statement> {
        let mut conditions = self.among(condition)?;
        conditions.push(Fragment::text(format!("{} <> 'reserved'", self.quote("status"))));
        Ok(self.finish(self.delete_from(), conditions))
    }

    /// Returns the statement that frees reserved jobs that meet a condition, whoever has them.
    pub fn release_all(&self, condition: &Condition) -> Result<Statement> {
        let mut conditions = self.among(condition)?;
        conditions.push(self.is("reserved"));
        Ok(self.update(self.freed(), conditions))
    }

    /// Who has jobs: rows of a host, a process, a number of jobs and the time since when the first of them is reserved.
    pub fn holders(&self) -> Statement {
        let [host, pid, reserved] = ["host", "pid", "reserved_time"].map(|name| self.quote(name));
        let [count, min] = ["count", "min"].map(|function| self.called(function));
        let sql = Fragment::text(format!(
            "SELECT {host}, {pid}, {count}(*), {min}({reserved}) FROM {}",
            self.name(&self.jobs)
        ));
        let mut statement = self.finish(sql, vec![self.is("reserved")]);
        let groups = format!(" GROUP BY {host}, {pid} ORDER BY {min}({reserved}), {host}, {pid}");
        statement.sql.push_str(&groups);
        statement
    }

    /// The time at which the oldest job that is to be done was added.
    pub fn oldest(&self) -> Statement {
        let created = self.quote("created_time");
        let sql = Fragment::text(format!(
            "SELECT {}({created}) FROM {}",
            self.called("min"),
            self.name(&self.jobs)
        ));
        self.finish(sql, vec![self.is("pending")])
    }

    /// How many jobs there are in each state that are not done and not to be ignored, of which there may be very many: rows
    /// of a state and a number.
    pub fn counts_of_open(&self) -> Statement {
        let status = self.quote("status");
        Statement::plain(format!(
            "SELECT {status}, {}(*) FROM {} WHERE {status} IN ('pending', 'reserved', 'error') GROUP BY {status}",
            self.called("count"),
            self.name(&self.jobs)
        ))
    }

    /// How many jobs there are in each state, and how many of those that are reserved have no worker with a lease:
    /// rows of a state, a number, and that number.
    ///
    /// Where there are no leases, all of them.
    pub fn counts(&self, has_leases: bool) -> Statement {
        let status = self.quote("status");
        let owner = format!("-{}", self.quote("connection_id"));
        let is_leased = if has_leases { self.is_leased(&owner) } else { "FALSE".to_owned() };
        let [count, sum] = ["count", "sum"].map(|function| self.called(function));
        Statement::plain(format!(
            "SELECT {status}, {count}(*), {sum}(CASE WHEN {status} = 'reserved' AND NOT {is_leased} THEN 1 ELSE 0 END) \
             FROM {} GROUP BY {status}",
            self.name(&self.jobs)
        ))
    }
}
