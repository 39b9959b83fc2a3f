//! What stands at places in JSON on which a table has indexes: what their types take, the same on every backend.

use bigdecimal::BigDecimal;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use datajoint_definition::{Backend, IndexItem, JsonPath, JsonType};
use datajoint_schema::Table;
use datajoint_sql::Value;
use serde_json::Value as Json;

use super::rows::stands_at;
use crate::typed::{ValueError, describe};

/// Fails for a row with a document in which something else stands at a place than the type of its index takes: some
/// databases would make another value of it, and then take two rows for the same. Nothing, and null, may stand there.
pub(super) fn check(
    backend: Backend,
    table: &Table,
    columns: &[String],
    row: &[Value],
) -> Result<(), ValueError> {
    for item in table.indexes.iter().flat_map(|index| &index.items) {
        let IndexItem::JsonPath { attribute, returning: Some(kind), .. } = item else { continue };
        let Some(document) = columns.iter().position(|column| column == attribute) else { continue };
        let Ok(path) = JsonPath::parse(&item.to_string()) else { continue };
        let Some(found) = stands_at(&row[document], &path).filter(|found| !found.is_null()) else { continue };
        if let Some(wanted) = refusal(backend, *kind, &found) {
            let found = describe(&Value::Json(Box::new(found)));
            let problem = format!("{found} at `{item}`, on which there is an index, which takes {wanted}");
            return Err(ValueError::new(problem).at(attribute));
        }
    }
    Ok(())
}

/// What a type takes, where it doesn't take a value. How long strings may be, the database says.
fn refusal(backend: Backend, kind: JsonType, found: &Json) -> Option<String> {
    let text = found.as_str().unwrap_or_default();
    let (is_taken, wanted) = match kind {
        JsonType::Signed => (found.is_i64(), "a whole number of 64 bits".to_owned()),
        JsonType::Unsigned => {
            (found.as_i64().is_some_and(|number| number >= 0), "a whole number from 0 on".to_owned())
        }
        JsonType::Float => (
            found.as_f64().is_some_and(is_narrow),
            format!(
                "a number between {:e} and {:e}, and none nearer to 0 than {:e}",
                f32::MIN,
                f32::MAX,
                f32::from_bits(1)
            ),
        ),
        JsonType::Double => (found.is_number(), "a number".to_owned()),
        JsonType::Decimal(digits) => match digits.or(backend.capability().bare_decimal) {
            None => (found.is_number(), "a number".to_owned()),
            Some((precision, scale)) => {
                let whole = precision.saturating_sub(scale);
                let wanted =
                    format!("a number with at most {whole} digits before the point and {scale} after it");
                (found.is_number() && fits(&found.to_string(), whole, scale), wanted)
            }
        },
        JsonType::Bool => (found.is_boolean(), "true or false".to_owned()),
        JsonType::Date => {
            let read = NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|date| date.to_string());
            (read.is_ok_and(|read| read == text), "a date such as \"2024-01-31\"".to_owned())
        }
        JsonType::Time => {
            let read = NaiveTime::parse_from_str(text, "%H:%M:%S").map(|time| time.to_string());
            (read.is_ok_and(|read| read == text), "a time such as \"23:59:59\"".to_owned())
        }
        JsonType::DateTime => {
            let read = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").map(|time| time.to_string());
            (read.is_ok_and(|read| read == text), "a moment such as \"2024-01-31 23:59:59\"".to_owned())
        }
        // Strings.
        _ => return None,
    };
    (!is_taken).then_some(wanted)
}

/// True for a number that a 32-bit float is near.
#[expect(clippy::cast_possible_truncation, reason = "looked at afterwards")]
fn is_narrow(number: f64) -> bool {
    let narrow = number as f32;
    narrow.is_finite() && (narrow != 0.0 || number == 0.0)
}

/// True for a number with so few digits before its point and after it.
fn fits(number: &str, whole: u8, scale: u8) -> bool {
    let Ok(number) = number.parse::<BigDecimal>() else { return false };
    let (digits, after) = number.normalized().into_bigint_and_exponent();
    let count = i64::try_from(digits.magnitude().to_string().len()).unwrap_or(i64::MAX);
    after <= i64::from(scale) && (digits == 0.into() || count - after <= i64::from(whole))
}
