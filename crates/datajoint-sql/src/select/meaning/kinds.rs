//! What a value of an expression may be.

use std::fmt;

use chrono::{NaiveDate, NaiveTime};
use datajoint_definition::{AttributeType, CoreType, NativeCategory};
use datajoint_schema::Attribute;

use crate::Value;
use crate::kind::has_known_type;

/// Kinds of values; several where it depends on the row which of them it is, and none for a null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kinds(u16);

impl Kinds {
    pub(super) const NULL: Self = Self(0);
    pub(super) const WHOLE: Self = Self(1);
    /// A decimal.
    pub(super) const EXACT: Self = Self(1 << 1);
    pub(super) const FLOAT: Self = Self(1 << 2);
    pub(super) const TEXT: Self = Self(1 << 3);
    /// A string as it is written or bound that says a day or time.
    pub(super) const WRITTEN: Self = Self(1 << 4);
    /// Another string as it is written or bound.
    pub(super) const PLAIN: Self = Self(1 << 15);
    pub(super) const MEMBER: Self = Self(1 << 5);
    /// A truth that an attribute keeps.
    pub(super) const TRUTH: Self = Self(1 << 6);
    /// A truth that is computed.
    pub(super) const VERDICT: Self = Self(1 << 7);
    pub(super) const DAY: Self = Self(1 << 8);
    pub(super) const MOMENT: Self = Self(1 << 9);
    pub(super) const TIME: Self = Self(1 << 10);
    pub(super) const UUID: Self = Self(1 << 11);
    pub(super) const BYTES: Self = Self(1 << 12);
    pub(super) const DOCUMENT: Self = Self(1 << 13);
    pub(super) const UNKNOWN: Self = Self(1 << 14);

    pub(super) const NUMBERS: Self = Self(0b111);
    pub(super) const TRUTHS: Self = Self(0b11 << 6);
    /// Numbers, and truths that count as such.
    pub(super) const COUNTED: Self = Self::NUMBERS.or(Self::TRUTHS);
    pub(super) const STRINGS: Self = Self(0b111 << 3 | 1 << 15);
    pub(super) const DAYS: Self = Self(0b11 << 8);
    pub(super) const TIMES: Self = Self(0b111 << 8);
    /// What is not a string and becomes none that says the same on every server.
    pub(super) const OPAQUE: Self = Self(0b111 << 11);
    /// What becomes a string that says the same.
    pub(super) const SAID: Self = Self::COUNTED.or(Self::STRINGS).or(Self::TIMES);
    pub(super) const ALL: Self = Self(u16::MAX);

    /// Those of both.
    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that are not among others.
    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// True where some are among others.
    pub(super) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// True where all are among others; a null is everywhere.
    pub(super) const fn is_in(self, other: Self) -> bool {
        self.without(other).0 == 0
    }

    /// What is known to be none of these: of what nobody knows the kind of, nothing is known.
    pub(super) const fn astray(self, of: Self) -> Self {
        if self.meets(Self::UNKNOWN) { Self::NULL } else { self.without(of) }
    }

    /// What is computed from it without another kind: a truth is one that no attribute keeps.
    pub(super) fn computed(self) -> Self {
        if self.meets(Self::TRUTH) { self.without(Self::TRUTH).or(Self::VERDICT) } else { self }
    }

    /// What it is as a number.
    pub(super) fn counted(self) -> Self {
        if self.meets(Self::TRUTHS) { self.without(Self::TRUTHS).or(Self::WHOLE) } else { self }
    }

    /// What values of an attribute are.
    pub(super) fn of_attribute(attribute: &Attribute) -> Self {
        match &attribute.attribute_type {
            AttributeType::Core(core) => match core {
                CoreType::Int8 | CoreType::Int16 | CoreType::Int32 | CoreType::Int64 => Self::WHOLE,
                CoreType::Float32 | CoreType::Float64 => Self::FLOAT,
                CoreType::Decimal { .. } => Self::EXACT,
                CoreType::Bool => Self::TRUTH,
                CoreType::Char(_) | CoreType::Varchar(_) => Self::TEXT,
                CoreType::Enum(_) => Self::MEMBER,
                CoreType::Date => Self::DAY,
                CoreType::DateTime { .. } => Self::MOMENT,
                CoreType::Uuid => Self::UUID,
                CoreType::Json => Self::DOCUMENT,
                CoreType::Bytes => Self::BYTES,
            },
            AttributeType::Native(native) if has_known_type(attribute) => match native.category {
                NativeCategory::Integer => Self::WHOLE,
                NativeCategory::Float => Self::FLOAT,
                NativeCategory::Numeric => Self::EXACT,
                NativeCategory::String | NativeCategory::Text => Self::TEXT,
                NativeCategory::Temporal | NativeCategory::Blob => Self::UNKNOWN,
            },
            AttributeType::Native(_) | AttributeType::Codec(_) => Self::UNKNOWN,
        }
    }

