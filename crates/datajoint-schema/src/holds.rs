//! Which types hold every value of another, so that rows can go from one column to the other within the database.

use datajoint_definition::{AttributeType, CoreType, NativeCategory, NativeType};

use crate::compatible::{Fit, fit};

/// True when a column of the type `target` keeps every value of `source` as it is, on every backend.
///
/// ```
/// use datajoint_definition::AttributeType;
/// use datajoint_schema::holds;
///
/// let [int16, int32] = ["int16", "int32"].map(|text| AttributeType::parse(text).unwrap());
/// assert!(holds(&int32, &int16));
/// assert!(!holds(&int16, &int32));
/// ```
pub fn holds(target: &AttributeType, source: &AttributeType) -> bool {
    if fit(target, source) == Fit::Same {
        return true;
    }
    match (Values::of(target), Values::of(source)) {
        (Some(target), Some(source)) => target.hold(&source),
        _ => false,
    }
}

/// The values of a type, where they can be compared with those of another.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Values {
    /// Whole numbers.
    Integers { least: i128, greatest: i128 },
    /// Decimal numbers of so many digits before the point and behind it.
    Decimals { before: u32, behind: u32 },
    /// Binary fractions whose digits begin anywhere.
    Floats { bits: u32 },
    /// At most so many characters.
    Characters(u64),
    /// At most so many bytes of characters.
    Text(u64),
    /// One of these.
    Members(Vec<String>),
    /// At most so many bytes.
    Bytes(u64),
    /// Days, and with digits after the second moments of them.
    Moments(Option<u8>),
}

impl Values {
    fn of(attribute_type: &AttributeType) -> Option<Self> {
        match attribute_type {
            AttributeType::Core(core) => Self::of_core(core),
            AttributeType::Native(native) => Self::of_native(native),
            AttributeType::Codec(_) => None,
        }
    }

    fn of_core(core: &CoreType) -> Option<Self> {
        Some(match core {
            CoreType::Int8 => signed(8),
            CoreType::Int16 => signed(16),
            CoreType::Int32 => signed(32),
            CoreType::Int64 => signed(64),
            CoreType::Float32 => Self::Floats { bits: 24 },
            CoreType::Float64 => Self::Floats { bits: 53 },
            CoreType::Decimal { precision, scale } => {
                let behind = u32::from(*scale);
                Self::Decimals { before: u32::from(*precision).saturating_sub(behind), behind }
            }
            CoreType::Char(length) | CoreType::Varchar(length) => Self::Characters(u64::from(*length)),
            CoreType::Enum(members) => Self::Members(members.clone()),
            CoreType::Bytes => Self::Bytes(u64::from(u32::MAX)),
            CoreType::Date => Self::Moments(None),
            CoreType::DateTime { precision } => Self::Moments(Some(precision.unwrap_or(0))),
            CoreType::Bool | CoreType::Uuid | CoreType::Json => return None,
        })
    }

    fn of_native(native: &NativeType) -> Option<Self> {
        let text = native.text.to_ascii_lowercase();
        let end = text.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        let bits = match (native.category, word) {
            (NativeCategory::Integer, "tinyint") => 8,
            (NativeCategory::Integer, "smallint") => 16,
            (NativeCategory::Integer, "mediumint") => 24,
            (NativeCategory::Integer, "int" | "integer" | "serial") => 32,
            (NativeCategory::Integer, "bigint") => 64,
            (NativeCategory::Text, "text") => return Some(Self::Text(0xffff)),
            (NativeCategory::Text, "tinytext") => return Some(Self::Text(0xff)),
            (NativeCategory::Text, "mediumtext") => return Some(Self::Text(0x00ff_ffff)),
            (NativeCategory::Text, "longtext") => return Some(Self::Text(u64::from(u32::MAX))),
            (NativeCategory::Blob, "blob") => return Some(Self::Bytes(0xffff)),
            (NativeCategory::Blob, "tinyblob") => return Some(Self::Bytes(0xff)),
            (NativeCategory::Blob, "mediumblob") => return Some(Self::Bytes(0x00ff_ffff)),
            (NativeCategory::Blob, "longblob") => return Some(Self::Bytes(u64::from(u32::MAX))),
            _ => return None,
        };
        Some(if rest.contains("unsigned") {
            Self::Integers { least: 0, greatest: (1 << bits) - 1 }
        } else {
            signed(bits)
        })
    }

