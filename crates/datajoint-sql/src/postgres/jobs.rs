use super::Postgres;
use crate::dialect::{Clock, Jobs, RowAddress};

impl Jobs for Postgres {
    fn clock(&self) -> &'static Clock {
        &CLOCK
    }

    /// As an array the rows are chosen once, however the rest is planned.
    fn row_address(&self) -> Option<RowAddress> {
        Some(RowAddress { column: "ctid", before: "ctid = ANY (ARRAY", after: ")", is_for_keys: true })
    }

    /// It takes a table that was filled since it was analyzed for one with a few jobs, and would read and sort all of
    /// them each time that some are claimed.
    fn in_order(&self) -> Option<&'static str> {
        Some(
            "SELECT pg_catalog.set_config('enable_sort', 'off', true), pg_catalog.set_config('enable_bitmapscan', 'off', true), \
             pg_catalog.set_config('enable_seqscan', 'off', true)",
        )
    }

    fn has_session_locks(&self) -> bool {
        true
    }

    fn is_gone(&self, connection: &str) -> Option<String> {
        Some(format!("NOT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity WHERE pid = {connection})"))
    }
}

/// The zone of the session may repeat an hour: then a time that was twice is the later of the two.
const CLOCK: Clock = Clock {
    now: "CURRENT_TIMESTAMP(3)",
    later: ("CURRENT_TIMESTAMP(3) + ", "::float8 * INTERVAL '1 second'"),
    age: |moment| format!("extract(epoch FROM CURRENT_TIMESTAMP - {moment}::timestamptz)"),
    milliseconds: "(extract(epoch FROM pg_catalog.statement_timestamp()) * 1000)::bigint",
    user: "current_user",
    lock: " FOR UPDATE SKIP LOCKED",
};