    /// What a string is that is written or bound.
    pub(super) fn of_string(said: &str) -> Self {
        let is_day = |day: &str| NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok() && day.len() == 10;
        let is_time = |time: &str| {
            ["%H:%M:%S%.f", "%H:%M"].iter().any(|form| NaiveTime::parse_from_str(time, form).is_ok())
        };
        let is_moment = match said.split_once([' ', 'T']) {
            Some((day, time)) => is_day(day) && is_time(time),
            None => is_day(said) || is_time(said),
        };
        if is_moment { Self::WRITTEN } else { Self::PLAIN }
    }

    /// What a value is that is bound.
    pub(super) fn of_value(value: Option<&Value>) -> Self {
        match value {
            Some(Value::Null) => Self::NULL,
            Some(Value::Bool(_)) => Self::VERDICT,
            Some(Value::Int(_) | Value::UInt(_)) => Self::WHOLE,
            Some(Value::Decimal(_) | Value::BigDecimal(_)) => Self::EXACT,
            Some(Value::Float32(_) | Value::Float64(_)) => Self::FLOAT,
            // One that says a number is as good as that.
            Some(Value::Text(said)) if crate::decimal::parse(said).is_some() => Self::UNKNOWN,
            Some(Value::Text(said)) => Self::of_string(said),
            Some(Value::Date(_)) => Self::DAY,
            Some(Value::DateTime(_)) => Self::MOMENT,
            Some(Value::Time(_) | Value::Duration(_)) => Self::TIME,
            Some(Value::Bytes(_)) => Self::BYTES,
            Some(Value::Uuid(_)) => Self::UUID,
            // What a document is compared with is refused by the name of that.
            Some(Value::Json(_) | Value::Default) | None => Self::UNKNOWN,
        }
    }

    /// What a cast to a type of this name makes.
    pub(super) fn of_type(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "bigint" | "int" | "int2" | "int4" | "int8" | "integer" | "signed" | "smallint" | "unsigned" => {
                Self::WHOLE
            }
            "dec" | "decimal" | "numeric" => Self::EXACT,
            "double" | "float" | "float4" | "float8" | "real" => Self::FLOAT,
            "char" | "character" | "nchar" | "text" | "varchar" => Self::TEXT,
            "date" => Self::DAY,
            "datetime" | "timestamp" => Self::MOMENT,
            "time" => Self::TIME,
            "uuid" => Self::UUID,
            "binary" | "blob" | "bytea" | "varbinary" => Self::BYTES,
            "json" | "jsonb" => Self::DOCUMENT,
            "bool" | "boolean" => Self::VERDICT,
            _ => Self::UNKNOWN,
        }
    }
}

/// Each with its article.
const NAMES: [(Kinds, &str); 13] = [
    (Kinds::NUMBERS, "a number"),
    (Kinds::TEXT, "a string"),
    (Kinds::WRITTEN, "a string that says a day or time"),
    (Kinds::PLAIN, "a string"),
    (Kinds::MEMBER, "a member of an enum"),
    (Kinds::TRUTH, "a truth"),
    (Kinds::VERDICT, "a truth"),
    (Kinds::DAY, "a day"),
    (Kinds::MOMENT, "a day with its time"),
    (Kinds::TIME, "a time"),
    (Kinds::UUID, "a UUID"),
    (Kinds::BYTES, "bytes"),
    (Kinds::DOCUMENT, "a document"),
];

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A string is one whatever it says.
        let is_other = |kinds: Kinds| kinds == Kinds::WRITTEN && self.meets(Kinds::TEXT.or(Kinds::PLAIN));
        let is_named = |(kinds, _): &&(Kinds, &str)| self.meets(*kinds) && !is_other(*kinds);
        let mut names: Vec<&str> = NAMES.iter().filter(is_named).map(|(_, name)| *name).collect();
        names.dedup();
        match &names[..] {
            [first @ .., last] if !first.is_empty() => write!(f, "{} or {last}", first.join(", ")),
            names => f.write_str(&names.concat()),
        }
    }
}
