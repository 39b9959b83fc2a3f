use datajoint_definition::{AttributeType, Backend, CoreType, NativeCategory, NativeType, Store};
use datajoint_schema::{Attribute, Table};

use super::quote::quote;
use crate::literal::literal;
use crate::native::Holds;
use crate::{Error, Result};

/// The digits that a 64-bit float keeps of any decimal number.
pub(crate) const EXACT_DIGITS: u8 = 15;

/// The type of a column, and the check that its values must pass; empty when every value of the type will do.
pub(super) fn column_type(table: &Table, attribute: &Attribute) -> Result<(&'static str, String)> {
    let name = quote(&attribute.name);
    let core = match &attribute.attribute_type {
        AttributeType::Core(core) => core,
        AttributeType::Native(native) => return native_type(table, attribute, native),
        AttributeType::Codec(codec) => {
            let in_table = codec.store == Store::Table;
            return Ok(if in_table {
                ("BLOB", String::new())
            } else {
                ("TEXT", format!("{name} IS NULL OR json_valid({name})"))
            });
        }
    };
    Ok(match core {
        CoreType::Int8 => ("INT", range(&name, i64::from(i8::MIN), i64::from(i8::MAX))),
        CoreType::Int16 => ("INT", range(&name, i64::from(i16::MIN), i64::from(i16::MAX))),
        CoreType::Int32 => ("INT", range(&name, i64::from(i32::MIN), i64::from(i32::MAX))),
        // Never `INTEGER`: as a key alone that would be the row number, which fills itself in.
        CoreType::Int64 => ("INT", String::new()),
        CoreType::Bool => ("INT", format!("{name} IN (0, 1)")),
        CoreType::Float32 | CoreType::Float64 => ("REAL", String::new()),
        CoreType::Uuid => ("BLOB", format!("length({name}) = 16")),
        CoreType::Json => ("TEXT", format!("{name} IS NULL OR json_valid({name})")),
        CoreType::Bytes => ("BLOB", String::new()),
        CoreType::Date => ("TEXT", format!("date({name}) IS {name}")),
        CoreType::DateTime { precision } => ("TEXT", date_time(&name, precision.unwrap_or(0))),
        CoreType::Char(length) | CoreType::Varchar(length) => ("TEXT", format!("length({name}) <= {length}")),
        CoreType::Enum(members) => {
            let members: Vec<String> = members.iter().map(|member| literal(member)).collect();
            ("TEXT", format!("{name} IN ({})", members.join(", ")))
        }
        CoreType::Decimal { precision, scale } if *precision <= EXACT_DIGITS => {
            ("REAL", format!("abs({name}) < 1e{} AND round({name}, {scale}) = {name}", precision - scale))
        }
        CoreType::Decimal { scale, .. } => {
            return Err(too_precise(table, attribute, *scale.min(&EXACT_DIGITS)));
        }
    })
}

fn native_type(table: &Table, attribute: &Attribute, native: &NativeType) -> Result<(&'static str, String)> {
    let name = quote(&attribute.name);
    Ok(match Holds::of(Backend::Sqlite, native) {
        // Numbers beyond 64 bits with a sign are strings of 20 digits, which come after all numbers.
        holds @ Holds::Integer { .. } if holds.exceeds_int64() => (
            "ANY",
            format!(
                "typeof({name}) = 'null' OR typeof({name}) = 'integer' AND {name} >= 0 \
                 OR typeof({name}) = 'text' AND {name} BETWEEN '09223372036854775808' AND '18446744073709551615' \
                 AND {name} NOT GLOB '*[^0-9]*' AND length({name}) = 20"
            ),
        ),
        Holds::Integer { low, high } if low == i64::MIN.into() && high == i64::MAX.into() => {
            ("INT", String::new())
        }
        Holds::Integer { low, high } => ("INT", format!("{name} BETWEEN {low} AND {high}")),
        Holds::Year => ("INT", format!("{name} = 0 OR {name} BETWEEN 1901 AND 2155")),
        Holds::Decimal { digits: Some((precision, _)), .. } if precision > EXACT_DIGITS => {
            return Err(too_precise(table, attribute, EXACT_DIGITS));
        }
        Holds::Decimal { .. } | Holds::Float32 { .. } | Holds::Float64 { .. } => ("REAL", String::new()),
        Holds::Bytes { .. } => ("BLOB", String::new()),
        Holds::Time { .. } | Holds::DateTime { .. } | Holds::Text { .. } | Holds::Members => {
            ("TEXT", String::new())
        }
        Holds::Other => match native.category {
            NativeCategory::Integer => ("INT", String::new()),
            NativeCategory::Numeric | NativeCategory::Float => ("REAL", String::new()),
            NativeCategory::String | NativeCategory::Temporal | NativeCategory::Text => {
                ("TEXT", String::new())
            }
            NativeCategory::Blob => ("BLOB", String::new()),
        },
    })
}

fn too_precise(table: &Table, attribute: &Attribute, scale: u8) -> Error {
    Error::UnsupportedType {
        table: Box::new(table.name.clone()),
        attribute: attribute.name.clone(),
        type_text: attribute.type_text.clone(),
        backend: Backend::Sqlite,
        advice: format!(
            "its numbers keep {EXACT_DIGITS} digits; declare decimal({EXACT_DIGITS},{scale}), or int64 of the smallest unit"
        ),
    }
}

fn range(name: &str, low: i64, high: i64) -> String {
    format!("{name} BETWEEN {low} AND {high}")
}

/// `2024-01-02 03:04:05` and as many digits as declared, so that texts sort as times do.
fn date_time(name: &str, precision: u8) -> String {
    match precision {
        0 => format!("datetime({name}) IS {name}"),
        digits => format!(
            "datetime(substr({name}, 1, 19)) IS substr({name}, 1, 19) AND length({name}) = {} \
             AND substr({name}, 20) GLOB '.{}'",
            20 + digits,
            "[0-9]".repeat(usize::from(digits))
        ),
    }
}
