//! Defaults that are no value of their type, on any database.

use crate::{AttributeLine, AttributeType, CoreType, DefaultValue, Diagnostic, count, suggest};

pub(super) fn attribute(attribute: &AttributeLine, faults: &mut Vec<Diagnostic>) {
    if let Some(help) = unfit_default(&attribute.attribute_type, &attribute.default) {
        let written = attribute.default_text.as_deref().unwrap_or_default();
        let message = format!("the default {written} of `{}` is no {}", attribute.name, attribute.type_text);
        faults.push(Diagnostic::error(attribute.name_span, message).with_help(help));
    }
}

/// Returns what to write instead of a default that no database takes for this type; `None` for all others.
///
/// It refuses nothing that a database would take. What depends on the database, and whether a string is a JSON document, is
/// looked at when the table is declared.
///
/// ```
/// use datajoint_definition::{AttributeType, DefaultValue, unfit_default};
///
/// let age = AttributeType::parse("int8").unwrap();
/// let help = unfit_default(&age, &DefaultValue::Value("300".to_owned())).unwrap();
/// assert_eq!(help, "give a whole number from -128 to 127, or declare a wider type");
/// assert!(unfit_default(&age, &DefaultValue::Value("30".to_owned())).is_none());
/// ```
pub fn unfit_default(attribute_type: &AttributeType, default: &DefaultValue) -> Option<String> {
    let core = match (attribute_type, default) {
        (_, DefaultValue::Required | DefaultValue::Null | DefaultValue::OfServer(_))
        | (AttributeType::Native(_), _) => return None,
        (AttributeType::Codec(_) | AttributeType::Core(CoreType::Bytes), _) => {
            return Some("its default can only be `null`: give a value with each row".to_owned());
        }
        (AttributeType::Core(core), _) => core,
    };
    match default {
        DefaultValue::Value(text) => unfit_value(core, text),
        // Databases differ in whether they make a string or a date of it.
        _ => match core {
            CoreType::DateTime { .. } | CoreType::Date | CoreType::Char(_) | CoreType::Varchar(_) => None,
            _ => Some("it is the default of a `datetime`".to_owned()),
        },
    }
}

fn unfit_value(core: &CoreType, text: &str) -> Option<String> {
    let trimmed = text.trim();
    match core {
        CoreType::Int8 => integer(trimmed, i8::MIN.into(), i8::MAX.into()),
        CoreType::Int16 => integer(trimmed, i16::MIN.into(), i16::MAX.into()),
        CoreType::Int32 => integer(trimmed, i32::MIN.into(), i32::MAX.into()),
        CoreType::Int64 => integer(trimmed, i64::MIN, i64::MAX),
        CoreType::Float32 => is_no_float(trimmed, trimmed.parse().ok().map(f32::is_finite)),
        CoreType::Float64 => is_no_float(trimmed, trimmed.parse().ok().map(f64::is_finite)),
        CoreType::Decimal { precision, scale } => decimal(trimmed, (*precision).into(), (*scale).into()),
        CoreType::Bool => {
            let is_truth =
                ["true", "false", "1", "0"].iter().any(|truth| trimmed.eq_ignore_ascii_case(truth));
            (!is_truth).then(|| "give `true` or `false`".to_owned())
        }
        CoreType::Uuid => {
            let bare = trimmed.strip_prefix("urn:uuid:").unwrap_or(trimmed).trim_matches(['{', '}']);
            let digits = bare.bytes().filter(|byte| *byte != b'-');
            let fits = digits.clone().all(|byte| byte.is_ascii_hexdigit()) && digits.count() == 32;
            (!fits).then(|| "give a UUID: `7c9e6679-7425-40de-944b-e07fc1f90ae7`".to_owned())
        }
        CoreType::Date => {
            (!may_be_date(trimmed)).then(|| "give a date of the years 1 to 9999: `2024-01-31`".to_owned())
        }
        CoreType::DateTime { .. } => (!may_be_moment(trimmed))
            .then(|| "give a moment of the years 1 to 9999: `2024-01-31 23:59:59`".to_owned()),
        CoreType::Char(length) => string(text.trim_end_matches(' '), *length),
        CoreType::Varchar(length) => string(text, *length),
        CoreType::Enum(members) if members.iter().any(|member| member == text) => None,
        CoreType::Enum(members) => {
            let near = suggest(text, members.iter().map(String::as_str));
            let near = near.map(|near| format!("did you mean \"{near}\"? ")).unwrap_or_default();
            let members: Vec<String> = members.iter().map(|member| format!("\"{member}\"")).collect();
            Some(format!("{near}it takes {}", members.join(", ")))
        }
        CoreType::Json | CoreType::Bytes => None,
    }
}

fn integer(text: &str, low: i64, high: i64) -> Option<String> {
    let fits = text.parse::<i128>().is_ok_and(|number| (low.into()..=high.into()).contains(&number));
    (!fits).then(|| format!("give a whole number from {low} to {high}, or declare a wider type"))
}

/// Infinity is a float where it is written so. Whether a whole number is one of the floats is looked at when the table is declared.
fn is_no_float(text: &str, is_finite: Option<bool>) -> Option<String> {
    let is_number = text.bytes().any(|byte| byte.is_ascii_digit());
    let fits = is_finite.is_some_and(|is_finite| is_finite || !is_number);
    (!fits).then(|| "give a number that the type holds".to_owned())
}

/// With an exponent a number may have any length; its digits are counted where it has none.
fn decimal(text: &str, precision: usize, scale: usize) -> Option<String> {
    if text.parse::<f64>().is_err() || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Some("give a decimal number".to_owned());
    }
    if text.contains(['e', 'E']) {
        return None;
    }
    let digits = text.trim_start_matches(['+', '-']);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let fits = whole.trim_start_matches('0').len() <= precision.saturating_sub(scale)
        && part.trim_end_matches('0').len() <= scale;
    (!fits).then(|| {
        let before = count(precision.saturating_sub(scale), "digit");
        format!("the type holds {before} before the point and {scale} after it: declare a wider type")
    })
}

fn string(text: &str, length: u32) -> Option<String> {
    let characters = text.chars().count();
    (characters > usize::try_from(length).unwrap_or(usize::MAX)).then(|| {
        format!(
            "it has {}, and the type holds {length}: declare a longer type",
            count(characters, "character")
        )
    })
}

/// False for what is no date of the calendar.
fn may_be_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-').map(|part| part.trim().parse::<u32>().ok());
    let (Some(Some(year)), Some(Some(month)), Some(Some(day))) = (parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 31,
    };
    (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=days).contains(&day)
}

/// False for what is no moment: a date, and a time behind a blank or a `T`.
fn may_be_moment(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', ' ']) else { return may_be_date(text) };
    // Blanks before a number are read over.
    if time.is_empty() || date.contains(char::is_whitespace) || time.contains(char::is_whitespace) {
        return true;
    }
    let parts: Vec<&str> = time.split(':').collect();
    let [hour, minute, second] = parts.as_slice() else { return false };
    let below = |part: &str, end: u32| part.parse::<u32>().is_ok_and(|number| number < end);
    let (second, part) = second.split_once('.').unwrap_or((second, "0"));
    may_be_date(date)
        && below(hour, 24)
        && below(minute, 60)
        && below(second, 60)
        && !part.is_empty()
        && part.bytes().all(|byte| byte.is_ascii_digit())
}
