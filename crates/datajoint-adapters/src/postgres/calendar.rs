//! Dates and times in the binary form of PostgreSQL, which has some that no calendar has.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use datajoint_sql::Value;

/// PostgreSQL counts from here.
pub(super) fn epoch() -> NaiveDate {
    NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default()
}

/// The date so many days after 2000, or its text where there is none.
pub(super) fn date(days: i32) -> Value {
    match days {
        i32::MAX => Value::Text("infinity".to_owned()),
        i32::MIN => Value::Text("-infinity".to_owned()),
        days => TimeDelta::try_days(days.into())
            .and_then(|days| epoch().checked_add_signed(days))
            .map_or_else(|| Value::Text(format!("{days} days after 2000-01-01")), Value::Date),
    }
}

/// The moment so many microseconds after 2000, or its text where there is none.
pub(super) fn moment(microseconds: i64) -> Value {
    match microseconds {
        i64::MAX => Value::Text("infinity".to_owned()),
        i64::MIN => Value::Text("-infinity".to_owned()),
        microseconds => NaiveDateTime::from(epoch())
            .checked_add_signed(TimeDelta::microseconds(microseconds))
            .map_or_else(|| Value::Text(format!("{microseconds} µs after 2000-01-01")), Value::DateTime),
    }
}
