//! The types an attribute can have.

/// The type of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AttributeType {
    /// A type of DataJoint's own, the same on every backend.
    Core(CoreType),
    /// A type of one database, passed on as written.
    Native(NativeType),
    /// A codec: `<blob>`, `<npy@store>`.
    Codec(CodecType),
}

/// A type of DataJoint's own, the same on every backend.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CoreType {
    /// 8-bit signed integer.
    Int8,
    /// 16-bit signed integer.
    Int16,
    /// 32-bit signed integer.
    Int32,
    /// 64-bit signed integer.
    Int64,
    /// 32-bit float.
    Float32,
    /// 64-bit float.
    Float64,
    /// True or false.
    Bool,
    /// A UUID.
    Uuid,
    /// A JSON document.
    Json,
    /// Raw bytes.
    Bytes,
    /// A calendar date.
    Date,
    /// A date and time without a time zone; the precision is the number of digits after the second.
    DateTime {
        /// `n` of `datetime(n)`; `None` for a bare `datetime`.
        precision: Option<u8>,
    },
    /// A text of exactly so many characters.
    Char(u32),
    /// A text of at most so many characters.
    Varchar(u32),
    /// One of the listed texts.
    Enum(Vec<String>),
    /// A decimal number.
    Decimal {
        /// All digits.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
}

/// A type of one database, passed on as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NativeType {
    /// The type as written.
    pub text: String,
    /// What kind of values it holds.
    pub category: NativeCategory,
}

impl NativeType {
    /// True for whole numbers that the database counts up by itself: `serial`, and `int auto_increment`.
    pub fn counts_up(&self) -> bool {
        let text = self.text.to_ascii_lowercase();
        let mut words =
            text.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'));
        let is_counter = |word: &str| {
            matches!(
                word,
                "serial" | "bigserial" | "smallserial" | "serial2" | "serial4" | "serial8" | "auto_increment"
            )
        };
        self.category == NativeCategory::Integer && words.any(is_counter)
    }
}

/// What kind of values a native type holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NativeCategory {
    /// `int`, `bigint unsigned`, `serial`.
    Integer,
    /// `decimal(5)`, `numeric`.
    Numeric,
    /// `double`, `float(7)`, `real`.
    Float,
    /// `char(5)` and `varchar(5)` in forms the core types do not cover.
    String,
    /// `time`, `timestamp(6)`, `year`.
    Temporal,
    /// `longblob`: bytes without a codec.
    Blob,
    /// `text`, `longtext`.
    Text,
}

/// A codec with its store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CodecType {
    /// The name of the codec: `blob`, `attach`, `hash`, `object`, `npy`, `filepath` or a plugin's.
    pub name: String,
    /// Where its data lie.
    pub store: Store,
}

/// Where the data of a codec lie.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Store {
    /// In the table: `<blob>`.
    Table,
    /// In the default store: `<blob@>`.
    Default,
    /// In a named store: `<blob@main>`.
    Named(String),
}
