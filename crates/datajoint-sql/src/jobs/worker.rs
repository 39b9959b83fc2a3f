//! Leases of workers, and what becomes of the jobs of those that are lost.

use std::time::Duration;

use super::JobQueue;
use crate::fragment::Fragment;
use crate::select::append_conditions;
use crate::{Condition, Result, Statement, Value};

impl JobQueue {
    /// Returns the statement that lets the lease of a worker run for so many milliseconds from now; changes nothing when it has none.
    pub fn renew(&self, worker: i64, milliseconds: i64, is_locked: bool) -> Statement {
        let mut sql = Fragment::text(format!(
            "UPDATE {} SET {} = {} + ",
            self.name(&self.workers),
            self.quote("expires"),
            self.clock().milliseconds
        ));
        sql.push_value(Value::Int(milliseconds));
        sql.push(&format!(", {} = {}", self.quote("is_locked"), i32::from(is_locked)));
        append_conditions(self.backend, &mut sql, vec![self.compared("worker", "=", Value::Int(worker))]);
        sql.into_statement(self.backend)
    }

    /// Returns the statement that gives a worker its lease.
    pub fn enrol(&self, worker: i64, milliseconds: i64, is_locked: bool) -> Statement {
        let columns = ["worker", "expires", "is_locked"].map(|name| self.quote(name)).join(", ");
        let mut sql = Fragment::text(format!("INSERT INTO {} ({columns}) SELECT ", self.name(&self.workers)));
        sql.push_value(Value::Int(worker));
        sql.push(&format!(", {} + ", self.clock().milliseconds));
        sql.push_value(Value::Int(milliseconds));
        sql.push(&format!(", {}", i32::from(is_locked)));
        sql.into_statement(self.backend)
    }

    /// Returns the statement that ends the lease of a worker that has given back everything.
    pub fn leave(&self, worker: i64) -> Statement {
        let mut sql = Fragment::text(format!("DELETE FROM {}", self.name(&self.workers)));
        append_conditions(self.backend, &mut sql, vec![self.compared("worker", "=", Value::Int(worker))]);
        sql.into_statement(self.backend)
    }

    /// Returns the statement that forgets leases that ran out long ago: a worker that comes back takes another.
    pub fn forget_workers(&self, milliseconds: i64) -> Statement {
        let mut sql = Fragment::text(format!(
            "DELETE FROM {} WHERE {} + ",
            self.name(&self.workers),
            self.quote("expires")
        ));
        sql.push_value(Value::Int(milliseconds));
        sql.push(&format!(" < {}", self.clock().milliseconds));
        sql.into_statement(self.backend)
    }

    /// Returns the statement that takes the lock of a session that shows that a worker lives; PostgreSQL alone has one that shows.
    pub fn lock_worker(&self, worker: i64) -> Option<Statement> {
        self.call_of_lock("pg_try_advisory_lock", worker)
    }

    /// Returns the statement that gives that lock back, so that the session can serve for other things.
    pub fn unlock_worker(&self, worker: i64) -> Option<Statement> {
        self.call_of_lock("pg_advisory_unlock", worker)
    }

    fn call_of_lock(&self, function: &str, worker: i64) -> Option<Statement> {
        let mut sql = Fragment::text(format!("SELECT pg_catalog.{function}("));
        sql.push_value(Value::Int(worker));
        sql.push(")");
        self.dialect().has_session_locks().then(|| sql.into_statement(self.backend))
    }

    /// The workers whose lock is gone, with the ends of their leases.
    pub fn workers_without_lock(&self) -> Statement {
        let [worker, expires, is_locked] = ["worker", "expires", "is_locked"].map(|name| self.quote(name));
        Statement::plain(format!(
            "SELECT {worker}, {expires} FROM {} WHERE {is_locked} = 1 AND {expires} >= {} AND NOT EXISTS (\
             SELECT 1 FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND \
             (classid::bigint << 32) | objid::bigint = {worker})",
            self.name(&self.workers),
            self.clock().milliseconds,
        ))
    }

    /// Returns the statement that ends the lease of a worker that is gone, unless it was renewed since.
    pub fn end_lease(&self, worker: i64, expires: i64) -> Statement {
        let mut sql =
            Fragment::text(format!("UPDATE {} SET {} = 0", self.name(&self.workers), self.quote("expires")));
        let is_same = ["worker", "expires"].into_iter().zip([worker, expires]);
        append_conditions(
            self.backend,
            &mut sql,
            is_same.map(|(name, value)| self.compared(name, "=", Value::Int(value))).collect(),
        );
        sql.into_statement(self.backend)
    }

    /// The keys of the jobs that a worker has.
    pub fn reserved_by(&self, worker: i64) -> Statement {
        let conditions = vec![self.is("reserved"), self.compared("connection_id", "=", Value::Int(-worker))];
        let sql = Fragment::text(format!("SELECT {} FROM {}", self.keys(), self.name(&self.jobs)));
        self.finish(sql, conditions)
    }

