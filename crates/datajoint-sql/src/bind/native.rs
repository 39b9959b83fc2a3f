use chrono::{NaiveTime, TimeDelta, Timelike as _};
use datajoint_definition::{Backend, Capability, NativeType, count};

use super::{convert, number};
use crate::Value;
use crate::native::Holds;

/// A value of a type of one database, or what is wrong with it.
pub(super) fn native(backend: Backend, native: &NativeType, value: Value) -> Result<Value, String> {
    match Holds::of(backend, native) {
        Holds::Bytes { shortest, longest } => of_length(convert::bytes(value)?, shortest, longest),
        Holds::Members => in_set(&value, &crate::native::members(native)),
        Holds::Integer { low, high } => number::integer(&flag(native, value), low, high),
        Holds::Decimal { digits, is_unsigned } => decimal(&value, digits, is_unsigned),
        Holds::Float32 { after_point, is_unsigned } => {
            let number = number::float32(&value)?;
            number::signed(number < 0.0, is_unsigned)?;
            rounded32(number, after_point)?;
            Ok(Value::Float32(number))
        }
        Holds::Float64 { after_point, is_unsigned } => {
            let number = number::float64(&value)?;
            number::signed(number < 0.0, is_unsigned)?;
            number::rounded(number, after_point)?;
            Ok(Value::Float64(number))
        }
        Holds::Time { digits } => time(backend, &value, digits),
        Holds::DateTime { digits } => convert::date_time(backend, &value, Some(digits)),
        Holds::Year => match number::integer(&value, 0, 2155)? {
            Value::Int(1..=1900) => Err("it must lie between 1901 and 2155, or be 0".to_owned()),
            year => Ok(year),
        },
        Holds::Text { longest } => convert::text(value, longest.unwrap_or(u32::MAX)),
        Holds::Other => match value {
            Value::Bytes(_) => Err("give a string or a number, not bytes".to_owned()),
            value => Ok(value),
        },
    }
}

/// A `tinyint` of MySQL and MariaDB is their `bool`, too: it takes truth as a number.
fn flag(native: &NativeType, value: Value) -> Value {
    let is_flag = native.text.to_ascii_lowercase().starts_with("tinyint");
    match &value {
        Value::Bool(truth) if is_flag => Value::Int(i64::from(*truth)),
        Value::Text(text) if is_flag => match text.trim().to_ascii_lowercase().as_str() {
            "true" => Value::Int(1),
            "false" => Value::Int(0),
            _ => value,
        },
        _ => value,
    }
}

/// Bytes are not filled up and not cut.
fn of_length(value: Value, shortest: u32, longest: Option<u32>) -> Result<Value, String> {
    let Value::Bytes(bytes) = &value else { return Ok(value) };
    let count = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    if (shortest..=longest.unwrap_or(u32::MAX)).contains(&count) {
        return Ok(value);
    }
    let wanted = match longest {
        Some(longest) if longest == shortest => longest.to_string(),
        longest => format!("at most {}", longest.unwrap_or_default()),
    };
    Err(format!("the type holds {wanted}; fill it up or declare `bytes`"))
}

/// Members of a set, in the order of their declaration, in which the server keeps them.
fn in_set(value: &Value, members: &[&str]) -> Result<Value, String> {
    let wrong = || format!("give members of {}, with commas between them", members.join(", "));
    let Value::Text(text) = value else { return Err(wrong()) };
    let given: Vec<&str> = text.split(',').filter(|member| !member.is_empty()).collect();
    if !given.iter().all(|member| members.contains(member)) {
        return Err(wrong());
    }
    let kept: Vec<&str> = members.iter().filter(|member| given.contains(member)).copied().collect();
    Ok(Value::Text(kept.join(",")))
}

fn decimal(value: &Value, digits: Option<(u8, u8)>, is_unsigned: bool) -> Result<Value, String> {
    let number = match digits {
        Some((precision, scale)) => number::decimal(value, precision, scale)?,
        None => crate::decimal::exact(value)
            .map(crate::decimal::value)
            .ok_or_else(|| "give a decimal number".to_owned())?,
    };
    let is_negative = match &number {
        Value::Decimal(number) => number.is_sign_negative() && !number.is_zero(),
        Value::BigDecimal(number) => number.sign() == bigdecimal::num_bigint::Sign::Minus,
        _ => false,
    };
    number::signed(is_negative, is_unsigned)?;
    Ok(number)
}

