//! Types of one database.

use super::{Parts, members};
use crate::{NativeCategory, NativeType};

/// The native type, if a database has it.
pub(super) fn read(text: &str, parts: &Parts<'_>) -> Option<NativeType> {
    category(parts).map(|category| NativeType { text: text.to_owned(), category })
}

fn category(parts: &Parts<'_>) -> Option<NativeCategory> {
    let bare = parts.arguments.is_none() && parts.rest.is_empty();
    let numbers = parts.arguments.is_none_or(|arguments| {
        !arguments.is_empty() && arguments.chars().all(|c| c.is_ascii_digit() || c == ',' || c == ' ')
    });
    let of_length =
        parts.rest.is_empty() && parts.arguments.is_some_and(|digits| digits.parse::<u32>().is_ok());
    let modifiers = |allowed: [&str; 2]| {
        let mut left = allowed.into_iter();
        numbers && parts.rest.split_whitespace().all(|word| left.any(|modifier| modifier == word))
    };
    match parts.word.as_str() {
        "serial" => bare.then_some(NativeCategory::Integer),
        "int" | "integer" | "tinyint" | "smallint" | "mediumint" | "bigint" => {
            modifiers(["unsigned", "auto_increment"]).then_some(NativeCategory::Integer)
        }
        "decimal" | "numeric" | "dec" | "fixed" => {
            modifiers(["unsigned", "zerofill"]).then_some(NativeCategory::Numeric)
        }
        "double" | "float" | "real" => modifiers(["unsigned", ""]).then_some(NativeCategory::Float),
        "time" | "timestamp" | "year" => {
            (numbers && parts.rest.is_empty()).then_some(NativeCategory::Temporal)
        }
        "blob" | "tinyblob" | "mediumblob" | "longblob" => bare.then_some(NativeCategory::Blob),
        "text" | "tinytext" | "mediumtext" | "longtext" => bare.then_some(NativeCategory::Text),
        // Of tables that other programs made.
        "bit" => of_length.then_some(NativeCategory::Integer),
        "binary" | "varbinary" => of_length.then_some(NativeCategory::Blob),
        "set" => {
            let members = parts.arguments.filter(|_| parts.rest.is_empty());
            members.is_some_and(|list| members::read(list).is_ok()).then_some(NativeCategory::String)
        }
        _ => None,
    }
}

impl NativeType {
    /// The core type to use instead, as a definition writes it, if one holds the same values.
    ///
    /// ```
    /// use datajoint_definition::AttributeType;
    ///
    /// let Ok(AttributeType::Native(native)) = AttributeType::parse("int unsigned") else { panic!() };
    /// assert_eq!(native.core_alternative().as_deref(), Some("int64"));
    /// ```
    pub fn core_alternative(&self) -> Option<String> {
        let parts = Parts::of(&self.text);
        let unsigned = parts.rest.contains("unsigned");
        let arguments = parts.arguments.unwrap_or_default();
        let core = match parts.word.as_str() {
            "tinyint" if arguments == "1" => "bool",
            "tinyint" => {
                if unsigned {
                    "int16"
                } else {
                    "int8"
                }
            }
            "smallint" => {
                if unsigned {
                    "int32"
                } else {
                    "int16"
                }
            }
            "mediumint" => "int32",
            "int" | "integer" => {
                if unsigned {
                    "int64"
                } else {
                    "int32"
                }
            }
            "bigint" | "serial" | "bit" => "int64",
            "float" if arguments.parse().is_ok_and(|bits: u32| bits > 24) => "float64",
            "float" => "float32",
            "double" | "real" => "float64",
            "decimal" | "numeric" | "dec" | "fixed" => return Some(decimal(arguments)),
            "timestamp" if !arguments.is_empty() => return Some(format!("datetime({arguments})")),
            "timestamp" => "datetime",
            "blob" | "tinyblob" | "mediumblob" | "longblob" | "binary" | "varbinary" => "bytes",
            "set" => "varchar(255)",
            "year" => "int16",
            "text" | "tinytext" | "mediumtext" | "longtext" => "varchar(2000)",
            _ => return None,
        };
        Some(core.to_owned())
    }
}

/// The core decimal of these arguments; without any, that of the SQL standard.
fn decimal(arguments: &str) -> String {
    match arguments.split_once(',') {
        Some((precision, scale)) => format!("decimal({}, {})", precision.trim(), scale.trim()),
        None if arguments.is_empty() => "decimal(10, 0)".to_owned(),
        None => format!("decimal({arguments}, 0)"),
    }
}
