use super::Sqlite;
use crate::dialect::{Clock, Jobs, RowAddress};

impl Jobs for Sqlite {
    fn clock(&self) -> &'static Clock {
        &CLOCK
    }

    fn row_address(&self) -> Option<RowAddress> {
        Some(RowAddress { column: "rowid", before: "rowid IN ", after: "", is_for_keys: false })
    }

    fn is_gone(&self, _: &str) -> Option<String> {
        None
    }
}

const CLOCK: Clock = Clock {
    now: "strftime('%Y-%m-%d %H:%M:%f', 'now')",
    later: ("strftime('%Y-%m-%d %H:%M:%f', 'now', ", " || ' seconds')"),
    age: |moment| format!("(julianday('now') - julianday({moment})) * 86400.0"),
    milliseconds: "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    user: "''",
    lock: "",
};
