use super::Mysql;
use crate::dialect::{Clock, Jobs};

impl Jobs for Mysql {
    fn clock(&self) -> &'static Clock {
        &CLOCK
    }

    /// Without the privilege a user sees its own sessions alone.
    fn is_gone(&self, connection: &str) -> Option<String> {
        Some(format!(
            "NOT EXISTS (SELECT 1 FROM information_schema.processlist WHERE id = {connection}) AND EXISTS (\
             SELECT 1 FROM information_schema.user_privileges WHERE privilege_type = 'PROCESS')"
        ))
    }
}

/// The zone of the session may repeat an hour, or leave one out. The difference of the local times is too small after
/// the first, that of the moments they are taken for after the second.
const CLOCK: Clock = Clock {
    now: "CURRENT_TIMESTAMP(3)",
    later: ("CURRENT_TIMESTAMP(3) + INTERVAL ", " SECOND"),
    age,
    milliseconds: "timestampdiff(MICROSECOND, '1970-01-01', utc_timestamp(6)) DIV 1000",
    user: "user()",
    lock: " FOR UPDATE SKIP LOCKED",
};

fn age(moment: &str) -> String {
    format!(
        "least(timestampdiff(MICROSECOND, {moment}, CURRENT_TIMESTAMP(6)) / 1000000, \
         unix_timestamp() - unix_timestamp({moment}))"
    )
}
