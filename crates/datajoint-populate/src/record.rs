//! How a row was made, for the columns that keep it.

use std::time::Instant;

use chrono::{Local, NaiveDateTime, Timelike};
use datajoint_sql::Value;

use crate::plan::Plan;

/// When a key was taken up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record {
    start: NaiveDateTime,
    clock: Instant,
}

impl Record {
    pub(crate) fn begin() -> Self {
        let now = Local::now().naive_local();
        let milliseconds = now.nanosecond() / 1_000_000 * 1_000_000;
        Self { start: now.with_nanosecond(milliseconds).unwrap_or(now), clock: Instant::now() }
    }

    /// For how many seconds it is worked on.
    pub(crate) fn seconds(&self) -> f64 {
        self.clock.elapsed().as_secs_f64()
    }

    /// The hidden columns of a row that is inserted now; none where the table has none.
    pub(crate) fn columns(&self, plan: &Plan) -> Vec<(&'static str, Value)> {
        let Some(version) = &plan.version else { return Vec::new() };
        vec![
            ("_job_start_time", Value::DateTime(self.start)),
            ("_job_duration", Value::Float32(self.clock.elapsed().as_secs_f32())),
            ("_job_version", Value::Text(version.clone())),
        ]
    }
}
