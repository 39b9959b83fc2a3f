//! What a place within a JSON attribute is read as.

use std::fmt;

/// The type of a place within a JSON attribute: what follows the colon of `doc.name:char(20)`.
///
/// The list is closed: nothing else that is written there reaches a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JsonType {
    /// `char`, or `char(n)`: a string.
    Char(Option<u32>),
    /// `signed`: an integer of 64 bits.
    Signed,
    /// `unsigned`: an integer that is not negative.
    Unsigned,
    /// `float`
    Float,
    /// `double`
    Double,
    /// `decimal`, `decimal(p)` or `decimal(p,s)`.
    Decimal(Option<(u8, u8)>),
    /// `date`
    Date,
    /// `time`
    Time,
    /// `datetime`
    DateTime,
    /// `bool`: true or false.
    Bool,
}

impl JsonType {
    /// What can be written, for messages.
    pub const NAMES: &str =
        "char(n), signed, unsigned, float, double, decimal(p,s), date, time, datetime or bool";

    /// Returns the type that is written so; `None` for any other string. Case and blanks do not matter.
    ///
    /// Names that databases have for the same pass too: `varchar(n)`, `text`, `int`, `integer`, `bigint`,
    /// `double precision`, `real`, `numeric`, `timestamp`, `boolean`.
    ///
    /// ```
    /// use datajoint_definition::JsonType;
    ///
    /// assert_eq!(JsonType::parse("CHAR (20)"), Some(JsonType::Char(Some(20))));
    /// assert_eq!(JsonType::parse("int is not null or true"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let (word, arguments) = match text.split_once('(') {
            Some((word, rest)) => (word.trim_end(), Some(rest.strip_suffix(')')?.trim())),
            None => (text.as_str(), None),
        };
        let plain = match word {
            "char" | "varchar" => {
                return arguments.map(str::parse).transpose().ok().map(Self::Char);
            }
            "decimal" | "numeric" => {
                return match arguments {
                    None => Some(Self::Decimal(None)),
                    Some(digits) => {
                        let (precision, scale) = digits.split_once(',').unwrap_or((digits, "0"));
                        let (precision, scale) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
                        (scale <= precision).then_some(Self::Decimal(Some((precision, scale))))
                    }
                };
            }
            "text" => Self::Char(None),
            "signed" | "int" | "integer" | "bigint" => Self::Signed,
            "unsigned" => Self::Unsigned,
            "float" | "real" => Self::Float,
            "double" | "double precision" => Self::Double,
            "date" => Self::Date,
            "time" => Self::Time,
            "datetime" | "timestamp" => Self::DateTime,
            "bool" | "boolean" => Self::Bool,
            _ => return None,
        };
        arguments.is_none().then_some(plain)
    }
}

impl fmt::Display for JsonType {
    /// Writes the type as a definition does.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Char(Some(length)) => return write!(formatter, "char({length})"),
            Self::Decimal(Some((precision, scale))) => {
                return write!(formatter, "decimal({precision},{scale})");
            }
            Self::Char(None) => "char",
            Self::Decimal(None) => "decimal",
            Self::Signed => "signed",
            Self::Unsigned => "unsigned",
            Self::Float => "float",
            Self::Double => "double",
            Self::Date => "date",
            Self::Time => "time",
            Self::DateTime => "datetime",
            Self::Bool => "bool",
        })
    }
}
