//! The statements of a job queue.

use std::sync::Arc;

use datajoint_definition::Backend;
use datajoint_schema::{Table, jobs_table, trials_table, workers_table};

use crate::backends::dialect;
use crate::dialect::{Clock, Dialect, RowAddress};
use crate::fragment::Fragment;
use crate::manipulate::equal;
use crate::select::{Lower, append_conditions};
use crate::{Comparison, Condition, Expression, Part, Result, Statement, Value, select};

mod change;
mod outlook;
mod refresh;
mod worker;

pub use change::Reserver;
pub use outlook::OUTLOOK;

/// The statements of the job queue of one table.
#[derive(Debug, Clone)]
pub struct JobQueue {
    backend: Backend,
    target: Arc<Table>,
    jobs: Arc<Table>,
    trials: Arc<Table>,
    workers: Arc<Table>,
}

impl JobQueue {
    /// The queue of a table that fills itself. Fails when no attribute of its key comes from a parent.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use datajoint_definition::{Backend, Tier, parse};
    /// # use datajoint_schema::{Declaration, Parent, resolve};
    /// use datajoint_sql::JobQueue;
    ///
    /// # let declare = |class_name, tier, text, parents: &[Parent]| {
    /// #     let (definition, _) = parse(text);
    /// #     resolve(&Declaration { schema: "lab", class_name, tier, definition: &definition, parents, master: None }).0
    /// # };
    /// # let scan = declare("Scan", Tier::Manual, "scan : int8", &[]);
    /// # let cells = declare("Cells", Tier::Computed, "-> Scan", &[scan.as_parent()]);
    /// let queue = JobQueue::new(Backend::Sqlite, &Arc::new(cells))?;
    /// assert_eq!(queue.jobs().name.to_string(), "lab.~~cells");
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(backend: Backend, target: &Arc<Table>) -> std::result::Result<Self, datajoint_schema::Error> {
        let jobs = jobs_table(target, backend)?;
        let trials = trials_table(&jobs);
        let workers = workers_table(&target.name.schema);
        Ok(Self {
            backend,
            target: Arc::clone(target),
            jobs: Arc::new(jobs),
            trials: Arc::new(trials),
            workers: Arc::new(workers),
        })
    }

    /// The kind of database.
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// The table that the jobs are for.
    pub const fn target(&self) -> &Arc<Table> {
        &self.target
    }

    /// The table of the jobs.
    pub const fn jobs(&self) -> &Arc<Table> {
        &self.jobs
    }

    /// The tables that the queue needs: of jobs, of trials, of workers.
    pub fn tables(&self) -> [Arc<Table>; 3] {
        [&self.jobs, &self.trials, &self.workers].map(Arc::clone)
    }

    /// The attributes of a job's key.
    pub fn key_names(&self) -> impl Iterator<Item = &str> {
        self.jobs.key_names()
    }

    /// Reads a fetched row of keys and whatever follows, in place.
    ///
    /// Fails for a value that its attribute can't have.
    pub fn read_key(&self, row: &mut [Value]) -> Result<()> {
        for (name, value) in self.jobs.key_names().zip(row) {
            if let Some(attribute) = self.target.heading.get(name) {
                *value = crate::read_value(attribute, std::mem::take(value))?;
            }
        }
        Ok(())
    }