    /// True when each of the others is one of these.
    fn hold(&self, others: &Self) -> bool {
        match (self, others) {
            (
                Self::Integers { least, greatest },
                Self::Integers { least: other_least, greatest: other_greatest },
            ) => least <= other_least && greatest >= other_greatest,
            (Self::Decimals { before, .. }, Self::Integers { least, greatest }) => {
                *before >= digits(*least).max(digits(*greatest))
            }
            (Self::Decimals { before, behind }, Self::Decimals { before: more, behind: finer }) => {
                before >= more && behind >= finer
            }
            (Self::Floats { bits }, Self::Integers { least, greatest }) => {
                let exact = 1 << bits;
                -exact <= *least && *greatest <= exact
            }
            (Self::Floats { bits }, Self::Floats { bits: finer }) => bits >= finer,
            (Self::Characters(length), Self::Characters(longer)) => length >= longer,
            (Self::Characters(length), Self::Members(members)) => {
                members.iter().all(|member| member.chars().count() as u64 <= *length)
            }
            // A character has up to four bytes.
            (Self::Text(bytes), Self::Characters(length)) => *bytes >= length * 4,
            (Self::Text(bytes), Self::Members(members)) => {
                members.iter().all(|member| member.len() as u64 <= *bytes)
            }
            (Self::Text(bytes), Self::Text(more)) | (Self::Bytes(bytes), Self::Bytes(more)) => bytes >= more,
            (Self::Members(members), Self::Members(others)) => {
                others.iter().all(|other| members.contains(other))
            }
            (Self::Moments(precision), Self::Moments(finer)) => precision >= finer,
            _ => false,
        }
    }
}

/// Whole numbers of so many bits, of which one is the sign.
const fn signed(bits: u32) -> Values {
    let greatest = (1 << (bits - 1)) - 1;
    Values::Integers { least: -greatest - 1, greatest }
}

/// How many digits a whole number has.
fn digits(number: i128) -> u32 {
    number.unsigned_abs().checked_ilog10().unwrap_or(0) + 1
}

#[cfg(test)]
mod tests {
    use datajoint_definition::AttributeType;

    use super::holds;

    /// Whether the first type holds what the second has.
    const CASES: &[(&str, &str, bool)] = &[
        ("int32", "int32", true),
        ("int64", "int8", true),
        ("int8", "int16", false),
        ("int32", "int unsigned", false),
        ("int64", "int unsigned", true),
        ("int unsigned", "int8", false),
        ("bigint unsigned", "int unsigned", true),
        ("bigint", "int64", true),
        ("bool", "int8", false),
        ("int8", "bool", false),
        ("int64", "float32", false),
        ("float64", "float32", true),
        ("float32", "float64", false),
        ("float64", "int32", true),
        ("float32", "int32", false),
        ("float64", "int64", false),
        ("float64", "decimal(5, 2)", false),
        ("decimal(10, 2)", "decimal(10, 4)", false),
        ("decimal(12, 4)", "decimal(10, 2)", true),
        ("decimal(10, 4)", "decimal(10, 2)", false),
        ("decimal(10, 0)", "int32", true),
        ("decimal(10, 1)", "int32", false),
        ("varchar(10)", "varchar(9)", true),
        ("varchar(3)", "varchar(9)", false),
        ("varchar(9)", "char(9)", true),
        ("varchar(3)", "enum('one', 'two')", true),
        ("varchar(2)", "enum('one', 'two')", false),
        ("longtext", "varchar(2000)", true),
        ("varchar(2000)", "text", false),
        ("longtext", "text", true),
        ("enum('a', 'b', 'c')", "enum('b', 'a')", true),
        ("enum('a', 'b')", "enum('a', 'c')", false),
        ("enum('a', 'b')", "varchar(1)", false),
        ("datetime(6)", "datetime", true),
        ("datetime(6)", "datetime(3)", true),
        ("datetime", "datetime(6)", false),
        ("datetime", "date", true),
        ("date", "datetime", false),
        ("bytes", "blob", true),
        ("tinyblob", "blob", false),
        ("uuid", "varchar(36)", false),
        ("json", "json", true),
        ("json", "varchar(36)", false),
        ("<blob>", "<blob>", true),
        ("<blob>", "<blob@main>", false),
        ("<blob>", "bytes", false),
    ];

    #[test]
    fn a_type_holds_what_fits_into_it_unchanged() {
        for (target, source, expected) in CASES {
            let [to, from] = [target, source].map(|text| AttributeType::parse(text).unwrap());
            assert_eq!(holds(&to, &from), *expected, "{target} of {source}");
        }
    }
}