/// Fails for a float that has more digits after the point than are kept.
fn rounded32(number: f32, after_point: Option<u8>) -> Result<(), String> {
    match after_point {
        Some(digits) if format!("{number:.*}", usize::from(digits)).parse() != Ok(number) => {
            Err(format!("it has more than {} after the point; round it first", count(digits, "digit")))
        }
        _ => Ok(()),
    }
}

fn time(backend: Backend, value: &Value, digits: u8) -> Result<Value, String> {
    let wrong = || "give a time, as in 23:59:59".to_owned();
    let span = match value {
        Value::Time(time) => {
            convert::in_seconds(time.nanosecond(), digits)?;
            return Ok(value.clone());
        }
        Value::Duration(span) => *span,
        Value::Text(text) => parse_span(text.trim()).ok_or_else(wrong)?,
        _ => return Err(wrong()),
    };
    convert::in_seconds(span.subsec_nanos().unsigned_abs(), digits)?;
    let Capability { min_time, max_time, .. } = *backend.capability();
    let (low, high) = (TimeDelta::microseconds(min_time), TimeDelta::microseconds(max_time));
    if span < low || span > high {
        let (low, high) = (show_span(low), show_span(high));
        return Err(format!("times of {backend} lie between {low} and {high}; keep the seconds as float64"));
    }
    Ok(clock(span))
}

/// Returns a time as a clock shows it where one does, else as a span of time.
///
/// ```
/// use chrono::TimeDelta;
/// use datajoint_sql::{Value, clock};
///
/// assert!(matches!(clock(TimeDelta::hours(23)), Value::Time(_)));
/// assert!(matches!(clock(TimeDelta::hours(24)), Value::Duration(_)));
/// ```
pub fn clock(span: TimeDelta) -> Value {
    let seconds = u32::try_from(span.num_seconds()).ok();
    let nanoseconds = u32::try_from(span.subsec_nanos()).ok();
    match (seconds, nanoseconds) {
        (Some(seconds), Some(nanoseconds)) => {
            NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanoseconds)
                .map_or(Value::Duration(span), Value::Time)
        }
        _ => Value::Duration(span),
    }
}

/// Returns a time as databases write it, such as `-838:59:59.5`.
pub fn show_span(span: TimeDelta) -> String {
    let sign = if span < TimeDelta::zero() { "-" } else { "" };
    let (seconds, nanoseconds) = (span.num_seconds().unsigned_abs(), span.subsec_nanos().unsigned_abs());
    let whole = format!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if nanoseconds == 0 {
        return whole;
    }
    format!("{whole}.{}", format!("{nanoseconds:09}").trim_end_matches('0'))
}

/// Returns the time that a text such as `-838:59:59.5` says, if it is one; its hours may be of several days.
///
/// ```
/// use datajoint_sql::{parse_span, show_span};
///
/// assert_eq!(parse_span("-26:30:00.50").map(show_span).as_deref(), Some("-26:30:00.5"));
/// assert_eq!(parse_span("half past nine"), None);
/// ```
pub fn parse_span(text: &str) -> Option<TimeDelta> {
    let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    let mut parts = text.split(':');
    let (hours, minutes) = (parts.next()?, parts.next()?);
    let (seconds, fraction) = match parts.next() {
        Some(seconds) => seconds.split_once('.').unwrap_or((seconds, "0")),
        None => ("0", "0"),
    };
    let number = |text: &str, most: i64| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|number| is_number && *number <= most)
    };
    if parts.next().is_some() || fraction.len() > 9 {
        return None;
    }
    let whole = number(hours, 1_000_000)? * 3600 + number(minutes, 59)? * 60 + number(seconds, 59)?;
    let nanoseconds = number(&format!("{fraction:0<9}"), 999_999_999)?;
    let span = TimeDelta::seconds(whole) + TimeDelta::nanoseconds(nanoseconds);
    Some(if is_negative { -span } else { span })
}