    fn dialect(&self) -> &'static dyn Dialect {
        dialect(self.backend)
    }

    fn called(&self, function: &str) -> String {
        self.dialect().called(function)
    }

    fn clock(&self) -> &'static Clock {
        self.dialect().clock()
    }

    fn name(&self, table: &Table) -> String {
        self.dialect().table(&table.name)
    }

    fn quote(&self, name: &str) -> String {
        self.dialect().identifier(name)
    }

    /// The key of a job, quoted.
    fn keys(&self) -> String {
        let keys: Vec<String> = self.jobs.key_names().map(|name| self.quote(name)).collect();
        keys.join(", ")
    }

    /// The key of a job, quoted, each column with the table before it.
    fn keys_in_full(&self) -> String {
        let jobs = self.name(&self.jobs);
        let keys: Vec<String> =
            self.jobs.key_names().map(|name| format!("{jobs}.{}", self.quote(name))).collect();
        keys.join(", ")
    }

    /// `status = 'pending'`
    fn is(&self, status: &str) -> Fragment {
        Fragment::text(format!("{} = '{status}'", self.quote("status")))
    }

    /// The condition that a job is in one of these states, of which no index is used: for jobs that are known by their
    /// keys. The index of states has an entry for each job that was in such a state and is gone, for as long as the
    /// server keeps these, so that ending many jobs would read all of them again for each list of keys.
    fn is_beside(&self, states: &[&str]) -> Fragment {
        let states: Vec<String> = states.iter().map(|status| format!("'{status}'")).collect();
        Fragment::text(format!("({} IN ({})) IS TRUE", self.quote("status"), states.join(", ")))
    }

    fn compared(&self, name: &str, operator: &str, value: Value) -> Fragment {
        let mut sql = Fragment::text(format!("{} {operator} ", self.quote(name)));
        sql.push_value(value);
        sql
    }

    /// The job of this key.
    fn of_key(&self, table: &Table, key: &[Value]) -> Result<Vec<Fragment>> {
        self.jobs.key_names().zip(key).map(|(name, value)| equal(self.backend, table, name, value)).collect()
    }

    /// The jobs of these keys, or those that meet another condition.
    fn among(&self, condition: &Condition) -> Result<Vec<Fragment>> {
        Ok(Lower::new(self.backend).target(&self.jobs, condition)?.conditions)
    }

    fn among_keys(&self, keys: &[Vec<Value>]) -> Result<Vec<Fragment>> {
        if let Some(address) = self.dialect().row_address().filter(|address| address.is_for_keys) {
            return Ok(vec![self.at_addresses_of(keys, &address)?]);
        }
        let attributes = self.jobs.key_names().map(str::to_owned).collect();
        self.among(&Condition::Keys { attributes, rows: keys.to_vec() })
    }

    /// The jobs of these keys, each looked up by itself: what the server believes of the table, which was filled a moment
    /// ago, is of no account.
    fn at_addresses_of(&self, keys: &[Vec<Value>], address: &RowAddress) -> Result<Fragment> {
        let jobs = self.name(&self.jobs);
        let [list, one] = ["~key", "~job"].map(|name| self.quote(name));
        let mut rows = Vec::with_capacity(keys.len());
        for key in keys {
            let cell = |(name, value): (&str, &Value)| {
                let mut cell = Fragment::default();
                cell.push_value(self.bound(name, value.clone())?);
                cell.push(&self.cast(name));
                Ok(cell)
            };
            let cells: Vec<Fragment> = self.jobs.key_names().zip(key).map(cell).collect::<Result<_>>()?;
            rows.push(Fragment::join(cells, ", ").parenthesised());
        }
        let places: Vec<String> =
            (0..self.jobs.key_names().count()).map(|place| self.quote(&format!("k{place}"))).collect();
        let same = self.jobs.key_names().zip(&places);
        let same: Vec<String> =
            same.map(|(name, place)| format!("{} = {list}.{place}", self.quote(name))).collect();
        let column = address.column;
        let mut sql = Fragment::text(format!("{}(SELECT {one}.{column} FROM (VALUES ", address.before));
        sql.append(Fragment::join(rows, ", "));
        // With an offset the inner query is not made a part of the outer one.
        sql.push(&format!(
            ") AS {list} ({}), LATERAL (SELECT {column} FROM {jobs} WHERE {} OFFSET 0) AS {one}){}",
            places.join(", "),
            same.join(" AND "),
            address.after,
        ));
        Ok(sql)
    }

    /// The moment so many seconds from now.
    fn later(&self, seconds: f64) -> Fragment {
        let (before, after) = self.clock().later;
        let mut sql = Fragment::text(before);
        sql.push_value(Value::Float64(seconds));
        sql.push(after);
        sql
    }

    /// True for a worker whose lease runs, by the expression for its number.
    fn is_leased(&self, worker: &str) -> String {
        let [own, expires] = ["worker", "expires"].map(|name| self.quote(name));
        let (workers, now) = (self.name(&self.workers), self.clock().milliseconds);
        format!("EXISTS (SELECT 1 FROM {workers} WHERE {own} = {worker} AND {expires} >= {now})")
    }

    /// How often a worker was lost with the job; null when never.
    fn losses(&self) -> String {
        let (jobs, trials) = (self.name(&self.jobs), self.name(&self.trials));
        let same: Vec<String> = self
            .jobs
            .key_names()
            .map(|name| self.quote(name))
            .map(|name| format!("{trials}.{name} = {jobs}.{name}"))
            .collect();
        // As a value rather than a join, so that the jobs come by their index.
        let losses = self.quote("losses");
        format!("(SELECT {losses} FROM {trials} WHERE {})", same.join(" AND "))
    }

    fn finish(&self, mut sql: Fragment, conditions: Vec<Fragment>) -> Statement {
        append_conditions(self.backend, &mut sql, conditions);
        sql.into_statement(self.backend)
    }

    /// An update of jobs that meet all conditions.
    fn update(&self, changes: Fragment, conditions: Vec<Fragment>) -> Statement {
        let mut sql = Fragment::text(format!("UPDATE {} SET ", self.name(&self.jobs)));
        sql.append(changes);
        self.finish(sql, conditions)
    }

    /// Returns the statement that makes a job pending: nobody has it any more, and nothing is said of earlier tries.
    fn freed(&self) -> Fragment {
        let quote = |name| self.quote(name);
        let mut changes = vec![format!("{} = 'pending'", quote("status"))];
        let nothing = ["reserved_time", "completed_time", "duration", "error_stack"];
        changes.extend(nothing.map(|name| format!("{} = NULL", quote(name))));
        let empty = ["error_message", "user", "host", "version"];
        changes.extend(empty.map(|name| format!("{} = ''", quote(name))));
        changes.extend(["pid", "connection_id"].map(|name| format!("{} = 0", quote(name))));
        Fragment::text(changes.join(", "))
    }

    /// The same, as if it had just been added.
    fn renewed(&self) -> Fragment {
        let now = self.clock().now;
        let mut sql = self.freed();
        for name in ["created_time", "scheduled_time"] {
            sql.push(&format!(", {} = {now}", self.quote(name)));
        }
        sql
    }
}

/// The condition that a job has a row in another query, or has none.
fn matched(rows: &Expression, is_there: bool) -> Condition {
    let there = Condition::MatchesByName(Part::new(keys_of(rows.clone())));
    if is_there { there } else { Condition::Not(Box::new(there)) }
}

fn keys_of(rows: Expression) -> Expression {
    Expression::Project { from: Part::new(rows), attributes: Vec::new() }
}

fn status(status: &str) -> Condition {
    let (attribute, operator) = ("status".to_owned(), Comparison::Equal);
    Condition::Compare { attribute, operator, value: Value::Text(status.to_owned()) }
}
