//! Statements that bring a queue up to date with its table and the sources of that.

use super::{JobQueue, keys_of, matched, select, status};
use crate::fragment::Fragment;
use crate::{Condition, Expression, InsertMode, Part, Result, Statement, Value};

impl JobQueue {
    /// Returns the statement that adds a job for each key of a source that neither the table nor the queue has.
    pub fn add(&self, source: &Expression, priority: u8, delay: f64) -> Result<Statement> {
        let of = |table| Expression::Table(std::sync::Arc::clone(table));
        let condition =
            Condition::All(vec![matched(&of(&self.target), false), matched(&of(&self.jobs), false)]);
        let new = Expression::Restrict { from: Part::new(keys_of(source.clone())), condition };
        let names: Vec<&str> = self.jobs.key_names().collect();
        let query = select::rows_of(self.backend, &new, |name| names.contains(&name))?;
        let columns: Vec<String> = query.attributes().map(|attribute| self.quote(&attribute.name)).collect();
        let (columns, state) = (columns.join(", "), ["status", "priority", "scheduled_time"]);
        let state: Vec<String> = state.map(|name| self.quote(name)).into();
        let (verb, tail) = self.dialect().insert_mode(&self.jobs, InsertMode::SkipDuplicates);
        let mut sql = Fragment::text(format!(
            "{verb} {} ({columns}, {}) SELECT {columns}, 'pending'{}, ",
            self.name(&self.jobs),
            state.join(", "),
            self.cast("status"),
        ));
        sql.push_value(self.bound("priority", Value::Int(priority.into()))?);
        sql.push(&self.cast("priority"));
        sql.push(", ");
        sql.append(self.later(delay));
        sql.push(" FROM ");
        sql.append(select::render(self.backend, query).parenthesised());
        // SQLite would take `ON CONFLICT` for the condition of a join.
        sql.push(&format!(" AS {} WHERE TRUE{tail}", self.quote("~new")));
        Ok(sql.into_statement(self.backend))
    }

    pub(super) fn cast(&self, name: &str) -> String {
        let attribute = self.jobs.heading.get(name);
        attribute.map_or_else(String::new, |attribute| self.dialect().cast(Some(&self.jobs.name), attribute))
    }

    pub(super) fn bound(&self, name: &str, value: Value) -> Result<Value> {
        let Some(attribute) = self.jobs.heading.get(name) else { return Ok(value) };
        crate::bind_value(self.backend, attribute, value).map_err(|error| error.in_table(&self.jobs.name))
    }

    /// Returns the statement that makes jobs pending again that are done, and whose row is gone from the table.
    pub fn add_again(&self, source: &Expression) -> Result<Statement> {
        let target = Expression::Table(std::sync::Arc::clone(&self.target));
        let condition =
            Condition::All(vec![status("success"), matched(source, true), matched(&target, false)]);
        Ok(self.update(self.renewed(), self.among(&condition)?))
    }

    /// Returns the statement that removes jobs that are done or failed, and whose key is gone from the source and from the table.
    pub fn remove_done(&self, source: &Expression) -> Result<Statement> {
        let target = Expression::Table(std::sync::Arc::clone(&self.target));
        let is_done = Condition::Any(vec![status("success"), status("error")]);
        let condition = Condition::All(vec![matched(source, false), is_done, matched(&target, false)]);
        crate::delete(self.backend, &self.jobs, &condition)
    }

    /// Returns the statement that removes jobs whose key is gone from the source, save those that are to be ignored, when they were added so
    /// many seconds ago.
    pub fn remove_vanished(&self, source: &Expression, seconds: f64) -> Result<Statement> {
        let mut conditions = self.among(&matched(source, false))?;
        let mut is_old = Fragment::text(format!("{} < ", self.quote("created_time")));
        is_old.append(self.later(-seconds));
        conditions.push(is_old);
        conditions.push(Fragment::text(format!("{} <> 'ignore'", self.quote("status"))));
        Ok(self.finish(self.delete_from(), conditions))
    }

    /// Returns the statement that frees jobs that were reserved so many seconds ago, unless the lease of their worker runs.
    ///
    /// Where there are no leases, those of workers of Python: others may have got theirs since that was seen.
    pub fn free_old(&self, seconds: f64, has_leases: bool) -> Statement {
        let is_old = self.is_older(seconds);
        let connection = self.quote("connection_id");
        let is_free = Fragment::text(if has_leases {
            format!("NOT {}", self.is_leased(&format!("-{connection}")))
        } else {
            format!("{connection} >= 0")
        });
        self.update(self.renewed(), vec![self.is("reserved"), is_old, is_free])
    }

    /// The condition that a job was reserved so many seconds ago.
    pub(super) fn is_older(&self, seconds: f64) -> Fragment {
        let mut is_old = Fragment::text(format!("{} > ", (self.clock().age)(&self.quote("reserved_time"))));
        is_old.push_value(Value::Float64(seconds));
        is_old
    }

    /// Returns the statement that forgets the trials of keys that have no job, or whose job is done.
    pub fn forget_trials(&self) -> Statement {
        let (jobs, trials) = (self.name(&self.jobs), self.name(&self.trials));
        let same: Vec<String> = self
            .jobs
            .key_names()
            .map(|name| self.quote(name))
            .map(|name| format!("{jobs}.{name} = {trials}.{name}"))
            .collect();
        Statement::plain(format!(
            "DELETE FROM {trials} WHERE NOT EXISTS (SELECT 1 FROM {jobs} WHERE {} AND {} <> 'success')",
            same.join(" AND "),
            self.quote("status"),
        ))
    }

    pub(super) fn delete_from(&self) -> Fragment {
        let jobs = self.name(&self.jobs);
        // As `crate::delete` has it.
        let target =
            if self.backend.capability().has_delete_target { format!("{jobs} ") } else { String::new() };
        Fragment::text(format!("DELETE {target}FROM {jobs}"))
    }
}
