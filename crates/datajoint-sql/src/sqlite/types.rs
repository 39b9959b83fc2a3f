use datajoint_definition::{AttributeType, Backend, CoreType, NativeCategory, Store};
use datajoint_schema::{Attribute, Table};

use super::quote;
use crate::quote::literal;
use crate::{Error, Result};

/// The digits that a 64-bit float keeps of any decimal number.
pub(crate) const EXACT_DIGITS: u8 = 15;

/// The type of a column, and the check that its values must pass; empty when every value of the type will do.
pub(super) fn column_type(table: &Table, attribute: &Attribute) -> Result<(&'static str, String)> {
    let name = quote(&attribute.name);
    let core = match &attribute.attribute_type {
        AttributeType::Core(core) => core,
        AttributeType::Native(native) => return Ok((native_type(native.category), String::new())),
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
            return Err(Error::UnsupportedType {
                table: Box::new(table.name.clone()),
                attribute: attribute.name.clone(),
                type_text: attribute.type_text.clone(),
                backend: Backend::Sqlite,
                advice: format!(
                    "its numbers keep {EXACT_DIGITS} digits; declare decimal({EXACT_DIGITS},{}), or int64 of the \
                     smallest unit",
                    scale.min(&EXACT_DIGITS)
                ),
            });
        }
    })
}

fn native_type(category: NativeCategory) -> &'static str {
    match category {
        NativeCategory::Integer => "INT",
        NativeCategory::Numeric | NativeCategory::Float => "REAL",
        NativeCategory::String | NativeCategory::Temporal | NativeCategory::Text => "TEXT",
        NativeCategory::Blob => "BLOB",
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
