//! What is to become of jobs.

use super::JobQueue;
use crate::fragment::Fragment;
use crate::select::append_conditions;
use crate::{Condition, Result, Statement};

/// What [`JobQueue::outlook`] tells of a job, behind its key.
pub const OUTLOOK: [&str; 7] =
    ["status", "priority", "scheduled_time", "reserved_time", "host", "pid", "error_message"];

impl JobQueue {
    /// Returns the statement that tells what is to become of jobs that meet a condition and are not done: their keys, the columns
    /// of [`OUTLOOK`], then 1 where one is due, and 1 where its worker's lease has ended. The most urgent come first.
    pub fn outlook(&self, condition: &Condition, has_leases: bool, limit: u64) -> Result<Statement> {
        let columns: Vec<String> = OUTLOOK.iter().map(|name| self.quote(name)).collect();
        let (scheduled, connection) = (self.quote("scheduled_time"), self.quote("connection_id"));
        let is_leased = if has_leases {
            format!("{connection} < 0 AND NOT {}", self.is_leased(&format!("-{connection}")))
        } else {
            "1 = 0".to_owned()
        };
        let mut sql = Fragment::text(format!(
            "SELECT {}, {}, CASE WHEN {scheduled} <= {} THEN 1 ELSE 0 END, CASE WHEN {is_leased} THEN 1 ELSE 0 END FROM {}",
            self.keys_in_full(),
            columns.join(", "),
            self.clock().now,
            self.name(&self.jobs),
        ));
        let mut conditions = self.among(condition)?;
        conditions.push(Fragment::text(format!("{} <> 'success'", self.quote("status"))));
        append_conditions(self.backend, &mut sql, conditions);
        let order = [self.quote("status"), self.quote("priority"), scheduled, self.keys()];
        sql.push(&format!(" ORDER BY {}{}", order.join(", "), self.dialect().limit(Some(limit), 0)));
        Ok(sql.into_statement(self.backend))
    }
}