    /// The jobs of workers without a lease, locked: their keys, and how often a worker was lost with each before.
    pub fn lost(&self) -> Statement {
        let connection = self.quote("connection_id");
        let conditions = vec![
            self.is("reserved"),
            Fragment::text(format!("{connection} < 0")),
            Fragment::text(format!("NOT {}", self.is_leased(&format!("-{connection}")))),
        ];
        self.locked(conditions)
    }

    /// Returns the statement that tells, for each host, how many jobs its workers reserved so many seconds ago or more whose leases ended
    /// as long ago.
    pub fn abandoned(&self, seconds: u64) -> Statement {
        let [host, connection] = ["host", "connection_id"].map(|name| self.quote(name));
        let [worker, expires] = ["worker", "expires"].map(|name| self.quote(name));
        let milliseconds = i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX >> 1);
        let mut has_no_lease = Fragment::text(format!(
            "NOT EXISTS (SELECT 1 FROM {} WHERE {worker} = -{connection} AND {expires} + ",
            self.name(&self.workers)
        ));
        has_no_lease.push_value(Value::Int(milliseconds));
        has_no_lease.push(&format!(" >= {})", self.clock().milliseconds));
        let conditions = vec![
            self.is("reserved"),
            Fragment::text(format!("{connection} < 0")),
            self.is_older(Duration::from_secs(seconds).as_secs_f64()),
            has_no_lease,
        ];
        let sql = Fragment::text(format!(
            "SELECT {host}, {}(*) FROM {}",
            self.called("count"),
            self.name(&self.jobs)
        ));
        let mut statement = self.finish(sql, conditions);
        statement.sql.push_str(" GROUP BY ");
        statement.sql.push_str(&host);
        statement
    }

    /// The jobs of workers of Python whose session the server does not know any more, when they were reserved so many
    /// seconds ago; `None` where sessions are not known.
    pub fn lost_by_python(&self, seconds: f64) -> Option<Statement> {
        let connection = self.quote("connection_id");
        let is_gone = self.dialect().is_gone(&connection)?;
        let is_old = self.is_older(seconds);
        let is_python = Fragment::text(format!("{connection} > 0"));
        Some(self.locked(vec![self.is("reserved"), is_python, is_old, Fragment::text(is_gone)]))
    }

    fn locked(&self, conditions: Vec<Fragment>) -> Statement {
        let columns = format!("{}, {}", self.keys_in_full(), self.losses());
        let sql = Fragment::text(format!("SELECT {columns} FROM {}", self.name(&self.jobs)));
        let mut statement = self.finish(sql, conditions);
        statement.sql.push_str(self.clock().lock);
        statement
    }

    /// Returns the statement that counts one more failure, or one more loss, of a key whose trials are known.
    pub fn count_again(&self, key: &[Value], is_loss: bool) -> Result<Statement> {
        let column = self.quote(if is_loss { "losses" } else { "failures" });
        let sql = Fragment::text(format!("UPDATE {} SET {column} = {column} + 1", self.name(&self.trials)));
        Ok(self.finish(sql, self.of_key(&self.trials, key)?))
    }

    /// Returns the statement that counts the first failure, or the first loss, of a key.
    pub fn count_first(&self, key: &[Value], is_loss: bool) -> Result<Statement> {
        let mut columns: Vec<&str> = self.jobs.key_names().collect();
        let mut row = Vec::new();
        for (name, value) in columns.iter().zip(key) {
            let Some(attribute) = self.trials.heading.get(name) else { continue };
            row.push(crate::bind_value(self.backend, attribute, value.clone())?);
        }
        columns.extend(["failures", "losses"]);
        row.extend([!is_loss, is_loss].map(|count| Value::Int(count.into())));
        crate::insert_rows(self.backend, &self.trials, &columns, vec![row], crate::InsertMode::Plain)
    }

    /// How often the job of a key failed, and how often a worker was lost with it.
    pub fn trials(&self, key: &[Value]) -> Result<Statement> {
        let columns = ["failures", "losses"].map(|name| self.quote(name)).join(", ");
        let sql = Fragment::text(format!("SELECT {columns} FROM {}", self.name(&self.trials)));
        Ok(self.finish(sql, self.of_key(&self.trials, key)?))
    }

    /// Returns the statement that forgets the trials of keys whose jobs meet a condition.
    pub fn forget_trials_of(&self, condition: &Condition) -> Result<Statement> {
        let (jobs, names) = (self.name(&self.jobs), self.keys());
        let mut chosen = Fragment::text(format!("SELECT {names} FROM {jobs}"));
        append_conditions(self.backend, &mut chosen, self.among(condition)?);
        let mut sql = Fragment::text(format!("DELETE FROM {} WHERE ({names}) IN ", self.name(&self.trials)));
        sql.append(chosen.parenthesised());
        Ok(sql.into_statement(self.backend))
    }
}
