//! What values the types of one database hold.

use datajoint_definition::{Backend, Capability, NativeCategory, NativeType};

/// What values a native type holds on a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Whole numbers between two, both included.
    Integer { low: i128, high: i128 },
    /// Decimal numbers.
    Decimal { digits: Option<(u8, u8)>, is_unsigned: bool },
    /// 32-bit floats; rounded to some digits after the point where the type says so.
    Float32 { after_point: Option<u8>, is_unsigned: bool },
    /// 64-bit floats; rounded to some digits after the point where the type says so.
    Float64 { after_point: Option<u8>, is_unsigned: bool },
    /// Times of day or spans of time, with so many digits after the second.
    Time { digits: u8 },
    /// Dates with times.
    DateTime { digits: u8 },
    /// Years of `year`.
    Year,
    /// Bytes, of so many at least and at most.
    Bytes { shortest: u32, longest: Option<u32> },
    /// Strings of at most so many characters.
    Text { longest: Option<u32> },
    /// Some of the members of `set`.
    Members,
    /// What only the server knows.
    Other,
}

impl Holds {
    /// What a type holds.
    pub(crate) fn of(backend: Backend, native: &NativeType) -> Self {
        let text = native.text.to_ascii_lowercase();
        let end = text.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        let (arguments, rest) =
            match rest.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')')) {
                Some((arguments, rest)) => (arguments, rest),
                None => ("", rest),
            };
        let numbers: Vec<u32> =
            arguments.split(',').filter_map(|argument| argument.trim().parse().ok()).collect();
        let is_unsigned = rest.contains("unsigned") || rest.contains("zerofill");
        let integer = |bits: u32| Self::Integer {
            low: if is_unsigned { 0 } else { -(1 << (bits - 1)) },
            high: (1 << if is_unsigned { bits } else { bits - 1 }) - 1,
        };
        let small = |number: Option<&u32>| number.and_then(|number| u8::try_from(*number).ok());
        let after_point = small(numbers.get(1));
        let capability = backend.capability();
        let digits = small(numbers.first()).unwrap_or(capability.native_time_digits);
        match word {
            "tinyint" => integer(8),
            "smallint" => integer(16),
            "mediumint" => integer(24),
            // Of MySQL it is `bigint unsigned`.
            "serial" if capability.has_unsigned_serial => {
                Self::Integer { low: 0, high: i128::from(u64::MAX) }
            }
            "int" | "integer" | "serial" => integer(32),
            "bigint" => integer(64),
            "decimal" | "numeric" | "dec" | "fixed" => Self::Decimal {
                digits: match (small(numbers.first()), after_point) {
                    (Some(all), after) => Some((all, after.unwrap_or(0))),
                    (None, _) => capability.bare_decimal,
                },
                is_unsigned,
            },
            // `float` alone is the narrow one on MySQL, the wide one elsewhere.
            "float" if is_narrow(capability, &numbers) => Self::Float32 { after_point, is_unsigned },
            "real" if capability.has_narrow_real => Self::Float32 { after_point: None, is_unsigned },
            "float" | "double" | "real" => Self::Float64 { after_point, is_unsigned },
            "time" if !rest.contains("with time zone") => Self::Time { digits },
            "timestamp" | "datetime" => Self::DateTime { digits },
            "year" => Self::Year,
            "char" | "varchar" => Self::Text { longest: numbers.first().copied() },
            "text" | "tinytext" | "mediumtext" | "longtext" => Self::Text { longest: None },
            "bit" => Self::Integer { low: 0, high: (1 << numbers.first().copied().unwrap_or(1).min(64)) - 1 },
            "set" => Self::Members,
            "binary" => {
                let length = numbers.first().copied();
                Self::Bytes { shortest: length.unwrap_or(0), longest: length }
            }
            "varbinary" => Self::Bytes { shortest: 0, longest: numbers.first().copied() },
            _ if native.category == NativeCategory::Blob => Self::Bytes { shortest: 0, longest: None },
            _ => Self::Other,
        }
    }

    /// True for a type with values that 64 bits with a sign don't hold.
    pub(crate) const fn exceeds_int64(self) -> bool {
        matches!(self, Self::Integer { high, .. } if high > i64::MAX as i128)
    }
}

/// True when `float` with these numbers has 32 bits.
fn is_narrow(capability: &Capability, numbers: &[u32]) -> bool {
    capability.has_float32
        && match numbers {
            [] => capability.has_narrow_float,
            [bits] => *bits < 25,
            _ => true,
        }
}

/// True for a type of whole numbers, among which years and bits are none.
pub(crate) fn is_integer(native: &NativeType) -> bool {
    matches!(Holds::of(Backend::Mysql, native), Holds::Integer { .. }) && !native.text.starts_with("bit")
}

/// The members of a `set('a', 'b')`, in which there are no commas.
pub(crate) fn members(native: &NativeType) -> Vec<&str> {
    let list =
        native.text.split_once('(').and_then(|(_, list)| list.rsplit_once(')')).map_or("", |(list, _)| list);
    list.split(',').map(|member| member.trim().trim_matches(['\'', '"'])).collect()
}

/// Returns true for a native type with numbers beyond 64 bits with a sign, such as `bigint unsigned`.
pub fn exceeds_int64(native: &NativeType) -> bool {
    Holds::of(Backend::Mysql, native).exceeds_int64()
}

/// Returns how many digits the numbers of a native decimal type have, and how many of them after the point.
pub fn decimal_digits(native: &NativeType) -> Option<(u8, u8)> {
    match Holds::of(Backend::Postgresql, native) {
        Holds::Decimal { digits, .. } => digits,
        _ => None,
    }
}
