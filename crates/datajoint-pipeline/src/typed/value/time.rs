//! Dates and times as attribute values.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use datajoint_sql::Value;

use super::{AttributeValue, ValueError, mismatch};

impl AttributeValue for NaiveDate {
    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Date(self))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match &value {
            Value::Date(date) => Ok(*date),
            Value::Text(text) => {
                text.trim().parse().map_err(|_| mismatch("a date such as 2024-12-31", &value))
            }
            _ => Err(mismatch("a date", &value)),
        }
    }
}

impl AttributeValue for NaiveTime {
    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Time(self))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match &value {
            Value::Time(time) => Ok(*time),
            Value::Text(text) => text.trim().parse().map_err(|_| mismatch("a time such as 12:30:00", &value)),
            Value::Duration(_) => Err(mismatch("a time of day; read it as `chrono::TimeDelta`", &value)),
            _ => Err(mismatch("a time of day", &value)),
        }
    }
}

/// For a `time` of MySQL, which may be below zero, or 24 hours and more.
impl AttributeValue for TimeDelta {
    fn into_value(self) -> Result<Value, ValueError> {
        Ok(datajoint_sql::clock(self))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match &value {
            Value::Duration(span) => Ok(*span),
            Value::Time(time) => Ok(*time - NaiveTime::MIN),
            Value::Text(text) => datajoint_sql::parse_span(text.trim())
                .ok_or_else(|| mismatch("a time such as 12:30:00 or -26:30:00", &value)),
            _ => Err(mismatch("a time", &value)),
        }
    }
}

impl AttributeValue for NaiveDateTime {
    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::DateTime(self))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match &value {
            Value::DateTime(time) => Ok(*time),
            Value::Text(text) => moment(text.trim())
                .ok_or_else(|| mismatch("a date and time such as 2024-12-31 12:30:00", &value)),
            _ => Err(mismatch("a date and time", &value)),
        }
    }
}

/// Reads `2024-12-31 12:30:00.5`, with `T` in the middle too, and a bare date as its midnight.
fn moment(text: &str) -> Option<NaiveDateTime> {
    let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];
    let date = || text.parse::<NaiveDate>().ok().map(|date| date.and_time(NaiveTime::MIN));
    formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok()).or_else(date)
}
