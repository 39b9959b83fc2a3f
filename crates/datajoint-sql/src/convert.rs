//! Values to what a backend stores for a type, and back.

mod bind;
mod read;

pub use bind::bind_value;
pub use read::read_value;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// A date and time as texts have it, with a blank or `T` between the two.
fn parse_datetime(text: &str) -> Option<NaiveDateTime> {
    ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| parse_date(text)?.and_hms_opt(0, 0, 0))
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M:%S%.f").ok()
}
