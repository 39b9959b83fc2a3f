//! Dates and times in the binary form of the protocol.
//!
//! The driver takes a date of zeros for null, and fails for `2024-00-00`. Both stand in tables that were made before the
//! server was strict, and are neither null nor dates: they are handed on as the strings that the server shows.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use datajoint_sql::Value;

/// The date, or its text where no calendar has it.
pub(super) fn date(bytes: &[u8]) -> Value {
    let parts = Parts::of(bytes);
    parts.date().map_or_else(|| Value::Text(parts.date_text()), Value::Date)
}

/// The date and time, or its text where no calendar has it.
pub(super) fn moment(bytes: &[u8]) -> Value {
    let parts = Parts::of(bytes);
    parts.moment().map_or_else(|| Value::Text(parts.moment_text()), Value::DateTime)
}

/// The time, which may be of several days, and below zero.
pub(super) fn time(bytes: &[u8]) -> Value {
    let mut span = TimeDelta::zero();
    let rest = bytes.get(1..).unwrap_or_default();
    if let [_, days @ .., hours, minutes, seconds] = rest.get(..8).unwrap_or_default() {
        let days = days.try_into().map(u32::from_le_bytes).unwrap_or_default();
        let hours = i64::from(days) * 24 + i64::from(*hours);
        span = TimeDelta::seconds((hours * 60 + i64::from(*minutes)) * 60 + i64::from(*seconds));
    }
    if let Some(bytes) = rest.get(8..12).and_then(|bytes| bytes.try_into().ok()) {
        span += TimeDelta::microseconds(u32::from_le_bytes(bytes).into());
    }
    datajoint_sql::clock(if rest.first() == Some(&1) { -span } else { span })
}

#[derive(Default)]
struct Parts {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    microsecond: u32,
}

impl Parts {
    /// The parts behind the length: none for zeros, then the date, the time, the microseconds as far as they are not zero.
    fn of(bytes: &[u8]) -> Self {
        let mut parts = Self::default();
        let rest = bytes.get(1..).unwrap_or_default();
        if let [low, high, month, day, ..] = rest {
            (parts.year, parts.month, parts.day) = (u16::from_le_bytes([*low, *high]), *month, *day);
        }
        if let [_, _, _, _, hour, minute, second, ..] = rest {
            (parts.hour, parts.minute, parts.second) = (*hour, *minute, *second);
        }
        if let Some(bytes) = rest.get(7..11).and_then(|bytes| bytes.try_into().ok()) {
            parts.microsecond = u32::from_le_bytes(bytes);
        }
        parts
    }

    fn date(&self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.year.into(), self.month.into(), self.day.into())
            .filter(|_| self.year > 0)
    }

    fn moment(&self) -> Option<NaiveDateTime> {
        let Self { hour, minute, second, microsecond, .. } = *self;
        self.date()?.and_hms_micro_opt(hour.into(), minute.into(), second.into(), microsecond)
    }

    fn date_text(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    fn moment_text(&self) -> String {
        let seconds = format!("{} {:02}:{:02}:{:02}", self.date_text(), self.hour, self.minute, self.second);
        if self.microsecond == 0 { seconds } else { format!("{seconds}.{:06}", self.microsecond) }
    }
}

#[cfg(test)]
mod tests {
    use datajoint_sql::Value;

    use super::{date, moment, time};

    #[test]
    fn what_no_calendar_has_stays_a_text() {
        assert_eq!(date(&[0]), Value::Text("0000-00-00".to_owned()));
        assert_eq!(date(&[4, 0xe8, 7, 0, 15]), Value::Text("2024-00-15".to_owned()));
        let below = [12, 1, 34, 0, 0, 0, 22, 59, 58, 0x3f, 0x42, 0x0f, 0];
        assert_eq!(
            Some(time(&below)),
            datajoint_sql::parse_span("-838:59:58.999999").map(datajoint_sql::clock)
        );
        assert_eq!(Some(time(&[0])), datajoint_sql::parse_span("00:00:00").map(datajoint_sql::clock));
        assert_eq!(moment(&[0]), Value::Text("0000-00-00 00:00:00".to_owned()));
        let last = [11, 0x0f, 0x27, 12, 31, 23, 59, 59, 0x3f, 0x42, 0x0f, 0];
        assert_eq!(
            moment(&last).clone(),
            Value::DateTime("9999-12-31T23:59:59.999999".parse().unwrap_or_default())
        );
    }
}
